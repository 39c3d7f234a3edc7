"""``ipbot import points``: service points from a CSV file, with a report of every rejected row."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

from bot.build import build_engine
from bot.desk import BEIJING
from bot.registry.exchange import import_points
from bot.registry.places import read_places
from bot.settings import Settings


def import_file(settings: Settings, file: str, dry_run: bool, skip_bad: bool) -> int:
    """Import, and say what was added, changed and rejected; returns 1 when rows were rejected."""
    path = Path(file)
    if not path.is_file():
        print(f"没有这个文件：{file}", file=sys.stderr)
        return 2
    gazetteer, _ = read_places(settings.content)
    today = datetime.now(BEIJING).date()
    with build_engine(settings, settings.content).begin() as connection:
        report = import_points(path, connection, gazetteer, today, dry_run=dry_run, skip_bad=skip_bad)
    for line in report.lines():
        print(line)
    return 1 if report.rejected else 0
