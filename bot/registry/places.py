"""The gazetteer: Xinjiang's administrative divisions, read from ``content/places``, and which one a sentence names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from bot.knowledge.problems import Faults, Problem
from bot.knowledge.tables import read_text
from bot.registry.divisions import Division, read_divisions
from bot.registry.placenames import Names, PlaceFound

__all__ = ["Division", "Gazetteer", "PlaceFound", "read_places"]


class Gazetteer:
    """All divisions. One is made for the loaded content, shared by all threads and never changed."""

    def __init__(
        self,
        divisions: Iterable[Division],
        products: Iterable[str] = (),
        cautious: Iterable[str] = (),
        decoys: Iterable[str] = (),
    ) -> None:
        self.divisions: Mapping[str, Division] = {d.adcode: d for d in divisions}
        inside: dict[str, set[str]] = {adcode: {adcode} for adcode in self.divisions}
        for adcode in self.divisions:
            for above in self._above(adcode):
                inside[above].add(adcode)
        self._inside = {adcode: frozenset(those) for adcode, those in inside.items()}
        by_name: dict[str, list[Division]] = {}
        for division in sorted(self.divisions.values(), key=lambda d: d.rank):
            for name in dict.fromkeys(n.lower() for n in (*division.names, division.full_name)):
                by_name.setdefault(name, []).append(division)
        self._named = {name: tuple(those) for name, those in by_name.items()}
        self._names = Names(self._named, self._above, products, cautious, decoys)

    def _above(self, adcode: str) -> tuple[str, ...]:
        """The adcodes of all divisions that contain this one, the nearest first."""
        found: list[str] = []
        parent = self.divisions[adcode].parent
        while parent in self.divisions and parent not in found:
            found.append(parent)
            parent = self.divisions[parent].parent
        return tuple(found)

    def division(self, adcode: str) -> Division | None:
        """The division of that six-digit code, or None."""
        return self.divisions.get(adcode)

    def within(self, adcode: str) -> frozenset[str]:
        """The adcodes of a division and of all that lie in it; empty when there is no such division.

        塔城地区 and 阿勒泰地区 count beside 伊犁哈萨克自治州, not in it: each has an office of its own (Art. 4).
        """
        return self._inside.get(adcode, frozenset())

    def lineage(self, adcode: str) -> tuple[str, ...]:
        """The adcode itself and those above it, the nearest first; empty when there is no such division."""
        return (adcode, *self._above(adcode)) if adcode in self.divisions else ()

    def called(self, name: str) -> tuple[Division, ...]:
        """Every division that goes by exactly this name or has this code, the likeliest first; empty when none does."""
        name = name.strip().lower()
        if name in self.divisions:
            return (self.divisions[name],)
        return self._named.get(name, ())

    def find(self, text: str, *, strict: bool = False) -> PlaceFound | None:
        """The place that a sentence names: that said to be where someone is or asks for, else the first; or None.

        ``text`` is in simplified characters. ``strict`` leaves out names that a product or an institution is called
        by (和田大枣, 石河子大学).
        """
        return self._names.find(text, strict=strict)

    def find_all(self, text: str, *, strict: bool = False) -> list[PlaceFound]:
        """All places that a sentence names, in the order in which they stand."""
        return self._names.find_all(text, strict=strict)


def read_places(content: Path) -> tuple[Gazetteer, list[Problem]]:
    """Read ``content/places``: the gazetteer of all good rows, and a problem for each fault."""
    folder, problems = content / "places", []
    faults = Faults("places/divisions.csv")
    divisions = read_divisions(read_text(folder / "divisions.csv", faults), faults)
    problems += faults.found
    lists: dict[str, list[str]] = {}
    for name in ("products", "cautious", "decoys"):
        faults = Faults(f"places/{name}.txt")
        lines = (line.strip() for line in read_text(folder / f"{name}.txt", faults).splitlines())
        lists[name] = [line.lower() for line in lines if line and not line.startswith("#")]
        if name == "cautious":
            known = {n.lower() for d in divisions for n in d.names}
            for word in lists[name]:
                if word not in known:
                    faults.add(word, "不是 divisions.csv 里的名称")
        problems += faults.found
    return Gazetteer(divisions, lists["products"], lists["cautious"], lists["decoys"]), problems
