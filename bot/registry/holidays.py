"""Which days are rest days and which weekends are worked: read from ``content/holidays/<year>.yaml``."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import yaml

from bot.calculators.workdays import Holidays
from bot.knowledge.problems import Faults, Problem

_LISTS = ("rest", "regional", "work")
_FIELDS = ("source", "published")
_LONGEST = 20  # days of one holiday; more is a slip of the pen


def read_holidays(content: Path) -> tuple[Holidays, list[Problem]]:
    """Read all years; a problem for each fault. No file at all is no fault."""
    problems: list[Problem] = []
    rest: set[date] = set()
    work: set[date] = set()
    years: set[int] = set()
    for path in sorted((content / "holidays").glob("*.yaml")):
        faults = Faults(f"holidays/{path.name}")
        if path.stem.isascii() and path.stem.isdigit() and len(path.stem) == 4:
            year = int(path.stem)
            days, published = _read_year(path, year, faults)
            rest |= days["rest"] | days["regional"]
            work |= days["work"]
            if published:
                years.add(year)
        else:
            faults.add("文件名", "应为四位年份，如 2026.yaml")
        problems += faults.found
    return Holidays(frozenset(rest), frozenset(work), frozenset(years)), problems


def _read_year(path: Path, year: int, faults: Faults) -> tuple[dict[str, set[date]], bool]:
    """The days of each list, and whether the official calendar of that year is in them."""
    days: dict[str, set[date]] = {name: set() for name in _LISTS}
    try:
        table = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CBaseLoader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        faults.add("文件", "读不出来，应为 UTF-8 编码的 YAML")
        return days, False
    if not isinstance(table, dict):
        faults.add("文件", f"应有这些项：{'、'.join(_LISTS)}")
        return days, False
    for name in sorted(set(table) - {*_LISTS, *_FIELDS}):
        faults.add(str(name), f"没有这个字段，可用的是：{'、'.join((*_FIELDS, *_LISTS))}")
    for name in _LISTS:
        lines = table.get(name) or []
        if not isinstance(lines, list):
            faults.add(name, "应为一行一个日期的列表")
            continue
        for number, line in enumerate(lines, start=1):
            days[name] |= _read_days(str(line), year, f"{name}.{number}", faults)
    for day in sorted((days["rest"] | days["regional"]) & days["work"]):
        faults.add("work", f"{day} 既放假又上班")
    published = str(table.get("published", "yes"))
    if published not in ("yes", "no"):
        faults.add("published", f"“{published}”应为 yes 或 no")
    return days, published == "yes"


def _read_days(line: str, year: int, field: str, faults: Faults) -> set[date]:
    words = line.split()
    first_text, _, last_text = (words[0] if words else "").partition("..")
    first = faults.day(field, first_text or "空")
    last = faults.day(field, last_text) if last_text else first
    if first is None or last is None:
        return set()
    if not 0 <= (last - first).days < _LONGEST:
        faults.add(field, f"“{line}”的结束日期应在开始日期之后 {_LONGEST} 天以内")
        return set()
    if last.year != year:
        faults.add(field, f"“{line}”不在 {year} 年")
        return set()
    return {first + timedelta(days=n) for n in range((last - first).days + 1)}
