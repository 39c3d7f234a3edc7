"""A person instead of the bot, for who asks: opening a ticket, adding to it, ending, reopening and rating it; and the talk
itself, in which the bot is silent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.desk import BEIJING, Desk, Turn
from bot.flow import Ask, Form, Refused, ask, choose, said, text
from bot.handlers.points import read_where
from bot.handlers.replies import entry_option, offers
from bot.helpdesk.routing import POINT, PREFECTURE
from bot.helpdesk.ticketcycle import QUEUED, TALKING, TICKET
from bot.helpdesk.tickets import CONSULT, KINDS, Ticket, Wish
from bot.messages import Body, File, FileWanted, Option, Outcome, Place, Press, Reply, Text, Upload
from bot.privacy import mask
from bot.registry.places import PlaceFound
from bot.registry.services import Service
from bot.routes import Begin, FormKind, Said, say
from bot.staff import Denied

NOBODY = (
    "我这边暂时没有人工坐席，您可以这样找到人：\n"
    "1. 就近的服务网点：咨询免费或低成本，发送位置或说地名我帮您找。\n"
    "2. 政务服务便民热线 12345：说明要找知识产权（市场监管）部门。\n"
    "带上：身份证或营业执照，权利证书或申请文件，收到的通知书，相关产品、合同和照片。"
)
FILES = FileWanted(("jpg", "png", "pdf", "docx", "xlsx"), 10 * 2**20)
_LAST, _UNSAID = "就问刚才那句", "不说"
_ASKED = 8  # questions that are listed
_CAME = {"clarify": "问回去了", "decline": "没有答上", "handoff": "请找人", "error": "出了错"}
_SO_FAR = 6  # turns that are shown to staff, with consent
_END = ("结束", "结束工单", "结束咨询")
_MENU = ("菜单", "/menu")
_NONE = "您没有等着或正在办的工单。要找人帮忙，发送“转人工”。"


def human(turn: Turn, desk: Desk) -> Said | Begin:
    """Open a ticket; where nobody can be reached, whom to turn to and what to bring."""
    if (there := desk.helpdesk.tickets.open_of(turn.person_id)) is not None:
        return _status(there, desk)
    if not any(member.person for member in desk.staff.serving()):
        return nobody(desk)
    if not turn.private:
        return say("转人工请私聊我，群里的话不转给工作人员。", Outcome.DECLINE)
    return Begin("ticket", {"kind": CONSULT, "service": Service.CONSULTATION.value, "place": turn.slot("place")})


def nobody(desk: Desk) -> Said:
    """The nearest point, 12345, and what to bring."""
    return say(Reply(NOBODY, options=offers(("附近网点", "菜单"), desk)), Outcome.HANDOFF)


def _where(desk: Desk) -> Any:
    """A reader for where somebody is; None when they do not say."""
    place = read_where(desk)

    def read(body: Body) -> Any:
        return None if said(body) == _UNSAID else place(body)

    return read


def ask_where(desk: Desk, given: Mapping[str, Any]) -> Form[Any]:
    """Where somebody is, asked only when the sentence did not say: a Place, a PlaceFound, or None."""
    known = desk.gazetteer.find(given["place"], strict=True) if given.get("place") else None
    question = "您在哪里？打地名或发送位置，好转给就近的网点；不说也行。"
    return known or (yield from ask(Ask(question, _where(desk), (Option(_UNSAID, _UNSAID),), asks_location=True)))


def _form(desk: Desk, given: Mapping[str, Any]) -> Form[tuple[str, Any, bool]]:
    """Only what is not known: what is asked, where, and whether the conversation so far may be shown."""
    options = (Option(_LAST, _LAST),)
    question = yield from ask(Ask("想问工作人员什么？一两句话说清楚。", text(at_least=2, at_most=300), options))
    place = yield from ask_where(desk, given)
    consent = yield from ask(
        Ask(
            "要不要把您刚才和我的对话（最近几句，证件号和电话已遮盖）给工作人员看？",
            choose(("给看", True), ("不给看", False)),
            (Option("给看", "给看"), Option("不给看", "不给看")),
        )
    )
    return question, place, consent


def _finish(turn: Turn, desk: Desk, given: Mapping[str, Any], filled: tuple[str, Any, bool]) -> Said:
    question, place, consent = filled
    so_far = desk.people.so_far(turn.person_id, _SO_FAR)
    if question == _LAST:
        question = next((past for past, _ in reversed(so_far)), "") or "（没有说具体问题）"
    context = [{"asked": asked, "answered": answered} for asked, answered in so_far] if consent else None
    return submit(turn, desk, wish_of(given, question, place, desk, turn.conversation.entry, context))


def wish_of(
    given: Mapping[str, Any], question: str, place: Any, desk: Desk, entry: str, context: list[dict[str, str]] | None
) -> Wish:
    """What a form was filled in with, as a wish."""
    topic = desk.library.entry(entry, desk.day) if entry else None
    return Wish(
        given["kind"],
        Service(given["service"]),
        mask(question),
        topic.topic if topic else "",
        place.division.adcode if isinstance(place, PlaceFound) else "",
        place if isinstance(place, Place) else None,
        context,
    )


def submit(turn: Turn, desk: Desk, wish: Wish) -> Said:
    """Open the ticket and say whose turn it is, the position, and by when an answer is promised."""
    ticket = desk.helpdesk.tickets.open(turn.person_id, wish, desk.now, desk.day)
    if ticket is None:
        return nobody(desk)
    told = _status(ticket, desk, f"已提交，工单编号 {ticket.id}（{KINDS[ticket.kind]}）。")
    return Said(told.replies, Outcome.DONE, ticket=ticket.id)


def whose_turn(ticket: Ticket, desk: Desk) -> str:
    """Where a ticket waits, in words."""
    if ticket.level == POINT and (point := desk.points.by_code(ticket.point)):
        return point.name
    if ticket.level == PREFECTURE and (division := desk.gazetteer.division(ticket.prefecture)):
        return f"{division.full_name}的地州局"
    return "自治区局"


def _status(ticket: Ticket, desk: Desk, before: str = "") -> Said:
    lines = [before] if before else [f"工单 {ticket.id}：{TICKET.label(ticket.state)}。"]
    options = [Option("补充", "补充"), Option("结束工单", "结束工单")]
    if ticket.state == QUEUED:
        lines.append(f"现在由{whose_turn(ticket, desk)}接，排在第 {desk.helpdesk.tickets.position(ticket)} 位。")
        if ticket.promised and ticket.promised > desk.now:
            when = ticket.promised.astimezone(BEIJING)
            lines.append(f"预计 {when:%m月%d日 %H:%M}（北京时间，按办公时间算）前有人回复。")
        lines.append("有人接入前我照常回答问题。")
    return Said((Reply("\n".join(lines), options=tuple(options)),), ticket=ticket.id)


def mine(turn: Turn, desk: Desk) -> Said:
    """The newest ticket: where it stands, and the last words."""
    ticket = desk.helpdesk.tickets.last_of(turn.person_id)
    if ticket is None:
        return say(Reply(_NONE, options=offers(("转人工",), desk)))
    if ticket.is_open:
        return _status(ticket, desk)
    text = f"工单 {ticket.id}：{TICKET.label(ticket.state)}。"
    return say(
        Reply(text, options=(Option("重新打开", "重开"), Option("打 5 分", "打分 5"), Option("打 1 分", "打分 1")))
    )


def asked(turn: Turn, desk: Desk) -> Said:
    """Everything that somebody asked, and what came of it: the last questions, the ticket, suggestions and complaints."""
    questions = desk.people.questions(turn.person_id, _ASKED)
    entries = [desk.library.entry(q.entry, desk.day) if q.entry else None for q in questions]
    lines = [
        f"{q.at.astimezone(BEIJING):%m月%d日 %H:%M} {q.said[:30]}：{_CAME.get(q.outcome, '已答') if e is None else '已答'}"
        for q, e in zip(questions, entries, strict=True)
    ]
    options = list(dict.fromkeys(entry_option(entry) for entry in entries if entry))[:4]
    if ticket := desk.helpdesk.tickets.last_of(turn.person_id):
        lines.append(f"工单 {ticket.id}：{TICKET.label(ticket.state)}")
        options.append(Option("我的工单", "我的工单"))
    if desk.helpdesk.feedback.count(turn.person_id):
        options.append(Option("我的意见", "我的意见"))
    if not lines:
        return say(Reply("您还没有问过问题。直接打字问就行。", options=offers(("菜单",), desk)))
    return say(Reply("您最近问的：\n" + "\n".join(lines), options=tuple(options)))


def add(turn: Turn, desk: Desk) -> Said | Begin:
    """Say more while it waits."""
    ticket = desk.helpdesk.tickets.open_of(turn.person_id)
    if ticket is None:
        return say(Reply(_NONE, options=offers(("转人工",), desk)), Outcome.CLARIFY)
    return _added(turn, desk, ticket, turn.argument) if turn.argument else Begin("ticket_add")


def _add_form(desk: Desk, given: Mapping[str, Any]) -> Form[Any]:
    return (yield from ask(Ask("要补充什么？可以打字，也可以发图片或文件。", _words_or_file, takes_file=FILES)))


def _words_or_file(body: Body) -> Any:
    if isinstance(body, Upload):
        return body if body.token or body.path else Refused(f"“{body.name}”没有收到，请再发一次。")
    return text(at_most=500)(body)


def _add_finish(turn: Turn, desk: Desk, given: Mapping[str, Any], more: Any) -> Said:
    ticket = desk.helpdesk.tickets.open_of(turn.person_id)
    if ticket is None:
        return say(_NONE, Outcome.CLARIFY)
    if isinstance(more, Upload):
        return _added(turn, desk, ticket, f"[文件 {more.name}]", sent_file(more, desk))
    return _added(turn, desk, ticket, more)


def _added(turn: Turn, desk: Desk, ticket: Ticket, words: str, file: File | None = None) -> Said:
    came = desk.helpdesk.tickets.add(ticket, mask(words), file, desk.now)
    if isinstance(came, Denied):
        return say(came.why, Outcome.CLARIFY)
    return say(f"已加进工单 {ticket.id}。", Outcome.DONE)


def sent_file(upload: Upload, desk: Desk) -> File | None:
    """A file that somebody sent, as one that can be handed to the other side; None when it did not arrive."""
    if upload.token:
        id = desk.uploads.claim(upload.token, desk.now)
        stored = desk.uploads.stored(id) if id is not None else None
        if stored is None or id is None:
            return None
        content = stored.path.read_bytes()
        desk.uploads.release(id)
    elif upload.path:
        content = desk.uploads.read(upload)
    else:
        return None
    return desk.files.keep(upload.name, upload.type, content, desk.now)


def end(turn: Turn, desk: Desk) -> Said:
    """End it."""
    ticket = desk.helpdesk.tickets.open_of(turn.person_id)
    if ticket is None:
        return say(_NONE, Outcome.CLARIFY)
    came = desk.helpdesk.tickets.leave(ticket, desk.now)
    if isinstance(came, Denied):
        return say(came.why, Outcome.CLARIFY)
    options = (Option("打 5 分", "打分 5"), Option("打 1 分", "打分 1"), Option("重新打开", "重开"))
    text = f"工单 {ticket.id} 已结束。我（机器人）回来了，可以接着问我。这次帮到您了吗？"
    return Said((Reply(text, options=options),), Outcome.DONE, ticket=0)


def reopen(turn: Turn, desk: Desk) -> Said:
    """Open the newest one again."""
    ticket = desk.helpdesk.tickets.last_of(turn.person_id)
    if ticket is None:
        return say(Reply(_NONE, options=offers(("转人工",), desk)), Outcome.CLARIFY)
    if ticket.is_open:
        return _status(ticket, desk)
    came = desk.helpdesk.tickets.reopen(ticket, desk.now, desk.day)
    if isinstance(came, Denied):
        return say(Reply(came.why, options=offers(("附近网点",), desk)), Outcome.HANDOFF)
    return _status(came, desk, f"工单 {came.id} 已重新打开。")


def rate(turn: Turn, desk: Desk) -> Said:
    """Stars for the newest one."""
    ticket = desk.helpdesk.tickets.last_of(turn.person_id)
    stars = int(turn.argument) if turn.argument in ("1", "2", "3", "4", "5") else 0
    if ticket is None or not stars:
        return say("打分请发“打分 5”，从 1 到 5。" if ticket else _NONE, Outcome.CLARIFY)
    if not desk.helpdesk.tickets.rate(ticket, stars, desk.now):
        return say(f"工单 {ticket.id} 还没有结束，结束后再打分。", Outcome.CLARIFY)
    return say("谢谢，分数记下了。" if stars > 2 else "抱歉没帮到您，分数记下了。没解决可以“重开”。", Outcome.DONE)


# -- the talk -------------------------------------------------------------------------------------------------


def talks(turn: Turn, desk: Desk) -> bool:
    """Whether a person talks with who asks."""
    ticket = desk.helpdesk.tickets.by_id(turn.conversation.ticket) if turn.conversation.ticket else None
    return ticket is not None and ticket.person_id == turn.person_id and ticket.state in TALKING


def talking(turn: Turn, body: Body, desk: Desk) -> Said | None:
    """While a person talks with who asks: what is said goes to that person and nothing is answered; None when the bot is
    to answer: 菜单 and its buttons."""
    ticket = desk.helpdesk.tickets.by_id(turn.conversation.ticket)
    if ticket is None:
        return None
    words = said(body)
    if words is not None and words in _END:
        return end(turn, desk)
    if isinstance(body, Press) or words in _MENU:
        return None
    match body:
        case Text():
            came = desk.helpdesk.tickets.add(ticket, mask(words or ""), None, desk.now)
        case Place(lat, lon):
            came = desk.helpdesk.tickets.add(ticket, f"[位置 {lat:.4f}, {lon:.4f}]", None, desk.now)
        case Upload() if file := sent_file(body, desk):
            came = desk.helpdesk.tickets.add(ticket, f"[文件 {body.name}]", file, desk.now)
        case Upload():
            text = "文件在这里取不到。发“补充”，我给您一个上传链接。"
            return say(text, Outcome.CLARIFY)
        case _:
            return Said((), Outcome.DONE)
    return None if isinstance(came, Denied) else Said((), Outcome.DONE)


FORMS = (
    FormKind("ticket", "human", "转人工", _form, _finish),
    FormKind("ticket_add", "human", "补充工单", _add_form, _add_finish),
)
