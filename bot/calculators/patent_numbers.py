"""Numbers of patents: Chinese applications, grants and publications, PCT applications, and those of other countries.

Chinese application numbers follow the standard ZC 0006-2003: the year of filing (four digits; two before October 2003), a
digit for the kind, a serial number, and behind a point a check digit. Letters of publications follow ZC 0007-2012.
"""

from __future__ import annotations

import re
from datetime import date

from bot.calculators.readings import (
    OFFICES,
    Form,
    Kind,
    Part,
    Reading,
    Right,
    Several,
    WrongDigit,
    WrongLength,
    WrongPart,
)

_KINDS = {"1": Kind.INVENTION, "2": Kind.UTILITY, "3": Kind.DESIGN, "8": Kind.INVENTION, "9": Kind.UTILITY}
_WEIGHTS = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)
_NEW_FORM = 2003  # from 2003-10-01 the year has four digits; of that year there are numbers of both forms
_FIRST_YEAR = 1985
_FIRST_PCT_YEAR = 1978
# letter: the first digit of the number that it goes with, and what it says of numbers with nine digits (ZC 0007-2012)
_LETTERS = {
    "A": ("1", "发明专利申请公布"),
    "B": ("1", "发明专利授权公告"),
    "C": ("1", ""),  # partly invalidated; before 2010 it was the grant, so nothing is said
    "U": ("2", "实用新型专利授权公告"),
    "Y": ("2", ""),
    "S": ("3", "外观设计专利授权公告"),
    "D": ("3", ""),
}

_PATENT = re.compile(r"^(CN|ZL)?(\d+)(?:\.([\dX])|(X))?$")
_PUBLICATION = re.compile(r"^CN(\d{5,10})([A-Z])(\d?)$")
_PCT = re.compile(r"^PCT/?([A-Z]{2})(?:/?(\d{4})/?(\d{6})|/?(\d{2})/?(\d{5}))$")
_WO = re.compile(r"^WO/?(?:(\d{4})/?(\d{6})|(\d{2})/?(\d{5}))([A-Z]\d?)?$")
_FOREIGN = re.compile(rf"^({'|'.join(o for o in OFFICES if o != 'WO')})([HS]?\d[\d/]{{4,13}})([A-Z]\d?)?$")


def check_digit(digits: str) -> str:
    """The check digit (0 to 9 or X) of the 8 or 12 digits of a Chinese application number (ZC 0006-2003).

    The digits are weighted 2 to 9, then again 2 to 5; the sum modulo 11 is the check digit, 10 is written X. Raises
    ValueError for another number of digits or for anything else than digits.
    """
    if len(digits) not in (8, 12) or not (digits.isascii() and digits.isdigit()):
        raise ValueError(f"8 or 12 digits are expected, not {digits!r}")
    return "0123456789X"[sum(int(d) * w for d, w in zip(digits, _WEIGHTS, strict=False)) % 11]


def read_application(text: str, today: date) -> Reading | None:
    """A Chinese application or patent number; None when it is none."""
    match = _PATENT.match(text)
    if not match:
        return None
    prefix, digits, typed = match[1] or "", match[2], match[3] or match[4] or ""
    if not prefix and not typed and len(digits) < 8:
        return None  # a trademark
    if not typed and len(digits) in (9, 13):
        digits, typed = digits[:-1], digits[-1]
    form = Form.GRANT if prefix == "ZL" else Form.APPLICATION
    if prefix == "CN" and not match[3] and not match[4] and len(match[2]) in (7, 9):
        return _publication(match[2], "", "", today)
    shown = prefix + digits + (f".{typed}" if typed else "")
    if len(digits) not in (8, 12):
        return WrongLength(form, shown, len(digits) + len(typed), (13, 9))
    short = len(digits) == 8
    year = _two_digit_year(digits[:2]) if short else int(digits[:4])
    kind = _KINDS.get(digits[2] if short else digits[4])
    possible = year is not None and (_FIRST_YEAR if short else _NEW_FORM) <= year <= today.year
    bare = short and not prefix and not match[3]  # eight or nine digits, which a trademark may have as well
    if bare and not (possible and kind):
        return Right(Form.TRADEMARK, match[2]) if len(match[2]) == 8 else None
    if not possible or year is None:
        return WrongPart(form, shown, Part.YEAR, digits[:2] if short else digits[:4])
    if kind is None:
        return WrongPart(form, shown, Part.KIND, digits[2] if short else digits[4])
    expected = check_digit(digits)
    if typed and typed != expected:
        return WrongDigit(form, shown, typed, expected)
    right = Right(
        form,
        f"{prefix}{digits}.{expected}",
        kind,
        year,
        checked=bool(typed),
        entered=(digits[2] if short else digits[4]) in "89",
    )
    if bare and not typed:
        return Several((Right(Form.TRADEMARK, digits), right))
    return right


def _two_digit_year(digits: str) -> int | None:
    """1985 to 2003, the years that were written with two digits."""
    year = int(digits) + (1900 if int(digits) > 50 else 2000)
    return year if year <= _NEW_FORM else None


def read_publication(text: str, today: date) -> Reading | None:
    """CN102345678A, with the letter of its stage; None when it is none."""
    match = _PUBLICATION.match(text)
    if not match or (match[2] == "X" and len(match[1]) == 8):  # an old application number with the check digit X
        return None
    return _publication(match[1], match[2], match[3], today)


def _publication(digits: str, letter: str, more: str, today: date) -> Reading:
    """Nine digits since 2007 and seven before begin with the kind; eight of 1985 to 1988 with the year."""
    shown = f"CN{digits}{letter}{more}"
    if len(digits) not in (7, 8, 9):
        return WrongLength(Form.PUBLICATION, shown, len(digits), (9, 7))
    first = digits[2] if len(digits) == 8 else digits[0]
    if first not in "123":
        return WrongPart(Form.PUBLICATION, shown, Part.KIND, first)
    goes_with, stage = _LETTERS.get(letter, ("", "")) if letter else (first, "")
    if goes_with != first:
        return WrongPart(Form.PUBLICATION, shown, Part.LETTER, letter)
    if more and letter in "BUS":
        stage = ""  # with a digit it is a corrected or a partly invalidated version
    return Right(Form.PUBLICATION, shown, _KINDS[first], stage=stage if len(digits) == 9 else "")


def read_international(text: str, today: date) -> Reading | None:
    """PCT/CN2021/123456 and WO2021/123456; before 2004 the year had two digits; None for others."""
    if match := _PCT.match(text):
        office, year, form = match[1], match[2] or match[4], Form.INTERNATIONAL
        shown = f"PCT/{office}{year}/{match[3] or match[5]}"
    elif match := _WO.match(text):
        office, year, form = "WO", match[1] or match[3], Form.INTERNATIONAL_PUBLICATION
        shown = f"WO{year}/{match[2] or match[4]}{match[5] or ''}"
    else:
        return None
    full = int(year) if len(year) == 4 else int(year) + (1900 if int(year) >= 70 else 2000)
    if not _FIRST_PCT_YEAR <= full <= today.year:
        return WrongPart(form, shown, Part.YEAR, year)
    return Right(form, shown, year=full, office=office)


def read_foreign(text: str, today: date) -> Reading | None:
    """The number of a document of another country or office; None when it is none."""
    match = _FOREIGN.match(text)
    return Right(Form.FOREIGN, text, office=match[1]) if match else None
