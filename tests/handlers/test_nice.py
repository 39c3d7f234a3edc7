"""Nice classes in a chat, and that nothing unverified is said by any calculator."""

from __future__ import annotations

import pytest

from bot.app import Shelf
from bot.calculators.nice import LAST_CLASS
from tests.talk import Talk

# figures and claims that no source of ours confirms (international fees, fees said to be suspended, classes not checked)
UNVERIFIED = (
    "653瑞郎",
    "903瑞郎",
    "4100",
    "15000元",
    "传送费",
    "单一性异议费",
    "译文改正费",
    "优先权恢复费",
    "后提交费",
    "暂停收取",
)
UNCHECKED_GOODS = ("枸杞", "黑枸杞", "肉苁蓉", "玫瑰花酱")


def test_several_at_once(talk: Talk) -> None:
    talk.says("我卖核桃和核桃油，还开网店，商标报哪几类").comes_to("answer", "nice_class")
    talk.sees(
        "核桃：29类", "核桃油：29类", "开网店：35类", "共 2 类", "540元", "600元", "分类表", "只报35类保护不到商品"
    )
    talk.cites("商标法 第二十二条", "商标规费 None")
    talk.presses("算2类的商标费用").sees("网上申请 540 元，纸质 600 元")


def test_step_by_step(talk: Talk) -> None:
    talk.says("类别查询").sees("您卖什么").comes_to("flow", "nice_class", "nice_class")
    talk.says("烤馕").sees("烤馕：30类").comes_to("done", "nice_class")
    assert talk.response.slots == {"product": "烤馕"}


def test_the_law_of_the_day_is_cited(talk: Talk) -> None:
    talk.later(days=60)
    talk.says("类别查询 葡萄干").sees("29类").cites("商标法(2026修订) 第二十六条")


@pytest.mark.parametrize("goods", UNCHECKED_GOODS)
def test_a_class_that_was_not_verified_is_not_said(talk: Talk, goods: str) -> None:
    talk.says(f"类别查询 {goods}").sees("没有核对过").sees_not("5类", "29类", "30类", "共 ")


def test_traditional_characters_and_capitals(talk: Talk) -> None:
    talk.says("类别查询 葡萄乾").sees("29类")
    talk.says("类别查询 手机APP").sees("9类")


def test_nothing_unverified_is_said_by_any_calculator(talk: Talk, shelf: Shelf) -> None:
    said = [
        f"费用计算 {kind}{what}"
        for kind in ("发明", "实用新型", "外观设计")
        for what in ("申请", "年费表", "复审费", "无效费")
    ]
    said += [
        f"费用计算 商标{what} 2个类"
        for what in ("注册", "续展", "转让", "异议", "撤三", "复审", "变更", "许可备案", "补发", "证明")
    ]
    said += [
        "费用计算 集体商标 1个类",
        "费用计算 证明商标 1个类",
        "费用计算 软著",
        "费用计算 布图设计",
        "费用计算 评价报告",
    ]
    said += [f"期限计算 {limit.label} 2026年3月5日" for limit in shelf.library.content.limits]
    said += [f"类别查询 {word.lstrip('~')}" for word in list(shelf.library.content.nice.terms)[::40]]
    texts = [talk.says(words).text for words in said]
    assert len(texts) > 100
    for text in texts:
        assert not [claim for claim in UNVERIFIED if claim in text], text
        assert any(mark in text for mark in ("以官方", "分类表", "要算哪", "请从", "哪一种", "哪个期限")), text


def test_every_class_can_be_reached(shelf: Shelf) -> None:
    reached = {term.number for term in shelf.library.content.nice.terms.values()}
    assert reached >= set(range(1, LAST_CLASS + 1))
