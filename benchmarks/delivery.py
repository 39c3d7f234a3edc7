"""Announcements to many, against servers that play Telegram and WeChat's API, while processes are killed.

    python -m benchmarks.delivery [--recipients N] [--database sqlite|postgresql|both] [--kills N] [--restarts N] [--factor F]

Rates and the limits of the playing Telegram are those of the settings times the factor. On PostgreSQL a cluster of its own is
started and restarted; ``serve`` answers people who chat, ``worker`` processes send and are killed with -9. On SQLite the
one process, ``serve``, is killed. At the end every recipient must be settled, none may have got it twice, and no limit may
have been crossed; exit status 1 where that is not so. Prints Markdown.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, func, insert, select

from benchmarks.delivery_cost import Cost, measure
from benchmarks.delivery_peers import BOT_A_SECOND, CHATTING, RECIPIENTS, TelegramPeer, WechatPeer
from bot.database.engine import open_engine
from bot.database.migrate import migrate
from bot.database.tables import letters, people, subscriptions, windows
from bot.letters import State
from bot.messages import Option, Reply
from bot.training.announcements import Announcements, Audience, Progress, Stage
from tests.telegram_peer import TOKEN
from tests.wechat_api_peer import APP_ID, SECRET

ROOT = Path(__file__).parent.parent
WECHAT_SHARE = 5  # every fifth recipient is on WeChat, every other of them within a window
LETTERS, REPLIES = 20, 10  # a second, as the settings' defaults, times the factor
PLACES = 24
WORKERS = 2
CHATTERS = 12
ASK_SECONDS = (1.0, 3.0)  # faster than that, Telegram's limit of a chat is measured
FAULTS = 0.05
MOST_MEMORY = 300  # MiB
PATIENCE = 3600.0


@dataclass
class Result:
    """What came of one run."""

    database: str
    seconds: float = 0.0
    progress: Progress | None = None
    twice: int = 0
    unsettled: int = 0
    kills: int = 0
    restarts: int = 0
    answers: list[tuple[float, float]] = field(default_factory=list)  # when it was asked, seconds until the answer
    down: list[tuple[float, float]] = field(default_factory=list)  # from when to when nobody was there to answer
    unanswered: int = 0
    most: int = 0
    crossed: int = 0
    memory: dict[str, float] = field(default_factory=dict)
    lost: int = 0
    cost: Cost | None = None

    def faults(self, factor: float) -> list[str]:
        """What should not be."""
        found = []
        if self.unsettled:
            found.append(f"{self.unsettled} recipients are not settled")
        if self.twice:
            found.append(f"{self.twice} recipients got it twice")
        if self.crossed or self.most > BOT_A_SECOND * factor:
            found.append(f"limits were crossed ({self.crossed} requests; {self.most} in a second)")
        if self.lost > self.kills * PLACES * 2:
            found.append(f"{self.lost} letters were under way in {self.kills} kills")
        if self.cost and self.cost.ratio > 3:
            found.append(f"writing and settling costs {self.cost.ratio:.1f} times the bare SQL")
        return found


# -- databases ------------------------------------------------------------------------------------------------


@dataclass
class Cluster:
    """A PostgreSQL of its own."""

    folder: Path
    binaries: Path

    @property
    def url(self) -> str:
        return f"postgresql://postgres@/postgres?host={self.folder}"

    def run(self, *arguments: str) -> None:
        # PostgreSQL does not run as root
        before = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        subprocess.run([*before, *arguments], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)

    def control(self, *what: str) -> None:
        options = f"-k {self.folder} -c listen_addresses='' -c max_connections=100"
        log = str(self.folder / "log")
        self.run(str(self.binaries / "pg_ctl"), "-D", str(self.folder / "data"), "-l", log, "-w", "-o", options, *what)


@contextmanager
def cluster() -> Iterator[Cluster]:
    """A new cluster, gone at the end. Raises RuntimeError where there is no PostgreSQL."""
    found = shutil.which("pg_ctl") or next(map(str, Path("/usr/lib/postgresql").glob("*/bin/pg_ctl")), None)
    if found is None:
        raise RuntimeError("no pg_ctl: PostgreSQL is not installed")
    folder = Path(tempfile.mkdtemp(prefix="ipbot-bench-"))
    made = Cluster(folder, Path(found).resolve().parent)
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    folder.chmod(0o755)
    try:
        made.run(
            str(made.binaries / "initdb"), "-D", str(folder / "data"), "-U", "postgres", "-A", "trust", "-E", "UTF8"
        )
        made.control("start")
        yield made
    finally:
        with suppress(subprocess.CalledProcessError):
            made.control("stop", "-m", "immediate")
        shutil.rmtree(folder, ignore_errors=True)


def fill(engine: Engine, count: int) -> int:
    """So many subscribers; returns the number of the announcement for them."""
    now = datetime.now(UTC)
    with engine.begin() as connection:
        for first in range(0, count, 1000):
            rows = []
            for n in range(first, min(first + 1000, count)):
                wechat = n % WECHAT_SHARE == 0
                rows.append(
                    {
                        "channel": "wechat" if wechat else "telegram",
                        "account": "gh_bench" if wechat else TOKEN.partition(":")[0],
                        "native_id": f"o{n}" if wechat else str(RECIPIENTS + n),
                        "first_seen": now,
                        "last_seen": now,
                        "state": {},
                    }
                )
            connection.execute(insert(people), rows)
        values = select(people.c.id, func.lower(""), func.lower(""), people.c.first_seen)
        connection.execute(subscriptions.insert().from_select(["person_id", "topic", "region", "since"], values))
        inside = (people.c.channel == "wechat") & (people.c.id % 2 == 0)
        until = now + timedelta(hours=48)
        connection.execute(
            insert(windows),
            [
                {"person_id": id, "until": until, "left": 5}
                for id in connection.execute(select(people.c.id).where(inside)).scalars()
            ],
        )
        box = Announcements(connection)
        text = Reply("示例：公益讲座周三晚上八点开始，线上参加。😀 <b>&amp;", options=(Option("退订", "退订"),))
        id = box.draft("示例通知", text, Audience(), 1, now)
        box.approve(id, 2)
    return id


# -- processes ------------------------------------------------------------------------------------------------


class Processes:
    """The processes of the product in this run."""

    def __init__(self, environment: dict[str, str], log: Path) -> None:
        self._environment = environment
        self._log = log
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.memory: dict[str, float] = {}

    def start(self, name: str) -> None:
        with self._log.open("ab") as log:
            command = [sys.executable, "-m", "bot", name.partition(" ")[0]]
            environment = self._environment | ({"IPBOT_PORT": str(_free_port())} if name.startswith("serve") else {})
            self.running[name] = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)

    def look(self) -> None:
        """Note the most memory each kind has taken, MiB."""
        for name, process in self.running.items():
            with suppress(OSError, ValueError, IndexError):
                status = Path(f"/proc/{process.pid}/status").read_text()
                peak = int(status.split("VmHWM:")[1].split()[0]) / 1024
                kind = name.partition(" ")[0]
                self.memory[kind] = max(self.memory.get(kind, 0.0), peak)

    def kill(self, name: str) -> None:
        self.look()
        self.running[name].send_signal(signal.SIGKILL)
        self.running[name].wait()

    def stop(self) -> None:
        for process in self.running.values():
            process.send_signal(signal.SIGTERM)
        for process in self.running.values():
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


# -- one run --------------------------------------------------------------------------------------------------


async def run(url: str, made: Cluster | None, options: argparse.Namespace, folder: Path) -> Result:
    """One announcement to all, from the first letter to the last."""
    result = Result("PostgreSQL" if made else "SQLite")
    engine = open_engine(url.replace("postgresql://", "postgresql+psycopg://", 1))
    migrate(engine)
    id = fill(engine, options.recipients)
    if options.cost:
        with engine.begin() as connection:
            Announcements(connection).begin(datetime.now(UTC))
        result.cost = measure(engine, id)
        with engine.begin() as connection:
            connection.exec_driver_sql("UPDATE announcements SET state = 'approved', written = 0")
    async with TelegramPeer(options.factor, FAULTS) as telegram, WechatPeer(FAULTS) as wechat:
        for n in range(0, options.recipients, WECHAT_SHARE):
            wechat.writes(f"o{n}")
        processes = Processes(_environment(url, telegram, wechat, options.factor, folder), folder / "log")
        names = ["serve", *(f"worker {n}" for n in range(WORKERS))] if made else ["serve"]
        processes.start("serve")
        begun = time.monotonic()
        stopping = asyncio.Event()
        harm = asyncio.create_task(_harm(processes, names, made, options, result, telegram))
        await asyncio.wait_for(_until(lambda: telegram.polls > 0), PATIENCE)
        for name in names[1:]:
            processes.start(name)
        chats = [asyncio.create_task(_chat(telegram, CHATTING + n, result, stopping)) for n in range(CHATTERS)]
        try:
            await asyncio.wait_for(_until_done(engine, id, processes), PATIENCE)
        finally:
            harm.cancel()
            stopping.set()
            await asyncio.gather(*chats, harm, return_exceptions=True)
            result.seconds = time.monotonic() - begun
            await asyncio.to_thread(processes.stop)
        result.memory = processes.memory
        result.twice = sum(count > 1 for count in telegram.arrived.values())
        sent = [one.openid for one in wechat.sent]
        result.twice += len(sent) - len(set(sent))
        result.most, result.crossed = telegram.most_in_a_second(), telegram.crossed
    with engine.begin() as connection:
        result.progress = Announcements(connection).progress(id)
        open_states = (State.WAITING, State.SENDING)
        result.unsettled = options.recipients - result.progress.all
        result.unsettled += sum(result.progress.counts.get(state, 0) for state in open_states)
        result.lost = result.progress.causes.get((State.UNSURE, "process ended"), 0)
        arrived = connection.execute(
            select(people.c.native_id)
            .join(letters)
            .where(letters.c.state == State.SENT, people.c.channel == "telegram")
        ).scalars()
        missing = sum(int(native) not in telegram.arrived for native in arrived)
        if missing:
            result.unsettled += missing  # “sent” although nothing arrived
    engine.dispose()
    return result


async def _until_done(engine: Engine, id: int, processes: Processes) -> None:
    def stage() -> Stage | None:
        try:
            with engine.begin() as connection:
                found = Announcements(connection).find(id)
                return found.stage if found else None
        except Exception:  # the database is being restarted
            engine.dispose()
            return None

    while (now := await asyncio.to_thread(stage)) is not Stage.DONE:
        if now is Stage.PAUSED:
            raise RuntimeError("the announcement was paused")
        processes.look()
        await asyncio.sleep(0.5)


async def _chat(peer: TelegramPeer, user: int, result: Result, stopping: asyncio.Event) -> None:
    """Somebody who asks something every now and then, and waits for the answer."""
    chance = random.Random(user)
    while not stopping.is_set():
        await asyncio.sleep(chance.uniform(*ASK_SECONDS))
        try:
            asked = time.monotonic()
            result.answers.append((asked, await asyncio.wait_for(peer.asks(user, "发明专利保护多少年"), 60)))
        except TimeoutError:
            result.unanswered += 1


async def _harm(
    processes: Processes, names: Sequence[str], made: Cluster | None, options: argparse.Namespace, result: Result,
    peer: TelegramPeer,
) -> None:  # fmt: skip
    """Kill processes at random moments, and restart the database, spread over the letters."""
    chance = random.Random(3)
    await _until(lambda: bool(peer.arrived))
    victims = [name for name in names if name != "serve"] or ["serve"]
    deeds = ["kill"] * options.kills + ["restart"] * (options.restarts if made else 0)
    chance.shuffle(deeds)
    for number, deed in enumerate(deeds, start=1):
        share = options.recipients * (1 - 1 / WECHAT_SHARE) * number / (len(deeds) + 1)
        await _until(lambda share=share: len(peer.arrived) >= share)  # type: ignore[misc]
        await asyncio.sleep(chance.uniform(0, 0.3))
        if deed == "restart" and made is not None:
            result.restarts += 1
            await asyncio.to_thread(made.control, "restart", "-m", "immediate")
        else:
            result.kills += 1
            victim = chance.choice(victims)
            processes.kill(victim)
            before, polls = time.monotonic(), peer.polls
            processes.start(victim)
            if victim == "serve":
                await _until(lambda polls=polls: peer.polls > polls)  # type: ignore[misc]
                result.down.append((before, time.monotonic()))


async def _until(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110 - the peer tells nobody what arrives
        await asyncio.sleep(0.02)


def _environment(url: str, telegram: TelegramPeer, wechat: WechatPeer, factor: float, folder: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": os.environ.get("HOME", "/"),
        "XDG_DATA_HOME": str(folder),
        "PYTHONPATH": str(ROOT),
        "IPBOT_DATABASE_URL": url,
        "IPBOT_WEB": "off",
        "IPBOT_LETTERS": "on" if url.startswith("sqlite") else "off",
        "IPBOT_LOG": "warning",
        "IPBOT_MEANING": "off",
        "IPBOT_QUIET_HOURS": "",
        "IPBOT_LETTERS_AT_ONCE": str(PLACES),
        "IPBOT_TELEGRAM_TOKEN": TOKEN,
        "IPBOT_TELEGRAM_API": telegram.api,
        "IPBOT_TELEGRAM_LETTERS_A_SECOND": str(int(LETTERS * factor)),
        "IPBOT_TELEGRAM_REPLIES_A_SECOND": str(int(REPLIES * factor)),
        "IPBOT_WECHAT_TOKEN": "wechat-token",
        "IPBOT_WECHAT_APP_ID": APP_ID,
        "IPBOT_WECHAT_APP_SECRET": SECRET,
        "IPBOT_WECHAT_API": wechat.api,
    }


# -- the report -----------------------------------------------------------------------------------------------


def report(result: Result, options: argparse.Namespace) -> list[str]:
    """The figures as lines of Markdown; prints them."""
    assert result.progress is not None
    counts = result.progress.counts
    up = sorted(took for asked, took in result.answers if not _was_down(asked, asked + took, result.down))
    down = [took for asked, took in result.answers if _was_down(asked, asked + took, result.down)]
    rows = [
        ("recipients", f"{options.recipients:,}"),
        ("took", f"{result.seconds:.0f} s, {options.recipients / result.seconds:.0f} a second"),
        *((state.value, f"{counts[state]:,}") for state in State if counts.get(state)),
        ("not settled", str(result.unsettled)),
        ("got it twice", str(result.twice)),
        ("killed with -9", str(result.kills)),
        ("database restarted", str(result.restarts)),
        ("under way when a process died", str(result.lost)),
        ("replies to people who chat", f"{len(up)}, p50 {_at(up, 0.5)}, p99 {_at(up, 0.99)}"),
        ("replies that waited for a killed process", f"{len(down)}, the last after {max(down, default=0):.1f} s"),
        ("without a reply in 60 s", str(result.unanswered)),
        ("most messages in a second", f"{result.most} of {BOT_A_SECOND * options.factor:.0f} allowed"),
        ("requests above a limit", str(result.crossed)),
        ("memory", ", ".join(f"{name} {most:.0f} MiB" for name, most in result.memory.items())),
    ]
    if result.cost:
        cost = result.cost
        rows.append(
            ("writing and settling beside bare SQL", f"{cost.ours:.1f} s and {cost.bare:.1f} s: {cost.ratio:.1f} times")
        )
    print(f"\n{result.database}, rates times {options.factor:g}\n\n| | |\n|---|---:|")
    for name, value in rows:
        print(f"| {name} | {value} |")
    wrong = result.faults(options.factor)
    for line in wrong:
        print(f"\n**{line}**")
    return wrong


def _was_down(since: float, until: float, down: Sequence[tuple[float, float]]) -> bool:
    return any(first < until and since < last for first, last in down)


def _at(times: Sequence[float], share: float) -> str:
    return f"{times[min(int(len(times) * share), len(times) - 1)] * 1000:.0f} ms" if times else "none"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recipients", type=int, default=2000)
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    parser.add_argument("--kills", type=int, default=4)
    parser.add_argument("--restarts", type=int, default=1)
    parser.add_argument("--factor", type=float, default=5.0, help="what rates and limits are multiplied by")
    parser.add_argument("--no-cost", dest="cost", action="store_false", help="do not compare with bare SQL")
    options = parser.parse_args()
    wrong: list[str] = []
    for database in ("sqlite", "postgresql"):
        if options.database not in (database, "both"):
            continue
        with tempfile.TemporaryDirectory(prefix="ipbot-bench-") as name:
            folder = Path(name)
            try:
                if database == "sqlite":
                    result = asyncio.run(run(f"sqlite:///{folder / 'bench.sqlite3'}", None, options, folder))
                else:
                    with cluster() as made:
                        result = asyncio.run(run(made.url, made, options, folder))
            except BaseException:
                with suppress(OSError):
                    print((folder / "log").read_text(errors="replace")[-4000:], file=sys.stderr)
                raise
            wrong += report(result, options)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
