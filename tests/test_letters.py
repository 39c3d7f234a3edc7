"""Letters: written once, shown once, on every channel that the person can be reached at by being asked."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from aiohttp import ClientSession, CookieJar
from aiohttp.test_utils import TestServer
from sqlalchemy import Connection, Engine, select

from bot.app import App, Shelf
from bot.channels.web import ACCOUNT, WebChat, WebSettings
from bot.database.tables import letters, windows
from bot.letters import KEY, Letters, State
from bot.messages import Option, Outcome, Person, Reply, Window
from bot.people import People
from tests.conftest import TODAY
from tests.doors import _application as application
from tests.talk import Talk

HELLO = Reply("您的申报已受理。", options=(Option("查看进度", "我的申报"),))
LATER = TODAY + timedelta(hours=2)


def person(connection: Connection, id: str = "a", channel: str = "terminal") -> int:
    return People(connection).find(Person(channel, "test", id), TODAY).id


def states(connection: Connection) -> list[str]:
    return list(connection.execute(select(letters.c.state).order_by(letters.c.id)).scalars())


def test_a_person_gets_one_letter_of_a_key(engine: Engine) -> None:
    with engine.begin() as connection:
        box, id = Letters(connection), person(connection)
        assert box.put(id, HELLO, kind="status", key="case:1:accepted", now=TODAY)
        assert not box.put(id, HELLO, kind="status", key="case:1:accepted", now=TODAY)
        assert box.put(id, HELLO, kind="status", key="case:1:published", now=TODAY)
        assert box.put(person(connection, "b"), HELLO, kind="status", key="case:1:accepted", now=TODAY)
        assert not box.put(999_999, HELLO, kind="status", key="case:1:accepted", now=TODAY), "nobody is there"
        (first, second) = box.due([id], TODAY)
    assert first.reply == second.reply == HELLO
    assert first.person == Person("terminal", "test", "a")


@pytest.mark.parametrize("key", ["", "x" * (KEY + 1)])
def test_a_key_that_cannot_be_kept_is_refused(engine: Engine, key: str) -> None:
    with engine.begin() as connection, pytest.raises(ValueError, match="key"):
        Letters(connection).put(person(connection), HELLO, kind="status", key=key, now=TODAY)


def test_a_letter_waits_for_its_time_and_can_be_withdrawn_until_it_is_shown(engine: Engine) -> None:
    with engine.begin() as connection:
        box, id = Letters(connection), person(connection)
        box.put(id, HELLO, kind="reminder", key="event:1", now=TODAY, not_before=LATER)
        box.put(id, HELLO, kind="reminder", key="event:2", now=TODAY, not_before=LATER)
        assert not box.due([id], LATER - timedelta(seconds=1))
        assert box.withdraw("event:1", TODAY) == 1
        due = box.due([id], LATER)
        assert len(due) == 1
        box.shown([due[0].id], LATER)
        assert box.withdraw("event:2", LATER) == 0, "it was shown"
        assert not box.due([id], LATER)
        assert states(connection) == [State.WITHDRAWN, State.SENT]


def test_a_window_is_opened_anew_by_each_message(engine: Engine) -> None:
    with engine.begin() as connection:
        box, id = Letters(connection), person(connection)
        for at in (TODAY, LATER):
            box.open_window(id, Window(timedelta(hours=48), 5), at)
        box.open_window(999_999, Window(timedelta(hours=48), 5), TODAY)
        (row,) = connection.execute(select(windows)).all()
    assert (row.person_id, row.until, row.left) == (id, LATER + timedelta(hours=48), 5)


def test_letters_are_erased_with_the_person(engine: Engine) -> None:
    with engine.begin() as connection:
        box, id = Letters(connection), person(connection)
        box.put(id, HELLO, kind="status", key="case:1", now=TODAY)
        box.open_window(id, Window(timedelta(hours=48), 5), TODAY)
        receipt = People(connection).erase(id, TODAY)
        assert receipt.erased["给您的消息"] == 1
        assert not states(connection)
        assert not connection.execute(select(windows)).all()


# -- shown ----------------------------------------------------------------------------------------------------


def put(app: App, to: Person, key: str = "k", reply: Reply = HELLO, **more: object) -> None:
    def work(connection: Connection) -> None:
        id = People(connection).find(to, TODAY).id
        assert Letters(connection).put(id, reply, kind="status", key=key, now=TODAY, **more)  # type: ignore[arg-type]

    app.at_once(work)


def test_an_answer_carries_what_waits_where_the_channel_says_so(engine: Engine, shelf: Shelf) -> None:
    talk = Talk(App(engine, shelf), TODAY, channel="wechat", carries=True)
    talk.says("你好")
    put(talk.app, talk.person)
    talk.says("发明专利保护多少年").sees("20年", "给您的消息", "您的申报已受理").presses("查看进度")
    talk.says("你好").sees_not("您的申报已受理")


def test_a_repeated_delivery_gets_the_same_answer_with_its_letters(engine: Engine, shelf: Shelf) -> None:
    talk = Talk(App(engine, shelf), TODAY, channel="wechat", carries=True)
    put(talk.app, talk.person)
    talk.says("你好")
    first = talk.response
    talk.again().sees("您的申报已受理")
    assert talk.response == first


def test_leaving_shows_nothing(engine: Engine, shelf: Shelf) -> None:
    talk = Talk(App(engine, shelf), TODAY, channel="wechat", carries=True)
    put(talk.app, talk.person)
    assert talk.says("删除我的数据").sees("您的申报已受理").presses("确定删除").response.outcome is Outcome.DONE


def test_what_failed_to_be_shown_waits_on(sqlite: Engine, shelf: Shelf) -> None:
    talk = Talk(App(sqlite, shelf), TODAY)
    put(talk.app, talk.person)

    def fail(_: object) -> None:
        raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        talk.app.tell("terminal", [talk.person.id], TODAY, fail)
    talk.receives("您的申报已受理").receives_nothing()


def test_an_open_page_gets_letters_and_says_what_it_has_shown(sqlite: Engine, shelf: Shelf) -> None:
    app = App(sqlite, shelf)

    async def play() -> None:
        chat = WebChat(app, WebSettings(frozenset(), False, 0, 0), app.shelf.files, app.shelf.incoming)
        server = TestServer(application(chat.routes()))
        await server.start_server()
        url = f"http://127.0.0.1:{server.port}"
        async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as session:
            await (await session.get(url)).read()
            message = {"id": "message-1", "text": "你好"}
            await session.post(f"{url}/chat/messages", json=message, headers={"Origin": url})
            visitor = await app.transaction(_newest_visitor)
            waiting = asyncio.create_task(_letters(session, url))
            await asyncio.sleep(0.1)
            assert not waiting.done(), "it waits until there is something"
            put(app, visitor)
            (letter,) = await waiting
            assert letter["replies"][0]["text"] == "您的申报已受理。"
            (again,) = await _letters(session, url)
            assert again == letter, "it was not said to be shown"
            waiting = asyncio.create_task(_letters(session, url, seen=letter["number"]))
            await asyncio.sleep(0.1)
            assert not waiting.done(), "it was shown"
            chat.leave()
            assert await waiting == [], "the server stops"
            history = (await (await session.get(f"{url}/chat/history")).json())["turns"]
            assert [item["id"] for item in history] == ["message-1", letter["id"]]
        await server.close()
        await app.close()

    asyncio.run(play())


def _newest_visitor(connection: Connection) -> Person:
    row = connection.exec_driver_sql("SELECT native_id FROM people WHERE channel = 'web'").one()
    return Person("web", ACCOUNT, row.native_id)


async def _letters(session: ClientSession, url: str, seen: object = "") -> list[dict[str, object]]:
    async with session.get(f"{url}/chat/letters", params={"seen": str(seen)}) as answer:
        found: list[dict[str, object]] = (await answer.json())["letters"]
        return found
