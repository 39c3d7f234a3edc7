"""The helpdesk for staff, in chat: the queue, one ticket, taking, answering, asking back, handing on, closing, being away."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from bot.desk import BEIJING, Desk, Turn
from bot.flow import Ask, Form, Refused, ask, choose, said, text
from bot.handlers.replies import choices
from bot.handlers.tickets import sent_file, whose_turn
from bot.helpdesk.routing import POINT, PREFECTURE, REGION, Owner
from bot.helpdesk.talks import ASKER, STAFF, Line
from bot.helpdesk.talks import Said as Told
from bot.helpdesk.ticketcycle import TALKING, TICKET
from bot.helpdesk.tickets import KINDS, Ticket
from bot.knowledge.entries import Entry
from bot.knowledge.library import Near, Sure
from bot.messages import Body, Option, Outcome, Reply, Text, Upload
from bot.routes import Begin, FormKind, Said, say
from bot.staff import Action, Actor, Denied, Role, may

REASONS = ("已解决", "已指引到主管部门", "重复提问", "对方没有补充", "不属于知识产权")
_SHOWN = 8
_LEVELS = {Role.POINT: POINT, Role.PREFECTURE: PREFECTURE, Role.REGION: REGION}
_NUMBER = re.compile(r"(\d{1,9})\s*(.*)", re.DOTALL)
_NO_TICKET = "没有这个编号的工单。发送“工单”看排队。"
_STRANGER = "这是工作人员用的。要找人帮忙，发送“转人工”。"
_IN_GROUP = "工单不在群里办，请私聊我。"


def queue(turn: Turn, desk: Desk) -> Said:
    """``工单``: what waits and what one holds; ``工单 3``: that ticket."""
    actor = desk.staff.of(turn.person_id)
    if not actor.member:
        return say(
            Reply(_STRANGER, options=(Option("转人工", "转人工"), Option("我的工单", "我的工单"))), Outcome.DECLINE
        )
    if turn.argument:
        return _look(turn, desk)
    tickets = desk.helpdesk.tickets
    held, waiting = tickets.held_by(actor.member), tickets.waiting_for(actor)
    lines = [f"手上 {len(held)} 个，排队 {len(waiting)} 个。"]
    lines += [f"{_mark(t, turn)}工单 {t.id}（{TICKET.label(t.state)}）：{t.question[:30]}" for t in held[:_SHOWN]]
    lines += [f"排队 工单 {t.id}（{KINDS[t.kind]}，{_age(t, desk)}）：{t.question[:30]}" for t in waiting[:_SHOWN]]
    options = [Option(f"切换 {t.id}", f"切换 {t.id}") for t in held[:_SHOWN]]
    options += [Option(f"接单 {t.id}", f"接单 {t.id}") for t in waiting[:_SHOWN]]
    away = actor.member in desk.helpdesk.presence.away((actor.member,), desk.now)
    options.append(Option("在岗", "在岗") if away else Option("离岗", "离岗"))
    return Said((Reply("\n".join(lines), options=tuple(options)),), confidential=True)


def _mark(ticket: Ticket, turn: Turn) -> str:
    return "▶ " if ticket.id == turn.conversation.serving else ""


def _age(ticket: Ticket, desk: Desk) -> str:
    minutes = int((desk.now - ticket.created).total_seconds() // 60)
    return f"等了 {minutes} 分钟" if minutes < 120 else f"等了 {minutes // 60} 小时"


def _named(turn: Turn, desk: Desk, action: Action = Action.READ_CASE) -> tuple[Ticket, Actor, str] | Said:
    """The ticket that the command names, else the one that is answered now, and what stands behind its number."""
    actor = desk.staff.of(turn.person_id)
    if not actor.member:
        return say(_STRANGER, Outcome.DECLINE)
    if not turn.private:
        return say(_IN_GROUP, Outcome.DECLINE)
    match = _NUMBER.fullmatch(turn.argument.strip())
    found = desk.helpdesk.tickets.by_id(int(match[1])) if match else None
    rest = match[2].strip() if match and found else turn.argument.strip()
    if found is None and not (match and not match[2]):
        found = desk.helpdesk.tickets.by_id(turn.conversation.serving)
    if found is None:
        return say(Reply(_NO_TICKET, options=(Option("工单", "工单"),)), Outcome.CLARIFY)
    decided = may(actor, action, found.matter)
    return say(decided.why, Outcome.DECLINE) if isinstance(decided, Denied) else (found, actor, rest)


def _look(turn: Turn, desk: Desk) -> Said:
    named = _named(turn, desk)
    if isinstance(named, Said):
        return named
    ticket, actor, _ = named
    return Said((_shown(ticket, actor, desk),), confidential=True)


def _shown(ticket: Ticket, actor: Actor, desk: Desk, before: str = "") -> Reply:
    """A ticket as staff see it: what the ticket needs, and nothing else of the person."""
    lines = [before] if before else []
    lines.append(
        f"工单 {ticket.id}（{KINDS[ticket.kind]}）：{TICKET.label(ticket.state)}，{whose_turn(ticket, desk)}。"
    )
    if ticket.adcode and (division := desk.gazetteer.division(ticket.adcode)):
        lines.append(f"地点：{division.full_name}")
    lines.append(f"问题：{ticket.question}")
    for past in ticket.context or ():
        lines.append(f"　问机器人：{past['asked'][:60]}\n　机器人答：{past['answered'][:60]}")
    lines += [_line(line, desk) for line in desk.helpdesk.talks.of(ticket.id)]
    if window := _window(ticket, desk):
        lines.append(window)
    options: list[Option] = []
    if ticket.state in TALKING and ticket.member_id == actor.member:
        options = [
            Option("找现成答案", f"查答案 {ticket.id}"),
            Option("请对方补充", f"追问 {ticket.id}"),
            Option("转交", f"转交 {ticket.id}"),
            Option("放回排队", f"放回 {ticket.id}"),
            Option("结单", f"结单 {ticket.id}"),
        ]
    elif ticket.is_open:
        options = [Option("接单", f"接单 {ticket.id}")] if ticket.state not in TALKING else []
        options.append(Option("转交", f"转交 {ticket.id}"))
    return Reply("\n".join(lines), options=tuple(options))


def _line(line: Line, desk: Desk) -> str:
    if line.side == ASKER:
        return f"{line.at.astimezone(BEIJING):%H:%M} 对方：{line.text}"
    member = desk.staff.member(line.member_id) if line.member_id else None
    who = member.name if member else "工作人员"
    return f"{line.at.astimezone(BEIJING):%H:%M} {who if line.side == STAFF else f'{who}备注'}：{line.text}"


def _window(ticket: Ticket, desk: Desk) -> str:
    """How many messages WeChat lets through, and until when; empty on other channels."""
    window = desk.helpdesk.talks.window(ticket.person_id, desk.now)
    if window is None:
        return ""
    if window.left <= 0 or window.until <= desk.now:
        return "微信：现在不能主动发，您的话等对方下次来时送达。"
    hours = int((window.until - desk.now).total_seconds() // 3600)
    return f"微信：还可主动发 {window.left} 条，约剩 {hours} 小时；发不出的等对方下次来时送达。"


def take(turn: Turn, desk: Desk) -> Said:
    """Take a ticket: from now on what is typed goes to the person who asked."""
    named = _named(turn, desk, Action.TAKE)
    if isinstance(named, Said):
        return named
    ticket, actor, _ = named
    came = desk.helpdesk.tickets.take(ticket, actor, desk.now)
    if isinstance(came, Denied):
        return say(came.why, Outcome.DECLINE)
    before = f"已接单 {came.id}。接下来您打的字直接发给对方；回到自己的事发“暂停”，多个工单用“切换 编号”。"
    return Said((_shown(came, actor, desk, before),), Outcome.DONE, serving=came.id, confidential=True)


def switch(turn: Turn, desk: Desk) -> Said:
    """Answer another one of the tickets that one holds."""
    named = _named(turn, desk, Action.ANSWER)
    if isinstance(named, Said):
        return named
    ticket, actor, _ = named
    if ticket.member_id != actor.member or ticket.state not in TALKING:
        return say(Reply(f"工单 {ticket.id} 不在您手上。", options=(Option("工单", "工单"),)), Outcome.CLARIFY)
    shown = _shown(ticket, actor, desk, f"现在答复工单 {ticket.id}。")
    return Said((shown,), Outcome.DONE, serving=ticket.id, confidential=True)


def pause(turn: Turn, desk: Desk) -> Said:
    """What is typed is for the bot again; the tickets stay one's own."""
    return Said(
        (Reply("好的，您打的字不再发给对方。接着答复发“切换 编号”。", options=(Option("工单", "工单"),)),), serving=0
    )


