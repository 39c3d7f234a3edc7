"""The members of staff and their one-time invites: made, used, handed over, ended. The rows of ``members`` and ``invites``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, insert, select, update

from bot.database.tables import invites, members
from bot.passcodes import digest, grouped, new_code
from bot.staff.rights import Actor, Role

VALID_FOR = timedelta(days=3)
_LENGTH = 12


@dataclass(frozen=True, slots=True)
class Member:
    """A member of staff, also one who left (``until``). ``person`` is their chat account, None while none is bound."""

    id: int
    role: Role
    prefecture: str
    point: str
    name: str
    person: int | None
    since: datetime
    until: datetime | None

    @property
    def actor(self) -> Actor:
        return Actor(self.person or 0, self.role, self.id, self.prefecture, self.point, self.name)


@dataclass(frozen=True, slots=True)
class Invite:
    """An invite just made. ``code`` is told once and kept only as a hash."""

    code: str
    expires: datetime


@dataclass(frozen=True, slots=True)
class Bound:
    """A chat account that now belongs to ``member``; ``left`` is whose work it took over."""

    member: Member
    left: Member | None


@dataclass(frozen=True, slots=True)
class BadInvite:
    """A code that binds nobody, and why."""

    why: str


class Staff:
    """The members of staff as seen through one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, person: int) -> Actor:
        """Who a person is here: a member of staff, else the public."""
        member = self.member_of(person)
        return member.actor if member else Actor(person)

    def member_of(self, person: int) -> Member | None:
        """The member of staff whose chat account this is, or None."""
        found = self._members(members.c.person_id == person, members.c.until.is_(None))
        return found[0] if found else None

    def member(self, id: int) -> Member | None:
        """The member of that number, also one who left."""
        found = self._members(members.c.id == id)
        return found[0] if found else None

    def serving(self, role: Role | None = None, prefecture: str = "", point: str = "") -> list[Member]:
        """Those who work here now, all or of a role, a prefecture, a point; by number."""
        where: list[ColumnElement[bool]] = [members.c.until.is_(None)]
        for column, wanted in ((members.c.role, role), (members.c.prefecture, prefecture), (members.c.point, point)):
            if wanted:
                where.append(column == wanted)
        return self._members(*where)

    def invite(
        self,
        role: Role,
        name: str,
        now: datetime,
        *,
        prefecture: str = "",
        point: str = "",
        by: int | None = None,
        replaces: int | None = None,
    ) -> Invite:
        """Make a one-time invite, valid for three days. Raises ValueError when the jurisdiction does not fit the role."""
        needs = {Role.PREFECTURE: (True, False), Role.POINT: (False, True)}.get(role, (False, False))
        if role in (Role.PUBLIC, Role.APPLICANT, Role.SYSTEM) or needs != (bool(prefecture), bool(point)):
            raise ValueError(f"no jurisdiction of {role}: {prefecture or point or 'none'}")
        code = new_code(_LENGTH)
        expires = now + VALID_FOR
        self._connection.execute(
            insert(invites).values(
                digest=digest("invite", code),
                role=role.value,
                prefecture=prefecture,
                point=point,
                name=name,
                invited_by=by,
                replaces=replaces,
                created=now,
                expires=expires,
            )
        )
        return Invite(grouped(code), expires)

    def bind(self, person: int, code: str, now: datetime) -> Bound | BadInvite:
        """Bind a chat account by an invite's code; the invite is used up. One account has one role."""
        if self.member_of(person) is not None:
            return BadInvite("您的账号已经绑定了工作身份。要换身份，请先发送“离任”。")
        # compare-and-set: of two who use a code at once one wins
        taken = (
            self._connection.execute(
                update(invites)
                .where(invites.c.digest == digest("invite", code), invites.c.used.is_(None), invites.c.expires > now)
                .values(used=now)
                .returning(invites)
            )
            .mappings()
            .first()
        )
        if taken is None:
            return BadInvite("这个邀请码不对、已经用过或者过期了（三天内有效）。请向邀请您的人要一个新的。")
        left = self.member(taken["replaces"]) if taken["replaces"] else None
        if left is not None:
            self.end(left.id, now)
        made = self._connection.execute(
            insert(members)
            .values(
                role=taken["role"],
                prefecture=taken["prefecture"],
                point=taken["point"],
                name=taken["name"],
                person_id=person,
                since=now,
            )
            .returning(members.c.id)
        ).scalar_one()
        self._connection.execute(update(invites).where(invites.c.id == taken["id"]).values(member_id=made))
        member = self.member(made)
        assert member is not None
        return Bound(member, left)

    def end(self, member: int, now: datetime) -> bool:
        """End a member's work: the chat account is let go, open invites they made are void. False when it had ended."""
        ended = self._connection.execute(
            update(members).where(members.c.id == member, members.c.until.is_(None)).values(until=now, person_id=None)
        )
        self._connection.execute(
            update(invites)
            .where(invites.c.invited_by == member, invites.c.used.is_(None), invites.c.replaces.is_(None))
            .values(expires=now)
        )
        return bool(ended.rowcount)

    def _members(self, *where: Any) -> list[Member]:
        rows = self._connection.execute(select(members).where(*where).order_by(members.c.id)).mappings()
        return [_member(row) for row in rows]


def _member(row: Mapping[Any, Any]) -> Member:
    return Member(
        row["id"],
        Role(row["role"]),
        row["prefecture"],
        row["point"],
        row["name"],
        row["person_id"],
        row["since"],
        row["until"],
    )
