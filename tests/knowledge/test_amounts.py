"""Amounts in texts, and answers that contradict the tables or the texts of the laws."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bot.app import Shelf
from bot.commands import content as command
from bot.knowledge.amounts import amounts_in, contradictions
from bot.knowledge.content import read_content
from bot.knowledge.statutes import read_statutes, unsupported
from bot.settings import read_settings


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("发明20年，自申请日起", [(240, "月")]),
        ("二十年、十二个月、半年", [(240, "月"), (12, "月"), (6, "月")]),
        ("罚款五百万元以下", [(5_000_000, "元")]),
        ("5万元以上30万元以下", [(50_000, "元"), (300_000, "元")]),
        ("5-10年", [(60, "月"), (120, "月")]),
        ("百分之五，也就是5%", [(5, "%"), (5, "%")]),
        ("三十个工作日内，30日", [(30, "工作日"), (30, "日")]),
        ("一倍以上五倍以下", [(1, "倍"), (5, "倍")]),
        ("1,350元", [(1350, "元")]),
        # ordinals, dates, articles, frequencies are none
        ("第4-6年、第四十二条、第3个月、2027年1月1日、1月10日、一月十日、每年、次年、第316号", []),
    ],
)
def test_amounts_have_one_form(text: str, found: list[tuple[float, str]]) -> None:
    assert [(a.value, a.unit) for a in amounts_in(text)] == found


DAY = date(2026, 11, 22)
ENTRY = """---
title: 发明专利保护多少年？
questions: [问法一, 问法二, 问法三, 问法四, 问法五]
basis:
  - 专利法 第四十二条
{more}reviewed: 2026-11-22
review_by: 2027-05-22
owner: patent
---
发明专利保护{said}。
"""


@pytest.fixture
def folder(tmp_path: Path, content: Path) -> Path:
    """The tables and laws as they are, and a single entry to be written."""
    for name in ("laws", "fees", "deadlines", "topics.yaml"):
        (tmp_path / name).symlink_to(content / name)
    (tmp_path / "faq" / "patent-term").mkdir(parents=True)
    return tmp_path


def write(folder: Path, said: str, more: str = "") -> None:
    (folder / "faq" / "patent-term" / "term.md").write_text(ENTRY.format(said=said, more=more), encoding="utf-8")


def test_an_amount_that_the_tables_have_otherwise_is_refused(folder: Path) -> None:
    write(folder, "25年")
    _, problems = read_content(folder, DAY)
    [problem] = [p for p in problems if "25年" in p.message]
    assert problem.file == "faq/patent-term/term.md"
    assert "{deadline:patent-term-invention}（20年）" in problem.message


@pytest.mark.parametrize(
    ("said", "more"), [("{deadline:patent-term-invention}", ""), ("20年", ""), ("25年", "figures: [25年]\n")]
)
def test_an_amount_from_the_tables_or_a_checked_one_passes(folder: Path, said: str, more: str) -> None:
    write(folder, said, more)
    assert read_content(folder, DAY)[1] == []


def test_the_content_contradicts_no_table(shelf: Shelf) -> None:
    content = shelf.library.content
    assert [p for e in content.entries.values() for p in contradictions(e, e.id, content.figures, DAY)] == []


TEXT = "# 专利法\n\n- 简称：专利法\n\n**第四十一条** 三个月内请求复审。\n\n**第四十二条** 发明专利权的期限为二十年。\n"


def test_answers_are_held_against_the_texts(folder: Path, tmp_path: Path) -> None:
    texts = tmp_path / "texts"
    texts.mkdir()
    (texts / "law.md").write_text(TEXT, encoding="utf-8")
    statutes = read_statutes(texts)
    assert sorted(statutes["专利法"].articles) == [41, 42]
    for said, fine in (("20年", True), ("25年", False), ("3个月", False)):
        write(folder, said, f"figures: [{said}]\n")
        found = [p for p in unsupported(read_content(folder, DAY)[0], statutes, DAY) if p.file == "patent-term/term"]
        assert (found == []) is fine, found


def test_the_command_names_what_the_texts_do_not_hold(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = read_settings({"IPBOT_CONTENT": str(folder)})
    write(folder, "25年", "figures: [25年]\n")
    assert command.check_figures(settings, tmp_path / "none", DAY) == 2
    texts = tmp_path / "texts"
    texts.mkdir()
    (texts / "law.md").write_text(TEXT, encoding="utf-8")
    assert command.check_figures(settings, texts, DAY) == 1
    assert "patent-term/term：25年：所引条文里没有" in capsys.readouterr().out
