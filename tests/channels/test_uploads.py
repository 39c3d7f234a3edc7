"""Files from people at all four doors, and the page of the one-time link: limits, types, once, kind words for all that is wrong."""

from __future__ import annotations

import asyncio
import re
import resource
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, FormData, web
from aiohttp.test_utils import TestServer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from bot.app import App, Shelf
from bot.channels import reception
from bot.channels.files import FilePages
from bot.channels.reception import Reception
from bot.channels.telegram import TelegramChannel, TelegramSettings
from bot.database.tables import uploads
from bot.files import Incoming
from bot.messages import FileWanted, Message, Person, Text
from tests import materials
from tests.doors import CHANNELS, Door, door
from tests.samples import PDF, PNG, sample, zipped
from tests.telegram_peer import TOKEN, Peer

WANTED = FileWanted(("pdf", "jpg", "png", "docx", "xlsx"), materials.LARGEST)
MEBIBYTE = 1024 * 1024


@pytest.fixture
def app(sqlite: Engine, shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> App:
    materials.install(monkeypatch)
    return App(sqlite, replace(shelf, incoming=Incoming(tmp_path / "in")))


def inside(app: App) -> list[Path]:
    folder = app.shelf.incoming.folder
    return sorted(folder.iterdir()) if folder.exists() else []


def at(channel: str, app: App, engine: Engine, scene: Callable[[Door], Awaitable[None]]) -> None:
    async def whole() -> None:
        async with door(channel, app, engine) as person:
            await scene(person)
        await app.close()

    asyncio.run(whole())


def at_again(channel: str, app: App, engine: Engine, scene: Callable[[Door], Awaitable[None]]) -> None:
    """The same for one of many examples: the app goes on."""

    async def whole() -> None:
        async with door(channel, App(engine, app.shelf), engine) as person:
            await scene(person)

    asyncio.run(whole())


# -- at every door -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["营业执照.pdf", "照片.png", "照片.jpg", "申报书.docx", "清单.xlsx"])
@pytest.mark.parametrize("channel", CHANNELS)
def test_a_file_is_taken_kept_and_handed_back(channel: str, name: str, app: App, sqlite: Engine) -> None:
    async def scene(person: Door) -> None:
        await person.says("交材料")
        assert "还有什么要说明" in (await person.sends_file(name, sample(name))).text
        (kept,) = inside(app)
        assert kept.read_bytes() == sample(name)
        assert "." not in kept.name
        seen = await person.says("没有了")
        assert f"材料“{name}”收好了，{len(sample(name))} 字节" in seen.text
        assert seen.files == (name,)
        assert inside(app) == [kept], "it belongs to the record now"

    at(channel, app, sqlite, scene)


@pytest.mark.parametrize("channel", CHANNELS)
def test_what_does_not_fit_is_refused_and_the_form_goes_on(channel: str, app: App, sqlite: Engine) -> None:
    async def scene(person: Door) -> None:
        await person.says("交材料")
        for name, content, why in (
            ("大.pdf", PDF + b"x" * materials.LARGEST, "太大了，这里最多收 1 MB"),
            ("病毒.pdf", b"MZ\x90\0" * 10, "按内容不是能收的文件"),
            ("宏.docx", zipped("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"), "按内容不是"),
            ("空.pdf", b"", "是空的"),
        ):
            assert why in (await person.sends_file(name, content)).text
            assert inside(app) == []
        assert "还有什么要说明" in (await person.sends_file("执照.pdf", PDF)).text

    at(channel, app, sqlite, scene)


@pytest.mark.parametrize("channel", ["terminal", "web", "telegram"])
def test_what_nobody_waits_for_is_not_fetched(channel: str, app: App, sqlite: Engine) -> None:
    async def scene(person: Door) -> None:
        await person.says("你好")
        assert "我现在用不上，没有保存" in (await person.sends_file("执照.pdf", PDF)).text
        await person.says("附近网点")
        await person.sends_file("执照.pdf", PDF)
        assert inside(app) == []

    at(channel, app, sqlite, scene)


@pytest.mark.parametrize("channel", CHANNELS)
def test_taken_back_cancelled_or_left_out_it_is_removed(channel: str, app: App, sqlite: Engine) -> None:
    async def scene(person: Door) -> None:
        for ending in ("取消", "上一步", "不交了"):
            await person.says("交材料")
            await person.sends_file("执照.pdf", PDF)
            assert len(inside(app)) == 1
            await person.says(ending)
            assert inside(app) == [], ending
            await person.says("取消")
        await person.says("交材料")
        await person.says("以后再交")
        assert "没有收材料" in (await person.says("好")).text

    at(channel, app, sqlite, scene)


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_question_in_the_middle_leaves_the_file_where_it_is(channel: str, app: App, sqlite: Engine) -> None:
    async def scene(person: Door) -> None:
        await person.says("交材料")
        seen = await person.says("发明专利保护多少年")
        assert "20年" in seen.text
        assert "请发营业执照" in seen.text
        await person.sends_file("执照.pdf", PDF)
        assert "20年" in (await person.says("发明专利保护多少年")).text
        assert "收好了" in (await person.says("没有了")).text

    at(channel, app, sqlite, scene)


@pytest.mark.parametrize("channel", CHANNELS)
def test_erasing_removes_the_file_and_says_so(channel: str, app: App, sqlite: Engine) -> None:
    async def scene(person: Door) -> None:
        await person.says("交材料")
        await person.sends_file("执照.pdf", PDF)
        assert "发来的文件 1 条" in (await person.says("我的数据")).text
        await person.says("删除我的数据")
        assert "发来的文件 1 条" in (await person.says("确定删除")).text
        assert inside(app) == []
        with sqlite.begin() as connection:
            assert connection.execute(select(uploads)).all() == []

    at(channel, app, sqlite, scene)


# -- WeChat ------------------------------------------------------------------------------------------------


def test_after_the_link_any_word_goes_on_and_a_question_is_answered_first(app: App, sqlite: Engine) -> None:
    async def scene(person: Door) -> None:
        await person.says("交材料")
        await upload_alone(person, "执照.pdf")
        seen = await person.says("发明专利保护多少年")
        assert "20年" in seen.text
        assert "“执照.pdf”已收到，回复“继续”接着办" in seen.text
        assert "还有什么要说明" in (await person.says("好了")).text

    at("wechat", app, sqlite, scene)


def test_a_link_stays_the_same_until_it_is_used_and_works_once(app: App, sqlite: Engine) -> None:
    async def scene(person: Door) -> None:
        await person.says("交材料")
        first = person._page  # type: ignore[attr-defined]
        await person.says("你好")
        assert person._page == first  # type: ignore[attr-defined]
        await upload_alone(person, "执照.pdf")
        async with person._session.post(person._root + first, data=form("又一个.pdf", PDF)) as answer:  # type: ignore[attr-defined]
            assert answer.status == 410
            assert "这个链接用过了" in await answer.text()
        assert len(inside(app)) == 1
        await person.says("上一步")
        assert inside(app) == [] or "已收到" in (await person.says("你好")).text

    at("wechat", app, sqlite, scene)


def test_a_picture_sent_in_wechat_itself_is_answered_with_the_link(app: App, sqlite: Engine) -> None:
    from tests.wechat_peer import numbered, packet

    async def scene(person: Door) -> None:
        await person.says("交材料")
        picture = numbered("<PicUrl>http://x/y</PicUrl><MediaId>m</MediaId>")
        seen = await person._push(packet("image", picture, person._openid))  # type: ignore[attr-defined]
        assert "在这里取不到" in seen.text
        assert "点这里上传文件" in seen.text

    at("wechat", app, sqlite, scene)


async def upload_alone(person: Door, name: str) -> None:
    """Use the link without going back to the chat."""
    async with person._session.post(person._root + person._page, data=form(name, sample(name))) as answer:  # type: ignore[attr-defined]
        assert answer.status == 200, await answer.text()


def form(name: str, content: bytes) -> FormData:
    made = FormData(quote_fields=False)
    made.add_field("file", BytesIO(content), filename=name)
    return made


# -- the web chat ------------------------------------------------------------------------------------------


async def post_file(person: Any, query: dict[str, str], origin: str = "", session: ClientSession | None = None) -> Any:
    """What the page sends: the status and the answer."""
    headers = {"Origin": origin or person._url}
    sending = (session or person._session).post(
        f"{person._url}/chat/files", params=query, data=BytesIO(PDF), headers=headers
    )
    async with sending as answer:
        return answer.status, await answer.json()


def test_a_file_is_taken_from_our_own_page_with_a_session_and_an_id(app: App, sqlite: Engine) -> None:
    async def scene(person: Door) -> None:
        await person.says("交材料")
        fine = {"id": "message-a-file", "name": "a.pdf"}
        assert await post_file(person, fine, origin="https://elsewhere.example") == (403, {"error": "origin"})
        async with ClientSession() as stranger:
            assert (await post_file(person, fine, session=stranger))[0] == 401
        for id in ("", "short", "x" * 65, "../../etc"):
            assert await post_file(person, {"id": id, "name": "a.pdf"}) == (400, {"error": "id"})
        assert inside(app) == []
        first = await post_file(person, fine)
        assert first[0] == 200
        assert await post_file(person, fine) == first, "the same id gets the first answer again"
        assert len(inside(app)) == 1, "and nothing is kept twice"

    at("web", app, sqlite, scene)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=st.lists(st.text(max_size=200) | st.text("./\\\0%\u202e<", max_size=20), min_size=1, max_size=5))
