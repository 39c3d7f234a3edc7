"""Guided search: what all kinds of it share — the one question, the links with what to paste, and how to read the result."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from bot.desk import Desk, Turn
from bot.flow import Ask, Form, Refused, ask, said
from bot.handlers.questions import answer_with
from bot.handlers.replies import offers
from bot.handlers.slots import read_slots
from bot.knowledge.intents import Stage
from bot.knowledge.library import Near, Sure
from bot.knowledge.numerals import chinese_number
from bot.links import LOGINS, PHONES, Opening, Query
from bot.messages import Body, Link, Option, Outcome, Reply
from bot.routes import Begin, FormKind, Handler, Said, say

Wanted = Mapping[str, Any]  # what is looked for, by slot
LONGEST = 120  # characters of an answer; an idea is told in a sentence or two
_UNTOLD = ("near", "design")  # known besides the slots
_NEAR = 2  # entries that are offered beside a search that may not have been meant
_CIRCLED = "①②③"
_NUMERAL = r"(?:\d{1,2}|[一二三四五六七八九十两]+)"
_YEAR = r"(?:19|20)\d\d"
_DATES = re.compile(
    rf"(?<!\d)(?P<first>{_YEAR})\s*年?\s*(?:到|至|[-—~～])\s*(?P<last>{_YEAR})\s*年?"
    rf"|(?:最近|近|过去)(?P<recent>{_NUMERAL})年(?:内|以来|来)?"
    rf"|(?P<since>{_YEAR})\s*年\s*(?:以来|以后|之后|起|至今|后)"
    rf"|(?P<until>{_YEAR})\s*年\s*(?:以前|之前|前)"
    rf"|(?P<only>{_YEAR})\s*年(?!\d)"
)
_OLDEST = date(1985, 1, 1)


@dataclass(frozen=True, slots=True)
class Choice:
    """A button of the question: its label, and what is asked when it is pressed, read into a slot."""

    label: str
    slot: str
    prompt: str


@dataclass(frozen=True, slots=True)
class Search:
    """One kind of search. The first of ``commands`` is its name.

    ``fields`` are the slots that can be looked for, of which ``free`` are mere words; ``read`` turns an answer of a
    person, for a slot or (empty) for any, into what is looked for; ``find`` gives the result. ``answers`` is the
    confidence from which an entry of the library answers a question that only names words, unless these are ``known``;
    ``told`` adds what else a sentence tells of them; ``plain`` says that words are an answer here, whatever else they mean.
    """

    intent: str
    commands: tuple[str, ...]
    question: str
    choices: tuple[Choice, ...]
    fields: tuple[str, ...]
    free: tuple[str, ...]
    read: Callable[[str, str, Desk], Wanted | Refused]
    find: Callable[[Wanted, Desk], Said]
    answers: float
    known: Callable[[Wanted, Desk], bool] = lambda wanted, desk: False
    told: Callable[[str, Wanted], Wanted] = lambda sentence, wanted: {}
    plain: Callable[[str, Desk], bool] = lambda words, desk: False

    @property
    def command(self) -> str:
        return self.commands[0]

    def wants(self, wanted: Wanted) -> bool:
        return any(wanted.get(name) for name in self.fields)


def handler(search: Search) -> Handler:
    """The route of a search: what the sentence named is looked for at once, else the question is asked."""

    def begin(turn: Turn, desk: Desk) -> Said | Begin:
        pressed = bool(turn.argument) or turn.said.strip().lower() in search.commands
        if turn.argument:
            read = search.read(turn.argument, "", desk)
            if isinstance(read, Refused):
                return say(Reply(read.why, options=(Option("重新查", search.command),)), Outcome.CLARIFY)
            return Begin(search.intent, dict(read))
        wanted = _named(search, turn, desk)
        firm = any(wanted.get(name) for name in search.fields if name not in search.free) or search.known(wanted, desk)
        if pressed or firm:
            return Begin(search.intent, wanted)
        match desk.library.search(turn.said, desk.day):
            case Sure(entry, confidence) if confidence >= search.answers:
                return _answered(answer_with(entry, desk, confidence, None, turn.said), search, wanted)
            case Sure(entry, _):
                near = [entry.id]
            case Near(entries, _):
                near = [entry.id for entry in entries[:_NEAR]]
            case _:
                near = []
        return Begin(search.intent, {**wanted, **({"near": near} if near else {})})

    return begin


def _named(search: Search, turn: Turn, desk: Desk) -> dict[str, Any]:
    """What the sentence names, with its years apart from its words."""
    sentence, years = without_years(turn.said, desk.day)
    slots = read_slots(search.intent, sentence, desk)
    return {**slots, **search.told(turn.said, slots), **(years if search.wants(slots) else {})}


def _answered(said: Said, search: Search, wanted: Wanted) -> Said:
    """An entry's answer, with the search as its first button."""
    words = next((str(wanted[name]) for name in search.free if wanted.get(name)), "")
    command = f"{search.command} {words}".strip()
    option = Option(
        f"查“{words}”" if words else search.command, command if len(command.encode()) <= 64 else search.command
    )
    first = said.replies[0]
    return replace(said, replies=(replace(first, options=(option, *first.options)), *said.replies[1:]))


def form(search: Search) -> FormKind:
    """The form of a search: one question, and a second one when only a kind was chosen."""

    def start(desk: Desk, given: Mapping[str, Any]) -> Form[Wanted]:
        if search.wants(given):
            return given
        options = (*(Option(choice.label, choice.label) for choice in search.choices), *_near(given, desk))
        answer = yield from ask(Ask(search.question, _reader(search, desk), options, open=True))
        if isinstance(answer, Choice):
            answer = yield from ask(Ask(answer.prompt, _reader(search, desk, answer.slot), open=True))
        return {**given, **answer}

    def finish(turn: Turn, desk: Desk, given: Mapping[str, Any], wanted: Wanted) -> Said:
        found = search.find(wanted, desk)
        wanted = {name: value for name, value in wanted.items() if name not in _UNTOLD}
        if near := _near(given, desk):
            reply = found.replies[-1]
            found = replace(found, replies=(*found.replies[:-1], replace(reply, options=(*reply.options, *near))))
        asked = not search.wants(given) and found.outcome is Outcome.ANSWER
        return replace(found, outcome=Outcome.DONE if asked else found.outcome, slots={**wanted, **found.slots})

    return FormKind(search.intent, search.intent, search.command, start, finish)


def _near(given: Mapping[str, Any], desk: Desk) -> tuple[Option, ...]:
    """Buttons for the entries that may have been meant instead."""
    return offers([f"#{id}" for id in given.get("near", ())], desk)


def _reader(search: Search, desk: Desk, slot: str = "") -> Callable[[Body], Any]:
    """Reads an answer; what is meant for another service is refused, so that it is looked at there."""

    def read(body: Body) -> Any:
        words = said(body)
        if words is None:
            return Refused("这里请用文字回答。")
        for choice in search.choices:
            if words == choice.label:
                return choice
        if not words:
            return Refused("请打几个字，或者点下面的按钮。")
        rule = None if search.plain(words, desk) else desk.intents.match(words, Stage.FIRST, Stage.SERVICE)
        if rule is not None and rule.intent not in (search.intent, "number_check", "consult"):
            return Refused(f"现在在查{search.command.removesuffix('查询')}。")
        if len(words) > LONGEST:
            return Refused(f"太长了（{len(words)} 个字），请用一两句话或几个关键词说，不超过 {LONGEST} 个字。")
        return search.read(words, slot, desk)

    return read


# -- what is shown ------------------------------------------------------------------------------------------------


def show(guide: str, query: Query, desk: Desk, *head: str) -> Said:
    """The links of ``guide`` for ``query`` under the lines of ``head``, with a button for how to read the result."""
    openings = desk.links.open(guide, query)
    lines = [line for line in head if line]
    lines += [_told(number, opening) for number, opening in enumerate(openings, start=1)]
    return Said(
        (
            Reply(
                "\n".join(lines),
                options=(Option("怎么看结果", f"看结果 {guide}"), *offers(desk.links.guides[guide].offers, desk)),
                links=tuple(Link(opening.platform.name, opening.url) for opening in openings),
            ),
        )
    )


