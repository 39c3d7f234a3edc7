"""What holds in every conversation: commands, numbers, forms, context, limits, repeats."""

from __future__ import annotations

import pytest

from bot.messages import Event, Press, Text, Upload
from tests.talk import Talk


def test_a_question_is_answered_with_its_basis(talk: Talk) -> None:
    talk.says("发明专利保护多少年").comes_to("answer", "consult").sees("20年").cites("专利法 第四十二条")
    citation = talk.response.replies[0].citations[0]
    assert (citation.status, citation.in_force) == ("现行", "2021-06-01")
    assert citation.url.startswith("https://")


def test_the_answer_is_the_one_for_the_day(talk: Talk) -> None:
    talk.says("商标异议期是几个月").comes_to("answer").sees("3个月").cites("商标法 第三十三条")
    talk.later(days=60).says("商标异议期是几个月").sees("2个月").cites("商标法(2026修订) 第三十六条")
    assert talk.response.replies[0].citations[0].status == "现行"


def test_an_ellipsis_is_read_with_what_came_before(talk: Talk) -> None:
    talk.says("外观设计专利保护多久").sees("15年")
    talk.says("那实用新型呢").comes_to("answer").sees("10年").cites("专利法 第四十二条")
    assert talk.response.understood
    assert "实用新型" in talk.response.understood


def test_two_questions_in_one_message_are_both_answered(talk: Talk) -> None:
    talk.says("发明专利保护多少年？商标有效期几年？").comes_to("answer").sees("20年", "10年")
    assert len(talk.response.entries) == 2


@pytest.mark.parametrize("number", ["1", "１", "第1个", "第一个", "1."])
def test_a_number_picks_from_the_options_shown(talk: Talk, number: str) -> None:
    talk.says("菜单")
    label = talk.labels[0]
    talk.says(number)
    by_number = talk.text
    talk.says("菜单").presses(label)
    assert talk.text == by_number


def test_a_candidate_answers_that_entry_for_everyone_and_after_a_restart(talk: Talk) -> None:
    talk.says("#patent-term-years-invention").comes_to("answer").sees("20年")
    assert talk.response.entry == "patent-term-years-invention"


def test_an_unknown_entry_is_said_so(talk: Talk) -> None:
    talk.says("#no-such-entry").comes_to("clarify").sees("不在了")


def test_more_unfolds_the_rest(talk: Talk) -> None:
    library = talk.app.shelf.library
    entry = next(e for e in library.content.entries.values() if e.more)
    talk.says(f"#{entry.id}")
    rest = talk.response.replies[0].more
    assert rest
    talk.presses("更多")
    assert talk.response.replies[0].text == rest
    talk.says(f"#{entry.id}").says("更多")
    assert talk.response.replies[0].text == rest


def test_a_question_in_the_middle_of_a_form_is_answered_and_the_form_goes_on(talk: Talk) -> None:
    talk.says("附近网点").comes_to("flow", "nearest_point", "nearest_point").sees("您在哪里")
    talk.says("发明专利保护多少年").comes_to("answer", "consult", "nearest_point").sees("20年", "您在哪里")
    talk.says("天山区").comes_to("answer", "nearest_point").sees("天山区")


def test_a_form_can_be_cancelled_and_says_when_there_is_nothing_to_cancel(talk: Talk) -> None:
    talk.says("附近网点").says("取消").comes_to("done", "cancel")
    talk.says("取消").comes_to("done", "cancel").sees("没有正在办理")


def test_the_menu_does_not_lose_a_form(talk: Talk) -> None:
    talk.says("附近网点").says("菜单").comes_to("clarify", "menu", "nearest_point").sees("您在哪里")


def test_back_at_the_first_step_stays_there(talk: Talk) -> None:
    talk.says("附近网点").says("上一步").comes_to("flow", "nearest_point", "nearest_point").sees("第一步", "您在哪里")


def test_an_answer_that_will_not_do_is_refused_kindly(talk: Talk) -> None:
    talk.says("附近网点").says("火星基地").comes_to("flow", "nearest_point", "nearest_point").sees("没认出")


def test_one_form_inside_another(talk: Talk) -> None:
    talk.says("附近网点").says("删除我的数据").comes_to("flow", "delete_data", "delete_data").sees("确定删除吗")
    talk.says("不删了").comes_to("done", "delete_data", "nearest_point").sees("没有删除", "您在哪里")


def test_a_slip_in_a_command_is_noticed(talk: Talk) -> None:
    talk.says("/meun").comes_to("clarify").sees("您是不是想说")
    assert "菜单" in talk.labels


def test_a_repeated_delivery_gets_the_first_answer(talk: Talk) -> None:
    talk.sends(Text("发明专利保护多少年"), "same")
    first = talk.response
    talk.sends(Text("商标有效期几年"), "same")
    assert talk.response == first


def test_questions_are_limited_but_presses_are_not(talk: Talk) -> None:
    person = Talk(talk.app, talk.now, limited=True)
    person.app.shelf = talk.app.shelf
    from dataclasses import replace

    from bot.dispatch_forms import Limits

    person.app.shelf = replace(talk.app.shelf, limits=Limits(10))
    for _ in range(10):
        person.says("发明专利保护多少年").comes_to("answer")
    person.says("发明专利保护多少年").comes_to("clarify").sees("过一分钟")
    person.sends(Press("菜单")).comes_to("clarify", "menu")
    person.later(seconds=61).says("发明专利保护多少年").comes_to("answer")


def test_too_long_a_message_is_said_so(talk: Talk) -> None:
    talk.says("专利" * 300).comes_to("clarify").sees("太长")


@pytest.mark.parametrize("body", [Event.UNSUPPORTED, Upload("照片.jpg")])
def test_what_cannot_be_read_is_said_so(talk: Talk, body: object) -> None:
    talk.sends(body).comes_to("clarify")  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["", " ", "😂", "@@##", "zzzzz", "啊吧啊吧", "?", "\u200b", "\u202eabc", "ۇيغۇر"])
def test_noise_is_asked_back(talk: Talk, text: str) -> None:
    assert talk.says(text).response.outcome in ("clarify", "greet", "answer")
    assert not talk.cited


def test_every_option_leads_somewhere(talk: Talk) -> None:
    """Walks the menu three levels deep: no button ends in a refusal, and all fit a Telegram button."""
    seen: set[str] = set()
    level = ["菜单"]
    for _ in range(3):
        following: list[str] = []
        for say in level:
            if say in seen:
                continue
            seen.add(say)
            assert len(say.encode()) <= 64, say
            person = Talk(talk.app, talk.now)
            person.sends(Press(say))
            assert person.response.outcome != "error", say
            assert "不在了" not in person.text, say
            following += [o.say for r in person.response.replies for o in r.options]
        level = following[:150]
