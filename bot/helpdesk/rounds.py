"""What time moves in tickets: who is asked next when nobody takes one, who is silent, what is over.

Run it as often as one likes, also twice at once: a step is taken by compare-and-set, a letter has one key.
"""

from __future__ import annotations

from datetime import datetime

from bot.helpdesk.routing import PREFECTURE, REGION, Owner
from bot.helpdesk.ticketcycle import QUEUED
from bot.helpdesk.tickets import Ticket, Tickets
from bot.staff import Denied

_LEVELS = {PREFECTURE: "地州局", REGION: "自治区局"}


MOST = 20  # tickets of one transaction: on Monday morning many are due at once, and turns come in between


def move_tickets(tickets: Tickets, now: datetime) -> int:
    """Move on tickets whose time has come, at most MOST; returns how many, 0 when there is none left."""
    return sum(_move(tickets, ticket, now) for ticket in tickets.overdue(now, MOST))


def release(tickets: Tickets, member: int, now: datetime) -> int:
    """A member left: what they had taken goes back to the queue at once; returns how many."""
    return sum(_ask_next(tickets, ticket, ticket.owner, now) for ticket in tickets.held_by(member))


def _move(tickets: Tickets, ticket: Ticket, now: datetime) -> bool:
    if ticket.state == QUEUED:
        if ticket.asked_id is not None:
            return _ask_next(tickets, ticket, ticket.owner, now)
        above = tickets.routing.above(ticket.owner)
        if above is not None:
            return _ask_next(tickets, ticket, above, now)
        tickets.wait_longer(ticket, now)
        _tell(tickets, ticket, "还没有人接，仍在排队，我们会继续催。急事可以拨打 12345。", now)
        tickets.tell_queue(ticket, f"工单 {ticket.id} 仍在等人接：{ticket.question[:60]}", now)
        return True
    if not tickets.is_held(ticket) or tickets.talks.waits_for_staff(ticket.id, ticket.since):
        return _ask_next(tickets, ticket, ticket.owner, now)
    came = tickets.lapse(ticket, now)
    if isinstance(came, Denied):
        return False
    tickets.closed(came, "因三天没有新消息，先结束了", now)
    return True


def _ask_next(tickets: Tickets, ticket: Ticket, owner: Owner, now: datetime) -> bool:
    came = tickets.escalate(ticket, owner, now)
    if isinstance(came, Denied):
        return False
    if owner.level != ticket.level:
        told = f"还没有人接，已转给{_LEVELS[owner.level]}。"
    elif ticket.member_id is not None:
        told = "换一位同事来接，您说过的话对方都看得到。"
    else:
        told = "还没有人接，已请更多同事来接。"
    _tell(tickets, came, told, now)
    tickets.tell_queue(came, f"工单 {ticket.id} 等人接：{ticket.question[:60]}", now)
    if ticket.member_id is not None:
        text = f"工单 {ticket.id} 因久未答复，已回到排队。"
        tickets.talks.tell_member(ticket.member_id, text, f"{ticket.id}:lost:{came.steps}", now)
    return True


def _tell(tickets: Tickets, ticket: Ticket, text: str, now: datetime) -> None:
    key = f"{ticket.id}:wait:{ticket.steps}:{now:%m%d%H%M}"
    tickets.talks.tell_asker(ticket.person_id, f"工单 {ticket.id}：{text}", key, now)
