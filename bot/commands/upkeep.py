"""What a process does by itself while it runs: what time moves, at its start and again and again after that."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from aiohttp import web

log = logging.getLogger(__name__)
EVERY_SECONDS = 3600.0
LEARN_SECONDS = 2.0  # between two looks at questions and drafts
ROUNDS_SECONDS = 20.0  # between two looks at what moves in minutes


class Upkeep:
    """Does ``work`` (given the time) at the start, which catches up on what was missed, and then every hour; days begin
    at other hours elsewhere, and doing it again does nothing."""

    def __init__(self, work: Callable[[datetime], Awaitable[None]], every: float = EVERY_SECONDS) -> None:
        self._work = work
        self._every = every
        self._task: asyncio.Task[None] | None = None

    def routes(self) -> list[web.RouteDef]:
        return []

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _run(self) -> None:
        while True:
            try:
                await self._work(datetime.now(UTC))
            except Exception:
                log.exception("upkeep failed")
            await asyncio.sleep(self._every)
