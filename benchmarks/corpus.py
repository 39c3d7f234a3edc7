"""The entries that are searched in the measurements: the content as it stands, a part of it, or more than there is.

More entries are made by varying the real ones. Of an entry's words of two characters and more, half are replaced, each by
the same word all through the title, the questions and the answer: seven in ten by a word of the content, drawn as often
as it stands there (so that common words become common in the larger corpus too), three in ten by a word of general
Chinese that the content has not (so that the vocabulary grows with the entries). Numbers become other numbers of the
same length. The same seed always gives the same entries.
"""

from __future__ import annotations

import logging
import random
import re
from collections import Counter
from collections.abc import Sequence
from itertools import accumulate, count
from typing import NamedTuple

import jieba

from benchmarks.fit import DAY
from bot.knowledge.library import Library
from bot.knowledge.text import has_han

SEED = 20261122
REPLACED = 0.5  # share of an entry's words that a variation replaces
NEW = 0.3  # share of these that become a word the content has not
_RARE = 20  # a word of jieba's dictionary with a smaller count is too rare to stand in a question
_VARIATION = "~"  # between the entry's id and the number of the variation
_PART = "\n"


class Row(NamedTuple):
    """One entry as every contestant is given it. ``answer`` is what is shown, with its folded rest."""

    id: str
    title: str
    questions: tuple[str, ...]
    answer: str
    topic: str

    @property
    def ways(self) -> tuple[str, ...]:
        return (self.title, *self.questions)

    @property
    def asked(self) -> str:
        """The title and the questions, by which a ranking by words does better than with the answer beside them."""
        return " ".join(self.ways)

    @property
    def origin(self) -> str:
        """The id of the entry that this one varies; its own if it is no variation."""
        return self.id.split(_VARIATION)[0]


def real_rows(library: Library) -> list[Row]:
    """The entries that hold on the day of the measurement."""
    figures = library.content.figures
    return [
        Row(e.id, e.title, e.questions, "\n".join(e.text_on(DAY, figures)).strip(), e.topic)
        for e in library.content.entries.values()
        if e.holds_on(DAY)
    ]


def corpus_of(size: int, real: Sequence[Row]) -> list[Row]:
    """``size`` entries: some of the real ones, or all of them and as many variations as are missing."""
    if size <= len(real):
        return random.Random(SEED).sample(real, size)
    jieba.setLogLevel(logging.WARNING)
    # the parts of an entry are cut together, a line each
    cut = [jieba.lcut(_PART.join((*row.ways, row.answer.replace(_PART, " ")))) for row in real]
    frequencies = Counter(word for words in cut for word in words if _replaceable(word))
    words, chances = list(frequencies), list(accumulate(frequencies.values()))
    new = sorted(
        w for w, n in jieba.dt.FREQ.items() if n >= _RARE and len(w) in {2, 3} and w not in frequencies and has_han(w)
    )
    made = list(real)
    for number in count(1):
        for row, tokens in zip(real, cut, strict=True):
            if len(made) == size:
                return made
            rng = random.Random(f"{SEED} {row.id} {number}")
            changed = {
                word: rng.choice(new) if rng.random() < NEW else rng.choices(words, cum_weights=chances)[0]
                for word in dict.fromkeys(filter(_replaceable, tokens))
                if rng.random() < REPLACED
            }
            for digits in dict.fromkeys(t for t in tokens if t.isascii() and t.isdecimal()):
                changed[digits] = str(rng.randint(10 ** (len(digits) - 1), 10 ** len(digits) - 1))
            text = "".join(changed.get(t, t) for t in tokens)
            title, *questions, answer = text.split(_PART)
            made.append(Row(f"{row.id}{_VARIATION}{number}", title, tuple(questions), answer, row.topic))
    raise AssertionError


def _replaceable(word: str) -> bool:
    return len(word) >= 2 and bool(re.fullmatch(r"[\u3400-\u9fff]+", word))
