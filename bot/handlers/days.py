"""How days are said: with their weekday, and that the calendar of a year is not known yet."""

from __future__ import annotations

from datetime import date

UNPUBLISHED = "（该年放假安排尚未公布，只按周末推算，公布后可能再顺延。）"


def on_weekday(day: date) -> str:
    """2027年3月1日（星期一）."""
    return f"{day.year}年{day.month}月{day.day}日（星期{'一二三四五六日'[day.weekday()]}）"
