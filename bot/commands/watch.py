"""Takes changed content into a running server: prepared by a process of its own, kept out when it has a fault."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Callable
from pathlib import Path

from aiohttp import web

from bot.app import App, Shelf

log = logging.getLogger(__name__)
EVERY_SECONDS = 5.0


def signature(folder: Path) -> tuple[int, int]:
    """Changes whenever a file of the content changes, comes or goes: how many files, and the newest change (ns)."""
    times = [path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()]
    return len(times), max(times, default=0)


class ContentWatch:
    """Looks at the content folder; when it changed and has no fault, ``load`` makes the shelf that the app goes on with.

    Preparing takes seconds of work, so it is done by another process; turns go on meanwhile with the old content.
    """

    def __init__(self, app: App, folder: Path, load: Callable[[], Shelf], every: float = EVERY_SECONDS) -> None:
        self._app = app
        self._folder = folder
        self._load = load
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
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "content", "prepare", stdout=asyncio.subprocess.PIPE
        )
        told, _ = await process.communicate()
        if process.returncode:
            first = told.decode("utf-8", "replace").splitlines()[:1]
            log.warning("content has faults, the old content stays", extra={"first": first})
            return
        self._app.shelf = await asyncio.to_thread(self._load)
        log.info("new content taken", extra={"entries": len(self._app.shelf.library.content.entries)})
