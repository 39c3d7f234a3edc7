"""The conditions for becoming a point (Art. 5, 18), one by one: the same rules for asking beforehand and for an application.

The verdict names what is missing and its clause; whether somebody is certified is for the officers to decide.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.registry.services import Kind

FULL_TIME = 3  # Art. 5 (2)
# Art. 18: bodies that are in the system already; the stored value is the label
IN_SYSTEM = (
    "自治区级知识产权公共服务骨干节点",
    "地市级知识产权公共服务骨干节点",
    "国家级知识产权保护中心",
    "技术与创新支持中心（TISC）",
    "高校国家知识产权信息服务中心",
)
# Art. 18: who is named one of these within the term loses the title the same day
NATIONAL = ("技术与创新支持中心（TISC）", "高校国家知识产权信息服务中心", "国家知识产权信息公共服务网点")


@dataclass(frozen=True, slots=True)
class Facts:
    """What an institution says of itself. ``in_system`` is one of IN_SYSTEM or empty; numbers are of persons."""

    kind: Kind
    in_system: str = ""
    in_xinjiang: bool = True
    legal_person: bool = True
    full_time: int = 0
    part_time: int = 0
    rules: bool = True
    categories: bool = True
    low_cost: bool = True
    premises: bool = True


@dataclass(frozen=True, slots=True)
class Finding:
    """A condition that is not met, or (``open``) that only an officer can judge: its clause and what is to be said."""

    article: str
    what: str
    open: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the conditions come to. ``needless``: Art. 18 asks for no filing at all."""

    needless: str
    unmet: tuple[Finding, ...]
    open: tuple[Finding, ...]

    @property
    def met(self) -> bool:
        return not self.unmet and not self.needless


def judge(facts: Facts) -> Verdict:
    """All conditions of Art. 5, and Art. 18."""
    found: list[Finding] = []
    if not facts.in_xinjiang:
        found.append(Finding("第五条第（一）项", "没有在新疆维吾尔自治区行政区域内注册或登记"))
    if facts.kind is Kind.SERVICE:
        found.append(
            Finding(
                "第二条、第五条第（一）项",
                "第二条列有“相关服务机构”，第五条写的是“事业单位、行业协会等知识产权公共服务机构”，企业等其他机构算不算由主管部门认定",
                open=True,
            )
        )
    if not facts.legal_person:
        found.append(Finding("第五条第（二）项", "不是独立法人单位"))
    if facts.full_time < FULL_TIME:
        found.append(Finding("第五条第（二）项", f"专职人员 {facts.full_time} 名，要 {FULL_TIME} 名及以上"))
    if facts.part_time < 1:
        found.append(Finding("第五条第（二）项", "没有兼职人员，条文要求若干"))
    if not facts.rules:
        found.append(Finding("第五条第（三）项", "信息公共服务工作制度不健全"))
    if not facts.categories:
        found.append(Finding("第五条第（三）项", "还不能就专利、商标、地理标志等至少一个类别提供服务"))
    if not facts.low_cost:
        found.append(Finding("第五条第（三）项", "服务不是免费或低成本的"))
    if not facts.premises:
        found.append(Finding("第五条第（四）项", "场地、网络、硬件设备、系统软件等基础设施不齐"))
    return Verdict(facts.in_system, tuple(f for f in found if not f.open), tuple(f for f in found if f.open))
