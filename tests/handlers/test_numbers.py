"""Checking a number in a chat."""

from __future__ import annotations

import pytest

from tests.talk import Talk


@pytest.mark.parametrize(
    ("said", "seen"),
    [
        ("202310123456.6", ("校验位是对的", "2023 年提出的发明专利申请", "有没有这件专利")),
        ("ZL202310123456.1", ("写的是 1", "应是 6", "不猜")),
        ("号码核对 202310123456", ("没有写校验位", "202310123456.6")),
        ("号码核对 ZL 2021 8 0012345.7", ("PCT 国际申请进入中国的发明专利",)),
        ("号码核对 PCT/CN2021/123456", ("2021 年在中国提出的国际申请", "没有校验位")),
        ("号码核对 US10123456B2", ("美国的专利文献",)),
        ("号码核对 20231012345", ("有 11 位数字", "13 位")),
        ("号码核对 CN301234567U", ("种类代码“U”", "不一致")),
        ("号码核对 203110123456.1", ("年份“2031”",)),
        ("号码核对 30445566", ("看起来是商标申请号或注册号",)),
        ("号码核对 软著登字第15980140号", ("软件著作权证书号",)),
        ("校验 202310123456.6 和 202310123456.5 对不对", ("校验位是对的", "应是 6")),
    ],
)
def test_a_sentence_is_enough(talk: Talk, said: str, seen: tuple[str, ...]) -> None:
    talk.says(said).sees(*seen).comes_to("answer", "number_check")


@pytest.mark.parametrize(
    ("said", "seen"),
    [
        ("13899998888", "不是专利、商标或登记的号码"),
        ("91650100MA7754XY3Q", "统一社会信用代码"),
        ("abc", "没认出号码"),
    ],
)
def test_something_else_in_the_place_of_a_number_is_asked_again(talk: Talk, said: str, seen: str) -> None:
    talk.says("号码核对").comes_to("flow", "number_check", "number_check")
    talk.says(said).sees(seen).comes_to("flow", "number_check", "number_check")
    talk.says("202310123456.6").sees("校验位是对的").comes_to("done", "number_check")


def test_a_long_paste_is_answered_kindly_and_loses_nothing(talk: Talk) -> None:
    talk.says("号码核对").says("号" * 5000).sees("太长了", "请发要核对的号码")
    talk.says("CN116091838A").sees("发明专利申请公布").comes_to("done", "number_check")


def test_a_telephone_number_behind_the_command_is_asked_again(talk: Talk) -> None:
    talk.says("号码核对 13899998888").sees("不是专利、商标或登记的号码", "请发要核对的号码").comes_to(
        "flow", "number_check", "number_check"
    )
