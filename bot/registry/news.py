"""Who is told of what becomes of a case: the applicant, the point, the officers whose turn it is. Everything is a letter."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.letters import Letters
from bot.messages import Option, Reply
from bot.registry.institutions import Offices
from bot.registry.lifecycle import Lifecycle
from bot.registry.points import Point
from bot.staff import ACTIONS, Action, Member, Role, Staff

_TITLES = {"change": "变更", "report": "年度总结"}
REGULATION = "《自治区知识产权信息公共服务网点建设管理办法（试行）》（征求意见稿）"


class Filed(Protocol):
    """What a point filed: a change or an annual report."""

    @property
    def id(self) -> int: ...
    @property
    def number(self) -> str: ...
    @property
    def state(self) -> str: ...


@dataclass(frozen=True, slots=True)
class News:
    """Letters to those whom a case concerns."""

    letters: Letters
    staff: Staff
    offices: Offices

    def person(
        self,
        person: int | None,
        reply: Reply,
        key: str,
        now: datetime,
        *,
        kind: str = "case",
        at: datetime | None = None,
    ) -> int:
        """Tell one person, not before ``at``; nobody when their chat is gone. Returns how many letters are new."""
        if person is None:
            return 0
        return int(self.letters.put(person, reply, kind=kind, key=key, now=now, not_before=at))

    def point(
        self, code: str, reply: Reply, key: str, now: datetime, *, kind: str = "case", at: datetime | None = None
    ) -> int:
        """Tell the staff of a point."""
        return self._members(self.staff.serving(Role.POINT, point=code), reply, key, now, kind, at)

    def office(
        self, adcode: str, reply: Reply, key: str, now: datetime, *, kind: str = "case", at: datetime | None = None
    ) -> int:
        """Tell the prefecture's office in charge of a place; the region while none is assigned (Art. 4)."""
        prefecture = self.offices.of(adcode)
        if not prefecture:
            return self.region(reply, key, now, kind=kind, at=at)
        return self._members(self.staff.serving(Role.PREFECTURE, prefecture), reply, key, now, kind, at)

    def region(
        self,
        reply: Reply,
        key: str,
        now: datetime,
        *,
        kind: str = "case",
        at: datetime | None = None,
        but: Iterable[int] = (),
    ) -> int:
        """Tell the region's officers, those numbered ``but`` left out."""
        told = [member for member in self.staff.serving(Role.REGION) if member.id not in but]
        return self._members(told, reply, key, now, kind, at)

    def filing(
        self, life: Lifecycle, filed: Filed, at: Point, action: Action, step: int, why: str, now: datetime
    ) -> None:
        """A step of a change or a report: the point is told what was decided, the officers whose turn it is that it is."""
        key = f"{life.subject}:{filed.id}:{step}"
        text = f"{_TITLES[life.subject]} {filed.number}（{at.name}）：{ACTIONS[action]}，现在是“{life.label(filed.state)}”。"
        if action not in (Action.FILE, Action.REPORT, Action.RESUBMIT, Action.WITHDRAW):
            reason = f"说明：{why}。" if why else ""
            told = f"{text}{reason}依据{REGULATION}{life.steps[0].article}。"
            self.point(at.code, case_reply(told, filed.number), key, now)
        if filed.state == "submitted":
            self.office(at.adcode, case_reply(text, filed.number), f"queue:{key}", now)
        elif filed.state == "forwarded":
            self.region(case_reply(text, filed.number), f"queue:{key}", now)

    def _members(
        self, members: Iterable[Member], reply: Reply, key: str, now: datetime, kind: str, at: datetime | None
    ) -> int:
        return sum(self.person(member.person, reply, key, now, kind=kind, at=at) for member in members)


def case_reply(text: str, number: str) -> Reply:
    """A letter to an officer or a point about a case, with a button that opens it."""
    return Reply(text, options=(Option("打开案件", f"案件 {number}"),))
