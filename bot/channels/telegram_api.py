"""The Bot API over aiohttp: one request out, its answer back, and what each kind of failure means for the sender."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from telegram import Bot
from telegram.error import NetworkError, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData

from bot.settings import SettingError, Settings

CONNECT_SECONDS = 5.0
READ_SECONDS = 15.0
WRITE_SECONDS = 10.0  # 60 with files, as they may be 50 MB
WRITE_FILE_SECONDS = 60.0
CONNECTIONS = 40
IDLE_SECONDS = 15.0  # a connection idle for longer is not used again: the server may be closing it just then
UNKNOWN_WAIT = 5.0  # seconds to wait after a 429 that does not say how long
_ADDRESS = re.compile(r"https?://[^\s/]+")
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")


class NotSentError(NetworkError):
    """The request certainly did not reach Telegram (no connection was made)."""


class TooFastError(TelegramError):
    """429: Telegram wants ``seconds`` of silence. (PTB's own class gives them as an int or a timedelta, by environment.)"""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"too fast, retry after {seconds:g} s")
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class TelegramSettings:
    """What differs between installations.

    ``webhook`` is the public address (the channel's own path is added when it has none); empty means polling.
    ``secret`` goes with it; empty: one made from the token. ``replies`` and ``letters`` a second are sent (0: no limit),
    and ``paced`` to each chat. Raises SettingError.
    """

    token: str = field(repr=False)
    webhook: str = ""
    secret: str = field(default="", repr=False)
    api: str = "https://api.telegram.org"
    proxy: str = field(default="", repr=False)  # may hold a password
    replies: int = 0
    letters: int = 0
    paced: bool = False

    def __post_init__(self) -> None:
        if not self.token:
            raise SettingError("IPBOT_TELEGRAM_TOKEN: expected the token that BotFather gave")
        for name, url in (("WEBHOOK", self.webhook), ("API", self.api), ("PROXY", self.proxy)):
            if url and not _ADDRESS.match(url):
                raise SettingError(f"IPBOT_TELEGRAM_{name}: expected an address like https://host or http://host:port")
        if self.secret and not _SECRET.fullmatch(self.secret):
            raise SettingError("IPBOT_TELEGRAM_SECRET: expected 1 to 256 of A-Z a-z 0-9 _ -")

    @staticmethod
    def read(settings: Settings) -> TelegramSettings | None:
        """From the installation's settings; None when Telegram is off. Raises SettingError."""
        if not settings["IPBOT_TELEGRAM_TOKEN"]:
            return None
        return TelegramSettings(
            token=settings["IPBOT_TELEGRAM_TOKEN"],
            webhook=settings["IPBOT_TELEGRAM_WEBHOOK"],
            secret=settings["IPBOT_TELEGRAM_SECRET"],
            api=settings["IPBOT_TELEGRAM_API"],
            proxy=settings["IPBOT_TELEGRAM_PROXY"],
            replies=settings.number("IPBOT_TELEGRAM_REPLIES_A_SECOND"),
            letters=_letters(settings),
            paced=True,
        )

    @property
    def account(self) -> str:
        """The bot's own number, which is the part of the token that is not secret."""
        number, colon, _ = self.token.partition(":")
        return number if colon and number.isascii() and number.isdigit() and len(number) <= 20 else "unknown"

    @property
    def host(self) -> str:
        """Where the Bot API is, for the log."""
        return urlsplit(self.api).hostname or "?"


def _letters(settings: Settings) -> int:
    name = "IPBOT_TELEGRAM_LETTERS_A_SECOND"
    if (number := settings.number(name)) == 0:
        raise SettingError(f"{name}='0': expected 1 or more")
    return number


class AiohttpRequest(BaseRequest):
    """Requests on one aiohttp session: a seventh of the processor time of PTB's own.

    Nothing raised here holds the address, as the token is part of it. The caller bounds how many requests run at once;
    there is no pool timeout.
    """

    def __init__(self, proxy: str = "", connections: int = CONNECTIONS) -> None:
        self._proxy = proxy or None
        self._connections = connections
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float | None:
        return READ_SECONDS

    async def initialize(self) -> None:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._connections, keepalive_timeout=IDLE_SECONDS),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": self.USER_AGENT},
            )

    async def shutdown(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: object = BaseRequest.DEFAULT_NONE,
        write_timeout: object = BaseRequest.DEFAULT_NONE,
        connect_timeout: object = BaseRequest.DEFAULT_NONE,
        pool_timeout: object = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """The status and the body. Raises NotSentError, TimedOut, TooFastError or NetworkError."""
        if self._session is None:
            raise NotSentError("not initialized")
        files = request_data is not None and request_data.contains_files
        connect = _seconds(connect_timeout, CONNECT_SECONDS)
        read = _seconds(read_timeout, READ_SECONDS)
        write = _seconds(write_timeout, WRITE_FILE_SECONDS if files else WRITE_SECONDS)
        timeout = aiohttp.ClientTimeout(total=connect + write + read, sock_connect=connect, sock_read=read)
        try:
            async with self._session.request(
                method, url, data=_body(request_data), timeout=timeout, proxy=self._proxy, allow_redirects=False
            ) as response:
                code, payload = response.status, await response.read()
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.ClientHttpProxyError) as error:
            raise NotSentError(_kind(error)) from None
        except aiohttp.InvalidURL:
            raise NotSentError("not an address") from None
        except TimeoutError as error:
            raise TimedOut(_kind(error)) from None
        except (aiohttp.ClientError, OSError) as error:
            raise NetworkError(_kind(error)) from None
        if code == 429:
            raise TooFastError(_retry_after(payload))
        return code, payload

    async def stream(self, url: str) -> AsyncGenerator[bytes, None]:
        """The content of a file. Raises TelegramError."""
        if self._session is None:
            raise NotSentError("not initialized")
        timeout = aiohttp.ClientTimeout(sock_connect=CONNECT_SECONDS, sock_read=READ_SECONDS)
        try:
            async with self._session.get(url, timeout=timeout, proxy=self._proxy, allow_redirects=False) as response:
                if response.status != 200:
                    raise NetworkError(f"status {response.status}")
                async for piece in response.content.iter_chunked(64 * 1024):
                    yield piece
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise NetworkError(_kind(error)) from None

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """The answer as an object. Raises TelegramError. (PTB's own would log what it cannot read, texts and all.)"""
        try:
            value = json.loads(payload)
        except (ValueError, RecursionError):
            raise TelegramError("the answer is not JSON") from None
        if not isinstance(value, dict) or (value.get("ok") is True and "result" not in value):
            raise TelegramError("the answer is not one of the Bot API")
        return value


