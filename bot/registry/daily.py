"""What time moves, once a day: titles that end, reminders, what is overdue, notices and rectifications that are over.

Run it as often as one likes, also twice at once: a step is taken by compare-and-set, a letter has one key.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property

from sqlalchemy import ColumnElement, Connection, and_, or_, select

from bot.calculators.workdays import Holidays
from bot.database.tables import applications, institutions, points
from bot.letters import Letters
from bot.messages import Option, Reply
from bot.registry.hours import BEIJING
from bot.registry.lifecycle import Moved
from bot.registry.news import REGULATION, case_reply
from bot.registry.places import Gazetteer
from bot.registry.points import Point, Points, read_point
from bot.registry.register import Register, open_register
from bot.registry.stages import VALID
from bot.registry.terms import CONFIRM_EVERY, REMIND_BEFORE, beijing_day, by
from bot.staff import Role, Staff

_MORNING = time(10, 0)  # Beijing time: offices of the region open then
_REPORT_FROM = (12, 1)  # reminders of the annual report begin on 1 December
_REPORT_LEFT = (30, 7, 1)  # days before it is due
_RECTIFY_LEFT = 30


@dataclass(slots=True)
class Done:
    """What a run did: titles that ended, letters that were written."""

    expired: int = 0
    letters: int = 0


@dataclass(frozen=True)
class Daily:
    """The work of one day."""

    connection: Connection
    register: Register
    now: datetime

    @property
    def today(self) -> date:
        return beijing_day(self.now)

    def run(self) -> Done:
        """Everything that is due by now; returns what was done."""
        done = Done()
        self._expire(done)
        self._renewals(done)
        self._contacts(done)
        self._reports(done)
        self._rectifications(done)
        self._notices(done)
        self._bars(done)
        return done

    def _expire(self, done: Done) -> None:
        """Titles whose last day has passed (Art. 8)."""
        for point in self._points(points.c.expires_on < self.today):
            done.expired += isinstance(self.register.standing.expire(point, self.now), Moved)

    def _renewals(self, done: Done) -> None:
        """90, 30 and 7 days before a title ends; who was not reminded in time hears of the nearest only (Art. 8)."""
        last = self.today + timedelta(days=max(REMIND_BEFORE))
        for point in self._points(points.c.expires_on.between(self.today, last)):
            assert point.expires_on is not None
            left = (point.expires_on - self.today).days
            stage = min(days for days in REMIND_BEFORE if left <= days)
            text = (
                f"{point.name}的有效期到 {point.expires_on}，还有 {left} 天。要继续做网点的，请按有关通知申请续期"
                f"（{REGULATION}第八条）。"
            )
            reply = Reply(text, options=(Option("申请续期", "网点续期"), Option("申报通知", "申报通知")))
            done.letters += self._point(point, reply, f"renewal:{point.code}:{point.expires_on}:{stage}")

    def _contacts(self, done: Done) -> None:
        """Contact data not confirmed for 90 days."""
        old = self.today - timedelta(days=CONFIRM_EVERY)
        for point in self._points(or_(points.c.confirmed_on.is_(None), points.c.confirmed_on <= old)):
            rounds = (self.today - point.confirmed_on).days // CONFIRM_EVERY if point.confirmed_on else 0
            since = f"上次核对是 {point.confirmed_on}。" if point.confirmed_on else ""
            reply = Reply(
                f"请核对{point.name}公开的地址、电话和开放时间。{since}", options=(Option("现在核对", "核对联系方式"),)
            )
            done.letters += self._point(point, reply, f"contact:{point.code}:{point.confirmed_on}:{rounds}")

    def _reports(self, done: Done) -> None:
        """The annual report: from 1 December, a week and a day before it is due, and when it is late (Art. 16)."""
        year = self.today.year if (self.today.month, self.today.day) >= _REPORT_FROM else self.today.year - 1
        due = self.register.reports.due(year)
        left = (due.day - self.today).days
        if left > (due.day - date(year, *_REPORT_FROM)).days or left < -366:
            return
        stage = min((days for days in _REPORT_LEFT if left <= days), default=_REPORT_LEFT[0] + 1) if left >= 0 else -1
        missing = self._points(points.c.certified_on <= date(year, 12, 31), self.register.reports.not_filed(year))
        for point in missing:
            when = f"请于 {by(due)} 前报送" if left >= 0 else f"截止 {by(due)}，已经逾期，请尽快报送"
            text = f"{point.name}的{year}年度工作总结和下一年度工作计划，{when}（{REGULATION}第十六条）。"
            reply = Reply(text, options=(Option("现在填报", "年度总结"),))
            done.letters += self._point(point, reply, f"report:{point.code}:{year}:{stage}")
        if left < 0:
            late = Counter(self.register.offices.of(point.adcode) for point in missing)
            for prefecture, count in late.items():
                text = f"{year}年度总结逾期未报的网点有 {count} 个（截止 {by(due)}，第十六条）。"
                told = Reply(text, options=(Option("看名单", "逾期名单"),))
                key = f"overdue:{prefecture}:{year}"
                done.letters += self._office(prefecture, told, key) if prefecture else self._region(told, key)

    def _rectifications(self, done: Done) -> None:
        """A rectification that ends within a month, and one that is over (Art. 16)."""
        for point in self._points(points.c.state == "rectifying", points.c.rectify_by.is_not(None)):
            assert point.rectify_by is not None
            left = (point.rectify_by - self.today).days
            if 0 <= left <= _RECTIFY_LEFT:
                reply = case_reply(f"{point.name}的整改期到 {point.rectify_by}，还有 {left} 天。", point.code)
                done.letters += self._point(point, reply, f"rectify:{point.code}:{point.rectify_by}")
            elif left < 0:
                text = (
                    f"{point.name}（{point.code}）的整改期 {point.rectify_by} 已满：合格的请办“整改合格”，"
                    "仍不符合的由自治区局撤销（第十六条）。"
                )
                key = f"rectified:{point.code}:{point.rectify_by}"
                done.letters += self._office(point.adcode, case_reply(text, point.code), key)
                done.letters += self._region(case_reply(text, point.code), key)

    def _notices(self, done: Done) -> None:
        """Public notices that are over without an open objection (Art. 7)."""
        over = and_(applications.c.state == "notice", applications.c.notice_until < self.today)
        query = select(applications.c.number, applications.c.notice_until).where(over).order_by(applications.c.id)
        for number, until in self.connection.execute(query):
            reply = case_reply(f"{number} 的公示已于 {until} 期满，没有未处理的异议，可以认定。", number)
            done.letters += self._region(reply, f"notice:{number}:{until}")

    def _bars(self, done: Done) -> None:
        """Bars that ended within the last month (Art. 17): who applied hears that a new application is possible."""
        ended = institutions.c.barred_until.between(self.today - timedelta(days=31), self.today - timedelta(days=1))
        query = (
            select(institutions.c.id, institutions.c.name, institutions.c.barred_until, applications.c.applicant_id)
            .join(applications, applications.c.institution_id == institutions.c.id)
            .where(ended, applications.c.applicant_id.is_not(None))
        )
        for id, name, until, person in self.connection.execute(query):
            reply = Reply(f"{name}的三年限制期已于 {until} 届满，可以再提交认定申请（第十七条）。")
            at = self._at()
            done.letters += self.register.news.person(
                person, reply, f"bar:{id}:{until}", self.now, kind="reminder", at=at
            )

    # -- who is told ---------------------------------------------------------------------------------------

    def _point(self, point: Point, reply: Reply, key: str) -> int:
        if point.code not in self._staffed:
            return 0
        return self.register.news.point(point.code, reply, key, self.now, kind="reminder", at=self._at())

    @cached_property
    def _staffed(self) -> frozenset[str]:
        """The points that somebody works for: the others cannot be told anything."""
        return frozenset(member.point for member in self.register.news.staff.serving(Role.POINT))

    def _office(self, adcode: str, reply: Reply, key: str) -> int:
        return self.register.news.office(adcode, reply, key, self.now, kind="reminder", at=self._at())

    def _region(self, reply: Reply, key: str) -> int:
        return self.register.news.region(reply, key, self.now, kind="reminder", at=self._at())

    def _at(self) -> datetime:
        """Not before the offices open."""
        return max(self.now, datetime.combine(self.today, _MORNING, BEIJING))

    def _points(self, *where: ColumnElement[bool]) -> list[Point]:
        """The valid points that these conditions hold for, samples left out."""
        query = select(points).where(points.c.state.in_(VALID), ~points.c.sample, *where)
        return [read_point(row) for row in self.connection.execute(query.order_by(points.c.code)).mappings()]


def move_time(connection: Connection, gazetteer: Gazetteer, holidays: Holidays, now: datetime) -> Done:
    """The work of one day through ``connection``."""
    seen = Points(connection, gazetteer)
    register = open_register(connection, gazetteer, holidays, seen, Letters(connection), Staff(connection))
    return Daily(connection, register, now).run()
