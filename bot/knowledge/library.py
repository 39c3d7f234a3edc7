"""The loaded content as one thing: entries by id and topic, answers as of a day, and the search over them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from bot.knowledge.confidence import ASK, BOTH, NEAR, WORDS, Evidence, Likeness, Weighing, blend, confidence
from bot.knowledge.content import Content, Topic, read_content
from bot.knowledge.entries import Entry
from bot.knowledge.laws import Basis
from bot.knowledge.lexicon import Lexicon, Vocabulary, Words, learn_vocabulary, read_words
from bot.knowledge.matching import Document, Hit, Index, Prepared, prepare
from bot.messages import Citation


@dataclass(frozen=True, slots=True)
class Sure:
    """One entry answers."""

    entry: Entry
    confidence: float


@dataclass(frozen=True, slots=True)
class Near:
    """Several entries may be meant, at most four, best first."""

    entries: tuple[Entry, ...]
    confidence: float


@dataclass(frozen=True, slots=True)
class Nothing:
    """No entry answers; the closest ones, best first."""

    closest: tuple[Entry, ...]
    confidence: float


Found = Sure | Near | Nothing
MOST_CHOICES = 4
_JUDGED = 16  # hits that are looked at
_SAME = 0.9  # so close, a question is one of the ways of asking: no other entry is as good


class ByMeaning(Protocol):
    """The semantic stage (``meaning.Meaning``, where its extra is installed and its vectors are made)."""

    def compare(self, question: str, ids: tuple[str, ...]) -> Mapping[str, Likeness]:
        """How near ``ids`` are to a question, and the entries that are nearest of all."""
        ...

    def vectors(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The vectors of texts, of length one, a row each."""
        ...


@dataclass(frozen=True, slots=True)
class Judged:
    """The hits for a question, best first; what speaks for the first one; the probability that it answers."""

    hits: tuple[Hit, ...]
    evidence: Evidence | None
    confidence: float

    @property
    def by_meaning(self) -> bool:
        """Whether words were not sure, so that the meaning was asked."""
        return self.evidence is not None and self.evidence.weighing is BOTH


@dataclass(frozen=True, slots=True)
class PreparedContent:
    """The content with what is slow to make of it; plain data, so that it can be kept between starts."""

    content: Content
    words: Words
    vocabulary: Vocabulary
    documents: tuple[Prepared, ...]


def prepare_content(folder: Path, today: date) -> PreparedContent:
    """Read the content folder and prepare it for the index."""
    content, _ = read_content(folder, today)
    words = read_words(folder)
    entries = content.entries.values()
    vocabulary = learn_vocabulary((text for e in entries for text in (e.title, *e.questions)), words)
    lexicon = Lexicon(words, vocabulary)
    documents = tuple(prepare(_document(entry), lexicon) for entry in entries)
    return PreparedContent(content, words, vocabulary, documents)


def _document(entry: Entry) -> Document:
    """An entry as it is indexed."""
    answer = " ".join(p.text for p in (*entry.body, *entry.more))
    return Document(entry.id, entry.title, entry.questions, answer, entry.topic)


def _last_checked(content: Content) -> dict[tuple[str, str | None], date]:
    """When an entry that rests on a law and article (None: on anything of the law) was last reviewed."""
    last: dict[tuple[str, str | None], date] = {}
    for entry in content.entries.values():
        for basis in entry.basis:
            for key in ((basis.law, basis.article), (basis.law, None)):
                last[key] = max(entry.reviewed, last.get(key, entry.reviewed))
    return last


