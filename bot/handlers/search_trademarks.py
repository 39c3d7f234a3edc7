"""Searching trademarks: by name with its class, by registration number, by owner."""

from __future__ import annotations

import re

from bot.calculators.numbers import Form, NotANumber, Right, Several, numbers_in, read_number
from bot.desk import Desk
from bot.flow import Refused
from bot.handlers import numbers
from bot.handlers.search import Choice, Search, Wanted, form, handler, show
from bot.handlers.slots import read_slots
from bot.links import Query, clean
from bot.messages import Option, Outcome, Reply
from bot.routes import Said, say

COMMAND = "商标查询"
_QUESTION = "要查哪个商标？直接打名称、注册号或者注册人都可以；知道类别的也写上，比如“31类 雪域红枣”。"
_CHOICES = (
    Choice("查名称能不能注册", "mark", "请打商标的文字；知道第几类的写在前面，比如“31类 雪域红枣”。"),
    Choice("有注册号", "number", "请发商标的申请号或注册号（5 到 8 位数字，国际注册号以 G 开头）。"),
    Choice("查某人名下的", "owner", "请发注册人（单位或个人）的全称。"),
)
_CLASS = re.compile(r"第?(\d{1,2})类")
_OWNER = re.compile(r"(?:公司|集团|合作社|厂|大学|学院|协会|研究院|研究所|股份|中心)$")
_LONGEST_MARK, _LONGEST_OWNER = 40, 60
_CLASSES = 45


def _read(words: str, slot: str, desk: Desk) -> Wanted | Refused:
    if slot in ("", "number") and (found := numbers_in(words)):
        reading = read_number(found[0], desk.day)
        if _of_a_mark(reading) is None:
            return Refused(_not_a_mark(reading))
        return {"number": found[0]}
    if slot == "number":
        return Refused("这里没认出商标的号码：国内是 5 到 8 位数字，国际注册号以 G 开头。")
    if slot == "owner" or (slot == "" and _OWNER.search(words.strip())):
        name = clean(words)
        return {"owner": name} if 2 <= len(name) <= _LONGEST_OWNER else Refused("请写注册人的全称，2 到 60 个字。")
    named = read_slots("trademark_search", words, desk)
    if slot == "" and (named.get("owner") or named.get("mark")):
        return {**_within(named), **{n: named[n] for n in ("mark", "owner", "need") if named.get(n)}}
    mark = clean(_CLASS.sub(" ", words))
    if not mark or len(mark) > _LONGEST_MARK:
        return Refused(f"请打商标的文字，1 到 {_LONGEST_MARK} 个字；图形商标请在官网按图形要素查。")
    return {**_within(named), "mark": mark}


def _within(named: Wanted) -> dict[str, object]:
    """The class, if there is one of this number."""
    nice = named.get("nice_class")
    return {"nice_class": nice} if isinstance(nice, int) and 1 <= nice <= _CLASSES else {}


def _of_a_mark(reading: object) -> Right | None:
    """The reading as a trademark's number, None when it can be none."""
    if isinstance(reading, Several):
        reading = next((r for r in reading.readings if r.form is Form.TRADEMARK), None)
    return reading if isinstance(reading, Right) and reading.form in (Form.TRADEMARK, Form.MADRID) else None


def _not_a_mark(reading: object) -> str:
    if isinstance(reading, NotANumber):
        return numbers.instead(reading.what)
    what = f"看起来是{reading.form}，" if isinstance(reading, Right) else ""
    return f"这个号码{what}不是商标的号码：国内商标是 5 到 8 位数字，国际注册号以 G 开头。"


def _find(wanted: Wanted, desk: Desk) -> Said:
    if number := str(wanted.get("number") or ""):
        reading = read_number(number, desk.day)
        mark = _of_a_mark(reading)
        if mark is None:
            options = (Option("重新查", COMMAND), Option("核对号码", "号码核对"))
            return say(Reply(_not_a_mark(reading), options=options), Outcome.CLARIFY)
        guide = "madrid-mark" if mark.form is Form.MADRID else "mark-number"
        shown = mark.normal.removeprefix("G") if mark.form is Form.MADRID else mark.normal
        return show(
            guide,
            Query(number=shown),
            desk,
            f"按{mark.form} {mark.normal} 查：",
            "商标号没有校验位，抄没抄错请自己再对一遍。",
        )
    if owner := str(wanted.get("owner") or ""):
        return show("mark-owner", Query(owner=owner), desk, f"按注册人“{owner}”查商标：")
    mark_words = str(wanted["mark"])
    nice = wanted.get("nice_class")
    within = f"第 {nice} 类" if isinstance(nice, int) and 1 <= nice <= _CLASSES else ""
    head = f"查“{mark_words}”有没有相同、近似的商标{f'（{within}）' if within else ''}："
    wrong = f"商标一共 {_CLASSES} 类，没有第 {nice} 类，请先定好类别。" if nice and not within else ""
    no_class = "近似不近似要在同类商品上比，还没定类别的先查类别。" if not nice else ""
    return show("mark-name", Query(name=mark_words), desk, head, wrong or no_class)


SEARCH = Search(
    intent="trademark_search",
    commands=(COMMAND,),
    question=_QUESTION,
    choices=_CHOICES,
    fields=("mark", "number", "owner"),
    free=("mark",),
    read=_read,
    find=_find,
    answers=0.88,
)
search = handler(SEARCH)
FORM = form(SEARCH)
