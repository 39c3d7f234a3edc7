"""Time limits in a chat: what happened on which day, and the last day on which something can still be done."""

from __future__ import annotations

import re
from collections.abc import Generator, Mapping
from datetime import date
from typing import Any

from bot.calculators.deadlines import Limit, Nature
from bot.desk import Desk, Turn
from bot.flow import Ask, Form, Refused, ask, said
from bot.handlers.dates import Impossible, day_in
from bot.handlers.deadline_replies import last_day, tell
from bot.handlers.questions import answer_with
from bot.knowledge.clauses import is_question
from bot.knowledge.library import Sure
from bot.knowledge.text import plain
from bot.messages import Body, Option, Outcome
from bot.routes import Begin, FormKind, Said

_ANSWERS = 0.9  # an entry that is as sure answers a question that names neither a limit nor a day
_FIRST, _LAST = date(1985, 4, 1), date(2100, 12, 31)  # 专利法 has been in force since; nothing later is worked out
_LUNAR = re.compile(r"农历|阴历|腊月|正月")
_GROUPS = (
    ("专利", "专利|发明|实用新型|外观|审查意见|实审|pct|答复|oa"),
    ("商标", "商标|牌子|撤三|续展|初审公告|初步审定"),
    ("地理标志", "地理标志|地标"),
    ("布图设计", "布图"),
    ("网点管理", "网点|服务点"),
    ("著作权和软件", "著作权|版权|软件|软著|作品"),
    ("海关和品种", "海关|品种"),
)
_ASK_GROUP = "要算哪一类的期限？选一个，或者直接说，比如“3月5号收到专利驳回决定”“商标初审公告是上周三”。"
_ASK_DAY = "{start}是哪天？比如 2026年3月5日、3/5、昨天、上周三。"


def deadlines(turn: Turn, desk: Desk) -> Begin | Said:
    """The limit that the sentence asks for; asks for what it does not say."""
    words = plain(turn.argument or turn.said)
    given = _read(words, desk)
    if not given and is_question(turn.said) and not turn.argument:
        match desk.library.search(turn.said, desk.day):
            case Sure(entry, confidence) if confidence >= _ANSWERS:
                return answer_with(entry, desk, confidence, None, turn.said)
    return Begin("deadline_calculator", given)


def _read(words: str, desk: Desk) -> dict[str, Any]:
    """What a sentence says, as JSON: ``group``, ``limits`` (ids that may be meant), ``day`` (ISO), ``impossible``."""
    given: dict[str, Any] = {}
    groups = [name for name, pattern in _GROUPS if _has(pattern, words)]
    named = [limit for limit in desk.library.content.limits if limit.is_meant(words)]
    if groups:
        given["group"] = groups[0]
        named = [limit for limit in named if limit.group == groups[0]] or (
            [limit for limit in named if limit.group in groups[1:]] if len(groups) > 1 else []
        )
    if named:
        given["limits"] = [limit.id for limit in _narrowed(named, words)]
    if re.search(r"注册|核准|下证|拿证", words) and not re.search(r"期满|到期日|届满", words):
        given["registered"] = True  # the day is that of the registration, not the last of the term
    return given | _day(words, desk)


def _day(words: str, desk: Desk) -> dict[str, Any]:
    """The ``day`` that a sentence names; ``lunar`` when it is of the lunar calendar, ``impossible`` as in :func:`_read`."""
    if _LUNAR.search(words):
        return {"lunar": True}
    match day_in(words, desk.day):
        case date() as day:
            return {"day": day.isoformat()}
        case Impossible(typed):
            return {"impossible": typed}
    return {}


def _has(pattern: str, words: str) -> bool:
    return any(part in words for part in pattern.split("|"))


def _narrowed(named: list[Limit], words: str) -> list[Limit]:
    """Of limits that all fit, those whose pattern fits most of the words; several when none fits better."""
    length = {limit.id: limit.matched(words) for limit in named}
    most = max(length.values())
    return [limit for limit in named if length[limit.id] == most]


