"""A Response as what Telegram sends: bubbles of HTML with buttons, venues, files; and Telegram's limits on them."""

from __future__ import annotations

import html
import logging
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from telegram import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
)

from bot.channels.plain import basis
from bot.messages import PRESS_BYTES, Citation, Datum, File, Link, Option, Reply, Response, Spot
from bot.registry.geodesy import check_degrees, gcj02_to_wgs84

log = logging.getLogger(__name__)

TEXT = 4096  # UTF-16 units of a message, its tags not counted
UNDERSTOOD = 500  # units of the line that says how a question was completed
BUTTONS = 100
LABEL = 64  # characters; longer labels are not readable on a phone
SHORT = 8  # characters; two such labels share a row
VENUES = 3
CAPTION = 1024  # units under a picture
VENUE_TITLE = 128
SHARE_LABEL = "发送我的位置"
SHARE_HINT = "点下面的“发送我的位置”，或直接打地名。"
PLACEHOLDER = "也可以直接打地名"  # at most 64 characters
CHOOSE = "请选择："
NO_MORE = "上面就是全部内容。还想了解什么，直接问我。"
_ENDS = (
    re.compile(r"\n\s*\n"),
    re.compile(r"\n"),
    re.compile(r"(?:[。！？；…]|[!?;.](?=\s))+[”’」』）)】》]*"),  # not inside a web address
    re.compile(r"[，、： ]"),
)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_TAG = re.compile(r"<[^>]*>")

Markup = InlineKeyboardMarkup | ReplyKeyboardMarkup | ReplyKeyboardRemove


@dataclass(frozen=True, slots=True)
class Bubble:
    """A message: well-formed HTML whose data are escaped, and the keys under it."""

    html: str
    markup: Markup | None = None

    @property
    def plain(self) -> str:
        return _plain(self.html)

    @property
    def removes_keyboard(self) -> bool:
        return isinstance(self.markup, ReplyKeyboardRemove)

    @property
    def asks_location(self) -> bool:
        return isinstance(self.markup, ReplyKeyboardMarkup)


@dataclass(frozen=True, slots=True)
class Venue:
    """A point on the map, WGS-84 degrees."""

    title: str
    address: str
    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file on this machine. A picture is shown when Telegram takes it as one; it shows no name, so the name stands under it."""

    file: File
    as_picture: bool = False

    @property
    def caption(self) -> str:
        return _shortened(self.file.name.rpartition(".")[0], CAPTION // 2) if self.as_picture else ""


Send = Bubble | Venue | Attachment
KEYBOARD_GONE = Bubble("位置按钮已收起。", ReplyKeyboardRemove())


def write(response: Response, private: bool = True) -> list[Send]:
    """All that is sent for a response, in order; nothing when it says nothing.

    The location key exists in private chats only. It is one bubble's, as no bubble has inline buttons and that key;
    where no reply asks for a location, a bubble without buttons takes the key away again. ``more`` stays behind its
    option. Texts are not cut into pages here, so that there is nothing to read on.
    """
    if response.page > 1:
        response = replace(response, replies=(Reply(NO_MORE),), understood=None)
    asking = max((i for i, reply in enumerate(response.replies) if reply.asks_location), default=-1) if private else -1
    sends: list[Send] = []
    for index, reply in enumerate(response.replies):
        bubbles = _bubbles(reply, response.understood if index == 0 else None)
        if index == asking:
            _add_location_key(bubbles)
        sends += [
            *bubbles,
            *_venues(reply.places),
            *([Attachment(reply.file, reply.file.is_picture)] if reply.file else []),
        ]
    if response.notice:
        sends += [Bubble(_escaped(part)) for part in cut(_clean(response.notice))]
    if private and asking < 0:
        for index, send in enumerate(sends):
            if isinstance(send, Bubble) and send.markup is None:
                sends[index] = replace(send, markup=ReplyKeyboardRemove())
                break
    return sends


def units(text: str) -> int:
    """The length of a text as Telegram counts it: UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def cut(text: str, most: int = TEXT) -> list[str]:
    """``text`` in parts of at most ``most`` units, after a paragraph, line, sentence or at least a comma; the white
    space between two parts is left out. No part is empty."""
    parts = []
    text = text.strip()
    while units(text) > most:
        at = _part_end(text, _fitting(text, most))
        parts.append(text[:at].rstrip())
        text = text[at:].lstrip()
    return [part for part in (*parts, text) if part]


def _fitting(text: str, most: int) -> int:
    """How many characters of ``text`` are at most ``most`` units."""
    for index, character in enumerate(text):
        most -= 2 if ord(character) > 0xFFFF else 1
        if most < 0:
            return index
    return len(text)


