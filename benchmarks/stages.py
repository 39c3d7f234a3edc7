"""Where the time of a turn goes: ``ipbot serve`` with a stopwatch at the doors of its parts.

    python -m benchmarks.stages FILE      (the settings come from the environment)

When it is stopped it writes to FILE, as JSON, the microseconds of processor time a turn that each part took itself,
without the parts inside it. The stopwatch costs about 2 µs a door.
"""

from __future__ import annotations

import functools
import json
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bot import app
from bot.app import App
from bot.channels import wechat
from bot.channels.wechat_crypto import Envelope
from bot.cli import main
from bot.knowledge.intents import Intents
from bot.knowledge.lexicon import Lexicon
from bot.knowledge.library import Library
from bot.knowledge.matching import Index
from bot.people import People

TURN = "the turn between the parts below, and BEGIN and COMMIT"
DOORS: tuple[tuple[str, Any, str], ...] = (
    ("signature of the address", wechat, "check_url"),
    ("envelope: XML, signature, AES", wechat, "open_envelope"),
    ("message parsed", wechat, "parse_message"),
    ("reply rendered and cut", wechat, "write"),
    ("reply sealed: AES, signature", Envelope, "seal"),
    (TURN, App, "turn"),
    ("database: person found", People, "find"),
    ("database: repeat looked for", People, "stored"),
    ("database: turn and state stored", People, "keep"),
    ("response as JSON", app, "to_json"),
    ("what was meant, and the answer put together", app, "respond"),
    ("rules for services and boundaries", Intents, "match"),
    ("sentence read: slips, synonyms", Lexicon, "canonical"),
    ("retrieval: index and comparison", Index, "search"),
    ("retrieval: confidence and choice", Library, "search"),
)


class Stopwatch:
    """Adds up the processor time that the parts take themselves."""

    def __init__(self) -> None:
        self.spent: Counter[str] = Counter()
        self.calls: Counter[str] = Counter()
        self._thread = threading.local()

    def at(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """``function`` with its time added to ``name``."""

        @functools.wraps(function)
        def timed(*arguments: Any, **named: Any) -> Any:
            inside: list[int] = self._thread.__dict__.setdefault("inside", [])
            inside.append(0)
            begun = time.thread_time_ns()
            try:
                return function(*arguments, **named)
            finally:
                took = time.thread_time_ns() - begun
                self.spent[name] += took - inside.pop()
                self.calls[name] += 1
                if inside:
                    inside[-1] += took

        return timed

    def a_turn(self) -> dict[str, float]:
        """Microseconds a turn, by part."""
        turns = max(self.calls[TURN], 1)
        return {name: self.spent[name] / turns / 1000 for name, _, _ in DOORS}


def serve(file: Path) -> int:
    watch = Stopwatch()
    for name, owner, attribute in DOORS:
        setattr(owner, attribute, watch.at(name, getattr(owner, attribute)))
    status = main(["serve"])
    file.write_text(json.dumps(watch.a_turn()), encoding="utf-8")
    return status


if __name__ == "__main__":
    sys.exit(serve(Path(sys.argv[1])))
