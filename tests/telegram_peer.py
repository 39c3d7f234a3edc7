"""A local server that plays the Bot API, and the people who write to the bot; strict where Telegram is strict."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import Any

from aiohttp import ClientError, ClientSession, web

from tests.telegram_rules import Refusal, check_markup, need, units, visible

TOKEN = "4200:test-token"
BOT = {"id": 4200, "is_bot": True, "first_name": "助手", "username": "ip_test_bot"}
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"


@dataclass
class Call:
    """One call of the bot that was carried out."""

    method: str
    chat: int | None
    fields: dict[str, Any]
    text: str = ""  # without tags
    at: float = field(default_factory=time.monotonic)

    @property
    def keys(self) -> list[dict[str, Any]]:
        markup = self.fields.get("reply_markup", {})
        return [key for row in markup.get("inline_keyboard") or markup.get("keyboard") or [] for key in row]

    def key(self, label: str) -> str:
        """What the inline button with this label says."""
        return next(str(k["callback_data"]) for k in self.keys if k["text"] == label)


class Peer:
    """``async with Peer() as peer`` listens on 127.0.0.1; ``peer.api`` is its address.

    ``done`` are the calls carried out, ``refused`` those answered with an error, in order. ``faults[method]`` holds what
    goes wrong next: ``drop_before``, ``drop_after``, ``slow <seconds>``, ``not json``, or a Refusal.
    """

    def __init__(self) -> None:
        self.done: list[Call] = []
        self.refused: list[tuple[str, int]] = []
        self.faults: dict[str, deque[str | Refusal]] = defaultdict(deque)
        self.pending: list[dict[str, Any]] = []
        self.blocked: set[int] = set()
        self.moved: dict[int, int] = {}
        self.rate: tuple[int, float] | None = None  # messages, seconds, for one chat
        self.token = TOKEN
        self.webhook: dict[str, Any] | None = None
        self.stored: dict[str, bytes] = {}  # what people sent, by file_id
        self.fetched: list[str] = []
        self.posts: list[int] = []  # statuses that the webhook answered
        self.polls = 0
        self.port = 0
        self._ids = {"update": 1000, "message": 0}
        self._recent: dict[int, deque[float]] = defaultdict(deque)
        self._poller: asyncio.Future[None] | None = None
        self._news = asyncio.Event()  # something is pending
        self._more = asyncio.Event()  # something is done
        self._posting: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Peer:
        await self.plug()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._posting:
            self._posting.cancel()
        await self.unplug()

    async def plug(self) -> None:
        """Listen (again, at the same port)."""
        app = web.Application(client_max_size=60 * 1024 * 1024)
        app.router.add_route("*", "/bot{token}/{method}", self._answer)
        app.router.add_get("/file/bot{token}/{id}", self._content)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def unplug(self) -> None:
        """Refuse connections, and let the other side notice that the old ones are closed."""
        await self._runner.cleanup()
        await asyncio.sleep(0.02)

    @property
    def api(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    # -- what people do ------------------------------------------------------------------------------------

    def push(self, kind: str, body: dict[str, Any]) -> int:
        """An update of any kind, as raw as wanted; returns its number."""
        self._ids["update"] += 1
        self.pending.append({"update_id": self._ids["update"], kind: body})
        self._news.set()
        return self._ids["update"]

    def message(self, user: int, *, group: int | None = None, **content: Any) -> dict[str, Any]:
        self._ids["message"] += 1
        chat = {"id": user, "type": "private"} if group is None else {"id": group, "type": "supergroup", "title": "群"}
        body = {"message_id": self._ids["message"], "date": 1_600_000_000, "chat": chat, "from": _user(user), **content}
        text = str(content.get("text", ""))
        if text.startswith("/"):
            length = len(text.split(maxsplit=1)[0])
            body["entities"] = [{"type": "bot_command", "offset": 0, "length": length}]
        return body

    def say(self, user: int, text: str, **more: Any) -> int:
        return self.push("message", self.message(user, text=text, **more))

    def share(self, user: int, lat: float, lon: float, **more: Any) -> int:
        return self.push("message", self.message(user, location={"latitude": lat, "longitude": lon}, **more))

    def venue(self, user: int, lat: float, lon: float, title: str) -> int:
        where = {"latitude": lat, "longitude": lon}
        return self.push(
            "message", self.message(user, location=where, venue={"location": where, "title": title, "address": "x"})
        )

    def photo(self, user: int, **more: Any) -> int:
        photo = [{"file_id": "f", "file_unique_id": "u", "width": 1, "height": 1}]
        return self.push("message", self.message(user, photo=photo, **more))

    def document(self, user: int, name: str, content: bytes, size: int | None = None, **more: Any) -> int:
        """A file; ``size`` is what is said of it (None: the truth)."""
        id = f"file-{len(self.stored)}"
        self.stored[id] = content
        about = {"file_id": id, "file_unique_id": id, "file_name": name}
        return self.push(
            "message",
            self.message(user, document=about | {"file_size": len(content) if size is None else size}, **more),
        )

    def edit(self, user: int, **content: Any) -> int:
        return self.push("edited_message", self.message(user, edit_date=1_600_000_001, **content))

    def press(self, user: int, data: str, *, group: int | None = None) -> int:
        message = self.message(user, group=group, text="旧消息") | {"from": BOT, "date": 1_500_000_000}
        query = {"id": f"q{self._ids['update']}", "from": _user(user), "chat_instance": "c", "data": data}
        return self.push("callback_query", query | {"message": message})

    def block(self, user: int, status: str = "kicked") -> int:
        """Block the bot (``member``: let it write again)."""
        (self.blocked.add if status == "kicked" else self.blocked.discard)(user)
        member = {"user": BOT, "status": status} | ({"until_date": 0} if status == "kicked" else {})
        old = (
            {"user": BOT, "status": "member"}
            if status == "kicked"
            else {"user": BOT, "status": "kicked", "until_date": 0}
        )
        change = {"chat": {"id": user, "type": "private"}, "from": _user(user), "date": 1_600_000_000}
        return self.push("my_chat_member", change | {"old_chat_member": old, "new_chat_member": member})

    # -- what the test looks at ----------------------------------------------------------------------------

    def calls(self, *methods: str, chat: int | None = None) -> list[Call]:
        return [c for c in self.done if (not methods or c.method in methods) and chat in (None, c.chat)]

    def texts(self, chat: int | None = None) -> list[str]:
        return [call.text for call in self.calls("sendMessage", chat=chat)]

    async def sees(self, count: int, *methods: str, chat: int | None = None, seconds: float = 5.0) -> list[Call]:
        """The first ``count`` calls; fails when they do not come."""
        async with asyncio.timeout(seconds):
            while len(found := self.calls(*(methods or ("sendMessage",)), chat=chat)) < count:
                self._more.clear()
                await self._more.wait()
        return found

    # -- the Bot API ---------------------------------------------------------------------------------------

    async def _answer(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        fields = await _fields(request)
        fault = request.get("fault") or (self.faults[method].popleft() if self.faults[method] else "")
        try:
            if request.match_info["token"] != self.token:
                raise Refusal(401 if ":" in self.token else 404, "Unauthorized")
            if isinstance(fault, Refusal):
                raise fault
            if fault.startswith("slow"):
                await asyncio.sleep(float(fault.split()[1]))
            if fault != "drop_before":
                result = await self._carry_out(method, fields)
            if fault.startswith("drop"):
                assert request.transport is not None
                request.transport.abort()
                return web.Response()
            if fault == "not json":
                return web.Response(text="<html>")
        except Refusal as refusal:
            self.refused.append((method, refusal.code))
            return web.json_response(refusal.body, status=refusal.code)
        return web.json_response({"ok": True, "result": result})

    async def _content(self, request: web.Request) -> web.Response:
        id = request.match_info["id"]
        self.fetched.append(id)
        return web.Response(body=self.stored[id])

    async def _carry_out(self, method: str, fields: dict[str, Any]) -> Any:
        match method:
            case "getMe":
                return BOT
            case "getUpdates":
                return await self._updates(fields)
            case "setWebhook" | "deleteWebhook":
                self._set_webhook(fields if fields.get("url") else None)
                self._did(Call(method, None, fields))
                return True
            case "getFile":
                id = str(fields["file_id"])
                need(id in self.stored and len(self.stored[id]) <= 20 * 1024 * 1024, "file is too big")
                return {"file_id": id, "file_unique_id": id, "file_path": id}
            case "setMyCommands" | "answerCallbackQuery":
                need(all(re.fullmatch(r"[a-z0-9_]{1,32}", c["command"]) for c in fields.get("commands", [])), "command")
                self._did(Call(method, None, fields))
                return True
            case "sendMessage" | "sendVenue" | "sendDocument" | "sendPhoto" | "editMessageText":
                return self._send(method, fields)
        raise Refusal(404, "Not Found")

    def _send(self, method: str, fields: dict[str, Any]) -> dict[str, Any]:
        chat = int(fields["chat_id"])
        if chat in self.moved:
            new = self.moved[chat]
            raise Refusal(400, "Bad Request: group chat was upgraded to a supergroup chat", migrate_to_chat_id=new)
        if chat in self.blocked:
            raise Refusal(403, "Forbidden: bot was blocked by the user")
        if self.rate:
            count, seconds = self.rate
            recent = self._recent[chat]
            while recent and recent[0] < time.monotonic() - seconds:
                recent.popleft()
            if len(recent) >= count:
                raise Refusal(429, "Too Many Requests: retry after 1", retry_after=1)
            recent.append(time.monotonic())
        text = str(fields.get("text", ""))
        text = visible(text) if fields.get("parse_mode") == "HTML" else text
        if method in ("sendMessage", "editMessageText"):
            need(text.strip() != "", "message text is empty")
            need(units(text) <= 4096, "message is too long")
        if method == "sendVenue":
            need(bool(fields["title"] and fields["address"]), "venue")
            need(-90 <= float(fields["latitude"]) <= 90 and -180 <= float(fields["longitude"]) <= 180, "location")
        if method == "sendPhoto":
            need(len(fields["photo"]["content"]) <= 10 * 1024 * 1024, "file is too big")
        if method == "sendDocument":
            need(len(fields["document"]["content"]) <= 50 * 1024 * 1024, "file is too big")
        need(units(str(fields.get("caption", ""))) <= 1024, "message caption is too long")
        check_markup(fields.get("reply_markup"), chat)
        self._ids["message"] += 1
        self._did(Call(method, chat, fields, text))
        place = {"id": chat, "type": "private" if chat > 0 else "supergroup"}
        return {"message_id": self._ids["message"], "date": int(time.time()), "chat": place, "from": BOT, "text": text}

    def _did(self, call: Call) -> None:
        self.done.append(call)
        self._more.set()

    async def _updates(self, fields: dict[str, Any]) -> list[dict[str, Any]]:
        if self.webhook:
            raise Refusal(409, "Conflict: can't use getUpdates method while webhook is active")
        self.polls += 1
        if self._poller and not self._poller.done():
            self._poller.set_result(None)
        mine = self._poller = asyncio.get_running_loop().create_future()
        offset = int(fields.get("offset", 0))
        self.pending = [u for u in self.pending if u["update_id"] >= offset]
        until = time.monotonic() + float(fields.get("timeout", 0))
        while not (found := self._asked_for(fields)) and time.monotonic() < until:
            self._news.clear()
            waiting = asyncio.ensure_future(self._news.wait())
            try:
                await asyncio.wait(
                    {waiting, mine}, timeout=until - time.monotonic(), return_when=asyncio.FIRST_COMPLETED
                )
            finally:
                waiting.cancel()
            if mine.done():
                raise Refusal(409, "Conflict: terminated by other getUpdates request")
        mine.cancel()
        return found

    def _asked_for(self, fields: dict[str, Any]) -> list[dict[str, Any]]:
        kinds = fields.get("allowed_updates")
        if kinds:
            self.pending = [u for u in self.pending if set(u) & {*kinds, "odd"}]
        return self.pending[: int(fields.get("limit", 100))]

    def _set_webhook(self, fields: dict[str, Any] | None) -> None:
        if self._posting:
            self._posting.cancel()
        self.webhook = fields
        self._posting = asyncio.create_task(self._post(fields)) if fields else None

    async def _post(self, webhook: dict[str, Any]) -> None:
        """Bring the updates to the webhook, one after the other; again until it answers 2xx."""
        headers = {SECRET_HEADER: webhook["secret_token"]} if webhook.get("secret_token") else {}
        async with ClientSession(headers=headers) as session:
            while True:
                self._news.clear()
                while self._asked_for(webhook):
                    try:
                        async with session.post(webhook["url"], json=self.pending[0]) as response:
                            self.posts.append(response.status)
                    except ClientError:
                        self.posts.append(0)
                    if 200 <= self.posts[-1] < 300:
                        self.pending.pop(0)
                    else:
                        await asyncio.sleep(0.05)
                await self._news.wait()


def _user(id: int) -> dict[str, Any]:
    return {"id": id, "is_bot": False, "first_name": "某人"}


async def _fields(request: web.Request) -> dict[str, Any]:
    """Parameters from the address and the body; what is JSON is read, files become their content."""
    fields: dict[str, Any] = dict(request.query)
    for name, value in (await request.post()).items():
        fields[name] = (
            {"name": value.filename, "content": value.file.read()} if isinstance(value, web.FileField) else value
        )
    for name in ("reply_markup", "commands", "allowed_updates", "link_preview_options", "reply_parameters"):
        if name in fields:
            fields[name] = json.loads(fields[name])
    return fields
