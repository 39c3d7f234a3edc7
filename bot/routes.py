"""How handlers are declared: a route names an intent, its command words, and the function that answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.desk import Desk, Turn
from bot.flow import Form
from bot.messages import Outcome, Reply


@dataclass(frozen=True, slots=True)
class Said:
    """What a handler says: the bubbles and what came of it.

    ``entry`` answered; ``entries`` answered or were offered; ``question`` is the completed question to remember;
    ``confidential`` says that it holds what somebody else said;
    ``ticket`` and ``serving`` are the tickets to remember (0: none any more; None: as before).
    """

    replies: tuple[Reply, ...]
    outcome: Outcome = Outcome.ANSWER
    entry: str | None = None
    entries: tuple[str, ...] = ()
    confidence: float | None = None
    understood: str | None = None
    question: str = ""
    intent: str | None = None
    slots: Mapping[str, object] = field(default_factory=dict)
    confidential: bool = False
    ticket: int | None = None
    serving: int | None = None


@dataclass(frozen=True, slots=True)
class Begin:
    """A handler that wants a form to be filled: its name and what is already known (JSON)."""

    form: str
    given: Mapping[str, Any] = field(default_factory=dict)


Handler = Callable[[Turn, Desk], Said | Begin]
Answer = Callable[[Turn, Desk], Said]


@dataclass(frozen=True, slots=True)
class Route:
    """One thing the bot can do. The first of ``commands`` is its name; all are typed by people or sent by buttons.

    ``argument`` says that more may stand behind the command word.
    """

    intent: str
    handler: Handler
    commands: tuple[str, ...] = ()
    argument: bool = False


@dataclass(frozen=True, slots=True)
class FormKind:
    """A form: ``start`` makes the generator from what is given; ``finish`` does what it was for, and says so.

    With ``lasting`` the answers stay when it is cancelled, and it goes on from there when it is begun again; with
    ``confidential`` the record of its turns keeps nothing of what was said.
    """

    name: str
    intent: str
    title: str
    start: Callable[[Desk, Mapping[str, Any]], Form[Any]]
    finish: Callable[[Turn, Desk, Mapping[str, Any], Any], Said]
    lasting: bool = False
    confidential: bool = False


def say(reply: Reply | str, outcome: Outcome = Outcome.ANSWER) -> Said:
    """A single bubble."""
    return Said((Reply(reply) if isinstance(reply, str) else reply,), outcome)
