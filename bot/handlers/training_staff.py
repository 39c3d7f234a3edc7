"""Training for staff: writing an event in a guided chat, looking at it, having a second person publish it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from bot.desk import BEIJING, Desk, Turn
from bot.flow import Ask, Form, Refused, ask, choose, said, text
from bot.handlers import announcing
from bot.handlers.moments import deadline, moment
from bot.handlers.training import NO_SUCH, describe, find_event
from bot.messages import Body, Option, Outcome, Reply
from bot.routes import Begin, FormKind, Said, say
from bot.staff import Action, Actor, Denied, Matter, Role, may
from bot.training.audience import Audience
from bot.training.events import AUDIENCES, Event, NewEvent
from bot.training.events import FORMS as KINDS
from bot.training.papers import when
from bot.training.subscriptions import TOPICS, prefecture_of

ONLINE = ("线上", "网上", "在线")


def matter(event: Event | NewEvent, first: int | None = None) -> Matter:
    """What an action on an event is about."""
    number = f"event {event.id}" if isinstance(event, Event) else "event"
    return Matter(number, event.prefecture, event.point, first=first)


def manage(turn: Turn, desk: Desk) -> Said:
    """What waits for publishing and what comes, for staff."""
    actor = desk.staff.of(turn.person_id)
    if isinstance(denied := may(actor, Action.TRAINING, _own(actor)), Denied):
        return say(denied.why, Outcome.DECLINE)
    drafts = [event for event in desk.events.latest(20, "draft") if event.ends > desk.now][:5]
    coming = desk.events.coming(desk.now, at_most=5)
    lines = ["等待审核：", *(f"- 活动 {e.id}《{e.title}》" for e in drafts)] if drafts else ["没有等待审核的活动。"]
    lines += ["近期活动：", *(f"- 活动 {e.id}《{e.title}》已报 {e.taken} 人" for e in coming)] if coming else []
    options = [Option(f"看草稿 {e.id}", f"预览活动 {e.id}") for e in drafts]
    options += [Option(f"名单 {e.id}", f"名单 {e.id}") for e in coming]
    return say(Reply("\n".join(lines), options=(*options, Option("发布培训", "发布培训"), Option("发通知", "发通知"))))


# -- writing --------------------------------------------------------------------------------------------------


def publish(turn: Turn, desk: Desk) -> Said | Begin:
    """Begin to write an event."""
    actor = desk.staff.of(turn.person_id)
    if isinstance(denied := may(actor, Action.TRAINING, _own(actor)), Denied):
        return say(denied.why, Outcome.DECLINE)
    point = desk.points.by_code(actor.point) if actor.point else None
    given = {
        "now": desk.now.isoformat(),
        "point": actor.point,
        "prefecture": prefecture_of(point.adcode) if point else actor.prefecture,
        "organiser": point.name if point else "",
    }
    return Begin("training_publish", given)


def _own(actor: Actor) -> Matter:
    return Matter("event", actor.prefecture, actor.point)


def _publish_form(desk: Desk, given: Mapping[str, Any]) -> Form[NewEvent | None]:
    now = datetime.fromisoformat(given["now"])
    kind = yield from ask(_choice("是哪种活动？", KINDS))
    title = yield from ask(Ask("活动标题？", text(at_least=4, at_most=60)))
    about = yield from ask(Ask("内容简介？讲什么、谁来讲（500 字以内）。", text(at_most=500)))
    organiser = given["organiser"] or (yield from ask(Ask("主办单位？", text(at_least=4, at_most=60))))
    audience = yield from ask(_choice("面向谁？", AUDIENCES))
    topics = yield from ask(
        Ask(
            f"主题？可写几个，用顿号隔开：{'、'.join(TOPICS)}；不限就点“不限”。",
            announcing.read_topics,
            (Option("不限", "不限"),),
        )
    )
    adcode = yield from ask(Ask("在哪个县市办？写地名；线上活动点“线上”。", _place(desk), (Option("线上", "线上"),)))
    place = yield from ask(Ask("详细地点？" if adcode else "线上的入口（链接或会议号）？", text(at_most=150)))
    begins = yield from ask(Ask("什么时候开始（北京时间）？比如 2026-12-03 10:00。", moment(now, now)))
    ends = yield from ask(
        Ask("什么时候结束？同一天可只写钟点，比如 12:00。", moment(now, begins, day_of=begins), takes_number=True)
    )
    until = yield from ask(
        Ask("报名到什么时候？点“开始前”就是到开始为止。", deadline(now, begins), (Option("开始前", "开始前"),))
    )
    capacity = yield from ask(Ask("名额多少？", _capacity, (Option("不限", "不限"),), takes_number=True))
    contact = yield from ask(Ask("联系人和电话（会公布）？", text(at_most=100)))
    new = NewEvent(
        kind, title, about, organiser, given["point"], given["prefecture"], audience, topics, adcode, place,
        begins, ends, until, capacity, contact,
    )  # fmt: skip
    sure = yield from ask(
        Ask(f"{preview(new)}\n\n提交给另一位同事审核吗？", choose(("提交", True), ("不提交", False)), _YES_NO)
    )
    return new if sure else None


_YES_NO = (Option("提交", "提交"), Option("不提交", "不提交"))


def preview(new: NewEvent) -> str:
    """The event as people will read it."""
    place_left = "名额不限" if new.capacity is None else f"名额 {new.capacity} 个"
    return "\n".join(
        (
            f"【{new.form}】{new.title}",
            f"时间：北京时间 {when(new.begins, new.ends)}",
            f"地点：{new.place}",
            f"主办：{new.organiser}；面向{new.audience}；主题：{'、'.join(new.topics) or '不限'}",
            f"内容：{new.about}",
            f"报名截止：北京时间 {new.deadline.astimezone(BEIJING):%m月%d日 %H:%M}；{place_left}",
            f"联系：{new.contact}",
        )
    )


def _publish_finish(turn: Turn, desk: Desk, given: Mapping[str, Any], new: NewEvent | None) -> Said:
    if new is None:
        return say("好的，没有提交。", Outcome.DONE)
    actor = desk.staff.of(turn.person_id)
    if isinstance(denied := may(actor, Action.TRAINING, matter(new)), Denied):
        return say(denied.why, Outcome.DECLINE)
    id = desk.events.draft(new, actor.member, desk.now)
    for officer in _approvers(new, actor, desk):
        told = Reply(
            f"{actor.name}提交了活动 {id}《{new.title}》，请您审核。", options=(Option("预览", f"预览活动 {id}"),)
        )
        desk.letters.put(officer, told, kind="training", key=f"event:{id}:approve", now=desk.now)
    text = f"已提交，编号 活动 {id}，等待另一位同事审核发布。"
    return say(
        Reply(text, options=(Option("预览", f"预览活动 {id}"), Option("试发给我", f"试发活动 {id}"))), Outcome.DONE
    )


def _approvers(new: NewEvent, author: Actor, desk: Desk) -> list[int]:
    """The chat accounts of those who may publish it."""
    officers = desk.staff.serving(Role.REGION) + (
        desk.staff.serving(Role.PREFECTURE, prefecture=new.prefecture) if new.prefecture else []
    )
    return [m.person for m in officers if m.person is not None and m.id != author.member]


# -- looking at it, publishing --------------------------------------------------------------------------------


def look(turn: Turn, desk: Desk) -> Said:
    """A draft as people will see it here, and what is done on other channels."""
    event, refused = own_event(turn, desk, Action.TRAINING)
    if event is None:
        return refused
    letter = announcing.event_letter(event)
    hint = (
        f"↑ 这是通知在这里的样子（{len(letter.text)} 字）。Telegram 和网页显示按钮；微信和终端把按钮写成文字，"
        "微信一条 2000 字节，长的分页看。"
    )
    options = (Option("审核发布", f"发布活动 {event.id}"), Option("试发给我", f"试发活动 {event.id}"))
    return Said((Reply(describe(event, desk)), letter, Reply(hint, options=options)))


def try_out(turn: Turn, desk: Desk) -> Said:
    """Send the announcement to oneself."""
    event, refused = own_event(turn, desk, Action.TRAINING)
    if event is None:
        return refused
    key = f"try:event:{event.id}:{int(desk.now.timestamp())}"
    desk.letters.put(turn.person_id, announcing.event_letter(event), kind="training", key=key, now=desk.now)
    return say("已试发给您本人。")


def approve(turn: Turn, desk: Desk) -> Said | Begin:
    """Publish somebody else's draft: asks when subscribers are told."""
    event, refused = own_event(turn, desk, Action.APPROVE_TRAINING, second=True)
    if event is None:
        return refused
    if event.state != "draft":
        return say(f"活动 {event.id} 不在待审状态。", Outcome.CLARIFY)
    return Begin("training_approve", {"event": event.id, "now": desk.now.isoformat()})


