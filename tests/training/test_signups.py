"""Sign-ups when many come at once, on both databases; what is made of an event as a file."""

from __future__ import annotations

import csv
import io
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from docx import Document
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, insert, select

from bot.database.tables import events, people, signups
from bot.training.events import Events, NewEvent
from bot.training.papers import guest_list, poster, qr_code, when
from bot.training.signups import Signup, Signups, Standing
from tests.conftest import TODAY

BEGINS = TODAY + timedelta(days=10)


def new_event(capacity: int | None = 50) -> NewEvent:
    return NewEvent(
        "讲座", "示例讲座", "示例内容", "示例单位", "", "650100", "企业", ("专利",), "650102", "示例路1号",
        BEGINS, BEGINS + timedelta(hours=2), BEGINS, capacity, "示例联系人",
    )  # fmt: skip


def crowd(engine: Engine, count: int, capacity: int | None) -> tuple[int, list[int]]:
    """A published event and so many people."""
    with engine.begin() as connection:
        box = Events(connection)
        id = box.draft(new_event(capacity), 1, TODAY)
        assert box.publish(id, 2, None)
        rows = [
            {
                "channel": "web",
                "account": "web",
                "native_id": str(n),
                "first_seen": TODAY,
                "last_seen": TODAY,
                "state": {},
            }
            for n in range(count)
        ]
        connection.execute(insert(people), rows)
        return id, list(connection.execute(select(people.c.id).order_by(people.c.id)).scalars())


def test_a_thousand_people_for_fifty_places_at_once(engine: Engine) -> None:
    id, crowd_ids = crowd(engine, 1000, 50)

    def join(person: int) -> Standing:
        with engine.begin() as connection:
            joined = Signups(connection).join(id, person, "某人", "个人", TODAY)
            assert joined is not None
            return joined.signup.standing

    with ThreadPoolExecutor(16) as threads:
        came = list(threads.map(join, crowd_ids))
    assert came.count(Standing.IN) == 50
    assert came.count(Standing.WAITING) == 950
    with engine.begin() as connection:
        found = Signups(connection).all(id)
        assert sorted(signup.turn for signup in found) == list(range(1, 1001)), "nobody shares a place in the line"
        assert max(s.turn for s in found if s.standing is Standing.IN) == 50, "who came first is in"
        assert connection.execute(select(events.c.taken)).scalar_one() == 50


def test_who_waits_moves_up_in_the_order_of_coming(engine: Engine) -> None:
    id, (a, b, c, d) = crowd(engine, 4, 1)
    with engine.begin() as connection:
        box = Signups(connection)
        for person in (a, b, c, d):
            box.join(id, person, "某人", "个人", TODAY)
        assert box.leave(id, c) == (True, None), "who waits leaves without consequence"
        moved = []
        for person in (a, b, d):
            left, up = box.leave(id, person)
            assert left
            moved.append(up.person_id if up else None)
        assert moved == [b, d, None]
        assert box.leave(id, a) == (False, None)
        assert connection.execute(select(events.c.taken)).scalar_one() == 0
        again = box.join(id, c, "某人", "个人", TODAY)
        assert again is not None
        assert again.is_new
        assert again.signup.standing is Standing.IN


def test_it_is_closed_after_the_deadline_and_when_called_off(engine: Engine) -> None:
    id, (a, b) = crowd(engine, 2, None)
    with engine.begin() as connection:
        box = Signups(connection)
        assert box.join(id, a, "某人", "个人", BEGINS + timedelta(seconds=1)) is None
        assert box.join(999_999, a, "某人", "个人", TODAY) is None
        assert box.join(id, a, "某人", "个人", BEGINS) is not None
        Events(connection).cancel(id, TODAY)
        assert box.join(id, b, "某人", "个人", TODAY) is None


def test_figures(engine: Engine) -> None:
    id, ids = crowd(engine, 5, 3)
    with engine.begin() as connection:
        box = Signups(connection)
        for person in ids:
            box.join(id, person, "某人", "个人", TODAY)
        box.leave(id, ids[4])
        for person, score in ((ids[0], 5), (ids[1], 2)):
            mine = box.find(id, person)
            assert mine is not None
            box.sign_in(mine, BEGINS)
            box.rate(mine, score, "")
        found = box.figures(id)
    assert (found.inside, found.waiting, found.left, found.signed_in, found.scores, found.mean) == (3, 1, 1, 2, 2, 3.5)


def test_nobody_publishes_what_they_wrote_themselves(engine: Engine) -> None:
    with engine.begin() as connection:
        box = Events(connection)
        id = box.draft(new_event(), 1, TODAY)
        assert not box.publish(id, 1, None)
        assert box.publish(id, 2, None)
        assert not box.publish(id, 3, None), "one of two who try does it"


# -- files ----------------------------------------------------------------------------------------------------


@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=20))
def test_no_cell_of_the_list_is_a_formula(name: str) -> None:
    signup = Signup(1, 1, 1, name, "=1+1", Standing.IN, 1, TODAY, None, None, "@x")
    rows = list(csv.reader(io.StringIO(guest_list([signup]).decode("utf-8-sig"))))
    assert len(rows) == 2
    assert not [cell for cell in rows[1] if cell.startswith(("=", "+", "-", "@"))]
    assert rows[1][1].removeprefix("'") == name.removeprefix("'")


def test_the_poster_holds_what_one_has_to_know(engine: Engine) -> None:
    with engine.begin() as connection:
        event = Events(connection).find(Events(connection).draft(new_event(), 1, TODAY))
    assert event is not None
    sheet = Document(io.BytesIO(poster(event, "https://chat.example.cn/#活动-1")))
    text = "\n".join(paragraph.text for paragraph in sheet.paragraphs)
    for word in (event.title, "2026年12月2日（周三）12:00–14:00", event.place, "扫码", f"活动 {event.id}"):
        assert word in text
    assert len(sheet.inline_shapes) == 1
    assert qr_code("https://chat.example.cn/").startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("hours", "shown"),
    [(2, "2026年12月2日（周三）12:00–14:00"), (30, "2026年12月2日（周三）12:00–2026年12月3日（周四）18:00")],
)
def test_times_are_told_by_beijing_time(hours: int, shown: str) -> None:
    assert when(BEGINS, BEGINS + timedelta(hours=hours)) == shown


def test_signups_are_erased_with_the_person(engine: Engine) -> None:
    id, (a, *_) = crowd(engine, 2, 1)
    with engine.begin() as connection:
        Signups(connection).join(id, a, "某人", "个人", TODAY)
        connection.execute(people.delete().where(people.c.id == a))
        assert connection.execute(select(signups)).all() == []
