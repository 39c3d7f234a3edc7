"""The life-cycle of a ticket as a table: 排队 → 已接入 ⇄ 等待补充 → 已结束. Who asked, staff, and the passing of time act."""

from __future__ import annotations

from bot.database.tables import tickets
from bot.registry.lifecycle import Lifecycle, Step
from bot.staff import Action, Role

QUEUED, TAKEN, ASKING, CLOSED = "queued", "taken", "asking", "closed"
OPEN = (QUEUED, TAKEN, ASKING)
TALKING = (TAKEN, ASKING)  # a person talks: the bot is silent
_STAFF = (Role.POINT, Role.PREFECTURE, Role.REGION)
_CONSULTATION = "第十一条第（一）项"  # consultation is a service that every point owes


def _by_staff(old: str, action: Action, new: str) -> tuple[Step, ...]:
    return tuple(Step(old, action, role, new, _CONSULTATION) for role in _STAFF)


TICKET = Lifecycle(
    "ticket",
    tickets,
    {QUEUED: "排队", TAKEN: "已接入", ASKING: "等待补充", CLOSED: "已结束"},
    (
        *_by_staff(QUEUED, Action.TAKE, TAKEN),
        *_by_staff(QUEUED, Action.HAND_ON, QUEUED),
        *_by_staff(TAKEN, Action.ANSWER, TAKEN),
        *_by_staff(TAKEN, Action.ASK_BACK, ASKING),
        *_by_staff(TAKEN, Action.PUT_BACK, QUEUED),
        *_by_staff(TAKEN, Action.HAND_ON, QUEUED),
        *_by_staff(TAKEN, Action.CLOSE, CLOSED),
        *_by_staff(ASKING, Action.ANSWER, TAKEN),
        *_by_staff(ASKING, Action.PUT_BACK, QUEUED),
        *_by_staff(ASKING, Action.HAND_ON, QUEUED),
        *_by_staff(ASKING, Action.CLOSE, CLOSED),
        Step(QUEUED, Action.ADD, Role.APPLICANT, QUEUED, _CONSULTATION),
        Step(TAKEN, Action.ADD, Role.APPLICANT, TAKEN, _CONSULTATION),
        Step(ASKING, Action.ADD, Role.APPLICANT, TAKEN, _CONSULTATION),
        *(Step(state, Action.LEAVE, Role.APPLICANT, CLOSED, _CONSULTATION) for state in OPEN),
        Step(CLOSED, Action.REOPEN, Role.APPLICANT, QUEUED, _CONSULTATION),
        *(Step(state, Action.ESCALATE, Role.SYSTEM, QUEUED, _CONSULTATION) for state in OPEN),
        *(Step(state, Action.LAPSE, Role.SYSTEM, CLOSED, _CONSULTATION) for state in TALKING),
    ),
)
