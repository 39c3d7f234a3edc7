"""Geographical indications of Xinjiang as announced, read from ``content/gi``: found by product or by place."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from rapidfuzz import fuzz, process

from bot.knowledge.problems import Faults, Problem
from bot.knowledge.tables import read_table
from bot.knowledge.text import bare

KINDS = ("地理标志产品", "地理标志证明商标", "地理标志集体商标", "中欧地理标志协定清单")
_COLUMNS = (
    *("name", "also", "english", "kind", "region", "counties", "origin"),
    *("announced", "protected", "announcement", "note", "source", "checked"),
)
_ADCODE = re.compile(r"65\d{4}")
_LEAST = 3  # characters of a name that is looked for inside a sentence
_ALIKE = 60  # percent; names that are offered when none is met


@dataclass(frozen=True, slots=True)
class Indication:
    """One product as it was announced.

    ``region`` and ``counties`` are adcodes (counties only where the announcement or the name says them); ``origin`` the
    area in the words of the announcement; ``announced`` the year or the day of the announcement (ISO), ``protected``
    the first day of protection where it was told.
    """

    name: str
    also: tuple[str, ...]
    english: str
    kind: str
    region: str
    counties: tuple[str, ...]
    origin: str
    announced: str
    protected: str
    announcement: str
    note: str
    source: str
    checked: date

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(bare(name) for name in (self.name, *self.also, self.english) if name)


class Indications:
    """All rows, in the order of the file; shared by all threads and never changed."""

    def __init__(self, rows: Iterable[Indication]) -> None:
        self.rows = tuple(rows)
        self._forms = {form: row.name for row in self.rows for form in reversed(row.names)}

    def named(self, words: str) -> tuple[Indication, ...]:
        """Those called so; else those whose name is in ``words``; else those whose name has ``words`` in it."""
        asked = bare(words)
        if not asked:
            return ()
        if found := tuple(row for row in self.rows if asked in row.names):
            return found
        inside = {
            row: max((len(n) for n in row.names if len(n) >= _LEAST and n in asked), default=0) for row in self.rows
        }
        if longest := max(inside.values(), default=0):
            return tuple(row for row, length in inside.items() if length == longest)
        return tuple(row for row in self.rows if any(asked in name for name in row.names))

    def alike(self, words: str, most: int = 4) -> tuple[str, ...]:
        """Names that sound or look like ``words``, the likeliest first, for “您是不是想问”."""
        hits = process.extract(bare(words), list(self._forms), scorer=fuzz.ratio, limit=2 * most, score_cutoff=_ALIKE)
        return tuple(dict.fromkeys(self._forms[form] for form, _, _ in hits))[:most]

    def of(self, adcodes: frozenset[str], names: Iterable[str] = ()) -> tuple[Indication, ...]:
        """Those of a place: its prefecture or one of its counties is among ``adcodes``, or its area or name has one of ``names``."""
        places = [name for name in names if len(name) >= 2]
        return tuple(
            row
            for row in self.rows
            if row.region in adcodes
            or adcodes.intersection(row.counties)
            or any(place in row.origin or row.name.startswith(place) for place in places)
        )


def read_indications(content: Path) -> tuple[Indications, list[Problem]]:
    """Read ``content/gi``: all good rows, and a problem for each fault (file, row and field named)."""
    rows: list[Indication] = []
    problems: list[Problem] = []
    for path in sorted((content / "gi").glob("*.csv")):
        faults = Faults(path.relative_to(content).as_posix())
        for where, cells in read_table(path, _COLUMNS, faults):
            row = _read_row(cells, where, faults)
            if row and any((row.name, row.kind) == (other.name, other.kind) for other in rows):
                faults.add(f"{where} name", f"“{row.name}”（{row.kind}）已经有了")
            elif row:
                rows.append(row)
        problems += faults.found
    return Indications(rows), problems


def _read_row(cells: dict[str, str], where: str, faults: Faults) -> Indication | None:
    before = len(faults.found)
    for name in ("name", "kind", "region", "announced", "source"):
        if not cells[name]:
            faults.add(f"{where} {name}", "缺少这一项")
    if cells["kind"] and cells["kind"] not in KINDS:
        faults.add(f"{where} kind", f"“{cells['kind']}”应为：{'、'.join(KINDS)}")
    counties = tuple(cells["counties"].split())
    for adcode in (cells["region"], *counties):
        if adcode and not _ADCODE.fullmatch(adcode):
            faults.add(f"{where} region/counties", f"“{adcode}”应为新疆的六位行政区划代码，几个之间用空格")
    if not re.fullmatch(r"\d{4}", cells["announced"]):
        faults.day(f"{where} announced", cells["announced"])
    faults.day(f"{where} protected", cells["protected"])
    checked = faults.day(f"{where} checked", cells["checked"])
    if checked is None and len(faults.found) == before:
        faults.add(f"{where} checked", "缺少核对日期")
    if checked is None or len(faults.found) > before:
        return None
    also = tuple(part.strip() for part in re.split(r"[；;]", cells["also"]) if part.strip())
    texts = {n: cells[n] for n in ("name", "english", "kind", "region", "origin", "announced", "protected")}
    rest = {n: cells[n] for n in ("announcement", "note", "source")}
    return Indication(also=also, counties=counties, checked=checked, **texts, **rest)
