"""Regular expressions that first look for letters they cannot match without: most rules are not about a sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from re import _constants, _parser  # type: ignore[attr-defined]  # the only reader of expressions that there is
from typing import Any

LONGEST = 3  # letters of a literal; where a longer one stands, so does its beginning
_MOST_IN_CLASS = 24  # a class of more letters, such as [一-龥], tells nothing
_OTHER_LETTERS = re.IGNORECASE | re.VERBOSE

Literals = frozenset[str]


@dataclass(frozen=True, slots=True)
class Form:
    """A sentence that expressions are looked for in, and all its runs of at most ``LONGEST`` letters."""

    text: str
    runs: frozenset[str]

    @classmethod
    def of(cls, text: str) -> Form:
        lengths = range(1, LONGEST + 1)
        return cls(text, frozenset(text[at : at + n] for n in lengths for at in range(len(text) - n + 1)))


@lru_cache(maxsize=4096)
def _compiled(expression: str) -> re.Pattern[str]:
    return re.compile(expression)


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression, and literals of which at least one stands in all that it matches (None: not known)."""

    text: str
    needs: Literals | None

    @classmethod
    def of(cls, text: str) -> Expression:
        """Read ``text``; it is compiled when it is first looked for. Raises re.error for what is no expression."""
        tree = _parser.parse(text)
        if "(?<" in text:  # only the compiler sees what is wrong with a look behind
            _compiled(text)
        return cls(text, None if tree.state.flags & _OTHER_LETTERS else _of_sequence(tree))

    def is_in(self, form: Form) -> bool:
        """Whether it is found in ``form``."""
        if self.needs is not None and self.needs.isdisjoint(form.runs):
            return False
        return _compiled(self.text).search(form.text) is not None


class Sieve:
    """Tells which of many groups of expressions may be found in a sentence, by its letters and not one by one."""

    def __init__(self, groups: Sequence[Sequence[Expression]]) -> None:
        self._always: list[int] = []
        self._by_literal: dict[str, list[int]] = {}
        for number, group in enumerate(groups):
            needs = [expression.needs for expression in group if expression.needs]
            if not needs:
                self._always.append(number)
            for literal in max(needs, key=_telling, default=()):
                self._by_literal.setdefault(literal, []).append(number)

    def sift(self, *forms: Form) -> list[int]:
        """The numbers of the groups of which all expressions may be found in one of ``forms``, in their order."""
        found = set(self._always)
        for form in forms:
            for literal in self._by_literal.keys() & form.runs:
                found.update(self._by_literal[literal])
        return sorted(found)


def _of_sequence(sequence: Any) -> Literals | None:
    """Each item of a sequence must be there: the most telling of what they need."""
    found: list[Literals] = []
    run = ""
    for kind, value in (*sequence, (None, None)):
        if kind is _constants.LITERAL:
            run += chr(value)
            continue
        if run:
            found.append(frozenset((run[:LONGEST],)))
            run = ""
        if kind and (need := _of_item(kind, value)):
            found.append(need)
    return max(found, key=_telling, default=None)


def _telling(need: Literals) -> tuple[int, int]:
    """Longer literals are rarer, and one is rarer than many."""
    return min(map(len, need)), -len(need)


def _of_item(kind: Any, value: Any) -> Literals | None:
    match str(kind):
        case "SUBPATTERN":
            _, flags, _, inside = value
            return None if flags & _OTHER_LETTERS else _of_sequence(inside)
        case "ATOMIC_GROUP":
            return _of_sequence(value)
        case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
            least, _, inside = value
            return _of_sequence(inside) if least else None
        case "ASSERT":
            _, inside = value
            return _of_sequence(inside)
        case "BRANCH":
            _, branches = value
            needs = [_of_sequence(branch) for branch in branches]
            return frozenset().union(*(need or () for need in needs)) if all(needs) else None
        case "IN":
            return _of_class(value)
        case _:  # places, references, what must not follow: they need no letter
            return None


def _of_class(members: Any) -> Literals | None:
    """The letters of a class, if they are few and each is named."""
    letters: set[str] = set()
    for kind, value in members:
        match str(kind):
            case "LITERAL":
                letters.add(chr(value))
            case "RANGE" if value[1] - value[0] < _MOST_IN_CLASS:
                letters.update(map(chr, range(value[0], value[1] + 1)))
            case _:
                return None
    return frozenset(letters)
