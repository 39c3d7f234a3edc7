"""The terminal: a chat for people, and the JSON chat for programs (see *The JSON chat* in the README)."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn, TextIO
from uuid import uuid4

from bot.letters import Letter
from bot.messages import PRESS_BYTES, Body, Datum, File, Message, Person, Place, Press, Response, Text, Upload
from bot.responses import reply_to_json, shown, to_json

CHANNEL = "terminal"
LONGEST_LINE = 64 * 1024  # characters
LONGEST_NAME = 128  # characters of a user, an id
YEARS = range(1970, 3000)  # what the clock may be set to
_GRACE = timedelta(minutes=1)  # a program may stamp a line with its own clock before ours has started
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
Answer = Callable[[Message], Response]
# shows what waits to be told to the users (Show is called for each letter), and settles it
Show = Callable[[Letter], None]
Push = Callable[[Sequence[str], datetime, Show], None]


class Clock:
    """The time, or a pretended one: it starts at ``at`` and runs on from there, and can be moved on."""

    def __init__(self, at: datetime | None = None) -> None:
        self._offset = (at - datetime.now(UTC)) if at else timedelta()
        self._told = self.now()

    def now(self) -> datetime:
        return datetime.now(UTC) + self._offset

    def move(self, at: datetime) -> None:
        """Move it on to ``at``; it stays when that has just gone by. Raises ValueError on a time before the last one told."""
        if at < self._told - _GRACE:
            raise ValueError("the clock cannot be turned back")
        self._told = max(self._told, at)
        self._offset = max(self._offset, at - datetime.now(UTC))


def read_time(text: str) -> datetime:
    """An ISO time with its zone (none: 北京时间). Raises ValueError."""
    at = datetime.fromisoformat(text)
    if at.year not in YEARS:
        raise ValueError(f"the year should be from {YEARS[0]} to {YEARS[-1]}")
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC) - timedelta(hours=8)


class LineError(ValueError):
    """An input line that is not valid; the message says what was expected, ``user`` who sent it, if that can be told."""

    user: str | None = None


def read(line: str, clock: Clock) -> Message:
    """Read one input line; a valid one may move the clock on. Raises LineError."""
    value = _object(line)
    user = _string(value.get("user"), '"user": expected a string of 1 to 128 characters', LONGEST_NAME)
    try:
        bodies = [key for key in _BODIES if key in value]
        if len(bodies) != 1:
            raise LineError(f"expected exactly one of {', '.join(map(json.dumps, _BODIES))}")
        body = _BODIES[bodies[0]](value[bodies[0]])
        key = uuid4().hex
        if "id" in value:
            key = _string(value["id"], '"id": expected a string of 1 to 128 characters', LONGEST_NAME)
        if "at" in value:
            _move(value["at"], clock)
    except LineError as error:
        error.user = user
        raise
    return Message(Person(CHANNEL, "json", user), body, key, clock.now())


def _object(line: str) -> Mapping[str, Any]:
    if len(line) > LONGEST_LINE:
        raise LineError(f"the line is longer than {LONGEST_LINE} characters")
    try:
        value = json.loads(line.removeprefix("\ufeff"), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:  # a number of 5,000 digits is a plain ValueError
        raise LineError(f"not JSON: {error}") from error
    if not isinstance(value, dict):
        raise LineError("expected a JSON object")
    return value


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _string(value: object, expected: str, most: int = LONGEST_LINE) -> str:
    """``value`` if it is a string of 1 to ``most`` characters that can be stored. Raises LineError."""
    if not isinstance(value, str) or not 0 < len(value) <= most:
        raise LineError(expected)
    return _storable(value)


def _storable(text: str) -> str:
    """``text`` if it holds only what a database takes. Raises LineError."""
    if _UNSTORABLE.search(text):
        raise LineError("a string may hold neither \\u0000 nor half a surrogate pair")
    return text


def _move(at: object, clock: Clock) -> None:
    try:
        if not isinstance(at, str):
            raise ValueError("it is no string")
        clock.move(read_time(at))
    except (ValueError, OverflowError) as error:
        raise LineError(f'"at": expected a later time like 2027-01-02T10:00+08:00 ({error})') from error


def _text(value: object) -> Body:
    if not isinstance(value, str):
        raise LineError('"text": expected a string')
    return Text(_storable(value))


def _press(value: object) -> Body:
    say = _string(value, '"press": expected the press value of a button')
    if not say.strip() or len(say.encode()) > PRESS_BYTES:
        raise LineError(f'"press": expected the press value of a button, at most {PRESS_BYTES} bytes')
    return Press(say)


def _location(value: object) -> Body:
    if not isinstance(value, dict):
        raise LineError('"location": expected {"lat": …, "lon": …, "datum": "wgs84"}')
    try:
        datum = Datum(value.get("datum", "wgs84"))
    except ValueError as error:
        raise LineError('"location": datum should be wgs84 or gcj02') from error
    return Place(_degrees(value, "lat", 90), _degrees(value, "lon", 180), datum)


def _degrees(value: Mapping[str, object], name: str, most: int) -> float:
    number = value.get(name)
    if isinstance(number, bool) or not isinstance(number, int | float) or not -most <= number <= most:
        raise LineError(f'"location": {name} should be a number from -{most} to {most}')
    return float(number)


def _file(value: object) -> Body:
    expected = '"file": expected {"name": …, "path": …}'
    if not isinstance(value, dict):
        raise LineError(expected)
    path = value.get("path")
    return Upload(_string(value.get("name"), expected), None if path is None else _string(path, expected))


_BODIES: Mapping[str, Callable[[Any], Body]] = {"text": _text, "location": _location, "press": _press, "file": _file}


def write(user: str, response: Response, elapsed_ms: float) -> str:
    """One output line, without its end."""
    return _line({"user": user, **shown(to_json(response), _file_out), "elapsed_ms": round(elapsed_ms, 2)})


def write_letter(letter: Letter) -> str:
    """The output line for what the bot tells by itself, without its end."""
    value = {"user": letter.person.id, "push": True, "kind": letter.kind, "replies": [reply_to_json(letter.reply)]}
    return _line(shown(value, _file_out))


def _file_out(file: File) -> dict[str, str]:
    return {"name": file.name, "type": file.type, "path": file.path}


def write_error(error: LineError) -> str:
    """The output line for an input line that is not valid, without its end."""
    return _line({"user": error.user, "outcome": "error", "error": str(error), "replies": []})


def _line(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace").decode()


def json_chat(
    source: TextIO, out: TextIO, answer: Answer, clock: Clock, limited: bool, push: Push = lambda *_: None
) -> None:
    """Answer line by line, in order, until the input ends or nobody reads the output; each line is flushed.

    After each line, a blank one too, comes what waits to be told to the users that have spoken.
    """

    def show(letter: Letter) -> None:
        print(write_letter(letter), file=out, flush=True)

    users: dict[str, None] = {}
    try:
        for line in _lines(source):
            if line.strip() or len(line) > LONGEST_LINE:
                user, answered = _answered(line, answer, clock, limited)
                print(answered, file=out, flush=True)
                if user is not None:
                    users[user] = None
            push(tuple(users), clock.now(), show)
    except BrokenPipeError:
        # what is still buffered would fail again when the interpreter closes the stream
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, out.fileno())
        os.close(null)


def _lines(source: TextIO) -> Iterator[str]:
    """The lines of ``source``; of one that is too long only the beginning."""
    while line := source.readline(LONGEST_LINE + 1):
        part = line
        while not part.endswith("\n") and (part := source.readline(LONGEST_LINE)):
            pass
        line = line.removesuffix("\n")
        yield line


def _answered(line: str, answer: Answer, clock: Clock, limited: bool) -> tuple[str | None, str]:
    """Who is answered (None for a line that is not valid), and the output line."""
    try:
        message = replace(read(line, clock), limited=limited)
    except LineError as error:
        return None, write_error(error)
    start = time.perf_counter()
    response = answer(message)
    user = message.person.id
    return user, write(user, response, (time.perf_counter() - start) * 1000)
