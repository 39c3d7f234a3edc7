"""``content check --links``: addresses that answer, that turn programs away, and that are dead, told apart on a local server."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.app import Shelf
from bot.commands import links
from bot.commands.links import AT_ONCE, Looked, State, addresses, check_links, look
from bot.settings import read_settings


class Platforms:
    """A server whose paths answer with the status they name; ``/slow`` hangs; it counts how many are asked at once."""

    def __init__(self) -> None:
        self.most = 0
        self._now = 0

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self._now += 1
        self.most = max(self.most, self._now)
        try:
            await asyncio.sleep(5 if request.path == "/slow" else 0.01)
        finally:
            self._now -= 1
        if request.path == "/moved":
            raise web.HTTPFound("/200")
        return web.Response(status=int(request.path[1:]) if request.path[1:].isdecimal() else 200)


def looked(paths: Mapping[str, str]) -> tuple[dict[str, Looked], Platforms]:
    """Look at these paths of a server; a path that is an address is taken as it is."""
    platforms = Platforms()

    async def run() -> list[Looked]:
        application = web.Application()
        application.router.add_get("/{tail:.*}", platforms.answer)
        server = TestServer(application)
        await server.start_server()
        urls = {label: path if "://" in path else str(server.make_url(path)) for label, path in paths.items()}
        found = await look(urls, seconds=0.5)
        await server.close()
        return found

    return {one.label: one for one in asyncio.run(run())}, platforms


def test_living_and_dead_are_told_apart():
    found, _ = looked(
        {
            "fine": "/200",
            "moved": "/moved",
            "login": "/401",
            "wall": "/403",
            "busy": "/429",
            "gone": "/404",
            "broken": "/500",
            "slow": "/slow",
            "nobody": "http://127.0.0.1:9/",
        }
    )
    states = {label: one.state for label, one in found.items()}
    assert [label for label, state in states.items() if state is State.FINE] == ["fine", "moved"]
    assert [label for label, state in states.items() if state is State.REFUSED] == ["login", "wall", "busy"]
    assert [label for label, state in states.items() if state is State.DEAD] == ["gone", "broken", "slow", "nobody"]
    assert (found["gone"].why, found["slow"].why) == ("404", "超时")


def test_only_a_few_are_asked_at_once():
    found, platforms = looked({str(n): "/200" for n in range(20)})
    assert len(found) == 20
    assert 1 < platforms.most <= AT_ONCE


def test_every_platform_and_every_way_to_ask_it_is_looked_at(shelf: Shelf):
    urls = addresses(shelf.links)
    assert set(shelf.links.platforms) <= set(urls)
    assert urls["epub 写法1"] == "http://epub.cnipa.gov.cn/patent/CN107196804B"
    ways = sum(len(platform.addresses) for platform in shelf.links.platforms.values())
    assert len(urls) == len(shelf.links.platforms) + ways


def test_the_command_names_the_dead_and_fails(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    async def some(urls: Mapping[str, str]) -> list[Looked]:
        first, second, *_ = urls.items()
        return [Looked(*first, State.DEAD, "404"), Looked(*second, State.REFUSED, "403")]

    monkeypatch.setattr(links, "look", some)
    assert check_links(read_settings({})) == 1
    told = capsys.readouterr().out
    assert "打不开：cpquery https://cpquery.cponline.cnipa.gov.cn/chinesepatent/index（404）" in told
    assert "请人工打开核对" in told
    assert "2 个网址，1 个打不开" in told
