"""Files over HTTP: what was made for a person is fetched by its token; what a person sends comes by a one-time link."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from datetime import UTC, datetime
from urllib.parse import quote

from aiohttp import BodyPartReader, web
from aiohttp.http import HttpProcessingError

from bot.app import App
from bot.channels.reception import Reception
from bot.channels.upload_page import UploadPage
from bot.files import Files, Incoming, Invitation, Uploads
from bot.flow import Refused, upload
from bot.messages import File, Upload

UPLOAD_PATH = "/upload/"
PIECE = 64 * 1024  # bytes
FRAME = 4096  # bytes that a form has around its file
GONE = "这个文件不存在，或者已经过期。回到聊天里再要一次就有了。"
NO_LINK = "没有这个链接。回到聊天里回复任意字，会给您新的链接。"
OVER = "这个链接已经过期。回到聊天里回复任意字，会给您新的链接。"
USED = "文件已经收到，这个链接用过了。回到聊天里回复“继续”接着办。"
BROKEN = "文件没有传完，请再试一次。"
CHOOSE = "请先选择一个文件。"
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

    def __init__(
        self, app: App, files: Files, incoming: Incoming, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._app = app
        self._files = files
        self._incoming = incoming
        self._clock = clock
        self._reception = Reception(app, incoming)
        self._page = UploadPage()

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/files/{token}/{name}", self._file),
            web.get(UPLOAD_PATH + "{token}", self._ask),
            web.post(UPLOAD_PATH + "{token}", self._receive),
        ]

    async def _file(self, request: web.Request) -> web.StreamResponse:
        # the name in the address is for people; nothing is looked up by it
        file = self._files.find(request.match_info["token"], self._clock())
        if file is None:
            return web.Response(status=404, text=GONE, headers=_HEADERS)
        headers = {**_HEADERS, "Content-Type": _type(file), "Content-Disposition": disposition(file)}
        return web.FileResponse(file.path, headers=headers)

    # -- the page of a one-time link -----------------------------------------------------------------------

    async def _ask(self, request: web.Request) -> web.Response:
        invitation = await self._invitation(request)
        if refused := self._refuse(invitation):
            return refused
        return self._told(200, "请选择要上传的文件。", invitation)

    async def _receive(self, request: web.Request) -> web.Response:
        invitation = await self._invitation(request)
        if refused := self._refuse(invitation):
            return refused
        assert invitation is not None
        wanted = invitation.wanted
        # a request that is far too long is refused before it is read
        announced = max(0, (request.content_length or 0) - FRAME)
        try:
            part = await _file_part(request)
            if part is None:
                return self._told(400, CHOOSE, invitation)
            received = self._reception.receive(part.filename or "", announced, lambda: _pieces(part), wanted.at_most)
            async with received as came:
                return await self._take(came, invitation)
        except TimeoutError:
            return self._told(408, BROKEN, invitation)
        except (ValueError, HttpProcessingError, web.RequestPayloadError, ConnectionError):  # no form, or cut off
            return self._told(400, BROKEN, invitation)

    async def _take(self, came: Upload, invitation: Invitation) -> web.Response:
        wanted = invitation.wanted
        read = upload(wanted.types, wanted.at_most)(came)
        if isinstance(read, Refused):
            return self._told(413 if came.size > wanted.at_most else 415, read.why, invitation)
        now = self._clock()
        if not await self._app.transaction(lambda c: Uploads(c, self._incoming).receive(wanted.token, came, now)):
            return self._told(410, USED)
        return self._told(200, f"已收到“{came.name}”。回到聊天里回复“继续”，接着办。")

    async def _invitation(self, request: web.Request) -> Invitation | None:
        token, now = request.match_info["token"], self._clock()
        return await self._app.transaction(lambda c: Uploads(c, self._incoming).invitation(token, now))

    def _refuse(self, invitation: Invitation | None) -> web.Response | None:
        """Why a link is good for nothing; None when it is good."""
        if invitation is None:
            return self._told(404, NO_LINK)
        if invitation.used:
            return self._told(410, USED)
        return self._told(410, OVER) if invitation.over else None

    def _told(self, status: int, text: str, invitation: Invitation | None = None) -> web.Response:
        page = self._page.write(text, invitation.wanted if invitation else None)
        return web.Response(
            status=status, text=page, content_type="text/html", charset="utf-8", headers=self._page.headers
        )


async def _file_part(request: web.Request) -> BodyPartReader | None:
    """The part of a form that holds the file; None when none was chosen. Raises ValueError on what is no form."""
    if request.content_type != "multipart/form-data":
        raise ValueError("no form")
    reader = await request.multipart()
    while (part := await reader.next()) is not None:
        if isinstance(part, BodyPartReader) and part.name == "file":
            return part if part.filename else None
    return None


async def _pieces(part: BodyPartReader) -> AsyncGenerator[bytes, None]:
    while piece := await part.read_chunk(PIECE):
        yield piece


def _type(file: File) -> str:
    return f"{file.type}; charset=utf-8" if file.type.startswith("text/") else file.type


def disposition(file: File) -> str:
    """Pictures open in the browser, the rest is saved; the name as RFC 6266 writes it."""
    how = "inline" if file.is_picture else "attachment"
    return f"{how}; filename*=UTF-8''{quote(file.name, safe='')}"
