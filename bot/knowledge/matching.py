"""Which entry answers a question: the entries that share most with it, re-ranked by the closest way of asking.

Two steps. Added up for each entry is the rarity of the words it shares with the question (``postings``); the best few are
then compared way by way: how much of the question is covered, how much of the way is covered, and how alike the two
read (rapidfuzz). The score is between 0 and 1; gates on it and on the margin decide what is done with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from sys import intern
from typing import NamedTuple

import numpy as np
from rapidfuzz.fuzz import ratio
from rapidfuzz.process import cdist

from bot.knowledge.lexicon import Lexicon
from bot.knowledge.postings import Postings, Rows, Weighed, sums

CANDIDATES = 16  # entries compared way by way
KEPT = 4096  # questions whose hits are kept
BODY = 0.35  # a word found only in the answer counts this much of one found in a question
_BEFORE = 2  # parts of an entry that stand before its ways of asking: its answer, all its ways
_NEXT_TO_NOTHING = 1e-12
_NO_WAY = "\0"  # reads like no question
RIVAL = 0.55  # factor for an entry about a rival thing


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each feature counts; they add up to one."""

    both: float = 0.20  # closeness to the best way of asking (harmonic mean of the two coverages)
    entry: float = 0.40  # share of the question covered by all ways of asking of the entry, and its answer
    alike: float = 0.30  # likeness of the letters to the best way of asking
    title: float = 0.10  # closeness to the title


@dataclass(frozen=True, slots=True)
class Document:
    """What is indexed of an entry."""

    id: str
    title: str
    questions: tuple[str, ...]
    answer: str
    topic: str = ""


class Hit(NamedTuple):
    """An entry that may answer. ``way`` is the way of asking that came closest; ``features`` explain the score."""

    id: str
    score: float
    way: str
    features: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document as it is compared. Making these takes seconds for a thousand entries, so they are kept (see ``store``).

    ``ways`` are its ways of asking, the title first, ``texts`` these as they are read, ``tokens`` those of each;
    ``told`` are tokens that stand in the answer alone.
    """

    id: str
    topic: str
    ways: tuple[str, ...]
    texts: tuple[str, ...]
    tokens: tuple[tuple[str, ...], ...]
    told: tuple[str, ...]


def prepare(document: Document, lexicon: Lexicon) -> Prepared:
    """Read a document."""
    ways = (document.title, *document.questions)
    readings = [lexicon.read(way) for way in ways]
    # documents share most of their tokens: one string of each is enough
    tokens = tuple(tuple(map(intern, reading.tokens)) for reading in readings)
    told = map(intern, lexicon.words_of(document.answer).difference(*tokens))
    texts = tuple(reading.text for reading in readings)
    return Prepared(document.id, document.topic, ways, texts, tokens, tuple(sorted(told)))


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question as it is compared: its tokens, and which rivals it names, by number of group."""

    text: str
    weighed: Weighed
    rivals: tuple[tuple[int, frozenset[str]], ...]


