"""The figures of answers held against the texts of the laws they cite, for an operator who has a folder of these texts.

A text is a Markdown file whose head names its short title (``- 简称：专利法``) and whose articles begin with
``**第一条**``. Texts of laws are never part of the content.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bot.knowledge.amounts import Amount, amounts_in, literals
from bot.knowledge.content import Content
from bot.knowledge.numerals import article_numbers
from bot.knowledge.problems import Problem

_SHORT = re.compile(r"^- 简称：(.+)$", re.MULTILINE)
_TABLED = re.compile(r"(?<=\| )\d+(?:\.\d+)?(?= \|)")  # a cell of a table of fees
_ARTICLE = re.compile(r"^\*\*(第[一二三四五六七八九十百千零]+条)\*\*", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Statute:
    """The text of one law: its articles by number, and all of it."""

    short: str
    articles: Mapping[int, str]
    text: str


def read_statutes(folder: Path) -> dict[str, Statute]:
    """All texts of ``folder`` by short title."""
    found = {}
    for path in sorted(folder.glob("*.md")):
        text = path.read_text(encoding="utf-8")
        if not (short := _SHORT.search(text)):
            continue
        heads = list(_ARTICLE.finditer(text))
        ends = [*(head.start() for head in heads[1:]), len(text)][: len(heads)]
        articles = {article_numbers(head[1])[0]: text[head.end() : end] for head, end in zip(heads, ends, strict=True)}
        found[short[1].strip()] = Statute(short[1].strip(), articles, text)
    return found


def unsupported(content: Content, statutes: Mapping[str, Statute], day: date) -> Iterator[Problem]:
    """Articles that a cited law does not have, and amounts of answers and tables that stand in none of the cited articles."""
    for row in content.figures.rows:
        cited, _, where = row.basis.partition(" ")
        held = _held([(cited, where or None)], statutes)
        for amount in amounts_in(row.text):
            if held and not any(amount.same(other) for other in held):
                yield Problem(f"{row.kind}s: {row.id}", row.text, f"{row.basis}里没有“{amount.said}”")
    for entry in content.entries.values():
        bases = [(basis.law, basis.article) for basis in entry.basis_on(day)]
        for law, article in bases:
            if article and law in statutes and statutes[law].articles:
                for number in article_numbers(article):
                    if number not in statutes[law].articles:
                        yield Problem(f"{entry.topic}/{entry.id}", "basis", f"{law}没有{article}")
        held = _held(bases, statutes)
        for sentence, amount in literals(entry, day):
            if held and not any(amount.same(other) for other in held):
                yield Problem(f"{entry.topic}/{entry.id}", amount.said, f"所引条文里没有：{sentence}")


def _held(bases: Iterable[tuple[str, str | None]], statutes: Mapping[str, Statute]) -> list[Amount]:
    """The amounts that stand in the cited articles; of a notice without articles, in all of it."""
    held: list[Amount] = []
    for law, article in bases:
        statute = statutes.get(law)
        if statute is None:
            continue
        if not article or not statute.articles:
            held += amounts_in(statute.text)
            held += [Amount(float(n), "元", n) for n in _TABLED.findall(statute.text)]
            continue
        for number in article_numbers(article):
            held += amounts_in(statute.articles.get(number, ""))
    return held
