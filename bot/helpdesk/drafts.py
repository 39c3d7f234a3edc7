"""Drafts of entries: taken up for a group of questions, written, checked, approved by a second person, in force at once.

草稿 → 已检查 → 待批准 → 已生效, or 退回; an approved draft is kept as the text of the file that it would be in the content
folder, and every server adds it to the content it has (``bot/helpdesk/study.py``). A step is taken by compare-and-set and
written to the history, as in the register.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, select, update

from bot.database.tables import drafts
from bot.helpdesk.trial import Findings
from bot.helpdesk.unanswered import Unanswered
from bot.helpdesk.writing import Written, file_text
from bot.knowledge.additions import file_of
from bot.registry.lifecycle import Deed, Entry, Lifecycle, Moved, Past, Step, past, record, take
from bot.registry.terms import beijing_day
from bot.staff import SYSTEM, Action, Actor, Denied, Matter, Role, may, refused

WITHIN = timedelta(days=7)  # a draft should be written
STATES: Mapping[str, str] = {
    "draft": "草稿",
    "checked": "已检查",
    "pending": "待批准",
    "live": "已生效",
    "returned": "退回",
    "dropped": "已放弃",
    "down": "已撤下",
    "dismissed": "不处理",
}
IN_WORK = ("draft", "checked", "pending", "returned")
_STAFF, _OFFICERS = (Role.POINT, Role.PREFECTURE, Role.REGION), (Role.PREFECTURE, Role.REGION)


def _steps() -> Iterable[Step]:
    for role in _STAFF:
        for old in ("draft", "checked", "returned"):
            yield Step(old, Action.EDIT_CONTENT, role, "draft", "")
        yield Step("checked", Action.SUBMIT_ENTRY, role, "pending", "")
        for old in IN_WORK:
            yield Step(old, Action.DROP_ENTRY, role, "dropped", "")
    yield Step("draft", Action.CHECK_ENTRY, Role.SYSTEM, "checked", "")
    yield Step("pending", Action.APPROVE_ENTRY, Role.REGION, "live", "")
    yield Step("pending", Action.RETURN_ENTRY, Role.REGION, "returned", "")
    yield Step("live", Action.REMOVE_ENTRY, Role.REGION, "down", "")


_BY_AUTHOR = (Action.EDIT_CONTENT, Action.SUBMIT_ENTRY, Action.DROP_ENTRY)  # or by the region, who may take it over
LIFE = Lifecycle("draft", drafts, STATES, tuple(_steps()))


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft. ``entry`` and ``text`` are empty until it is written, ``findings`` None until it was checked since."""

    id: int
    entry: str
    topic: str
    text: str
    state: str
    steps: int
    author: int
    approver: int | None
    created: datetime
    due: date
    findings: Findings | None

    @property
    def file(self) -> str:
        """Where it would stand in the content folder."""
        return file_of(self.topic, self.entry)

    @property
    def label(self) -> str:
        return STATES[self.state]


def entry_id(topic: str, draft: int) -> str:
    """The id of the entry that a draft becomes; it never changes, and no editor chooses the like by hand."""
    return f"{topic}-q{draft}"


