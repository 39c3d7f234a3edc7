"""The server: the configured channels on one address, with health pages, started and stopped together."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from aiohttp import web

log = logging.getLogger(__name__)
SHUTDOWN_SECONDS = 10


class Channel(Protocol):
    """What the server runs: routes to serve, and work to start and stop."""

    def routes(self) -> list[web.RouteDef]: ...

    async def start(self) -> None: ...

    async def stop(self) -> None: ...


@web.middleware
async def _no_surprises(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """A failure is logged and answered plainly; nobody sees an exception."""
    try:
        return await handler(request)
    except web.HTTPException:
        raise
    except Exception:
        log.exception("request failed", extra={"path": request.path})
        return web.json_response({"error": "failed"}, status=500)


def make_server(
    routes: Sequence[web.RouteDef],
    channels: Sequence[Channel],
    ready: Callable[[], Awaitable[bool]],
    leaving: Sequence[Callable[[], None]] = (),
) -> web.Application:
    """The aiohttp application of all routes; ``ready`` tells whether the database answers.

    ``leaving`` are called before the server waits for the requests that are still open.
    """

    async def health(_: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def readiness(_: web.Request) -> web.Response:
        fine = await ready()
        return web.json_response({"status": "ok" if fine else "no database"}, status=200 if fine else 503)

    async def start(_: web.Application) -> None:
        started: list[Channel] = []
        try:
            for channel in channels:
                await channel.start()
                started.append(channel)
        except BaseException:
            for channel in started:
                await channel.stop()
            raise

    async def stop(_: web.Application) -> None:
        for channel in channels:
            await channel.stop()

    async def leave(_: web.Application) -> None:
        for call in leaving:
            call()

    server = web.Application(middlewares=[_no_surprises], client_max_size=1024 * 1024)
    server.add_routes([web.get("/healthz", health), web.get("/readyz", readiness), *routes])
    for channel in channels:
        server.add_routes(channel.routes())
    server.on_startup.append(start)
    server.on_shutdown.append(leave)
    server.on_cleanup.append(stop)
    return server


async def run(server: web.Application, host: str, port: int, started: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM. ``started`` is told the address. Raises OSError when it cannot listen."""
    runner = web.AppRunner(
        server, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS, handle_signals=False, auto_decompress=False
    )
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        await site.start()
        sockets = getattr(site._server, "sockets", ())  # port 0: the system chose
        actual = sockets[0].getsockname()[1] if sockets else port
        shown = f"[{host}]" if ":" in host else host
        started(f"http://{shown}:{actual}/")
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
        await stop.wait()
    finally:
        await runner.cleanup()
