"""Articles and worked examples to read after an answer: the file format of ``content/articles/<id>.md``."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bot.knowledge.amounts import contradictions
from bot.knowledge.entries import Entry, check_page, read_page, read_strings
from bot.knowledge.figures import Figures
from bot.knowledge.laws import Law
from bot.knowledge.problems import Faults, Problem

KINDS = ("文章", "情景示例")
_REQUIRED = ("title", "kind", "topics", "basis", "reviewed", "review_by", "owner")
_FIELDS = {*_REQUIRED, "after", "related", "links", "offers", "from", "until", "figures"}


@dataclass(frozen=True, slots=True)
class Article:
    """Something to read. ``page`` is its text with basis and dates, as of an entry nobody asks for; ``topics`` are the
    folders it belongs to, ``after`` the entries it is offered under."""

    page: Entry
    kind: str
    topics: tuple[str, ...]
    after: tuple[str, ...]

    @property
    def id(self) -> str:
        return self.page.id

    @property
    def title(self) -> str:
        return self.page.title


def read_articles(
    content: Path, laws: Mapping[str, Law], figures: Figures, topics: Collection[str], today: date
) -> tuple[tuple[Article, ...], list[Problem]]:
    """Read and check ``content/articles``: all that can be read, and a problem for each fault (file and field named)."""
    found: list[Article] = []
    problems: list[Problem] = []
    for path in sorted((content / "articles").glob("*.md")):
        faults = Faults(path.relative_to(content).as_posix())
        page, fields = read_page(path, laws, faults, _REQUIRED, _FIELDS)
        under = read_strings("topics", fields.get("topics"), faults)
        after = read_strings("after", fields.get("after"), faults)
        kind = str(fields.get("kind", ""))
        if kind not in KINDS:
            faults.add("kind", f"“{kind}”应为：{'、'.join(KINDS)}")
        for topic in under:
            if topic not in topics:
                faults.add("topics", f"主题“{topic}”没有登记在 topics.yaml")
        if page is not None:
            found.append(Article(page, kind, under, after))
            faults.found += check_page(page, faults.file, figures, today)
            faults.found += contradictions(page, faults.file, figures, today)
        problems += faults.found
    return tuple(found), problems
