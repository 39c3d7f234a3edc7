"""How sure the search may be: from the evidence for its best hit to the probability that it answers the question.

Words first, meaning second: where words alone are not sure, the closeness by meaning is blended in, and the evidence is
weighed anew. All weights are fitted by ``benchmarks/fit.py`` on the training questions; the score then means something: of
the answers given with 0.8, about eight in ten are right.
"""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Weighing:
    """How the features of the evidence add up, and what is made of it: an answer from the probability ``sure`` on,
    unless the lead is smaller than ``tie``, which is none."""

    bias: float
    weights: tuple[float, ...]
    sure: float
    tie: float


WORDS = Weighing(-2.121, (6.708, 27.42, -2.942, 1.88, -6.28, 1.472, -0.789), sure=0.55, tie=0.012)
BOTH = Weighing(-4.314, (8.386, 26.276, -2.5, 1.366, -4.955, 3.126, -1.367), sure=0.6, tie=0.006)
MOST_MARGIN = 0.15  # a larger lead says no more

ASK = 0.9  # words that are less sure than this ask for the meaning
NEAR = 0.15  # choices are offered from here on

_FLOOR = 0.8  # the cosine of two sentences that have nothing in common
SHARES = (0.41, 0.25, 0.34)  # of the words, the closest way, and the closest three in the blended score


@dataclass(frozen=True, slots=True)
class Likeness:
    """How near an entry is to a question by meaning: the cosine of its closest way of asking, the mean of its three
    closest ones, and its rank among all entries."""

    closest: float
    near: float
    rank: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for the best hit.

    ``score`` its closeness (0 to 1), ``margin`` its lead over the next, ``unknown`` the share of the question's weight
    in words that no entry knows, ``grounded`` whether the question names a thing of the field;
    ``both``, ``covered``, ``alike`` the features of the hit (see ``matching``). ``weighing`` says whether the score is
    that of words alone or blended.
    """

    score: float
    margin: float
    unknown: float
    grounded: bool
    both: float
    covered: float
    alike: float
    weighing: Weighing = WORDS

    def features(self) -> tuple[float, ...]:
        return (
            self.score,
            min(self.margin, MOST_MARGIN),
            self.unknown,
            float(self.grounded),
            self.both,
            min(self.covered, 1.0),
            self.alike,
        )


def confidence(evidence: Evidence) -> float:
    """The probability (0 to 1) that the best hit answers the question."""
    weighing = evidence.weighing
    total = weighing.bias + sum(w * x for w, x in zip(weighing.weights, evidence.features(), strict=True))
    return 1 / (1 + math.exp(-total))


def above_floor(cosine: float) -> float:
    """A cosine as closeness from 0 (nothing in common) to 1."""
    return min(1.0, max(0.0, (cosine - _FLOOR) / (1 - _FLOOR)))


def blend(words: float, likeness: Likeness) -> float:
    """The closeness (0 to 1) of an entry by words and by meaning together."""
    return sum(
        share * part
        for share, part in zip(SHARES, (words, above_floor(likeness.closest), above_floor(likeness.near)), strict=True)
    )
