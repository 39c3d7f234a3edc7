"""The directory of the points' databases: the table, and that a row is shown with its point only."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bot.registry.databases import Databases, PointDatabase, read_databases

HEADER = "name,kind,point,subject,url,users,checked\n"
GOOD = "棉花专利库,数据库,XJ001,棉花 农机,https://example.org/cotton,公众免费,2026-11-01\n"


def table(folder: Path, text: str) -> Path:
    (folder / "databases").mkdir()
    (folder / "databases" / "all.csv").write_text(text, encoding="utf-8")
    return folder


def test_rows_are_read(tmp_path: Path) -> None:
    databases, problems = read_databases(table(tmp_path, HEADER + GOOD))
    assert problems == []
    assert databases.rows == (
        PointDatabase(
            "棉花专利库", "数据库", "XJ001", "棉花 农机", "https://example.org/cotton", "公众免费", date(2026, 11, 1)
        ),
    )


def test_without_a_table_there_is_none(tmp_path: Path) -> None:
    assert read_databases(tmp_path)[0].rows == ()


@pytest.mark.parametrize(
    ("right", "wrong", "field"),
    [
        ("数据库,XJ001", "网站,XJ001", "第2行 kind"),
        ("XJ001", "", "第2行 point"),
        ("https://example.org", "example", "第2行 url"),
        ("2026-11-01", "昨天", "第2行 checked"),
        ("name,kind", "名称,kind", "表头"),
    ],
)
def test_a_fault_is_named(tmp_path: Path, right: str, wrong: str, field: str) -> None:
    folder = table(tmp_path, (HEADER + GOOD).replace(right, wrong, 1))
    databases, problems = read_databases(folder)
    assert [(p.file, p.field) for p in problems] == [("databases/all.csv", field)]
    assert databases.rows == ()


def test_those_with_most_of_the_words_come_first() -> None:
    rows = [
        PointDatabase(name, "数据库", "XJ001", subject, "https://example.org/", "公众", date(2026, 11, 1))
        for name, subject in (("甲", "核桃"), ("乙", "核桃 红枣"), ("丙", "玉石"))
    ]
    databases = Databases(rows)
    assert [row.name for row in databases.about(["核桃", "红枣"])] == ["乙", "甲"]
    assert [row.name for row in databases.about([])] == ["甲", "乙", "丙"]
    assert databases.about(["石油"]) == ()


def test_only_samples_are_shipped(content: Path) -> None:
    databases, problems = read_databases(content)
    assert problems == []
    assert all(row.name.startswith("示例") and row.point.startswith("SAMPLE-") for row in databases.rows)
