"""Geographical indications: the table is sound and says only what was checked; products and places are found."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from bot.app import Shelf
from bot.knowledge.indications import Indications, read_indications


@pytest.fixture(scope="module")
def indications() -> Indications:
    return read_indications(Path(__file__).parent.parent.parent / "content")[0]


def names(rows: object) -> list[str]:
    return list(dict.fromkeys(row.name for row in rows))  # type: ignore[attr-defined]


def test_the_table_has_no_fault(content: Path, indications: Indications) -> None:
    assert read_indications(content)[1] == []
    assert len(indications.rows) == 108


def test_all_codes_are_of_the_gazetteer(shelf: Shelf, indications: Indications) -> None:
    for row in indications.rows:
        assert shelf.gazetteer.division(row.region), row.name
        assert all(shelf.gazetteer.division(adcode) for adcode in row.counties), row.name


def test_every_product_names_its_announcement_and_source(indications: Indications) -> None:
    for row in indications.rows:
        if row.kind == "地理标志产品":
            assert re.fullmatch(r"原质检总局\d{4}年第\d+号公告|国家知识产权局第\d+号公告", row.announcement), row
            assert "公告 PDF" in row.source


@pytest.mark.parametrize(
    ("name", "announcement", "announced"),
    [  # as read in the announcements
        ("伽师瓜", "原质检总局2005年第106号公告", "2005"),
        ("若羌红枣", "原质检总局2010年第133号公告", "2010"),
        ("和田地毯", "原质检总局2016年第112号公告", "2016"),
        ("且末红枣", "国家知识产权局第452号公告", "2021"),
        ("沙雅小刀", "国家知识产权局第601号公告", "2024-09-30"),
        ("精河枸杞", "国家知识产权局第625号公告", "2025-04-01"),
        ("库车小白杏", "国家知识产权局第646号公告", "2025-09-23"),
    ],
)
def test_facts(indications: Indications, name: str, announcement: str, announced: str) -> None:
    row = next(r for r in indications.named(name) if r.kind == "地理标志产品")
    assert (row.announcement, row.announced) == (announcement, announced)


def test_what_was_not_checked_is_left_out(indications: Indications) -> None:
    """The certification marks of these were not found in a source: they are not said."""
    marks = {row.name for row in indications.rows if "商标" in row.kind}
    assert marks == {"阜康打瓜籽"}
    assert indications.named("吐鲁番葡萄") == indications.named("吐鲁番葡萄酒") + indications.named("吐鲁番葡萄干")


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("轮台白杏", ["轮台白杏"]),
        ("轮台白杏 ", ["轮台白杏"]),
        ("查一下轮台白杏吧", ["轮台白杏"]),
        ("英吉沙色买提杏干", ["英吉沙色买提杏干"]),
        ("香梨", ["库尔勒香梨"]),
        ("巴旦木", ["莎车巴旦姆"]),
        ("Korla Pear", ["库尔勒香梨"]),
        ("精河枸杞", ["精河枸杞"]),
        ("輪臺白杏", ["轮台白杏"]),
        ("地毯", ["和田地毯"]),
        ("手机", []),
        ("", []),
        ("？！", []),
    ],
)
def test_products_are_found(indications: Indications, asked: str, found: list[str]) -> None:
    assert names(indications.named(asked)) == found


def test_a_slip_finds_names_that_are_alike(indications: Indications) -> None:
    assert indications.alike("阿克苏平果")[0] == "阿克苏苹果"
    assert indications.alike("若羌大枣")[0] == "若羌红枣"
    assert indications.alike("发动机") == ()


def test_places_are_found_by_county_and_area(indications: Indications) -> None:
    assert "叶城核桃" in names(indications.of(frozenset({"653126"})))
    assert names(indications.of(frozenset(), ("禾木",))) == ["禾木蜂蜜"]
    assert indications.of(frozenset(), ("",)) == ()


@pytest.mark.parametrize(
    ("right", "wrong", "field"),
    [
        ("伽师瓜,,,地理标志产品", "伽师瓜,,,特产", "第2行 kind"),
        ("伽师瓜,,,地理标志产品,653100", "伽师瓜,,,地理标志产品,喀什", "第2行 region/counties"),
        ("伽师瓜,,", ",,", "第2行 name"),
        (",2005,,原质检总局2005年第106号公告", ",零五年,,原质检总局2005年第106号公告", "第2行 announced"),
        ("name,also", "产品,also", "表头"),
        ("莎车巴旦姆,巴旦木", "伽师瓜,", "第3行 name"),
    ],
)
def test_a_fault_is_named(tmp_path: Path, content: Path, right: str, wrong: str, field: str) -> None:
    shutil.copytree(content / "gi", tmp_path / "gi")
    path = tmp_path / "gi" / "indications.csv"
    text = path.read_text(encoding="utf-8")
    assert right in text
    path.write_text(text.replace(right, wrong, 1), encoding="utf-8")
    found = read_indications(tmp_path)[1]
    assert [(p.file, p.field) for p in found] == [("gi/indications.csv", field)]
