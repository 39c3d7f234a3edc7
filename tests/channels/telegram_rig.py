"""A Telegram channel with a simple App behind it, talking to the peer; on a real database file."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, web
from sqlalchemy import Engine, insert, select

from bot.channels import telegram, telegram_send
from bot.channels.telegram import TelegramChannel, TelegramSettings
from bot.database.engine import open_engine
from bot.database.migrate import migrate
from bot.database.tables import inbox, metadata, people, turns
from bot.files import Incoming
from bot.messages import Message, Outcome, Person, Place, Press, Reply, Response, Text
from tests.telegram_peer import TOKEN, Peer

SECRET = "s3cret-Token_"
COMMANDS = (("help", "怎么用"), ("/menu", "菜单"), ("Bad Name", "x"), ("empty", ""))


BOTH = pytest.mark.parametrize("webhook", [False, True], ids=["polling", "webhook"])


def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten the pauses."""
    monkeypatch.setattr(telegram, "FIRST_PAUSE", 0.02)
    monkeypatch.setattr(telegram, "POLL_SECONDS", 5)
    monkeypatch.setattr(telegram, "GRACE_SECONDS", 0.3)
    monkeypatch.setattr(telegram_send, "PAUSE", 0.05)


def database(url: str) -> Iterator[Engine]:
    """An empty database."""
    engine = open_engine(url)
    migrate(engine)
    with engine.begin() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())
    yield engine
    engine.dispose()


def echo(message: Message) -> Response:
    match message.body:
        case Text(words) | Press(words):
            return Response(Outcome.ANSWER, (Reply(words),))
        case Place(lat, lon):
            return Response(Outcome.ANSWER, (Reply(f"{lat} {lon}"),))
        case other:
            return Response(Outcome.GREET, (Reply(repr(other)),))


INCOMING = Incoming(Path("/nowhere"))


class FakeApp:
    """Remembers what it was told. ``slow`` are words that take so long, ``held`` those that wait for ``release``;
    ``broken`` says whether it fails."""

    def __init__(self, answer: Callable[[Message], Response] = echo) -> None:
        self.answer = answer
        self.heard: list[Message] = []
        self.slow: dict[str, float] = {}
        self.held: set[str] = set()
        self.release = asyncio.Event()
        self.broken = False
        self.running = self.most = 0

    async def wanted(self, person: Person, now: datetime) -> None:
        return None

    async def handle(self, message: Message) -> Response:
        self.heard.append(message)
        self.running += 1
        self.most = max(self.most, self.running)
        words = getattr(message.body, "text", "")
        try:
            await asyncio.sleep(self.slow.get(words, 0))
            if words in self.held:
                await self.release.wait()
        finally:
            self.running -= 1
        if self.broken:
            raise RuntimeError("closed")
        return self.answer(message)

    @property
    def texts(self) -> list[str]:
        return [getattr(m.body, "text", getattr(m.body, "say", repr(m.body))) for m in self.heard]


@asynccontextmanager
async def running(
    peer: Peer, engine: Engine, app: FakeApp, *, webhook: bool = False, crash: bool = False, **settings: Any
) -> AsyncIterator[TelegramChannel]:
    """The channel started, its routes served. With ``crash`` it is not stopped but torn down in mid-air."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        given = {"token": TOKEN, "api": peer.api, "webhook": address if webhook else "", "secret": SECRET} | settings
        channel = TelegramChannel(app, engine, TelegramSettings(**given), INCOMING, COMMANDS)
        server = web.Application()
        server.add_routes(channel.routes())
        runner = web.AppRunner(server, access_log=None, shutdown_timeout=0.1, lingering_time=0.1)
        await runner.setup()
        await web.SockSite(runner, listening).start()
        before = asyncio.all_tasks()
        await channel.start()
        try:
            yield channel
        finally:
            if crash:
                mine = asyncio.all_tasks() - before
                for task in mine:
                    task.cancel()
                await asyncio.gather(*mine, return_exceptions=True)
                await channel._bot.shutdown()
                channel._inbox.close()
            else:
                await channel.stop()
            await runner.cleanup()


async def post(peer: Peer, body: bytes | Any, secret: str | None = SECRET) -> int:
    """Post to the webhook that the peer was told."""
    assert peer.webhook is not None
    headers = {} if secret is None else {"X-Telegram-Bot-Api-Secret-Token": secret}
    async with ClientSession() as session:
        data = {"data": BytesIO(body)} if isinstance(body, bytes) else {"json": body}
        async with session.post(peer.webhook["url"], headers=headers, **data) as response:
            return response.status


async def ready(peer: Peer) -> None:
    """The channel has begun."""
    await peer.sees(1, "setWebhook", "deleteWebhook")
    while peer.webhook and await post(peer, b"x") == 503:
        await asyncio.sleep(0.01)


async def until(fine: Callable[[], bool], seconds: float = 5.0) -> None:
    async with asyncio.timeout(seconds):
        while not fine():
            await asyncio.sleep(0.005)


def play(scene: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a test's async body; nothing may be left running."""

    async def whole() -> None:
        async with asyncio.timeout(20):
            await scene()
        for _ in range(100):
            left = asyncio.all_tasks() - {asyncio.current_task()}
            if not left:
                return
            await asyncio.sleep(0.01)
        pytest.fail(f"left running: {left}")

    asyncio.run(whole())


def rows(engine: Engine) -> list[Any]:
    with engine.begin() as connection:
        return list(connection.execute(select(inbox).order_by(inbox.c.id)).all())


def keep(engine: Engine, raw: dict[str, Any], sent: int = 0, at: datetime | None = None) -> None:
    """A row of the inbox that an earlier process left."""
    at = at or datetime.now(UTC)
    body = {"update": raw, "at": at.isoformat(), "sent": sent}
    row = {"channel": "telegram", "account": "4200", "delivery": str(raw["update_id"]), "received": at, "body": body}
    with engine.begin() as connection:
        connection.execute(insert(inbox).values(row))


def remember_turn(engine: Engine, user: int, delivery: int) -> None:
    """What the core stores of a turn."""
    now = datetime.now(UTC)
    with engine.begin() as connection:
        person = {"channel": "telegram", "account": "4200", "native_id": str(user), "state": {}}
        id = connection.execute(insert(people).values(**person, first_seen=now, last_seen=now)).inserted_primary_key
        assert id is not None
        turn = {"person_id": id[0], "delivery": str(delivery), "at": now, "said": "x", "intent": "consult"}
        connection.execute(insert(turns).values(**turn, outcome="answer", free=True, response={}))
