"""Keeping to a rate: at most so many in any span of time, first come, first served."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict, deque
from collections.abc import Callable


class Pace:
    """At most ``count`` in any ``seconds``. No count: no limit."""

    def __init__(self, count: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._count = count
        self._clock = clock
        self._times: deque[float] = deque(maxlen=max(count, 1))

    def reserve(self) -> float:
        """Take the next free moment; returns how many seconds away it is."""
        now = self._clock()
        if not self._count:
            return 0.0
        at = max(now, self._times[0] + self._seconds) if len(self._times) == self._count else now
        self._times.append(at)
        return at - now

    async def turn(self) -> None:
        """Wait for the next free moment."""
        if wait := self.reserve():
            await asyncio.sleep(wait)


class ChatPaces:
    """A pace for each of the ``remembered`` chats that were written to last."""

    def __init__(self, make: Callable[[int], Pace], remembered: int = 10_000) -> None:
        self._make = make
        self._remembered = remembered
        self._paces: OrderedDict[int, Pace] = OrderedDict()

    async def turn(self, chat: int) -> None:
        """Wait for the next free moment of a chat."""
        pace = self._paces.get(chat)
        if pace is None:
            pace = self._paces[chat] = self._make(chat)
            if len(self._paces) > self._remembered:
                self._paces.popitem(last=False)
        self._paces.move_to_end(chat)
        await pace.turn()
