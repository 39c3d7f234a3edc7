"""Announcements for staff: writing one, whom it reaches, a second person's approval, progress, pause, stop, who was missed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from bot.desk import BEIJING, Desk, Turn
from bot.flow import Ask, Form, Refused, ask, choose, said, text
from bot.letters import State
from bot.messages import Body, Option, Outcome, Reply
from bot.routes import Begin, FormKind, Said, say
from bot.staff import Action, Actor, Denied, Matter, may
from bot.training.announcements import Announcement, Progress, Stage
from bot.training.audience import Audience, Reach
from bot.training.events import Event
from bot.training.papers import when
from bot.training.subscriptions import TOPICS, prefecture_of

CHANNELS = {"telegram": "Telegram", "wechat": "微信", "web": "网页", "terminal": "终端"}
STAGES = {
    Stage.DRAFT: "等待审核",
    Stage.APPROVED: "已审核，等待开始",
    Stage.RUNNING: "发送中",
    Stage.PAUSED: "已暂停",
    Stage.DONE: "已发完",
    Stage.STOPPED: "已停止",
}
STATES = {
    State.SENT: "已送达",
    State.SENDING: "发送中",
    State.WAITING: "等待",
    State.HELD: "等对方下次来时显示",
    State.REFUSED: "未送达",
    State.UNSURE: "不确定",
    State.WITHDRAWN: "撤回（退订或停止）",
}
LEAVE = Option("退订", "退订")
_BAR = 20


def event_letter(event: Event) -> Reply:
    """What subscribers are told of an event."""
    text = (
        f"【培训通知】{event.title}\n时间：北京时间 {when(event.begins, event.ends)}\n地点：{event.place}\n"
        f"主办：{event.organiser}；面向{event.audience}\n{event.about}\n"
        f"报名截止：北京时间 {event.deadline.astimezone(BEIJING):%m月%d日 %H:%M}"
    )
    return Reply(text, options=(Option("报名", f"报名 {event.id}"), Option("详情", f"活动 {event.id}"), LEAVE))


def reach_words(reach: Sequence[Reach]) -> str:
    """How many people, by channel and by what the platform lets through."""
    if not reach:
        return "目前没有人订阅。"
    parts = []
    for one in reach:
        later = f"，{one.later} 人要等他们下次来时显示" if one.later else ""
        parts.append(f"{CHANNELS.get(one.channel, one.channel)} 现在可发 {one.at_once} 人{later}")
    return "；".join(parts) + "。"


def bar(progress: Progress) -> str:
    """How many letters are settled, as a bar and in figures: ████░░ 40/60."""
    settled = sum(progress.counts.get(s, 0) for s in (State.SENT, State.REFUSED, State.UNSURE, State.WITHDRAWN))
    done = _BAR * settled // progress.all if progress.all else 0
    return f"{'█' * done}{'░' * (_BAR - done)} {settled}/{progress.all}"


# -- writing --------------------------------------------------------------------------------------------------


def write(turn: Turn, desk: Desk) -> Said | Begin:
    """Begin to write an announcement."""
    actor = desk.staff.of(turn.person_id)
    if isinstance(denied := may(actor, Action.TRAINING, _own(actor)), Denied):
        return say(denied.why, Outcome.DECLINE)
    return Begin("announcement", {})


def _own(actor: Actor) -> Matter:
    return Matter("announcement", actor.prefecture, actor.point)


def _form(desk: Desk, given: Mapping[str, Any]) -> Form[tuple[str, str, Audience] | None]:
    title = yield from ask(Ask("通知的标题？", text(at_least=2, at_most=60)))
    body = yield from ask(Ask("通知的正文？原样发出（500 字以内）。", text(at_least=2, at_most=500)))
    everything = (Option("不限", "不限"),)
    topics = yield from ask(Ask(f"发给订阅哪些主题的人？{'、'.join(TOPICS)}；或点“不限”。", read_topics, everything))
    regions = yield from ask(Ask("发给订阅哪些地州的人？写地名，用顿号隔开；或点“不限”。", _regions(desk), everything))
    audience = Audience(topics, regions)
    reach = reach_words(desk.announcements.reach(audience, desk.now))
    sure = yield from ask(
        Ask(
            f"{title}\n{body}\n\n{reach}\n提交给另一位同事审核吗？",
            choose(("提交", True), ("不提交", False)),
            (Option("提交", "提交"), Option("不提交", "不提交")),
        )
    )
    return (title, body, audience) if sure else None


def _finish(turn: Turn, desk: Desk, given: Mapping[str, Any], new: tuple[str, str, Audience] | None) -> Said:
    if new is None:
        return say("好的，没有提交。", Outcome.DONE)
    actor = desk.staff.of(turn.person_id)
    if isinstance(denied := may(actor, Action.TRAINING, _own(actor)), Denied):
        return say(denied.why, Outcome.DECLINE)
    title, body, audience = new
    id = desk.announcements.draft(title, Reply(f"{title}\n{body}", options=(LEAVE,)), audience, actor.member, desk.now)
    options = (Option("预览", f"预览通知 {id}"), Option("试发给我", f"试发通知 {id}"))
    return say(Reply(f"已提交，通知编号 {id}，等待另一位同事审核。", options=options), Outcome.DONE)


# -- one announcement -----------------------------------------------------------------------------------------


def look(turn: Turn, desk: Desk) -> Said:
    """The announcement as people will see it here, and whom it reaches."""
    found, refused = _mine(turn, desk, Action.TRAINING)
    if found is None:
        return refused
    reach = reach_words(desk.announcements.reach(found.audience, desk.now))
    options = (Option("审核发送", f"批准通知 {found.id}"), Option("试发给我", f"试发通知 {found.id}"))
    return Said(
        (found.reply, Reply(f"↑ 通知 {found.id}（{STAGES[found.stage]}）在这里的样子。{reach}", options=options))
    )


def try_out(turn: Turn, desk: Desk) -> Said:
    """Send it to oneself."""
    found, refused = _mine(turn, desk, Action.TRAINING)
    if found is None:
        return refused
    key = f"try:announcement:{found.id}:{int(desk.now.timestamp())}"
    desk.letters.put(turn.person_id, found.reply, kind="training", key=key, now=desk.now)
    return say("已试发给您本人。")


def approve(turn: Turn, desk: Desk) -> Said:
    """Approve somebody else's announcement; it begins when its time has come and it is not quiet."""
    found, refused = _mine(turn, desk, Action.APPROVE_TRAINING, second=True)
    if found is None:
        return refused
    if not desk.announcements.approve(found.id, desk.staff.of(turn.person_id).member):
        return say(f"通知 {found.id} {STAGES[found.stage]}，不能再批准。", Outcome.CLARIFY)
    reach = reach_words(desk.announcements.reach(found.audience, desk.now))
    return say(Reply(f"已批准通知 {found.id}。{reach}安静时段不会打扰。", options=(_watch(found),)))


