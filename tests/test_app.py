"""The door: each delivery once, one person's messages in order, many people at once, on both databases."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine, func, select

from bot.app import APOLOGY, App, Shelf
from bot.database.tables import people, turns
from bot.messages import Event, Message, Outcome, Person, Text
from tests.conftest import TODAY

QUESTION = "发明专利保护多少年"


def message(person: str, key: str, text: str = QUESTION, second: float = 0) -> Message:
    return Message(Person("web", "t", person), Text(text), key, TODAY + timedelta(seconds=second), limited=False)


def counted(engine: Engine, table: object) -> int:
    with engine.begin() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())  # type: ignore[arg-type]


def test_many_people_at_once_none_lost_none_answered_twice(app: App, engine: Engine) -> None:
    number = 10_000 if engine.dialect.name == "sqlite" else 1_000

    async def all_of_them() -> list[Outcome]:
        responses = await asyncio.gather(*(app.handle(message(f"p{n}", "1")) for n in range(number)))
        return [response.outcome for response in responses]

    assert set(asyncio.run(all_of_them())) == {Outcome.ANSWER}
    assert counted(engine, people) == counted(engine, turns) == number


def test_a_hundred_messages_of_one_person_keep_their_order(app: App, engine: Engine) -> None:
    async def burst() -> None:
        await asyncio.gather(*(app.handle(message("one", str(n), f"{QUESTION} {n}", n / 100)) for n in range(100)))

    asyncio.run(burst())
    with engine.begin() as connection:
        kept = connection.execute(select(turns.c.delivery).order_by(turns.c.id)).scalars().all()
    assert kept == [str(n) for n in range(100)]


def test_repeats_of_a_delivery_join_the_same_turn(app: App, engine: Engine) -> None:
    async def three_times() -> set[str]:
        responses = await asyncio.gather(*(app.handle(message("one", "same")) for _ in range(3)))
        late = await app.handle(message("one", "same", "别的话"))
        return {repr(response.replies) for response in (*responses, late)}

    assert len(asyncio.run(three_times())) == 1
    assert counted(engine, turns) == 1


def test_two_processes_give_one_answer_to_one_delivery(engine: Engine, shelf: Shelf) -> None:
    """Two apps on one database stand for two processes."""
    one, two = App(engine, shelf), App(engine, shelf)

    async def both() -> None:
        await asyncio.gather(*(a.handle(message("one", f"k{n}")) for n in range(20) for a in (one, two)))

    asyncio.run(both())
    assert counted(engine, turns) == 20


def test_a_caller_that_hangs_up_does_not_stop_the_turn(app: App, engine: Engine) -> None:
    async def hang_up() -> None:
        task = asyncio.create_task(app.handle(message("one", "1")))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await app.close()

    asyncio.run(hang_up())
    assert counted(engine, turns) == 1


def test_a_failure_is_an_apology_and_nothing_is_kept(
    app: App, engine: Engine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("身份证 650102199001011234")

    monkeypatch.setattr("bot.app.respond", fail)
    response = app.turn(message("one", "1"))
    assert response.outcome is Outcome.ERROR
    assert response.replies[0].text == APOLOGY
    assert counted(engine, people) == counted(engine, turns) == 0
    monkeypatch.undo()
    assert app.turn(message("one", "1")).outcome is Outcome.ANSWER  # the platform's retry is answered
    assert any(record.message == "turn failed" for record in caplog.records)


def test_leaving_erases_and_coming_back_starts_anew(app: App, engine: Engine) -> None:
    app.turn(message("one", "1"))
    app.turn(replace(message("one", "2", second=1), body=Event.LEFT))
    assert counted(engine, people) == counted(engine, turns) == 0
    assert app.turn(message("one", "3", second=2)).notice


def test_expired_people_are_erased(app: App, engine: Engine) -> None:
    app.turn(message("old", "1"))
    app.turn(message("new", "1", second=100 * 86_400))
    assert asyncio.run(app.expire(TODAY + timedelta(days=181))) == 1
    assert counted(engine, people) == counted(engine, turns) == 1


def test_new_content_is_taken_without_a_restart(app: App, shelf: Shelf) -> None:
    app.shelf = replace(shelf, retention=30)
    assert "30 天" in (app.turn(message("one", "1")).notice or "")
