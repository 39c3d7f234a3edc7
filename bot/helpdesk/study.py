"""What the bot learns by itself, beside the turns: questions without an answer are collected and grouped, drafts are checked,
approved ones are added to the content in memory, and those who had asked are told.

Every server does it every few seconds, each part in a short transaction of its own with the work between them outside, so
that no turn waits for it. Two servers may do the same work at once; what is kept is kept once (compare-and-set, letter keys).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Protocol, TypeVar

from sqlalchemy import Connection

from bot.helpdesk.drafts import Draft, Drafts
from bot.helpdesk.gist import Gists, Table
from bot.helpdesk.likeness import Likeness, Rarity
from bot.helpdesk.trial import Findings, try_out
from bot.helpdesk.unanswered import LOOKED_AT, Question, Unanswered
from bot.knowledge.additions import with_additions
from bot.knowledge.library import Library, Sure
from bot.knowledge.text import bare
from bot.letters import Letters
from bot.messages import Option, Reply
from bot.registry.hours import BEIJING
from bot.registry.terms import beijing_day
from bot.staff import Staff

log = logging.getLogger(__name__)
T = TypeVar("T")
REGROUP = timedelta(seconds=30)  # between two groupings
PAST = 200  # questions answered lately that a draft is tried with
_CLOSE = 16  # entries that are looked at to tell whether two questions are one
_MORNING, _EVENING = time(10, 0), time(22, 0)  # Beijing time: nobody is told of an answer at night
_QUOTED = 60  # characters of a question that are told back


class Transact(Protocol):
    """Does work in a transaction of its own, in this thread."""

    def __call__(self, work: Callable[[Connection], T], /) -> T: ...


@dataclass(frozen=True, slots=True)
class _Seen:
    """What waits to be done."""

    version: tuple[tuple[int, int], ...]
    waiting: list[Question] | None
    unchecked: list[Draft]
    untold: list[Draft]


class Study:
    """The work of one server. Used by one thread at a time."""

    def __init__(self, transact: Transact, add_meaning: Callable[[Library], Library]) -> None:
        """``add_meaning`` gives a library its semantic stage."""
        self._transact = transact
        self._add_meaning = add_meaning
        self._version: tuple[tuple[int, int], ...] = ()
        self._live: dict[str, str] = {}
        self._judge: tuple[Library, Likeness] | None = None
        self._new = False  # questions came that are not grouped yet
        self._next: datetime | None = None

    def run(self, library: Library, table: Table, now: datetime) -> Library:
        """Do what waits; returns the library to go on with (``library`` itself when nothing changed)."""
        seen = self._transact(lambda c: self._look(c, now))
        if seen.waiting is not None:
            self._new, self._next = False, now + REGROUP
            groups = self._groups(library, table, seen.waiting)
            self._transact(lambda c: Unanswered(c).store(groups))
        library = self._taught(library, seen.version)
        for draft in seen.unchecked:
            self._check(draft, library, now)
        for draft in seen.untold:
            self._tell(draft, library, now)
        if seen.waiting and library.added:
            self._tell_late(seen.waiting, library, now)
        return library

    def taught(self, library: Library) -> Library:
        """``library`` with the drafts that are in force."""
        return self._taught(library, self._transact(lambda c: Drafts(c).version()))

    def _look(self, connection: Connection, now: datetime) -> _Seen:
        unanswered, found = Unanswered(connection), Drafts(connection)
        # who would look at them? where nobody works, the turns are only kept
        if Staff(connection).serving():
            self._new |= unanswered.collect(now) > 0
        due = self._new and (self._next is None or now >= self._next)
        return _Seen(found.version(), unanswered.waiting() if due else None, found.unchecked(), found.untold())

    # -- grouping ------------------------------------------------------------------------------------------

    def _groups(self, library: Library, table: Table, questions: Sequence[Question]) -> list[list[Question]]:
        """The questions, those that want the same answer together; what was said in the same words is compared once."""
        same: dict[str, list[Question]] = {}
        for question in questions:
            same.setdefault(bare(question.said), []).append(question)
        kinds = list(same.values())[-LOOKED_AT:]
        texts = [kind[0].said for kind in kinds]
        meaning = library.meaning
        vectors = None if meaning is None else meaning.vectors(texts)
        groups = self._likeness(library, table).groups(texts, vectors)
        return [[question for number in group for question in kinds[number]] for group in groups]

    def _likeness(self, library: Library, table: Table) -> Likeness:
        base = library.base or library
        if self._judge is None or self._judge[0] is not base:
            gists = Gists(table, base.lexicon)
            titles = (way for ways in base.ways().values() for way in ways[:2])
            self._judge = base, Likeness(gists, Rarity.of(titles, gists), lambda q: _close(base, q))
        return self._judge[1]

    # -- drafts --------------------------------------------------------------------------------------------

    def _taught(self, library: Library, version: tuple[tuple[int, int], ...]) -> Library:
        if version != self._version:
            self._live = self._transact(lambda c: Drafts(c).live())
            self._version = version
        if library.added == tuple(self._live.items()):
            return library
        try:
            new, left_out = with_additions(library, self._live)
        except Exception:  # nothing that was approved may stop what works
            log.exception("approved drafts cannot be added")
            return library
        for file in left_out:
            log.warning("an approved draft is left out", extra={"file": file})
        log.info("approved drafts added", extra={"entries": len(new.content.entries)})
        had_meaning = library.meaning is not None
        return self._add_meaning(new) if had_meaning and new.meaning is None else new

    def _check(self, draft: Draft, library: Library, now: datetime) -> None:
        asked, past = self._transact(
            lambda c: (
                [question.said for question in Unanswered(c).of_draft(draft.id)],
                Unanswered(c).answered_lately(PAST),
            )
        )
        try:
            findings = try_out(library, draft.file, draft.text, asked, past, beijing_day(now))
        except Exception:  # a text that breaks the reader is not in force and shall not stop the rest
            log.exception("a draft cannot be checked", extra={"draft": draft.id})
            findings = Findings(("草稿：读不出来，请重新写一遍。",))

        def keep(connection: Connection) -> None:
            if Drafts(connection).checked(draft, findings, now):
                author = Staff(connection).member(draft.author)
                reply = Reply(f"草稿 {draft.id}：{findings.words()}", options=(Option("看草稿", f"草稿 {draft.id}"),))
                if author is not None and author.person is not None:
                    key = f"draft:{draft.id}:{draft.steps}:checked"
                    Letters(connection).put(author.person, reply, kind="staff", key=key, now=now)

        self._transact(keep)

    # -- telling -------------------------------------------------------------------------------------------

    def _tell(self, draft: Draft, library: Library, now: datetime) -> None:
        """Write to everyone who asked what a draft answers: the questions it was written for, and those that it happens to
        answer too. Not before it is in the content that this server answers from."""
        day = beijing_day(now)
        if library.entry(draft.entry, day) is None:
            return
        waiting = self._transact(lambda c: [q for q in Unanswered(c).waiting() if q.draft is None])
        answered = [q.turn for q in waiting if _answers(library, q.said, day) == draft.entry]

        def write(connection: Connection) -> None:
            if Drafts(connection).told(draft.id, now):
                unanswered = Unanswered(connection)
                unanswered.take(answered, draft.id)
                for question in unanswered.of_draft(draft.id):
                    _write(Letters(connection), question, draft.id, draft.entry, library, now)

        self._transact(write)

    def _tell_late(self, questions: Sequence[Question], library: Library, now: datetime) -> None:
        """Write to those whose question was only seen to wait when its answer was in force already."""
        day = beijing_day(now)
        live = {draft.entry: draft.id for draft in self._transact(lambda c: Drafts(c).latest(LOOKED_AT, "live"))}
        found = {q.turn: id for q in questions if q.draft is None and (id := _answers(library, q.said, day)) in live}

        def write(connection: Connection) -> None:
            unanswered = Unanswered(connection)
            for question in questions:
                entry = found.get(question.turn)
                if entry and unanswered.take([question.turn], live[entry]):
                    _write(Letters(connection), question, live[entry], entry, library, now)

        if found:
            self._transact(write)


def _write(letters: Letters, question: Question, draft: int, entry: str, library: Library, now: datetime) -> None:
    """The letter with the answer, one to each person."""
    day = beijing_day(now)
    found = library.entry(entry, day)
    if found is None:
        return
    text, more = found.text_on(day, library.content.figures)
    on = question.at.astimezone(BEIJING)
    said = question.said if len(question.said) <= _QUOTED else f"{question.said[:_QUOTED]}……"
    told = f"您{on.month}月{on.day}日问过“{said}”，当时没有答好。现在有答案了：\n\n{text}"
    options = (Option("看这一条", f"#{entry}"), Option("转人工", "转人工"))
    reply = Reply(told, more=more, citations=library.cite(found, day), options=options)
    letters.put(question.person, reply, kind="answer", key=f"learned:{draft}", now=now, not_before=_by_day(now))


def _answers(library: Library, question: str, day: date) -> str:
    found = library.search(question, day)
    return found.entry.id if isinstance(found, Sure) else ""


def _close(library: Library, question: str) -> dict[str, float]:
    return {hit.id: hit.score for hit in library.index.search(question, _CLOSE)}


def _by_day(now: datetime) -> datetime:
    """``now``, or the next morning when it is night."""
    here = now.astimezone(BEIJING)
    if _MORNING <= here.time() < _EVENING:
        return now
    day = here.date() + timedelta(days=here.time() >= _EVENING)
    return datetime.combine(day, _MORNING, BEIJING)
