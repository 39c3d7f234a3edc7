"""Answering what came from Telegram: a turn for each update, its response sent, the update taken out of the inbox."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

from telegram.error import TelegramError

from bot.channels.reception import Reception, Wanting
from bot.channels.telegram_fetch import Remote
from bot.channels.telegram_intake import Inbox, Lanes, Recent, Stored
from bot.channels.telegram_read import Incoming
from bot.channels.telegram_send import Courier, Delivered
from bot.channels.telegram_write import KEYBOARD_GONE, Bubble, write
from bot.messages import Event, Message, Response, Upload

log = logging.getLogger(__name__)

TURNS_AT_ONCE = 16
RETURN_SECONDS = 10.0  # who unblocks the bot with its button says /start at once: one greeting is enough
REMEMBERED = 10_000


class Door(Wanting, Protocol):
    """Who answers: the App."""

    async def handle(self, message: Message) -> Response: ...


Pieces = Callable[[Remote], AsyncGenerator[bytes, None]]


@dataclass(frozen=True, slots=True)
class _Item:
    stored: Stored
    incoming: Incoming


class Answering:
    """Answers updates: those of one person in order, those of different persons at the same time.

    ``open`` are the rows of the inbox that are being worked on. What certainly could not be sent stays in the inbox.
    """

    def __init__(self, app: Door, inbox: Inbox, courier: Courier, reception: Reception, pieces: Pieces) -> None:
        self.open: set[int] = set()
        self.lanes = Lanes[_Item](self._handle)
        self._app = app
        self._inbox = inbox
        self._courier = courier
        self._reception = reception
        self._pieces = pieces
        self._turns = asyncio.Semaphore(TURNS_AT_ONCE)
        self._keyed = Recent[int, None](REMEMBERED)  # chats that show the location key
        self._returned = Recent[str, float](REMEMBERED)  # when somebody unblocked us (time of the loop)

    def put(self, stored: Stored, incoming: Incoming) -> None:
        """Answer this after what this person said before."""
        self.open.add(stored.id)
        self.lanes.put(incoming.message.person.key, _Item(stored, incoming))

    async def close(self, seconds: float) -> None:
        """Let what is under way end, for so long."""
        await self.lanes.close(seconds)

    async def _handle(self, item: _Item) -> None:
        message = item.incoming.message
        try:
            if not self._greeted_already(item):
                confirming = self._confirm(item)
                response = await self._respond(item.incoming)
                came = await self._answer(item, response)
                if confirming is not None:
                    await confirming
                if message.body is Event.LEFT:
                    self._courier.block(item.incoming.to.chat)
                if came is Delivered.LATER:
                    return
            await self._inbox.remove(item.stored)
        finally:
            self.open.discard(item.stored.id)

    async def _respond(self, incoming: Incoming) -> Response:
        message, file = incoming.message, incoming.file
        if file is None or not isinstance(message.body, Upload):
            async with self._turns:
                return await self._app.handle(message)
        name = message.body.name
        try:
            async with self._reception.take_in(
                message.person, name, file.size, lambda: self._pieces(file), message.at
            ) as upload:
                return await self._app.handle(replace(message, body=upload))
        except (TelegramError, TimeoutError) as error:
            log.warning("a file could not be fetched: %s", error, extra={"channel": "telegram"})
            return await self._app.handle(message)

    def _confirm(self, item: _Item) -> asyncio.Task[None] | None:
        """A press is confirmed at once, beside the turn; the answer is a new message."""
        if item.incoming.callback is None:
            return None
        return asyncio.create_task(self._courier.confirm(item.incoming.callback))

    async def _answer(self, item: _Item, response: Response) -> Delivered:
        to = item.incoming.to
        try:
            sends = write(response, to.private)
        except Exception:  # it would fail again: the update must not come back for ever
            log.exception("a response could not be written", extra={"delivery": item.incoming.message.key})
            return Delivered.REFUSED
        bubbles = [send for send in sends if isinstance(send, Bubble)]
        if any(bubble.asks_location for bubble in bubbles):
            self._keyed.add(to.chat, None)
        elif bubbles and to.chat in self._keyed:
            self._keyed.drop(to.chat)
            if not any(bubble.removes_keyboard for bubble in bubbles):
                await self._courier.deliver(to, [KEYBOARD_GONE])
        return await self._courier.deliver(to, sends, item.stored.sent, partial(self._inbox.mark, item.stored))

    def _greeted_already(self, item: _Item) -> bool:
        if item.incoming.message.body is not Event.ARRIVED:
            return False
        now, person = asyncio.get_running_loop().time(), item.incoming.message.person.id
        if "my_chat_member" in item.stored.update:
            self._returned.add(person, now)
            return False
        returned = self._returned.drop(person)
        return returned is not None and now - returned < RETURN_SECONDS
