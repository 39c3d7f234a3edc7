"""The table of Nice classes and of everyday words for goods and services: read from ``content/nice``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from bot.calculators.nice import LAST_CLASS, LONGEST, NiceClass, NiceTable, Term
from bot.knowledge.problems import Faults, Problem
from bot.knowledge.tables import read_table

_CLASS_COLUMNS = ("class", "kind", "heading", "companions", "source")
_TERM_COLUMNS = ("words", "class", "also", "basis")
_ALSO = re.compile(r"^(\d{1,2}|商品) \S+")


def read_classes(content: Path) -> tuple[NiceTable, list[Problem]]:
    """The table, and what is wrong with the files. Rows with a fault are left out."""
    problems: list[Problem] = []
    classes: dict[int, NiceClass] = {}
    for row, where, faults in _rows(content / "nice" / "classes.csv", content, _CLASS_COLUMNS, problems):
        number = _number(row["class"], where, faults)
        others = tuple(_number(part, where, faults) for part in row["companions"].split(";") if part)
        if number is None or None in others:
            continue
        if not row["heading"] or not row["source"]:
            faults.add(where, f"第{number}类缺少 heading（标题）或 source（出处）")
        if number in classes:
            faults.add(where, f"第{number}类出现了两次")
        classes[number] = NiceClass(number, row["heading"], tuple(n for n in others if n is not None))
    terms: dict[str, Term] = {}
    for row, where, faults in _rows(content / "nice" / "terms.csv", content, _TERM_COLUMNS, problems):
        number = _number(row["class"], where, faults) if row["class"] else None
        if row["class"] and number is None:
            continue
        if number is not None and not row["basis"]:
            faults.add(where, "缺少 basis（归类的根据，如类标题或基本序号）")
        also = tuple(part for part in row["also"].split("；") if part)
        for part in also:
            if not _ALSO.match(part):
                faults.add(where, f"also 里的“{part}”应写成“类号 条件”，如 31 新鲜的")
        for word in row["words"].split("|"):
            if word.lower() in terms:
                faults.add(where, f"“{word}”出现了两次")
            if len(word) > LONGEST:
                faults.add(where, f"“{word}”超过 {LONGEST} 个字")
            if len(word) < 2:
                faults.add(where, f"“{word}”只有一个字，前面要加 ~（只在末尾认）")
                continue
            terms[word.lower()] = Term(number, also, row["basis"])
    return NiceTable(classes, terms), problems


def _number(text: str, where: str, faults: Faults) -> int | None:
    if text.isascii() and text.isdigit() and 1 <= int(text) <= LAST_CLASS:
        return int(text)
    faults.add(where, f"“{text}”应为 1 到 {LAST_CLASS} 的类号")
    return None


def _rows(
    path: Path, content: Path, columns: tuple[str, ...], problems: list[Problem]
) -> Iterator[tuple[dict[str, str], str, Faults]]:
    """The rows of a file with what names them; problems are noted as they are read."""
    faults = Faults(path.relative_to(content).as_posix())
    faults.found = problems
    return ((row, where, faults) for where, row in read_table(path, columns, faults)) if path.exists() else iter(())
