"""What a sentence says of a fee that is to be worked out: the matter, the kind of patent, years, claims, classes, days."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from bot.calculators.numbers import Kind
from bot.handlers.dates import days_in
from bot.knowledge.numerals import chinese_number

MOST = 9999  # of claims, pages, goods; more is a slip
_NUMBER = r"(\d{1,9}|[零〇一二三四五六七八九十百两]+)"
_NEGATIVE = re.compile(r"(?<![\d年月])(?:[-−]\s*|负)\d+\s*(?:项|页|类|个|年|条)")
_KINDS = ((Kind.DESIGN, "外观"), (Kind.UTILITY, "新型"), (Kind.INVENTION, "发明"))
_TRADEMARK = re.compile(r"商标|续展|牌子|品牌|商品类|个类|[\d一二三四五六七八九十两]类|宽展")
# the first that is found is meant; the ids of the fees are made of the second part
_TRADEMARK_MATTERS = (
    ("续展|宽展|到期", "renew"),
    ("转让|过户", "transfer"),
    ("异议", "opposition"),
    ("撤三|撤销", "revoke"),
    ("复审|评审|无效", "review"),
    ("变更|改名|改地址", "change"),
    ("许可", "licence"),
    ("补发|补证|丢了", "reissue"),
    ("证明商标", "certification"),
    ("集体商标", "collective"),
    ("开?证明", "proof"),
)
_PATENT_MATTERS = (
    ("年费|续费|维持费|滞纳金", "annuity"),
    ("复审", "reexam"),
    ("无效", "invalid"),
    ("评价报告", "evaluation-report-fee"),
    ("恢复", "restore-fee"),
    ("变更|转让|过户", "change"),
    ("延长", "extension-first"),
    ("权利要求|说明书|优先权|申请|官费|实审|规费|专利|发明|外观|新型", "filing"),
)


def read_fee(text: str, today: date) -> dict[str, Any]:
    """What ``text`` (simplified, one width) says, as JSON.

    ``matter``, ``kind``, ``year`` (a number or ``all``), ``claims``, ``pages``, ``priorities``, ``share``, ``late``
    (months), ``classes``, ``goods``, ``days`` (ISO); ``impossible`` when a number is below zero or above :data:`MOST`
    (the numbers are left out then).
    """
    wants: dict[str, Any] = {}
    kind = next((kind for kind, words in _KINDS if re.search(words, text)), None)
    if kind:
        wants["kind"] = kind.value
    if matter := _matter(text, kind):
        wants["matter"] = matter
    for name, pattern in (
        (
            "claims",
            rf"{_NUMBER}\s*[项条个]?\s*权(?:利要求|项)|权利要求书?[^\d零一二三四五六七八九十两]{{0,4}}{_NUMBER}\s*[项条个]",
        ),
        ("pages", rf"{_NUMBER}\s*页"),
        ("priorities", rf"{_NUMBER}\s*[项个]\s*优先权|优先权\s*{_NUMBER}\s*[项个]"),
        ("year", rf"第\s*{_NUMBER}\s*(?:个?年度?|年)|{_NUMBER}\s*年(?=的?年费|度)"),
        (
            "late",
            rf"(?:超期|逾期|过期|晚了?|迟了?|拖了?|欠了?|超了?)[^\d零一二三四五六七八九十两]{{0,3}}{_NUMBER}\s*个?月",
        ),
        ("classes", rf"(?<!第){_NUMBER}\s*个?(?:商品|服务)?类(?!似)"),
        ("goods", rf"(?:每类|各)?{_NUMBER}\s*个?(?:商品|项目|小项|服务项目)(?!类)"),
    ):
        if match := re.search(pattern, text):
            wants[name] = chinese_number(next(part for part in match.groups() if part))
    counts = {name: value for name, value in wants.items() if isinstance(value, int)}
    if _NEGATIVE.search(text) or any(value > MOST for value in counts.values()):
        wants = {name: value for name, value in wants.items() if name not in counts} | {"impossible": True}
    if "优先权" in text and "priorities" not in wants and re.search(r"要求(?:了|一项)?优先权|有优先权", text):
        wants["priorities"] = 1
    if wants.get("matter") == "tm-renew" and re.search(r"宽展|过期|超期|逾期|迟延", text):
        wants.setdefault("late", 1)
    if wants.get("matter") == "annuity" and re.search(
        r"所有|全部|各年|每年|历年|一览|年费表|列表|总共|一共|表$|逐年", text
    ):
        wants.setdefault("year", "all")
    if re.search(r"共同申请|两个申请人|70\s*%|百分之七十|减70", text):
        wants["share"] = "-70"
    elif re.search(r"85\s*%|百分之八十五|减85|减缴|费减|减免|减费", text):
        wants["share"] = "-85"
    if days := [day.isoformat() for _, day in days_in(text, today) if isinstance(day, date)]:
        wants["days"] = days
    return wants


def _matter(text: str, kind: Kind | None) -> str | None:
    if re.search(r"pct|国际申请|国家阶段|海牙|马德里|补偿", text, re.IGNORECASE):
        return None  # entries answer those; nothing is added up
    if re.search(r"软著|软件著作权|软件登记", text):
        return "software-register"
    if re.search(r"布图", text):
        return "layout-register"
    if kind is None and _TRADEMARK.search(text):
        return "tm-" + next((name for words, name in _TRADEMARK_MATTERS if re.search(words, text)), "register")
    return next((name for words, name in _PATENT_MATTERS if re.search(words, text)), None)
