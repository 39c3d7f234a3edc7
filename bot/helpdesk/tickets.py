"""Tickets: what somebody wants of a person, whose turn it is, and every step that is taken with it.

A step is taken by compare-and-set: of many who act at once one wins. An open ticket always has a time at which it moves
on by itself (see :mod:`bot.helpdesk.rounds`), so none is forgotten.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, func, insert, or_, select, update

from bot.database.tables import members, tickets
from bot.helpdesk.promises import PACE, office_time
from bot.helpdesk.routing import POINT, Owner, Routing, subjects
from bot.helpdesk.talks import Said, Talks
from bot.helpdesk.ticketcycle import ASKING, OPEN, QUEUED, TAKEN, TALKING, TICKET
from bot.messages import File, Place
from bot.registry.hours import OfficeHours
from bot.registry.lifecycle import Deed, Entry, Moved, Past, Proposed, cell, past, record, take
from bot.registry.reports import Rendered
from bot.registry.services import Service
from bot.staff import SYSTEM, Action, Actor, Denied, Matter, Role

CONSULT, ANALYSIS, SMALL_FIRMS = "consult", "analysis", "small-firms"
KINDS: Mapping[str, str] = {CONSULT: "咨询", ANALYSIS: "产业分析需求", SMALL_FIRMS: "中小微企业服务需求"}
_COUNTED = {CONSULT: "consultation", ANALYSIS: "analysis", SMALL_FIRMS: "small-firms"}  # as the annual report counts it
FIRST_WAIT = timedelta(minutes=15)  # of office time, until the next one is asked
PROMISED = timedelta(minutes=30)
SILENCE = timedelta(minutes=30)  # that the person who asked is left without an answer
UNKNOWN_WAIT = timedelta(hours=1)  # by day, where no office hours are entered
IDLE = timedelta(days=3)  # without a word of the person who asked


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants: of a kind of KINDS, about a topic, at a place; ``context`` what was said before, if they agreed."""

    kind: str
    service: Service
    question: str
    topic: str = ""
    adcode: str = ""
    place: Place | None = None
    context: Sequence[Mapping[str, str]] | None = None


@dataclass(frozen=True, slots=True)
class Ticket:
    """One ticket. ``member_id`` is who took it, ``asked_id`` the one member who was told of it (None: all of the level)."""

    id: int
    person_id: int
    kind: str
    service: str
    topic: str
    adcode: str
    question: str
    context: Sequence[Mapping[str, str]] | None
    level: str
    point: str
    prefecture: str
    asked_id: int | None
    member_id: int | None
    state: str
    since: datetime
    steps: int
    created: datetime
    due: datetime | None
    promised: datetime | None
    stars: int | None

    @property
    def owner(self) -> Owner:
        return Owner(self.level, self.point, self.prefecture)

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def matter(self) -> Matter:
        return Matter(f"ticket {self.id}", self.prefecture, self.point, applicant=self.person_id)


# whoever took it works here no more, or has no chat
_ABANDONED = tickets.c.member_id.in_(
    select(members.c.id).where(or_(members.c.until.is_not(None), members.c.person_id.is_(None)))
)
_COLUMNS = tuple(field.name for field in fields(Ticket))


