"""The kinds of institutions that may be points (Art. 2) and the services they offer (Art. 3, 11, 12), as enumerations.

The value is what is stored and what stands in links; the label is what users read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum


class Kind(StrEnum):
    """What an institution is, after Art. 2 of the draft. Art. 5 (1) draws the circle otherwise: officers decide."""

    UNIVERSITY = "university"
    RESEARCH = "research"
    INFORMATION = "information"
    ASSOCIATION = "association"
    PRODUCTIVITY = "productivity"
    LIBRARY = "library"
    MUSEUM = "museum"
    SERVICE = "service"

    @property
    def label(self) -> str:
        return _KINDS[self][0]


class Service(StrEnum):
    """What a point does for its visitors. The first three are owed by every point (Art. 11)."""

    CONSULTATION = "consultation"  # Art. 11 (1)
    SEARCH = "search"  # Art. 11 (2)
    TRAINING = "training"  # Art. 11 (3)
    ANALYSIS = "analysis"  # Art. 12 (1)
    SMALL_FIRMS = "small-firms"  # Art. 12 (2), as are the next four
    PORTFOLIO = "portfolio"
    ENFORCEMENT = "enforcement"
    RISK = "risk"
    TRANSFER = "transfer"
    DATABASE = "database"  # Art. 12 (3)
    PATENTS = "patents"  # Art. 3, as are the next three
    BRANDS = "brands"
    INDICATIONS = "indications"
    OVERSEAS = "overseas"

    @property
    def label(self) -> str:
        return _SERVICES[self][0]


BASIC_SERVICES = (Service.CONSULTATION, Service.SEARCH, Service.TRAINING)

# the label first, then other ways to write it
_KINDS: Mapping[Kind, tuple[str, ...]] = {
    Kind.UNIVERSITY: ("高校", "大学", "学院", "高等院校", "高等学校", "职业院校"),
    Kind.RESEARCH: ("科研机构", "科研院所", "研究院", "研究所", "科研单位"),
    Kind.INFORMATION: ("科技情报机构", "情报所", "科技情报所", "科技信息机构", "情报机构"),
    Kind.ASSOCIATION: ("行业组织", "行业协会", "协会", "商会", "学会"),
    Kind.PRODUCTIVITY: ("生产力促进机构", "生产力促进中心", "生产力中心"),
    Kind.LIBRARY: ("公共图书馆", "图书馆"),
    Kind.MUSEUM: ("博物馆",),
    Kind.SERVICE: ("相关服务机构", "服务机构", "其他服务机构", "其他"),
}
_SERVICES: Mapping[Service, tuple[str, ...]] = {
    Service.CONSULTATION: ("咨询", "咨询服务", "知识产权咨询"),
    Service.SEARCH: ("检索", "查询检索", "信息检索", "查询", "专利检索", "商标检索", "商标查询", "查新", "科技查新"),
    Service.TRAINING: ("培训", "宣传培训", "宣传", "讲座"),
    Service.ANALYSIS: ("产业分析", "产业信息分析", "信息分析", "专利导航", "分析评议", "专利分析"),
    Service.SMALL_FIRMS: ("中小微企业服务", "中小微企业", "中小企业服务", "小微企业服务", "企业服务"),
    Service.PORTFOLIO: ("布局", "专利布局", "知识产权布局"),
    Service.ENFORCEMENT: ("维权指导", "维权", "维权援助", "纠纷调解"),
    Service.RISK: ("风险防范", "风险预警", "预警"),
    Service.TRANSFER: ("转移转化", "技术转移", "转化运用", "专利转化"),
    Service.DATABASE: ("数据库与工具", "数据库", "专题数据库", "工具平台", "数据库及工具平台"),
    Service.PATENTS: ("高价值专利培育", "高价值专利", "专利培育"),
    Service.BRANDS: ("商标品牌", "商标品牌培育", "品牌培育", "商标品牌指导"),
    Service.INDICATIONS: ("地理标志", "地理标志培育", "地标"),
    Service.OVERSEAS: ("海外", "海外保护", "海外知识产权保护", "海外维权", "涉外"),
}


_KIND_OF = {word: kind for kind, forms in _KINDS.items() for word in (kind.value, *forms)}
_SERVICE_OF = {word: service for service, forms in _SERVICES.items() for word in (service.value, *forms)}
_IN_SENTENCE = re.compile("|".join(re.escape(w) for w in sorted(_SERVICE_OF, key=len, reverse=True) if not w.isascii()))


def read_kind(word: str) -> Kind | None:
    """The kind of that stored value, label or other name; None when there is none."""
    return _KIND_OF.get(word.strip().lower())


def read_service(word: str) -> Service | None:
    """The service of that stored value, label or other name; None when there is none."""
    return _SERVICE_OF.get(word.strip().lower())


def services_in(sentence: str) -> tuple[Service, ...]:
    """The services that a Chinese sentence names, in order, each once."""
    return tuple(dict.fromkeys(_SERVICE_OF[m[0]] for m in _IN_SENTENCE.finditer(sentence)))


def labels(tags: tuple[str, ...]) -> str:
    """Stored service tags as users read them, joined by 、 (an unknown tag is left out)."""
    return "、".join(s.label for s in map(read_service, tags) if s)
