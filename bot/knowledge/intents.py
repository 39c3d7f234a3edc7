"""What a sentence wants besides an answer: rules of ``content/intents`` that name a service or a boundary."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

import yaml

from bot.knowledge.problems import Faults, Problem
from bot.knowledge.text import plain
from bot.messages import Outcome


class Stage(Enum):
    """When a rule is asked: before all else, before the library, or only when the library is not sure."""

    FIRST = "first"
    SERVICE = "service"
    SOFT = "soft"


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule. ``reply`` None: the handler of the intent answers; ``offer`` are command words shown as buttons."""

    id: str
    stage: Stage
    intent: str
    outcome: Outcome
    reply: str | None
    offer: tuple[str, ...]
    patterns: re.Pattern[str]
    unless: re.Pattern[str] | None

    def holds(self, compact: str) -> bool:
        return bool(self.patterns.search(compact)) and not (self.unless and self.unless.search(compact))


def compact(text: str) -> str:
    """The form of a sentence that rules are compared with: plain, without white space."""
    return "".join(plain(text).split())


class Intents:
    """All rules, in the order in which they are asked."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.rules = tuple(rules)

    def match(self, text: str, *stages: Stage) -> Rule | None:
        """The first rule of ``stages`` that holds for ``text``."""
        sentence = compact(text)
        return next((rule for rule in self.rules if rule.stage in stages and rule.holds(sentence)), None)


_FIELDS = {"id", "stage", "intent", "outcome", "patterns", "unless", "reply", "offer"}


def _compile(row: dict[str, Any], field: str, faults: Faults) -> re.Pattern[str] | None:
    patterns = row.get(field) or []
    for pattern in patterns:
        try:
            re.compile(pattern)
        except re.error as error:
            faults.add(f"{row.get('id')}.{field}", f"“{pattern}”不是正则表达式：{error}")
            return None
    return re.compile("|".join(f"(?:{p})" for p in patterns)) if patterns else None


def read_intents(content: Path) -> tuple[Intents, list[Problem]]:
    """All rules, file by file in the order of their names, and what is wrong with them."""
    rules: list[Rule] = []
    problems: list[Problem] = []
    for path in sorted((content / "intents").glob("*.yaml")):
        faults = Faults(path.relative_to(content).as_posix())
        try:
            rows = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CBaseLoader) or []
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            faults.add("文件", f"不是可读的 YAML：{' '.join(str(error).split())}")
            rows = []
        for row in rows:
            rule = _read_rule(row, faults)
            if rule:
                rules.append(rule)
        problems += faults.found
    return Intents(rules), problems


def _read_rule(row: dict[str, Any], faults: Faults) -> Rule | None:
    id = str(row.get("id", "?"))
    for field in sorted(set(row) - _FIELDS):
        faults.add(f"{id}.{field}", f"没有这个字段，可用的是：{'、'.join(sorted(_FIELDS))}")
    patterns = _compile(row, "patterns", faults)
    if patterns is None:
        faults.add(f"{id}.patterns", "至少要有一条可用的正则表达式")
        return None
    try:
        stage, outcome = Stage(row["stage"]), Outcome(row.get("outcome", "answer"))
    except (KeyError, ValueError) as error:
        faults.add(f"{id}.stage", f"stage 应为 first、service、soft，outcome 应为规定的结果：{error}")
        return None
    return Rule(
        id=id,
        stage=stage,
        intent=str(row.get("intent", "consult")),
        outcome=outcome,
        reply=row.get("reply"),
        offer=tuple(row.get("offer", ())),
        patterns=patterns,
        unless=_compile(row, "unless", faults),
    )
