"""Calendar files, against RFC 5545."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from bot.calculators.calendars import DayEvent, escape, fold, write_calendar

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
TEXTS = st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=300)


def unfolded(content: bytes) -> list[str]:
    return content.decode().replace("\r\n ", "").split("\r\n")


def test_a_day_with_reminders() -> None:
    event = DayEvent(date(2027, 3, 1), "复审（最后一天）", "最晚 2027年3月1日；\n以官方通知为准, 请核对")
    lines = unfolded(write_calendar((event,), NOW))
    assert lines[0] == "BEGIN:VCALENDAR"
    assert lines[-2:] == ["END:VCALENDAR", ""]
    for line in (
        "DTSTART;VALUE=DATE:20270301",
        "DTEND;VALUE=DATE:20270302",
        "DTSTAMP:20261122T040000Z",
        "SUMMARY:复审（最后一天）",
        "DESCRIPTION:最晚 2027年3月1日；\\n以官方通知为准\\, 请核对",
        "TRIGGER:-P6DT15H",
        "TRIGGER:-P0DT15H",
    ):
        assert line in lines
    assert lines.count("BEGIN:VALARM") == lines.count("END:VALARM") == 2


def test_the_same_event_has_the_same_uid() -> None:
    event = DayEvent(date(2027, 3, 1), "甲", "乙")
    first, second = (re.search(rb"UID:(\S+)", write_calendar((event,), now)) for now in (NOW, datetime.now(UTC)))
    assert first is not None
    assert second is not None
    assert first[1] == second[1]


@given(TEXTS)
def test_lines_are_folded_at_75_bytes_and_nothing_is_lost(text: str) -> None:
    line = f"DESCRIPTION:{escape(text)}"
    folded = fold(line)
    assert all(len(part.encode()) <= 75 for part in folded.split("\r\n"))
    assert folded.replace("\r\n ", "") == line


@given(st.text(max_size=60))
def test_an_escaped_text_is_one_line_and_read_back(text: str) -> None:
    written = escape(text)
    assert "\n" not in written
    assert "\r" not in written
    back = re.sub(r"\\(.)", lambda m: "\n" if m[1] == "n" else m[1], written)
    assert back == text.replace("\r\n", "\n").replace("\r", "\n")
