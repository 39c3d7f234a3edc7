"""What an application declares (Art. 5, 6): the fields, each with its clause, and the checks that are made of them.

The form that the draft calls its annex is not part of the draft: these fields are this product's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.registry.conditions import Facts, Verdict, judge
from bot.registry.services import Kind


@dataclass(frozen=True, slots=True)
class Field:
    """One thing declared: its key in the record, what users call it, on which clause it rests."""

    key: str
    label: str
    article: str


FIELDS = (
    Field("name", "单位全称", "第六条第（一）项"),
    Field("credit_code", "统一社会信用代码", "第五条第（二）项"),
    Field("kind", "单位类型", "第二条、第五条第（一）项"),
    Field("adcode", "所在县市", "第五条第（一）项、第七条第（一）项"),
    Field("address", "服务场所地址", "第五条第（四）项"),
    Field("position", "服务场所位置", "第五条第（四）项"),
    Field("head", "主要负责人", "第六条第（一）项"),
    Field("contact", "联系人", "第六条第（一）项"),
    Field("phone", "联系电话", "第六条第（一）项"),
    Field("legal_person", "独立法人", "第五条第（二）项"),
    Field("full_time", "专职人员数", "第五条第（二）项"),
    Field("part_time", "兼职人员数", "第五条第（二）项"),
    Field("rules", "信息公共服务工作制度", "第五条第（三）项"),
    Field("services", "服务事项", "第五条第（三）项、第十一条、第十二条"),
    Field("low_cost", "免费或低成本", "第五条第（三）项"),
    Field("premises", "场地、网络、设备、系统", "第五条第（四）项"),
    Field("last_year", "近一年服务开展情况", "第六条第（二）项"),
)
DOCUMENTS = (
    Field("form", "申报表", "第六条第（一）项"),
    Field("services_file", "近一年服务开展情况的材料", "第六条第（二）项"),
    Field("rules_file", "工作制度文本", "第六条第（三）项"),
)
BY_KEY = {field.key: field for field in (*FIELDS, *DOCUMENTS)}


def verdict_of(declared: Mapping[str, Any]) -> Verdict:
    """The conditions of Art. 5 held against what was declared."""
    return judge(
        Facts(
            kind=Kind(declared.get("kind", Kind.SERVICE)),
            in_xinjiang=True,
            legal_person=bool(declared.get("legal_person", True)),
            full_time=int(declared.get("full_time", 0)),
            part_time=int(declared.get("part_time", 0)),
            rules=bool(declared.get("rules", True)),
            categories=bool(declared.get("services")),
            low_cost=bool(declared.get("low_cost", True)),
            premises=bool(declared.get("premises", True)),
        )
    )
