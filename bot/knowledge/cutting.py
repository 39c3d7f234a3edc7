"""Cuts text into the words of a vocabulary, the likeliest way: as jieba does without its model for new words.

It gives jieba's words in a third of the time; cutting was half of what it took to read a question.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import log


def cut(text: str, frequencies: Mapping[str, int], total: int) -> list[str]:
    """The words of a text of letters, digits, characters and spaces (see :func:`bot.knowledge.text.spaced`).

    ``frequencies`` has each word and, with 0 unless it is one, each beginning of a word, as jieba's dictionary does;
    ``total`` is their sum. Letters and digits of which no word is known stay together.
    """
    all_of = log(total)
    return [word for run in text.split() for word in _cut_run(run, frequencies, all_of)]


def _cut_run(run: str, frequencies: Mapping[str, int], all_of: float) -> list[str]:
    size = len(run)
    likeliest, ends = [0.0] * (size + 1), [0] * size  # of what begins at each place: the logarithm, and its first word
    for at in range(size - 1, -1, -1):
        best, best_end = None, at + 1
        end, word = at + 1, run[at]
        while end <= size and (count := frequencies.get(word)) is not None:
            if count:
                chance = log(count) - all_of + likeliest[end]
                if best is None or chance >= best:
                    best, best_end = chance, end
            end += 1
            word = run[at:end]
        likeliest[at] = likeliest[at + 1] - all_of if best is None else best
        ends[at] = best_end
    words: list[str] = []
    at, letters = 0, ""
    while at < size:
        word, at = run[at : ends[at]], ends[at]
        if len(word) == 1 and word.isascii() and word.isalnum():
            letters += word
            continue
        if letters:
            words.append(letters)
            letters = ""
        words.append(word)
    if letters:
        words.append(letters)
    return words
