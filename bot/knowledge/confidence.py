"""How sure the matcher may be: from the evidence for its best hit to the probability that it answers the question.

The weights are fitted by ``benchmarks/fit.py`` on the training questions; the score then means something: of the
answers given with 0.8, about eight in ten are right.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

BIAS = -2.121
WEIGHTS = (6.708, 27.42, -2.942, 1.88, -6.28, 1.472, -0.789)
MOST_MARGIN = 0.15  # a larger lead says no more

SURE, NEAR = 0.55, 0.15  # answer from, offer choices from
TIE = 0.012  # a lead so small is none


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for the best hit.

    ``score`` its closeness (0 to 1), ``margin`` its lead over the next, ``unknown`` the share of the question's weight
    in words that no entry knows, ``grounded`` whether the question names a thing of the field;
    ``both``, ``covered``, ``alike`` the features of the hit (see ``matching``).
    """

    score: float
    margin: float
    unknown: float
    grounded: bool
    both: float
    covered: float
    alike: float

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
    return 1 / (1 + math.exp(-(BIAS + sum(w * x for w, x in zip(WEIGHTS, evidence.features(), strict=True)))))
