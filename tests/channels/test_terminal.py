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
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import Engine, create_engine

from bot.app import App, Shelf
from bot.channels.terminal import LONGEST_LINE, Clock, LineError, json_chat, read, read_time, write
from bot.dispatch_forms import Limits
from bot.messages import (
    PRESS_BYTES,
    Datum,
    File,
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
LONG = "x" * LONGEST_LINE
Lines = list[dict[str, Any]]


class Chat:
    """Feeds lines (JSON values, or text as it is) to the JSON chat and gives the output lines."""

    def __init__(self, answer: Callable[[Message], Response], at: datetime = TODAY) -> None:
        self._answer = answer
        self.clock = Clock(at)

    def __call__(self, *lines: object, limited: bool = False) -> Lines:
        text = "".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines)
        return self.typed(text, limited)

    def typed(self, text: str, limited: bool = False) -> Lines:
        out = io.StringIO()
        json_chat(io.StringIO(text), out, self._answer, self.clock, limited)
        return [json.loads(line, parse_constant=pytest.fail) for line in out.getvalue().splitlines()]

    def one(self, **line: object) -> dict[str, Any]:
        (answer,) = self({"user": "u1", **line})
        return answer


@pytest.fixture
def chat(sqlite: Engine, shelf: Shelf) -> Chat:
    return open_chat(sqlite, shelf)


def open_chat(engine: Engine, shelf: Shelf) -> Chat:
    with engine.begin() as connection:
        Points(connection, shelf.gazetteer).add_samples()
    return Chat(App(engine, shelf).turn)


def echo(message: Message) -> Response:
    """What the engine was given, said back."""
    return Response(Outcome.ANSWER, (Reply(repr(message.body)),))


def presses(answer: dict[str, Any]) -> list[str]:
    return [button["press"] for button in buttons(answer) if "press" in button]


def buttons(answer: dict[str, Any]) -> list[dict[str, str]]:
    return [button for reply in answer["replies"] for row in reply["buttons"] for button in row]


def told(answer: dict[str, Any]) -> str:
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
        ({"text": "a", "unheard": ["of"]}, Text("a")),
    ],
)
def test_a_line_is_one_of_four_kinds_of_message(line: dict[str, object], body: object) -> None:
    message = heard(**line)
    assert message.body == body
    assert message.person == Person("terminal", "json", "u1")
    assert abs(message.at - TODAY) < timedelta(seconds=10)


