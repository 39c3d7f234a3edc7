"""Vectors of texts kept between runs in one file, each under the hash of its text: an edit makes only the changed ones."""

from __future__ import annotations

import hashlib
import logging
import os
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

log = logging.getLogger(__name__)
_KEY_BYTES = 16
_STALE = 1.0  # vectors of texts that are gone are kept up to this share of those in use: an edit may be taken back


def _key(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=_KEY_BYTES).digest()


class Vectors:
    """Vectors by text; never changed, ``joined`` makes a new one. Half precision, which changes no cosine by 0.001."""

    def __init__(self, keys: Sequence[bytes], values: NDArray[np.float16]) -> None:
        self._rows = {key: row for row, key in enumerate(keys)}
        self._values = values

    @classmethod
    def read(cls, file: Path) -> Vectors:
        """What was kept in ``file``; nothing when there is none, or none that can be read."""
        try:
            with file.open("rb") as opened, np.load(opened) as kept:
                keys, values = kept["keys"], kept["values"]
            if values.ndim == 2 and keys.shape == (len(values), _KEY_BYTES):
                return cls([key.tobytes() for key in keys], values)
        except FileNotFoundError:
            return cls((), np.empty((0, 0), np.float16))
        except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile):
            pass
        log.warning("kept vectors cannot be read and are made anew", extra={"file": str(file)})
        return cls((), np.empty((0, 0), np.float16))

    def __len__(self) -> int:
        return len(self._rows)

    def missing(self, texts: Iterable[str]) -> list[str]:
        """Those of ``texts`` that have no vector, each once."""
        return [text for text in dict.fromkeys(texts) if _key(text) not in self._rows]

    def of(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The vectors of ``texts``, a row each. Raises KeyError when one is missing."""
        return self._values[[self._rows[_key(text)] for text in texts]].astype(np.float32)

    def joined(self, texts: Sequence[str], values: NDArray[np.float32]) -> Vectors:
        """These and the vectors of more texts, a row each."""
        keys = [*self._rows, *(_key(text) for text in texts)]
        new = values.astype(np.float16)
        return Vectors(keys, np.concatenate((self._values, new)) if len(self) else new)

    def write(self, file: Path, used: Iterable[str]) -> None:
        """Keep the vectors of the texts in ``used``, and some others that were kept before. Raises OSError."""
        keys = {key for key in map(_key, used) if key in self._rows}
        stale = [key for key in self._rows if key not in keys]
        if keep := int(len(keys) * _STALE):
            keys.update(stale[-keep:])
        rows = sorted(self._rows[key] for key in keys)
        names = list(self._rows)
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = file.with_suffix(f".{os.getpid()}")
        with part.open("wb") as out:
            packed = np.frombuffer(b"".join(names[row] for row in rows), np.uint8).reshape(-1, _KEY_BYTES)
            np.savez(out, keys=packed, values=self._values[rows])
        part.replace(file)
