"""One question and its answer: the file format of ``content/faq/<topic>/<id>.md`` and how it is read."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path, PurePath, PurePosixPath
from typing import Any

import yaml

from bot.knowledge.figures import REFERENCE, Figures
from bot.knowledge.laws import Basis, Law, read_basis
from bot.knowledge.problems import Faults, Problem

FOLD = "<!-- more -->"
SCREEN_CHARACTERS, SCREEN_LINES = 360, 16
TITLE_CHARACTERS, LEAST_QUESTIONS, MOST_RELATED = 40, 5, 6
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_FIELDS = {
    "title",
    "questions",
    "basis",
    "links",
    "related",
    "offers",
    "reviewed",
    "review_by",
    "owner",
    "from",
    "until",
    "figures",
}
_REQUIRED = ("title", "questions", "basis", "reviewed", "review_by", "owner")
_MARKDOWN = re.compile(r"\*\*|^#{1,6} |\]\(|^\|.*\|$|`", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Paragraphs:
    """A run of text that holds on some days only (both ends open where None)."""

    text: str
    since: date | None = None
    until: date | None = None

    def holds_on(self, day: date) -> bool:
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)


@dataclass(frozen=True, slots=True)
class Entry:
    """One question that people have, and its answer. ``offers`` are command words of services that begin at a button
    under it. ``body`` stands before the fold, ``more`` behind it."""

    id: str
    topic: str
    title: str
    questions: tuple[str, ...]
    basis: tuple[Basis, ...]
    body: tuple[Paragraphs, ...]
    more: tuple[Paragraphs, ...]
    links: tuple[tuple[str, str], ...]
    related: tuple[str, ...]
    reviewed: date
    review_by: date
    owner: str
    since: date | None = None
    until: date | None = None
    offers: tuple[str, ...] = ()
    figures: tuple[str, ...] = ()  # amounts the answer writes out, checked against the article by an editor

    def holds_on(self, day: date) -> bool:
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)

    def text_on(self, day: date, figures: Figures) -> tuple[str, str]:
        """The answer and its folded rest (may be empty) as they read on ``day``."""
        return _render(self.body, day, figures), _render(self.more, day, figures)

    def basis_on(self, day: date) -> tuple[Basis, ...]:
        return tuple(b for b in self.basis if b.holds_on(day))


def _render(paragraphs: tuple[Paragraphs, ...], day: date, figures: Figures) -> str:
    return figures.fill("\n\n".join(p.text for p in paragraphs if p.holds_on(day)), day)


def _paragraphs(text: str, faults: Faults) -> tuple[Paragraphs, ...]:
    """Split ``text`` at its ``::: from/until`` lines."""
    found: list[Paragraphs] = []
    lines: list[str] = []
    limits: tuple[date | None, date | None] | None = None

    def close() -> None:
        run = "\n".join(lines).strip()
        if run:
            found.append(Paragraphs(run, *(limits or (None, None))))
        lines.clear()

    for line in text.splitlines():
        if not line.startswith(":::"):
            lines.append(line.rstrip())
            continue
        close()
        words = line[3:].split()
        if not words:
            if limits is None:
                faults.add("正文", "多了一行 :::，前面没有 ::: from 或 ::: until")
            limits = None
        elif limits is not None:
            faults.add("正文", f"“{line}”之前的 ::: 还没有结束")
        else:
            limits = _limits(line, words, faults)
    close()
    if limits is not None:
        faults.add("正文", "::: 没有结束，请加单独一行 :::")
    return tuple(found)


def _limits(line: str, words: list[str], faults: Faults) -> tuple[date | None, date | None]:
    limits: dict[str, date | None] = {"from": None, "until": None}
    for word, day in zip(words[::2], words[1::2], strict=False):
        if word in limits:
            limits[word] = faults.day("正文", day)
    if len(words) % 2 or any(w not in limits for w in words[::2]):
        faults.add("正文", f"“{line}”应写成 ::: from 日期 或 ::: until 日期")
    return limits["from"], limits["until"]


def _split(text: str, faults: Faults) -> tuple[Mapping[str, Any], str]:
    """The fields between the two ``---`` lines, and the body."""
    parts = re.split(r"^---[ \t]*\n", text, maxsplit=2, flags=re.MULTILINE)
    if len(parts) != 3 or parts[0].strip():
        faults.add("文件", "应以 --- 一行开头，字段之后再有 --- 一行，然后是正文")
        return {}, text
    try:
        fields = yaml.load(parts[1], Loader=yaml.CBaseLoader) or {}
    except yaml.YAMLError as error:
        faults.add("字段", f"不是可读的 YAML：{' '.join(str(error).split())}")
        return {}, parts[2]
    if not isinstance(fields, dict):
        faults.add("字段", "应为“字段: 值”")
        return {}, parts[2]
    return fields, parts[2]


def read_strings(field: str, value: object, faults: Faults) -> tuple[str, ...]:
    if value in (None, "", []):
        return ()
    if not isinstance(value, list) or not all(isinstance(v, str) and v.strip() for v in value):
        faults.add(field, "应为列表，每行以“- ”开头")
        return ()
    return tuple(v.strip() for v in value)


def _links(lines: tuple[str, ...], faults: Faults) -> tuple[tuple[str, str], ...]:
    links = []
    for line in lines:
        label, bar, url = (part.strip() for part in line.partition("|"))
        if not bar or not label:
            faults.add("links", f"“{line}”应写成“名称 | 网址”")
        links.append((label, faults.url("links", url)))
    return tuple(links)


def read_entry(path: Path, content: Path, laws: Mapping[str, Law]) -> tuple[Entry | None, list[Problem]]:
    """Read one file. The entry is None when it lacks what every entry needs; problems name file and field."""
    faults = Faults(path.relative_to(content).as_posix())
    entry, _ = read_page(path, laws, faults, _REQUIRED, _FIELDS)
    return entry, faults.found


def read_page(
    path: Path, laws: Mapping[str, Law], faults: Faults, required: Collection[str], allowed: Collection[str]
) -> tuple[Entry | None, Mapping[str, Any]]:
    """Read a file of fields and text as an entry, and its fields as they stand, of which it must have and may have some."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        faults.add("文件", "应存为 UTF-8")
        return None, {}
    return _read_text(path, text, laws, faults, required, allowed)


