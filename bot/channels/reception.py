"""Taking in the files that people send: only what a form waits for is fetched, within its limit, and dropped when nobody keeps it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Protocol

from bot.app import App
from bot.files import Incoming, TooLargeError, clean_name
from bot.messages import FileWanted, Message, Person, Response, Upload

AT_ONCE = 16
SECONDS = 300.0  # for a file to arrive: 10 MB at 300 kbit/s
Pieces = Callable[[], AsyncGenerator[bytes, None]]


class Wanting(Protocol):
    """Who knows what is waited for: the App."""

    async def wanted(self, person: Person, now: datetime) -> FileWanted | None: ...


class Reception:
    """Takes in files from the network."""

    def __init__(self, app: Wanting, incoming: Incoming) -> None:
        self._app = app
        self._incoming = incoming
        self._at_once = asyncio.Semaphore(AT_ONCE)

    @asynccontextmanager
    async def take_in(
        self, person: Person, name: str, size: int, pieces: Pieces, now: datetime
    ) -> AsyncIterator[Upload]:
        """What somebody sent, fetched if it is wanted. ``size`` is what was announced, 0 for unknown.

        ``pieces`` is asked for bytes only then. Raises TimeoutError, and what ``pieces`` raises.
        """
        wanted = await self._app.wanted(person, now)
        if wanted is None:
            yield Upload(clean_name(name))
        else:
            async with self.receive(name, size, pieces, wanted.at_most) as upload:
                yield upload

    @asynccontextmanager
    async def receive(self, name: str, size: int, pieces: Pieces, at_most: int) -> AsyncIterator[Upload]:
        """A file streamed in; of one that is too large only the name and size. Raises like ``take_in``."""
        upload = Upload(clean_name(name), None, "", max(size, 0))
        if size <= at_most:
            try:
                async with self._at_once, asyncio.timeout(SECONDS):
                    with self._incoming.receive(at_most) as arrival:
                        async with aclosing(pieces()) as coming:
                            async for piece in coming:
                                arrival.write(piece)
                        upload = await asyncio.to_thread(arrival.upload, name)
            except TooLargeError as error:
                upload = replace(upload, size=error.size)
        try:
            yield upload
        finally:
            self._incoming.drop(upload)


def from_this_machine(app: App, incoming: Incoming) -> Callable[[Message], Response]:
    """The app's answer for the terminal, where a file is named by its path; what is wanted is copied."""

    def fetched(message: Message, upload: Upload) -> Upload:
        wanted, path = app.wanted_at_once(message.person, message.at), Path(upload.path or "")
        nothing = Upload(clean_name(upload.name))
        try:
            return incoming.copy(path, upload.name, wanted.at_most) if wanted and path.is_file() else nothing
        except TooLargeError as error:
            return replace(nothing, size=error.size)
        except (OSError, ValueError):  # not to be read; a path with NUL in it
            return nothing

    def answer(message: Message) -> Response:
        if not isinstance(message.body, Upload):
            return app.turn(message)
        upload = fetched(message, message.body)
        try:
            return app.turn(replace(message, body=upload))
        finally:
            incoming.drop(upload)

    return answer