def errors(line: object) -> dict[str, Any]:
    """The error line for ``line``; what comes before and after it is answered."""
    before, error, after = Chat(echo)({"user": "a", "text": "a"}, line, {"user": "b", "text": "b"})
    assert (before["user"], after["user"]) == ("a", "b")
    assert (error["outcome"], error["replies"]) == ("error", [])
    return error


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("{", "JSON"),
        ("发明专利保护多少年", "JSON"),
        ("\x00", "JSON"),
        ('"text"', "object"),
        ("[]", "object"),
        ("null", "object"),
        ("[" * 60_000, "JSON"),
        ('{"a":' * 10_000, "JSON"),
        ('{"user":"u1","text":"' + LONG + '"}', "longer than"),
        (" " * LONGEST_LINE + '{"user":"u1","text":"a"}', "longer than"),
        ('{"user":"u1","text":"a\x00b"}', "JSON"),
        ('{"user":"u1","text":"a\tb"}', "JSON"),
        ('{"user":"u1","text":"a","n":' + "1" * 5_000 + "}", "JSON"),
        ('{"user":"u1","location":{"lat":NaN,"lon":87.61}}', "NaN"),
        ('{"user":"u1","location":{"lat":43.82,"lon":-Infinity}}', "Infinity"),
        ({"text": "a"}, '"user"'),
        ({"user": "", "text": "a"}, '"user"'),
        ({"user": 7, "text": "a"}, '"user"'),
        ({"user": "u" * 129, "text": "a"}, '"user"'),
        ({"user": "u\x00", "text": "a"}, "u0000"),
        ({"user": "u\ud800", "text": "a"}, "surrogate"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_line_that_cannot_be_read_gets_an_error_line_that_says_why(line: object, why: str) -> None:
    error = errors(line)
    assert why in error["error"]
    assert error["user"] is None


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({}, '"text", "location", "press", "file"'),
        ({"txt": "a"}, "exactly one"),
        ({"text": "a", "press": "b"}, "exactly one"),
        ({"text": 7}, '"text"'),
        ({"text": None}, '"text"'),
        ({"text": "a\x00b"}, "u0000"),
        ({"text": "a\ud83db"}, "surrogate"),
        ({"press": None}, '"press"'),
        ({"press": ""}, '"press"'),
        ({"press": " "}, '"press"'),
        ({"press": "\udc00"}, "surrogate"),
        ({"press": "x" * (PRESS_BYTES + 1)}, "64 bytes"),
        ({"press": "网" * 22}, "64 bytes"),
        ({"location": "乌鲁木齐"}, '"location"'),
        ({"location": {"lat": 43.82}}, "lon"),
        ({"location": {"lat": "43.82", "lon": 87.61}}, "lat"),
        ({"location": {"lat": True, "lon": 87.61}}, "lat"),
        ({"location": {"lat": 90.01, "lon": 87.61}}, "lat"),
        ({"location": {"lat": 43.82, "lon": -181}}, "lon"),
        ({"location": {"lat": 10**400, "lon": 1}}, "lat"),
        ({"location": {**HERE, "datum": "bd09"}}, "datum"),
        ({"location": {**HERE, "datum": None}}, "datum"),
        ({"location": {**HERE, "datum": {}}}, "datum"),
        ({"file": "form.pdf"}, '"file"'),
        ({"file": {"path": "form.pdf"}}, '"file"'),
        ({"file": {"name": ""}}, '"file"'),
        ({"file": {"name": "form.pdf", "path": 7}}, '"file"'),
        ({"text": "a", "id": 7}, '"id"'),
        ({"text": "a", "id": "i" * 129}, '"id"'),
        ({"text": "a", "at": "tomorrow"}, '"at"'),
        ({"text": "a", "at": 20270102}, '"at"'),
        ({"text": "a", "at": None}, '"at"'),
        ({"text": "a", "at": "9999-12-31T23:59:59-08:00"}, '"at"'),
        ({"text": "a", "at": "0001-01-01T00:00+08:00"}, '"at"'),
        ({"text": "a", "at": "2026-11-22T11:00+08:00"}, "turned back"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_an_error_line_names_the_user_when_it_is_known(fields: dict[str, object], why: str) -> None:
    error = errors({"user": "u1", **fields})
    assert why in error["error"]
    assert error["user"] == "u1"


def test_infinity_may_also_hide_in_a_large_number() -> None:
    assert "lon" in errors('{"user":"u1","location":{"lat":43.82,"lon":1e999}}')["error"]


def test_a_line_of_the_greatest_length_is_read_and_the_line_after_a_longer_one_too() -> None:
    frame = '{"user":"u1","text":""}'
    fits = frame[:-2] + "x" * (LONGEST_LINE - len(frame)) + frame[-2:]
    outcomes = [line["outcome"] for line in Chat(echo)(fits, " " + fits, fits + "x" * 3 * LONGEST_LINE, fits)]
    assert outcomes == ["answer", "error", "error", "answer"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["user", "text", "press", "location", "file", "at", "id", "lat", "lon", "datum", "name"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
LINE = (
    st.text()
    | JSON.map(json.dumps)
    | st.builds(
        lambda user, name, value: json.dumps({"user": user, name: value}),
        st.text(max_size=3),
        st.sampled_from(["text", "press", "location", "file", "at"]),
        JSON,
    )
    | st.builds(lambda lat, lon: json.dumps({"user": "u", "location": {"lat": lat, "lon": lon}}), JSON, JSON)
    | st.builds(lambda at: json.dumps({"user": "u", "text": "", "at": at.isoformat()}), st.datetimes())
)


@given(LINE)
@example('{"user":"u","text":"' + "\ud800" + '"}')
def test_whatever_a_line_holds_it_is_a_message_or_not_valid(line: str) -> None:
    clock = Clock(TODAY)
    try:
        message = read(line, clock)
    except LineError:
        pass
    else:
        assert message.person.id.encode()
        assert "\x00" not in message.person.id
        match message.body:
            case Text(words) | Press(words) | Upload(words):
                assert "\x00" not in words.encode().decode()
            case Place(lat, lon):
                assert -90 <= lat <= 90
                assert -180 <= lon <= 180
    assert clock.now()


@given(st.lists(LINE.filter(lambda line: "\n" not in line and "\r" not in line), max_size=6))
def test_every_line_that_is_not_blank_gets_exactly_one_line(lines: list[str]) -> None:
    out = io.StringIO()
    json_chat(io.StringIO("\n".join(lines)), out, echo, Clock(TODAY), False)
    assert out.getvalue().count("\n") == sum(1 for line in lines if line.strip())


# -- out ---------------------------------------------------------------------------------------------------


def test_an_answer_has_all_the_documented_fields(chat: Chat) -> None:
    answer = chat.one(text=ASKED)
    assert set(answer) >= FIELDS
    assert (answer["user"], answer["intent"], answer["outcome"]) == ("u1", "consult", "answer")
    assert answer["entries"] == [answer["entry"]]
    assert 0 < answer["confidence"] <= 1
    assert answer["elapsed_ms"] > 0
    (reply,) = answer["replies"]
    assert set(reply) >= REPLY_FIELDS
    assert "20年" in reply["text"]
    (citation,) = reply["citations"]
    assert set(citation) == CITATION_FIELDS
    assert (citation["law"], citation["article"], citation["status"]) == ("专利法", "第四十二条", "现行")
    assert citation["url"].startswith("https://")
    for button in buttons(answer):
        assert set(button) in ({"label", "press"}, {"label", "url"})


def test_a_location_alone_is_nearest_point(chat: Chat) -> None:
    answer = chat.one(location=HERE)
    assert (answer["intent"], answer["outcome"]) == ("nearest_point", "answer")
    places = [place for reply in answer["replies"] for place in reply["places"]]
    assert all(set(place) == PLACE_FIELDS and place["datum"] == "wgs84" for place in places)
    distances = [place["distance_km"] for place in places]
    assert distances == sorted(distances)
    assert distances[0] < 10


def test_the_datum_of_a_location_counts(chat: Chat) -> None:
    """The two systems are some 500 m apart here."""
    point = chat.one(location=HERE)["replies"][0]["places"][0]
    there = {"lat": point["lat"], "lon": point["lon"]}
    exact = chat.one(location=there)["replies"][0]["places"][0]
    shifted = chat.one(location={**there, "datum": "gcj02"})["replies"][0]["places"][0]
    assert exact["distance_km"] == 0
    assert shifted["distance_km"] > 0.1


def test_a_place_and_its_point_are_taken_from_the_sentence_into_slots(chat: Chat) -> None:
    answer = chat.one(text="喀什网点在哪")
    assert (answer["intent"], answer["flow"]) == ("nearest_point", None)
    assert "喀什" in answer["slots"]["place"]


def test_a_file_is_told_with_its_name_type_and_path() -> None:
    file = File("课程.ics", "text/calendar", "/var/ipbot/课程.ics", "token")
    response = Response(Outcome.ANSWER, (Reply("日历", file=file), Reply("没有文件")))
    first, second = json.loads(write("u1", response, 0.1))["replies"]
    assert first["file"] == {"name": "课程.ics", "type": "text/calendar", "path": "/var/ipbot/课程.ics"}
    assert second["file"] is None


def test_a_file_sent_by_a_user_gets_an_answer(chat: Chat) -> None:
    assert chat.one(file={"name": "form.pdf", "path": "/nowhere"})["outcome"] == "clarify"


def test_blank_lines_are_skipped_and_answers_come_in_input_order(chat: Chat) -> None:
    users = ["u1", "u2", "u1", "u3", "u2"]
    lines = chain.from_iterable(("", "  \t", {"user": user, "text": "你好"}, "\u3000") for user in users)
    assert [answer["user"] for answer in chat(*lines)] == users
    assert chat.typed("") == chat.typed("\n\n \n") == []


def test_the_last_line_needs_no_end_and_lines_may_end_as_on_windows() -> None:
    line = '{"user":"u1","text":"a"}'
    assert len(Chat(echo).typed(f"\ufeff{line}\r\n\r\n{line}")) == 2


def test_a_turn_that_fails_gets_its_line_and_the_chat_goes_on(shelf: Shelf, caplog: pytest.LogCaptureFixture) -> None:
    empty = create_engine("sqlite://")
    first, second = Chat(App(empty, shelf).turn)({"user": "u1", "text": "a"}, {"user": "u1", "text": "b"})
    empty.dispose()
    assert first["outcome"] == second["outcome"] == "error"
    assert "12345" in told(first)
    assert "no such table" not in json.dumps(first)
    assert "turn failed" in caplog.text


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        (ASKED, "answer"),
        ("多少钱", "clarify"),
        ("", "clarify"),
        ("😀😀", "clarify"),
        ("专利" * 400, "clarify"),
        ("菜单", "clarify"),
        ("专利法第999条", "clarify"),
        ("今天天气怎么样", "decline"),
        ("转人工", "handoff"),
        ("删除我的数据", "flow"),
        ("取消", "done"),
        ("你好", "greet"),
        ("谢谢", "greet"),
        ("你是谁", "greet"),
        ("帮助", "greet"),
    ],
    ids=lambda value: value[:12],
)
def test_outcomes_are_named_as_documented(chat: Chat, text: str, outcome: str) -> None:
    assert chat.one(text=text)["outcome"] == outcome


def test_a_service_that_is_not_open_yet_is_declined_under_its_own_intent(chat: Chat) -> None:
    answer = chat.one(text="我的专利审到哪一步了")
    assert (answer["outcome"], answer["intent"]) == ("decline", "application_status")


def test_a_conversation_that_asks_is_a_flow_until_it_is_done(chat: Chat) -> None:
    asked, cancelled, after = chat(
        *({"user": "u1", "text": text} for text in ("删除我的数据", "取消", "你好")),
    )
    assert (asked["outcome"], asked["flow"], asked["intent"]) == ("flow", "delete_data", "delete_data")
    assert (cancelled["outcome"], cancelled["flow"]) == ("done", None)
    assert after["flow"] is None


def test_a_question_in_the_middle_of_a_form_is_answered_and_the_form_asks_again(chat: Chat) -> None:
    asked, answer = chat({"user": "u1", "text": "附近网点"}, {"user": "u1", "text": ASKED})
    assert asked["flow"] == answer["flow"] == "nearest_point"
    assert (answer["outcome"], answer["intent"]) == ("answer", "consult")
    assert answer["replies"][-1]["text"] == asked["replies"][-1]["text"]
    assert len(answer["replies"]) == 2


def test_two_questions_in_one_message_are_both_in_entries(chat: Chat) -> None:
    answer = chat.one(text="发明专利保护多少年？商标有效期几年？")
    assert answer["outcome"] == "answer"
    assert len(answer["entries"]) == len(answer["replies"]) == 2


def test_the_text_answers_and_does_not_echo(chat: Chat) -> None:
    answer = chat.one(text=ASKED)
    assert answer["notice"]
    assert answer["notice"] not in told(answer)
    assert ASKED not in told(answer)
    assert not [button["label"] for button in buttons(answer) if button["label"] in told(answer)]


def test_the_notice_is_told_once(chat: Chat) -> None:
    first, second, other = chat(*({"user": user, "text": "你好"} for user in ("u1", "u1", "u2")))
    assert first["notice"] == other["notice"] is not None
    assert second["notice"] is None


def test_users_are_apart_from_each_other_and_from_the_person_at_the_terminal(chat: Chat) -> None:
    chat({"user": "u1", "text": "删除我的数据"})
    assert chat({"user": "u2", "text": "确定删除"})[0]["outcome"] != "done", "another person confirmed"
    assert heard(text="a").person != Person("terminal", "people", "me")
    assert read('{"user":"me","text":"a"}', Clock(TODAY)).person.account == "json"


def test_an_id_makes_a_line_safe_to_repeat(chat: Chat) -> None:
    first, again = chat(*({"user": "u1", "text": ASKED, "id": "same"} for _ in range(2)))
    assert {**first, "elapsed_ms": 0} == {**again, "elapsed_ms": 0}


# -- presses -----------------------------------------------------------------------------------------------


def crawl(chat: Chat) -> dict[str, dict[str, Any]]:
    """Every button that is reached from the menu over groups and topics, and the answer that showed it."""
    shown: dict[str, dict[str, Any]] = {}
    new = ["菜单", "附近网点", "附近网点 喀什", "转人工", "你好", "帮助"]
    while new:
        say = new.pop()
        answer = chat.one(press=say)
        for press in presses(answer):
            if press not in shown:
                shown[press] = answer
                if not press.startswith(("#", "删除")):
                    new.append(press)
    return shown


def test_every_press_is_short_and_what_it_says_can_be_typed(chat: Chat, shelf: Shelf) -> None:
    shown = crawl(chat)
    ids = [press[1:] for press in shown if press.startswith("#")]
    assert len(ids) > 100
    for id in shelf.library.content.entries:
        assert len(f"#{id} 更多".encode()) <= PRESS_BYTES
    assert not [press for press in shown if len(press.encode()) > PRESS_BYTES]
    for press in [*[p for p in shown if p[0] != "#"][::7], *[p for p in shown if p[0] == "#"][::60]]:
        pressed, typed = chat({"user": "new", "press": press}, {"user": "newer", "text": press})
        assert pressed["replies"] == typed["replies"], press
        chat({"user": "new", "text": "/cancel"}, {"user": "newer", "text": "/cancel"})


def test_pressing_a_candidate_answers_that_entry_and_never_another(chat: Chat) -> None:
    offered = chat.one(text="主题 patent-term")
    candidates = [press for press in presses(offered) if press.startswith("#")]
    assert len(candidates) > 2
    for press in [*candidates, *reversed(candidates)]:
        answer = chat.one(press=press)
        assert (answer["outcome"], answer["entry"], answer["entries"]) == ("answer", press[1:], [press[1:]])


def test_a_press_means_the_same_for_everyone_and_after_a_restart(sqlite: Engine, shelf: Shelf) -> None:
    chat = open_chat(sqlite, shelf)
    press = presses(chat.one(text=ASKED))[0]
    own = chat.one(press=press)
    others = [
        *chat({"user": "stranger", "press": press}),
        *Chat(App(sqlite, shelf).turn)({"user": "u1", "press": press}, {"user": "another", "press": press}),
    ]
    assert all(other["replies"] == own["replies"] for other in others)


def test_a_bare_number_picks_from_the_last_options_shown(chat: Chat) -> None:
    offered = chat.one(text="主题 patent-term")
    assert chat.one(text="2")["entry"] == presses(offered)[1][1:]


def test_a_press_that_leads_nowhere_says_so(chat: Chat) -> None:
    assert chat.one(press="#no-such-entry")["outcome"] == "clarify"
    assert chat.one(press="大类 没有的")["outcome"] == "clarify"


# -- the limit on free questions ---------------------------------------------------------------------------


def test_the_limit_is_off_unless_it_is_asked_for(sqlite: Engine, shelf: Shelf) -> None:
    chat = open_chat(sqlite, replace(shelf, limits=Limits(10)))
    lines = [{"user": "u1", "text": ASKED}] * 12
    assert {answer["outcome"] for answer in chat(*lines)} == {"answer"}
    outcomes = [answer["outcome"] for answer in chat(*({**line, "user": "u2"} for line in lines), limited=True)]
    assert outcomes == ["answer"] * 10 + ["clarify"] * 2
    assert chat({"user": "u2", "press": "菜单"}, limited=True)[0]["intent"] == "menu"


# -- the clock ---------------------------------------------------------------------------------------------


def test_at_moves_the_clock_on_for_all_lines_after_it(chat: Chat) -> None:
    asked = {"user": "u1", "text": "商标异议期是几个月"}
    today, later, still = chat(asked, {**asked, "at": "2027-01-21T12:00+08:00"}, {**asked, "user": "u2"})
    assert "3个月" in told(today)
    for answer in (later, still):
        assert answer["replies"][0]["citations"][0]["law"] == "商标法(2026修订)"


def test_the_same_at_may_stand_on_every_line_but_not_an_earlier_one() -> None:
    at = "2027-01-02T10:00:00+08:00"
    line = {"user": "u1", "text": "a"}
    outcomes = [
        answer["outcome"]
        for answer in Chat(echo)(
            {**line, "at": at}, {**line, "at": at}, {**line, "at": "2027-01-01T10:00+08:00"}, line, {**line, "at": at}
        )
    ]
    assert outcomes == ["answer", "answer", "error", "answer", "answer"]


def test_a_line_that_is_not_valid_does_not_move_the_clock() -> None:
    chat = Chat(echo)
    chat({"user": "u1", "at": "2027-06-01T10:00+08:00"}, {"user": "u1", "text": 7, "at": "2027-06-01T10:00+08:00"})
    assert chat.clock.now() < TODAY + timedelta(minutes=1)


def test_the_clock_runs_on_from_where_it_was_set() -> None:
    clock = Clock(TODAY)
    first = clock.now()
    assert TODAY <= first < clock.now() + timedelta(microseconds=1) < TODAY + timedelta(seconds=10)
    clock.move(TODAY + timedelta(days=1))
    assert timedelta(days=1) <= clock.now() - TODAY < timedelta(days=1, seconds=10)
    assert abs(Clock().now() - datetime.now(UTC)) < timedelta(seconds=10)


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2027-01-02T10:00+08:00", "2027-01-02T02:00"),
        ("2027-01-02T10:00", "2027-01-02T02:00"),
        ("2027-01-02T10:00Z", "2027-01-02T10:00"),
        ("2027-01-02", "2027-01-01T16:00"),
    ],
)
def test_a_time_without_a_zone_is_beijing_time(text: str, utc: str) -> None:
    assert read_time(text) == datetime.fromisoformat(utc).replace(tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "noon", "2027-13-01", "0001-01-01T00:00", "9999-12-31T23:59-08:00", "3000-01-01"])
