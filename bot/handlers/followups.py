"""Completing what was left out: “那外观设计呢？” after “发明保护多久” means “外观设计保护多久”."""

from __future__ import annotations

import re

from bot.knowledge.lexicon import Lexicon
from bot.knowledge.text import bare

_OPENS = re.compile(r"^(那么?|那要是|那如果|如果|要是|假如|然后|还有|另外|再问)")
_CLOSES = re.compile(r"(呢|哩)[？?。！!~～]*$")
_SHORT, _BRIEF = 16, 9


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
    return bool(_OPENS.search(bare(said)) or _CLOSES.search(said.strip()))


def subjects(text: str, lexicon: Lexicon) -> list[str]:
    """The things of the field (专利, 外观设计, 商标 …) that a canonical text names, in the order of the word lists."""
    return [thing for group in lexicon.words.rivals for thing in group if thing in text]


def completions(said: str, before: str, lexicon: Lexicon) -> list[str]:
    """The full questions that an elliptical sentence may stand for, likeliest first.

    ``before`` is the question that was answered last, in canonical form.
    """
    fragment = _CLOSES.sub("", _OPENS.sub("", said.strip()).strip())
    text = lexicon.read(fragment).text
    full = []
    for group in lexicon.words.rivals:
        new = [thing for thing in group if thing in text]
        old = [thing for thing in group if thing in before]
        if new and old and new[0] != old[0]:
            swapped = before.replace(old[0], new[0])
            full.append(swapped if bare(text) == bare(new[0]) else f"{new[0]} {text.replace(new[0], '')}")
    things = [w for w in lexicon.terms_in(before) if w not in text]
    if things:
        full.append(f"{' '.join(things)} {text}")
    full.append(f"{before} {text}")
    return list(dict.fromkeys(full))
