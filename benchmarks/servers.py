"""The servers that are measured, each in its own process on one core, and the databases they are given."""

from __future__ import annotations

import os
import re
import secrets
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import create_engine, make_url

from benchmarks.load import AES_KEY, APP_ID, TOKEN

ROOT = Path(__file__).parent.parent
POSTGRESQL = os.environ.get("IPBOT_TEST_POSTGRESQL", "")
_ADDRESS = re.compile(r"http://[\d.]+:\d+/")
_STOPS_IN = 15.0  # seconds
_CORES = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []


def on_core(number: int) -> None:
    """Keep this process, and those it starts from now on, on one core (where the system can do that)."""
    if _CORES:
        os.sched_setaffinity(0, {_CORES[number]})


@dataclass(frozen=True, slots=True)
class Server:
    """A server that runs: where, and in which process."""

    address: str
    process: subprocess.Popen[str]

    def cpu(self) -> float:
        """The processor time it has taken, seconds; 0 where the system does not tell."""
        file = Path(f"/proc/{self.process.pid}/stat")
        if not file.exists():
            return 0.0
        fields = file.read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(_STOPS_IN)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def start(arguments: Sequence[str], environment: Mapping[str, str] | None = None) -> Server:
    """Start ``python -m`` with ``arguments`` on the first core; back when it says its address. Raises RuntimeError."""
    on_core(0)
    process = subprocess.Popen(
        [sys.executable, "-m", *arguments],
        cwd=ROOT,
        env={**os.environ, **(environment or {})},
        stdout=subprocess.PIPE,
        text=True,
    )
    on_core(-1)
    assert process.stdout is not None
    for line in process.stdout:
        if found := _ADDRESS.search(line):
            return Server(found[0], process)
    raise RuntimeError(f"{' '.join(arguments)} ended with status {process.wait()}")


def settings(database: str, folder: Path, port: int = 0) -> dict[str, str]:
    """The environment of the product: WeChat in safe mode, a limit on questions that is counted but never reached."""
    return {
        "IPBOT_DATABASE_URL": database,
        "IPBOT_HOST": "127.0.0.1",
        "IPBOT_PORT": str(port),
        "IPBOT_WECHAT_TOKEN": TOKEN,
        "IPBOT_WECHAT_APP_ID": APP_ID,
        "IPBOT_WECHAT_AES_KEY": AES_KEY,
        "IPBOT_QUESTIONS_A_MINUTE": "1000",
        "IPBOT_LOG": "error",
        "XDG_CACHE_HOME": str(folder / "cache"),
        "XDG_DATA_HOME": str(folder / "data"),
    }


@contextmanager
def postgresql() -> Iterator[str]:
    """The URL of a new database on the PostgreSQL that IPBOT_TEST_POSTGRESQL names; dropped at the end."""
    url = make_url(POSTGRESQL).set(drivername="postgresql+psycopg")
    name = f"ipbot_bench_{secrets.token_hex(4)}"
    server = create_engine(url, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    try:
        yield url.set(database=name).render_as_string(hide_password=False)
    finally:
        with server.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
        server.dispose()
