"""Sending against the peer: order, pace, refusals, and drops of which nobody knows what became."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from telegram import Bot

from bot.channels import telegram_send
from bot.channels.telegram_api import TelegramSettings, make_bot
from bot.channels.telegram_read import Destination
from bot.channels.telegram_send import Courier, Delivered
from bot.channels.telegram_write import Attachment, Bubble, Venue
from bot.messages import FILE_TYPES, File
from tests.channels.telegram_rig import play
from tests.telegram_peer import TOKEN, Peer
from tests.telegram_rules import Refusal

HERE = Destination(7)


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telegram_send, "PAUSE", 0.1)


def attachment(path: Path, as_picture: bool = False) -> Attachment:
    type = FILE_TYPES[path.suffix[1:]]
    return Attachment(File(path.name, type, str(path), "token"), as_picture)


@asynccontextmanager
async def couriers() -> AsyncIterator[tuple[Peer, Courier, Bot]]:
    async with Peer() as peer:
        bot, _, _ = make_bot(TelegramSettings(TOKEN, api=peer.api))
        await bot.initialize()
        yield peer, Courier(bot), bot
        await bot.shutdown()


def test_everything_is_sent_in_order(tmp_path: Path):
    file = tmp_path / "日程.ics"
    file.write_bytes(b"BEGIN:VCALENDAR\r\n\xe4\xb8\xad" * 1000)

    async def scene() -> None:
        async with couriers() as (peer, courier, _):
            sends = [
                Bubble("<b>一</b> &amp; 二"),
                Venue("甲", "约1公里", 43.8, 87.6),
                attachment(file),
                Bubble("三"),
            ]
            assert await courier.deliver(HERE, sends) is Delivered.SENT
            assert [c.method for c in peer.done] == ["sendMessage", "sendVenue", "sendDocument", "sendMessage"]
            assert peer.texts(7) == ["一 & 二", "三"]
            assert peer.done[0].fields["link_preview_options"] == {"is_disabled": True}
            assert peer.done[2].fields["document"] == {"name": "日程.ics", "content": file.read_bytes()}

    play(scene)


def test_a_picture_is_sent_as_one_and_as_a_document_where_telegram_will_not(tmp_path: Path, monkeypatch: Any):
    picture = tmp_path / "年费表.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + b"x" * 1000)
    monkeypatch.setattr(telegram_send, "FILE_BYTES", 2000)

    async def scene() -> None:
        async with couriers() as (peer, courier, _):
            assert await courier.deliver(HERE, [attachment(picture, as_picture=True)]) is Delivered.SENT
            (sent,) = peer.calls("sendPhoto")
            assert sent.fields["photo"] == {"name": "年费表.png", "content": picture.read_bytes()}
            assert sent.fields["caption"] == "年费表"
            peer.faults["sendPhoto"].append(Refusal(400, "Bad Request: PHOTO_INVALID_DIMENSIONS"))
            assert await courier.deliver(HERE, [attachment(picture, as_picture=True)]) is Delivered.SENT
            monkeypatch.setattr(telegram_send, "PICTURE_BYTES", 1000)
            assert await courier.deliver(HERE, [attachment(picture, as_picture=True)]) is Delivered.SENT
            assert [c.method for c in peer.done[-2:]] == ["sendDocument", "sendDocument"]
            monkeypatch.setattr(telegram_send, "FILE_BYTES", 1000)
            assert await courier.deliver(HERE, [attachment(picture)]) is Delivered.REFUSED

    play(scene)


def test_a_file_that_is_not_there_does_not_stop_the_rest():
    async def scene() -> None:
        async with couriers() as (peer, courier, _):
            assert await courier.deliver(HERE, [attachment(Path("/no/such.ics")), Bubble("后")]) is Delivered.REFUSED
            assert peer.texts() == ["后"]

    play(scene)


def test_only_the_first_bubble_answers_in_a_group_and_all_stay_in_the_topic():
    async def scene() -> None:
        async with couriers() as (peer, courier, _):
            await courier.deliver(Destination(-5, private=False, thread=8, reply_to=99), [Bubble("一"), Bubble("二")])
            first, second = peer.done
            assert first.fields["reply_parameters"]["message_id"] == 99
            assert first.fields["reply_parameters"]["allow_sending_without_reply"] is True
            assert "reply_parameters" not in second.fields
            assert [c.fields["message_thread_id"] for c in peer.done] == ["8", "8"]

    play(scene)


def test_what_is_said_at_once_to_one_chat_stays_in_order():
    async def scene() -> None:
        async with couriers() as (peer, courier, _):
            peer.faults["sendMessage"].extend(["slow 0.1", "", "slow 0.05"])
            await asyncio.gather(*(courier.deliver(HERE, [Bubble(f"{n}a"), Bubble(f"{n}b")]) for n in range(5)))
            assert peer.texts() == [f"{n}{part}" for n in range(5) for part in "ab"]

    play(scene)


def test_too_fast_waits_for_that_chat_only():
    async def scene() -> None:
        async with couriers() as (peer, courier, _):
            peer.rate = (2, 1.0)
            slow = asyncio.create_task(courier.deliver(HERE, [Bubble(str(n)) for n in range(4)]))
            await peer.sees(2)
            assert await courier.deliver(Destination(8), [Bubble("别人")]) is Delivered.SENT
            assert not slow.done()
            assert await slow is Delivered.SENT
            assert peer.texts(7) == ["0", "1", "2", "3"]
            assert ("sendMessage", 429) in peer.refused

    play(scene)


def test_too_fast_for_too_long_is_left_for_later():
    async def scene() -> None:
        async with couriers() as (peer, courier, _):
            peer.faults["sendMessage"].append(Refusal(429, "Too Many Requests", retry_after=400))
            marks: list[int] = []

            async def mark(sent: int) -> None:
                marks.append(sent)

            assert await courier.deliver(HERE, [Bubble("一"), Bubble("二")], mark=mark) is Delivered.LATER
            assert marks == [1, 0]
            assert await courier.deliver(HERE, [Bubble("三")]) is Delivered.LATER  # without asking again
            assert len(peer.refused) == 1
            assert await courier.deliver(Destination(8), [Bubble("四")]) is Delivered.SENT

    play(scene)


def test_pauses_are_bounded(monkeypatch: pytest.MonkeyPatch):
    async def scene() -> None:
        async with couriers() as (peer, courier, _):
            refusal = Refusal(429, "Too Many Requests")
            refusal.body["parameters"] = {"retry_after": 0.01}
            peer.faults["sendMessage"].extend([refusal] * 4)
            assert await courier.deliver(HERE, [Bubble("一")]) is Delivered.LATER
            peer.faults["sendMessage"].extend([refusal] * 3)
            await asyncio.sleep(0.02)
            assert await courier.deliver(HERE, [Bubble("二")]) is Delivered.SENT

    play(scene)


def test_who_blocked_the_bot_hears_nothing_more(caplog: pytest.LogCaptureFixture):
    async def scene() -> None:
        async with couriers() as (peer, courier, _):
            peer.blocked.add(7)
            assert await courier.deliver(HERE, [Bubble("秘密"), Bubble("二")]) is Delivered.BLOCKED
            assert await courier.deliver(HERE, [Bubble("三")]) is Delivered.BLOCKED
            assert peer.refused == [("sendMessage", 403)]
            peer.blocked.discard(7)
            courier.unblock(7)
            assert await courier.deliver(HERE, [Bubble("四")]) is Delivered.SENT

    with caplog.at_level(logging.INFO, "bot"):
        play(scene)
    assert len(caplog.records) == 1
    assert "秘密" not in caplog.text


def test_a_group_that_moved_is_followed():
    async def scene() -> None:
        async with couriers() as (peer, courier, _):
            peer.moved[-5] = -1005
            assert await courier.deliver(Destination(-5, False), [Bubble("一"), Bubble("二")]) is Delivered.SENT
            assert [c.chat for c in peer.done] == [-1005, -1005]
            assert len(peer.refused) == 1

    play(scene)


def test_a_group_that_keeps_moving_is_given_up():
    async def scene() -> None:
        async with couriers() as (peer, courier, _):
            peer.moved |= {-5: -6, -6: -5}
            assert await courier.deliver(Destination(-5, False), [Bubble("一")]) is Delivered.REFUSED

    play(scene)


def test_what_cannot_be_parsed_is_sent_plain():
    async def scene() -> None:
        async with couriers() as (peer, courier, _):
            assert await courier.deliver(HERE, [Bubble("<blink>1 &lt; 2</blink>")]) is Delivered.SENT
            assert peer.texts() == ["1 < 2"]
            assert await courier.deliver(HERE, [Bubble(""), Bubble("后")]) is Delivered.REFUSED
            assert peer.texts() == ["1 < 2", "后"]

    play(scene)


@pytest.mark.parametrize(
    ("description", "sent"),
    [("Bad Request: message is not modified", True), ("Bad Request: chat not found", False)],
)
def test_refusals_of_other_kinds(description: str, sent: bool):
    async def scene() -> None:
        async with couriers() as (peer, courier, _):
            peer.faults["sendMessage"].append(Refusal(400, description))
            assert await courier.deliver(HERE, [Bubble("一")]) is (Delivered.SENT if sent else Delivered.REFUSED)
            assert peer.done == []

    play(scene)


def test_a_topic_that_is_gone_is_left():
    async def scene() -> None:
        async with couriers() as (peer, courier, _):
            peer.faults["sendMessage"].append(Refusal(400, "Bad Request: message thread not found"))
            assert await courier.deliver(Destination(-5, False, thread=8), [Bubble("一")]) is Delivered.SENT
            assert "message_thread_id" not in peer.done[0].fields

    play(scene)


@pytest.mark.parametrize("fault", ["drop_before", "drop_after", "not json", Refusal(500, "Internal Server Error")])
def test_when_nobody_knows_it_is_not_sent_again(fault: str | Refusal, caplog: pytest.LogCaptureFixture):
    async def scene() -> None:
        async with couriers() as (peer, courier, _):
            peer.faults["sendMessage"].append(fault)
            marks: list[int] = []

            async def mark(sent: int) -> None:
                marks.append(sent)

            assert await courier.deliver(HERE, [Bubble("秘密"), Bubble("二")], mark=mark) is Delivered.UNSURE
            assert peer.texts()[-1] == "二"
            assert peer.texts().count("秘密") == (1 if fault in ("drop_after", "not json") else 0)
            assert marks == [1, 2]

    play(scene)
    assert "unsure" in caplog.text
    assert "秘密" not in caplog.text
    assert TOKEN not in caplog.text


def test_what_certainly_did_not_go_out_is_tried_once_more():
    async def scene() -> None:
        async with couriers() as (peer, courier, _):
            await courier.deliver(HERE, [Bubble("零")])
            await peer.unplug()
            sending = asyncio.create_task(courier.deliver(HERE, [Bubble("一")]))
            await asyncio.sleep(0.03)
            await peer.plug()
            assert await sending is Delivered.SENT
            assert peer.texts() == ["零", "一"]
            await peer.unplug()
            assert await courier.deliver(HERE, [Bubble("二")]) is Delivered.LATER
            await peer.plug()

    play(scene)


def test_a_token_that_is_no_longer_good_leaves_it_for_later():
    async def scene() -> None:
        async with couriers() as (peer, courier, _):
            peer.token = "4200:new"
            assert await courier.deliver(HERE, [Bubble("一")]) is Delivered.LATER

    play(scene)


def test_a_press_that_is_too_old_to_confirm_is_no_matter():
    async def scene() -> None:
        async with couriers() as (peer, courier, _):
            peer.faults["answerCallbackQuery"].append(Refusal(400, "Bad Request: query is too old"))
            await courier.confirm("1")
            await courier.confirm("2")
            assert [c.fields["callback_query_id"] for c in peer.calls("answerCallbackQuery")] == ["2"]

    play(scene)
