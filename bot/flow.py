"""Forms as generators: a form reads top to bottom, is replayed from the recorded answers, and only asks.

    def form(desk):
        name = yield from ask(Ask("单位全称是什么？", text(at_most=60)))
        sure = yield from ask(Ask("对吗？", choose(("对", True), ("不对", False))))
        return name if sure else None

What was answered is kept as it was said (JSON), not as what it was read into, so that a later release reads it anew.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from bot.messages import Body, Datum, Option, Place, Press, Reply, Text, Upload

T = TypeVar("T")
Recorded = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Refused:
    """An answer that will not do, and why (shown to the person)."""

    why: str


@dataclass(frozen=True, slots=True)
class Ask:
    """One question of a form. ``read`` turns what was sent into a value or a refusal.

    ``takes_number`` says that a bare number is an answer here, not a choice from the options shown; ``open`` that any
    text would be taken, so that a question about something else is looked for first.
    """

    prompt: str
    read: Callable[[Body], Any]
    options: tuple[Option, ...] = ()
    takes_number: bool = False
    open: bool = False
    asks_location: bool = False

    def show(self, before: str = "") -> Reply:
        return Reply(
            f"{before}\n{self.prompt}" if before else self.prompt,
            options=self.options,
            asks_location=self.asks_location,
        )


Form = Generator[Ask, Any, T]


def ask(question: Ask) -> Generator[Ask, Any, Any]:
    """Put one question; the value is what was read from the answer."""
    return (yield question)


def said(body: Body) -> str | None:
    """What was typed or pressed, None for anything else."""
    match body:
        case Text(words) | Press(words):
            return words.strip()
    return None


def text(at_least: int = 1, at_most: int = 500) -> Callable[[Body], Any]:
    """A reader for free text of ``at_least`` to ``at_most`` characters."""

    def read(body: Body) -> str | Refused:
        words = said(body)
        if words is None:
            return Refused("这里请用文字回答。")
        if not at_least <= len(words) <= at_most:
            return Refused(f"这里要 {at_least} 到 {at_most} 个字，收到的是 {len(words)} 个字。")
        return words

    return read


def choose(*choices: tuple[str, Any]) -> Callable[[Body], Any]:
    """A reader for one of ``choices`` (label, value), by its label."""
    values = {label.lower(): value for label, value in choices}

    def read(body: Body) -> Any:
        words = said(body)
        if words is not None and words.lower() in values:
            return values[words.lower()]
        return Refused(f"请从这几项里选：{'、'.join(label for label, _ in choices)}。")

    return read


@dataclass(frozen=True, slots=True)
class Asking:
    """The form waits for an answer to ``question``; ``answers`` are those it has accepted so far."""

    question: Ask
    answers: tuple[Recorded, ...]


@dataclass(frozen=True, slots=True)
class Finished:
    """The form has all it wanted."""

    value: Any


def play(form: Form[Any], answers: Sequence[Recorded]) -> Asking | Finished:
    """Replay ``form`` from the recorded answers.

    From the first answer that the form no longer accepts (it may have changed since), the rest is dropped.
    """
    kept: list[Recorded] = []
    try:
        question = next(form)
        for answer in answers:
            value = question.read(restore(answer))
            if isinstance(value, Refused):
                break
            kept.append(answer)
            question = form.send(value)
    except StopIteration as end:
        return Finished(end.value)
    form.close()
    return Asking(question, tuple(kept))


def record(body: Body) -> Recorded:
    """An answer as it is kept (JSON)."""
    match body:
        case Place(lat, lon, datum, label):
            return {"lat": lat, "lon": lon, "datum": datum.value, "label": label}
        case Upload(name, path):
            return {"file": name, "path": path}
        case Text(words) | Press(words):
            return {"text": words}
    return {"text": ""}


def restore(answer: Recorded) -> Body:
    """The reverse of :func:`record`."""
    if "lat" in answer:
        return Place(float(answer["lat"]), float(answer["lon"]), Datum(answer["datum"]), str(answer.get("label", "")))
    if "file" in answer:
        return Upload(str(answer["file"]), answer.get("path"))
    return Text(str(answer.get("text", "")))
