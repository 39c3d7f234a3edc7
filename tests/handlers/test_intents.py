"""What a message wants: services and boundaries, in the order in which they are decided."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.knowledge.intents import Intents, Stage, read_intents
from bot.settings import read_settings
from tests.talk import Talk

INTENTS: Intents = read_intents(read_settings({}).content)[0]
POLITE_BEFORE = ("", "请", "麻烦", "帮我", "老师您好，", "那个，")
POLITE_BEHIND = ("", "吧", "一下", "谢谢", "，急", "呗", "～", "😂")
WISHES = {
    "转人工": "human",
    "打开菜单": "menu",
    "喀什网点在哪": "nearest_point",
    "退订培训": "unsubscribe",
    "订阅专利讲座": "subscribe",
    "报名商标培训": "training_signup",
    "最近有什么培训": "training_list",
    "删除聊天记录": "delete_data",
    "查商标“天山雪”": "trademark_search",
    "网点审核到哪一步了": "application_status",
    "换成维语": "language",
}


@given(st.sampled_from(POLITE_BEFORE), st.sampled_from(sorted(WISHES)), st.sampled_from(POLITE_BEHIND))
@settings(max_examples=150)
def test_courtesies_around_a_wish_change_nothing(before: str, wish: str, behind: str) -> None:
    rule = INTENTS.match(f"{before}{wish}{behind}", Stage.FIRST, Stage.SERVICE)
    assert rule is not None
    assert rule.intent == WISHES[wish]


@pytest.mark.parametrize(
    "question",
    [
        "查新是什么意思",
        "商标查询收费吗",
        "专利年费怎么算出来的",
        "网点续期要准备哪些东西",
        "网点换了地址不报会怎么样",
        "检索不到就说明没人申请吗",
        "专利法律规定哪些不能申请",
    ],
)
def test_a_question_that_names_a_service_is_still_a_question(question: str) -> None:
    assert INTENTS.match(question, Stage.FIRST, Stage.SERVICE) is None


@pytest.mark.parametrize("noun", ["旅行社", "快递", "健身房", "银行", "奶茶"])
def test_points_of_other_networks_are_not_answered(talk: Talk, noun: str) -> None:
    talk.says(f"{noun}网点在哪")
    assert talk.response.outcome.value in ("decline", "clarify")
    assert not talk.response.replies[0].places


@pytest.mark.parametrize(("danger", "number"), [("我不想活了", "120"), ("家里着火了", "119"), ("有人拿刀砍人", "110")])
def test_danger_comes_before_the_form(talk: Talk, danger: str, number: str) -> None:
    talk.says("删除我的数据").comes_to("flow", "delete_data", "delete_data")
    talk.says(danger)
    assert talk.response.outcome.value == "handoff"
    assert number in talk.response.replies[0].text
    assert "12348" not in talk.response.replies[0].text


def test_a_question_beside_a_service_is_answered_and_the_service_follows(talk: Talk) -> None:
    talk.says("喀什网点在哪？另外发明专利保护多少年")
    assert talk.response.outcome.value == "answer"
    assert "20年" in talk.response.replies[0].text
    assert len(talk.response.replies) > 1


def test_a_story_is_understood_by_what_it_ends_with(talk: Talk) -> None:
    talk.says("我们是叶城县的合作社，种核桃十几年了，去年注册了商标，想找人当面问问，附近哪里有网点，谢谢")
    assert talk.response.intent == "nearest_point"
    assert talk.response.slots["place"] == "叶城县"


def test_a_service_in_the_middle_of_a_form_is_done_and_the_form_waits(talk: Talk) -> None:
    talk.says("删除我的数据").comes_to("flow", "delete_data", "delete_data")
    talk.says("库尔勒网点在哪")
    assert (talk.response.intent, talk.response.flow) == ("nearest_point", "delete_data")


@pytest.mark.parametrize("words", ["说点好听的", "救命稻草", "怎么做拌面", "的的的"])
def test_words_without_a_term_of_the_field_are_not_answered(talk: Talk, words: str) -> None:
    talk.says(words)
    assert not any(reply.citations for reply in talk.response.replies)


def test_examples_tell_a_wish_that_no_rule_names() -> None:
    like = INTENTS.liken("培训的消息别老来烦我")
    assert like is not None
    assert like.intent == "unsubscribe"


def test_a_sentence_that_asks_is_known_as_such() -> None:
    like = INTENTS.liken("海关备案是什么意思")
    assert like is not None
    assert like.asks


@given(st.text(max_size=60))
@settings(max_examples=60)
def test_any_text_is_read(text: str) -> None:
    INTENTS.match(text, *Stage)
    INTENTS.liken(text)
