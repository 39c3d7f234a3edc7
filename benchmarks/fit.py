"""Fits the weights of ``bot/knowledge/confidence.py`` on the training questions (never on the held-out ones).

    python -m benchmarks.fit

For each training question the best hit is right (its entry holds the facts and cites the article) or not; for each
message out of scope any answer is wrong (also for those that a rule of ``content/intents`` would have caught: the rules
were written beside these very messages, so that what slips past them elsewhere would be missing here; they count half).
A logistic regression on the evidence gives the
weights; printed beside them: the share right by band of confidence, and what each threshold would do.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np

from bot.knowledge.confidence import Evidence, confidence
from bot.knowledge.evaluation import Row, due, has_cited, has_facts
from bot.knowledge.library import Library

DAY = date(2026, 11, 22)
ROOT = Path(__file__).parent.parent
QUESTIONS = ROOT / "tests" / "questions"
STEPS, RATE, RIDGE = 4000, 0.3, 1e-3
OUTSIDE = 0.5


def rows(pattern: str) -> Iterator[Row]:
    for path in sorted(QUESTIONS.glob(pattern)):
        for line in path.read_text(encoding="utf-8").splitlines():
            yield json.loads(line)


def is_right(row: Row, library: Library, id: str) -> bool:
    entry = library.content.entries[id]
    text = "\n".join(entry.text_on(DAY, library.content.figures))
    return has_facts(row, text) and has_cited(row, library.cite(entry, DAY), library.content.laws)


def main() -> None:
    content = ROOT / "content"
    library = Library.open(content, DAY)
    evidence: list[Evidence] = []
    right: list[bool] = []
    outside = 0
    for row in rows("train_in_scope*.jsonl"):
        hits = library.hits(row["question"], DAY)
        if hits:
            evidence.append(library.evidence(row["question"], hits))
            right.append(is_right(due(row, DAY), library, hits[0].id))
    for row in rows("train_out_of_scope.jsonl"):
        said = row["message"]
        hits = library.hits(said, DAY)
        if hits and library.lexicon.names_something(said):
            evidence.append(library.evidence(said, hits))
            right.append(False)
            outside += 1
    x = np.array([e.features() for e in evidence])
    y = np.array(right, dtype=float)
    counts = np.r_[np.ones(len(y) - outside), np.full(outside, OUTSIDE)]
    mean, spread = x.mean(0), x.std(0) + 1e-9
    z = np.c_[np.ones(len(x)), (x - mean) / spread]
    w = np.zeros(z.shape[1])
    for _ in range(STEPS):
        p = 1 / (1 + np.exp(-z @ w))
        w -= RATE * (z.T @ ((p - y) * counts) / counts.sum() + RIDGE * np.r_[0, w[1:]])
    slopes = w[1:] / spread
    print(f"{len(y)} rows, {int(y.sum())} right")
    print("BIAS =", round(float(w[0] - slopes @ mean), 3))
    print("WEIGHTS =", tuple(round(float(s), 3) for s in slopes))
    now = np.array([confidence(e) for e in evidence])
    for name, p in (("fitted", 1 / (1 + np.exp(-z @ w))), ("in use", now)):
        print(f"-- {name}")
        for low in np.arange(0, 1, 0.1):
            band = (p >= low) & (p < low + 0.1 + (low > 0.85))
            print(f"  {low:.1f}: {int(y[band].sum())}/{int(band.sum())} right")
        for threshold in (0.3, 0.4, 0.5, 0.6, 0.7):
            told = p >= threshold
            print(
                f"  answer from {threshold}: {int(y[told].sum())} right, {int((1 - y[told]).sum())} wrong, "
                f"of these {int(told[len(told) - outside :].sum())} out of scope; {int(y[~told].sum())} withheld"
            )


if __name__ == "__main__":
    main()
