"""The Telegram channel: updates come by webhook or polling, are kept until answered, and the answers go out."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import logging
import re
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlencode, urlsplit

from aiohttp import web
from sqlalchemy import Engine
from telegram import BotCommand
from telegram.error import BadRequest, Conflict, InvalidToken, TelegramError

from bot.channels.reception import Reception
from bot.channels.telegram_answer import Answering, Door
from bot.channels.telegram_api import READ_SECONDS, TelegramSettings, TooFastError, make_bot
from bot.channels.telegram_fetch import pieces
from bot.channels.telegram_intake import Inbox, Recent
from bot.channels.telegram_letters import TelegramLetters
from bot.channels.telegram_read import ALLOWED_UPDATES, CHANNEL, MalformedError, read, receive
from bot.channels.telegram_send import Courier
from bot.channels.telegram_write import write
from bot.files import Incoming

__all__ = ["PATH", "TelegramChannel", "TelegramSettings", "read", "write"]
log = logging.getLogger(__name__)

PATH = "/telegram/webhook"
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
BODY_BYTES = 1024 * 1024
BODY_SECONDS = 10.0
WEBHOOK_CONNECTIONS = 40
POLL_SECONDS = 50  # the most that Telegram allows
POLL_LIMIT = 100
COMMANDS = 100
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0  # seconds before Telegram is tried again
SWEEP_SECONDS = 15.0
LEASE = timedelta(seconds=45)  # an update not renewed for so long is taken up again
GRACE_SECONDS = 5.0  # for answers that are under way when the server stops
CONFIRM_SECONDS = 1.0  # for telling Telegram at the end which updates it may forget
REMEMBERED = 10_000
_COMMAND = re.compile(r"[a-z0-9_]{1,32}")


class TelegramChannel:
    """One bot. ``commands`` are shown in its menu: (name without slash, description).

    It starts even when Telegram is out of reach or refuses the token, and goes on trying.
    """

    def __init__(
        self,
        app: Door,
        engine: Engine,
        settings: TelegramSettings,
        incoming: Incoming,
        commands: Sequence[tuple[str, str]] = (),
    ) -> None:
        self._settings = settings
        self._commands = commands
        self._bot, own, self._polling = make_bot(settings)
        self._courier = Courier(self._bot, settings.replies, settings.letters, settings.paced)
        self.letters = TelegramLetters(self._courier, settings.account)
        self._inbox = Inbox(engine, CHANNEL, settings.account)
        self._answering = Answering(
            app, self._inbox, self._courier, Reception(app, incoming), partial(pieces, self._bot, own)
        )
        self._alone = engine.dialect.name == "sqlite"  # one process: what is in the inbox at the start was left there
        self._secret = settings.secret or hashlib.sha256(f"webhook:{settings.token}".encode()).hexdigest()
        self._seen = Recent[str, None](REMEMBERED)  # deliveries
        self._username = ""
        self._offset: int | None = None
        self._ready = False
        self._tasks: list[asyncio.Task[None]] = []

    def routes(self) -> list[web.RouteDef]:
        """The webhook; nothing when polling."""
        return [web.post(PATH, self._webhook)] if self._settings.webhook else []

    async def start(self) -> None:
        """Begin in the background. Never fails and does not wait for Telegram."""
        self._tasks = [asyncio.create_task(self._run()), asyncio.create_task(self._sweep())]

    async def stop(self) -> None:
        """Take nothing more; let answers under way go out for a while. What is not answered is, after the next start."""
        self._ready = self.letters.ready = False
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []
        if self._offset is not None:
            await self._confirm_offset()
        await self._answering.close(GRACE_SECONDS)
        await self._bot.shutdown()
        self._inbox.close()

    # -- beginning -----------------------------------------------------------------------------------------

    async def _run(self) -> None:
        pause, told = FIRST_PAUSE, ""
        while not self._ready:
            try:
                await self._begin()
                self._ready = self.letters.ready = True
            except Exception as error:  # what answers at that address need not be the Bot API
                trouble = self._trouble(error)
                if trouble != told:
                    log.error("%s; trying again until it works", trouble)
                    told = trouble
                await asyncio.sleep(error.seconds if isinstance(error, TooFastError) else pause)
                pause = min(pause * 2, LONGEST_PAUSE)
        log.info("Telegram: @%s, %s", self._username, "webhook" if self._settings.webhook else "polling")
        if not self._settings.webhook:
            await self._poll()

    async def _begin(self) -> None:
        await self._bot.initialize()  # getMe
        self._username = self._bot.username
        await self._show_commands()
        if self._settings.webhook:
            await self._bot.set_webhook(
                self._webhook_address(),
                secret_token=self._secret,
                allowed_updates=ALLOWED_UPDATES,
                max_connections=WEBHOOK_CONNECTIONS,
            )
        else:
            await self._bot.delete_webhook()
        await self._take_up(None if self._alone else LEASE)

    async def _show_commands(self) -> None:
        commands = []
        for name, description in self._commands[:COMMANDS]:
            if _COMMAND.fullmatch(name.removeprefix("/")) and description:
                commands.append(BotCommand(name.removeprefix("/"), description[:256]))
            else:
                log.error("a command is left out of the Telegram menu: %s", name)
        try:
            await self._bot.set_my_commands(commands)
        except BadRequest as error:
            log.error("Telegram refuses the menu of commands: %s", error)

    def _webhook_address(self) -> str:
        url = self._settings.webhook
        return url if urlsplit(url).path.strip("/") else url.rstrip("/") + PATH

    def _trouble(self, error: Exception) -> str:
        """What is wrong, in one line; the token is not in it (it is in PTB's own message)."""
        match error:
            case InvalidToken():
                return "Telegram refuses the token (IPBOT_TELEGRAM_TOKEN)"
            case Conflict():
                return "somebody else polls with this Telegram token, or has set a webhook"
            case BadRequest():
                return f"Telegram refuses a request: {error}"
            case TelegramError():
                return f"Telegram cannot be reached at {self._settings.host}: {error}"
        log.debug("unexpected", exc_info=error)
        return f"Telegram does not work ({type(error).__name__})"

    # -- receiving -----------------------------------------------------------------------------------------

    async def _webhook(self, request: web.Request) -> web.Response:
        given = request.headers.get(SECRET_HEADER, "").encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(given, self._secret.encode()):
            return web.Response(status=403)
        if not self._ready or self._answering.lanes.full:
            return web.Response(status=503, headers={"Retry-After": "5"})  # Telegram keeps it and asks again
        try:
            async with asyncio.timeout(BODY_SECONDS):
                body = await _body(request)
        except TimeoutError:
            return web.Response(status=408)
        try:
            await self._accept(json.loads(body, parse_constant=_no_constant))
        except (ValueError, RecursionError) as error:  # not JSON, or no update
            log.warning("a Telegram update could not be read: %s", type(error).__name__)
            return web.Response(status=400)
        return web.Response()

    async def _poll(self) -> None:
        pause, told = FIRST_PAUSE, ""
        while True:
            try:
                await self._answering.lanes.room()
                before = time.monotonic()
                updates = await self._updates(POLL_SECONDS, POLL_LIMIT)
                for raw in updates:
                    await self._take_in(raw)
                pause, told = FIRST_PAUSE, ""
                if not updates and time.monotonic() - before < FIRST_PAUSE:
                    await asyncio.sleep(FIRST_PAUSE)  # a server that does not wait for updates
            except Exception as error:  # the database may be away as well
                trouble = self._trouble(error)
                if trouble != told:
                    log.warning("%s; polling goes on", trouble)
                    told = trouble
                await asyncio.sleep(error.seconds if isinstance(error, TooFastError) else pause)
                pause = min(pause * 2, LONGEST_PAUSE)

    async def _take_in(self, raw: Any) -> None:
        """Keep one polled update; only then does the offset pass it, which tells Telegram to forget it."""
        try:
            await self._accept(raw)
        except MalformedError as error:
            log.warning("a Telegram update could not be read: %s", error)
        if isinstance(raw, dict) and isinstance(raw.get("update_id"), int):
            self._offset = raw["update_id"] + 1

    async def _updates(self, seconds: int, limit: int) -> Sequence[Any]:
        """Updates as they came. (``Bot.get_updates`` would fail on all of them if one could not be read.)"""
        fields: dict[str, object] = {"timeout": seconds, "limit": limit, "allowed_updates": json.dumps(ALLOWED_UPDATES)}
        if self._offset is not None:
            fields["offset"] = self._offset
        url = f"{self._bot.base_url}/getUpdates?{urlencode(fields)}"
        found = await self._polling.post(url, read_timeout=seconds + READ_SECONDS)
        return found if isinstance(found, list) else ()

    async def _confirm_offset(self) -> None:
        try:
            async with asyncio.timeout(CONFIRM_SECONDS):
                await self._updates(0, 1)
        except (TelegramError, TimeoutError):
            log.debug("the last updates are not confirmed; they will come again and be recognised")

    async def _accept(self, raw: Any) -> None:
        """Keep an update and have it answered; once. Raises MalformedError, or what the database raises."""
        incoming = receive(raw, self._settings.account, datetime.now(UTC), self._username)
        if incoming is None or incoming.message.key in self._seen:
            return
        stored = await self._inbox.store(incoming.message, raw)
        if stored is None:
            return
        if incoming.message.key in self._seen:  # another delivery of it was kept and answered meanwhile
            await self._inbox.remove(stored)
            return
        self._seen.add(incoming.message.key, None)
        self._courier.unblock(incoming.to.chat)
        self._answering.put(stored, incoming)

    async def _take_up(self, idle: timedelta | None) -> None:
        """Work on what was kept and not answered."""
        now = datetime.now(UTC)
        for stored in await self._inbox.take(now, idle, timedelta(seconds=SWEEP_SECONDS)):
            if stored.id in self._answering.open:
                continue
            try:
                incoming = receive(stored.update, self._settings.account, now, self._username)
            except MalformedError:
                incoming = None
            if incoming is None:
                await self._inbox.remove(stored)
            else:
                self._seen.add(incoming.message.key, None)
                self._answering.put(stored, incoming)

    async def _sweep(self) -> None:
        """Keep what is being worked on, take up what was left lying."""
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            try:
                await self._inbox.renew(tuple(self._answering.open), datetime.now(UTC))
                if self._ready:
                    await self._take_up(LEASE)
            except Exception:  # the database may be away; the next round is soon
                log.exception("the inbox could not be swept")


async def _body(request: web.Request) -> bytes:
    """The body of a request, up to BODY_BYTES. Raises 413."""
    body = bytearray()
    async for chunk in request.content.iter_chunked(64 * 1024):
        body += chunk
        if len(body) > BODY_BYTES:
            raise web.HTTPRequestEntityTooLarge(BODY_BYTES, len(body))
    return bytes(body)


def _no_constant(name: str) -> Mapping[str, Any]:
    raise ValueError(name)  # NaN is no JSON
