"""Tables of the content: rows named as an editor counts them, and what is wrong with the file said once."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.knowledge.problems import Faults
from bot.knowledge.tables import read_table


def test_rows_are_named_and_cells_are_stripped(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("﻿a,b,c\n 1 ,二,x\n3\n", encoding="utf-8")
    faults = Faults("t.csv")
    assert list(read_table(tmp_path / "t.csv", ("a", "b"), faults)) == [
        ("第2行", {"a": "1", "b": "二"}),
        ("第3行", {"a": "3", "b": ""}),
    ]
    assert faults.found == []


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (None, "t.csv：文件：没有这个文件"),
        (b"\xff\xfe\x16", "UTF-8"),
        (b"", "缺少列：a、b"),
        (b"a,c\n1,2\n", "缺少列：b"),
    ],
)
def test_what_cannot_be_read_is_said_once(tmp_path: Path, written: bytes | None, told: str) -> None:
    if written is not None:
        (tmp_path / "t.csv").write_bytes(written)
    faults = Faults("t.csv")
    assert list(read_table(tmp_path / "t.csv", ("a", "b"), faults)) == []
    [problem] = faults.found
    assert told in str(problem)
