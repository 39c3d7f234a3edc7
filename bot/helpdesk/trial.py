"""What a draft would do: its faults, which of the questions it is for it answers, and which other answers it changes.

Asked again are the ways of asking of all other entries that it comes near to, and the questions that people asked lately
and that were answered. Pure; half a second to a second, so it is done beside the turns.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from bot.knowledge.additions import check_additions
from bot.knowledge.library import Library, Sure
from bot.knowledge.problems import Problem

WAYS = 400  # of other entries that are asked again
_FIELDS = {"title": "标题", "questions": "问法", "basis": "依据", "正文": "答案", "文件夹": "主题", "文件名": "编号"}
_FILE = re.compile(r"faq/[\w-]+/([\w-]+)(?:\.md)?")
_TELL = 8  # changes that are told one by one


@dataclass(frozen=True, slots=True)
class Change:
    """A question that would be answered otherwise: titles of the entries that answer, empty for none. ``question`` is a way
    of asking of the content; what somebody said is named by its ``turn`` only, so that it is not kept a second time."""

    question: str
    before: str
    after: str
    turn: int | None = None


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found. ``problems`` must be mended; ``answered`` of ``asked`` questions of the group would be answered by
    the draft; ``changes`` are questions it is not for that would be answered otherwise, of ``tried``."""

    problems: tuple[str, ...]
    asked: int = 0
    answered: int = 0
    tried: int = 0
    changes: tuple[Change, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Findings:
        changes = tuple(Change(**change) for change in value["changes"])
        return cls(**{**value, "problems": tuple(value["problems"]), "changes": changes})

    def words(self, said: Mapping[int, str] | None = None) -> str:
        """The findings as staff read them; ``said`` is what was said in turns that are still kept."""
        if self.problems:
            return "检查发现要改：\n" + "\n".join(f"· {problem}" for problem in self.problems)
        lines = ["检查通过。"]
        if self.asked:
            lines.append(f"试问：这一组 {self.asked} 个问题，新答案能答上 {self.answered} 个。")
        if not self.changes:
            return "\n".join([*lines, f"另外试问 {self.tried} 个问题，回答都不变。"])
        lines.append(f"另外试问 {self.tried} 个问题，{len(self.changes)} 个的回答会变：")
        for change in self.changes[:_TELL]:
            question = (said or {}).get(change.turn) if change.turn else change.question
            asked = f"“{question}”" if question else "有人最近问的一句"
            lines.append(f"· {asked}：原来{_by(change.before)}，以后{_by(change.after)}")
        return "\n".join([*lines, *(["……"] if len(self.changes) > _TELL else [])])


def _by(title: str) -> str:
    return f"答“{title}”" if title else "答不上"


def try_out(
    library: Library, file: str, text: str, asked: Iterable[str], past: Mapping[int, str], today: date
) -> Findings:
    """Try a draft (``text``, which would stand in ``file``) in ``library``, drafts in force included.

    ``asked`` are the questions it is for, ``past`` others that were answered lately, by their turns.
    """
    entries, problems = check_additions(library.content, {file: text}, today)
    if problems or not entries:
        return Findings(tuple(dict.fromkeys(_plainly(problem, library) for problem in problems)))
    entry = entries[0]
    candidate = library.with_entries(entries, ((file, text),))
    mine = list(dict.fromkeys(asked))
    answered = sum(_answer(candidate, question, today) == entry.id for question in mine)
    own = {entry.title, *entry.questions, *mine}
    near = candidate.index.touched((entry.title, *entry.questions), entry.id, WAYS)
    others: dict[str, int | None] = {way: None for _, way in near}
    for turn, question in past.items():
        others.setdefault(question, turn)
    tried = {question: turn for question, turn in others.items() if question not in own}
    return Findings((), len(mine), answered, len(tried), tuple(_changes(library, candidate, tried, today)))


def _changes(before: Library, after: Library, questions: Mapping[str, int | None], today: date) -> Iterable[Change]:
    """The questions whose answer is another one. One that is answered now and was not before is no loss, but told."""
    for question, turn in questions.items():
        old, new = _answer(before, question, today), _answer(after, question, today)
        if old != new:
            titles = [after.content.entries[id].title if id else "" for id in (old, new)]
            yield Change(question if turn is None else "", titles[0], titles[1], turn)


def _answer(library: Library, question: str, today: date) -> str:
    """The id of the entry that answers for sure, empty when none does."""
    found = library.search(question, today)
    return found.entry.id if isinstance(found, Sure) else ""


def _plainly(problem: Problem, library: Library) -> str:
    """A fault as somebody reads it who sees no files."""

    def title(match: re.Match[str]) -> str:
        entry = library.content.entries.get(match[1])
        return f"“{entry.title}”" if entry else "另一条"

    return f"{_FIELDS.get(problem.field, problem.field)}：{_FILE.sub(title, problem.message)}"
