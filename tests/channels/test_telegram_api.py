"""Requests to the Bot API: what each failure means, and that nothing told about it holds the token."""

from __future__ import annotations

import json

import pytest
from telegram import Bot
from telegram.error import InvalidToken, NetworkError, TelegramError, TimedOut

from bot.channels import telegram_api
from bot.channels.telegram_api import AiohttpRequest, NotSentError, TelegramSettings, TooFastError, make_bot
from bot.settings import SettingError, read_settings
from tests.channels.telegram_rig import play
from tests.telegram_peer import TOKEN, Peer
from tests.telegram_rules import Refusal


def test_errors_are_told_apart_and_never_name_the_token(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(telegram_api, "WRITE_SECONDS", 0.1)

    async def fails(bot: Bot, kind: type[Exception]) -> None:
        with pytest.raises(kind) as raised:
            await bot.send_message(7, "x", read_timeout=0.05, connect_timeout=0.05)
        assert TOKEN not in repr(raised.value)
        assert raised.value.__cause__ is None or TOKEN not in repr(raised.value.__cause__)
        assert raised.value.__suppress_context__ or raised.value.__context__ is None

    async def scene() -> None:
        async with Peer() as peer:
            bot, _, _ = make_bot(TelegramSettings(TOKEN, api=peer.api))
            await bot.initialize()
            peer.faults["sendMessage"].extend(["slow 0.3", "drop_before", "not json"])
            await fails(bot, TimedOut)
            await fails(bot, NetworkError)
            await fails(bot, TelegramError)
            refusal = Refusal(429, "Too Many Requests")
            peer.faults["sendMessage"].append(refusal)
            await fails(bot, TooFastError)
            await peer.unplug()
            await fails(bot, NotSentError)
            await peer.plug()
            await bot.shutdown()

        request = AiohttpRequest()
        with pytest.raises(NotSentError):
            await request.do_request("http://127.0.0.1/", "POST")
        await request.initialize()
        with pytest.raises(NotSentError):
            await request.do_request("no address", "POST")
        await request.shutdown()
        await request.shutdown()

    play(scene)


def test_a_proxy_that_is_away_means_nothing_went_out():
    async def scene() -> None:
        async with Peer() as peer:
            port = peer.port
        bot, _, _ = make_bot(TelegramSettings(TOKEN, api="http://api.test", proxy=f"http://127.0.0.1:{port}"))
        with pytest.raises(NotSentError):
            await bot.initialize()
        await bot.shutdown()

    play(scene)


def test_the_proxy_is_used():
    async def scene() -> None:
        async with Peer() as peer:  # a proxy is asked for the whole address, and the peer looks at its path only
            bot, _, _ = make_bot(TelegramSettings(TOKEN, api="http://api.test", proxy=peer.api))
            await bot.initialize()
            assert bot.username == "ip_test_bot"
            await bot.shutdown()

    play(scene)


def test_the_answer_must_be_one_of_the_bot_api():
    for payload in (b"", b"[]", b"\xff", b'{"ok": true}', b"[" * 100_000):
        with pytest.raises(TelegramError):
            AiohttpRequest.parse_json_payload(payload)
    assert AiohttpRequest.parse_json_payload(b'{"ok": false}') == {"ok": False}


@pytest.mark.parametrize(("value", "seconds"), [(3, 3), ("2", 2), (-1, 5), (None, 5), ([], 5), ("x", 5)])
def test_how_long_to_be_silent(value: object, seconds: float):
    payload = json.dumps({"parameters": {"retry_after": value}}).encode()
    assert telegram_api._retry_after(payload) == seconds


def test_a_wrong_token_is_told_apart():
    async def scene() -> None:
        async with Peer() as peer:
            bot, _, _ = make_bot(TelegramSettings("4200:wrong", api=peer.api))
            with pytest.raises(InvalidToken):
                await bot.initialize()
            await bot.shutdown()

    play(scene)


def test_settings():
    assert TelegramSettings.read(read_settings({})) is None
    given = {"IPBOT_TELEGRAM_TOKEN": TOKEN, "IPBOT_TELEGRAM_PROXY": "http://u:p@proxy:3128"}
    made = TelegramSettings.read(read_settings(given))
    assert made is not None
    assert (made.account, made.host, made.webhook) == ("4200", "api.telegram.org", "")
    assert "test-token" not in repr(made)
    assert "proxy" not in repr(made)
    assert TelegramSettings("nonsense").account == "unknown"
    for wrong in (
        {"proxy": "socks5://127.0.0.1:1"},
        {"secret": "中文"},
        {"secret": "x" * 257},
        {"webhook": "bot.cn"},
        {"token": ""},
    ):
        with pytest.raises(SettingError, match="IPBOT_TELEGRAM_"):
            TelegramSettings(**({"token": TOKEN} | wrong))
