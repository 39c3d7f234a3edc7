"""How one cell of a list of points is read, and what is said of one that cannot be taken."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from urllib.parse import urlsplit

from bot.messages import Datum
from bot.registry.codes import CodeError, read_credit_code
from bot.registry.points import SAMPLE_MARK
from bot.registry.services import BASIC_SERVICES, Kind, Service, read_kind, read_service
from bot.registry.stages import POINT_STATES
from bot.registry.timetable import HoursError, read_rules

FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet computes a cell that begins with one of these

_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_NARROW = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F) if chr(wide) not in "（），；：！？"}
_CODE = re.compile(r"[A-Z0-9][A-Z0-9._-]{0,39}")
_PHONE = r"\(?\d[\d ()-]{2,}(?:转\d+)?"
_PHONES = re.compile(rf"{_PHONE}(?:[、,;/] ?{_PHONE})*", re.ASCII)
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?: 0?0:00(?::00)?)?|(\d{4})(\d{2})(\d{2})", re.ASCII)
_DEGREES = re.compile(r"[-+]?\d{1,3}(?:\.\d{1,20})?°?", re.ASCII)
_DATUMS = {
    **dict.fromkeys(("", "WGS84", "GPS", "CGCS2000", "国家2000"), Datum.WGS84),
    **dict.fromkeys(("GCJ02", "GCJ", "火星", "高德", "腾讯"), Datum.GCJ02),
}


class CellError(ValueError):
    """A cell that cannot be taken; the message is the reason, for the user."""


def clean(value: object) -> str:
    """A cell as text: full-width letters and digits made plain, invisible marks and outer spaces removed."""
    return _INVISIBLE.sub("", "" if value is None else str(value)).translate(_NARROW).strip()


def short(text: str) -> str:
    """``text`` as it is quoted in a message: at most 40 characters."""
    return text if len(text) <= 40 else text[:39] + "…"


def read_code(text: str) -> str:
    """A code, in capitals. Raises CellError."""
    if not text:
        raise CellError("缺少编号")
    if not (text.isascii() and _CODE.fullmatch(text.upper())):
        raise CellError(f"“{short(text)}”应为 1–40 个字母、数字、点、横线或下划线，以字母或数字开头")
    return text.upper()


def read_credit(text: str) -> str | None:
    """A unified social credit code, None when there is nothing. Raises CellError."""
    try:
        return read_credit_code(text) if text else None
    except CodeError as error:
        raise CellError(str(error).rstrip("。")) from error


def read_text(text: str, width: int) -> str:
    """A line of text, at most ``width`` characters, that no spreadsheet takes for a formula. Raises CellError."""
    if text.startswith(FORMULA):
        raise CellError(f"不能以“{text[0]}”开头（表格软件会当成公式）")
    if any(unicodedata.category(c) in ("Cc", "Cs") for c in text):
        raise CellError("里面有换行或控制字符，应写成一行")
    if len(text) > width:
        raise CellError(f"有 {len(text)} 个字，最多 {width} 个")
    return text


def read_name(text: str) -> str:
    """A name that is no sample's. Raises CellError."""
    name = _needed(read_text(text, 120), "名称")
    if re.sub(r"^\W+", "", name).startswith(SAMPLE_MARK):
        raise CellError(f"以“{SAMPLE_MARK}”开头的是样例，不能作为真实网点导入")
    return name


def read_kind_of(text: str) -> str:
    """The stored value of a kind of institution (Art. 2). Raises CellError."""
    kind = read_kind(text)
    if kind is None:
        raise CellError(f"“{short(text)}”应为：{'、'.join(k.label for k in Kind)}")
    return kind.value


def read_address(text: str) -> str:
    """An address. Raises CellError."""
    return _needed(read_text(text, 200), "地址")


def read_phone(text: str) -> str:
    """Telephone numbers, or nothing. Raises CellError."""
    phone = read_text(text, 60)
    plain = unicodedata.normalize("NFKC", phone)
    if plain and not _PHONES.fullmatch(plain):
        raise CellError(f"“{short(phone)}”应写成 0991-1234567 这样，几个号码之间用顿号")
    return plain


def read_services(text: str) -> list[str]:
    """Service tags; the basic ones, which every point owes (Art. 11), when none is named. Raises CellError."""
    found: list[str] = []
    for word in re.split(r"[、;；,，/|\s]+", text):
        if not word:
            continue
        service = read_service(word)
        if service is None:
            raise CellError(f"没有“{short(word)}”这项服务，可用的是：{'、'.join(s.label for s in Service)}")
        found.append(service.value)
    return list(dict.fromkeys(found)) or [s.value for s in BASIC_SERVICES]


def read_hours(text: str) -> str:
    """Office hours as written, or nothing. Raises CellError."""
    hours = read_text(text, 200)
    try:
        read_rules(hours)
    except HoursError as error:
        raise CellError(str(error)) from error
    return hours


def read_website(text: str) -> str:
    """An http(s) address, or nothing. Raises CellError."""
    website = read_text(text, 300)
    if website and not _is_address(website):
        raise CellError(f"“{short(website)}”不是网址，应以 http:// 或 https:// 开头")
    return website


def read_state(text: str) -> str | None:
    """A state by its Chinese or stored name, None when there is nothing. Raises CellError."""
    for state, name in POINT_STATES.items():
        if text.lower() in (state, name):
            return state
    if text:
        raise CellError(f"“{short(text)}”应为：{'、'.join(POINT_STATES.values())}")
    return None


def read_date(text: str) -> date | None:
    """A date, None when there is nothing. Raises CellError."""
    if not text:
        return None
    if found := _DATE.fullmatch(text):
        year, month, day = (int(n) for n in found.groups() if n)
        try:
            return date(year, month, day)
        except ValueError:
            pass
    raise CellError(f"“{short(text)}”不是日期，应写成 2026-11-22 这样")


def read_degrees(text: str, name: str) -> float:
    """Decimal degrees; ``name`` is the column's. Raises CellError."""
    if not text:
        raise CellError(f"缺少{name}，可在地图的坐标拾取工具里查到")
    if not _DEGREES.fullmatch(text):
        raise CellError(f"“{short(text)}”应为小数的度数，如 43.82")
    return float(text.rstrip("°"))


def read_datum(text: str) -> Datum:
    """A coordinate system; WGS-84 when nothing is named. Raises CellError."""
    datum = _DATUMS.get(re.sub(r"[-_ ]|(?:坐标系?|地图)$", "", text).upper())
    if datum is None:
        raise CellError(f"“{short(text)}”应为 WGS-84 或 GCJ-02（百度坐标请先转换）")
    return datum


def _needed(text: str, name: str) -> str:
    if not text:
        raise CellError(f"缺少{name}")
    return text


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and "." in parts.netloc and not re.search(r"[\s<>\"']", text)
