"""Searching patents: by number, words, applicant, inventor or class, at home and by number abroad."""

from __future__ import annotations

import re
from collections.abc import Callable

from bot.calculators.numbers import Form, NotANumber, Other, Right, Several, numbers_in, read_number
from bot.desk import Desk
from bot.flow import Refused
from bot.handlers import numbers
from bot.handlers.search import (
    Choice,
    Search,
    Wanted,
    form,
    handler,
    in_years,
    show,
    without_years,
    words_told,
    years_told,
)
from bot.handlers.slots import read_slots
from bot.knowledge.keywords import Term
from bot.links import Query, clean
from bot.messages import Option, Outcome, Reply
from bot.routes import Said, say

COMMAND = "专利查询"
_QUESTION = "要查哪件专利、哪方面的专利？直接打出来就行：号码、关键词或想法、单位名称、发明人都可以。"
_CHOICES = (
    Choice("有号码", "number", "请发号码：申请号、专利号、公开号都可以，例如 202310123456.6（示例）。"),
    Choice("有关键词或想法", "keyword", "用几个词说是什么东西、怎么做、用在哪，比如“核桃 破壳”。"),
    Choice("查某个单位的", "applicant", "请发单位或个人的名称（专利申请人）。"),
    Choice("查某个发明人的", "inventor", "请发发明人的姓名。"),
)
_FIRM = re.compile(r"(?:大学|学院|公司|集团|研究院|研究所|科学院|农科院|实验室|合作社|协会|医院|厂|中心|局)$")
_IPC = re.compile(r"[A-H]\d{2}[A-Z](?:\s?\d{1,4}/\d{2,6}|\s?\d{1,4})?", re.IGNORECASE)
_DIGITS = re.compile(r"[A-Za-z]{0,3}[\d\s.-]{9,}[A-Za-z]?")
_DESIGN = re.compile(r"外观|款式|造型|图案|花样")
_SHORTEST, _LONGEST_NAME = 2, 60


def _read(words: str, slot: str, desk: Desk) -> Wanted | Refused:
    """What an answer names: a number first, then a class, an applicant, an inventor, else words."""
    if slot in ("", "number") and (found := numbers_in(words)):
        return _number(found[0], desk)
    if slot == "number":
        reading = read_number(words, desk.day)
        return Refused(numbers.instead(reading.what if isinstance(reading, NotANumber) else Other.UNKNOWN))
    sentence, years = without_years(words, desk.day)
    if slot in ("applicant", "inventor"):
        name = clean(sentence)
        if not _SHORTEST <= len(name) <= _LONGEST_NAME:
            return Refused(f"请写名称，{_SHORTEST} 到 {_LONGEST_NAME} 个字。")
        return {slot: name, **years}
    if slot == "" and _DIGITS.fullmatch(words.strip()):
        return _number(words, desk)
    if slot == "" and _IPC.fullmatch(sentence.strip()):
        return {"ipc": sentence.strip().upper().replace(" ", ""), **years}
    if slot == "" and _FIRM.search(sentence.strip()) and len(sentence.strip()) <= _LONGEST_NAME:
        return {"applicant": clean(sentence), **years}
    named = read_slots("patent_search", sentence, desk) if slot == "" else {}
    named.pop("need", None)
    if not named.get("applicant") and not named.get("inventor") and not named.get("ipc"):
        named = {"keyword": clean(sentence)}
    if not any(named.values()):
        return Refused("没认出要查什么，请打几个关键词，或者点下面的按钮。")
    return {**named, **years}


def _number(typed: str, desk: Desk) -> Wanted | Refused:
    match read_number(typed, desk.day):
        case Right() | Several() as reading:
            return numbers.slots(reading)
        case reading:
            return Refused(numbers.tell(reading))


