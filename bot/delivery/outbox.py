"""The outbox: which letters go out next, and what became of them. The sending side of the tables letters, lanes, windows.

A letter is taken with a lease just when there is a free place to send it from. When the process dies, or nobody hears
what became of it, the lease runs out and the letter is unsure: only what may be under way is ever in doubt.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, exists, literal_column, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.channels.delivered import Delivered, Held, Refused, Sent, Unsure, Wait
from bot.database.tables import announcements, lanes, letters, people, windows
from bot.letters import KEPT_BACK, READ_COLUMNS, Letter, State, read_letter
from bot.responses import reply_from_json

BURST = timedelta(seconds=0.2)  # how much of the rate may be caught up on after a pause
HELD_AT_ONCE = 500  # letters that are held in one transaction
CAUSE = 80  # characters

# statements are built once: putting one together costs more than running it.
# States are written out, not bound: only so are the partial indexes used on SQLite
_WAITING = letters.c.state == literal_column(f"'{State.WAITING.value}'")
_SENDING = letters.c.state == literal_column(f"'{State.SENDING.value}'")
_MINE = (letters.c.channel == bindparam("of_channel")) & or_(
    bindparam("of_account") == "", letters.c.account == bindparam("of_account")
)
_LANE = (lanes.c.channel == bindparam("in_channel")) & (lanes.c.account == bindparam("in_account"))
_READ_LANE = select(lanes.c.free, lanes.c.quiet).where(_LANE).with_for_update()
_USE_LANE = update(lanes).where(_LANE).values(free=bindparam("until"))
_RUNNING = (
    select(announcements.c.id, announcements.c.content)
    .where(announcements.c.state == "running")
    .order_by(announcements.c.id)
)
_OTHER = letters.alias("other")
# something else is on its way to the person, or has just arrived
_BUSY = exists().where(
    _OTHER.c.person_id == letters.c.person_id,
    or_(
        _OTHER.c.state == State.SENDING.value,
        (_OTHER.c.state == State.SENT.value) & (_OTHER.c.settled > bindparam("lately")),
    ),
)
_DUE = (
    select(*READ_COLUMNS, letters.c.content)
    .join(people, people.c.id == letters.c.person_id)
    .where(_WAITING, _MINE, letters.c.not_before <= bindparam("now"), ~_BUSY)
    .order_by(letters.c.not_before, letters.c.id)
    .limit(bindparam("count"))
    .with_for_update(skip_locked=True, of=letters)
)
_DUE_TO_ONE = _DUE.where(letters.c.announcement_id.is_(None))
_DUE_TO_MANY = _DUE.where(letters.c.announcement_id == bindparam("announcement"))
_LEASE = (
    update(letters)
    .where(letters.c.id.in_(bindparam("chosen", expanding=True)))
    .values(state=State.SENDING.value, lease=bindparam("until"))
)
_SENT = (
    update(letters)
    .where(
        letters.c.id.in_(bindparam("sent", expanding=True)),
        or_(letters.c.state == State.SENDING.value, letters.c.state == State.UNSURE.value),
    )
    .values(state=State.SENT.value, cause="", settled=bindparam("at"), lease=None)
)
_OPEN_WINDOW = exists().where(
    windows.c.person_id == letters.c.person_id, windows.c.until > bindparam("now"), windows.c.left > bindparam("kept")
)
_CLOSED = (
    select(letters.c.id)
    .where(_WAITING, _MINE, letters.c.not_before <= bindparam("now"), ~_OPEN_WINDOW)
    .limit(HELD_AT_ONCE)
    .with_for_update(skip_locked=True)
)
_CLOSED_TO_ONE = _CLOSED.where(letters.c.announcement_id.is_(None))
_CLOSED_TO_MANY = _CLOSED.where(letters.c.announcement_id.is_not(None))
_HOLD = (
    update(letters)
    .where(letters.c.id.in_(bindparam("closed", expanding=True)))
    .values(state=State.HELD.value, cause="window")
)
_USE_WINDOW = (
    update(windows)
    .where(
        windows.c.person_id == bindparam("person"),
        windows.c.until > bindparam("now"),
        windows.c.left > bindparam("kept"),
    )
    .values(left=windows.c.left - 1)
)
_SETTLE = (
    update(letters)
    .where(
        letters.c.id == bindparam("letter"),
        or_(letters.c.state == State.SENDING.value, letters.c.state == State.UNSURE.value),
    )
    .values(
        state=bindparam("to_state"),
        cause=bindparam("to_cause"),
        settled=bindparam("at"),
        not_before=bindparam("due"),
        parts=bindparam("done"),
        lease=None,
    )
)


@dataclass(frozen=True, slots=True)
class Terms:
    """How letters of a channel's account may go out. ``account`` empty: of all accounts; ``rate`` letters a second;
    ``gap`` between two to one person; ``lease`` longer than
    sending a part of one takes; ``windowed`` and ``notices`` as of a
    Sender."""

    channel: str
    account: str
    rate: float
    gap: timedelta = timedelta(seconds=1)
    lease: timedelta = timedelta(minutes=1)
    windowed: bool = False
    notices: bool = False


@dataclass(frozen=True, slots=True)
class Taken:
    """The letters to be sent now; when to look again, if that is known."""

    letters: list[Letter]
    again: datetime | None = None


class Outbox:
    """The letters of one channel's account that go out, within one transaction."""

    def __init__(self, connection: Connection, terms: Terms) -> None:
        self._connection = connection
        self._terms = terms
        self._of = {"of_channel": terms.channel, "of_account": terms.account}
        self._lane_is = {"in_channel": terms.channel, "in_account": terms.account}

    # -- taking --------------------------------------------------------------------------------------------

    def take(self, count: int, now: datetime, announce: bool) -> Taken:
        """At most ``count`` letters that are due, as many as the rate allows, each with a lease.

        Those to one person come first; of announcements only the running ones, and none unless ``announce``.
        Several processes share the rate: it is kept in the lane's row, which is locked meanwhile.
        """
        free, quiet = self._lane(now)
        if quiet > now:
            return Taken([], quiet)
        interval = timedelta(seconds=1 / self._terms.rate)
        free = max(free, now - BURST)
        allowed = min(count, (now - free) // interval + 1 if free <= now else 0)
        if allowed <= 0:
            return Taken([], free if free > now else None)
        if self._terms.windowed:
            self._hold_closed(now)
        chosen = self._choose(allowed, now, announce)
        if chosen:
            until = now + self._terms.lease
            self._connection.execute(_LEASE, {"chosen": [letter.id for letter in chosen], "until": until})
            self._connection.execute(_USE_LANE, {**self._lane_is, "until": free + interval * len(chosen)})
        return Taken(chosen)

    def _lane(self, now: datetime) -> tuple[datetime, datetime]:
        """Until when the lane's rate is used up and when its silence ends; locks the lane."""
        row = self._connection.execute(_READ_LANE, self._lane_is).first()
        if row is None:
            dialect = postgresql if self._connection.dialect.name == "postgresql" else sqlite
            terms = self._terms
            new = dialect.insert(lanes).values(
                channel=terms.channel, account=terms.account, free=now - BURST, quiet=now
            )
            self._connection.execute(new.on_conflict_do_nothing())
            return self._lane(now)
        return row.free, row.quiet

    def _choose(self, count: int, now: datetime, announce: bool) -> list[Letter]:
        """The letters to send, at most one to a person."""
        chosen: dict[int, Letter] = {}
        given = {**self._of, "now": now, "lately": now - self._terms.gap}
        for row in self._connection.execute(_DUE_TO_ONE, {**given, "count": count}):
            if row.person_id not in chosen:
                in_window = self._use_window(row.person_id, now, 0)
                if in_window or self._terms.notices:
                    chosen[row.person_id] = read_letter(row, reply_from_json(row.content), in_window)
        if not announce or len(chosen) >= count:
            return list(chosen.values())
        for id, content in self._connection.execute(_RUNNING).all():
            reply = reply_from_json(content)
            wanted = {**given, "count": count - len(chosen), "announcement": id}
            for row in self._connection.execute(_DUE_TO_MANY, wanted) if wanted["count"] > 0 else ():
                if row.person_id not in chosen and self._use_window(row.person_id, now, KEPT_BACK):
                    chosen[row.person_id] = read_letter(row, reply)
        return list(chosen.values())

    def _use_window(self, person_id: int, now: datetime, kept: int) -> bool:
        """Use one of the letters that the person's window allows, but for ``kept``; true where there are no windows."""
        if not self._terms.windowed:
            return True
        return self._connection.execute(_USE_WINDOW, {"person": person_id, "now": now, "kept": kept}).rowcount == 1

    def _hold_closed(self, now: datetime) -> None:
        """Hold what is due to people whose window is closed or used up."""
        kinds = [(_CLOSED_TO_MANY, KEPT_BACK)] + ([] if self._terms.notices else [(_CLOSED_TO_ONE, 0)])
        for closed, kept in kinds:
            ids = self._connection.execute(closed, {**self._of, "now": now, "kept": kept}).scalars().all()
            if ids:
                self._connection.execute(_HOLD, {"closed": ids})

    # -- settling ------------------------------------------------------------------------------------------

    def settle(self, results: Iterable[tuple[Letter, Delivered]], now: datetime) -> None:
        """Write down what became of letters that were taken. One that was taken for lost meanwhile is set right."""
        sent: list[int] = []
        rows: list[dict[str, Any]] = []
        gone: list[int] = []
        silence = now
        for letter, came in results:
            row = {"letter": letter.id, "at": now, "due": letter.at, "done": letter.parts, "to_cause": ""}
            match came:
                case Sent():
                    sent.append(letter.id)
                    continue
                case Refused(cause, is_gone):
                    row |= {"to_state": State.REFUSED, "to_cause": cause[:CAUSE]}
                    if is_gone:
                        gone.append(letter.person_id)
                case Unsure(cause):
                    row |= {"to_state": State.UNSURE, "to_cause": cause[:CAUSE]}
                case Wait(seconds, cause, parts, whole_lane):
                    until = now + timedelta(seconds=seconds)
                    row |= {
                        "to_state": State.WAITING,
                        "to_cause": cause[:CAUSE],
                        "at": None,
                        "due": until,
                        "done": parts,
                    }
                    if whole_lane:
                        silence = max(silence, until)
                case Held(cause):
                    row |= {"to_state": State.HELD, "to_cause": cause[:CAUSE], "at": None}
                    self._close_window(letter.person_id)
            rows.append(row)
        if sent:
            self._connection.execute(_SENT, {"sent": sent, "at": now})
        if rows:
            self._connection.execute(_SETTLE, rows)
        if gone:
            self._leave_out(gone, now)
        if silence > now:
            later = update(lanes).where(_LANE, lanes.c.quiet < silence).values(quiet=silence)
            self._connection.execute(later, self._lane_is)

    def mark(self, letter: Letter, parts: int, now: datetime) -> None:
        """So many parts of the letter need not be sent again; the next one has its own time."""
        until = now + self._terms.lease
        self._connection.execute(update(letters).where(letters.c.id == letter.id).values(parts=parts, lease=until))

    def _close_window(self, person_id: int) -> None:
        self._connection.execute(update(windows).where(windows.c.person_id == person_id).values(left=0))

    def _leave_out(self, person_ids: Sequence[int], now: datetime) -> None:
        """These people shut us out: nothing that waits for them is sent."""
        self._connection.execute(update(people).where(people.c.id.in_(person_ids)).values(unreachable=now))
        self._connection.execute(
            update(letters)
            .where(letters.c.person_id.in_(person_ids), letters.c.state.in_((State.WAITING, State.HELD)))
            .values(state=State.REFUSED, cause="blocked", settled=now)
        )

    # -- what was lost -------------------------------------------------------------------------------------

    def give_up(self, now: datetime, alone: bool = False) -> int:
        """What nobody has settled within its lease is unsure; returns how many letters.

        ``alone``: no other process sends, so that at the start everything left over is meant.
        """
        lost = update(letters).where(_SENDING, _MINE)
        if not alone:
            lost = lost.where(letters.c.lease < now)
        unsure = lost.values(state=State.UNSURE, cause="process ended", settled=now, lease=None)
        return self._connection.execute(unsure, self._of).rowcount
