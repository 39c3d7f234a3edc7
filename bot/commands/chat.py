"""``ipbot chat``: the terminal, for people and (``--json``) for programs."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from uuid import uuid4

from bot.app import App
from bot.build import build
from bot.channels.plain import render
from bot.channels.reception import from_this_machine
from bot.channels.terminal import CHANNEL, Clock, json_chat, read_time
from bot.files import Incoming
from bot.letters import Letter
from bot.messages import Body, Event, Message, Outcome, Person, Response, Text, Upload
from bot.settings import SettingError, Settings


def chat(settings: Settings, as_json: bool, at: str, limited: bool) -> int:
    """Answer until the input ends; returns 0."""
    try:
        clock = Clock(read_time(at) if at else None)
    except ValueError as error:
        raise SettingError(f"--at {at}: expected a time like 2027-01-02T10:00+08:00") from error
    parts = build(settings, clock.now().date(), limited=limited or not as_json)
    app = parts.app()
    app.study(clock.now())
    if as_json:
        # any locale may be set where programs run it
        sys.stdin.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
        sys.stdout.reconfigure(encoding="utf-8", errors="replace", newline="\n")  # type: ignore[union-attr]
        json_chat(
            sys.stdin,
            sys.stdout,
            from_this_machine(app, parts.shelf.incoming),
            clock,
            limited,
            partial(_push, app),
        )
    else:
        with suppress(EOFError, KeyboardInterrupt):
            _talk(app, parts.shelf.incoming, clock)
        print("再见。")
    return 0


def _push(app: App, users: Sequence[str], now: datetime, show: Callable[[Letter], None]) -> None:
    """What a server does beside the turns is done after each line here."""
    app.study(now)
    app.tell(CHANNEL, users, now, show)


def _talk(app: App, incoming: Incoming, clock: Clock) -> None:
    person = Person(CHANNEL, "people", "me")
    answer = from_this_machine(app, incoming)

    def turn(body: Body) -> None:
        response = answer(Message(person, body, uuid4().hex, clock.now()))
        print("\n\n".join(render(response)), end="\n\n")
        _push(app, [person.id], clock.now(), show)

    def show(letter: Letter) -> None:
        told = render(Response(Outcome.ANSWER, (letter.reply,)))
        print("【给您的消息】", *told, sep="\n", end="\n\n", flush=True)

    turn(Event.ARRIVED)
    while True:
        said = input("> ").strip()
        if app.wanted_at_once(person, clock.now()) and Path(said).is_file():
            turn(Upload(Path(said).name, said))
        elif said:
            turn(Text(said))
