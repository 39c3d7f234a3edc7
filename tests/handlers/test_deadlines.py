"""Time limits in a chat."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.talk import Talk


@pytest.mark.parametrize(
    ("said", "seen", "cited"),
    [
        ("帮我算一下，2026年11月27日收到专利驳回，复审最晚哪天提", ("2027年3月1日", "尚未公布", "以官方"), "专利法 第四十一条"),
        ("昨天收到商标驳回通知，复审截止是哪天", ("2026年12月7日（星期一）",), "商标法 第三十四条"),
        ("上周三收到专利第一次审查意见，答复期什么时候到期", ("2027年3月11日（星期四）",), "专利法实施细则 第五条"),
        ("期限计算 专利二通 3/5", ("答复再次审查意见", "2026年5月6日（星期三）", "已经过了"), "专利法 第三十七条"),
        ("期限计算 商标初审公告 2026年8月13日", ("2026年11月13日（星期五）",), "商标法 第三十三条"),
        ("期限计算 商标初审公告 2026年10月13日", ("2027年1月13日", "改为2个月", "2026年12月14日"), "商标法 第三十三条"),
        ("期限计算 商标初审公告 2027年1月13日", ("2027年3月15日（星期一）",), "商标法(2026修订) 第三十六条"),
        ("期限计算 商标到期 20161128核准注册", ("2026年11月27日（星期五）", "不顺延"), "商标法 第三十九条"),
        ("期限计算 商标续展 有效期满日2027年5月27日", ("2026年5月28日", "2027年11月29日"), "商标法(2026修订) 第四十四条"),
        ("期限计算 商标续展 2017年5月28日注册的", ("2027年5月27日",), "商标法(2026修订) 第四十四条"),
        ("期限计算 外观设计专利到期 2019年1月5日申请", ("2029年1月4日", "10年"), "专利法 第四十二条"),
        ("期限计算 外观设计专利到期 2022年1月5日申请", ("2037年1月4日", "15年"), "专利法 第四十二条"),
        ("期限计算 撤三 2024年3月5日注册公告", ("2027年3月5日",), "商标法实施条例 第六十六条"),
        ("期限计算 布图设计首次商业利用 2026年10月20日", ("2028年10月20日",), "集成电路布图设计保护条例 第二十六条"),
        ("期限计算 地理标志初步认定公告 2026年10月1日", ("2026年12月1日",), "地理标志产品保护办法 第十五条"),
        ("期限计算 网点年度总结", ("2027年1月11日（星期一）", "征求意见稿"), "网点管理办法 第十六条"),
        ("期限计算 网点整改 2026年11月1日", ("2027年5月3日",), "网点管理办法 第十六条"),
        ("期限计算 网点不得再申请 2026年11月1日", ("2029年11月1日",), "网点管理办法 第十七条"),
        ("期限计算 网点有效期 2026年1月1日认定", ("2028年12月31日",), "网点管理办法 第八条"),
    ],
)  # fmt: skip
def test_one_sentence_is_enough(talk: Talk, said: str, seen: tuple[str, ...], cited: str) -> None:
    talk.says(said).sees(*seen).cites(cited).comes_to("answer", "deadline_calculator")


def test_a_calendar_file_comes_with_a_day_to_come(talk: Talk) -> None:
    talk.says("期限计算 专利驳回复审 2026年11月27日")
    file = talk.response.replies[0].file
    assert file is not None
    assert file.type == "text/calendar"
    content = re.sub(r"\r\n ", "", Path(file.path).read_bytes().decode())
    assert "DTSTART;VALUE=DATE:20270301" in content
    assert "SUMMARY:专利驳回复审（最后一天）" in content
    talk.says("期限计算 专利驳回复审 2025年11月27日").sees("已经过了")
    assert talk.response.replies[0].file is None


def test_step_by_step(talk: Talk) -> None:
    talk.says("菜单").presses("算费用、期限，选类别，核号码").presses("算期限").sees("要算哪一类")
    talk.presses("商标").presses("商标驳回复审").sees("收到驳回通知之日是哪天")
    talk.says("2月30日").sees("没有“2月30日”").comes_to("flow", "deadline_calculator", "deadline_calculator")
    talk.says("1926年3月5日").sees("太早或太晚")
    talk.says("上一步").says("上一步").says("上一步").sees("商标的哪个期限")
    talk.presses("商标异议").says("3/5").sees("2026年6月5日（星期五）").comes_to("done", "deadline_calculator")


def test_what_the_sentence_said_is_not_asked(talk: Talk) -> None:
    talk.says("期限计算 3月5号").sees("要算哪一类")
    talk.says("商标").sees_not("是哪天").presses("商标驳回复审").sees("2026年3月20日").comes_to("done")
    talk.says("期限计算 专利驳回").sees("收到驳回决定之日是哪天").says("昨天").sees("2027年2月22日")


def test_several_that_fit_are_offered(talk: Talk) -> None:
    talk.says("期限计算 收到驳回通知").comes_to("flow", "deadline_calculator", "deadline_calculator")
    assert {"专利驳回复审", "商标驳回复审"} <= set(talk.labels)
    talk.presses("商标驳回复审").says("2026年3月5日").sees("2026年3月20日")


@pytest.mark.parametrize("said", ["期限计算 专利驳回 2026年2月30日", "期限计算 专利驳回 20261345"])
def test_a_day_that_there_is_not_is_asked_again(talk: Talk, said: str) -> None:
    talk.says(said).sees("这一天，请再核对").comes_to("flow", "deadline_calculator", "deadline_calculator")
    talk.says("2026年2月28日").sees("2026年5月28日").comes_to("done")


def test_bad_input_keeps_the_form(talk: Talk) -> None:
    talk.says("期限计算 专利驳回").says("期" * 5000).sees("太长了", "收到驳回决定之日是哪天")
    talk.says("13899998888").sees("收到驳回决定之日是哪天")
    talk.says("9999年12月31日").sees("太早或太晚")
    talk.says("取消").sees("已取消“期限计算”")


def test_a_question_in_between_is_answered_and_the_form_goes_on(talk: Talk) -> None:
    talk.says("期限计算 专利驳回").says("发明专利保护多少年").sees("20年", "收到驳回决定之日是哪天")
    talk.says("昨天").sees("2027年2月22日")


def test_old_days_are_not_worked_out_by_a_later_law(talk: Talk) -> None:
    talk.says("期限计算 专利驳回 2015年3月5日").sees("当时的规定我没有核对过")
