"""The WeChat channel against a peer that plays WeChat's server: modes, attempts, replies, and everything malformed."""

from __future__ import annotations

import asyncio
import gzip
import time
from base64 import b64encode
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from wechatpy.parser import parse_message

from bot.app import APOLOGY
from bot.channels import wechat
from bot.channels.plain import READ_ON
from bot.channels.wechat import LATE, menu, read, routes
from bot.channels.wechat_crypto import BODY_BYTES, Mode, WechatSettings
from bot.channels.wechat_write import HOW_TO_SHARE, NO_MORE, TEXT_BYTES, write
from bot.files import Files
from bot.messages import (
    PRESS_BYTES,
    Datum,
    Event,
    File,
    Link,
    Message,
    Option,
    Outcome,
    Person,
    Place,
    Press,
    Reply,
    Response,
    Spot,
    Text,
    Upload,
)
from bot.settings import SettingError, read_settings
from tests.wechat_peer import ACCOUNT, OPENID, UNAVAILABLE, Seal, WechatPeer, event, numbered, packet, sign, text

TOKEN, APP_ID = "unguessable0token", "wx0123456789abcdef"
KEY, OLD_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG", "zyxwvutsrqponmlkjihgfedcba9876543210GFEDCBA"
MODES = ("plain", "compatible", "encrypted")
NASTY = "  您好 👨‍👩‍👧 𠮷野家 a & b < c > d \"e\" 'f' ؟ئۇيغۇر /::D &lt;b&gt; "
NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
Answer = Callable[[Message], Response]


def echo(message: Message) -> Response:
    return Response(
        Outcome.ANSWER, (Reply(message.body.text if isinstance(message.body, Text) else repr(message.body)),)
    )


FILES = Files(Path("/nowhere"))


class FakeApp:
    """Attempts of one delivery share one turn, one person's turns are in order.

    The first turn ends when it has been asked for ``asked`` times, so that no test waits for a clock.
    """

    def __init__(self, answer: Answer = echo, asked: int = 0) -> None:
        self.answer = answer
        self.turns: list[Message] = []
        self._left = asked
        self._go = asyncio.Event()
        self._tasks: dict[tuple[Person, str], asyncio.Task[Response]] = {}
        self._lock = asyncio.Lock()

    async def handle(self, message: Message) -> Response:
        self._left -= 1
        if self._left <= 0:
            self.finish()
        key = (message.person, message.key)
        if key not in self._tasks:
            self._tasks[key] = asyncio.create_task(self._turn(message))
        return await asyncio.shield(self._tasks[key])

    def finish(self) -> None:
        self._go.set()

    async def _turn(self, message: Message) -> Response:
        async with self._lock:
            self.turns.append(message)
            await self._go.wait()
            await asyncio.sleep(0)
            return self.answer(message)


def account(mode: str = "plain", **changes: Any) -> WechatSettings:
    keys = {} if mode == "plain" else {"app_id": APP_ID, "aes_key": KEY}
    return WechatSettings(**{"token": TOKEN, "mode": Mode(mode), **keys, **changes})


@asynccontextmanager
async def serving(app: Any, ours: WechatSettings, *, key: str = KEY, **peer: Any) -> AsyncIterator[WechatPeer]:
    application = web.Application()
    application.add_routes(routes(app, ours, FILES))
    async with TestServer(application) as server, aiohttp.ClientSession() as session:
        peer = {"mode": ours.mode.value, "seal": Seal(key, APP_ID), **peer}
        yield WechatPeer(session, str(server.make_url("/wechat")), TOKEN, **peer)