def answer(turn: Turn, desk: Desk) -> Said:
    """``答复 3 文字``."""
    return _send(turn, desk, back=False)


def ask_back(turn: Turn, desk: Desk) -> Said | Begin:
    """``追问 3 文字``: the ticket waits for the other side."""
    named = _named(turn, desk, Action.ASK_BACK)
    if not isinstance(named, Said) and not named[2]:
        return Begin("ticket_ask", {"ticket": named[0].id})
    return _send(turn, desk, back=True)


def _ask_form(desk: Desk, given: Mapping[str, Any]) -> Form[str]:
    return str((yield from ask(Ask("要对方补充什么？", text(at_least=2, at_most=500)))))


def _ask_finish(turn: Turn, desk: Desk, given: Mapping[str, Any], words: str) -> Said:
    ticket = desk.helpdesk.tickets.by_id(given["ticket"])
    actor = desk.staff.of(turn.person_id)
    return _sent(ticket, actor, Told(words), desk, back=True) if ticket else say(_NO_TICKET, Outcome.CLARIFY)


def _send(turn: Turn, desk: Desk, *, back: bool) -> Said:
    named = _named(turn, desk, Action.ASK_BACK if back else Action.ANSWER)
    if isinstance(named, Said):
        return named
    ticket, actor, words = named
    if not words:
        return say(f"请写上要说的话，比如“答复 {ticket.id} 您好”。", Outcome.CLARIFY)
    return _sent(ticket, actor, Told(words), desk, back=back)


