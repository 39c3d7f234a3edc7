"""Calendar files (RFC 5545): a whole day with a reminder before it, which every phone can take up."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

_FOLD = 75  # bytes of a line at most


@dataclass(frozen=True, slots=True)
class DayEvent:
    """Something that falls on a day; ``remind`` are days before it."""

    day: date
    title: str
    text: str
    remind: tuple[int, ...] = (7, 1)


def write_calendar(events: tuple[DayEvent, ...], now: datetime) -> bytes:
    """A calendar file of ``events``; the same event made twice has the same UID, so that it is not doubled."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//ipbot//deadlines//ZH", "CALSCALE:GREGORIAN"]
    for event in events:
        uid = hashlib.sha256(f"{event.day}\0{event.title}\0{event.text}".encode()).hexdigest()[:32]
        lines += [
            "BEGIN:VEVENT",
            f"UID:{uid}@ipbot",
            f"DTSTAMP:{now.astimezone(UTC):%Y%m%dT%H%M%SZ}",
            f"DTSTART;VALUE=DATE:{event.day:%Y%m%d}",
            f"DTEND;VALUE=DATE:{event.day + timedelta(days=1):%Y%m%d}",
            f"SUMMARY:{escape(event.title)}",
            f"DESCRIPTION:{escape(event.text)}",
            "TRANSP:TRANSPARENT",
        ]
        for days in event.remind:
            # nine in the morning of that day, for an event that begins at midnight
            lines += ["BEGIN:VALARM", "ACTION:DISPLAY", f"DESCRIPTION:{escape(event.title)}"]
            lines += [f"TRIGGER:-P{days - 1}DT15H", "END:VALARM"]
        lines.append("END:VEVENT")
    lines.append("END:VCALENDAR")
    return "".join(f"{fold(line)}\r\n" for line in lines).encode()


def escape(text: str) -> str:
    """``text`` as the value of a property."""
    for plain, written in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\r\n", "\\n"), ("\n", "\\n"), ("\r", "\\n")):
        text = text.replace(plain, written)
    return text


def fold(line: str) -> str:
    """``line`` broken so that no part has more than 75 bytes of UTF-8; the parts after the first begin with a space."""
    parts, part, size = [], "", 0
    for character in line:
        width = len(character.encode())
        if size + width > _FOLD:
            parts.append(part)
            part, size = " ", 1
        part += character
        size += width
    return "\r\n".join([*parts, part])
