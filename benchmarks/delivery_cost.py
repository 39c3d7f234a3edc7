"""What it costs to write letters and settle them, beside the bare SQL of the same inserts and updates."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, Engine, select

from bot.channels.delivered import Sent
from bot.database.tables import letters
from bot.delivery.outbox import Outbox, Terms
from bot.letters import Letter, State
from bot.training.announcements import WRITTEN_AT_ONCE, Announcements

PORTION = 50  # letters that are taken and settled at once, as a lane does under load
TERMS = Terms("telegram", "", rate=100_000, gap=timedelta(0))


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds for so many letters: ours, and the bare SQL."""

    letters: int
    ours: float
    bare: float

    @property
    def ratio(self) -> float:
        return self.ours / self.bare


def measure(engine: Engine, announcement: int) -> Cost:
    """Write and settle the letters of a running announcement; then the same rows with SQL alone. Leaves no letters."""
    now = datetime.now(UTC)
    start = time.perf_counter()
    done = False
    while not done:
        with engine.begin() as connection:
            done = Announcements(connection).write(announcement, now)
    ended: list[Letter] = []
    settled = 0
    while True:
        with engine.begin() as connection:
            outbox = Outbox(connection, TERMS)
            at = datetime.now(UTC)
            outbox.settle([(letter, Sent()) for letter in ended], at)
            ended = outbox.take(PORTION, at, True).letters
        settled += len(ended)
        if not ended:
            break
    ours = time.perf_counter() - start
    with engine.begin() as connection:
        rows = connection.execute(select(letters).order_by(letters.c.id)).mappings().all()
        values = [{**row, "state": State.WAITING, "settled": None, "lease": None} for row in rows]
        connection.execute(letters.delete())
    start = time.perf_counter()
    bare(engine, values, now)
    took = time.perf_counter() - start
    with engine.begin() as connection:
        connection.execute(letters.delete())
    return Cost(settled, ours, took)


def bare(engine: Engine, values: list[dict[str, object]], now: datetime) -> None:
    """The same inserts and updates, in the same portions, as SQL on the driver."""
    postgresql = engine.dialect.name == "postgresql"
    mark = "%s" if postgresql else "?"
    columns = [c.name for c in letters.columns]
    insert = f"INSERT INTO letters ({', '.join(columns)}) VALUES ({', '.join([mark] * len(columns))})"
    naive = now.replace(tzinfo=None)

    def plain(value: object) -> object:
        return value.replace(tzinfo=None) if isinstance(value, datetime) else value

    rows = [tuple(plain(row[name]) for name in columns) for row in values]
    if not postgresql:
        rows = [tuple(str(v) if isinstance(v, datetime) else v for v in row) for row in rows]
    stamp = naive if postgresql else str(naive)
    for first in range(0, len(rows), WRITTEN_AT_ONCE):
        with engine.begin() as connection:
            connection.exec_driver_sql(insert, rows[first : first + WRITTEN_AT_ONCE])
    ids = [row["id"] for row in values if row["channel"] == TERMS.channel]
    for first in range(0, len(ids), PORTION):
        with engine.begin() as connection:
            some = ids[first : first + PORTION]
            among = ", ".join([mark] * len(some))
            _update(connection, f"UPDATE letters SET state='sending', lease={mark} WHERE id IN ({among})", stamp, some)
        with engine.begin() as connection:
            _update(connection, f"UPDATE letters SET state='sent', settled={mark} WHERE id IN ({among})", stamp, some)


def _update(connection: Connection, statement: str, at: object, ids: list[object]) -> None:
    connection.exec_driver_sql(statement, (at, *ids))