def run(body: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(body)


def push(*xml: str, app: FakeApp | None = None, mode: str = "plain", **peer: Any) -> list[str | None]:
    """What the person sees after each message."""

    async def body() -> list[str | None]:
        async with serving(app or FakeApp(), account(mode), **peer) as wechat_server:
            return [(await wechat_server.push(x)).text for x in xml]

    return run(body())


def status(query: Callable[[WechatPeer], dict[str, str]], body: object = None, **ours: Any) -> int:
    """The status of one POST; a refused one does not reach the app."""

    async def once() -> int:
        app = FakeApp()
        async with serving(app, account(**ours)) as peer:
            code, _ = await peer.post(query(peer), text("问").encode() if body is None else body)
        assert code == 200 or not app.turns
        return code

    return run(once())


def native(xml: str) -> Any:
    return parse_message(xml)


def understood(xml: str, **ours: Any) -> Message | None:
    return read(native(xml), account(**ours), NOW)


# -- modes, signatures -------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", MODES)
def test_what_is_said_and_answered_survives_in_every_mode(mode: str) -> None:
    app = FakeApp()
    assert push(text(NASTY), text("再问"), app=app, mode=mode) == [NASTY.strip(), "再问"]
    assert [message.body for message in app.turns] == [Text(NASTY.strip()), Text("再问")]
    assert app.turns[0].person == Person("wechat", ACCOUNT, OPENID)


@pytest.mark.parametrize("mode", MODES)
def test_saving_the_address_echoes_when_the_token_is_right(mode: str) -> None:
    async def body() -> None:
        async with serving(FakeApp(), account(mode)) as peer:
            assert await peer.verify() == (200, "5927714238742")
            assert (await peer.verify({**peer.query(), "signature": "0" * 40}))[0] == 403
            assert (await peer.verify({**peer.query(), "nonce": "other"}))[0] == 403
            assert (await peer.verify(peer.query(at=time.time() - 3600)))[0] == 403
            assert (await peer.verify({}))[0] == 403

    run(body())


def test_bad_signatures_and_times_are_refused() -> None:
    now = time.time()
    assert status(lambda peer: {**peer.query(), "signature": "0" * 40}) == 403
    assert status(lambda peer: {**peer.query(), "signature": "签名"}) == 403
    assert status(lambda peer: {**peer.query(), "timestamp": str(int(now) + 1)}) == 403
    assert status(lambda peer: {}) == 403
    assert status(lambda peer: peer.query(at=now - 605)) == 403
    assert status(lambda peer: peer.query(at=now + 605)) == 403
    assert status(lambda peer: peer.query(at=now - 590)) == 200
    for odd in ("", "x", "-5", "9" * 30, "１７００００００００"):
        assert status(lambda peer, odd=odd: {"signature": sign(TOKEN, odd, "n"), "timestamp": odd, "nonce": "n"}) == 403


def test_the_url_and_the_mode_decide_what_is_accepted() -> None:
    plain = text("问").encode()
    sealed = Seal(KEY, APP_ID).close(text("问"))
    envelope = f"<xml><Encrypt><![CDATA[{sealed}]]></Encrypt></xml>".encode()
    assert status(lambda peer: peer.query(), plain, mode="encrypted") == 403
    assert status(lambda peer: {**peer.query(), "encrypt_type": "raw"}, plain, mode="encrypted") == 403
    assert status(lambda peer: {**peer.query(), "encrypt_type": "raw"}, plain) == 200
    assert status(lambda peer: peer.query(), plain, mode="compatible") == 200
    assert status(lambda peer: peer.query(sealed), envelope) == 403  # plain mode without a key
    assert status(lambda peer: peer.query(sealed), envelope, app_id=APP_ID, aes_key=KEY) == 200
    assert status(lambda peer: {**peer.query(), "encrypt_type": "rsa"}, plain) == 400


def test_a_sealed_message_must_be_signed_ours_and_whole() -> None:
    def envelope(sealed: str) -> bytes:
        return f"<xml><Encrypt><![CDATA[{sealed}]]></Encrypt></xml>".encode()

    def came(sealed: str, body: bytes | None = None) -> int:
        return status(lambda peer: peer.query(sealed), body or envelope(sealed), mode="encrypted")

    ours = Seal(KEY, APP_ID)
    good, foreign, stranger = (s.close(text("问")) for s in (ours, Seal(KEY, "wxother"), Seal(OLD_KEY, APP_ID)))
    assert came(good) == 200
    assert came(good, envelope(ours.close(text("另")))) == 403  # msg_signature is of another text
    assert status(lambda peer: {**peer.query(good), "msg_signature": ""}, envelope(good), mode="encrypted") == 403
    assert came(foreign) == 403
    assert came(stranger) in (400, 403)
    for broken in (
        "",
        "AAAA",
        "!!!!",
        b64encode(b"x" * 31).decode(),
        ours.close_raw(b"\0" * 32),
        ours.close_raw(b"\xff" * 64),
    ):
        assert came(broken) == 400
    for body in (
        b"<xml/>",
        b"<xml><Encrypt/></xml>",
        b"<xml><Encrypt>a</Encrypt><Encrypt>b</Encrypt></xml>",
        b"{}",
        b"\xff",
    ):
        assert came(good, body) == 400


def test_the_previous_key_is_still_understood_and_used_for_the_reply() -> None:
    async def body() -> None:
        ours = account("encrypted", aes_key_old=OLD_KEY)
        for key in (OLD_KEY, KEY):
            async with serving(FakeApp(), ours, key=key) as peer:
                assert [(await peer.push(text(f"第{n}问"))).text for n in range(40)][-1] == "第39问"

    run(body())


def test_in_compatible_mode_only_what_is_sealed_counts() -> None:
    async def body() -> None:
        app = FakeApp()
        async with serving(app, account("compatible")) as peer:
            query, sent = peer.wrap(text("真的"))
            code, _ = await peer.post(query, sent.replace("真的", "假的").encode())
        assert (code, [m.body for m in app.turns]) == (200, [Text("真的")])

    run(body())


# -- what WeChat sends -------------------------------------------------------------------------------------

_LOCATION = "<Location_X>43.825592</Location_X><Location_Y>87.616848</Location_Y><Scale>15</Scale>"


@pytest.mark.parametrize(
    ("xml", "body"),
    [
        (text("1"), Text("1")),
        (packet("text", numbered("<Content></Content>")), Text("")),
        (packet("text", numbered("")), Text("")),
        (packet("text", numbered("<Content>商标</Content><bizmsgmenuid>主题 tm-fee</bizmsgmenuid>")), Press("主题 tm-fee")),
        (packet("location", numbered(_LOCATION + "<Label><![CDATA[沙区]]></Label>")), Place(43.825592, 87.616848, Datum.GCJ02, "沙区")),
        (packet("location", numbered(_LOCATION + "<Label></Label>")), Place(43.825592, 87.616848, Datum.GCJ02)),
        (packet("image", numbered("<PicUrl>http://x/y</PicUrl><MediaId>m</MediaId>")), Upload("image")),
        (packet("file", numbered("<Title>申报书.pdf</Title>")), Upload("申报书.pdf")),
        (packet("voice", numbered("<MediaId>m</MediaId><Format>amr</Format>")), Event.UNSUPPORTED),
        (packet("voice", numbered("<MediaId>m</MediaId><Recognition>商标怎么续展</Recognition>")), Text("商标怎么续展")),
        (packet("video", numbered("<MediaId>m</MediaId>")), Event.UNSUPPORTED),
        (packet("shortvideo", numbered("<MediaId>m</MediaId>")), Event.UNSUPPORTED),
        (packet("link", numbered("<Title>t</Title><Url>u</Url>")), Event.UNSUPPORTED),
        (packet("new_kind", numbered("")), Event.UNSUPPORTED),
        (event("subscribe", "<EventKey></EventKey>"), Event.ARRIVED),
        (event("subscribe", "<EventKey>qrscene_12</EventKey><Ticket>T</Ticket>"), Event.ARRIVED),
        (event("unsubscribe", "<EventKey></EventKey>"), Event.LEFT),
        (event("CLICK", "<EventKey>主题 gi</EventKey>"), Press("主题 gi")),
    ],
)  # fmt: skip
def test_messages_are_read(xml: str, body: object) -> None:
    message = understood(xml)
    assert message is not None
    assert (message.body, message.person, message.at) == (body, Person("wechat", ACCOUNT, OPENID), NOW)


QUIET = (
    event("LOCATION", "<Latitude>23.137466</Latitude><Longitude>113.352425</Longitude><Precision>119.38</Precision>"),
    event("location_select", f"<EventKey>附近网点</EventKey><SendLocationInfo>{_LOCATION}</SendLocationInfo>"),
    event("SCAN", "<EventKey>12</EventKey><Ticket>T</Ticket>"),
    event("VIEW", "<EventKey>https://example.cn/</EventKey><MenuId>1</MenuId>"),
    event("CLICK", "<EventKey></EventKey>"),
    event("TEMPLATESENDJOBFINISH", "<MsgID>1</MsgID><Status>success</Status>"),
    event("subscribe_msg_popup_event", "<SubscribeMsgPopupEvent><List/><List/></SubscribeMsgPopupEvent>"),
    event("some_new_event"),
    packet("event", ""),
)


@pytest.mark.parametrize("mode", MODES)
def test_events_that_are_only_taken_note_of(mode: str) -> None:
    app = FakeApp()
    assert push(*QUIET, app=app, mode=mode) == [None] * len(QUIET)
    assert not app.turns


def test_the_coordinate_system_is_a_setting() -> None:
    message = understood(packet("location", numbered(_LOCATION)), datum=Datum.WGS84)
    assert message is not None
    assert message.body == Place(43.825592, 87.616848, Datum.WGS84)


def test_a_delivery_is_known_by_its_id_or_by_sender_time_event_and_key() -> None:
    def key(xml: str) -> str:
        message = understood(xml)
        assert message is not None
        return message.key

    assert key(packet("text", "<Content>a</Content><MsgId>1234567890123456</MsgId>")) == "1234567890123456"
    click = event("CLICK", "<EventKey>菜单</EventKey>", at=1700000000)
    assert key(click) == f"{OPENID}:1700000000:click:菜单"
    others = [event("CLICK", "<EventKey>帮助</EventKey>", at=1700000000), event("subscribe", at=1700000000)]
    assert len({key(xml) for xml in (click, *others)}) == 3
    long = [key(event("CLICK", f"<EventKey>{'a' * 127}{end}</EventKey>", at=1700000000)) for end in "ab"]
    assert len(set(long)) == 2
    assert max(map(len, long)) <= 160


# -- attempts ----------------------------------------------------------------------------------------------


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> float:
    """Time runs faster; returns WeChat's five seconds."""
    monkeypatch.setattr(wechat, "PATIENCE", 2.0)
    monkeypatch.setattr(wechat, "LAST_PATIENCE", 0.05)
    monkeypatch.setattr(wechat, "ERASE_PAUSES", (0.0, 0.01, 0.01))
    return 0.2


def test_a_slow_answer_arrives_with_a_later_attempt_of_the_same_turn(hurried: float) -> None:
    async def body() -> None:
        app = FakeApp(asked=2)
        async with serving(app, account("encrypted"), patience=hurried) as peer:
            shown = await peer.push(text("难题"))
        assert (shown.text, shown.attempts, len(app.turns)) == ("难题", 2, 1)

    run(body())


def test_an_answer_that_is_too_slow_is_owed_and_fetched_with_continue(hurried: float) -> None:
    async def body() -> None:
        app = FakeApp(asked=5)
        async with serving(app, account(), patience=hurried) as peer:
            first = await peer.push(text("难题"))
            assert (first.text, first.attempts) == (LATE, 3)
            second = await peer.push(text("继续"))
            assert (second.text, second.attempts) == ("难题", 2)
            assert [message.body for message in app.turns] == [Text("难题")]
            assert (await peer.push(text("继续"))).text == "继续"  # the debt is paid
            assert (await peer.push(text("继续", openid="o-someone-else"))).text == "继续"

    run(body())


def test_what_is_owed_for_long_or_to_someone_who_left_is_not_fetched(
    hurried: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def body(between: str) -> None:
        app = FakeApp(asked=4)
        async with serving(app, account(), patience=hurried) as peer:
            assert (await peer.push(text("难题"))).text == LATE
            await peer.push(between)
            assert (await peer.push(text("继续"))).text == "继续"

    run(body(event("unsubscribe")))
    monkeypatch.setattr(wechat, "OWED_FOR", timedelta(0))
    run(body(text("别的")))


def test_the_third_attempt_is_known_by_its_age_when_others_got_the_first_two(hurried: float) -> None:
    async def body() -> None:
        app = FakeApp(asked=2)
        async with serving(app, account(), patience=hurried) as peer:
            shown = await peer.push(text("难题", at=int(time.time()) - 10))
            app.finish()
        assert (shown.text, shown.attempts) == (LATE, 1)

    run(body())


def test_a_repeated_delivery_is_one_turn_with_one_answer() -> None:
    async def body() -> None:
        app = FakeApp(asked=4)
        async with serving(app, account()) as peer:
            for xml in (text("问"), event("CLICK", "<EventKey>菜单</EventKey>")):
                shown = await asyncio.gather(*(peer.push(xml) for _ in range(5)))
                assert len({s.text for s in [*shown, await peer.push(xml)]}) == 1
        assert len(app.turns) == 2

    run(body())


def test_messages_sent_quickly_are_all_answered_in_order() -> None:
    async def body() -> None:
        app = FakeApp(asked=5)
        async with serving(app, account("encrypted")) as peer:
            tasks = []
            for n in range(5):
                tasks.append(asyncio.create_task(peer.push(text(f"第{n}问"))))
                await asyncio.sleep(0.02)
            assert [(await task).text for task in tasks] == [f"第{n}问" for n in range(5)]
        assert [message.body for message in app.turns] == [Text(f"第{n}问") for n in range(5)]

    run(body())


def test_someone_who_leaves_is_erased_without_a_word(hurried: float) -> None:
    said = iter([Outcome.ERROR, Outcome.ERROR, Outcome.DONE])

    class Failing(FakeApp):
        async def handle(self, message: Message) -> Response:
            self.turns.append(message)
            return Response(next(said), (Reply("出了点问题"),))

    app = Failing()
    assert push(event("unsubscribe"), app=app) == [None]
    assert [message.body for message in app.turns] == [Event.LEFT] * 3


# -- replies -----------------------------------------------------------------------------------------------


def pages(response: Response) -> list[str]:
    """What “继续” shows, page by page, until nothing is left."""
    shown = []
    for page in range(1, 20):
        xml = write(replace(response, page=page), native(text("问")), FILES, NOW)
        assert xml is not None
        shown.append(native(xml).content)
        if shown[-1] == NO_MORE:
            return shown
    raise AssertionError("does not end")


@pytest.mark.parametrize(
    ("origin", "told"),
    [
        (
            "https://ip.example.cn",
            '<a href="https://ip.example.cn/files/token/%E8%AF%BE%E7%A8%8B.ics">打开文件：课程.ics</a>（7 天内有效',
        ),
        ("", "（文件“课程.ics”在微信里发不了，可以在网页聊天或 Telegram 上取。）"),
    ],
)
def test_a_file_is_a_link_where_the_server_has_an_address(origin: str, told: str) -> None:
    file = File("课程.ics", "text/calendar", "/files/token/课程.ics", "token")
    response = Response(Outcome.ANSWER, (Reply("日历", file=file),))
    xml = write(response, native(text("问")), replace(FILES, origin=origin), NOW)
    assert xml is not None
    content = native(xml).content
    assert told in content
    assert "/files/token/课程" not in content, "where it is on our disk is not told"


def test_nobody_breaks_out_of_the_reply() -> None:
    attack = "]]></Content><MsgType><![CDATA[news]]></MsgType><Content><![CDATA[ ]]\x00> ]]]> \x07\x1b\ud800\ufffe"
    assert push(text("a]]>b")) == ["a]]＞b"]
    (shown,) = push(text("攻击"), app=FakeApp(lambda _: Response(Outcome.ANSWER, (Reply(attack),))), mode="encrypted")
    assert shown == "]]＞</Content><MsgType><![CDATA[news]]＞</MsgType><Content><![CDATA[ ]]＞ ]]]＞"


def test_an_injected_sender_is_refused() -> None:
    assert (
        status(
            lambda peer: peer.query(),
            packet("text", numbered("<Content>a</Content>"), openid="o]]]]><![CDATA[>x").encode(),
        )
        == 400
    )


def test_menus_are_numbers_over_all_replies_and_places_are_text() -> None:
    one = Reply("最近的：", places=(Spot("示例网点", 1.2, 43.8, 87.6),), options=(Option("详情", "网点详情 1"),))
    two = Reply("还要什么？", options=(Option("菜单", "菜单"), Option("转人工", "转人工")), asks_location=True)
    (shown,) = push(text("附近网点"), app=FakeApp(lambda _: Response(Outcome.ANSWER, (one, two), notice="使用说明")))
    assert shown is not None
    lines = [
        "最近的：",
        "① 示例网点，1.2公里",
        "1. 详情",
        "还要什么？",
        HOW_TO_SHARE,
        "2. 菜单\n3. 转人工\n回复数字选择",
    ]
    assert shown.split("\n\n") == [*lines, "使用说明"]


def test_links_are_tapped_by_their_name() -> None:
    links = (
        Link('高德"地图<b>', 'https://x.cn/m?name=%E7%BD%91&a="1"&b=<2>#c'),
        Link("中文", "https://x.cn/专利 a\ud800"),
    )
    (shown,) = push(text("问"), app=FakeApp(lambda _: Response(Outcome.ANSWER, (Reply("答", links=links),))))
    assert shown == (
        '答\n\n<a href="https://x.cn/m?name=%E7%BD%91&a=%221%22&b=%3C2%3E#c">高德"地图＜b＞</a>\n'
        '<a href="https://x.cn/%E4%B8%93%E5%88%A9%20a?">中文</a>'
    )


def test_a_long_answer_is_read_with_continue() -> None:
    long = "".join(f"第{n}段，" + "说明" * 60 + "。\n\n" for n in range(15)) + "完。"
    shown = pages(Response(Outcome.ANSWER, (Reply(long, options=(Option("年费", "#fee"),)),)))
    assert all(len(page.encode()) <= TEXT_BYTES for page in shown)
    assert all(page.endswith(READ_ON) for page in shown[:-2])
    assert "".join(page.removesuffix(READ_ON) for page in shown[:-1]) == f"{long}\n\n1. 年费\n回复数字选择"
    assert pages(Response(Outcome.ANSWER, (Reply("短"),))) == ["短", NO_MORE]


def test_nothing_to_say_is_success_and_a_failure_is_polite() -> None:
    def fail(message: Message) -> Response:
        raise RuntimeError("密码 123456")

    assert push(text("问"), app=FakeApp(lambda _: Response(Outcome.DONE))) == [None]
    assert push(text("问"), app=FakeApp(lambda _: Response(Outcome.DONE, (Reply("\x00 "),)))) == [None]
    assert push(text("问"), app=FakeApp(lambda _: Response(Outcome.ERROR, (Reply("抱歉"),)))) == ["抱歉"]
    assert push(text("问"), app=FakeApp(fail)) == [APOLOGY]


def test_the_custom_menu_keeps_wechats_limits() -> None:
    buttons = menu()["button"]
    assert 1 <= len(buttons) <= 3
    leaves = [leaf for button in buttons for leaf in button["sub_button"]]
    assert all(1 <= len(button["sub_button"]) <= 5 for button in buttons)
    assert all(len(button["name"].encode()) <= 12 for button in buttons)
    assert all(len(leaf["name"].encode()) <= 24 for leaf in leaves)
    assert all(0 < len(leaf["key"].encode()) <= PRESS_BYTES for leaf in leaves)
    assert {leaf["type"] for leaf in leaves} == {"click", "location_select"}


# -- whatever may come -------------------------------------------------------------------------------------

_HEAD = f"<ToUserName>{ACCOUNT}</ToUserName><FromUserName>{OPENID}</FromUserName><CreateTime>1700000000</CreateTime>"


@pytest.mark.parametrize(
    "body",
    [
        "", " ", "{}", "<xml", "<xml/>", "<xml>a</xml>", "<html><body/></html>", "\ufeff", "<xml><MsgType/></xml>",
        f"<xml>{_HEAD}</xml>",
        f"<xml>{_HEAD}<MsgType>text</MsgType><Content>a</Content></xml>",
        f"<xml>{_HEAD}<MsgType>text</MsgType><Content>a</Content><MsgId>x</MsgId></xml>",
        f"<xml>{_HEAD}<MsgType>text</MsgType><Content>a</Content><Content>b</Content><MsgId>1</MsgId></xml>",
        f"<xml>{_HEAD}<MsgType>text</MsgType><Content><a>b</a></Content><MsgId>1</MsgId></xml>",
        f"<xml>{_HEAD}<MsgType>text</MsgType><Content a='b'>c</Content><MsgId>1</MsgId></xml>",
        f"<xml>{_HEAD}<MsgType>text</MsgType><MsgType>text</MsgType><MsgId>1</MsgId></xml>",
        f"<xml>{_HEAD}{_HEAD}<MsgType>text</MsgType><Content>a</Content><MsgId>1</MsgId></xml>",
        "<xml><MsgType>text</MsgType><Content>a</Content><MsgId>1</MsgId></xml>",
        f"<xml>{_HEAD}<MsgType>location</MsgType><MsgId>1</MsgId></xml>",
        f"<xml>{_HEAD}<MsgType>location</MsgType><Location_X>nan</Location_X><Location_Y>1</Location_Y><MsgId>1</MsgId></xml>",
        f"<xml>{_HEAD}<MsgType>location</MsgType><Location_X>91</Location_X><Location_Y>1</Location_Y><MsgId>1</MsgId></xml>",
        f"<xml>{_HEAD}<MsgType>event</MsgType><Event>CLICK</Event><Event>VIEW</Event></xml>",
        f"<xml>{_HEAD}<MsgType>event</MsgType><Event>CLICK</Event><EventKey><a/></EventKey></xml>",
        _HEAD.join(("<xml>", "<MsgType>event</MsgType><Event>subscribe</Event></xml>")).replace("1700000000", ""),
        "<!DOCTYPE x [<!ENTITY a 'b'>]><xml><MsgType>&a;</MsgType></xml>",
        "<a>" * 20_000,
        "<a>" * 18_000 + "</a>" * 18_000,
    ],
)  # fmt: skip
def test_malformed_messages_are_refused_in_plain_and_sealed(body: str) -> None:
    assert status(lambda peer: peer.query(), body.encode()) == 400
    sealed = Seal(KEY, APP_ID).close(body)
    envelope = f"<xml><Encrypt>{sealed}</Encrypt></xml>".encode()
    if len(envelope) <= BODY_BYTES:
        assert status(lambda peer: peer.query(sealed), envelope, mode="encrypted") == 400


def test_large_broken_and_packed_bodies() -> None:
    async def body() -> None:
        async def chunks(count: int) -> AsyncIterator[bytes]:
            for _ in range(count):
                yield b"a" * 8192

        app = FakeApp()
        async with serving(app, account()) as peer:
            assert (await peer.post(peer.query(), b"a" * (BODY_BYTES + 1)))[0] == 413
            assert (await peer.post(peer.query(), chunks(40)))[0] == 413
            assert (await peer.post(peer.query(), chunks(3)))[0] == 400
            packed = {"headers": {"Content-Encoding": "gzip"}}
            assert (await peer.post(peer.query(), gzip.compress(b"a" * BODY_BYTES * 9), **packed))[0] == 413
            assert (await peer.post(peer.query(), text("字" * 20_000).encode()))[0] == 200
        assert len(app.turns) == 1

    run(body())


def test_a_body_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.channels.wechat_crypto.BODY_SECONDS", 0.05)

    async def endless() -> AsyncIterator[bytes]:
        yield b"<xml>"
        await asyncio.sleep(0.3)

    assert status(lambda peer: peer.query(), endless()) == 408


_NAMES = "ToUserName FromUserName CreateTime MsgType Event EventKey Content MsgId Location_X Location_Y Encrypt xml"
_TAGS = st.sampled_from(_NAMES.split())
_VALUES = st.sampled_from(
    ["text", "event", "location", "device_text", "subscribe", "CLICK", "1", "-1", OPENID, "qrscene_"]
)
_BODIES = st.one_of(
    st.binary(max_size=80),
    st.text(max_size=80).map(lambda s: s.encode("utf-8", "surrogatepass")),
    st.lists(st.tuples(_TAGS, _VALUES | st.text(max_size=8)), max_size=12).map(
        lambda fields: f"<xml>{''.join(f'<{n}><![CDATA[{v}]]></{n}>' for n, v in fields)}</xml>".encode(
            "utf-8", "replace"
        )
    ),
)


@pytest.mark.parametrize("mode", ["plain", "encrypted"])
def test_no_body_brings_the_server_down(mode: str) -> None:
    seal = Seal(KEY, APP_ID)

    def wrapped(peer: WechatPeer, body: bytes, layer: int) -> tuple[dict[str, str], bytes]:
        """The body as it is, or inside an envelope, or as a message that is sealed and signed rightly."""
        if mode == "plain":
            return peer.query(), body
        if layer == 0:
            return peer.query("AAAA"), body
        plain = b"\0" * 16 + len(body).to_bytes(4, "big") + body + APP_ID.encode()
        padding = 32 - len(plain) % 32
        text = seal.close_raw(plain + bytes([padding]) * padding) if layer == 1 else b64encode(body).decode()
        return peer.query(text), f"<xml><Encrypt>{text}</Encrypt></xml>".encode()

    with asyncio.Runner() as runner:
        server = serving(FakeApp(), account(mode))
        peer = runner.run(server.__aenter__())

        @given(_BODIES, st.integers(0, 2))
        @settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None)
        def try_body(body: bytes, layer: int) -> None:
            code, _ = runner.run(peer.post(*wrapped(peer, body, layer)))
            assert code == 200 or 400 <= code < 500

        try_body()
        runner.run(server.__aexit__(None, None, None))


# -- settings ----------------------------------------------------------------------------------------------


def test_settings_are_read_and_wrong_ones_are_named() -> None:
    def ours(**values: str) -> WechatSettings | None:
        return WechatSettings.read(read_settings({f"IPBOT_WECHAT_{name}": value for name, value in values.items()}))

    assert ours() is None
    assert ours(TOKEN="t") == WechatSettings("t")
    sealed = {"TOKEN": "t", "APP_ID": APP_ID, "AES_KEY": KEY}
    assert ours(**sealed, DATUM="wgs84") == WechatSettings("t", APP_ID, KEY, "", Mode.ENCRYPTED, Datum.WGS84)
    both = ours(**sealed, AES_KEY_OLD=OLD_KEY, MODE="compatible")
    assert both is not None
    assert (both.mode, both.keys) == (Mode.COMPATIBLE, (KEY, OLD_KEY))
    for wrong, named in (
        ({"TOKEN": "t", "MODE": "open"}, "IPBOT_WECHAT_MODE"),
        ({"TOKEN": "t", "MODE": "encrypted"}, "IPBOT_WECHAT_AES_KEY"),
        ({"TOKEN": "t", "AES_KEY": KEY}, "IPBOT_WECHAT_APP_ID"),
        ({**sealed, "AES_KEY": "short"}, "IPBOT_WECHAT_AES_KEY"),
        ({**sealed, "AES_KEY_OLD": "短"}, "IPBOT_WECHAT_AES_KEY_OLD"),
        ({"TOKEN": "t", "DATUM": "bd09"}, "IPBOT_WECHAT_DATUM"),
    ):
        with pytest.raises(SettingError, match=named):
            ours(**wrong)
    with pytest.raises(SettingError, match="IPBOT_WECHAT_TOKEN"):
        WechatSettings("")


def test_a_server_that_fails_shows_the_person_wechats_own_notice() -> None:
    """The peer itself: a status other than 200 is what people see as an outage."""

    async def body() -> None:
        async with serving(FakeApp(), account("encrypted"), mode="plain") as peer:
            assert (await peer.push(text("问"))).text == UNAVAILABLE

    run(body())
