"""Files in a conversation: kept with the form over days, seen in 我的数据, gone with the form or the person."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine

from bot.app import App, Shelf
from bot.files import Incoming
from bot.messages import Event
from tests import materials
from tests.conftest import TODAY
from tests.talk import Talk


@pytest.fixture
def talk(sqlite: Engine, shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Talk]:
    materials.install(monkeypatch)
    app = App(sqlite, replace(shelf, incoming=Incoming(tmp_path / "in")))
    yield Talk(app, TODAY)
    asyncio.run(app.close())


def contents(talk: Talk) -> int:
    folder = talk.app.shelf.incoming.folder
    return len(list(folder.iterdir())) if folder.exists() else 0


def upkeep(talk: Talk) -> None:
    asyncio.run(talk.app.expire(talk.now))


def test_a_form_goes_on_with_its_file_months_later(talk: Talk) -> None:
    talk.says("交材料").sends_file("执照.pdf").sees("还有什么要说明")
    talk.later(days=100)
    upkeep(talk)
    talk.says("没有了").comes_to("done", "apply").sees("材料“执照.pdf”收好了")
    assert contents(talk) == 1


def test_who_stays_away_is_erased_with_the_file(talk: Talk) -> None:
    talk.says("交材料").sends_file("执照.pdf")
    talk.later(days=181)
    upkeep(talk)
    assert contents(talk) == 0
    talk.says("我的数据").sees("发来的文件 0 条")


def test_blocking_the_bot_erases_the_file(talk: Talk) -> None:
    talk.says("交材料").sends_file("执照.pdf")
    talk.sends(Event.LEFT)
    assert contents(talk) == 0


def test_what_a_record_took_stays_when_the_person_is_erased(talk: Talk) -> None:
    talk.says("交材料").sends_file("执照.pdf").says("没有了").says("删除我的数据").says("确定删除")
    talk.sees("发来的文件 0 条")
    upkeep(talk.later(days=400))
    assert contents(talk) == 1


def test_a_failed_turn_loses_nothing(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    talk.says("交材料").sends_file("执照.pdf")
    with monkeypatch.context() as broken:
        broken.setitem(materials.FORMS, "materials", replace(materials.FORM, finish=_fails))
        talk.says("没有了").comes_to("error", "consult")
    assert contents(talk) == 1
    talk.says("没有了").sees("收好了")


def _fails(*_: object) -> None:
    raise RuntimeError
