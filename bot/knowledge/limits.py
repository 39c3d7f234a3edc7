"""Which time limits people ask for and how each is recognised: read from ``content/limits``."""

from __future__ import annotations

import re
from pathlib import Path

from bot.calculators.deadlines import Limit, Nature
from bot.calculators.workdays import read_period
from bot.knowledge.figures import Figures
from bot.knowledge.problems import Faults, Problem
from bot.knowledge.tables import read_table

_COLUMNS = ("id", "group", "label", "kind", "words", "start", "note", "before")
_LABEL_BYTES = 64  # a label is said by its button
RENEWAL_PERIODS = ("tm-renew-window", "tm-renew-grace")


def read_limits(content: Path, figures: Figures) -> tuple[tuple[Limit, ...], list[Problem]]:
    """All limits in their order, and what is wrong with the file. Rows with a fault are left out."""
    path = content / "limits" / "limits.csv"
    if not path.exists():
        return (), []
    faults = Faults(path.relative_to(content).as_posix())
    limits: dict[str, Limit] = {}
    for where, row in read_table(path, _COLUMNS, faults):
        limit = _read_row(row, where, figures, faults)
        if limit and limit.id in limits:
            faults.add(where, f"“{limit.id}”出现了两次")
        elif limit:
            limits[limit.id] = limit
    return tuple(limits.values()), faults.found


def _read_row(row: dict[str, str], where: str, figures: Figures, faults: Faults) -> Limit | None:
    before = len(faults.found)
    if row["kind"] not in tuple(Nature):
        faults.add(where, f"kind“{row['kind']}”应为：{'、'.join(Nature)}")
        return None
    nature = Nature(row["kind"])
    ids = RENEWAL_PERIODS if nature is Nature.RENEWAL else (row["id"], *([row["before"]] if row["before"] else []))
    for id in ids:
        if ("deadline", id) not in figures:
            faults.add(where, f"content/deadlines 里没有“{id}”")
        elif nature is not Nature.FIXED and not all(read_period(f.text) for f in figures.all("deadline", id)):
            faults.add(where, f"“{id}”的 period 应写成 3个月、15日、3个工作日、10年 这样")
    if not row["label"] or len(row["label"].encode()) > _LABEL_BYTES:
        faults.add(where, f"label 应有内容，不超过 {_LABEL_BYTES} 字节")
    if not row["start"] and nature is not Nature.FIXED:
        faults.add(where, "缺少 start（从哪天起算）")
    try:
        re.compile(row["words"])
    except re.error as error:
        faults.add(where, f"words 不是正则：{error}")
    if len(faults.found) > before:
        return None
    return Limit(row["id"], row["group"], row["label"], nature, row["words"], row["start"], row["note"], row["before"])
