"""``ipbot import`` and ``ipbot export``: points, institutions, applications as CSV or XLSX, with every rejected row."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

from bot.build import build_engine
from bot.desk import BEIJING
from bot.registry.exchange import export_points, import_points
from bot.registry.imports import export_applications, export_institutions, import_applications, import_institutions
from bot.registry.places import read_places
from bot.settings import Settings

_FORMATS = {".csv": "csv", ".xlsx": "xlsx"}


def import_file(settings: Settings, what: str, file: str, dry_run: bool, skip_bad: bool) -> int:
    """Import a list of ``what``, and say what was added, changed and rejected; returns 1 when rows were rejected."""
    path = Path(file)
    if not path.is_file():
        print(f"没有这个文件：{file}", file=sys.stderr)
        return 2
    gazetteer, _ = read_places(settings.content)
    now = datetime.now(UTC)
    with build_engine(settings, settings.content).begin() as connection:
        match what:
            case "institutions":
                report = import_institutions(path, connection, gazetteer, dry_run=dry_run, skip_bad=skip_bad)
            case "applications":
                report = import_applications(path, connection, now, dry_run=dry_run, skip_bad=skip_bad)
            case _:
                today = now.astimezone(BEIJING).date()
                report = import_points(path, connection, gazetteer, today, dry_run=dry_run, skip_bad=skip_bad, now=now)
    for line in report.lines():
        print(line)
    return 1 if report.rejected else 0


def export_file(settings: Settings, what: str, file: str) -> int:
    """Write a list of ``what`` to a file whose name ends in .csv or .xlsx; returns 2 for another name."""
    path = Path(file)
    format = _FORMATS.get(path.suffix.lower())
    if format is None:
        print(f"文件名应以 .csv 或 .xlsx 结尾：{file}", file=sys.stderr)
        return 2
    gazetteer, _ = read_places(settings.content)
    with build_engine(settings, settings.content).begin() as connection:
        match what:
            case "institutions":
                content = export_institutions(connection, gazetteer, format)
            case "applications":
                content = export_applications(connection, format)
            case _:
                content = export_points(connection, gazetteer, format)
    path.write_bytes(content)
    print(f"已写入 {file}")
    return 0
