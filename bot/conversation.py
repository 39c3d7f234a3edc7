"""What is remembered of a person between two messages; kept as JSON in the person's row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bot.flow import Recorded
from bot.messages import Option

MOST_OPTIONS = 20
DEEPEST = 3


@dataclass(frozen=True, slots=True)
class Waiting:
    """A form that waits for an answer: its name, what it was begun with, the answers so far."""

    form: str
    given: Mapping[str, Any] = field(default_factory=dict)
    answers: tuple[Recorded, ...] = ()


@dataclass(frozen=True, slots=True)
class Conversation:
    """The state of a conversation.

    ``question`` is the last question that was answered, completed and masked; ``entry`` the entry that answered it;
    ``options`` the choices last shown (a bare number picks one); ``waiting`` the open forms, the innermost last;
    ``shelved`` forms that were put aside with their answers, the oldest first;
    ``asked`` when free questions were asked in the last minute (seconds since the epoch);
    ``ticket`` the number of the ticket that the person has open, ``talking`` whether staff talk with them in it,
    ``serving`` the number of that which a member of staff answers now.
    """

    question: str = ""
    entry: str = ""
    options: tuple[Option, ...] = ()
    waiting: tuple[Waiting, ...] = ()
    shelved: tuple[Waiting, ...] = ()
    asked: tuple[float, ...] = ()
    ticket: int = 0
    talking: bool = False
    serving: int = 0

    def wait(self, waiting: Waiting) -> Conversation:
        """Put a form on top; one of the same name that was open gives way to it."""
        rest = tuple(w for w in self.waiting if w.form != waiting.form)
        return replace(self, waiting=(*rest[-(DEEPEST - 1) :], waiting))

    def leave(self) -> Conversation:
        """Close the innermost form."""
        return replace(self, waiting=self.waiting[:-1])

    def shelve(self) -> Conversation:
        """Put the innermost form aside with its answers; one of the same name that lay there gives way to it."""
        if self.form is None or not self.form.answers:
            return self.leave()
        rest = tuple(w for w in self.shelved if w.form != self.form.form)
        return replace(self.leave(), shelved=(*rest, self.form)[-DEEPEST:])

    def kept(self, begun: Waiting) -> Waiting | None:
        """The same form, open or put aside, with the answers that it has; None when there is none."""
        found = (w for w in (*self.waiting, *self.shelved) if w.form == begun.form and w.given == begun.given)
        return next((w for w in found if w.answers), None)

    def finish(self, form: str) -> Conversation:
        """The form of that name is done: neither open nor put aside any more."""
        return replace(
            self,
            waiting=tuple(w for w in self.waiting if w.form != form),
            shelved=tuple(w for w in self.shelved if w.form != form),
        )

    @property
    def form(self) -> Waiting | None:
        return self.waiting[-1] if self.waiting else None


def save(conversation: Conversation) -> dict[str, Any]:
    """The conversation as JSON; what is empty is left out."""
    state: dict[str, Any] = {}
    if conversation.question:
        state["question"] = conversation.question
    if conversation.entry:
        state["entry"] = conversation.entry
    if conversation.options:
        state["options"] = [[o.label, o.say] for o in conversation.options[:MOST_OPTIONS]]
    for name, forms in (("waiting", conversation.waiting), ("shelved", conversation.shelved)):
        if forms:
            state[name] = [
                {"form": w.form, "given": dict(w.given), "answers": [dict(a) for a in w.answers]} for w in forms
            ]
    for name, ticket in (("ticket", conversation.ticket), ("serving", conversation.serving)):
        if ticket:
            state[name] = ticket
    if conversation.talking:
        state["talking"] = True
    if conversation.asked:
        state["asked"] = list(conversation.asked)
    return state


def load(state: Mapping[str, Any]) -> Conversation:
    """The reverse of :func:`save`."""

    def forms(name: str) -> tuple[Waiting, ...]:
        rows: Sequence[Mapping[str, Any]] = state.get(name, ())
        return tuple(Waiting(str(w["form"]), w.get("given", {}), tuple(w.get("answers", ()))) for w in rows)

    return Conversation(
        question=str(state.get("question", "")),
        entry=str(state.get("entry", "")),
        options=tuple(Option(label, say) for label, say in state.get("options", ())),
        waiting=forms("waiting"),
        shelved=forms("shelved"),
        asked=tuple(state.get("asked", ())),
        ticket=int(state.get("ticket", 0)),
        talking=bool(state.get("talking", False)),
        serving=int(state.get("serving", 0)),
    )
