"""Import and export of points as CSV: all good rows or none, and a reason for every row that is not taken."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, delete, insert, not_, select, update

from bot.database.tables import points
from bot.registry.cells import FORMULA, clean, short
from bot.registry.places import Gazetteer
from bot.registry.pointrows import HEADERS, REQUIRED, Rejection, RowReader, column_key
from bot.registry.services import labels, read_kind
from bot.registry.stages import POINT_STATES, VALID

__all__ = ["ImportReport", "Rejection", "export_points", "import_points"]

_CHUNK = 500  # codes asked for in one query
_FIRST = 2  # the number of the first row under the header


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, or with ``applied`` false would do: points added, updated, left as they were; sample points
    removed; rows rejected. When rows were rejected and not to be skipped, nothing was done and all counts are 0."""

    added: int
    updated: int
    unchanged: int
    samples_removed: int
    rejected: tuple[Rejection, ...]
    applied: bool

    def lines(self) -> list[str]:
        """The report in Chinese: each rejected row, then the sum."""
        lines = [str(rejection) for rejection in self.rejected]
        rows = len({rejection.row for rejection in self.rejected})
        counts = f"新增 {self.added} 个，更新 {self.updated} 个，不变 {self.unchanged} 个"
        if self.samples_removed:
            counts += f"，移除示例网点 {self.samples_removed} 个"
        if rows and not (self.added or self.updated or self.unchanged):
            return [*lines, f"{rows} 行有错，没有导入任何网点"]
        skipped = f"；{rows} 行有错，已跳过" if rows else ""
        return [*lines, ("" if self.applied else "试运行，没有写入：") + counts + skipped]


def import_points(
    source: Path | Iterable[Mapping[str, object]],
    connection: Connection,
    gazetteer: Gazetteer,
    today: date,
    *,
    dry_run: bool = False,
    skip_bad: bool = False,
) -> ImportReport:
    """Enter the points of a list, by code: new ones are added, known ones updated, none removed.

    ``source`` is a CSV file (UTF-8 or GB18030) or rows by header, Chinese or English. Good rows are entered only if
    none is rejected, or with ``skip_bad``; with ``dry_run`` nothing is. The first real points remove the samples.
    A point keeps its state unless its row names one. Runs in the caller's transaction. Raises OSError when the file
    cannot be read.
    """
    rows, rejected = _read_file(source) if isinstance(source, Path) else _read_rows(source)
    good, wrong = _check(rows, gazetteer, today)
    rejected = sorted((*rejected, *wrong), key=lambda r: r.row)
    if not rows and not rejected:
        rejected.append(Rejection(_FIRST, "文件", "没有网点，表头下面应一行一个"))
    if not good or (rejected and not skip_bad):
        return ImportReport(0, 0, 0, 0, tuple(rejected), applied=False)
    return _enter(good, rejected, connection, today, dry_run=dry_run)


def _check(
    rows: Sequence[tuple[int, Mapping[str, str]]], gazetteer: Gazetteer, today: date
) -> tuple[list[dict[str, Any]], list[Rejection]]:
    reader = RowReader(gazetteer, today)
    good: list[dict[str, Any]] = []
    rejected: list[Rejection] = []
    seen: dict[object, int] = {}
    for number, cells in rows:
        values, wrong = reader.read(number, cells)
        code = values.get("code")
        if code in seen:
            wrong.append(Rejection(number, HEADERS["code"], f"{code} 和第{seen[code]}行重复"))
        elif code is not None:
            seen[code] = number
        rejected += wrong
        if not wrong:
            good.append(values)
    return good, rejected


def _enter(
    good: Sequence[dict[str, Any]], rejected: Sequence[Rejection], connection: Connection, today: date, *, dry_run: bool
) -> ImportReport:
    known: dict[str, Mapping[Any, Any]] = {}
    codes = [values["code"] for values in good]
    for start in range(0, len(codes), _CHUNK):
        query = select(points).where(not_(points.c.sample), points.c.code.in_(codes[start : start + _CHUNK]))
        known |= {row["code"]: row for row in connection.execute(query).mappings()}
    new: list[dict[str, Any]] = []
    changed: list[dict[str, Any]] = []
    for values in good:
        old = known.get(values["code"])
        row = {**values, "state": _state(values, old, today)}
        if old is None:
            new.append({"sample": False, "confirmed_on": None, **row})
        elif any(old[column] != value for column, value in row.items()):
            changed.append(row)
    samples = connection.execute(select(points.c.id).where(points.c.sample)).all()
    if not dry_run:
        if samples:
            connection.execute(delete(points).where(points.c.sample))
        if new:
            connection.execute(insert(points), new)
        for row in changed:
            connection.execute(update(points).where(points.c.code == row["code"]).values(row))
    unchanged = len(good) - len(new) - len(changed)
    return ImportReport(len(new), len(changed), unchanged, len(samples), tuple(rejected), applied=not dry_run)


