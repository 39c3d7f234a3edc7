"""The institutions of the register, one record each, known by their unified social credit code; and whose office is whose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.database.tables import counters, institutions, offices
from bot.registry.places import Gazetteer
from bot.staff import Matter


@dataclass(frozen=True, slots=True)
class Institution:
    """One institution. ``lat``, ``lon`` WGS-84 degrees or None; ``head`` is in charge, ``contact`` answers the ``phone``;
    ``barred_until`` the last day on which Art. 17 bars it, or None."""

    id: int
    credit_code: str
    name: str
    kind: str
    adcode: str
    address: str
    lat: float | None
    lon: float | None
    head: str
    contact: str
    phone: str
    barred_until: date | None


_COLUMNS = tuple(field.name for field in fields(Institution))


class Institutions:
    """The institutions as seen through one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def by_code(self, credit_code: str) -> Institution | None:
        """The institution of that credit code, or None."""
        return self._one(institutions.c.credit_code == credit_code)

    def get(self, id: int) -> Institution | None:
        """The institution of that number, or None."""
        return self._one(institutions.c.id == id)

    def enter(self, credit_code: str, values: Mapping[str, Any]) -> Institution:
        """The institution of that code, entered when it is new; what is known already is not changed."""
        dialect = postgresql if self._connection.dialect.name == "postgresql" else sqlite
        new = dialect.insert(institutions).values(credit_code=credit_code, **values)
        self._connection.execute(new.on_conflict_do_nothing())
        found = self.by_code(credit_code)
        assert found is not None
        return found

    def lock(self, id: int) -> None:
        """Hold back others who decide on this institution until the transaction ends."""
        self._connection.execute(update(institutions).where(institutions.c.id == id).values(id=id))

    def change(self, id: int, values: Mapping[str, Any]) -> None:
        """Change data of an institution; called where the region decided it (Art. 7, 9, 17)."""
        self._connection.execute(update(institutions).where(institutions.c.id == id).values(values))

    def _one(self, where: Any) -> Institution | None:
        row = self._connection.execute(select(institutions).where(where)).mappings().first()
        return Institution(**{name: row[name] for name in _COLUMNS}) if row else None


class Offices:
    """Which prefecture's office is in charge of a place (Art. 4): its own, or for a city directly under the region the one
    that the region has assigned."""

    def __init__(self, connection: Connection, gazetteer: Gazetteer) -> None:
        self._connection = connection
        self._gazetteer = gazetteer

    def of(self, adcode: str) -> str:
        """The adcode of the prefecture in charge; empty while none is assigned."""
        if own := self._own(adcode):
            return own
        found = select(offices.c.prefecture).where(offices.c.adcode == adcode)
        return self._connection.execute(found).scalar() or ""

    def places(self, prefecture: str) -> frozenset[str]:
        """The adcodes of all places that the office of ``prefecture`` is in charge of."""
        assigned = self._connection.execute(select(offices.c.adcode).where(offices.c.prefecture == prefecture))
        return self._gazetteer.within(prefecture) | frozenset(assigned.scalars())

    def prefectures(self) -> tuple[str, ...]:
        """The adcodes of the prefectures, in order."""
        return tuple(sorted(a for a, d in self._gazetteer.divisions.items() if d.level == "prefecture"))

    def unassigned(self) -> frozenset[str]:
        """The cities directly under the region for which no office is assigned yet."""
        assigned = frozenset(self._connection.execute(select(offices.c.adcode)).scalars())
        loose = (a for a, d in self._gazetteer.divisions.items() if d.level == "county" and not self._own(a))
        return frozenset(loose) - assigned

    def assign(self, adcode: str, prefecture: str, member: int, now: datetime) -> None:
        """Put the office of ``prefecture`` in charge of a city directly under the region. Raises ValueError for a place
        that has an office of its own."""
        if self._own(adcode) or self._own(prefecture) != prefecture:
            raise ValueError(f"{adcode} cannot be assigned to {prefecture}")
        self._connection.execute(delete(offices).where(offices.c.adcode == adcode))
        self._connection.execute(
            insert(offices).values(adcode=adcode, prefecture=prefecture, member_id=member, since=now)
        )

    def matter(self, name: str, adcode: str, point: str = "", applicant: int | None = None) -> Matter:
        """What a right is asked for, at a place."""
        return Matter(name, self.of(adcode), point, applicant)

    def _own(self, adcode: str) -> str:
        divisions = self._gazetteer.divisions
        return next((a for a in self._gazetteer.lineage(adcode) if divisions[a].level == "prefecture"), "")


def next_number(connection: Connection, prefix: str, year: int, digits: int = 4) -> str:
    """The next number of a series, like XJWD-2026-0007; no number is given twice."""
    name = f"{prefix}-{year}"
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    new = dialect.insert(counters).values(name=name, value=1)
    counted = new.on_conflict_do_update(index_elements=["name"], set_={"value": counters.c.value + 1})
    value = connection.execute(counted.returning(counters.c.value)).scalar_one()
    return f"{name}-{value:0{digits}d}"
