"""The one place that decides who may do what: roles, actions, jurisdictions, and a reason for every refusal."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

log = logging.getLogger(__name__)


class Role(StrEnum):
    """What somebody is to the network of points (Art. 4). ``SYSTEM`` is the passing of time; nobody is bound to it."""

    PUBLIC = "public"
    APPLICANT = "applicant"
    POINT = "point"
    PREFECTURE = "prefecture"
    REGION = "region"
    ADMINISTRATOR = "administrator"
    SYSTEM = "system"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS: Mapping[Role, str] = {
    Role.PUBLIC: "公众",
    Role.APPLICANT: "申报单位",
    Role.POINT: "网点工作人员",
    Role.PREFECTURE: "地州局工作人员",
    Role.REGION: "自治区局工作人员",
    Role.ADMINISTRATOR: "系统管理员",
    Role.SYSTEM: "系统",
}


class Action(StrEnum):
    """Everything that needs a right. What anybody may do (ask, search, complain …) is not listed."""

    # an application (Art. 6–8)
    RESUBMIT = "resubmit"
    WITHDRAW = "withdraw"
    RETURN = "return"
    RECOMMEND = "recommend"
    DECLINE = "decline"
    ASSIGN = "assign"
    TO_EXPERTS = "to-experts"
    OPINION = "opinion"
    OPEN_NOTICE = "open-notice"
    OBJECT = "object"
    DISMISS = "dismiss"
    REJECT = "reject"
    CERTIFY = "certify"
    PUBLISH = "publish"
    TERMINATE = "terminate"
    # a point (Art. 8, 16–18)
    RENEW = "renew"
    EXPIRE = "expire"
    RECTIFY = "rectify"
    RESTORE = "restore"
    REVOKE = "revoke"
    CANCEL = "cancel"
    # a change (Art. 9) or an annual report (Art. 16)
    FORWARD = "forward"
    ACCEPT = "accept"
    FILE = "file"
    REPORT = "report"
    CONFIRM = "confirm"
    # a ticket (Art. 11, 12)
    TAKE = "take"
    ASK_BACK = "ask-back"
    HAND_ON = "hand-on"
    PUT_BACK = "put-back"
    CLOSE = "close"
    ADD = "add"
    LEAVE = "leave"
    REOPEN = "reopen"
    ESCALATE = "escalate"
    LAPSE = "lapse"
    # what is not a step of a life-cycle
    READ_CASE = "read-case"
    CALL = "call"
    FIGURES = "figures"
    ANSWER = "answer"
    TRAINING = "training"
    APPROVE_TRAINING = "approve-training"
    EDIT_CONTENT = "edit-content"
    # a draft of an entry
    CHECK_ENTRY = "check-entry"
    SUBMIT_ENTRY = "submit-entry"
    APPROVE_ENTRY = "approve-entry"
    RETURN_ENTRY = "return-entry"
    DROP_ENTRY = "drop-entry"
    REMOVE_ENTRY = "remove-entry"
    SET_ASIDE = "set-aside"
    INVITE = "invite"
    END = "end"


ACTIONS: Mapping[Action, str] = {
    Action.RESUBMIT: "补正",
    Action.WITHDRAW: "撤回",
    Action.RETURN: "退回补正",
    Action.RECOMMEND: "推荐",
    Action.DECLINE: "不予推荐",
    Action.ASSIGN: "指定承办地州局",
    Action.TO_EXPERTS: "送专家评审",
    Action.OPINION: "记录专家意见",
    Action.OPEN_NOTICE: "开始公示",
    Action.OBJECT: "登记异议",
    Action.DISMISS: "异议不成立",
    Action.REJECT: "不予认定",
    Action.CERTIFY: "认定",
    Action.PUBLISH: "发布名单",
    Action.TERMINATE: "终止",
    Action.RENEW: "续期",
    Action.EXPIRE: "到期",
    Action.RECTIFY: "责令整改",
    Action.RESTORE: "整改合格",
    Action.REVOKE: "撤销资格",
    Action.CANCEL: "自动取消",
    Action.FORWARD: "审核转报",
    Action.ACCEPT: "备案",
    Action.FILE: "报备变更",
    Action.REPORT: "报送年度总结",
    Action.CONFIRM: "核对联系方式",
    Action.TAKE: "接单",
    Action.ASK_BACK: "请对方补充",
    Action.HAND_ON: "转交",
    Action.PUT_BACK: "放回排队",
    Action.CLOSE: "结束工单",
    Action.ADD: "补充",
    Action.LEAVE: "结束咨询",
    Action.REOPEN: "重新打开",
    Action.ESCALATE: "逾时上转",
    Action.LAPSE: "久无消息结束",
    Action.READ_CASE: "查看案件",
    Action.CALL: "发布申报通知",
    Action.FIGURES: "查看统计",
    Action.ANSWER: "答复咨询",
    Action.TRAINING: "发布培训",
    Action.APPROVE_TRAINING: "审核培训",
    Action.EDIT_CONTENT: "编辑知识库",
    Action.CHECK_ENTRY: "检查草稿",
    Action.SUBMIT_ENTRY: "提交草稿",
    Action.APPROVE_ENTRY: "批准草稿",
    Action.RETURN_ENTRY: "退回草稿",
    Action.DROP_ENTRY: "放弃草稿",
    Action.REMOVE_ENTRY: "撤下答案",
    Action.SET_ASIDE: "不处理",
    Action.INVITE: "邀请工作人员",
    Action.END: "停用工作人员",
}


@dataclass(frozen=True, slots=True)
class Actor:
    """Who wants to do something. ``member`` is the number of a member of staff, 0 for anybody else; ``prefecture`` the
    adcode of a prefecture officer's prefecture; ``point`` the code of the point that point staff belong to."""

    person: int
    role: Role = Role.PUBLIC
    member: int = 0
    prefecture: str = ""
    point: str = ""
    name: str = ""


