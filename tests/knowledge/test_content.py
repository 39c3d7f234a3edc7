"""Content: what is shipped has no fault; each fault an editor can make is refused with its file and field."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.knowledge.content import read_content
from bot.knowledge.entries import read_entry
from bot.knowledge.intents import read_intents
from bot.knowledge.laws import read_laws
from bot.registry.hours import read_hours
from bot.registry.places import read_places

TODAY = date(2026, 11, 22)
GOOD = """---
title: 商标异议要在几个月内提？
questions: [异议期多长, 公告后多久可以提, 异议期几个月, 反对别人商标的时间, 异议时限]
basis:
  - 商标法 第三十三条 | until 2026-12-31
  - 商标法(2026修订) 第三十六条 | from 2027-01-01
links:
  - 商标局 | https://sbj.cnipa.gov.cn/
related: []
reviewed: 2026-11-22
review_by: 2027-05-22
owner: trademark
---
异议期是初步审定公告之日起{deadline:tm-opposition}。

::: until 2026-12-31
明年起缩短。
:::

<!-- more -->

逾期不予受理。
"""
Change = Callable[[str], str]


@pytest.fixture
def folder(tmp_path: Path, content: Path) -> Path:
    """A small content folder with the real laws and one entry."""
    shutil.copytree(content / "laws", tmp_path / "laws")
    (tmp_path / "deadlines").mkdir()
    (tmp_path / "deadlines" / "tm.csv").write_text(
        "id,event,period,start,basis,from,until,source\n"
        "tm-opposition,异议,3个月,公告日,商标法 第三十三条,,2026-12-31,商标法\n"
        "tm-opposition,异议,2个月,公告日,商标法(2026修订) 第三十六条,2027-01-01,,商标法\n",
        encoding="utf-8",
    )
    (tmp_path / "topics.yaml").write_text("- group: 商标\n  topics:\n    - {id: tm, title: 商标}\n", encoding="utf-8")
    (tmp_path / "faq" / "tm").mkdir(parents=True)
    (tmp_path / "faq" / "tm" / "tm-opposition.md").write_text(GOOD, encoding="utf-8")
    return tmp_path


def problems(folder: Path) -> list[str]:
    return [str(problem) for problem in read_content(folder, TODAY)[1]]


def test_what_is_shipped_has_no_fault(content: Path) -> None:
    gazetteer, places = read_places(content)
    found = read_content(content, TODAY)[1] + read_intents(content)[1] + places + read_hours(content, gazetteer)[1]
    assert [str(problem) for problem in found] == []


def test_there_is_enough_content(content: Path) -> None:
    entries = read_content(content, TODAY)[0].entries.values()
    assert len(entries) >= 500
    for topic in ("public-service", "patent-term", "patent-annuity", "tm-register", "tm-opposition"):
        assert sum(e.topic == topic for e in entries) >= 3
    cited = {b.article for e in entries for b in e.basis if b.law == "网点管理办法"}
    for number in (
        "一",
        "二",
        "三",
        "四",
        "五",
        "六",
        "七",
        "八",
        "九",
        "十",
        "十一",
        "十二",
        "十三",
        "十四",
        "十五",
        "十六",
        "十七",
        "十八",
        "十九",
    ):
        assert any((article or "").startswith(f"第{number}条") for article in cited), number


def test_an_entry_reads_as_of_the_day(folder: Path) -> None:
    content, found = read_content(folder, TODAY)
    assert found == []
    entry = content.entries["tm-opposition"]
    now, _ = entry.text_on(date(2026, 12, 31), content.figures)
    then, more = entry.text_on(date(2027, 1, 1), content.figures)
    assert "3个月" in now
    assert "明年起缩短" in now
    assert "2个月" in then
    assert "明年起缩短" not in then
    assert more == "逾期不予受理。"
    assert [b.law for b in entry.basis_on(date(2026, 12, 31))] == ["商标法"]
    assert [b.law for b in entry.basis_on(date(2027, 1, 1))] == ["商标法(2026修订)"]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("title: 商标异议要在几个月内提？\n", "", "title：缺少这一项"),
        ("owner: trademark", "owner: trademark\nautor: x", "autor：没有这个字段"),
        (", 异议时限", "", "questions：只有 4 种问法，至少要 5 种"),
        ("第三十三条 | until", "第九十九条 | until", "basis：“商标法”没有（或没有核对过）第99条，最后一条是第73条"),
        ("商标法 第三十三条", "商标大法 第三十三条", "basis：没有简称为“商标大法”的法律"),
        ("商标法 第三十三条 | until 2026-12-31", "商标法 第三十三条", "basis：“商标法”只施行到 2026-12-31"),
        ("商标法 第三十三条 | until", "商标法 | until", "basis：“商标法”要写明第几条"),
        (
            "| until 2026-12-31\n  - 商标法(2026",
            "| bis 2026-12-31\n  - 商标法(2026",
            "basis：“bis 2026-12-31”应写成 from 日期 或 until 日期",
        ),
        ("  - 商标法(2026修订) 第三十六条 | from 2027-01-01\n", "", "basis：2027-01-01 这天没有依据"),
        ("https://sbj", "sbj", "links：“sbj.cnipa.gov.cn/”不是网址"),
        ("商标局 | https", "https", "links：“https://sbj.cnipa.gov.cn/”应写成“名称 | 网址”"),
        ("related: []", "related: [no-such]", "related：没有编号为“no-such”的条目"),
        ("reviewed: 2026-11-22", "reviewed: 2026年", "reviewed：“2026年”不是日期"),
        ("review_by: 2027-05-22", "review_by: 2026-01-01", "review_by：早于 reviewed"),
        (
            "{deadline:tm-opposition}",
            "{deadline:tm-oposition}",
            "正文：{deadline:tm-oposition} 不在 content/deadlines 里",
        ),
        ("异议期是", "**异议期**是", "正文：不用 Markdown 标记"),
        ("逾期不予受理。", "逾期", ""),
        (":::\n\n<!--", "<!--", "正文：::: 没有结束"),
        ("::: until 2026-12-31", "::: 到 2026-12-31", "应写成 ::: from 日期 或 ::: until 日期"),
        ("明年起缩短。", "长" * 400, "不应超过 360 字"),
        ("---\ntitle", "title", "文件：应以 --- 一行开头"),
        ("questions: [", "questions: 一句 #[", "questions：应为列表"),
        ("title: 商", "title: [商", "字段：不是可读的 YAML"),
    ],
)
def test_each_fault_is_refused_with_file_and_field(folder: Path, old: str, new: str, told: str) -> None:
    file = folder / "faq" / "tm" / "tm-opposition.md"
    assert old in GOOD
    file.write_text(GOOD.replace(old, new, 1), encoding="utf-8")
    found = problems(folder)
    if told:
        assert any(told in p and p.startswith("faq/tm/tm-opposition.md：") for p in found), found
    else:
        assert found == []


def test_two_entries_may_not_claim_the_same_question(folder: Path) -> None:
    other = GOOD.replace("title: 商标异议要在几个月内提？", "title: 另一个").replace("异议期多长", "異議期，多長？")
    (folder / "faq" / "tm" / "tm-other.md").write_text(other, encoding="utf-8")
    assert any(
        "tm-other.md：questions：“異議期，多長？”已经是 faq/tm/tm-opposition.md 的问法" in p for p in problems(folder)
    )


def test_an_unregistered_topic_and_a_bad_name_are_told(folder: Path) -> None:
    (folder / "faq" / "new").mkdir()
    (folder / "faq" / "new" / "Bad_Name.md").write_text(GOOD, encoding="utf-8")
    found = problems(folder)
    assert any("主题“new”没有登记" in p for p in found)
    assert any("文件名：“Bad_Name”应为小写" in p for p in found)


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ("id,event,period\nx,y,3个月\n", "表头：缺少列"),
        ("id,event,period,start,basis,from,until,source\nX_1,y,3个月,,,,,s\n", "第2行：编号“X_1”"),
        ("id,event,period,start,basis,from,until,source\nx,y,很久,,,,,s\n", "第2行：x 的 period“很久”应含数字"),
        ("id,event,period,start,basis,from,until,source\nx,y,3个月,,,,,\n", "第2行：x 缺少 source"),
        ("id,event,period,start,basis,from,until,source\nx,y,3个月,,,2026,,s\n", "第2行 from：“2026”不是日期"),
    ],
)
def test_a_bad_row_of_a_table_is_named(folder: Path, table: str, told: str) -> None:
    (folder / "deadlines" / "more.csv").write_text(table, encoding="utf-8")
    assert any(p.startswith("deadlines/more.csv：") and told in p for p in problems(folder))


def test_every_law_says_what_it_is(content: Path) -> None:
    laws, found = read_laws(content)
    assert found == []
    assert laws["商标法"].status_on(date(2026, 12, 31)) == "现行"
    assert laws["商标法"].status_on(date(2027, 1, 1)) == "已废止"
    assert laws["商标法(2026修订)"].status_on(date(2026, 12, 31)) == "尚未施行"
    assert laws["网点管理办法"].status_on(TODAY) == "征求意见稿"
    assert laws["专利法"].last_article == 82


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=400))
def test_any_text_is_read_or_refused_never_a_crash(text: str) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as made:
        path = Path(made) / "faq" / "tm" / "x.md"
        path.parent.mkdir(parents=True)
        path.write_text(text, encoding="utf-8", errors="replace")
        read_entry(path, Path(made), {})
        path.write_text("---\n" + text + "\n---\n" + text, encoding="utf-8", errors="replace")
        read_entry(path, Path(made), {})
