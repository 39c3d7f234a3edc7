"""What a sentence that wants a service already names: place, number, product, topic, date … (so it is not asked again)."""

from __future__ import annotations

import re
from collections.abc import Callable

from bot.desk import Desk
from bot.knowledge.intents import compact
from bot.knowledge.text import plain

Slots = dict[str, object]

_PATENT_NUMBER = re.compile(
    r"(?<![a-z0-9])((?:cn|zl)?\s?(?:\d{12}(?:[.．]?[\dx])?|\d{8}(?:[.．][\dx])?|\d{7,9}[a-z]\d?))(?![0-9a-z])",
    re.IGNORECASE,
)
_MARK = re.compile(r"[“\"「『《]([^”\"」』》]{1,30})[”\"」』》]")
_CLASS = re.compile(r"第?(\d{1,2})类")
_TRADEMARK_NUMBER = re.compile(r"(?<!\d)(\d{6,9}[a-z]?)(?![0-9a-z])")
_CASE = re.compile(r"xjwd-?\d{4}-?\d+", re.IGNORECASE)
_IPC = re.compile(r"(?<![a-z0-9])([a-h]\d{2}[a-z](?:\s?\d{1,4}/\d{2,6})?)(?![a-z0-9])", re.IGNORECASE)
_OWNER = re.compile(r"([一-鿿]{2,20}?(?:大学|学院|公司|集团|研究院|研究所|中心|厂|医院|合作社|协会))")
_MONEY = re.compile(r"(\d+(?:\.\d+)?)\s*(万)?")
_TOPICS = (
    ("商标", "商标"),
    ("地理标志", "地理标志"),
    ("地标", "地理标志"),
    ("专利", "专利"),
    ("版权", "著作权"),
    ("著作权", "著作权"),
    ("软著", "软件著作权"),
    ("海外", "海外"),
    ("涉外", "海外"),
    ("维权", "维权"),
    ("检索", "检索"),
    ("质押", "质押"),
    ("品种", "植物新品种"),
)
_PATENT_WORDS = re.compile(
    r"查询|查一下|查下|查查|查找|查|检索一下|检索|搜索|搜一下|搜|找一下|找|看看|帮我|帮忙|请|一下|的|发明专利|实用新型|外观设计|专利|申请|有哪些|有没有|相关|关于|情况|吗|我想|想|法律状态"
)
_MARK_WORDS = re.compile(
    r"查询|查一下|查下|查查|查|检索|搜索|搜|看看|帮我|帮忙|请|一下|的|这个|商标|牌子|注册|近似|有没有|被人|被|没有|没|了|能不能|能|用|吗|我想|想|第?\d{1,2}类"
)
_PRODUCT_WORDS = re.compile(
    r"查询|查一下|查下|查查|查|检索|搜索|看看|了解|帮我|请|一下|的|地理标志|地标|原产地|产品|保护|信息|名单|公告|有哪些|有啥|有什么|哪些|是不是|是|吗|都|列表"
)


def _place(said: str, desk: Desk) -> Slots:
    found = desk.gazetteer.find(said)
    if found is None:
        return {}
    return {"place": found.words, "region": found.division.full_name}


def patent_check_digit(number: str) -> str | None:
    """The check digit that the 8 or 12 digits of a Chinese application number want (weights 2-9, 2-5; sum mod 11, 10 is X)."""
    digits = re.sub(r"^(?:cn|zl)\s?", "", number.lower()).replace("．", ".").split(".")[0]
    if len(digits) == 13:
        digits = digits[:12]
    if len(digits) not in (8, 12) or not digits.isdecimal():
        return None
    total = sum(int(d) * (2 + i % 8) for i, d in enumerate(digits))
    return "X" if total % 11 == 10 else str(total % 11)


def _patent_number(said: str) -> Slots:
    match = _PATENT_NUMBER.search(plain(said))
    if not match:
        return {}
    number = match[1].upper().replace(" ", "")
    slots: Slots = {"number": number}
    body = re.sub(r"^(CN|ZL)", "", number)
    typed = body.split(".")[1] if "." in body else body[12:] if len(body) == 13 else ""
    wanted = patent_check_digit(number)
    if typed and wanted:
        slots["check_digit_ok"] = typed == wanted
    return slots


def _nearest(said: str, desk: Desk) -> Slots:
    slots = _place(said, desk)
    if "电话" in said or "联系方式" in said:
        slots["need"] = "phone"
    elif any(word in said for word in ("几点", "开门", "上班", "营业", "开放时间", "工作时间")):
        slots["need"] = "hours"
    return slots


def _status(said: str, desk: Desk) -> Slots:
    subject = "trademark" if "商标" in said else "patent" if "专利" in said or "发明" in said else "service_point"
    slots: Slots = {"subject": subject}
    if case := _CASE.search(said):
        slots["application_no"] = case[0].upper()
    elif number := _TRADEMARK_NUMBER.search(plain(said)):
        slots["number"] = number[1]
    elif subject == "patent":
        slots |= _patent_number(said)
    return slots


