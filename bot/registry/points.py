"""The service points: the nearest, those of a place, one by code or name; and the marked samples of an empty registry.

A point is shown as certified only while it is: not after its last day, nor once revoked or cancelled (Art. 8, 16–18).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from rapidfuzz import fuzz
from sqlalchemy import ColumnElement, Connection, func, insert, not_, or_, select

from bot.database.tables import points
from bot.messages import Place
from bot.registry.geodesy import KM_A_DEGREE, distance_km, rounded_km, to_wgs84
from bot.registry.places import Gazetteer
from bot.registry.services import BASIC_SERVICES, Kind, Service, read_kind
from bot.registry.stages import VALID

SAMPLE_MARK = "示例"
SAMPLE_ADDRESS = "示例地址（非真实）"

_BANDS = (0.02, 0.1, 0.5, 3.0, 180.0)  # degrees searched, one after the other
_GENERIC = re.compile(
    r"(?:新疆维吾尔自治区|新疆)?(?:知识产权)?(?:信息)?(?:公共)?服务(?:网点|点|站|中心)$|有限(?:责任)?公司$|[（(][^）)]*[）)]$"
)
_TYPED = re.compile(r"[^0-9a-z\u3400-\u9fff]+")
_SHORTEST = 3  # characters of a name that is recognised in a sentence
_ALIKE, _ALIKE_FROM = 87, 8  # of 100: one slip in eight characters; shorter names must be right

_SAMPLES: tuple[tuple[str, Kind, tuple[Service, ...]], ...] = (
    ("650102", Kind.INFORMATION, (Service.ANALYSIS, Service.DATABASE, Service.PATENTS)),
    ("650104", Kind.UNIVERSITY, (Service.TRANSFER, Service.ANALYSIS)),
    ("650103", Kind.LIBRARY, ()),
    ("650203", Kind.PRODUCTIVITY, (Service.SMALL_FIRMS, Service.RISK)),
    ("650502", Kind.SERVICE, (Service.SMALL_FIRMS,)),
    ("652301", Kind.ASSOCIATION, (Service.BRANDS, Service.INDICATIONS)),
    ("652801", Kind.ASSOCIATION, (Service.INDICATIONS, Service.SMALL_FIRMS)),
    ("652901", Kind.RESEARCH, (Service.INDICATIONS, Service.TRANSFER)),
    ("653101", Kind.SERVICE, (Service.ENFORCEMENT, Service.OVERSEAS)),
    ("653201", Kind.MUSEUM, (Service.BRANDS,)),
    ("654002", Kind.SERVICE, (Service.OVERSEAS, Service.PORTFOLIO)),
    ("659001", Kind.UNIVERSITY, (Service.TRANSFER, Service.DATABASE)),
)


@dataclass(frozen=True, slots=True)
class Point:
    """One service point.

    ``kind`` and ``services`` are stored values of Kind and Service; ``lat``, ``lon`` WGS-84 degrees; ``hours`` its own
    office hours, empty for those of its region; ``expires_on`` the last day of its title; ``state`` one of POINT_STATES;
    ``confirmed_on`` when its contact data were last confirmed; ``rectify_by`` the last day of a rectification.
    """

    id: int
    code: str
    name: str
    sample: bool
    kind: str
    adcode: str
    address: str
    phone: str
    lat: float
    lon: float
    services: tuple[str, ...]
    hours: str
    certified_on: date | None
    expires_on: date | None
    state: str
    confirmed_on: date | None
    website: str
    institution_id: int | None = None
    rectify_by: date | None = None

    def is_valid_on(self, day: date) -> bool:
        """Whether it bears the title on ``day``, the last day included (Art. 8)."""
        return self.state in VALID and (self.expires_on is None or day <= self.expires_on)


@dataclass(frozen=True, slots=True)
class Near:
    """A point and how far it is: km as shown, one decimal below 100 km."""

    point: Point
    distance_km: float


class Points:
    """The points as seen through one connection. ``samples`` says whether sample points may be shown there."""

    def __init__(self, connection: Connection, gazetteer: Gazetteer, *, samples: bool = True) -> None:
        self._connection = connection
        self._gazetteer = gazetteer
        self._shown: tuple[ColumnElement[bool], ...] = () if samples else (not_(points.c.sample),)

    def nearest(self, place: Place, limit: int = 3, service: Service | None = None, *, today: date) -> list[Near]:
        """The nearest valid points, nearest first; with ``service``, of those that offer it.

        Raises ValueError when the place is not on earth.
        """
        here = to_wgs84(place)
        if limit < 1:
            return []
        found: list[tuple[float, str]] = []
        for band in _BANDS:
            found = sorted(self._within(band, here, service, today))
            # whatever lies outside the band is farther than its half width
            if len(found) >= limit and found[limit - 1][0] <= band * KM_A_DEGREE:
                break
        nearest = found[:limit]
        by_code = {p.code: p for p in self._read(points.c.code.in_([code for _, code in nearest]))}
        return [Near(by_code[code], rounded_km(km)) for km, code in nearest]

    def _within(self, band: float, here: Place, service: Service | None, today: date) -> Iterable[tuple[float, str]]:
        """Distance (km) and code of the valid points in a box that holds all within ``band`` degrees; only what is
        needed is read, since there may be thousands."""
        box = [points.c.lat.between(here.lat - band, here.lat + band)]
        width = _half_width(band, here.lat)
        if width is not None and abs(here.lon) + width < 180:
            box.append(points.c.lon.between(here.lon - width, here.lon + width))
        columns = [points.c.code, points.c.lat, points.c.lon, *([points.c.services] if service else [])]
        rows = self._connection.execute(select(*columns).where(*self._shown, *_valid_on(today), *box))
        for code, lat, lon, *services in rows:
            if service is None or service.value in services[0]:
                yield distance_km(here.lat, here.lon, lat, lon), code

    def in_division(self, adcode: str, service: Service | None = None, *, today: date) -> list[Point]:
        """The valid points of a division, a prefecture's counties included, by division and name."""
        inside = points.c.adcode.in_(sorted(self._gazetteer.within(adcode)))
        return sorted(self._valid(today, service, inside), key=lambda p: (p.adcode, p.name, p.code))

    def by_code(self, code: str) -> Point | None:
        """The point of that code, in whatever state, or None."""
        return next(iter(self._read(points.c.code == code.strip().upper())), None)

    def named(self, text: str) -> list[Point]:
        """The points, in whatever state, that a sentence names, the longest name first: by code, by name, by the name
        without its generic end, by a name of eight characters or more with a slip in it."""
        said = _typed(text)
        if len(said) < _SHORTEST:
            return []
        exact: list[tuple[int, Point]] = []
        alike: list[tuple[float, Point]] = []
        for point in self._read():
            full, core = _typed(point.name), _typed(self._core(point.name))
            if full in said or _has_code(text, point.code):
                exact.append((len(full), point))
            elif len(core) >= _SHORTEST and core in said:
                exact.append((len(core), point))
            elif _ALIKE_FROM <= len(core) <= len(said):
                score = fuzz.partial_ratio(core, said, score_cutoff=_ALIKE)
                alike += [(score, point)] if score else []
        best = exact or alike
        best.sort(key=lambda f: (-f[0], f[1].code))
        return [point for weight, point in best if weight == best[0][0]]

    def count(self, today: date | None = None) -> int:
        """How many points there are; with ``today``, how many are valid then."""
        where = (*self._shown, *(_valid_on(today) if today else ()))
        return self._connection.execute(select(func.count()).select_from(points).where(*where)).scalar_one()

    def has_real(self) -> bool:
        """Whether a point was ever entered that is no sample."""
        return self._connection.execute(select(points.c.id).where(not_(points.c.sample)).limit(1)).first() is not None

    def add_samples(self) -> int:
        """Enter the marked sample points that are missing, unless there are real points; returns how many."""
        if self.has_real():
            return 0
        there = set(self._connection.execute(select(points.c.code)).scalars())
        rows = [row for row in self._sample_rows() if row["code"] not in there]
        if rows:
            self._connection.execute(insert(points), rows)
        return len(rows)

    def _core(self, name: str) -> str:
        """A name without the ends that many share (服务网点, 有限公司, what stands in brackets); the whole name when only
        a place (喀什地区知识产权服务中心) or a kind (图书馆) would be left."""
        core = name
        while (shorter := _GENERIC.sub("", core.strip())) != core:
            core = shorter
        place = self._gazetteer.find(core)
        return name if (place and place.words == core) or read_kind(core) else core

    def _sample_rows(self) -> Iterable[dict[str, Any]]:
        for adcode, kind, special in _SAMPLES:
            division = self._gazetteer.division(adcode)
            if division:
                yield {
                    "code": f"SAMPLE-{adcode}",
                    "name": f"{SAMPLE_MARK}网点（{division.full_name}）",
                    "sample": True,
                    "kind": kind.value,
                    "adcode": adcode,
                    "address": SAMPLE_ADDRESS,
                    "phone": "",
                    "lat": division.lat,
                    "lon": division.lon,
                    "services": [s.value for s in (*BASIC_SERVICES, *special)],
                    "hours": "",
                    "state": "active",
                    "website": "",
                }

    def _valid(self, today: date, service: Service | None, *where: ColumnElement[bool]) -> list[Point]:
        found = self._read(*_valid_on(today), *where)
        return [p for p in found if service is None or service.value in p.services]

    def _read(self, *where: ColumnElement[bool]) -> list[Point]:
        query = select(points).where(*self._shown, *where).order_by(points.c.code)
        return [read_point(row) for row in self._connection.execute(query).mappings()]