def read_entry_text(file: str, text: str, laws: Mapping[str, Law]) -> tuple[Entry | None, list[Problem]]:
    """Read an entry that is no file yet; ``file`` is where it would stand in the content folder (faq/topic/id.md)."""
    faults = Faults(file)
    entry, _ = _read_text(PurePosixPath(file), text, laws, faults, _REQUIRED, _FIELDS)
    return entry, faults.found


def _read_text(
    path: PurePath,
    text: str,
    laws: Mapping[str, Law],
    faults: Faults,
    required: Collection[str],
    allowed: Collection[str],
) -> tuple[Entry | None, Mapping[str, Any]]:
    fields, body = _split(text, faults)
    if not _ID.fullmatch(path.stem):
        faults.add("文件名", f"“{path.stem}”应为小写英文、数字和连字符")
    for field in required:
        if not fields.get(field):
            faults.add(field, "缺少这一项")
    for field in sorted(set(fields) - set(allowed)):
        faults.add(field, f"没有这个字段，可用的是：{'、'.join(sorted(allowed))}")
    shown, _, folded = body.partition(FOLD)
    basis = (read_basis(b, laws, faults) for b in read_strings("basis", fields.get("basis"), faults))
    reviewed, review_by = (faults.day(f, fields.get(f)) for f in ("reviewed", "review_by"))
    entry = Entry(
        id=path.stem,
        topic=path.parent.name,
        title=str(fields.get("title", "")).strip(),
        questions=read_strings("questions", fields.get("questions"), faults),
        basis=tuple(b for b in basis if b),
        body=_paragraphs(shown, faults),
        more=_paragraphs(folded, faults),
        links=_links(read_strings("links", fields.get("links"), faults), faults),
        related=read_strings("related", fields.get("related"), faults),
        reviewed=reviewed or date.min,
        review_by=review_by or date.min,
        owner=str(fields.get("owner", "")),
        since=faults.day("from", fields.get("from")),
        until=faults.day("until", fields.get("until")),
        offers=read_strings("offers", fields.get("offers"), faults),
        figures=read_strings("figures", fields.get("figures"), faults),
    )
    complete = bool(entry.title and entry.body and reviewed and review_by)
    if not entry.body:
        faults.add("正文", "没有答案")
    return (entry if complete else None), fields


def change_days(entry: Entry) -> list[date]:
    """The days on which the entry may read differently: its own limits and the first day after each end."""
    days = set()
    parts: tuple[Paragraphs | Basis, ...] = (*entry.body, *entry.more, *entry.basis)
    for part in parts:
        if part.since:
            days.add(part.since)
        if part.until and part.until < date.max:
            days.add(date.fromordinal(part.until.toordinal() + 1))
    return sorted(days)


def check_entry(entry: Entry, file: str, figures: Figures, today: date) -> Iterator[Problem]:
    """What an editor must mend in an entry that could be read, on ``today`` and after each of its changes."""
    if (ways := len(set(entry.questions))) < LEAST_QUESTIONS:
        yield Problem(file, "questions", f"只有 {ways} 种问法，至少要 {LEAST_QUESTIONS} 种")
    yield from check_page(entry, file, figures, today)


def check_page(entry: Entry, file: str, figures: Figures, today: date) -> Iterator[Problem]:
    """The same for anything that reads like an entry, asked for or not."""

    def problem(field: str, message: str) -> Problem:
        return Problem(file, field, message)

    if len(entry.title) > TITLE_CHARACTERS:
        yield problem("title", f"{len(entry.title)} 字，不应超过 {TITLE_CHARACTERS} 字")
    if len(entry.related) > MOST_RELATED:
        yield problem("related", f"不应超过 {MOST_RELATED} 个")
    if entry.review_by < entry.reviewed:
        yield problem("review_by", "早于 reviewed")
    for paragraph in (*entry.body, *entry.more):
        for kind, id in REFERENCE.findall(paragraph.text):
            if (kind, id) not in figures:
                yield problem("正文", f"{{{kind}:{id}}} 不在 content/{'fees' if kind == 'fee' else 'deadlines'} 里")
        if found := _MARKDOWN.search(paragraph.text):
            yield problem("正文", f"不用 Markdown 标记：“{found[0].strip()}”")
    if any((kind, id) not in figures for p in (*entry.body, *entry.more) for kind, id in REFERENCE.findall(p.text)):
        return
    for day in (today, *change_days(entry)):
        if not entry.holds_on(day):
            continue
        shown, _ = entry.text_on(day, figures)
        if not shown:
            yield problem("正文", f"{day} 这天没有答案")
        elif len(shown) > SCREEN_CHARACTERS or len(shown.splitlines()) > SCREEN_LINES:
            yield problem(
                "正文",
                f"{day} 这天折叠前有 {len(shown)} 字、{len(shown.splitlines())} 行，"
                f"不应超过 {SCREEN_CHARACTERS} 字、{SCREEN_LINES} 行；请在合适处加一行 {FOLD}",
            )
        if not entry.basis_on(day):
            yield problem("basis", f"{day} 这天没有依据")
