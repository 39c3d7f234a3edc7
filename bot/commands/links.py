"""``ipbot content check --links``: which addresses of the search platforms are dead; for an operator who has a network."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus

from aiohttp import ClientError, ClientSession, ClientTimeout

from bot.knowledge.figures import read_figures
from bot.knowledge.laws import read_laws
from bot.links import Links
from bot.links_tables import read_links
from bot.settings import Settings

AT_ONCE, SECONDS = 4, 20.0
AGENT = "Mozilla/5.0 (compatible; ipbot link check)"
# statuses with which a living platform turns programs away, or asks for a login: a person has to look
_REFUSALS = {401, 403, 405, 406, 412, 418, 429, 451, 521, 567}


class State(StrEnum):
    """What became of an address."""

    FINE = "可用"
    REFUSED = "有回应，但不让程序看，请人工打开核对"
    DEAD = "打不开"


@dataclass(frozen=True, slots=True)
class Looked:
    """An address that was opened: whose it is, and how it went."""

    label: str
    url: str
    state: State
    why: str


def addresses(links: Links) -> dict[str, str]:
    """All addresses by a label: each platform's page and the examples of the ways it takes a query."""
    found = {}
    for platform in links.platforms.values():
        found[platform.id] = platform.page
        for number, address in enumerate(platform.addresses, start=1):
            for example in address.examples[:1]:
                found[f"{platform.id} 写法{number}"] = example.url
    return found


async def look(urls: Mapping[str, str], seconds: float = SECONDS) -> list[Looked]:
    """Open ``urls``, a few at a time; ``seconds`` is the longest that one may take."""
    few = asyncio.Semaphore(AT_ONCE)
    timeout = ClientTimeout(total=seconds)
    async with ClientSession(timeout=timeout, headers={"User-Agent": AGENT}) as session:

        async def one(label: str, url: str) -> Looked:
            async with few:
                return await _open(session, label, url)

        return await asyncio.gather(*(one(label, url) for label, url in urls.items()))


async def _open(session: ClientSession, label: str, url: str) -> Looked:
    try:
        async with session.get(url, allow_redirects=True) as answer:
            status = answer.status
    except TimeoutError:
        return Looked(label, url, State.DEAD, "超时")
    except (ClientError, ssl.SSLError, OSError, ValueError) as error:
        return Looked(label, url, State.DEAD, type(error).__name__)
    if status < HTTPStatus.BAD_REQUEST:
        return Looked(label, url, State.FINE, str(status))
    return Looked(label, url, State.REFUSED if status in _REFUSALS else State.DEAD, str(status))


def check_links(settings: Settings) -> int:
    """Print every address that is dead or has to be looked at by a person, and a count; returns 1 when one is dead."""
    laws, _ = read_laws(settings.content)
    figures, _ = read_figures(settings.content)
    links, _ = read_links(settings.content, laws, figures)
    looked = asyncio.run(look(addresses(links)))
    for one in looked:
        if one.state is not State.FINE:
            print(f"{one.state}：{one.label} {one.url}（{one.why}）")
    dead = sum(one.state is State.DEAD for one in looked)
    print(f"{len(looked)} 个网址，{dead} 个打不开")
    return 1 if dead else 0
