"""The vocabulary of a conversation: who speaks, what they said, what is said back. Imports nothing of the product.

A channel reads its native update into a :class:`Message` and writes a :class:`Response` in its own way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, StrEnum


class Datum(StrEnum):
    """The coordinate system of a place: GPS and Telegram use WGS-84, map pickers in China GCJ-02."""

    WGS84 = "wgs84"
    GCJ02 = "gcj02"


@dataclass(frozen=True, slots=True)
class Person:
    """Who speaks. ``channel`` is telegram, wechat, web or terminal; ``account`` our own account there (a channel may
    have several); ``id`` the person's id there."""

    channel: str
    account: str
    id: str

    @property
    def key(self) -> str:
        return f"{self.channel}:{self.account}:{self.id}"


@dataclass(frozen=True, slots=True)
class Text:
    """Something typed. It may also be a command, an option's label or a number."""

    text: str


@dataclass(frozen=True, slots=True)
class Press:
    """A pressed button: the short command (at most 64 bytes of UTF-8) that it says on the person's behalf."""

    say: str


@dataclass(frozen=True, slots=True)
class Place:
    """A shared location, degrees."""

    lat: float
    lon: float
    datum: Datum = Datum.WGS84
    label: str = ""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file or picture that was sent.

    ``path`` is where the channel put it, None when it was not fetched (only what a form waits for is); ``type`` its MIME
    type by its content, empty when it is none of FILE_TYPES; ``size`` in bytes, 0 when it is not known. ``token`` names
    what is kept (see bot/files/uploads.py).
    """

    name: str
    path: str | None = None
    type: str = ""
    size: int = 0
    token: str = ""


class Event(Enum):
    """What a platform tells about a person without words. (No StrEnum: it would match ``case str()``.)"""

    ARRIVED = "arrived"  # followed, /start, opened the page
    LEFT = "left"  # unfollowed or blocked the bot
    UNSUPPORTED = "unsupported"  # a voice message, a sticker …


Body = Text | Press | Place | Upload | Event


@dataclass(frozen=True, slots=True)
class Window:
    """What a message lets us write by ourselves: for how long after it, and how many letters."""

    open_for: timedelta
    letters: int


@dataclass(frozen=True, slots=True)
class Message:
    """One delivery from a channel.

    ``key`` is unique for the delivery (a repeat by the platform carries the same one); ``at`` is our clock, aware, in
    UTC; ``limited`` says whether the limit on free questions applies; ``paged`` whether the channel cuts long texts into
    pages that are read on with 继续; ``files`` whether it brings us files; ``private`` whether nobody else reads along, as
    in a group; ``carries`` whether the answer takes along what waits to be told to the person (a channel that may not
    always write by itself); ``window`` what the message allows there.
    """

    person: Person
    body: Body
    key: str
    at: datetime
    limited: bool = True
    paged: bool = False
    files: bool = True
    private: bool = True
    carries: bool = False
    window: Window | None = None


class Outcome(StrEnum):
    """What came of a turn, as the JSON chat names it."""

    ANSWER = "answer"
    CLARIFY = "clarify"
    DECLINE = "decline"
    HANDOFF = "handoff"
    FLOW = "flow"
    DONE = "done"
    GREET = "greet"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Option:
    """A button. ``say`` is what pressing it says (a short command, at most 64 bytes of UTF-8)."""

    label: str
    say: str


@dataclass(frozen=True, slots=True)
class Link:
    """A button that opens a page."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Citation:
    """What an answer rests on. Dates are ISO strings; ``article`` is None for a notice without articles."""

    law: str
    article: str | None
    status: str
    in_force: str | None
    checked: str
    url: str


@dataclass(frozen=True, slots=True)
class Spot:
    """A point on the map in an answer. ``distance_km`` is None when nobody said where they are."""

    name: str
    distance_km: float | None
    lat: float
    lon: float
    datum: Datum = Datum.WGS84


@dataclass(frozen=True, slots=True)
class File:
    """A file that goes with a reply: its name, its MIME type (one of FILE_TYPES), where it is on this machine, and the
    unguessable token by which it is fetched (see bot/files.py)."""

    name: str
    type: str
    path: str
    token: str

    @property
    def is_picture(self) -> bool:
        return self.type.startswith("image/")


@dataclass(frozen=True, slots=True)
class FileWanted:
    """What file may be sent as the answer: of one of ``types`` (endings of FILE_TYPES), at most ``at_most`` bytes.

    ``token`` opens the page where it can be uploaded, for people on a channel that carries no files.
    """

    types: tuple[str, ...]
    at_most: int
    token: str = ""

    @property
    def words(self) -> str:
        return f"{'、'.join(self.types).upper()}，不超过 {megabytes(self.at_most)}"


def megabytes(size: int) -> str:
    """A number of bytes as people read it."""
    return f"{round(size / 2**20, 1):g} MB" if size >= 2**17 else f"{max(round(size / 2**10, 1), 0.1):g} KB"


@dataclass(frozen=True, slots=True)
class Reply:
    """One bubble. ``text`` is plain; ``more`` is the folded rest; a channel decides how to show the others.

    ``asks_location`` invites to share a location (a channel with a key for that shows it), ``asks_file`` to send a file.
    """

    text: str
    more: str = ""
    citations: tuple[Citation, ...] = ()
    options: tuple[Option, ...] = ()
    links: tuple[Link, ...] = ()
    places: tuple[Spot, ...] = ()
    file: File | None = None
    asks_location: bool = False
    asks_file: FileWanted | None = None


@dataclass(frozen=True, slots=True)
class Response:
    """All that one turn says and what is told about it (see *The JSON chat* in the README).

    ``intent`` is what was wanted, whatever came of it; ``slots`` what the sentence named; ``entry`` the entry that
    answered, ``entries`` all that answered or were offered; ``understood`` the question as completed from the context;
    ``flow`` the form that is waiting; ``notice`` the privacy notice on first use; ``page`` which part of a long text is
    read on a channel that cuts texts; ``confidential`` says that it holds what somebody else said, so that the record of the
    turn keeps none of it.
    """

    outcome: Outcome
    replies: tuple[Reply, ...] = ()
    intent: str = "consult"
    slots: Mapping[str, object] = field(default_factory=dict)
    entry: str | None = None
    entries: tuple[str, ...] = ()
    confidence: float | None = None
    understood: str | None = None
    flow: str | None = None
    notice: str | None = None
    page: int = 1
    confidential: bool = False


PRESS_BYTES = 64
# the types of files that are handed out and taken, by the ending of their names
FILE_TYPES: Mapping[str, str] = {
    "pdf": "application/pdf",
    "jpg": "image/jpeg",
    "png": "image/png",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv",
    "txt": "text/plain",
    "ics": "text/calendar",
}
