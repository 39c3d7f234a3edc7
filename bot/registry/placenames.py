"""Which places a sentence names: longest names first, in one pass, with care for names that are common words too."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from bot.registry.divisions import Division

# what may stand between a prefecture and a county of it: 乌鲁木齐的天山区, 喀什·叶城
_JOINED = re.compile(r"[ \t\u3000·•/-]?的?")
# 阿克苏市场 is a market in 阿克苏, 天山区块链 a technology
_RUNS_ON = frozenset({"市场", "区块", "区域", "县域", "县级", "区级"})

_REACH = 8  # how many characters before a name are looked at
_BEFORE = re.compile(r"(?:在|到|去|从|自|住|位于|离|距离?|地址[是:：]?) ?$")
_NOT_THERE = re.compile(r"(?:不在|不是|不去|不住|除了|离开|搬出) ?$")
_POINT = (
    r"(?:知识产权|知产|信息|公共|服务)*(?:网点|网店|站点|服务点|服务站|服务中心|窗口|点(?=[吗没么嘛呢啊的在有位]|\W|$))"
)
_AFTER = re.compile(
    r" ?(?:的?(?:附近|周边|周围|旁边|那边|那里|那儿|那块|这边|这里|这儿|这块|本地|当地|境内|市区|县城|城区)"
    rf"|的? ?(?:最近)?的? ?{_POINT}"
    rf"|(?:这边|那边)?(?:也|都|还)?(?:有没有|有无|有几个|有多少|有哪些|有哪几个|有啥|有什么|有个|有)(?:最近的)?{_POINT}"
    r"|在哪|在什么地方|怎么走|怎么去|哪里?有|哪儿有)"
)
# behind 在X these go on with what one does there, they do not make X a longer word
_GOES_ON = re.compile(r"$|[^\w]|[有没的找办注开咨想能可该要会上做工读住申报买种生这那哪附周旁当本县市请问吗呢吧啊呀]")
# a name in Latin letters inside a longer word or an address: xinjiang.gov.cn
_SPELLED_ON = re.compile(r"[a-z0-9_./@-]\||\|[a-z0-9_/@-]")
_NOTHING_BEFORE = re.compile(r"\W*(?:我?(?:在|是|到|住))?")
_NOTHING_BEHIND = re.compile(r"(?:的|吧|呢|啊|呀|人)?\W*")


@dataclass(frozen=True, slots=True)
class PlaceFound:
    """A place named in a sentence.

    ``words`` as they were typed, from ``start`` to ``end``; ``division`` what they most likely mean; ``alternatives``
    the other divisions of that name (喀什: the prefecture, or else the city), empty when there is no doubt.
    """

    words: str
    division: Division
    alternatives: tuple[Division, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Hit:
    """A name that was met: where, and all it may mean (none: a word that contains a name by chance)."""

    name: str
    start: int
    end: int
    means: tuple[Division, ...]


class Names:
    """Finds names in sentences.

    ``named`` maps each name in lower case to the divisions it may mean, the likeliest first; ``above`` gives the
    adcodes that contain a division. ``products`` are words behind a place name, or whole names that begin with one, that
    make it a product or an institution; ``cautious`` names count only where the context says that a place is meant;
    ``decoys`` are longer words that contain a name by chance.
    """

    def __init__(
        self,
        named: Mapping[str, tuple[Division, ...]],
        above: Callable[[str], tuple[str, ...]],
        products: Iterable[str],
        cautious: Iterable[str],
        decoys: Iterable[str],
    ) -> None:
        self._means = {**dict.fromkeys(decoys, ()), **named}
        self._above = above
        self._products = _by_first(products)
        self._cautious = frozenset(cautious)
        self._lengths = {
            first: tuple(sorted({len(n) for n in names}, reverse=True))
            for first, names in _by_first(self._means).items()
        }

    def find(self, text: str, *, strict: bool = False) -> PlaceFound | None:
        """The place meant: one said to be where someone is or asks for, else the first, the region last of all."""
        found = self.find_all(text, strict=strict)
        if len(found) < 2:
            return found[0] if found else None
        return max(found, key=lambda f: (self._weight(text, f), -f.start))

    def find_all(self, text: str, *, strict: bool = False) -> list[PlaceFound]:
        """All places, in order; a prefecture with its county behind it is one."""
        low = text.lower()
        if len(low) != len(text):  # some letters become two in lower case: positions would shift
            low = text
        found: list[PlaceFound] = []
        for hit in self._hits(low):
            if strict and self._is_product(low, hit):
                if found and found[-1].end == hit.start:
                    found.pop()  # 喀什叶城核桃
                continue
            if not hit.means:
                continue
            last = found[-1] if found else None
            if last and _JOINED.fullmatch(low, last.end, hit.start):
                inner = sorted((d for d in hit.means if self._lies_in(d, last)), key=lambda d: d.rank)
                if inner:
                    deeper = [d for d in inner if d is not last.division] or inner
                    found[-1] = PlaceFound(
                        text[last.start : hit.end], deeper[0], tuple(deeper[1:]), last.start, hit.end
                    )
                    continue
                if last.end == hit.start and last.division.level != "province" and hit.means[0].kind == "市辖区":
                    # 喀什新市区: the new part of that town, not the district of Urumqi
                    found[-1] = replace(last, words=text[last.start : hit.end], end=hit.end)
                    continue
            if hit.name not in self._cautious or self._is_placed(low, hit):
                found.append(PlaceFound(text[hit.start : hit.end], hit.means[0], hit.means[1:], hit.start, hit.end))
        return found

    def _hits(self, low: str) -> Iterable[_Hit]:
        at, length = 0, len(low)
        while at < length:
            for size in self._lengths.get(low[at], ()):
                name = low[at : at + size]
                means = self._means.get(name)
                if means is None or low[at + size - 1 : at + size + 1] in _RUNS_ON:
                    continue
                if name.isascii() and _SPELLED_ON.search(
                    low[max(0, at - 1) : at] + "|" + low[at + size : at + size + 1]
                ):
                    continue
                yield _Hit(name, at, at + size, means)
                at += size
                break
            else:
                at += 1

    def _lies_in(self, division: Division, place: PlaceFound) -> bool:
        outer = {d.adcode for d in (place.division, *place.alternatives)}
        return division.adcode == place.division.adcode or not outer.isdisjoint(self._above(division.adcode))

    def _is_product(self, low: str, hit: _Hit) -> bool:
        """Whether the name is the beginning of a product's or an institution's name."""
        behind = self._products.get(low[hit.end : hit.end + 1], ())
        whole = self._products.get(hit.name[0], ())
        return any(low.startswith(p, hit.end) for p in behind) or any(
            len(p) > len(hit.name) and low.startswith(p, hit.start) for p in whole
        )

    def _is_placed(self, low: str, hit: _Hit) -> bool:
        """Whether the words around a cautious name say that a place is meant."""
        return (
            bool(_AFTER.match(low, hit.end))
            or bool(_stands_before(_BEFORE, low, hit.start) and _GOES_ON.match(low, hit.end))
            or bool(_NOTHING_BEFORE.fullmatch(low, 0, hit.start) and _NOTHING_BEHIND.fullmatch(low, hit.end))
        )

    @staticmethod
    def _weight(text: str, found: PlaceFound) -> int:
        if _stands_before(_NOT_THERE, text, found.start):
            return -2
        if found.division.level == "province":
            return -1
        return int(_stands_before(_BEFORE, text, found.start) or bool(_AFTER.match(text, found.end)))


def _by_first(words: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Words by their first character."""
    by_first: dict[str, list[str]] = {}
    for word in words:
        if word:
            by_first.setdefault(word[0], []).append(word)
    return {first: tuple(those) for first, those in by_first.items()}


def _stands_before(words: re.Pattern[str], text: str, at: int) -> bool:
    """Whether one of the words stands right before ``at``."""
    return bool(words.search(text, max(0, at - _REACH), at))
