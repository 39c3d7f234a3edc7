"""``ipbot daily``: what time moves, for those who start it from a timer; ``serve`` and ``worker`` do it by themselves."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from bot.build import build_engine, build_files, build_incoming, retention_days
from bot.files import Uploads
from bot.helpdesk.helpdesk import Helpdesk, open_helpdesk
from bot.helpdesk.rounds import move_tickets
from bot.letters import Letters
from bot.people import People
from bot.registry.daily import move_time
from bot.registry.hours import OfficeHours, read_hours
from bot.registry.places import Gazetteer, read_places
from bot.registry.points import Points
from bot.registry.register import open_register
from bot.settings import Settings
from bot.staff import Staff


def daily(settings: Settings, now: datetime) -> int:
    """Do what is due in the register and with tickets, erase the people whose data, and remove the files that were kept long enough; say
    how much it was."""
    engine = build_engine(settings, settings.content)
    gazetteer, _ = read_places(settings.content)
    hours, _ = read_hours(settings.content, gazetteer)
    days, files = retention_days(settings), build_files(settings)
    with engine.begin() as connection:
        done = move_time(connection, gazetteer, hours.holidays, now)
    while True:
        with engine.begin() as connection:
            if not move_tickets(_helpdesk(connection, gazetteer, hours).tickets, now):
                break
    with engine.begin() as connection:
        _helpdesk(connection, gazetteer, hours).feedback.remind(now)
    with engine.begin() as connection:
        people, uploads = People(connection), Uploads(connection, build_incoming(settings))
        helpdesk = _helpdesk(connection, gazetteer, hours)
        for person in people.expiring(now, days):
            for file in helpdesk.tickets.forget(person, now)[1]:
                files.remove(file)
            for id in helpdesk.feedback.forget(person)[1]:
                uploads.release(id)
        count = people.expire(now, days)
        removed = uploads.sweep(now)
    removed += uploads.remove_gone() + files.sweep(now)
    print(f"到期 {done.expired} 个网点，写了 {done.letters} 条提醒")
    print(f"已删除 {count} 人的过期数据、{removed} 个过期文件")
    return 0


def _helpdesk(connection: Connection, gazetteer: Gazetteer, hours: OfficeHours) -> Helpdesk:
    letters, staff, points = Letters(connection), Staff(connection), Points(connection, gazetteer)
    register = open_register(connection, gazetteer, hours.holidays, points, letters, staff)
    return open_helpdesk(connection, register, letters, staff, hours)
