"""By when somebody answers: so many minutes of office time from now. Where no hours are entered, nothing is promised."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.calculators.workdays import Holidays
from bot.registry.hours import Hours, OpenNow, OpensAt

# Where no hours are entered somebody else is asked at these times only, so that nobody is written to at night. It sets the
# pace; it is nobody's opening time and is never told.
PACE = Hours.parse("一至五 10:00-20:00")
_SPANS = 200  # that are looked through


def office_time(hours: Hours, holidays: Holidays, now: datetime, wait: timedelta) -> datetime | None:
    """When ``wait`` of open time has passed since ``now`` (aware); None where nothing is known of the hours."""
    left, at = wait, now
    for _ in range(_SPANS):
        match hours.state_at(at, holidays):
            case OpenNow(closes_at=closes):
                if at + left <= closes:
                    return at + left
                left -= closes - at
                at = closes
            case OpensAt(when=when):
                at = when
            case _:
                return None
    return None