def _half_width(band: float, lat: float) -> float | None:
    """How many degrees of longitude to each side hold all that is within ``band`` degrees (as an arc) of a place at
    ``lat``; None when they all do."""
    ratio = math.sin(math.radians(min(band, 90.0))) / max(math.cos(math.radians(lat)), 1e-9)
    return math.degrees(math.asin(ratio)) if ratio < 1 else None


def _valid_on(today: date) -> tuple[ColumnElement[bool], ...]:
    return points.c.state.in_(VALID), or_(points.c.expires_on.is_(None), points.c.expires_on >= today)


def read_point(row: Mapping[Any, Any]) -> Point:
    """A row of the table ``points``."""
    return Point(**{name: row[name] for name in _COLUMNS} | {"services": tuple(row["services"])})


_COLUMNS = tuple(field.name for field in fields(Point))


def _has_code(text: str, code: str) -> bool:
    """Whether a code with a letter in it stands alone in a text (mere digits are too often something else)."""
    if code.isdigit() or code.lower() not in text.lower():
        return False
    return bool(re.search(rf"(?<![0-9a-z]){re.escape(code.lower())}(?![0-9a-z])", text.lower()))


def _typed(text: str) -> str:
    """What is compared of a name: letters, digits and characters, in lower case."""
    return _TYPED.sub("", text.lower())
