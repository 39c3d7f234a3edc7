"""Who is told of what becomes of a case: the applicant, the point, the officers whose turn it is. Everything is a letter."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from bot.letters import Letters
from bot.messages import Option, Reply
from bot.registry.institutions import Offices
from bot.staff import Role, Staff

REGULATION = "《自治区知识产权信息公共服务网点建设管理办法（试行）》（征求意见稿）"


@dataclass(frozen=True, slots=True)
class News:
    """Letters to those whom a case concerns."""

    letters: Letters
    staff: Staff
    offices: Offices

    def person(self, person: int | None, reply: Reply, key: str, now: datetime, *, kind: str = "case") -> None:
        """Tell one person; nobody when their chat is gone."""
        if person:
            self.letters.put(person, reply, kind=kind, key=key, now=now)

    def point(self, code: str, reply: Reply, key: str, now: datetime, *, kind: str = "case") -> None:
        """Tell the staff of a point."""
        self._members(Role.POINT, reply, key, now, kind, point=code)

    def office(self, adcode: str, reply: Reply, key: str, now: datetime, *, kind: str = "case") -> None:
        """Tell the prefecture's office in charge of a place; the region while none is assigned (Art. 4)."""
        if prefecture := self.offices.of(adcode):
            self._members(Role.PREFECTURE, reply, key, now, kind, prefecture=prefecture)
        else:
            self.region(reply, key, now, kind=kind)

    def region(self, reply: Reply, key: str, now: datetime, *, kind: str = "case", but: Iterable[int] = ()) -> None:
        """Tell the region's officers, those numbered ``but`` left out."""
        self._members(Role.REGION, reply, key, now, kind, but=but)

    def _members(
        self,
        role: Role,
        reply: Reply,
        key: str,
        now: datetime,
        kind: str,
        *,
        prefecture: str = "",
        point: str = "",
        but: Iterable[int] = (),
    ) -> None:
        for member in self.staff.serving(role, prefecture, point):
            if member.id not in but:
                self.person(member.person, reply, key, now, kind=kind)


def case_reply(text: str, number: str) -> Reply:
    """A letter to an officer or a point about a case, with a button that opens it."""
    return Reply(text, options=(Option("打开案件", f"案件 {number}"),))
