"""What a sentence wants besides an answer: rules of ``content/intents`` that name a service or a boundary.

``words.yaml`` names the groups of words that rules are written with (``{point}``) and the terms whose slips are mended.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import yaml

from bot.knowledge.examples import Examples, Likeness
from bot.knowledge.literals import Expression, Form, Sieve
from bot.knowledge.problems import Faults, Problem
from bot.knowledge.slips import Slips
from bot.knowledge.text import plain
from bot.messages import Outcome

WORDS, EXAMPLES = "words.yaml", "examples.yaml"
OUTSIDE = "outside"  # the rule, and the examples, of what no part of the product is for
PLACES = "places/divisions.csv"
_GROUP = re.compile(r"\{([a-z_]+)\}")
KEPT = 256  # sentences whose forms are kept: each is asked of several stages
_STOPS = ",.，。、;；:：!！?？~～…·-—_=+*#@%^&|"


class Stage(Enum):
    """When a rule is asked.

    URGENT: even in the middle of a form; FIRST and SERVICE: before the library; SOFT: when the library is not sure;
    ALONE: when it is, but the message stands alone and no entry's question is nearly the same.
    """

    URGENT = "urgent"
    FIRST = "first"
    SERVICE = "service"
    SOFT = "soft"
    ALONE = "alone"


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule. ``reply`` None: the handler of the intent answers; ``offer`` are command words shown as buttons.

    It holds when all expressions of one of ``patterns`` are found, in any order, and none of ``unless``, in a sentence
    of at most ``at_most`` characters (0: of any length).
    """

    id: str
    stage: Stage
    intent: str
    outcome: Outcome
    reply: str | None
    offer: tuple[str, ...]
    patterns: tuple[tuple[Expression, ...], ...]
    unless: tuple[tuple[Expression, ...], ...] = ()
    at_most: int = 0

    def allows(self, forms: tuple[Form, ...]) -> bool:
        """Whether it may hold for a sentence, given as it was typed and as it was mended, once a pattern is found."""
        if self.at_most and len(forms[0].text) > self.at_most:
            return False
        return not any(_found(together, form) for form in forms for together in self.unless)


def _found(together: tuple[Expression, ...], form: Form) -> bool:
    """Whether all expressions of a pattern are found."""
    return all(expression.is_in(form) for expression in together)


def compact(text: str) -> str:
    """The form of a sentence that rules are compared with: plain, without white space."""
    return "".join(plain(text).split())


def _trimmed(sentence: str) -> str:
    """``sentence`` without emoji, and without stops and dashes at its ends."""
    return "".join(c for c in sentence if unicodedata.category(c) not in ("So", "Sk")).strip(_STOPS)


