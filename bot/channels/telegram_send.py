"""Sending to Telegram: in order within a chat, at the pace it allows, and honest about what became of it."""

from __future__ import annotations

import asyncio
import errno
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from enum import Enum
from pathlib import Path
from weakref import WeakValueDictionary

from telegram import Bot, LinkPreviewOptions, ReplyParameters
from telegram.constants import ParseMode
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, TelegramError

from bot.channels.pace import ChatPaces, Pace
from bot.channels.telegram_api import NotSentError, TooFastError
from bot.channels.telegram_intake import Recent
from bot.channels.telegram_read import Destination
from bot.channels.telegram_write import Attachment, Bubble, Send, Venue
from bot.messages import File

log = logging.getLogger(__name__)

AT_ONCE = 32  # requests; fewer than the session has connections
TRIES = 3  # after 429
LONGEST_PAUSE = 120.0  # seconds that all the pauses for one message may take
PAUSE = 1.0  # seconds before the second attempt to connect
REMEMBERED = 10_000  # chats
PICTURE_BYTES = 10 * 1024 * 1024
FILE_BYTES = 50 * 1024 * 1024
SECOND = 1.05  # a little longer than Telegram's, as the line is not even
PRIVATE, GROUP = (5, 5.2), (20, 61.0)  # messages in so many seconds that one chat may get
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


class Delivered(Enum):
    """What became of a response."""

    SENT = "sent"
    BLOCKED = "blocked"  # the person does not want to hear from us
    REFUSED = "refused"  # Telegram will not send (a part of) it, now or later
    UNSURE = "unsure"  # (a part) may or may not have arrived; it is not sent again
    LATER = "later"  # the rest certainly did not go out


Mark = Callable[[int], Awaitable[None]]


async def _no_mark(_: int) -> None:
    pass