def _sent(ticket: Ticket, actor: Actor, told: Told, desk: Desk, *, back: bool = False) -> Said:
    came = desk.helpdesk.tickets.answer(ticket, actor, told, desk.now, back=back)
    if isinstance(came, Denied):
        return Said((Reply(came.why, options=(Option("工单", "工单"),)),), Outcome.DECLINE, serving=0)
    window = _window(came, desk)
    lines = [f"→ 工单 {came.id}：已发给对方{'，等对方补充' if back else ''}。", *([window] if window else [])]
    return Said((Reply("\n".join(lines)),), Outcome.DONE, serving=came.id, confidential=True)


def serving(turn: Turn, body: Body, desk: Desk) -> Said | None:
    """What a member types or sends while they answer a ticket goes to the person who asked; None when they answer none."""
    ticket = desk.helpdesk.tickets.by_id(turn.conversation.serving)
    actor = desk.staff.of(turn.person_id)
    if not actor.member or not turn.private:
        return None
    if ticket is None:
        text = "这个工单已不在了（对方删除了资料），这句话没有发出。"
        return Said((Reply(text, options=(Option("工单", "工单"),)),), Outcome.DECLINE, serving=0)
    if ticket.state not in TALKING or ticket.member_id != actor.member:
        text = f"工单 {ticket.id} 已不在您手上（{TICKET.label(ticket.state)}），这句话没有发出。"
        return Said((Reply(text, options=(Option("工单", "工单"),)),), Outcome.DECLINE, serving=0)
    match body:
        case Text(words):
            return _sent(ticket, actor, Told(words.strip()), desk)
        case Upload():
            file = sent_file(body, desk)
            if file is None:
                return say("文件在这里取不到，请换一个渠道或把内容打成文字。", Outcome.CLARIFY)
            return _sent(ticket, actor, Told(f"[文件 {body.name}]", file), desk)
    return None


# -- ready-made answers ---------------------------------------------------------------------------------------