class _Stage:
    """The rules that are asked at one time, in their order."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._patterns = [(rule, together) for rule in rules for together in rule.patterns]
        self._sieve = Sieve([together for _, together in self._patterns])

    def match(self, forms: tuple[Form, ...]) -> Rule | None:
        """The first rule that holds for a sentence, given in its forms."""
        refused = None
        for number in self._sieve.sift(*forms):
            rule, together = self._patterns[number]
            if rule is not refused and any(_found(together, form) for form in forms):
                if rule.allows(forms):
                    return rule
                refused = rule
        return None


class Intents:
    """All rules, in the order in which they are asked."""

    def __init__(
        self,
        rules: Iterable[Rule],
        slips: Slips | None = None,
        examples: Callable[[Callable[[str], str]], Examples] | None = None,
    ) -> None:
        self.rules = tuple(rules)
        self._learn = examples
        self._stages = {stage: _Stage(r for r in self.rules if r.stage is stage) for stage in Stage}
        self._slips = slips or Slips.of((), (), ())
        self._forms = lru_cache(maxsize=KEPT)(self._read)
        self.liken = lru_cache(maxsize=KEPT)(self._liken)

    def _read(self, text: str) -> tuple[Form, ...]:
        """A sentence as it was typed and, when that differs, as it was mended."""
        sentence = _trimmed(compact(text))
        return tuple(Form.of(form) for form in dict.fromkeys((sentence, self._slips.mend(sentence))))

    def match(self, text: str, *stages: Stage) -> Rule | None:
        """The first rule of ``stages`` that holds for ``text``."""
        forms = self._forms(text)
        return next((rule for stage in stages if (rule := self._stages[stage].match(forms))), None)

    def _liken(self, text: str) -> Likeness | None:
        """What ``text`` is most like of the sentences of ``examples.yaml``."""
        return self._examples.liken(self._mended(text)) if self._examples else None

    @cached_property
    def outside(self) -> Rule:
        """The rule that says that something lies outside. Raises StopIteration when the content has none."""
        return next(rule for rule in self.rules if rule.id == OUTSIDE)

    @cached_property
    def _examples(self) -> Examples | None:
        """Indexed when first needed, which takes half a second: no start waits for it."""
        return self._learn(self._mended) if self._learn else None

    def _mended(self, text: str) -> str:
        return self._slips.mend(_trimmed(compact(text)))

    def mend(self, text: str) -> str:
        """``text`` with slips in the words of services mended (for reading slots)."""
        return self._slips.mend(text)


_FIELDS = {"id", "stage", "intent", "outcome", "patterns", "unless", "reply", "offer", "at_most"}


@dataclass(frozen=True, slots=True)
class _Words:
    """The groups of ``words.yaml``, each as one expression, and which of them tell what a sentence wants."""

    groups: Mapping[str, str]
    telling: tuple[str, ...] = ()

    def expand(self, pattern: str) -> str:
        """``pattern`` with the names of groups replaced. Raises KeyError for a name that there is not."""
        return _GROUP.sub(lambda m: f"(?:{self.groups[m[1]]})", pattern)


def _load(path: Path, faults: Faults) -> Any:
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CBaseLoader)
    except (yaml.YAMLError, UnicodeDecodeError, OSError) as error:
        faults.add("文件", f"不是可读的 YAML：{' '.join(str(error).split())}")
        return None


def _places(content: Path) -> str:
    """The names of all places, the longest first, as one expression (the group ``{place}``)."""
    try:
        rows = list(csv.DictReader((content / PLACES).read_text(encoding="utf-8-sig").splitlines()))
    except (OSError, UnicodeDecodeError):
        return r"(?!)"
    names = {
        plain(name) for row in rows for name in (row.get("name"), *(row.get("short_names") or "").split(";")) if name
    }
    return "|".join(re.escape(name) for name in sorted(names, key=lambda n: (-len(n), n))) or r"(?!)"


def _read_words(content: Path, faults: Faults) -> tuple[_Words, Slips]:
    """The groups of words and the slips; a group may be written with those above it."""
    path = content / "intents" / WORDS
    data = (_load(path, faults) if path.exists() else None) or {}
    groups = {"place": _places(content)}
    for name, forms in (data.get("words") or {}).items():
        try:
            groups[name] = _Words(groups).expand("|".join(forms) if isinstance(forms, list) else forms)
        except KeyError as error:
            groups[name] = r"(?!)"
            faults.add(f"words.{name}", f"不能用：{error}（只能引用写在上面的词组）")
    slips = Slips.of(*(tuple(plain(w) for w in data.get(name) or ()) for name in ("mend", "spelled", "keep")))
    telling = tuple(name for name in data.get("telling") or () if name in groups)
    return _Words(groups, telling), slips


def _compiled(row: dict[str, Any], field: str, words: _Words, faults: Faults) -> tuple[tuple[Expression, ...], ...]:
    """The patterns of a field of a rule, groups replaced. Faulty ones are noted and left out."""
    found = []
    for pattern in row.get(field) or ():
        parts = pattern if isinstance(pattern, list) else (str(pattern),)
        try:
            found.append(tuple(Expression.of(words.expand(part)) for part in parts))
        except KeyError as error:
            faults.add(f"{row.get('id')}.{field}", f"“{pattern}”用了 {WORDS} 里没有的词组 {error}")
        except re.error as error:
            faults.add(f"{row.get('id')}.{field}", f"“{pattern}”不是正则表达式：{error}")
    return tuple(found)


def read_intents(content: Path) -> tuple[Intents, list[Problem]]:
    """All rules, file by file in the order of their names, and what is wrong with them."""
    folder = content / "intents"
    faults = Faults(f"intents/{WORDS}")
    words, slips = _read_words(content, faults)
    problems = list(faults.found)
    rules: list[Rule] = []
    for path in sorted(folder.glob("*.yaml")):
        if path.name in (WORDS, EXAMPLES):
            continue
        faults = Faults(path.relative_to(content).as_posix())
        for row in _load(path, faults) or ():
            rule = _read_rule(row, words, faults)
            if rule:
                rules.append(rule)
        problems += faults.found
    learn, found = _read_examples(folder / EXAMPLES, words)
    return Intents(rules, slips, learn), problems + found


def _read_examples(
    path: Path, words: _Words
) -> tuple[Callable[[Callable[[str], str]], Examples] | None, list[Problem]]:
    """What makes the index of the example sentences, when they are wanted; a sentence may show one intent only."""
    faults = Faults(f"intents/{EXAMPLES}")
    rows = (_load(path, faults) if path.exists() else None) or {}
    shown: dict[str, str] = {}
    for intent, sentences in rows.items():
        for sentence in sentences:
            if shown.setdefault(sentence, intent) != intent:
                faults.add(intent, f"“{sentence}”已经是 {shown[sentence]} 的例句")

    def learn(mended: Callable[[str], str]) -> Examples:
        groups = {name: re.compile(words.groups[name]) for name in words.telling}
        sentences = ((intent, mended(sentence)) for sentence, intent in shown.items())
        place, asking = (re.compile(words.groups.get(name, r"(?!)")) for name in ("place", "asking"))
        return Examples(sentences, groups, place, asking)

    return learn if shown else None, faults.found


def _read_rule(row: dict[str, Any], words: _Words, faults: Faults) -> Rule | None:
    id = str(row.get("id", "?"))
    for field in sorted(set(row) - _FIELDS):
        faults.add(f"{id}.{field}", f"没有这个字段，可用的是：{'、'.join(sorted(_FIELDS))}")
    patterns = _compiled(row, "patterns", words, faults)
    if not patterns:
        faults.add(f"{id}.patterns", "至少要有一条可用的正则表达式")
        return None
    try:
        stage, outcome = Stage(row["stage"]), Outcome(row.get("outcome", "answer"))
        at_most = int(row.get("at_most", 0))
    except (KeyError, ValueError) as error:
        stages = "、".join(stage.value for stage in Stage)
        faults.add(f"{id}.stage", f"stage 应为 {stages}，outcome 应为规定的结果，at_most 是字数：{error}")
        return None
    return Rule(
        id=id,
        stage=stage,
        intent=str(row.get("intent", "consult")),
        outcome=outcome,
        reply=row.get("reply"),
        offer=tuple(row.get("offer", ())),
        patterns=patterns,
        unless=_compiled(row, "unless", words, faults),
        at_most=at_most,
    )
