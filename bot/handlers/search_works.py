"""Searching registered works and software: by number, name or owner."""

from __future__ import annotations

from bot.calculators.numbers import Form, Right, numbers_in, read_number
from bot.desk import Desk
from bot.flow import Refused
from bot.handlers import numbers
from bot.handlers.search import Choice, Search, Wanted, form, handler, show
from bot.handlers.slots import read_slots
from bot.links import Query, clean
from bot.messages import Option, Outcome, Reply
from bot.routes import Said, say

COMMAND = "版权查询"
_QUESTION = "要查哪件作品或软件的登记？直接打登记号、证书号或名称，比如 2014SR001852。"
_CHOICES = (
    Choice("有登记号", "number", "请发登记号或证书号，比如 2014SR001852、软著登字第0671096号。"),
    Choice("查软件名称", "software", "请打软件的全称。"),
    Choice("查作品名称", "work", "请打作品的名称。"),
)
_FORMS = {Form.SOFTWARE: "software", Form.CERTIFICATE: "software", Form.WORK: "work"}
_LONGEST_NAME = 80


def _read(words: str, slot: str, desk: Desk) -> Wanted | Refused:
    if slot in ("", "number") and (found := numbers_in(words)):
        reading = read_number(found[0], desk.day)
        if not (isinstance(reading, Right) and reading.form in _FORMS):
            told = numbers.tell(reading)
            return Refused(f"{told}\n这里要的是软件或作品的登记号，比如 2014SR001852。")
        return {"number": reading.normal, "type": _FORMS[reading.form]}
    if slot == "number":
        return Refused("这里没认出登记号：软件是“年份SR流水号”，作品像“国作登字-2024-F-00000001”。")
    if slot == "":
        named = read_slots("copyright_search", words, desk)
        if named.get("keyword"):
            return named
    name = clean(words)
    if not 1 <= len(name) <= _LONGEST_NAME:
        return Refused(f"请打名称，1 到 {_LONGEST_NAME} 个字。")
    return {"keyword": name, "type": slot or "work"}


def _find(wanted: Wanted, desk: Desk) -> Said:
    if number := str(wanted.get("number") or ""):
        reading = read_number(number, desk.day)
        if not isinstance(reading, Right) or reading.form not in _FORMS:
            return say(Reply(numbers.tell(reading), options=(Option("重新查", COMMAND),)), Outcome.CLARIFY)
        return show(_FORMS[reading.form], Query(number=reading.normal), desk, numbers.shape(reading))
    name = str(wanted["keyword"])
    guide = "software" if wanted.get("type") == "software" else "work"
    what = "软件" if guide == "software" else "作品"
    return show(guide, Query(name=name), desk, f"按{what}名称“{name}”查登记：")


SEARCH = Search(
    intent="copyright_search",
    commands=(COMMAND, "软件查询", "版权/软件查询"),
    question=_QUESTION,
    choices=_CHOICES,
    fields=("number", "keyword"),
    free=("keyword",),
    read=_read,
    find=_find,
    answers=0.9,
)
search = handler(SEARCH)
FORM = form(SEARCH)
