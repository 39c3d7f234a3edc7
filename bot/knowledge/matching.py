"""Which entry answers a question: an inverted index over the ways people ask, re-ranked by the closest way.

Two steps. The index adds up, for each entry, the rarity of the words it shares with the question; the best few are
then compared way by way: how much of the question is covered, how much of the way is covered, and how alike the two
read (rapidfuzz). The score is between 0 and 1; gates on it and on the margin decide what is done with it.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from heapq import nlargest

from rapidfuzz.fuzz import ratio

from bot.knowledge.lexicon import Lexicon, Reading

CANDIDATES = 16  # entries compared way by way
KEPT = 4096  # questions whose hits are kept
_COMMON = 0.12  # a token that stands in a larger share of the entries finds none by itself
BODY = 0.35  # a word found only in the answer counts this much of one found in a question
UNKNOWN = 1.15  # rarity of a word that no entry knows, relative to the rarest known one
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


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry that may answer. ``way`` is the way of asking that came closest; ``features`` explain the score."""

    id: str
    score: float
    way: str
    features: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document as it is compared: the readings of its ways of asking, and the tokens of its answer.

    Making these takes seconds for a thousand entries, so they are kept between starts (see ``store``).
    """

    id: str
    topic: str
    ways: tuple[tuple[str, Reading], ...]
    told: frozenset[str]


def prepare(document: Document, lexicon: Lexicon) -> Prepared:
    """Read a document."""
    ways = tuple((way, lexicon.read(way)) for way in (document.title, *document.questions))
    return Prepared(document.id, document.topic, ways, lexicon.words_of(document.answer))


class Index:
    """The index over all entries; made once for the loaded content, shared by all threads, never changed."""

    def __init__(self, documents: Sequence[Prepared], lexicon: Lexicon, weights: Weights | None = None) -> None:
        self._lexicon = lexicon
        self._weights = weights or Weights()
        self._documents = documents
        postings: defaultdict[str, list[int]] = defaultdict(list)
        for number, document in enumerate(documents):
            for token in {token for _, reading in document.ways for token in reading.tokens}:
                postings[token].append(number)
        size = max(len(documents), 1)
        self._rarity = {token: math.log(1 + size / len(found)) for token, found in postings.items()}
        self._unknown = UNKNOWN * math.log(1 + size)
        self._postings = dict(postings)
        self._everywhere = {token: frozenset(found) for token, found in postings.items() if len(found) > size * _COMMON}
        self._kinds = [self._kinds_of(document) for document in documents]
        self._ways = [
            [(way, reading.text, frozenset(reading.tokens), self._mass(reading)) for way, reading in d.ways]
            for d in documents
        ]
        self.compared = lru_cache(maxsize=KEPT)(self._compared)
        self._numbers = {document.id: number for number, document in enumerate(documents)}

    def _mass(self, reading: Reading) -> float:
        return sum(w * self._rarity.get(t, self._unknown) for t, w in reading.tokens.items()) or 1e-9

    def _kinds_of(self, document: Prepared) -> tuple[frozenset[str], ...]:
        """For each group of rivals, those that the entry is about: named by its title or by a third of its ways."""
        texts = [reading.text for _, reading in document.ways]
        return tuple(
            frozenset(
                kind for kind in group if kind in texts[0] or sum(kind in text for text in texts) * 3 >= len(texts)
            )
            for group in self._lexicon.words.rivals
        )

    def _rival(self, number: int, text: str) -> bool:
        for group, about in zip(self._lexicon.words.rivals, self._kinds[number], strict=True):
            if about and not any(kind in text for kind in about) and any(kind in text for kind in group):
                return True
        return False

    def search(self, question: str, limit: int = 5, prefer: Mapping[str, float] | None = None) -> list[Hit]:
        """The entries that come closest, best first. ``prefer`` adds to the score of entries by id or by topic."""
        hits = self.compared(question)
        if prefer:
            hits = tuple(self._preferred(hit, prefer) for hit in hits)
            return sorted(hits, key=lambda hit: hit.score, reverse=True)[:limit]
        return list(hits[:limit])

    def _compared(self, question: str) -> tuple[Hit, ...]:
        """All candidates for a question, best first. Many people ask the same, so the last few thousand are kept."""
        reading = self._lexicon.read(question)
        if not reading.tokens:
            return ()
        weights = {t: w * self._rarity.get(t, self._unknown) for t, w in reading.tokens.items()}
        mass = sum(weights.values())
        best = self._candidates(weights)
        asked = frozenset(weights)
        hits = (self._compare(number, reading, weights, asked, mass) for number in best)
        return tuple(sorted(hits, key=lambda hit: hit.score, reverse=True))

    def compare(self, question: str, ids: Iterable[str]) -> list[Hit]:
        """These entries as hits for a question, whether or not their words would find them."""
        reading = self._lexicon.read(question)
        weights = {t: w * self._rarity.get(t, self._unknown) for t, w in reading.tokens.items()}
        mass, asked = sum(weights.values()) or 1e-9, frozenset(weights)
        return [self._compare(self._numbers[id], reading, weights, asked, mass) for id in ids]

    def _candidates(self, weights: Mapping[str, float]) -> list[int]:
        """The entries that share most with the question. Words that stand in very many entries find none by themselves."""
        found: defaultdict[int, float] = defaultdict(float)
        for token, weight in weights.items():
            if token not in self._everywhere:
                for number in self._postings.get(token, ()):
                    found[number] += weight
        few = len(found) < CANDIDATES
        for token in weights.keys() & self._everywhere.keys():
            numbers = self._everywhere[token]
            for number in numbers if few else numbers & found.keys():
                found[number] += weights[token]
        return nlargest(CANDIDATES, found, key=found.__getitem__)

    def _preferred(self, hit: Hit, prefer: Mapping[str, float]) -> Hit:
        topic = self._documents[self._numbers[hit.id]].topic
        bonus = max(prefer.get(hit.id, 0.0), prefer.get(topic, 0.0))
        return Hit(hit.id, min(1.0, hit.score + bonus), hit.way, {**hit.features, "context": bonus}) if bonus else hit

    def _compare(
        self, number: int, reading: Reading, weights: Mapping[str, float], asked: frozenset[str], mass: float
    ) -> Hit:
        best, best_way, best_both, best_alike = -1.0, "", 0.0, 0.0
        shared: frozenset[str] = frozenset()
        weigh = weights.__getitem__
        for way, text, tokens, other_mass in self._ways[number]:
            met = asked & tokens
            shared |= met
            both = 2 * sum(map(weigh, met)) / (mass + other_mass)
            alike = ratio(reading.text, text) / 100
            score = self._weights.both * both + self._weights.alike * alike
            if score > best:
                best, best_way, best_both, best_alike = score, way, both, alike
        told = (asked & self._documents[number].told) - shared
        entry = (sum(map(weigh, shared)) + BODY * sum(map(weigh, told))) / mass
        _, _, tokens, other_mass = self._ways[number][0]
        title = 2 * sum(map(weigh, asked & tokens)) / (mass + other_mass)
        score = best + self._weights.entry * min(1.0, entry) + self._weights.title * title
        rival = self._rival(number, reading.text)
        if rival:
            score *= RIVAL
        features = {"both": best_both, "entry": entry, "alike": best_alike, "title": title, "rival": float(rival)}
        return Hit(self._documents[number].id, score, best_way, features)

    def closeness(self, question: str, ids: Iterable[str]) -> dict[str, float]:
        """How close (0 to 1) each of these entries comes to a question, whether or not the search would look at it."""
        reading = self._lexicon.read(question)
        weights = {t: w * self._rarity.get(t, self._unknown) for t, w in reading.tokens.items()}
        mass, asked = sum(weights.values()) or 1e-9, frozenset(weights)
        return {id: self._compare(self._numbers[id], reading, weights, asked, mass).score for id in ids}

    def share(self, id: str, text: str) -> float:
        """The share (0 to 1) of the weight of ``text`` that an entry's ways of asking hold; its answer counts less."""
        number = self._numbers[id]
        reading = self._lexicon.read(text)
        asked = {token for way in self._ways[number] for token in way[2]}
        told = self._documents[number].told
        held = sum(
            w * self._rarity.get(t, self._unknown) * (1.0 if t in asked else BODY if t in told else 0.0)
            for t, w in reading.tokens.items()
        )
        return held / self._mass(reading) if reading.tokens else 0.0

    def unknown(self, question: str) -> float:
        """The share (0 to 1) of a question's weight in words that no way of asking has."""
        reading = self._lexicon.read(question)
        strange = sum(w for t, w in reading.tokens.items() if t not in self._postings) * self._unknown
        return strange / self._mass(reading) if reading.tokens else 1.0

    def explain(self, question: str) -> dict[str, float]:
        """The tokens of a question and what each weighs here."""
        reading = self._lexicon.read(question)
        return {t: round(w * self._rarity.get(t, self._unknown), 2) for t, w in reading.tokens.items()}
