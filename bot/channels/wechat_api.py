"""WeChat's API for Official Accounts over aiohttp: the token, one request out, its answer back, and what failures mean.

wechatpy's client is not used: it blocks, has no timeout, and asks for tokens without end when one is refused.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from bot.settings import SettingError, Settings

CONNECT_SECONDS = 5.0
TOTAL_SECONDS = 20.0
EARLY_SECONDS = 300  # a token is renewed so long before its end: WeChat keeps both valid meanwhile
_TOKEN_ENDED = (40001, 40014, 42001)
_MEANS = ("subscribe", "template")


class NotReachedError(Exception):
    """The request certainly did not reach WeChat."""


class NoAnswerError(Exception):
    """The request went out and nobody knows what became of it."""


class ApiError(Exception):
    """WeChat said no, with a number."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"{code} {message}")
        self.code = code


@dataclass(frozen=True, slots=True)
class Notice:
    """A short notice for people whom a letter cannot be sent to now: it says that something waits for them.

    ``means`` is subscribe (订阅通知) or template (模板消息); ``fields`` are the template's, each filled with ``text`` (the
    beginning of the letter) or ``time``.
    """

    means: str
    template: str
    fields: tuple[tuple[str, str], ...]

    @staticmethod
    def read(text: str) -> Notice | None:
        """``subscribe:TEMPLATE_ID:thing1=text,time2=time``; None when empty. Raises ValueError."""
        if not text:
            return None
        parts = text.split(":")
        fields = tuple(tuple(pair.split("=", 1)) for pair in parts[2].split(",")) if len(parts) == 3 else ()
        good = bool(fields) and all(len(pair) == 2 and pair[0] and pair[1] in ("text", "time") for pair in fields)
        if not good or parts[0] not in _MEANS or not parts[1]:
            raise ValueError("expected subscribe:TEMPLATE_ID:thing1=text,time2=time (or template:…)")
        return Notice(parts[0], parts[1], tuple((name, value) for name, value in fields))


@dataclass(frozen=True, slots=True)
class WechatApiSettings:
    """The account's rights to the API, which only verified accounts have."""

    app_id: str
    secret: str = field(repr=False)
    api: str = "https://api.weixin.qq.com"
    notice: Notice | None = None

    @staticmethod
    def read(settings: Settings) -> WechatApiSettings | None:
        """From the installation's settings; None when the account has no API. Raises SettingError."""
        if not settings["IPBOT_WECHAT_APP_SECRET"]:
            return None
        if not settings["IPBOT_WECHAT_APP_ID"]:
            raise SettingError("IPBOT_WECHAT_APP_ID: expected the AppID, as IPBOT_WECHAT_APP_SECRET is set")
        try:
            notice = Notice.read(settings["IPBOT_WECHAT_NOTICE"])
        except ValueError as error:
            raise SettingError(f"IPBOT_WECHAT_NOTICE: {error}") from error
        return WechatApiSettings(
            settings["IPBOT_WECHAT_APP_ID"],
            settings["IPBOT_WECHAT_APP_SECRET"],
            settings["IPBOT_WECHAT_API"].rstrip("/"),
            notice,
        )


class WechatApi:
    """Calls with the account's token. Several processes get the same token from WeChat (stable_token)."""

    def __init__(self, settings: WechatApiSettings, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._clock = clock
        self._session: aiohttp.ClientSession | None = None
        self._token, self._until = "", 0.0
        self._renewing = asyncio.Lock()

    async def open(self) -> None:
        """Begin; nothing is asked yet."""
        timeout = aiohttp.ClientTimeout(total=TOTAL_SECONDS, sock_connect=CONNECT_SECONDS)
        self._session = aiohttp.ClientSession(timeout=timeout, cookie_jar=aiohttp.DummyCookieJar())

    async def close(self) -> None:
        """End."""
        if self._session is not None:
            await self._session.close()

    async def call(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """POST ``body`` to ``path``. Raises NotReachedError, NoAnswerError or ApiError.

        A token that WeChat takes for ended is renewed once; nothing was done with it.
        """
        token = await self._current()
        try:
            return await self._post(f"{path}?access_token={token}", body)
        except ApiError as error:
            if error.code not in _TOKEN_ENDED:
                raise
        if token == self._token:  # nobody else renewed it meanwhile
            self._until = 0.0
        return await self._post(f"{path}?access_token={await self._current()}", body)

    async def _current(self) -> str:
        async with self._renewing:
            if self._clock() >= self._until:
                asked = {
                    "grant_type": "client_credential",
                    "appid": self._settings.app_id,
                    "secret": self._settings.secret,
                }
                try:
                    found = await self._post("/cgi-bin/stable_token", asked)
                    self._token = str(found["access_token"])
                    self._until = self._clock() + max(float(found["expires_in"]) - EARLY_SECONDS, 30.0)
                except (NoAnswerError, KeyError, ValueError) as error:
                    raise NotReachedError(f"no token ({type(error).__name__})") from None
            return self._token

    async def _post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        if self._session is None:
            raise NotReachedError("not open")
        # not escaped: WeChat shows \\uXXXX as it stands
        data = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
        headers = {"Content-Type": "application/json; charset=utf-8"}
        try:
            async with self._session.post(self._settings.api + path, data=data, headers=headers) as response:
                answer = json.loads(await response.read())
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL) as error:
            raise NotReachedError(type(error).__name__) from None  # its own text holds the address, the token in it
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            raise NoAnswerError(type(error).__name__) from None
        if not isinstance(answer, dict):
            raise NoAnswerError("no object")
        if code := int(answer.get("errcode", 0)):
            raise ApiError(code, str(answer.get("errmsg", ""))[:60])
        return answer
