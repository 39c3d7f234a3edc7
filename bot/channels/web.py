"""The web chat: a page, and a small HTTP interface in which every message carries an id, so that it may be sent again.

A message that was sent but not answered (a dropped line, a closed tab) is sent again by the page with the same id and
gets the answer of the first time; nothing is lost or repeated.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import re
import secrets
import time
from collections import OrderedDict
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import itemgetter
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from bot.app import App
from bot.channels import web_letters
from bot.channels.reception import Reception
from bot.files import Files, Incoming
from bot.messages import PRESS_BYTES, Body, Datum, Message, Person, Place, Press, Text
from bot.responses import shown, to_json

log = logging.getLogger(__name__)

CHANNEL = ACCOUNT = "web"
COOKIE = "ipbot_session"
SECURE_COOKIE = f"__Host-{COOKIE}"  # over https: no neighbour under the same parent domain can set it
SESSION_DAYS = 180  # after the last visit
BODY_BYTES = 16 * 1024
BODY_SECONDS = 20  # for a body to arrive
HISTORY = 30
LETTER_SECONDS = 25.0  # that a page waits for letters: proxies give up after 30 or more
SEEN = 100  # letters that a page may say it has shown
ADDRESSES = 20_000  # remembered by the limit
STATIC = Path(__file__).parent / "static"
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "geolocation=(self), camera=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


class BadMessageError(ValueError):
    """A body that is no message; the text says what was expected."""


def read(value: object, person: Person, now: datetime) -> Message:
    """Read the JSON body of a POST. Raises BadMessageError."""
    if not isinstance(value, dict):
        raise BadMessageError("expected a JSON object")
    id = value.get("id")
    if not isinstance(id, str) or not _ID.fullmatch(id):
        raise BadMessageError("id: expected 8 to 64 letters, digits and hyphens")
    return Message(person, _body(value), id, now)


def _body(value: Mapping[str, Any]) -> Body:
    match value:
        case {"text": str(text)}:
            return Text(_storable(text))
        case {"press": str(say)} if 0 < len((said := _storable(say).strip()).encode()) <= PRESS_BYTES:
            return Press(said)
        case {"location": {"lat": int() | float() as lat, "lon": int() | float() as lon}} if (
            -90 <= lat <= 90 and -180 <= lon <= 180 and not isinstance(lat, bool) and not isinstance(lon, bool)
        ):
            return Place(float(lat), float(lon), Datum.WGS84)
    raise BadMessageError("expected text, press or location")


def _storable(text: str) -> str:
    return text.encode("utf-8", "replace").decode().replace("\x00", "")


@dataclass(frozen=True, slots=True)
class WebSettings:
    """``origins`` may send messages; ``secure`` marks the cookie for https; ``proxies`` in front are believed;
    ``requests`` a minute and address are served."""

    origins: frozenset[str]
    secure: bool
    proxies: int
    requests: int


class Limit:
    """At most ``rate`` requests a minute and address, as a bucket that refills steadily."""

    def __init__(self, rate: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, address: str) -> float:
        """Take one; returns 0, or the seconds after which there will be one."""
        if not self._rate:
            return 0.0
        now = self._clock()
        left, at = self._buckets.pop(address, (float(self._rate), now))
        left = min(self._rate, left + (now - at) * self._rate / 60)
        if len(self._buckets) >= ADDRESSES:
            self._buckets.popitem(last=False)
        self._buckets[address] = (left - 1 if left >= 1 else left, now)
        return 0.0 if left >= 1 else (1 - left) * 60 / self._rate


class WebChat:
    """The routes of the web chat."""

    def __init__(self, app: App, settings: WebSettings, files: Files, incoming: Incoming) -> None:
        self._app = app
        self._handed_out = files
        self._reception = Reception(app, incoming)
        self._settings = settings
        self._limit = Limit(settings.requests)
        self._letters = web_letters.PageLetters(app)
        self._cookie = SECURE_COOKIE if settings.secure else COOKIE
        self._static = {
            path.name: (path.read_bytes(), _TYPES[path.suffix]) for path in STATIC.iterdir() if path.suffix in _TYPES
        }

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/", self._page),
            web.get("/static/{name}", self._file),
            web.post("/chat/messages", self._guarded(self._message)),
            web.post("/chat/files", self._guarded(self._take_file)),
            web.get("/chat/history", self._guarded(self._history)),
            web.get("/chat/letters", self._guarded(self._wait), allow_head=False),
        ]

    def leave(self) -> None:
        """The server stops: let the pages go that wait for letters."""
        self._letters.leave()

    # -- pages ---------------------------------------------------------------------------------------------

    async def _page(self, request: web.Request) -> web.Response:
        body, type = self._static["index.html"]
        response = web.Response(body=body, content_type=type, charset="utf-8", headers=_HEADERS)
        response.headers["Cache-Control"] = "no-store"
        self._open_session(response, self._token(request))
        return response

    def _token(self, request: web.Request) -> str:
        """The key of the session that the request belongs to; empty when there is none."""
        token = request.cookies.get(self._cookie, "")
        return token if _TOKEN.fullmatch(token) else ""

    def _open_session(self, response: web.Response, token: str = "") -> None:
        """Give out a new session, or keep that of ``token`` for another while."""
        response.set_cookie(
            self._cookie,
            token or secrets.token_urlsafe(32),
            max_age=SESSION_DAYS * 86_400,
            httponly=True,
            samesite="Strict",
            secure=self._settings.secure,
            path="/",
        )

    async def _file(self, request: web.Request) -> web.Response:
        found = self._static.get(request.match_info["name"])
        if found is None or found[1] == "text/html":
            raise web.HTTPNotFound
        tag = f'"{hashlib.sha256(found[0]).hexdigest()[:16]}"'
        headers = {**_HEADERS, "Cache-Control": "no-cache", "ETag": tag}
        if tag in request.headers.get("If-None-Match", ""):
            return web.Response(status=304, headers=headers)
        return web.Response(body=found[0], content_type=found[1], charset="utf-8", headers=headers)

    # -- the chat ------------------------------------------------------------------------------------------

    def _guarded(
        self, handler: Callable[[web.Request, Person], Awaitable[web.Response]]
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        """Only for our own page, with a session, within the limit."""

        async def guarded(request: web.Request) -> web.Response:
            if not self._is_ours(request):
                return _refused(403, "origin")
            if wait := self._limit.wait(self._address(request)):
                return _refused(429, "limit", {"Retry-After": str(int(wait) + 1)})
            token = self._token(request)
            if not token:
                response = _refused(401, "session")
                self._open_session(response)
                return response
            # the cookie is a key to the conversation, so only its hash is stored
            return await handler(request, Person(CHANNEL, ACCOUNT, hashlib.sha256(token.encode()).hexdigest()))

        return guarded

    def _is_ours(self, request: web.Request) -> bool:
        origin = request.headers.get("Origin")
        if origin is None:  # a GET of the page itself carries none
            return request.method == "GET" and request.headers.get("Sec-Fetch-Site", "same-origin") == "same-origin"
        if self._settings.origins:
            return origin in self._settings.origins
        try:
            return urlsplit(origin).netloc == request.host
        except ValueError:  # “http://[”
            return False

    def _address(self, request: web.Request) -> str:
        if self._settings.proxies:
            # a proxy may add a line of its own; what the visitor sent stands before it
            told = ",".join(request.headers.getall("X-Forwarded-For", ()))
            hops = [hop.strip() for hop in told.split(",") if hop.strip()]
            if len(hops) >= self._settings.proxies:
                return hops[-self._settings.proxies]
        return request.remote or ""

    async def _message(self, request: web.Request, person: Person) -> web.Response:
        raw = bytearray()
        try:
            async with asyncio.timeout(BODY_SECONDS):
                async for chunk in request.content.iter_any():  # it may come in pieces
                    raw += chunk
                    if len(raw) > BODY_BYTES:
                        return _refused(413, "size")
        except TimeoutError:
            return _refused(408, "time")
        except web.RequestPayloadError:  # cut off, or not compressed as it says
            return _refused(400, "body")
        try:
            message = read(json.loads(raw), person, datetime.now(UTC))
        except (ValueError, RecursionError) as error:  # no UTF-8, no JSON, no message
            return _refused(400, str(error))
        response = await self._app.handle(message)
        return _json({"id": message.key, **self._shown(to_json(response))})

    async def _take_file(self, request: web.Request, person: Person) -> web.Response:
        """A file: the body as it is, its name and the id of the message in the address."""
        id, name, now = request.query.get("id", ""), request.query.get("name", ""), datetime.now(UTC)
        if not _ID.fullmatch(id):
            return _refused(400, "id")

        async def pieces() -> AsyncGenerator[bytes, None]:
            async for piece in request.content.iter_any():
                yield piece

        try:
            async with self._reception.take_in(person, name, request.content_length or 0, pieces, now) as upload:
                response = await self._app.handle(Message(person, upload, id, now))
        except TimeoutError:
            return _refused(408, "time")
        except web.RequestPayloadError:
            return _refused(400, "body")
        return _json({"id": id, **self._shown(to_json(response))})

    async def _history(self, request: web.Request, person: Person) -> web.Response:
        turns, letters = await self._app.history(person, HISTORY)
        items: list[tuple[datetime, Mapping[str, Any]]] = [
            (t.at, {"id": t.delivery, "said": t.said, **self._shown(t.response)}) for t in turns
        ]
        items += [(letter.at, self._shown(web_letters.write(letter))) for letter in letters]
        return _json({"turns": [item for _, item in sorted(items, key=itemgetter(0))]})

    async def _wait(self, request: web.Request, person: Person) -> web.Response:
        """Long poll: what the bot tells by itself; ``seen`` says what the page has shown of it."""
        seen = [int(n) for n in request.query.get("seen", "").split(",")[:SEEN] if n.isascii() and n.isdigit()]
        found = await self._letters.wait(person, seen, LETTER_SECONDS)
        return _json({"letters": [self._shown(web_letters.write(letter)) for letter in found]})

    def _shown(self, response: Mapping[str, Any]) -> dict[str, Any]:
        """A response as the page gets it: of a file the address where it is served, not the place on our disk."""
        return shown(response, lambda f: {"name": f.name, "type": f.type, "url": self._handed_out.path(f)})


def _json(value: object, status: int = 200) -> web.Response:
    return web.json_response(
        value,
        status=status,
        dumps=lambda v: json.dumps(v, ensure_ascii=False, separators=(",", ":")),
        headers={"Cache-Control": "no-store", **_HEADERS},
    )


def _refused(status: int, why: str, headers: Mapping[str, str] | None = None) -> web.Response:
    response = _json({"error": why}, status)
    response.headers.update(headers or {})
    return response
