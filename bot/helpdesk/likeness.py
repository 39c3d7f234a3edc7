"""Which questions want the same answer: how likely two of them do, and groups of them.

Pure: questions in, groups out. A pair is judged by what both are about (:mod:`bot.helpdesk.gist`), weighed by how rare it
is; by what only one of them is about; by the entries of the library that come close to both; and, where vectors are at
hand, by meaning. The weights are fitted by ``benchmarks/likeness.py`` on one half of the questions in ``tests/helpdesk``.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.fuzz import ratio
from rapidfuzz.process import cdist

from bot.helpdesk.gist import Gist, Gists

Matrix = NDArray[np.float32]
Near = Callable[[str], Mapping[str, float]]  # the entries that come close to a question, with their scores

SAME = 0.4  # groups are joined while the mean probability between their questions is at least this
LEAST = 0.02  # questions that share less than this are never the same
_ENOUGH = 2.5  # what is shared beyond this says no more
_FAR = 0.2  # entries with a smaller score do not come close

BIAS = -8.968
WEIGHTS: Mapping[str, float] = {
    "dice": 6.872,
    "shorter_covered": 0.885,
    "longer_covered": -3.132,
    "shared": 4.035,
    "rarest": 5.524,
    "left": -0.359,
    "left_over": 0.119,
    "apart": -1.634,
    "missing": -0.641,
    "extra": -0.117,
    "swapped": -0.519,
    "same_aspect": 1.96,
    "other_aspect": -7.178,
    "one_aspect": -3.261,
    "other_weak_aspect": -5.741,
    "rivals": -5.268,
    "alike": 0.81,
    "entries": 1.152,
    "same_entry": 0.655,
}
BIAS_WITH_MEANING = -10.847
WEIGHTS_WITH_MEANING: Mapping[str, float] = {
    "dice": 4.339,
    "shorter_covered": 0.274,
    "longer_covered": -2.091,
    "shared": 3.695,
    "rarest": 5.875,
    "left": -0.466,
    "left_over": 0.067,
    "apart": -2.088,
    "missing": -0.7,
    "extra": -0.171,
    "swapped": -0.676,
    "same_aspect": 1.562,
    "other_aspect": -6.842,
    "one_aspect": -3.217,
    "other_weak_aspect": -5.522,
    "rivals": -5.174,
    "alike": -2.321,
    "entries": 1.025,
    "same_entry": 0.649,
    "meaning": 7.438,
}


@dataclass(frozen=True, slots=True)
class Rarity:
    """How rare things are: in how many of ``size`` texts of the content each stands."""

    counts: Mapping[str, int]
    size: int

    @classmethod
    def of(cls, texts: Iterable[str], gists: Gists) -> Rarity:
        """From the titles of the entries and their like."""
        every = list(texts)
        return cls(Counter(thing for text in every for thing in gists.read(text).things), len(every))

    def weighed(self, gists: Sequence[Gist]) -> list[dict[str, float]]:
        """The things of each question with their weights; what many of these questions have weighs less, too."""
        own = Counter(thing for gist in gists for thing in gist.things)
        size = 2 + self.size + len(gists)
        rare = {thing: math.log(size / (1 + self.counts.get(thing, 0) + count)) for thing, count in own.items()}
        return [{t: kind * max(rare[t], 0.0) / math.log(size) for t, kind in gist.things.items()} for gist in gists]


class Likeness:
    """Judges questions. Shared by all threads and never changed."""

    def __init__(self, gists: Gists, rarity: Rarity, near: Near) -> None:
        self._gists = gists
        self._rarity = rarity
        self._near = near

    def groups(self, questions: Sequence[str], vectors: Matrix | None = None, same: float = SAME) -> list[list[int]]:
        """The numbers of the questions, those that want the same answer together; in order of their first.

        ``vectors`` (a row of length one each) are compared as well, if there are any.
        """
        return cluster(self.chances(questions, vectors), same) if questions else []

    def chances(self, questions: Sequence[str], vectors: Matrix | None = None) -> Matrix:
        """The probability that each two of ``questions`` want the same answer."""
        features = self.features(questions, vectors)
        if vectors is None:
            return chances(features, BIAS, WEIGHTS)
        return chances(features, BIAS_WITH_MEANING, WEIGHTS_WITH_MEANING)

    def features(self, questions: Sequence[str], vectors: Matrix | None = None) -> dict[str, Matrix]:
        """What speaks for and against each two questions being the same, a square of numbers each."""
        gists = [self._gists.read(question) for question in questions]
        return {
            **_things(self._rarity.weighed(gists)),
            **self._deciding(gists),
            **self._aspects(gists),
            "rivals": self._rivals(gists),
            "alike": _alike(gists),
            **self._entries(questions),
            **({} if vectors is None else {"meaning": np.clip((vectors @ vectors.T - 0.8) * 5, -1, 1)}),
        }

    def _deciding(self, gists: Sequence[Gist]) -> dict[str, Matrix]:
        """How many concepts that change a question only one of two has, and how many each has that the other lacks."""
        decisive = self._gists.table.decisive
        held = _incidence([{t[1:] for t in gist.things if t[0] == "="} & decisive for gist in gists])
        only = held.sum(1)[:, None] - held @ held.T
        return {"extra": np.minimum(np.maximum(only, only.T), 2), "swapped": np.minimum(np.minimum(only, only.T), 2)}

    def _aspects(self, gists: Sequence[Gist]) -> dict[str, Matrix]:
        weak = self._gists.table.weak
        same, other, one = _shared_or_not([gist.aspects - weak for gist in gists])
        return {
            "same_aspect": same,
            "other_aspect": other,
            "one_aspect": one,
            "other_weak_aspect": _shared_or_not([gist.aspects & weak for gist in gists])[1],
        }

    def _rivals(self, gists: Sequence[Gist]) -> Matrix:
        """Whether two questions name different ones of a group of rivals: a patent, a trade mark."""
        apart = np.zeros((len(gists), len(gists)), np.float32)
        read = [self._gists.lexicon.canonical(gist.text)[0] for gist in gists]
        for group in self._gists.lexicon.words.rivals:
            apart = np.maximum(apart, _shared_or_not([{kind for kind in group if kind in text} for text in read])[1])
        return apart

    def _entries(self, questions: Sequence[str]) -> dict[str, Matrix]:
        """How much the entries that come close to two questions are the same, and whether the closest is."""
        near = [self._near(question) for question in questions]
        numbers = {id: number for number, id in enumerate(dict.fromkeys(id for found in near for id in found))}
        held = np.zeros((len(near), len(numbers) or 1), np.float32)
        for row, found in enumerate(near):
            for id, score in found.items():
                held[row, numbers[id]] = max(score - _FAR, 0.0) ** 2
        lengths = np.linalg.norm(held, axis=1)
        held /= np.where(lengths == 0, 1, lengths)[:, None]
        first = np.array([numbers[max(f, key=f.__getitem__)] if f else -1 - row for row, f in enumerate(near)])
        return {"entries": held @ held.T, "same_entry": (first[:, None] == first[None]).astype(np.float32)}


def chances(features: Mapping[str, Matrix], bias: float, weights: Mapping[str, float]) -> Matrix:
    """The features added up with these weights, as probabilities."""
    total = np.full(features["shared"].shape, bias, np.float32)
    for name, weight in weights.items():
        total += np.float32(weight) * features[name]
    found = 1 / (1 + np.exp(-np.clip(total, -30, 30)))
    return np.where(features["shared"] <= LEAST, 0, found).astype(np.float32)


def _incidence(sets: Sequence[Iterable[str]]) -> Matrix:
    numbers = {name: number for number, name in enumerate(sorted({name for one in sets for name in one}))}
    held = np.zeros((len(sets), len(numbers) or 1), np.float32)
    for row, one in enumerate(sets):
        held[row, [numbers[name] for name in one]] = 1
    return held


def _shared_or_not(sets: Sequence[Iterable[str]]) -> tuple[Matrix, Matrix, Matrix]:
    """Of each two sets: whether they share something; whether both hold something and share nothing; whether one is empty."""
    held = _incidence(sets)
    shared, some = held @ held.T > 0, held.sum(1) > 0
    both, one = some[:, None] & some[None], some[:, None] ^ some[None]
    return shared.astype(np.float32), (both & ~shared).astype(np.float32), one.astype(np.float32)


def _things(weighed: Sequence[Mapping[str, float]]) -> dict[str, Matrix]:
    """What two questions share, and the weightiest thing that each has alone."""
    numbers = {thing: number for number, thing in enumerate(dict.fromkeys(thing for one in weighed for thing in one))}
    size = len(weighed)
    weights = np.zeros((size, len(numbers) or 1), np.float32)
    for row, one in enumerate(weighed):
        weights[row, [numbers[thing] for thing in one]] = list(one.values())
    held = (weights > 0).astype(np.float32)
    shared = weights @ held.T
    mass = weights.sum(1) + 1e-6
    rarest, alone = np.zeros((2, size, size), np.float32)
    for row in range(size):
        own = np.flatnonzero(weights[row])
        if len(own):
            here, there = weights[row, own], held[:, own]
            rarest[row], alone[row] = (here * there).max(1), (here * (1 - there)).max(1)
    rest = mass[:, None] - shared
    shorter = np.where(mass[:, None] <= mass[None], alone, alone.T)
    return {
        "dice": 2 * shared / (mass[:, None] + mass[None]),
        "shorter_covered": shared / np.minimum(mass[:, None], mass[None]),
        "longer_covered": shared / np.maximum(mass[:, None], mass[None]),
        "shared": np.minimum(shared, _ENOUGH) / _ENOUGH,
        "rarest": rarest,
        "left": np.minimum(rest, rest.T),
        "left_over": np.minimum(np.maximum(rest, rest.T), 4),
        "apart": np.minimum(alone, alone.T),
        "missing": shorter,
    }


def _alike(gists: Sequence[Gist]) -> Matrix:
    texts = [gist.text for gist in gists]
    return np.asarray(cdist(texts, texts, scorer=ratio, dtype=np.float32) / 100, np.float32)


def cluster(chances: Matrix, same: float) -> list[list[int]]:
    """Groups by average linkage: the two whose mean chance is highest become one, while it is at least ``same``."""
    mean = chances.astype(np.float64)
    np.fill_diagonal(mean, -1)
    members: dict[int, list[int]] = {row: [row] for row in range(len(mean))}
    best = mean.max(1, initial=-1)
    while len(members) > 1:
        one = int(best.argmax())
        if best[one] < same:
            break
        other = int(mean[one].argmax())
        ours, theirs = len(members[one]), len(members[other])
        stale = [row for row in members if best[row] <= max(mean[row, one], mean[row, other])]
        mean[one] = mean[:, one] = (mean[one] * ours + mean[other] * theirs) / (ours + theirs)
        mean[one, one] = mean[other] = mean[:, other] = -1
        members[one] += members.pop(other)
        best[other] = -1
        best = np.maximum(best, np.where(best >= 0, mean[one], -1))
        for row in {one, *stale} & members.keys():
            best[row] = mean[row].max()
    return sorted((sorted(group) for group in members.values()), key=lambda group: group[0])
