"""Letters to people on Telegram: sent once each, beside the answers, and what the Bot API said of each."""

from __future__ import annotations

import asyncio
import logging
import time

from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, TelegramError

from bot.channels.delivered import Delivered, Mark, Refused, Sent, Unsure, Wait
from bot.channels.telegram_api import NotSentError, TelegramSettings, TooFastError, make_bot
from bot.channels.telegram_read import CHANNEL, Destination, private_chat
from bot.channels.telegram_send import Courier
from bot.channels.telegram_write import Bubble, Send, write
from bot.letters import Letter
from bot.messages import Outcome, Response

log = logging.getLogger(__name__)

UNREACHED_SECONDS = 5.0  # before Telegram is tried again
TOKEN_SECONDS = 60.0
FLOOD_SECONDS = 2.0  # two chats that are too fast within this time: it is the bot that is
_GONE = ("bot was blocked", "user is deactivated", "bot was kicked", "chat not found", "can't initiate conversation")


class TelegramLetters:
    """Sends letters with a courier, which keeps to Telegram's rates. In groups nothing is told to one person: letters go
    to the private chat."""

    channel = CHANNEL
    windowed = False
    notices = False

    def __init__(self, courier: Courier, account: str) -> None:
        self.account = account
        self.ready = False
        self._courier = courier
        self._flooded: tuple[int, float] = (0, 0.0)  # the chat that was too fast last, and when

    async def send(self, letter: Letter, mark: Mark) -> Delivered:
        """Part by part; each is counted as sent just before it goes out."""
        try:
            chat = private_chat(letter.person)
            sends = write(Response(Outcome.ANSWER, (letter.reply,)))
        except Exception as error:  # it would fail again
            log.exception("a letter could not be written", extra={"channel": CHANNEL, "letter": letter.id})
            return Refused(f"not written: {type(error).__name__}")
        for number in range(letter.parts, len(sends)):
            if number > letter.parts:
                await mark(number)
            came = await self._one(chat, sends[number], number)
            if not isinstance(came, Sent):
                return came
        return Sent()

    async def _one(self, chat: int, send: Send, done: int) -> Delivered:
        to, plain = Destination(self._courier.moved_to(chat)), False
        while True:
            try:
                await self._courier.post(to, send, plain)
                return Sent()
            except TooFastError as error:
                return Wait(error.seconds, "429", done, all=self._is_flood(chat))
            except NotSentError as error:
                return Wait(UNREACHED_SECONDS, str(error), done, all=True)
            except InvalidToken:
                return Wait(TOKEN_SECONDS, "token", done, all=True)
            except ChatMigrated as error:
                if to.chat == error.new_chat_id:
                    return Refused("chat moved")
                self._courier.moved(chat, error.new_chat_id)
                to = Destination(error.new_chat_id)
            except Forbidden as error:
                return Refused(_cause(error), gone=True)
            except BadRequest as error:
                cause = _cause(error)
                if isinstance(send, Bubble) and not plain and not _is_gone(cause):
                    log.error("refused, sent as plain text: %s", error, extra={"channel": CHANNEL})
                    plain = True
                    continue
                return Refused(cause, gone=_is_gone(cause))
            except TelegramError as error:  # the answer did not come, or is none
                return Unsure(_cause(error))

    def _is_flood(self, chat: int) -> bool:
        """Whether Telegram finds the bot too fast, not just the writing to one chat."""
        now = time.monotonic()
        last, at = self._flooded
        self._flooded = (chat, now)
        return last != chat and now - at < FLOOD_SECONDS


class TelegramPost:
    """Telegram for a process that only sends: no updates are taken. It starts even when Telegram is out of reach."""

    def __init__(self, settings: TelegramSettings) -> None:
        self._bot, _, _ = make_bot(settings)
        self.letters = TelegramLetters(
            Courier(self._bot, settings.replies, settings.letters, settings.paced), settings.account
        )
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._begin())

    async def stop(self) -> None:
        self.letters.ready = False
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._bot.shutdown()

    async def _begin(self) -> None:
        while not self.letters.ready:
            try:
                await self._bot.initialize()
                self.letters.ready = True
            except TelegramError as error:
                reason = "the token is refused" if isinstance(error, InvalidToken) else str(error)
                log.error("Telegram does not work (%s); trying again", reason)
                await asyncio.sleep(UNREACHED_SECONDS)


def _is_gone(cause: str) -> bool:
    return any(words in cause.lower() for words in _GONE)


def _cause(error: TelegramError) -> str:
    return str(error) or type(error).__name__
