"""Drafts of entries, for staff: what is in work, one as people will see it, the steps of its life."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bot.desk import Desk, Turn
from bot.flow import Ask, Form, ask, text
from bot.helpdesk.drafts import IN_WORK, LIFE, Draft, own
from bot.knowledge.entries import Entry, read_entry_text
from bot.messages import Option, Outcome, Reply
from bot.registry.lifecycle import Moved
from bot.registry.terms import beijing_day
from bot.routes import Begin, FormKind, Said, say
from bot.staff import ACTIONS, Action, Actor, Denied, Matter, Role, may

COMMAND = "草稿"
_LISTED = 8
_WORDS: Mapping[Action, tuple[str, str]] = {
    Action.EDIT_CONTENT: ("改写", "写草稿"),
    Action.SUBMIT_ENTRY: ("提交审核", "提交草稿"),
    Action.APPROVE_ENTRY: ("批准", "批准草稿"),
    Action.RETURN_ENTRY: ("退回", "退回草稿"),
    Action.DROP_ENTRY: ("放弃", "放弃草稿"),
    Action.REMOVE_ENTRY: ("撤下", "撤下答案"),
}


def show(turn: Turn, desk: Desk) -> Said:
    """A draft as people will see it, what the check found, and what may be done; without a number what is in work."""
    if not turn.argument:
        return _listing(turn, desk)
    found = _named(turn, desk)
    if isinstance(found, Said):
        return found
    draft, actor = found
    author = desk.staff.member(draft.author)
    lines = [f"草稿 {draft.id}（{draft.label}），{author.name if author else '已离任的同事'}写，{draft.due} 前写好。"]
    questions = desk.unanswered.of_draft(draft.id)
    if questions:
        lines.append(f"有 {len({q.person for q in questions})} 人问过，共 {len(questions)} 次。")
    entry = _entry(draft, desk)
    replies: list[Reply] = []
    if entry is not None:
        replies.append(_preview(entry, desk))
        lines.append("↑ 这是别人会看到的样子。")
        lines.append("标题：" + entry.title)
        lines.append("主题：" + _topic_title(draft.topic, desk))
        lines.append("问法：" + "；".join(entry.questions))
        lines.append(_checked(draft, desk))
    elif draft.state == "draft":
        lines.append("还没有写。")
    if said := [step for step in desk.drafts.past(draft.id) if step.why]:
        lines.append(f"{ACTIONS[Action(said[-1].action)]}的理由：{said[-1].why}")
    options = [
        Option(word, f"{command} {draft.id}")
        for action in LIFE.actions(draft.state, actor, own(actor))
        if action in _WORDS
        for word, command in (
            _WORDS[action] if entry is not None or action is not Action.EDIT_CONTENT else ("写", "写草稿"),
        )
    ]
    told = Reply("\n".join(lines), options=(*options, Option("全部草稿", COMMAND)))
    return Said((*replies, told), confidential=True)


def _checked(draft: Draft, desk: Desk) -> str:
    if draft.findings is not None:
        turns = [change.turn for change in draft.findings.changes if change.turn]
        return draft.findings.words(desk.unanswered.said_in(turns))
    return "正在检查，几秒钟后发消息告诉您。" if draft.state == "draft" else ""


def _listing(turn: Turn, desk: Desk) -> Said:
    actor = desk.staff.of(turn.person_id)
    if isinstance(denied := may(actor, Action.EDIT_CONTENT, own(actor)), Denied):
        return say(denied.why, Outcome.DECLINE)
    work, live = desk.drafts.latest(_LISTED, *IN_WORK), desk.drafts.latest(_LISTED, "live")
    lines = ["在写的草稿：" if work else "没有在写的草稿。", *(_line(draft, desk) for draft in work)]
    lines += ["已生效的：", *(_line(draft, desk) for draft in live)] if live else []
    options = [Option(f"{COMMAND} {draft.id}", f"{COMMAND} {draft.id}") for draft in work]
    return say(
        Reply("\n".join(lines), options=(*options, Option("未答问题", "未答问题"), Option("写新答案", "写草稿")))
    )


def _line(draft: Draft, desk: Desk) -> str:
    author = desk.staff.member(draft.author)
    entry = _entry(draft, desk)
    late = "，已过期" if draft.state in IN_WORK and draft.due < desk.day else ""
    title = f"“{entry.title}”" if entry else "还没有写"
    when = f"，{draft.due} 前写好{late}" if draft.state in IN_WORK else ""
    return f"{draft.id}. {title}（{draft.label}，{author.name if author else '已离任'}{when}）"


# -- steps ----------------------------------------------------------------------------------------------------


def submit(turn: Turn, desk: Desk) -> Said:
    """Hand a checked draft to the region; its officers are told."""

    def step(draft: Draft, actor: Actor) -> Moved | Denied:
        return desk.drafts.submit(draft.id, actor, desk.now)

    def done(draft: Draft, actor: Actor, moved: Moved) -> str:
        entry = _entry(draft, desk)
        reply = Reply(
            f"草稿 {draft.id}“{entry.title if entry else ''}”等待批准，{actor.name}提交。",
            options=(Option("看草稿", f"{COMMAND} {draft.id}"),),
        )
        key = f"draft:{draft.id}:{moved.number}"
        told = desk.register.news.region(reply, key, desk.now, kind="staff", but=(actor.member,))
        others = "已告诉自治区局的同事。" if told else "目前没有另一位自治区局的同事能收到消息，请当面告诉他们。"
        return f"已提交，由另一位同事批准。{others}"

    return _step(turn, desk, step, done)


def approve(turn: Turn, desk: Desk) -> Said:
    """Put a draft in force; its author is told."""

    def step(draft: Draft, actor: Actor) -> Moved | Denied:
        return desk.drafts.approve(draft.id, actor, desk.now)

    def done(draft: Draft, actor: Actor, moved: Moved) -> str:
        asked = len({question.person for question in desk.unanswered.of_draft(draft.id)})
        _tell_author(draft, moved, f"草稿 {draft.id} 已批准，几秒钟后生效。", desk)
        return f"已批准，几秒钟后在所有渠道生效；问过的 {asked} 人会收到答案（微信等对方能收到时再发，夜里不发）。"

    return _step(turn, desk, step, done)


def drop(turn: Turn, desk: Desk) -> Said:
    """Give a draft up; its questions wait again."""
    return _step(
        turn,
        desk,
        lambda draft, actor: desk.drafts.drop(draft.id, actor, desk.now),
        lambda *_: "已放弃，问题回到列表里。",
    )


def send_back(turn: Turn, desk: Desk) -> Said | Begin:
    """Give a draft back to its author, saying why."""
    return _why(turn, desk, Action.RETURN_ENTRY)


def take_down(turn: Turn, desk: Desk) -> Said | Begin:
    """Take an answer out of force, saying why."""
    return _why(turn, desk, Action.REMOVE_ENTRY)


def _why(turn: Turn, desk: Desk, action: Action) -> Said | Begin:
    found = _named(turn, desk, action)
    if isinstance(found, Said):
        return found
    draft, actor = found
    if action not in LIFE.actions(draft.state, actor, own(actor)):
        return say(f"草稿 {draft.id} 现在是“{draft.label}”，不能{ACTIONS[action]}。", Outcome.CLARIFY)
    return Begin("draft_why", {"draft": draft.id, "action": action.value})


def _form(desk: Desk, given: Mapping[str, Any]) -> Form[str]:
    why: str = yield from ask(
        Ask(f"{ACTIONS[Action(given['action'])]} {given['draft']} 的理由？作者会看到。", text(at_least=2, at_most=300))
    )
    return why


def _finish(turn: Turn, desk: Desk, given: Mapping[str, Any], why: str) -> Said:
    id, actor = int(given["draft"]), desk.staff.of(turn.person_id)
    back = Action(given["action"]) is Action.RETURN_ENTRY
    draft = desk.drafts.find(id)
    moved = (desk.drafts.send_back if back else desk.drafts.take_down)(id, actor, why, desk.now)
    if isinstance(moved, Denied) or draft is None:
        return say(moved.why if isinstance(moved, Denied) else "没有这份草稿。", Outcome.DECLINE)
    _tell_author(draft, moved, f"草稿 {id} 被{'退回' if back else '撤下'}：{why}", desk)
    return say("已退回，作者会收到理由。" if back else "已撤下，几秒钟后不再这样回答。", Outcome.DONE)


def _step(
    turn: Turn,
    desk: Desk,
    step: Callable[[Draft, Actor], Moved | Denied],
    done: Callable[[Draft, Actor, Moved], str],
) -> Said:
    found = _named(turn, desk)
    if isinstance(found, Said):
        return found
    moved = step(*found)
    if isinstance(moved, Denied):
        return say(Reply(moved.why, options=(Option("看草稿", f"{COMMAND} {found[0].id}"),)), Outcome.DECLINE)
    return say(Reply(done(*found, moved), options=(Option("全部草稿", COMMAND),)), Outcome.DONE)


def _tell_author(draft: Draft, moved: Moved, told: str, desk: Desk) -> None:
    author = desk.staff.member(draft.author)
    if author is not None:
        reply = Reply(told, options=(Option("看草稿", f"{COMMAND} {draft.id}"),))
        desk.register.news.person(author.person, reply, f"draft:{draft.id}:{moved.number}", desk.now, kind="staff")


def _named(turn: Turn, desk: Desk, action: Action = Action.EDIT_CONTENT) -> tuple[Draft, Actor] | Said:
    """The draft that the command names, if the person works here and nobody else reads along."""
    actor = desk.staff.of(turn.person_id)
    on = Matter("draft") if actor.role is Role.PUBLIC else own(actor)
    if isinstance(denied := may(actor, action, on), Denied):
        return say(denied.why, Outcome.DECLINE)
    if not turn.private:
        return say("草稿请私聊我看。", Outcome.DECLINE)
    number = turn.argument.strip()
    found = desk.drafts.find(int(number)) if number.isascii() and number.isdigit() and len(number) < 18 else None
    if found is None:
        return say(Reply("没有这个编号的草稿。", options=(Option("全部草稿", COMMAND),)), Outcome.CLARIFY)
    return found, actor


# -- as people see it -----------------------------------------------------------------------------------------


def _entry(draft: Draft, desk: Desk) -> Entry | None:
    if not draft.text:
        return None
    return read_entry_text(draft.file, draft.text, desk.library.content.laws)[0]


def _preview(entry: Entry, desk: Desk) -> Reply:
    day = beijing_day(desk.now)
    try:
        shown, more = entry.text_on(day, desk.library.content.figures)
    except KeyError:  # a figure that is not in the tables: the check says so
        shown, more = "\n\n".join(part.text for part in entry.body), "\n\n".join(part.text for part in entry.more)
    return Reply(shown, more=more, citations=desk.library.cite_basis(entry.basis, entry.reviewed, day))


def _topic_title(id: str, desk: Desk) -> str:
    return next((topic.title for topic in desk.library.content.topics if topic.id == id), id)


FORM = FormKind("draft_why", "staff", "退回或撤下", _form, _finish)
