"""Changed content is taken by a running server without a restart; broken content is kept out."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest
from sqlalchemy import Engine

from bot.app import App, Shelf
from bot.commands.watch import ContentWatch, signature
from tests.conftest import TODAY
from tests.talk import Talk


@pytest.fixture
def folder(tmp_path: Path, content: Path) -> Path:
    """A content folder with a single topic, so that preparing it is quick."""
    made = tmp_path / "content"
    shutil.copytree(
        content, made, ignore=lambda path, names: [n for n in names if Path(path).name == "faq" and n != "tm-term"]
    )
    (made / "topics.yaml").write_text(
        "- group: 商标\n  topics:\n    - {id: tm-term, title: 商标有效期}\n", encoding="utf-8"
    )
    for entry in (made / "faq" / "tm-term").glob("*.md"):
        lines = entry.read_text(encoding="utf-8").splitlines(keepends=True)
        entry.write_text("".join(line for line in lines if not line.startswith("related:")), encoding="utf-8")
    return made


def test_the_signature_changes_with_any_file(folder: Path) -> None:
    before = signature(folder)
    (folder / "faq" / "tm-term" / "new.md").write_text("x", encoding="utf-8")
    assert signature(folder) != before


def test_changed_content_is_taken_and_broken_content_kept_out(
    folder: Path,
    sqlite: Engine,
    shelf: Shelf,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("IPBOT_CONTENT", str(folder))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    app = App(sqlite, shelf)
    loaded: list[int] = []

    def load() -> Shelf:
        loaded.append(1)
        return shelf

    async def edit() -> None:
        watch = ContentWatch(app, folder, load, every=0.05)
        await watch.start()
        await asyncio.sleep(0.3)
        entry = sorted((folder / "faq" / "tm-term").glob("*.md"))[0]
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
