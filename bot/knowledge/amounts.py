"""The amounts of money, periods, shares and multiples that texts name, and whether answers contradict the tables in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from bot.knowledge.entries import Entry, change_days
from bot.knowledge.figures import REFERENCE, Figures
from bot.knowledge.numerals import chinese_number
from bot.knowledge.problems import Problem
from bot.knowledge.text import plain

_NUMERAL = r"(?:\d+(?:,\d{3})*(?:\.\d+)?|[一二三四五六七八九十百千两零]+)"
# ordinals, dates and articles are no amounts: 第4-6年, 2027年1月1日, 1月10日
_NO_AMOUNT = re.compile(
    rf"第{_NUMERAL}(?:[-—~至到、和]第?{_NUMERAL})*(?:个?[年月日条款项类批号届章节位次]|工作日)?"
    r"|\d{4}年(?:\d{1,2}月(?:\d{1,2}日)?)?(?:底|初|末)?|\d{1,2}月\d{1,2}[日号]|[一二三四五六七八九十]+月[一二三四五六七八九十]+日"
    r"|每(?:个?[年月日天]|一年)|当[年月日]|[上下次同去今明]一?个?(?:年|月|日)"
)
_AMOUNT = re.compile(
    rf"百分之(?P<share>{_NUMERAL})|(?P<half>半年)"
    rf"|(?P<low>{_NUMERAL})(?:万元?)?(?:[-—~至到](?={_NUMERAL}))"
    rf"|(?P<number>{_NUMERAL})(?P<many>万|亿)?(?P<unit>元|%|倍|个工作日|周年|年|个月|日|天)"
)
_UNITS = {
    "%": "%",
    "元": "元",
    "倍": "倍",
    "个工作日": "工作日",
    "周年": "月",
    "年": "月",
    "个月": "月",
    "日": "日",
    "天": "日",
}
_MANY = {None: 1, "万": 10_000, "亿": 100_000_000}


@dataclass(frozen=True, slots=True)
class Amount:
    """A number with its unit: 元, %, 倍, 月 (years are twelve), 日 or 工作日. ``said`` is how the text put it."""

    value: float
    unit: str
    said: str

    def same(self, other: Amount) -> bool:
        return (self.value, self.unit) == (other.value, other.unit)


def amounts_in(text: str) -> Iterator[Amount]:
    """The amounts that ``text`` names, in order. The lower end of a range has the unit of the upper one."""
    waiting: list[str] = []
    for match in _AMOUNT.finditer(_NO_AMOUNT.sub("；", plain(text))):
        if match["low"]:
            waiting.append(match["low"])
            continue
        if match["half"]:
            value, unit = 6.0, "月"
        elif match["share"]:
            value, unit = _number(match["share"]), "%"
        else:
            value, unit = _number(match["number"]) * _MANY[match["many"]], _UNITS[match["unit"]]
            if match["unit"] in ("年", "周年"):
                value *= 12
            for low in waiting:
                lower = _number(low) * (_MANY[match["many"]] if unit == "元" else 1)
                yield Amount(lower * (12 if match["unit"] in ("年", "周年") else 1), unit, f"{low}{match['unit']}")
        waiting.clear()
        yield Amount(value, unit, match[0])


def _number(text: str) -> float:
    text = text.replace(",", "")
    return float(text) if text[0].isdecimal() else float(chinese_number(text))


def literals(entry: Entry, day: date) -> Iterator[tuple[str, Amount]]:
    """The amounts that an answer writes out itself on ``day``, not taken from the tables, each with its sentence."""
    for paragraph in (*entry.body, *entry.more):
        if paragraph.holds_on(day):
            for sentence in re.split(r"[。；\n]", REFERENCE.sub("，", paragraph.text)):
                for amount in amounts_in(sentence):
                    yield sentence.strip(), amount


def contradictions(entry: Entry, file: str, figures: Figures, today: date) -> Iterator[Problem]:
    """The same amount told in two ways, on ``today`` and after each change of the entry; see ``contradictions_on``."""
    for day in (today, *change_days(entry)):
        if entry.holds_on(day):
            yield from contradictions_on(entry, file, figures, day)


def contradictions_on(entry: Entry, file: str, figures: Figures, day: date) -> Iterator[Problem]:
    """Amounts an answer writes out although the tables hold others of that unit for the very article it cites.

    An editor who has checked such an amount against the article says so in the field ``figures``.
    """
    bases = {f"{basis.law} {basis.article}" for basis in entry.basis_on(day)}
    rows = [row for row in figures.rows if row.basis in bases]
    held = [(amount, row) for row in rows for amount in amounts_in(row.text)]
    for sentence, amount in literals(entry, day):
        if amount.said in entry.figures or amount.said[0] == "一":  # 一天, 一年: a way of speaking
            continue
        others = {row.id: row.text for other, row in held if other.unit == amount.unit}
        if others and not any(amount.same(other) for other, _ in held):
            told = "、".join(f"{{{row.kind}:{row.id}}}（{row.text}）" for row in rows if row.id in others)
            yield Problem(
                file,
                "正文",
                f"“{amount.said}”（{sentence}）与所引条文在表里的数不同：{told}；请引用表里的数；确实另有所指的，写进 figures",
            )
