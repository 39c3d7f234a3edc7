"""What a sentence that wants a service already names: place, number, product, topic, date … (so it is not asked again)."""

from __future__ import annotations

import re
from collections.abc import Callable

from bot.desk import Desk
from bot.handlers.slots_said import NUMBER, Sentence, Slots, amount, count, day, period, place, topic
from bot.handlers.slots_search import (
    any_number,
    application_number,
    elsewhere,
    goods,
    indication,
    patent,
    trademark,
    works,
)
from bot.registry.services import Kind, read_kind

__all__ = ["Slots", "read_slots"]

_CASE = r"xjwd-?\d{4}-?\d+"
_POINT = r"的?(?:那个)?(?:知识产权)?(?:信息)?(?:公共)?(?:服务)?(?:网点|服务点|服务站|服务中心)"
_INSTITUTION = r"大学|学院|图书馆|博物馆|研究院|研究所|科学院|农科院|协会|学会|商会|中心|情报所|科技馆|产业园|孵化器|公司|局|所|院|馆"
_DEMONSTRATIVE = r"(?:这个|那个|这家|那家|的)$"
_ASKED_BEFORE = r"^(?:请问?|我想知道|我想问问?|想知道|想了解|帮我|介绍(?:一下|下)?|了解(?:一下)?|查看|查询|查一?下|查|看看|看一?下|我想(?:知道|问)?|想(?:问|去)?|去|到|那个|一下|的|在)+"
_KINDS = re.compile(
    "|".join(sorted((k.label for k in Kind), key=len, reverse=True))
    + "|协会|商会|学会|高校|大学|学院|图书馆|博物馆|研究院|研究所|情报所|生产力中心"
)


def _contact(sentence: Sentence) -> Slots:
    """What is wanted of a point: its phone, hours, services or a pin on the map."""
    for need, words in (
        ("phone", r"电话|联系方式|座机|手机|怎么联系|咋联系"),
        (
            "hours",
            r"几点|开门|关门|开不开|上班|下班|营业|开放时间|工作时间|办公时间|服务时间|周末|午休|周[六日]|星期[六日天]|放假",
        ),
        ("address", r"定位|发个?位置|导航|具体地址|详细地址"),
        (
            "services",
            r"服务(?!网?点|站|中心|窗口).{0,4}(?:有|啥|什么|项目|内容|$)|(?:啥|什么|哪些)服务|能办|能做什么|做什么|干什么|提供",
        ),
    ):
        if sentence.find(words):
            return {"need": need}
    return {}


def _nearest(sentence: Sentence, desk: Desk) -> Slots:
    need = _contact(sentence)
    return {**place(sentence, desk, strict=True), **({} if need.get("need") == "services" else need)}


def _point(sentence: Sentence, desk: Desk) -> Slots:
    found = sentence.find(rf"([一-鿿]{{2,24}}?(?:{_INSTITUTION})?){_POINT}") or sentence.find(
        rf"([一-鿿]{{2,24}}(?:{_INSTITUTION}))"
    )
    name = re.sub(_DEMONSTRATIVE, "", re.sub(_ASKED_BEFORE, "", found[1])) if found else ""
    need = _contact(sentence) or ({"need": "address"} if sentence.find(r"地址|位置|在哪|怎么[去走]|咋[去走]") else {})
    return {**({"name": sentence.typed(name)} if name else {}), **need}


def _status(sentence: Sentence, desk: Desk) -> Slots:
    slots: Slots = {}
    for subject, words in (
        ("service_point", rf"网点|服务点|{_CASE}"),
        ("trademark", r"商标|牌子"),
        ("patent", r"专利|发明|实用新型|外观"),
        ("copyright", r"软著|版权|著作权|作品"),
        ("gi", r"地标|地理标志"),
        ("service_point", r"申报|认定|续期"),
    ):
        if sentence.find(words):
            slots["subject"] = subject
            break
    if case := sentence.find(_CASE):
        slots["application_no"] = case[0].upper()
    elif slots.get("subject") == "trademark" and (number := sentence.find(r"(?<!\d)(\d{6,9}[a-z]?)(?![0-9a-z])")):
        slots["number"] = number[1].upper()
    else:
        slots |= application_number(sentence, desk)
        if "number" in slots:
            slots.setdefault("subject", "patent")
    return slots


