"""Fits the weights of ``bot/knowledge/blending.py`` on the training questions (never on the held-out ones).

    ipbot content vectors && python -m benchmarks.fit_meaning

First the order: of the candidates of words and meaning the right ones should stand above the others (a logistic choice
among them). Then the confidence in the first: a logistic regression, with messages out of scope, whose every answer is
wrong, counting half as in ``benchmarks/fit.py``. The figures printed come from questions that took no part in their own
weights (five folds); the weights printed at the end come from all.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from bot.knowledge.blending import ASK, NEAREST, Blend, blend, order_features
from bot.knowledge.meaning import Nearness
from numpy.typing import NDArray

from benchmarks.fit import DAY, OUTSIDE, ROOT, is_right, rows
from bot.knowledge import blending
from bot.knowledge.confidence import confidence
from bot.knowledge.evaluation import Row, due
from bot.knowledge.library import Library
from bot.knowledge.matching import Hit
from bot.settings import cache_folder

Vector = NDArray[np.float64]
FOLDS, RIDGE_ORDER, RIDGE = 5, 0.01, 0.003
THRESHOLDS = (0.3, 0.4, 0.5, 0.55, 0.6, 0.7, 0.8)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with all its candidates, which of them are right, and how sure the words are of theirs."""

    hits: tuple[Hit, ...]
    nearness: Nearness
    right: frozenset[str]
    unknown: float
    grounded: bool
    words: tuple[str, ...]
    meaning: tuple[str, ...]
    sure: float
    inside: bool

    def blend(self, order: Sequence[float]) -> Blend:
        found = blend(self.hits, self.nearness, order)
        assert found
        return found


class Reading:
    """The library with its vectors, and how long it takes to read a question."""

    def __init__(self) -> None:
        content = ROOT / "content"
        self.library = Library.open(content, DAY).with_meaning(content, cache_folder())
        self.seconds = 0.0
        meaning = self.library.meaning
        if meaning is None or meaning.state()[0] != meaning.state()[1]:
            sys.exit("the extra “meaning” and its vectors are needed: ipbot content vectors")

    def asked(self, said: str, row: Row | None) -> Asked | None:
        """None where the library is not asked or finds nothing."""
        library = self.library
        assert library.meaning
        if not library.lexicon.names_something(said):
            return None
        begun = time.process_time()
        nearness = library.meaning.read(library.lexicon.mended(said))
        self.seconds += time.process_time() - begun
        assert nearness
        both = library.blend(said, DAY, nearness)
        if both is None:
            return None
        words = library.hits(said, DAY)
        near = [id for id, _ in nearness.best(2 * NEAREST) if library.content.entries[id].holds_on(DAY)]
        return Asked(
            hits=both.hits,
            nearness=nearness,
            right=frozenset(h.id for h in both.hits if row and is_right(due(row, DAY), library, h.id)),
            unknown=library.index.unknown(said),
            grounded=bool(library.lexicon.terms_in(library.lexicon.read(said).text)),
            words=tuple(h.id for h in words),
            meaning=tuple(near),
            sure=confidence(library.evidence(said, words)) if words else 0.0,
            inside=row is not None,
        )

    def all(self, half: str) -> list[Asked]:
        """The questions of one half (``train`` or ``heldout``), those out of scope last."""
        asked = [self.asked(row["question"], row) for row in rows(f"{half}_in_scope*.jsonl")]
        asked += [self.asked(row["message"], None) for row in rows(f"{half}_out_of_scope.jsonl")]
        return [one for one in asked if one]


# -- fitting -------------------------------------------------------------------------------------------------


def fit_order(asked: Iterable[Asked]) -> Vector:
    """The weights that put right candidates first."""
    choices = [
        (np.array([order_features(h, a.nearness) for h in a.hits]), np.array([h.id in a.right for h in a.hits]))
        for a in asked
        if a.right and len(a.right) < len(a.hits)
    ]
    spread = np.concatenate([x for x, _ in choices]).std(0) + 1e-9
    w, speed = np.zeros(len(spread)), np.zeros(len(spread))
    for _ in range(300):
        slope = RIDGE_ORDER * w
        for x, right in choices:
            z = x / spread @ w
            p = np.exp(z - z.max())
            p /= p.sum()
            wanted = p * right / max((p * right).sum(), 1e-12)
            slope -= (x / spread).T @ (wanted - p) / len(choices)
        speed = 0.9 * speed + slope
        w -= 0.1 * speed
    return w / spread


def fit_confidence(asked: Sequence[Asked], order: Sequence[float]) -> Vector:
    """Bias and weights of the confidence in the first candidate."""
    blends = [a.blend(order) for a in asked]
    x = np.array([b.features(a.unknown, a.grounded) for a, b in zip(asked, blends, strict=True)])
    y = np.array([b.hits[0].id in a.right for a, b in zip(asked, blends, strict=True)], dtype=float)
    counts = np.array([1.0 if a.inside else OUTSIDE for a in asked])
    mean, spread = x.mean(0), x.std(0) + 1e-9
    z = np.c_[np.ones(len(x)), (x - mean) / spread]
    w = np.zeros(z.shape[1])
    free = np.r_[0.0, np.ones(x.shape[1])]
    for _ in range(40):  # Newton
        p = 1 / (1 + np.exp(-z @ w))
        slope = z.T @ ((p - y) * counts) / counts.sum() + RIDGE * free * w
        bend = (
            (z * (p * (1 - p) * counts)[:, None]).T @ z / counts.sum() + RIDGE * np.diag(free) + 1e-9 * np.eye(len(w))
        )
        w -= np.linalg.solve(bend, slope)
    slopes = w[1:] / spread
    return np.r_[w[0] - slopes @ mean, slopes]


