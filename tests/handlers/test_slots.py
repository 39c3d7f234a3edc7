"""What a sentence that wants a service already names."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.desk import Desk
from bot.handlers.slots import read_slots
from bot.handlers.slots_said import amount
from bot.knowledge.intents import read_intents
from bot.registry.places import read_places
from bot.settings import read_settings

CONTENT = read_settings({}).content
DESK = cast(
    Desk,
    SimpleNamespace(intents=read_intents(CONTENT)[0], gazetteer=read_places(CONTENT)[0], day=date(2026, 11, 22)),
)


@pytest.mark.parametrize(
    ("intent", "said", "slots"),
    [
        ("trademark_search", "查一下有没有叫大漠孤烟的商标", {"mark": "大漠孤烟"}),
        ("trademark_search", "查查塔里木这几个字能不能注册商标", {"mark": "塔里木"}),
        ("trademark_search", "查商标注册号G1234567", {"number": "G1234567"}),
        ("patent_search", "想搜搜哈密瓜采摘机器人方面的发明", {"keyword": "哈密瓜采摘机器人"}),
        ("patent_search", "找一下跟滴灌带回收有关的专利", {"keyword": "滴灌带回收"}),
        ("patent_search", "检索分类号 A23L19/00", {"ipc": "A23L19/00"}),
        ("copyright_search", "“丝路之歌”版权登记查询", {"keyword": "丝路之歌", "type": "work"}),
        ("number_check", "ZL2018 2 1556677.3 对不对", {"number": "ZL201821556677.3", "check_digit_ok": True}),
        ("nice_class", "有机肥 尼斯分类", {"product": "有机肥"}),
        ("nice_class", "养殖场的商标选什么类别", {"product": "养殖场"}),
        ("point_info", "哈密市知识产权协会网点的服务时间", {"name": "哈密市知识产权协会", "need": "hours"}),
        ("nearest_point", "石河子大学附近的网点", {}),
        ("nearest_point", "烏蘇市網點電話", {"place": "烏蘇市", "region": "塔城地区乌苏市", "need": "phone"}),
        ("training_list", "软件著作权方面的讲座还有没", {"topic": "软件著作权"}),
        ("fee_calculator", "给我算笔账 两件发明一件外观申请费多少", {}),
        ("industry_analysis", "帮我们县做一下红枣产业专利分析", {"topic": "红枣"}),
        (
            "eligibility",
            "月入七千五能费减吗",
            {"subject": "fee_reduction", "applicant": "individual", "monthly_income": 7500},
        ),
    ],
)
def test_slots(intent: str, said: str, slots: dict[str, Any]) -> None:
    assert read_slots(intent, said, DESK) == slots


@given(st.integers(1, 9), st.integers(1, 9))
def test_a_short_sum_is_read_as_it_is_spoken(thousands: int, hundreds: int) -> None:
    digits = "零一二三四五六七八九"
    assert amount(f"{digits[thousands]}千{digits[hundreds]}") == thousands * 1000 + hundreds * 100
    assert amount(f"{digits[thousands]}万{digits[hundreds]}") == thousands * 10_000 + hundreds * 1000


@given(st.sampled_from(["trademark_search", "patent_search", "gi_search", "nice_class"]), st.text(max_size=40))
def test_any_text_is_read(intent: str, text: str) -> None:
    read_slots(intent, text, DESK)