def _patent(said: str, desk: Desk) -> Slots:
    if slots := _patent_number(said):
        if "法律状态" in said or "有效" in said:
            slots["need"] = "legal_status"
        return slots
    if ipc := _IPC.search(plain(said)):
        return {"ipc": ipc[1].upper()}
    if owner := _OWNER.search(_lead(said)):
        return {"applicant": owner[1]}
    keyword = _PATENT_WORDS.sub("", compact(said)).strip('，,。？?！!、“”"')
    return {"keyword": keyword} if keyword else {}


def _lead(said: str) -> str:
    """A sentence without the request in front of what it asks for."""
    return re.sub(r"^(请|帮我|帮忙|我想|想|查询|查一下|查下|查|检索|搜索|搜|找|看看)+", "", compact(said))


def _trademark(said: str, desk: Desk) -> Slots:
    slots: Slots = {}
    if nice := _CLASS.search(said):
        slots["nice_class"] = int(nice[1])
    if quoted := _MARK.search(said):
        slots["mark"] = quoted[1]
    elif number := _TRADEMARK_NUMBER.search(plain(said)):
        slots["number"] = number[1]
    elif (mark := _MARK_WORDS.sub("", compact(said)).strip("，,。？?！!、")) and len(mark) <= 20:
        slots["mark"] = mark
    if "近似" in said:
        slots["need"] = "similar"
    elif "状态" in said:
        slots["need"] = "status"
    return slots


def _indication(said: str, desk: Desk) -> Slots:
    product = _PRODUCT_WORDS.sub("", compact(said)).strip('，,。？?！!、“”"')
    place = _place(said, desk)
    if (place and bare_equal(str(place["place"]), product)) or not product:
        return {"region": place["region"], "need": "list"} if place else {"need": "list"}
    return {"product": product}


def bare_equal(one: str, other: str) -> bool:
    return one == other or one.rstrip("州市县区") == other.rstrip("州市县区")


def _training(said: str, desk: Desk) -> Slots:
    slots: Slots = {}
    place = _place(said, desk)
    if place:
        slots["region"] = place["region"]
    topic = next((name for word, name in _TOPICS if word in said), None)
    if topic:
        slots["topic"] = topic
    if "下周" in said or "下星期" in said:
        slots["week"] = "next"
    elif "本周" in said or "这周" in said:
        slots["week"] = "this"
    if month := re.search(r"(\d{1,2})月", plain(said)):
        slots["month"] = int(month[1])
    return slots


def _eligible(said: str, desk: Desk) -> Slots:
    if any(word in said for word in ("费减", "减缴", "减免", "收入", "月薪", "工资")):
        slots: Slots = {"subject": "fee_reduction"}
        if money := _MONEY.search(plain(said)):
            amount = float(money[1]) * (10_000 if money[2] else 1)
            yearly = any(word in said for word in ("应纳税", "所得", "利润", "公司", "企业"))
            slots["applicant"] = "enterprise" if yearly else "individual"
            slots["taxable_income" if yearly else "monthly_income"] = int(amount)
        return slots
    if "优先" in said:
        return {"subject": "priority_exam"}
    if "专用标志" in said or "地标" in said or "地理标志" in said:
        return {"subject": "gi_mark"}
    slots = {"subject": "service_point"}
    if staff := re.search(r"专职\D{0,4}(\d+)", plain(said)):
        slots["full_time"] = int(staff[1])
    return slots


def _feedback(said: str, desk: Desk) -> Slots:
    if any(word in said for word in ("投诉", "举报", "态度", "差评", "乱收费")):
        return {"type": "complaint"}
    if any(word in said for word in ("答非所问", "不对", "错", "有误", "过时", "不准")):
        return {"type": "wrong_answer"}
    if any(word in said for word in ("表扬", "好评", "点赞", "专业", "耐心", "真好", "服务好")):
        return {"type": "praise"}
    return {"type": "suggestion"}


def _erasure(said: str, desk: Desk) -> Slots:
    return {"scope": "account" if any(word in said for word in ("注销", "账号", "账户", "销号")) else "chat"}


def _number(said: str, desk: Desk) -> Slots:
    return _patent_number(said)


def _subject(said: str, desk: Desk) -> Slots:
    topic = next((name for word, name in _TOPICS if word in said), None)
    return {"topic": topic} if topic else {}


_READERS: dict[str, Callable[[str, Desk], Slots]] = {
    "nearest_point": _nearest,
    "point_info": _nearest,
    "application_status": _status,
    "patent_search": _patent,
    "trademark_search": _trademark,
    "gi_search": _indication,
    "training_list": _training,
    "training_signup": _training,
    "subscribe": _training,
    "eligibility": _eligible,
    "feedback": _feedback,
    "delete_data": _erasure,
    "number_check": _number,
    "industry_analysis": _subject,
    "sme_service": _subject,
}


def read_slots(intent: str, said: str, desk: Desk) -> Slots:
    """The slots of ``intent`` that ``said`` fills."""
    reader = _READERS.get(intent)
    return reader(said, desk) if reader else {}
