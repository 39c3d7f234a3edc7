"""Official fees and periods, each written once in ``content/fees`` and ``content/deadlines`` and referred to by answers."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bot.calculators.fees import Price
from bot.knowledge.problems import Faults, Problem

REFERENCE = re.compile(r"\{(fee|deadline):([a-z0-9-]+)\}")
_COLUMNS = {
    "fee": ("id", "item", "amount", "unit", "basis", "from", "until", "source"),
    "deadline": ("id", "event", "period", "start", "basis", "from", "until", "source"),
}
_FOLDERS = {"fee": "fees", "deadline": "deadlines"}
_AMOUNT = re.compile(r"^\d+$")


@dataclass(frozen=True, slots=True)
class Figure:
    """A fee (``text`` like 2500元) or a period (``text`` like 3个月), and the days on which it holds."""

    kind: str
    id: str
    item: str
    text: str
    unit: str
    basis: str
    since: date | None
    until: date | None
    source: str

    def holds_on(self, day: date) -> bool:
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)


class Figures:
    """All figures, found by kind, id and day."""

    def __init__(self, rows: list[Figure]) -> None:
        self.rows = tuple(rows)
        self._by_key: dict[tuple[str, str], list[Figure]] = {}
        for row in rows:
            self._by_key.setdefault((row.kind, row.id), []).append(row)

    def __contains__(self, key: tuple[str, str]) -> bool:
        return key in self._by_key

    def all(self, kind: str, id: str) -> tuple[Figure, ...]:
        """All rows of an id, of whatever day; empty for an unknown one."""
        return tuple(self._by_key.get((kind, id), ()))

    def on(self, kind: str, id: str, day: date) -> Figure:
        """The figure in force on ``day``; on a day that no row covers, the nearest earlier one, else the first.

        Raises KeyError for an unknown id.
        """
        rows = self._by_key[kind, id]
        for row in rows:
            if row.holds_on(day):
                return row
        earlier = [row for row in rows if row.until and row.until < day]
        return max(earlier, key=lambda row: row.until or day) if earlier else rows[0]

    def prices_on(self, day: date) -> dict[str, Price]:
        """The fees in force on ``day``, by id."""
        return {
            row.id: Price(row.id, row.item, int(row.text.removesuffix("元")), row.unit, row.basis)
            for row in self.rows
            if row.kind == "fee" and row.holds_on(day)
        }

    def fill(self, text: str, day: date) -> str:
        """Put the figures of ``day`` in the place of the references in ``text``."""
        return REFERENCE.sub(lambda m: self.on(m[1], m[2], day).text, text)


def _read_row(kind: str, row: Mapping[str, str], line: int, faults: Faults) -> Figure | None:
    where = f"第{line}行"
    id = (row.get("id") or "").strip()
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", id):
        faults.add(where, f"编号“{id}”应为小写英文、数字和连字符")
        return None
    if kind == "fee":
        amount = (row.get("amount") or "").strip()
        if not _AMOUNT.match(amount):
            faults.add(where, f"{id} 的 amount“{amount}”应为以元为单位的整数")
            return None
        item, text, unit = row.get("item") or "", f"{amount}元", row.get("unit") or ""
    else:
        item, text, unit = row.get("event") or "", (row.get("period") or "").strip(), row.get("start") or ""
        if not re.search(r"\d", text):
            faults.add(where, f"{id} 的 period“{text}”应含数字，如 3个月")
            return None
    if not (row.get("source") or "").strip():
        faults.add(where, f"{id} 缺少 source（核对的出处）")
    return Figure(
        kind=kind,
        id=id,
        item=item.strip(),
        text=text,
        unit=unit.strip(),
        basis=(row.get("basis") or "").strip(),
        since=faults.day(f"{where} from", (row.get("from") or "").strip()),
        until=faults.day(f"{where} until", (row.get("until") or "").strip()),
        source=(row.get("source") or "").strip(),
    )


def read_figures(content: Path) -> tuple[Figures, list[Problem]]:
    """All fees and periods, and what is wrong with the files."""
    rows: list[Figure] = []
    problems: list[Problem] = []
    seen: set[tuple[str, str, date | None]] = set()
    for kind, folder in _FOLDERS.items():
        for path in sorted((content / folder).glob("*.csv")):
            faults = Faults(path.relative_to(content).as_posix())
            with path.open(encoding="utf-8-sig", newline="") as stream:
                table = csv.DictReader(stream)
                missing = [c for c in _COLUMNS[kind] if c not in (table.fieldnames or ())]
                if missing:
                    faults.add("表头", f"缺少列：{'、'.join(missing)}")
                for line, row in enumerate(table, start=2):
                    figure = _read_row(kind, row, line, faults)
                    if figure is None:
                        continue
                    if (kind, figure.id, figure.since) in seen:
                        faults.add(f"第{line}行", f"编号“{figure.id}”同一开始日期出现了两次")
                    seen.add((kind, figure.id, figure.since))
                    rows.append(figure)
            problems += faults.found
    return Figures(rows), problems
