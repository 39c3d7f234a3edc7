"""The life-cycles of the register as data: applications (Art. 7), points (Art. 8, 16–18), changes (Art. 9), reports (Art. 16).

``bot/registry/README.md`` shows these tables; a test keeps it true.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.database.tables import applications, changes, points, reports
from bot.registry.lifecycle import Lifecycle, Step
from bot.staff import Action, Role

_OWN, _POINT, _OFFICE, _REGION, _SYSTEM = Role.APPLICANT, Role.POINT, Role.PREFECTURE, Role.REGION, Role.SYSTEM

APPLICATION_STATES = {
    "submitted": "待地州局初审",
    "returned": "退回补正（地州局）",
    "not-recommended": "不予推荐",
    "recommended": "待自治区局初审",
    "returned-region": "退回补正（自治区局）",
    "experts": "专家评审",
    "notice": "公示",
    "objection": "异议核实",
    "certified": "已认定，待发布名单",
    "published": "已认定并发布名单",
    "rejected": "不予认定",
    "withdrawn": "已撤回",
    "terminated": "已终止",
}
OPEN_APPLICATIONS = ("submitted", "returned", "recommended", "returned-region", "experts", "notice", "objection")
_SPOILT = ("not-recommended", "rejected", "withdrawn")  # false materials may come to light afterwards

# the staff of a point act for its renewal (bot/registry/applications.py: matter)
_APPLICATION_STEPS = (
    Step("submitted", Action.ASSIGN, _REGION, "submitted", "第四条"),
    Step("submitted", Action.RECOMMEND, _OFFICE, "recommended", "第七条第（二）项"),
    Step("submitted", Action.RETURN, _OFFICE, "returned", "第六条、第七条第（二）项"),
    Step("submitted", Action.DECLINE, _OFFICE, "not-recommended", "第七条第（二）项"),
    *(Step("returned", Action.RESUBMIT, who, "submitted", "第六条、第七条第（一）项") for who in (_OWN, _POINT)),
    Step("recommended", Action.TO_EXPERTS, _REGION, "experts", "第七条第（三）项"),
    Step("recommended", Action.RETURN, _REGION, "returned-region", "第六条、第七条第（三）项"),
    Step("recommended", Action.REJECT, _REGION, "rejected", "第七条第（三）项"),
    *(
        Step("returned-region", Action.RESUBMIT, who, "recommended", "第六条、第七条第（三）项")
        for who in (_OWN, _POINT)
    ),
    Step("experts", Action.OPINION, _REGION, "experts", "第七条第（三）项"),
    Step("experts", Action.OPEN_NOTICE, _REGION, "notice", "第七条第（三）项"),
    Step("experts", Action.REJECT, _REGION, "rejected", "第七条第（三）项"),
    Step("notice", Action.OBJECT, _REGION, "objection", "第七条第（三）项"),
    Step("notice", Action.CERTIFY, _REGION, "certified", "第七条第（三）项、第八条", persons=2),
    Step("notice", Action.REJECT, _REGION, "rejected", "第七条第（三）项", persons=2),
    Step("objection", Action.DISMISS, _REGION, "notice", "第七条第（三）项"),
    Step("objection", Action.REJECT, _REGION, "rejected", "第七条第（三）项", persons=2),
    Step("certified", Action.PUBLISH, _REGION, "published", "第七条第（三）项"),
    *(
        Step(state, Action.WITHDRAW, who, "withdrawn", "第七条")
        for state in OPEN_APPLICATIONS
        for who in (_OWN, _POINT)
    ),
    *(
        Step(state, Action.TERMINATE, _REGION, "terminated", "第十七条", persons=2)
        for state in (*OPEN_APPLICATIONS, *_SPOILT)
    ),
)
APPLICATION = Lifecycle("application", applications, APPLICATION_STATES, _APPLICATION_STEPS)
# a call may let renewals go without experts (Art. 8: 按照有关通知要求); the other stages stay
SHORT_RENEWAL = Lifecycle(
    "application",
    applications,
    APPLICATION_STATES,
    (
        *(step for step in _APPLICATION_STEPS if step.action is not Action.TO_EXPERTS and step.old != "experts"),
        Step("recommended", Action.OPEN_NOTICE, _REGION, "notice", "第七条第（三）项、第八条"),
    ),
)

POINT_STATES = {
    "active": "有效",
    "rectifying": "整改中",
    "expired": "已过期",
    "revoked": "已撤销",
    "terminated": "已终止",
    "cancelled": "已取消",
}
VALID = ("active", "rectifying")
POINT = Lifecycle(
    "point",
    points,
    POINT_STATES,
    (
        Step("active", Action.RENEW, _REGION, "active", "第八条"),
        Step("rectifying", Action.RENEW, _REGION, "rectifying", "第八条"),
        Step("expired", Action.RENEW, _REGION, "active", "第八条"),
        *(Step(state, Action.EXPIRE, _SYSTEM, "expired", "第八条") for state in VALID),
        *(Step(state, Action.ACCEPT, _REGION, state, "第九条") for state in VALID),
        *(Step(state, Action.CONFIRM, _POINT, state, "第九条") for state in VALID),
        *(Step("active", Action.RECTIFY, role, "rectifying", "第十六条") for role in (_OFFICE, _REGION)),
        *(Step("rectifying", Action.RESTORE, role, "active", "第十六条") for role in (_OFFICE, _REGION)),
        Step("rectifying", Action.REVOKE, _REGION, "revoked", "第十六条", persons=2),
        *(Step(state, Action.CANCEL, _REGION, "cancelled", "第十八条") for state in VALID),
        *(Step(state, Action.TERMINATE, _REGION, "terminated", "第十七条", persons=2) for state in (*VALID, "expired")),
    ),
)


def _through_the_prefecture(article: str, accepted: str) -> tuple[Step, ...]:
    """Filed by a point, looked at by the prefecture, accepted by the region (Art. 9, 16)."""
    return (
        Step("submitted", Action.FORWARD, _OFFICE, "forwarded", article),
        Step("submitted", Action.RETURN, _OFFICE, "returned", article),
        Step("forwarded", Action.ACCEPT, _REGION, accepted, article),
        Step("forwarded", Action.RETURN, _REGION, "returned", article),
        Step("returned", Action.RESUBMIT, _POINT, "submitted", article),
        *(
            Step(state, Action.WITHDRAW, _POINT, "withdrawn", article)
            for state in ("submitted", "forwarded", "returned")
        ),
    )


CHANGE = Lifecycle(
    "change",
    changes,
    {
        "submitted": "待地州局审核",
        "returned": "退回修改",
        "forwarded": "待自治区局备案",
        "filed": "已备案",
        "withdrawn": "已撤回",
    },
    _through_the_prefecture("第九条", "filed"),
)
REPORT = Lifecycle(
    "report",
    reports,
    {
        "submitted": "待地州局审核",
        "returned": "退回修改",
        "forwarded": "待自治区局接收",
        "accepted": "自治区局已接收",
    },
    tuple(step for step in _through_the_prefecture("第十六条", "accepted") if step.action is not Action.WITHDRAW),
)
LIFECYCLES = (APPLICATION, SHORT_RENEWAL, POINT, CHANGE, REPORT)


@dataclass(frozen=True, slots=True)
class Progress:
    """Where an application stands: step ``number`` of ``STAGES``, who holds it, what comes next, on which article."""

    number: int
    holder: str
    next: str
    article: str


STAGES = ("提交", "地州局初审和推荐", "自治区局初审", "专家评审", "公示", "认定并发布名单")
_OVER = "没有下一步了"
PROGRESS: Mapping[str, Progress] = {
    "submitted": Progress(2, "所在地的地州局", "推荐给自治区局、退回补正或不予推荐", "第七条第（二）项"),
    "returned": Progress(2, "您（请补正后重新提交）", "补正后由地州局继续初审", "第六条、第七条第（二）项"),
    "not-recommended": Progress(2, "—", _OVER + "，可以参加以后年度的申报", "第七条第（二）项"),
    "recommended": Progress(3, "自治区局", "送专家评审、退回补正或不予认定", "第七条第（三）项"),
    "returned-region": Progress(3, "您（请补正后重新提交）", "补正后由自治区局继续初审", "第六条、第七条第（三）项"),
    "experts": Progress(4, "自治区局（组织专家）", "公示或不予认定", "第七条第（三）项"),
    "notice": Progress(5, "自治区局", "公示无异议后认定并发布名单", "第七条第（三）项"),
    "objection": Progress(5, "自治区局（核实异议）", "异议不成立继续公示，成立则不予认定", "第七条第（三）项"),
    "certified": Progress(6, "自治区局", "发布名单", "第七条第（三）项"),
    "published": Progress(6, "—", "三年有效，期满可申请续期", "第七条第（三）项、第八条"),
    "rejected": Progress(6, "—", _OVER + "，可以参加以后年度的申报", "第七条第（三）项"),
    "withdrawn": Progress(1, "—", _OVER + "，申报开放时可以重新提交", "第七条"),
    "terminated": Progress(6, "—", "三年内不得再提交认定申请", "第十七条"),
}


def table(life: Lifecycle) -> Iterable[str]:
    """The life-cycle as lines of a Markdown table."""
    yield "| 现在 | 动作 | 由谁 | 之后 | 条款 | 人数 |"
    yield "|---|---|---|---|---|---|"
    for step in life.steps:
        yield (
            f"| `{step.old}` {life.label(step.old)} | `{step.action.value}` | `{step.role.value}` "
            f"| `{step.new}` {life.label(step.new)} | {step.article} | {step.persons} |"
        )