def test_any_name_is_taken_in_the_web_chat(app: App, sqlite: Engine, names: list[str]) -> None:
    async def scene(person: Door) -> None:
        for name in names:
            await person.says("取消")
            await person.says("交材料")
            plain = name.encode("utf-8", "replace").decode()
            assert "还有什么要说明" in (await person.sends_file(plain, PDF)).text
        assert len(inside(app)) == 1
        await person.says("取消")

    at_again("web", app, sqlite, scene)


# -- Telegram ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("told", [50 * MEBIBYTE, 0])
def test_a_large_file_is_not_fetched_from_telegram(app: App, sqlite: Engine, told: int) -> None:
    async def scene() -> None:
        async with Peer() as peer:
            channel = TelegramChannel(app, sqlite, TelegramSettings(TOKEN, api=peer.api), app.shelf.incoming)
            await channel.start()
            peer.say(7, "交材料")
            await peer.sees(2, chat=7)  # the privacy notice, too
            peer.document(7, "大.pdf", PDF + b"x" * 2 * MEBIBYTE, size=told)
            assert "太大了" in (await peer.sees(3, chat=7))[-1].text
            assert peer.fetched == ([] if told else ["file-0"])
            peer.faults["getFile"].append("drop_before")
            peer.document(7, "执照.pdf", PDF)
            assert "没有收到，请再发一次" in (await peer.sees(4, chat=7))[-1].text
            await channel.stop()
        assert inside(app) == []

    asyncio.run(scene())


