"""Search links: the platforms of ``content/links``, and from what is looked for to the address or the words to paste.

A platform that takes a query in its address gets it filled in; for the others there are the page, the exact words to
paste, and the steps. What is put into a query is cleaned first, so that nothing a person types becomes an operator.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import quote

from bot.knowledge.laws import Basis

MOST = 3  # platforms that are named at once
FIELDS = ("number", "digits", "serial", "publication", "words", "english", "name", "owner", "inventor", "ipc")
LOGINS = {"no": "不用登录", "some": "部分功能要登录", "yes": "要先注册登录"}
PHONES = {"good": "手机好用", "fair": "手机能看", "poor": "建议用电脑"}
_KEPT = re.compile(r"[^0-9A-Za-z㐀-鿿\U00020000-\U0003ffff·&.\-/ ]+")
_OPERATORS = re.compile(r"^(?:and|or|not|xor|near|to|adj|with|same|within)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for. Empty fields are not.

    ``number`` is a register's number with its check digit behind a point (201320662370.2) or a registration number;
    ``publication`` like CN107196804B; ``words`` are groups of words of one meaning, of which each group must be met;
    ``english`` the same in English for platforms that want it; ``name`` the words of a mark or the title of a work;
    ``since`` and ``until`` limit the day of publication, both or neither.
    """

    number: str = ""
    publication: str = ""
    words: tuple[tuple[str, ...], ...] = ()
    english: tuple[tuple[str, ...], ...] = ()
    name: str = ""
    owner: str = ""
    inventor: str = ""
    ipc: str = ""
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """A query as an editor writes it, and the address that the platform wants for it."""

    query: Query
    url: str


@dataclass(frozen=True, slots=True)
class Address:
    """How a platform takes a query in its address.

    ``url`` holds ``{query}`` (made of ``parts``, joined by ``all``) or names fields itself. In a part ``{}`` stands for
    the field; a part that begins with & is a parameter of its own. The part ``dates`` has ``{since}`` and ``{until}``,
    written as ``dates`` says (strftime). ``any`` stands between words of one meaning.
    """

    url: str
    parts: Mapping[str, str]
    all: str
    any: str
    dates: str
    english: bool
    examples: tuple[Example, ...] = ()

    def fill(self, query: Query) -> str | None:
        """The address for ``query``; None when it says nothing that this address takes."""
        if not self.parts:
            return self._direct(query)
        filled = {name: self._part(name, part, query) for name, part in self.parts.items()}
        if not any(text for name, text in filled.items() if name != "dates"):
            return None
        told = [(self.parts[name], text) for name, text in filled.items() if text]
        asked = self.all.join(text for part, text in told if not part.startswith("&"))
        more = "".join(text for part, text in told if part.startswith("&"))
        return self.url.replace("{query}", quote(asked, safe="")) + more

    def _part(self, name: str, part: str, query: Query) -> str:
        """The part ``name`` with what the query says of it; empty when it says nothing."""
        said = self._said(name, query)
        for mark, value in said.items():
            part = part.replace(mark, quote(value, safe="") if part.startswith("&") else value)
        return part if said else ""

    def _direct(self, query: Query) -> str | None:
        url = self.url
        for name in re.findall(r"\{([a-z]+)\}", url):
            value = text_of(name, query)
            if not value:
                return None
            url = url.replace(f"{{{name}}}", quote(value, safe=""))
        return url

    def _said(self, name: str, query: Query) -> dict[str, str]:
        """What replaces the marks of the part ``name``; nothing when the query does not say it."""
        if name == "dates":
            if not (query.since and query.until):
                return {}
            return {"{since}": query.since.strftime(self.dates), "{until}": query.until.strftime(self.dates)}
        if name == "words":
            groups = [g for g in map(self._group, _both(query) if self.english else query.words) if g]
            return {"{}": self.all.join(groups)} if groups else {}
        value = clean(text_of(name, query))
        return {"{}": value} if value else {}

    def _group(self, words: Sequence[str]) -> str:
        terms = [_term(word) for word in words if clean(word)]
        return f"({self.any.join(terms)})" if len(terms) > 1 else "".join(terms)


