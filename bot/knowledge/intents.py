"""What a sentence wants besides an answer: rules of ``content/intents`` that name a service or a boundary.

``words.yaml`` names the groups of words that rules are written with (``{point}``) and the terms whose slips are mended.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

import yaml

from bot.knowledge.problems import Faults, Problem
from bot.knowledge.text import has_han, plain, spelled, syllable
from bot.messages import Outcome

WORDS = "words.yaml"
PLACES = "places/divisions.csv"
_GROUP = re.compile(r"\{([a-z_]+)\}")
_LATIN = re.compile(r"[a-z]{2,}(?: [a-z]{2,})*")
_FEWEST = 4  # letters that are taken for pinyin
_STOPS = ",.，。、;；:：!！?？~～…·-—_=+*#@%^&|"


class Stage(Enum):
    """When a rule is asked: before all else, before the library, or only when the library is not sure."""

    FIRST = "first"
    SERVICE = "service"
    SOFT = "soft"


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
    patterns: tuple[tuple[re.Pattern[str], ...], ...]
    unless: tuple[tuple[re.Pattern[str], ...], ...] = ()
    at_most: int = 0

    def holds(self, *forms: str) -> bool:
        """Whether it holds for a sentence, given as it was typed and as it was mended."""
        if self.at_most and len(forms[0]) > self.at_most:
            return False
        return _found(self.patterns, forms) and not _found(self.unless, forms)


def _found(patterns: tuple[tuple[re.Pattern[str], ...], ...], forms: tuple[str, ...]) -> bool:
    """Whether in one of the forms all expressions of one of the patterns are found."""
    return any(all(p.search(form) for p in together) for form in forms for together in patterns)


def compact(text: str) -> str:
    """The form of a sentence that rules are compared with: plain, without white space."""
    return "".join(plain(text).split())


def _trimmed(sentence: str) -> str:
    """``sentence`` without emoji, and without stops and dashes at its ends."""
    return "".join(c for c in sentence if unicodedata.category(c) not in ("So", "Sk")).strip(_STOPS)


@dataclass(frozen=True, slots=True)
class Slips:
    """Mends terms that were typed with other characters of the same sound, or in pinyin.

    ``by_sound`` gives the term of a run of syllables, ``by_spelling`` that of letters; ``keep`` are words that only
    sound like a term.
    """

    by_sound: Mapping[tuple[str, ...], str]
    by_spelling: Mapping[str, str]
    keep: frozenset[str]
    longest: int

    @classmethod
    def of(cls, terms: Iterable[str], spelled_too: Iterable[str], keep: Iterable[str]) -> Slips:
        """From the terms to mend, the words that are only read in pinyin, and the words to leave alone."""
        terms, spelled_too = tuple(terms), tuple(spelled_too)
        by_sound = {tuple(syllable(c) for c in term): term for term in reversed(terms)}
        by_spelling = {"".join(spelled(c) for c in term): term for term in reversed((*terms, *spelled_too))}
        return cls(by_sound, by_spelling, frozenset((*keep, *terms)), max((len(t) for t in terms), default=0))

    def mend(self, sentence: str) -> str:
        """``sentence`` with the terms that were meant; characters keep their places unless there was pinyin."""
        sentence = _LATIN.sub(lambda run: self._spelled(run[0].replace(" ", "")) or run[0], sentence)
        out: list[str] = []
        at = 0
        while at < len(sentence):
            meant, length = self._meant(sentence, at)
            out.append(meant)
            at += length
        return "".join(out)

    def _meant(self, sentence: str, at: int) -> tuple[str, int]:
        """What stands at a place, and how long it is."""
        for length in range(min(self.longest, len(sentence) - at), 1, -1):
            window = sentence[at : at + length]
            if window in self.keep:
                return window, length
            if has_han(window[0]) and (term := self.by_sound.get(tuple(syllable(c) for c in window))):
                return term, length
        return sentence[at], 1

    def _spelled(self, letters: str) -> str:
        """The terms that letters spell one after the other; empty when they spell anything else."""
        out, at = "", 0
        while at < len(letters) >= _FEWEST:
            ends = range(min(len(letters), at + 24), at + 1, -1)
            end = next((e for e in ends if letters[at:e] in self.by_spelling), 0)
            if not end:
                return ""
            out += self.by_spelling[letters[at:end]]
            at = end
        return out


class Intents:
    """All rules, in the order in which they are asked."""

    def __init__(self, rules: Iterable[Rule], slips: Slips | None = None) -> None:
        self.rules = tuple(rules)
        self._by_stage = {stage: tuple(r for r in self.rules if r.stage is stage) for stage in Stage}
        self._slips = slips or Slips.of((), (), ())

    def match(self, text: str, *stages: Stage) -> Rule | None:
        """The first rule of ``stages`` that holds for ``text``."""
        sentence = _trimmed(compact(text))
        mended = self._slips.mend(sentence)
        forms = (sentence,) if mended == sentence else (sentence, mended)
        rules = (rule for stage in stages for rule in self._by_stage[stage])
        return next((rule for rule in rules if rule.holds(*forms)), None)

    def mend(self, text: str) -> str:
        """``text`` with slips in the words of services mended (for reading slots)."""
        return self._slips.mend(text)


_FIELDS = {"id", "stage", "intent", "outcome", "patterns", "unless", "reply", "offer", "at_most"}


@dataclass(frozen=True, slots=True)
class _Words:
    """The groups of ``words.yaml``, each as one expression."""

    groups: Mapping[str, str]

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
    return _Words(groups), slips


def _compiled(
    row: dict[str, Any], field: str, words: _Words, faults: Faults
) -> tuple[tuple[re.Pattern[str], ...], ...]:
    """A field of a rule, groups replaced: all that stand alone as one expression, then those that go together.

    Faulty ones are noted and left out; each is compiled by itself only to find them, for compiling is what takes time.
    """
    alone: list[str] = []
    together: list[tuple[str, ...]] = []
    for pattern in row.get(field) or ():
        parts = tuple(pattern) if isinstance(pattern, list) else (str(pattern),)
        try:
            parts = tuple(words.expand(part) for part in parts)
        except KeyError as error:
            faults.add(f"{row.get('id')}.{field}", f"“{pattern}”用了 {WORDS} 里没有的词组 {error}")
            continue
        if len(parts) == 1:
            alone += parts
        else:
            together.append(parts)
    try:
        either = ((re.compile("|".join(f"(?:{e})" for e in alone)),),) if alone else ()
        return (*either, *(tuple(re.compile(e) for e in parts) for parts in together))
    except re.error:
        good = [pattern for pattern in row[field] if _is_sound(pattern, row, field, words, faults)]
        return _compiled({**row, field: good}, field, words, Faults(faults.file))


def _is_sound(pattern: str | list[str], row: dict[str, Any], field: str, words: _Words, faults: Faults) -> bool:
    """Whether a pattern can be compiled; the fault is noted when it cannot."""
    try:
        for part in pattern if isinstance(pattern, list) else [pattern]:
            re.compile(words.expand(part))
    except re.error as error:
        faults.add(f"{row.get('id')}.{field}", f"“{pattern}”不是正则表达式：{error}")
        return False
    except KeyError:
        return False
    return True


def read_intents(content: Path) -> tuple[Intents, list[Problem]]:
    """All rules, file by file in the order of their names, and what is wrong with them."""
    folder = content / "intents"
    faults = Faults(f"intents/{WORDS}")
    words, slips = _read_words(content, faults)
    problems = list(faults.found)
    rules: list[Rule] = []
    for path in sorted(folder.glob("*.yaml")):
        if path.name == WORDS:
            continue
        faults = Faults(path.relative_to(content).as_posix())
        for row in _load(path, faults) or ():
            rule = _read_rule(row, words, faults)
            if rule:
                rules.append(rule)
        problems += faults.found
    return Intents(rules, slips), problems


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
