"""What came from Telegram and is not answered yet: kept in the inbox table, worked off in order for each person."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, Engine, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.database.engine import transact
from bot.database.tables import inbox, people, turns
from bot.messages import Message

log = logging.getLogger(__name__)

WAITING = 2000  # updates held in memory
KEPT = timedelta(hours=24)  # an update that could not be answered for so long is dropped
_THREADS = 4

K = TypeVar("K")
V = TypeVar("V")
T = TypeVar("T")
R = TypeVar("R")


class Recent(Generic[K, V]):
    """The last ``most`` things that were added."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[K, V] = OrderedDict()

    def add(self, key: K, value: V) -> None:
        self._kept[key] = value
        self._kept.move_to_end(key)
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)

    def drop(self, key: K) -> V | None:
        return self._kept.pop(key, None)

    def get(self, key: K, default: V) -> V:
        return self._kept.get(key, default)

    def __contains__(self, key: K) -> bool:
        return key in self._kept


@dataclass(frozen=True, slots=True)
class Stored:
    """A row of the inbox: the update as it came, and how many parts of its answer need not be sent again."""

    id: int
    update: Mapping[str, Any]
    sent: int = 0


class Inbox:
    """The updates of one account that are not answered yet.

    The column ``received`` is when the update came or was last taken up: who moves it on with compare-and-set has the
    update, and keeps it by renewing. So several processes may share the work.
    """

    def __init__(self, engine: Engine, channel: str, account: str) -> None:
        self._engine = engine
        self._of = {"channel": channel, "account": account}
        self._mine = (inbox.c.channel == channel) & (inbox.c.account == account)
        # SQLite has one writer: more threads would only fight for its lock
        threads = 1 if engine.dialect.name == "sqlite" else _THREADS
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="inbox")

    async def store(self, message: Message, raw: Mapping[str, Any]) -> Stored | None:
        """Keep an update; None when it is here already or was answered before."""

        def work(connection: Connection) -> Stored | None:
            answered = (
                select(turns.c.id)
                .join(people)
                .where(
                    (people.c.channel == message.person.channel)
                    & (people.c.account == message.person.account)
                    & (people.c.native_id == message.person.id)
                    & (turns.c.delivery == message.key)
                )
            )
            if connection.execute(answered).first() is not None:
                return None
            dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
            row = connection.execute(
                dialect.insert(inbox)
                .values(
                    **self._of,
                    delivery=message.key,
                    received=message.at,
                    body={"update": dict(raw), "at": message.at.isoformat(), "sent": 0},
                )
                .on_conflict_do_nothing()
                .returning(inbox.c.id)
            ).first()
            return None if row is None else Stored(row.id, raw)

        return await self._run(work)

    async def mark(self, stored: Stored, sent: int) -> None:
        """Remember how many parts of the answer need not be sent again."""

        def work(connection: Connection) -> None:
            row = connection.execute(select(inbox.c.body).where(inbox.c.id == stored.id)).first()
            if row is not None:
                body = {**row.body, "sent": sent}
                connection.execute(update(inbox).where(inbox.c.id == stored.id).values(body=body))

        await self._run(work)

    async def remove(self, stored: Stored) -> None:
        """The update is answered, or never will be."""

        def work(connection: Connection) -> None:
            connection.execute(delete(inbox).where(inbox.c.id == stored.id))

        await self._run(work)

    async def take(self, now: datetime, idle: timedelta | None, apart: timedelta = timedelta()) -> list[Stored]:
        """Take up what nobody has touched for ``idle`` (None: all), oldest first; what is too old is dropped.

        What a process left behind was touched at times up to ``apart``; it is taken together, so that it stays in order.
        """

        def work(connection: Connection) -> list[Stored]:
            rows = select(inbox.c.id, inbox.c.received, inbox.c.body).where(self._mine).order_by(inbox.c.id)
            if idle is not None:
                rows = rows.where(inbox.c.received < now - idle + apart)
            left = connection.execute(rows).all()
            if idle is not None and not any(row.received < now - idle for row in left):
                return []
            taken = []
            for row in left:
                this = (inbox.c.id == row.id) & (inbox.c.received == row.received)
                if datetime.fromisoformat(row.body["at"]) < now - KEPT:
                    connection.execute(delete(inbox).where(this))
                    log.warning("an update was never answered and is dropped", extra=self._of)
                elif connection.execute(update(inbox).where(this).values(received=now)).rowcount:
                    taken.append(Stored(row.id, row.body["update"], row.body["sent"]))
            return taken

        return await self._run(work)

    async def renew(self, ids: Collection[int], now: datetime) -> None:
        """These are still being worked on."""

        def work(connection: Connection) -> None:
            connection.execute(update(inbox).where(inbox.c.id.in_(ids)).values(received=now))

        if ids:
            await self._run(work)

    def close(self) -> None:
        self._threads.shutdown(wait=True)

    async def _run(self, work: Callable[[Connection], R]) -> R:
        return await asyncio.get_running_loop().run_in_executor(self._threads, partial(transact, self._engine, work))


class Lanes(Generic[T]):
    """Work that is done in order for each person, and at the same time for different ones."""

    def __init__(self, work: Callable[[T], Awaitable[None]]) -> None:
        self._work = work
        self._lanes: dict[str, deque[T]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._waiting = 0
        self._room = asyncio.Event()
        self._room.set()

    @property
    def full(self) -> bool:
        return self._waiting >= WAITING

    async def room(self) -> None:
        """Wait until there is room for more."""
        await self._room.wait()

    def put(self, key: str, item: T) -> None:
        self._waiting += 1
        if self.full:
            self._room.clear()
        lane = self._lanes.get(key)
        if lane is not None:
            lane.append(item)
            return
        self._lanes[key] = deque([item])
        task = asyncio.create_task(self._run(key))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, key: str) -> None:
        lane = self._lanes[key]
        while lane:
            try:
                await self._work(lane.popleft())
            except Exception:
                log.exception("an update could not be handled")
            finally:
                self._waiting -= 1
                if not self.full:
                    self._room.set()
        del self._lanes[key]

    async def close(self, seconds: float) -> None:
        """Let the work end; after ``seconds`` it is broken off."""
        tasks = list(self._tasks)
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=seconds)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
