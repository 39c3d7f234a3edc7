"""What a typed or pressed command means: numbers undone, command words found, slips in them noticed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from rapidfuzz.distance import DamerauLevenshtein

from bot.messages import Option
from bot.routes import Route

_NUMBER = re.compile(r"^(?:第|选|选择|no\.?)?\s*(\d{1,2})\s*(?:个|项|条|号|[.、。)）])?$", re.IGNORECASE)
_ORDINALS = {c: n for n, c in enumerate("一二三四五六七八九", start=1)}


def chosen(words: str, options: Sequence[Option]) -> str | None:
    """What the option says that ``words`` picks by its number (``2``, ``２``, ``第2个``) or its label; else None."""
    narrow = unicodedata.normalize("NFKC", words).strip()
    match = _NUMBER.match(narrow)
    number = int(match[1]) if match else None
    if number is None and len(narrow) == 3 and narrow[0] == "第" and narrow[1] in _ORDINALS and narrow[2] in "个项条":
        number = _ORDINALS[narrow[1]]
    if number is not None:
        return options[number - 1].say if 1 <= number <= len(options) else None
    return next((option.say for option in options if option.label == words.strip()), None)


def find(words: str, routes: Sequence[Route]) -> tuple[Route, str] | None:
    """The route whose command word ``words`` is or begins with, and what stands behind it."""
    narrow = unicodedata.normalize("NFKC", words).strip()
    head, _, rest = narrow.partition(" ")
    for route in routes:
        for command in route.commands:
            if narrow.lower() == command:
                return route, ""
            if head.lower() == command and route.argument:
                return route, rest.strip()
    return None


def alike(words: str, routes: Sequence[Route]) -> list[str]:
    """Command words that ``words`` may have been meant to be (one slip away), for “您是不是想说”."""
    narrow = unicodedata.normalize("NFKC", words).strip().lower()
    if not 2 <= len(narrow) <= 12:
        return []
    slash = narrow.startswith("/")
    most = 2 if slash else 1
    found = []
    for route in routes:
        for command in route.commands:
            if command.startswith("/") != slash or (not slash and len(command) < 3):
                continue
            if DamerauLevenshtein.distance(narrow, command, score_cutoff=most) <= most:
                found.append(route.commands[0])
                break
    return found
