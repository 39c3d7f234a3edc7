"""From a sentence to what it is compared by: slips mended, synonyms made one, senses named, weights given.

Read from ``content/words``: ``dictionary.txt`` (terms of the field) and ``synonyms.yaml``.
"""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import jieba
import yaml

from bot.knowledge.cutting import cut
from bot.knowledge.numerals import chinese_number
from bot.knowledge.text import bare, has_han, latin_runs, lengths_by_start, plain, spaced, spelled, syllable

WORD, SINGLE, PAIR, SENSE, PHRASE = 1.0, 0.35, 0.4, 1.0, 0.3
_KINDS = {"@": SENSE, "~": PHRASE, "#": PAIR}
_COMMON = 60  # a two-character word more frequent than this in general Chinese is no slip
_NUMERAL = re.compile(
    r"([零〇一二三四五六七八九十百千两]+)(?=年|个月|月|日|天|元|块|万|类|页|项|次|倍|名|个人|条|件|成)"
)
_HAN_RUN = re.compile(r"[\u3400-\u9fff]+")
_PARTICLES = r"[啊呀吧呢哦喔嘛哈咧撒额呃嗯哎唉噢耶哟](?=$|[^\u3400-\u9fff]|[啊呀吧呢哦喔嘛哈咧撒])"
_RARE = 5  # words of general Chinese with a smaller count in jieba's dictionary are left out
_SCRAP = 4  # characters of a sentence that without a term of the field is about nothing
_FREQUENT = 4  # a word or pair of characters that stands so often in the content belongs to the field


@dataclass(frozen=True, slots=True)
class Reading:
    """A sentence as it is compared.

    ``text`` is the mended sentence with synonyms made one; ``tokens`` its tokens with their kind's weight;
    ``mended`` the slips that were corrected, (typed, meant).
    """

    text: str
    tokens: Mapping[str, float]
    mended: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Words:
    """The word lists as data."""

    dictionary: tuple[str, ...]
    terms: Mapping[str, tuple[str, ...]]
    senses: Mapping[str, tuple[str, ...]]
    fillers: tuple[str, ...]
    rivals: tuple[tuple[str, ...], ...]


def weight_of(token: str) -> float:
    """The weight of the kind of a token: a sense, a phrase that names one, a pair of characters, a word, a single one."""
    return _KINDS.get(token[0]) or (WORD if len(token) >= 2 else SINGLE)


def read_words(content: Path) -> Words:
    """Read the word lists; every form is made plain."""
    folder = content / "words"
    lists = yaml.load((folder / "synonyms.yaml").read_text(encoding="utf-8"), Loader=yaml.CBaseLoader)
    lines = (folder / "dictionary.txt").read_text(encoding="utf-8").splitlines()
    return Words(
        dictionary=tuple(plain(line.strip()) for line in lines if line.strip() and not line.startswith("#")),
        terms={plain(k): tuple(plain(v) for v in vs or ()) for k, vs in lists["terms"].items()},
        senses={k: tuple(plain(v) for v in vs or ()) for k, vs in lists["senses"].items()},
        fillers=tuple(plain(f) for f in lists["fillers"]),
        rivals=tuple(tuple(plain(m) for m in group) for group in lists["rivals"]),
    )


