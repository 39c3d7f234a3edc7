"""Chinese numerals as they stand in article numbers and questions: 第一百一十五条 is 115."""

from __future__ import annotations

import re

_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000}

ARTICLE = re.compile(r"第([零〇一二三四五六七八九十百千两]+|\d{1,4})条")
_PLACES = ((1000, "千"), (100, "百"), (10, "十"))


def chinese_number(text: str) -> int:
    """The value of a numeral below ten thousand, in Chinese or Arabic digits.

    Raises ValueError when ``text`` is no numeral.
    """
    if text.isdecimal():
        return int(text)
    total = digit = 0
    for c in text:
        if c in _DIGITS:
            digit = _DIGITS[c]
        elif c in _UNITS:
            total += (digit or 1) * _UNITS[c]
            digit = 0
        else:
            raise ValueError(f"not a numeral: {text!r}")
    return total + digit


def to_chinese(number: int) -> str:
    """The numeral of ``number`` (1 to 9,999) as laws write it: 115 is 一百一十五, 12 is 十二."""
    if not 0 < number < 10_000:
        raise ValueError(f"no article has the number {number}")
    digits = "零一二三四五六七八九"
    out, pending_zero, rest = "", False, number
    for size, unit in _PLACES:
        count, rest = divmod(rest, size)
        if count:
            out += ("零" if pending_zero else "") + digits[count] + unit
            pending_zero = False
        elif out:
            pending_zero = True
    if rest:
        out += ("零" if pending_zero else "") + digits[rest]
    return out.removeprefix("一") if 10 <= number < 20 else out


def article_numbers(text: str) -> list[int]:
    """The numbers of all articles named in ``text``, in order."""
    return [chinese_number(m) for m in ARTICLE.findall(text)]
