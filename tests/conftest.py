"""What all tests share: databases of both kinds, the loaded content, and people to talk to."""

from __future__ import annotations

import gc
import os
import secrets
import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import settings
from sqlalchemy import Engine, create_engine, make_url

from bot.app import App, Shelf
from bot.build import build_shelf
from bot.database.engine import open_engine
from bot.database.migrate import migrate
from bot.database.tables import metadata
from bot.registry.points import Points
from bot.settings import read_settings
from tests.talk import Talk

# the machines of CI are slow at times, and a test must fail for the same reason twice
settings.register_profile("here", deadline=None, derandomize=True)
settings.load_profile("here")

POSTGRESQL = os.environ.get("IPBOT_TEST_POSTGRESQL", "")
CHROMIUM = os.environ.get("IPBOT_TEST_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome") or ""
MEANING = bool(os.environ.get("IPBOT_TEST_MEANING"))
NO_SKIP = bool(os.environ.get("IPBOT_TEST_NO_SKIP"))
TODAY = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)  # a Sunday, noon in Beijing


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not MEANING:  # making the vectors of the whole content takes minutes, so these are asked for
        left_out = [item for item in items if item.get_closest_marker("meaning")]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
    for item in items:
        if item.get_closest_marker("postgresql") and not POSTGRESQL:
            item.add_marker(pytest.mark.skip(reason="postgresql"))
        if item.get_closest_marker("browser") and not CHROMIUM:
            item.add_marker(pytest.mark.skip(reason="browser"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reasons = {str(report.longrepr[2]).removeprefix("Skipped: ") for report in terminalreporter.getreports("skipped")}
    how = []
    if "postgresql" in reasons:
        how.append("IPBOT_TEST_POSTGRESQL=postgresql://… for those on PostgreSQL")
    if "browser" in reasons:
        how.append("a chromium on the PATH (or IPBOT_TEST_CHROMIUM) for those in a browser")
    if how:
        terminalreporter.write_line(f"Some tests were skipped; to run them set {' and '.join(how)}.")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Where everything is at hand (CI) a skip is a failure."""
    reporter = session.config.pluginmanager.getplugin("terminalreporter")
    if NO_SKIP and reporter and reporter.stats.get("skipped"):
        reporter.write_line("\nskipped tests are failures here (IPBOT_TEST_NO_SKIP)")
        session.exitstatus = 1


@pytest.fixture(scope="session")
def content() -> Path:
    return Path(__file__).parent.parent / "content"


@pytest.fixture
def one_topic(tmp_path: Path, content: Path) -> Path:
    """A content folder with a single topic, so that preparing it is quick."""
    made = tmp_path / "content"
    shutil.copytree(
        content, made, ignore=lambda path, names: [n for n in names if Path(path).name == "faq" and n != "tm-term"]
    )
    shutil.rmtree(made / "articles")
    (made / "topics.yaml").write_text(
        "- group: 商标\n  topics:\n    - {id: tm-term, title: 商标有效期}\n", encoding="utf-8"
    )
    for entry in (made / "faq" / "tm-term").glob("*.md"):
        lines = entry.read_text(encoding="utf-8").splitlines(keepends=True)
        entry.write_text("".join(line for line in lines if not line.startswith("related:")), encoding="utf-8")
    return made


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    """The real content, loaded once; no limit on questions; files in a folder of the tests."""
    gc.disable()
    settings = read_settings({"IPBOT_MEANING": "off", "IPBOT_FILES": str(tmp_path_factory.mktemp("files"))})
    made = build_shelf(settings, TODAY.date(), limited=False)
    gc.enable()
    gc.collect()
    gc.freeze()
    yield made
    gc.unfreeze()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The URL of a new database on the PostgreSQL that is named; dropped at the end."""
    url = make_url(POSTGRESQL.replace("postgresql://", "postgresql+psycopg://", 1))
    name = f"ipbot_test_{secrets.token_hex(4)}"
    server = create_engine(url, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    yield url.set(database=name).render_as_string(hide_password=False)
    with server.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    server.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An empty migrated database of each kind."""
    if request.param == "sqlite":
        made = open_engine(f"sqlite:///{tmp_path / 'test.sqlite3'}")
    else:
        made = open_engine(request.getfixturevalue("postgresql"))
    migrate(made)
    with made.begin() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())
    yield made
    made.dispose()


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Engine]:
    """An empty migrated SQLite database."""
    made = open_engine(f"sqlite:///{tmp_path / 'only.sqlite3'}")
    migrate(made)
    yield made
    made.dispose()


@pytest.fixture
def app(engine: Engine, shelf: Shelf) -> App:
    return App(engine, shelf)


@pytest.fixture
def talk(sqlite: Engine, shelf: Shelf) -> Talk:
    """A new person in the terminal, on a database with the sample points."""
    with sqlite.begin() as connection:
        Points(connection, shelf.gazetteer).add_samples()
    return Talk(App(sqlite, shelf), TODAY)


@pytest.fixture
def today() -> date:
    return TODAY.date()
