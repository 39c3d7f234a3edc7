"""Fits the weights of ``bot/knowledge/confidence.py``, never on the held-out questions.

    python -m benchmarks.fit

``SHARES``, how words and meaning are blended: a conditional logit over the candidates for the training questions, and for
one way of asking of each entry that is taken out of the content and asked. The training questions alone cannot tell this,
for their words have found their way into the content, so that words look better there than they are.

``WORDS`` and ``BOTH``, the confidence: for each training question the best hit is right (its entry holds the facts and
cites the article) or not; for each message out of scope any answer is wrong (also for those that a rule of
``content/intents`` would have caught: the rules were written beside these very messages, so that what slips past them
elsewhere would be missing here; they count half). A logistic regression on the evidence gives the weights; printed beside
them, from ten-fold cross-validation: the share right by band of confidence, and what each threshold would do.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from bot.knowledge.confidence import ASK, BOTH, SHARES, WORDS, Weighing, above_floor
from bot.knowledge.evaluation import Row, due, has_cited, has_facts
from bot.knowledge.library import Judged, Library, PreparedContent, prepare_content
from bot.knowledge.meaning import Meaning
from bot.settings import cache_folder

DAY = date(2026, 11, 22)
ROOT = Path(__file__).parent.parent
QUESTIONS = ROOT / "tests" / "questions"
SEED = 20261122
STEPS, SMALL = 60, 1e-6
RIDGE = 3e-3
OUTSIDE = 0.5
FOLDS = 10


def rows(pattern: str) -> Iterator[Row]:
    for path in sorted(QUESTIONS.glob(pattern)):
        for line in path.read_text(encoding="utf-8").splitlines():
            yield json.loads(line)


def is_right(row: Row, library: Library, id: str) -> bool:
    entry = library.content.entries[id]
    text = "\n".join(entry.text_on(DAY, library.content.figures))
    return has_facts(row, text) and has_cited(row, library.cite(entry, DAY), library.content.laws)


# -- how words and meaning are blended ---------------------------------------------------------------------------------


def without_one_way(prepared: PreparedContent) -> tuple[PreparedContent, list[tuple[str, str]]]:
    """The content without one way of asking of each entry, and what was taken out: (way, id)."""
    rng = random.Random(SEED)
    taken, documents, entries = [], [], dict(prepared.content.entries)
    for document in prepared.documents:
        entry = entries[document.id]
        if not entry.holds_on(DAY) or len(entry.questions) < 2:
            documents.append(document)
            continue
        way = rng.choice(entry.questions)
        taken.append((way, entry.id))
        entries[entry.id] = replace(entry, questions=tuple(q for q in entry.questions if q != way))
        documents.append(replace(document, ways=tuple(w for w in document.ways if w[0] != way)))
    return replace(prepared, content=replace(prepared.content, entries=entries), documents=tuple(documents)), taken


def candidates(library: Library, question: str) -> dict[str, tuple[float, float, float]]:
    """The candidates for a question: closeness by words, to the closest way and to the closest three by meaning."""
    assert library.meaning is not None
    hits = library.hits(question, DAY, limit=16)
    near = library.meaning.compare(question, tuple(hit.id for hit in hits))
    words = {hit.id: hit.score for hit in (*hits, *library.index.compare(question, near))}
    return {
        id: (score, above_floor(near[id].closest), above_floor(near[id].near))
        for id, score in words.items()
        if library.content.entries[id].holds_on(DAY)
    }


def fit_shares(prepared: PreparedContent) -> None:
    """Print the shares of the blend, and how often a right entry comes first with them and with others."""
    less, taken = without_one_way(prepared)
    asked: dict[str, list[tuple[Any, Any]]] = {"ways taken out": [], "training questions": []}
    library = with_meaning(Library.of(less))
    for way, id in taken:
        found = candidates(library, way)
        asked["ways taken out"].append((np.array([*found.values()]), np.array([other == id for other in found])))
    library = with_meaning(Library.of(prepared))
    for row in rows("train_in_scope*.jsonl"):
        found = candidates(library, row["question"])
        right = np.array([is_right(due(row, DAY), library, id) for id in found])
        asked["training questions"].append((np.array([*found.values()]), right))
    slopes = _choice([(x, y) for some in asked.values() for x, y in some if y.any()])
    shares = tuple(round(float(s), 2) for s in slopes / slopes.sum())
    for name, weights in (
        ("words alone", (1, 0, 0)),
        ("meaning alone", (0, 1, 0)),
        ("in use", SHARES),
        ("new", shares),
    ):
        firsts = {
            kind: sum(bool(len(y)) and bool(y[np.argmax(x @ weights)]) for x, y in some) for kind, some in asked.items()
        }
        print(
            f"  {name}: "
            + ", ".join(f"{n / len(asked[kind]):.1%} of the {kind} right first" for kind, n in firsts.items())
        )
    print("SHARES =", shares)


def with_meaning(library: Library) -> Library:
    meaning = Meaning.open(library.ways(), cache_folder())
    if meaning is None:
        raise SystemExit("vectors are missing: run `ipbot content prepare` first")
    return library.with_meaning(meaning)


def _choice(asked: Sequence[tuple[Any, Any]]) -> Any:
    """Slopes of a conditional logit: of each question the features of its candidates, and which are right. Newton's steps."""
    slopes = np.zeros(asked[0][0].shape[1])
    for _ in range(STEPS):
        gradient, curvature = RIDGE * slopes, RIDGE * np.eye(len(slopes))
        for x, y in asked:
            score = x @ slopes
            p = np.exp(score - score.max())
            p /= p.sum()
            mean, wanted = p @ x, (p * y) @ x / (p @ y)
            gradient = gradient + (mean - wanted) / len(asked)
            curvature = curvature + ((x * p[:, None]).T @ x - np.outer(mean, mean)) / len(asked)
        step = np.linalg.solve(curvature, gradient)
        slopes = slopes - step * min(1.0, 5 / np.abs(step).max())
        if np.abs(step).max() < SMALL:
            break
    return slopes


