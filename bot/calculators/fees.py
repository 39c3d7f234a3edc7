"""Official fees added up: filing a patent by kind, claims, pages and reduction; trademark matters by class and way.

Every amount comes from the table of prices that is passed in; the rules of adding are those of 专利法实施细则第一百一十条 to
第一百一十七条, the reductions those of 专利收费减缴办法.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.calculators.numbers import Kind

FREE_CLAIMS = 10
FREE_PAGES = 30
CHEAP_PAGES = 300
FREE_GOODS = 10


@dataclass(frozen=True, slots=True)
class Price:
    """One row of the schedules: yuan each, and what it rests on (the short name of a law, with its article if any)."""

    id: str
    item: str
    yuan: int
    unit: str
    basis: str


Prices = Mapping[str, Price]


class Share(StrEnum):
    """What of the reducible fees is paid: all, 15 % (one applicant) or 30 % (several who all qualify)."""

    FULL = ""
    ONE = "-85"
    SEVERAL = "-70"


class Way(StrEnum):
    """How a trademark matter is filed; online means that electronic notices are accepted too."""

    ONLINE = "online"
    PAPER = "paper"


@dataclass(frozen=True, slots=True)
class Line:
    """So many times a price."""

    price: Price
    count: int = 1

    @property
    def yuan(self) -> int:
        return self.price.yuan * self.count


@dataclass(frozen=True, slots=True)
class Bill:
    """Lines and their sum."""

    lines: tuple[Line, ...]

    @property
    def yuan(self) -> int:
        return sum(line.yuan for line in self.lines)


CODES = {Kind.INVENTION: "invention", Kind.UTILITY: "utility", Kind.DESIGN: "design"}


def filing(
    kind: Kind,
    prices: Prices,
    share: Share = Share.FULL,
    claims: int = 0,
    pages: int = 0,
    priorities: int = 0,
    examination: bool = True,
) -> Bill:
    """What filing costs: filing fee, for inventions publication and (``examination``) substantive examination, claims
    beyond 10, pages of the description beyond 30, priorities. Raises ValueError for negative counts and KeyError for a
    price that the table does not have."""
    if min(claims, pages, priorities) < 0:
        raise ValueError("counts cannot be negative")
    code = CODES[kind]
    lines = [Line(prices[f"patent-filing-{code}{share.value}"])]
    if kind is Kind.INVENTION:
        lines.append(Line(prices["patent-publication"]))
    if kind is not Kind.DESIGN:  # a design has neither claims nor a description
        lines.append(Line(prices["patent-claims"], max(0, claims - FREE_CLAIMS)))
        lines.append(Line(prices["patent-pages-31"], max(0, min(pages, CHEAP_PAGES) - FREE_PAGES)))
        lines.append(Line(prices["patent-pages-301"], max(0, pages - CHEAP_PAGES)))
    lines.append(Line(prices["patent-priority-fee"], priorities))
    if kind is Kind.INVENTION and examination:
        lines.append(Line(prices[f"patent-exam-invention{share.value}"]))
    return Bill(tuple(line for line in lines if line.count))


def registration(prices: Prices, way: Way, goods: tuple[int, ...], mark: str = "register") -> Bill:
    """Registering a trademark: one class for each of ``goods``, the number of goods in it; each beyond ten costs more.

    ``mark`` is register, collective or certification (the latter two without a price for goods beyond ten). Raises
    ValueError for no class or a class without goods.
    """
    if not goods or min(goods) < 1:
        raise ValueError("at least one class with at least one item of goods")
    lines = [Line(prices[f"tm-{mark}-{way.value}"], len(goods))]
    extra = sum(max(0, count - FREE_GOODS) for count in goods)
    if extra and mark == "register":
        lines.append(Line(prices[f"tm-register-extra-{way.value}"], extra))
    return Bill(tuple(lines))


def trademark(matter: str, prices: Prices, way: Way, classes: int = 1, late: bool = False) -> Bill:
    """Another matter of a trademark (renew, transfer, change, opposition, revoke, review, licence, reissue, proof) in so
    many classes; ``late`` is a renewal within the six months of grace. Raises ValueError below one class."""
    if classes < 1:
        raise ValueError("at least one class")
    lines = [Line(prices[f"tm-{matter}-{way.value}"], classes)]
    if late and matter == "renew":
        lines.append(Line(prices[f"tm-renew-late-{way.value}"], classes))
    return Bill(tuple(lines))
