"""A whole WeChat turn beside two yardsticks, in one run.

    python -m benchmarks.turn [--seconds N] [--quick]

Measured are a bare wechatpy and aiohttp echo in safe mode (``echo``), the obvious bot (``obvious``), and this product as
``ipbot serve`` runs it: HTTP in, signature, AES, repeat check, retrieval, database, reply out. At 1, 16 and 64
connections, on SQLite and, when IPBOT_TEST_POSTGRESQL names one, on PostgreSQL. They take turns, so that a slow moment
hits all of them. Every answer is checked. Prints Markdown: the figures, the aims, and where the time of a turn goes.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from collections import defaultdict
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from sqlalchemy import create_engine

from benchmarks.load import PEOPLE, Crowd, Run, drive
from benchmarks.servers import POSTGRESQL, Server, on_core, postgresql, settings, start
from bot.app import APOLOGY

CONNECTIONS = (1, 16, 64)
ECHO, OBVIOUS, PRODUCT = "echo", "obvious bot", "ipbot"
SQLITE, POSTGRES = "SQLite", "PostgreSQL"
WARM_UP = 300  # deliveries, before the first round and to know how many to make ready
LONGEST_WARM_UP = 10.0  # seconds


@dataclass(frozen=True, slots=True)
class Figures:
    """Answers a second, milliseconds until half and 99 in 100 of them, and microseconds of processor time for each."""

    rate: float
    p50: float
    p99: float
    cpu: float


@dataclass(slots=True)
class Target:
    """Something that is measured, and what came of each run by number of connections."""

    name: str
    database: str
    server: Server
    runs: defaultdict[int, list[Figures]] = field(default_factory=lambda: defaultdict(list))
    sent: int = 0
    said: set[str] = field(default_factory=set)
    people: set[str] = field(default_factory=set)

    def at(self, connections: int) -> Figures:
        """The median of each figure over all rounds."""
        runs = self.runs[connections]
        return Figures(*(median(getattr(run, name) for run in runs) for name in ("rate", "p50", "p99", "cpu")))

    def best(self) -> Figures:
        """At the number of connections where it does most."""
        return max(map(self.at, CONNECTIONS), key=lambda figures: figures.rate)


class Measurement:
    """The targets, the crowd that talks to them, and what it said."""

    def __init__(self, crowd: Crowd) -> None:
        self.targets: list[Target] = []
        self._crowd = crowd
        self._rates: dict[tuple[str, str, int], float] = {}
        self.said = self.repeated = self.newcomers = 0
        self.busy: list[float] = []

    def run(self, target: Target, connections: int, seconds: float) -> None:
        """One run, on messages made ready before."""
        key = (target.name, target.database, connections)
        if key not in self._rates:
            self._rates[key] = self._drive(target, connections, LONGEST_WARM_UP, WARM_UP).rate
        before = target.server.cpu()
        run = self._drive(target, connections, seconds, int(self._rates[key] * seconds * 1.5) + connections)
        cpu = (target.server.cpu() - before) / len(run.answers) * 1e6
        target.runs[connections].append(Figures(run.rate, run.milliseconds(0.5), run.milliseconds(0.99), cpu))
        self._rates[key] = max(self._rates[key], run.rate)
        self.busy.append(run.busy / run.seconds)

    def _drive(self, target: Target, connections: int, seconds: float, count: int) -> Run:
        run = drive(target.server.address, self._crowd.deliveries(count), connections, seconds)
        for answer in run.answers:
            if self._crowd.check(answer) == APOLOGY:
                raise AssertionError("an apology for an answer")
            self.repeated += answer.delivery.words in target.said
            self.newcomers += answer.delivery.openid not in target.people
            target.said.add(answer.delivery.words)
            target.people.add(answer.delivery.openid)
        self.said += len(run.answers)
        target.sent += len(run.answers)
        return run


def stored(url: str, table: str) -> int:
    """How many rows a table has."""
    engine = create_engine(url.replace("+aiosqlite", ""))
    with engine.connect() as connection:
        count = int(connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one())
    engine.dispose()
    return count


def measure(seconds: float, rounds: int, folder: Path) -> tuple[Measurement, dict[str, float]]:
    """All targets at all numbers of connections, in turn; and where the time of a turn of the product goes."""
    crowd = Crowd()
    measurement = Measurement(crowd)
    tables: list[tuple[Target, str, str]] = []

    def add(stack: ExitStack, name: str, database: str, server: Server, url: str = "", table: str = "") -> None:
        stack.callback(server.stop)
        target = Target(name, database, server)
        measurement.targets.append(target)
        if url:
            tables.append((target, url, table))

    with ExitStack() as stack:
        databases = {SQLITE: f"sqlite:///{folder}/ipbot.sqlite3"}
        if POSTGRESQL:
            databases[POSTGRES] = stack.enter_context(postgresql())
        add(stack, ECHO, "", start(["benchmarks.echo"]))
        for database, url in databases.items():
            theirs = f"sqlite+aiosqlite:///{folder}/obvious.sqlite3" if database == SQLITE else url
            add(stack, OBVIOUS, database, start(["benchmarks.obvious", theirs]), theirs, "exchanges")
            add(stack, PRODUCT, database, start(["bot", "serve"], settings(url, folder)), url, "turns")
        for number in range(rounds):
            for connections in CONNECTIONS:
                for target in measurement.targets:
                    measurement.run(target, connections, seconds)
            print(f"round {number + 1} of {rounds} done", file=sys.stderr)
        for target, url, table in tables:
            rows = stored(url, table)
            assert rows == target.sent, f"{target.name} on {target.database}: {rows} rows of {target.sent}"
    return measurement, where(crowd, folder)


def where(crowd: Crowd, folder: Path, count: int = 1500) -> dict[str, float]:
    """Microseconds of processor time a turn of the product on SQLite, by part."""
    file = folder / "stages.json"
    server = start(["benchmarks.stages", str(file)], settings(f"sqlite:///{folder}/stages.sqlite3", folder))
    before = server.cpu()
    run = drive(server.address, crowd.deliveries(count), 1, 60)
    spent = (server.cpu() - before) / len(run.answers) * 1e6
    server.stop()
    parts: dict[str, float] = json.loads(file.read_text(encoding="utf-8"))
    if spent:
        parts["HTTP, event loop, the hop between threads"] = max(spent - sum(parts.values()), 0.0)
    return dict(sorted(parts.items(), key=lambda part: -part[1]))


# -- the report ----------------------------------------------------------------------------------------------


def figures(targets: list[Target]) -> list[str]:
    lines = [
        "| | database | connections | turns a second | p50 ms | p99 ms | processor µs a turn |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for target in targets:
        for connections in CONNECTIONS:
            at = target.at(connections)
            lines.append(
                f"| {target.name} | {target.database or 'none'} | {connections} | {at.rate:,.0f} | {at.p50:.1f} "
                f"| {at.p99:.1f} | {at.cpu:,.0f} |"
            )
    return lines


def aims(targets: list[Target]) -> list[str]:
    """What was aimed at and what came of it, at the number of connections where each does most.

    Beside it the same by processor time, which tells more where other work takes its share of the cores.
    """
    by_name = {(target.name, target.database): target for target in targets}
    lines = ["| aim | measured | by processor time | |", "| --- | ---: | ---: | --- |"]

    def times(what: str, database: str, other: tuple[str, str], least: float) -> None:
        ours, theirs = by_name[PRODUCT, database].best(), by_name[other].best()
        measured = ours.rate / theirs.rate
        by_cpu = f"{theirs.cpu / ours.cpu:.2f}" if ours.cpu else ""
        lines.append(f"| {what} | {measured:.2f} | {by_cpu} | {_verdict(measured >= least)} |")

    times("SQLite: a quarter of the echo's throughput", SQLITE, (ECHO, ""), 0.25)
    times("SQLite: four times the obvious bot's", SQLITE, (OBVIOUS, SQLITE), 4)
    p99 = by_name[PRODUCT, SQLITE].at(64).p99
    lines.append(f"| SQLite: p99 under 50 ms at 64 connections | {p99:.0f} ms | | {_verdict(p99 < 50)} |")
    if (PRODUCT, POSTGRES) in by_name:
        times("PostgreSQL: twice the obvious bot's", POSTGRES, (OBVIOUS, POSTGRES), 2)
    return lines


def _verdict(met: bool) -> str:
    return "met" if met else "**missed**"


def profile(parts: Mapping[str, float]) -> list[str]:
    whole = sum(parts.values())
    lines = ["| part of a turn (SQLite, one connection) | processor µs | share |", "| --- | ---: | ---: |"]
    lines += [f"| {name} | {spent:,.0f} | {spent / whole:.0%} |" for name, spent in parts.items()]
    return [*lines, f"| all | {whole:,.0f} | |"]


def circumstances(measurement: Measurement, seconds: float, rounds: int, load: float) -> str:
    return (
        f"Python {platform.python_version()}, {processor()}, {os.cpu_count()} cores; each server on one core, the load on "
        f"another, PostgreSQL on any; load average before the start {load:.1f}. {rounds} rounds of {seconds:g} s, medians. "
        f"{measurement.said:,} answers, all checked and all stored; {PEOPLE:,} people to each server, "
        f"{measurement.newcomers / measurement.said:.0%} of the messages a first one; "
        f"{measurement.repeated / measurement.said:.0%} say what was said to that server before. "
        f"The load's own core was busy {median(measurement.busy):.0%} (at most {max(measurement.busy):.0%})."
    )


def processor() -> str:
    """The name of the processor, as the system tells it."""
    file = Path("/proc/cpuinfo")
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=4.0, help="length of each run")
    parser.add_argument("--quick", action="store_true", help="one round of one second")
    options = parser.parse_args()
    seconds, rounds = (1.0, 1) if options.quick else (options.seconds, 3)
    load = os.getloadavg()[0]
    on_core(-1)
    with tempfile.TemporaryDirectory(prefix="ipbot-bench-") as folder:
        measurement, parts = measure(seconds, rounds, Path(folder))
    tables = (figures(measurement.targets), aims(measurement.targets), profile(parts))
    print("\n\n".join((circumstances(measurement, seconds, rounds, load), *("\n".join(table) for table in tables))))
    if not POSTGRESQL:
        print("\nPostgreSQL was not measured: IPBOT_TEST_POSTGRESQL names none.")


if __name__ == "__main__":
    main()