def _form(desk: Desk, given: Mapping[str, Any]) -> Form[dict[str, Any]]:
    known = dict(given) | {"asked": False}
    limits = {limit.id: limit for limit in desk.library.content.limits}
    while len(known.get("limits", ())) != 1:
        known["asked"] = True
        if known.get("limits"):
            fitting = tuple(limits[id] for id in known["limits"])
            question = "您说的是哪一种？"
        elif "group" in known:
            fitting = tuple(limit for limit in limits.values() if limit.group == known["group"])
            question = f"{known['group']}的哪个期限？"
        else:
            options = tuple(Option(name, name) for name, _ in _GROUPS)
            yield from _learn(known, Ask(_ASK_GROUP, _group_reader(desk), options, open=True))
            continue
        options = tuple(Option(limit.label, limit.label) for limit in fitting)
        yield from _learn(known, Ask(question, _limit_reader(fitting, desk), options))
    limit = limits[known["limits"][0]]
    while limit.nature is not Nature.FIXED and not _possible(known.get("day")):
        known["asked"] = True
        why = f"没有“{known.pop('impossible')}”这一天，请再核对一下。\n" if "impossible" in known else ""
        why = "期限按公历算，请把农历换成公历日期。\n" if known.pop("lunar", False) else why
        why = "这个日期太早或太晚，请再核对一下。\n" if known.pop("day", None) else why
        known.pop("registered", None)
        yield from _learn(known, Ask(why + _ASK_DAY.format(start=limit.start), _day_reader(desk)))
    return known


def _possible(day: str | None) -> bool:
    return day is not None and _FIRST <= date.fromisoformat(day) <= _LAST


def _learn(known: dict[str, Any], question: Ask) -> Generator[Ask, Any, None]:
    learnt = yield from ask(question)
    known.update(learnt)


def _group_reader(desk: Desk) -> Any:
    def read(body: Body) -> Any:
        words = (said(body) or "").strip()
        if words in (name for name, _ in _GROUPS):
            return {"group": words}
        learnt = _read(plain(words), desk)
        return learnt if "group" in learnt or "limits" in learnt else Refused("没认出是哪个期限，请从下面选一个。")

    return read


def _limit_reader(fitting: tuple[Limit, ...], desk: Desk) -> Any:
    def read(body: Body) -> Any:
        words = (said(body) or "").strip()
        for limit in fitting:
            if words == limit.label:
                return {"limits": [limit.id]}
        text = plain(words)
        named = [limit for limit in fitting if limit.is_meant(text)]
        if not named:
            return Refused("没认出是哪个期限，请从下面选一个。")
        learnt = {name: value for name, value in _read(text, desk).items() if name in ("day", "impossible", "lunar")}
        return {"limits": [limit.id for limit in _narrowed(named, text)][:1], **learnt}

    return read


def _day_reader(desk: Desk) -> Any:
    """A reader for a day. One that there is not is taken too, and asked for again: it is an answer, if a wrong one."""

    def read(body: Body) -> Any:
        if learnt := _day(plain(said(body) or ""), desk):
            return learnt
        return Refused("没认出日期，请写成 2026年3月5日 或 3/5 这样，也可以说 昨天、上周三。")

    return read


def _finish(turn: Turn, desk: Desk, given: Mapping[str, Any], known: dict[str, Any]) -> Said:
    limit = next(limit for limit in desk.library.content.limits if limit.id == known["limits"][0])
    start = date.fromisoformat(known["day"]) if limit.nature is not Nature.FIXED else desk.day
    if limit.nature is Nature.RENEWAL and known.get("registered"):
        start = last_day(start, desk)
    outcome = Outcome.DONE if known["asked"] else Outcome.ANSWER
    return Said((tell(limit, start, desk),), outcome, slots={"date": known["day"]} if known.get("day") else {})


FORM = FormKind("deadline_calculator", "deadline_calculator", "期限计算", _form, _finish)