def ready_made(turn: Turn, desk: Desk) -> Said:
    """``查答案 3 词``: entries of the library for what was asked (or these words), each sent with one press."""
    named = _named(turn, desk, Action.ANSWER)
    if isinstance(named, Said):
        return named
    ticket, _, words = named
    found = _close_to(words or ticket.question, desk)
    options = tuple(Option(option.label, f"发答案 {ticket.id} {option.say}") for option in choices(found[:4]))
    if not options:
        return say("知识库里没有相近的答案。可以换个词：查答案 编号 词。", Outcome.CLARIFY)
    return say(Reply("点一条就发给对方：", options=options))


def _close_to(question: str, desk: Desk) -> tuple[Entry, ...]:
    match desk.library.search(question, desk.day):
        case Sure(entry, _):
            return (entry,)
        case Near(entries, _):
            return entries
        case nothing:
            return nothing.closest


def send_ready_made(turn: Turn, desk: Desk) -> Said:
    """``发答案 3 #id``: that entry with its basis."""
    named = _named(turn, desk, Action.ANSWER)
    if isinstance(named, Said):
        return named
    ticket, actor, rest = named
    entry = desk.library.entry(rest.removeprefix("#"), desk.day)
    if entry is None:
        return say("这一条已经不在了。", Outcome.CLARIFY)
    shown, _ = entry.text_on(desk.day, desk.library.content.figures)
    basis = "；".join(f"《{c.law}》{c.article or ''}" for c in desk.library.cite(entry, desk.day))
    return _sent(ticket, actor, Told(f"{shown}\n依据：{basis}"), desk)


# -- handing on, putting back, closing ------------------------------------------------------------------------


def hand_on(turn: Turn, desk: Desk) -> Said | Begin:
    """Hand it to another point, a prefecture or the region, with a note."""
    named = _named(turn, desk, Action.HAND_ON)
    return named if isinstance(named, Said) else Begin("ticket_hand_on", {"ticket": named[0].id})


def _hand_form(desk: Desk, given: Mapping[str, Any]) -> Form[tuple[Owner, int | None, str]]:
    question = "转给谁？写网点的名称或编号、地州的名字、同事的名字，或者点“自治区局”。"
    owner, colleague = yield from ask(Ask(question, _read_owner(desk), (Option("自治区局", "自治区局"),)))
    note = yield from ask(Ask("给接手的同事写一句备注。", text(at_least=2, at_most=200)))
    return owner, colleague, note


def _read_owner(desk: Desk) -> Any:
    def read(body: Body) -> tuple[Owner, int | None] | Refused:
        words = (said(body) or "").strip()
        colleagues = [m for m in desk.staff.serving() if m.name == words and m.person and m.role in _LEVELS]
        if len(colleagues) > 1:
            return Refused("有几位同事叫这个名字。请写对方的网点或地州。")
        for member in colleagues:
            prefecture = member.prefecture
            if member.point and (theirs := desk.points.by_code(member.point)):
                prefecture = desk.register.offices.of(theirs.adcode)
            return Owner(_LEVELS[member.role], member.point, prefecture), member.id
        owner = place(words)
        return owner if isinstance(owner, Refused) else (owner, None)

    def place(words: str) -> Owner | Refused:
        if words == "自治区局":
            return Owner(REGION)
        point = desk.points.by_code(words)
        points = [point] if point else desk.points.named(words)
        if len(points) == 1:
            return Owner(POINT, points[0].code, desk.register.offices.of(points[0].adcode))
        prefectures = [d for d in desk.gazetteer.called(words) if d.level == "prefecture"]
        if prefectures:
            return Owner(PREFECTURE, "", prefectures[0].adcode)
        return Refused("没有认出这个网点、地州或同事。请写全称或编号，比如“喀什地区”。")

    return read


def _hand_finish(turn: Turn, desk: Desk, given: Mapping[str, Any], filled: tuple[Owner, int | None, str]) -> Said:
    owner, colleague, note = filled
    ticket = desk.helpdesk.tickets.by_id(given["ticket"])
    if ticket is None:
        return say(_NO_TICKET, Outcome.CLARIFY)
    actor = desk.staff.of(turn.person_id)
    if colleague == actor.member:
        return say("这个工单本来就在您手上。", Outcome.CLARIFY)
    came = desk.helpdesk.tickets.hand_on(ticket, actor, owner, note, desk.now, colleague)
    return _left(came, "已转交", turn, desk)


