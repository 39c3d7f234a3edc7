"""The annual reports of the points (Art. 16): last year's summary and the plan, through the prefecture to the region; the
services rendered that they are filled from, counted without any content; and who is overdue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from bot.calculators.workdays import End
from bot.database.tables import points, rendered, reports
from bot.registry.institutions import next_number
from bot.registry.lifecycle import Deed, Entry, Moved, Past, Proposed, past, record, take
from bot.registry.points import Point, Points, read_point
from bot.registry.stages import REPORT, VALID
from bot.registry.standing import Standing
from bot.registry.terms import beijing_day, report_by
from bot.staff import Action, Actor, Denied, Role, may

Came = Moved | Proposed | Denied

# what is counted, and as what users know it: the basic services of Art. 11, those of Art. 12, and what came back (Art. 15)
KINDS: Mapping[str, str] = {
    "consultation": "答复咨询",
    "search": "查询检索",
    "training": "培训活动",
    "participants": "培训参加人次",
    "analysis": "产业分析",
    "small-firms": "中小微企业服务",
    "good": "好评",
    "bad": "差评",
}


@dataclass(frozen=True, slots=True)
class Report:
    """One annual report; ``year`` is that of the summary; ``figures`` counts by kind of service."""

    id: int
    number: str
    point: str
    year: int
    state: str
    since: datetime
    steps: int
    member_id: int
    late: bool
    figures: Mapping[str, int]
    summary: str
    plan: str


_COLUMNS = tuple(field.name for field in fields(Report))


@dataclass(frozen=True, slots=True)
class Rendered:
    """The services rendered, counted by point, month, kind and topic."""

    connection: Connection

    def count(self, point: str, kind: str, topic: str, day: date, times: int = 1) -> None:
        """One more service (or ``times``) of a kind of KINDS. Raises ValueError on another kind."""
        if kind not in KINDS:
            raise ValueError(f"no kind of service: {kind}")
        dialect = postgresql if self.connection.dialect.name == "postgresql" else sqlite
        new = dialect.insert(rendered).values(
            point=point, month=f"{day:%Y-%m}", kind=kind, topic=topic[:40], count=times
        )
        more = new.on_conflict_do_update(
            index_elements=["point", "month", "kind", "topic"], set_={"count": rendered.c.count + times}
        )
        self.connection.execute(more)

    def by_kind(self, point: str, year: int) -> dict[str, int]:
        """How many services of each kind a point rendered in a year; kinds without any are left out."""
        return self._sums(rendered.c.kind, rendered.c.point == point, rendered.c.month.like(f"{year}-%"))

    def by_topic(self, point: str, year: int) -> dict[str, int]:
        """How many services of each topic a point rendered in a year, the most first."""
        found = self._sums(
            rendered.c.topic, rendered.c.point == point, rendered.c.month.like(f"{year}-%"), rendered.c.topic != ""
        )
        return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))

    def by_point(self, months: Sequence[str]) -> dict[str, int]:
        """How many services each point rendered in some months, ratings and participants left out."""
        counted = rendered.c.kind.not_in(("good", "bad", "participants"))
        return self._sums(rendered.c.point, rendered.c.month.in_(months), counted)

    def _sums(self, column: Any, *where: ColumnElement[bool]) -> dict[str, int]:
        query = select(column, func.sum(rendered.c.count)).where(*where).group_by(column)
        return {str(key): int(total) for key, total in self.connection.execute(query)}


@dataclass(frozen=True, slots=True)
class Reports:
    """The annual reports as seen through one connection."""

    connection: Connection
    standing: Standing
    points: Points
    rendered: Rendered

    def due(self, year: int) -> End:
        """By when the summary of ``year`` is to be filed (Art. 16)."""
        return report_by(year, self.standing.holidays)

    def file(
        self, point: Point, actor: Actor, year: int, figures: Mapping[str, int], summary: str, plan: str, now: datetime
    ) -> Report | Denied:
        """File the report of a point for a year that is over or in its last month. A late one is taken and marked."""
        decided = may(actor, Action.REPORT, self.standing.matter(point))
        if isinstance(decided, Denied):
            return decided
        today = beijing_day(now)
        if today < date(year, 12, 1):
            return Denied(f"{year}年的总结从 {date(year, 12, 1)} 起报送。")
        if point.certified_on and point.certified_on.year > year:
            return Denied(f"网点 {point.certified_on} 才认定，不用报送{year}年的总结。")
        if known := self.of(point.code, year):
            return Denied(f"{year}年的总结已经报送（{known.number}，{REPORT.label(known.state)}）。")
        number = next_number(self.connection, "XJNB", year)
        values = {
            "number": number,
            "point": point.code,
            "year": year,
            "state": "submitted",
            "since": now,
            "steps": 1,
            "member_id": actor.member,
            "late": today > self.due(year).day,
            "figures": dict(figures),
            "summary": summary,
            "plan": plan,
        }
        id = self.connection.execute(insert(reports).values(values).returning(reports.c.id)).scalar_one()
        entry = Entry(1, actor, Role.POINT, Action.REPORT.value, False, "", "submitted", "第十六条")
        record(self.connection, REPORT, id, entry, at=now)
        made = self.by_number(number)
        assert made is not None
        self.standing.news.filing(REPORT, made, point, Action.REPORT, 1, "", now)
        return made

    def act(
        self,
        report: Report,
        actor: Actor,
        action: Action,
        why: str,
        now: datetime,
        texts: Mapping[str, Any] | None = None,
    ) -> Came:
        """Take a step; with ``texts``, submit another summary, plan or figures."""
        point = self.points.by_code(report.point)
        if point is None:
            return Denied("这个网点已不在名单里。")
        row = self.connection.execute(select(reports).where(reports.c.id == report.id)).mappings().one()
        on = self.standing.offices.matter(report.number, point.adcode, point.code)
        came = take(self.connection, REPORT, row, actor, Deed(action, on, why, now, texts or {}, texts or {}))
        if isinstance(came, Moved):
            after = self.by_number(report.number)
            assert after is not None
            self.standing.news.filing(REPORT, after, point, action, came.number, why, now)
        return came

    def overdue(self, year: int, today: date, adcodes: frozenset[str] | None = None) -> list[Point]:
        """The valid points that were certified by the end of ``year`` and have filed no report for it in time."""
        if today <= self.due(year).day:
            return []
        query = select(points).where(
            points.c.state.in_(VALID), points.c.certified_on <= date(year, 12, 31), self.not_filed(year)
        )
        if adcodes is not None:
            query = query.where(points.c.adcode.in_(sorted(adcodes)))
        return [read_point(row) for row in self.connection.execute(query.order_by(points.c.code)).mappings()]

    def not_filed(self, year: int) -> ColumnElement[bool]:
        """The condition on ``points`` that no report was filed for ``year``."""
        return points.c.code.not_in(select(reports.c.point).where(reports.c.year == year))

    def of(self, point: str, year: int) -> Report | None:
        """The report of a point for a year, or None."""
        return next(iter(self._read(reports.c.point == point, reports.c.year == year)), None)

    def by_number(self, number: str) -> Report | None:
        """The report of that number, or None."""
        return next(iter(self._read(reports.c.number == number.strip().upper())), None)

    def in_states(self, states: Sequence[str], codes: set[str] | None = None) -> list[Report]:
        """Those in one of ``states``, of the points ``codes`` (None: all), the longest waiting first."""
        found = self._read(reports.c.state.in_(states))
        return sorted((r for r in found if codes is None or r.point in codes), key=lambda r: (r.since, r.id))

    def history(self, report: Report) -> list[Past]:
        """What became of it, oldest first."""
        return past(self.connection, REPORT, report.id)

    def _read(self, *where: ColumnElement[bool]) -> list[Report]:
        rows = self.connection.execute(select(reports).where(*where)).mappings()
        return [Report(**{name: row[name] for name in _COLUMNS}) for row in rows]
