"""A draft as a file of ``content/faq``: written from what a form gathered, in the form that editors write by hand."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

import yaml

from bot.knowledge.entries import FOLD
from bot.knowledge.text import bare

REVIEW_AFTER = timedelta(days=182)
LONGEST_WAY = 40
_MASKED = re.compile(r"\[(?:身份证号|电话|密码|位置|文件)\]|\d{5,}")


@dataclass(frozen=True, slots=True)
class Written:
    """What somebody wrote. ``more`` stands behind the fold and may be empty; ``basis`` are laws and articles."""

    topic: str
    title: str
    ways: tuple[str, ...]
    basis: tuple[str, ...]
    answer: str
    more: str
    owner: str


def file_text(written: Written, today: date) -> str:
    """The text of the file."""
    fields = {
        "title": written.title,
        "questions": list(written.ways),
        "basis": list(written.basis),
        "reviewed": today,
        "review_by": today + REVIEW_AFTER,
        "owner": written.owner,
    }
    head = yaml.safe_dump(fields, allow_unicode=True, sort_keys=False, width=1000)
    body = f"{written.answer.strip()}\n"
    if written.more.strip():
        body += f"\n{FOLD}\n\n{written.more.strip()}\n"
    return f"---\n{head}---\n{body}"


def ways_of_asking(questions: Iterable[str], count: int = 8) -> list[str]:
    """Questions of a group that may stand in the content: short, different, without what was masked; as they came."""
    found: dict[str, str] = {}
    for question in questions:
        way = " ".join(question.split()).rstrip("。？?！!")
        if 2 <= len(way) <= LONGEST_WAY and not _MASKED.search(way):
            found.setdefault(bare(way), way)
    return list(found.values())[:count]