def make_bot(settings: TelegramSettings) -> tuple[Bot, AiohttpRequest, AiohttpRequest]:
    """The bot, its request object, and the one that its polling uses."""
    own, polling = AiohttpRequest(settings.proxy), AiohttpRequest(settings.proxy, connections=1)
    base = settings.api.rstrip("/")
    bot = Bot(
        settings.token,
        base_url=f"{base}/bot",
        base_file_url=f"{base}/file/bot",
        request=own,
        get_updates_request=polling,
    )
    return bot, own, polling


def _seconds(given: object, default: float) -> float:
    return float(given) if isinstance(given, int | float) else default


def _kind(error: BaseException) -> str:
    cause = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else None
    return type(error).__name__ + (f": {cause.strerror}" if cause is not None and cause.strerror else "")


def _retry_after(payload: bytes) -> float:
    try:
        seconds = float(json.loads(payload)["parameters"]["retry_after"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return UNKNOWN_WAIT
    return seconds if seconds > 0 else UNKNOWN_WAIT


def _body(data: RequestData | None) -> aiohttp.FormData | dict[str, str] | None:
    """Form fields; multipart when there are files."""
    if data is None:
        return None
    if not data.contains_files:
        return data.json_parameters
    form = aiohttp.FormData(quote_fields=False)
    for name, value in data.json_parameters.items():
        form.add_field(name, value)
    for name, (filename, content, kind) in data.multipart_data.items():
        form.add_field(name, content, filename=filename, content_type=kind)
    return form