def test_a_time_that_cannot_be_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"isoformat|month|year"):
        read_time(text)


# -- the command -------------------------------------------------------------------------------------------


def environment(folder: Path) -> dict[str, str]:
    """A locale that knows ASCII only, a home of its own, and everything logged."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("IPBOT_", "LC_", "PYTHON"))}
    return {**kept, "LANG": "C", "LC_ALL": "C", "XDG_DATA_HOME": str(folder), "IPBOT_LOG": "debug"}


@contextmanager
def running(folder: Path, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "bot", "chat", *arguments]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, stdin=pipe, stdout=pipe, stderr=pipe, env=environment(folder), cwd=Path(__file__).parents[2]
    ) as process:
        yield process


def command(folder: Path, *arguments: str, lines: bytes) -> tuple[int, bytes, str]:
    with running(folder, *arguments) as process:
        out, err = process.communicate(lines, timeout=60)
    return process.returncode, out, err.decode()


def test_the_command_speaks_utf8_in_any_locale_and_only_json_and_keeps_the_conversation(tmp_path: Path) -> None:
    lines = '{"user":"u1","text":"发明专利保护多少年"}\n\nnot json\n{"user":"ئۇ","text":"\udcff你好"}'.encode(
        "utf-8", "surrogateescape"
    )
    status, out, _ = command(tmp_path, "--json", "--at", "2026-11-22T12:00+08:00", lines=lines)
    assert status == 0
    first, error, other = [json.loads(line) for line in out.decode("utf-8").splitlines()]
    assert "20年".encode() in out  # no \u escapes
    assert (first["outcome"], error["outcome"], other["user"]) == ("answer", "error", "ئۇ")
    assert out.endswith(b"}\n")
    assert b"\r" not in out

    press = json.dumps({"user": "u1", "press": presses(first)[0]}).encode()
    status, out, _ = command(tmp_path, "--json", "--at", "2027-01-02T10:00+08:00", lines=press)
    (later,) = [json.loads(line) for line in out.splitlines()]
    assert (status, later["entry"]) == (0, presses(first)[0][1:])
    assert later["notice"] is None  # the same database: it was told before

    database = create_engine(f"sqlite:///{tmp_path / 'ipbot' / 'ipbot.sqlite3'}")
    with database.connect() as connection:
        people = connection.exec_driver_sql("SELECT channel, account, native_id FROM people ORDER BY id").all()
        last = connection.exec_driver_sql("SELECT max(at) FROM turns").scalar()
    database.dispose()
    assert [tuple(row) for row in people] == [("terminal", "json", "u1"), ("terminal", "json", "ئۇ")]
    assert str(last).startswith("2027-01-02 02:00")


def test_every_line_is_flushed_and_a_reader_that_went_away_ends_the_chat_quietly(tmp_path: Path) -> None:
    line = b'{"user":"u1","text":"\xe4\xbd\xa0\xe5\xa5\xbd"}\n'
    with running(tmp_path, "--json") as process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        for _ in range(2):  # the answer is there before the input ends
            process.stdin.write(line)
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["outcome"] == "greet"
        process.stdout.close()
        process.stdin.write(line * 3)
        process.stdin.flush()
        assert process.wait(timeout=30) == 0
        err = process.stderr.read().decode()
    assert "Traceback" not in err
    assert "BrokenPipe" not in err
    assert all(json.loads(logged)["level"] for logged in err.splitlines())


def test_the_chat_for_people_ends_with_its_input(tmp_path: Path) -> None:
    status, out, _ = command(tmp_path, lines="发明专利保护多少年\n\n".encode())
    assert status == 0
    assert "20年" in out.decode()
    assert out.decode().rstrip().endswith("再见。")


def test_a_start_time_that_cannot_be_is_wrong_use(tmp_path: Path) -> None:
    for at in ("noon", "0001-01-01T00:00+08:00"):
        status, out, err = command(tmp_path, "--json", "--at", at, lines=b"")
        assert (status, out) == (2, b"")
        assert "--at" in err
        assert "Traceback" not in err
