"""Words first, meaning second: when the meaning is asked, what it may change, and what it may not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pytest

from bot.app import Shelf
from bot.knowledge.confidence import ASK, BOTH, WORDS, Likeness
from bot.knowledge.library import Library, Nothing, Sure

DAY = date(2026, 11, 22)
SURE, UNSURE = "发明专利保护多少年", "专利那个东西到时候了是不是就没用了"


class Points:
    """A semantic stage for tests: it finds some entries near, all others far."""

    def __init__(self, *near: str, others: float = 0.8) -> None:
        self.near = near
        self.others = others
        self.asked: list[str] = []

    def compare(self, question: str, ids: tuple[str, ...]) -> Mapping[str, Likeness]:
        self.asked.append(question)
        return {id: Likeness(*self._seen(id)) for id in (*ids, *self.near)}

    def _seen(self, id: str) -> tuple[float, float, int]:
        return (1.0, 1.0, 1) if id in self.near else (self.others, self.others, 100)


@pytest.fixture
def words(shelf: Shelf) -> Library:
    return shelf.library


def test_what_words_are_sure_of_is_not_asked(words: Library) -> None:
    meaning = Points("gi-what")
    found = words.with_meaning(meaning).search(SURE, DAY)
    assert isinstance(found, Sure)
    assert found == words.search(SURE, DAY)
    assert not meaning.asked


def test_what_words_are_not_sure_of_is_asked(words: Library) -> None:
    assert words.judge(UNSURE, DAY).confidence < ASK
    runner_up = words.judge(UNSURE, DAY).hits[2].id
    meaning = Points(runner_up)
    judged = words.with_meaning(meaning).judge(UNSURE, DAY)
    assert meaning.asked == [UNSURE]
    assert judged.by_meaning
    assert judged.evidence is not None
    assert judged.evidence.weighing is BOTH
    assert judged.hits[0].id == runner_up
    assert judged.hits[0].features["rank"] == 1
    assert judged.hits[0].features["words"] == pytest.approx(words.judge(UNSURE, DAY).hits[2].score)


def test_meaning_proposes_entries_that_words_did_not_find(words: Library) -> None:
    known = {hit.id for hit in words.judge(UNSURE, DAY).hits}
    other = next(id for id, entry in words.content.entries.items() if id not in known and entry.holds_on(DAY))
    judged = words.with_meaning(Points(other)).judge(UNSURE, DAY)
    assert other in {hit.id for hit in judged.hits}


def test_meaning_proposes_nothing_that_does_not_hold_today(words: Library) -> None:
    known = {hit.id for hit in words.judge(UNSURE, DAY).hits}
    other = next(entry for entry in words.content.entries.values() if entry.id not in known)
    later = replace(other, since=date(2027, 1, 1))
    content = replace(words.content, entries={**words.content.entries, other.id: later})
    library = replace(words, content=content, meaning=Points(other.id))
    assert other.id not in {hit.id for hit in library.judge(UNSURE, DAY).hits}
    assert other.id in {hit.id for hit in library.judge(UNSURE, date(2027, 1, 1)).hits}


def test_meaning_alone_makes_no_answer(words: Library) -> None:
    """What shares no word with any entry is not looked for by meaning: something is always nearest."""
    meaning = Points("gi-what")
    assert words.with_meaning(meaning).search("🙂🙂🙂", DAY) == Nothing((), 0.0)
    assert not meaning.asked


def test_an_answer_that_only_words_are_for_is_not_given(words: Library) -> None:
    """今天 stands in a question about today's law; by meaning that is no nearer than all else."""
    said = "今天天气怎么样"
    meaning = Points(others=0.86)
    assert not isinstance(words.with_meaning(meaning).search(said, DAY), Sure)
    assert meaning.asked == [said]


def test_words_alone_decide_without_it(words: Library) -> None:
    judged = words.judge(UNSURE, DAY)
    assert not judged.by_meaning
    assert judged.evidence is not None
    assert judged.evidence.weighing is WORDS
