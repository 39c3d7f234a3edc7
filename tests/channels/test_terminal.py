"""The JSON chat, sentence by sentence as it is documented, and the terminal for people."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from bot.app import App, Shelf
from bot.channels.terminal import LONGEST_LINE, Clock, LineError, json_chat, read, read_time, write
from bot.dispatch import Limits
from bot.messages import (
    PRESS_BYTES,
    Datum,
    Message,
    Outcome,
    Person,
    Place,
    Press,
    Reply,
    Response,
    Text,
    Upload,
)
from bot.registry.points import Points
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, create_engine
from tests.conftest import TODAY

FIELDS = {
    "user", "intent", "slots", "outcome", "entry", "entries", "confidence", "understood", "flow", "notice",
    "elapsed_ms", "replies",
}  # fmt: skip
REPLY_FIELDS = {"text", "more", "citations", "buttons", "places", "file"}
CITATION_FIELDS = {"law", "article", "status", "in_force", "checked", "url"}
PLACE_FIELDS = {"name", "distance_km", "lat", "lon", "datum"}
HERE = {"lat": 43.82, "lon": 87.61}
ASKED = "发明专利保护多少年"


class Chat:
    """Feeds lines (JSON values, or text as it is) to the JSON chat and gives the output lines."""

    def __init__(self, app: App, clock: Clock) -> None:
        self.app = app
        self.clock = clock

    def __call__(self, *lines: object, limited: bool = False) -> list[dict[str, Any]]:
        source = "".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines)
        out = io.StringIO()
        json_chat(io.StringIO(source), out, self.app.turn, self.clock, limited)
        return [json.loads(line) for line in out.getvalue().splitlines()]

    def one(self, **line: object) -> dict[str, Any]:
        (answer,) = self({"user": "u1", **line})
        return answer


@pytest.fixture
def chat(sqlite: Engine, shelf: Shelf) -> Chat:
    with sqlite.begin() as connection:
        Points(connection, shelf.gazetteer).add_samples()
    return Chat(App(sqlite, shelf), Clock(TODAY))


def echo(message: Message) -> Response:
    return Response(Outcome.ANSWER, (Reply(repr(message.body)),))


def presses(answer: dict[str, Any]) -> list[str]:
    return [b["press"] for r in answer["replies"] for row in r["buttons"] for b in row if "press" in b]


def said(answer: dict[str, Any]) -> str:
    return "\n".join(reply["text"] for reply in answer["replies"])


def heard(**line: object) -> Message:
    return read(json.dumps({"user": "u1", **line}), Clock(TODAY))


# -- in ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "body"),
    [
        ({"text": ASKED}, Text(ASKED)),
        ({"text": ""}, Text("")),
        ({"location": HERE}, Place(43.82, 87.61, Datum.WGS84)),
        ({"location": {**HERE, "datum": "wgs84"}}, Place(43.82, 87.61, Datum.WGS84)),
        ({"location": {**HERE, "datum": "gcj02"}}, Place(43.82, 87.61, Datum.GCJ02)),
        ({"location": {"lat": -90, "lon": 180}}, Place(-90.0, 180.0, Datum.WGS84)),
        ({"press": "#patent-term"}, Press("#patent-term")),
        ({"press": "x" * PRESS_BYTES}, Press("x" * PRESS_BYTES)),
        ({"file": {"name": "form.pdf", "path": "/tmp/form.pdf"}}, Upload("form.pdf", "/tmp/form.pdf")),
        ({"file": {"name": "form.pdf"}}, Upload("form.pdf", None)),
        ({"text": "a", "else": [1]}, Text("a")),
    ],
)
def test_a_line_is_one_of_four_kinds_of_message(line: dict[str, object], body: object) -> None:
    message = heard(**line)
    assert message.body == body
    assert message.person == Person("terminal", "json", "u1")


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("{", "JSON"),
        ("発明", "JSON"),
        ('"text"', "object"),
        ("[]", "object"),
        ("null", "object"),
        ("[" * 60_000, "JSON"),
        ('{"user":"u1","text":' + "[" * 30_000 + "]" * 30_000 + "}", ""),
        ('{"user":"u1","text":"a","n":' + "1" * 5_000 + "}", "JSON"),
        ('{"user":"u1","text":"' + "啊" * LONGEST_LINE + '"}', "longer"),
        ('{"user":"u1","text":"a\x00b"}', "JSON"),
        ('{"user":"u1","text":"a\tb"}', "JSON"),
        ('{"user":"u1","text":"a\\u0000b"}', "0000"),
        ('{"user":"u1","text":"a\\ud800b"}', "surrogate"),
        ('{"user":"u1","press":"\\udc00"}', "surrogate"),
        ('{"user":"u\\u0000","text":"a"}', "0000"),
        ('{"text":"a"}', '"user"'),
        ('{"user":"","text":"a"}', '"user"'),
        ('{"user":7,"text":"a"}', '"user"'),
        ({"user": "u" * 129, "text": "a"}, '"user"'),
        ({"user": "u1"}, "exactly one"),
        ({"user": "u1", "text": "a", "press": "b"}, "exactly one"),
        ({"user": "u1", "text": 7}, '"text"'),
        ({"user": "u1", "text": None}, '"text"'),
        ({"user": "u1", "press": ""}, '"press"'),
        ({"user": "u1", "press": " "}, '"press"'),
        ({"user": "u1", "press": "x" * (PRESS_BYTES + 1)}, "64 bytes"),
        ({"user": "u1", "press": "网" * 22}, "64 bytes"),
        ({"user": "u1", "location": "乌鲁木齐"}, '"location"'),
        ({"user": "u1", "location": {"lat": 43.82}}, "lon"),
        ({"user": "u1", "location": {"lat": "43.82", "lon": 87.61}}, "lat"),
        ({"user": "u1", "location": {"lat": True, "lon": 87.61}}, "lat"),
        ({"user": "u1", "location": {"lat": 90.01, "lon": 87.61}}, "lat"),
        ({"user": "u1", "location": {"lat": 43.82, "lon": -181}}, "lon"),
        ({"user": "u1", "location": {**HERE, "datum": "bd09"}}, "datum"),
        ({"user": "u1", "location": {**HERE, "datum": None}}, "datum"),
        ({"user": "u1", "location": {**HERE, "datum": {}}}, "datum"),
        ('{"user":"u1","location":{"lat":NaN,"lon":87.61}}', "NaN"),
        ('{"user":"u1","location":{"lat":43.82,"lon":-Infinity}}', "Infinity"),
        ('{"user":"u1","location":{"lat":43.82,"lon":1e999}}', "lon"),
        ({"user": "u1", "location": {"lat": 10**400, "lon": 1}}, "lat"),
        ({"user": "u1", "file": "form.pdf"}, '"file"'),
        ({"user": "u1", "file": {"path": "form.pdf"}}, '"file"'),
        ({"user": "u1", "file": {"name": "form.pdf", "path": 7}}, '"file"'),
        ({"user": "u1", "text": "a", "id": 7}, '"id"'),
        ({"user": "u1", "text": "a", "id": "i" * 129}, '"id"'),
        ({"user": "u1", "text": "a", "at": "tomorrow"}, '"at"'),
        ({"user": "u1", "text": "a", "at": 20270102}, '"at"'),
        ({"user": "u1", "text": "a", "at": None}, '"at"'),
        ({"user": "u1", "text": "a", "at": "9999-12-31T23:59:59-08:00"}, '"at"'),
        ({"user": "u1", "text": "a", "at": "0001-01-01T00:00+08:00"}, '"at"'),
        ({"user": "u1", "text": "a", "at": "2026-11-22T11:00+08:00"}, "turned back"),
    ],
    ids=lambda value: str(value)[:40] if isinstance(value, str | dict) else None,
)
def test_a_line_that_is_not_valid_gets_an_error_line_that_says_why(line: object, why: str) -> None:
    before, error, after = Chat(App.__new__(App), Clock(TODAY)).__class__.__call__(
        stub(), {"user": "u1", "text": "a"}, line, {"user": "u2", "text": "b"}
    )
    assert (error["outcome"], error["replies"]) == ("error", [])
    assert why in error["error"]
    assert error["user"] == ("u1" if has_user(line) else None)
    assert (before["user"], after["user"]) == ("u1", "u2")  # and the chat goes on


def has_user(line: object) -> bool:
    """Whether a line that is an object names a user as it should."""
    try:
        value = json.loads(line, parse_constant=lambda _: 1 / 0) if isinstance(line, str) else line
    except (ValueError, RecursionError, ZeroDivisionError):
        return False
    return isinstance(value, dict) and value.get("user") == "u1"
