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
import statistics
import sys
import tempfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import create_engine

from benchmarks.load import PEOPLE, Crowd, Run, drive
from benchmarks.servers import POSTGRESQL, Server, on_core, postgresql, settings, start
from bot.app import APOLOGY

CONNECTIONS = (1, 16, 64)
ECHO, OBVIOUS, PRODUCT = "echo", "obvious bot", "ipbot"
SQLITE, POSTGRES = "SQLite", "PostgreSQL"
WARM_UP = 300  # deliveries, before the first round and to know how many to make ready
LONGEST_WARM_UP = 10.0  # seconds


@dataclass(slots=True)
class Target:
    """Something that is measured, and what came of it by number of connections."""

    name: str
    database: str
    server: Server
    runs: dict[int, list[Run]] = field(default_factory=dict)
    cpu: dict[int, list[float]] = field(default_factory=dict)
    sent: int = 0

    def rate(self, connections: int) -> float:
        return statistics.median(run.rate for run in self.runs[connections])

    def milliseconds(self, connections: int, share: float) -> float:
        return statistics.median(run.milliseconds(share) for run in self.runs[connections])


class Measurement:
    """The targets, the crowd that talks to them, and what it said."""

    def __init__(self, crowd: Crowd) -> None:
        self.targets: list[Target] = []
        self._crowd = crowd
        self._rates: dict[tuple[str, str, int], float] = {}
        self._said: dict[int, set[str]] = {}
        self._people: dict[int, set[str]] = {}
        self.said = self.repeated = self.newcomers = 0
        self.busy: list[float] = []

    def run(self, target: Target, connections: int, seconds: float) -> None:
        """One run, on messages made ready before."""
        key = (target.name, target.database, connections)
        if key not in self._rates:
            warm = self._drive(target, connections, LONGEST_WARM_UP, WARM_UP)
            self._rates[key] = warm.rate
        before = target.server.cpu()
        run = self._drive(target, connections, seconds, int(self._rates[key] * seconds * 1.5) + connections)
        target.cpu.setdefault(connections, []).append((target.server.cpu() - before) / len(run.answers) * 1e6)
        target.runs.setdefault(connections, []).append(run)
        self._rates[key] = max(self._rates[key], run.rate)
        self.busy.append(run.busy / run.seconds)

    def _drive(self, target: Target, connections: int, seconds: float, count: int) -> Run:
        run = drive(target.server.address, self._crowd.deliveries(count), connections, seconds)
        said, people = self._said.setdefault(id(target), set()), self._people.setdefault(id(target), set())
        for answer in run.answers:
            shown = self._crowd.check(answer)
            if shown == APOLOGY:
                raise AssertionError("an apology for an answer")
            self.repeated += answer.delivery.words in said
            self.newcomers += answer.delivery.openid not in people
            said.add(answer.delivery.words)
            people.add(answer.delivery.openid)
        self.said += len(run.answers)
        target.sent += len(run.answers)
        for answer in run.answers:  # only the time is needed from here on
            object.__setattr__(answer, "body", b"")
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
            cells = (
                target.name,
                target.database or "none",
                str(connections),
                f"{target.rate(connections):,.0f}",
                f"{target.milliseconds(connections, 0.5):.1f}",
                f"{target.milliseconds(connections, 0.99):.1f}",
                f"{statistics.median(target.cpu[connections]):,.0f}",
            )
            lines.append(f"| {' | '.join(cells)} |")
    return lines


def aims(targets: list[Target]) -> list[str]:
    """What was aimed at and what came of it; throughput at the number of connections where each does best."""
    by_name = {(target.name, target.database): target for target in targets}

    def best(name: str, database: str) -> float:
        return max(by_name[name, database].rate(connections) for connections in CONNECTIONS)

    lines = ["| aim | measured | |", "| --- | ---: | --- |"]

    def aim(what: str, measured: float, holds: Callable[[float], bool], shown: str) -> None:
        lines.append(f"| {what} | {shown.format(measured)} | {'met' if holds(measured) else '**missed**'} |")

    ours = best(PRODUCT, SQLITE)
    aim("SQLite: a quarter of the echo's throughput", ours / best(ECHO, ""), lambda v: v >= 0.25, "{:.2f}")
    aim("SQLite: four times the obvious bot's throughput", ours / best(OBVIOUS, SQLITE), lambda v: v >= 4, "{:.1f}")
    p99 = by_name[PRODUCT, SQLITE].milliseconds(64, 0.99)
    aim("SQLite: p99 under 50 ms at 64 connections", p99, lambda v: v < 50, "{:.0f} ms")
    if (PRODUCT, POSTGRES) in by_name:
        times = best(PRODUCT, POSTGRES) / best(OBVIOUS, POSTGRES)
        aim("PostgreSQL: twice the obvious bot's throughput", times, lambda v: v >= 2, "{:.1f}")
    return lines


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
        f"The load's own core was busy {statistics.median(measurement.busy):.0%} (at most {max(measurement.busy):.0%})."
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
