"""Slots of look-ups: what is looked for, by number or by name, and what is wanted of it."""

from __future__ import annotations

import re

from bot.calculators.numbers import Right, WrongDigit, read_number
from bot.desk import Desk
from bot.handlers.slots_said import NUMBER, Sentence, Slots, count, place

_APPLICATION = re.compile(
    r"(?<![a-z0-9])((?:cn|zl)?\s?(?:\d{12}[.．]?[\dx]|\d{12}|\d{8}[.．][\dx]|\d{8,9}|\d{9,13}[.．][\dx]))(?![0-9a-z])",
    re.IGNORECASE,
)
_PUBLICATION = re.compile(r"(?<![a-z0-9])(cn\s?\d{7,9}\s?[a-z]\d?)(?![a-z0-9])", re.IGNORECASE)
_IPC = re.compile(r"(?<![a-z0-9])([a-h]\d{2}[a-z](?:\s?\d{1,4}/\d{2,6}|\s?\d{1,4}(?!\d))?)(?![a-z0-9])", re.IGNORECASE)
_DIVIDED = re.compile(r"(?<=\d)\s+(?=[\d.])")  # numbers are copied with spaces inside: ZL2018 2 1556677.3
_QUOTED = re.compile(r"[“\"「『《«]([^”\"」』》»]{1,30})[”\"」』》»]")
_TRADEMARK_NUMBER = re.compile(r"(?<![\da-z])(g?\d{6,9}[a-z]?)(?![0-9a-z])", re.IGNORECASE)
_FIRM = r"(?:大学(?:.{2,6}校区)?|学院|公司|集团|股份|研究院|研究所|科学院|农科院|实验室|合作社|协会|医院|厂|科技|药业|制药|种业|酒业|乳业|重工|电工|化工|化学|矿业|油田|钢铁|电气|能源|银行)"
# firms that people name without 公司: searched for as applicants, though the name does not end like a firm's
_KNOWN = (
    "华为|中兴|小米|大疆|腾讯|阿里巴巴|百度|字节跳动|京东方|京东|比亚迪|宁德时代|格力|美的|海尔|海信|联想|"
    "中石油|中石化|国家电网|特变电工|金风科技|新疆众和|中泰化学|天业|苹果|三星|高通|特斯拉"
)
_NAME = r"[一-鿿A-Za-z0-9·（）()]"
_KIND_OF_PATENT = r"^的|发明|实用新型|外观设计|外观|有效"
_PATENT_WORDS = (
    r"发明专利|实用新型专利|外观设计专利|外观专利|实用新型|外观设计|专利权|专利号|申请号|专利|方面|技术|申请过|申请人|"
    r"法律状态|名单|方向|(?:关键词|主题词?|题目)(?:是|为)?|有关|跟|一种|缴费|年费|还有效|有效|全文|列表|都有谁|搞过|做过|申请|patents?|search|find|look ?up|about|for"
)
_MARK_WORDS = (
    r"商标|牌子|品牌|logo|跟|差不多的?|相似的?|想?(?:起|取)个?(?:牌子|名字?)?|(?:名字|名)?叫做?|名为|名称|名字|(?:这|那)?[几两三四]个字|注册证?号|商标号|占了?没?|注册过的|注册过|注册了没有?|注册没有?|被人注册|被注册|有人注册|注册|近似|相同|类似|重名|撞名|"
    rf"一样的?|第?{NUMBER}类|被占|有人用|能用|状态|还有人|有人|trademarks?|search|find|check|for"
)
_INDICATION_WORDS = (
    r"地理标志|地标|原产地标记|原产地|保护产品|产品|保护|名单|名录|公告|清单|目录|列表|哪年批的?|什么时候批的?|哪年|批的?|"
    r"属于|算不算|算(?=$|地标|地理)|认证|特产|多少个|大全|几个|新疆(?=的|$)"
)
_COPYRIGHT_WORDS = (
    r"软件著作权|计算机软件|作品登记|版权登记|著作权登记|软件登记|著作权|版权|软著|登记号|登记|公告|在哪|能|真的|真伪|作品|"
    r"(?:幅|首|本|篇|张|个|套)(?:画|歌|书|小说|文章|照片|软件|图)|没"
)
_CLASS_WORDS = (
    rf"商标|商品|服务|类别|分类|尼斯|注册|申请|哪一?个?类|第?几类|什么类|啥类|哪些类|哪几类|牌子|名字|表|第?{NUMBER}类"
)


