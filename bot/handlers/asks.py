"""Questions that several forms put: yes or no, a number, a date, a place, a telephone, services; each reads and refuses kindly."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from bot.desk import Desk
from bot.flow import Ask, Refused, choose, said, text
from bot.messages import Body, Option, Place
from bot.registry.cells import CellError, clean, read_date
from bot.registry.codes import CodeError, read_credit_code
from bot.registry.geodesy import to_wgs84

YES, NO = ("是", "有", "对", "是的", "有的", "yes"), ("否", "没有", "不是", "无", "no")
_NUMBER = re.compile(r"(\d{1,6})(?:名|人|个|位)?")
_DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九十")} | {"两": 2}


def yes_or_no(prompt: str, yes: str = "是", no: str = "否") -> Ask:
    """A question with two answers; gives a bool."""
    choices = [(yes, True), (no, False), *((w, True) for w in YES), *((w, False) for w in NO)]
    return Ask(prompt, choose(*choices), (Option(yes, yes), Option(no, no)))


def one_of(prompt: str, choices: Sequence[tuple[str, Any]]) -> Ask:
    """A question with some answers (label, value)."""
    return Ask(prompt, choose(*choices), tuple(Option(label, label) for label, _ in choices))


def whole_number(prompt: str) -> Ask:
    """A question for a whole number of zero or more."""

    def read(body: Body) -> int | Refused:
        words = unicodedata.normalize("NFKC", said(body) or "").strip()
        if found := _NUMBER.fullmatch(words):
            return int(found[1])
        plain = words.rstrip("名人个位")
        return _DIGITS[plain] if plain in _DIGITS else Refused("这里请填一个数字，比如 3。")

    return Ask(prompt, read, takes_number=True)


def line(prompt: str, at_most: int = 60, *, free: bool = True) -> Ask:
    """A question for a line of text that may stand in the register; unless ``free``, a question is taken as it stands."""
    plain = text(at_most=at_most)

    def read(body: Body) -> Any:
        words = plain(body)
        return words if isinstance(words, Refused) else " ".join(clean(words).split()) or Refused("这里不能空着。")

    return Ask(prompt, read, open=free, takes_number=True)


def cell(prompt: str, reader: Callable[[str], Any], *, free: bool = False) -> Ask:
    """A question read like a cell of an imported list (bot/registry/cells.py); ``free`` where any text would do."""

    def read(body: Body) -> Any:
        words = said(body)
        if words is None:
            return Refused("这里请用文字回答。")
        try:
            return reader(clean(words))
        except CellError as error:
            return Refused(f"{error}。")

    return Ask(prompt, read, takes_number=True, open=free)


def a_day(prompt: str) -> Ask:
    """A question for a date."""

    def reader(words: str) -> date:
        day = read_date(words)
        if day is None:
            raise CellError("请写日期，比如 2027-03-01")
        return day

    return cell(prompt, reader)


def credit_code(prompt: str) -> Ask:
    """A question for a unified social credit code; its check character is verified."""

    def read(body: Body) -> str | Refused:
        try:
            return read_credit_code(said(body) or "")
        except CodeError as error:
            return Refused(str(error))

    return Ask(prompt, read, takes_number=True)


def a_county(prompt: str, desk: Desk) -> Ask:
    """A question for a county or a city directly under the region; gives its adcode."""

    def read(body: Body) -> str | Refused:
        found = desk.gazetteer.find(said(body) or "")
        if found is None:
            return Refused("没认出这个地方。请写到县市区，比如“喀什市”“乌鲁木齐市天山区”。")
        inside = [d for a in desk.gazetteer.within(found.division.adcode) if (d := desk.gazetteer.division(a))]
        named = [d for d in desk.gazetteer.called(found.words) if d.level == "county"]
        if found.division.level == "county":
            return found.division.adcode
        if len(named) == 1:
            return named[0].adcode
        examples = "、".join(sorted(d.name for d in inside if d.level == "county")[:4])
        return Refused(f"请写到县市区，比如{examples}。")

    return Ask(prompt, read)


def a_position(prompt: str, desk: Desk, adcode: str) -> Ask:
    """A question for a shared location; 跳过 takes the seat of the county. Gives (lat, lon), WGS-84."""
    division = desk.gazetteer.division(adcode)
    assert division is not None

    def read(body: Body) -> tuple[float, float] | Refused:
        if isinstance(body, Place):
            here = to_wgs84(body)
            return round(here.lat, 6), round(here.lon, 6)
        if said(body) == "跳过":
            return division.lat, division.lon
        return Refused("请发送位置，或者回复“跳过”（先按县市驻地标注）。")

    return Ask(prompt, read, (Option("跳过", "跳过"),), asks_location=True)
