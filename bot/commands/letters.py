"""``ipbot letters``: how far the announcements are, as bars, once or until they are done."""

from __future__ import annotations

import sys
import time
from typing import TextIO

from sqlalchemy import Connection

from bot.build import build_engine
from bot.handlers.announcing import STAGES, STATES, bar
from bot.letters import State
from bot.settings import Settings
from bot.training.announcements import Announcements, Stage

_OPEN = (Stage.APPROVED, Stage.RUNNING, Stage.PAUSED)
_LATEST = 10
_CLEAR_LINE, _UP = "\x1b[2K", "\x1b[{}A"


def lines(connection: Connection) -> list[str]:
    """A line for each announcement that is under way; of all the newest when none is."""
    announcements = Announcements(connection)
    shown = announcements.latest(_LATEST, *_OPEN) or announcements.latest(1)
    found = []
    for one in reversed(shown):
        counted = announcements.progress(one.id)
        parts = [f"{STATES[s]} {counted.counts[s]}" for s in STATES if s is not State.SENDING and counted.counts.get(s)]
        found.append(f"通知 {one.id}《{one.title}》{STAGES[one.stage]} {bar(counted)} {'，'.join(parts)}".rstrip())
    return found


def letters(settings: Settings, follow: bool, out: TextIO = sys.stdout, seconds: float = 1.0) -> int:
    """Print it; with ``follow`` again every so many ``seconds``, until nothing is approved, running or paused. Returns 0."""
    engine = build_engine(settings, settings.content)
    before: list[str] = []
    try:
        while True:
            with engine.begin() as connection:
                shown = lines(connection) or ["还没有通知"]
                open_ = bool(Announcements(connection).latest(1, *_OPEN))
            if shown != before:
                back = _UP.format(len(before)) if before and out.isatty() else ""
                print(
                    back + "\n".join(f"{_CLEAR_LINE if out.isatty() else ''}{line}" for line in shown),
                    file=out,
                    flush=True,
                )
                before = shown
            if not follow or not open_:
                return 0
            time.sleep(seconds)
    except KeyboardInterrupt:
        return 0
    finally:
        engine.dispose()
