"""What a turn leaves behind: the response with letters that waited, and the record that is kept of it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

from bot.conversation import Conversation
from bot.desk import BEIJING
from bot.flow import said
from bot.letters import Letter
from bot.messages import Event, Message, Place, Reply, Response, Upload
from bot.people import Record
from bot.privacy import mask
from bot.responses import to_json

_NOT_KEPT = "这一步的内容不留在对话记录里。要看，请再发一次命令。"
_DISTANCE = re.compile(r"，约 [\d.]+ (?:公里|米)")


def stamp(at: datetime) -> str:
    """A time by Beijing time, short: 11月22日 12:00."""
    return f"{at.astimezone(BEIJING):%m月%d日 %H:%M}"


def with_letters(response: Response, conversation: Conversation, due: list[Letter]) -> tuple[Response, Conversation]:
    """The response with what waited to be told after it; a bare number may pick from the options of both."""
    told = [replace(letter.reply, text=f"【{stamp(letter.at)} 给您的消息】\n{letter.reply.text}") for letter in due]
    options = tuple(option for reply in told for option in reply.options)
    return (
        replace(response, replies=(*response.replies, *told)),
        replace(conversation, options=(*conversation.options, *options)),
    )


def record(message: Message, response: Response, free: bool) -> Record:
    """A turn as it is kept: personal data masked, no place, no file; ``free`` says whether it was a free question."""
    match message.body:
        case Place():
            kept = "[位置]"
        case Upload():
            kept = "[文件]"
        case Event() as event:
            kept = f"[{event.value}]"
        case _:
            kept = mask(said(message.body) or "")[:1000]
    if response.confidential:
        kept, response = "[不记内容]", replace(response, replies=(Reply(_NOT_KEPT),), slots={})
    return Record(
        delivery=message.key[:160],
        at=message.at,
        said=kept,
        intent=response.intent,
        outcome=response.outcome.value,
        entry=response.entry,
        confidence=response.confidence,
        free=free,
        response=to_json(_without_distances(response) if isinstance(message.body, Place) else response),
    )


def _without_distances(response: Response) -> Response:
    """The response as it is kept: distances to three points would tell where the person was."""
    return replace(
        response,
        replies=tuple(
            replace(
                reply,
                text=_DISTANCE.sub("", reply.text),
                places=tuple(replace(place, distance_km=None) for place in reply.places),
            )
            for reply in response.replies
        ),
    )