def application_number(sentence: Sentence, desk: Desk) -> Slots:
    """The ``number`` of a Chinese application or patent; ``check_digit_ok`` when it was typed with its check digit."""
    match = _APPLICATION.search(_DIVIDED.sub("", sentence.text)) or _APPLICATION.search(sentence.text)
    if not match:
        return {}
    number = match[1].upper().replace(" ", "").replace("．", ".")
    slots: Slots = {"number": number}
    match read_number(number, desk.day):
        case Right(checked=True):
            slots["check_digit_ok"] = True
        case WrongDigit():
            slots["check_digit_ok"] = False
    return slots


def patent(sentence: Sentence, desk: Desk) -> Slots:
    """A patent by publication or application number, class, inventor, applicant or keyword."""
    need: Slots = {}
    if sentence.find(r"法律状态|有效|失效|失没失效|过期|死了|终止"):
        need = {"need": "legal_status"}
    if found := _PUBLICATION.search(sentence.text):
        return {"publication_no": found[1].upper().replace(" ", ""), **need}
    if slots := application_number(sentence, desk):
        return {**slots, **need}
    if ipc := _IPC.search(sentence.text):
        return {"ipc": ipc[1].upper().replace(" ", "")}
    if inventor := sentence.find(r"发明人(?:是|叫|为)?[:： ]*([一-鿿·•]{2,15}?)(?=的|名下|有|申请|发明|专利|\s|查|$)"):
        return {"inventor": sentence.typed(inventor[1])}
    if inventor := sentence.find(r"([一-鿿·•]{2,8})发明的(?:专利|东西)"):
        return {"inventor": _lead(inventor[1])}
    if owned := _owned(sentence):
        return owned
    if owner := _owner(sentence, "专利"):
        return {"applicant": owner}
    if quoted := _QUOTED.search(sentence.text):
        return {"keyword": sentence.meant(quoted[1])}
    keyword = sentence.meant(sentence.rest(_PATENT_WORDS))
    return {"keyword": keyword} if len(keyword) >= 2 else {}


def _owned(sentence: Sentence) -> Slots:
    """Applicant and subject of “X的Y专利”, where X is a firm or an institution; empty for any other sentence."""
    match = sentence.find(rf"({_NAME}{{2,24}}?{_FIRM}|{_KNOWN})的?({_NAME}{{1,12}}?)(?:方面|技术)?的?专利")
    if not match or not (name := _lead(match[1])):
        return {}
    subject = re.sub(_KIND_OF_PATENT, "", match[2]).strip("的")
    known = re.fullmatch(_KNOWN, name, re.IGNORECASE)
    if subject and not re.search(r"[有申注持]|哪些|多少|什么|名下|所有|全部|校区|公司|集团|学院", subject):
        return {"applicant": sentence.typed(name), "keyword": sentence.meant(subject)}
    return {"applicant": sentence.typed(name)} if known and not subject else {}


def _owner(sentence: Sentence, what: str) -> str:
    """Whose patents or trademarks are looked for; empty when that is not said."""
    firm = rf"({_NAME}{{2,24}}?{_FIRM})(?={_NAME}{{0,3}}?(?:的|有|都|名下|注册|申请|持有|\s|{what}))"
    for pattern in (
        rf"({_KNOWN})(?:公司|集团)?的?(?:{what})",
        rf"({_NAME}{{2,24}}?)(?:公司)?名下",
        rf"申请人(?:是|为|叫)?[:： ]*({_NAME}{{2,24}}?)(?=的|\s|查|{what}|$)",
        firm,
        rf"({_NAME}{{2,16}}?)(?:都|一共|总共)?(?:有(?:哪些|几个|几件|多少|啥|什么)|注册(?:了|过)(?:哪些|啥|几个|什么)|注册过的|持有的?|申请(?:了|过)哪些)(?:发明|注册|有效|实用新型)?{what}",
        rf"({_NAME}{{2,16}}?)的?{what}(?:都有啥|都有哪些|有哪些|有几个|有多少)",
    ):
        if (match := sentence.find(pattern)) and (name := _lead(match[1])):
            return sentence.typed(name) if len(name) >= 2 else ""
    return ""