def progress(turn: Turn, desk: Desk) -> Said:
    """How far it is, and why some were not reached."""
    if not turn.argument:
        return _latest(turn, desk)
    found, refused = _mine(turn, desk, Action.TRAINING)
    if found is None:
        return refused
    counted = desk.announcements.progress(found.id)
    lines = [f"通知 {found.id}《{found.title}》：{STAGES[found.stage]}。{found.why}"]
    if counted.all:
        lines.append(bar(counted))
        lines += [f"{STATES[state]} {counted.counts[state]} 人" for state in STATES if counted.counts.get(state)]
    missed = sorted(
        ((many, cause) for (state, cause), many in counted.causes.items() if state in (State.REFUSED, State.UNSURE)),
        reverse=True,
    )
    if missed:
        lines.append("没送达的原因：" + "；".join(f"{cause} {many} 人" for many, cause in missed[:5]))
    commands = {Stage.RUNNING: ("暂停", "停止"), Stage.PAUSED: ("恢复", "停止"), Stage.APPROVED: ("停止",)}
    options = [Option(word, f"{word}通知 {found.id}") for word in commands.get(found.stage, ())]
    return say(Reply("\n".join(lines), options=(*options, Option("刷新", f"通知 {found.id}"))))


def _latest(turn: Turn, desk: Desk) -> Said:
    actor = desk.staff.of(turn.person_id)
    if isinstance(denied := may(actor, Action.TRAINING, _own(actor)), Denied):
        return say(denied.why, Outcome.DECLINE)
    found = desk.announcements.latest(5)
    if not found:
        return say(Reply("还没有通知。", options=(Option("发通知", "发通知"),)))
    lines = [f"通知 {a.id}《{a.title}》：{STAGES[a.stage]}" for a in found]
    return say(Reply("\n".join(lines), options=tuple(_watch(a) for a in found)))


