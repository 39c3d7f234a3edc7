"""``ipbot eval``: plays question files through the real engine and prints how it went, every miss included."""

from __future__ import annotations

import shutil
import weakref
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import mkdtemp

import numpy as np
from numpy.typing import NDArray

from bot.app import App
from bot.build import build_shelf
from bot.channels.terminal import read_time
from bot.database.engine import open_engine
from bot.database.tables import metadata
from bot.desk import BEIJING
from bot.files import Files
from bot.knowledge.confidence import Likeness
from bot.knowledge.evaluation import (
    BadFileError,
    Row,
    Score,
    due,
    read_rows,
    score_dialogue,
    score_intent,
    score_message,
    score_question,
)
from bot.knowledge.library import ByMeaning
from bot.messages import Citation, Message, Person, Response, Text
from bot.settings import SettingError, Settings


class Counting:
    """The semantic stage, and how often it was asked."""

    def __init__(self, meaning: ByMeaning) -> None:
        self._meaning = meaning
        self.asked = 0

    def compare(self, question: str, ids: tuple[str, ...]) -> Mapping[str, Likeness]:
        self.asked += 1
        return self._meaning.compare(question, ids)

    def vectors(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self._meaning.vectors(texts)


class Player:
    """Plays rows through the app on a database of its own in memory, each row as a new person."""

    def __init__(self, settings: Settings, now: datetime) -> None:
        engine = open_engine("sqlite://")
        metadata.create_all(engine)
        self._now = now
        self.day = now.astimezone(BEIJING).date()
        shelf = build_shelf(settings, self.day, limited=False)
        self._meaning = Counting(shelf.library.meaning) if shelf.library.meaning else None
        # files that answers bring go with the player
        folder = mkdtemp(prefix="ipbot-eval-")
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        self.shelf = replace(shelf, files=Files(Path(folder)), library=shelf.library.with_meaning(self._meaning))
        self._unsure = 0
        self._app = App(engine, self.shelf)
        self._people = 0
        self._messages = 0

    def person(self) -> Callable[[str], Response]:
        """A new person; what they say is answered."""
        self._people += 1
        who = Person("terminal", "eval", str(self._people))

        def say(text: str) -> Response:
            self._messages += 1
            at = self._now + timedelta(seconds=self._messages / 1000)
            before = self._meaning.asked if self._meaning else 0
            response = self._app.turn(Message(who, Text(text), str(self._messages), at, limited=False))
            if self._meaning and self._meaning.asked > before:
                self._unsure += 1
            return response

        return say

    @property
    def by_meaning(self) -> float | None:
        """The share of turns in which words were not sure and the meaning was asked; None when there is no such stage."""
        return self._unsure / max(self._messages, 1) if self._meaning else None

    def offered(self, response: Response) -> list[tuple[str, tuple[Citation, ...]]]:
        """Text and citations of the entries that a response offered to choose from."""
        library = self.shelf.library
        entries = (library.entry(id, self.day) for id in response.entries)
        return [
            ("\n".join(e.text_on(self.day, library.content.figures)), library.cite(e, self.day)) for e in entries if e
        ]

    def play(self, kind: str, rows: list[Row]) -> Score:
        """Play all rows of one kind."""
        score = Score(kind)
        laws = self.shelf.library.content.laws
        for row in rows:
            say = self.person()
            match kind:
                case "in_scope":
                    response = say(row["question"])
                    score_question(due(row, self.day), response, self.offered(response), score, laws)
                case "out_of_scope":
                    score_message(row, say(row["message"]), score)
                case "followups":
                    score_dialogue(row, [say(turn["user"]) for turn in row["turns"]], score, laws)
                case _:
                    score_intent(row, say(row["text"]), score)
        return score


def evaluate_files(settings: Settings, files: list[str], at: str, topics: str, least: list[str]) -> int:
    """Print the score of each file; returns 1 when a figure is below its ``--min``."""
    try:
        now = read_time(at) if at else datetime.now(UTC)
        played = [(file, *read_rows(Path(file))) for file in files]
    except ValueError as error:
        raise SettingError(str(error) if isinstance(error, BadFileError) else f"--at {at}: {error}") from error
    player = Player(settings, now)
    chosen = {t.strip() for t in topics.split(",") if t.strip()}
    figures: dict[str, float] = {}
    kinds: set[str] = set()
    for file, kind, rows in played:
        kept = [row for row in rows if not chosen or row.get("topic") in chosen]
        score = player.play(kind, kept)
        print(f"== {file} ({kind}, {score.total})")
        for miss in score.misses:
            print(f"  {miss.id} {miss.asked}\n      {miss.why}")
        for band in sorted(score.bands):
            given, right = score.bands[band]
            print(f"  confidence {band / 10:.1f}-{(band + 1) / 10:.1f}: {right}/{given} right")
        again = kind in kinds  # figures of a second file of the same kind carry its name
        kinds.add(kind)
        for name, value in score.values().items():
            figures[f"{Path(file).stem}.{name}" if again else name] = value
            print(f"  {name} {value:.4g}")
    if player.by_meaning is None:
        print("== searched by words alone")
    else:
        figures["by_meaning"] = player.by_meaning
        print(f"== searched by words, and where these were not sure ({player.by_meaning:.1%} of the turns) by meaning")
    print(" ".join(f"{name} {value:.4g}" for name, value in figures.items()))
    return _below(figures, least)


def _below(figures: dict[str, float], least: list[str]) -> int:
    status = 0
    for wish in least:
        name, _, value = wish.partition("=")
        if name not in figures:
            raise SettingError(f"--min {wish}: no figure of this name; there are {', '.join(figures)}")
        if figures[name] < float(value):
            print(f"{name} {figures[name]:.4g} is below {value}")
            status = 1
    return status
