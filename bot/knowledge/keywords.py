"""From words to a query: what an idea or a product is called, its synonyms, its English, its classes of patents and designs.

Read from ``content/links``: ``terms.csv`` (the classes are hints; the official classification decides) and ``stopwords.txt``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.knowledge.problems import Faults, Problem
from bot.knowledge.tables import read_table, read_text
from bot.knowledge.text import spaced

MOST_TERMS, MOST_WORDS = 4, 4  # groups of a query, words of a group
_COLUMNS = ("term", "also", "english", "ipc", "locarno")
_IPC = re.compile(r"[A-H]\d{2}[A-Z]")
_LOCARNO = re.compile(r"\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Term:
    """A word of a query: how else it is called, in Chinese and English; the IPC subclass and the Locarno class it hints at."""

    word: str
    also: tuple[str, ...] = ()
    english: tuple[str, ...] = ()
    ipc: str = ""
    locarno: str = ""

    @property
    def words(self) -> tuple[str, ...]:
        return (self.word, *self.also)[:MOST_WORDS]


class Keywords:
    """Finds the terms of a text. One is made for the loaded content; it is shared by all threads and never changed."""

    def __init__(self, terms: Iterable[Term], stopwords: Iterable[str] = ()) -> None:
        self.terms = tuple(terms)
        self._stopwords = frozenset(stopwords)
        self._by_word: Mapping[str, Term] = {
            word: term for term in self.terms for word in reversed((term.word, *term.also))
        }
        known = sorted(self._by_word, key=lambda w: (-len(w), w))
        self._known = re.compile("|".join(map(re.escape, known))) if known else re.compile(r"(?!)")

    def read(self, text: str, cut: Callable[[str], Iterable[str]]) -> tuple[Term, ...]:
        """The terms of ``text`` in their order, at most four; ``cut`` divides what is not in the list into words.

        A word that is in the list brings its synonyms; any other stands for itself, unless every text has it (一种, 装置).
        """
        found: dict[str, Term] = {}
        rest, at = spaced(text), 0
        for match in (*self._known.finditer(rest), None):
            end = match.start() if match else len(rest)
            for word in self._left(rest[at:end], cut):
                found.setdefault(word, Term(word))
            if match:
                term = self._by_word[match[0]]
                own = (match[0], *(w for w in (term.word, *term.also) if w != match[0]))
                found.setdefault(term.word, Term(own[0], own[1:], term.english, term.ipc, term.locarno))
                at = match.end()
        return tuple(found.values())[:MOST_TERMS]

    def _left(self, piece: str, cut: Callable[[str], Iterable[str]]) -> list[str]:
        words = (word.strip() for word in cut(piece))
        return [word for word in words if len(word) >= 2 and word not in self._stopwords]


def read_keywords(content: Path) -> tuple[Keywords, list[Problem]]:
    """Read ``content/links``: all good rows, and a problem for each fault."""
    faults = Faults("links/terms.csv")
    terms = list(_read_terms(content / "links" / "terms.csv", faults))
    seen: dict[str, str] = {}
    for term in terms:
        for word in (term.word, *term.also):
            if seen.setdefault(word, term.word) != term.word:
                faults.add(term.word, f"“{word}”已经写在“{seen[word]}”一行里")
    stop = Faults("links/stopwords.txt")
    lines = (line.strip() for line in read_text(content / "links" / "stopwords.txt", stop).splitlines())
    return Keywords(terms, [line for line in lines if line and not line.startswith("#")]), faults.found + stop.found


def _read_terms(path: Path, faults: Faults) -> Iterable[Term]:
    for where, row in read_table(path, _COLUMNS, faults):
        word, ipc, locarno = row["term"], row["ipc"], row["locarno"]
        if not word:
            faults.add(f"{where} term", "缺少词")
        elif ipc and not _IPC.fullmatch(ipc):
            faults.add(f"{where} ipc", f"“{ipc}”应为四位的 IPC 小类，如 A23N")
        elif locarno and not _LOCARNO.fullmatch(locarno):
            faults.add(f"{where} locarno", f"“{locarno}”应为洛迦诺小类，如 06-11")
        else:
            yield Term(word, _several(row["also"]), _several(row["english"]), ipc, locarno)


def _several(cell: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in re.split(r"[；;]", cell) if part.strip())