def _part_end(text: str, most: int) -> int:
    for least in (most // 2, 1):
        for ends in _ENDS:
            found = [m.end() for m in ends.finditer(text, 0, most) if m.end() >= least]
            if found:
                return found[-1]
    return max(most, 1)


def _bubbles(reply: Reply, understood: str | None) -> list[Bubble]:
    """The text of a reply with its basis, cut where it is too long; the buttons are under the last part."""
    head = f"（理解为：{_shortened(_clean(understood), UNDERSTOOD)}）" if understood else ""
    hint = f"（请直接把文件发到这里：{reply.asks_file.words}）" if reply.asks_file else ""
    body = "\n\n".join(part for part in (_clean(reply.text), _places(reply), hint) if part)
    blocks = [("i", head)] if head else []
    blocks += [("", part) for part in cut(body, TEXT - units(head) - 1)]
    blocks += [("blockquote", part) for part in _bases(reply.citations)]
    markup = _inline(reply.options, reply.links)
    if markup and not blocks:
        blocks = [("", CHOOSE)]
    bubbles: list[str] = []
    for tag, text in blocks:
        shown = _tagged(tag, text)
        if bubbles and units(_plain(f"{bubbles[-1]}\n{shown}")) <= TEXT:
            bubbles[-1] += f"\n{shown}"
        else:
            bubbles.append(shown)
    return [Bubble(text, markup if n == len(bubbles) else None) for n, text in enumerate(bubbles, start=1)]


def _tagged(tag: str, text: str) -> str:
    if tag == "blockquote":
        return f"<blockquote>{text}</blockquote>"  # HTML already
    return f"<{tag}>{_escaped(text)}</{tag}>" if tag else _escaped(text)


def _plain(text: str) -> str:
    return html.unescape(_TAG.sub("", text))


def _bases(citations: Iterable[Citation]) -> list[str]:
    """The citations, a line each, as HTML in blocks that fit into a message."""
    blocks: list[str] = []
    for line in map(_basis, citations):
        if blocks and units(_plain(blocks[-1])) + 1 + units(_plain(line)) <= TEXT:
            blocks[-1] += f"\n{line}"
        else:
            blocks.append(line)
    return blocks


def _basis(citation: Citation) -> str:
    """A citation on one line; the name leads to the text."""
    law, facts = basis(citation)
    name = _escaped(_shortened(_clean(law), 300))
    if _is_address(citation.url):
        name = f'<a href="{html.escape(citation.url)}">{name}</a>'
    return f"依据：{name}（{_escaped(_clean(facts))}）"


def _places(reply: Reply) -> str:
    """Lines for the points that the text does not name."""
    return "\n".join(
        f"{number}. {_clean(spot.name)}" + ("" if spot.distance_km is None else f"，{_distance(spot)}")
        for number, spot in enumerate(reply.places, start=1)
        if spot.name not in reply.text
    )


def _distance(spot: Spot) -> str:
    km = spot.distance_km or 0.0
    return f"约{km * 1000:.0f}米" if km < 0.95 else f"约{round(km, 1):.10g}公里"


def _venues(places: Sequence[Spot]) -> list[Venue]:
    venues = []
    for spot in places[:VENUES]:
        try:
            check_degrees(spot.lat, spot.lon)
            lat, lon = gcj02_to_wgs84(spot.lat, spot.lon) if spot.datum is Datum.GCJ02 else (spot.lat, spot.lon)
        except ValueError:
            log.error("a place without a position is left out", extra={"channel": "telegram"})
            continue
        about = "点开看地图" if spot.distance_km is None else f"{_distance(spot)}，点开看地图"
        venues.append(Venue(_shortened(_clean(spot.name), VENUE_TITLE) or "地图", about, lat, lon))
    return venues


def _add_location_key(bubbles: list[Bubble]) -> None:
    key = ReplyKeyboardMarkup(
        [[KeyboardButton(SHARE_LABEL, request_location=True)]],
        resize_keyboard=True,
        one_time_keyboard=True,
        input_field_placeholder=PLACEHOLDER,
    )
    if bubbles and bubbles[-1].markup is None:
        bubbles[-1] = replace(bubbles[-1], markup=key)
    else:
        bubbles.append(Bubble(SHARE_HINT, key))


def _inline(options: Sequence[Option], links: Sequence[Link]) -> InlineKeyboardMarkup | None:
    """Buttons under a bubble, short ones two a row. What Telegram would refuse is left out, with a line in the log."""
    buttons = []
    for option in options:
        label, size = _shortened(_clean(option.label).strip(), LABEL), len(option.say.encode("utf-8", "surrogatepass"))
        if label and 1 <= size <= PRESS_BYTES and option.say == _clean(option.say):
            buttons.append(InlineKeyboardButton(label, callback_data=option.say))
        else:
            log.error("an option is left out: label %r, %d bytes to say", label, size, extra={"channel": "telegram"})
    for link in links:
        label = _shortened(_clean(link.label).strip(), LABEL)
        if label and _is_address(link.url):
            buttons.append(InlineKeyboardButton(label, url=link.url))
        else:
            log.error("a link is left out: label %r", label, extra={"channel": "telegram"})
    if len(buttons) > BUTTONS:
        log.error("%d buttons are left out", len(buttons) - BUTTONS, extra={"channel": "telegram"})
    rows: list[list[InlineKeyboardButton]] = []
    for button in buttons[:BUTTONS]:
        if rows and len(rows[-1]) == 1 and len(rows[-1][0].text) <= SHORT and len(button.text) <= SHORT:
            rows[-1].append(button)
        else:
            rows.append([button])
    return InlineKeyboardMarkup(rows) if rows else None


def _is_address(url: str) -> bool:
    """Whether Telegram takes it for a button: http(s) and a host with a dot."""
    try:
        parts = urlsplit(url)
        fine = url.isprintable() and not re.search(r"[\s<>\"]", url)
        return fine and parts.scheme in ("http", "https") and "." in (parts.hostname or "")
    except ValueError:
        return False


def _shortened(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _escaped(text: str) -> str:
    return html.escape(text, quote=False)


def _clean(text: str) -> str:
    """Without control characters and halves of a character, which would not be sent."""
    return _CONTROL.sub("", text.replace("\r\n", "\n")).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
