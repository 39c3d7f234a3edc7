"""``ipbot daily``: what time moves, for those who start it from a timer; ``serve`` and ``worker`` do it by themselves."""

from __future__ import annotations

from datetime import datetime

from bot.build import build_engine, build_files, build_incoming, retention_days
from bot.files import Uploads
from bot.people import People
from bot.registry.daily import move_time
from bot.registry.holidays import read_holidays
from bot.registry.places import read_places
from bot.settings import Settings


def daily(settings: Settings, now: datetime) -> int:
    """Do what is due in the register, erase the people whose data, and remove the files that were kept long enough; say
    how much it was."""
    engine = build_engine(settings, settings.content)
    gazetteer, _ = read_places(settings.content)
    holidays, _ = read_holidays(settings.content)
    with engine.begin() as connection:
        done = move_time(connection, gazetteer, holidays, now)
    with engine.begin() as connection:
        count = People(connection).expire(now, retention_days(settings))
        uploads = Uploads(connection, build_incoming(settings))
        removed = uploads.sweep(now)
    removed += uploads.remove_gone() + build_files(settings).sweep(now)
    print(f"到期 {done.expired} 个网点，写了 {done.letters} 条提醒")
    print(f"已删除 {count} 人的过期数据、{removed} 个过期文件")
    return 0
