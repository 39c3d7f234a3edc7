"""One application to become or stay a point: what it declares and where it stands (Art. 6–8)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from bot.registry.lifecycle import Lifecycle
from bot.registry.stages import APPLICATION, OPEN_APPLICATIONS, SHORT_RENEWAL


@dataclass(frozen=True, slots=True)
class Application:
    """One application. ``fields`` are what was declared, by the keys of bot/registry/declaration.py; ``defects`` those of
    the last return: dictionaries of item, article and what is wrong; ``short`` says that its call asks for no experts."""

    id: int
    number: str
    renewal: bool
    call_id: int
    institution_id: int
    point: str
    adcode: str
    state: str
    since: datetime
    steps: int
    proposed: str
    proposed_by: int | None
    proposed_why: str
    applicant_id: int | None
    fields: Mapping[str, Any]
    defects: Sequence[Mapping[str, str]]
    notice_from: date | None
    notice_until: date | None
    short: bool = False

    @property
    def life(self) -> Lifecycle:
        return SHORT_RENEWAL if self.short else APPLICATION

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_APPLICATIONS


@dataclass(frozen=True, slots=True)
class Submitted:
    """An application that was taken. ``secret`` is told once and kept only as a hash."""

    application: Application
    secret: str


def institution_values(declared: Mapping[str, Any]) -> dict[str, Any]:
    """What a declaration says of the institution itself, as columns of ``institutions``."""
    return {
        name: declared.get(name)
        for name in ("name", "kind", "adcode", "address", "lat", "lon", "head", "contact", "phone")
    }
