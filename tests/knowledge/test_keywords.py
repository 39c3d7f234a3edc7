"""Keywords: an idea in words becomes groups of words of one meaning, with hints at classes."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.app import Shelf
from bot.knowledge.keywords import MOST_TERMS, MOST_WORDS, read_keywords


@pytest.mark.parametrize(
    ("idea", "words", "ipc"),
    [
        ("核桃破壳机", ["核桃", "破壳"], ["A23N"]),
        ("一种用于棉花打顶的无人机", ["棉花", "打顶", "无人机"], ["A01G", "B64U"]),
        ("红枣烘干设备", ["红枣", "烘干"], ["A23L", "F26B"]),
        ("胡桃去壳", ["胡桃", "去壳"], ["A23N"]),
        ("馕坑", ["馕坑"], ["A21B"]),
        ("滴灌带", ["滴灌带"], ["A01G"]),
    ],
)
def test_ideas(shelf: Shelf, idea: str, words: list[str], ipc: list[str]) -> None:
    terms = shelf.keywords.read(idea, shelf.library.lexicon.cut)
    assert [term.word for term in terms] == words
    assert list(dict.fromkeys(term.ipc for term in terms if term.ipc)) == ipc


def test_synonyms_come_with_the_word_that_was_said_first(shelf: Shelf) -> None:
    walnut, shelling = shelf.keywords.read("胡桃脱壳", shelf.library.lexicon.cut)
    assert walnut.words == ("胡桃", "核桃")
    assert shelling.words[0] == "脱壳"
    assert "破壳" in shelling.words
    assert "walnut" in walnut.english


def test_what_every_patent_says_is_no_keyword(shelf: Shelf) -> None:
    assert shelf.keywords.read("一种装置及其使用方法", shelf.library.lexicon.cut) == ()
    assert shelf.keywords.read("", shelf.library.lexicon.cut) == ()


@given(typed=st.text(max_size=200))
def test_a_query_stays_short(shelf: Shelf, typed: str) -> None:
    terms = shelf.keywords.read(typed, shelf.library.lexicon.cut)
    assert len(terms) <= MOST_TERMS
    assert all(1 <= len(term.words) <= MOST_WORDS for term in terms)


@pytest.mark.parametrize(
    ("line", "field"),
    [
        (",胡桃,walnut,A23N,", "第2行 term"),
        ("核桃,胡桃,walnut,23N,", "第2行 ipc"),
        ("核桃,胡桃,walnut,A23N,6-11", "第2行 locarno"),
        ("核桃,胡桃,walnut,A23N,\n胡桃,,,,", "胡桃"),
    ],
)
def test_a_fault_is_named(tmp_path: Path, line: str, field: str) -> None:
    (tmp_path / "links").mkdir()
    (tmp_path / "links" / "stopwords.txt").write_text("# 无\n", encoding="utf-8")
    (tmp_path / "links" / "terms.csv").write_text(f"term,also,english,ipc,locarno\n{line}\n", encoding="utf-8")
    assert [(p.file, p.field) for p in read_keywords(tmp_path)[1]] == [("links/terms.csv", field)]


def test_the_tables_are_sound(content: Path, tmp_path: Path) -> None:
    assert read_keywords(content)[1] == []
    assert {p.file for p in read_keywords(tmp_path)[1]} == {"links/terms.csv", "links/stopwords.txt"}
