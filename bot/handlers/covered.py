"""A service that is asked for in words which an entry answers: the entry is said first, the service offered beside it."""

from __future__ import annotations

from dataclasses import replace

from bot.desk import Desk, Turn
from bot.handlers.questions import answer_with
from bot.knowledge.library import Sure
from bot.messages import Reply
from bot.routes import Said


def covered(turn: Turn, desk: Desk, command: str, offer: Reply, answers: float) -> Said | None:
    """The entry that answers what was said with confidence ``answers`` or more, then ``offer``; None when there is none,
    and for the bare ``command``."""
    if turn.said.strip() == command or turn.argument:
        return None
    match desk.library.search(turn.said, desk.day):
        case Sure(entry, confidence) if confidence >= answers:
            said = answer_with(entry, desk, confidence, None, turn.said)
            return replace(said, replies=(*said.replies, offer))
    return None
