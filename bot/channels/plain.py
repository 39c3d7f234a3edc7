"""Responses as plain text, for channels without buttons: replies become lines, long texts become pages."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from itertools import takewhile
from urllib.parse import quote

from bot.messages import Citation, File, FileWanted, Link, Option, Reply, Response, Spot

CHOOSE = "回复数字选择"
READ_ON = "（回复“继续”读下文）"
SMALLEST_PAGE = 64  # bytes; a page has to hold READ_ON and something to read

_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"  # places are not picked by number, so theirs must not look like the options'
_LINK = re.compile(r'<a [^<>]*>[^<>]*</a>|[A-Za-z]{2,12}://[^\s<>"，。；！？、（）《》“”「」【】]+')
_BREAKS = (
    re.compile(r"\n[ \t\u3000]*\n\s*"),  # paragraph
    re.compile(r"\n"),  # line
    re.compile(r"[。！？；…!?;]+[”’」』）)】》]*"),  # sentence
    re.compile(r"[，、：,](?!\d)|[ \u3000]"),  # not inside 1,000 or 10：30
)
_LOOK_AHEAD = 8  # characters; closing quotes and blank lines that belong to a break may stand behind the page's end
_JOINER = "\u200d"


def as_text(link: Link) -> str:
    return f"{_one_line(link.label)} {link.url}"


def by_path(wanted: FileWanted) -> str:
    return f"发文件：打出它在本机上的路径（{wanted.words}）"


def with_path(file: File) -> str:
    return f"文件：{_one_line(file.name)}\n{file.path}"


def render(
    response: Response,
    *,
    link: Callable[[Link], str] = as_text,
    location: str = "",
    file: Callable[[File], str] = with_path,
    upload: Callable[[FileWanted], str] = by_path,
    numbered: bool = True,
) -> list[str]:
    """The texts of a response, one a reply, and the privacy notice last.

    The numbers of the options run on over all replies, as a bare number picks from them all. ``link`` writes a link,
    ``location`` tells how to share a location on this channel, ``file`` writes a file, ``upload`` tells how to send one. Not
    ``numbered``: the options say what to type, as a number would pick from what was said before.
    """
    first = 1
    last = max((i for i, reply in enumerate(response.replies) if reply.options), default=-1)
    texts = []
    for index, reply in enumerate(response.replies):
        places, other = _places(reply, link)
        parts = [
            _opening(reply, response.understood if index == 0 else None),
            "\n".join(places),
            "\n".join([*map(_basis, reply.citations), *map(link, other)]),
            file(reply.file) if reply.file else "",
            location if reply.asks_location else "",
            upload(reply.asks_file) if reply.asks_file else "",
            _numbered(reply.options, first, hint=index == last) if numbered else _typed(reply.options),
        ]
        first += len(reply.options)
        texts.append("\n\n".join(part for part in parts if part))
    if response.notice:
        texts.append(response.notice)
    return [text for text in texts if text]


def _opening(reply: Reply, understood: str | None) -> str:
    lines = (f"（理解为：{understood}）" if understood else "", reply.text.strip())
    return "\n".join(line for line in lines if line)


def _numbered(options: Sequence[Option], first: int, hint: bool) -> str:
    lines = [f"{number}. {_one_line(option.label)}" for number, option in enumerate(options, start=first)]
    return "\n".join([*lines, CHOOSE] if hint else lines)


def _typed(options: Sequence[Option]) -> str:
    return "\n".join(f"{_one_line(option.label)}：回复“{option.say}”" for option in options)


def basis(citation: Citation) -> tuple[str, str]:
    """A citation in words: the law and article, and whether and since when it is in force."""
    match citation.status:
        case "征求意见稿":
            facts = ["征求意见稿，尚未生效"]
        case "尚未施行" if citation.in_force:
            facts = [f"尚未施行，自{citation.in_force}起才施行"]
        case status if citation.in_force and status != "已废止":
            facts = [status, f"{citation.in_force}起施行"]
        case status:
            facts = [status]
    facts.append(f"{citation.checked}核对")
    law = citation.law if citation.law.startswith("《") else f"《{citation.law}》"
    return f"{law}{citation.article or ''}", "，".join(facts)


def _basis(citation: Citation) -> str:
    name, facts = basis(citation)
    return f"依据：{name}（{facts}）"


def _places(reply: Reply, link: Callable[[Link], str]) -> tuple[list[str], list[Link]]:
    """The lines of the places, each with the links that open it on a map, and the links that are of no place.

    A place that the text already tells, with its distance, is not told again.
    """
    own, other = _sorted_links(reply.links, reply.places)
    lines = []
    for index, (spot, links) in enumerate(zip(reply.places, own, strict=True)):
        told = spot.name in reply.text and (spot.distance_km is None or f"{spot.distance_km:g}" in reply.text)
        if not told or (links and len(reply.places) > 1):
            distance = "" if told or spot.distance_km is None else f"，{_distance(spot.distance_km)}"
            number = _CIRCLED[index] if index < len(_CIRCLED) else f"({index + 1})"
            lines.append(f"{number} {_one_line(spot.name)}{distance}")
        lines += map(link, links)
    return lines, other


def _distance(km: float) -> str:
    return f"{km * 1000:.0f}米" if km < 0.95 else f"{round(km, 1):.10g}公里"


def _sorted_links(links: Sequence[Link], places: Sequence[Spot]) -> tuple[list[list[Link]], list[Link]]:
    """The links that open each of the places on a map (they name it in label or address), and the others."""
    own: list[list[Link]] = [[] for _ in places]
    other: list[Link] = []
    for link in links:
        named = [
            i for i, spot in enumerate(places) if spot.name and (spot.name in link.label or _names(link.url, spot))
        ]
        # of “示例” and “示例二”, both named in a label, the longer one is meant
        (own[max(named, key=lambda i: len(places[i].name))] if named else other).append(link)
    return own, other


def _names(url: str, spot: Spot) -> bool:
    return quote(spot.name, safe="") in url


def _one_line(text: str) -> str:
    return " ".join(text.split())


def cut(text: str, limit: int) -> list[str]:
    """``text`` in pages of at most ``limit`` bytes of UTF-8; every page but the last ends with READ_ON.

    Without READ_ON the pages joined are ``text`` again. They end after a paragraph, line, sentence or at least a
    comma; never inside a character, nor inside a link that fits on a page. Raises ValueError on a limit under
    SMALLEST_PAGE.
    """
    if limit < SMALLEST_PAGE:
        raise ValueError(f"a page of {limit} bytes is too small")
    room = limit - _size(READ_ON)
    pages = []
    while _size(text) > limit:
        at = _page_end(text, _fitting(text, room))
        pages.append(text[:at] + READ_ON)
        text = text[at:]
    return [*pages, text]


def _size(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def _fitting(text: str, room: int) -> int:
    """How many characters of ``text`` fit into ``room`` bytes."""
    for index, character in enumerate(text):
        room -= _size(character)
        if room < 0:
            return index
    return len(text)


def _page_end(text: str, most: int) -> int:
    """Where the first page of ``text`` ends: 1 to ``most`` characters. A page is half full if that can be had."""
    links = _links(text, most)
    for least in (most // 2, 1):
        for ends in _BREAKS:
            found = [m.end() for m in ends.finditer(text, 0, most + _LOOK_AHEAD) if least <= m.end() <= most]
            found = [at for at in found if not any(start < at < end for start, end in links)]
            if found:
                return found[-1]
    for start, end in links:
        if 0 < start < most < end:
            return start
    at = most
    while at > 1 and _splits(text, at):
        at -= 1
    return at if at > 1 else most


def _links(text: str, most: int) -> list[tuple[int, int]]:
    """Where links (web addresses, HTML anchors) begin and end that begin within ``most`` characters."""
    return [m.span() for m in takewhile(lambda m: m.start() < most, _LINK.finditer(text))]


def _splits(text: str, at: int) -> bool:
    """Whether a cut here would part what is read as one character: accents, emoji made of several, flags."""
    if at >= len(text):
        return False
    before, after = text[at - 1], text[at]
    flags = len(text[:at]) - len(text[:at].rstrip("".join(map(chr, range(0x1F1E6, 0x1F200)))))
    return (
        unicodedata.category(after).startswith("M")
        or _JOINER in (before, after)
        or 0x1F3FB <= ord(after) <= 0x1F3FF
        or (0x1F1E6 <= ord(after) < 0x1F200 and flags % 2 == 1)
    )
