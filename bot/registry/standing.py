"""What becomes of a certified point: renewal, expiry, rectification, revocation, termination, cancellation (Art. 8, 16–18)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, select

from bot.calculators.workdays import Holidays
from bot.database.tables import points
from bot.registry.conditions import NATIONAL
from bot.registry.institutions import Institutions, Offices, next_number
from bot.registry.lifecycle import Deed, Entry, Moved, Past, Proposed, past, record, take
from bot.registry.news import REGULATION, News, case_reply
from bot.registry.points import Point
from bot.registry.services import BASIC_SERVICES
from bot.registry.stages import POINT, VALID
from bot.registry.terms import bar_end, beijing_day, rectify_by, renewed_until, term_end
from bot.staff import ACTIONS, SYSTEM, Action, Actor, Denied, Matter, Role

BREACHES = ("申报中提供虚假材料", "以网点名义从事无关的商业经营", "从事违法违规活动")  # Art. 17


@dataclass(frozen=True, slots=True)
class Standing:
    """The life-cycles of the points as seen through one connection."""

    connection: Connection
    institutions: Institutions
    offices: Offices
    holidays: Holidays
    news: News

    def matter(self, point: Point) -> Matter:
        """What a right over a point is asked for."""
        return self.offices.matter(point.code, point.adcode, point.code)

    def history(self, point: Point) -> list[Past]:
        """What became of a point, oldest first."""
        return past(self.connection, POINT, point.id)

    def proposal(self, point: Point) -> tuple[str, int | None, str]:
        """What awaits a second person: the action, who proposed it, why; the action is empty when nothing does."""
        row = self._row(point)
        return row["proposed"], row["proposed_by"], row["proposed_why"]

    # -- certified -----------------------------------------------------------------------------------------

    def certify(self, institution: int, declared: Mapping[str, Any], actor: Actor, why: str, now: datetime) -> str:
        """Enter the new point of an institution for three years (Art. 7, 8); returns its code."""
        today = beijing_day(now)
        code = next_number(self.connection, "XJP", today.year)
        services = declared.get("services") or [s.value for s in BASIC_SERVICES]
        id = self.connection.execute(
            insert(points)
            .values(
                code=code,
                sample=False,
                services=list(services),
                hours="",
                website="",
                certified_on=today,
                expires_on=term_end(today),
                confirmed_on=today,
                state="active",
                institution_id=institution,
                since=now,
                steps=1,
                **{name: declared[name] for name in ("name", "kind", "adcode", "address", "phone", "lat", "lon")},
            )
            .returning(points.c.id)
        ).scalar_one()
        entry = Entry(1, actor, Role.REGION, Action.CERTIFY.value, False, "", "active", "第七条第（三）项、第八条")
        record(self.connection, POINT, id, entry, Deed(Action.CERTIFY, Matter(code), why, now))
        return code

    def renew(self, point: Point, actor: Actor, why: str, now: datetime) -> Moved | Proposed | Denied:
        """Three more years: from the old end if decided by then, else from today, and the gap stays expired (Art. 8)."""
        today = beijing_day(now)
        until = renewed_until(point.expires_on, today) if point.expires_on else term_end(today)
        data = {"from": str(point.expires_on), "to": str(until)}
        return self._act(point, actor, Action.RENEW, why, now, {"expires_on": until}, data)

    def expire(self, point: Point, now: datetime) -> Moved | Proposed | Denied:
        """The title is over: its last day has passed (Art. 8)."""
        if point.expires_on is None or beijing_day(now) <= point.expires_on:
            return Denied(f"{point.code} 的有效期还没有过。")
        return self._act(point, SYSTEM, Action.EXPIRE, "有效期满", now, {"rectify_by": None}, {})

    # -- supervision ---------------------------------------------------------------------------------------

    def rectify(self, point: Point, actor: Actor, why: str, now: datetime) -> Moved | Proposed | Denied:
        """Services are not as the rules require: half a year to mend it (Art. 16)."""
        limit = rectify_by(beijing_day(now), self.holidays)
        return self._act(point, actor, Action.RECTIFY, why, now, {"rectify_by": limit.day}, {"until": str(limit.day)})

    def restore(self, point: Point, actor: Actor, why: str, now: datetime) -> Moved | Proposed | Denied:
        """What was wrong is mended (Art. 16)."""
        return self._act(point, actor, Action.RESTORE, why, now, {"rectify_by": None}, {})

    def revoke(self, point: Point, actor: Actor, why: str, now: datetime) -> Moved | Proposed | Denied:
        """Still not as the rules require at the end of the half year: the title is revoked, without a bar (Art. 16)."""
        if point.state == "rectifying" and point.rectify_by and beijing_day(now) <= point.rectify_by:
            return Denied(f"整改期到 {point.rectify_by} 才满（第十六条：整改期为半年），期满后才能撤销。")
        return self._act(point, actor, Action.REVOKE, why, now, {}, {})

    def terminate(self, point: Point, actor: Actor, breach: str, why: str, now: datetime) -> Moved | Proposed | Denied:
        """False materials, unrelated business, unlawful activity: the title ends and three years are barred (Art. 17)."""
        if point.institution_id is None:
            return Denied("这个网点还没有登记统一社会信用代码，三年限制无处可记。请先在导入表里补上。")
        if breach not in BREACHES:
            return Denied(f"请写明是哪一种情形：{'、'.join(BREACHES)}（第十七条）。")
        until = bar_end(beijing_day(now))
        came = self._act(
            point, actor, Action.TERMINATE, f"{breach}：{why}", now, {}, {"breach": breach, "barred_until": str(until)}
        )
        if isinstance(came, Moved):
            self.bar(point.institution_id, until)
        return came

    def bar(self, institution: int, until: date) -> None:
        """No new application up to and including ``until`` (Art. 17); a longer bar stays."""
        known = self.institutions.get(institution)
        if known and (known.barred_until is None or known.barred_until < until):
            self.institutions.change(institution, {"barred_until": until})

    def cancel(self, point: Point, actor: Actor, named: str, now: datetime) -> Moved | Proposed | Denied:
        """Named one of the three of Art. 18 within the term: the title ends the same day."""
        if named not in NATIONAL:
            return Denied(f"只有被确定为{'、'.join(NATIONAL)}的，资格才自动取消（第十八条）。")
        return self._act(point, actor, Action.CANCEL, f"被确定为{named}", now, {}, {"named": named})

    # -- contact data --------------------------------------------------------------------------------------

    def confirm(self, point: Point, actor: Actor, now: datetime) -> Moved | Proposed | Denied:
        """The contact data are right as of today."""
        return self._act(point, actor, Action.CONFIRM, "", now, {"confirmed_on": beijing_day(now)}, {})

    def change(
        self, point: Point, actor: Actor, values: Mapping[str, Any], why: str, now: datetime
    ) -> Moved | Proposed | Denied:
        """Public data change because the region has filed it (Art. 9)."""
        old = {name: getattr(point, name) for name in values}
        shown = {"old": _plain(old), "new": _plain(values)}
        return self._act(point, actor, Action.ACCEPT, why, now, {**values, "confirmed_on": beijing_day(now)}, shown)

    # -- rows ----------------------------------------------------------------------------------------------

    def _act(
        self,
        point: Point,
        actor: Actor,
        action: Action,
        why: str,
        now: datetime,
        values: Mapping[str, Any],
        data: Mapping[str, Any],
    ) -> Moved | Proposed | Denied:
        deed = Deed(action, self.matter(point), why, now, values, data)
        came = take(self.connection, POINT, self._row(point), actor, deed)
        if not isinstance(came, Denied):
            self._tell(point, came, actor, deed)
        return came

    def _tell(self, point: Point, came: Moved | Proposed, actor: Actor, deed: Deed) -> None:
        """The point is told of what was decided on it, the region of what waits for a second person."""
        key, label = f"point:{point.id}:{came.number}", ACTIONS[came.step.action]
        if isinstance(came, Proposed):
            text = f"{point.name}（{point.code}）有人提出“{label}”，要第二位工作人员确认。理由：{deed.why or '—'}"
            self.news.region(case_reply(text, point.code), key, deed.now, but=(actor.member,))
        elif deed.action is not Action.CONFIRM:
            until = f"整改到 {deed.values['rectify_by']} 为止。" if deed.action is Action.RECTIFY else ""
            why = f"说明：{deed.why}。" if deed.why else ""
            text = f"{point.name}：{label}，现在是“{POINT.label(came.step.new)}”。{until}{why}依据{REGULATION}{came.step.article}。"
            self.news.point(point.code, case_reply(text, point.code), key, deed.now)

    def _row(self, point: Point) -> RowMapping:
        return self.connection.execute(select(points).where(points.c.id == point.id)).mappings().one()

    def valid_of(self, institution: int) -> RowMapping | None:
        """The row of the valid point of an institution, or None."""
        query = select(points).where(points.c.institution_id == institution, points.c.state.in_(VALID))
        return self.connection.execute(query).mappings().first()


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}