class Drafts:
    """All drafts, within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._unanswered = Unanswered(connection)

    def find(self, id: int) -> Draft | None:
        """The draft of that number."""
        row = self._row(id)
        return None if row is None else _read(row)

    def latest(self, count: int, *states: str) -> list[Draft]:
        """The newest drafts (in these states)."""
        query = select(drafts).order_by(drafts.c.id.desc()).limit(count)
        if states:
            query = query.where(drafts.c.state.in_(states))
        return [_read(row) for row in self._connection.execute(query).mappings()]

    def past(self, id: int) -> list[Past]:
        """What was done with a draft, oldest first."""
        return past(self._connection, LIFE, id)

    # -- steps ---------------------------------------------------------------------------------------------

    def begin(self, questions: Iterable[int], actor: Actor, now: datetime, *, dismissed: str = "") -> Draft | Denied:
        """Take up these questions (none: an answer that nobody asked for yet); with ``dismissed`` set them aside, saying
        why. Refused when another draft has them all by now."""
        action = Action.SET_ASIDE if dismissed else Action.EDIT_CONTENT
        if isinstance(denied := may(actor, action, own(actor)), Denied):
            return denied
        numbers = list(questions)
        state = "dismissed" if dismissed else "draft"
        day = beijing_day(now)
        values = {"entry": "", "topic": "", "text": "", "state": state, "since": now, "steps": 1}
        id = self._connection.execute(
            insert(drafts)
            .values(**values, author_id=actor.member, created=now, due=day + WITHIN)
            .returning(drafts.c.id)
        ).scalar_one()
        if numbers and not self._unanswered.take(numbers, id):
            self._connection.execute(drafts.delete().where(drafts.c.id == id))
            return Denied("这组问题刚刚有人认领了。")
        step = Entry(1, actor, actor.role, action.value, False, "", state, "")
        record(self._connection, LIFE, id, step, Deed(action, own(actor), dismissed, now))
        found = self.find(id)
        assert found is not None
        return found

    def write(self, id: int, actor: Actor, written: Written, now: datetime) -> Moved | Denied:
        """Write it (anew); who does is its author from now on. It waits to be checked."""
        entry = self._entry_of(id) or entry_id(written.topic, id)
        values = {
            "entry": entry,
            "topic": written.topic,
            "text": file_text(written, beijing_day(now)),
            "author_id": actor.member,
            "findings": None,
        }
        return self._take(id, actor, Deed(Action.EDIT_CONTENT, own(actor), "", now, values))

    def submit(self, id: int, actor: Actor, now: datetime) -> Moved | Denied:
        """Hand it to a second person."""
        return self._take(id, actor, Deed(Action.SUBMIT_ENTRY, own(actor), "", now))

    def approve(self, id: int, actor: Actor, now: datetime) -> Moved | Denied:
        """Put it in force; never by its author."""
        return self._second(id, actor, Deed(Action.APPROVE_ENTRY, EVERY, "", now, {"approver_id": actor.member}))

    def send_back(self, id: int, actor: Actor, why: str, now: datetime) -> Moved | Denied:
        """Give it back to its author, saying why."""
        return self._second(id, actor, Deed(Action.RETURN_ENTRY, EVERY, why, now))

    def drop(self, id: int, actor: Actor, now: datetime) -> Moved | Denied:
        """Give it up; its questions wait again."""
        done = self._take(id, actor, Deed(Action.DROP_ENTRY, own(actor), "", now))
        if isinstance(done, Moved):
            self._unanswered.let_go(id)
        return done

    def take_down(self, id: int, actor: Actor, why: str, now: datetime) -> Moved | Denied:
        """Take an answer out of force, at once."""
        return self._take(id, actor, Deed(Action.REMOVE_ENTRY, EVERY, why, now))

    def _second(self, id: int, actor: Actor, deed: Deed) -> Moved | Denied:
        wrote = {step.by for step in self.past(id) if step.action == Action.EDIT_CONTENT}
        on = Matter(f"draft {id}", first=actor.member if actor.member in wrote else None)
        if isinstance(denied := may(actor, deed.action, on), Denied):
            return denied
        return self._take(id, actor, deed)

    def _take(self, id: int, actor: Actor, deed: Deed) -> Moved | Denied:
        row = self._row(id)
        if row is None:
            return Denied("没有这个编号的草稿。")
        if deed.action in _BY_AUTHOR and actor.member != row["author_id"] and actor.role is not Role.REGION:
            return refused(actor, deed.action, deed.on, "这份草稿由别人在写。要接手，请自治区局的同事处理。")
        done = take(self._connection, LIFE, row, actor, deed)
        return done if isinstance(done, Moved | Denied) else Denied("请重新打开草稿看最新的情况。")

    # -- what is done beside the turns ---------------------------------------------------------------------

    def unchecked(self) -> list[Draft]:
        """What was written and is to be checked."""
        query = select(drafts).where(drafts.c.state == "draft", drafts.c.text != "", drafts.c.findings.is_(None))
        return [_read(row) for row in self._connection.execute(query.order_by(drafts.c.id)).mappings()]

    def checked(self, draft: Draft, findings: Findings, now: datetime) -> bool:
        """Keep the findings about a draft as it was read; without faults it may be submitted. False when it has changed."""
        kept = self._connection.execute(
            update(drafts)
            .where(drafts.c.id == draft.id, drafts.c.steps == draft.steps, drafts.c.findings.is_(None))
            .values(findings=findings.to_json())
        ).rowcount
        if kept and not findings.problems:
            self._take(draft.id, SYSTEM, Deed(Action.CHECK_ENTRY, EVERY, "", now))
        return bool(kept)

    def live(self) -> dict[str, str]:
        """The drafts in force, as texts by the files they would be, in the order of their numbers."""
        rows = self._connection.execute(
            select(drafts.c.topic, drafts.c.entry, drafts.c.text).where(drafts.c.state == "live").order_by(drafts.c.id)
        )
        return {file_of(row.topic, row.entry): row.text for row in rows}

    def version(self) -> tuple[tuple[int, int], ...]:
        """Changes whenever another draft is in force: their numbers and steps."""
        rows = self._connection.execute(
            select(drafts.c.id, drafts.c.steps).where(drafts.c.state == "live").order_by(drafts.c.id)
        )
        return tuple((row.id, row.steps) for row in rows)

    def untold(self) -> list[Draft]:
        """The drafts in force whose askers were not written to yet."""
        query = select(drafts).where(drafts.c.state == "live", drafts.c.told.is_(None))
        return [_read(row) for row in self._connection.execute(query.order_by(drafts.c.id)).mappings()]

    def told(self, id: int, now: datetime) -> bool:
        """Their askers are written to now; returns whether nobody else does so."""
        done = update(drafts).where(drafts.c.id == id, drafts.c.told.is_(None), drafts.c.state == "live")
        return bool(self._connection.execute(done.values(told=now)).rowcount)

    def _row(self, id: int) -> Any:
        return self._connection.execute(select(drafts).where(drafts.c.id == id)).mappings().first()

    def _entry_of(self, id: int) -> str:
        return self._connection.execute(select(drafts.c.entry).where(drafts.c.id == id)).scalar() or ""


EVERY = Matter("draft")


def own(actor: Actor) -> Matter:
    """A draft belongs to no prefecture and no point: everyone acts as what they are."""
    return Matter("draft", actor.prefecture, actor.point)


def _read(row: Mapping[Any, Any]) -> Draft:
    return Draft(
        id=row["id"],
        entry=row["entry"],
        topic=row["topic"],
        text=row["text"],
        state=row["state"],
        steps=row["steps"],
        author=row["author_id"],
        approver=row["approver_id"],
        created=row["created"],
        due=row["due"],
        findings=None if row["findings"] is None else Findings.from_json(row["findings"]),
    )
