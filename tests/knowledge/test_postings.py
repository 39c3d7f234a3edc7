"""Postings: what is added up with numpy is what adding up one by one gives; empty and equal ones are no trouble."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.knowledge.lexicon import Lexicon, Vocabulary, Words
from bot.knowledge.matching import Document, Index, prepare
from bot.knowledge.postings import UNKNOWN, Postings, Rows, sums

TOKENS = ("专利", "商标", "费用", "#专利", "@费用", "期")
entries = st.lists(st.frozensets(st.sampled_from(TOKENS)), max_size=30)
asked = st.dictionaries(st.sampled_from((*TOKENS, "红烧肉", "另答")), st.sampled_from((0.35, 0.4, 1.0)))


def rarity(held: list[frozenset[str]], token: str) -> float:
    count = sum(token in tokens for tokens in held)
    return math.log(1 + len(held) / count) if count else UNKNOWN * math.log(1 + max(len(held), 1))


@given(entries, asked)
def test_weights_are_the_kind_times_the_rarity(held: list[frozenset[str]], tokens: dict[str, float]) -> None:
    weighed = Postings(held, [["另答"] for _ in held]).weigh(tokens)
    assert weighed.weights == pytest.approx({token: kind * rarity(held, token) for token, kind in tokens.items()})
    strange = {token for token in tokens if not any(token in some for some in held)}
    assert weighed.strange == pytest.approx(sum(weighed.weights[token] for token in strange))


@given(entries, asked, st.integers(1, 5))
def test_the_heaviest_are_those_with_the_largest_sums(
    held: list[frozenset[str]], tokens: dict[str, float], count: int
) -> None:
    postings = Postings(held, [() for _ in held])
    weighed = postings.weigh(tokens)
    totals = [sum(weight for token, weight in weighed.weights.items() if token in some) for some in held]
    best = postings.heaviest(weighed.known, count)
    assert [totals[number] for number in best] == pytest.approx(sorted((t for t in totals if t), reverse=True)[:count])


@given(st.lists(st.lists(st.integers(0, 9), min_size=1), min_size=1), st.data())
def test_rows_are_taken_and_added_up(rows: list[list[int]], data: st.DataObject) -> None:
    chosen = data.draw(st.lists(st.integers(0, len(rows) - 1), min_size=1))
    taken = Rows.of(rows)
    values = taken.take(chosen)
    assert values.tolist() == [value for row in chosen for value in rows[row]]
    assert sums(values.astype(float), taken.lengths[chosen]).tolist() == [sum(rows[row]) for row in chosen]


def test_an_index_of_nothing_and_entries_without_words_are_searched() -> None:
    lexicon = Lexicon(Words((), {}, {}, ("请问",), ()), Vocabulary({"专利": 9, "专": 0}, 9))
    assert Index((), lexicon).search("专利") == []
    documents = [Document("empty", "？？", ("……",), ""), Document("fee", "专利多少钱", (), "九百元")]
    index = Index([prepare(document, lexicon) for document in documents], lexicon)
    assert [hit.id for hit in index.search("专利")] == ["fee"]
    assert index.search("") == index.search("请问") == []
    assert index.unknown("") == 1.0
    assert index.share("empty", "专利") == index.share("fee", "") == 0.0
    assert set(index.closeness("专利", ("empty", "fee"))) == {"empty", "fee"}
    assert index.closeness("", ("empty",))["empty"] <= 1