def _lead(name: str) -> str:
    """A name without the request in front of it."""
    lead = r"^(?:请问?|帮我|帮忙|麻烦|给我|我想|我要|想|要|查询|查一?[查下哈]|查找|查|检索|搜索|搜一?下|搜|找一?下|找|看看|看一?下|一下|的|下|有没有|知道)"
    before = ""
    while name != before:
        before, name = name, re.sub(lead, "", name)
    return (
        ""
        if re.fullmatch(r"我们?|他们?|别人|人家|这个?|哪个|公司|对方|新疆|自己|单位|我(?:公司|家|单位)|专利|商标", name)
        else name
    )


def trademark(sentence: Sentence, desk: Desk) -> Slots:
    """A trademark by its words, its number or its owner; the class, and whether similar ones or its status are wanted."""
    slots: Slots = {}
    if nice := sentence.find(rf"第?({NUMBER})类"):
        slots["nice_class"] = count(nice[1])
    if quoted := _QUOTED.search(sentence.text):
        slots["mark"] = sentence.typed(quoted[1])
    elif number := _TRADEMARK_NUMBER.search(sentence.text):
        slots["number"] = number[1].upper()
    elif owner := _owner(sentence, "(?:商标|牌子|品牌)"):
        slots["owner"] = owner
    elif 2 <= len(mark := sentence.rest(_MARK_WORDS)) <= 20:
        slots["mark"] = sentence.typed(mark)
    if sentence.has("近似", "相同", "相似", "类似", "重名", "撞名", "一样的", "差不多"):
        slots["need"] = "similar"
    elif sentence.has("状态", "有效"):
        slots["need"] = "status"
    return slots


def indication(sentence: Sentence, desk: Desk) -> Slots:
    """A product, or the list of a place."""
    here = place(sentence, desk, strict=True)
    product = sentence.rest(_INDICATION_WORDS)
    wants_list = bool(sentence.find(r"有哪些|有啥|有什么|有撒|哪些|名单|名录|清单|目录|列表|几个|多少"))
    if here and (not product or _same(str(here["place"]), product) or (wants_list and str(here["place"]) in product)):
        return {"region": here["region"], "need": "list"}
    if wants_list and not product:
        return {"need": "list"}
    return {"product": product} if len(product) >= 2 else {}


def _same(one: str, other: str) -> bool:
    return one.rstrip("地区州市县") == other.rstrip("地区州市县")


def works(sentence: Sentence, desk: Desk) -> Slots:
    """A registered work or program, by number or name."""
    kind = "software" if sentence.find("软著|软件|sr\\d") else "work"
    if number := sentence.find(r"软著登字第?\s?\d+号?|[国新]作登字-?\d{4}-?[a-z]-?\d+|\d{4}sr\d+"):
        typed = number[0] if number[0][0] in "软国新" else number[0].upper()
        return {"number": typed, "type": kind} if kind == "software" else {"number": typed}
    quoted = _QUOTED.search(sentence.text)
    keyword = sentence.meant(quoted[1] if quoted else sentence.rest(_COPYRIGHT_WORDS))
    return {"keyword": keyword, "type": kind} if len(keyword) >= 2 else {}


def elsewhere(sentence: Sentence, desk: Desk) -> Slots:
    """Where else is looked: in judgments, at the customs, in penalties, abroad …"""
    scopes = (
        ("customs", r"海关"),
        ("enforcement", r"处罚|执法|行政|失信"),
        ("court", r"裁判|文书|判决|判例|裁定|案例|案子"),
        ("variety", r"品种"),
        ("layout", r"布图"),
        ("agency", r"代理"),
        ("overseas", r"."),
    )
    return {"scope": next(name for name, words in scopes if sentence.find(words))}


def goods(sentence: Sentence, desk: Desk) -> Slots:
    """The goods or services whose class is asked for."""
    left = r"卖的?|做|开(?:个|一?家|一个)?|生产|经营|搞|弄|给|把|办(?!公)|养(?!殖|老|生)|种(?!子|业|苗)|加工(?=.{2})|我(?:们|家)?的?"
    right = r"应该|该|要|属于|属|算|归|放在?|报|选|填|得|用|是|在|店铺名|的?名字|的|去|想"
    product = sentence.rest(_CLASS_WORDS, left, right)
    return {"product": product} if product and not re.fullmatch(r"我的?|表|查|分|哪个?|合适|怎么|好", product) else {}


def any_number(sentence: Sentence, desk: Desk) -> Slots:
    """The number that is to be checked."""
    if found := _PUBLICATION.search(sentence.text):
        return {"publication_no": found[1].upper().replace(" ", "")}
    return application_number(sentence, desk)
