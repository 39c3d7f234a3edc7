"""Geographical indications of Xinjiang: looked up at once by product, place or county."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from bot.desk import Desk
from bot.flow import Refused
from bot.handlers.search import Choice, Search, Wanted, form, handler, show
from bot.handlers.slots import read_slots
from bot.knowledge.indications import Indication
from bot.links import Query, clean
from bot.messages import Citation, Option, Outcome, Reply
from bot.registry.divisions import Division
from bot.routes import Said

COMMAND = "地理标志查询"
_ALL = "全新疆"
_QUESTION = "要查哪个产品、哪个地方的地理标志？直接打名字就行，比如“轮台白杏”“和田”“红枣”。"
_CHOICES = (
    Choice("查产品", "product", "请打产品的名字，比如“轮台白杏”“核桃”。"),
    Choice("查地方", "region", "请打地州或县市的名字，比如“巴州”“叶城县”。"),
)
_USE = "产区内的生产者也要申请、登记并公告后才能用专用标志，产区外的同类产品不得用这个名称。"
_SHOWN = 3  # products that are told in full
_BUTTONS = 8
_LONGEST_NAME = 30
_REGION = "650000"


def _read(words: str, slot: str, desk: Desk) -> Wanted | Refused:
    if words == _ALL:
        return {"region": _ALL, "need": "list"}
    found = desk.gazetteer.find(words)
    if slot == "region":
        return (
            {"region": found.division.full_name, "need": "list"}
            if found
            else Refused("没认出这个地名，请打地州或县市的名字。")
        )
    named = read_slots("gi_search", words, desk)
    if slot == "" and found and _is_place(words, desk):
        return {"region": found.division.full_name, "need": "list"}
    if slot == "" and (named.get("product") or named.get("region")):
        return named
    name = clean(words)
    if not 1 <= len(name) <= _LONGEST_NAME:
        return Refused(f"请打产品或地方的名字，1 到 {_LONGEST_NAME} 个字。")
    return {"product": name}


def _find(wanted: Wanted, desk: Desk) -> Said:
    if region := str(wanted.get("region") or ""):
        return _everywhere(desk) if region in (_ALL, "新疆维吾尔自治区") else _in_place(region, desk)
    if not wanted.get("product"):
        return _everywhere(desk)
    product = str(wanted["product"])
    if found := desk.indications.named(product):
        if len(_names(found)) <= _SHOWN:
            return _told(found, desk)
        return _listed(f"名字里有“{product}”的地理标志有 {len(_names(found))} 个：", found, desk)
    place = desk.gazetteer.find(product)
    if place and place.words == product:
        return _in_place(place.division.full_name, desk)
    return _unknown(product, desk)


def _told(found: Sequence[Indication], desk: Desk) -> Said:
    """Products in full: kind, announcement, day, area."""
    parts = []
    for row in found:
        division = desk.gazetteer.division(row.region)
        lines = [
            f"{row.name}：{row.kind}" + (f"（{row.english}）" if row.english else ""),
            f"公告：{row.announcement}" + (f"（{row.announced}）" if row.announced[:4] not in row.announcement else "")
            if row.announcement
            else f"年份：{row.announced}",
            f"{row.protected} 起保护" if row.protected else "",
            f"产地：{division.name if division else ''}" + (f"，{row.origin}" if row.origin else ""),
            f"注意：{row.note}。" if row.note else "",
        ]
        parts.append("\n".join(line for line in lines if line))
    checked = min(row.checked for row in found)
    tail = f"按公开的公告整理，核对于 {checked}；地名是公告当时的，变更、撤销以官网为准。"
    name = found[0].name if len(_names(found)) == 1 else ""
    said = show("indication", Query(name=name), desk, "\n\n".join(parts), tail)
    reply = said.replies[0]
    text = "\n\n".join((*parts, _USE, tail))
    return replace(said, replies=(replace(reply, text=text, citations=_basis(desk)),))


def _basis(desk: Desk) -> tuple[Citation, ...]:
    guide = desk.links.guides["indication"]
    return desk.library.cite_basis(guide.basis, guide.reviewed, desk.day)


def _in_place(region: str, desk: Desk) -> Said:
    division = next((d for d in desk.gazetteer.divisions.values() if d.full_name == region), None)
    if division is None:
        return _unknown(region, desk)
    found = _of(division, desk)
    if not found:
        above = desk.gazetteer.division(division.parent)
        where = f"，{above.name}的有下面这些" if above and _of(above, desk) else ""
        rows = _of(above, desk) if above and above.adcode != _REGION else ()
        if not rows:
            return _unknown(division.full_name, desk)
        return _listed(f"没有查到产地写明是{division.full_name}的{where}：", rows, desk, region=division.full_name)
    return _listed(
        f"{division.full_name}的地理标志有 {len(_names(found))} 个：", found, desk, region=division.full_name
    )


def _of(division: Division, desk: Desk) -> tuple[Indication, ...]:
    """Of a prefecture all; of a county those whose area or name says so."""
    adcodes = desk.gazetteer.within(division.adcode)
    names = () if division.level == "prefecture" else (division.name, *(n for n in division.names if n[-1] in "县市区"))
    return desk.indications.of(adcodes, names)


def _listed(head: str, found: Sequence[Indication], desk: Desk, **slots: object) -> Said:
    names = _names(found)
    options = tuple(Option(name, f"{COMMAND} {name}") for name in names[:_BUTTONS])
    checked = min(row.checked for row in found)
    text = f"{head}\n{'、'.join(names)}。\n名单按公开的公告整理（核对于 {checked}），可能不全，以官网检索为准。点名字看公告和产地。"
    links = show("indication", Query(), desk).replies[0].links
    reply = Reply(
        text, citations=_basis(desk), options=(*options, Option("怎么看结果", "看结果 indication")), links=links
    )
    return Said((reply,), slots={**slots, "need": "list"} if slots else {})


def _everywhere(desk: Desk) -> Said:
    """How many there are in each prefecture, with a button for each."""
    count = Counter(row.region for row in {row.name: row for row in desk.indications.rows}.values())
    regions = [(desk.gazetteer.division(adcode), number) for adcode, number in count.most_common()]
    options = tuple(Option(f"{d.name}（{number} 个）", f"{COMMAND} {d.name}") for d, number in regions if d)
    text = f"公开公告里查到的新疆地理标志有 {sum(count.values())} 个，选一个地方看名单，或者直接打产品名："
    return Said((Reply(text, options=options, links=show("indication", Query(), desk).replies[0].links),))


def _unknown(asked: str, desk: Desk) -> Said:
    """Nothing was found: names that are like it, and the official page with the name to paste."""
    alike = desk.indications.alike(asked)
    found = show(
        "indication", Query(name=asked), desk, f"整理好的新疆名单里没有查到“{asked}”。名单可能不全，请在官网再查一遍："
    )
    options = (*(Option(name, f"{COMMAND} {name}") for name in alike), *found.replies[0].options)
    reply = found.replies[0]
    return Said((Reply(reply.text, options=options, links=reply.links),), Outcome.ANSWER)


def _names(found: Sequence[Indication]) -> list[str]:
    return list(dict.fromkeys(row.name for row in found))


def _is_place(words: str, desk: Desk) -> bool:
    found = desk.gazetteer.find(words)
    return found is not None and found.words == words


SEARCH = Search(
    intent="gi_search",
    commands=(COMMAND, "地标查询"),
    question=_QUESTION,
    choices=_CHOICES,
    fields=("product", "region", "need"),
    free=("product", "region", "need"),
    read=_read,
    find=_find,
    answers=0.8,
    plain=_is_place,
    known=lambda wanted, desk: bool(
        wanted.get("region") or (wanted.get("product") and desk.indications.named(str(wanted["product"])))
    ),
)
search = handler(SEARCH)
FORM = form(SEARCH)
