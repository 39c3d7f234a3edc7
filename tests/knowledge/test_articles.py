"""Articles: every one is sound, and a fault is said so that an editor can mend it."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from bot.knowledge.content import read_content

DAY = date(2026, 11, 22)


@pytest.fixture
def folder(content: Path, tmp_path: Path) -> Path:
    """The project's content with one article and one topic of entries."""
    for part in ("laws", "fees", "deadlines", "nice", "limits"):
        shutil.copytree(content / part, tmp_path / part)
    shutil.copytree(content / "faq" / "tm-nonuse", tmp_path / "faq" / "tm-nonuse")
    (tmp_path / "articles").mkdir()
    shutil.copy(content / "topics.yaml", tmp_path / "topics.yaml")
    shutil.copy(content / "articles" / "read-nonuse-evidence.md", tmp_path / "articles")
    return tmp_path


def faults(folder: Path) -> list[str]:
    return [str(p) for p in read_content(folder, DAY)[1] if p.file.startswith("articles/")]


def test_all_are_read_and_belong_to_entries_that_there_are(content: Path) -> None:
    read, problems = read_content(content, DAY)
    assert not [p for p in problems if p.file.startswith("articles/")]
    assert len(read.articles) == len(list((content / "articles").glob("*.md"))) >= 12
    assert all(article.after and article.topics and article.page.basis for article in read.articles)


def test_an_invented_firm_is_marked_so(content: Path) -> None:
    for article in read_content(content, DAY)[0].articles:
        assert (article.kind == "情景示例") == ("示例" in article.page.body[0].text), article.id


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("kind: 文章", "kind: 故事", "kind：“故事”应为：文章、情景示例"),
        ("  - tm-nonuse\n", "  - tm-no\n", "topics：主题“tm-no”没有登记在 topics.yaml"),
        ("  - tm-nonuse-proof", "  - tm-nonuse-nowhere", "after：没有编号为“tm-nonuse-nowhere”的条目"),
        ("owner: trademark\n", "", "owner：缺少这一项"),
        ("owner: trademark", "owner: trademark\nquestions: [甲]", "questions：没有这个字段"),
        ("第六十六条", "第九百条", "basis"),
        ("{deadline:tm-nonuse-evidence}", "5个月", "“5个月”"),
    ],
)
def test_a_fault_is_named(folder: Path, old: str, new: str, said: str) -> None:
    file = folder / "articles" / "read-nonuse-evidence.md"
    text = file.read_text(encoding="utf-8")
    assert faults(folder) == []
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")
    assert any(said in fault for fault in faults(folder)), faults(folder)
