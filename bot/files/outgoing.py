"""Files that the bot makes for one person (calendars, pictures, lists): kept under an unguessable token, found, swept."""

from __future__ import annotations

import os
import re
import secrets
import shutil
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

from bot.files.names import clean_name
from bot.messages import FILE_TYPES, File

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
_UNFINISHED = ".unfinished-"


@dataclass(frozen=True, slots=True)
class Files:
    """The folder of the files that are handed out.

    It is no folder of a web server: who has the token gets the file, nobody else. ``origin`` is the public address,
    empty when there is none; files are removed after ``days``. Processes that share the work share the folder.
    """

    folder: Path
    origin: str = ""
    days: int = 7

    def keep(self, name: str, type: str, content: bytes, now: datetime) -> File:
        """Store a new file, whole or not at all. Raises ValueError on a MIME type that is not in FILE_TYPES."""
        if type not in FILE_TYPES.values():
            raise ValueError(f"no type of file that is handed out: {type}")
        name, token = clean_name(name, type), secrets.token_urlsafe(32)
        unfinished = self.folder / f"{_UNFINISHED}{token}"
        unfinished.mkdir(mode=0o700, parents=True)
        (unfinished / name).write_bytes(content)
        os.utime(unfinished, (now.timestamp(), now.timestamp()))
        place = unfinished.rename(self.folder / token)
        return File(name, type, str(place / name), token)

    def find(self, token: str, now: datetime) -> File | None:
        """The file of a token; None when there is none or its time is over."""
        if not _TOKEN.fullmatch(token):
            return None
        place = self.folder / token
        try:
            if self._is_over(place, now):
                return None
            (path,) = place.iterdir()
        except (OSError, ValueError):
            return None
        return File(path.name, FILE_TYPES[path.suffix[1:].lower()], str(path), token)

    def remove(self, file: File) -> None:
        """Remove a file before its time."""
        if _TOKEN.fullmatch(file.token):
            shutil.rmtree(self.folder / file.token, ignore_errors=True)

    def path(self, file: File) -> str:
        """Where the server serves it, without the origin."""
        return f"/files/{file.token}/{quote(file.name)}"

    def url(self, file: File) -> str | None:
        """The public address of a file; None when the installation has none."""
        return self.origin + self.path(file) if self.origin else None

    def sweep(self, now: datetime) -> int:
        """Remove the files whose time is over, and what a crash left unfinished; returns how many."""
        count = 0
        for place in self.folder.iterdir() if self.folder.is_dir() else ():
            with suppress(FileNotFoundError):  # another process sweeps as well
                if self._is_over(place, now):
                    shutil.rmtree(place)
                    count += 1
        return count

    def _is_over(self, place: Path, now: datetime) -> bool:
        return datetime.fromtimestamp(place.stat().st_mtime, UTC) + timedelta(days=self.days) <= now
