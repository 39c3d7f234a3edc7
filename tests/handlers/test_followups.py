"""Sentences that go on from the last answer, and those that do not."""

from __future__ import annotations

import pytest

from bot.app import Shelf
from bot.handlers.followups import completions, is_elliptical, resolve
from tests.conftest import TODAY
from tests.talk import Talk


@pytest.mark.parametrize(
    ("asked", "then", "seen"),
    [
        ("发明专利保护多少年", "外观设计呢", "15年"),
        ("发明专利保护多少年", "實用新型呢", "10年"),
        ("发明申请费多少", "实审呢", "2500"),
        ("商标续展可以提前多久办", "错过了咋办", "6个月"),
        ("作品登记去哪办", "多久", "1个月"),
        ("布图保护几年", "不登记呢", "登记"),
        ("外观设计要交啥文件", "那发明呢", "权利要求书"),
        ("奥运五环能印我家店里不", "这标志有效期几年", "10年"),
    ],
)
def test_a_short_question_goes_on_from_the_last_answer(talk: Talk, asked: str, then: str, seen: str) -> None:
    talk.says(asked).comes_to("answer")
    talk.says(then).comes_to("answer").sees(seen)


def test_what_was_understood_is_shown(talk: Talk) -> None:
    talk.says("发明专利保护多少年").says("那外观设计呢")
    assert talk.response.understood == "外观设计保护多少年"


def test_a_complete_new_question_leaves_the_old_topic(talk: Talk) -> None:
    talk.says("发明专利保护多少年").says("商标续展要多少钱").sees("500")
    assert talk.response.understood is None


def test_what_was_offered_is_gone_on_from(talk: Talk) -> None:
    talk.says("无效决定下来不服多久内起诉")
    assert talk.response.entries
    offered = talk.response.entries[0]
    talk.says("去哪个法院")
    assert talk.response.entry != offered
    assert talk.response.outcome == "answer"


def test_nothing_is_gone_on_from_at_the_start(talk: Talk) -> None:
    talk.says("多少钱").comes_to("clarify")


def test_something_else_is_not_forced_into_the_topic(talk: Talk) -> None:
    talk.says("发明专利保护多少年").says("今天天气怎么样").comes_to("decline")


def test_completions_swap_the_thing_and_keep_the_rest(shelf: Shelf) -> None:
    lexicon = shelf.library.lexicon
    assert "商标优先权多久" in completions("商标呢", "发明优先权多久", "", lexicon)
    assert "外观设计 要多少钱" in [
        " ".join(c.split()) for c in completions("要多少钱", "外观设计怎么申请", "", lexicon)
    ]


def test_a_full_question_is_not_elliptical(shelf: Shelf) -> None:
    lexicon = shelf.library.lexicon
    assert is_elliptical("那外观设计呢", lexicon)
    assert is_elliptical("这个要交多少钱", lexicon)
    assert not is_elliptical("商标续展要多少钱", lexicon)


def test_words_of_nothing_resolve_to_nothing(shelf: Shelf) -> None:
    last = shelf.library.content.entries["patent-term-years-invention"]
    assert resolve("asdfgh", "发明专利保护多少年", last, shelf.library, TODAY) is None
