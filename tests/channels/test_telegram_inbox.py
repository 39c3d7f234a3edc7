"""No update is lost and none is answered twice: repeats, crashes, several processes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from bot.channels import telegram
from bot.messages import Outcome, Reply, Response
from tests.channels.telegram_rig import (
    BOTH,
    FakeApp,
    database,
    echo,
    hurry,
    keep,
    play,
    post,
    ready,
    remember_turn,
    rows,
    running,
    until,
)
from tests.telegram_peer import Peer


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    hurry(monkeypatch)
    monkeypatch.setattr(telegram, "SWEEP_SECONDS", 0.05)
    monkeypatch.setattr(telegram, "LEASE", timedelta(seconds=0.3))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    if request.param == "sqlite":
        yield from database(f"sqlite:///{tmp_path / 'bot.sqlite3'}")
    else:
        yield from database(request.getfixturevalue("postgresql"))


@pytest.mark.parametrize("seconds", [0, 0.1])
def test_a_repeated_update_is_answered_200_without_a_second_turn(engine: Engine, seconds: float):
    async def scene() -> None:
        async with Peer() as peer:
            app = FakeApp()
            app.slow = {"慢": seconds}
            async with running(peer, engine, app, webhook=True):
                await ready(peer)
                raw = {"update_id": 5, "message": peer.message(7, text="慢")}
                assert await asyncio.gather(*(post(peer, raw) for _ in range(20))) == [200] * 20
                await peer.sees(1)
                assert await post(peer, raw) == 200
                await until(lambda: not rows(engine))
                assert await post(peer, raw) == 200
                await asyncio.sleep(0.05)
            assert (app.texts, peer.texts()) == (["慢"], ["慢"])

    play(scene)


@BOTH
def test_what_was_answered_is_not_answered_after_a_restart(engine: Engine, webhook: bool):
    """The update comes again, as Telegram was not told that it arrived; the core has its turn, the inbox nothing."""

    async def scene() -> None:
        remember_turn(engine, 7, 1001)
        async with Peer() as peer:
            app = FakeApp()
            peer.say(7, "旧")
            peer.say(7, "新")
            peer.say(8, "别人")
            async with running(peer, engine, app, webhook=webhook):
                await peer.sees(2)
            assert sorted(app.texts) == ["别人", "新"]

    play(scene)


@BOTH
def test_what_was_kept_and_not_answered_is_answered_after_a_restart(engine: Engine, webhook: bool):
    async def scene() -> None:
        async with Peer() as peer:
            app = FakeApp()
            app.held = {"一"}
            async with running(peer, engine, app, webhook=webhook, crash=True):
                peer.say(7, "一")
                peer.say(7, "二")
                await until(lambda: app.texts == ["一"] and len(rows(engine)) == 2)
            assert peer.texts() == []
            app = FakeApp()
            peer.say(7, "三")
            async with running(peer, engine, app, webhook=webhook):
                await peer.sees(3)
                await until(lambda: not rows(engine))
                await asyncio.sleep(0.05)
            assert peer.texts() == app.texts
            if engine.dialect.name == "sqlite":
                assert app.texts == ["一", "二", "三"]
            else:  # others may be at work on what is there at the start: it is left alone for a while
                assert app.texts == ["三", "一", "二"]

    play(scene)


def test_an_answer_is_kept_before_telegram_is_told_that_the_update_arrived(engine: Engine):
    """The offset passes an update only when it is in the inbox; while the database is away nothing is lost."""

    async def scene() -> None:
        async with Peer() as peer:
            app = FakeApp()
            async with running(peer, engine, app) as channel:
                await until(lambda: channel._ready)
                with engine.begin() as connection:
                    connection.exec_driver_sql("ALTER TABLE inbox RENAME TO away")
                peer.say(7, "一")
                await asyncio.sleep(0.1)
                assert peer.pending
                assert app.heard == []
                with engine.begin() as connection:
                    connection.exec_driver_sql("ALTER TABLE away RENAME TO inbox")
                await peer.sees(1)
                await until(lambda: not peer.pending)

    play(scene)


def test_a_part_that_was_sent_is_not_sent_again(engine: Engine):
    async def scene() -> None:
        app = FakeApp(lambda _: Response(Outcome.ANSWER, tuple(Reply(text) for text in "甲乙丙")))
        async with Peer() as peer:
            peer.faults["sendMessage"].extend(["", "slow 3"])
            async with running(peer, engine, app, crash=True):
                peer.say(7, "问")
                await peer.sees(1)
                await until(lambda: rows(engine)[0].body["sent"] == 2)
            peer.faults.clear()
            async with running(peer, engine, app):
                await until(lambda: not rows(engine))
            # nobody knows about the second: it was on its way
            assert peer.texts() == ["甲", "丙"]

    play(scene)


def test_stopping_lets_answers_go_out(engine: Engine):
    async def scene() -> None:
        async with Peer() as peer:
            app = FakeApp()
            app.slow, app.held = {"慢": 0.1}, {"太慢"}
            async with running(peer, engine, app):
                peer.say(7, "慢")
                peer.say(8, "太慢")
                await until(lambda: len(app.heard) == 2)
            assert peer.texts() == ["慢"]
            assert [row.body["update"]["message"]["text"] for row in rows(engine)] == ["太慢"]
            assert peer.pending == []  # both are confirmed

    play(scene)


def test_what_could_not_go_out_is_sent_when_telegram_is_back(engine: Engine):
    async def scene() -> None:
        async with Peer() as peer:
            app = FakeApp()
            app.held = {"一"}
            async with running(peer, engine, app):
                peer.say(7, "一")
                await until(lambda: app.texts == ["一"])
                await peer.unplug()
                app.release.set()
                await asyncio.sleep(0.2)
                await until(lambda: rows(engine)[0].body["sent"] == 0)
                await peer.plug()
                await peer.sees(1)
                await until(lambda: not rows(engine))
            assert peer.texts() == ["一"]

    play(scene)


def test_what_is_being_worked_on_is_not_taken_up_by_others(engine: Engine):
    """Two processes share the work: a slow turn keeps its row by renewing it."""

    async def scene() -> None:
        app = FakeApp()
        app.slow = {"慢": 0.7}
        async with Peer() as peer, AsyncExitStack() as both:
            await both.enter_async_context(running(peer, engine, app, webhook=True))
            await ready(peer)
            second = await both.enter_async_context(running(peer, engine, app, webhook=True))
            await until(lambda: second._ready)
            peer.say(7, "慢")
            await peer.sees(1)
            await until(lambda: not rows(engine))
            assert (app.texts, peer.texts()) == (["慢"], ["慢"])

    play(scene)


def test_rows_that_cannot_be_read_or_are_too_old_are_dropped(engine: Engine):
    async def scene() -> None:
        keep(engine, {"update_id": 1, "message": 5})
        keep(engine, {"update_id": 2, "edited_message": {}} | {"edited_message": None})
        async with Peer() as peer:
            old = datetime.now(UTC) - timedelta(hours=25)
            keep(engine, {"update_id": 3, "message": peer.message(7, text="昨天")}, at=old)
            keep(engine, {"update_id": 4, "message": peer.message(7, text="今天")})
            async with running(peer, engine, FakeApp()):
                await until(lambda: not rows(engine))
            assert peer.texts() == ["今天"]

    play(scene)


def test_a_turn_that_fails_stays_and_one_that_cannot_be_written_goes(engine: Engine, caplog: pytest.LogCaptureFixture):
    async def scene() -> None:
        async with Peer() as peer:
            app = FakeApp()
            app.broken = True
            async with running(peer, engine, app):
                peer.say(7, "一")
                await until(lambda: len(app.heard) == 1)
                await asyncio.sleep(0.05)
                assert len(rows(engine)) == 1
                app.broken = False
                app.answer = lambda _: Response(Outcome.ANSWER, (Reply(None),))  # type: ignore[arg-type]
                peer.say(7, "二")
                await until(lambda: len(rows(engine)) == 1 and len(app.heard) == 2)
                app.answer = echo
                peer.say(7, "三")
                await peer.sees(1)

    play(scene)
    assert "could not be handled" in caplog.text
    assert "could not be written" in caplog.text
