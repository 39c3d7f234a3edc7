"""Changes of a point's important data, filed by the point, looked at by the prefecture, in force once the region files them (Art. 9)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, insert, select

from bot.database.tables import changes
from bot.registry.institutions import Institutions, next_number
from bot.registry.lifecycle import Deed, Entry, Moved, Past, Proposed, past, record, take
from bot.registry.points import Point, Points
from bot.registry.stages import CHANGE, VALID
from bot.registry.standing import Standing
from bot.registry.terms import beijing_day
from bot.staff import Action, Actor, Denied, Role, may

Came = Moved | Proposed | Denied
_OF_INSTITUTION = ("head", "contact", "contact_phone")


@dataclass(frozen=True, slots=True)
class Change:
    """One change. ``old`` and ``new`` are values by column of ``points``; ``head`` and ``contact`` are the institution's."""

    id: int
    number: str
    point: str
    state: str
    since: datetime
    steps: int
    member_id: int
    why: str
    old: Mapping[str, Any]
    new: Mapping[str, Any]


_COLUMNS = tuple(field.name for field in fields(Change))
# what may be changed, and as what users know it (Art. 9)
CHANGEABLE = {
    "name": "名称",
    "address": "场所",
    "head": "主要负责人",
    "contact": "联系人",
    "phone": "联系电话",
    "services": "主要服务事项",
    "hours": "开放时间",
    "website": "网址",
}


@dataclass(frozen=True, slots=True)
class Changes:
    """The changes as seen through one connection."""

    connection: Connection
    standing: Standing
    institutions: Institutions
    points: Points

    def current(self, point: Point) -> dict[str, Any]:
        """The values in force of all that may be changed, and where the point is."""
        institution = self.institutions.get(point.institution_id) if point.institution_id else None
        return {
            **{
                name: getattr(point, name)
                for name in ("name", "address", "phone", "hours", "website", "adcode", "lat", "lon")
            },
            "services": list(point.services),
            "head": institution.head if institution else "",
            "contact": institution.contact if institution else "",
        }

    def file(self, point: Point, actor: Actor, new: Mapping[str, Any], why: str, now: datetime) -> Change | Denied:
        """File a change of a valid point. Refuses what changes nothing, and a second change of the same thing."""
        decided = may(actor, Action.FILE, self.standing.matter(point))
        if isinstance(decided, Denied):
            return decided
        if point.state not in VALID:
            return Denied("网点资格已不在有效期内，不能报备变更。")
        current = self.current(point)
        changed = {name: value for name, value in new.items() if current.get(name) != value}
        if not changed:
            return Denied("填的内容和现在登记的一样，不用报备。")
        for pending in self.in_states(("submitted", "forwarded", "returned"), {point.code}):
            if both := set(pending.new) & set(changed):
                named = "、".join(CHANGEABLE.get(name, name) for name in sorted(both & set(CHANGEABLE)))
                return Denied(f"{named}的变更 {pending.number} 还在办理，请等它办完，或先撤回。")
        number = next_number(self.connection, "XJBG", beijing_day(now).year)
        values = {
            "number": number,
            "point": point.code,
            "state": "submitted",
            "since": now,
            "steps": 1,
            "member_id": actor.member,
            "why": why,
            "old": {name: current.get(name) for name in changed},
            "new": changed,
        }
        id = self.connection.execute(insert(changes).values(values).returning(changes.c.id)).scalar_one()
        entry = Entry(1, actor, Role.POINT, Action.FILE.value, False, "", "submitted", "第九条")
        record(self.connection, CHANGE, id, entry, at=now)
        made = self.by_number(number)
        assert made is not None
        self.standing.news.filing(CHANGE, made, point, Action.FILE, 1, "", now)
        return made

    def act(
        self,
        change: Change,
        actor: Actor,
        action: Action,
        why: str,
        now: datetime,
        new: Mapping[str, Any] | None = None,
    ) -> Came:
        """Take a step; with ``new``, submit other values. The region's acceptance puts the values in force."""
        point = self.points.by_code(change.point)
        if point is None:
            return Denied("这个网点已不在名单里。")
        if action is Action.ACCEPT and point.state not in VALID:
            return Denied("网点资格已不在有效期内，不能备案变更。")
        row = self.connection.execute(select(changes).where(changes.c.id == change.id)).mappings().one()
        values = {"new": {**change.new, **new}} if new else {}
        on = self.standing.offices.matter(change.number, point.adcode, point.code)
        came = take(self.connection, CHANGE, row, actor, Deed(action, on, why, now, values, new or {}))
        if isinstance(came, Moved):
            if action is Action.ACCEPT:
                self._put_in_force(point, change, actor, now)
            after = self.by_number(change.number)
            assert after is not None
            self.standing.news.filing(CHANGE, after, point, action, came.number, why, now)
        return came

    def _put_in_force(self, point: Point, change: Change, actor: Actor, now: datetime) -> None:
        of_point = {name: value for name, value in change.new.items() if name not in _OF_INSTITUTION}
        came = self.standing.change(point, actor, of_point, f"变更 {change.number}：{change.why}", now)
        assert isinstance(came, Moved), came
        if point.institution_id:
            of_institution = {
                n: v for n, v in change.new.items() if n in ("head", "contact", "name", "address", "phone")
            }
            if of_institution:
                self.institutions.change(point.institution_id, of_institution)

    def by_number(self, number: str) -> Change | None:
        """The change of that number, or None."""
        return next(iter(self._read(changes.c.number == number.strip().upper())), None)

    def in_states(self, states: Sequence[str], codes: set[str] | None = None) -> list[Change]:
        """Those in one of ``states``, of the points ``codes`` (None: all), the longest waiting first."""
        found = self._read(changes.c.state.in_(states))
        return sorted((c for c in found if codes is None or c.point in codes), key=lambda c: (c.since, c.id))

    def history(self, change: Change) -> list[Past]:
        """What became of it, oldest first."""
        return past(self.connection, CHANGE, change.id)

    def _read(self, *where: ColumnElement[bool]) -> list[Change]:
        rows = self.connection.execute(select(changes).where(*where)).mappings()
        return [Change(**{name: row[name] for name in _COLUMNS}) for row in rows]
