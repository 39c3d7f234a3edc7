"""The same person at each of the four doors: terminal (JSON chat), web, Telegram, WeChat; what they see is text and labels."""

from __future__ import annotations

import asyncio
import html
import io
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol
from urllib.parse import unquote

from aiohttp import ClientSession, CookieJar, FormData, web
from aiohttp.test_utils import TestServer
from sqlalchemy import Engine

from bot.app import App
from bot.channels.files import FilePages
from bot.channels.reception import from_this_machine
from bot.channels.telegram import TelegramChannel, TelegramSettings
from bot.channels.terminal import Clock, json_chat
from bot.channels.web import WebChat, WebSettings
from bot.channels.wechat import routes as wechat_routes
from bot.channels.wechat_crypto import Mode, WechatSettings
from tests.telegram_peer import TOKEN, Peer
from tests.wechat_peer import Seal, WechatPeer, numbered, text

KEY, APP_ID, WECHAT_TOKEN = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG", "wx0123456789abcdef", "wechat-token"
ORIGIN = "https://ip.example.cn"  # of the links that WeChat shows
_ids = count(1)


@dataclass(frozen=True, slots=True)
class Seen:
    """What a person sees: all text, the labels of the buttons, and the names of the files."""

    text: str
    labels: tuple[str, ...]
    files: tuple[str, ...] = ()


class Door(Protocol):
    """One person at one channel."""

    async def says(self, words: str) -> Seen: ...

    async def presses(self, label: str) -> Seen: ...

    async def shares(self, lat: float, lon: float) -> Seen: ...

    async def sends_file(self, name: str, content: bytes) -> Seen: ...


def _files_of(value: dict[str, Any]) -> tuple[str, ...]:
    return tuple(reply["file"]["name"] for reply in value["replies"] if reply["file"])


def _of_json(value: dict[str, Any]) -> tuple[str, dict[str, str]]:
    """Text and buttons of a response in the form of the JSON chat."""
    parts = []
    buttons: dict[str, str] = {}
    for reply in value["replies"]:
        parts += [reply["text"], reply["more"] or ""]
        parts += [f"依据：《{c['law']}》{c['article'] or ''}（{c['status']}）" for c in reply["citations"]]
        for button in (b for row in reply["buttons"] for b in row):
            if "press" in button:
                buttons[button["label"]] = button["press"]
    return "\n".join([*parts, value["notice"] or ""]), buttons


class Terminal:
    def __init__(self, app: App) -> None:
        self._app = app
        self._user = f"u{next(_ids)}"
        self._buttons: dict[str, str] = {}

    async def _send(self, **body: object) -> Seen:
        out = io.StringIO()
        line = json.dumps({"user": self._user, **body}, ensure_ascii=False)
        answer = from_this_machine(self._app, self._app.shelf.incoming)
        json_chat(io.StringIO(line + "\n"), out, answer, Clock(), limited=False)
        value = json.loads(out.getvalue())
        text, self._buttons = _of_json(value)
        return Seen(text, tuple(self._buttons), _files_of(value))

    async def says(self, words: str) -> Seen:
        return await self._send(text=words)

    async def presses(self, label: str) -> Seen:
        return await self._send(press=self._buttons[label])

    async def shares(self, lat: float, lon: float) -> Seen:
        return await self._send(location={"lat": lat, "lon": lon})

    async def sends_file(self, name: str, content: bytes) -> Seen:
        with TemporaryDirectory() as folder:
            path = Path(folder) / "x"
            path.write_bytes(content)
            return await self._send(file={"name": name, "path": str(path)})


class Web:
    def __init__(self, session: ClientSession, url: str) -> None:
        self._session = session
        self._url = url
        self._buttons: dict[str, str] = {}

    async def _send(self, **body: object) -> Seen:
        return await self._post("/chat/messages", json={"id": f"message-{next(_ids)}", **body})

    async def _post(self, path: str, **request: Any) -> Seen:
        async with self._session.post(f"{self._url}{path}", headers={"Origin": self._url}, **request) as answer:
            assert answer.status == 200, await answer.text()
            value = await answer.json()
        text, self._buttons = _of_json(value)
        return Seen(text, tuple(self._buttons), _files_of(value))

    async def says(self, words: str) -> Seen:
        return await self._send(text=words)

    async def presses(self, label: str) -> Seen:
        return await self._send(press=self._buttons[label])

    async def shares(self, lat: float, lon: float) -> Seen:
        return await self._send(location={"lat": lat, "lon": lon})

    async def sends_file(self, name: str, content: bytes) -> Seen:
        address = {"id": f"message-{next(_ids)}", "name": name}
        return await self._post("/chat/files", params=address, data=io.BytesIO(content))


class Telegram:
    def __init__(self, peer: Peer, settled: Callable[[], bool]) -> None:
        self._peer = peer
        self._user = 7_000_000 + next(_ids)
        self._settled = settled
        self._buttons: dict[str, str] = {}

    async def _seen(self, before: int) -> Seen:
        async with asyncio.timeout(10):
            while len(self._calls()) <= before or not self._settled():
                await asyncio.sleep(0.01)
        new = self._calls()[before:]
        sent = self._peer.calls("sendDocument", "sendPhoto", chat=self._user)
        files = tuple((c.fields.get("document") or c.fields["photo"])["name"] for c in sent if c.at > new[0].at)
        self._buttons = {k["text"]: k["callback_data"] for call in new for k in call.keys if "callback_data" in k}
        return Seen("\n".join(html.unescape(call.text) for call in new), tuple(self._buttons), files)

    def _calls(self) -> list[Any]:
        return self._peer.calls("sendMessage", chat=self._user)

    async def says(self, words: str) -> Seen:
        before = len(self._calls())
        self._peer.say(self._user, words)
        return await self._seen(before)

    async def presses(self, label: str) -> Seen:
        before = len(self._calls())
        self._peer.press(self._user, self._buttons[label])
        return await self._seen(before)

    async def shares(self, lat: float, lon: float) -> Seen:
        before = len(self._calls())
        self._peer.share(self._user, lat, lon)
        return await self._seen(before)

    async def sends_file(self, name: str, content: bytes) -> Seen:
        before = len(self._calls())
        self._peer.document(self._user, name, content)
        return await self._seen(before)


