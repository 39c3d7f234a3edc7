"""A file that somebody sent on Telegram: what the update tells of it, and its content, asked for and streamed."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

from telegram import Bot
from telegram import Message as Native
from telegram.error import TelegramError

from bot.channels.telegram_api import AiohttpRequest


@dataclass(frozen=True, slots=True)
class Remote:
    """A file at Telegram: its id there, and its size in bytes, 0 when it is not told."""

    id: str
    size: int


def remote(native: Native | None) -> Remote | None:
    """The document, or the largest of a picture's sizes."""
    if native is None:
        return None
    found = native.document or (native.photo[-1] if native.photo else None)
    return None if found is None else Remote(found.file_id, found.file_size or 0)


async def pieces(bot: Bot, request: AiohttpRequest, file: Remote) -> AsyncGenerator[bytes, None]:
    """The content. Raises TelegramError."""
    found = await bot.get_file(file.id)
    if not (found.file_path or "").startswith(("https://", "http://")):
        raise TelegramError("the file has no address")
    async with aclosing(request.stream(str(found.file_path))) as coming:
        async for piece in coming:
            yield piece
