"""Suggestions and complaints (Art. 15, 17): filed with a number and a passcode, answered by those they are not about."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime, time, timedelta

from sqlalchemy import ColumnElement, Connection, String, cast, delete, func, insert, select, update

from bot.calculators.workdays import Period, Unit, act_ends
from bot.database.tables import feedback
from bot.letters import Letters
from bot.messages import File, Option, Reply
from bot.passcodes import digest, grouped, new_code
from bot.registry.hours import BEIJING, OfficeHours
from bot.registry.institutions import next_number
from bot.registry.lifecycle import Deed, Entry, Lifecycle, Step, record, take
from bot.registry.news import News
from bot.registry.terms import beijing_day
from bot.staff import Action, Actor, Denied, Matter, Role

SUGGESTION, COMPLAINT = "suggestion", "complaint"
KINDS: Mapping[str, str] = {SUGGESTION: "建议", COMPLAINT: "投诉"}
CATEGORIES = ("服务态度", "乱收费", "答复有误", "借网点名义经商", "虚假材料", "其他")  # the fourth and fifth: Art. 17
_NUMBERS = {SUGGESTION: "XJJY", COMPLAINT: "XJTS"}
FILED, ANSWERED = "filed", "answered"
# the draft sets no time for an answer: this is a promise of the service, not of the law
ANSWER_WITHIN = Period(15, Unit.WORKING_DAYS)
_PASSCODE = 12


def _answer(role: Role) -> Step:
    return Step(FILED, Action.ANSWER, role, ANSWERED, "第十五条")


FEEDBACK = Lifecycle(
    "feedback",
    feedback,
    {FILED: "待答复", ANSWERED: "已答复"},
    (
        _answer(Role.POINT),
        _answer(Role.PREFECTURE),
        _answer(Role.REGION),
        Step(ANSWERED, Action.REOPEN, Role.APPLICANT, FILED, "第十五条"),
    ),
)


@dataclass(frozen=True, slots=True)
class Voice:
    """A suggestion or complaint. ``person_id`` is None when it is anonymous; ``point`` the code of the point it is about."""

    id: int
    number: str
    person_id: int | None
    kind: str
    category: str
    point: str
    prefecture: str
    text: str
    file_id: int | None
    shown: Mapping[str, str] | None
    answer: str
    state: str
    since: datetime
    steps: int
    created: datetime
    due: datetime

    @property
    def matter(self) -> Matter:
        """A complaint is never the matter of the point it is about."""
        point = self.point if self.kind == SUGGESTION else ""
        return Matter(self.number, self.prefecture, point, applicant=self.person_id)


@dataclass(frozen=True, slots=True)
class Filed:
    """What was taken; ``passcode`` is told once and kept only as a hash."""

    voice: Voice
    passcode: str


@dataclass(frozen=True, slots=True)
class Words:
    """What somebody has to say: of a kind of KINDS, about a point (its code and prefecture; empty: the network or the bot)."""

    kind: str
    text: str
    category: str = ""
    point: str = ""
    prefecture: str = ""
    file_id: int | None = None
    anonymous: bool = False


_COLUMNS = tuple(field.name for field in fields(Voice))


@dataclass(frozen=True, slots=True)
class Feedback:
    """Suggestions and complaints as seen through one connection."""

    connection: Connection
    letters: Letters
    news: News
    hours: OfficeHours

    def file(self, person: int, words: Words, now: datetime) -> Filed:
        """Take it and tell those who answer. Anonymous: nothing that is kept of it leads to the person."""
        number = next_number(self.connection, _NUMBERS[words.kind], beijing_day(now).year)
        passcode = new_code(_PASSCODE)
        due = act_ends(beijing_day(now), ANSWER_WITHIN, self.hours.holidays).day
        values = {
            "number": number,
            "digest": digest(number, passcode),
            "person_id": None if words.anonymous else person,
            "kind": words.kind,
            "category": words.category,
            "point": words.point,
            "prefecture": words.prefecture,
            "text": words.text,
            "file_id": words.file_id,
            "answer": "",
            "state": FILED,
            "since": now,
            "steps": 1,
            "created": now,
            "due": datetime.combine(due, time(23, 59), BEIJING),
        }
        id = self.connection.execute(insert(feedback).values(values).returning(feedback.c.id)).scalar_one()
        who = Actor(0 if words.anonymous else person)
        record(
            self.connection, FEEDBACK, id, Entry(1, who, Role.APPLICANT, "file", False, "", FILED, "第十五条"), at=now
        )
        made = self.by_number(number)
        assert made is not None
        self._tell_staff(made, f"新{KINDS[made.kind]} {number}，请在 {due} 前答复。", f"{number}:filed", now)
        return Filed(made, grouped(passcode))

    def by_number(self, number: str) -> Voice | None:
        """That of a number, or None."""
        return next(iter(self._read(feedback.c.number == number.strip().upper())), None)

    def unlock(self, number: str, passcode: str) -> Voice | None:
        """That of a number if the passcode is its own; None looks the same for both."""
        found = self.by_number(number)
        kept = (
            self.connection.execute(select(feedback.c.digest).where(feedback.c.id == found.id)).scalar()
            if found
            else ""
        )
        right = hmac.compare_digest(kept or "", digest(number.strip().upper(), passcode))
        return found if found and right else None

    def of_person(self, person: int) -> list[Voice]:
        """Those that a person filed with their name, the newest first."""
        return self._read(feedback.c.person_id == person)

    def waiting_for(self, actor: Actor) -> list[Voice]:
        """Those that an actor may answer, the most urgent first."""
        where = [feedback.c.state == FILED]
        match actor.role:
            case Role.POINT:
                where += [feedback.c.kind == SUGGESTION, feedback.c.point == actor.point]
            case Role.PREFECTURE:
                where += [feedback.c.prefecture == actor.prefecture]
            case Role.REGION:
                pass
            case _:
                return []
        found = [voice for voice in self._read(*where) if voice.person_id != actor.person]
        return sorted(found, key=lambda voice: (voice.due, voice.id))

    def answer(self, voice: Voice, actor: Actor, text: str, now: datetime) -> Voice | Denied:
        """Answer it; the person is told, unless it is anonymous (they look with number and passcode)."""
        row = self.connection.execute(select(feedback).where(feedback.c.id == voice.id)).mappings().one()
        values = {"answer": text, "member_id": actor.member}
        came = take(self.connection, FEEDBACK, row, actor, Deed(Action.ANSWER, voice.matter, "", now, values))
        if isinstance(came, Denied):
            return came
        after = self.by_number(voice.number)
        assert after is not None
        if after.person_id is not None:
            told = f"您的{KINDS[voice.kind]} {voice.number} 有答复：{text}\n不满意可以再说一次。"
            options = (Option("不满意，再说", f"再反映 {voice.number}"),)
            key = f"feedback:{voice.id}:answered:{came.number}"
            self.letters.put(after.person_id, Reply(told, options=options), kind="feedback", key=key, now=now)
        return after

    def reopen(self, voice: Voice, person: int, more: str, now: datetime) -> Voice | Denied:
        """Not satisfied: it waits again, now with more words, and goes to the region as well."""
        row = self.connection.execute(select(feedback).where(feedback.c.id == voice.id)).mappings().one()
        due = act_ends(beijing_day(now), ANSWER_WITHIN, self.hours.holidays).day
        values = {"text": f"{voice.text}\n再次反映：{more}", "due": datetime.combine(due, time(23, 59), BEIJING)}
        came = take(self.connection, FEEDBACK, row, Actor(person), Deed(Action.REOPEN, voice.matter, "", now, values))
        if isinstance(came, Denied):
            return came
        after = self.by_number(voice.number)
        assert after is not None
        text = f"{KINDS[voice.kind]} {voice.number} 对答复不满意，再次反映。"
        self._tell_staff(after, text, f"{voice.number}:again:{came.number}", now)
        self.news.region(
            _look(text, voice.number), f"feedback:{voice.number}:region:{came.number}", now, kind="feedback"
        )
        return after

    def remind(self, now: datetime) -> int:
        """Tell of what is due within two days or overdue, once a day; what is overdue the region hears, too."""
        found = self._read(feedback.c.state == FILED, feedback.c.due <= now + timedelta(days=2))
        for voice in found:
            late = voice.due < now
            text = f"{KINDS[voice.kind]} {voice.number} {'已超过答复期限' if late else '快到答复期限'}。"
            self._tell_staff(voice, text, f"{voice.number}:due:{beijing_day(now)}", now)
            if late:
                key = f"feedback:{voice.number}:late:{beijing_day(now)}"
                self.news.region(_look(text, voice.number), key, now, kind="feedback")
        return len(found)

    def figures(self, actor: Actor, months: int, now: datetime) -> list[tuple[str, str, str, str, int]]:
        """How many by point, month, kind and state in the last ``months`` that an actor may see, the newest month first."""
        month = func.substr(cast(feedback.c.created, String(32)), 1, 7)
        query = (
            select(feedback.c.point, month, feedback.c.kind, feedback.c.state, func.count())
            .where(feedback.c.created >= now - timedelta(days=31 * months))
            .group_by(feedback.c.point, month, feedback.c.kind, feedback.c.state)
        )
        match actor.role:
            case Role.POINT:
                query = query.where(feedback.c.point == actor.point, feedback.c.kind == SUGGESTION)
            case Role.PREFECTURE:
                query = query.where(feedback.c.prefecture == actor.prefecture)
        rows = [(str(p), str(m), str(k), str(s), int(n)) for p, m, k, s, n in self.connection.execute(query)]
        return sorted(rows, key=lambda row: (row[1], row[0], row[2], row[3]), reverse=True)

    def count(self, person: int) -> int:
        """How many of a person are kept."""
        return len(self.of_person(person))

    def show(self, voice: Voice, file: File) -> None:
        """Note the copy of the evidence that staff were shown, so that it goes when the evidence goes."""
        self.connection.execute(update(feedback).where(feedback.c.id == voice.id).values(shown=asdict(file)))

    def forget(self, person: int) -> tuple[int, list[int], list[File]]:
        """Erase those that a person filed with their name; returns how many, the evidence and its copies to remove."""
        mine = feedback.c.person_id == person
        rows = self.connection.execute(select(feedback.c.file_id, feedback.c.shown).where(mine)).all()
        count = self.connection.execute(delete(feedback).where(mine)).rowcount
        return count, [r.file_id for r in rows if r.file_id], [File(**r.shown) for r in rows if r.shown]

    def _tell_staff(self, voice: Voice, text: str, key: str, now: datetime) -> None:
        reply, key = _look(text, voice.number), f"feedback:{key}"
        if voice.kind == SUGGESTION and voice.point and self.news.point(voice.point, reply, key, now, kind="feedback"):
            return
        members = self.news.staff.serving(Role.PREFECTURE, voice.prefecture) if voice.prefecture else []
        told = sum(self.news.person(m.person, reply, key, now, kind="feedback") for m in members)
        if not told:
            self.news.region(reply, key, now, kind="feedback")

    def _read(self, *where: ColumnElement[bool]) -> list[Voice]:
        query = select(feedback).where(*where).order_by(feedback.c.id.desc())
        return [Voice(**{name: row[name] for name in _COLUMNS}) for row in self.connection.execute(query).mappings()]


def _look(text: str, number: str) -> Reply:
    return Reply(text, options=(Option("打开", f"意见件 {number}"),))
