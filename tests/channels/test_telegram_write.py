"""Responses as what Telegram sends, held against Telegram's own rules."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.telegram_write import (
    CHOOSE,
    KEYBOARD_GONE,
    NO_MORE,
    SHARE_HINT,
    SHARE_LABEL,
    Attachment,
    Bubble,
    Send,
    Venue,
    cut,
    units,
    write,
)
from bot.messages import Citation, Datum, File, Link, Option, Outcome, Reply, Response, Spot
from bot.registry.geodesy import wgs84_to_gcj02
from tests import telegram_rules as rules

LAW = Citation("专利法", "第四十二条", "现行", "2021-06-01", "2026-11-22", "https://flk.npc.gov.cn/")


def say(*replies: Reply, understood: str | None = None, notice: str | None = None, private: bool = True) -> list[Send]:
    return write(Response(Outcome.ANSWER, replies, understood=understood, notice=notice), private)


def bubbles(sends: Sequence[Send]) -> list[Bubble]:
    return [send for send in sends if isinstance(send, Bubble)]


def markup(send: Send) -> dict[str, Any]:
    assert isinstance(send, Bubble)
    return send.markup.to_dict() if send.markup else {}


def keys(send: Send) -> list[list[str]]:
    shown = markup(send)
    return [[key["text"] for key in row] for row in shown.get("inline_keyboard") or shown.get("keyboard") or []]


def obey(sends: Sequence[Send], chat: int) -> None:
    for bubble in bubbles(sends):
        shown = rules.visible(bubble.html)
        assert shown == bubble.plain
        assert shown.strip()
        assert rules.units(shown) <= 4096
        rules.check_markup(markup(bubble) or None, chat)


def test_an_answer():
    reply = Reply(
        "发明专利保护 20 年，自申请日起算。",
        more="其余的话",
        citations=(LAW,),
        options=(Option("更多", "#patent-term 更多"), Option("年费怎么算", "#patent-annuity")),
        links=(Link("官方查询", "https://www.cnipa.gov.cn/"),),
    )
    (bubble,) = say(reply)
    assert isinstance(bubble, Bubble)
    assert bubble.html == (
        "发明专利保护 20 年，自申请日起算。\n<blockquote>依据："
        '<a href="https://flk.npc.gov.cn/">《专利法》第四十二条</a>（现行，2021-06-01起施行，2026-11-22核对）</blockquote>'
    )
    assert bubble.plain.endswith("依据：《专利法》第四十二条（现行，2021-06-01起施行，2026-11-22核对）")
    assert markup(bubble)["inline_keyboard"] == [
        [
            {"text": "更多", "callback_data": "#patent-term 更多"},
            {"text": "年费怎么算", "callback_data": "#patent-annuity"},
        ],
        [{"text": "官方查询", "url": "https://www.cnipa.gov.cn/"}],
    ]


@pytest.mark.parametrize(
    ("status", "in_force", "facts"),
    [
        ("现行", "2021-06-01", "现行，2021-06-01起施行，"),
        ("现行", None, "现行，"),
        ("尚未施行", "2027-01-01", "尚未施行，自2027-01-01起才施行，"),
        ("征求意见稿", None, "征求意见稿，尚未生效，"),
        ("征求意见稿", "2027-01-01", "征求意见稿，尚未生效，"),
        ("已废止", "2001-07-01", "已废止，"),
    ],
)
def test_the_basis_says_whether_it_is_in_force(status: str, in_force: str | None, facts: str):
    (bubble,) = bubbles(say(Reply("答", citations=(Citation("《某办法》", None, status, in_force, "2026-11-22", ""),))))
    assert bubble.plain == f"答\n依据：《某办法》（{facts}2026-11-22核对）"
    assert "<a" not in bubble.html


def test_all_data_are_escaped():
    nasty = "<b>1 < 2 & 3 > 2</b> &lt; \"引号\" '单' ]]>"
    citation = Citation(nasty, nasty, nasty, nasty, nasty, 'https://a.b/?x=1&y="2')
    sends = say(
        Reply(nasty, citations=(citation, LAW), options=(Option(nasty, "x"),), places=(Spot(nasty, 1, 43, 87),)),
        understood=nasty,
        notice=nasty,
    )
    obey(sends, 1)
    assert nasty in bubbles(sends)[0].plain
    assert keys(sends[0]) == [[nasty]]
    assert bubbles(sends)[-1].plain == nasty


def test_the_completed_question_is_a_line_in_italics():
    (bubble,) = say(Reply("15 年。"), understood="外观设计保护多少年")
    assert isinstance(bubble, Bubble)
    assert bubble.html == "<i>（理解为：外观设计保护多少年）</i>\n15 年。"


def test_the_notice_comes_last_and_takes_an_old_location_key_away():
    sends = say(Reply("您好！", options=(Option("菜单", "菜单"),)), Reply("还有"), notice="使用说明")
    assert [b.plain for b in bubbles(sends)] == ["您好！", "还有", "使用说明"]
    assert [b.removes_keyboard for b in bubbles(sends)] == [False, True, False]


def test_short_labels_share_a_row():
    options = tuple(Option(label, label) for label in ("菜单", "转人工", "示例服务网点的名称很长", "甲", "乙", "丙"))
    assert keys(say(Reply("选", options=options))[0]) == [
        ["菜单", "转人工"],
        ["示例服务网点的名称很长"],
        ["甲", "乙"],
        ["丙"],
    ]


def test_buttons_that_telegram_would_refuse_are_left_out(caplog: pytest.LogCaptureFixture):
    options = (Option("好", "字" * 21), Option("太长", "字" * 22), Option("无话", ""), Option(" ", "x"))
    links = (
        Link("好的网页", "https://a.cn/x?y=1&z=中"),
        Link("坏", "javascript:x"),
        Link("坏", "https://a b.cn"),
        Link("坏", ""),
    )
    with caplog.at_level(logging.ERROR):
        sends = say(Reply("选", options=options, links=links))
    assert keys(sends[0]) == [["好", "好的网页"]]
    assert len(caplog.records) == 6
    obey(sends, 1)


def test_a_hundred_buttons_at_most():
    sends = say(Reply("选", options=tuple(Option("按" * 200, str(n)) for n in range(150))))
    assert sum(map(len, keys(sends[0]))) == 100
    obey(sends, 1)


def test_options_without_words():
    (bubble,) = say(Reply(" \n", options=(Option("菜单", "菜单"),)))
    assert isinstance(bubble, Bubble)
    assert bubble.plain == CHOOSE


def test_nothing_said_is_nothing_sent():
    assert say() == []
    assert say(Reply("")) == []
    assert say(Reply("\x00\x07 ")) == []


def test_there_is_nothing_to_read_on():
    (bubble,) = write(
        Response(Outcome.ANSWER, (Reply("答", options=(Option("菜单", "菜单"),)),), understood="问", page=2)
    )
    assert isinstance(bubble, Bubble)
    assert bubble.plain == NO_MORE


def test_asking_for_a_location():
    (bubble,) = say(Reply("您在哪里？", asks_location=True))
    assert keys(bubble) == [[SHARE_LABEL]]
    key = markup(bubble)
    assert key["keyboard"][0][0]["request_location"] is True
    assert key["one_time_keyboard"] is True
    obey([bubble], 1)
    assert markup(say(Reply("您在哪里？", asks_location=True), private=False)[0]) == {}


def test_the_location_key_and_buttons_are_not_in_one_message():
    sends = say(Reply("您在哪里？", options=(Option("取消", "取消"),), asks_location=True), notice="说明")
    assert [b.plain for b in bubbles(sends)] == ["您在哪里？", SHARE_HINT, "说明"]
    assert [keys(b) for b in bubbles(sends)] == [[["取消"]], [[SHARE_LABEL]], []]
    assert not any(b.removes_keyboard for b in bubbles(sends))
    obey(sends, 1)
    assert [b.plain for b in bubbles(say(*(Reply("哪里？", asks_location=True),) * 2))] == ["哪里？", "哪里？"]


def test_groups_have_no_keyboard_to_take_away():
    assert [markup(send) for send in say(Reply("答"), notice="说明", private=False)] == [{}, {}]


def test_places_are_venues_in_wgs84():
    lat, lon = wgs84_to_gcj02(43.825592, 87.616848)
    spots = (
        Spot("甲网点", 0.44, lat, lon, Datum.GCJ02),
        Spot("乙网点", 12.34, 43.9, 87.5),
        Spot("丙网点", None, 44, 87),
        Spot("丁网点", 99, 44, 87),
    )
    text, *venues = say(Reply("甲网点最近", places=spots))
    assert [(v.title, v.address) for v in venues if isinstance(v, Venue)] == [
        ("甲网点", "约440米，点开看地图"),
        ("乙网点", "约12.3公里，点开看地图"),
        ("丙网点", "点开看地图"),
    ]
    first = venues[0]
    assert isinstance(first, Venue)
    assert (first.lat, first.lon) == pytest.approx((43.825592, 87.616848), abs=1e-6)
    assert isinstance(text, Bubble)
    assert text.plain == "甲网点最近\n\n2. 乙网点，约12.3公里\n3. 丙网点\n4. 丁网点，约99公里"


def test_a_place_that_is_nowhere_is_left_out():
    sends = say(Reply("甲乙", places=(Spot("甲", 1, 91, 0, Datum.GCJ02), Spot("乙", 1, float("nan"), 0))))
    assert len(sends) == 1


def test_a_file():
    file = File("课程.ics", "text/calendar", "/tmp/课程.ics", "token")
    assert say(Reply("日历", file=file))[1:] == [Attachment(file)]


def test_a_picture_carries_its_name_as_caption():
    file = File("年费表.png", "image/png", "/tmp/年费表.png", "token")
    (sent,) = say(Reply("", file=file))
    assert sent == Attachment(file, as_picture=True)
    assert sent.caption == "年费表"
    assert Attachment(file).caption == "", "a document shows its name"


def test_long_texts_are_cut_where_sentences_end():
    sentence = "这是一句关于专利的话，" * 20 + "到此为止。"
    text = "\n".join([sentence] * 60)
    sends = say(Reply(text, citations=(LAW,) * 3, options=(Option("菜单", "菜单"),)), understood="问" * 900)
    shown = bubbles(sends)
    assert len(shown) > 3
    assert all(b.plain.endswith(("。", "核对）")) for b in shown)
    assert [bool(keys(b)) for b in shown] == [False] * (len(shown) - 1) + [True]
    assert "".join(b.plain for b in shown).count(sentence) == 60
    obey(sends, 1)


def test_units_are_those_of_utf_16():
    assert units("a字😀𠮷") == 6
    assert cut("😀" * 3000) == ["😀" * 2048, "😀" * 952]
    assert cut("") == []


def test_an_address_is_not_cut_at_its_question_mark():
    address = "https://example.cn/a?b=c;d!e,f.g"
    parts = cut("看" * 30 + " " + address, 50)
    assert address in parts


def test_the_bubble_that_takes_the_key_away():
    assert KEYBOARD_GONE.removes_keyboard
    obey([KEYBOARD_GONE], 1)


WORDS = st.text(st.sampled_from("中文，。！？\n &<>\"'a1😀\ud83d\x00\u200d") | st.characters(), max_size=60)
LONG = st.builds(lambda words, times: words * times, WORDS, st.sampled_from([1, 1, 1, 100, 400]))
CITATIONS = st.builds(Citation, LONG, st.none() | WORDS, WORDS, st.none() | WORDS, WORDS, WORDS)
SPOTS = st.builds(Spot, WORDS, st.none() | st.floats(0, 5000), st.floats(), st.floats(), st.sampled_from(Datum))
REPLIES = st.builds(
    Reply,
    LONG,
    more=st.just("藏着"),
    citations=st.lists(CITATIONS, max_size=4).map(tuple),
    options=st.lists(st.builds(Option, WORDS, WORDS), max_size=4).map(tuple),
    links=st.lists(st.builds(Link, WORDS, WORDS.map(lambda w: f"https://{w}")), max_size=3).map(tuple),
    places=st.lists(SPOTS, max_size=4).map(tuple),
    asks_location=st.booleans(),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(REPLIES, max_size=3), st.none() | LONG, st.none() | LONG, st.booleans())
def test_whatever_is_said_telegram_takes_it(
    replies: list[Reply], understood: str | None, notice: str | None, private: bool
):
    sends = say(*replies, understood=understood, notice=notice, private=private)
    obey(sends, 1 if private else -1)
    assert sum(isinstance(send, Venue) for send in sends) <= 3 * len(replies)


@settings(max_examples=60, deadline=None)
@given(LONG, st.integers(10, 200))
def test_cutting_loses_only_white_space(text: str, most: int):
    parts = cut(text, most)
    assert all(part.strip() and rules_units(part) <= most for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


def rules_units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
