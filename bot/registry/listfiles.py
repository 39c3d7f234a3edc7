"""A list in a file, CSV or XLSX, read into rows by column; a reason for whatever cannot be read, and memory that stays bounded."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

from bot.registry.cells import clean, short

FIRST = 2  # the number of the first row under the header
FILE_BYTES = 30 * 2**20
UNPACKED_BYTES = 300 * 2**20  # of a workbook, as its directory says
ROWS, COLUMNS = 200_000, 200

Rows = list[tuple[int, dict[str, str]]]


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why a row was not taken: its number as a spreadsheet shows it (the header is row 1), the column, the reason."""

    row: int
    field: str
    reason: str

    def __str__(self) -> str:
        return f"第{self.row}行 {self.field}：{self.reason}"


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a list: key, header, other headers that are understood; ``required`` are keys that must be there."""

    listed: tuple[tuple[str, str, tuple[str, ...]], ...]
    required: tuple[str, ...]

    @property
    def headers(self) -> dict[str, str]:
        return {key: header for key, header, _ in self.listed}

    def key(self, header: str) -> str | None:
        """The key of a column by its header, Chinese or English; None when it is unknown."""
        plain = clean(header).rstrip("*").replace(" ", "").lower()
        return next((k for k, name, others in self.listed if plain in (k, name, *others)), None)


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, or with ``applied`` false would do: rows added, updated, left as they were; samples removed;
    rows rejected. When rows were rejected and not to be skipped, nothing was done and all counts are 0."""

    added: int
    updated: int
    unchanged: int
    samples_removed: int
    rejected: tuple[Rejection, ...]
    applied: bool
    noun: str = "网点"

    def lines(self) -> list[str]:
        """The report in Chinese: each rejected row, then the sum."""
        lines = [str(rejection) for rejection in self.rejected]
        rows = len({rejection.row for rejection in self.rejected})
        counts = f"新增 {self.added} 个，更新 {self.updated} 个，不变 {self.unchanged} 个"
        if self.samples_removed:
            counts += f"，移除示例网点 {self.samples_removed} 个"
        if rows and not (self.added or self.updated or self.unchanged):
            return [*lines, f"{rows} 行有错，没有导入任何{self.noun}"]
        skipped = f"；{rows} 行有错，已跳过" if rows else ""
        return [*lines, ("" if self.applied else "试运行，没有写入：") + counts + skipped]


def read_list(source: Path | Iterable[Mapping[str, object]], columns: Columns) -> tuple[Rows, list[Rejection]]:
    """The rows of a list by key, with their numbers, and what cannot be read. Raises OSError when a file cannot be read."""
    if not isinstance(source, Path):
        return _read_rows(source, columns)
    if source.stat().st_size > FILE_BYTES:
        return [], [Rejection(1, "文件", f"超过 {FILE_BYTES // 2**20} MB，请拆成几个文件")]
    data = source.read_bytes()
    table = _workbook(data) if data.startswith(b"PK") else _text(data)
    return ([], [table]) if isinstance(table, Rejection) else _by_key(table, columns)


def _read_rows(source: Iterable[Mapping[str, object]], columns: Columns) -> tuple[Rows, list[Rejection]]:
    rows: Rows = []
    rejected: list[Rejection] = []
    for number, row in enumerate(source, start=FIRST):
        cells = {str(header): clean(value) for header, value in row.items() if str(header).strip()}
        if any(cells.values()):
            keys, wrong = _header(tuple(cells), number, columns)
            rejected += wrong
            if not wrong:
                rows.append((number, dict(zip(keys, cells.values(), strict=True))))
    return rows, rejected


def _by_key(table: tuple[Iterable[Sequence[str]], Rejection | None], columns: Columns) -> tuple[Rows, list[Rejection]]:
    rows: Rows = []
    rejected: list[Rejection] = []
    keys: list[str] = []
    listed, broken = table
    for number, cells in enumerate(listed, start=1):
        if number == 1:
            keys, rejected = _header(cells, number, columns)
            if rejected:
                return [], rejected
        elif any(cell.strip() for cell in cells):
            if any(cell.strip() for cell in cells[len(keys) :]):
                rejected.append(Rejection(number, "整行", f"有 {len(cells)} 格，表头只有 {len(keys)} 格"))
            else:
                # cells may be missing at the end of a row: spreadsheets leave empty ones out
                rows.append((number, {key: clean(cell) for key, cell in zip(keys, cells, strict=False)}))
    return rows, [*rejected, *([broken] if broken else [])]


def _header(headers: Sequence[str], number: int, columns: Columns) -> tuple[list[str], list[Rejection]]:
    """The keys of the columns, and what is wrong with the header."""
    rejected: list[Rejection] = []
    keys: list[str] = []
    while headers and not headers[-1].strip():
        headers = headers[:-1]
    for header in headers:
        key = columns.key(header)
        if key is None:
            known = "、".join(columns.headers.values())
            rejected.append(Rejection(number, "表头", f"没有“{short(header)}”这一栏，可用的是：{known}"))
        elif key in keys:
            rejected.append(Rejection(number, "表头", f"“{columns.headers[key]}”有两栏"))
        else:
            keys.append(key)
    if missing := [columns.headers[key] for key in columns.required if key not in keys]:
        rejected.append(Rejection(number, "表头", f"缺少：{'、'.join(missing)}"))
    return keys, rejected


def _text(data: bytes) -> tuple[list[list[str]], Rejection | None] | Rejection:
    """The cells of a CSV file in UTF-8 or GB18030, and where it breaks off."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            break
        return Rejection(1, "文件", "读不出文字，应为 UTF-8 或 GB18030 编码的 CSV，或 XLSX 工作簿")
    else:
        return Rejection(1, "文件", "读不出文字，应为 UTF-8 或 GB18030 编码的 CSV，或 XLSX 工作簿")
    first = text.split("\n", 1)[0]
    delimiter = next((d for d in ",\t;" if d in first), ",")
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True):
            if len(rows) > ROWS:
                return rows, Rejection(len(rows) + 1, "文件", f"超过 {ROWS} 行，请拆成几个文件")
            rows.append(row)
    except csv.Error:
        return rows, Rejection(len(rows) + 1, "整行", "引号没有配对，或者一格太长")
    return rows, None


def _workbook(data: bytes) -> tuple[list[list[str]], Rejection | None] | Rejection:
    """The cells of the first sheet of a workbook; what it would unpack to is looked at before."""
    bad = Rejection(1, "文件", "这个 Excel 工作簿打不开，可能已损坏或加了密。请另存为 XLSX 或“CSV UTF-8（逗号分隔）”")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            if sum(part.file_size for part in parts) > UNPACKED_BYTES:
                return Rejection(1, "文件", f"解压后超过 {UNPACKED_BYTES // 2**20} MB，没有打开")
            if not any(part.filename == "xl/workbook.xml" for part in parts):
                return Rejection(1, "文件", "这不是 Excel 工作簿（XLSX），请另存为 XLSX 或 CSV")
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        rows: list[list[str]] = []
        for row in book.worksheets[0].iter_rows(max_col=COLUMNS, values_only=True):
            if len(rows) > ROWS:
                return rows, Rejection(len(rows) + 1, "文件", f"超过 {ROWS} 行，请拆成几个文件")
            rows.append([_cell(value) for value in row])
    except Exception:  # openpyxl raises whatever happens to break on a damaged file
        return bad
    while rows and not any(rows[-1]):
        rows.pop()
    return rows, None


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case datetime():
            return value.date().isoformat()
        case date():
            return value.isoformat()
        case float() if value.is_integer():
            return str(int(value))
    return str(value)