def _eligible(sentence: Sentence, desk: Desk) -> Slots:
    if sentence.find(r"费减|减缴|减免|减费|收入|月薪|工资|所得额|利润|打折|费能减|能减不|挣|赚"):
        return {"subject": "fee_reduction", **_income(sentence)}
    if sentence.find(r"优先审?|加快审"):
        return {"subject": "priority_exam"}
    if sentence.find(r"专用标志|地标|地理标志"):
        return {"subject": "gi_mark"}
    slots: Slots = {"subject": "service_point"}
    if staff := sentence.find(
        rf"(?:专职|全职)(?:人员|员工|的)?[^\d一二两三四五六七八九十]{{0,4}}({NUMBER})|({NUMBER})(?:个|名|位)?(?:专职|全职)"
    ):
        slots["full_time"] = count(staff[1] or staff[2])
    if (own := sentence.find(r"(?:我们|我单位|我们单位|单位|我)是(?:个|一家|一个|家)?(.{2,12})")) and (
        kind := _KINDS.search(own[1])
    ):
        found = read_kind(kind[0])
        if found:
            slots["org_type"] = found.value
    return slots


def _income(sentence: Sentence) -> Slots:
    """Who applies for the reduction, and the income that decides (yuan; a company's is that of the year)."""
    firm = bool(sentence.find(r"应纳税|所得额|利润|公司|企业|厂"))
    stated = sentence.find(
        r"(?:收入|月入|工资|月薪|所得额?|利润|挣|赚|拿|每月|一个月|年入)[^\d一二两三四五六七八九十]{0,6}(.{1,8})"
    )
    sum_of_money = amount(stated[1]) if stated else amount(sentence.text) if sentence.find(r"\d{4,}|万|千") else None
    who = "company" if firm else "individual" if stated or sentence.has("个人", "学生", "没收入", "无收入") else ""
    slots: Slots = {"applicant": who} if who else {}
    if sum_of_money is not None:
        yearly = not firm and bool(sentence.find(r"年收入|一年|年入|年薪|全年"))
        slots["taxable_income" if firm else "monthly_income"] = sum_of_money // 12 if yearly else sum_of_money
    return slots


def _registry(sentence: Sentence, desk: Desk) -> Slots:
    return {"subject": "service_point"}


def _change(sentence: Sentence, desk: Desk) -> Slots:
    for need, words in (
        ("phone", r"电话|联系方式|座机"),
        ("address", r"地址|搬|新址|新地方|场所"),
        ("leader", r"负责人|主任|馆长|所长|校长|院长|会长"),
        ("name", r"改名|更名|换名|名称|名字"),
        ("services", r"服务(?:项目|事项|内容)"),
        ("hours", r"(?:开放|服务|办公|上班|营业)时间"),
    ):
        if sentence.find(words):
            return {"need": need}
    return {}


def _training(sentence: Sentence, desk: Desk) -> Slots:
    here = place(sentence, desk, strict=True)
    region: Slots = {"region": here["region"]} if here else {}
    return {**region, **topic(sentence), **period(sentence, desk.day)}


def _subscription(sentence: Sentence, desk: Desk) -> Slots:
    slots = _training(sentence, desk)
    return {name: slots[name] for name in ("region", "topic") if name in slots}


