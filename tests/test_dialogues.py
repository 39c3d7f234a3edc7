"""The dialogue files play the same on every channel.

A file holds dialogues, each under a line ``# title``: ``> `` is the person (``[位置 lat lon]`` shares a location, ``[按
label]`` presses a button, ``[文件 name]`` sends a file of that name, by the upload link where the channel carries none),
``< `` must be seen in the answer (``[文件 name]``: a file of that name), ``! `` must not.

A story has more: ``@ 2027-03-01 10:00`` moves the clock on (Beijing time; what time moves is done), ``+ name role place`` is
somebody new with a role, ``name> `` is that person, ``= name pattern`` keeps what was just seen as ``{name}``;
``name| words`` says something to which the bot is silent, ``name~ text`` is in a letter to that person.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, Table, func, select

from bot.app import App, Shelf
from bot.database.tables import letters, people, turns
from bot.desk import BEIJING
from bot.messages import Message, Response
from bot.registry.daily import move_time
from bot.registry.points import Points
from bot.staff import Role, Staff
from tests.doors import CHANNELS, Door, Enter, Seen, entrance
from tests.samples import sample

FOLDER = Path(__file__).parent / "dialogues"
LOCATION = re.compile(r"\[位置 ([\d.]+) ([\d.]+)\]")
FILE = re.compile(r"\[文件 (.+)\]")
LINE = re.compile(r"\S*[>|~] |[<!@+=] ")
PRESS = re.compile(r"\[按 (.+)\]")


@dataclass(frozen=True)
class Dialogue:
    title: str
    lines: tuple[str, ...]


def dialogues() -> list[Dialogue]:
    found = []
    for path in sorted(FOLDER.glob("*.txt")):
        title, lines = "", []
        for line in [*path.read_text(encoding="utf-8").splitlines(), "# "]:
            if line.startswith("# "):
                if lines:
                    found.append(Dialogue(f"{path.stem}: {title}", tuple(lines)))
                title, lines = line[2:].strip(), []
            elif line.strip():
                assert LINE.match(line), f"{path.name}: {line!r}"
                lines.append(line)
    return found


async def send(person: Door, words: str) -> Seen:
    if match := LOCATION.fullmatch(words):
        return await person.shares(float(match[1]), float(match[2]))
    if match := PRESS.fullmatch(words):
        return await person.presses(match[1])
    if match := FILE.fullmatch(words):
        return await person.sends_file(match[1], sample(match[1]))
    return await person.says(words)


class ClockedApp(App):
    """An app whose clock the dialogue moves: whatever the channel stamps, it is the dialogue's time."""

    now: datetime | None = None

    def turn(self, message: Message) -> Response:
        if self.now is None:
            return super().turn(message)
        self.now += timedelta(seconds=1)
        return super().turn(replace(message, at=self.now))


class Play:
    """One dialogue while it is played."""

    def __init__(self, app: ClockedApp, engine: Engine, enter: Enter) -> None:
        self._app = app
        self._engine = engine
        self._enter = enter
        self._people: dict[str, Door] = {}
        self._names: dict[str, str] = {}
        self._ids: dict[str, int] = {}
        self._seen = Seen("", ())

    async def line(self, line: str) -> None:
        mark, _, words = line.partition(" ")
        for name, value in self._names.items():
            words = words.replace(f"{{{name}}}", value)
        match mark:
            case "@":
                self._app.now = datetime.strptime(words, "%Y-%m-%d %H:%M").replace(tzinfo=BEIJING)
                shelf, at = self._app.shelf, self._app.now
                self._app.at_once(lambda c: move_time(c, shelf.gazetteer, shelf.hours.holidays, at))
                self._app.at_once(lambda c: self._app.move_tickets(c, at))
                self._app.study(at)
            case "+":
                await self._hire(*words.split())
            case "=":
                name, pattern = words.split(" ", 1)
                found = re.search(pattern, self._seen.text)
                assert found, f"{pattern!r} is not in {self._seen.text!r}"
                self._names[name] = found[found.lastindex or 0]
            case "<" if file := FILE.fullmatch(words):
                assert file[1] in self._seen.files, f"{file[1]!r} is not in {self._seen.files}"
            case "<":
                assert words in self._seen.text, f"{words!r} is not in {self._seen.text!r}"
            case "!":
                assert words not in self._seen.text, f"{words!r} is in {self._seen.text!r}"
            case _ if mark.endswith("~"):
                assert any(words in text for text in self._letters(mark.rstrip("~"))), f"no letter with {words!r}"
            case _ if mark.endswith("|"):
                await self._unanswered(mark.rstrip("|"), words)
            case _:
                self._seen = await send(await self._person(mark.rstrip(">")), words)
                self._note(mark.rstrip(">"))

    async def _unanswered(self, name: str, words: str) -> None:
        """Something is said, kept, and not answered."""
        before = self._count(turns)
        said = asyncio.create_task(send(await self._person(name), words))
        async with asyncio.timeout(10):
            while self._count(turns) == before:
                await asyncio.sleep(0.01)
        await asyncio.sleep(0.05)
        if said.done():
            seen = said.result().text.strip()
            assert not seen or seen.startswith("【"), seen  # a letter that waited comes along
        said.cancel()

    def _count(self, table: Table) -> int:
        with self._engine.begin() as connection:
            return connection.execute(select(func.count()).select_from(table)).scalar_one()

    def _note(self, name: str) -> None:
        """Whose row the newest person's is."""
        if name not in self._ids:
            with self._engine.begin() as connection:
                self._ids[name] = connection.execute(select(func.max(people.c.id))).scalar_one()

    def _letters(self, name: str) -> list[str]:
        """The texts of all letters to somebody."""
        with self._engine.begin() as connection:
            rows = select(letters.c.content).where(letters.c.person_id == self._ids[name])
            return [content["text"] for content in connection.execute(rows).scalars() if content]

    async def _person(self, name: str) -> Door:
        if name not in self._people:
            self._people[name] = await self._enter()
        return self._people[name]

    async def _hire(self, name: str, role: str, place: str = "") -> None:
        where = {"prefecture": place} if role == "prefecture" else {"point": place}
        now = self._app.now or datetime.now(UTC)
        with self._engine.begin() as connection:
            made = Staff(connection).invite(Role(role), name, now, **(where if place else {}))
        seen = await (await self._person(name)).says(f"绑定 {made.code}")
        assert "已绑定" in seen.text, seen.text
        self._note(name)


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("dialogue", dialogues(), ids=lambda d: d.title)
def test_dialogue(dialogue: Dialogue, channel: str, sqlite: Engine, shelf: Shelf) -> None:
    with sqlite.begin() as connection:
        Points(connection, shelf.gazetteer).add_samples()
    everywhere = Shelf(**{f: getattr(shelf, f) for f in shelf.__slots__} | {"sample_channels": frozenset(CHANNELS)})
    app = ClockedApp(sqlite, everywhere)

    async def play() -> None:
        async with entrance(channel, app, sqlite) as enter:
            playing = Play(app, sqlite, enter)
            for line in dialogue.lines:
                await playing.line(line)
        await app.close()

    asyncio.run(play())
