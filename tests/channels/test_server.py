"""The server: health pages, failures that tell nothing, channels started and stopped together, an orderly end."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

from bot.channels.server import make_server, run


class FakeChannel:
    """Writes into ``events`` what happens to it."""

    def __init__(self, name: str, events: list[str]) -> None:
        self._name = name
        self._events = events

    def routes(self) -> list[web.RouteDef]:
        async def name(_: web.Request) -> web.Response:
            return web.Response(text=self._name)

        return [web.get(f"/{self._name}", name)]

    async def start(self) -> None:
        self._events.append(f"{self._name} starts")

    async def stop(self) -> None:
        self._events.append(f"{self._name} stops")


async def fine() -> bool:
    return True


async def get(server: web.Application, *paths: str) -> list[tuple[int, str]]:
    found = []
    async with TestServer(server) as running, ClientSession() as session:
        for path in paths:
            async with session.get(running.make_url(path)) as response:
                found.append((response.status, await response.text()))
    return found


def test_it_tells_that_it_lives_and_whether_the_database_answers() -> None:
    async def body() -> None:
        assert await get(make_server([], [], fine), "/healthz", "/readyz") == [(200, '{"status": "ok"}')] * 2

        async def no_database() -> bool:
            return False

        healthy, ready = await get(make_server([], [], no_database), "/healthz", "/readyz")
        assert healthy[0] == 200
        assert ready == (503, '{"status": "no database"}')

    asyncio.run(body())


def test_a_failure_is_logged_and_nobody_sees_its_words(caplog: pytest.LogCaptureFixture) -> None:
    async def fails(_: web.Request) -> web.Response:
        raise RuntimeError("secret of the house")

    async def gone(_: web.Request) -> web.Response:
        raise web.HTTPGone

    async def body() -> None:
        server = make_server([web.get("/fails", fails), web.get("/gone", gone)], [], fine)
        assert await get(server, "/fails") == [(500, '{"error": "failed"}')]
        server = make_server([web.get("/gone", gone)], [], fine)
        assert [status for status, _ in await get(server, "/gone", "/nowhere")] == [410, 404]

    with caplog.at_level(logging.ERROR):
        asyncio.run(body())
    (record,) = caplog.records
    assert (record.message, record.__dict__["path"]) == ("request failed", "/fails")


def test_channels_are_served_started_and_stopped_together() -> None:
    events: list[str] = []

    async def body() -> None:
        server = make_server([], [FakeChannel("one", events), FakeChannel("two", events)], fine)
        assert await get(server, "/one", "/two") == [(200, "one"), (200, "two")]

    asyncio.run(body())
    assert events == ["one starts", "two starts", "one stops", "two stops"]


def running(server: web.Application, act: Callable[[str], Coroutine[Any, Any, None]]) -> None:
    """Run the server on a port that the system chooses and do ``act`` with its address; it has to end by itself then."""

    async def body() -> None:
        addresses: asyncio.Queue[str] = asyncio.Queue()
        async with asyncio.timeout(20):
            task = asyncio.create_task(run(server, "127.0.0.1", 0, addresses.put_nowait))
            await act(await addresses.get())
            await task

    asyncio.run(body())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_in_order(number: signal.Signals) -> None:
    events: list[str] = []

    async def act(address: str) -> None:
        assert address.startswith("http://127.0.0.1:")
        async with ClientSession() as session, session.get(f"{address}one") as response:
            assert await response.text() == "one"
        os.kill(os.getpid(), number)

    running(make_server([], [FakeChannel("one", events)], fine), act)
    assert events == ["one starts", "one stops"]


def test_a_request_that_is_being_answered_is_answered_before_it_ends() -> None:
    async def slow(_: web.Request) -> web.Response:
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.sleep(0.2)
        return web.Response(text="answered")

    async def act(address: str) -> None:
        async with ClientSession() as session, session.get(f"{address}slow") as response:
            assert await response.text() == "answered"

    running(make_server([web.get("/slow", slow)], [], fine), act)


def test_an_address_that_is_taken_is_told() -> None:
    async def body() -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            with pytest.raises(OSError, match="address already in use"):
                await run(make_server([], [], fine), "127.0.0.1", port, print)

    asyncio.run(body())
