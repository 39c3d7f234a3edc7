"""Needs of firms and industries (Art. 12): an analysis of an industry, services for small firms; followed like a ticket."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.desk import Desk, Turn
from bot.flow import Ask, Form, ask, choose, text
from bot.handlers.questions import answer_with
from bot.handlers.tickets import ask_where, human, submit, wish_of
from bot.helpdesk.tickets import ANALYSIS, SMALL_FIRMS
from bot.knowledge.library import Sure
from bot.messages import Option, Reply
from bot.registry.services import Service, services_in
from bot.routes import Begin, FormKind, Said

COMMANDS = {"need_analysis": "产业分析需求", "need_small_firm": "企业服务需求"}
_ANSWERED = {
    "need_analysis": 0.9,
    "need_small_firm": 0.8,
}  # so sure, it is a question about the service, no wish for it
_OFFER = "需要网点来做的，可以登记需求，有人跟进。"
_SMALL = (Service.PORTFOLIO, Service.ENFORCEMENT, Service.RISK, Service.TRANSFER)


def analysis(turn: Turn, desk: Desk) -> Said | Begin:
    """A wish for an analysis of an industry (Art. 12 (1))."""
    return _begin(turn, desk, "need_analysis", {"kind": ANALYSIS, "service": Service.ANALYSIS.value})


def small_firms(turn: Turn, desk: Desk) -> Said | Begin:
    """A wish for services to a small firm (Art. 12 (2))."""
    named = next((s.value for s in services_in(turn.said) if s in _SMALL), "")
    return _begin(turn, desk, "need_small_firm", {"kind": SMALL_FIRMS, "service": named})


def _begin(turn: Turn, desk: Desk, form: str, given: dict[str, Any]) -> Said | Begin:
    found = desk.library.search(turn.said, desk.day)
    if isinstance(found, Sure) and found.confidence >= _ANSWERED[form] and turn.said not in COMMANDS.values():
        told = answer_with(found.entry, desk, found.confidence, None, turn.said)
        return replace(told, replies=(*told.replies, Reply(_OFFER, options=(Option("登记需求", COMMANDS[form]),))))
    if desk.helpdesk.tickets.open_of(turn.person_id) or not any(m.person for m in desk.staff.serving()):
        return human(turn, desk)
    return Begin(form, {**given, "place": turn.slot("place")})


def _analysis_form(desk: Desk, given: Mapping[str, Any]) -> Form[tuple[str, str, Any]]:
    subject = yield from ask(Ask("要分析哪个产业或技术？比如“番茄酱加工”“棉纺机械”。", text(at_least=2, at_most=60)))
    aim = yield from ask(Ask("想弄清什么？比如专利布局、竞争对手、能不能绕开。", text(at_least=2, at_most=200)))
    place = yield from ask_where(desk, given)
    return Service.ANALYSIS.value, f"产业分析：{subject}。要弄清：{aim}", place


def _small_form(desk: Desk, given: Mapping[str, Any]) -> Form[tuple[str, str, Any]]:
    service = given["service"]
    if not service:
        options = tuple(Option(s.label, s.label) for s in _SMALL)
        service = (yield from ask(Ask("需要哪一种服务？", choose(*((s.label, s) for s in _SMALL)), options))).value
    firm = yield from ask(Ask("企业做什么、有多大？比如“葡萄干加工，20 人”。", text(at_least=2, at_most=80)))
    wish = yield from ask(Ask("现在遇到什么事，想得到什么帮助？", text(at_least=2, at_most=200)))
    place = yield from ask_where(desk, given)
    return service, f"{Service(service).label}：{firm}。{wish}", place


def _finish(turn: Turn, desk: Desk, given: Mapping[str, Any], filled: tuple[str, str, Any]) -> Said:
    service, question, place = filled
    wish = wish_of({**given, "service": service}, question, place, desk, "", None)
    return submit(turn, desk, wish)


FORMS = (
    FormKind("need_analysis", "industry_analysis", "产业分析需求", _analysis_form, _finish),
    FormKind("need_small_firm", "sme_service", "中小微企业服务需求", _small_form, _finish),
)
