"""Lists as files: CSV, workbooks (XLSX) and documents (DOCX) with Chinese headers, in which no cell is taken for a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from docx import Document
from openpyxl import Workbook

from bot.registry.cells import FORMULA

Row = Sequence[object]


def neutral(cell: object) -> str:
    """A cell as text that no spreadsheet computes: what begins like a formula gets a ``'``."""
    text = "" if cell is None else str(cell)
    return "'" + text if text.startswith(FORMULA) else text


def to_csv(headers: Sequence[str], rows: Iterable[Row]) -> bytes:
    """CSV in UTF-8 with a mark at its beginning, so that spreadsheets show it right."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(headers)
    writer.writerows([neutral(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def to_xlsx(title: str, headers: Sequence[str], rows: Iterable[Row]) -> bytes:
    """A workbook with one sheet; every cell is text."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title[:31])
    sheet.append(list(headers))
    for row in rows:
        sheet.append([neutral(cell) for cell in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def to_docx(title: str, headers: Sequence[str], rows: Iterable[Row], notes: Sequence[str] = ()) -> bytes:
    """A document: a heading, notes as paragraphs, a table."""
    document = Document()
    document.add_heading(title, level=1)
    for note in notes:
        document.add_paragraph(note)
    listed = list(rows)
    if headers:
        table = document.add_table(rows=1, cols=len(headers))
        table.style = "Table Grid"
        for cell, header in zip(table.rows[0].cells, headers, strict=True):
            cell.text = header
        for row in listed:
            for cell, value in zip(table.add_row().cells, row, strict=True):
                cell.text = "" if value is None else str(value)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()
