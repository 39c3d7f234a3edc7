"""The tables of the content, CSV with a header: read row by row, every fault naming the file and the row."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

from bot.knowledge.problems import Faults


def read_table(path: Path, columns: Sequence[str], faults: Faults) -> Iterator[tuple[str, dict[str, str]]]:
    """The rows of a table with what names them (第2行), the cells of ``columns`` without the space around them.

    There are none when a column is missing, or when the file is, or is no UTF-8 text.
    """
    before = len(faults.found)
    table = csv.DictReader(io.StringIO(read_text(path, faults)))
    if len(faults.found) > before:
        return
    if missing := [column for column in columns if column not in (table.fieldnames or ())]:
        faults.add("表头", f"缺少列：{'、'.join(missing)}")
        return
    for line, row in enumerate(table, start=2):
        yield f"第{line}行", {column: (row[column] or "").strip() for column in columns}


def read_text(path: Path, faults: Faults) -> str:
    """The text of a content file; empty, with a fault, when there is none or it is no UTF-8 text."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        faults.add("文件", "没有这个文件")
    except (OSError, UnicodeDecodeError):
        faults.add("文件", "读不出来，应为 UTF-8 编码的文本")
    return ""
