"""What the Bot API refuses: texts it cannot parse or that are too long, keyboards of a wrong shape."""

from __future__ import annotations

import html
import re
from typing import Any

TAGS = {"b", "strong", "i", "em", "u", "s", "a", "code", "pre", "blockquote", "tg-spoiler"}
_TAG = re.compile(r"<(/?)([a-z-]+)((?:\s+[a-z-]+(?:=\"[^\"<>]*\")?)*)\s*>")
_ENTITY = re.compile(r"&(?!(?:lt|gt|amp|quot|#\d+|#x[0-9a-fA-F]+);)")


class Refusal(Exception):  # noqa: N818 (an answer, not an error)
    def __init__(self, code: int, description: str, **parameters: int) -> None:
        self.body = {"ok": False, "error_code": code, "description": description}
        self.body |= {"parameters": parameters} if parameters else {}
        self.code = code


def need(fine: bool, what: str) -> None:
    if not fine:
        raise Refusal(400, f"Bad Request: {what}")


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def visible(source: str) -> str:
    """The text that is shown for HTML. Raises Refusal on what Telegram does not parse."""
    opened: list[str] = []
    for closing, name, attributes in _TAG.findall(source):
        if name not in TAGS or (attributes and name not in ("a", "blockquote", "code", "pre")):
            raise Refusal(400, f'Bad Request: can\'t parse entities: Unsupported start tag "{name}"')
        if not closing:
            opened.append(name)
        elif not opened or opened.pop() != name:
            raise Refusal(400, "Bad Request: can't parse entities: Unmatched end tag")
    rest = _TAG.sub("", source)
    if opened or "<" in rest or ">" in rest or _ENTITY.search(rest):
        raise Refusal(400, "Bad Request: can't parse entities")
    if len(_TAG.findall(source)) > 200:
        raise Refusal(400, "Bad Request: too many entities")
    return html.unescape(rest)


def check_markup(markup: Any, chat: int) -> None:
    if markup is None:
        return
    kinds = [k for k in ("inline_keyboard", "keyboard", "remove_keyboard") if k in markup]
    need(len(kinds) == 1, "reply_markup")
    rows = markup.get("inline_keyboard") or markup.get("keyboard") or []
    need(all(1 <= len(row) <= 8 for row in rows) and sum(map(len, rows)) <= 100, "too many buttons")
    for key in (key for row in rows for key in row):
        need(bool(key.get("text")), "button text")
        if kinds == ["inline_keyboard"]:
            need(("callback_data" in key) != ("url" in key), "button kind")
            need(1 <= len(str(key.get("callback_data", "x")).encode()) <= 64, "BUTTON_DATA_INVALID")
            need(re.match(r"https?://[^\s/]+\.", str(key.get("url", "http://a.b"))) is not None, "BUTTON_URL_INVALID")
        elif key.get("request_location"):
            need(chat > 0, "location can be requested in private chats only")
