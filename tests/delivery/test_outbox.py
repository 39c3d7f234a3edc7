"""The outbox: what is taken, in which order, at which rate, and how it is settled."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Connection, Engine, insert, select

from bot.channels.delivered import Delivered, Held, Refused, Sent, Unsure, Wait
from bot.database.tables import announcements, letters, people, windows
from bot.delivery.outbox import BURST, Outbox, Terms
from bot.letters import Letters, State
from bot.messages import Person, Reply, Window
from bot.people import People
from tests.conftest import TODAY

FAST = Terms("telegram", "42", rate=1000)
SECOND = timedelta(seconds=1)
WECHAT = Terms("wechat", "", rate=1000, windowed=True)


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    with engine.begin() as connection:
        yield connection


def person(connection: Connection, id: str = "1", channel: str = "telegram") -> int:
    return People(connection).find(Person(channel, "42", id), TODAY).id


def put(connection: Connection, to: int, key: str = "k", kind: str = "status", **more: object) -> None:
    assert Letters(connection).put(to, Reply(key), kind=kind, key=key, now=TODAY, **more)  # type: ignore[arg-type]


def announce(connection: Connection, *to: int, state: str = "running") -> int:
    id = connection.execute(
        insert(announcements)
        .values(
            title="通知",
            content={"text": "通知", "more": None, "citations": [], "buttons": [], "places": [], "file": None},
            audience={"topics": [], "regions": []},
            state=state,
            why="",
            author_id=1,
            created=TODAY,
            starts=TODAY,
        )
        .returning(announcements.c.id)
    ).scalar_one()
    for person_id in to:
        put(connection, person_id, f"announcement:{id}")
    connection.execute(
        letters.update().where(letters.c.key == f"announcement:{id}").values(announcement_id=id, content=None)
    )
    return int(id)


def taken(connection: Connection, count: int = 10, now=TODAY, terms: Terms = FAST, announce: bool = True) -> list[str]:  # type: ignore[no-untyped-def]
    return [letter.reply.text for letter in Outbox(connection, terms).take(count, now, announce).letters]


def state(connection: Connection) -> list[tuple[str, str]]:
    return [
        (row.state, row.cause)
        for row in connection.execute(select(letters.c.state, letters.c.cause).order_by(letters.c.id))
    ]


def test_what_is_due_is_taken_once_the_oldest_first_one_to_a_person(connection: Connection) -> None:
    a, b = person(connection, "1"), person(connection, "2")
    put(connection, a, "first")
    put(connection, a, "second")
    put(connection, b, "third")
    put(connection, b, "later", not_before=TODAY + SECOND)
    assert sorted(taken(connection)) == ["first", "third"]
    assert taken(connection) == [], "one is on its way to each"


def test_the_next_one_to_a_person_follows_a_second_after_the_one_before(connection: Connection) -> None:
    a = person(connection)
    put(connection, a, "first")
    put(connection, a, "second")
    outbox = Outbox(connection, FAST)
    (letter,) = outbox.take(10, TODAY, True).letters
    outbox.settle([(letter, Sent())], TODAY + SECOND / 2)
    assert taken(connection, now=TODAY + SECOND) == []
    assert taken(connection, now=TODAY + 1.6 * SECOND) == ["second"]


def test_letters_to_one_person_come_before_announcements(connection: Connection) -> None:
    ids = [person(connection, str(n)) for n in range(4)]
    announce(connection, *ids[:3])
    put(connection, ids[3], "answer")
    assert taken(connection, 2) == ["answer", "通知"]


@pytest.mark.parametrize("stage", ["draft", "approved", "paused", "done", "stopped"])
def test_only_running_announcements_go_out(connection: Connection, stage: str) -> None:
    announce(connection, person(connection), state=stage)
    assert taken(connection) == []


def test_nothing_is_announced_in_quiet_hours_but_letters_to_one_person_go_out(connection: Connection) -> None:
    a, b = person(connection, "1"), person(connection, "2")
    announce(connection, a)
    put(connection, b, "answer")
    assert taken(connection, announce=False) == ["answer"]


def test_the_rate_is_kept_by_all_processes_together(engine: Engine) -> None:
    """Many takers, whatever they ask for and when: never more than the rate and what may be caught up on."""
    slow = Terms("telegram", "42", rate=10)
    with engine.begin() as connection:
        for n in range(60):
            put(connection, person(connection, str(n)))
    got = []
    for step in range(40):  # four seconds in steps of 0.1, three processes each time
        now = TODAY + step * SECOND / 10
        for _ in range(3):
            with engine.begin() as connection:
                got += [now] * len(taken(connection, 5, now, slow))
    assert len(got) in (40, 41, 42)
    for start in got:
        assert sum(start <= at < start + SECOND for at in got) <= 10 + 10 * BURST.total_seconds() + 1


def test_another_channel_or_account_is_left_alone(connection: Connection) -> None:
    put(connection, person(connection, "1", "web"))
    connection.execute(letters.update().values(channel="telegram", account="43"))
    assert taken(connection) == []
    assert taken(connection, terms=Terms("telegram", "", rate=1000)) == ["k"]


def test_silence_that_the_platform_wants_holds_up_the_whole_lane(connection: Connection) -> None:
    a, b = person(connection, "1"), person(connection, "2")
    put(connection, a)
    outbox = Outbox(connection, FAST)
    (letter,) = outbox.take(10, TODAY, True).letters
    put(connection, b)
    outbox.settle([(letter, Wait(30, "429", all=True))], TODAY)
    assert outbox.take(10, TODAY + 29 * SECOND, True).again == TODAY + 30 * SECOND
    assert len(taken(connection, now=TODAY + 30 * SECOND)) == 2


@pytest.mark.parametrize(
    ("came", "expected"),
    [
        (Sent(), (State.SENT, "")),
        (Refused("bad"), (State.REFUSED, "bad")),
        (Refused("x" * 500), (State.REFUSED, "x" * 80)),
        (Unsure("timeout"), (State.UNSURE, "timeout")),
        (Held("45015"), (State.HELD, "45015")),
        (Wait(5, "429"), (State.WAITING, "429")),
    ],
)
def test_what_became_of_a_letter_is_written_down(
    connection: Connection, came: Delivered, expected: tuple[str, str]
) -> None:
    put(connection, person(connection))
    outbox = Outbox(connection, FAST)
    outbox.settle([(letter, came) for letter in outbox.take(1, TODAY, True).letters], TODAY)
    assert state(connection) == [expected]
    again = taken(connection, now=TODAY + 4 * SECOND), taken(connection, now=TODAY + 5 * SECOND)
    assert again == ([], ["k"] if isinstance(came, Wait) else [])


def test_parts_that_arrived_are_not_sent_again(connection: Connection) -> None:
    put(connection, person(connection))
    outbox = Outbox(connection, FAST)
    (letter,) = outbox.take(1, TODAY, True).letters
    outbox.settle([(letter, Wait(1, "429", parts=2))], TODAY)
    (letter,) = outbox.take(1, TODAY + SECOND, True).letters
    assert letter.parts == 2


def test_who_shut_us_out_gets_nothing_more_until_they_write(connection: Connection) -> None:
    a = person(connection)
    put(connection, a, "first")
    outbox = Outbox(connection, FAST)
    (letter,) = outbox.take(1, TODAY, True).letters
    put(connection, a, "second")
    outbox.settle([(letter, Refused("bot was blocked", gone=True))], TODAY)
    assert state(connection) == [(State.REFUSED, "bot was blocked"), (State.REFUSED, "blocked")]
    assert connection.execute(select(people.c.unreachable)).scalar_one() == TODAY


def test_what_was_under_way_when_a_process_died_is_unsure_and_not_sent_again(connection: Connection) -> None:
    put(connection, person(connection, "1"))
    put(connection, person(connection, "2"), "waits", not_before=TODAY + SECOND)
    outbox = Outbox(connection, FAST)
    (letter,) = outbox.take(5, TODAY, True).letters
    assert outbox.give_up(TODAY + FAST.lease) == 0
    assert outbox.give_up(TODAY + FAST.lease + SECOND) == 1
    assert state(connection) == [(State.UNSURE, "process ended"), (State.WAITING, "")]
    outbox.settle([(letter, Sent())], TODAY)
    assert state(connection)[0] == (State.SENT, ""), "it was not dead, only slow"


def test_a_process_that_is_alone_gives_up_all_that_was_left_at_once(connection: Connection) -> None:
    put(connection, person(connection))
    outbox = Outbox(connection, FAST)
    outbox.take(5, TODAY, True)
    assert outbox.give_up(TODAY, alone=True) == 1


def test_a_window_lets_five_letters_through_and_announcements_leave_two(connection: Connection) -> None:
    a = person(connection, "1", "wechat")
    Letters(connection).open_window(a, Window(timedelta(hours=48), 5), TODAY)
    for _ in range(5):
        announce(connection, a)
    sent = []
    for n in range(8):
        now = TODAY + 2 * n * SECOND
        outbox = Outbox(connection, WECHAT)
        found = outbox.take(10, now, True).letters
        outbox.settle([(letter, Sent()) for letter in found], now)
        sent += found
        if n == 4:
            put(connection, a, "answer")
    assert [letter.reply.text for letter in sent] == ["通知", "通知", "通知", "answer"]
    assert [s for s, _ in state(connection)].count(State.HELD) == 2
    assert connection.execute(select(windows.c.left)).scalar_one() == 1


def test_without_a_window_letters_are_held_at_once(connection: Connection) -> None:
    for n in range(3):
        put(connection, person(connection, str(n), "wechat"))
    Letters(connection).open_window(person(connection, "1", "wechat"), Window(timedelta(hours=48), 5), TODAY)
    assert taken(connection, terms=WECHAT, now=TODAY + timedelta(hours=48)) == []
    assert state(connection) == [(State.HELD, "window")] * 3
