"""Numbers of patents, trademarks and registrations: finding them in a sentence and reading what each is."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from bot.calculators.patent_numbers import (
    check_digit,
    read_application,
    read_foreign,
    read_international,
    read_publication,
)
from bot.calculators.readings import (
    OFFICES,
    Form,
    Kind,
    NotANumber,
    Other,
    Part,
    Reading,
    Right,
    Several,
    WrongDigit,
    WrongLength,
    WrongPart,
)
from bot.privacy import mask

__all__ = [
    "LONGEST",
    "OFFICES",
    "Form",
    "Kind",
    "NotANumber",
    "Other",
    "Part",
    "Reading",
    "Right",
    "Several",
    "WrongDigit",
    "WrongLength",
    "WrongPart",
    "check_digit",
    "numbers_in",
    "read_number",
]

LONGEST = 60  # characters; no number is longer, even with the words around it

_LABEL = re.compile(
    r"^(?:中国|发明|实用新型|外观设计|国际|软件著作权|软著|作品)*(?:专利|商标)*"
    r"(?:公开公告号|申请号|公开号|公告号|注册号|登记号|证书号|商标号|专利号|号码|编号|NO|号)?[.:]?(?:是|为)?(?=[0-9A-Z第软国新])"
)
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
    for read in (read_publication, read_international, _read_registration, read_foreign):
        if found := read(text, today):
            return found
    if "[" in mask(text):
        return NotANumber(Other.PERSONAL)
    if _CREDIT_CODE.match(text) and not text.isdigit():
        return NotANumber(Other.CREDIT_CODE)
    if found := read_application(text, today):
        return found
    if trademark := _TRADEMARK.match(text):
        return Right(Form.TRADEMARK, trademark[1])
    if madrid := _MADRID.match(text):
        return Right(Form.MADRID, f"G{madrid[1]}")
    return NotANumber(Other.UNKNOWN)


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
