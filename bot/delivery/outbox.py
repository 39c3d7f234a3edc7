"""The outbox: which letters go out next, and what became of them. The sending side of the tables letters, lanes, windows.

A letter is taken with a lease just when there is a free place to send it from. When the process dies, or nobody hears
what became of it, the lease runs out and the letter is unsure: only what may be under way is ever in doubt.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, exists, literal_column, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.channels.delivered import Delivered, Held, Refused, Sent, Unsure, Wait
from bot.database.tables import announcements, lanes, letters, people, windows
from bot.letters import READ, Letter, State, read_letter

KEPT_BACK = 2  # of the letters that a window allows: announcements leave them for answers and reminders
BURST = timedelta(seconds=0.2)  # how much of the rate may be caught up on after a pause
HELD_AT_ONCE = 500  # letters that are held in one transaction
CAUSE = 80  # characters

# written out, not bound: only so are the partial indexes used on SQLite
_WAITING = letters.c.state == literal_column(f"'{State.WAITING.value}'")
_SENDING = letters.c.state == literal_column(f"'{State.SENDING.value}'")
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
    ``gap`` between two to one person; ``lease`` longer than any sending takes; ``windowed`` and ``notices`` as of a
    Sender."""

    channel: str
    account: str
    rate: float
    gap: timedelta = timedelta(seconds=1)
    lease: timedelta = timedelta(minutes=2)
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
        self._mine = letters.c.channel == terms.channel
        if terms.account:
            self._mine &= letters.c.account == terms.account

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
        if not chosen:
            return Taken([])
        self._connection.execute(
            update(letters).where(letters.c.id.in_(chosen)).values(state=State.SENDING, lease=now + self._terms.lease)
        )
        self._connection.execute(update(lanes).where(self._lane_is).values(free=free + interval * len(chosen)))
        rows = self._connection.execute(READ.where(letters.c.id.in_(chosen)))
        found = {row.id: read_letter(row) for row in rows}
        return Taken([replace(found[id], in_window=in_window) for id, in_window in chosen.items()])

    @property
    def _lane_is(self) -> Any:
        return (lanes.c.channel == self._terms.channel) & (lanes.c.account == self._terms.account)

    def _lane(self, now: datetime) -> tuple[datetime, datetime]:
        """Until when the lane's rate is used up and when its silence ends; locks the lane."""
        row = self._connection.execute(
            select(lanes.c.free, lanes.c.quiet).where(self._lane_is).with_for_update()
        ).first()
        if row is None:
            dialect = postgresql if self._connection.dialect.name == "postgresql" else sqlite
            new = dialect.insert(lanes).values(
                channel=self._terms.channel, account=self._terms.account, free=now - BURST, quiet=now
            )
            self._connection.execute(new.on_conflict_do_nothing())
            return self._lane(now)
        return row.free, row.quiet

    def _choose(self, count: int, now: datetime, announce: bool) -> dict[int, bool]:
        """The numbers of the letters to send, at most one to a person, and whether each is within a window."""
        chosen: dict[int, bool] = {}
        people_chosen: set[int] = set()
        sources: list[Any] = [letters.c.announcement_id.is_(None)]
        if announce:
            running = select(announcements.c.id).where(announcements.c.state == "running").order_by(announcements.c.id)
            sources += [letters.c.announcement_id == id for id in self._connection.execute(running).scalars()]
        for bulk, source in enumerate(sources):
            if len(chosen) >= count:
                break
            due = (
                select(letters.c.id, letters.c.person_id)
                .where(_WAITING, self._mine, source, letters.c.not_before <= now, ~self._busy(now))
                .order_by(letters.c.not_before, letters.c.id)
                .limit(count - len(chosen))
                .with_for_update(skip_locked=True)
            )
            for row in self._connection.execute(due):
                if row.person_id in people_chosen:
                    continue
                allowed = self._allowed(row.person_id, now, bulk > 0)
                if allowed or (self._terms.notices and not bulk):
                    people_chosen.add(row.person_id)
                    chosen[row.id] = allowed
        return chosen

    def _busy(self, now: datetime) -> Any:
        """Whether something else is on its way to the person, or has just arrived."""
        other = letters.alias()
        return exists().where(
            other.c.person_id == letters.c.person_id,
            or_(
                other.c.state == State.SENDING,
                (other.c.state == State.SENT) & (other.c.settled > now - self._terms.gap),
            ),
        )

    def _allowed(self, person_id: int, now: datetime, bulk: bool) -> bool:
        """Use one of the letters that the person's window allows, where there are windows."""
        if not self._terms.windowed:
            return True
        used = update(windows).where(
            windows.c.person_id == person_id, windows.c.until > now, windows.c.left > (KEPT_BACK if bulk else 0)
        )
        return self._connection.execute(used.values(left=windows.c.left - 1)).rowcount == 1

    def _hold_closed(self, now: datetime) -> None:
        """Hold what is due to people whose window is closed or used up."""
        kinds = [(1, letters.c.announcement_id.is_not(None))]
        if not self._terms.notices:
            kinds.append((0, letters.c.announcement_id.is_(None)))
        for bulk, kind in kinds:
            open_window = exists().where(
                windows.c.person_id == letters.c.person_id,
                windows.c.until > now,
                windows.c.left > (KEPT_BACK if bulk else 0),
            )
            closed = (
                select(letters.c.id)
                .where(_WAITING, self._mine, kind, letters.c.not_before <= now, ~open_window)
                .limit(HELD_AT_ONCE)
                .with_for_update(skip_locked=True)
            )
            self._connection.execute(
                update(letters)
                .where(letters.c.id.in_(self._connection.execute(closed).scalars().all()))
                .values(state=State.HELD, cause="window")
            )

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
            self._connection.execute(
                update(letters)
                .where(letters.c.id.in_(sent), letters.c.state.in_((State.SENDING, State.UNSURE)))
                .values(state=State.SENT, cause="", settled=now, lease=None)
            )
        if rows:
            self._connection.execute(_SETTLE, rows)
        if gone:
            self._leave_out(gone, now)
        if silence > now:
            self._connection.execute(update(lanes).where(self._lane_is, lanes.c.quiet < silence).values(quiet=silence))

    def mark(self, letter: Letter, parts: int) -> None:
        """So many parts of the letter need not be sent again."""
        self._connection.execute(update(letters).where(letters.c.id == letter.id).values(parts=parts))

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
        lost = update(letters).where(_SENDING, self._mine)
        if not alone:
            lost = lost.where(letters.c.lease < now)
        return self._connection.execute(
            lost.values(state=State.UNSURE, cause="process ended", settled=now, lease=None)
        ).rowcount