class Wechat:
    """Buttons are numbers here; a long text is read on with 继续."""

    def __init__(self, peer: WechatPeer, session: ClientSession, root: str) -> None:
        self._peer = peer
        self._session = session
        self._root = root
        self._page = ""
        self._openid = f"openid-{next(_ids):08d}"
        self._numbers: dict[str, str] = {}

    async def _push(self, xml: str) -> Seen:
        pages = []
        shown = await self._peer.push(xml)
        assert shown.attempts == 1
        pages.append(shown.text or "")
        while pages[-1].endswith("（回复“继续”读下文）"):
            pages.append((await self._peer.push(text("继续", self._openid))).text or "")
        linked = "\n".join(pages)
        self._page = next(iter(re.findall(rf'href="{ORIGIN}(/upload/[^"]+)"', linked)), self._page)
        files = tuple(unquote(name) for name in re.findall(rf'href="{ORIGIN}/files/[^"/]+/([^"]+)"', linked))
        whole = re.sub(r"</?a[^>]*>", "", linked)
        self._numbers = {label.strip(): number for number, label in re.findall(r"(?m)^(\d+)\. (.+)$", whole)}
        return Seen(whole, tuple(self._numbers), files)

    async def says(self, words: str) -> Seen:
        return await self._push(text(words, self._openid))

    async def presses(self, label: str) -> Seen:
        return await self._push(text(self._numbers[label], self._openid))

    async def shares(self, lat: float, lon: float) -> Seen:
        fields = (
            f"<Location_X>{lat}</Location_X><Location_Y>{lon}</Location_Y><Scale>16</Scale><Label><![CDATA[x]]></Label>"
        )
        return await self._push(numbered_location(fields, self._openid))

    async def sends_file(self, name: str, content: bytes) -> Seen:
        """By the link that was shown; then back to the chat."""
        form = FormData(quote_fields=False)  # browsers do not percent-encode names either
        form.add_field("file", io.BytesIO(content), filename=name)
        async with self._session.post(self._root + self._page, data=form) as answer:
            page = html.unescape(re.sub(r"<style>.*?</style>|<[^>]*>", "", await answer.text(), flags=re.DOTALL))
            if answer.status != 200:
                return Seen(page, tuple(self._numbers))
        return await self._push(text("继续", self._openid))


def numbered_location(fields: str, openid: str) -> str:
    """A location message of the person ``openid``."""
    from tests.wechat_peer import packet

    return packet("location", numbered(fields), openid)


CHANNELS = ("terminal", "web", "telegram", "wechat")


Enter = Callable[[], Awaitable[Door]]


@asynccontextmanager
async def entrance(channel: str, app: App, engine: Engine) -> AsyncIterator[Enter]:
    """``channel`` with the real channel code in between; each call lets a new person in."""
    async with AsyncExitStack() as stack:

        async def served(routes: list[web.RouteDef]) -> str:
            server = TestServer(_application(routes))
            await server.start_server()
            stack.push_async_callback(server.close)
            return f"http://127.0.0.1:{server.port}"

        match channel:
            case "terminal":

                async def enter() -> Door:
                    return Terminal(app)

            case "web":
                chat = WebChat(app, WebSettings(frozenset(), False, 0, 0), app.shelf.files, app.shelf.incoming)
                url = await served(chat.routes())

                async def enter() -> Door:
                    session = await stack.enter_async_context(ClientSession(cookie_jar=CookieJar(unsafe=True)))
                    await (await session.get(url)).read()
                    return Web(session, url)

            case "telegram":
                peer = await stack.enter_async_context(Peer())
                telegram = TelegramChannel(app, engine, TelegramSettings(TOKEN, api=peer.api), app.shelf.incoming)
                await telegram.start()
                stack.push_async_callback(telegram.stop)

                async def enter() -> Door:
                    return Telegram(peer, lambda: _inbox_empty(engine))

            case _:
                settings = WechatSettings(WECHAT_TOKEN, APP_ID, KEY, mode=Mode.ENCRYPTED)
                files, incoming = replace(app.shelf.files, origin=ORIGIN), app.shelf.incoming
                root = await served([*wechat_routes(app, settings, files), *FilePages(app, files, incoming).routes()])
                session = await stack.enter_async_context(ClientSession())
                seal = Seal(KEY, APP_ID)

                async def enter() -> Door:
                    pushes = WechatPeer(session, f"{root}/wechat", WECHAT_TOKEN, mode="encrypted", seal=seal)
                    return Wechat(pushes, session, root)

        yield enter


@asynccontextmanager
async def door(channel: str, app: App, engine: Engine) -> AsyncIterator[Door]:
    """A new person at ``channel``."""
    async with entrance(channel, app, engine) as enter:
        yield await enter()


def _application(routes: list[web.RouteDef]) -> web.Application:
    application = web.Application()
    application.add_routes(routes)
    return application


def _inbox_empty(engine: Engine) -> bool:
    with engine.begin() as connection:
        return connection.exec_driver_sql("SELECT count(*) FROM inbox").scalar_one() == 0


def now() -> datetime:
    return datetime.now(UTC)
