"""The terminal: a chat for people, and the JSON chat for programs (see *The JSON chat* in the README)."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TextIO
from uuid import uuid4

from bot.messages import Body, Datum, Message, Person, Place, Press, Response, Text, Upload
from bot.responses import to_json

CHANNEL = "terminal"
LONGEST_LINE = 64 * 1024
Answer = Callable[[Message], Response]


class Clock:
    """The time, or a pretended one: it starts at ``at`` and runs on from there, and can be moved on."""

    def __init__(self, at: datetime | None = None) -> None:
        self._offset = (at - datetime.now(UTC)) if at else timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self._offset

    def move(self, at: datetime) -> None:
        """Raises ValueError when that would turn it back."""
        if at < self.now() - timedelta(seconds=1):
            raise ValueError("the clock cannot be turned back")
        self._offset = at - datetime.now(UTC)


def read_time(text: str) -> datetime:
    """An ISO time with its zone (none: 北京时间). Raises ValueError."""
    at = datetime.fromisoformat(text)
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC) - timedelta(hours=8)


class LineError(ValueError):
    """An input line that is not valid; the message says what was expected."""


def read(line: str, clock: Clock) -> Message:
    """Read one input line. Raises LineError."""
    if len(line) > LONGEST_LINE:
        raise LineError(f"the line is longer than {LONGEST_LINE} characters")
    try:
        value = json.loads(line)
    except (json.JSONDecodeError, RecursionError) as error:
        raise LineError(f"not JSON: {error}") from error
    if not isinstance(value, dict):
        raise LineError("expected a JSON object")
    user = value.get("user")
    if not isinstance(user, str) or not 0 < len(user) <= 128:
        raise LineError('"user": expected a string of 1 to 128 characters')
    if "at" in value:
        _move(value["at"], clock)
    bodies = [key for key in ("text", "location", "press", "file") if key in value]
    if len(bodies) != 1:
        raise LineError('expected exactly one of "text", "location", "press", "file"')
    body = _BODIES[bodies[0]](value[bodies[0]])
    key = value.get("id") or uuid4().hex
    if not isinstance(key, str) or len(key) > 128:
        raise LineError('"id": expected a string of at most 128 characters')
    return Message(Person(CHANNEL, "json", _storable(user)), body, key, clock.now())


def _storable(text: str) -> str:
    """``text`` without what no database takes (NUL, lone surrogates)."""
    return text.encode("utf-8", "replace").decode().replace("\x00", "")


def _move(at: object, clock: Clock) -> None:
    try:
        clock.move(read_time(str(at)))
    except (ValueError, OverflowError) as error:
        raise LineError(f'"at": expected a later time like 2027-01-02T10:00+08:00 ({error})') from error


def _text(value: object) -> Body:
    if not isinstance(value, str):
        raise LineError('"text": expected a string')
    return Text(_storable(value))


def _press(value: object) -> Body:
    if not isinstance(value, str) or not value.strip():
        raise LineError('"press": expected the press value of a button')
    return Press(_storable(value))


def _location(value: object) -> Body:
    if not isinstance(value, dict):
        raise LineError('"location": expected {"lat": …, "lon": …, "datum": "wgs84"}')
    lat, lon = value.get("lat"), value.get("lon")
    for name, number, most in (("lat", lat, 90), ("lon", lon, 180)):
        if isinstance(number, bool) or not isinstance(number, int | float) or not -most <= number <= most:
            raise LineError(f'"location": {name} should be a number from -{most} to {most}')
    try:
        datum = Datum(value.get("datum", "wgs84"))
    except ValueError as error:
        raise LineError('"location": datum should be wgs84 or gcj02') from error
    assert isinstance(lat, int | float)
    assert isinstance(lon, int | float)
    return Place(float(lat), float(lon), datum)


def _file(value: object) -> Body:
    if not isinstance(value, dict) or not isinstance(value.get("name"), str):
        raise LineError('"file": expected {"name": …, "path": …}')
    path = value.get("path")
    return Upload(value["name"], path if isinstance(path, str) else None)


_BODIES: Mapping[str, Callable[[Any], Body]] = {"text": _text, "press": _press, "location": _location, "file": _file}


def write(user: str, response: Response, elapsed_ms: float) -> str:
    """One output line, without its end."""
    value = {"user": user, **to_json(response), "elapsed_ms": round(elapsed_ms, 2)}
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace").decode()


def json_chat(lines: Iterable[str], out: TextIO, answer: Answer, clock: Clock, limited: bool) -> None:
    """Answer line by line, in order, until the input ends; each line is flushed."""
    for line in lines:
        if not line.strip():
            continue
        try:
            message = read(line, clock)
        except LineError as error:
            print(json.dumps({"outcome": "error", "error": str(error)}, ensure_ascii=False), file=out, flush=True)
            continue
        message = Message(message.person, message.body, message.key, message.at, limited)
        start = time.perf_counter()
        response = answer(message)
        print(write(message.person.id, response, (time.perf_counter() - start) * 1000), file=out, flush=True)
