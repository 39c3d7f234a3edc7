"""Files over HTTP: fetched by token alone, as an attachment or a picture, able to do nothing in the browser."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
from yarl import URL

from bot.channels.files import GONE, FilePages
from bot.files import Files, Incoming
from bot.messages import File
from tests.conftest import TODAY

NO_APP: Any = None  # what was made for a person is fetched without the app
INCOMING = Incoming(Path("/nowhere"))


@dataclass(frozen=True)
class Fetched:
    status: int
    headers: Mapping[str, str]
    body: bytes


Fetch = Callable[..., Coroutine[Any, Any, Fetched]]


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path / "files")


def visit(files: Files, scene: Callable[[Fetch], Coroutine[Any, Any, None]], days: float = 0) -> None:
    """Run ``scene`` with a way to fetch from a server, ``days`` after TODAY."""

    async def whole() -> None:
        application = web.Application()
        application.add_routes(FilePages(NO_APP, files, INCOMING, lambda: TODAY + timedelta(days=days)).routes())
        async with TestServer(application) as server, ClientSession() as session:

            async def fetch(path: str, method: str = "GET", **headers: str) -> Fetched:
                url = URL(f"http://127.0.0.1:{server.port}{path}", encoded=True)
                async with session.request(method, url, headers=headers) as response:
                    return Fetched(response.status, response.headers, await response.read())

            await scene(fetch)

    asyncio.run(whole())


def keep(files: Files, name: str = "课程 表.ics", type: str = "text/calendar", content: bytes = b"BEGIN") -> File:
    return files.keep(name, type, content, TODAY)


def test_a_file_is_an_attachment_that_can_do_nothing(files: Files) -> None:
    kept = keep(files)

    async def scene(fetch: Fetch) -> None:
        response = await fetch(files.path(kept))
        assert (response.status, response.body) == (200, b"BEGIN")
        assert response.headers["Content-Type"] == "text/calendar; charset=utf-8"
        name = "attachment; filename*=UTF-8''%E8%AF%BE%E7%A8%8B%20%E8%A1%A8.ics"
        assert response.headers["Content-Disposition"] == name
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in response.headers["Content-Security-Policy"]
        assert "default-src 'none'" in response.headers["Content-Security-Policy"]
        assert "private" in response.headers["Cache-Control"]

    visit(files, scene)


def test_a_picture_opens_in_the_browser(files: Files) -> None:
    kept = keep(files, "年费表.png", "image/png", b"\x89PNG")

    async def scene(fetch: Fetch) -> None:
        response = await fetch(files.path(kept))
        assert response.headers["Content-Type"] == "image/png"
        assert response.headers["Content-Disposition"].startswith("inline; ")

    visit(files, scene)


def test_head_tells_the_same_without_the_content(files: Files) -> None:
    kept = keep(files)

    async def scene(fetch: Fetch) -> None:
        response = await fetch(files.path(kept), "HEAD")
        assert (response.status, response.body) == (200, b"")
        assert response.headers["Content-Length"] == "5"
        assert (await fetch(files.path(kept), "POST")).status == 405

    visit(files, scene)


def test_a_part_of_a_file(files: Files) -> None:
    kept = keep(files)

    async def scene(fetch: Fetch) -> None:
        response = await fetch(files.path(kept), Range="bytes=1-2")
        assert (response.status, response.body) == (206, b"EG")

    visit(files, scene)


def test_the_name_in_the_address_decides_nothing(files: Files) -> None:
    kept = keep(files)

    async def scene(fetch: Fetch) -> None:
        response = await fetch(f"/files/{kept.token}/x.html")
        assert response.status == 200
        assert response.headers["Content-Type"].startswith("text/calendar")
        assert ".ics" in response.headers["Content-Disposition"]

    visit(files, scene)


@pytest.mark.parametrize(
    "path",
    [
        "/files/{no}/a.ics",
        "/files/../a.ics",
        "/files/%2e%2e/a.ics",
        "/files/%2e%2e%2f%2e%2e%2fetc/passwd",
        "/files/{token}%00/a.ics",
        "/files/{token}%2f/a.ics",
        "/files/..%5c..%5c/a.ics",
        "/files/%ff%fe/a.ics",
    ],
)
def test_nothing_else_is_to_be_had(files: Files, path: str) -> None:
    kept = keep(files)

    async def scene(fetch: Fetch) -> None:
        response = await fetch(path.format(token=kept.token, no="x" * 43))
        assert response.status == 404
        assert b"BEGIN" not in response.body

    visit(files, scene)


def test_a_file_whose_time_is_over_is_told_in_words(files: Files) -> None:
    kept = keep(files)

    async def scene(fetch: Fetch) -> None:
        response = await fetch(files.path(kept))
        assert (response.status, response.body.decode()) == (404, GONE)
        assert response.headers["X-Content-Type-Options"] == "nosniff"

    visit(files, scene, days=7)