def put_back(turn: Turn, desk: Desk) -> Said:
    """Give it back to the queue."""
    named = _named(turn, desk, Action.PUT_BACK)
    if isinstance(named, Said):
        return named
    return _left(desk.helpdesk.tickets.put_back(named[0], named[1], desk.now), "已放回排队", turn, desk)


def close(turn: Turn, desk: Desk) -> Said | Begin:
    """End it with a reason."""
    named = _named(turn, desk, Action.CLOSE)
    if isinstance(named, Said):
        return named
    if named[2] in REASONS:
        return _left(desk.helpdesk.tickets.close(named[0], named[1], named[2], desk.now), "已结单", turn, desk)
    return Begin("ticket_close", {"ticket": named[0].id})


def _close_form(desk: Desk, given: Mapping[str, Any]) -> Form[str]:
    options = tuple(Option(reason, reason) for reason in REASONS)
    return str((yield from ask(Ask("怎么结的？", choose(*((r, r) for r in REASONS)), options))))


def _close_finish(turn: Turn, desk: Desk, given: Mapping[str, Any], reason: str) -> Said:
    ticket = desk.helpdesk.tickets.by_id(given["ticket"])
    if ticket is None:
        return say(_NO_TICKET, Outcome.CLARIFY)
    came = desk.helpdesk.tickets.close(ticket, desk.staff.of(turn.person_id), reason, desk.now)
    return _left(came, "已结单", turn, desk)


def _left(came: Ticket | Denied, how: str, turn: Turn, desk: Desk) -> Said:
    """One ticket fewer in one's hands; which are left."""
    if isinstance(came, Denied):
        return say(came.why, Outcome.DECLINE)
    left = desk.helpdesk.tickets.held_by(desk.staff.of(turn.person_id).member)
    options = tuple(Option(f"切换 {t.id}", f"切换 {t.id}") for t in left[:_SHOWN])
    now = 0 if turn.conversation.serving == came.id else None
    text = f"{how}：工单 {came.id}。" + (f"手上还有 {len(left)} 个。" if left else "手上没有别的工单了。")
    return Said(
        (Reply(text, options=(*options, Option("工单", "工单"))),), Outcome.DONE, serving=now, confidential=True
    )


# -- being there ----------------------------------------------------------------------------------------------


def leave_desk(turn: Turn, desk: Desk) -> Said:
    """``离岗``, ``离岗 3天``: new tickets go to others."""
    actor = desk.staff.of(turn.person_id)
    if not actor.member:
        return say(_STRANGER, Outcome.DECLINE)
    match = re.fullmatch(r"(\d{1,3})\s*天?", turn.argument.strip())
    until = desk.now + timedelta(days=int(match[1])) if match else None
    desk.helpdesk.presence.leave(actor.member, desk.now, until)
    held = desk.helpdesk.tickets.held_by(actor.member)
    text = f"已离岗{f'，到 {until.astimezone(BEIJING):%m月%d日}' if until else ''}，新工单先找别的同事。回来发“在岗”。"
    if held:
        text += f"您手上还有 {len(held)} 个工单，请转交、放回或结单。"
    return say(Reply(text, options=tuple(Option(f"放回 {t.id}", f"放回 {t.id}") for t in held[:_SHOWN])), Outcome.DONE)


def come_back(turn: Turn, desk: Desk) -> Said:
    """On duty again."""
    actor = desk.staff.of(turn.person_id)
    if not actor.member:
        return say(_STRANGER, Outcome.DECLINE)
    desk.helpdesk.presence.come_back(actor.member)
    return say(Reply("已在岗。", options=(Option("工单", "工单"),)), Outcome.DONE)


FORMS = (
    FormKind("ticket_ask", "staff", "请对方补充", _ask_form, _ask_finish),
    FormKind("ticket_hand_on", "staff", "转交工单", _hand_form, _hand_finish),
    FormKind("ticket_close", "staff", "结单", _close_form, _close_finish),
)