SYSTEM = Actor(0, Role.SYSTEM)


@dataclass(frozen=True, slots=True)
class Matter:
    """What an action is about. ``prefecture`` is the office in charge, empty while the region has assigned none (Art. 4);
    ``applicant`` the person who applied; ``first`` the member who proposed what a second
    person now decides; ``role`` that of somebody invited or ended."""

    name: str = ""
    prefecture: str = ""
    point: str = ""
    applicant: int | None = None
    first: int | None = None
    role: Role | None = None


EVERYWHERE = Matter()


@dataclass(frozen=True, slots=True)
class Allowed:
    """The action may be done, in the role ``role``."""

    role: Role


@dataclass(frozen=True, slots=True)
class Denied:
    """The action may not be done; ``why`` is shown to the person."""

    why: str


_OWN = frozenset({Role.APPLICANT})
_POINT = frozenset({Role.POINT})
_PREFECTURE = frozenset({Role.PREFECTURE})
_REGION = frozenset({Role.REGION})
_OFFICERS = _PREFECTURE | _REGION
_STAFF = _POINT | _OFFICERS

RIGHTS: Mapping[Action, frozenset[Role]] = {
    Action.RESUBMIT: _OWN | _POINT,
    Action.WITHDRAW: _OWN | _POINT,
    Action.RETURN: _OFFICERS,
    Action.RECOMMEND: _PREFECTURE,
    Action.DECLINE: _PREFECTURE,
    Action.ASSIGN: _REGION,
    Action.TO_EXPERTS: _REGION,
    Action.OPINION: _REGION,
    Action.OPEN_NOTICE: _REGION,
    Action.OBJECT: _REGION,
    Action.DISMISS: _REGION,
    Action.REJECT: _REGION,
    Action.CERTIFY: _REGION,
    Action.PUBLISH: _REGION,
    Action.TERMINATE: _REGION,
    Action.RENEW: frozenset({Role.REGION}),
    Action.EXPIRE: frozenset({Role.SYSTEM}),
    Action.RECTIFY: _OFFICERS,
    Action.RESTORE: _OFFICERS,
    Action.REVOKE: _REGION,
    Action.CANCEL: _REGION,
    Action.FORWARD: _PREFECTURE,
    Action.ACCEPT: _REGION,
    Action.FILE: _POINT,
    Action.REPORT: _POINT,
    Action.CONFIRM: _POINT,
    Action.TAKE: _STAFF,
    Action.ASK_BACK: _STAFF,
    Action.HAND_ON: _STAFF,
    Action.PUT_BACK: _STAFF,
    Action.CLOSE: _STAFF,
    Action.ADD: _OWN,
    Action.LEAVE: _OWN,
    Action.REOPEN: _OWN,
    Action.ESCALATE: frozenset({Role.SYSTEM}),
    Action.LAPSE: frozenset({Role.SYSTEM}),
    Action.READ_CASE: _STAFF | _OWN,
    Action.CALL: _REGION,
    Action.FIGURES: _STAFF,
    Action.ANSWER: _STAFF,
    Action.TRAINING: _STAFF,
    Action.APPROVE_TRAINING: _OFFICERS,
    Action.EDIT_CONTENT: _STAFF,
    Action.CHECK_ENTRY: frozenset({Role.SYSTEM}),
    Action.SUBMIT_ENTRY: _STAFF,
    Action.APPROVE_ENTRY: _REGION,
    Action.RETURN_ENTRY: _REGION,
    Action.DROP_ENTRY: _STAFF,
    Action.REMOVE_ENTRY: _REGION,
    Action.SET_ASIDE: _OFFICERS,
    Action.INVITE: _STAFF | {Role.ADMINISTRATOR},
    Action.END: _STAFF | {Role.ADMINISTRATOR},
}

