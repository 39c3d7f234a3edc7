"""What a question is about, as far as it matters for telling whether two questions want the same answer.

Read from ``content/words/likeness.yaml``: what is asked of a thing (aspects), things and acts with the everyday words for
them (concepts), words that say nothing (passing). Wider than the synonyms, which decide answers; this decides nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from bot.knowledge.lexicon import Lexicon, Words
from bot.knowledge.problems import Faults, Problem
from bot.knowledge.text import spaced

FILE = "words/likeness.yaml"
CONCEPT, WORD, CHARACTER = 1.0, 0.5, 0.25
_ASPECT = "@"
_MAPS, _LISTS = ("aspects", "concepts", "compounds"), ("passing", "decisive", "weak")


@dataclass(frozen=True, slots=True)
class Table:
    """The word list as data. ``names`` gives what a form says: concepts, and aspects with an @ before them; nothing for
    one that says nothing. ``decisive`` concepts change the question; ``weak`` aspects do not make two questions
    different by themselves."""

    names: Mapping[str, tuple[str, ...]]
    decisive: frozenset[str]
    weak: frozenset[str]


@dataclass(frozen=True, slots=True)
class Gist:
    """What is asked (``aspects``), and of what (``things``: concepts with = before them, other words, single
    characters; each with the weight of its kind). ``text`` is the question without spaces, pinyin written out."""

    aspects: frozenset[str]
    things: Mapping[str, float]
    text: str


def read_table(content: Path, words: Words) -> tuple[Table, list[Problem]]:
    """Read the word list and check it; synonyms and terms of the field are concepts too."""
    faults = Faults(FILE)
    try:
        raw = yaml.load((content / FILE).read_text(encoding="utf-8"), Loader=yaml.CBaseLoader) or {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        faults.add("文件", f"读不出来：{' '.join(str(error).split())}")
        raw = {}
    maps = {key: raw.get(key, {}) for key in _MAPS}
    lists = {key: raw.get(key, []) for key in _LISTS}
    for key, value in (*maps.items(), *lists.items()):
        if not isinstance(value, dict if key in maps else list):
            faults.add(key, "应为“名称: [说法, 说法]”" if key in maps else "应为列表")
            return Table({}, frozenset(), frozenset()), faults.found
    aspects = {form: _ASPECT + name for name, forms in maps["aspects"].items() for form in forms}
    concepts: dict[str, tuple[str, ...]] = {f: (n,) for n, forms in maps["concepts"].items() for f in forms}
    concepts |= {form: tuple(names) for form, names in maps["compounds"].items()}
    terms = {form: term for term, forms in words.terms.items() for form in (term, *forms)}
    names = {form: concepts.get(term, (aspects[term],) if term in aspects else (term,)) for form, term in terms.items()}
    names |= concepts
    names |= {t: (t,) for t in words.dictionary if t not in names and t not in aspects and not _splits(t, names)}
    names |= {form: (aspect,) for form, aspect in aspects.items()}
    _check(maps["compounds"], lists, aspects, names, faults)
    for form in lists["passing"]:
        names.setdefault(form, ())
    return Table(names, frozenset(lists["decisive"]), frozenset(lists["weak"])), faults.found


def _check(
    compounds: Mapping[str, list[str]],
    lists: Mapping[str, list[str]],
    aspects: Mapping[str, str],
    names: Mapping[str, tuple[str, ...]],
    faults: Faults,
) -> None:
    """Names that nothing bears."""
    known = {name for some in names.values() for name in some if not name.startswith(_ASPECT)}
    for name in sorted({*lists["decisive"]} - known):
        faults.add("decisive", f"“{name}”不在 concepts 里")
    for name in sorted({*lists["weak"]} - {aspect[1:] for aspect in aspects.values()}):
        faults.add("weak", f"“{name}”不在 aspects 里")
    for form, parts in compounds.items():
        for name in parts:
            if name.startswith(_ASPECT) and name not in aspects.values():
                faults.add("compounds", f"“{form}”里的“{name}”不在 aspects 里")


def _splits(term: str, forms: Mapping[str, object]) -> bool:
    """Whether a term is two others, one behind the other: 商标 and 转让."""
    return any(term[:at] in forms and term[at:] in forms for at in range(1, len(term)))


class Gists:
    """Reads questions. One is made for the loaded content; it is shared by all threads and never changed."""

    def __init__(self, table: Table, lexicon: Lexicon) -> None:
        self.table = table
        self.lexicon = lexicon
        long = sorted((form for form in table.names if len(form) >= 2), key=lambda form: (-len(form), form))
        self._forms = re.compile("|".join(map(re.escape, long)) or r"(?!)")
        self.read = lru_cache(maxsize=8192)(self._read)

    def _read(self, question: str) -> Gist:
        """The gist of a question. What the list knows is taken as it stands; only the rest is looked through for slips."""
        found: dict[str, None] = {}

        def take(form: str) -> bool:
            names = self.table.names.get(form)
            found.update(dict.fromkeys(names or ()))
            return names is not None

        def cut_out(match: re.Match[str]) -> str:
            # what says nothing ends a word as well; a single character is looked at when the rest is cut
            take(match[0])
            return "\n"

        text = self.lexicon.spell(spaced(question))
        rest = self._forms.sub(cut_out, text.replace(" ", "\n"))
        mended = "\n".join(self.lexicon.mend(part)[0] for part in rest.split())
        words = [w for part in self._forms.sub(cut_out, mended).split() for w in self.lexicon.cut(part) if not take(w)]
        aspects = frozenset(name[1:] for name in found if name.startswith(_ASPECT))
        things = {"=" + name: CONCEPT for name in found if not name.startswith(_ASPECT)}
        return Gist(aspects, {**things, **_weights(words)}, text.replace(" ", ""))


def _weights(words: Iterable[str]) -> dict[str, float]:
    """Words that the list does not know. The characters of one count too: the last one often names its kind."""
    weights: dict[str, float] = {}
    for word in words:
        if len(word) >= 2:
            weights[word] = WORD
        for character in word:
            weights.setdefault(character, CHARACTER)
    return weights
