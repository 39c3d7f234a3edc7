"""The review of applications (Art. 7): what each decision needs besides its place in the table, and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from bot.registry.application import Application, institution_values
from bot.registry.applications import Applications
from bot.registry.declaration import DOCUMENTS
from bot.registry.institutions import Institutions, Offices
from bot.registry.lifecycle import Moved, Proposed
from bot.registry.points import Points
from bot.registry.standing import BREACHES, Standing
from bot.registry.terms import bar_end, beijing_day
from bot.staff import Action, Actor, Denied

Came = Moved | Proposed | Denied


@dataclass(frozen=True, slots=True)
class Defect:
    """Something to be corrected: the item of the application, what is wrong, on which article it rests."""

    item: str
    what: str
    article: str


@dataclass(frozen=True, slots=True)
class Review:
    """Decisions on applications as seen through one connection."""

    applications: Applications
    institutions: Institutions
    offices: Offices
    standing: Standing
    points: Points

    def decide(self, application: Application, actor: Actor, action: Action, why: str, now: datetime) -> Came:
        """A step that needs nothing but its reason: recommend, decline, to the experts, dismiss, reject, publish, withdraw."""
        return self.applications.act(application, actor, action, why, now)

    def assign(self, application: Application, actor: Actor, prefecture: str, now: datetime) -> Came:
        """Put an office in charge of a city directly under the region (Art. 4); holds for its later cases too."""
        if self.offices.of(application.adcode):
            return Denied("这个案件已经有承办的地州局。")
        if prefecture not in self.offices.prefectures():
            return Denied("没有这个地州。")
        came = self.applications.act(application, actor, Action.ASSIGN, "", now, data={"prefecture": prefecture})
        if isinstance(came, Moved):
            self.offices.assign(application.adcode, prefecture, actor.member, now)
        return came

    def send_back(self, application: Application, actor: Actor, defects: Sequence[Defect], now: datetime) -> Came:
        """Return for correction, naming all defects at once."""
        if not defects:
            return Denied("请至少写明一处要补正的内容。")
        listed = [{"item": d.item, "what": d.what, "article": d.article} for d in defects]
        why = "；".join(f"{d.what}（{d.article}）" for d in defects)
        return self.applications.act(
            application, actor, Action.RETURN, why, now, values={"defects": listed}, data={"defects": listed}
        )

    def opinion(self, application: Application, actor: Actor, expert: str, text: str, now: datetime) -> Came:
        """Keep what an expert says."""
        return self.applications.act(application, actor, Action.OPINION, text, now, data={"expert": expert})

    def open_notice(self, application: Application, actor: Actor, until: date, why: str, now: datetime) -> Came:
        """Begin the public notice. No article says how long it lasts: the officer says until which day."""
        today = beijing_day(now)
        if until <= today:
            return Denied(f"公示的最后一天要晚于今天（{today}）。")
        if application.state == "experts" and not self.opinions(application):
            return Denied("还没有专家意见，不能公示（第七条第（三）项：组织专家对申报材料进行评审）。")
        values = {"notice_from": today, "notice_until": until}
        return self.applications.act(
            application, actor, Action.OPEN_NOTICE, why, now, values=values, data=_days(values)
        )

    def opinions(self, application: Application) -> list[tuple[str, str]]:
        """Experts and what they said."""
        return [
            (str(p.data.get("expert", "")), p.why)
            for p in self.applications.history(application)
            if p.action == Action.OPINION
        ]

    def object(self, application: Application, actor: Actor, who: str, what: str, now: datetime) -> Came:
        """Enter an objection raised within the notice."""
        if application.notice_until and beijing_day(now) > application.notice_until:
            return Denied(f"公示已于 {application.notice_until} 结束。")
        return self.applications.act(application, actor, Action.OBJECT, what, now, data={"who": who})

    def certify(self, application: Application, actor: Actor, why: str, now: datetime) -> Came:
        """Certify after the notice has ended without an open objection; the second person makes (or renews) the point."""
        if application.state == "notice" and application.notice_until and beijing_day(now) <= application.notice_until:
            return Denied(f"公示到 {application.notice_until} 才结束，之后才能认定（第七条第（三）项：公示无异议后）。")
        self.institutions.lock(application.institution_id)
        if reason := self._hindrance(application, now):
            return Denied(reason)
        came = self.applications.act(application, actor, Action.CERTIFY, why, now)
        if isinstance(came, Moved):
            self._enter(application, actor, why, now)
        return came

    def terminate(self, application: Application, actor: Actor, breach: str, why: str, now: datetime) -> Came:
        """False materials: the application ends and three years are barred (Art. 17)."""
        if breach not in BREACHES:
            return Denied(f"请写明是哪一种情形：{'、'.join(BREACHES)}（第十七条）。")
        until = bar_end(beijing_day(now))
        data = {"breach": breach, "barred_until": str(until)}
        came = self.applications.act(application, actor, Action.TERMINATE, f"{breach}：{why}", now, data=data)
        if isinstance(came, Moved):
            self.standing.bar(application.institution_id, until)
        return came

    def checks(self, application: Application) -> list[tuple[bool, str]]:
        """What the program has checked of an application: whether it is fine, and what was looked at."""
        institution = self.institutions.get(application.institution_id)
        code = str(application.fields["credit_code"])
        others = [a for a in self.applications.of_institution(application.institution_id) if a.id != application.id]
        barred = institution.barred_until if institution else None
        valid = self.standing.valid_of(application.institution_id)
        same = [p for p in self.points.named(str(application.fields["name"])) if p.code != application.point]
        found = [
            (True, f"统一社会信用代码 {code} 校验码正确"),
            (barred is None, f"三年限制期到 {barred}（第十七条）" if barred else "不在三年限制期内（第十七条）"),
            (
                valid is None or application.renewal,
                f"已有有效网点 {valid['code']}" if valid is not None else "没有其他有效网点",
            ),
            (not same, f"名单里有同名网点：{'、'.join(p.code for p in same[:3])}" if same else "名单里没有同名网点"),
        ]
        for field in DOCUMENTS:
            sent = application.fields.get(field.key)
            found.append((bool(sent), f"{field.label}{'已上传' if sent else '没有上传'}（{field.article}）"))
        if others:
            found.append((True, "以前的申报：" + "、".join(f"{a.number} {a.life.label(a.state)}" for a in others[:5])))
        return found

    def _hindrance(self, application: Application, now: datetime) -> str:
        """Why an application that went through all stages cannot lead to a title today."""
        institution = self.institutions.get(application.institution_id)
        if institution and institution.barred_until and beijing_day(now) <= institution.barred_until:
            return f"这个单位在三年限制期内，到 {institution.barred_until}（第十七条）。"
        valid = self.standing.valid_of(application.institution_id)
        if valid is not None and valid["code"] != application.point:
            return f"这个单位已经是有效的网点（{valid['code']}）。"
        point = self.points.by_code(application.point) if application.renewal else None
        if application.renewal and (point is None or point.state not in ("active", "rectifying", "expired")):
            return "要续期的网点已经被撤销、终止或取消，不能续期。"
        return ""

    def _enter(self, application: Application, actor: Actor, why: str, now: datetime) -> None:
        declared = application.fields
        self.institutions.change(application.institution_id, institution_values(declared))
        if application.renewal:
            point = self.points.by_code(application.point)
            assert point is not None
            came = self.standing.renew(point, actor, why or "续期", now)
            assert isinstance(came, Moved), came
        else:
            code = self.standing.certify(application.institution_id, declared, actor, why, now)
            self.applications.name_point(application, code)


def _days(values: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in values.items()}
