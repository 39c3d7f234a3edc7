"""The dialogue files play the same on every channel.

A file holds dialogues, each under a line ``# title``: ``> `` is the person (``[位置 lat lon]`` shares a location, ``[按
label]`` presses a button, ``[文件 name]`` sends a file of that name, by the upload link where the channel carries none),
``< `` must be seen in the answer (``[文件 name]``: a file of that name), ``! `` must not.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Engine

from bot.app import App, Shelf
from bot.registry.points import Points
from tests.doors import CHANNELS, Door, Seen, door
from tests.samples import sample

FOLDER = Path(__file__).parent / "dialogues"
LOCATION = re.compile(r"\[位置 ([\d.]+) ([\d.]+)\]")
FILE = re.compile(r"\[文件 (.+)\]")
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
                assert line[:2] in ("> ", "< ", "! "), f"{path.name}: {line!r}"
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


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("dialogue", dialogues(), ids=lambda d: d.title)
def test_dialogue(dialogue: Dialogue, channel: str, sqlite: Engine, shelf: Shelf) -> None:
    with sqlite.begin() as connection:
        Points(connection, shelf.gazetteer).add_samples()
    everywhere = Shelf(**{f: getattr(shelf, f) for f in shelf.__slots__} | {"sample_channels": frozenset(CHANNELS)})
    app = App(sqlite, everywhere)

    async def play() -> None:
        async with door(channel, app, sqlite) as person:
            seen = Seen("", ())
            for line in dialogue.lines:
                mark, words = line[0], line[2:]
                if mark == ">":
                    seen = await send(person, words)
                elif mark == "<" and (file := FILE.fullmatch(words)):
                    assert file[1] in seen.files, f"{file[1]!r} is not in {seen.files}"
                elif mark == "<":
                    assert words in seen.text, f"{words!r} is not in {seen.text!r}"
                else:
                    assert words not in seen.text, f"{words!r} is in {seen.text!r}"
        await app.close()

    asyncio.run(play())