# who may invite whom (and end whose work): an administrator keeps accounts and decides no business
INVITES: Mapping[Role, frozenset[Role]] = {
    Role.ADMINISTRATOR: frozenset({Role.ADMINISTRATOR, Role.REGION, Role.PREFECTURE, Role.POINT}),
    Role.REGION: frozenset({Role.PREFECTURE, Role.POINT}),
    Role.PREFECTURE: frozenset({Role.POINT}),
    Role.POINT: frozenset({Role.POINT}),
}


def could(actor: Actor, action: Action, on: Matter = EVERYWHERE) -> Allowed | Denied:
    """Whether ``actor`` may do ``action``, without leaving a trace (for showing only what may be done)."""
    roles = RIGHTS[action]
    own = on.applicant is not None and on.applicant == actor.person
    if own and Role.APPLICANT in roles:
        return Allowed(Role.APPLICANT)
    if actor.role not in roles:
        who = "、".join(role.label for role in Role if role in roles)
        return Denied(f"“{ACTIONS[action]}”由{who}办理。")
    if own:
        return Denied("这是您自己提出的事，请由其他工作人员办理。")
    match actor.role:
        case Role.PREFECTURE if on.prefecture != actor.prefecture or not actor.prefecture:
            return Denied("这件事不在您的辖区内。" if on.prefecture else "这件事还没有指定承办的地州局。")
        case Role.POINT if on.point != actor.point or not actor.point:
            return Denied("这件事不属于您的网点。")
    if on.role is not None and on.role not in INVITES.get(actor.role, frozenset()):
        who = "、".join(role.label for role in Role if role in INVITES.get(actor.role, frozenset()))
        return Denied(f"您只能邀请或停用：{who}。")
    if on.first is not None and on.first == actor.member:
        return Denied(f"“{ACTIONS[action]}”要两位工作人员先后确认，您已经提出过，请由另一位确认。")
    return Allowed(actor.role)


def may(actor: Actor, action: Action, on: Matter = EVERYWHERE) -> Allowed | Denied:
    """Whether ``actor`` may do ``action``; every refusal is logged. Ask this right before doing it."""
    decided = could(actor, action, on)
    return refused(actor, action, on, decided.why) if isinstance(decided, Denied) else decided


def refused(actor: Actor, action: Action, on: Matter, why: str) -> Denied:
    """A refusal, logged: numbers and codes only, no names."""
    log.warning(
        "refused", extra={"member": actor.member, "role": actor.role.value, "action": action.value, "on": on.name}
    )
    return Denied(why)
