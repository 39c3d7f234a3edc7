"""Letters through Telegram, end to end: every recipient settled, none twice, whatever goes wrong."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, func, insert, select

from bot.channels.telegram_api import TelegramSettings
from bot.channels.telegram_letters import TelegramPost
from bot.commands.worker import transact_in
from bot.database.tables import announcements, letters, subscriptions
from bot.database.tables import people as people_table
from bot.delivery.lane import Limits
from bot.delivery.office import Delivery
from bot.delivery.quiet import QuietHours
from bot.letters import Letters, State
from bot.messages import Option, Person, Reply
from bot.people import People
from bot.training.announcements import Announcements, Audience, Stage
from bot.training.subscriptions import Subscription, Subscriptions
from tests.telegram_peer import TOKEN, Peer
from tests.telegram_rules import Refusal

ACCOUNT = "4200"
QUIET = QuietHours.read("")
TEXT = "关于开课的通知 =SUM(A1) <b>不是粗体</b> 😀 \u202eشينجاڭ\u202c"


def now() -> datetime:
    return datetime.now(UTC)


class Post:
    """A process that sends, against the peer."""

    def __init__(self, peer: Peer, engine: Engine, places: int = 8, errors: float = 1.0, rate: int = 1000) -> None:
        self.post = TelegramPost(TelegramSettings(TOKEN, api=peer.api, letters=rate))
        threads = ThreadPoolExecutor(1 if engine.dialect.name == "sqlite" else 4)
        self.delivery = Delivery(
            [(self.post.letters, rate)],
            Limits(places, QUIET, errors),
            transact_in(engine, threads),
            now,
            alone=engine.dialect.name == "sqlite",
        )

    async def __aenter__(self) -> Post:
        await self.post.start()
        await self.delivery.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.delivery.stop()
        await self.post.stop()

    async def die(self) -> None:
        """End without settling anything, as kill -9 does."""
        for lane in self.delivery.lanes:
            lane._settled.clear()
            for task in [lane._task, self.delivery._task, *lane._under_way]:
                if task:
                    task.cancel()
            lane._under_way.clear()
            lane._settled.clear()


def people(connection: Connection, count: int, subscribed: bool = True) -> list[int]:
    ids = [People(connection).find(Person("telegram", ACCOUNT, str(1000 + n)), now()).id for n in range(count)]
    for id in ids if subscribed else ():
        Subscriptions(connection).add(id, Subscription(), now())
    return ids


def announce(connection: Connection, text: str = TEXT) -> int:
    box = Announcements(connection)
    id = box.draft("通知", Reply(text, options=(Option("退订", "退订"),)), Audience(), 1, now())
    assert box.approve(id, 2)
    return id


def states(engine: Engine) -> Counter[str]:
    with engine.begin() as connection:
        rows = connection.execute(select(letters.c.state, func.count()).group_by(letters.c.state)).all()
    return Counter({row[0]: row[1] for row in rows})


def stage(engine: Engine, id: int) -> Stage:
    with engine.begin() as connection:
        found = Announcements(connection).find(id)
    assert found is not None
    return found.stage


async def until(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.02)


def play(scene: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(scene())


def test_every_recipient_is_settled_and_none_gets_it_twice(engine: Engine) -> None:
    with engine.begin() as connection:
        people(connection, 60)
        id = announce(connection)

    async def scene() -> None:
        async with Peer() as peer:
            peer.blocked = {1040, 1041}
            peer.moved = {1042: -77}
            peer.faults["sendMessage"].extend(
                [Refusal(429, "Too Many Requests", retry_after=1), "drop_before", "drop_after", "not json", "slow 1"]
            )
            async with Post(peer, engine):
                await until(lambda: stage(engine, id) is Stage.DONE)
            seen = Counter(call.chat for call in peer.calls("sendMessage"))
            assert max(seen.values()) == 1
            found = states(engine)
            assert found[State.REFUSED] == 2
            assert found[State.UNSURE] == 3
            assert found[State.SENT] == 55
            assert sum(seen.values()) == 57, "two of the unsure ones did arrive"
            assert {call.text for call in peer.calls("sendMessage")} == {TEXT}

    play(scene)


def test_after_a_crash_what_was_under_way_is_unsure_and_the_rest_is_sent(sqlite: Engine) -> None:
    with sqlite.begin() as connection:
        people(connection, 40)
        id = announce(connection)

    async def scene() -> None:
        async with Peer() as peer:
            peer.faults["sendMessage"].extend([""] * 10 + ["slow 3"] * 8)
            first = Post(peer, sqlite, places=4)
            async with first:
                await until(lambda: len(peer.calls("sendMessage")) >= 10)
                await asyncio.sleep(0.3)
                await first.die()
            peer.faults.clear()
            async with Post(peer, sqlite, places=4):
                await until(lambda: stage(sqlite, id) is Stage.DONE)
            await asyncio.sleep(0)
            seen = Counter(call.chat for call in peer.calls("sendMessage"))
            assert max(seen.values()) == 1
            found = states(sqlite)
            assert 1 <= found[State.UNSURE] <= 4, "at most one for each place"
            assert found[State.SENT] + found[State.UNSURE] == 40

    play(scene)


def test_a_pause_that_telegram_wants_of_the_bot_holds_up_letters_only(engine: Engine) -> None:
    with engine.begin() as connection:
        people(connection, 20)
        announce(connection)

    async def scene() -> None:
        async with Peer() as peer:
            peer.faults["sendMessage"].extend([Refusal(429, "Too Many Requests", retry_after=2)] * 4)
            async with Post(peer, engine, places=4):
                await asyncio.sleep(1.2)
                assert peer.calls("sendMessage") == []
                assert len(peer.refused) == 4, "it does not go on asking"
                await until(lambda: states(engine)[State.SENT] == 20)

    play(scene)


def test_an_announcement_that_fails_too_often_is_paused(sqlite: Engine) -> None:
    with sqlite.begin() as connection:
        people(connection, 200)
        id = announce(connection)

    async def scene() -> None:
        async with Peer() as peer:
            peer.faults["sendMessage"].extend([Refusal(400, "Bad Request: chat is odd")] * 400)
            async with Post(peer, sqlite, errors=0.2):
                await until(lambda: stage(sqlite, id) is Stage.PAUSED)
            with sqlite.begin() as connection:
                found = Announcements(connection).find(id)
                progress = Announcements(connection).progress(id)
            assert found is not None
            assert "自动暂停" in found.why
            assert progress.counts[State.WAITING] >= 100
            assert progress.causes[State.REFUSED, "Chat is odd"] < 100

    play(scene)


def test_letters_keep_to_the_rate(sqlite: Engine) -> None:
    with sqlite.begin() as connection:
        people(connection, 50)
        announce(connection)

    async def scene() -> None:
        async with Peer() as peer:
            async with Post(peer, sqlite, rate=20):
                await until(lambda: states(sqlite)[State.SENT] == 50)
            times = [call.at for call in peer.calls("sendMessage")]
            # a call may arrive a little later than it was sent, so the rate is read over two seconds
            assert max(sum(start <= at < start + 2 for at in times) for start in times) <= 2 * 20 + 1

    play(scene)


def test_unsubscribing_is_in_force_at_once(sqlite: Engine) -> None:
    with sqlite.begin() as connection:
        first, _ = people(connection, 2)
        id = announce(connection)
        box = Announcements(connection)
        box.begin(now())
        while not box.write(id, now()):
            pass
        assert Subscriptions(connection).end(first, now()) == 1
        assert box.progress(id).counts == {State.WITHDRAWN: 1, State.WAITING: 1}
        assert box.progress(id).causes == {(State.WITHDRAWN, "unsubscribed"): 1}


def test_who_subscribes_after_the_start_is_not_in_the_audience(sqlite: Engine) -> None:
    with sqlite.begin() as connection:
        (first, second) = people(connection, 2, subscribed=False)
        Subscriptions(connection).add(first, Subscription(), now())
        id = announce(connection)
        box = Announcements(connection)
        box.begin(now())
        Subscriptions(connection).add(second, Subscription(), now())
        while not box.write(id, now()):
            pass
        assert box.progress(id).all == 1


def test_writing_goes_on_where_another_process_ended(engine: Engine) -> None:
    with engine.begin() as connection:
        ids = people(connection, 5)
        more = [
            {
                "channel": "telegram",
                "account": ACCOUNT,
                "native_id": f"9{n}",
                "first_seen": now(),
                "last_seen": now(),
                "state": {},
            }
            for n in range(2500)
        ]
        connection.execute(insert(people_table), more)
        connection.execute(
            subscriptions.insert().from_select(
                ["person_id", "topic", "region", "since"],
                select(people_table.c.id, func.lower(""), func.lower(""), people_table.c.first_seen).where(
                    people_table.c.id.not_in(ids)
                ),
            )
        )
        id = announce(connection)
        Announcements(connection).begin(now())
        assert Announcements(connection).unwritten() == [id]
    rounds = 0
    while True:
        with engine.begin() as connection:
            rounds += 1
            if Announcements(connection).write(id, now()):
                break
    with engine.begin() as connection:
        assert Announcements(connection).progress(id).all == 2505
        assert Announcements(connection).unwritten() == []
        assert connection.execute(select(announcements.c.written)).scalar() is None
    assert rounds == 4


def test_letters_to_a_person_known_from_a_group_go_to_them_alone(sqlite: Engine) -> None:
    with sqlite.begin() as connection:
        id = People(connection).find(Person("telegram", ACCOUNT, "-500:1234"), now()).id
        Letters(connection).put(id, Reply("您的申报已受理"), kind="status", key="k", now=now())

    async def scene() -> None:
        async with Peer() as peer:
            async with Post(peer, sqlite):
                await until(lambda: states(sqlite)[State.SENT] == 1)
            assert [call.chat for call in peer.calls("sendMessage")] == [1234]

    play(scene)