def probability(asked: Asked, both: Blend, weights: Vector) -> float:
    x = np.array(both.features(asked.unknown, asked.grounded))
    return float(1 / (1 + np.exp(-(weights[0] + x @ weights[1:]))))


Judge = Callable[[Asked], tuple[float, tuple[str, ...]]]


def by_words(asked: Asked) -> tuple[float, tuple[str, ...]]:
    return asked.sure, asked.words


def by_both(order: Sequence[float], weights: Vector, ask: float, asked: Asked) -> tuple[float, tuple[str, ...]]:
    """As the library does: the words where they are sure."""
    if asked.sure >= ask:
        return by_words(asked)
    both = asked.blend(order)
    return probability(asked, both, weights), tuple(h.id for h in both.hits)


# -- figures -------------------------------------------------------------------------------------------------


def told(name: str, judged: Sequence[tuple[Asked, float, tuple[str, ...]]]) -> None:
    """Print what an answer from each threshold on would give, and whether the score means something."""
    sure = np.array([p for _, p, _ in judged])
    right = np.array([bool(ids) and ids[0] in a.right for a, _, ids in judged])
    inside = np.array([a.inside for a, _, _ in judged])
    print(f"-- {name}")
    for threshold in THRESHOLDS:
        given = sure >= threshold
        print(
            f"  answer from {threshold}: {int((given & right).sum())} right, {int((given & ~right).sum())} wrong, "
            f"of these {int((given & ~inside).sum())} out of scope; {int((~given & inside).sum())} in scope withheld"
        )
    order = np.argsort(-sure, kind="stable")
    wrong, fine = np.cumsum(~right[order]), np.cumsum(right[order])
    print("  right with at most so many wrong:", {n: int(fine[wrong <= n].max()) for n in (5, 10, 20, 30, 40)})
    bands = [(sure >= low / 10) & (sure < low / 10 + 0.1 + (low == 9)) for low in range(10)]
    print("  right by band of confidence:", " ".join(f"{int(right[b].sum())}/{int(b.sum())}" for b in bands))


def first_and_among(asked: Sequence[Asked], ids: Callable[[Asked], tuple[str, ...]]) -> str:
    mine = [(ids(a), a.right) for a in asked if a.inside]
    first = sum(found[:1] != () and found[0] in right for found, right in mine) / len(mine)
    return f"first {first:.1%}, among five {sum(bool(right & set(found[:5])) for found, right in mine) / len(mine):.1%}"


def in_folds(asked: Sequence[Asked], ask: float) -> list[tuple[Asked, float, tuple[str, ...]]]:
    """Each question judged with weights from the other folds."""
    fold = np.random.default_rng(0).permutation(len(asked)) % FOLDS
    judged: list[tuple[Asked, float, tuple[str, ...]]] = []
    for part in range(FOLDS):
        others = [a for a, f in zip(asked, fold, strict=True) if f != part]
        order = [float(w) for w in fit_order(others)]
        judge: Judge = partial(by_both, order, fit_confidence(others, order), ask)
        judged += [(a, *judge(a)) for a, f in zip(asked, fold, strict=True) if f == part]
    return judged


def show(asked: Sequence[Asked], judged: Sequence[tuple[Asked, float, tuple[str, ...]]], name: str) -> None:
    both = {id(a): ids for a, _, ids in judged}
    print("words alone:  ", first_and_among(asked, lambda a: a.words))
    print("meaning alone:", first_and_among(asked, lambda a: a.meaning))
    print("both:         ", first_and_among(asked, lambda a: both[id(a)]))
    inside = [a for a in asked if a.inside]
    share = sum(a.sure < ASK for a in inside) / len(inside)
    print(f"words are surer than {ASK} of all but {share:.1%} of the questions in scope")
    told("words alone", [(a, *by_words(a)) for a in asked])
    told(name, judged)


def main() -> None:
    reading = Reading()
    if sys.argv[1:] == ["--held-out"]:
        asked = reading.all("heldout")
        in_use = np.array([blending.BIAS, *blending.WEIGHTS])
        show(asked, [(a, *by_both(blending.ORDER, in_use, ASK, a)) for a in asked], "words and meaning, in use")
        return
    asked = reading.all("train")
    print(
        f"{len(asked)} rows, {sum(a.inside for a in asked)} in scope; {1000 * reading.seconds / len(asked):.0f} ms to read"
    )
    show(asked, in_folds(asked, ASK), "words and meaning, in folds")
    for ask in (0.7, 0.8, 0.95, 1.01):
        told(f"asked where words are below {ask}", in_folds(asked, ask))
    order = [round(float(w), 2) for w in fit_order(asked)]
    weights = fit_confidence(asked, order)
    print("ORDER =", tuple(order))
    print("BIAS =", round(float(weights[0]), 3))
    print("WEIGHTS =", tuple(round(float(w), 3) for w in weights[1:]))


if __name__ == "__main__":
    main()
