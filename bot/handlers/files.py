"""The question for a file on a channel that carries none: a one-time link, and what came by it."""

from __future__ import annotations

from dataclasses import replace

from bot.desk import Desk
from bot.flow import Asking
from bot.messages import Option, Outcome, Reply, Upload
from bot.routes import FormKind, Said, say

GO_ON = "继续"


def not_wanted() -> Said:
    """A file that no form waits for."""
    text = "文件和图片我现在用不上，没有保存。请用文字说您的问题；办理时需要材料，我会请您发。"
    return say(text, Outcome.CLARIFY)


def arrived(person_id: int, kind: FormKind, state: Asking, desk: Desk) -> Upload | None:
    """What came by the link of the question that waits, and is not its answer yet."""
    if state.question.takes_file is None:
        return None
    return desk.uploads.arrived(person_id, kind.name, len(state.answers))


def linked(reply: Reply, person_id: int, kind: FormKind, state: Asking, desk: Desk) -> Reply:
    """A reply that asks for a file, with a link; or that the file is here."""
    if reply.asks_file is None:
        return reply
    if came := arrived(person_id, kind, state, desk):
        return Reply(f"“{came.name}”已收到，回复“{GO_ON}”接着办。", options=(Option(GO_ON, GO_ON),))
    token = desk.uploads.invite(person_id, kind.name, len(state.answers), reply.asks_file, desk.now)
    return replace(reply, asks_file=replace(reply.asks_file, token=token))
