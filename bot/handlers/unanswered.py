"""Questions without an answer, for staff: groups by size and by age, one group with examples, taking it up, setting it aside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.desk import BEIJING, Desk, Turn
from bot.flow import Ask, Form, ask, text
from bot.handlers.replies import choices
from bot.helpdesk.drafts import own
from bot.helpdesk.unanswered import Group, Question
from bot.knowledge.text import bare
from bot.messages import Option, Outcome, Reply
from bot.routes import Begin, FormKind, Said, say
from bot.staff import Action, Denied, Matter, could, may

COMMAND = "未答问题"
_PAGE, _EXAMPLES = 8, 8
_BY_AGE = "按时间"


def listing(turn: Turn, desk: Desk) -> Said:
    """The groups, those that most people asked first (按时间: the oldest first), a page at a time; or one of them."""
    if (refused := _refused(turn, desk, Action.EDIT_CONTENT)) is not None:
        return refused
    by_age = turn.argument.startswith(_BY_AGE)
    rest = turn.argument.removeprefix(_BY_AGE).strip()
    if rest.isascii() and rest.isdigit() and not by_age:
        return _one(int(rest), turn, desk)
    page = int(rest.removeprefix("页")) if rest.startswith("页") and rest[1:].isdecimal() and len(rest) < 6 else 1
    groups = desk.unanswered.groups(_PAGE + 1, _PAGE * (max(page, 1) - 1), oldest=by_age)
    if not groups:
        return say(Reply("没有等着答案的问题。", options=(Option("草稿", "草稿"),)))
    count = desk.unanswered.count()
    lines = [f"等着答案的问题有 {count} 组（{'早的在前' if by_age else '问的人多的在前'}）："]
    lines += [f"{group.id}. “{_short(group.said, 40)}” {_size(group)}{_state(group)}" for group in groups[:_PAGE]]
    # a label is remembered with the conversation, and what somebody said is not: a number will do
    options = [Option(f"看 {group.id}", f"{COMMAND} {group.id}") for group in groups[:_PAGE]]
    sort = _BY_AGE if by_age else ""
    if len(groups) > _PAGE:
        options.append(Option("下一页", f"{COMMAND} {sort}页{page + 1}"))
    options.append(Option("按人数", COMMAND) if by_age else Option("按时间", f"{COMMAND} {_BY_AGE}"))
    return Said((Reply("\n".join(lines), options=tuple(options)),), confidential=True)


def _one(id: int, turn: Turn, desk: Desk) -> Said:
    found = desk.unanswered.group(id)
    if found is None:
        return say(Reply("没有这组问题，可能已经有答案了。", options=(Option(COMMAND, COMMAND),)), Outcome.CLARIFY)
    group, questions = found
    kinds = Counter(question.kind for question in questions)
    months = Counter(f"{question.at.astimezone(BEIJING):%Y年%m月}" for question in questions)
    lines = [
        f"问题 {group.id}：{_size(group)}，{_day(group.first)}到{_day(group.last)}{_state(group)}",
        "来源：" + "，".join(f"{kind.label} {count}" for kind, count in kinds.most_common()),
        "各月：" + "，".join(f"{month} {count}" for month, count in sorted(months.items())),
        "他们是这样问的：",
        *(f"· {_short(way, 60)}" for way in _examples(questions)),
    ]
    closest = desk.library.search(group.said, desk.day)
    near = getattr(closest, "closest", None) or getattr(closest, "entries", None) or (getattr(closest, "entry", None),)
    options = []
    if group.draft is None:
        options.append(Option("认领", f"认领问题 {group.id}"))
        if isinstance(could(desk.staff.of(turn.person_id), Action.SET_ASIDE, _own(turn, desk)), Denied) is False:
            options.append(Option("不处理", f"不处理 {group.id}"))
    else:
        options.append(Option(f"草稿 {group.draft}", f"草稿 {group.draft}"))
    close = [entry for entry in near if entry is not None][:2]
    if close:
        lines.append("库里相近的：" + "；".join(entry.title for entry in close))
    reply = Reply("\n".join(lines), options=(*options, *choices(close), Option("返回", COMMAND)))
    return Said((reply,), confidential=True)


def _examples(questions: list[Question]) -> list[str]:
    """Different ways in which a group asks."""
    return list({bare(question.said): question.said for question in questions}.values())[:_EXAMPLES]


def take(turn: Turn, desk: Desk) -> Said:
    """Take up a group: a draft begins, with an owner and a day until when it should be written."""
    if (refused := _refused(turn, desk, Action.EDIT_CONTENT)) is not None:
        return refused
    found = _group(turn, desk)
    if isinstance(found, Said):
        return found
    group, questions = found
    made = desk.drafts.begin([q.turn for q in questions], desk.staff.of(turn.person_id), desk.now)
    if isinstance(made, Denied):
        return say(made.why, Outcome.DECLINE)
    told = f"这组问题由您处理，草稿编号 {made.id}，请在 {made.due} 前写好。生效后会告诉问过的 {group.people} 人。"
    return say(Reply(told, options=(Option("写草稿", f"写草稿 {made.id}"), Option("返回", COMMAND))), Outcome.DONE)


def set_aside(turn: Turn, desk: Desk) -> Said | Begin:
    """Set a group aside, saying why: it is not for this bot to answer."""
    if (refused := _refused(turn, desk, Action.SET_ASIDE)) is not None:
        return refused
    found = _group(turn, desk)
    return found if isinstance(found, Said) else Begin("set_aside", {"group": found[0].id})


def _form(desk: Desk, given: Mapping[str, Any]) -> Form[str]:
    why: str = yield from ask(
        Ask(f"问题 {given['group']} 为什么不处理？一句话，只给同事看，问的人不会收到。", text(at_least=2, at_most=100))
    )
    return why


def _finish(turn: Turn, desk: Desk, given: Mapping[str, Any], why: str) -> Said:
    found = desk.unanswered.group(int(given["group"]))
    if found is None or found[0].draft is not None:
        return say("这组问题已经有人处理了。", Outcome.DECLINE)
    made = desk.drafts.begin([q.turn for q in found[1]], desk.staff.of(turn.person_id), desk.now, dismissed=why)
    if isinstance(made, Denied):
        return say(made.why, Outcome.DECLINE)
    return say(Reply("好的，这组问题不再列出。", options=(Option(COMMAND, COMMAND),)), Outcome.DONE)


def _group(turn: Turn, desk: Desk) -> tuple[Group, list[Question]] | Said:
    """The group that the command names, if nobody has taken it."""
    number = turn.argument.strip()
    digits = number.isascii() and number.isdigit() and len(number) < 18
    found = desk.unanswered.group(int(number)) if digits else None
    if found is None:
        return say(Reply("没有这组问题。", options=(Option(COMMAND, COMMAND),)), Outcome.CLARIFY)
    if found[0].draft is not None:
        option = Option(f"草稿 {found[0].draft}", f"草稿 {found[0].draft}")
        return say(Reply("这组问题已经有人认领了。", options=(option,)), Outcome.CLARIFY)
    return found


def _refused(turn: Turn, desk: Desk, action: Action) -> Said | None:
    if isinstance(denied := may(desk.staff.of(turn.person_id), action, _own(turn, desk)), Denied):
        return say(denied.why, Outcome.DECLINE)
    return None if turn.private else say("这里有别人问的话，请私聊我。", Outcome.DECLINE)


def _own(turn: Turn, desk: Desk) -> Matter:
    return own(desk.staff.of(turn.person_id))


def _size(group: Group) -> str:
    return f"{group.questions} 次、{group.people} 人"


def _state(group: Group) -> str:
    return f"，草稿 {group.draft}" if group.draft is not None else f"，最早 {_day(group.first)}"


def _day(at: datetime) -> str:
    here = at.astimezone(BEIJING)
    return f"{here.month}月{here.day}日"


def _short(said: str, most: int) -> str:
    one_line = " ".join(said.split())
    return one_line if len(one_line) <= most else f"{one_line[:most]}…"


FORM = FormKind("set_aside", "staff", "不处理一组问题", _form, _finish)
