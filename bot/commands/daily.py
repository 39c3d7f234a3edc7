"""``ipbot daily``: the work of once a day, for those who start it from a timer."""

from __future__ import annotations

from datetime import datetime

from bot.build import build_engine, build_files, build_incoming, retention_days
from bot.files import Uploads
from bot.people import People
from bot.settings import Settings


def daily(settings: Settings, now: datetime) -> int:
    """Erase the people whose data, and remove the files that were kept long enough, and say how many."""
    with build_engine(settings, settings.content).begin() as connection:
        count = People(connection).expire(now, retention_days(settings))
        uploads = Uploads(connection, build_incoming(settings))
        removed = uploads.sweep(now)
    removed += uploads.remove_gone() + build_files(settings).sweep(now)
    print(f"已删除 {count} 人的过期数据、{removed} 个过期文件")
    return 0
