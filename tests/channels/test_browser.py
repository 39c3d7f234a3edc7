"""The page of the web chat in a real browser, on a phone: what people see and do, and what must not get lost."""

from __future__ import annotations

import asyncio
import json
import re
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Dialog,
    Locator,
    Page,
    Route,
    ViewportSize,
    expect,
    sync_playwright,
)
from sqlalchemy import Engine

from bot.app import App, Shelf
from bot.channels.files import FilePages
from bot.channels.server import make_server
from bot.channels.web import WebChat, WebSettings
from bot.database.engine import open_engine
from bot.database.migrate import migrate
from bot.messages import Link, Message, Outcome, Person, Reply, Response, Text
from bot.registry.points import Points
from bot.responses import to_json
from tests import materials
from tests.conftest import CHROMIUM
from tests.samples import PDF, PNG

pytestmark = pytest.mark.browser

ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
PHONE: ViewportSize = {"width": 390, "height": 780}
DESK: ViewportSize = {"width": 1280, "height": 800}
URUMQI = {"latitude": 43.82, "longitude": 87.61}
ASKED = "发明专利保护多少年"
CONTRAST = 4.5  # WCAG 2 AA
TARGET = 44  # pixels that a finger hits


class Served:
    """The real server in a thread of its own; it can be stopped and started again on the same port."""

    def __init__(self, engine: Engine, shelf: Shelf) -> None:
        self.app = App(engine, shelf)
        self.port = 0
        self.engine = engine
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self.start()

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def start(self) -> None:
        self._do(self._start())

    def stop(self) -> None:
        self._do(self._runner.cleanup())

    def close(self) -> None:
        self.stop()
        self._do(self.app.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @contextmanager
    def down(self) -> Iterator[None]:
        self.stop()
        try:
            yield
        finally:
            self.start()

    async def _start(self) -> None:
        files = self.app.shelf.files
        chat = WebChat(
            self.app, WebSettings(frozenset(), secure=False, proxies=0, requests=0), files, self.app.shelf.incoming
        )
        routes = [*chat.routes(), *FilePages(self.app, files, self.app.shelf.incoming).routes()]
        self._runner = web.AppRunner(make_server(routes, [], self.app.ready), access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True)
        await site.start()
        self.port = self._runner.addresses[0][1]

    def _do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(20)

    def said(self) -> list[str]:
        """All that was ever said, in order."""
        with self.engine.connect() as connection:
            return list(connection.exec_driver_sql("SELECT said FROM turns ORDER BY id").scalars())


class Visit:
    """A page that was opened on a phone, and what a person does there."""

    def __init__(self, context: BrowserContext, served: Served) -> None:
        self.context = context
        self.served = served
        self.page = context.new_page()
        self.errors: list[str] = []
        self.asked: list[str] = []  # addresses
        self.page.on("console", lambda m: self.errors.append(m.text) if m.type in ("error", "warning") else None)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("dialog", self._dialog)
        self.mine = self.page.locator("#talk .mine")
        self.answers = self.page.locator("#talk .theirs")
        self.state = self.page.locator("#state")
        self.box = self.page.locator("#said")

    def open(self) -> Visit:
        """Open the page and wait for the greeting or the history."""
        self.page.goto(self.served.root)
        self.answers.first.wait_for()
        return self

    def asks(self, text: str) -> Locator:
        """Type and send ``text``; the answer to it."""
        return self._answered(lambda: self.types(text))

    def clicks(self, button: Locator) -> Locator:
        return self._answered(button.click)

    def check(self) -> None:
        """The page did not complain, and nothing left the host."""
        errors, self.errors[:] = [*self.errors], []
        assert not errors
        assert not [url for url in self.asked if not url.startswith((self.served.root, "about:"))]

    def _dialog(self, dialog: Dialog) -> None:
        self.errors.append(dialog.message)
        dialog.dismiss()

    def _answered(self, act: Callable[[], Any]) -> Locator:
        before = self.answers.count()
        act()
        answer = self.answers.nth(before)
        answer.wait_for()
        return answer

    def types(self, text: str) -> None:
        """Type and send ``text``, without waiting for an answer."""
        self.box.fill(text)
        self.box.press("Enter")

    def spoken(self) -> list[str]:
        """What the person said, as shown."""
        return self.mine.locator("p").all_inner_texts()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def served(shelf: Shelf, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    engine = open_engine(f"sqlite:///{tmp_path_factory.mktemp('browser') / 'chat.sqlite3'}")
    migrate(engine)
    with engine.begin() as connection:
        Points(connection, shelf.gazetteer).add_samples()
    made = Served(engine, shelf)
    yield made
    made.close()
    engine.dispose()


@contextmanager
def phone(browser: Browser, served: Served, **changes: Any) -> Iterator[Visit]:
    """A phone of a new person. Nothing may leave the host, nor may the page complain."""
    options = {"viewport": PHONE, "locale": "zh-CN", "geolocation": URUMQI, "permissions": ["geolocation"], **changes}
    context = browser.new_context(**options)
    context.set_default_timeout(8000)
    visit = Visit(context, served)
    context.on("request", lambda request: visit.asked.append(request.url))
    yield visit
    context.close()
    visit.check()


@pytest.fixture(scope="module")
def used(browser: Browser, served: Served) -> Iterator[Visit]:
    with phone(browser, served) as opened:
        yield opened


@pytest.fixture
def visit(used: Visit) -> Iterator[Visit]:
    """The page, opened by a new person: to empty a phone is quicker than to take a new one."""
    used.context.clear_cookies()
    used.page.set_viewport_size(PHONE)
    yield used.open()
    used.page.unroute_all()
    used.page.evaluate("localStorage.clear()")
    used.page.goto("about:blank")
    used.check()


def failed_loads(visit: Visit) -> None:
    """Forget what the browser itself complains of when the server is away; nothing else was wrong."""
    assert all("Failed to load resource" in error for error in visit.errors)
    visit.errors.clear()


# -- asking ------------------------------------------------------------------------------------------------


def test_a_question_is_answered_with_its_basis(visit: Visit) -> None:
    expect(visit.answers).to_have_count(1)
    expect(visit.mine).to_have_count(0)  # the greeting was not asked for by the person
    expect(visit.page.locator(".notice")).to_have_count(1)
    answer = visit.asks(ASKED)
    expect(answer).to_contain_text("20年")
    basis = answer.get_by_role("list", name="法律依据").get_by_role("link")
    expect(basis.first).to_have_text("《专利法》第四十二条")
    assert str(basis.first.get_attribute("href")).startswith("https://")
    assert basis.first.get_attribute("target") == "_blank"
    assert "noopener" in str(basis.first.get_attribute("rel"))
    assert visit.spoken() == [ASKED]
    expect(visit.box).to_have_value("")
    expect(visit.box).to_be_focused()
    expect(visit.page.locator(".waiting")).to_have_count(0)


def test_a_candidate_is_pressed(visit: Visit) -> None:
    button = visit.asks(ASKED).get_by_role("button").first
    label = button.inner_text()
    expect(visit.clicks(button).locator(".bubble")).to_have_count(1)
    assert visit.spoken() == [ASKED, label]
    expect(visit.clicks(visit.page.locator("#menu"))).to_contain_text("从这里选")


def test_a_location_is_shared(visit: Visit) -> None:
    expect(visit.clicks(visit.page.locator("#where"))).to_contain_text("离您最近的网点")
    expect(visit.state).to_have_text("")
    asking = visit.asks("附近网点")
    near = visit.clicks(asking.get_by_role("button", name="发送我的位置"))
    expect(near).to_contain_text("公里")
    expect(near.get_by_role("link", name="高德地图")).to_be_visible()
    assert visit.spoken() == ["我的位置", "附近网点", "我的位置"]


def test_a_location_that_is_not_to_be_had_is_asked_for_in_words(browser: Browser, served: Served) -> None:
    with phone(browser, served, permissions=[]) as visit:
        visit.open().page.locator("#where").click()
        expect(visit.state).to_contain_text("请直接打地名")
        assert visit.spoken() == []


def test_several_lines_are_one_message_and_a_word_being_composed_is_not_sent(visit: Visit) -> None:
    visit.box.fill("第一行")
    visit.box.press("Shift+Enter")
    visit.box.press_sequentially("第二行")
    height = visit.box.bounding_box()
    assert height
    assert height["height"] > 60  # it grew
    visit.box.evaluate(
        """box => { for (const also of [{ isComposing: true }, { keyCode: 229 }])
            box.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true, ...also })) }"""
    )
    assert visit.spoken() == []
    visit.box.press("Enter")
    expect(visit.mine).to_have_count(1)
    assert visit.spoken() == ["第一行\n第二行"]
    visit.box.fill("  \n ")
    visit.box.press("Enter")
    expect(visit.mine).to_have_count(1)


def test_the_folded_rest_is_unfolded_in_place(visit: Visit) -> None:
    said = Response(Outcome.ANSWER, (Reply("短答", more="长答\n\n1. 一\n2. 二"),))
    with answering(visit, 200, {"id": "", **to_json(said)}):
        answer = visit.asks(ASKED)
    expect(answer.get_by_text("长答")).to_be_hidden()
    answer.get_by_text("更多").click()
    expect(answer.get_by_text("长答")).to_be_visible()
    expect(answer.get_by_role("button")).to_have_count(0)


def test_a_picture_is_shown_and_another_file_is_saved(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    files, now = visit.served.app.shelf.files, datetime.now(UTC)
    picture = files.keep("年费表.png", "image/png", PNG, now)
    calendar = files.keep("缴费提醒.ics", "text/calendar", b"BEGIN:VCALENDAR", now)

    async def handle(_: Message) -> Response:
        return Response(Outcome.ANSWER, (Reply("表", file=picture), Reply("日历", file=calendar)))

    monkeypatch.setattr(visit.served.app, "handle", handle)
    answer = visit.asks(ASKED)
    image = answer.get_by_role("img", name="年费表.png")
    expect(image).to_be_visible()
    assert image.evaluate("image => image.decode().then(() => image.naturalWidth)") == 1
    with visit.page.expect_download() as saved:
        answer.get_by_role("link", name="缴费提醒.ics").click()
    assert saved.value.suggested_filename == "缴费提醒.ics"
    assert Path(saved.value.path()).read_bytes() == b"BEGIN:VCALENDAR"


def test_a_file_is_chosen_and_sent(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    materials.install(monkeypatch)
    asking = visit.asks("交材料")
    chooser = asking.get_by_label("选择文件")
    assert chooser.get_attribute("accept") == ".pdf,.jpg,.png,.docx,.xlsx"
    chooser.set_input_files({"name": "大.pdf", "mimeType": "application/pdf", "buffer": PDF + b"x" * materials.LARGEST})
    expect(visit.state).to_contain_text("“大.pdf”太大了，这里最多收 1 MB")
    chooser.set_input_files({"name": "营业 执照&1.pdf", "mimeType": "application/pdf", "buffer": PDF})
    expect(visit.answers.last).to_contain_text("还有什么要说明")
    assert visit.spoken() == ["交材料", "营业 执照&1.pdf"]
    expect(visit.asks("没有了")).to_contain_text("材料“营业 执照&1.pdf”收好了")
    expect(visit.page.locator(".file")).to_contain_text("下载")
    visit.page.reload()
    expect(visit.mine.nth(1)).to_have_text(re.compile("文件"))


def test_a_file_is_sent_again_after_a_dropped_line(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    materials.install(monkeypatch)
    asking = visit.asks("交材料")
    with visit.served.down():
        asking.get_by_label("选择文件").set_input_files({"name": "a.pdf", "mimeType": "application/pdf", "buffer": PDF})
        expect(visit.state).to_contain_text("正在重试")
    expect(visit.answers.last).to_contain_text("还有什么要说明", timeout=15_000)
    failed_loads(visit)


def test_the_upload_page_on_a_phone(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    materials.install(monkeypatch)
    app, now = visit.served.app, datetime.now(UTC)
    person = Person("wechat", "gh", f"someone-{now.timestamp()}")
    asked = app.turn(Message(person, Text("交材料"), "m1", now, files=False)).replies[0].asks_file
    assert asked
    visit.page.goto(f"{visit.served.root}upload/{asked.token}")
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    button, chooser = visit.page.get_by_role("button", name="上传"), visit.page.get_by_label("PDF、JPG")
    for control in (button, chooser):
        box = control.bounding_box()
        assert box
        assert box["height"] >= TARGET
    chooser.set_input_files({"name": "a.pdf", "mimeType": "application/pdf", "buffer": b"MZ"})
    button.click()
    expect(visit.page.get_by_role("status")).to_contain_text("按内容不是能收的文件")
    failed_loads(visit)
    visit.page.get_by_label("PDF、JPG").set_input_files(
        {"name": "营业执照.pdf", "mimeType": "application/pdf", "buffer": PDF}
    )
    visit.page.get_by_role("button", name="上传").click()
    expect(visit.page.get_by_role("status")).to_contain_text("已收到“营业执照.pdf”")
    expect(visit.page.get_by_role("button")).to_have_count(0)
    goes_on = app.turn(Message(person, Text("继续"), "m2", now, files=False))
    assert "还有什么要说明" in goes_on.replies[0].text


def test_a_long_answer_starts_at_its_first_line(visit: Visit) -> None:
    visit.page.set_viewport_size({"width": 390, "height": 420})
    visit.asks(ASKED)
    said = Response(Outcome.ANSWER, (Reply("\n\n".join(f"第{n}段。" * 8 for n in range(30))),))
    for question in ("商标有效期几年", "专利" * 300):
        with answering(visit, 200, to_json(said)):
            answer = visit.asks(question)
        first = answer.locator(".bubble p").first.bounding_box()
        view = visit.page.locator("main").bounding_box()
        assert first
        assert view
        assert view["y"] <= first["y"] < view["y"] + view["height"] / 2


# -- nothing is lost, nothing is repeated ------------------------------------------------------------------


@contextmanager
def answering(visit: Visit, status: int, body: object, **headers: str) -> Iterator[list[str]]:
    """Messages are answered with this instead of by the server; gives the bodies that were sent."""
    sent: list[str] = []

    def fulfil(route: Route) -> None:
        sent.append(str(route.request.post_data))
        told = {**body, "id": json.loads(sent[-1])["id"]} if isinstance(body, dict) else body
        route.fulfill(status=status, json=told, headers=headers)

    visit.page.route("**/chat/messages", fulfil)
    yield sent
    visit.page.unroute("**/chat/messages")


def test_after_a_reload_the_conversation_is_there_and_goes_on(visit: Visit) -> None:
    visit.clicks(visit.asks("我的电话13812345678，外观设计专利保护多久").get_by_role("button").first)
    visit.clicks(visit.page.locator("#where"))
    spoken = visit.spoken()
    answers = visit.answers.all_inner_texts()
    turns = len(visit.served.said())
    visit.page.reload()
    visit.answers.nth(3).wait_for()
    spoken[0] = "我的电话[电话]，外观设计专利保护多久"  # what is kept is masked
    assert visit.spoken() == spoken
    # distances would tell where the person was, so they are not kept
    assert visit.answers.all_inner_texts() == [re.sub(r"，约 [\d.]+ 公里", "", answer) for answer in answers]
    assert len(visit.served.said()) == turns
    visit.asks("外观设计专利保护多久")
    expect(visit.asks("那实用新型呢")).to_contain_text("10年")


def test_a_message_sent_while_the_server_is_down_is_delivered_once(visit: Visit) -> None:
    with visit.served.down():
        visit.types(f"{ASKED}（一）")
        visit.types(f"{ASKED}（二）")
        expect(visit.state).to_contain_text("网络不通")
        expect(visit.page.locator(".mine.waiting")).to_have_count(2)
    visit.answers.nth(2).wait_for()
    expect(visit.state).to_have_text("")
    expect(visit.page.locator(".mine.waiting")).to_have_count(0)
    order = visit.page.locator("#talk > li").evaluate_all("items => items.map(item => item.className)")
    assert order == ["theirs", "mine", "theirs", "mine", "theirs"]
    assert [said for said in visit.served.said() if said.startswith(f"{ASKED}（")] == [
        f"{ASKED}（一）",
        f"{ASKED}（二）",
    ]
    failed_loads(visit)


def test_what_two_tabs_could_not_send_is_sent_by_the_next(browser: Browser, served: Served) -> None:
    with phone(browser, served) as visit:
        visit.open()
        other = Visit(visit.context, served).open()
        with served.down():
            for number, tab in enumerate((visit, other), start=1):
                tab.types(f"{ASKED}（第{number}页）")
                expect(tab.state).to_contain_text("网络不通")
            visit.page.close()
            other.page.close()
        again = Visit(visit.context, served).open()
        expect(again.page.locator(".waiting")).to_have_count(0)
        again.answers.nth(2).wait_for()
        assert again.spoken() == [f"{ASKED}（第1页）", f"{ASKED}（第2页）"]
        assert [said for said in served.said() if "页）" in said] == again.spoken()
        assert again.page.evaluate("Object.keys(localStorage)") == []
        failed_loads(visit)


def test_an_answer_that_got_lost_is_fetched_and_the_question_not_asked_again(visit: Visit) -> None:
    asked = f"{ASKED}（丢了）"

    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    visit.page.route("**/chat/messages", lose, times=1)
    expect(visit.asks(asked)).to_contain_text("20年")
    assert visit.served.said().count(asked) == 1
    failed_loads(visit)


def test_a_history_that_does_not_come_at_once_is_asked_for_again(visit: Visit) -> None:
    visit.asks(ASKED)
    visit.page.route("**/chat/history", lambda route: route.abort(), times=1)
    visit.page.reload()
    visit.types("你好")  # before the history is there
    visit.answers.nth(2).wait_for()
    assert visit.spoken() == [ASKED, "你好"]
    failed_loads(visit)


def test_a_session_that_ended_is_replaced_and_the_message_answered(visit: Visit) -> None:
    visit.context.clear_cookies()
    expect(visit.asks(ASKED)).to_contain_text("20年")
    failed_loads(visit)


def test_a_browser_without_cookies_is_told_and_does_not_try_forever(visit: Visit) -> None:
    with answering(visit, 401, {"error": "session"}) as sent:
        visit.types(ASKED)
        expect(visit.state).to_contain_text("Cookie")
        visit.page.wait_for_timeout(300)
        assert len(sent) == 2
    expect(visit.page.locator(".mine.waiting")).to_have_count(1)
    failed_loads(visit)


def test_who_sends_too_fast_waits_and_loses_nothing(visit: Visit) -> None:
    refusal = {"status": 429, "json": {"error": "limit"}, "headers": {"Retry-After": "1"}}
    visit.page.route("**/chat/messages", lambda route: route.fulfill(**refusal), times=1)
    visit.types(ASKED)
    expect(visit.state).to_contain_text("稍等")
    expect(visit.answers.nth(1)).to_contain_text("20年")
    failed_loads(visit)


def test_a_message_that_is_refused_says_so_and_holds_up_no_other(visit: Visit) -> None:
    with answering(visit, 400, {"error": "text"}):
        visit.types("不行的")
        expect(visit.mine.first).to_contain_text("没有被接受")
    expect(visit.asks(ASKED)).to_contain_text("20年")
    assert visit.page.evaluate("Object.keys(localStorage)") == []
    failed_loads(visit)


# -- for everyone ------------------------------------------------------------------------------------------


def focused(page: Page) -> str:
    """The focused element: its id, or its text."""
    return str(page.evaluate("document.activeElement.id || document.activeElement.innerText"))


def test_everything_can_be_done_with_the_keyboard(visit: Visit) -> None:
    keyboard = visit.page.keyboard
    keyboard.press("Tab")
    assert focused(visit.page) == "跳到输入框"
    expect(visit.page.locator(".skip")).to_be_in_viewport()
    keyboard.press("Enter")
    assert focused(visit.page) == "said"
    keyboard.insert_text(ASKED)
    keyboard.press("Enter")
    answer = visit.answers.nth(1)
    answer.wait_for()
    assert focused(visit.page) == "said"
    last = answer.get_by_role("button").last.inner_text()
    keyboard.press("Shift+Tab")
    assert focused(visit.page) == "where"
    keyboard.press("Shift+Tab")
    assert focused(visit.page) == last
    outline = visit.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    keyboard.press("Enter")
    visit.answers.nth(2).wait_for()
    assert visit.spoken() == [ASKED, last]
    assert focused(visit.page) == last  # the next Tab goes on to the new answer
    keyboard.press("Tab")
    assert visit.page.evaluate(
        "document.activeElement.closest('.theirs') === document.querySelector('#talk').lastChild"
    )


def test_the_conversation_is_read_out_and_everything_has_a_name(visit: Visit) -> None:
    visit.asks("菜单")
    visit.clicks(visit.page.locator("#where"))
    log = visit.page.get_by_role("log", name="问与答")
    expect(log).to_have_attribute("aria-live", "polite")
    expect(log).not_to_have_attribute("aria-busy", "true")
    expect(log.get_by_role("listitem")).not_to_have_count(0)
    expect(visit.page.get_by_role("textbox", name="您的问题")).to_be_visible()
    expect(visit.page.get_by_role("main")).to_be_visible()
    expect(visit.page.locator("html")).to_have_attribute("lang", "zh-CN")
    assert visit.mine.first.evaluate("item => item.textContent") == "您：菜单"
    assert visit.answers.first.evaluate("item => item.textContent").startswith("答：您好")
    tree = visit.context.new_cdp_session(visit.page).send("Accessibility.getFullAXTree")
    roles = ("button", "link", "textbox", "log", "main", "heading", "DisclosureTriangle")
    nodes = [node for node in tree["nodes"] if not node["ignored"] and node["role"]["value"] in roles]
    assert len(nodes) > 10
    assert not [node for node in nodes if not node["name"]["value"]]
    for button in visit.page.locator("button, .buttons a").all():
        box = button.bounding_box()
        assert box
        assert min(box["width"], box["height"]) >= TARGET


def test_what_is_old_is_not_read_out_again_after_a_reload(visit: Visit) -> None:
    def late(route: Route) -> None:
        visit.page.wait_for_timeout(200)
        route.continue_()

    visit.page.route("**/chat/history", late, times=1)
    visit.page.reload(wait_until="commit")
    expect(visit.page.get_by_role("log")).to_have_attribute("aria-busy", "true")
    expect(visit.page.get_by_role("log")).not_to_have_attribute("aria-busy", "true")
    expect(visit.answers).to_have_count(1)


@pytest.mark.parametrize("attack", ["<img src=x onerror=alert(1)>", "<script>alert(2)</script>专利</p><b>保护几年"])
def test_what_looks_like_html_is_shown_as_text(visit: Visit, attack: str) -> None:
    visit.asks(ASKED)
    visit.asks(f"那{attack}呢")
    for _ in range(2):
        assert visit.spoken()[-1] == f"那{attack}呢"
        expect(visit.page.locator("#talk :is(img, script, b, iframe)")).to_have_count(0)
        visit.page.reload()  # and when it comes back from the history
        visit.answers.nth(2).wait_for()


def test_what_the_server_says_is_text_too_and_links_lead_to_web_pages_only(visit: Visit) -> None:
    links = (Link("<i>一</i>", "javascript:alert(1)"), Link("二", "https://example.cn/?a=1&b=<2>"))
    said = Response(Outcome.ANSWER, (Reply("<img src=x>", more="<b>", links=links),), notice="<hr>", understood="<u>")
    with answering(visit, 200, to_json(said)):
        answer = visit.asks("a")
    expect(answer.locator(":is(img, b, i, u, hr)")).to_have_count(0)
    expect(answer).to_contain_text("<img src=x>")
    assert [link.get_attribute("href") for link in answer.get_by_role("link").all()] == [
        "#",
        "https://example.cn/?a=1&b=<2>",
    ]


# -- looks -------------------------------------------------------------------------------------------------

OVERFLOWS = """() => [...document.querySelectorAll("html, main, header, footer, form, #talk li, .bubble, button, h1")]
    .filter(e => e.scrollWidth > e.clientWidth + 1 || e.getBoundingClientRect().right > innerWidth + 1)
    .map(e => e.tagName + "." + e.className + ": " + e.innerText.slice(0, 20))"""
FAINT = """least => {
  const parts = colour => colour.match(/[\\d.]+/g).map(Number);
  const light = colour => parts(colour).slice(0, 3).map(c => c / 255)
    .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4).reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = e => {
    const colour = getComputedStyle(e).backgroundColor;
    return parts(colour)[3] === 0 ? ground(e.parentElement) : colour;
  };
  const faint = [];
  const look = (e, colour, text) => {
    const [a, b] = [light(colour), light(ground(e))].sort((x, y) => y - x);
    let opacity = 1;
    for (let p = e; p; p = p.parentElement) opacity *= Number(getComputedStyle(p).opacity);
    if ((a + 0.05) / (b + 0.05) < least || opacity < 1) faint.push(text);
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let n = texts.nextNode(); n; n = texts.nextNode())
    if (n.data.trim() && n.parentElement.offsetParent) look(n.parentElement, getComputedStyle(n.parentElement).color, n.data);
  const box = document.getElementById("said");
  look(box, getComputedStyle(box, "::placeholder").color, "placeholder");
  return faint;
}"""


@pytest.mark.parametrize(("size", "scheme"), [(PHONE, "light"), (PHONE, "dark"), (DESK, "light")], ids=str)
def test_it_looks_right(browser: Browser, served: Served, tmp_path: Path, size: ViewportSize, scheme: Any) -> None:
    """Run with ``--basetemp`` to look at the pictures."""
    with phone(browser, served, viewport=size, color_scheme=scheme) as visit:
        visit.open()
        shots = iter(range(9))

        def shoot() -> None:
            visit.page.screenshot(path=tmp_path / f"{size['width']}-{scheme}-{next(shots)}.png")
            assert visit.page.evaluate(OVERFLOWS) == []
            assert visit.page.evaluate(FAINT, CONTRAST) == []

        shoot()
        visit.asks("商标异议期是几个月")
        shoot()
        visit.clicks(visit.page.locator("#where"))
        shoot()
        visit.asks("菜单")
        with answering(visit, 503, {"error": "failed"}):
            visit.types(ASKED)
            expect(visit.state).to_contain_text("网络不通")
            visit.page.locator("main").focus()
            shoot()
        back = visit.page.locator("html").evaluate("e => getComputedStyle(e).backgroundColor")
        assert (max(map(int, re.findall(r"\d+", back))) < 64) == (scheme == "dark")
        failed_loads(visit)


@pytest.mark.parametrize(("width", "zoom"), [(390, "200%"), (320, "200%"), (195, "100%")])
def test_large_letters_and_narrow_windows_do_not_overflow(visit: Visit, tmp_path: Path, width: int, zoom: str) -> None:
    visit.page.set_viewport_size({"width": width, "height": 780})
    visit.page.evaluate("size => { document.documentElement.style.fontSize = size }", zoom)
    visit.asks(ASKED)
    visit.clicks(visit.page.locator("#where"))
    visit.asks("x" * 200)
    assert visit.page.evaluate(OVERFLOWS) == []
    expect(visit.box).to_be_in_viewport()
    visit.page.screenshot(path=tmp_path / f"{width}-{zoom[:-1]}.png")


def test_the_history_holds_for_a_while(visit: Visit) -> None:
    """The session outlives the browser."""
    (cookie,) = visit.context.cookies()
    assert cookie["expires"] - visit.page.evaluate("Date.now()") / 1000 > timedelta(days=179).total_seconds()
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")
