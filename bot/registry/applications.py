"""Applications to become or stay a point: submitted, corrected, looked up with a secret, decided (Art. 6–8, 17)."""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, insert, select, update

from bot.database.tables import applications, calls, points
from bot.messages import Option, Reply
from bot.passcodes import digest, grouped, new_code
from bot.registry.application import Application, Submitted, institution_values
from bot.registry.calls import Call
from bot.registry.institutions import Institutions, Offices, next_number
from bot.registry.lifecycle import Deed, Entry, Moved, Past, Proposed, past, record, take
from bot.registry.news import REGULATION, News, case_reply
from bot.registry.stages import APPLICATION, OPEN_APPLICATIONS, PROGRESS, STAGES, VALID
from bot.staff import ACTIONS, Action, Actor, Denied, Matter, Role

_COLUMNS = tuple(field.name for field in fields(Application) if field.name != "short")


class Applications:
    """The applications as seen through one connection."""

    def __init__(self, connection: Connection, institutions: Institutions, offices: Offices, news: News) -> None:
        self._connection = connection
        self._institutions = institutions
        self._offices = offices
        self._news = news

    # -- reading -------------------------------------------------------------------------------------------

    def by_number(self, number: str) -> Application | None:
        """The application of that number, or None."""
        return next(iter(self._read(applications.c.number == number.strip().upper())), None)

    def of_applicant(self, person: int) -> list[Application]:
        """Those that a person made, the newest first."""
        return self._read(applications.c.applicant_id == person)

    def of_institution(self, institution: int) -> list[Application]:
        """Those of an institution, the newest first."""
        return self._read(applications.c.institution_id == institution)

    def in_states(self, states: Sequence[str], adcodes: frozenset[str] | None = None) -> list[Application]:
        """Those in one of ``states``, of the places ``adcodes`` (None: everywhere), the longest waiting first."""
        where = [applications.c.state.in_(states)]
        if adcodes is not None:
            where.append(applications.c.adcode.in_(sorted(adcodes)))
        return sorted(self._read(*where), key=lambda a: (a.since, a.id))

    def unlock(self, number: str, secret: str) -> Application | None:
        """The application of that number, if ``secret`` is its own; None looks the same for both."""
        found = self.by_number(number)
        kept = (
            self._connection.execute(select(applications.c.digest).where(applications.c.id == found.id)).scalar()
            if found
            else ""
        )
        right = hmac.compare_digest(kept or "", digest(number.strip().upper(), secret))
        return found if right else None

    def history(self, application: Application) -> list[Past]:
        """What became of it, oldest first."""
        return past(self._connection, application.life, application.id)

    def matter(self, application: Application) -> Matter:
        """What a right is asked for: its place, its applicant, and the point when it is a renewal."""
        point = application.point if application.renewal else ""
        return self._offices.matter(application.number, application.adcode, point, application.applicant_id)

    # -- submitting ----------------------------------------------------------------------------------------

    def obstacles(self, credit_code: str, today: date, *, renewal: bool) -> tuple[str, ...]:
        """Why this institution cannot apply today, each reason with its article; empty when it can."""
        institution = self._institutions.by_code(credit_code)
        if institution is None:
            return ("没有找到这个单位的网点，不能续期（第八条）。",) if renewal else ()
        found: list[str] = []
        if institution.barred_until and today <= institution.barred_until:
            free = date.fromordinal(institution.barred_until.toordinal() + 1)
            found.append(f"这个单位在三年限制期内（第十七条），{free} 起才能再提交认定申请。")
        if pending := self._read(
            applications.c.institution_id == institution.id, applications.c.state.in_(OPEN_APPLICATIONS)
        ):
            found.append(
                f"这个单位的申报 {pending[0].number} 正在办理（{pending[0].life.label(pending[0].state)}），不能重复提交。"
            )
        if not renewal and self._valid_point(institution.id):
            found.append("这个单位已经是有效的网点，到期前后申请续期即可（第八条）。")
        return tuple(found)

    def submit(
        self, declared: Mapping[str, Any], person: int, call: Call, now: datetime, *, today: date, point: str = ""
    ) -> Submitted | Denied:
        """Take an application (with ``point``: a renewal) of a person for an open call. Refuses with all obstacles."""
        code = str(declared["credit_code"])
        institution = self._institutions.enter(code, institution_values(declared))
        self._institutions.lock(institution.id)
        reasons = (() if call.is_open_on(today) else (call.closed(today),)) + self.obstacles(
            code, today, renewal=bool(point)
        )
        if reasons:
            return Denied("\n".join(reasons))
        number = next_number(self._connection, "XJWD", today.year)
        secret = new_code(12)
        id = self._connection.execute(
            insert(applications)
            .values(
                number=number,
                digest=digest(number, secret),
                renewal=bool(point),
                call_id=call.id,
                institution_id=institution.id,
                point=point,
                adcode=declared["adcode"],
                state="submitted",
                since=now,
                steps=1,
                applicant_id=person,
                fields=dict(declared),
                defects=[],
            )
            .returning(applications.c.id)
        ).scalar_one()
        entry = Entry(1, Actor(person), Role.APPLICANT, "submit", False, "", "submitted", "第七条第（一）项")
        record(self._connection, APPLICATION, id, entry, at=now)
        made = self.by_number(number)
        assert made is not None
        self._tell_officers(made, "新的申报", 1, now)
        return Submitted(made, grouped(secret))

    def adopt(self, application: Application, person: int) -> bool:
        """Bind an application whose applicant's chat is gone to the chat that knew its secret; False when it has one."""
        won = self._connection.execute(
            update(applications)
            .where(applications.c.id == application.id, applications.c.applicant_id.is_(None))
            .values(applicant_id=person)
        )
        return bool(won.rowcount)

    # -- steps ---------------------------------------------------------------------------------------------

    def act(
        self,
        application: Application,
        actor: Actor,
        action: Action,
        why: str,
        now: datetime,
        *,
        values: Mapping[str, Any] | None = None,
        data: Mapping[str, Any] | None = None,
    ) -> Moved | Proposed | Denied:
        """Take a step of its life-cycle. What a step needs beside the table (dates, defects) is checked by ``decisions``."""
        row = self._row(application)
        if row["steps"] != application.steps:
            return Denied("刚刚有人先办理了这件事，请重新打开看最新的情况。")
        deed = Deed(action, self.matter(application), why, now, values or {}, data or {})
        came = take(self._connection, application.life, row, actor, deed)
        if not isinstance(came, Denied):
            self._tell(application, came, actor, deed)
        return came

    def resubmit(
        self, application: Application, actor: Actor, corrected: Mapping[str, Any], now: datetime
    ) -> Moved | Proposed | Denied:
        """Submit again with the corrected fields; the history shows what was and what is."""
        changed = {key: value for key, value in corrected.items() if application.fields.get(key) != value}
        old = {key: application.fields.get(key) for key in changed}
        merged = {**application.fields, **changed}
        return self.act(
            application,
            actor,
            Action.RESUBMIT,
            "",
            now,
            values={"fields": merged, "adcode": merged["adcode"]},
            data={"old": old, "new": changed},
        )

    def attach(self, application: Application, files: Mapping[str, Any]) -> None:
        """Note the files that belong to an application: name and id by field (bot/files keeps their contents)."""
        now = self.by_number(application.number)
        assert now is not None
        self._connection.execute(
            update(applications).where(applications.c.id == now.id).values(fields={**now.fields, **files})
        )

    def name_point(self, application: Application, code: str) -> None:
        """Note the point that a certification made."""
        self._connection.execute(update(applications).where(applications.c.id == application.id).values(point=code))

    # -- telling -------------------------------------------------------------------------------------------

    def _tell(self, before: Application, came: Moved | Proposed, actor: Actor, deed: Deed) -> None:
        """The applicant is told of each change, the officers of what now waits for them."""
        key = f"application:{before.id}:{came.number}"
        if isinstance(came, Proposed):
            text = (
                f"{before.number} 有人提出“{ACTIONS[came.step.action]}”，要第二位工作人员确认。理由：{deed.why or '—'}"
            )
            self._news.region(case_reply(text, before.number), key, deed.now, but=(actor.member,))
            return
        after = self.by_number(before.number)
        assert after is not None
        if came.step.role is not Role.APPLICANT:
            self._news.person(after.applicant_id, _progress_letter(after, came, deed.why), key, deed.now)
        if after.state != before.state:
            self._tell_officers(after, ACTIONS[came.step.action], came.number, deed.now)

    def _tell_officers(self, application: Application, what: str, step: int, now: datetime) -> None:
        text = f"{what}：{application.fields['name']}，{application.number}，现在是“{application.life.label(application.state)}”。"
        reply, key = case_reply(text, application.number), f"queue:application:{application.id}:{step}"
        match application.state:
            case "submitted":
                self._news.office(application.adcode, reply, key, now)
            case "recommended" | "certified":
                self._news.region(reply, key, now)

    # -- rows ----------------------------------------------------------------------------------------------

    def _row(self, application: Application) -> RowMapping:
        return (
            self._connection.execute(select(applications).where(applications.c.id == application.id)).mappings().one()
        )

    def _read(self, *where: ColumnElement[bool]) -> list[Application]:
        from_call = select(applications, _short()).where(*where).order_by(applications.c.id.desc())
        return [
            Application(**{name: row[name] for name in _COLUMNS}, short=bool(row["renewal"] and row["short_renewal"]))
            for row in self._connection.execute(from_call).mappings()
        ]

    def _valid_point(self, institution: int) -> bool:
        query = select(points.c.id).where(points.c.institution_id == institution, points.c.state.in_(VALID)).limit(1)
        return self._connection.execute(query).first() is not None