@dataclass(frozen=True, slots=True)
class Tickets:
    """The tickets as seen through one connection."""

    connection: Connection
    routing: Routing
    talks: Talks
    hours: OfficeHours
    rendered: Rendered

    # -- reading -------------------------------------------------------------------------------------------

    def by_id(self, id: int) -> Ticket | None:
        """The ticket of that number, or None."""
        return next(iter(self._read(tickets.c.id == id)), None)

    def open_of(self, person: int) -> Ticket | None:
        """The open ticket of a person: there is at most one."""
        return next(iter(self._read(tickets.c.person_id == person, tickets.c.state.in_(OPEN))), None)

    def last_of(self, person: int) -> Ticket | None:
        """The newest ticket of a person, open or not."""
        return next(iter(self._read(tickets.c.person_id == person)), None)

    def count(self, person: int) -> int:
        """How many tickets of a person are kept."""
        mine = select(func.count()).select_from(tickets).where(tickets.c.person_id == person)
        return self.connection.execute(mine).scalar_one()

    def forget(self, person: int, now: datetime) -> tuple[int, list[File]]:
        """Erase the tickets of a person with all that was said in them; returns how many, and the files to remove."""
        ids = list(self.connection.execute(select(tickets.c.id).where(tickets.c.person_id == person)).scalars())
        files = self.talks.files_of(ids)
        held = select(tickets.c.id, tickets.c.member_id).where(tickets.c.id.in_(ids), tickets.c.state.in_(TALKING))
        gone = list(self.connection.execute(held).all())
        self.talks.forget(ids)
        self.connection.execute(delete(tickets).where(tickets.c.id.in_(ids)))
        for id, member in gone:
            self.talks.tell_member(member, f"工单 {id}：对方删除了资料，工单随之结束。", f"gone:{id}", now)
        return len(ids), files

    def waiting_for(self, actor: Actor) -> list[Ticket]:
        """The queued tickets that an actor may take, the longest waiting first."""
        where = [tickets.c.state == QUEUED, tickets.c.person_id != actor.person]
        match actor.role:
            case Role.POINT:
                where += [tickets.c.point == actor.point]
            case Role.PREFECTURE:
                where += [tickets.c.prefecture == actor.prefecture]
            case Role.REGION:
                pass
            case _:
                return []
        return self._read(*where)[::-1]

    def held_by(self, member: int) -> list[Ticket]:
        """The open tickets that a member took, oldest first."""
        return self._read(tickets.c.member_id == member, tickets.c.state.in_(TALKING))[::-1]

    def position(self, ticket: Ticket) -> int:
        """How many are before it in the queue of the same owner, itself included."""
        before = select(func.count()).where(
            tickets.c.state == QUEUED,
            tickets.c.level == ticket.level,
            tickets.c.point == ticket.point,
            tickets.c.prefecture == ticket.prefecture,
            tickets.c.id <= ticket.id,
        )
        return self.connection.execute(before).scalar_one()

    def history(self, ticket: Ticket) -> list[Past]:
        """What became of it, oldest first."""
        return past(self.connection, TICKET, ticket.id)

    # -- who asks ------------------------------------------------------------------------------------------

    def open(self, person: int, wish: Wish, now: datetime, today: date) -> Ticket | None:
        """Open a ticket and tell whose turn it is; the open one when there is one; None when nobody can be reached."""
        if (there := self.open_of(person)) is not None:
            return there
        about = subjects(wish.topic, wish.question)
        owner = self.routing.first(wish.service, wish.adcode, wish.place, now, today, about)
        if owner is None:
            return None
        asked = self._first_asked(owner, person, now)
        values = {
            "person_id": person,
            "kind": wish.kind,
            "service": wish.service.value,
            "topic": wish.topic[:40],
            "adcode": wish.adcode,
            "question": wish.question,
            "context": list(wish.context) if wish.context is not None else None,
            **_owner(owner, asked),
            "state": QUEUED,
            "since": now,
            "steps": 1,
            "created": now,
            "due": self._after(owner, wish.adcode, now, FIRST_WAIT),
            "promised": self._promise(owner, wish.adcode, now),
        }
        id = self.connection.execute(insert(tickets).values(values).returning(tickets.c.id)).scalar_one()
        entry = Entry(1, Actor(person), Role.APPLICANT, "open", False, "", QUEUED, TICKET.steps[0].article)
        record(self.connection, TICKET, id, entry, at=now)
        made = self.by_id(id)
        assert made is not None
        self.tell_queue(made, f"新工单 {id}（{KINDS[made.kind]}）：{made.question[:60]}", now)
        return made

    def add(self, ticket: Ticket, text: str, file: File | None, now: datetime) -> Ticket | Denied:
        """What the person who asked says more; it goes to the member who took the ticket."""
        actor = Actor(ticket.person_id)
        if ticket.state == ASKING:
            came = self._step(ticket, actor, Action.ADD, now, {"due": self._silence(ticket, now)})
            if isinstance(came, Denied):
                return came
        elif ticket.state == TAKEN:
            self._set(ticket, due=self._silence(ticket, now))
        elif ticket.state != QUEUED:
            return Denied("这个工单已经结束。要接着问，请发送“重开”。")
        self.talks.from_asker(ticket.id, ticket.member_id, Said(text, file), now)
        return self._again(ticket)

    def leave(self, ticket: Ticket, now: datetime) -> Ticket | Denied:
        """The person who asked ends it."""
        came = self._step(ticket, Actor(ticket.person_id), Action.LEAVE, now, {"due": None})
        if not isinstance(came, Denied) and ticket.member_id:
            self.talks.tell_member(ticket.member_id, f"工单 {ticket.id}：对方结束了咨询。", f"{ticket.id}:left", now)
        return came

    def reopen(self, ticket: Ticket, now: datetime, today: date) -> Ticket | Denied:
        """The person who asked opens it again, for whose turn it was."""
        owner = ticket.owner
        if not self.routing.members(owner):
            found = self.routing.first(Service(ticket.service), ticket.adcode, None, now, today)
            if found is None:
                return Denied("现在没有可以接单的工作人员。")
            owner = found
        came = self._step(ticket, Actor(ticket.person_id), Action.REOPEN, now, self._queued(ticket, owner, now))
        if not isinstance(came, Denied):
            self.tell_queue(came, f"工单 {came.id} 重新打开：{came.question[:60]}", now)
        return came

    def rate(self, ticket: Ticket, stars: int, now: datetime) -> bool:
        """One to five stars for a ticket that is closed; False when it is open. Counted for the point without a name."""
        if ticket.is_open or not 1 <= stars <= 5:
            return False
        first = ticket.stars is None
        self._set(ticket, stars=stars)
        if first and ticket.point and stars != 3:
            self.rendered.count(ticket.point, "good" if stars > 3 else "bad", ticket.topic, now.date())
        return True

    # -- staff ---------------------------------------------------------------------------------------------

    def take(self, ticket: Ticket, actor: Actor, now: datetime) -> Ticket | Denied:
        """Take it; of many who do at once one gets it. A point's own staff make it the point's."""
        values: dict[str, Any] = {"member_id": actor.member, "due": self._silence(ticket, now)}
        if actor.role is Role.POINT:
            values["point"] = actor.point
        came = self._step(ticket, actor, Action.TAKE, now, values)
        if not isinstance(came, Denied):
            self.talks.tell_asker(
                ticket.person_id,
                f"工单 {ticket.id}：{actor.name}已接入，接下来您说的话直接转给对方。发“结束”结束，发“菜单”找我。",
                f"{ticket.id}:taken:{came.steps}",
                now,
            )
        return came

    def answer(self, ticket: Ticket, actor: Actor, said: Said, now: datetime, *, back: bool = False) -> Ticket | Denied:
        """Say something to the person who asked; with ``back`` a question that is waited for."""
        if (denied := _not_holder(ticket, actor)) is not None:
            return denied
        due = {"due": now + IDLE}
        action = Action.ASK_BACK if back else Action.ANSWER
        if ticket.state == TAKEN and not back:
            decided = self._may(ticket, actor, action)
            if decided is not None:
                return decided
            self._set(ticket, **due)
        elif ticket.state != ASKING or not back:
            came = self._step(ticket, actor, action, now, due)
            if isinstance(came, Denied):
                return came
        self.talks.from_staff(ticket.id, ticket.person_id, actor, said, now)
        return self._again(ticket)

    def hand_on(
        self, ticket: Ticket, actor: Actor, owner: Owner, note: str, now: datetime, colleague: int | None = None
    ) -> Ticket | Denied:
        """Hand it to another point, prefecture or the region (there first to one ``colleague``), with a note for them."""
        if (denied := _not_holder(ticket, actor, officers=True)) is not None:
            return denied
        if not self.routing.members(owner):
            return Denied("那边还没有能接单的工作人员，换一个吧。")
        came = self._step(ticket, actor, Action.HAND_ON, now, self._queued(ticket, owner, now, colleague))
        if isinstance(came, Denied):
            return came
        self.talks.note(ticket.id, actor, note, now)
        self.talks.tell_asker(
            ticket.person_id, f"工单 {ticket.id} 转给了更合适的同事，正在排队。", f"{ticket.id}:on:{came.steps}", now
        )
        self.tell_queue(came, f"转来工单 {ticket.id}：{ticket.question[:60]}\n备注：{note}", now)
        return came

    def put_back(self, ticket: Ticket, actor: Actor, now: datetime) -> Ticket | Denied:
        """Give it back to the queue."""
        if (denied := _not_holder(ticket, actor, officers=True)) is not None:
            return denied
        came = self._step(ticket, actor, Action.PUT_BACK, now, self._queued(ticket, ticket.owner, now))
        if not isinstance(came, Denied):
            self.talks.tell_asker(
                ticket.person_id, f"工单 {ticket.id} 回到排队，换同事来接。", f"{ticket.id}:back:{came.steps}", now
            )
            self.tell_queue(came, f"工单 {ticket.id} 放回排队：{ticket.question[:60]}", now)
        return came

    def close(self, ticket: Ticket, actor: Actor, reason: str, now: datetime) -> Ticket | Denied:
        """End it, with a reason; counted for the annual report without its content."""
        if (denied := _not_holder(ticket, actor)) is not None:
            return denied
        came = self._step(ticket, actor, Action.CLOSE, now, {"due": None})
        if not isinstance(came, Denied):
            self.talks.note(ticket.id, actor, reason, now)
            self.closed(came, f"已办结（{reason}）", now)
            if ticket.point:
                self.rendered.count(ticket.point, _COUNTED[ticket.kind], ticket.topic, now.date())
        return came

    # -- the passing of time -------------------------------------------------------------------------------

    def overdue(self, now: datetime, most: int) -> list[Ticket]:
        """The open tickets whose time has come, or whom nobody holds any more, the longest waiting first."""
        query = select(tickets).where(tickets.c.state.in_(OPEN), or_(tickets.c.due <= now, _ABANDONED))
        return [_ticket(r) for r in self.connection.execute(query.order_by(tickets.c.due).limit(most)).mappings()]

    def is_held(self, ticket: Ticket) -> bool:
        """Whether the member who took it still works here."""
        member = self.routing.staff.member(ticket.member_id) if ticket.member_id else None
        return member is not None and member.until is None and member.person is not None

    def escalate(self, ticket: Ticket, owner: Owner, now: datetime) -> Ticket | Denied:
        """Ask the next ones: the rest of the level, or ``owner`` above it; who took it has it no more."""
        return self._step(ticket, SYSTEM, Action.ESCALATE, now, self._queued(ticket, owner, now))

    def lapse(self, ticket: Ticket, now: datetime) -> Ticket | Denied:
        """End one in which nobody has said anything for long."""
        return self._step(ticket, SYSTEM, Action.LAPSE, now, {"due": None})

    def wait_longer(self, ticket: Ticket, now: datetime) -> None:
        """Nobody is above: it stays where it is, and is looked at again after a day."""
        self._set(ticket, due=now + timedelta(days=1))

    def closed(self, ticket: Ticket, how: str, now: datetime) -> None:
        """Tell the person who asked that it is over, that the bot is back, and how to go on."""
        text = f"工单 {ticket.id} {how}。我（机器人）回来了，可以接着问我。没解决就发“重开”；给这次服务打分，发“打分 5”（1 到 5）。"
        self.talks.tell_asker(ticket.person_id, text, f"{ticket.id}:closed:{ticket.steps}", now)

    def tell_queue(self, ticket: Ticket, text: str, now: datetime) -> None:
        """Tell those whose turn it is: the one who is asked, else those of the level who are on duty, else all of them (not
        who asked it themselves)."""
        told = [m for m in self.routing.members(ticket.owner) if m.person != ticket.person_id]
        away = self.routing.presence.away([m.id for m in told], now)
        on_duty = [m for m in told if m.id not in away]
        for member in told:
            if ticket.asked_id == member.id or (ticket.asked_id is None and member in (on_duty or told)):
                self.talks.offer(member.id, ticket.id, text, f"{ticket.id}:queue:{ticket.steps}:{now:%m%d}", now)

    # -- rows ----------------------------------------------------------------------------------------------

    def _first_asked(self, owner: Owner, person: int, now: datetime) -> int | None:
        """Of a point's staff the one on duty who has least to do; None: all are told."""
        found = [m for m in self.routing.members(owner) if m.person != person]
        here = [m for m in found if self.routing.presence.is_here(m, now)]
        if owner.level != POINT or len(found) < 2 or not here:
            return None
        return min(here, key=lambda member: (len(self.held_by(member.id)), member.id)).id

    def _queued(self, ticket: Ticket, owner: Owner, now: datetime, asked: int | None = None) -> dict[str, Any]:
        """A ticket that waits for ``owner`` from now on."""
        due = self._after(owner, ticket.adcode, now, FIRST_WAIT)
        promised = self._promise(owner, ticket.adcode, now)
        return {**_owner(owner, asked), "member_id": None, "due": due, "promised": promised}

    def _promise(self, owner: Owner, adcode: str, now: datetime) -> datetime | None:
        return office_time(self._hours(owner, adcode), self.hours.holidays, now, PROMISED)

    def _after(self, owner: Owner, adcode: str, now: datetime, wait: timedelta) -> datetime:
        holidays = self.hours.holidays
        known = office_time(self._hours(owner, adcode), holidays, now, wait)
        return known or office_time(PACE, holidays, now, UNKNOWN_WAIT) or now + UNKNOWN_WAIT

    def _silence(self, ticket: Ticket, now: datetime) -> datetime:
        return self._after(ticket.owner, ticket.adcode, now, SILENCE)

    def _hours(self, owner: Owner, adcode: str) -> Any:
        point = self.routing.points.by_code(owner.point) if owner.level == POINT else None
        return (
            self.hours.of(point.adcode, point.hours) if point else self.hours.of(owner.prefecture or adcode or "650000")
        )

    def _may(self, ticket: Ticket, actor: Actor, action: Action) -> Denied | None:
        decided = cell(TICKET, ticket.state, actor, action, ticket.matter)
        return decided if isinstance(decided, Denied) else None

    def _step(
        self, ticket: Ticket, actor: Actor, action: Action, now: datetime, values: Mapping[str, Any]
    ) -> Ticket | Denied:
        row = self.connection.execute(select(tickets).where(tickets.c.id == ticket.id)).mappings().first()
        if row is None:
            return Denied("这个工单已经不在了。")
        came: Moved | Proposed | Denied = take(
            self.connection, TICKET, row, actor, Deed(action, ticket.matter, "", now, values)
        )
        return came if isinstance(came, Denied) else self._again(ticket)

    def _set(self, ticket: Ticket, **values: Any) -> None:
        self.connection.execute(update(tickets).where(tickets.c.id == ticket.id).values(values))

    def _again(self, ticket: Ticket) -> Ticket:
        found = self.by_id(ticket.id)
        assert found is not None
        return found

    def _read(self, *where: ColumnElement[bool]) -> list[Ticket]:
        query = select(tickets).where(*where).order_by(tickets.c.id.desc())
        return [_ticket(row) for row in self.connection.execute(query).mappings()]


def _ticket(row: Mapping[Any, Any]) -> Ticket:
    return Ticket(**{name: row[name] for name in _COLUMNS})


def _owner(owner: Owner, asked: int | None) -> dict[str, Any]:
    return {"level": owner.level, "point": owner.point, "prefecture": owner.prefecture, "asked_id": asked}


def _not_holder(ticket: Ticket, actor: Actor, *, officers: bool = False) -> Denied | None:
    """Only who took a ticket goes on with it; officers may take it out of somebody's hands."""
    if ticket.member_id in (None, actor.member) or (officers and actor.role in (Role.PREFECTURE, Role.REGION)):
        return None
    return Denied("这个工单由另一位同事接着办。")
