"""Fees worked out in a chat: what is to be paid for a patent or a trademark, one sum in one turn or step by step."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from bot.calculators.annuities import last_year
from bot.calculators.numbers import Kind
from bot.desk import Desk, Turn
from bot.flow import Ask, Form, Refused, ask, said
from bot.handlers.fee_replies import annual, other_fee, patent_filing, trademark_fee
from bot.handlers.fee_words import MOST, read_fee
from bot.handlers.questions import answer_with
from bot.knowledge.clauses import is_question
from bot.knowledge.library import Sure
from bot.knowledge.text import plain
from bot.messages import Body, Option, Outcome
from bot.routes import Begin, FormKind, Said

_ANSWERS = 0.75  # an entry that is as sure answers when the sentence does not say what is to be added up
_MATTERS = ("专利申请费", "专利年费", "商标费用")
_KINDS = tuple(kind.value for kind in Kind)
_BY_KIND = ("filing", "annuity", "reexam", "invalid")
_IMPOSSIBLE = f"项数、页数、类数不能是负数，也不超过 {MOST}。\n"
_ORDER = "日期的先后不对：申请日在前，授权公告日在后，都不晚于今天。"
_MOST_CLASSES = 45
_ASK_MATTER = "要算哪种费用？选一个，或者直接说，比如“发明申请 12项权利要求 40页”“实用新型第5年年费”“商标3个类”。"
_ASK_DETAILS = (
    "权利要求有几项，说明书有几页，要求几项优先权？比如“12项权利要求 40页 1项优先权”；"
    "权利要求不超过10项、说明书不超过30页、没有优先权的，选“都没超”。"
)
_ASK_YEAR = (
    "第几年的年费？回复数字；回复“全部”看各年；"
    "也可以发申请日和授权公告日，比如“2020-03-05 2022-06-01”，我算下一次哪天前交、交多少。"
)
_ASK_GRANT = "授权公告日是哪天？比如 2022-06-01，在专利证书或授权公告上。"
_ASK_CLASSES = "几个类别？回复数字；一类超过10个商品的，写成“2个类 12个商品”。"


def fees(turn: Turn, desk: Desk) -> Begin | Said:
    """The sum that the sentence asks for; asks for what it does not say."""
    words = plain(turn.argument or turn.said)
    wants = read_fee(words, desk.day)
    if "matter" not in wants and is_question(turn.said) and not turn.argument:
        match desk.library.search(turn.said, desk.day):
            case Sure(entry, confidence) if confidence >= _ANSWERS:
                return answer_with(entry, desk, confidence, None, turn.said)
    return Begin("fee_calculator", {**wants, "said": "matter" in wants and "kind" in wants})


def _form(desk: Desk, given: Mapping[str, Any]) -> Form[dict[str, Any]]:
    wants = dict(given)
    wants["asked"] = False
    why = ""
    if wants.pop("impossible", False):
        why = _IMPOSSIBLE
    if (days := wants.get("days")) and not _in_order(days[:2], desk.day) and wants.get("matter") == "annuity":
        why = _ORDER
        del wants["days"]
    if "matter" not in wants:
        options = tuple(Option(label, label) for label in _MATTERS)
        yield from _learn(wants, Ask(why + _ASK_MATTER, _reader(desk, "matter"), options, open=True))
    if wants["matter"] in _BY_KIND and "kind" not in wants:
        options = tuple(Option(kind, kind) for kind in _KINDS)
        yield from _learn(wants, Ask("哪一种专利？", _reader(desk, "kind"), options))
    match wants["matter"]:
        case "filing" if (why or not given.get("said")) and wants["kind"] != Kind.DESIGN and "claims" not in wants:
            options = (Option("都没超", "都没超"),)
            yield from _learn(wants, Ask(why + _ASK_DETAILS, _reader(desk, "details"), options))
        case "annuity" if "year" not in wants and len(wants.get("days", ())) < 2:
            if not wants.get("days"):
                options = (Option("全部", "全部"),)
                yield from _learn(wants, Ask(why + _ASK_YEAR, _year(desk, wants["kind"]), options, takes_number=True))
            if len(wants.get("days", ())) == 1:
                yield from _learn(wants, Ask(_ASK_GRANT, _grant(desk, wants["days"][0])))
        case str(matter) if matter.startswith("tm-") and "classes" not in wants:
            question = Ask(why + _ASK_CLASSES, _classes(desk), takes_number=True)
            yield from _learn(wants, question)
    return wants


def _learn(wants: dict[str, Any], question: Ask) -> Generator[Ask, Any, None]:
    """Ask, and add what the answer says to what is known; numbers that cannot be are asked for again."""
    wants["asked"] = True
    learnt = yield from ask(question)
    while learnt.pop("impossible", False):
        learnt = yield from ask(replace(question, prompt=_IMPOSSIBLE + question.prompt.removeprefix(_IMPOSSIBLE)))
    wants.update(learnt)


def _reader(desk: Desk, wanted: str) -> Any:
    """A reader that takes any sentence that says what is wanted, and all else that it says."""

    def read(body: Body) -> Any:
        words = plain(said(body) or "")
        learnt = read_fee(words, desk.day)
        if learnt.get("impossible"):
            return {"impossible": True}
        if wanted == "details":
            learnt = {name: learnt[name] for name in ("claims", "pages", "priorities", "share") if name in learnt}
            if learnt or words in ("都没超", "没有", "没超", "没", "无", "跳过"):
                return {"claims": 0, **learnt}
            return Refused("没看懂，请写成“12项权利要求 40页”，或选“都没超”。")
        if wanted not in learnt:
            return Refused("请从下面选一个，或者换个说法。")
        if wanted == "kind":
            learnt.pop("matter", None)  # 发明 alone would mean filing
        return learnt

    return read


def _year(desk: Desk, kind: str) -> Any:
    def read(body: Body) -> Any:
        words = plain(said(body) or "")
        if words in ("全部", "所有", "各年", "都要"):
            return {"year": "all"}
        learnt = read_fee(words, desk.day)
        if days := learnt.get("days"):
            return {"days": days[:2]} if _in_order(days[:2], desk.day) else Refused(_ORDER)
        last = last_year(Kind(kind))
        year = learnt.get("year", int(words) if words.isascii() and words.isdigit() and len(words) < 4 else None)
        if not isinstance(year, int):
            return Refused("请回复第几年（数字）、“全部”，或者申请日和授权公告日。")
        if not 1 <= year <= last:
            return Refused(f"{kind}专利的年费是第1年到第{last}年，没有第{year}年。")
        return {"year": year}

    return read


def _grant(desk: Desk, filed: str) -> Any:
    def read(body: Body) -> Any:
        days = read_fee(plain(said(body) or ""), desk.day).get("days", ())
        if not days:
            return Refused("没认出日期，请写成 2022-06-01 这样。")
        if not _in_order([filed, days[0]], desk.day):
            return Refused(f"授权公告日要在申请日（{filed}）之后、今天或以前。")
        return {"days": [filed, days[0]]}

    return read


def _in_order(days: list[str], today: date) -> bool:
    found = [date.fromisoformat(day) for day in days]
    return found == sorted(found) and found[-1] <= today


def _classes(desk: Desk) -> Any:
    def read(body: Body) -> Any:
        words = plain(said(body) or "")
        learnt = read_fee(words, desk.day)
        number = learnt.get("classes", int(words) if words.isascii() and words.isdigit() and len(words) < 4 else None)
        if not isinstance(number, int) or not 1 <= number <= _MOST_CLASSES:
            return Refused(f"请回复 1 到 {_MOST_CLASSES} 的数字：一共有 {_MOST_CLASSES} 个类别。")
        return {"classes": number, **({"goods": learnt["goods"]} if "goods" in learnt else {})}

    return read


def _finish(turn: Turn, desk: Desk, given: Mapping[str, Any], wants: dict[str, Any]) -> Said:
    match wants["matter"]:
        case "filing":
            reply = patent_filing(wants, desk)
        case "annuity":
            reply = annual(wants, desk)
        case str(matter) if matter.startswith("tm-"):
            reply = trademark_fee(matter.removeprefix("tm-"), wants, desk)
        case matter:
            reply = other_fee(str(matter), wants, desk)
    return Said(
        (reply,), Outcome.DONE if wants["asked"] else Outcome.ANSWER, slots=_slots(wants) if wants["asked"] else {}
    )


def _slots(wants: Mapping[str, Any]) -> dict[str, object]:
    return {"type": wants["kind"]} if "kind" in wants else {}


FORM = FormKind("fee_calculator", "fee_calculator", "费用计算", _form, _finish)
