"""The Telegram channel as people meet it: polling and webhook, order, repeats, crashes, and Telegram out of reach."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from bot.channels import telegram, telegram_intake, telegram_send
from bot.channels.telegram import BODY_BYTES, Delivered
from bot.channels.telegram_write import SHARE_LABEL
from bot.database.engine import open_engine
from bot.database.tables import metadata
from bot.messages import Event, Message, Option, Outcome, Person, Place, Press, Reply, Response, Spot, Text, Upload
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from tests.channels.telegram_rig import FakeApp, echo, keep, play, post, ready, remember_turn, rows, running, until
from tests.telegram_peer import TOKEN, Peer
from tests.telegram_rules import Refusal

BOTH = pytest.mark.parametrize("webhook", [False, True], ids=["polling", "webhook"])
MENU = (Option("菜单", "菜单"), Option("年费怎么算", "#patent-annuity"))


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telegram, "FIRST_PAUSE", 0.02)
    monkeypatch.setattr(telegram, "POLL_SECONDS", 5)
    monkeypatch.setattr(telegram, "GRACE_SECONDS", 0.3)
    monkeypatch.setattr(telegram_send, "PAUSE", 0.05)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = open_engine(f"sqlite:///{tmp_path / 'bot.sqlite3'}")
    metadata.create_all(made)
    yield made
    made.dispose()


@BOTH
def test_a_conversation(engine: Engine, webhook: bool):
    def answer(message: Message) -> Response:
        spots = (Spot("甲", 1.2, 43.8, 87.6),) if isinstance(message.body, Place) else ()
        told = echo(message).replies[0]
        return Response(Outcome.ANSWER, (replace(told, options=MENU, places=spots),), notice="说明")

    async def scene() -> None:
        async with Peer() as peer:
            app = FakeApp(answer)
            peer.say(7, "/start")
            peer.say(7, "<商标> & 专利")
            async with running(peer, engine, app, webhook=webhook):
                (*_, last) = await peer.sees(4, chat=7)
                assert [c.text for c in peer.calls("sendMessage")] == [
                    "<Event.ARRIVED: 'arrived'>",
                    "说明",
                    "<商标> & 专利",
                    "说明",
                ]
                pressed = peer.calls("sendMessage")[0].key("年费怎么算")
                peer.press(7, pressed)
                await peer.sees(6)
                await peer.sees(1, "answerCallbackQuery")
                peer.share(7, 43.8, 87.6)
                peer.venue(7, 43.8, 87.6, "红山")
                peer.photo(7)
                peer.push("message", peer.message(7, voice={"file_id": "A", "file_unique_id": "B", "duration": 1}))
                peer.edit(7, text="改了")
                peer.edit(7, location={"latitude": 1, "longitude": 2, "live_period": 60})
                peer.say(7, "最后")
                await until(lambda: "最后" in peer.texts())
                assert len(peer.calls("sendVenue")) == 2
                await until(lambda: not rows(engine))
                assert last.chat == 7
            bodies = [m.body for m in app.heard]
            assert bodies[:3] == [Event.ARRIVED, Text("<商标> & 专利"), Press("#patent-annuity")]
            assert bodies[3:] == [
                Place(43.8, 87.6),
                Place(43.8, 87.6, label="红山"),
                Upload("photo.jpg"),
                Event.UNSUPPORTED,
                Text("最后"),
            ]
            assert {m.person for m in app.heard} == {Person("telegram", "4200", "7")}
            assert {m.key for m in app.heard} == {str(n) for n in range(1001, 1011) if n not in (1008, 1009)}
            assert all(abs(m.at - datetime.now(UTC)) < timedelta(seconds=10) for m in app.heard)
            assert peer.refused == []

    play(scene)


@BOTH
def test_it_introduces_itself(engine: Engine, webhook: bool, caplog: pytest.LogCaptureFixture):
    async def scene() -> None:
        async with Peer() as peer:
            async with running(peer, engine, FakeApp(), webhook=webhook):
                await ready(peer)
            first, second = peer.done[:2]
            assert first.method == "setMyCommands"
            assert [c["command"] for c in first.fields["commands"]] == ["help", "menu"]
            if webhook:
                assert second.fields["url"].endswith(telegram.PATH)
                assert second.fields["secret_token"] == "s3cret-Token_"
                assert second.fields["allowed_updates"] == ["message", "callback_query", "my_chat_member"]
            else:
                assert second.method == "deleteWebhook"
            assert all("drop_pending_updates" not in c.fields for c in peer.done)

    play(scene)
    assert "Bad Name" in caplog.text


@BOTH
def test_one_person_is_answered_in_order_and_nobody_waits_for_another(engine: Engine, webhook: bool):
    async def scene() -> None:
        async with Peer() as peer:
            app = FakeApp()
            app.slow = {"慢": 0.3}
            async with running(peer, engine, app, webhook=webhook):
                for text in ("慢", "二", "三"):
                    peer.say(7, text)
                for user in range(20, 40):
                    peer.say(user, "快")
                await peer.sees(20)
                assert peer.texts() == ["快"] * 20
                await peer.sees(3, chat=7)
            assert peer.texts(7) == ["慢", "二", "三"]
            assert app.most <= 16

    play(scene)


def test_a_group_is_answered_when_it_asks(engine: Engine):
    async def scene() -> None:
        async with Peer() as peer:
            app = FakeApp(lambda m: Response(Outcome.ANSWER, (replace(echo(m).replies[0], asks_location=True),)))
            async with running(peer, engine, app):
                peer.push("message", peer.message(7, group=-100, text="闲聊"))
                peer.push("message", peer.message(7, group=-100, text="/help@ip_test_bot"))
                peer.push("message", peer.message(8, group=-100, text="@ip_test_bot 商标"))
                peer.press(8, "菜单", group=-100)
                peer.say(7, "私下")
                await peer.sees(3, chat=-100)
                await peer.sees(1, chat=7)
            assert sorted(m.person.id for m in app.heard) == ["-100:7", "-100:8", "-100:8", "7"]
            assert sorted(peer.texts(-100)) == ["/help", "商标", "菜单"]
            assert all("reply_markup" not in c.fields for c in peer.calls("sendMessage", chat=-100))

    play(scene)


def test_the_location_key_comes_and_goes(engine: Engine):
    def answer(message: Message) -> Response:
        asks = message.body == Text("网点")
        return Response(Outcome.ANSWER, (Reply(str(message.body), options=MENU, asks_location=asks),))

    async def scene() -> None:
        async with Peer() as peer, running(peer, engine, FakeApp(answer)):
            peer.say(7, "网点")
            first = await peer.sees(2)
            assert [[k["text"] for k in call.keys] for call in first] == [["菜单", "年费怎么算"], [SHARE_LABEL]]
            peer.share(7, 43.8, 87.6)
            third, fourth = (await peer.sees(4))[2:]
            assert third.fields["reply_markup"] == {"remove_keyboard": True}
            assert [k["text"] for k in fourth.keys] == ["菜单", "年费怎么算"]
            peer.say(7, "还有")
            await peer.sees(5)

    play(scene)


@BOTH
def test_who_blocks_the_bot_is_told_to_the_core_and_hears_nothing(engine: Engine, webhook: bool):
    async def scene() -> None:
        async with Peer() as peer:
            app = FakeApp()
            app.answer = lambda m: Response(Outcome.DONE) if m.body is Event.LEFT else echo(m)
            async with running(peer, engine, app, webhook=webhook) as channel:
                await ready(peer)
                peer.block(7)
                await until(lambda: [m.body for m in app.heard] == [Event.LEFT] and not rows(engine))
                person = Person("telegram", "4200", "7")
                assert await channel.send(person, echo(replace(app.heard[0], body=Text("提醒")))) is Delivered.BLOCKED
                assert peer.refused == []
                peer.block(7, "member")
                peer.say(7, "/start")  # Telegram's “restart” button does both
                peer.say(7, "回来了")
                await until(lambda: peer.texts() == ["<Event.ARRIVED: 'arrived'>", "回来了"])
                peer.say(7, "/start")
                await peer.sees(3)

    play(scene)


def test_writing_without_being_asked(engine: Engine):
    async def scene() -> None:
        async with Peer() as peer:
            letter = Response(Outcome.ANSWER, (Reply("您报名的培训明天开始。"),))
            async with running(peer, engine, FakeApp()) as channel:
                person = Person("telegram", "4200", "7")
                assert await channel.send(person, letter) is Delivered.LATER  # not begun yet
                await until(lambda: channel._ready)
                assert await channel.send(person, letter) is Delivered.SENT
                assert peer.texts(7) == ["您报名的培训明天开始。"]

    play(scene)


# -- repeats and crashes --------------------------------------------------------------------------------------


def test_a_repeated_update_is_answered_200_without_a_second_turn(engine: Engine):
    async def scene() -> None:
        async with Peer() as peer:
            app = FakeApp()
            app.slow = {"慢": 0.1}
            async with running(peer, engine, app, webhook=True):
                await ready(peer)
                raw = {"update_id": 5, "message": peer.message(7, text="慢")}
                assert await asyncio.gather(*(post(peer, raw) for _ in range(5))) == [200] * 5
                await peer.sees(1)
                assert await post(peer, raw) == 200
                await until(lambda: not rows(engine))
                assert await post(peer, raw) == 200
                await asyncio.sleep(0.05)
            assert (app.texts, peer.texts()) == (["慢"], ["慢"])

    play(scene)


@BOTH
def test_what_was_answered_is_not_answered_after_a_restart(engine: Engine, webhook: bool):
    """The update comes again, as Telegram was not told that it arrived; the core has its turn, the inbox nothing."""

    async def scene() -> None:
        remember_turn(engine, 7, 1001)
        async with Peer() as peer:
            app = FakeApp()
            peer.say(7, "旧")
            peer.say(7, "新")
            peer.say(8, "别人")
            async with running(peer, engine, app, webhook=webhook):
                await peer.sees(2)
            assert sorted(app.texts) == ["别人", "新"]

    play(scene)


@BOTH
def test_what_was_kept_and_not_answered_is_answered_after_a_restart(engine: Engine, webhook: bool):
    async def scene() -> None:
        async with Peer() as peer:
            app = FakeApp()
            app.slow = {"一": 5}
            async with running(peer, engine, app, webhook=webhook, crash=True):
                peer.say(7, "一")
                peer.say(7, "二")
                await until(lambda: app.texts == ["一"] and len(rows(engine)) == 2)
            assert peer.texts() == []
            app = FakeApp()
            peer.say(7, "三")
            async with running(peer, engine, app, webhook=webhook):
                await peer.sees(3)
                await until(lambda: not rows(engine))
                await asyncio.sleep(0.05)
            assert peer.texts() == app.texts == ["一", "二", "三"]

    play(scene)


def test_an_answer_is_kept_before_telegram_is_told_that_the_update_arrived(engine: Engine):
    """The offset passes an update only when it is in the inbox; while the database is away nothing is lost."""

    async def scene() -> None:
        async with Peer() as peer:
            app = FakeApp()
            async with running(peer, engine, app) as channel:
                await until(lambda: channel._ready)
                with engine.begin() as connection:
                    connection.exec_driver_sql("ALTER TABLE inbox RENAME TO away")
                peer.say(7, "一")
                await asyncio.sleep(0.1)
                assert peer.pending
                assert app.heard == []
                with engine.begin() as connection:
                    connection.exec_driver_sql("ALTER TABLE away RENAME TO inbox")
                await peer.sees(1)
                await until(lambda: not peer.pending)

    play(scene)


def test_a_part_that_was_sent_is_not_sent_again(engine: Engine):
    async def scene() -> None:
        app = FakeApp(lambda _: Response(Outcome.ANSWER, tuple(Reply(text) for text in "甲乙丙")))
        async with Peer() as peer:
            peer.faults["sendMessage"].extend(["", "slow 3"])
            async with running(peer, engine, app, crash=True):
                peer.say(7, "问")
                await peer.sees(1)
                await until(lambda: rows(engine)[0].body["sent"] == 2)
            peer.faults.clear()
            async with running(peer, engine, app):
                await until(lambda: not rows(engine))
            # nobody knows about the second: it was on its way
            assert peer.texts() == ["甲", "丙"]

    play(scene)


def test_stopping_lets_answers_go_out(engine: Engine):
    async def scene() -> None:
        async with Peer() as peer:
            app = FakeApp()
            app.slow = {"慢": 0.15, "太慢": 9}
            async with running(peer, engine, app):
                peer.say(7, "慢")
                peer.say(8, "太慢")
                await until(lambda: len(app.heard) == 2)
            assert peer.texts() == ["慢"]
            assert [row.body["update"]["message"]["text"] for row in rows(engine)] == ["太慢"]
            assert peer.pending == []  # both are confirmed

    play(scene)


def test_what_could_not_go_out_is_sent_when_telegram_is_back(engine: Engine, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(telegram, "SWEEP_SECONDS", 0.05)
    monkeypatch.setattr(telegram, "LEASE", timedelta(seconds=0.1))

    async def scene() -> None:
        async with Peer() as peer:
            app = FakeApp()
            app.slow = {"一": 0.1}
            async with running(peer, engine, app):
                peer.say(7, "一")
                await until(lambda: app.texts == ["一"])
                await peer.unplug()
                await asyncio.sleep(0.3)
                await until(lambda: rows(engine)[0].body["sent"] == 0)
                await peer.plug()
                await peer.sees(1)
                await until(lambda: not rows(engine))
            assert peer.texts() == ["一"]

    play(scene)


def test_what_is_being_worked_on_is_not_taken_up_by_others(engine: Engine, monkeypatch: pytest.MonkeyPatch):
    """Two processes share the work: a slow turn keeps its row by renewing it."""
    monkeypatch.setattr(telegram, "SWEEP_SECONDS", 0.05)
    monkeypatch.setattr(telegram, "LEASE", timedelta(seconds=0.2))

    async def scene() -> None:
        app = FakeApp()
        app.slow = {"慢": 0.7}
        async with Peer() as peer, AsyncExitStack() as both:
            await both.enter_async_context(running(peer, engine, app, webhook=True))
            await ready(peer)
            second = await both.enter_async_context(running(peer, engine, app, webhook=True))
            await until(lambda: second._ready)
            peer.say(7, "慢")
            await peer.sees(1)
            await until(lambda: not rows(engine))
            assert (app.texts, peer.texts()) == (["慢"], ["慢"])

    play(scene)


def test_rows_that_cannot_be_read_or_are_too_old_are_dropped(engine: Engine):
    async def scene() -> None:
        keep(engine, {"update_id": 1, "message": 5})
        keep(engine, {"update_id": 2, "edited_message": {}} | {"edited_message": None})
        async with Peer() as peer:
            old = datetime.now(UTC) - timedelta(hours=25)
            keep(engine, {"update_id": 3, "message": peer.message(7, text="昨天")}, at=old)
            keep(engine, {"update_id": 4, "message": peer.message(7, text="今天")})
            async with running(peer, engine, FakeApp()):
                await until(lambda: not rows(engine))
            assert peer.texts() == ["今天"]

    play(scene)


def test_a_turn_that_fails_stays_and_one_that_cannot_be_written_goes(engine: Engine, caplog: pytest.LogCaptureFixture):
    async def scene() -> None:
        async with Peer() as peer:
            app = FakeApp()
            app.broken = True
            async with running(peer, engine, app):
                peer.say(7, "一")
                await until(lambda: len(app.heard) == 1)
                await asyncio.sleep(0.05)
                assert len(rows(engine)) == 1
                app.broken = False
                app.answer = lambda _: Response(Outcome.ANSWER, (Reply(None),))  # type: ignore[arg-type]
                peer.say(7, "二")
                await until(lambda: len(rows(engine)) == 1 and len(app.heard) == 2)
                app.answer = echo
                peer.say(7, "三")
                await peer.sees(1)

    play(scene)
    assert "could not be handled" in caplog.text
    assert "could not be written" in caplog.text


# -- Telegram out of reach ------------------------------------------------------------------------------------


@BOTH
def test_it_starts_without_telegram_and_goes_on_trying(engine: Engine, webhook: bool, caplog: pytest.LogCaptureFixture):
    async def scene() -> None:
        async with Peer() as peer:
            await peer.unplug()
            async with running(peer, engine, FakeApp(), webhook=webhook):
                await asyncio.sleep(0.15)
                assert len(caplog.records) == 1  # one clear line, not one for each attempt
                await peer.plug()
                peer.say(7, "你好")
                await peer.sees(1)

    play(scene)
    assert "Telegram cannot be reached at 127.0.0.1" in caplog.text


@pytest.mark.parametrize("right", [TOKEN, "nonsense"])
def test_a_wrong_token_is_one_line_in_the_log(engine: Engine, right: str, caplog: pytest.LogCaptureFixture):
    async def scene() -> None:
        async with Peer() as peer:
            peer.token = right
            async with running(peer, engine, FakeApp(), token="4200:very-secret"):
                await asyncio.sleep(0.15)
                assert len(peer.refused) > 1
                peer.token = "4200:very-secret"
                peer.say(7, "你好")
                await peer.sees(1)

    play(scene)
    assert [r.message for r in caplog.records][:1] == [
        "Telegram refuses the token (IPBOT_TELEGRAM_TOKEN); trying again until it works"
    ]
    assert "very-secret" not in caplog.text


def test_something_else_than_the_bot_api_answers(engine: Engine, caplog: pytest.LogCaptureFixture):
    async def scene() -> None:
        async with Peer() as peer:
            peer.faults["getMe"].extend(["not json", Refusal(502, "Bad Gateway"), Refusal(429, "x")])
            peer.faults["getMe"][2].body["parameters"] = {"retry_after": 0.02}  # type: ignore[union-attr]
            peer.faults["deleteWebhook"].append(Refusal(400, "Bad Request: no"))
            peer.faults["setMyCommands"].append(Refusal(400, "Bad Request: BOT_COMMAND_INVALID"))
            async with running(peer, engine, FakeApp()):
                peer.say(7, "你好")
                await peer.sees(1)

    play(scene)
    assert "refuses the menu of commands" in caplog.text


def test_a_second_poller_and_a_webhook_of_others(engine: Engine, caplog: pytest.LogCaptureFixture):
    async def scene() -> None:
        async with Peer() as peer, running(peer, engine, FakeApp()):
            peer.say(7, "一")
            await peer.sees(1)
            await until(lambda: peer.polls > 1)
            async with aiohttp.ClientSession() as session:
                await (await session.get(f"{peer.api}/bot{TOKEN}/getUpdates")).read()
                assert "somebody else polls" in caplog.text or await asyncio.sleep(0.1) is None
                peer.webhook = {"url": "http://elsewhere"}
                await until(lambda: ("getUpdates", 409) in peer.refused)
                peer.webhook = None
            peer.say(7, "二")
            await peer.sees(2)

    play(scene)
    assert "somebody else polls" in caplog.text


def test_polling_survives_faults_and_odd_updates(engine: Engine, caplog: pytest.LogCaptureFixture):
    async def scene() -> None:
        async with Peer() as peer, running(peer, engine, FakeApp()):
            peer.faults["getUpdates"].extend(
                ["drop_before", "not json", Refusal(500, "x"), Refusal(429, "x", retry_after=1)]
            )
            peer.faults["getUpdates"][3].body["parameters"] = {"retry_after": 0.01}  # type: ignore[union-attr]
            peer.push("message", {"text": "坏的"})
            peer.push("odd", {})
            peer.say(7, "好的")
            await peer.sees(1)
            await until(lambda: not peer.pending)
            assert peer.texts() == ["好的"]

    play(scene)
    assert "could not be read" in caplog.text


def test_a_server_that_does_not_wait_is_not_asked_all_the_time(engine: Engine, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(telegram, "POLL_SECONDS", 0)
    monkeypatch.setattr(telegram, "FIRST_PAUSE", 0.05)

    async def scene() -> None:
        async with Peer() as peer, running(peer, engine, FakeApp()):
            await asyncio.sleep(0.5)
            assert 2 < peer.polls < 15

    play(scene)


def test_nothing_more_is_fetched_while_too_much_is_waiting(engine: Engine, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(telegram_intake, "WAITING", 3)
    monkeypatch.setattr(telegram, "POLL_LIMIT", 2)

    async def scene() -> None:
        async with Peer() as peer:
            app = FakeApp()
            app.slow = {"慢": 0.3}
            for text in ("慢", *"一二三四五六"):
                peer.say(7, text)
            async with running(peer, engine, app):
                await until(lambda: len(rows(engine)) >= 3)
                await asyncio.sleep(0.1)
                assert len(rows(engine)) == 4
                await peer.sees(7)
            assert peer.texts() == ["慢", *"一二三四五六"]

    play(scene)


# -- the webhook ----------------------------------------------------------------------------------------------


def test_only_telegram_gets_in(engine: Engine):
    async def scene() -> None:
        async with Peer() as peer:
            app = FakeApp()
            async with running(peer, engine, app, webhook=True):
                await ready(peer)
                raw = {"update_id": 5, "message": peer.message(7, text="一")}
                for secret in (None, "", "wrong", "s3cret-Token", "s3cret-Token_x", "S3CRET-TOKEN_", "密"):
                    assert await post(peer, raw, secret) == 403
                assert app.heard == []
                assert await post(peer, raw) == 200
                await peer.sees(1)

    play(scene)


def test_without_a_secret_one_is_made_from_the_token(engine: Engine):
    async def scene() -> None:
        async with Peer() as peer, running(peer, engine, FakeApp(), webhook=True, secret=""):
            peer.say(7, "一")
            await peer.sees(1)
            assert peer.webhook is not None
            assert len(peer.webhook["secret_token"]) == 64
            assert await post(peer, {"update_id": 5}, "") == 403

    play(scene)


def test_bodies_that_are_too_large_or_no_updates(engine: Engine):
    async def scene() -> None:
        async with Peer() as peer, running(peer, engine, FakeApp(), webhook=True):
            await ready(peer)
            assert await post(peer, b" " * (BODY_BYTES + 1)) == 413
            assert await post(peer, b" " * BODY_BYTES) == 400
            huge = b'{"update_id":' + b"9" * 5000 + b"}"
            for body in (b"", b"{", b"null", b"[]", b"{}", b'{"update_id":NaN}', b"\xff\xfe", b"[" * 200_000, huge):
                assert await post(peer, body) == 400
            assert await post(peer, {"update_id": 5, "message_reaction": {}}) in (200, 400)
            assert await post(peer, {"update_id": 6, "something_new": {}}) == 200
            assert rows(engine) == []

    play(scene)


def test_telegram_brings_again_what_was_not_taken(engine: Engine):
    """Before the channel has begun, and while the database is away, the answer is not 2xx."""

    async def scene() -> None:
        async with Peer() as peer:
            peer.faults["deleteWebhook"].clear()
            peer.say(7, "一")
            with engine.begin() as connection:
                connection.exec_driver_sql("ALTER TABLE inbox RENAME TO away")
            async with running(peer, engine, FakeApp(), webhook=True):
                await until(lambda: len(peer.posts) > 1)
                assert set(peer.posts) <= {503, 500}
                with engine.begin() as connection:
                    connection.exec_driver_sql("ALTER TABLE away RENAME TO inbox")
                await peer.sees(1)
                assert peer.posts[-1] == 200

    play(scene)


def test_when_too_much_is_waiting_telegram_is_asked_to_come_again(engine: Engine, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(telegram_intake, "WAITING", 2)

    async def scene() -> None:
        async with Peer() as peer:
            app = FakeApp()
            app.slow = {"慢": 0.2}
            async with running(peer, engine, app, webhook=True):
                for text in ("慢", "二", "三", "四"):
                    peer.say(7, text)
                await peer.sees(4)
            assert peer.texts() == ["慢", "二", "三", "四"]
            assert 503 in peer.posts

    play(scene)


def test_a_body_that_never_ends(engine: Engine, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(telegram, "BODY_SECONDS", 0.05)

    async def scene() -> None:
        async def endless() -> Any:
            yield b"{"
            await asyncio.sleep(0.5)
            yield b"}"

        async with Peer() as peer, running(peer, engine, FakeApp(), webhook=True):
            await ready(peer)
            assert peer.webhook is not None
            headers = {"X-Telegram-Bot-Api-Secret-Token": "s3cret-Token_"}
            async with (
                aiohttp.ClientSession() as session,
                session.post(peer.webhook["url"], data=endless(), headers=headers) as response,
            ):
                assert response.status == 408

    play(scene)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["update_id", "message", "chat", "from", "id", "text", "date", "type"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)
BODIES = st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode())


def test_any_body_is_400_or_200(engine: Engine):
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        peer = runner.run(stack.enter_async_context(Peer()))
        runner.run(stack.enter_async_context(running(peer, engine, FakeApp(), webhook=True)))
        runner.run(ready(peer))

        @settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
        @given(BODIES)
        def fuzz(body: bytes) -> None:
            assert runner.run(post(peer, body)) in (200, 400)

        try:
            fuzz()
        finally:
            runner.run(stack.aclose())


def test_nothing_anybody_wrote_is_in_the_log(engine: Engine, caplog: pytest.LogCaptureFixture):
    async def scene() -> None:
        async with Peer() as peer:
            app = FakeApp()
            with caplog.at_level(logging.DEBUG, "bot"):
                async with running(peer, engine, app):
                    peer.faults["sendMessage"].extend(
                        ["drop_before", Refusal(400, "Bad Request: x"), Refusal(500, "x")]
                    )
                    for _ in range(3):
                        peer.say(7, "我的身份证号是秘密")
                    peer.say(7, "好")
                    await until(lambda: "好" in peer.texts())

    play(scene)
    assert caplog.records
    assert not any("秘密" in r.message or TOKEN in r.message for r in caplog.records if r.name.startswith("bot"))