def _longest_first(forms: Iterable[str]) -> str:
    return "|".join(re.escape(form) for form in sorted(set(forms), key=lambda f: (-len(f), f)))


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What is known of words besides the word lists.

    ``frequencies`` of general Chinese as jieba has them (with every beginning of a word, as jieba wants it; words that
    are hardly ever used are left out, which halves the time to load); ``pairs`` of characters and ``words`` (most
    frequent first) that stand often in the questions of the content.
    """

    frequencies: Mapping[str, int]
    total: int
    pairs: frozenset[str] = frozenset()
    words: tuple[str, ...] = ()


def learn_vocabulary(texts: Iterable[str], words: Words) -> Vocabulary:
    """The vocabulary of general Chinese, of the word lists, and of ``texts`` (the questions of the content)."""
    jieba.setLogLevel(logging.WARNING)
    general = jieba.Tokenizer()
    general.initialize()
    for term in {*words.dictionary, *words.terms, *(form for forms in words.terms.values() for form in forms)}:
        if has_han(term):
            general.add_word(term)
    kept = {word: count for word, count in general.FREQ.items() if count >= _RARE}
    for word in tuple(kept):
        for end in range(1, len(word)):
            kept.setdefault(word[:end], 0)
    vocabulary = Vocabulary(kept, general.total)
    pairs: Counter[str] = Counter()
    found: Counter[str] = Counter()
    for text in texts:
        for run in _HAN_RUN.findall(text):
            pairs.update(a + b for a, b in pairwise(run))
            found.update(word for word in cut(run, kept, general.total) if len(word) >= 2)
    return replace(
        vocabulary,
        pairs=frozenset(pair for pair, count in pairs.items() if count >= _FREQUENT),
        words=tuple(word for word, count in found.most_common() if count >= _FREQUENT),
    )


class Lexicon:
    """Reads sentences. One is made for the loaded content; it is shared by all threads and never changed."""

    def __init__(self, words: Words, vocabulary: Vocabulary) -> None:
        self._frequencies, self._total = vocabulary.frequencies, vocabulary.total
        self.words = words
        self._same = {form: term for term, forms in words.terms.items() for form in forms}
        self._sense = {phrase: sense for sense, phrases in words.senses.items() for phrase in phrases}
        self._known = {*words.dictionary, *words.terms, *self._same}
        self._synonyms = re.compile(_longest_first((*self._same, *self._known)))
        self._phrases = re.compile(_longest_first((*self._known, *self._sense)))
        self._fillers = re.compile(_longest_first(words.fillers) + "|" + _PARTICLES)
        self._common_pairs = vocabulary.pairs
        mendable = dict.fromkeys((*words.dictionary, *words.terms, *self._same, *self._sense, *vocabulary.words))
        self._by_sound: dict[tuple[str, ...], str] = {}
        self._by_spelling: dict[str, str] = {}
        for term in mendable:
            if len(term) >= 2 and all(has_han(c) for c in term):
                self._by_sound.setdefault(tuple(syllable(c) for c in term), term)
                self._by_spelling.setdefault("".join(spelled(c) for c in term), term)
        self._never_mended = self._known | set(self._sense) | set(vocabulary.words)
        self._lengths = lengths_by_start((*self._by_sound, *(tuple(map(syllable, w)) for w in self._never_mended)))
        self.read = lru_cache(maxsize=4096)(self._read)

    # -- slips ---------------------------------------------------------------------------------------------

    def mend(self, text: str) -> tuple[str, list[tuple[str, str]]]:
        """Correct terms of the field that were typed with other characters of the same sound, or in pinyin."""
        mended: list[tuple[str, str]] = []
        text = self._mend_spelling(text, mended)
        sounds = tuple(map(syllable, text))
        out: list[str] = []
        i = 0
        while i < len(text):
            length, window = 1, text[i]
            for longer in self._lengths.get(sounds[i : i + 2], ()):
                if i + longer > len(text):
                    continue
                typed = text[i : i + longer]
                if typed in self._never_mended:
                    length, window = longer, typed
                    break
                meant = self._by_sound.get(sounds[i : i + longer]) if has_han(typed[0]) else None
                if meant and meant != typed and self._is_slip(typed, text, i):
                    mended.append((typed, meant))
                    length, window = longer, meant
                    break
            out.append(window)
            i += length
        return "".join(out), mended

    def spell(self, text: str) -> str:
        """A :func:`spaced` text with terms that were typed in pinyin, and numerals, written out; no other slip is mended."""
        text = self._mend_spelling(text, [])
        return _NUMERAL.sub(lambda m: str(chinese_number(m[1])), text)

    def _is_slip(self, window: str, text: str, at: int) -> bool:
        if len(window) > 2:
            return True
        if window in self._common_pairs or (self._frequencies.get(window) or 0) > _COMMON:
            return False
        before, after = text[at - 1 : at] + window[0], window[1] + text[at + 2 : at + 3]
        return not any((self._frequencies.get(pair) or 0) > 20 * _COMMON for pair in (before, after))

    def _mend_spelling(self, text: str, mended: list[tuple[str, str]]) -> str:
        """Turn runs of Latin letters that spell terms of the field into these terms."""

        def replace(run: re.Match[str]) -> str:
            letters, out, at = run[0].replace(" ", ""), [], 0
            while at < len(letters):
                for end in range(min(len(letters), at + 30), at + 2, -1):
                    if term := self._by_spelling.get(letters[at:end]):
                        out.append(term)
                        at = end
                        break
                else:
                    return run[0]
            mended.append((run[0], "".join(out)))
            return "".join(out)

        if not latin_runs(text):
            return text
        text = re.sub(r"[a-z]+(?: [a-z]+)+", replace, text)
        return re.sub(r"[a-z]{4,}", replace, text)

    # -- reading -------------------------------------------------------------------------------------------

    def canonical(self, text: str) -> tuple[str, tuple[tuple[str, str], ...]]:
        """``text`` plain, mended, with synonyms made one and fillers removed."""
        text, mended = self.mend(spaced(text))
        text = _NUMERAL.sub(lambda m: str(chinese_number(m[1])), text)
        text = self._synonyms.sub(lambda m: self._same.get(m[0], m[0]), text)
        text = self._fillers.sub(" ", text)
        return " ".join(text.split()), tuple(mended)

    def _read(self, text: str) -> Reading:
        canonical, mended = self.canonical(text)
        return Reading(canonical, self._tokens(canonical), mended)

    def words_of(self, text: str) -> frozenset[str]:
        """The tokens of a text that was written with care (an answer): no slips are looked for."""
        return frozenset(self._tokens(self._synonyms.sub(lambda m: self._same.get(m[0], m[0]), spaced(text))))

    def _tokens(self, canonical: str) -> dict[str, float]:
        tokens: dict[str, float] = {}

        def take_sense(match: re.Match[str]) -> str:
            sense = self._sense.get(match[0])
            if sense is None or match[0] in self._known:
                return match[0]
            tokens["@" + sense] = SENSE
            tokens["~" + match[0]] = PHRASE
            return " "

        rest = self._phrases.sub(take_sense, canonical)
        for word in cut(rest, self._frequencies, self._total):
            if len(word) >= 2:
                tokens[word] = WORD
            elif word.isalnum():
                tokens[word] = SINGLE
        for run in _HAN_RUN.findall(rest):
            for a, b in pairwise(run):
                tokens["#" + a + b] = PAIR
        return tokens

    def terms_in(self, text: str) -> list[str]:
        """The terms of the field that stand in a canonical text, in their order there."""
        return [m[0] for m in self._phrases.finditer(text) if m[0] in self._known]

    def names_something(self, text: str) -> bool:
        """Whether a sentence is about anything: a word besides what it asks (多少钱, 怎么办), and not only a scrap (为啥)."""
        reading = self.read(text)
        if not any(len(t) >= 2 and t[0] not in "@~" for t in reading.tokens):
            return False
        return len(bare(text)) > _SCRAP or bool(self.terms_in(reading.text)) or not has_han(text)

    def cut(self, text: str) -> list[str]:
        """The words of ``text`` one after the other, nothing mended or left out."""
        return cut(text, self._frequencies, self._total)

    def knows(self, word: str) -> bool:
        """Whether general Chinese or the field has this word."""
        return word in self._known or (self._frequencies.get(word) or 0) > 0