class Courier:
    """Sends responses. What goes to one chat waits for what goes there before; a pause holds up its chat only.

    ``replies`` and ``letters`` a second are sent (0: no limit), each in a lane of its own, so that letters never hold up a
    reply; ``paced``: no faster to one chat than Telegram allows.
    """

    def __init__(self, bot: Bot, replies: int = 0, letters: int = 0, paced: bool = False) -> None:
        self._bot = bot
        self._calls = asyncio.Semaphore(AT_ONCE)
        self._replies, self._letters = Pace(replies, SECOND), Pace(letters, SECOND)
        self._chats = ChatPaces(lambda chat: Pace(*(GROUP if chat < 0 else PRIVATE))) if paced else None
        self._locks: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()
        self._blocked = Recent[int, None](REMEMBERED)
        self._moved = Recent[int, int](REMEMBERED)  # groups that became supergroups
        self._quiet = Recent[int, float](REMEMBERED)  # until when (time of the loop) Telegram wants silence there

    def block(self, chat: int) -> None:
        """Send nothing more there."""
        self._blocked.add(chat, None)

    def unblock(self, chat: int) -> None:
        """Somebody wrote there again."""
        self._blocked.drop(chat)

    def moved(self, chat: int, to: int) -> None:
        """A group became a supergroup."""
        self._moved.add(chat, to)

    def moved_to(self, chat: int) -> int:
        """Where a chat is now."""
        return self._moved.get(chat, chat)

    async def post(self, to: Destination, send: Send, plain: bool) -> None:
        """Send a part of a letter, once, at the pace of letters. Raises what the Bot API says."""
        if self._chats is not None:
            await self._chats.turn(to.chat)
        await self._letters.turn()
        await self._call(to, send, plain)

    async def confirm(self, callback: str) -> None:
        """Tell Telegram that a press was seen, so that its button stops spinning. Too late is no matter."""
        try:
            async with self._calls:
                await self._bot.answer_callback_query(callback)
        except TelegramError as error:
            log.debug("a press was not confirmed: %s", error)

    async def deliver(self, to: Destination, sends: Sequence[Send], first: int = 0, mark: Mark = _no_mark) -> Delivered:
        """Send ``sends`` from number ``first`` on, one after the other.

        ``mark`` is told how many of them need not be sent again: just before an attempt that it counts as sent, as
        nobody knows what becomes of it when the process dies; and again when it certainly was not.
        """
        lock = self._locks.get(to.chat)
        if lock is None:
            lock = self._locks[to.chat] = asyncio.Lock()
        result = Delivered.SENT
        async with lock:
            for number in range(first, len(sends)):
                here = to if number == 0 else replace(to, reply_to=None)
                came = await self._one(here, sends[number], number, mark)
                if came in (Delivered.BLOCKED, Delivered.LATER):
                    return came
                if came is not Delivered.SENT:
                    result = came
        return result

    async def _one(self, to: Destination, send: Send, number: int, mark: Mark) -> Delivered:
        tries, paused, unreached, plain = 0, 0.0, False, False
        while True:
            if to.chat in self._blocked:
                return Delivered.BLOCKED
            if asyncio.get_running_loop().time() < self._quiet.get(to.chat, 0.0):
                return Delivered.LATER
            here = replace(to, chat=self._moved.get(to.chat, to.chat))
            if self._chats is not None:
                await self._chats.turn(here.chat)
            await self._replies.turn()
            await mark(number + 1)
            try:
                async with self._calls:
                    await self._call(here, send, plain)
                return Delivered.SENT
            except TooFastError as error:
                await mark(number)
                tries, paused = tries + 1, paused + error.seconds
                if tries > TRIES or paused > LONGEST_PAUSE:
                    self._quiet.add(to.chat, asyncio.get_running_loop().time() + error.seconds)
                    return _failed(Delivered.LATER, send, error)
                await asyncio.sleep(error.seconds)
            except (NotSentError, InvalidToken) as error:
                await mark(number)
                if unreached or isinstance(error, InvalidToken):
                    return _failed(Delivered.LATER, send, error)
                unreached = True
                await asyncio.sleep(PAUSE)
            except ChatMigrated as error:
                if here.chat != to.chat:
                    return _failed(Delivered.REFUSED, send, error)
                self._moved.add(to.chat, error.new_chat_id)
            except Forbidden as error:
                self.block(to.chat)
                log.info("blocked: %s", error, extra={"channel": "telegram"})
                return Delivered.BLOCKED
            except BadRequest as error:
                said = str(error).lower()
                if "not modified" in said:
                    return Delivered.SENT
                if "thread not found" in said and to.thread is not None:
                    to = replace(to, thread=None)
                elif isinstance(send, Bubble) and not plain and "chat not found" not in said:
                    log.error("refused, sent as plain text: %s", error, extra={"channel": "telegram"})
                    plain = True
                elif isinstance(send, Attachment) and send.as_picture:  # too long and narrow, say
                    send = replace(send, as_picture=False)
                else:
                    return _failed(Delivered.REFUSED, send, error)
            except (TelegramError, OSError) as error:
                return _failed(Delivered.REFUSED if isinstance(error, OSError) else Delivered.UNSURE, send, error)

    async def _call(self, to: Destination, send: Send, plain: bool) -> None:
        answers = ReplyParameters(to.reply_to, allow_sending_without_reply=True) if to.reply_to is not None else None
        match send:
            case Bubble():
                await self._bot.send_message(
                    to.chat,
                    send.plain if plain else send.html,
                    parse_mode=None if plain else ParseMode.HTML,
                    reply_markup=None if plain else send.markup,
                    link_preview_options=_NO_PREVIEW,
                    message_thread_id=to.thread,
                    reply_parameters=answers,
                )
            case Venue(title, address, lat, lon):
                await self._bot.send_venue(to.chat, lat, lon, title, address, message_thread_id=to.thread)
            case Attachment(file):
                content = await asyncio.to_thread(_content, file)
                if send.as_picture and len(content) <= PICTURE_BYTES:
                    await self._bot.send_photo(
                        to.chat,
                        content,
                        caption=send.caption,
                        filename=file.name,
                        message_thread_id=to.thread,
                        reply_parameters=answers,
                    )
                else:
                    await self._bot.send_document(
                        to.chat, content, filename=file.name, message_thread_id=to.thread, reply_parameters=answers
                    )


def _content(file: File) -> bytes:
    """The bytes of a file. Raises OSError, also on one that Telegram would not take."""
    path = Path(file.path)
    if path.stat().st_size > FILE_BYTES:
        raise OSError(errno.EFBIG, "larger than Telegram takes")
    return path.read_bytes()


def _failed(result: Delivered, send: Send, error: Exception) -> Delivered:
    """Log a failure, without any of the text."""
    log.warning(
        "%s: a %s was not confirmed (%s)",
        result.value,
        type(send).__name__.lower(),
        error if isinstance(error, TelegramError) else type(error).__name__,
        extra={"channel": "telegram"},
    )
    return result
