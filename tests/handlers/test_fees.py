"""Fees in a chat."""

from __future__ import annotations

import pytest

from tests.talk import Talk


@pytest.mark.parametrize(
    ("said", "seen", "cited"),
    [
        ("帮我算一下发明专利申请多少钱 12项权利要求 40页说明书", ("共 4250 元", "共 1360 元", "共 1870 元"), "专利收费标准 None"),
        ("算一下发明专利申请费 85%费减", ("减缴85%后官费共 560 元", "不减是 3450 元"), "专利收费减缴办法 第四条"),
        ("帮我算算实用新型第5年年费多少", ("第5年年费 900 元", "135 元", "270 元"), "专利法实施细则 第一百一十五条"),
        ("算一下发明第25年年费", ("没有第25年",), "专利法 第四十二条"),
        ("算一下外观设计专利第3年年费逾期4个月的滞纳金", ("滞纳金 90 元", "滞纳金 120 元"), "专利收费标准 None"),
        ("费用计算 发明年费表", ("第16-20年：8000 / 1200 / 2400", "82300"), "专利收费标准 None"),
        ("算一下发明专利年费 2020年3月5日申请 2022年6月1日授权", ("第8年年费 2000 元", "2027年3月5日（星期五）"), "专利法实施细则 第五条"),
        ("算一下实用新型专利年费 2022年8月10日申请 2023年2月1日授权", ("滞纳金 135 元", "共 1035 元"), "专利收费标准 None"),
        ("算算注册3个类商标一共多少钱", ("网上申请 810 元，纸质 900 元",), "商标规费 None"),
        ("费用计算 商标注册 2个类 每类12个商品", ("网上申请 648 元，纸质 720 元",), "商标规费 None"),
        ("费用计算 商标续展 1个类", ("网上申请 450 元，纸质 500 元", "网上共 675 元"), "商标规费 None"),
        ("费用计算 商标驳回复审 1个类", ("网上申请 675 元，纸质 750 元",), "商标规费 None"),
        ("费用计算 商标注册 1个类 2027年2月1日", ("270 元", "新商标法施行后"), "商标规费 None"),
        ("费用计算 发明复审费", ("1000 元", "150 元"), "专利收费标准 None"),
        ("费用计算 专利恢复权利", ("1000 元",), "专利收费标准 None"),
    ],
)  # fmt: skip
def test_one_sentence_is_enough(talk: Talk, said: str, seen: tuple[str, ...], cited: str) -> None:
    talk.says(said).sees(*seen).cites(cited).comes_to("answer", "fee_calculator")


def test_a_notice_that_is_no_law_of_ours_is_named_in_the_text(talk: Talk) -> None:
    talk.says("费用计算 软著").sees("0 元", "财税〔2017〕20号").comes_to("answer", "fee_calculator")


def test_a_renewal_in_the_months_of_grace(talk: Talk) -> None:
    talk.says("费用计算 商标宽展期续展 2个类").sees("网上申请 1350 元，纸质 1500 元", "迟延费").cites("商标规费 None")


def test_a_price_of_before_the_schedule_is_not_made_up(talk: Talk) -> None:
    talk.says("费用计算 商标注册 1个类 2018年5月1日").sees("没有核对过").sees_not("270").comes_to("answer")


def test_step_by_step_nothing_is_asked_twice(talk: Talk) -> None:
    talk.says("费用计算").comes_to("flow", "fee_calculator", "fee_calculator")
    talk.says("实用新型年费").sees("第几年").sees_not("哪一种专利")
    talk.says("11").sees("第1年到第10年").comes_to("flow", "fee_calculator", "fee_calculator")
    talk.says("上一步").sees("要算哪种费用")
    talk.presses("专利年费").sees("哪一种专利")
    talk.presses("外观设计").sees("第几年")
    talk.says("11").sees("第11年年费 3000 元").comes_to("done", "fee_calculator")


def test_days_for_the_next_payment_one_after_the_other(talk: Talk) -> None:
    talk.says("费用计算 发明年费").says("2022-06-01 2020-03-05").sees("先后不对")
    talk.says("2020-03-05").sees("授权公告日是哪天").says("2019-01-01").sees("要在申请日")
    talk.says("2022-06-01").sees("第8年年费 2000 元").comes_to("done", "fee_calculator")


def test_the_menu_leads_to_a_sum(talk: Talk) -> None:
    talk.says("菜单").presses("算费用、期限，选类别，核号码").presses("算专利费、商标费").presses("商标费用").sees(
        "几个类别"
    )
    talk.says("46").sees("1 到 45").says("2").sees("540 元").comes_to("done", "fee_calculator")


@pytest.mark.parametrize("said", ["费用计算 发明申请 -3项权利要求", "费用计算 发明申请 负2页"])
def test_negative_counts_are_asked_again(talk: Talk, said: str) -> None:
    talk.says(said).sees("不能是负数").comes_to("flow", "fee_calculator", "fee_calculator")
    talk.says("-1项权利要求").sees("不能是负数")
    talk.says("12项权利要求").sees("共 3750 元").comes_to("done", "fee_calculator")


def test_bad_input_keeps_the_form(talk: Talk) -> None:
    talk.says("费用计算").says("费" * 5000).sees("太长了", "要算哪种费用")
    talk.says("13899998888").sees("要算哪种费用")
    talk.says("发明申请 99999项权利要求").sees("不超过 9999")
    talk.says("取消").sees("已取消“费用计算”").comes_to("done", "cancel")


def test_a_question_in_between_is_answered_and_the_form_goes_on(talk: Talk) -> None:
    talk.says("费用计算").says("发明专利保护多少年").sees("20年", "要算哪种费用")
    talk.says("商标费用").says("1").sees("270 元")


def test_the_table_comes_with_a_picture_where_a_chinese_font_is_installed(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[str] = []

    def draw(title: str, rows: object, note: str, font: object) -> bytes:
        drawn.append(title)
        return b"\x89PNG"

    monkeypatch.setattr("bot.handlers.fee_replies.draw_table", draw)
    monkeypatch.setattr("bot.handlers.fee_replies.find_font", lambda: "font.ttf")
    talk.says("费用计算 发明年费表")
    (reply,) = talk.response.replies
    assert reply.file is not None
    assert (reply.file.name, reply.file.type) == ("发明专利年费表.png", "image/png")
    assert drawn == ["发明专利年费（元/年）"]


def test_without_a_chinese_font_the_text_is_enough(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.handlers.fee_replies.find_font", lambda: None)
    talk.says("费用计算 发明年费表").sees("第1-3年：900 / 135 / 270")
    assert talk.response.replies[0].file is None
