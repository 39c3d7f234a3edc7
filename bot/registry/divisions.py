"""Administrative divisions, one row of ``content/places/divisions.csv`` each."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping
from dataclasses import dataclass

from bot.knowledge.problems import Faults
from bot.messages import Place
from bot.registry.geodesy import in_xinjiang

LEVELS = ("province", "prefecture", "county")
_COLUMNS = ("adcode", "name", "kind", "level", "parent", "short_names", "lat", "lon", "geonames_id", "verified")
_ADCODE_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Division:
    """An administrative division.

    ``adcode`` six digits; ``kind`` as officially named (市辖区, 县级市 …); ``level`` one of LEVELS; ``parent`` the
    adcode above, empty for the region; ``lat``, ``lon`` WGS-84 degrees near its seat, which ``approximate`` says are only
    roughly there; ``names`` all names it goes by, the formal one first; ``full_name`` with the prefecture before it
    (喀什地区叶城县), alone for a prefecture or a city directly under the region (阿拉尔市).
    """

    adcode: str
    name: str
    kind: str
    level: str
    parent: str
    lat: float
    lon: float
    approximate: bool
    names: tuple[str, ...]
    full_name: str

    @property
    def place(self) -> Place:
        """Its seat, in WGS-84."""
        return Place(self.lat, self.lon, label=self.full_name)

    @property
    def rank(self) -> tuple[int, bool, str]:
        """Orders those that share a name: the higher level first, a city (市) before a county, then by code."""
        return LEVELS.index(self.level), not self.name.endswith("市"), self.adcode


def read_divisions(text: str, faults: Faults) -> list[Division]:
    """The divisions of a CSV text with the header row of _COLUMNS; faulty rows are noted and left out."""
    if not text:
        return []
    reader = csv.DictReader(io.StringIO(text))
    if missing := [c for c in _COLUMNS if c not in (reader.fieldnames or ())]:
        faults.add("表头", f"缺少：{'、'.join(missing)}")
        return []
    rows: dict[str, Mapping[str, str]] = {}
    for number, raw in enumerate(reader, start=2):
        row = {column: (raw[column] or "").strip() for column in _COLUMNS}
        adcode = row["adcode"]
        if len(adcode) != _ADCODE_DIGITS or not (adcode.isascii() and adcode.isdigit()):
            faults.add(f"第{number}行.adcode", f"“{adcode}”应为六位数字")
        elif adcode in rows:
            faults.add(f"第{number}行.adcode", f"{adcode} 重复")
        else:
            rows[adcode] = row
    return [d for row in rows.values() if (d := _read_division(row, rows, faults))]


def _read_division(row: Mapping[str, str], rows: Mapping[str, Mapping[str, str]], faults: Faults) -> Division | None:
    adcode, before = row["adcode"], len(faults.found)
    if not row["name"]:
        faults.add(f"{adcode}.name", "缺少名称")
    if row["level"] not in LEVELS:
        faults.add(f"{adcode}.level", f"“{row['level']}”应为：{'、'.join(LEVELS)}")
    if row["level"] != "province" and row["parent"] not in rows:
        faults.add(f"{adcode}.parent", f"没有代码为“{row['parent']}”的上级")
    if row["verified"] not in ("yes", "no"):
        faults.add(f"{adcode}.verified", f"“{row['verified']}”应为 yes 或 no")
    lat, lon = _degrees(row["lat"]), _degrees(row["lon"])
    if not in_xinjiang(lat, lon):
        faults.add(f"{adcode}.lat", f"“{row['lat']}, {row['lon']}”不是新疆范围内的 WGS-84 坐标")
    if len(faults.found) > before:
        return None
    above = rows.get(row["parent"], {})
    prefix = above.get("name", "") if row["level"] == "county" and above.get("level") == "prefecture" else ""
    names = (row["name"], *(n.strip() for n in row["short_names"].split(";") if n.strip()))
    return Division(
        adcode=adcode,
        name=row["name"],
        kind=row["kind"],
        level=row["level"],
        parent=row["parent"],
        lat=lat,
        lon=lon,
        approximate=row["verified"] == "no",
        names=tuple(dict.fromkeys(names)),
        full_name=prefix + row["name"],
    )


def _degrees(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan
