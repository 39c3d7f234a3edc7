"""Services that are not open yet: said honestly, with the nearest thing that works."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.calculators.numbers import read_number
from bot.desk import Desk, Turn
from bot.handlers import numbers, talk
from bot.handlers.numbers import PROGRESS, TRADEMARKS
from bot.handlers.questions import answer_with
from bot.handlers.replies import choices, offers
from bot.knowledge.entries import Entry
from bot.knowledge.library import Near, Sure
from bot.messages import Link, Outcome, Reply
from bot.routes import Handler, Said, say

NOTICES = Link("自治区市场监督管理局网站", "https://scjgj.xinjiang.gov.cn/")


NEVER = 2.0  # no confidence is as high


@dataclass(frozen=True, slots=True)
class Soon:
    """A service to come: its name, what to do until then, and where.

    ``answers`` is the confidence from which an entry of the library answers what was asked, so that the service is
    only mentioned; below it the entry is offered.
    """

    intent: str
    name: str
    meanwhile: str
    links: tuple[Link, ...] = ()
    offers: tuple[str, ...] = ()
    answers: float = NEVER


SERVICES = (
    Soon(
        "application_status",
        "专利和商标的进度查询",
        "请在官方系统查。",
        (PROGRESS, TRADEMARKS),
        ("附近网点", "转人工"),
    ),
    Soon(
        "eligibility",
        "费减、优先审查和专用标志的资格自查",
        "条件可以直接问我，我按条文回答；够不够由主管部门审定。",
        (),
        ("主题 public-service", "主题 patent-fee-reduction"),
        answers=0.75,
    ),
)


def _handler(soon: Soon) -> Handler:
    def answer(turn: Turn, desk: Desk) -> Said:
        if (turn.slots or {}).get("check_digit_ok") is False:
            wrong = read_number(turn.slot("number"), desk.day)
            return say(Reply(numbers.tell(wrong), links=numbers.links(wrong), options=offers(soon.offers, desk)))
        found = desk.library.search(turn.said, desk.day) if soon.answers <= 1 else None
        told = Reply(f"{soon.name}即将开通，现在还不能在这里办。{soon.meanwhile}", links=soon.links)
        near: tuple[Entry, ...] = ()
        match found:
            case Sure(entry, confidence) if confidence >= soon.answers:
                said = answer_with(entry, desk, confidence, None, turn.said)
                return replace(said, replies=(*said.replies, replace(told, options=offers(soon.offers, desk))))
            case Sure(entry, _):
                near = (entry,)
            case Near(entries, _):
                near = entries[:2]
        options = (*choices(near), *offers(soon.offers, desk))
        return Said((replace(told, options=options),), Outcome.DECLINE, entries=tuple(e.id for e in near))

    return answer


HANDLERS: dict[str, Handler] = {**{soon.intent: _handler(soon) for soon in SERVICES}, "consult": talk.bare}
