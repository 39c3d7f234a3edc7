"""What the content folder holds, read and checked as a whole: entries, laws, figures, topics, classes, limits, articles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import yaml

from bot.calculators.deadlines import Limit
from bot.calculators.nice import NiceTable
from bot.knowledge.amounts import contradictions
from bot.knowledge.articles import Article, read_articles
from bot.knowledge.classes import read_classes
from bot.knowledge.entries import Entry, check_entry, read_entry
from bot.knowledge.figures import Figures, read_figures
from bot.knowledge.laws import Law, read_laws
from bot.knowledge.limits import read_limits
from bot.knowledge.problems import Problem
from bot.knowledge.text import bare


@dataclass(frozen=True, slots=True)
class Topic:
    """A shelf of entries. ``id`` is the folder's name, ``group`` the heading it stands under."""

    id: str
    title: str
    group: str


@dataclass(frozen=True, slots=True)
class Content:
    """What was read from the content folder, before it is indexed."""

    entries: Mapping[str, Entry]
    laws: Mapping[str, Law]
    figures: Figures
    topics: tuple[Topic, ...]
    nice: NiceTable
    limits: tuple[Limit, ...]
    articles: tuple[Article, ...] = ()


def _read_topics(content: Path) -> tuple[Topic, ...]:
    rows = yaml.load((content / "topics.yaml").read_text(encoding="utf-8"), Loader=yaml.CBaseLoader) or []
    return tuple(
        Topic(id=str(t["id"]), title=str(t["title"]), group=str(group["group"]))
        for group in rows
        for t in group["topics"]
    )


def read_content(content: Path, today: date) -> tuple[Content, list[Problem]]:
    """Read and check the content folder. Entries with a fault that leaves them without an answer are left out."""
    laws, problems = read_laws(content)
    figures, found = read_figures(content)
    problems += found
    topics = _read_topics(content)
    nice, found = read_classes(content)
    problems += found
    limits, found = read_limits(content, figures)
    problems += found
    entries: dict[str, Entry] = {}
    files: dict[str, str] = {}
    for path in sorted((content / "faq").glob("*/*.md")):
        file = path.relative_to(content).as_posix()
        entry, found = read_entry(path, content, laws)
        problems += found
        if entry is None:
            continue
        if entry.id in entries:
            problems.append(Problem(file, "文件名", f"编号“{entry.id}”已用于 {files[entry.id]}"))
            continue
        entries[entry.id] = entry
        files[entry.id] = file
        problems += check_entry(entry, file, figures, today)
        problems += contradictions(entry, file, figures, today)
    articles, found = read_articles(content, laws, figures, {topic.id for topic in topics}, today)
    problems += found
    read = Content(entries, laws, figures, topics, nice, limits, articles)
    return read, problems + check_together(read, files)


def check_together(content: Content, files: Mapping[str, str]) -> list[Problem]:
    """What can only be seen over all entries: questions claimed twice, unknown relations and topics."""
    problems = []
    claimed: dict[str, str] = {}
    entries = content.entries
    shelves = {topic.id for topic in content.topics}
    for article in content.articles:
        for field_, ids in (("after", article.after), ("related", article.page.related)):
            problems += [
                Problem(f"articles/{article.id}.md", field_, f"没有编号为“{id}”的条目")
                for id in ids
                if id not in entries
            ]
    for entry in entries.values():
        for field_, question in (("title", entry.title), *(("questions", q) for q in entry.questions)):
            other = claimed.setdefault(bare(question), entry.id)
            if other != entry.id:
                problems.append(Problem(files[entry.id], field_, f"“{question}”已经是 {files[other]} 的问法"))
        for id in entry.related:
            if id not in entries:
                problems.append(Problem(files[entry.id], "related", f"没有编号为“{id}”的条目"))
            elif id == entry.id:
                problems.append(Problem(files[entry.id], "related", "不能关联自己"))
        if entry.topic not in shelves:
            problems.append(Problem(files[entry.id], "文件夹", f"主题“{entry.topic}”没有登记在 topics.yaml"))
    return problems
