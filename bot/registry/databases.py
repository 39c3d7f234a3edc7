"""Databases and tools that the points keep themselves (Art. 12 (3) of the draft), read from ``content/databases``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bot.knowledge.problems import Faults, Problem
from bot.knowledge.tables import read_table
from bot.knowledge.text import bare

KINDS = ("数据库", "工具", "小程序", "公众号")
_COLUMNS = ("name", "kind", "point", "subject", "url", "users", "checked")


@dataclass(frozen=True, slots=True)
class PointDatabase:
    """A database or tool of a point: ``point`` is the point's code, ``users`` who may use it and how."""

    name: str
    kind: str
    point: str
    subject: str
    url: str
    users: str
    checked: date


class Databases:
    """All rows in the order of the file; shared by all threads and never changed."""

    def __init__(self, rows: Iterable[PointDatabase]) -> None:
        self.rows = tuple(rows)

    def about(self, words: Iterable[str]) -> tuple[PointDatabase, ...]:
        """Those whose name, kind or subject has one of ``words``, those with most of them first; all without words."""
        asked = [bare(word) for word in words if bare(word)]
        if not asked:
            return self.rows
        hits = {row: sum(word in bare(row.name + row.kind + row.subject) for word in asked) for row in self.rows}
        return tuple(sorted((row for row, hit in hits.items() if hit), key=lambda row: -hits[row]))


def read_databases(content: Path) -> tuple[Databases, list[Problem]]:
    """Read ``content/databases``: all good rows, and a problem for each fault (file, row and field named)."""
    rows: list[PointDatabase] = []
    problems: list[Problem] = []
    for path in sorted((content / "databases").glob("*.csv")):
        faults = Faults(path.relative_to(content).as_posix())
        found = (_read_row(cells, where, faults) for where, cells in read_table(path, _COLUMNS, faults))
        rows += [row for row in found if row]
        problems += faults.found
    return Databases(rows), problems


def _read_row(cells: dict[str, str], where: str, faults: Faults) -> PointDatabase | None:
    before = len(faults.found)
    for name in _COLUMNS:
        if not cells[name]:
            faults.add(f"{where} {name}", "缺少这一项")
    if cells["kind"] and cells["kind"] not in KINDS:
        faults.add(f"{where} kind", f"“{cells['kind']}”应为：{'、'.join(KINDS)}")
    if cells["url"]:
        faults.url(f"{where} url", cells["url"])
    checked = faults.day(f"{where} checked", cells.pop("checked"))
    if checked is None or len(faults.found) > before:
        return None
    return PointDatabase(checked=checked, **cells)
