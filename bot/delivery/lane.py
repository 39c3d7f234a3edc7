"""One lane of delivery: letters of one channel's account, taken, sent at the same time in a few places, settled at once."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from bot.channels.delivered import Delivered, Refused, Sender, Sent, Unsure
from bot.delivery.outbox import Outbox, Taken, Terms
from bot.delivery.quiet import QuietHours
from bot.letters import Letter

log = logging.getLogger(__name__)
T = TypeVar("T")

IDLE_SECONDS = 0.5  # between two looks into the outbox when nothing is due
AWAY_SECONDS = 1.0  # before the database is tried again
GIVE_UP_SECONDS = 5.0  # between two looks for what was lost
CLOSE_SECONDS = 10.0  # for letters under way when the process stops
WATCHED = 200  # settled letters of an announcement that its share of errors is reckoned from
FEWEST = 50  # … at least so many


class Transact(Protocol):
    """Runs work in a transaction, in a thread."""

    def __call__(self, work: Callable[[Connection], T]) -> Awaitable[T]: ...


Pause = Callable[[int, str], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Limits:
    """``places`` to send from at the same time; ``quiet`` hours of announcements; ``errors``: the share of letters that
    may fail before an announcement is paused."""

    places: int
    quiet: QuietHours
    errors: float = 0.2


class Lane:
    """Sends the letters of one account until it is stopped. ``counts`` says what became of them since the start.

    ``pause`` is told of an announcement that fails too often, and why.
    """

    def __init__(
        self,
        sender: Sender,
        terms: Terms,
        limits: Limits,
        transact: Transact,
        clock: Callable[[], datetime],
        pause: Pause,
        alone: bool = False,
    ) -> None:
        self.counts: Counter[str] = Counter()
        self._sender = sender
        self._terms = terms
        self._limits = limits
        self._transact = transact
        self._clock = clock
        self._pause = pause
        self._alone = alone
        self._under_way: set[asyncio.Task[None]] = set()
        self._settled: list[tuple[Letter, Delivered]] = []
        self._fate: dict[int, deque[bool]] = {}
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def name(self) -> str:
        return self._terms.channel

    async def start(self) -> None:
        """Begin in the background. What a process of before left behind is settled first when it was the only one."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Take nothing more; let what is under way end for a while, and settle it."""
        if self._task is None:
            return
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=CLOSE_SECONDS)
        if self._settled:
            try:
                await self._turn(0)
            except Exception:
                log.exception("letters could not be settled; they will be unsure", extra={"channel": self.name})

    async def _run(self) -> None:
        given_up = 0.0
        loop = asyncio.get_running_loop()
        left_over = self._alone
        while True:
            try:
                if left_over or loop.time() - given_up > GIVE_UP_SECONDS:
                    await self._give_up(left_over)
                    left_over, given_up = False, loop.time()
                again = await self._turn(self._limits.places - len(self._under_way))
            except DBAPIError as error:  # the database is away: nothing is lost, what was sent is settled later
                log.warning("the outbox is out of reach (%s)", type(error).__name__, extra={"channel": self.name})
                again = AWAY_SECONDS
            except Exception:
                log.exception("letters could not be taken or settled", extra={"channel": self.name})
                again = AWAY_SECONDS
            await self._until_news(again)

    async def _until_news(self, seconds: float) -> None:
        """Wait until a letter is settled, but no longer than ``seconds``."""
        try:
            async with asyncio.timeout(seconds):
                await self._news.wait()
        except TimeoutError:
            pass
        self._news.clear()

    async def _turn(self, places: int) -> float:
        """Settle what has ended and take as much anew; returns after how many seconds to look again."""
        now = self._clock()
        ended, self._settled = self._settled, []
        count = places if self._sender.ready else 0
        announce = self._limits.quiet.over(now) == now

        def work(connection: Connection) -> Taken:
            outbox = Outbox(connection, self._terms)
            if ended:
                outbox.settle(ended, now)
            return outbox.take(count, now, announce) if count > 0 else Taken([])

        if not ended and count <= 0:
            return IDLE_SECONDS
        try:
            taken = await self._transact(work)
        except BaseException:
            self._settled = [*ended, *self._settled]
            raise
        await self._watch(ended)
        for letter in taken.letters:
            task = asyncio.create_task(self._send(letter))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)
        if taken.again is not None:
            return min(max((taken.again - now).total_seconds(), 0.005), IDLE_SECONDS)
        return 1 / self._terms.rate if taken.letters else IDLE_SECONDS

    async def _send(self, letter: Letter) -> None:
        async def mark(parts: int) -> None:
            now = self._clock()
            await self._transact(lambda connection: Outbox(connection, self._terms).mark(letter, parts, now))

        came: Delivered
        try:
            came = await self._sender.send(letter, mark)
        except Exception as error:  # a fault of ours: nobody knows how far it came
            log.exception("a letter could not be sent", extra={"channel": self.name, "letter": letter.id})
            came = Unsure(type(error).__name__)
        self.counts[type(came).__name__.lower()] += 1
        self._settled.append((letter, came))
        self._news.set()

    async def _watch(self, ended: list[tuple[Letter, Delivered]]) -> None:
        """Have an announcement paused when too many of its letters fail (people who are gone do not count)."""
        for letter, came in ended:
            if letter.announcement_id is None:
                continue
            match came:
                case Sent() | Refused(gone=True):
                    failed = False
                case Refused() | Unsure():
                    failed = True
                case _:
                    continue
            fate = self._fate.setdefault(letter.announcement_id, deque(maxlen=WATCHED))
            fate.append(failed)
            if len(fate) >= FEWEST and sum(fate) > self._limits.errors * len(fate):
                share = f"{100 * sum(fate) // len(fate)}%"
                del self._fate[letter.announcement_id]
                await self._pause(letter.announcement_id, share)

    async def _give_up(self, alone: bool) -> None:
        now = self._clock()
        lost = await self._transact(lambda connection: Outbox(connection, self._terms).give_up(now, alone))
        if lost:
            log.warning("%d letters may or may not have arrived", lost, extra={"channel": self.name})
            self.counts["lost"] += lost
