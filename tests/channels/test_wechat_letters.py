"""Letters on WeChat: within the window, by notice outside it, held where nothing else is possible; and the API's failures."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.channels.delivered import Delivered, Held, Refused, Sent, Unsure, Wait
from bot.channels.wechat_api import Notice, WechatApiSettings
from bot.channels.wechat_letters import WechatLetters
from bot.channels.wechat_write import MORE_OF_IT, TEXT_BYTES
from bot.files import Files
from bot.letters import Letter
from bot.messages import Link, Option, Person, Reply
from bot.settings import SettingError, read_settings
from tests.conftest import TODAY
from tests.wechat_api_peer import APP_ID, SECRET, WechatApiPeer

NOTICE = Notice("subscribe", "TEMPLATE", (("thing1", "text"), ("time2", "time")))
REPLY = Reply(
    "您的申报已受理 😀 ]]> <a>",
    options=(Option("查看进度", "我的申报"),),
    links=(Link("官网", "https://www.cnipa.gov.cn/"),),
)


def letter(reply: Reply = REPLY, openid: str = "openid-1", in_window: bool = True) -> Letter:
    return Letter(1, 1, Person("wechat", "gh_1", openid), "status", reply, TODAY, in_window=in_window)


async def no_mark(_: int) -> None:
    raise AssertionError("one message a letter")


def play(
    files: Files,
    scene: Callable[[WechatApiPeer, WechatLetters], Coroutine[Any, Any, None]],
    notice: Notice | None = None,
) -> None:
    async def run() -> None:
        async with WechatApiPeer() as peer:
            sender = WechatLetters(WechatApiSettings(APP_ID, SECRET, peer.api, notice), files)
            await sender.start()
            await scene(peer, sender)
            await sender.stop()

    asyncio.run(run())


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path, "", 7)


def test_a_message_goes_out_as_written_while_the_window_is_open(files: Files) -> None:
    async def scene(peer: WechatApiPeer, sender: WechatLetters) -> None:
        peer.writes("openid-1")
        for _ in range(5):
            assert await sender.send(letter(), no_mark) == Sent()
        assert isinstance(await sender.send(letter(), no_mark), Held), "five are used up"
        assert isinstance(await sender.send(letter(openid="stranger"), no_mark), Held)
        text = peer.sent[0].text
        assert "您的申报已受理 😀" in text
        assert "查看进度：回复“我的申报”" in text
        assert '<a href="https://www.cnipa.gov.cn/">官网</a>' in text
        assert peer.escaped == 0
        assert peer.tokens == 1

    play(files, scene)


def test_a_long_letter_is_one_message_that_says_how_to_read_it_all(files: Files) -> None:
    async def scene(peer: WechatApiPeer, sender: WechatLetters) -> None:
        peer.writes("openid-1")
        assert await sender.send(letter(Reply("很长的一句话。" * 400)), no_mark) == Sent()
        assert len(peer.sent[0].text.encode()) <= TEXT_BYTES
        assert peer.sent[0].text.endswith(MORE_OF_IT)

    play(files, scene)


def test_a_token_that_ended_is_renewed_once_for_all(files: Files) -> None:
    async def scene(peer: WechatApiPeer, sender: WechatLetters) -> None:
        for n in range(10):
            peer.writes(f"openid-{n}")
        await sender.send(letter(), no_mark)
        peer.end_token()
        came = await asyncio.gather(*(sender.send(letter(openid=f"openid-{n}"), no_mark) for n in range(10)))
        assert came == [Sent()] * 10
        assert peer.tokens == 2

    play(files, scene)


def test_a_token_that_is_refused_for_ever_is_not_asked_for_without_end(files: Files) -> None:
    async def scene(peer: WechatApiPeer, sender: WechatLetters) -> None:
        peer.faults.extend([40001] * 50)
        assert isinstance(await sender.send(letter(), no_mark), Refused)
        assert peer.tokens == 2

    play(files, scene)


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("drop_before", Unsure),
        ("drop_after", Unsure),
        ("not json", Unsure),
        (45009, Wait),
        (-1, Wait),
        (40164, Wait),
        (45015, Held),
        (45047, Held),
        (48001, Held),
        (45002, Refused),
        (40003, Refused),
    ],
)
def test_what_the_api_says_is_told(files: Files, fault: str | int, expected: type[Delivered]) -> None:
    async def scene(peer: WechatApiPeer, sender: WechatLetters) -> None:
        peer.writes("openid-1")
        peer.faults.append(fault)
        came = await sender.send(letter(), no_mark)
        assert isinstance(came, expected)
        if isinstance(came, Wait):
            assert came.all == (fault in (45009, 40164))

    play(files, scene)


def test_a_wrong_secret_holds_up_the_lane(files: Files) -> None:
    async def run() -> None:
        async with WechatApiPeer() as peer:
            sender = WechatLetters(WechatApiSettings(APP_ID, "wrong", peer.api), files)
            await sender.start()
            came = await sender.send(letter(), no_mark)
            assert isinstance(came, Wait)
            assert came.all
            await sender.stop()
            api = peer.api
        gone = WechatLetters(WechatApiSettings(APP_ID, SECRET, api), files)
        await gone.start()
        came = await gone.send(letter(), no_mark)
        assert isinstance(came, Wait), "nothing listens there"
        await gone.stop()

    asyncio.run(run())


def test_outside_the_window_a_notice_tells_that_something_waits(files: Files) -> None:
    async def scene(peer: WechatApiPeer, sender: WechatLetters) -> None:
        peer.subscribed.add("openid-1")
        outside = letter(replace(REPLY, text="第一行很长很长很长很长很长很长很长很长很长\n第二行"), in_window=False)
        assert await sender.send(outside, no_mark) == Held("noticed")
        (sent,) = peer.sent
        assert sent.body["template_id"] == "TEMPLATE"
        assert sent.body["data"] == {
            "thing1": {"value": "第一行很长很长很长很长很长很长很长很长…"},
            "time2": {"value": "11月22日 12:00"},
        }
        stranger = replace(outside, person=Person("wechat", "gh_1", "stranger"))
        assert await sender.send(stranger, no_mark) == Held("window; notice 43101")

    play(files, scene, NOTICE)


def test_an_account_without_the_api_holds_everything(files: Files) -> None:
    async def run() -> None:
        sender = WechatLetters(None, files)
        await sender.start()
        assert await sender.send(letter(), no_mark) == Held("no rights")
        await sender.stop()

    asyncio.run(run())


@pytest.mark.parametrize(
    "text", ["x", "subscribe:T", "subscribe::thing1=text", "letter:T:thing1=text", "template:T:thing1=x", "template:T:"]
)
def test_a_notice_that_cannot_be_used_is_refused_by_name(text: str) -> None:
    settings = {"IPBOT_WECHAT_APP_ID": APP_ID, "IPBOT_WECHAT_APP_SECRET": SECRET, "IPBOT_WECHAT_NOTICE": text}
    with pytest.raises(SettingError, match="IPBOT_WECHAT_NOTICE"):
        WechatApiSettings.read(read_settings(settings))


def test_the_settings_of_the_api() -> None:
    values = {"IPBOT_WECHAT_APP_ID": APP_ID, "IPBOT_WECHAT_APP_SECRET": SECRET}
    values["IPBOT_WECHAT_NOTICE"] = "subscribe:TEMPLATE:thing1=text,time2=time"
    found = WechatApiSettings.read(read_settings(values))
    assert found is not None
    assert found.notice == NOTICE
    assert SECRET not in repr(found)
    assert WechatApiSettings.read(read_settings({})) is None
    with pytest.raises(SettingError, match="IPBOT_WECHAT_APP_ID"):
        WechatApiSettings.read(read_settings({"IPBOT_WECHAT_APP_SECRET": SECRET}))
