"""How long ``ipbot serve`` takes from its start to its first answers.

    python -m benchmarks.startup [--times N]

Measured from the start of the process to the first HTTP answer (``/healthz``) and to the first answered question (a sealed
WeChat message): on an empty disk, after the content was changed, and as on every other day; and through ``make run`` where
the checkout is installed. Prints a Markdown table of medians.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

from benchmarks.load import Crowd, drive
from benchmarks.servers import ROOT, settings

PAUSE = 0.002  # seconds between two knocks
LONGEST = 180.0
SERVE = (sys.executable, "-m", "bot", "serve")
MAKE_RUN = ("make", "--silent", "run")
HEALTH = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def knock(port: int, until: float) -> None:
    """Back when the server answers. Raises TimeoutError."""
    while time.perf_counter() < until:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=LONGEST) as connection:
                connection.sendall(HEALTH)
                if b" 200 " in connection.recv(4096):
                    return
        except ConnectionError:
            time.sleep(PAUSE)
    raise TimeoutError(f"no answer on port {port}")


def start(command: Sequence[str], folder: Path, crowd: Crowd) -> tuple[float, float]:
    """Start once; seconds to the first HTTP answer and to the first answered question."""
    port = free_port()
    environment = {**os.environ, **settings(f"sqlite:///{folder}/ipbot.sqlite3", folder, port)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    question = crowd.deliveries(1)
    begun = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, start_new_session=True)
    try:
        knock(port, begun + LONGEST)
        answered = time.perf_counter() - begun
        run = drive(f"http://127.0.0.1:{port}/", question, 1, LONGEST)
        told = time.perf_counter() - begun
        crowd.check(run.answers[0])
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()
    return answered, told


def empty(folder: Path) -> None:
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def without_prepared(folder: Path) -> None:
    shutil.rmtree(folder / "cache", ignore_errors=True)


def as_it_is(folder: Path) -> None:
    """Everything is there."""


def installed() -> bool:
    """Whether ``make run`` would start at once."""
    mark, project = ROOT / ".venv" / ".installed", ROOT / "pyproject.toml"
    return shutil.which("make") is not None and mark.exists() and mark.stat().st_mtime >= project.stat().st_mtime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=5, help="starts of each kind")
    times = parser.parse_args().times
    cases: list[tuple[str, Sequence[str], Callable[[Path], None]]] = [
        ("the first: no database, no prepared content", SERVE, empty),
        ("after a change of the content: no prepared content", SERVE, without_prepared),
        ("every other", SERVE, as_it_is),
    ]
    if installed():
        cases.append(("every other, by `make run`", MAKE_RUN, as_it_is))
    crowd = Crowd()
    load = os.getloadavg()[0]
    lines = ["| start | first HTTP answer | first question answered |", "| --- | ---: | ---: |"]
    with tempfile.TemporaryDirectory(prefix="ipbot-start-") as name:
        folder = Path(name)
        start(SERVE, folder, crowd)  # for the bytecode
        for what, command, prepare in cases:
            took = []
            for _ in range(times):
                prepare(folder)
                took.append(start(command, folder, crowd))
            first, told = (median(column) for column in zip(*took, strict=True))
            lines.append(f"| {what} | {first:.2f} s | {told:.2f} s |")
    print(f"Medians of {times} starts; load average before them {load:.1f}.\n")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