def _both(query: Query) -> tuple[tuple[str, ...], ...]:
    """The groups of words with their English added."""
    if len(query.english) != len(query.words):
        return query.words
    return tuple((*own, *foreign) for own, foreign in zip(query.words, query.english, strict=True))


def _term(word: str) -> str:
    """A word as it stands in a query: in quotation marks when it would otherwise be read as several or as an operator."""
    word = clean(word)
    return f'"{word}"' if " " in word or "/" in word or "-" in word or _OPERATORS.match(word) else word


def clean(text: str) -> str:
    """``text`` without anything that a query language could take for more than a word, in one width, at most 80 characters."""
    narrow = unicodedata.normalize("NFKC", text)
    return " ".join(_KEPT.sub(" ", narrow).split()).strip("-./&· ")[:80].strip()


def text_of(name: str, query: Query) -> str:
    """A field of the query as text: ``digits`` is the number without its point, ``serial`` without its check digit."""
    match name:
        case "digits":
            return re.sub(r"^(?:CN|ZL)", "", query.number).replace(".", "")
        case "serial":
            digits = re.sub(r"^(?:CN|ZL)", "", query.number)
            return digits.partition(".")[0] if "." in digits else ""
        case "words":
            return " ".join(clean(group[0]) for group in query.words if group)
        case "english":
            return " ".join(clean(group[0]) for group in query.english if group)
        case "number" | "publication" | "name" | "owner" | "inventor" | "ipc":
            return clean(getattr(query, name))
    raise ValueError(f"no field {name!r}")


@dataclass(frozen=True, slots=True)
class Platform:
    """A search platform: who runs it, what it asks of its users, how it takes a query, when that was checked and where."""

    id: str
    name: str
    operator: str
    page: str
    login: str
    language: str
    phone: str
    checked: date
    source: str
    note: str
    addresses: tuple[Address, ...] = ()
    paste: Mapping[str, str] = field(default_factory=dict)
    steps: tuple[str, ...] = ()

    @property
    def takes(self) -> frozenset[str]:
        """The fields it can be asked by."""
        direct = (re.findall(r"\{([a-z]+)\}", a.url) for a in self.addresses if not a.parts)
        parts = (a.parts for a in self.addresses)
        return frozenset(n for names in (*direct, *parts, self.paste) for n in names if n in FIELDS)


@dataclass(frozen=True, slots=True)
class Opening:
    """A platform opened for a query: the address; whether the query is in it; else what to paste and the steps."""

    platform: Platform
    url: str
    filled: bool
    paste: str = ""

    @property
    def steps(self) -> tuple[str, ...]:
        return () if self.filled else self.platform.steps


@dataclass(frozen=True, slots=True)
class Guide:
    """What is told for one kind of search: platforms, best first; how to read the result; what comes next.

    ``offers`` are command words and entries (#id) for buttons.
    """

    id: str
    title: str
    platforms: tuple[str, ...]
    look: str
    next: str
    basis: tuple[Basis, ...]
    offers: tuple[str, ...]
    reviewed: date


class Links:
    """All platforms and guides. One is made for the loaded content; it is shared by all threads and never changed."""

    def __init__(self, platforms: Mapping[str, Platform], guides: Mapping[str, Guide]) -> None:
        self.platforms = platforms
        self.guides = guides

    def open(self, guide: str, query: Query) -> tuple[Opening, ...]:
        """At most three platforms of the guide, best first, opened for ``query``. Raises KeyError for an unknown guide."""
        named = (self.platforms[id] for id in self.guides[guide].platforms)
        return tuple(open_platform(platform, query) for platform in named)[:MOST]


def open_platform(platform: Platform, query: Query) -> Opening:
    """``platform`` opened for ``query``."""
    for address in platform.addresses:
        if url := address.fill(query):
            return Opening(platform, url, filled=True)
    for name, form in platform.paste.items():
        if value := text_of(name, query):
            return Opening(platform, platform.page, filled=False, paste=form.replace("{}", value))
    return Opening(platform, platform.page, filled=False)
