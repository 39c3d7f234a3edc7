"""The Telegram channel as people meet it: conversations in private and in groups, polled and by webhook."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from bot.channels import telegram
from bot.channels.telegram_write import SHARE_LABEL
from bot.messages import Event, Message, Option, Outcome, Person, Place, Press, Reply, Response, Spot, Text, Upload
from tests.channels.telegram_rig import (
    BOTH,
    FakeApp,
    database,
    echo,
    hurry,
    play,
    ready,
    rows,
    running,
    until,
)
from tests.telegram_peer import Peer

MENU = (Option("菜单", "菜单"), Option("年费怎么算", "#patent-annuity"))


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    hurry(monkeypatch)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    yield from database(f"sqlite:///{tmp_path / 'bot.sqlite3'}")


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
            app.held = {"慢"}
            async with running(peer, engine, app, webhook=webhook):
                for text in ("慢", "二", "三"):
                    peer.say(7, text)
                for user in range(20, 40):
                    peer.say(user, "快")
                await peer.sees(20)
                assert peer.texts() == ["快"] * 20
                app.release.set()
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
            async with running(peer, engine, app, webhook=webhook):
                await ready(peer)
                peer.block(7)
                await until(lambda: [m.body for m in app.heard] == [Event.LEFT] and not rows(engine))
                assert peer.refused == []
                peer.block(7, "member")
                peer.say(7, "/start")  # Telegram's “restart” button does both
                peer.say(7, "回来了")
                await until(lambda: peer.texts() == ["<Event.ARRIVED: 'arrived'>", "回来了"])
                peer.say(7, "/start")
                await peer.sees(3)

    play(scene)
