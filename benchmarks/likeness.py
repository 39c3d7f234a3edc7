"""Fits the weights of ``bot/helpdesk/likeness.py``, never on the held-out questions, and measures the groups.

    python -m benchmarks.likeness [--meaning]

A logistic regression over all pairs of the fitted half; for some thresholds the precision and recall of pairs in the groups
of both halves (``tests/helpdesk/likeness_*.txt``).
"""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.helpdesk.gist import Gists, read_table
from bot.helpdesk.likeness import LEAST, Likeness, Rarity, chances, cluster
from bot.knowledge.store import open_library
from bot.settings import cache_folder

DAY = date(2026, 11, 22)
ROOT = Path(__file__).parent.parent
RIDGE, STEPS, SMALL = 1.0, 100, 1e-8
Floats = NDArray[np.float64]


def read_questions(half: str) -> tuple[list[str], list[int]]:
    """The questions of a half, and the number of the group of each."""
    path = ROOT / "tests" / "helpdesk" / f"likeness_{half}.txt"
    groups = [line.split("｜") for line in path.read_text(encoding="utf-8").splitlines() if line and line[0] != "#"]
    return [q for group in groups for q in group], [n for n, group in enumerate(groups) for _ in group]


def open_likeness() -> Likeness:
    library = open_library(ROOT / "content", DAY, cache_folder(), meaning=False)
    table, _ = read_table(ROOT / "content", library.lexicon.words)
    gists = Gists(table, library.lexicon)
    titles = (way for ways in library.ways().values() for way in ways[:2])
    return Likeness(gists, Rarity.of(titles, gists), lambda q: {hit.id: hit.score for hit in library.hits(q, DAY, 16)})


def figures(groups: list[list[int]], key: list[int]) -> tuple[float, float]:
    """Precision and recall of the pairs that stand in one group."""
    found = {(a, b) for group in groups for a in group for b in group if a < b}
    wanted = sum(n * (n - 1) // 2 for n in np.bincount(key).tolist())
    right = sum(key[a] == key[b] for a, b in found)
    return right / max(len(found), 1), right / wanted


def fit(rows: Floats, wanted: Floats) -> tuple[float, Floats]:
    """A logistic regression by Newton's method, each step shortened until it helps."""
    mean, scale = rows.mean(0), rows.std(0) + 1e-9
    x = np.hstack([np.ones((len(rows), 1)), (rows - mean) / scale])
    ridge = np.r_[0.0, np.full(rows.shape[1], RIDGE)]
    b = np.zeros(x.shape[1])

    def loss(b: Floats) -> float:
        z = x @ b
        return float((np.logaddexp(0, z) - wanted * z).sum() + (ridge * b * b).sum() / 2)

    for _ in range(STEPS):
        p = 1 / (1 + np.exp(-np.clip(x @ b, -30, 30)))
        step = np.linalg.solve(
            (x * (p * (1 - p))[:, None]).T @ x + np.diag(ridge + 1e-6), x.T @ (p - wanted) + ridge * b
        )
        before, length = loss(b), 1.0
        while loss(b - length * step) > before and length > SMALL:
            length /= 2
        b = b - length * step
        if before - loss(b) < SMALL:
            break
    weights = b[1:] / scale
    return float(b[0] - weights @ mean), weights


def main() -> None:
    judge = open_likeness()
    encode = None
    if "--meaning" in sys.argv:
        from bot.knowledge.meaning import load_encoder

        encode = load_encoder()
    halves = {}
    for half in ("fitted", "heldout"):
        questions, key = read_questions(half)
        vectors = None if encode is None else np.stack([encode(question) for question in questions])
        halves[half] = (questions, key, judge.features(questions, vectors))
    questions, key, features = halves["fitted"]
    upper = np.triu_indices(len(questions), 1)
    wanted = (np.array(key)[:, None] == np.array(key)[None])[upper]
    near = features["shared"][upper] > LEAST
    rows = np.stack([feature[upper][near] for feature in features.values()], 1).astype(np.float64)
    bias, weights = fit(rows, wanted[near].astype(np.float64))
    print(f"BIAS = {bias:.3f}")
    print({name: round(float(weight), 3) for name, weight in zip(features, weights, strict=True)})
    for half, (_, key, features) in halves.items():
        found = chances(features, bias, {name: float(w) for name, w in zip(features, weights, strict=True)})
        for same in (0.2, 0.25, 0.3, 0.35, 0.4, 0.5):
            precision, recall = figures(cluster(found, same), key)
            print(f"{half} {len(key)} same={same}: precision {precision:.3f} recall {recall:.3f}")


if __name__ == "__main__":
    main()