# -- the page ----------------------------------------------------------------------------------------------


class Page:
    """The upload page of one link, at a time that the test moves."""

    def __init__(self, app: App, server: TestServer, session: ClientSession) -> None:
        self.now = datetime.now(UTC)
        self._app = app
        self._server = server
        self._session = session
        response = app.turn(Message(WHO, Text("交材料"), "m1", self.now, files=False))
        asked = response.replies[0].asks_file
        assert asked
        self.token = asked.token

    async def get(self, token: str = "") -> tuple[int, str]:
        async with self._session.get(self._server.make_url(f"/upload/{token or self.token}")) as answer:
            return answer.status, await answer.text()

    async def post(self, data: object, **headers: str) -> tuple[int, str]:
        url = self._server.make_url(f"/upload/{self.token}")
        async with self._session.post(url, data=data, headers=headers) as answer:
            return answer.status, await answer.text()


WHO = Person("wechat", "gh", "someone")


def at_page(app: App, scene: Callable[[Page], Awaitable[None]]) -> None:
    async def whole() -> None:
        moved: list[Page] = []
        application = web.Application()
        pages = FilePages(app, app.shelf.files, app.shelf.incoming, lambda: moved[0].now)
        application.add_routes(pages.routes())
        async with TestServer(application) as server, ClientSession() as session:
            moved.append(Page(app, server, session))
            await scene(moved[0])

    asyncio.run(whole())


def test_the_page_says_what_it_takes_and_runs_no_script(app: App) -> None:
    async def scene(page: Page) -> None:
        status, text = await page.get()
        assert status == 200
        assert "PDF、JPG、PNG、DOCX、XLSX，不超过 1 MB" in text
        assert '<html lang="zh-CN">' in text
        assert 'accept=".pdf' in text
        assert "<script" not in text
        assert 'name="viewport"' in text

    at_page(app, scene)


def test_its_address_is_a_key_that_is_told_to_nobody(app: App) -> None:
    async def scene(page: Page) -> None:
        async with page._session.get(page._server.make_url(f"/upload/{page.token}")) as answer:
            assert answer.headers["Referrer-Policy"] == "no-referrer"
            assert answer.headers["Cache-Control"] == "no-store"
            policy = answer.headers["Content-Security-Policy"]
            assert re.fullmatch(
                r"default-src 'none'; style-src 'sha256-[^']+'; form-action 'self'; base-uri 'none'; "
                r"frame-ancestors 'none'",
                policy,
            )

    at_page(app, scene)


def test_a_link_that_is_over_unknown_or_used(app: App) -> None:
    async def scene(page: Page) -> None:
        for token in ("x" * 43, "x", "x" * 5000):
            status, text = await page.get(token)
            assert (status, "没有这个链接" in text) == (404, True)
        page.now += timedelta(hours=24)
        status, text = await page.get()
        assert (status, "已经过期" in text) == (410, True)
        assert (await page.post(form("a.pdf", PDF)))[0] == 410
        page.now -= timedelta(seconds=1)
        assert (await page.post(form("a.pdf", PDF)))[0] == 200
        status, text = await page.get()
        assert (status, "这个链接用过了" in text) == (410, True)

    at_page(app, scene)