@dataclass(frozen=True)
class Library:
    """The content, indexed. Shared by all threads and never changed; new content makes a new library."""

    content: Content
    lexicon: Lexicon
    index: Index
    _by_topic: Mapping[str, tuple[Entry, ...]] = field(repr=False)
    _checked: Mapping[tuple[str, str | None], date] = field(repr=False)
    meaning: ByMeaning | None = field(default=None, repr=False)
    base: Library | None = field(default=None, repr=False)  # what entries were added to
    added: tuple[tuple[str, str], ...] = field(default=(), repr=False)  # what was added: file and text

    @classmethod
    def of(cls, prepared: PreparedContent) -> Library:
        """Index prepared content."""
        content = prepared.content
        lexicon = Lexicon(prepared.words, prepared.vocabulary)
        by_topic: dict[str, list[Entry]] = {}
        for entry in content.entries.values():
            by_topic.setdefault(entry.topic, []).append(entry)
        index = Index(prepared.documents, lexicon)
        shelves = {topic: tuple(entries) for topic, entries in by_topic.items()}
        return cls(content, lexicon, index, shelves, _last_checked(content))

    @classmethod
    def open(cls, folder: Path, today: date) -> Library:
        """Read ``folder`` and index it. Faulty entries are left out (``ipbot content check`` names them)."""
        return cls.of(prepare_content(folder, today))

    def ways(self) -> dict[str, tuple[str, ...]]:
        """The ways people ask for each entry, its title first."""
        return {e.id: (e.title, *e.questions) for e in self.content.entries.values()}

    def with_entries(self, entries: Iterable[Entry], added: tuple[tuple[str, str], ...]) -> Library:
        """This content with more entries, searched by words (0.3 s). ``added`` is what they were read from."""
        more = {entry.id: entry for entry in entries}
        by_topic = dict(self._by_topic)
        for entry in more.values():
            by_topic[entry.topic] = (*by_topic.get(entry.topic, ()), entry)
        content = replace(self.content, entries={**self.content.entries, **more})
        documents = [prepare(_document(entry), self.lexicon) for entry in more.values()]
        index = Index((*self.index.documents, *documents), self.lexicon)
        return Library(content, self.lexicon, index, by_topic, _last_checked(content), base=self, added=added)

    def with_meaning(self, meaning: ByMeaning | None) -> Library:
        """The same content, searched by meaning as well."""
        return replace(self, meaning=meaning)

    def entry(self, id: str, day: date) -> Entry | None:
        """The entry of this id, if there is one that holds on ``day``."""
        entry = self.content.entries.get(id)
        return entry if entry and entry.holds_on(day) else None

    def on_topic(self, topic: str, day: date) -> tuple[Entry, ...]:
        return tuple(e for e in self._by_topic.get(topic, ()) if e.holds_on(day))

    def topics(self, day: date) -> tuple[Topic, ...]:
        """The topics that have an entry, in the order of the menu."""
        return tuple(t for t in self.content.topics if self._has_entry(t.id, day))

    def topic(self, id: str, day: date) -> Topic | None:
        """The topic of this id, if there is one that has an entry."""
        return next((t for t in self.content.topics if t.id == id and self._has_entry(id, day)), None)

    def _has_entry(self, topic: str, day: date) -> bool:
        return any(entry.holds_on(day) for entry in self._by_topic.get(topic, ()))

    def search(self, question: str, day: date) -> Found:
        """What answers ``question`` on ``day``: one entry, a few to choose from, or nothing."""
        judged = self.judge(question, day)
        if judged.evidence is None:
            return Nothing((), 0.0)
        hits, evidence, sure = judged.hits, judged.evidence, judged.confidence
        entries = [self.content.entries[hit.id] for hit in hits]
        weighing = evidence.weighing
        if sure >= weighing.sure and (evidence.margin >= weighing.tie or evidence.score >= _SAME):
            return Sure(entries[0], sure)
        if sure < (NEAR if evidence.grounded else 2 * NEAR):
            return Nothing(tuple(entries[:3]), sure)
        close = [e for e, hit in zip(entries, hits, strict=True) if hit.score > hits[0].score * 0.7]
        return Near(tuple(close[:MOST_CHOICES]), sure)

    def judge(self, question: str, day: date, ask: float = ASK) -> Judged:
        """The hits for a question: by words, and where these are less sure than ``ask`` by meaning as well."""
        hits = self.hits(question, day, limit=_JUDGED)
        if not hits:
            return Judged((), None, 0.0)
        evidence = self.evidence(question, hits)
        sure = confidence(evidence)
        if self.meaning is not None and sure < ask:
            hits = self._blended(self.meaning, question, hits, day)
            evidence = self.evidence(question, hits, BOTH)
            sure = confidence(evidence)
        return Judged(tuple(hits), evidence, sure)

    def _blended(self, meaning: ByMeaning, question: str, hits: Sequence[Hit], day: date) -> list[Hit]:
        """The hits by words with those that are near by meaning, best first by both."""
        likenesses = meaning.compare(question, tuple(hit.id for hit in hits))
        known = {hit.id for hit in hits}
        more = [id for id in likenesses if id not in known and self.content.entries[id].holds_on(day)]
        blended = [
            Hit(
                hit.id,
                blend(hit.score, likeness),
                hit.way,
                {**hit.features, "words": hit.score, "meaning": likeness.closest, "rank": likeness.rank},
            )
            for hit in (*hits, *self.index.compare(question, more))
            if (likeness := likenesses[hit.id])
        ]
        return sorted(blended, key=lambda hit: hit.score, reverse=True)

    def evidence(self, question: str, hits: Sequence[Hit], weighing: Weighing = WORDS) -> Evidence:
        """What speaks for the best of ``hits``."""
        text = self.lexicon.read(question).text
        return Evidence(
            score=hits[0].score,
            margin=hits[0].score - (hits[1].score if len(hits) > 1 else 0.0),
            unknown=self.index.unknown(question),
            grounded=bool(self.lexicon.terms_in(text)),
            both=hits[0].features["both"],
            covered=hits[0].features["entry"],
            alike=hits[0].features["alike"],
            weighing=weighing,
        )

    def hits(self, question: str, day: date, limit: int = 6) -> list[Hit]:
        found = self.index.search(question, limit * 2)
        return [hit for hit in found if self.content.entries[hit.id].holds_on(day)][:limit]

    def cite(self, entry: Entry, day: date) -> tuple[Citation, ...]:
        """The legal basis of ``entry`` as of ``day``."""
        return self.cite_basis(entry.basis, entry.reviewed, day)

    def cite_basis(self, basis: Iterable[Basis], checked: date, day: date) -> tuple[Citation, ...]:
        """What of ``basis`` holds on ``day``, last ``checked`` then."""
        return tuple(self._citation(b.law, b.article, checked, day) for b in basis if b.holds_on(day))

    def cite_law(self, basis: str, day: date) -> Citation:
        """``basis`` (商标法 第二十二条, or the short name alone of a notice) as of ``day``, checked when an entry that rests
        on it was last reviewed. Raises KeyError for a law that there is not."""
        law, _, article = basis.partition(" ")
        checked = self._checked.get((law, article or None)) or self._checked[law, None]
        return self._citation(law, article or None, checked, day)

    def _citation(self, short: str, article: str | None, checked: date, day: date) -> Citation:
        law = self.content.laws[short]
        return Citation(
            law=law.short,
            article=article,
            status=law.status_on(day),
            in_force=law.in_force.isoformat() if law.in_force else None,
            checked=checked.isoformat(),
            url=law.url,
        )
