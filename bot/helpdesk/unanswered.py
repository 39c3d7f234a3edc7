"""Questions that wait for an answer: found among the turns that are kept (what was said is masked there), put together in
groups by likeness, taken care of by a draft of an entry.

A question is a turn; nothing that was said is kept a second time, so erasing a person or the passing of time takes it
away. A group is named by its first question and derived: it may grow and split as questions come.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, exists, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.database.tables import asked, counters, drafts, members, people, ratings, tickets, turns
from bot.knowledge.text import bare

SETTLES = timedelta(minutes=10)  # so long somebody who was offered choices may still take one
BEFORE = timedelta(minutes=30)  # so long before asking for a person the question was put
LOOKED_AT = 2000  # questions that are grouped, the newest
_COUNTER = "asked"  # the last turn that was looked at
_LATE = 500  # turns that may be committed after one with a higher number
_NEWEST = 50  # tickets and ratings that are looked at
_MISSED = ("clarify", "decline", "handoff")
OPEN_STATES = ("draft", "checked", "pending", "returned", "dismissed")  # of drafts whose questions are still grouped


class Kind(StrEnum):
    """Why a question waits for an answer."""

    UNANSWERED = "unanswered"
    OUTSIDE = "outside"
    HANDED = "handed"
    RATED = "rated"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS: Mapping[Kind, str] = {
    Kind.UNANSWERED: "没答上",
    Kind.OUTSIDE: "范围外",
    Kind.HANDED: "转人工",
    Kind.RATED: "差评",
}


@dataclass(frozen=True, slots=True)
class Question:
    """One question. ``turn`` is its number; ``draft`` that of the draft that takes care of it, if there is one; ``group`` that
    of its group."""

    turn: int
    person: int
    said: str
    at: datetime
    kind: Kind
    draft: int | None
    group: int


@dataclass(frozen=True, slots=True)
class Group:
    """Questions that want the same answer. ``id`` is the number of the first; ``said`` one of them; ``draft`` and its
    ``state`` are those of the draft that takes care of them."""

    id: int
    questions: int
    people: int
    first: datetime
    last: datetime
    said: str
    draft: int | None
    state: str


class Unanswered:
    """The questions as seen through one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    # -- finding -------------------------------------------------------------------------------------------

    def collect(self, now: datetime) -> int:
        """Look through the turns that came since the last time; returns how many of them are questions that wait."""
        last = self._looked_at()
        rows = self._connection.execute(
            select(turns.c.id, turns.c.person_id, turns.c.at, turns.c.said, turns.c.intent, turns.c.outcome)
            .add_columns(turns.c.free, turns.c.response)
            .where(
                turns.c.outcome.in_(_MISSED),
                turns.c.id > last - _LATE,
                ~exists().where(asked.c.turn_id == turns.c.id),
                ~exists().where(members.c.person_id == turns.c.person_id),
            )
            .order_by(turns.c.id)
        ).all()
        found = 0
        newest = self._connection.execute(select(func.max(turns.c.id))).scalar() or 0
        for row in rows:
            if row.outcome == "clarify" and row.at > now - SETTLES and not self._later(row):
                newest = min(newest, row.id - 1)
            elif (waiting := self._waiting(row)) is not None:
                found += self._add(*waiting)
        found += self._handed() + self._badly_rated()
        if newest != last:
            self._connection.execute(update(counters).where(counters.c.name == _COUNTER).values(value=newest))
        return found

    def _looked_at(self) -> int:
        value = self._connection.execute(select(counters.c.value).where(counters.c.name == _COUNTER)).scalar()
        if value is None:
            new = self._dialect.insert(counters).values(name=_COUNTER, value=0).on_conflict_do_nothing()
            self._connection.execute(new)
        return int(value or 0)

    @property
    def _dialect(self) -> Any:
        return postgresql if self._connection.dialect.name == "postgresql" else sqlite

    def _waiting(self, row: Any) -> tuple[int, int, Kind] | None:
        """The question that a turn shows to be without an answer."""
        if row.intent == "human":
            asked_before = self._asked_before(row)
            return None if asked_before is None else (asked_before.id, row.person_id, Kind.HANDED)
        if row.intent != "consult" or not row.free or len(bare(row.said)) < 3:
            return None
        offered = row.response.get("entries") or []
        match row.outcome:
            case "handoff":
                return row.id, row.person_id, Kind.HANDED
            case "decline":
                return row.id, row.person_id, Kind.UNANSWERED if offered else Kind.OUTSIDE
            case "clarify" if offered and not self._took_one(row, offered):
                return row.id, row.person_id, Kind.UNANSWERED
        return None

    def _handed(self) -> int:
        """Questions put just before somebody was asked for in a ticket."""
        rows = self._connection.execute(
            select(tickets.c.person_id, tickets.c.created.label("at"))
            .where(tickets.c.kind == "consult")
            .order_by(tickets.c.id.desc())
            .limit(_NEWEST)
        )
        before = [(row.person_id, self._asked_before(row)) for row in rows]
        return sum(self._add(turn.id, person, Kind.HANDED) for person, turn in before if turn is not None)

    def _badly_rated(self) -> int:
        """Questions whose answer was of no use."""
        rows = self._connection.execute(
            select(ratings.c.person_id, ratings.c.entry, ratings.c.at)
            .where(~ratings.c.good)
            .order_by(ratings.c.at.desc())
            .limit(_NEWEST)
        ).all()
        found = 0
        for row in rows:
            mine = (turns.c.person_id == row.person_id, turns.c.entry == row.entry, turns.c.at <= row.at, turns.c.free)
            turn = self._connection.execute(
                select(turns.c.id).where(*mine).order_by(turns.c.id.desc()).limit(1)
            ).scalar()
            found += 0 if turn is None else self._add(turn, row.person_id, Kind.RATED)
        return found

    def _asked_before(self, row: Any) -> Any:
        """The last free question that a person put before they asked for a person."""
        return self._connection.execute(
            select(turns.c.id, turns.c.said)
            .where(
                turns.c.person_id == row.person_id,
                turns.c.at <= row.at,
                turns.c.at >= row.at - BEFORE,
                turns.c.free,
                turns.c.intent == "consult",
            )
            .order_by(turns.c.id.desc())
            .limit(1)
        ).first()

    def _later(self, row: Any) -> Any:
        """What the person said next."""
        return self._connection.execute(
            select(turns.c.entry, turns.c.outcome)
            .where(turns.c.person_id == row.person_id, turns.c.id > row.id)
            .order_by(turns.c.id)
            .limit(1)
        ).first()

    def _took_one(self, row: Any, offered: Sequence[str]) -> bool:
        later = self._later(row)
        return later is not None and later.outcome == "answer" and later.entry in offered

    def add(self, turn: int, person: int, kind: Kind) -> bool:
        """Note that a turn is a question that waits; returns whether it is new."""
        return bool(self._add(turn, person, kind))

    def _add(self, turn: int, person: int, kind: Kind) -> int:
        new = self._dialect.insert(asked).values(turn_id=turn, person_id=person, kind=kind.value, cluster=turn)
        added = self._connection.execute(new.on_conflict_do_nothing().returning(asked.c.turn_id))
        return int(added.first() is not None)

    # -- grouping ------------------------------------------------------------------------------------------

    def waiting(self) -> list[Question]:
        """The newest questions that nothing answers yet, oldest first: those are grouped."""
        rows = self._connection.execute(
            _QUESTIONS.where(or_(asked.c.draft_id.is_(None), drafts.c.state.in_(OPEN_STATES)))
            .order_by(turns.c.id.desc())
            .limit(LOOKED_AT)
        )
        return [_question(row) for row in rows][::-1]

    def store(self, groups: Iterable[Sequence[Question]]) -> None:
        """Keep these groups. What joins the questions of a draft is the draft's as well."""
        for group in groups:
            first = min(question.turn for question in group)
            taken = [question.draft for question in group if question.draft is not None]
            numbers = [question.turn for question in group]
            if any(question.group != first for question in group):
                self._connection.execute(update(asked).where(asked.c.turn_id.in_(numbers)).values(cluster=first))
            if taken and len(taken) < len(group):
                draft = max(set(taken), key=taken.count)
                self._connection.execute(
                    update(asked).where(asked.c.turn_id.in_(numbers), asked.c.draft_id.is_(None)).values(draft_id=draft)
                )

    # -- for staff -----------------------------------------------------------------------------------------

    def groups(self, count: int, skip: int = 0, *, oldest: bool = False) -> list[Group]:
        """Groups that nobody set aside: by how many people asked (or by age), those that nobody took first."""
        order = (func.min(turns.c.at), asked.c.cluster) if oldest else (func.count().desc(), func.min(turns.c.at))
        rows = self._connection.execute(
            _GROUPS.order_by(func.max(asked.c.draft_id).is_not(None), *order).limit(count).offset(skip)
        )
        return [self._group(row) for row in rows]

    def count(self) -> int:
        """How many groups there are."""
        return self._connection.execute(select(func.count()).select_from(_GROUPS.subquery())).scalar_one()

    def group(self, id: int) -> tuple[Group, list[Question]] | None:
        """The group that a question belongs to (also when it is no longer the first), and its questions, oldest first."""
        cluster = self._connection.execute(select(asked.c.cluster).where(asked.c.turn_id == id)).scalar()
        if cluster is None:
            return None
        row = self._connection.execute(_GROUPS.where(asked.c.cluster == cluster)).first()
        if row is None:
            return None
        rows = self._connection.execute(_QUESTIONS.where(asked.c.cluster == cluster).order_by(turns.c.id))
        return self._group(row), [_question(row) for row in rows]

    def _group(self, row: Any) -> Group:
        # of the questions a short one shows best what they are about
        said = self._connection.execute(
            select(turns.c.said)
            .join(asked, asked.c.turn_id == turns.c.id)
            .where(asked.c.cluster == row.cluster)
            .order_by(func.abs(func.length(turns.c.said) - 12), turns.c.id)
            .limit(1)
        ).scalar_one()
        state = ""
        if row.draft is not None:
            state = self._connection.execute(select(drafts.c.state).where(drafts.c.id == row.draft)).scalar_one()
        return Group(row.cluster, row.questions, row.people, row.first, row.last, said, row.draft, state)

    # -- of a draft ----------------------------------------------------------------------------------------

    def of_draft(self, draft: int) -> list[Question]:
        """The questions that a draft takes care of, oldest first."""
        rows = self._connection.execute(_QUESTIONS.where(asked.c.draft_id == draft).order_by(turns.c.id))
        return [_question(row) for row in rows]

    def take(self, questions: Iterable[int], draft: int) -> int:
        """Give these questions to a draft, unless another one has them by now; returns how many it got."""
        return self._connection.execute(
            update(asked).where(asked.c.turn_id.in_(list(questions)), asked.c.draft_id.is_(None)).values(draft_id=draft)
        ).rowcount

    def let_go(self, draft: int) -> None:
        """The questions of a draft wait again."""
        self._connection.execute(update(asked).where(asked.c.draft_id == draft).values(draft_id=None))

    def answered_lately(self, count: int) -> dict[int, str]:
        """The last different free questions that an entry answered, by their turns."""
        rows = self._connection.execute(
            select(turns.c.id, turns.c.said)
            .where(turns.c.outcome == "answer", turns.c.free, turns.c.entry.is_not(None))
            .order_by(turns.c.id.desc())
            .limit(4 * count)
        )
        different = {row.said: row.id for row in rows}
        return {turn: said for said, turn in list(different.items())[:count]}

    def said_in(self, numbers: Iterable[int]) -> dict[int, str]:
        """What was said in those of these turns that are still kept."""
        rows = self._connection.execute(select(turns.c.id, turns.c.said).where(turns.c.id.in_(list(numbers))))
        return {row.id: row.said for row in rows}


_QUESTIONS = (
    select(turns.c.id, turns.c.person_id, turns.c.said, turns.c.at, asked.c.kind, asked.c.draft_id, asked.c.cluster)
    .join(asked, asked.c.turn_id == turns.c.id)
    .outerjoin(drafts, drafts.c.id == asked.c.draft_id)
)
_GROUPS = (
    select(
        asked.c.cluster,
        func.count().label("questions"),
        func.count(func.coalesce(people.c.linked_id, people.c.id).distinct()).label("people"),
        func.min(turns.c.at).label("first"),
        func.max(turns.c.at).label("last"),
        func.max(asked.c.draft_id).label("draft"),
    )
    .join(turns, turns.c.id == asked.c.turn_id)
    .join(people, people.c.id == asked.c.person_id)
    .outerjoin(drafts, drafts.c.id == asked.c.draft_id)
    .where(or_(asked.c.draft_id.is_(None), drafts.c.state.in_([s for s in OPEN_STATES if s != "dismissed"])))
    .group_by(asked.c.cluster)
)


def _question(row: Any) -> Question:
    return Question(row.id, row.person_id, row.said, row.at, Kind(row.kind), row.draft_id, row.cluster)
