"""Where the parts meet: settings, content, database and app are put together here (``commands/serve`` adds the channels)."""

from __future__ import annotations

import gc
import logging
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from bot.app import App, Shelf
from bot.database.engine import head, open_engine, revision
from bot.dispatch_forms import Limits
from bot.files import Files, Incoming
from bot.helpdesk.gist import read_table
from bot.knowledge.indications import read_indications
from bot.knowledge.intents import read_intents
from bot.knowledge.keywords import read_keywords
from bot.knowledge.library import Library
from bot.knowledge.store import add_meaning, has_encoder, open_library
from bot.links_tables import read_links
from bot.registry.databases import read_databases
from bot.registry.hours import read_hours
from bot.registry.places import read_places
from bot.registry.points import Points
from bot.settings import SettingError, Settings, cache_folder

log = logging.getLogger(__name__)
NEW_VECTORS = 300  # that are made here, in six seconds: more are left to `ipbot content prepare`
LOCAL_HOSTS = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class Parts:
    """What a command works with."""

    settings: Settings
    engine: Engine
    shelf: Shelf

    def app(self) -> App:
        """An app over them."""
        meaning = wants_meaning(self.settings) and has_encoder()
        return App(self.engine, self.shelf, add_meaning_too if meaning else lambda library: library)


def add_meaning_too(library: Library) -> Library:
    """The library with its semantic stage; the vectors of a few new texts are made at once."""
    return add_meaning(library, cache_folder(), make=NEW_VECTORS)


def build_shelf(settings: Settings, today: date, limited: bool = True) -> Shelf:
    """Read and index the content."""
    folder = settings.content
    gazetteer, _ = read_places(folder)
    intents, _ = read_intents(folder)
    hours, _ = read_hours(folder, gazetteer)
    library = open_library(folder, today, cache_folder(), meaning=wants_meaning(settings))
    links, _ = read_links(folder, library.content.laws, library.content.figures)
    return Shelf(
        library=library,
        wordlist=read_table(folder, library.lexicon.words)[0],
        intents=intents,
        gazetteer=gazetteer,
        hours=hours,
        links=links,
        keywords=read_keywords(folder)[0],
        indications=read_indications(folder)[0],
        databases=read_databases(folder)[0],
        limits=Limits(settings.number("IPBOT_QUESTIONS_A_MINUTE") if limited else 0),
        retention=retention_days(settings),
        files=build_files(settings),
        incoming=build_incoming(settings),
        sample_channels=_sample_channels(settings),
    )


def build_files(settings: Settings) -> Files:
    """The files that are handed out."""
    return Files(settings.files / "out", settings.origin, _days(settings, "IPBOT_FILES_DAYS"))


def build_incoming(settings: Settings) -> Incoming:
    """Where the files go that people send."""
    return Incoming(settings.files / "in")


def wants_meaning(settings: Settings) -> bool:
    """Whether questions may be compared by meaning, where that can be."""
    return settings.choice("IPBOT_MEANING", "auto", "off") == "auto"


def retention_days(settings: Settings) -> int:
    """How long a person's data are kept."""
    return _days(settings, "IPBOT_RETENTION_DAYS")


def _days(settings: Settings, name: str) -> int:
    """A number of days. Raises SettingError for 0, at which everything would be gone at once."""
    days = settings.number(name)
    if days == 0:
        raise SettingError(f"{name}='0': expected 1 or more days")
    return days


def _sample_channels(settings: Settings) -> frozenset[str]:
    """Where sample points may be shown: the terminal, and a web chat that only this machine can reach."""
    if settings.choice("IPBOT_SAMPLES", "auto", "off") == "off":
        return frozenset()
    local = settings["IPBOT_HOST"] in LOCAL_HOSTS and not settings["IPBOT_ORIGIN"]
    return frozenset({"terminal", "web"} if local else {"terminal"})


def build_engine(settings: Settings, folder: Path) -> Engine:
    """Open the database, created and migrated when needed; a new SQLite database gets the sample points."""
    try:
        engine = open_engine(settings.database_url)
        current = revision(engine)
    except (SQLAlchemyError, ImportError) as error:
        reason = str(error).splitlines()[0]
        raise SettingError(f"IPBOT_DATABASE_URL: the database cannot be used ({reason})") from error
    if current != head():
        from bot.database.migrate import migrate  # noqa: PLC0415 - Alembic takes a tenth of a second, most starts need it not

        new = migrate(engine)
    else:
        new = False
    if new and engine.dialect.name == "sqlite":
        gazetteer, _ = read_places(folder)
        with engine.begin() as connection:
            Points(connection, gazetteer).add_samples()
    return engine


def build(settings: Settings, today: date, limited: bool = True) -> Parts:
    """Everything a channel needs. The heap is frozen afterwards, so that collections stay short."""
    gc.disable()  # half a million objects are made that stay: looking through them meanwhile doubles the time
    try:
        engine = build_engine(settings, settings.content)
        shelf = build_shelf(settings, today, limited)
    finally:
        gc.enable()
    gc.collect()
    gc.freeze()
    return Parts(settings, engine, shelf)