# -- how sure it is ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sample:
    """Training rows as the regression takes them. ``counts`` is the weight of a row, ``outside`` marks those out of scope."""

    x: Any
    y: Any
    counts: Any
    outside: Any

    def fit(self, of: Any) -> tuple[float, Any]:
        """Bias and slopes of the logistic regression on the rows ``of``. Newton's steps."""
        x, y, counts = self.x[of], self.y[of], self.counts[of]
        mean, spread = x.mean(0), x.std(0) + 1e-9
        z = np.c_[np.ones(len(x)), (x - mean) / spread]
        w = np.zeros(z.shape[1])
        ridge = RIDGE * np.diag(np.r_[0, np.ones(len(mean))])
        for _ in range(STEPS):
            p = 1 / (1 + np.exp(-z @ w))
            gradient = z.T @ ((p - y) * counts) / counts.sum() + ridge @ w
            curvature = (z * (p * (1 - p) * counts)[:, None]).T @ z / counts.sum() + ridge + 1e-9 * np.eye(len(w))
            step = np.linalg.solve(curvature, gradient)
            w = w - step
            if np.abs(step).max() < SMALL:
                break
        slopes = w[1:] / spread
        return float(w[0] - slopes @ mean), slopes

    def crossed(self) -> Any:
        """The probability of each row by weights that were fitted without it."""
        folds = np.random.default_rng(SEED).integers(0, FOLDS, len(self.y))
        p = np.zeros(len(self.y))
        for fold in range(FOLDS):
            bias, slopes = self.fit(folds != fold)
            p[folds == fold] = 1 / (1 + np.exp(-(bias + self.x[folds == fold] @ slopes)))
        return p


def judged(library: Library, weighing: Weighing) -> Iterator[tuple[Row, Judged, bool]]:
    """The training rows, judged by words or by both (whatever words say), and whether a row is out of scope."""
    for pattern, key, outside in (
        ("train_in_scope*.jsonl", "question", False),
        ("train_out_of_scope.jsonl", "message", True),
    ):
        for row in rows(pattern):
            if not outside or library.lexicon.names_something(row[key]):
                found = library.judge(row[key], DAY, ask=1.01 if weighing is BOTH else 0.0)
                if found.hits:
                    yield row, found, outside


def sample(library: Library, weighing: Weighing) -> Sample:
    x, y, outsides = [], [], []
    for row, found, outside in judged(library, weighing):
        assert found.evidence is not None
        x.append(found.evidence.features())
        y.append(not outside and is_right(due(row, DAY), library, found.hits[0].id))
        outsides.append(outside)
    outside = np.array(outsides)
    return Sample(np.array(x, dtype=float), np.array(y, dtype=float), np.where(outside, OUTSIDE, 1.0), outside)


def print_use(name: str, p: Any, some: Sample) -> None:
    """What the probabilities ``p`` are worth: the share right by band, and what each threshold would do."""
    y, outside = some.y, some.outside
    print(f"-- {name}")
    bands = []
    for low in range(10):
        band = (p * 10 >= low) & (p * 10 < low + 1 + (low == 9))
        bands.append(f"{low / 10:.1f} {int(y[band].sum())}/{int(band.sum())}")
    print("  right by band: " + ", ".join(bands))
    for threshold in (0.3, 0.4, 0.5, 0.55, 0.6, 0.65, 0.7, 0.8):
        told = p >= threshold
        print(
            f"  answer from {threshold}: {int(y[told].sum())} right, {int((told & ~outside & (y == 0)).sum())} wrong, "
            f"{int((told & outside).sum())} out of scope; {int(y[~told].sum())} withheld"
        )


def fit_confidence(library: Library) -> None:
    """Print the weights of both weighings and what they are worth."""
    found = {}
    for name, weighing in (("WORDS", WORDS), ("BOTH", BOTH)):
        some = sample(library, weighing)
        bias, slopes = some.fit(np.ones(len(some.y), dtype=bool))
        print(f"{name} = Weighing({bias:.3f}, {tuple(round(float(s), 3) for s in slopes)}, …)")
        print(f"  {len(some.y)} rows, {int(some.y.sum())} right")
        found[name] = some, some.crossed()
        print_use(f"{name}, cross-validated", found[name][1], some)
        in_use = 1 / (1 + np.exp(-(weighing.bias + some.x @ np.array(weighing.weights))))
        print_use(f"{name}, in use", in_use, some)
    print("-- words first, meaning where words are less sure than")
    (words, p_words), (both, p_both) = found["WORDS"], found["BOTH"]
    for ask in (0.0, 0.5, 0.6, 0.7, 0.8, 0.85, ASK, 0.95, 1.01):
        asked = p_words < ask
        p, y = np.where(asked, p_both, p_words), np.where(asked, both.y, words.y)
        told, inside = p >= np.where(asked, BOTH.sure, WORDS.sure), ~words.outside
        print(
            f"  {ask}: asked for {asked[inside].mean():.1%} in scope; right first {y[inside].mean():.1%}; answered "
            f"{int(y[told].sum())} right, {int((told & inside & (y == 0)).sum())} wrong, {int((told & ~inside).sum())} out"
        )


def main() -> None:
    prepared = prepare_content(ROOT / "content", DAY)
    fit_shares(prepared)
    fit_confidence(with_meaning(Library.of(prepared)))


if __name__ == "__main__":
    main()
