"""Files that people send, on the disk: streamed in under random names, within a limit, until they are kept or dropped."""

from __future__ import annotations

import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from bot.files.kinds import type_of
from bot.files.names import clean_name
from bot.messages import Upload

ARRIVING = ".arriving"  # behind the name of what is not kept yet
LONGEST_ARRIVAL = timedelta(days=1)


class TooLargeError(ValueError):
    """More bytes than the limit; what came of them is gone. ``size`` is how many came."""

    def __init__(self, size: int) -> None:
        super().__init__(f"{size} bytes")
        self.size = size


@dataclass(frozen=True, slots=True)
class Incoming:
    """The folder. It is no folder of a web server; names in it are random and say nothing."""

    folder: Path

    def receive(self, at_most: int) -> Arrival:
        """A new file, to be written in pieces."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return Arrival(self.folder / f"{secrets.token_hex(16)}{ARRIVING}", at_most)

    def copy(self, source: Path, name: str, at_most: int) -> Upload:
        """A copy of a file on this machine. Raises TooLargeError, OSError."""
        with source.open("rb") as file, self.receive(at_most) as arrival:
            while piece := file.read(64 * 1024):
                arrival.write(piece)
            return arrival.upload(name)

    def keep(self, upload: Upload) -> Path:
        """Make an arrival one that stays until its row goes. Raises OSError when it is not there any more."""
        path = Path(upload.path or "")
        return path.rename(path.with_suffix(""))

    def drop(self, upload: Upload) -> None:
        """Remove an arrival that nobody kept."""
        if upload.path and upload.path.endswith(ARRIVING):
            Path(upload.path).unlink(missing_ok=True)

    def sweep(self, kept: frozenset[str], now: datetime) -> int:
        """Remove what is not among ``kept`` (file names) and older than an arrival takes; returns how many."""
        count = 0
        for path in self.folder.iterdir() if self.folder.is_dir() else ():
            with suppress(FileNotFoundError):
                age = now - datetime.fromtimestamp(path.stat().st_mtime, UTC)
                if path.name not in kept and age > LONGEST_ARRIVAL:
                    path.unlink()
                    count += 1
        return count


class Arrival:
    """A file that arrives. Left with an error, nothing of it stays."""

    def __init__(self, path: Path, at_most: int) -> None:
        self._path = path
        self._at_most = at_most
        self._size = 0
        self._file: BinaryIO = path.open("xb")

    def __enter__(self) -> Arrival:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        if error is not None:
            self._path.unlink(missing_ok=True)

    def write(self, piece: bytes) -> None:
        """Add bytes. Raises TooLargeError when they are too many."""
        self._size += len(piece)
        if self._size > self._at_most:
            raise TooLargeError(self._size)
        self._file.write(piece)

    def upload(self, name: str) -> Upload:
        """All of it is here: what it is by its content, under the name it was sent with."""
        self._file.flush()
        kind = type_of(self._path)
        return Upload(clean_name(name, kind), str(self._path), kind, self._size)
