"""What became of a letter, as a channel tells it, and what a channel that sends letters looks like."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from bot.letters import Letter


@dataclass(frozen=True, slots=True)
class Sent:
    """The platform said that it has it."""


@dataclass(frozen=True, slots=True)
class Refused:
    """It will never arrive. ``gone``: nothing else will reach the person either, until they write again."""

    cause: str
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Unsure:
    """It may have arrived: it is not sent again by itself."""

    cause: str


@dataclass(frozen=True, slots=True)
class Wait:
    """It certainly did not go out (parts of it did: ``parts`` need not be sent again); try again after ``seconds``.

    ``all``: so should all letters of this account.
    """

    seconds: float
    cause: str
    parts: int = 0
    all: bool = False


@dataclass(frozen=True, slots=True)
class Held:
    """The platform lets nothing through to the person now; it is shown when they next write."""

    cause: str


Delivered = Sent | Refused | Unsure | Wait | Held
# told how many parts of a letter need not be sent again, before the next one goes out
Mark = Callable[[int], Awaitable[None]]


class Sender(Protocol):
    """The sending side of a channel. ``account`` is empty when it sends for all accounts of the channel; ``windowed``
    says that the platform lets letters through only for a while after a message (see ``windows``); ``notices`` that people
    whose window is closed can be given notice of a letter that is theirs alone."""

    channel: str
    account: str
    windowed: bool
    notices: bool

    @property
    def ready(self) -> bool:
        """Whether letters can go out now."""
        ...

    async def send(self, letter: Letter, mark: Mark) -> Delivered:
        """Send it once. Does not raise for what the platform or the line does."""
        ...
