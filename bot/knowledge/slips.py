"""Terms of services that were typed with other characters of the same sound, or in pinyin, and what was meant."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.knowledge.text import has_han, lengths_by_start, spelled, syllable

_LATIN = re.compile(r"[a-z]{2,}(?: [a-z]{2,})*")
_FEWEST = 4  # letters that are taken for pinyin


@dataclass(frozen=True, slots=True)
class Slips:
    """Mends terms that were typed with other characters of the same sound, or in pinyin.

    ``by_sound`` gives the term of a run of syllables, ``by_spelling`` that of letters; ``keep`` are words that only
    sound like a term; ``lengths`` of both, the longest first, by their first two syllables.
    """

    by_sound: Mapping[tuple[str, ...], str]
    by_spelling: Mapping[str, str]
    keep: frozenset[str]
    lengths: Mapping[tuple[str, ...], tuple[int, ...]]

    @classmethod
    def of(cls, terms: Iterable[str], spelled_too: Iterable[str], keep: Iterable[str]) -> Slips:
        """From the terms to mend, the words that are only read in pinyin, and the words to leave alone."""
        terms, spelled_too = tuple(terms), tuple(spelled_too)
        by_sound = {tuple(syllable(c) for c in term): term for term in reversed(terms)}
        by_spelling = {"".join(spelled(c) for c in term): term for term in reversed((*terms, *spelled_too))}
        keep = frozenset((*keep, *terms))
        return cls(by_sound, by_spelling, keep, lengths_by_start((*by_sound, *(tuple(map(syllable, w)) for w in keep))))

    def mend(self, sentence: str) -> str:
        """``sentence`` with the terms that were meant; characters keep their places unless there was pinyin."""
        sentence = _LATIN.sub(lambda run: self._spelled(run[0].replace(" ", "")) or run[0], sentence)
        sounds = tuple(map(syllable, sentence))
        out: list[str] = []
        at = 0
        while at < len(sentence):
            meant, length = self._meant(sentence, sounds, at)
            out.append(meant)
            at += length
        return "".join(out)

    def _meant(self, sentence: str, sounds: tuple[str, ...], at: int) -> tuple[str, int]:
        """What stands at a place, and how long it is."""
        for length in self.lengths.get(sounds[at : at + 2], ()):
            window = sentence[at : at + length]
            if window in self.keep:
                return window, length
            if has_han(window[0]) and (term := self.by_sound.get(sounds[at : at + length])):
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
