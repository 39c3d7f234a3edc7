"""Forms of a text that are compared, never stored: one width, one script, one case, without ornament."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from opencc import OpenCC
from pypinyin import Style, pinyin

_SIMPLIFIED = OpenCC("t2s")
_NOISE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060\ufe00-\ufe0f\ufeff]")
_NOT_WORD = re.compile(r"[^0-9a-z\u3400-\u9fff\U00020000-\U0003ffff%]+")
_HAN = re.compile(r"[\u3400-\u9fff]")
_LATIN = re.compile(r"[a-z]+")


def plain(text: str) -> str:
    """``text`` in NFKC, simplified characters, lower case, without invisible characters."""
    return str(_SIMPLIFIED.convert(_NOISE.sub("", unicodedata.normalize("NFKC", text)).lower()))


def bare(text: str) -> str:
    """``text`` in :func:`plain` form without spaces, punctuation, emoji: two equal questions have equal bare forms."""
    return _NOT_WORD.sub("", plain(text))


def spaced(text: str) -> str:
    """``text`` in :func:`plain` form with everything but letters, digits and characters turned into single spaces."""
    return _NOT_WORD.sub(" ", plain(text)).strip()


def has_han(text: str) -> bool:
    return bool(_HAN.search(text))


@lru_cache(maxsize=8192)
def syllable(character: str) -> str:
    """The usual syllable of a character, without tone, with sounds that are often confused made one (zh/z, ng/n, l/n)."""
    if not _HAN.match(character):
        return character
    return loose(pinyin(character, style=Style.NORMAL)[0][0])


def loose(sound: str) -> str:
    """A syllable with the differences removed that speakers and input methods often confuse."""
    for strict, easy in (("zh", "z"), ("ch", "c"), ("sh", "s")):
        if sound.startswith(strict):
            sound = easy + sound[2:]
            break
    return sound[:-1] if sound.endswith("ng") else sound


@lru_cache(maxsize=8192)
def spelled(character: str) -> str:
    """The syllable of a character as it is typed, without tone: 商 is shang."""
    return pinyin(character, style=Style.NORMAL)[0][0]


def lengths_by_start(sounds: Iterable[tuple[str, ...]]) -> dict[tuple[str, ...], tuple[int, ...]]:
    """How many syllables terms have, the most first, by their first two: few places in a sentence begin any."""
    found: dict[tuple[str, ...], set[int]] = {}
    for sound in sounds:
        if len(sound) >= 2:
            found.setdefault(sound[:2], set()).add(len(sound))
    return {start: tuple(sorted(lengths, reverse=True)) for start, lengths in found.items()}


def latin_runs(text: str) -> list[re.Match[str]]:
    return list(_LATIN.finditer(text))
