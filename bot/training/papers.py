"""What is made of an event as a file: the calendar entry, the poster with its QR code, the list of who comes."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import segno
from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Mm, Pt
from icalendar import Alarm, Calendar
from icalendar import Event as Entry

from bot.training.events import Event
from bot.training.signups import Signup, Standing

BEIJING = ZoneInfo("Asia/Shanghai")
_WEEKDAYS = "一二三四五六日"
_STANDINGS = {Standing.IN: "已报名", Standing.WAITING: "候补", Standing.LEFT: "已退出"}
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def when(begins: datetime, ends: datetime) -> str:
    """A time by Beijing time: 2026年12月3日（周四）10:00–12:00."""
    first, last = begins.astimezone(BEIJING), ends.astimezone(BEIJING)
    end = f"{last:%H:%M}" if last.date() == first.date() else day(last) + f"{last:%H:%M}"
    return f"{day(first)}{first:%H:%M}–{end}"


def day(at: datetime) -> str:
    """A day by Beijing time: 2026年12月3日（周四）."""
    local = at.astimezone(BEIJING)
    return f"{local.year}年{local.month}月{local.day}日（周{_WEEKDAYS[local.weekday()]}）"


def calendar(event: Event, now: datetime) -> bytes:
    """An iCalendar file with an alarm an hour before. Its number of changes rises with the time of the last change."""
    entry = Entry()
    entry.add("uid", f"event-{event.id}-{event.code}@ipbot")
    entry.add("dtstamp", now)
    entry.add("dtstart", event.begins)
    entry.add("dtend", event.ends)
    entry.add("summary", event.title)
    entry.add("location", event.place)
    entry.add("description", f"{event.about}\n主办：{event.organiser}\n联系：{event.contact}")
    entry.add("sequence", int(event.changed.timestamp()) if event.changed else 0)
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", event.title)
    alarm.add("trigger", timedelta(hours=-1))
    entry.add_component(alarm)
    file = Calendar()
    file.add("prodid", "-//ipbot//CN")
    file.add("version", "2.0")
    file.add_component(entry)
    return bytes(file.to_ical())


def qr_code(text: str) -> bytes:
    """A QR code as a PNG picture."""
    out = io.BytesIO()
    segno.make(text, error="m").save(out, kind="png", scale=10, border=4)
    return out.getvalue()


def poster(event: Event, address: str) -> bytes:
    """A poster for printing on A4, as DOCX: what, when, where, and the QR code of ``address``."""
    sheet = Document()
    for text, size, bold in (
        (event.title, 36, True),
        (f"北京时间 {when(event.begins, event.ends)}", 18, False),
        (event.place, 18, False),
        (f"主办：{event.organiser}　面向：{event.audience}", 14, False),
        (event.about, 14, False),
        (f"联系：{event.contact}", 14, False),
    ):
        run = _centred(sheet).add_run(text)
        run.font.size, run.bold = Pt(size), bold
    _centred(sheet).add_run().add_picture(io.BytesIO(qr_code(address)), width=Mm(70))
    _centred(sheet).add_run(f"扫码看详情和报名，或在聊天里发送“活动 {event.id}”").font.size = Pt(14)
    out = io.BytesIO()
    sheet.save(out)
    return out.getvalue()


def _centred(sheet: Any) -> Any:
    paragraph = sheet.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    return paragraph


def guest_list(signups: Sequence[Signup]) -> bytes:
    """Who comes, as CSV for spreadsheets (UTF-8 with its mark; no cell is taken for a formula)."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(("序号", "称呼", "单位", "状态", "报名时间", "签到时间", "评分", "意见"))
    for number, signup in enumerate(signups, start=1):
        cells = (
            signup.name,
            signup.company,
            _STANDINGS[signup.standing],
            _stamp(signup.at),
            _stamp(signup.signed_in),
            "" if signup.score is None else str(signup.score),
            signup.remark,
        )
        writer.writerow((number, *map(_plain, cells)))
    return ("\ufeff" + out.getvalue()).encode()


def _plain(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _stamp(at: datetime | None) -> str:
    return f"{at.astimezone(BEIJING):%Y-%m-%d %H:%M}" if at else ""