def _approve_form(desk: Desk, given: Mapping[str, Any]) -> Form[datetime | bool | None]:
    now = datetime.fromisoformat(given["now"])
    event = desk.events.find(int(given["event"]))
    assert event is not None
    reach = announcing.reach_words(desk.announcements.reach(event_audience(event), desk.now))
    prompt = (
        f"发布活动 {event.id}《{event.title}》（北京时间 {when(event.begins, event.ends)}，{event.place}）。\n"
        f"订阅者：{reach}\n什么时候通知他们？可点按钮，或写时间（北京时间），比如 2026-12-01 10:00。安静时段不会打扰。"
    )
    later = moment(now, now)

    def read(body: Body) -> Any:
        match said(body):
            case "现在通知":
                return now
            case "只发布不通知":
                return None
            case "先不发布":
                return False
        return later(body)

    options = tuple(Option(w, w) for w in ("现在通知", "只发布不通知", "先不发布"))
    answer: datetime | bool | None = yield from ask(Ask(prompt, read, options))
    return answer


def _approve_finish(turn: Turn, desk: Desk, given: Mapping[str, Any], starts: datetime | bool | None) -> Said:
    event = desk.events.find(int(given["event"]))
    actor = desk.staff.of(turn.person_id)
    if event is None or starts is False:
        return say("好的，没有发布。", Outcome.DONE)
    if isinstance(denied := may(actor, Action.APPROVE_TRAINING, matter(event, event.author_id)), Denied):
        return say(denied.why, Outcome.DECLINE)
    announcement: int | None = None
    if isinstance(starts, datetime):
        announcement = desk.announcements.draft(
            event.title, announcing.event_letter(event), event_audience(event), event.author_id, desk.now, starts
        )
        desk.announcements.approve(announcement, actor.member)
    if not desk.events.publish(event.id, actor.member, announcement):
        return say("这场活动刚刚已由别人处理。", Outcome.DONE)
    author = desk.staff.member(event.author_id)
    if author is not None and author.person is not None:
        told = Reply(
            f"活动 {event.id}《{event.title}》已由{actor.name}审核发布。", options=(Option("活动", f"活动 {event.id}"),)
        )
        desk.letters.put(author.person, told, kind="training", key=f"event:{event.id}:published", now=desk.now)
    options = [Option("看活动", f"活动 {event.id}"), Option("海报", f"海报 {event.id}")]
    text = f"已发布活动 {event.id}《{event.title}》。"
    if announcement is not None:
        text += f"通知编号 {announcement}，进度发送“通知 {announcement}”。"
        options.append(Option("发送进度", f"通知 {announcement}"))
    return say(Reply(text, options=tuple(options)), Outcome.DONE)