def _state(values: Mapping[str, Any], old: Mapping[Any, Any] | None, today: date) -> str:
    """The state a row leads to: the one it names, else the one the point has; valid only while the title lasts."""
    state = str(values.get("state") or (old["state"] if old else "active"))
    if state in (*VALID, "expired"):
        lasts = values["expires_on"] >= today
        state = (state if state in VALID else "active") if lasts else "expired"
    return state


def _read_rows(source: Iterable[Mapping[str, object]]) -> tuple[list[tuple[int, dict[str, str]]], list[Rejection]]:
    rows: list[tuple[int, dict[str, str]]] = []
    rejected: list[Rejection] = []
    for number, row in enumerate(source, start=_FIRST):
        cells = {str(header): clean(value) for header, value in row.items() if str(header).strip()}
        if any(cells.values()):
            keys, wrong = _read_header(tuple(cells), number)
            rejected += wrong
            if not wrong:
                rows.append((number, dict(zip(keys, cells.values(), strict=True))))
    return rows, rejected


def _read_file(path: Path) -> tuple[list[tuple[int, dict[str, str]]], list[Rejection]]:
    text = _decode(path.read_bytes())
    if isinstance(text, Rejection):
        return [], [text]
    first = text.split("\n", 1)[0]
    delimiter = next((d for d in ",\t;" if d in first), ",")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[tuple[int, dict[str, str]]] = []
    rejected: list[Rejection] = []
    keys: list[str] = []
    number = 0
    try:
        for number, cells in enumerate(reader, start=1):
            if number == 1:
                keys, rejected = _read_header(cells, number)
                if rejected:
                    return [], rejected
            elif any(cell.strip() for cell in cells):
                if any(cell.strip() for cell in cells[len(keys) :]):
                    rejected.append(Rejection(number, "整行", f"有 {len(cells)} 格，表头只有 {len(keys)} 格"))
                else:
                    # cells may be missing at the end of a row: spreadsheets leave empty ones out
                    rows.append((number, {key: clean(cell) for key, cell in zip(keys, cells, strict=False)}))
    except csv.Error:
        rejected.append(Rejection(number + 1, "整行", "引号没有配对，或者一格太长"))
    return rows, rejected


def _decode(data: bytes) -> str | Rejection:
    if data.startswith(b"PK"):
        return Rejection(1, "文件", "这是 Excel 工作簿，应另存为“CSV UTF-8（逗号分隔）”")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
        break
    return Rejection(1, "文件", "读不出文字，应为 UTF-8 或 GB18030 编码的 CSV")


def _read_header(headers: Sequence[str], number: int) -> tuple[list[str], list[Rejection]]:
    """The keys of the columns, and what is wrong with the header."""
    rejected: list[Rejection] = []
    keys: list[str] = []
    while headers and not headers[-1].strip():
        headers = headers[:-1]
    for header in headers:
        key = column_key(header)
        if key is None:
            known = "、".join(HEADERS.values())
            rejected.append(Rejection(number, "表头", f"没有“{short(header)}”这一栏，可用的是：{known}"))
        elif key in keys:
            rejected.append(Rejection(number, "表头", f"“{HEADERS[key]}”有两栏"))
        else:
            keys.append(key)
    if missing := [HEADERS[key] for key in REQUIRED if key not in keys]:
        rejected.append(Rejection(number, "表头", f"缺少：{'、'.join(missing)}"))
    return keys, rejected


def export_points(connection: Connection, gazetteer: Gazetteer) -> str:
    """All real points as CSV with Chinese headers, which :func:`import_points` reads back; samples are left out.

    Write it as ``utf-8-sig``, so that spreadsheets show it right. A cell that a spreadsheet would compute gets a ``'``.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEADERS.values())
    query = select(points).where(not_(points.c.sample)).order_by(points.c.code)
    for row in connection.execute(query).mappings():
        writer.writerow(_neutral(cell) for cell in _cells(row, gazetteer))
    return out.getvalue()


def _cells(row: Mapping[Any, Any], gazetteer: Gazetteer) -> Iterable[str]:
    kind, division = read_kind(row["kind"]), gazetteer.division(row["adcode"])
    shown = {
        "kind": kind.label if kind else row["kind"],
        "region": division.full_name if division else row["adcode"],
        "datum": "WGS-84",
        "services": labels(tuple(row["services"])),
        "state": POINT_STATES.get(row["state"], row["state"]),
    }
    for key in HEADERS:
        value = shown[key] if key in shown else row[key]
        yield "" if value is None else str(value)


def _neutral(cell: str) -> str:
    return "'" + cell if cell.startswith(FORMULA) else cell
