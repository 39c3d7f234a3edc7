"""Matching: slips mended, synonyms made one, the three outcomes, rivals kept apart."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.app import Shelf
from bot.knowledge.library import Library, Near, Nothing, Sure
from bot.knowledge.numerals import article_numbers, chinese_number, to_chinese
from bot.knowledge.text import bare, plain
from tests.conftest import TODAY

DAY = TODAY.date()


@pytest.fixture(scope="module")
def library(shelf: Shelf) -> Library:
    return shelf.library


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("年废多少", "年费"),
        ("商标住册", "注册"),
        ("发名专利", "发明"),
        ("有效其多久", "有效期"),
        ("faming zhuanli", "发明专利"),
        ("shangbiao", "商标"),
        ("網點有效期", "服务网点"),
        ("ＰＣＴ申请", "专利合作条约"),
        ("软著登记", "软件著作权"),
        ("logo 注册", "商标"),
    ],
)
def test_slips_scripts_and_synonyms_are_read(library: Library, typed: str, meant: str) -> None:
    assert meant in library.lexicon.read(typed).text


@pytest.mark.parametrize("typed", ["权力人是谁", "公式怎么写", "哈密瓜", "网上办", "实用性"])
def test_what_is_no_slip_is_left_alone(library: Library, typed: str) -> None:
    assert library.lexicon.read(typed).mended == ()


def test_the_three_outcomes(library: Library) -> None:
    assert isinstance(library.search("发明专利保护多少年", DAY), Sure)
    assert isinstance(library.search("离婚冷静期多久", DAY), Nothing)
    assert isinstance(library.search("红烧肉要炖几个小时", DAY), Nothing)
    many = [library.search(q, DAY) for q in ("侵权了怎么办", "驳回了怎么办", "转让怎么办", "撤销", "变更")]
    assert any(isinstance(found, Near) for found in many)


def test_a_rival_does_not_answer(library: Library) -> None:
    for thing, years in (("发明专利", "20年"), ("实用新型", "10年"), ("外观设计", "15年")):
        found = library.search(f"{thing}保护多少年", DAY)
        assert isinstance(found, Sure)
        assert years in found.entry.text_on(DAY, library.content.figures)[0]


def test_every_title_finds_its_entry(library: Library) -> None:
    entries = list(library.content.entries.values())
    missed = [e.id for e in entries if e.id not in [h.id for h in library.hits(e.title, DAY, limit=3)]]
    assert len(missed) <= len(entries) // 100, missed


def test_a_hit_can_be_explained(library: Library) -> None:
    hit = library.hits("发明专利保护多少年", DAY)[0]
    assert set(hit.features) >= {"both", "entry", "alike", "rival"}
    assert hit.way
    assert library.index.explain("发明专利保护多少年")


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=120))
def test_any_text_is_searched_without_failing(shelf: Shelf, text: str) -> None:
    shelf.library.search(text, DAY)


@given(st.text(max_size=60))
def test_plain_and_bare_settle(text: str) -> None:
    assert bare(bare(text)) == bare(text)
    assert isinstance(plain(text), str)


@given(st.integers(1, 9999))
def test_numerals_go_there_and_back(number: int) -> None:
    assert chinese_number(to_chinese(number)) == number
    assert article_numbers(f"第{to_chinese(number)}条和第{number}条") == [number, number]


@pytest.mark.parametrize(
    ("text", "number"), [("一百一十五", 115), ("十二", 12), ("二十", 20), ("一百零八", 108), ("两百", 200), ("42", 42)]
)
def test_article_numerals(text: str, number: int) -> None:
    assert chinese_number(text) == number