def _progress_letter(application: Application, moved: Moved, why: str) -> Reply:
    """What the applicant is told of a step: what was decided and why, where it stands now, what comes next."""
    progress = PROGRESS[application.state]
    lines = [
        f"您的申报 {application.number}：{ACTIONS[moved.step.action]}。",
        f"现在：{application.life.label(application.state)}（第 {progress.number} 步，共 {len(STAGES)} 步），由{progress.holder}办理。"
        if progress.holder != "—"
        else f"现在：{application.life.label(application.state)}。",
        f"接下来：{progress.next}。",
    ]
    if application.defects and application.state.startswith("returned"):
        lines += [
            "要补正的有：",
            *(f"{n}. {d['what']}（{d['article']}）" for n, d in enumerate(application.defects, 1)),
        ]
    elif why:
        lines.append(f"说明：{why}")
    lines.append(f"依据{REGULATION}{moved.step.article}。")
    options = [Option("看进度", f"进度 {application.number}")]
    if application.state.startswith("returned"):
        options.insert(0, Option("现在补正", f"补正 {application.number}"))
    return Reply("\n".join(lines), options=tuple(options))


def _short() -> Any:
    return (
        select(calls.c.short_renewal)
        .where(calls.c.id == applications.c.call_id)
        .scalar_subquery()
        .label("short_renewal")
    )
