"""How fast words go from one side of a ticket to the other while many tickets are open.

    python -m benchmarks.helpdesk [--tickets N] [--staff N] [--rate N] [--seconds N] [--database sqlite|postgresql|both]

One ``ipbot serve``, everybody on WeChat in safe mode. The tickets are opened and taken in chat (one in five stays in the
queue), then people who ask and staff write at random moments, whoever's turn it is, ``--rate`` messages a second in all.
Measured from sending a message to its HTTP answer, which comes after the letter to the other side is committed to the
outbox; so it is never shorter than what is asked for. At the end every message must have exactly one letter, to the right
person; exit status 1 where that is not so, or where p99 is over 200 ms. Prints Markdown.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import Connection, insert, select

from benchmarks.load import PATIENCE, Answered, Crowd, openid_of
from benchmarks.servers import POSTGRESQL, postgresql, settings, start
from bot.database.engine import open_engine
from bot.database.migrate import migrate
from bot.database.tables import letters, people, points
from bot.registry.services import BASIC_SERVICES, Kind
from bot.staff import Role, Staff

AIM = 200.0  # ms
AT_ONCE = 8  # conversations that are prepared at the same time
WAITING = 5  # every fifth ticket stays in the queue
STAFF_FROM = 900_000  # the ids of staff
_NAMES = "天山区 克拉玛依区 伊州区 昌吉市 库尔勒市 阿克苏市 喀什市 和田市 伊宁市 石河子市"
_ADCODES = "650102 650203 650502 652301 652801 652901 653101 653201 654002 659001"
PLACES = dict(zip(_ADCODES.split(), _NAMES.split(), strict=True))
_NUMBER = re.compile(r"工单编号 (\d+)")


@dataclass(frozen=True, slots=True)
class Pair:
    """A ticket that was taken: its number, who asked and who answers."""

    ticket: str
    asker: str
    staff: str


@dataclass
class Result:
    """What came of one run."""

    database: str
    tickets: int
    taken: int
    seconds: float = 0.0
    waits: list[float] = field(default_factory=list)  # ms
    faults: list[str] = field(default_factory=list)

    def within(self, share: float) -> float:
        ordered = sorted(self.waits)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


class Chat:
    """People who write to the server and read its answers."""

    def __init__(self, address: str) -> None:
        target = urlsplit(address)
        self._host, self._port = target.hostname or "", target.port or 80
        self._crowd = Crowd()

    async def says(self, openid: str, words: str) -> tuple[str, float]:
        """What is answered (empty: nothing), and after how many milliseconds. Raises AssertionError on a faulty answer."""
        delivery = self._crowd.delivery(openid, words)
        begun = time.perf_counter()
        async with asyncio.timeout(PATIENCE):
            reader, writer = await asyncio.open_connection(self._host, self._port)
            writer.write(delivery.request)
            head = await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"content-length: *(\d+)", head.lower())
            assert length is not None
            body = await reader.readexactly(int(length[1]))
            took = (time.perf_counter() - begun) * 1000
            writer.close()
        assert head[9:12] == b"200", head
        if body == b"success":
            return "", took
        return self._crowd.check(Answered(delivery, took / 1000, 200, body)), took


def furnish(connection: Connection, staff: int) -> list[str]:
    """Ten points and their staff; the codes of the invites."""
    now, places = datetime.now(UTC), list(PLACES)
    for adcode, name in PLACES.items():
        row = {"code": f"BENCH-{adcode}", "name": f"{name}测试点", "sample": False, "kind": Kind.SERVICE.value}
        where = {"adcode": adcode, "address": name, "lat": 43.8, "lon": 87.6}
        rest = {"phone": "", "hours": "", "state": "active", "website": ""}
        services = [service.value for service in BASIC_SERVICES]
        connection.execute(insert(points).values(**row, **where, **rest, services=services))
    at = [f"BENCH-{places[number % len(places)]}" for number in range(staff)]
    hired = Staff(connection)
    return [hired.invite(Role.POINT, f"员{number}", now, point=code).code for number, code in enumerate(at)]


async def prepare(chat: Chat, tickets: int, codes: Sequence[str]) -> list[Pair]:
    """Staff come to work, people ask for a person, staff take most tickets."""
    for number, code in enumerate(codes):
        answer, _ = await chat.says(openid_of(STAFF_FROM + number), f"绑定 {code}")
        assert "已绑定" in answer, answer
    free = asyncio.Semaphore(AT_ONCE)
    names, pairs = list(PLACES.values()), list[Pair]()

    async def one(number: int) -> None:
        asker, place = openid_of(number), number % len(names)
        helpers = range(place, len(codes), len(names))  # the staff of that point
        staff = openid_of(STAFF_FROM + helpers[number // len(names) % len(helpers)])
        async with free:
            answer = ""
            for words in ("转人工", f"商标被驳回怎么办，第{number}个", names[place], "不给看"):
                answer, _ = await chat.says(asker, words)
            found = _NUMBER.search(answer)
            assert found, answer
            if number % WAITING:
                answer, _ = await chat.says(staff, f"接单 {found[1]}")
                assert "已接单" in answer, answer
                pairs.append(Pair(found[1], asker, staff))

    await asyncio.gather(*(one(number) for number in range(tickets)))
    return pairs


async def talk(chat: Chat, pairs: Sequence[Pair], rate: float, seconds: float) -> tuple[list[float], dict[str, str]]:
    """Write at random moments; how long each took, and the words with whom they are for."""
    chance, waits, sent = random.Random(7), list[float](), dict[str, str]()

    async def write(number: int, at: float) -> None:
        pair, word = chance.choice(pairs), f"第{number}句话。"
        asks = chance.random() < 0.5
        who, words = (pair.asker, word) if asks else (pair.staff, f"答复 {pair.ticket} {word}")
        sent[word] = pair.staff if asks else pair.asker
        await asyncio.sleep(at - time.perf_counter())
        answer, took = await chat.says(who, words)
        # letters that waited may come along; the bot itself says nothing to who asks
        assert answer.startswith("【") or not answer if asks else "已发给对方" in answer, answer
        waits.append(took)

    begun = at = time.perf_counter() + 0.5
    writing: list[Coroutine[None, None, None]] = []
    while (at := at + chance.expovariate(rate)) < begun + seconds:
        writing.append(write(len(writing), at))
    await asyncio.gather(*writing)
    return waits, sent


def check(connection: Connection, sent: dict[str, str]) -> list[str]:
    """Every message has one letter, to the right person."""
    query = select(letters.c.content, people.c.native_id).join(people, people.c.id == letters.c.person_id)
    found, wrong = Counter[str](), 0
    for content, openid in connection.execute(query.where(letters.c.key.like("ticket:%:said:%"))):
        word = re.search(r"第\d+句话。", content["text"])
        if word:
            found[word[0]] += 1
            wrong += sent[word[0]] != openid
    faults = [f"{wrong} letters went to the wrong person"] if wrong else []
    if missing := len(sent) - len(found):
        faults.append(f"{missing} messages have no letter")
    if twice := sum(count > 1 for count in found.values()):
        faults.append(f"{twice} messages have several letters")
    return faults


def measure(database: str, url: str, folder: Path, wanted: argparse.Namespace) -> Result:
    """One run on one database."""
    engine = open_engine(url)
    migrate(engine)
    with engine.begin() as connection:
        codes = furnish(connection, wanted.staff)
    server = start(["bot", "serve"], settings(url, folder))
    try:
        chat = Chat(server.address)
        pairs = asyncio.run(prepare(chat, wanted.tickets, codes))
        print(f"{database}: {wanted.tickets} tickets are open", file=sys.stderr)
        result = Result(database, wanted.tickets, len(pairs), wanted.seconds)
        result.waits, sent = asyncio.run(talk(chat, pairs, wanted.rate, wanted.seconds))
    finally:
        server.stop()
    with engine.begin() as connection:
        result.faults = check(connection, sent)
    if result.within(0.99) > AIM:
        result.faults.append(f"p99 is {result.within(0.99):.0f} ms")
    engine.dispose()
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tickets", type=int, default=500)
    parser.add_argument("--staff", type=int, default=20)
    parser.add_argument("--rate", type=float, default=10.0, help="messages a second")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    wanted = parser.parse_args()
    load, results = os.getloadavg()[0], list[Result]()
    with tempfile.TemporaryDirectory(prefix="ipbot-helpdesk-") as name:
        folder = Path(name)
        if wanted.database != "postgresql":
            results.append(measure("SQLite", f"sqlite:///{folder}/ipbot.sqlite3", folder, wanted))
        if wanted.database != "sqlite" and POSTGRESQL:
            with postgresql() as url:
                results.append(measure("PostgreSQL", url, folder, wanted))
    print(
        f"{wanted.staff} staff, {wanted.rate:g} messages a second for {wanted.seconds:g} s; load {load:.1f} before.\n"
    )
    print("| database | open tickets | talked in | messages | p50 ms | p99 ms | longest ms |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for r in results:
        figures = " | ".join(f"{value:.1f}" for value in (r.within(0.5), r.within(0.99), max(r.waits)))
        print(f"| {r.database} | {r.tickets} | {r.taken} | {len(r.waits)} | {figures} |")
    faults = [f"{r.database}: {fault}" for r in results for fault in r.faults]
    print("\n".join(["", *faults]) if faults else "\nEvery message reached the outbox of the right person, once.")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
