"""Opening the database: SQLite (WAL, one writer) or PostgreSQL (psycopg), created and migrated when needed."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, inspect, make_url
from sqlalchemy.exc import OperationalError

log = logging.getLogger(__name__)
T = TypeVar("T")
AWAY = (0.1, 0.3, 0.6, 1.0, 2.0, 3.0, 0.0)  # seconds between the tries while PostgreSQL is restarted
MIGRATIONS = Path(__file__).parent / "migrations"


def open_engine(url: str) -> Engine:
    """An engine for ``url``. The folder of an SQLite file is made; nothing else is touched yet."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        if parsed.database and parsed.database != ":memory:":
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(url, connect_args={"timeout": 30, "check_same_thread": False})
        _prepare_sqlite(engine)
        return engine
    return create_engine(url, pool_size=10, max_overflow=10, pool_pre_ping=False)


def _prepare_sqlite(engine: Engine) -> None:
    """WAL, foreign keys, and transactions that take the write lock at their start (so that none fails half way)."""

    @event.listens_for(engine, "connect")
    def connect(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "busy_timeout=30000"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def transact(engine: Engine, work: Callable[[Connection], T]) -> T:
    """``work`` in a transaction, in this thread; on PostgreSQL tried again for some seconds while it is restarted.

    Only for work that may be done twice, as the answer to a commit may be lost. Raises OperationalError when it stays away.
    """
    for pause in AWAY:
        try:
            with engine.begin() as connection:
                return work(connection)
        except OperationalError as error:
            if not pause or engine.dialect.name == "sqlite":
                raise
            log.warning("the database is away (%s)", type(error.orig).__name__)
            time.sleep(pause)
    raise AssertionError("the last pause is none")


def head() -> str:
    """The newest revision that the program knows: its migrations are numbered in the order of their files."""
    return max(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def revision(engine: Engine) -> str | None:
    """The revision that the database is at; None when it has no tables yet."""
    if not inspect(engine).has_table("alembic_version"):
        return None
    with engine.begin() as connection:
        return connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
