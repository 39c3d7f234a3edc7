"""Do we qualify as a point? Asked condition by condition (Art. 5, 18); the verdict names what is missing and its clause."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.desk import Desk, Turn
from bot.flow import Form, ask
from bot.handlers import soon
from bot.handlers.asks import one_of, whole_number, yes_or_no
from bot.handlers.covered import covered
from bot.handlers.replies import offers
from bot.messages import Citation, Option, Outcome, Reply
from bot.registry.conditions import IN_SYSTEM, Facts, Finding, Verdict, judge
from bot.registry.services import Kind, read_kind
from bot.routes import Begin, FormKind, Said

COMMAND = "资格自查"
_OFFER = Reply("想逐条对照申报条件，可以做一次资格自查。", options=(Option("资格自查", COMMAND),))
_ANSWERS = 0.75  # an entry this sure answers better than a form would


def eligibility(turn: Turn, desk: Desk) -> Said | Begin:
    """Begin to ask, with what the sentence told already; other subjects than the points are answered as questions."""
    subject = turn.slot("subject")
    if (subject and subject != "service_point") or turn.said == "费减资格":
        came = soon.HANDLERS["eligibility"](turn, desk)
        assert isinstance(came, Said)
        return came
    slots = turn.slots or {}
    given = {name: slots[name] for name in ("full_time", "org_type") if name in slots}
    if not given and (said := covered(turn, desk, COMMAND, _OFFER, _ANSWERS)):
        return said
    return Begin("eligibility", given)


def _form(desk: Desk, given: Mapping[str, Any]) -> Form[Facts]:
    labels = [(kind.label, kind) for kind in Kind]
    in_system = yield from ask(
        one_of(
            "先看一个例外：你们单位已经是下面哪一种吗？（征求意见稿第十八条）",
            [("都不是", ""), *((b, b) for b in IN_SYSTEM)],
        )
    )
    known = read_kind(str(given.get("org_type", "")))
    if in_system:
        return Facts(known or Kind.SERVICE, in_system)
    kind = known or (yield from ask(one_of("单位属于哪一类？（第二条）", labels)))
    inside = yield from ask(yes_or_no("是在新疆维吾尔自治区行政区域内注册或登记的吗？（第五条第（一）项）"))
    legal = yield from ask(yes_or_no("是独立法人单位吗？（第五条第（二）项）"))
    told = given.get("full_time")
    full = (
        told
        if isinstance(told, int)
        else (yield from ask(whole_number("专职做知识产权信息服务的有几人？（第五条第（二）项）")))
    )
    part = yield from ask(whole_number("兼职的有几人？（第五条第（二）项：若干）"))
    rules = yield from ask(yes_or_no("有信息公共服务的工作制度吗？（第五条第（三）项）", "有", "没有"))
    categories = yield from ask(
        yes_or_no("能就专利、商标、地理标志等至少一个类别提供线上或线下服务吗？（第五条第（三）项）", "能", "不能")
    )
    low_cost = yield from ask(yes_or_no("这些服务免费或低成本吗？（第五条第（三）项）"))
    premises = yield from ask(yes_or_no("场地、网络、硬件设备、系统软件都有吗？（第五条第（四）项）", "有", "不全"))
    return Facts(kind, "", inside, legal, full, part, rules, categories, low_cost, premises)


def _finish(turn: Turn, desk: Desk, given: Mapping[str, Any], facts: Facts) -> Said:
    verdict = judge(facts)
    options = (*offers(("#point-conditions", "#point-materials"), desk), Option("开始申报", "申报网点"))
    return Said((Reply(told(verdict), citations=cited(desk), options=options),), Outcome.DONE)


def told(verdict: Verdict) -> str:
    """A verdict in words: short first, then each finding with its clause."""
    if verdict.needless:
        return f"不用申报：{verdict.needless}已经纳入知识产权公共服务体系，不需要进行新疆服务网点备案（征求意见稿第十八条）。"
    if verdict.unmet:
        head = f"对照征求意见稿，还有 {len(verdict.unmet)} 项没有达到："
    elif verdict.open:
        head = "对照征求意见稿，其他条件都符合，有一项要由主管部门认定："
    else:
        head = "对照征求意见稿第五条，您说的情况各项条件都符合。"
    findings = [_line(n, finding) for n, finding in enumerate((*verdict.unmet, *verdict.open), start=1)]
    return "\n".join([head, *findings, "这是按您的回答对照条文，够不够由地州局初审、自治区局认定。"])


def _line(number: int, finding: Finding) -> str:
    return f"{number}. {finding.what}（{finding.article}）"


def cited(desk: Desk, entry: str = "point-conditions") -> tuple[Citation, ...]:
    """What the entry about the conditions rests on: the draft, with its status."""
    found = desk.library.entry(entry, desk.day)
    return desk.library.cite(found, desk.day) if found else ()


FORM = FormKind("eligibility", "eligibility", "资格自查", _form, _finish)
