"""Sentences that go on from the last answer: “那外观设计呢？” after “发明保护多久” means “外观设计保护多久”.

Each entry that may be meant is judged by how close it comes to what was said, alone and completed in the likely ways, and
by how near it stands to the entry that answered last. The weights are fitted by ``benchmarks/fit_followups.py`` on the
training dialogues.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from bot.knowledge.entries import Entry
from bot.knowledge.lexicon import Lexicon
from bot.knowledge.library import Library
from bot.knowledge.text import bare

_OPENS = re.compile(r"^(那么?|那要是|那如果|如果|要是|假如|然后|还有|另外|再问)")
_CLOSES = re.compile(r"(呢|哩|也是这样吗|也这样吗|也是吗|也一样吗|一样吗|是不是也这样)[？?。！!~～]*$")
_POINTS = re.compile(r"(?<!办)(?:这个|那个|这种|那种|它们?)(?!人|月|标|商|专|字|词)")
_INVENTION = "发明"
_SHORT, _BRIEF = 16, 9
_LOOKED_AT = 12  # entries looked at for each completed question
WEIGHTS = (6.76, 8.97, 1.43, 2.35, -0.59, 2.25, 7.5)
_CLOSE, _HELD, _HELD_BY_KIN = 0.35, 0.25, 0.1  # what is meant must come so close, and hold this share of what was said


@dataclass(frozen=True, slots=True)
class Kinship:
    """What speaks for an entry as the continuation of a conversation.

    ``alone`` and ``completed`` are its closeness (0 to 1) to what was said and to the best completed question; ``held`` is
    the share of what was said that it holds; the others say how it stands to the entry that answered last.
    """

    alone: float
    completed: float
    topic: bool
    related: bool
    same: bool
    law: bool
    held: float

    def features(self) -> tuple[float, ...]:
        alike = (self.topic, self.related, self.same, self.law)
        return (self.alone, self.completed, *map(float, alike), self.held)

    @property
    def score(self) -> float:
        return sum(w * x for w, x in zip(WEIGHTS, self.features(), strict=True))


@dataclass(frozen=True, slots=True)
class Continued:
    """An entry that may be meant, the question as it was completed for it, and what speaks for it."""

    entry: Entry
    question: str
    kinship: Kinship

    @property
    def close(self) -> float:
        return max(self.kinship.alone, self.kinship.completed)

    @property
    def kin(self) -> bool:
        """Whether it stands beside the entry that answered last."""
        return self.kinship.topic or self.kinship.related


def resolve(said: str, before: str, last: Entry, library: Library, day: date) -> Continued | None:
    """What ``said`` means after ``last`` has answered ``before`` (canonical); None when nothing comes close."""
    best = max(continuations(said, before, last, library, day), key=lambda c: c.kinship.score, default=None)
    if best is None or best.close < _CLOSE or best.kinship.held < (_HELD_BY_KIN if best.kin else _HELD):
        return None
    return best


def continuations(said: str, before: str, last: Entry, library: Library, day: date) -> Iterator[Continued]:
    """All entries that may be meant, in no order."""
    completed: dict[str, tuple[float, str]] = {}
    for question in completions(said, before, last.title, library.lexicon):
        for hit in library.hits(question, day, limit=_LOOKED_AT):
            completed[hit.id] = max(completed.get(hit.id, (0.0, "")), (hit.score, question))
    near = {entry.id for entry in library.on_topic(last.topic, day)} | set(last.related)
    near |= {hit.id for hit in library.hits(said, day, limit=_LOOKED_AT)}
    alone = library.index.closeness(said, near | completed.keys())
    laws = {basis.law for basis in last.basis_on(day)}
    for id, closeness in alone.items():
        entry = library.entry(id, day)
        if entry is None:
            continue
        score, question = completed.get(id, (0.0, said))
        kinship = Kinship(
            alone=closeness,
            completed=score,
            topic=entry.topic == last.topic,
            related=id in last.related or last.id in entry.related,
            same=id == last.id,
            law=any(basis.law in laws for basis in entry.basis_on(day)),
            held=library.index.share(id, said),
        )
        yield Continued(entry, question if score > closeness else said, kinship)


def is_elliptical(said: str, lexicon: Lexicon) -> bool:
    """Whether a sentence leaves out what it is about, so that it must be read with what came before."""
    words = bare(said)
    if len(words) > _SHORT:
        return False
    if points_back(said):
        return True
    text = lexicon.read(said).text
    return len(words) <= _BRIEF and not subjects(text, lexicon)


def points_back(said: str) -> bool:
    """Whether a sentence says itself that it goes on from what came before: 那…, …呢."""
    return bool(_OPENS.search(bare(said)) or _CLOSES.search(said.strip()) or _POINTS.search(said))


def subjects(text: str, lexicon: Lexicon) -> list[str]:
    """The things of the field (专利, 外观设计, 商标 …) that a canonical text names, in the order of the word lists."""
    named = [thing for group in lexicon.words.rivals for thing in group if thing in text]
    if _INVENTION in text and not any(_INVENTION in thing for thing in named):
        named.insert(0, _INVENTION)
    return named


def completions(said: str, before: str, title: str, lexicon: Lexicon) -> list[str]:
    """The full questions that an elliptical sentence may stand for, likeliest first.

    ``before`` is the question that was answered last, in canonical form; ``title`` that of the entry that answered it.
    """
    fragment = _POINTS.sub("", _CLOSES.sub("", _OPENS.sub("", said.strip()).strip()))
    text = lexicon.read(fragment).text
    title = lexicon.read(title).text
    new = subjects(text, lexicon)
    full = []
    for asked in (before, title):
        old = [thing for thing in subjects(asked, lexicon) if thing not in new]
        if new and old:
            full.append(_swapped(asked, old, new[0], text.replace(new[0], "")))
        things = [word for word in lexicon.terms_in(asked) if word not in text and not (new and word in old)]
        if things:
            full.append(f"{' '.join(things)} {text}")
        full.append(f"{asked} {text}")
    return list(dict.fromkeys(full))


def _swapped(asked: str, old: list[str], new: str, rest: str) -> str:
    """``asked`` about another thing; with words of its own the new sentence keeps only the thing."""
    if bare(rest):
        return f"{new} {rest}"
    longest = max((thing for thing in old), key=len)
    about = asked.replace(longest, new, 1)
    for thing in old:
        about = about.replace(thing, "") if thing not in new else about
    return about
