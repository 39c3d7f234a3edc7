"""Whose turn a ticket is: the nearest point that offers the service and has staff, else the prefecture, else the region."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bot.helpdesk.presence import Presence
from bot.messages import Place
from bot.registry.institutions import Offices
from bot.registry.points import Point, Points
from bot.registry.services import Service
from bot.staff import Member, Role, Staff

POINT, PREFECTURE, REGION = "point", "prefecture", "region"
_LOOKED_AT = 8  # nearest points


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose turn it is. ``point`` is a code, ``prefecture`` an adcode; both stay known on the levels above."""

    level: str
    point: str = ""
    prefecture: str = ""


@dataclass(frozen=True, slots=True)
class Routing:
    """Finds owners, as seen through one connection."""

    points: Points
    offices: Offices
    staff: Staff
    presence: Presence

    def first(self, service: Service, adcode: str, place: Place | None, now: datetime, today: date) -> Owner | None:
        """Who is asked first; None when nobody at all can be reached."""
        prefecture = self.offices.of(adcode) if adcode else ""
        points = [point for point in self._candidates(service, adcode, place, today) if self._reached(point)]
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

    def _candidates(self, service: Service, adcode: str, place: Place | None, today: date) -> Sequence[Point]:
        if place is not None:
            return [near.point for near in self.points.nearest(place, _LOOKED_AT, service, today=today)]
        return self.points.in_division(adcode, service, today=today) if adcode else ()

    def _reached(self, point: Point) -> list[Member]:
        return self.members(Owner(POINT, point.code))
