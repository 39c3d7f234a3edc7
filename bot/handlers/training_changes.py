"""Training for staff, once it is published: poster, the list of who comes, figures, another time, calling off."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.desk import Desk, Turn
from bot.flow import Ask, Form, ask, text
from bot.handlers.moments import moment
from bot.handlers.training import NO_SUCH
from bot.handlers.training_signups import reminders
from bot.handlers.training_staff import own_event
from bot.messages import FILE_TYPES, Option, Outcome, Reply
from bot.routes import Begin, FormKind, Said, say
from bot.staff import Action
from bot.training.events import Event
from bot.training.papers import guest_list, poster, qr_code, when

# -- papers and figures ---------------------------------------------------------------------------------------


def picture(turn: Turn, desk: Desk) -> Said:
    """The poster for printing, and the QR code as a picture."""
    event, refused = own_event(turn, desk, Action.TRAINING)
    if event is None:
        return refused
    if not desk.files.origin:
        return say("没有设置公网地址（IPBOT_ORIGIN），二维码打不开任何页面，所以没有生成海报。", Outcome.DECLINE)
    address = f"{desk.files.origin}/#活动-{event.id}"
    code = desk.files.keep(f"{event.title}二维码.png", "image/png", qr_code(address), desk.now)
    sheet = desk.files.keep(f"{event.title}海报.docx", FILE_TYPES["docx"], poster(event, address), desk.now)
    told = f"二维码打开网页聊天里的“活动 {event.id}”。签到码是 {event.code}，只在现场公布。"
    return Said((Reply(told, file=code), Reply("海报（A4，打印用）：", file=sheet)))


def guests(turn: Turn, desk: Desk) -> Said:
    """Who comes, as a list to open in a spreadsheet, and the figures."""
    event, refused = own_event(turn, desk, Action.TRAINING)
    if event is None:
        return refused
    if not turn.private:
        return say("名单里有个人信息，请私聊我。", Outcome.DECLINE)
    f = desk.signups.figures(event.id)
    rate = f"，签到 {f.signed_in} 人（{100 * f.signed_in // f.inside}%）" if f.inside else ""
    score = f"；{f.scores} 人评分，平均 {f.mean} 分" if f.scores else ""
    text = f"《{event.title}》：报名 {f.inside} 人，候补 {f.waiting} 人，退出 {f.left} 人{rate}{score}。签到码 {event.code}。"
    content = guest_list(desk.signups.all(event.id))
    return say(Reply(text, file=desk.files.keep(f"{event.title}名单.csv", "text/csv", content, desk.now)))


# -- changes --------------------------------------------------------------------------------------------------


def call_off(turn: Turn, desk: Desk) -> Said | Begin:
    """Call an event off: asks why, and tells everybody who signed up."""
    event, refused = own_event(turn, desk, Action.TRAINING)
    if event is None:
        return refused
    return Begin("training_cancel", {"event": event.id})


def _cancel_form(desk: Desk, given: Mapping[str, Any]) -> Form[str]:
    why: str = yield from ask(Ask("取消的原因？会告诉所有报名的人。", text(at_least=2, at_most=200)))
    return why


def _cancel_finish(turn: Turn, desk: Desk, given: Mapping[str, Any], why: str) -> Said:
    event = desk.events.find(int(given["event"]))
    if event is None or not desk.events.cancel(event.id, desk.now):
        return say("这场活动已经取消过了。", Outcome.DONE)
    if event.announcement_id is not None:
        desk.announcements.stop(event.announcement_id, desk.now)
    count = _tell_all(event, f"抱歉，“{event.title}”取消了。原因：{why}", "cancelled", desk)
    return say(f"已取消活动 {event.id}，会告诉 {count} 位报名和候补的人。", Outcome.DONE)


def move(turn: Turn, desk: Desk) -> Said | Begin:
    """Another time or place; everybody who signed up is told, reminders move along."""
    event, refused = own_event(turn, desk, Action.TRAINING)
    if event is None:
        return refused
    if event.state != "published" or event.ends <= desk.now:
        return say("只有已发布、还没结束的活动才能改期。", Outcome.CLARIFY)
    return Begin("training_move", {"event": event.id, "now": desk.now.isoformat()})


@dataclass(frozen=True, slots=True)
class _Moved:
    begins: datetime
    ends: datetime
    place: str


def _move_form(desk: Desk, given: Mapping[str, Any]) -> Form[_Moved]:
    now = datetime.fromisoformat(given["now"])
    event = desk.events.find(int(given["event"]))
    assert event is not None
    begins = yield from ask(Ask("改到什么时候开始（北京时间）？比如 2026-12-03 10:00。", moment(now, now)))
    ends = yield from ask(
        Ask("什么时候结束？同一天可只写钟点。", moment(now, begins, day_of=begins), takes_number=True)
    )
    place = yield from ask(
        Ask(f"地点？不变就点“不变”（{event.place}）。", text(at_most=150), (Option("不变", "不变"),))
    )
    return _Moved(begins, ends, event.place if place == "不变" else place)


def _move_finish(turn: Turn, desk: Desk, given: Mapping[str, Any], to: _Moved) -> Said:
    event = desk.events.find(int(given["event"]))
    if event is None:
        return say(NO_SUCH, Outcome.DONE)
    deadline = min(to.begins, event.deadline + (to.begins - event.begins))
    if not desk.events.move(event.id, to.begins, to.ends, deadline, to.place, desk.now):
        return say("这场活动已经不能改期。", Outcome.DONE)
    moved = desk.events.find(event.id)
    assert moved is not None
    at = f"北京时间 {when(moved.begins, moved.ends)}，{moved.place}"
    count = _tell_all(
        moved, f"“{event.title}”有变动，改为：{at}。来不了请取消报名。", f"moved:{int(desk.now.timestamp())}", desk
    )
    return say(f"已改为 {at}，会告诉 {count} 位报名和候补的人。", Outcome.DONE)


def _tell_all(event: Event, words: str, what: str, desk: Desk) -> int:
    """Tell everybody who is in or waits; their reminders are withdrawn, and written anew while the event takes place."""
    told = Reply(words, options=(Option("详情", f"活动 {event.id}"), Option("取消报名", f"取消报名 {event.id}")))
    everybody = desk.signups.all(event.id)
    for signup in everybody:
        desk.letters.put(signup.person_id, told, kind="training", key=f"event:{event.id}:{what}", now=desk.now)
        desk.signups.forget(event, signup, desk.now)
        if what.startswith("moved") and signup.standing == "in":
            desk.signups.remind(event, signup, reminders(event), desk.now)
    return len(everybody)


FORMS = (
    FormKind("training_cancel", "staff", "取消活动", _cancel_form, _cancel_finish),
    FormKind("training_move", "staff", "活动改期", _move_form, _move_finish),
)
