"""The Telegram channel when Telegram is out of reach, refuses, or sends what cannot be read."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy import Engine

from bot.channels import telegram, telegram_intake
from tests.channels.telegram_rig import (
    BOTH,
    FakeApp,
    database,
    hurry,
    play,
    rows,
    running,
    until,
)
from tests.telegram_peer import TOKEN, Peer
from tests.telegram_rules import Refusal


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    hurry(monkeypatch)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    yield from database(f"sqlite:///{tmp_path / 'bot.sqlite3'}")


@BOTH
def test_it_starts_without_telegram_and_goes_on_trying(engine: Engine, webhook: bool, caplog: pytest.LogCaptureFixture):
    async def scene() -> None:
        async with Peer() as peer:
            await peer.unplug()
            async with running(peer, engine, FakeApp(), webhook=webhook):
                await asyncio.sleep(0.1)
                assert len(caplog.records) == 1  # one clear line, not one for each attempt
                await peer.plug()
                peer.say(7, "你好")
                await peer.sees(1)

    play(scene)
    assert "Telegram cannot be reached at 127.0.0.1" in caplog.text


@pytest.mark.parametrize("right", [TOKEN, "nonsense"])
def test_a_wrong_token_is_one_line_in_the_log(engine: Engine, right: str, caplog: pytest.LogCaptureFixture):
    async def scene() -> None:
        async with Peer() as peer:
            peer.token = right
            async with running(peer, engine, FakeApp(), token="4200:very-secret"):
                await asyncio.sleep(0.1)
                assert len(peer.refused) > 1
                peer.token = "4200:very-secret"
                peer.say(7, "你好")
                await peer.sees(1)

    play(scene)
    assert [r.message for r in caplog.records][:1] == [
        "Telegram refuses the token (IPBOT_TELEGRAM_TOKEN); trying again until it works"
    ]
    assert "very-secret" not in caplog.text


def test_something_else_than_the_bot_api_answers(engine: Engine, caplog: pytest.LogCaptureFixture):
    async def scene() -> None:
        async with Peer() as peer:
            peer.faults["getMe"].extend(["not json", Refusal(502, "Bad Gateway"), Refusal(429, "x")])
            peer.faults["getMe"][2].body["parameters"] = {"retry_after": 0.02}  # type: ignore[union-attr]
            peer.faults["deleteWebhook"].append(Refusal(400, "Bad Request: no"))
            peer.faults["setMyCommands"].append(Refusal(400, "Bad Request: BOT_COMMAND_INVALID"))
            async with running(peer, engine, FakeApp()):
                peer.say(7, "你好")
                await peer.sees(1)

    play(scene)
    assert "refuses the menu of commands" in caplog.text


def test_a_second_poller_and_a_webhook_of_others(engine: Engine, caplog: pytest.LogCaptureFixture):
    async def scene() -> None:
        async with Peer() as peer, running(peer, engine, FakeApp()):
            peer.say(7, "一")
            await peer.sees(1)
            await until(lambda: peer.polls > 1)
            async with aiohttp.ClientSession() as session:
                await (await session.get(f"{peer.api}/bot{TOKEN}/getUpdates")).read()
                assert "somebody else polls" in caplog.text or await asyncio.sleep(0.1) is None
                peer.webhook = {"url": "http://elsewhere"}
                await until(lambda: ("getUpdates", 409) in peer.refused)
                peer.webhook = None
            peer.say(7, "二")
            await peer.sees(2)

    play(scene)
    assert "somebody else polls" in caplog.text


def test_polling_survives_faults_and_odd_updates(engine: Engine, caplog: pytest.LogCaptureFixture):
    async def scene() -> None:
        async with Peer() as peer, running(peer, engine, FakeApp()):
            peer.faults["getUpdates"].extend(
                ["drop_before", "not json", Refusal(500, "x"), Refusal(429, "x", retry_after=1)]
            )
            peer.faults["getUpdates"][3].body["parameters"] = {"retry_after": 0.01}  # type: ignore[union-attr]
            peer.push("message", {"text": "坏的"})
            peer.push("odd", {})
            peer.say(7, "好的")
            await peer.sees(1)
            await until(lambda: not peer.pending)
            assert peer.texts() == ["好的"]

    play(scene)
    assert "could not be read" in caplog.text


def test_a_server_that_does_not_wait_is_not_asked_all_the_time(engine: Engine, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(telegram, "POLL_SECONDS", 0)
    monkeypatch.setattr(telegram, "FIRST_PAUSE", 0.05)

    async def scene() -> None:
        async with Peer() as peer, running(peer, engine, FakeApp()):
            await asyncio.sleep(0.3)
            assert 1 < peer.polls < 12

    play(scene)


def test_nothing_more_is_fetched_while_too_much_is_waiting(engine: Engine, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(telegram_intake, "WAITING", 3)
    monkeypatch.setattr(telegram, "POLL_LIMIT", 2)

    async def scene() -> None:
        async with Peer() as peer:
            app = FakeApp()
            app.held = {"慢"}
            for text in ("慢", *"一二三四五六"):
                peer.say(7, text)
            async with running(peer, engine, app):
                await until(lambda: len(rows(engine)) >= 3)
                await asyncio.sleep(0.1)
                assert len(rows(engine)) == 4
                app.release.set()
                await peer.sees(7)
            assert peer.texts() == ["慢", *"一二三四五六"]

    play(scene)


def test_nothing_anybody_wrote_is_in_the_log(engine: Engine, caplog: pytest.LogCaptureFixture):
    async def scene() -> None:
        async with Peer() as peer:
            app = FakeApp()
            with caplog.at_level(logging.DEBUG, "bot"):
                async with running(peer, engine, app):
                    peer.faults["sendMessage"].extend(
                        ["drop_before", Refusal(400, "Bad Request: x"), Refusal(500, "x")]
                    )
                    for _ in range(3):
                        peer.say(7, "我的身份证号是秘密")
                    peer.say(7, "好")
                    await until(lambda: "好" in peer.texts())

    play(scene)
    assert caplog.records
    assert not any("秘密" in r.message or TOKEN in r.message for r in caplog.records if r.name.startswith("bot"))
