"""A local server that plays WeChat's API: tokens that end, reply windows of 48 hours and five messages, notices, quotas."""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

APP_ID, SECRET = "wx0123456789abcdef", "app-secret"
WINDOW_SECONDS, WINDOW_MESSAGES = 48 * 3600, 5
_tokens = itertools.count(1)


@dataclass
class Sent:
    """A message or notice that the API took."""

    path: str
    openid: str
    body: dict[str, Any]
    at: float = field(default_factory=time.monotonic)

    @property
    def text(self) -> str:
        return str(self.body["text"]["content"])


class WechatApiPeer:
    """``async with WechatApiPeer() as peer``; ``peer.api`` is its address. ``clock`` gives seconds.

    ``faults`` holds what goes wrong next: an errcode, ``drop_before``, ``drop_after``, ``slow <seconds>``, ``not json``.
    """

    def __init__(self, clock: Callable[[], float] = time.time, port: int = 0) -> None:
        self.clock = clock
        self.port = port
        self.sent: list[Sent] = []
        self.refused: list[tuple[str, int]] = []
        self.faults: deque[str | int] = deque()
        self.followers: set[str] | None = None  # None: everybody is one
        self.subscribed: set[str] = set()  # who takes subscription notices
        self.quota = 500_000
        self.tokens = 0
        self.escaped = 0  # bodies with \\uXXXX in them, which people would see
        self._token = ""
        self._windows: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])

    def writes(self, openid: str) -> None:
        """A person writes to the account: their window opens anew."""
        self._windows[openid] = [self.clock() + WINDOW_SECONDS, float(WINDOW_MESSAGES)]

    def end_token(self) -> None:
        self._token = ""

    async def __aenter__(self) -> WechatApiPeer:
        app = web.Application(client_max_size=1024 * 1024)
        app.router.add_post("/cgi-bin/{path:.+}", self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    @property
    def api(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def _answer(self, request: web.Request) -> web.Response:
        path, raw = request.match_info["path"], await request.read()
        body = json.loads(raw)
        if path == "stable_token":
            return self._give_token(body)
        fault = request.get("fault") or (self.faults.popleft() if self.faults else "")
        if isinstance(fault, str) and fault.startswith("slow"):
            await asyncio.sleep(float(fault.split()[1]))
        code = fault if isinstance(fault, int) else 0
        if fault != "drop_before" and not code:
            self.escaped += b"\\u" in raw
            code = self._code(request.query.get("access_token", ""), path, body)
            if code == 0:
                self.sent.append(Sent(path, str(body["touser"]), body))
        if isinstance(fault, str) and fault.startswith("drop"):
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        if fault == "not json":
            return web.Response(text="<html>")
        if code:
            self.refused.append((path, code))
        return web.json_response({"errcode": code, "errmsg": "ok" if not code else f"error {code}", "msgid": 1})

    def _give_token(self, body: dict[str, Any]) -> web.Response:
        if (body.get("appid"), body.get("secret")) != (APP_ID, SECRET):
            return web.json_response({"errcode": 40125, "errmsg": "invalid appsecret"})
        self.tokens += 1
        self._token = self._token or f"token-{next(_tokens)}"
        return web.json_response({"access_token": self._token, "expires_in": 7200})

    def _code(self, token: str, path: str, body: dict[str, Any]) -> int:
        if not self._token or token != self._token:
            return 40001
        openid = str(body.get("touser", ""))
        if self.followers is not None and openid not in self.followers:
            return 45015 if path == "message/custom/send" else 43004
        self.quota -= 1
        if self.quota < 0:
            return 45009
        match path:
            case "message/custom/send":
                return self._custom(openid, body)
            case "message/subscribe/bizsend":
                return 0 if openid in self.subscribed else 43101
            case "message/template/send":
                return 0
        return 48001

    def _custom(self, openid: str, body: dict[str, Any]) -> int:
        if len(str(body["text"]["content"]).encode()) > 2048:
            return 45002
        window = self._windows[openid]
        if window[0] <= self.clock():
            return 45015
        if window[1] < 1:
            return 45047
        window[1] -= 1
        return 0
