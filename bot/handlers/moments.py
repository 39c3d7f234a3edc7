"""Reading times that are typed into a form, by Beijing time."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.desk import BEIJING
from bot.flow import Refused, said
from bot.messages import Body

MOST = timedelta(days=730)
_MOMENT = re.compile(r"(?:(\d{4})[-/.年])?(\d{1,2})[-/.月](\d{1,2})日?\s*(?:(\d{1,2})[:：点时](\d{1,2})?分?)")
_CLOCK = re.compile(r"(\d{1,2})[:：点时](\d{1,2})?分?")


def moment(now: datetime, after: datetime, day_of: datetime | None = None) -> Callable[[Body], Any]:
    """A reader for a time by Beijing time, later than ``after``; with ``day_of`` an hour alone is one of that day."""

    def read(body: Body) -> datetime | Refused:
        words = said(body) or ""
        found = _read_moment(words, now, day_of)
        if found is None:
            return Refused("没看懂这个时间。请这样写：2026-12-03 10:00。")
        if found <= after:
            return Refused(f"要晚于北京时间 {after.astimezone(BEIJING):%Y-%m-%d %H:%M}。")
        if found > now + MOST:
            return Refused("时间太远了，两年以内才行。")
        return found

    return read


def deadline(now: datetime, begins: datetime) -> Callable[[Body], Any]:
    """A reader for a time not after ``begins``; 开始前 is ``begins``."""
    later = moment(now, now)

    def read(body: Body) -> datetime | Refused:
        if said(body) == "开始前":
            return begins
        found = later(body)
        if isinstance(found, datetime) and found > begins:
            return Refused("报名截止不能晚于开始时间。")
        return found  # type: ignore[no-any-return]

    return read


def _read_moment(words: str, now: datetime, day_of: datetime | None) -> datetime | None:
    today = now.astimezone(BEIJING)
    try:
        if match := _MOMENT.search(words):
            year = int(match[1]) if match[1] else today.year
            month, number, hour, minute = int(match[2]), int(match[3]), int(match[4]), int(match[5] or 0)
            found = datetime(year, month, number, hour, minute, tzinfo=BEIJING)
            if not match[1] and found < today:
                found = found.replace(year=year + 1)
            return found.astimezone(UTC)
        if day_of is not None and (match := _CLOCK.fullmatch(words.strip())):
            return day_of.astimezone(BEIJING).replace(hour=int(match[1]), minute=int(match[2] or 0)).astimezone(UTC)
    except ValueError:
        return None
    return None