class Index:
    """The index over all entries; made once for the loaded content, shared by all threads, never changed."""

    def __init__(self, documents: Sequence[Prepared], lexicon: Lexicon, weights: Weights | None = None) -> None:
        self._lexicon = lexicon
        self._weights = weights or Weights()
        self.documents = documents
        self._numbers = {document.id: number for number, document in enumerate(documents)}
        self._kinds = [self._kinds_of(document.texts) for document in documents]
        asked = [tuple(dict.fromkeys(chain.from_iterable(document.tokens))) for document in documents]
        self._postings = postings = Postings(asked, (document.told for document in documents))
        # the parts of each entry that questions are compared with: its answer, all its ways of asking, and each of them
        parts = [
            [postings.numbers(part) for part in (document.told, all_ways, *document.tokens)]
            for document, all_ways in zip(documents, asked, strict=True)
        ]
        counts = [len(some) for some in parts]
        lengths = np.array([len(part) for some in parts for part in some], dtype=np.intp)
        self._parts = Rows.of([list(chain.from_iterable(some)) for some in parts])
        self._lengths = Rows(lengths, counts)
        self._masses = Rows(sums(postings.weights[self._parts.values], lengths), counts)
        self._texts = [(_NO_WAY, _NO_WAY, *document.texts) for document in documents]
        self.compared = lru_cache(maxsize=KEPT)(self._compared)

    def _kinds_of(self, texts: Sequence[str]) -> tuple[frozenset[str], ...]:
        """For each group of rivals, those that an entry is about: named by its title or by a third of its ways."""
        return tuple(
            frozenset(
                kind for kind in group if kind in texts[0] or sum(kind in text for text in texts) * 3 >= len(texts)
            )
            for group in self._lexicon.words.rivals
        )

    def search(self, question: str, limit: int = 5) -> list[Hit]:
        """The entries that come closest, best first."""
        return list(self.compared(question)[:limit])

    def _compared(self, question: str) -> tuple[Hit, ...]:
        """All candidates for a question, best first. Many people ask the same, so the last few thousand are kept."""
        asked = self._asked(question)
        hits = self._compare(asked, self._postings.heaviest(asked.weighed.known, CANDIDATES))
        return tuple(sorted(hits, key=lambda hit: hit.score, reverse=True))

    def _asked(self, question: str) -> _Asked:
        reading = self._lexicon.read(question)
        named = (
            (group, frozenset(kind for kind in kinds if kind in reading.text))
            for group, kinds in enumerate(self._lexicon.words.rivals)
        )
        return _Asked(reading.text, self._postings.weigh(reading.tokens), tuple(rival for rival in named if rival[1]))

    def compare(self, question: str, ids: Iterable[str]) -> list[Hit]:
        """These entries as hits for a question, whether or not their words would find them."""
        return self._compare(self._asked(question), [self._numbers[id] for id in ids])

    def _compare(self, asked: _Asked, numbers: Sequence[int]) -> list[Hit]:
        """Entries as hits, all ways of all of them compared at once."""
        if not numbers:
            return []
        weigh, mass = self._weights, asked.weighed.mass
        weights = self._postings.by_number(asked.weighed.known)
        met = sums(weights[self._parts.take(numbers)], self._lengths.take(numbers))
        texts = list(chain.from_iterable(self._texts[number] for number in numbers))
        alike = cdist((asked.text,), texts, scorer=ratio, dtype=np.float64)[0] / 100
        counts = self._lengths.lengths[numbers]
        ends = counts.cumsum()
        told = ends - counts
        asked_with, titles = told + 1, told + 2
        entry = (met[asked_with] + BODY * met[told]) / mass
        met[told] = met[asked_with] = 0.0
        both = 2 * met / (mass + self._masses.take(numbers))
        close = weigh.both * both + weigh.alike * alike
        # in order of closeness within each entry, the closest of its ways comes last
        best = np.lexsort((close, ends.repeat(counts)))[ends - 1]
        scores = close[best] + weigh.entry * np.minimum(1, entry) + weigh.title * both[titles]
        columns = (scores, best - titles, both[best], entry, alike[best], both[titles])
        found = zip(numbers, *(column.tolist() for column in columns), strict=True)
        return [self._hit(number, asked, *values) for number, *values in found]

    def _hit(
        self, number: int, asked: _Asked, score: float, way: int, both: float, entry: float, alike: float, title: float
    ) -> Hit:
        document, rival = self.documents[number], False
        if asked.rivals:
            kinds = self._kinds[number]
            rival = any(kinds[group] and named.isdisjoint(kinds[group]) for group, named in asked.rivals)
        features = {"both": both, "entry": entry, "alike": alike, "title": title, "rival": float(rival)}
        return Hit(document.id, score * RIVAL if rival else score, document.ways[way], features)

    def closeness(self, question: str, ids: Iterable[str]) -> dict[str, float]:
        """How close (0 to 1) each of these entries comes to a question, whether or not the search would look at it."""
        return {hit.id: hit.score for hit in self.compare(question, ids)}

    def touched(self, ways: Iterable[str], but: str, count: int) -> list[tuple[str, str]]:
        """The ways of asking of entries other than ``but`` that share most with any of ``ways``: entry and way, at most
        ``count``, those that share most first. All others are asked the same however ``ways`` are answered."""
        lengths = self._lengths.values
        best = np.zeros(len(lengths))
        masses = np.maximum(self._masses.values, _NEXT_TO_NOTHING)
        for way in ways:
            weights = self._postings.by_number(self._asked(way).weighed.known)
            best = np.maximum(best, sums(weights[self._parts.values], lengths) / masses)
        found: list[tuple[str, str]] = []
        owners = np.repeat(np.arange(len(self.documents)), self._lengths.lengths)
        starts = self._lengths.lengths.cumsum() - self._lengths.lengths
        for part in (-best).argsort(kind="stable").tolist():
            if len(found) == count or best[part] == 0:
                break
            document, way = self.documents[owners[part]], part - starts[owners[part]] - _BEFORE
            if way >= 0 and document.id != but:
                found.append((document.id, document.ways[way]))
        return found

    def share(self, id: str, text: str) -> float:
        """The share (0 to 1) of the weight of ``text`` that an entry's ways of asking hold; its answer counts less."""
        asked, number = self._asked(text), [self._numbers[id]]
        weights = self._postings.by_number(asked.weighed.known)
        told, held, *_ = sums(weights[self._parts.take(number)], self._lengths.take(number)).tolist()
        return float(held + BODY * told) / asked.weighed.mass

    def unknown(self, question: str) -> float:
        """The share (0 to 1) of a question's weight in words that no way of asking has."""
        weighed = self._asked(question).weighed
        return weighed.strange / weighed.mass if weighed.weights else 1.0

    def explain(self, question: str) -> dict[str, float]:
        """The tokens of a question and what each weighs here."""
        return {token: round(weight, 2) for token, weight in self._asked(question).weighed.weights.items()}