def _told(number: int, opening: Opening) -> str:
    """One platform: who runs it, what it asks of its users, what to paste and what to press."""
    platform = opening.platform
    about = [platform.operator, LOGINS[platform.login]]
    if platform.phone == "poor":
        about.append(PHONES["poor"])
    if not platform.language.startswith(("中文", "有中文")):
        about.append(platform.language)
    head = f"{number}. {platform.name}（{'，'.join(about)}）"
    if opening.filled:
        return f"{head}：已填好，点开就是。" + (f"{platform.note}。" if platform.note else "")
    steps = " ".join(f"{mark}{step}" for mark, step in zip(_CIRCLED, opening.steps, strict=True))
    return f"{head}\n粘贴：{opening.paste}\n{steps}" if opening.paste else f"{head}\n{steps}"


def result(turn: Turn, desk: Desk) -> Said:
    """“看结果 patent-status”: how to read what a search found, and what comes next."""
    guide = desk.links.guides.get(turn.argument.strip())
    if guide is None:
        return menu(turn, desk)
    figures = desk.library.content.figures
    look, following = (figures.fill(text, desk.day) for text in (guide.look, guide.next))
    platforms = (desk.links.platforms[id] for id in guide.platforms)
    checked = min(platform.checked for platform in platforms)
    reply = Reply(
        f"{guide.title}，结果这样看：\n{look}\n\n接下来：{following}\n（入口核对于 {checked}，有变动以官网为准。）",
        citations=desk.library.cite_basis(guide.basis, guide.reviewed, desk.day),
        options=offers((*guide.offers, "查询"), desk),
    )
    return Said((reply,))


MENU = (
    ("专利查询", "专利"),
    ("商标查询", "商标"),
    ("地理标志查询", "地理标志"),
    ("版权查询", "版权和软件"),
    ("海外查询", "海外专利商标"),
    ("维权查询", "裁判、处罚、海关备案"),
    ("网点数据库", "网点自建的数据库"),
)


def menu(turn: Turn, desk: Desk) -> Said:
    """All kinds of search."""
    options = (*(Option(label, command) for command, label in MENU), *offers(("菜单",), desk))
    return say(Reply("想查什么？也可以一句话说完，比如“查专利 核桃破壳”。", options=options), Outcome.CLARIFY)


# -- reading ------------------------------------------------------------------------------------------------------


def without_years(sentence: str, today: date) -> tuple[str, dict[str, str]]:
    """``sentence`` without the years it limits the search to, and these as ``since`` and ``until`` (ISO days)."""
    match = _DATES.search(sentence)
    if not match:
        return sentence, {}
    since, until = _OLDEST, today
    if match["first"]:
        since, until = date(int(match["first"]), 1, 1), date(int(match["last"]), 12, 31)
    elif match["recent"]:
        since = date(today.year - chinese_number(match["recent"]), 1, 1)
    elif match["since"]:
        since = date(int(match["since"]), 1, 1)
    elif match["until"]:
        until = date(int(match["until"]) - 1, 12, 31)
    else:
        since, until = date(int(match["only"]), 1, 1), date(int(match["only"]), 12, 31)
    if since > min(until, today):
        return sentence, {}
    rest = f"{sentence[: match.start()]} {sentence[match.end() :]}".strip(" 的，,")
    return rest, {"since": since.isoformat(), "until": min(until, today).isoformat()}


def in_years(query: Query, wanted: Wanted) -> Query:
    """``query`` within the years that are wanted."""
    if not (wanted.get("since") and wanted.get("until")):
        return query
    since, until = (date.fromisoformat(str(wanted[name])) for name in ("since", "until"))
    return replace(query, since=since, until=until)


def years_told(wanted: Wanted) -> str:
    """The years as a person reads them, empty without."""
    if not (wanted.get("since") and wanted.get("until")):
        return ""
    first, last = str(wanted["since"])[:4], str(wanted["until"])[:4]
    return f"公开时间：{first} 年" + (f"到 {last} 年" if last != first else "")


def words_told(groups: Sequence[Sequence[str]]) -> str:
    """The words of a query with their synonyms."""
    return "；".join(group[0] + (f"（或 {'、'.join(group[1:])}）" if len(group) > 1 else "") for group in groups)
