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

from bot.messages import FILE_TYPES, Body, Datum, FileWanted, Option, Place, Press, Reply, Text, Upload, megabytes

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
    text would be taken, so that a question about something else is looked for first; ``takes_file`` what file is an
    answer (see :func:`ask_file`).
    """

    prompt: str
    read: Callable[[Body], Any]
    options: tuple[Option, ...] = ()
    takes_number: bool = False
    open: bool = False
    asks_location: bool = False
    takes_file: FileWanted | None = None

    def show(self, before: str = "") -> Reply:
        return Reply(
            f"{before}\n{self.prompt}" if before else self.prompt,
            options=self.options,
            asks_location=self.asks_location,
            asks_file=self.takes_file,
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


def upload(types: Sequence[str], at_most: int) -> Callable[[Body], Any]:
    """A reader for a file of one of ``types`` (endings of FILE_TYPES) and at most ``at_most`` bytes.

    The value is an Upload; its token is what ``desk.uploads.claim`` takes when the form is finished.
    """
    wanted = FileWanted(tuple(types), at_most)

    def read(body: Body) -> Upload | Refused:
        match body:
            case Upload(name, size=size) if size > at_most:
                return Refused(f"“{name}”太大了，这里最多收 {megabytes(at_most)}。可以压缩或拆开再发。")
            case Upload(name, path=None, token=""):
                return Refused(f"“{name}”没有收到，请再发一次。")
            case Upload(name, size=0):
                return Refused(f"“{name}”是空的，请换一个文件。")
            case Upload(name, type=type) if type not in [FILE_TYPES[ending] for ending in types]:
                return Refused(f"“{name}”按内容不是能收的文件，这里收 {wanted.words}。")
            case Upload():
                return body
        return Refused(f"这里要一个文件：{wanted.words}。")

    return read


DOCUMENTS = ("pdf", "jpg", "png", "docx", "xlsx")
DOCUMENT_BYTES = 10 * 2**20


def ask_file(
    prompt: str, *choices: tuple[str, Any], types: Sequence[str] = DOCUMENTS, at_most: int = DOCUMENT_BYTES
) -> Ask:
    """The question for a file. ``choices`` (label, value) may be answered instead: ``("以后再交", None)``."""
    file, instead = upload(types, at_most), choose(*choices)

    def read(body: Body) -> Any:
        if isinstance(body, Upload):
            return file(body)
        value = instead(body)
        return file(body) if isinstance(value, Refused) else value

    options = tuple(Option(label, label) for label, _ in choices)
    return Ask(prompt, read, options, takes_file=FileWanted(tuple(types), at_most))


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
        case Upload(name, type=type, size=size, token=token):
            return {"file": name, "type": type, "size": size, "upload": token}
        case Text(words) | Press(words):
            return {"text": words}
    return {"text": ""}


def tokens(answers: Sequence[Recorded]) -> list[str]:
    """The tokens of the files that answers hold."""
    return [str(answer["upload"]) for answer in answers if answer.get("upload")]


def restore(answer: Recorded) -> Body:
    """The reverse of :func:`record`."""
    if "lat" in answer:
        return Place(float(answer["lat"]), float(answer["lon"]), Datum(answer["datum"]), str(answer.get("label", "")))
    if "file" in answer:
        return Upload(str(answer["file"]), None, answer["type"], answer["size"], answer["upload"])
    return Text(str(answer.get("text", "")))
