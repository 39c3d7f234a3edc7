"""Fits the weights of ``bot/handlers/followups.py`` on the training dialogues (never on the held-out ones).

    python -m benchmarks.fit_followups

Each later turn of a dialogue is a choice among the entries that may be meant; those that hold the wanted facts and cite
the wanted article are right. Conditional logistic regression gives the weights; printed beside them: the share of turns
whose best entry is right, fitted and cross-validated by dialogue.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.fit import DAY, ROOT, is_right, rows
from bot.handlers.followups import WEIGHTS, continuations
from bot.knowledge.library import Library

STEPS, RATE, RIDGE = 3000, 0.2, 0.05
FOLDS = 6
Choice = tuple[NDArray[np.float64], NDArray[np.bool_]]


def choices(library: Library) -> list[list[Choice]]:
    """For each dialogue its later turns, each as (features of the entries, which of them are right); every turn goes on
    from a right answer to the one before."""
    found = []
    for row in rows("train_followups.jsonl"):
        before, last = "", None
        dialogue: list[Choice] = []
        for turn in row["turns"]:
            said = turn["user"]
            if last is None:
                right = [h.id for h in library.hits(said, DAY, limit=12) if is_right(turn, library, h.id)]
                if not right:
                    break
                before, last = library.lexicon.read(said).text, library.content.entries[right[0]]
                continue
            meant = list(continuations(said, before, last, library, DAY))
            is_meant = np.array([is_right(turn, library, c.entry.id) for c in meant])
            if not is_meant.any():
                break
            dialogue.append((np.array([c.kinship.features() for c in meant]), is_meant))
            best = max((c for c, right in zip(meant, is_meant, strict=True) if right), key=lambda c: c.close)
            before, last = library.lexicon.read(best.question).text, best.entry
        found.append(dialogue)
    return found


def fit(turns: Sequence[Choice]) -> NDArray[np.float64]:
    """The weights under which the right entries are likeliest."""
    weights = np.zeros(len(WEIGHTS))
    for _ in range(STEPS):
        slope = -RIDGE * weights
        for features, right in turns:
            likely = np.exp((scores := features @ weights) - scores.max())
            likely /= likely.sum()
            wanted = likely * right
            slope += features.T @ (wanted / wanted.sum() - likely)
        weights += RATE * slope / len(turns)
    return weights


def share_right(turns: Sequence[Choice], weights: NDArray[np.float64]) -> float:
    return sum(bool(right[int((features @ weights).argmax())]) for features, right in turns) / len(turns)


def main() -> None:
    dialogues = choices(Library.open(Path(ROOT / "content"), DAY))
    turns = [turn for dialogue in dialogues for turn in dialogue]
    weights = fit(turns)
    print("WEIGHTS =", tuple(round(float(w), 2) for w in weights))
    print(
        f"{len(turns)} turns, fitted {share_right(turns, weights):.3f}, in use {share_right(turns, np.array(WEIGHTS)):.3f}"
    )
    right = 0.0
    for fold in range(FOLDS):
        held = [turn for number, dialogue in enumerate(dialogues) if number % FOLDS == fold for turn in dialogue]
        rest = [turn for number, dialogue in enumerate(dialogues) if number % FOLDS != fold for turn in dialogue]
        right += share_right(held, fit(rest)) * len(held)
    print(f"cross-validated {right / len(turns):.3f}")


if __name__ == "__main__":
    main()