def _find(wanted: Wanted, desk: Desk) -> Said:
    if number := str(wanted.get("publication_no") or wanted.get("number") or ""):
        return _by_number(number, wanted, desk)
    if _DIGITS.fullmatch(str(wanted.get("keyword") or "")):
        return _by_number(str(wanted["keyword"]), wanted, desk)
    years = years_told(wanted)
    by: tuple[tuple[str, Callable[[str], Query], str, str], ...] = (
        ("applicant", lambda name: Query(owner=name), "patent-owner", "按申请人“{}”查专利"),
        ("inventor", lambda name: Query(inventor=name), "patent-inventor", "按发明人“{}”查专利"),
        ("ipc", lambda symbol: Query(ipc=symbol), "patent-ipc", "按分类号 {} 查专利"),
    )
    for slot, made, guide, told in by:
        if value := str(wanted.get(slot) or ""):
            if slot == "applicant" and wanted.get("keyword"):
                return _by_words(str(wanted["keyword"]), wanted, desk)
            return show(guide, in_years(made(value), wanted), desk, f"{told.format(value)}：", years)
    return _by_words(str(wanted["keyword"]), wanted, desk)


def _by_number(typed: str, wanted: Wanted, desk: Desk) -> Said:
    reading = read_number(typed, desk.day)
    if isinstance(reading, Several):  # a trademark has eight digits, too; here a patent is looked for
        reading = next((r for r in reading.readings if r.form is Form.APPLICATION), reading.readings[0])
    if not isinstance(reading, Right):
        options = (Option("重新查", COMMAND),)
        return say(Reply(numbers.tell(reading), options=options), Outcome.CLARIFY)
    told = numbers.shape(reading)
    match reading.form:
        case Form.APPLICATION | Form.GRANT:
            guide = "patent-status" if wanted.get("need") == "legal_status" else "patent-number"
            return show(guide, Query(number=reading.normal), desk, told)
        case Form.PUBLICATION:
            return show("patent-publication", Query(publication=reading.normal), desk, told)
        case Form.INTERNATIONAL_PUBLICATION | Form.FOREIGN:
            return show("patent-foreign", Query(publication=reading.normal.replace("/", "")), desk, told)
        case Form.INTERNATIONAL:
            return show("patent-foreign", Query(number=reading.normal), desk, told)
    others = tuple(Option(command, command) for command in ("商标查询", "版权查询", COMMAND))
    return say(Reply(f"{told}\n这不是专利的号码，换一项查：", options=others), Outcome.CLARIFY)


def _by_words(keyword: str, wanted: Wanted, desk: Desk) -> Said:
    terms = desk.keywords.read(keyword, desk.library.lexicon.cut) or (Term(clean(keyword)),)
    groups = tuple(term.words for term in terms)
    owner = str(wanted.get("applicant") or "")
    query = in_years(Query(words=groups, english=tuple(term.english for term in terms), owner=owner), wanted)
    design = bool(wanted.get("design") or _DESIGN.search(keyword))
    hints = dict.fromkeys((t.locarno if design else t.ipc) for t in terms)
    classes = "、".join(hint for hint in hints if hint)
    return show(
        "design-words" if design else "patent-words",
        query,
        desk,
        (f"按申请人“{owner}”查专利，" if owner else "") + f"检索词：{words_told(groups)}",
        f"要粘贴的平台，把“{owner}”另填在“申请人”一栏。" if owner else "",
        f"{'洛迦诺分类' if design else 'IPC 分类'}可参考 {classes}（以官方分类表为准）" if classes else "",
        years_told(wanted),
    )


SEARCH = Search(
    intent="patent_search",
    commands=(COMMAND,),
    question=_QUESTION,
    choices=_CHOICES,
    fields=("number", "publication_no", "keyword", "applicant", "inventor", "ipc"),
    free=("keyword",),
    read=_read,
    find=_find,
    answers=0.97,
    told=lambda sentence, wanted: {"design": True} if wanted.get("keyword") and _DESIGN.search(sentence) else {},
)
search = handler(SEARCH)
FORM = form(SEARCH)