def event_audience(event: Event) -> Audience:
    """Who is told of an event: subscribers of its topics and of its prefecture."""
    return Audience(event.topics, (prefecture_of(event.adcode),) if event.adcode else ())


def own_event(turn: Turn, desk: Desk, action: Action, second: bool = False) -> tuple[Event | None, Said]:
    """The event that the command names if the person may do this with it, else what to say."""
    event = find_event(turn.argument, desk)
    if event is None:
        return None, say(NO_SUCH, Outcome.CLARIFY)
    actor = desk.staff.of(turn.person_id)
    decided = may(actor, action, matter(event, event.author_id if second else None))
    return (None, say(decided.why, Outcome.DECLINE)) if isinstance(decided, Denied) else (event, say(""))


# -- readers --------------------------------------------------------------------------------------------------


def _choice(prompt: str, choices: tuple[str, ...]) -> Ask:
    return Ask(prompt, choose(*((c, c) for c in choices)), tuple(Option(c, c) for c in choices))


def _place(desk: Desk) -> Callable[[Body], Any]:
    def read(body: Body) -> str | Refused:
        words = said(body) or ""
        if words in ONLINE:
            return ""
        found = desk.gazetteer.find(words)
        return found.division.adcode if found else Refused("没认出这个地名。请写县市或地州的名字，或点“线上”。")

    return read


def _capacity(body: Body) -> int | Refused | None:
    words = said(body) or ""
    if words == "不限":
        return None
    if words.isascii() and words.isdigit() and 1 <= int(words) <= 100_000:
        return int(words)
    return Refused("请写 1 到 100000 的人数，或点“不限”。")


FORMS = (
    FormKind("training_publish", "staff", "发布培训", _publish_form, _publish_finish),
    FormKind("training_approve", "staff", "审核活动", _approve_form, _approve_finish),
)
