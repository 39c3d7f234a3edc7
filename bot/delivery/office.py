"""The delivery of one process: a lane for each channel that can send, and the announcements that are begun and ended."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from bot.channels.delivered import Sender
from bot.delivery.lane import Lane, Limits, Transact
from bot.delivery.outbox import Terms
from bot.training.announcements import Announcements

log = logging.getLogger(__name__)
TICK_SECONDS = 1.0
GAP = timedelta(seconds=1)  # between two letters to one person


class Delivery:
    """Runs the lanes until it is stopped. ``alone``: no other process sends (SQLite)."""

    def __init__(
        self,
        senders: Sequence[tuple[Sender, float]],
        limits: Limits,
        transact: Transact,
        clock: Callable[[], datetime],
        alone: bool,
    ) -> None:
        self._transact = transact
        self._clock = clock
        self.lanes = [
            Lane(
                sender,
                Terms(sender.channel, sender.account, rate, GAP, windowed=sender.windowed, notices=sender.notices),
                limits,
                transact,
                clock,
                self._pause,
                alone,
            )
            for sender, rate in senders
        ]
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        for lane in self.lanes:
            await lane.start()
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await asyncio.gather(*(lane.stop() for lane in self.lanes))

    async def _run(self) -> None:
        while True:
            try:
                await self._announcements()
            except Exception as error:  # the database may be away
                log.warning("announcements are out of reach (%s)", type(error).__name__)
            await asyncio.sleep(TICK_SECONDS)

    async def _announcements(self) -> None:
        """Write letters in small portions, so that turns come in between."""
        now = self._clock()
        while await self._transact(lambda connection: Announcements(connection).advance(now)):
            pass

    async def _pause(self, announcement_id: int, share: str) -> None:
        why = f"失败的占 {share}，已自动暂停"
        if await self._transact(lambda connection: Announcements(connection).pause(announcement_id, why)):
            log.error("announcement paused: %s of its letters failed", share, extra={"announcement": announcement_id})