def pause(turn: Turn, desk: Desk) -> Said:
    """Send no more of it for now."""
    return _step(turn, desk, "已暂停", lambda id: desk.announcements.pause(id, "由工作人员暂停"))


def resume(turn: Turn, desk: Desk) -> Said:
    """Go on with it."""
    return _step(turn, desk, "继续发送", desk.announcements.resume)


def stop(turn: Turn, desk: Desk) -> Said:
    """End it for good."""
    return _step(turn, desk, "已停止，没发出的不再发", lambda id: desk.announcements.stop(id, desk.now))


def _step(turn: Turn, desk: Desk, done: str, step: Any) -> Said:
    found, refused = _mine(turn, desk, Action.TRAINING)
    if found is None:
        return refused
    if not step(found.id):
        return say(f"通知 {found.id} {STAGES[found.stage]}，不能这样做。", Outcome.CLARIFY)
    return say(Reply(f"通知 {found.id}：{done}。", options=(_watch(found),)))


def _watch(found: Announcement) -> Option:
    return Option(f"进度 {found.id}", f"通知 {found.id}")


def _mine(turn: Turn, desk: Desk, action: Action, second: bool = False) -> tuple[Announcement | None, Said]:
    """The announcement that the command names if the person may do this with it, else what to say."""
    digits = turn.argument.strip()
    found = desk.announcements.find(int(digits)) if digits.isascii() and digits.isdigit() and len(digits) < 10 else None
    if found is None:
        return None, say("没有这个编号的通知。", Outcome.CLARIFY)
    author = desk.staff.member(found.author_id)
    point = desk.points.by_code(author.point) if author and author.point else None
    prefecture = prefecture_of(point.adcode) if point else author.prefecture if author else ""
    about = Matter(
        f"announcement {found.id}",
        prefecture,
        author.point if author else "",
        first=found.author_id if second else None,
    )
    decided = may(desk.staff.of(turn.person_id), action, about)
    return (None, say(decided.why, Outcome.DECLINE)) if isinstance(decided, Denied) else (found, say(""))


def read_topics(body: Body) -> tuple[str, ...] | Refused:
    """A reader for some of TOPICS; none for 不限."""
    words = said(body) or ""
    if words == "不限":
        return ()
    named = [w for w in re.split(r"[、，,；; ]+", words) if w]
    wrong = [w for w in named if w not in TOPICS]
    if wrong or not named:
        return Refused(f"没有这个主题：{'、'.join(wrong)}。可选：{'、'.join(TOPICS)}，或“不限”。")
    return tuple(dict.fromkeys(named))


def _regions(desk: Desk) -> Any:
    def read(body: Body) -> tuple[str, ...] | Refused:
        words = said(body) or ""
        if words == "不限":
            return ()
        found = desk.gazetteer.find_all(words)
        if not found:
            return Refused("没认出地名。请写地州的名字，比如“喀什地区、和田地区”，或点“不限”。")
        return tuple(dict.fromkeys(filter(None, (prefecture_of(f.division.adcode) for f in found))))

    return read


FORMS = (FormKind("announcement", "staff", "发通知", _form, _finish),)
