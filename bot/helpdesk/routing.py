"""Whose turn a ticket is: the nearest point that offers the service and has staff, else the prefecture, else the region.

Any visitor's question goes to a point of the place, of its prefecture or close by; a service that few points offer
(Art. 12) goes to the nearest that does, however far. Of these the points that know the subject come first.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bot.helpdesk.presence import Presence
from bot.messages import Place
from bot.registry.geodesy import distance_km, to_wgs84
from bot.registry.institutions import Offices
from bot.registry.places import Gazetteer
from bot.registry.points import Near, Point, Points
from bot.registry.services import BASIC_SERVICES, Service, services_in
from bot.staff import Member, Role, Staff

POINT, PREFECTURE, REGION = "point", "prefecture", "region"
_LOOKED_AT = 12  # nearest points
_BAND_KM = 50.0  # within such a band the subject decides, not the way
_FAR_KM = 9999.0
_CLOSE_KM = 60.0  # a point beyond the border of a prefecture is near up to here
# what a point may be known for (Art. 3, 12), by the beginning of a topic's id
_SUBJECTS = (
    ("patent-license", Service.TRANSFER),
    ("patent-infringe", Service.ENFORCEMENT),
    ("patent-pct", Service.OVERSEAS),
    ("tm-infringe", Service.ENFORCEMENT),
    ("tm-", Service.BRANDS),
    ("gi", Service.INDICATIONS),
    ("enforcement", Service.ENFORCEMENT),
    ("customs", Service.OVERSEAS),
    ("overseas", Service.OVERSEAS),
)


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose turn it is. ``point`` is a code, ``prefecture`` an adcode; both stay known on the levels above."""

    level: str
    point: str = ""
    prefecture: str = ""


def subjects(topic: str, question: str) -> frozenset[Service]:
    """What a point should know of, for a question of that topic."""
    known = next((service for start, service in _SUBJECTS if topic.startswith(start)), None)
    return frozenset((*services_in(question), *([known] if known else ()))) - {*BASIC_SERVICES}


@dataclass(frozen=True, slots=True)
class Routing:
    """Finds owners, as seen through one connection."""

    points: Points
    offices: Offices
    staff: Staff
    presence: Presence
    gazetteer: Gazetteer

    def first(
        self,
        service: Service,
        adcode: str,
        place: Place | None,
        now: datetime,
        today: date,
        about: Collection[Service] = (),
    ) -> Owner | None:
        """Who is asked first; None when nobody at all can be reached. ``about``: see :func:`subjects`."""
        if place is not None and not adcode:
            adcode = self._division_at(place)
        prefecture = self.offices.of(adcode) if adcode else ""
        found = self._candidates(service, adcode, place, prefecture, today, frozenset(about))
        points = [point for point in found if self._reached(point)]
        on_duty = [point for point in points if any(self.presence.is_here(m, now) for m in self._reached(point))]
        for point in (*on_duty[:1], *points[:1]):
            return Owner(POINT, point.code, self.offices.of(point.adcode) or prefecture)
        return self.above(Owner(POINT, "", prefecture))

    def above(self, owner: Owner) -> Owner | None:
        """Who is asked next when nobody takes it: the prefecture, then the region; None above that or when none is there."""
        if owner.level == POINT and owner.prefecture and self.members(Owner(PREFECTURE, prefecture=owner.prefecture)):
            return Owner(PREFECTURE, owner.point, owner.prefecture)
        if owner.level != REGION and self.members(Owner(REGION)):
            return Owner(REGION, owner.point, owner.prefecture)
        return None

    def members(self, owner: Owner) -> list[Member]:
        """The members of staff of that level whose chat is bound."""
        match owner.level:
            case "point":
                found = self.staff.serving(Role.POINT, point=owner.point) if owner.point else []
            case "prefecture":
                found = self.staff.serving(Role.PREFECTURE, owner.prefecture) if owner.prefecture else []
            case _:
                found = self.staff.serving(Role.REGION)
        return [member for member in found if member.person is not None]

    def _candidates(
        self,
        service: Service,
        adcode: str,
        place: Place | None,
        prefecture: str,
        today: date,
        about: frozenset[Service],
    ) -> Sequence[Point]:
        """The points that may be asked, the best first."""
        division = self.gazetteer.division(adcode) if adcode else None
        here = place or (Place(division.lat, division.lon) if division else None)
        if here is None:
            return ()
        inside = self.gazetteer.within(adcode) if adcode else frozenset[str]()
        own = self.offices.places(prefecture) if prefecture else inside
        near = self.points.nearest(here, _LOOKED_AT, service, today=today)
        known = {found.point.code for found in near}
        near += [Near(p, _FAR_KM) for p in self.points.in_division(adcode, service, today=today) if p.code not in known]
        if service in BASIC_SERVICES:
            near = [n for n in near if n.distance_km <= _CLOSE_KM or n.point.adcode in own]

        def rank(found: Near) -> tuple[bool, int, bool, float, str]:
            point, km = found.point, found.distance_km
            strange = place is None and point.adcode not in inside  # somebody else's county
            return strange, int(km / _BAND_KM), not about & {*point.services}, km, point.code

        return [found.point for found in sorted(near, key=rank)]

    def _division_at(self, place: Place) -> str:
        """The county whose seat is nearest to a place."""
        lat, lon = to_wgs84(place).lat, to_wgs84(place).lon
        counties = (d for d in self.gazetteer.divisions.values() if d.level not in ("region", "prefecture"))
        return min(counties, key=lambda d: distance_km(lat, lon, d.lat, d.lon)).adcode

    def _reached(self, point: Point) -> list[Member]:
        return self.members(Owner(POINT, point.code))
