"""A fault in a content file, said so that an editor can mend it: which file, which field, what was expected."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One fault. ``file`` is relative to the content folder, ``field`` the field (or row) it is in."""

    file: str
    field: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}：{self.field}：{self.message}"


class Faults:
    """Collects the problems of one file while it is read."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.found: list[Problem] = []

    def add(self, field: str, message: str) -> None:
        self.found.append(Problem(self.file, field, message))

    def day(self, field: str, value: object) -> date | None:
        """Read a date written as year-month-day; a fault is noted and None returned when it is none."""
        if value in (None, ""):
            return None
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            self.add(field, f"“{value}”不是日期，应写成 2026-11-22 这样")
            return None

    def url(self, field: str, value: str) -> str:
        """Return ``value``; note a fault when it is no http(s) address."""
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or "." not in parts.netloc or any(c.isspace() for c in value):
            self.add(field, f"“{value}”不是网址，应以 http:// 或 https:// 开头")
        return value
