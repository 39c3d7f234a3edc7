"""Numbers of patents, trademarks and registrations: what form a number has, whether it can be right, and what it tells.

Chinese application numbers follow the standard ZC 0006-2003: the year of filing (four digits; two before October 2003), a
digit for the kind, a serial number, and behind a point a check digit. Letters of publications follow ZC 0007-2012.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from bot.privacy import mask

LONGEST = 60  # characters; no number is longer, even with the words around it


class Kind(StrEnum):
    """Of a patent."""

    INVENTION = "发明"
    UTILITY = "实用新型"
    DESIGN = "外观设计"


class Form(StrEnum):
    """What a number counts."""

    APPLICATION = "专利申请号"
    GRANT = "专利号"
    PUBLICATION = "专利公开（公告）号"
    INTERNATIONAL = "PCT国际申请号"
    INTERNATIONAL_PUBLICATION = "PCT国际公布号"
    FOREIGN = "外国或地区专利文献号"
    TRADEMARK = "商标申请号或注册号"
    MADRID = "商标国际注册号"
    SOFTWARE = "软件著作权登记号"
    CERTIFICATE = "软件著作权证书号"
    WORK = "作品登记号"


class Part(StrEnum):
    """What of a number cannot be."""

    YEAR = "年份"
    KIND = "类型位"
    LETTER = "种类代码"


class Other(StrEnum):
    """What was written in the place of a number."""

    PERSONAL = "电话或身份证号"
    CREDIT_CODE = "统一社会信用代码"
    LONG = "长文字"
    UNKNOWN = "认不出"


@dataclass(frozen=True, slots=True)
class Right:
    """A number that can be right. ``normal`` is how registers write it, with the check digit where the rule gives one.

    ``checked`` says that it was typed with its check digit (and that this is right); ``entered`` that it is of a PCT
    application that entered the national phase in China; ``office`` is the two-letter code of the country.
    """

    form: Form
    normal: str
    kind: Kind | None = None
    year: int | None = None
    stage: str = ""
    office: str = "CN"
    checked: bool = False
    entered: bool = False


@dataclass(frozen=True, slots=True)
class WrongDigit:
    """The check digit is not the one that the other digits want."""

    form: Form
    normal: str
    typed: str
    expected: str


@dataclass(frozen=True, slots=True)
class WrongLength:
    """So many digits no number of this form has; ``expected`` counts them with the check digit."""

    form: Form
    normal: str
    digits: int
    expected: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class WrongPart:
    """A part that cannot be: a year to come, a kind that there is not, a letter that belongs to another kind."""

    form: Form
    normal: str
    part: Part
    typed: str


@dataclass(frozen=True, slots=True)
class Several:
    """A number that may be of several forms, the likelier first."""

    readings: tuple[Right, ...]


@dataclass(frozen=True, slots=True)
class NotANumber:
    """Something else than a number of a register."""

    what: Other


Reading = Right | WrongDigit | WrongLength | WrongPart | Several | NotANumber

OFFICES = {
    "US": "美国",
    "EP": "欧洲专利局",
    "JP": "日本",
    "KR": "韩国",
    "DE": "德国",
    "FR": "法国",
    "GB": "英国",
    "CA": "加拿大",
    "AU": "澳大利亚",
    "RU": "俄罗斯",
    "KZ": "哈萨克斯坦",
    "KG": "吉尔吉斯斯坦",
    "UZ": "乌兹别克斯坦",
    "EA": "欧亚专利组织",
    "IN": "印度",
    "BR": "巴西",
    "TW": "中国台湾",
    "HK": "中国香港",
    "WO": "世界知识产权组织",
}
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

_LABEL = re.compile(
    r"^(?:中国|发明|实用新型|外观设计|国际|软件著作权|软著|作品)*(?:专利|商标)*"
    r"(?:公开公告号|申请号|公开号|公告号|注册号|登记号|证书号|商标号|专利号|号码|编号|NO|号)?[.:]?(?:是|为)?(?=[0-9A-Z第软国新])"
)
_PATENT = re.compile(r"^(CN|ZL)?(\d+)(?:\.([\dX])|(X))?$")
_PUBLICATION = re.compile(r"^CN(\d{5,10})([A-Z])(\d?)$")
_PCT = re.compile(r"^PCT/?([A-Z]{2})(?:/?(\d{4})/?(\d{6})|/?(\d{2})/?(\d{5}))$")
_WO = re.compile(r"^WO/?(?:(\d{4})/?(\d{6})|(\d{2})/?(\d{5}))([A-Z]\d?)?$")
_FOREIGN = re.compile(rf"^({'|'.join(o for o in OFFICES if o != 'WO')})([HS]?\d[\d/]{{4,13}})([A-Z]\d?)?$")
_SOFTWARE = re.compile(r"^((?:19|20)\d{2})SR(\d+)$")
_CERTIFICATE = re.compile(r"^软著登字第?(\d+)号?$")
_WORK = re.compile(r"^([一-鿿])作登字-?(\d{4})-?([A-Z])-?(\d{3,10})$")
_TRADEMARK = re.compile(r"^第?(\d{5,8}[A-Z]?)号?$")
_MADRID = re.compile(r"^G(\d{5,7}[A-Z]?)$")
_CREDIT_CODE = re.compile(r"^[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10}$")
_IN_SENTENCE = re.compile(
    r"(?<![0-9A-Za-z])(?:"
    r"PCT\s?/\s?[A-Z]{2}\s?\d{2,4}\s?/\s?\d{5,6}"
    r"|(?:CN|ZL)\s?\d[\d ]{4,16}\d\s?[.．。]?\s?[\dX]?(?:\s?[A-Z]\d?)?"
    r"|(?:US|EP|JP|KR|DE|FR|GB|CA|AU|RU|KZ|EA|IN|BR|TW|HK|WO)\s?[HS]?\d[\d/]{4,13}(?:\s?[A-Z]\d?)?"
    r"|(?:19|20)\d{2}SR\d{4,8}|G\d{5,7}[A-Z]?"
    r"|\d{4} \d \d{7}\s?[.．][\dX]|\d{8,14}\s?[.．][\dX]|\d{8,14}X?|\d{5,8}[A-Z]?"
    r")(?![0-9A-Za-z])|软著登字第?\s?\d+\s?号?|[一-鿿]作登字-?\d{4}-?[A-Z]-?\d+",
    re.IGNORECASE,
)


def check_digit(digits: str) -> str:
    """The check digit (0 to 9 or X) of the 8 or 12 digits of a Chinese application number (ZC 0006-2003).

    The digits are weighted 2 to 9, then again 2 to 5; the sum modulo 11 is the check digit, 10 is written X. Raises
    ValueError for another number of digits or for anything else than digits.
    """
    if len(digits) not in (8, 12) or not (digits.isascii() and digits.isdigit()):
        raise ValueError(f"8 or 12 digits are expected, not {digits!r}")
    return "0123456789X"[sum(int(d) * w for d, w in zip(digits, _WEIGHTS, strict=False)) % 11]


def numbers_in(sentence: str) -> tuple[str, ...]:
    """The parts of ``sentence`` that may be numbers of a register, as they were typed, in order."""
    return tuple(match[0].strip() for match in _IN_SENTENCE.finditer(unicodedata.normalize("NFKC", sentence)))


def read_number(typed: str, today: date) -> Reading:
    """What the number ``typed`` is (words like 专利号 may stand before it); no year after ``today`` is taken."""
    if len(typed.strip()) > LONGEST:
        return NotANumber(Other.LONG)
    text = unicodedata.normalize("NFKC", typed).upper()
    text = re.sub(r"\s+", "", text).rstrip("。.,;!?、")
    text = re.sub(r"(?<=\d)[。·](?=[\dX]$)", ".", text)
    text = _LABEL.sub("", text) if not text.startswith(("软著登字", "国作", "新作")) else text
    for read in (_read_publication, _read_international, _read_registration, _read_foreign):
        if found := read(text, today):
            return found
    if "[" in mask(text):
        return NotANumber(Other.PERSONAL)
    if _CREDIT_CODE.match(text) and not text.isdigit():
        return NotANumber(Other.CREDIT_CODE)
    if found := _read_application(text, today):
        return found
    if trademark := _TRADEMARK.match(text):
        return Right(Form.TRADEMARK, trademark[1])
    if madrid := _MADRID.match(text):
        return Right(Form.MADRID, f"G{madrid[1]}")
    return NotANumber(Other.UNKNOWN)


def _read_application(text: str, today: date) -> Reading | None:
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


def _read_publication(text: str, today: date) -> Reading | None:
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


def _read_international(text: str, today: date) -> Reading | None:
    """PCT/CN2021/123456 and WO2021/123456; before 2004 the year had two digits."""
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


def _read_registration(text: str, today: date) -> Reading | None:
    """Of software (2014SR001852, 软著登字第0671096号) or a work."""
    if match := _SOFTWARE.match(text):
        if len(match[2]) not in (6, 7):
            return WrongLength(Form.SOFTWARE, text, len(match[2]), (7, 6))
        if int(match[1]) > today.year:
            return WrongPart(Form.SOFTWARE, text, Part.YEAR, match[1])
        return Right(Form.SOFTWARE, text, year=int(match[1]))
    if match := _CERTIFICATE.match(text):
        if not 6 <= len(match[1]) <= 9:
            return WrongLength(Form.CERTIFICATE, text, len(match[1]), (8, 7))
        return Right(Form.CERTIFICATE, f"软著登字第{match[1]}号")
    if match := _WORK.match(text):
        if int(match[2]) > today.year:
            return WrongPart(Form.WORK, text, Part.YEAR, match[2])
        return Right(Form.WORK, f"{match[1]}作登字-{match[2]}-{match[3]}-{match[4]}", year=int(match[2]))
    return None


def _read_foreign(text: str, today: date) -> Reading | None:
    match = _FOREIGN.match(text)
    return Right(Form.FOREIGN, text, office=match[1]) if match else None
