"""The webhook: only Telegram gets in, and whatever is posted there is answered sensibly."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from bot.channels import telegram, telegram_intake
from bot.channels.telegram import BODY_BYTES
from tests.channels.telegram_rig import (
    FakeApp,
    database,
    hurry,
    play,
    post,
    ready,
    rows,
    running,
    until,
)
from tests.telegram_peer import Peer


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    hurry(monkeypatch)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    yield from database(f"sqlite:///{tmp_path / 'bot.sqlite3'}")


def test_only_telegram_gets_in(engine: Engine):
    async def scene() -> None:
        async with Peer() as peer:
            app = FakeApp()
            async with running(peer, engine, app, webhook=True):
                await ready(peer)
                raw = {"update_id": 5, "message": peer.message(7, text="一")}
                for secret in (None, "", "wrong", "s3cret-Token", "s3cret-Token_x", "S3CRET-TOKEN_", "密"):
                    assert await post(peer, raw, secret) == 403
                assert app.heard == []
                assert await post(peer, raw) == 200
                await peer.sees(1)

    play(scene)


def test_without_a_secret_one_is_made_from_the_token(engine: Engine):
    async def scene() -> None:
        async with Peer() as peer, running(peer, engine, FakeApp(), webhook=True, secret=""):
            peer.say(7, "一")
            await peer.sees(1)
            assert peer.webhook is not None
            assert len(peer.webhook["secret_token"]) == 64
            assert await post(peer, {"update_id": 5}, "") == 403

    play(scene)


def test_bodies_that_are_too_large_or_no_updates(engine: Engine):
    async def scene() -> None:
        async with Peer() as peer, running(peer, engine, FakeApp(), webhook=True):
            await ready(peer)
            assert await post(peer, b" " * (BODY_BYTES + 1)) == 413
            assert await post(peer, b" " * BODY_BYTES) == 400
            huge = b'{"update_id":' + b"9" * 5000 + b"}"
            for body in (b"", b"{", b"null", b"[]", b"{}", b'{"update_id":NaN}', b"\xff\xfe", b"[" * 200_000, huge):
                assert await post(peer, body) == 400
            assert await post(peer, {"update_id": 5, "message_reaction": {}}) in (200, 400)
            assert await post(peer, {"update_id": 6, "something_new": {}}) == 200
            assert rows(engine) == []

    play(scene)


def test_telegram_brings_again_what_was_not_taken(engine: Engine):
    """Before the channel has begun, and while the database is away, the answer is not 2xx."""

    async def scene() -> None:
        async with Peer() as peer:
            peer.faults["deleteWebhook"].clear()
            peer.say(7, "一")
            with engine.begin() as connection:
                connection.exec_driver_sql("ALTER TABLE inbox RENAME TO away")
            async with running(peer, engine, FakeApp(), webhook=True):
                await until(lambda: len(peer.posts) > 1)
                assert set(peer.posts) <= {503, 500}
                with engine.begin() as connection:
                    connection.exec_driver_sql("ALTER TABLE away RENAME TO inbox")
                await peer.sees(1)
                assert peer.posts[-1] == 200

    play(scene)


def test_when_too_much_is_waiting_telegram_is_asked_to_come_again(engine: Engine, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(telegram_intake, "WAITING", 2)

    async def scene() -> None:
        async with Peer() as peer:
            app = FakeApp()
            app.held = {"慢"}
            async with running(peer, engine, app, webhook=True):
                for text in ("慢", "二", "三", "四"):
                    peer.say(7, text)
                await until(lambda: 503 in peer.posts[1:])
                app.release.set()
                await peer.sees(4)
            assert peer.texts() == ["慢", "二", "三", "四"]

    play(scene)


def test_a_body_that_never_ends(engine: Engine, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(telegram, "BODY_SECONDS", 0.05)

    async def scene() -> None:
        async def endless() -> Any:
            yield b"{"
            await asyncio.sleep(0.5)
            yield b"}"

        async with Peer() as peer, running(peer, engine, FakeApp(), webhook=True):
            await ready(peer)
            assert peer.webhook is not None
            headers = {"X-Telegram-Bot-Api-Secret-Token": "s3cret-Token_"}
            async with (
                aiohttp.ClientSession() as session,
                session.post(peer.webhook["url"], data=endless(), headers=headers) as response,
            ):
                assert response.status == 408

    play(scene)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["update_id", "message", "chat", "from", "id", "text", "date", "type"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)
BODIES = st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode())


def test_any_body_is_400_or_200(engine: Engine):
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        peer = runner.run(stack.enter_async_context(Peer()))
        runner.run(stack.enter_async_context(running(peer, engine, FakeApp(), webhook=True)))
        runner.run(ready(peer))

        @settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
        @given(BODIES)
        def fuzz(body: bytes) -> None:
            assert runner.run(post(peer, body)) in (200, 400)

        try:
            fuzz()
        finally:
            runner.run(stack.aclose())
