"""Entries that are no files yet: read and checked as ``ipbot content check`` would, were they in the content folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from bot.knowledge.amounts import contradictions
from bot.knowledge.content import Content, check_together
from bot.knowledge.entries import Entry, check_entry, read_entry_text
from bot.knowledge.library import Library
from bot.knowledge.problems import Problem


def file_of(topic: str, id: str) -> str:
    """Where an entry stands in the content folder."""
    return f"faq/{topic}/{id}.md"


def check_additions(content: Content, files: Mapping[str, str], today: date) -> tuple[list[Entry], list[Problem]]:
    """The entries in ``files`` (text by where it would stand), and what must be mended before they may stand there."""
    entries: list[Entry] = []
    problems: list[Problem] = []
    for file, text in files.items():
        entry, found = read_entry_text(file, text, content.laws)
        problems += found
        if entry is None:
            continue
        if entry.id in content.entries or any(entry.id == other.id for other in entries):
            problems.append(Problem(file, "文件名", f"编号“{entry.id}”已经有了"))
            continue
        entries.append(entry)
        problems += check_entry(entry, file, content.figures, today)
        problems += contradictions(entry, file, content.figures, today)
    together = replace(content, entries={**content.entries, **{entry.id: entry for entry in entries}})
    where = {id: file_of(entry.topic, id) for id, entry in together.entries.items()}
    problems += [problem for problem in check_together(together, where) if problem.file in files]
    return entries, problems


def with_additions(library: Library, files: Mapping[str, str]) -> tuple[Library, list[str]]:
    """``library`` with the entries in ``files``, instead of any that were added to it before; and the files left out.

    An entry is left out that the content has by now, that cannot be read any more, or that stands under no topic.
    """
    base = library.base or library
    topics = {topic.id for topic in base.content.topics}
    entries: list[Entry] = []
    left_out: list[str] = []
    for file, text in files.items():
        entry, _ = read_entry_text(file, text, base.content.laws)
        if entry is None or entry.id in base.content.entries or entry.topic not in topics:
            left_out.append(file)
        else:
            entries.append(entry)
    if not files:
        return base, []
    return base.with_entries(entries, tuple(files.items())), left_out
