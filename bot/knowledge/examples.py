"""Sentences that show what people want, and which of them another sentence is most like: the last resort of understanding.

Sentences are compared by their runs of one to three characters and by the groups of words that they hold; places,
numbers and quoted names are made alike first.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

NEIGHBOURS = 5
_LONGEST_RUN = 3
_GROUP = 3.0  # weight of a group of words beside that of a run of characters
_MASKS = (
    (re.compile(r"[“\"「『《«][^”\"」』》»]{1,30}[”\"」』》»]"), "Q"),
    (re.compile(r"(?:cn|zl)?\d{6,}[.．]?[\dx]?[a-z]?\d?|xjwd-?\d+-?\d+|\d{4}sr\d+"), "L"),
    (re.compile(r"\d+(?:\.\d+)?|[一二三四五六七八九十百千两]+(?=[个类年月号日项页件万千人名天])"), "N"),
)


@dataclass(frozen=True, slots=True)
class Likeness:
    """The intent that the nearest sentences show, how near the nearest of them is (0 to 1), and that sentence.

    ``asks`` says that the sentence that was likened has words which only a question has.
    """

    intent: str
    closeness: float
    sentence: str
    asks: bool


class Examples:
    """All sentences with their intents, indexed.

    ``groups`` are the groups of words by name, ``place`` finds the name of a place, ``asking`` what only a question has.
    """

    def __init__(
        self,
        sentences: Iterable[tuple[str, str]],
        groups: Mapping[str, re.Pattern[str]],
        place: re.Pattern[str],
        asking: re.Pattern[str],
    ) -> None:
        self._groups, self._place, self._asking = groups, place, asking
        self._sentences = tuple(sentences)
        seen = [self._features(sentence) for _, sentence in self._sentences]
        held = Counter(feature for features in seen for feature in features)
        size = len(seen)
        self._strange = math.log(1 + size)
        self._rarity = {feature: math.log(1 + size / count) for feature, count in held.items()}
        holders: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)
        for number, features in enumerate(seen):
            for feature, weight in self._weighed(features).items():
                holders[feature].append((number, weight))
        # where each feature stands: the numbers of the sentences, and its weight in each
        self._postings = {
            feature: (np.array([n for n, _ in found], np.intp), np.array([w for _, w in found]))
            for feature, found in holders.items()
        }

    def _features(self, sentence: str) -> dict[str, float]:
        for mask, letter in _MASKS:
            sentence = mask.sub(letter, sentence)
        sentence = self._place.sub("P", sentence)
        runs = (sentence[at : at + n] for n in range(1, _LONGEST_RUN + 1) for at in range(len(sentence) - n + 1))
        groups = {f"{{{name}}}": _GROUP for name, pattern in self._groups.items() if pattern.search(sentence)}
        return {**dict.fromkeys(runs, 1.0), **groups}

    def _weighed(self, features: Mapping[str, float]) -> dict[str, float]:
        """Features with their rarity, as a vector of length one."""
        weights = {f: w * self._rarity.get(f, self._strange) for f, w in features.items()}
        length = math.sqrt(sum(w * w for w in weights.values())) or 1.0
        return {feature: weight / length for feature, weight in weights.items()}

    def liken(self, sentence: str) -> Likeness | None:
        """What the sentences nearest to ``sentence`` show; None when there are none."""
        weighed = self._weighed(self._features(sentence))
        shared = [
            (*self._postings[feature], weight) for feature, weight in weighed.items() if feature in self._postings
        ]
        if not shared:
            return None
        numbers = np.concatenate([numbers for numbers, _, _ in shared])
        near = np.bincount(numbers, np.concatenate([weights * weight for _, weights, weight in shared]))
        nearest = [(int(n), float(near[n])) for n in np.argsort(-near, kind="stable")[:NEIGHBOURS] if near[n] > 0]
        votes: defaultdict[str, float] = defaultdict(float)
        for number, closeness in nearest:
            votes[self._sentences[number][0]] += closeness**2
        intent = max(votes, key=votes.__getitem__)
        number, closeness = next(found for found in nearest if self._sentences[found[0]][0] == intent)
        return Likeness(intent, closeness, self._sentences[number][1], bool(self._asking.search(sentence)))
