"""Bringing a database to the newest revision with Alembic; loaded only when there is something to do."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Engine

from bot.database.engine import MIGRATIONS

_LOCK = 7_203_450_110  # of the advisory lock under which one process migrates


def migrate(engine: Engine) -> bool:
    """Create or upgrade the tables; returns whether there were none. Safe when several processes do it at once."""
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
        current = MigrationContext.configure(connection).get_current_revision()
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    return current is None
