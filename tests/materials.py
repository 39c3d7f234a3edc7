"""A form that asks for a file, for tests: 交材料 begins it, its finish claims the file and hands a copy back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from bot import dispatch
from bot.desk import Desk, Turn
from bot.flow import Ask, Form, ask, ask_file, text
from bot.handlers import FORMS, ROUTES
from bot.messages import Outcome, Reply, Upload
from bot.routes import Begin, FormKind, Route, Said, say

LARGEST = 1024 * 1024


def _form(desk: Desk, given: Mapping[str, Any]) -> Form[tuple[Upload | None, str]]:
    types = ("pdf", "jpg", "png", "docx", "xlsx")
    file = yield from ask(ask_file("请发营业执照。", ("以后再交", None), types=types, at_most=LARGEST))
    note = yield from ask(Ask("还有什么要说明？", text(at_most=100), open=True))
    return file, note


def _finish(turn: Turn, desk: Desk, given: Mapping[str, Any], value: tuple[Upload | None, str]) -> Said:
    file, note = value
    if file is None or note == "不交了":
        return say("没有收材料。", Outcome.DONE)
    id = desk.uploads.claim(file.token, desk.now)
    stored = desk.uploads.stored(id) if id is not None else None
    assert stored is not None
    copy = desk.files.keep(stored.name, stored.type, stored.path.read_bytes(), desk.now)
    return say(Reply(f"材料“{stored.name}”收好了，{stored.size} 字节。", file=copy), Outcome.DONE)


FORM = FormKind("materials", "apply", "交材料", _form, _finish)


def install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FORMS, FORM.name, FORM)
    monkeypatch.setattr(dispatch, "ROUTES", (*ROUTES, Route("apply", lambda *_: Begin("materials"), ("交材料",))))
