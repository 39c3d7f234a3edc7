"""Nice classes: from goods and services in everyday words to the classes that a trademark for them is filed in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

LAST_CLASS = 45
LONGEST = 10  # characters of a term
# what may stand behind a word that is only meant where it ends what is named (鞋 in 卖鞋, not in 鞋跟钉)
_ENDS = frozenset(" \t\n，,。、；;：:！!？?和跟与及或还的属归是要注报该在第商什啥哪几算用也吗呢都做卖开")


@dataclass(frozen=True, slots=True)
class NiceClass:
    """One of the 45 classes: its heading in short, and the classes that are often filed with it."""

    number: int
    heading: str
    companions: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Term:
    """Everyday words for the same goods or service, and their class.

    ``number`` is None where the class was not verified; ``also`` says when which other class is meant.
    """

    number: int | None
    also: tuple[str, ...] = ()
    basis: str = ""


@dataclass(frozen=True, slots=True)
class NiceTable:
    """The classes by number and the terms by word (lower case); ``~`` before a word: only where it ends what is named."""

    classes: Mapping[int, NiceClass]
    terms: Mapping[str, Term]

    def term_at(self, text: str, start: int) -> tuple[str, Term] | None:
        """The longest word that stands at ``start`` of ``text``, and its term."""
        for end in range(min(start + LONGEST, len(text)), start, -1):
            word = text[start:end]
            if term := self.terms.get(word):
                return word, term
            if (end == len(text) or text[end] in _ENDS) and (term := self.terms.get(f"~{word}")):
                return word, term
        return None


@dataclass(frozen=True, slots=True)
class Named:
    """Goods or a service that a sentence names, and its term."""

    word: str
    term: Term


def goods_in(text: str, table: NiceTable) -> tuple[Named, ...]:
    """What ``text`` (simplified, one width) names, each once, in order; of a compound its head, which stands last, first."""
    compounds: list[list[Named]] = []
    at, end = 0, -1
    text = text.lower()
    while at < len(text):
        match = table.term_at(text, at)
        if match is None:
            at += 1
            continue
        if end != at:
            compounds.append([])
        compounds[-1].append(Named(*match))
        at = end = at + len(match[0])
    named = (named for compound in compounds for named in reversed(compound))
    return tuple({one.word: one for one in named}.values())


def classes_of(goods: tuple[Named, ...]) -> tuple[int, ...]:
    """The classes of ``goods``, each once, in order."""
    return tuple(dict.fromkeys(named.term.number for named in goods if named.term.number is not None))


def companions(numbers: tuple[int, ...], table: NiceTable) -> tuple[int, ...]:
    """Classes that are often filed with ``numbers`` and are not among them, in order."""
    often = (other for number in numbers for other in table.classes[number].companions)
    return tuple(dict.fromkeys(other for other in often if other not in numbers))
