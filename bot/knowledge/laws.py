"""The laws that answers rest on: names, version, dates, last article; read from ``content/laws/*.yaml``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from bot.knowledge.numerals import article_numbers
from bot.knowledge.problems import Faults, Problem

STATUSES = ("现行", "尚未施行", "征求意见稿", "已废止")
_KNOWN = {
    "short",
    "name",
    "aliases",
    "version",
    "status",
    "in_force",
    "until",
    "last_article",
    "articles",
    "url",
    "note",
}


@dataclass(frozen=True, slots=True)
class Law:
    """One version of a law, regulation, judicial interpretation or fee schedule.

    ``articles`` lists the checked articles where only an excerpt was checked; None means all up to ``last_article``.
    """

    short: str
    name: str
    aliases: tuple[str, ...]
    version: str
    status: str
    in_force: date | None
    until: date | None
    last_article: int | None
    articles: frozenset[int] | None
    url: str
    note: str = ""

    def status_on(self, day: date) -> str:
        """The status on ``day``: 现行, 尚未施行, 征求意见稿 or 已废止."""
        if self.status == "征求意见稿":
            return self.status
        if self.until and day > self.until:
            return "已废止"
        if self.in_force and day < self.in_force:
            return "尚未施行"
        return "现行"

    def has_article(self, number: int) -> bool:
        """Whether the law has this article and it may be cited."""
        if self.articles is not None:
            return number in self.articles
        return self.last_article is not None and 1 <= number <= self.last_article

    @property
    def has_articles(self) -> bool:
        return self.last_article is not None or self.articles is not None


def _articles(text: str) -> frozenset[int]:
    numbers: set[int] = set()
    for part in text.split(","):
        first, _, last = part.strip().partition("-")
        numbers.update(range(int(first), int(last or first) + 1))
    return frozenset(numbers)


def _read_law(row: Mapping[str, Any], faults: Faults) -> Law:
    short = str(row.get("short", ""))
    where = short or "short"
    for field in ("short", "name", "version", "status", "url"):
        if not row.get(field):
            faults.add(f"{where}.{field}", "缺少这一项")
    for field in sorted(set(row) - _KNOWN):
        faults.add(f"{where}.{field}", f"没有这个字段，可用的是：{'、'.join(sorted(_KNOWN))}")
    status = str(row.get("status", ""))
    if status and status not in STATUSES:
        faults.add(f"{where}.status", f"“{status}”应为：{'、'.join(STATUSES)}")
    articles = None
    if row.get("articles"):
        try:
            articles = _articles(str(row["articles"]))
        except ValueError:
            faults.add(f"{where}.articles", "应写成 6, 9-12 这样")
    last = str(row.get("last_article") or "")
    if last and not last.isdecimal():
        faults.add(f"{where}.last_article", f"“{last}”应为最后一条的条号（数字）")
        last = ""
    return Law(
        short=short,
        name=str(row.get("name", "")),
        aliases=tuple(str(a) for a in row.get("aliases") or ()),
        version=str(row.get("version", "")),
        status=status,
        in_force=faults.day(f"{where}.in_force", row.get("in_force")),
        until=faults.day(f"{where}.until", row.get("until")),
        last_article=int(last) if last else None,
        articles=articles,
        url=faults.url(f"{where}.url", str(row.get("url", ""))),
        note=str(row.get("note", "")),
    )


def read_laws(content: Path) -> tuple[dict[str, Law], list[Problem]]:
    """All laws by their short name, and what is wrong with the files."""
    laws: dict[str, Law] = {}
    problems: list[Problem] = []
    for path in sorted((content / "laws").glob("*.yaml")):
        faults = Faults(path.relative_to(content).as_posix())
        try:
            rows = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CBaseLoader) or []
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            faults.add("文件", f"不是可读的 YAML：{error}")
            rows = []
        for row in rows:
            law = _read_law(row, faults)
            if law.short in laws:
                faults.add(law.short, "这个简称已经有了")
            laws[law.short] = law
        problems += faults.found
    return laws, problems


_BASIS = re.compile(r"^(?P<law>.+?)(?:\s+(?P<article>第\S+?条(?:之[一二三四五六七八九])?)(?P<part>第\S+)?)?$")


@dataclass(frozen=True, slots=True)
class Basis:
    """A law, and the article of it that an entry rests on (``article`` None: a notice without articles), and when."""

    law: str
    article: str | None
    since: date | None = None
    until: date | None = None

    def holds_on(self, day: date) -> bool:
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)


def read_basis(text: str, laws: Mapping[str, Law], faults: Faults) -> Basis | None:
    """Read ``商标法 第三十三条 | until 2026-12-31``; faults are noted, and None returned when nothing can be made of it."""
    cited, *limits = (part.strip() for part in text.split("|"))
    match = _BASIS.match(cited)
    if not match:
        faults.add("basis", f"“{text}”应写成“法律简称 第X条”")
        return None
    law = laws.get(match["law"])
    if law is None:
        faults.add("basis", f"没有简称为“{match['law']}”的法律，简称见 content/laws")
        return None
    since = until = None
    for limit in limits:
        word, _, day = limit.partition(" ")
        if word == "from":
            since = faults.day("basis", day.strip())
        elif word == "until":
            until = faults.day("basis", day.strip())
        else:
            faults.add("basis", f"“{limit}”应写成 from 日期 或 until 日期")
    article = match["article"]
    if article is None and law.has_articles:
        faults.add("basis", f"“{law.short}”要写明第几条")
    elif article is not None:
        try:
            number = article_numbers(article)[0]
        except (ValueError, IndexError):
            faults.add("basis", f"“{article}”不是条号")
        else:
            if not law.has_article(number):
                last = f"，最后一条是第{law.last_article}条" if law.last_article else ""
                faults.add("basis", f"“{law.short}”没有（或没有核对过）第{number}条{last}")
    if law.until and (until is None or until > law.until):
        faults.add("basis", f"“{law.short}”只施行到 {law.until}，请加 | until {law.until}，并写上新法的依据")
    return Basis(law.short, article + (match["part"] or "") if article else None, since, until)
