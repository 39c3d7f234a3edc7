"""What the region looks at: the list of certified points, coverage by prefecture and park, who stands out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bot.registry.places import Gazetteer
from bot.registry.points import Point, Points
from bot.registry.reports import Rendered
from bot.registry.services import read_kind

HEADERS = ("编号", "名称", "类型", "地区", "地址", "电话", "认定日期", "有效期至")


def listed(points: Sequence[Point], gazetteer: Gazetteer) -> list[tuple[object, ...]]:
    """Points as rows under HEADERS."""
    return [
        (
            p.code,
            p.name,
            kind.label if (kind := read_kind(p.kind)) else p.kind,
            division.full_name if (division := gazetteer.division(p.adcode)) else p.adcode,
            p.address,
            p.phone,
            p.certified_on or "",
            p.expires_on or "",
        )
        for p in points
    ]


@dataclass(frozen=True, slots=True)
class Covered:
    """A prefecture (or a city directly under the region) and its valid points."""

    adcode: str
    name: str
    points: int


def coverage(points: Points, gazetteer: Gazetteer, today: date) -> list[Covered]:
    """All prefectures and cities directly under the region with the number of their valid points, fewest first (Art. 3)."""
    found = []
    for adcode, division in gazetteer.divisions.items():
        directly = division.level == "county" and gazetteer.divisions[division.parent].level == "province"
        if division.level == "prefecture" or directly:
            found.append(Covered(adcode, division.name, len(points.in_division(adcode, today=today))))
    return sorted(found, key=lambda c: (c.points, c.adcode))


@dataclass(frozen=True, slots=True)
class Standout:
    """A point with the services it rendered in the last twelve months and how it was rated."""

    point: Point
    services: int


def shortlist(points: Points, rendered: Rendered, today: date, count: int = 10) -> list[Standout]:
    """The valid points with the most services in the last twelve months, to be looked at for a recommendation (Art. 18)."""
    first = date(today.year - 1, today.month, 1)
    months = [f"{first.year + (first.month - 1 + n) // 12}-{(first.month - 1 + n) % 12 + 1:02d}" for n in range(13)]
    sums = rendered.by_point(months)
    found = [
        Standout(point, services)
        for code, services in sums.items()
        if (point := points.by_code(code)) and point.state == "active" and point.is_valid_on(today)
    ]
    return sorted(found, key=lambda s: (-s.services, s.point.code))[:count]
