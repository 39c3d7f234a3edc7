"""Telegram updates, as they are sent, read into messages; and what is no update."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from telegram import Update

from bot.channels.telegram_read import Destination, MalformedError, deep_link, destination, read, receive
from bot.messages import Datum, Event, Person, Place, Press, Text, Upload

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
ACCOUNT, NAME = "4200", "ip_test_bot"
USER = {"id": 77, "is_bot": False, "first_name": "阿依古丽", "language_code": "zh-hans"}
BOT = {"id": 4200, "is_bot": True, "first_name": "助手", "username": NAME}
PRIVATE = {"id": 77, "first_name": "阿依古丽", "type": "private"}
GROUP = {"id": -1001234, "title": "知识产权交流", "type": "supergroup"}
PHOTO = [{"file_id": "AgAC", "file_unique_id": "AQAD", "file_size": 1253, "width": 90, "height": 67}]
FILE = {"file_id": "BQAC", "file_unique_id": "AgAD", "mime_type": "application/pdf", "file_size": 1}


def message(chat: dict[str, Any] = PRIVATE, **content: Any) -> dict[str, Any]:
    body = {"message_id": 5, "from": USER, "chat": chat, "date": 1_500_000_000, **content}
    return {"update_id": 901, "message": body}


def command(text: str, chat: dict[str, Any] = PRIVATE) -> dict[str, Any]:
    return message(
        chat, text=text, entities=[{"offset": 0, "length": len(text.split(" ", maxsplit=1)[0]), "type": "bot_command"}]
    )


def press(data: str, chat: dict[str, Any] = PRIVATE, date: int = 1_500_000_000) -> dict[str, Any]:
    on = {"message_id": 4, "chat": chat, "date": date} | ({"from": BOT, "text": "…"} if date else {})
    query = {"id": "33", "from": USER, "chat_instance": "-1", "data": data, "message": on}
    return {"update_id": 902, "callback_query": query}


def member(status: str, chat: dict[str, Any] = PRIVATE) -> dict[str, Any]:
    new = {"user": BOT, "status": status} | ({"until_date": 0} if status == "kicked" else {})
    change = {"chat": chat, "from": USER, "date": 1_600_000_000, "old_chat_member": {"user": BOT, "status": "left"}}
    return {"update_id": 903, "my_chat_member": change | {"new_chat_member": new}}


def body(raw: dict[str, Any]) -> Any:
    found = receive(raw, ACCOUNT, NOW, NAME)
    return found and found.message.body


def test_who_speaks_when_and_where():
    found = receive(message(text="发明专利保护多少年"), ACCOUNT, NOW, NAME)
    assert found is not None
    assert found.message.person == Person("telegram", "4200", "77")
    assert found.message.body == Text("发明专利保护多少年")
    assert (found.message.key, found.message.at) == ("901", NOW)  # our clock, not that of the message
    assert found.to == Destination(77)
    assert found.callback is None


def test_read_takes_a_native_update():
    update = Update.de_json(message(text="商标"), None)
    assert update is not None
    found = read(update, ACCOUNT, NOW)
    assert found is not None
    assert found.body == Text("商标")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/start", Event.ARRIVED),
        ("/start@ip_test_bot", Event.ARRIVED),
        ("/start poster-7", Event.ARRIVED),
        ("/start _取消", Event.ARRIVED),
        ("/start _#x", Event.ARRIVED),
        ("/start _", Event.ARRIVED),
        ("/start _patent-term more", Event.ARRIVED),
        ("/start _patent-term", Press("#patent-term")),
        ("/help", Text("/help")),
        ("/HELP@IP_Test_Bot", Text("/help")),
        ("/points   喀什 ", Text("/points 喀什")),
        ("/points@ip_test_bot\n喀什", Text("/points 喀什")),
        ("/help@another_bot", Text("/help@another_bot")),
        ("/帮助", Text("/帮助")),
        ("A/B 测试 @ip_test_bot", Text("A/B 测试 @ip_test_bot")),
        ("👨‍👩‍👧 <b>&amp;", Text("👨‍👩‍👧 <b>&amp;")),
        ("前\x00后\ud800", Text("前后\ufffd")),
    ],
)
def test_words_and_commands(text: str, expected: object):
    assert body(command(text) if text.startswith("/") else message(text=text)) == expected


def test_a_link_leads_to_an_entry_and_to_nothing_else():
    link = deep_link(NAME, "#patent-term")
    assert link == deep_link(NAME, "patent-term") == "https://t.me/ip_test_bot?start=_patent-term"
    assert body(command("/start " + link.partition("start=")[2])) == Press("#patent-term")
    for wrong in ("删除我的数据", "#a 更多", "x" * 64, ""):
        with pytest.raises(ValueError, match="no entry"):
            deep_link(NAME, wrong)


@pytest.mark.parametrize("data", ["#patent-term", "取消", "主题 patent-fee 2", "x" * 64])
@pytest.mark.parametrize("date", [1_500_000_000, 0])  # 0: the message is too old to be shown
def test_a_press_says_its_data_however_old_its_message_is(data: str, date: int):
    found = receive(press(data, date=date), ACCOUNT, NOW, NAME)
    assert found is not None
    assert found.message.body == Press(data)
    assert found.message.at == NOW
    assert (found.message.person.id, found.to, found.callback) == ("77", Destination(77), "33")


def test_a_press_without_its_message_comes_from_the_private_chat():
    raw = press("菜单")
    del raw["callback_query"]["message"]
    found = receive(raw, ACCOUNT, NOW, NAME)
    assert found is not None
    assert found.to == Destination(77)


def test_places():
    here = {"latitude": 43.825592, "longitude": 87.616848}
    assert body(message(location=here)) == Place(43.825592, 87.616848, Datum.WGS84)
    moving = here | {"live_period": 900, "heading": 1, "horizontal_accuracy": 12.0}
    assert body(message(location=moving)) == Place(43.825592, 87.616848, Datum.WGS84)
    venue = {"location": here, "title": "红山公园", "address": "乌鲁木齐"}
    assert body(message(location=here, venue=venue)) == Place(43.825592, 87.616848, Datum.WGS84, "红山公园")


@pytest.mark.parametrize("lat", [91, -90.1, "x", None, [], float("nan")])
def test_a_place_that_is_nowhere(lat: object):
    with pytest.raises(MalformedError):
        receive(message(location={"latitude": lat, "longitude": 87}), ACCOUNT, NOW, NAME)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ({"photo": PHOTO}, Upload("photo.jpg")),
        ({"photo": PHOTO, "caption": "这个商标行吗"}, Upload("photo.jpg")),
        ({"document": FILE | {"file_name": "申报表.pdf"}}, Upload("申报表.pdf")),
        ({"document": FILE | {"file_name": "../../etc/passwd"}}, Upload("passwd")),
        ({"document": FILE | {"file_name": "a\\b\\" + "长" * 300}}, Upload("长" * 120)),
        ({"document": FILE}, Upload("file")),
        ({"voice": {"file_id": "A", "file_unique_id": "B", "duration": 3}}, Event.UNSUPPORTED),
        ({"contact": {"phone_number": "+8613800000000", "first_name": "x"}}, Event.UNSUPPORTED),
        ({"dice": {"emoji": "🎲", "value": 3}}, Event.UNSUPPORTED),
        ({"new_chat_members": [USER]}, None),
        ({"pinned_message": message(text="x")["message"]}, None),
        ({}, None),
    ],
)
def test_other_contents(content: dict[str, Any], expected: object):
    assert body(message(**content)) == expected


def test_a_sticker_and_an_animation():
    sticker = {"file_id": "A", "file_unique_id": "B", "type": "regular", "width": 1, "height": 1}
    sticker |= {"is_animated": False, "is_video": False}
    assert body(message(sticker=sticker)) is Event.UNSUPPORTED
    animation = {"file_id": "A", "file_unique_id": "B", "width": 1, "height": 1, "duration": 1}
    assert body(message(animation=animation, document=FILE)) is Event.UNSUPPORTED


@pytest.mark.parametrize("kind", ["edited_message", "channel_post", "edited_channel_post", "business_message"])
def test_edits_moving_locations_and_channel_posts_are_left_out(kind: str):
    for content in ({"text": "改了"}, {"location": {"latitude": 43.8, "longitude": 87.6, "live_period": 900}}):
        assert receive({"update_id": 1, kind: message(**content)["message"]}, ACCOUNT, NOW, NAME) is None


def test_blocking_and_coming_back():
    assert body(member("kicked")) is Event.LEFT
    assert body(member("member")) is Event.ARRIVED
    assert body(member("left")) is None
    assert body(member("some_new_status")) is None
    assert body(member("kicked", GROUP)) is None


def test_bots_and_anonymous_admins_are_not_answered():
    raw = message(text="/help")
    raw["message"]["from"] = BOT
    assert receive(raw, ACCOUNT, NOW, NAME) is None
    assert receive(message(GROUP, text="/help", sender_chat=GROUP), ACCOUNT, NOW, NAME) is None


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ({"text": "大家好"}, None),
        ({"text": "/help"}, Text("/help")),
        ({"text": "/help@ip_test_bot"}, Text("/help")),
        ({"text": "/help@other_bot"}, None),
        ({"text": "/help@other_bot @ip_test_bot"}, None),
        ({"text": "@ip_test_bot 商标续展多少钱"}, Text("商标续展多少钱")),
        ({"text": "请问 @IP_test_bot 商标怎么续展"}, Text("请问 商标怎么续展")),
        ({"text": "@ip_test_bot"}, Text("")),
        ({"text": "@ip_test_botanist 你好"}, None),
        ({"text": "写信到 me@ip_test_bot 吧"}, None),
        ({"photo": PHOTO, "caption": "@ip_test_bot 看看"}, Upload("photo.jpg")),
        ({"photo": PHOTO}, None),
    ],
)
def test_in_groups_only_who_addresses_the_bot_is_answered(content: dict[str, Any], expected: object):
    assert body(message(GROUP, **content)) == expected


def test_in_groups_an_answer_to_the_bot_is_for_the_bot():
    said = {"message_id": 3, "date": 1, "chat": GROUP, "text": "您在哪里？", "from": BOT}
    found = receive(message(GROUP, text="喀什", reply_to_message=said), ACCOUNT, NOW, NAME)
    assert found is not None
    assert found.message.body == Text("喀什")
    assert found.message.person.id == "-1001234:77"
    assert found.to == Destination(-1001234, private=False, reply_to=5)
    other = said | {"from": BOT | {"id": 9}}
    assert receive(message(GROUP, text="喀什", reply_to_message=other), ACCOUNT, NOW, NAME) is None
    topic = said | {"forum_topic_created": {"name": "t", "icon_color": 1}}
    assert receive(message(GROUP, text="喀什", reply_to_message=topic), ACCOUNT, NOW, NAME) is None


def test_in_groups_the_bot_may_be_named_without_its_username():
    mention = {"offset": 0, "length": 2, "type": "text_mention", "user": BOT}
    assert body(message(GROUP, text="助手 你好", entities=[mention])) == Text("助手 你好")


def test_answers_stay_in_the_topic():
    found = receive(message(GROUP, text="/help", message_thread_id=8, is_topic_message=True), ACCOUNT, NOW, NAME)
    assert found is not None
    assert found.to == Destination(-1001234, private=False, thread=8, reply_to=5)


def test_a_press_in_a_group_is_that_of_one_person():
    found = receive(press("菜单", GROUP), ACCOUNT, NOW, NAME)
    assert found is not None
    assert found.message.person.id == "-1001234:77"
    assert found.to == Destination(-1001234, private=False)


def test_where_a_person_is_written_to():
    assert destination(Person("telegram", "4200", "77")) == Destination(77)
    assert destination(Person("telegram", "4200", "-1001234:77")) == Destination(-1001234, private=False)
    with pytest.raises(ValueError, match="invalid literal"):
        destination(Person("telegram", "4200", "nobody"))


@pytest.mark.parametrize(
    "raw",
    [
        *(None, 1, "x", [], {}),
        *({"update_id": id} for id in (None, "1", -1, 2**63, True, 1.5, [])),
        {"update_id": 1, "message": 5},
        {"update_id": 1, "message": []},
        {"update_id": 1, "message": {"text": "x"}},
        message(text=5),
        message(text={}),
        message({"id": "77", "type": "private"}, text="x") | {"update_id": "x"},
        message({"id": -5, "type": "group"}, text="/help", message_id="x"),
        {"update_id": 1, "callback_query": {"id": "1", "from": USER, "chat_instance": "1", "data": 7}},
        {"update_id": 1, "callback_query": {"id": "1", "data": "x"}},
        {"update_id": 1, "my_chat_member": {"chat": PRIVATE}},
    ],
)
def test_what_is_no_update(raw: object):
    with pytest.raises(MalformedError):
        receive(raw, ACCOUNT, NOW, NAME)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
    max_leaves=4,
)
WHOLE = [
    message(text="x", entities=[{"offset": 0, "length": 1, "type": "bold"}]),
    message(GROUP, text="/help", message_thread_id=8, is_topic_message=True),
    message(location={"latitude": 43.8, "longitude": 87.6}),
    message(document=FILE),
    press("菜单"),
    member("kicked"),
]


def spots(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(spot for key, inner in items for spot in spots(inner, (*path, key)))]


PLACES = [(number, path) for number, raw in enumerate(WHOLE) for path in spots(raw) if path]


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(PLACES), JSON)
def test_any_value_in_any_place_is_read_or_malformed(place: tuple[int, tuple[Any, ...]], value: object):
    raw = copy.deepcopy(WHOLE[place[0]])
    spot = raw
    for key in place[1][:-1]:
        spot = spot[key]
    spot[place[1][-1]] = value
    try:
        found = receive(raw, ACCOUNT, NOW, NAME)
    except MalformedError:
        return
    if found is not None:
        assert isinstance(found.message.body, Text | Press | Place | Upload | Event)
        assert found.message.key.isdigit()
        repr(found).encode()  # nothing that cannot be stored
