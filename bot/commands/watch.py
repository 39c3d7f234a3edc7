"""Takes changed content into a running server: prepared by a process of its own, kept out when it has a fault.

The vectors for comparing by meaning are made beside the server as well; until they are there, words alone decide.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from aiohttp import web

from bot.app import App, Shelf
from bot.knowledge.library import Library

log = logging.getLogger(__name__)
EVERY_SECONDS = 5.0
_NICE = 10  # making vectors gives way to answering


def signature(folder: Path) -> tuple[int, int]:
    """Changes whenever a file of the content changes, comes or goes: how many files, and the newest change (ns)."""
    times = [path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()]
    return len(times), max(times, default=0)


class ContentWatch:
    """Looks at the content folder; when it changed and has no fault, ``load`` makes the shelf that the app goes on with.

    Preparing takes seconds of work, so it is done by another process; turns go on meanwhile with the old content.
    """

    def __init__(
        self,
        app: App,
        folder: Path,
        load: Callable[[], Shelf],
        every: float = EVERY_SECONDS,
        add_meaning: Callable[[Library], Library] | None = None,
    ) -> None:
        """``add_meaning`` gives a library its semantic stage once all vectors are made; None: words alone are wanted."""
        self._app = app
        self._folder = folder
        self._load = load
        self._every = every
        self._add_meaning = add_meaning
        self._task: asyncio.Task[None] | None = None
        self._learning: asyncio.Task[None] | None = None

    def routes(self) -> list[web.RouteDef]:
        return []

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run())
        self._learn()

    async def stop(self) -> None:
        for task in (self._task, self._learning):
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)

    async def _run(self) -> None:
        seen = await asyncio.to_thread(signature, self._folder)
        while True:
            await asyncio.sleep(self._every)
            try:
                now = await asyncio.to_thread(signature, self._folder)
                if now != seen:
                    seen = now
                    await self._take()
            except OSError:
                log.warning("content folder cannot be read, the old content stays")

    async def _take(self) -> None:
        code, told = await self._prepare("--quick")
        if code:
            log.warning("content has faults, the old content stays", extra={"first": told.splitlines()[:1]})
            return
        self._app.shelf = await asyncio.to_thread(self._load)
        log.info("new content taken", extra={"entries": len(self._app.shelf.library.content.entries)})
        self._learn()

    def _learn(self) -> None:
        """See to it that the vectors of the content are made, unless that is being done."""
        if self._add_meaning is not None and (self._learning is None or self._learning.done()):
            self._learning = asyncio.create_task(self._add(self._add_meaning))

    async def _add(self, add_meaning: Callable[[Library], Library]) -> None:
        """Make the vectors that are missing; once more for content that came meanwhile."""
        tried: Library | None = None
        while (shelf := self._app.shelf).library.meaning is None and shelf.library is not tried:
            tried = shelf.library
            code, _ = await self._prepare(nice=_NICE)
            if code:
                log.warning("vectors could not be made, words alone decide")
                return
            library = await asyncio.to_thread(add_meaning, shelf.library)
            if self._app.shelf is shelf and library.meaning is not None:
                self._app.shelf = replace(shelf, library=library)
                log.info("questions are compared by meaning as well")

    async def _prepare(self, *options: str, nice: int = 0) -> tuple[int, str]:
        """Prepare the content in another process: its exit status, and what it said."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "content", "prepare", *options),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        if nice and hasattr(os, "setpriority"):
            with suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, process.pid, nice)
        try:
            told, _ = await process.communicate()
        except asyncio.CancelledError:
            with suppress(ProcessLookupError):
                process.terminate()
            await process.wait()
            raise
        return process.returncode or 0, told.decode("utf-8", "replace")