def _feedback(sentence: Sentence, desk: Desk) -> Slots:
    for kind, words in (
        (
            "praise",
            r"表扬|好评|点个?赞|赞(?:一下)?$|好[使用]|[很真太]棒|大忙|专业|耐心|热[情心]|(?:服务|态度|做得|回答)(?:真|很|挺|非常|太)?(?:好|棒|不错|到位)|谢谢|感谢|(?<!不)满意",
        ),
        (
            "complaint",
            r"投诉|举报|态度|差评|爱[理搭]不|不耐烦|没人|乱收费|推诿|踢皮球|没人管|没人接|不理|敷衍|恶劣|不满意|关着门|没开门",
        ),
        ("wrong_answer", r"答非所问|不对|对不上|不一样|不符|错|有误|过时|不准|有问题|纠|没更新|瞎说|胡说|乱说|没回答"),
        (
            "suggestion",
            r"建议|希望|意见(?!反馈)|改进|增加|(?:能不能|能否|可以|应该).{0,6}(?:加|改|弄|出|多|把|开|做|支持)|加个|最好|多[办开搞]",
        ),
    ):
        if sentence.find(words):
            return {"type": kind}
    return {}


def _erasure(sentence: Sentence, desk: Desk) -> Slots:
    if sentence.find(r"注销|账号|账户|帐号|销号|销户"):
        return {"scope": "account"}
    if sentence.find(r"聊天|对话|记录|问过?的|聊过?的|历史|咨询"):
        return {"scope": "chat"}
    return {"scope": "all"}


def _fees(sentence: Sentence, desk: Desk) -> Slots:
    kinds = (("外观设计", r"外观"), ("实用新型", r"实用新型|新型"), ("发明", r"发明"))
    named = [kind for kind, words in kinds if sentence.find(words)]
    return {"type": named[0]} if len(named) == 1 else {}


def _deadline(sentence: Sentence, desk: Desk) -> Slots:
    found = day(sentence, desk.day)
    return {"date": found.isoformat()} if found else {}


def _industry(sentence: Sentence, desk: Desk) -> Slots:
    """The industry to be analysed, where one is named."""
    lead = r"^(?:.*(?:有没有|帮我们?.{0,3}[县市州区村]|帮我|给我|我们|做一下|来一[个份]|一下|出一个|我想|想要?|需要|做个?|做一[个份]|要个?|要一份|出个?|出一份|写个?|查一?下|找|看看|重点|当地|的|关于|一份|个))"
    for pattern in (
        r"([一-鿿]{2,16}?)(?:产业|行业|领域|赛道)",
        r"([一-鿿]{2,16}?)(?:的)?(?:专利|知识产权|竞争)(?:技术)?(?:导航|分析|预警|态势|布局)",
    ):
        if match := sentence.find(pattern):
            name = re.sub(lead, "", match[1])
            if here := desk.gazetteer.find(name, strict=True):
                name = name.replace(here.words, "", 1)
            if len(name) >= 2 and not re.search(r"专利|产业|行业|知识产权|分析", name):
                return {"topic": name}
    return {}


_READERS: dict[str, Callable[[Sentence, Desk], Slots]] = {
    "nearest_point": _nearest,
    "point_info": _point,
    "application_status": _status,
    "patent_search": patent,
    "trademark_search": trademark,
    "gi_search": indication,
    "copyright_search": works,
    "other_search": elsewhere,
    "nice_class": goods,
    "number_check": any_number,
    "fee_calculator": _fees,
    "deadline_calculator": _deadline,
    "training_list": _training,
    "training_signup": _training,
    "subscribe": _subscription,
    "unsubscribe": _subscription,
    "eligibility": _eligible,
    "apply": _registry,
    "change_filing": _change,
    "feedback": _feedback,
    "delete_data": _erasure,
    "industry_analysis": _industry,
}


def read_slots(intent: str, said: str, desk: Desk) -> Slots:
    """The slots of ``intent`` that ``said`` fills."""
    reader = _READERS.get(intent)
    return reader(Sentence.of(said, desk), desk) if reader else {}
