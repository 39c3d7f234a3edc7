"""Quiet hours: when nothing is announced to many."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

BEIJING = ZoneInfo("Asia/Shanghai")
_HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From ``begin`` to ``end`` by Beijing time, over midnight when ``end`` is earlier; none when they are the same."""

    begin: time
    end: time

    @staticmethod
    def read(text: str) -> QuietHours:
        """``22:00-10:00``; empty: none. Raises ValueError."""
        if not text:
            return QuietHours(time(), time())
        match = _HOURS.fullmatch(text)
        if match is None:
            raise ValueError("expected hours like 22:00-10:00, or nothing")
        return QuietHours(time(int(match[1]), int(match[2])), time(int(match[3]), int(match[4])))

    def over(self, now: datetime) -> datetime:
        """When the quiet is over; ``now`` when it is not quiet."""
        local = now.astimezone(BEIJING)
        clock = local.time()
        over_midnight = self.end < self.begin
        quiet = (clock >= self.begin or clock < self.end) if over_midnight else self.begin <= clock < self.end
        if not quiet:
            return now
        days = 1 if over_midnight and clock >= self.begin else 0
        return datetime.combine(local.date() + timedelta(days=days), self.end, BEIJING).astimezone(now.tzinfo)