def test_names_are_never_trusted(app: App) -> None:
    async def scene(page: Page) -> None:
        status, text = await page.post(form("../../<b>执照</b>\u202e.exe", PNG))
        assert status == 200
        assert "<b>执照" not in text
        (kept,) = inside(app)
        assert kept.parent == app.shelf.incoming.folder
        assert "执照" not in kept.name

    at_page(app, scene)


@pytest.mark.parametrize(
    ("data", "type"),
    [
        (b"", "multipart/form-data; boundary=x"),
        (b"--x\r\n", "multipart/form-data; boundary=x"),
        (b"--x\r\nContent-Disposition: form-data; name=file; filename=a.pdf\r\n\r\n%PDF-\r\n--x--", "multipart/form-data"),
        (b"--x\r\n" + b"a: b\r\n" * 5000 + b"\r\n", "multipart/form-data; boundary=x"),
        (b"--x\r\nContent-Disposition: form-data; name=other\r\n\r\n1\r\n--x--\r\n", "multipart/form-data; boundary=x"),
        (b"--x\r\nContent-Type: multipart/mixed; boundary=y\r\n\r\n--y--\r\n--x--\r\n", "multipart/form-data; boundary=x"),
        (b"%PDF-", "application/pdf"),
        (b'{"file": 1}', "application/json"),
    ],
)  # fmt: skip
def test_what_is_no_form_is_told_in_words_and_leaves_nothing(app: App, data: bytes, type: str) -> None:
    async def scene(page: Page) -> None:
        status, text = await page.post(data, **{"Content-Type": type})
        assert status == 400
        assert "请" in text
        assert inside(app) == []
        assert (await page.post(form("a.pdf", PDF)))[0] == 200

    at_page(app, scene)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(junk=st.lists(st.binary(max_size=60), max_size=6))
def test_no_body_makes_it_fail(app: App, junk: list[bytes]) -> None:
    async def scene(page: Page) -> None:
        for piece in junk:
            body = b"--x\r\n" + piece + b"\r\n--x--\r\n"
            status, _ = await page.post(body, **{"Content-Type": "multipart/form-data; boundary=x"})
            assert status in (400, 413, 415)
        assert inside(app) == []

    at_page(app, scene)


def test_a_hundred_megabytes_are_refused_within_little_memory(app: App) -> None:
    async def zeros() -> AsyncGenerator[bytes, None]:
        for _ in range(1600):
            yield bytes(64 * 1024)

    async def scene(page: Page) -> None:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        announced = form("大.pdf", PDF)
        announced.add_field("more", BytesIO(bytes(2 * MEBIBYTE)), filename="x")
        status, text = await page.post(announced)
        assert (status, "太大了" in text) == (413, True)

        async def multipart() -> AsyncGenerator[bytes, None]:
            yield b"--x\r\nContent-Disposition: form-data; name=file; filename=a.pdf\r\n\r\n%PDF-1.4\n"
            async for piece in zeros():
                yield piece
            yield b"\r\n--x--\r\n"

        status, text = await page.post(multipart(), **{"Content-Type": "multipart/form-data; boundary=x"})
        assert (status, "太大了" in text) == (413, True)
        assert inside(app) == []
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        assert grown < 30 * 1024, f"{grown} KiB more"

    at_page(app, scene)


def test_what_is_cut_off_leaves_nothing(app: App) -> None:
    async def scene(page: Page) -> None:
        _, writer = await asyncio.open_connection("127.0.0.1", page._server.port)
        head = f"POST /upload/{page.token} HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=x\r\n"
        part = "--x\r\nContent-Disposition: form-data; name=file; filename=a.pdf\r\n\r\n%PDF-1.4"
        writer.write(f"{head}Content-Length: 100000\r\n\r\n{part}".encode())
        await writer.drain()
        async with asyncio.timeout(5):
            while not inside(app):
                await asyncio.sleep(0.01)
            writer.close()
            while inside(app):
                await asyncio.sleep(0.01)
        assert (await page.post(form("a.pdf", PDF)))[0] == 200

    at_page(app, scene)


def test_a_file_that_does_not_come_to_an_end_is_given_up(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reception, "SECONDS", 0.1)

    async def slow() -> AsyncGenerator[bytes, None]:
        yield b"%PDF-"
        await asyncio.sleep(60)
        yield b""

    async def scene() -> None:
        taking = Reception(app, app.shelf.incoming)
        with pytest.raises(TimeoutError):
            async with taking.receive("a.pdf", 0, slow, 1000):
                pass
        assert inside(app) == []

    asyncio.run(scene())
