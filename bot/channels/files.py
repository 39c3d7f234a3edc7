"""The pages of files over HTTP: what was made for a person is fetched by its token."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import quote

from aiohttp import web

from bot.files import Files
from bot.messages import File

GONE = "这个文件不存在，或者已经过期。回到聊天里再要一次就有了。"
_HEADERS = {
    # a file opens in a document of its own that may do nothing
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "private, no-cache",
}


class FilePages:
    """The routes of files."""

    def __init__(self, files: Files, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._files = files
        self._clock = clock

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/files/{token}/{name}", self._file)]

    async def _file(self, request: web.Request) -> web.StreamResponse:
        # the name in the address is for people; nothing is looked up by it
        file = self._files.find(request.match_info["token"], self._clock())
        if file is None:
            return web.Response(status=404, text=GONE, headers=_HEADERS)
        headers = {**_HEADERS, "Content-Type": _type(file), "Content-Disposition": disposition(file)}
        return web.FileResponse(file.path, headers=headers)


def _type(file: File) -> str:
    return f"{file.type}; charset=utf-8" if file.type.startswith("text/") else file.type


def disposition(file: File) -> str:
    """Pictures open in the browser, the rest is saved; the name as RFC 6266 writes it."""
    how = "inline" if file.is_picture else "attachment"
    return f"{how}; filename*=UTF-8''{quote(file.name, safe='')}"
