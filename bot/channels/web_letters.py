"""Letters to open pages of the web chat: each page waits for them, one look into the database a second serves all."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from bot.app import App
from bot.letters import Letter, Letters
from bot.messages import Person
from bot.responses import reply_to_json

log = logging.getLogger(__name__)
LOOK_SECONDS = 1.0
Waiter = asyncio.Future[list[Letter]]


def write(letter: Letter) -> Mapping[str, Any]:
    """A letter as the page takes it."""
    return {
        "id": f"letter-{letter.id}",
        "number": letter.id,
        "push": True,
        "kind": letter.kind,
        "at": letter.at.isoformat(),
        "replies": [reply_to_json(letter.reply)],
    }


class PageLetters:
    """The pages that wait. It looks only while there are any."""

    def __init__(self, app: App, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._app = app
        self._clock = clock
        self._waiting: dict[str, set[Waiter]] = {}
        self._looking: asyncio.Task[None] | None = None

    async def wait(self, person: Person, seen: Sequence[int], seconds: float) -> list[Letter]:
        """What is to be shown to ``person`` now, or as soon as there is something; nothing after ``seconds``.

        ``seen`` are numbers of letters that their page has shown.
        """
        await self._settle(person, seen)
        waiter: Waiter = asyncio.get_running_loop().create_future()
        waiters = self._waiting.setdefault(person.id, set())
        waiters.add(waiter)
        if self._looking is None:
            self._looking = asyncio.create_task(self._look(person.channel))
        try:
            async with asyncio.timeout(seconds):
                return await waiter
        except TimeoutError:
            return []
        finally:
            waiters.discard(waiter)
            if not waiters:
                self._waiting.pop(person.id, None)

    def leave(self) -> None:
        """Let all that wait go: the server stops."""
        for waiters in self._waiting.values():
            for waiter in waiters:
                if not waiter.done():
                    waiter.set_result([])

    async def _settle(self, person: Person, seen: Sequence[int]) -> None:
        if not seen:
            return
        now = self._clock()

        def work(connection: Any) -> None:
            letters = Letters(connection)
            theirs = letters.due_at(person.channel, [person.id], now).get(person.id, [])
            letters.shown([letter.id for letter in theirs if letter.id in seen], now)

        await self._app.transaction(work)

    async def _look(self, channel: str) -> None:
        while self._waiting:
            ids, now = list(self._waiting), self._clock()
            try:
                due = await self._app.transaction(
                    lambda connection, ids=ids, now=now: Letters(connection).due_at(channel, ids, now)  # type: ignore[misc]
                )
            except Exception:  # the database may be away; the pages go on waiting
                log.exception("letters could not be looked for")
                due = {}
            for id, letters in due.items():
                for waiter in self._waiting.get(id, ()):
                    if not waiter.done():
                        waiter.set_result(letters)
            await asyncio.sleep(LOOK_SECONDS)
        self._looking = None
