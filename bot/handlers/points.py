"""Service points: the nearest, those of a place, one by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.desk import Desk, Turn
from bot.flow import Ask, Form, Refused, ask, said
from bot.handlers.replies import offers
from bot.handlers.slots_said import simplified
from bot.messages import Body, Datum, Link, Option, Outcome, Place, Reply, Spot
from bot.registry.geodesy import amap_link, in_xinjiang, rounded_km, tencent_link, to_wgs84
from bot.registry.geodesy import distance_km as between
from bot.registry.points import Near, Point
from bot.registry.services import Service, labels, services_in
from bot.routes import Begin, FormKind, Said, say

SHOWN = 3
OFFICIAL = Link("国家知识产权公共服务网·机构查询", "https://ggfw.cnipa.gov.cn/")
NOTICES = Link("自治区市场监督管理局网站", "https://scjgj.xinjiang.gov.cn/")
_ASK = "您在哪里？发送位置，或者打地名，比如“乌市沙区”“库尔勒”“叶城县”。"
_EMPTY = (
    "网点名单尚未录入，我不能给您网点的地址和电话。请在国家知识产权公共服务网的机构查询里核对，"
    "或看自治区市场监督管理局网站的公告；也可以拨打政务服务便民热线 12345 转知识产权部门。"
)


def nearest(turn: Turn, desk: Desk) -> Begin | Said:
    """The points of the place that the sentence names; asks where one is when it names none."""
    if not desk.points.count(desk.day):
        return empty(desk)
    words = simplified(turn.argument or turn.said)
    found = desk.gazetteer.find(words, strict=True)
    given: dict[str, Any] = {"services": [s.value for s in services_in(turn.said)]}
    if found:
        given["place"] = words
    return Begin("nearest_point", given)


def shared(place: Place) -> Begin:
    """A location that was shared asks for the nearest point."""
    return Begin("nearest_point", {"lat": place.lat, "lon": place.lon, "datum": place.datum.value, "services": []})


def info(turn: Turn, desk: Desk) -> Begin | Said:
    """A point that the sentence names."""
    named = [p for p in desk.points.named(turn.argument or turn.said) if p.is_valid_on(desk.day)]
    if len(named) == 1:
        return Said((_details(named[0], desk),))
    if named:
        options = tuple(Option(p.name, f"网点详情 {p.code}") for p in named[:8])
        return say(Reply("您问的是哪一个？", options=options), Outcome.CLARIFY)
    if not desk.points.count(desk.day):
        return empty(desk)
    if desk.gazetteer.find(simplified(turn.said), strict=True):
        return nearest(turn, desk)
    return say(
        Reply("名单里没有找到这个网点。可以说地名，我列出当地的网点。", options=offers(("附近网点", "转人工"), desk)),
        Outcome.CLARIFY,
    )


def empty(desk: Desk) -> Said:
    """Nothing was entered yet: the official query page and 12345."""
    return say(Reply(_EMPTY, links=(OFFICIAL, NOTICES), options=offers(("菜单",), desk)), Outcome.DECLINE)


# -- the form: where are you? ---------------------------------------------------------------------------------


def read_where(desk: Desk) -> Any:
    """A reader for where somebody is: a location (Place) or the name of a place (PlaceFound)."""

    def read(body: Body) -> Any:
        if isinstance(body, Place):
            return body
        words = said(body)
        found = desk.gazetteer.find(simplified(words), strict=True) if words else None
        if found is None:
            return Refused("没认出这个地名。请写区县或地州的名字，或者发送位置。")
        return found

    return read


def _form(desk: Desk, given: Mapping[str, Any]) -> Form[Any]:
    """Gives a Place (shared) or a PlaceFound (named)."""
    if "lat" in given:
        return Place(float(given["lat"]), float(given["lon"]), Datum(given["datum"]))
    found = desk.gazetteer.find(given["place"], strict=True) if given.get("place") else None
    if found is None:
        found = yield from ask(Ask(_ASK, read_where(desk), asks_location=True))
    return found


def _finish(turn: Turn, desk: Desk, given: Mapping[str, Any], where: Any) -> Said:
    if isinstance(where, Place):
        return _near_place(where, given, desk)
    return _in_division(where, desk, given)


def _near_place(place: Place, given: Mapping[str, Any], desk: Desk) -> Said:
    if not desk.points.count(desk.day):
        return empty(desk)
    here = to_wgs84(place)
    near = desk.points.nearest(place, SHOWN, _service(given), today=desk.day)
    if not near:
        return _none_here("附近", given, desk)
    far = "" if in_xinjiang(here.lat, here.lon) else "您的位置不在新疆，下面是直线距离最近的网点。\n"
    return Said((_list(near, far + "离您最近的网点：", desk),))


def _in_division(found: Any, desk: Desk, given: Mapping[str, Any]) -> Said:
    division = found.division
    slots = {"place": found.words, "region": division.full_name}
    if not desk.points.count(desk.day):
        came = empty(desk)
        return Said(came.replies, came.outcome, slots=slots)
    service = _service(given)
    inside = desk.points.in_division(division.adcode, service, today=desk.day)
    centre = division.place
    if inside:
        near = sorted(
            (Near(p, rounded_km(between(centre.lat, centre.lon, p.lat, p.lon))) for p in inside),
            key=lambda n: n.distance_km,
        )[: SHOWN + 2]
        head = f"{division.full_name}的网点："
    else:
        near = desk.points.nearest(centre, SHOWN, service, today=desk.day)
        if not near:
            return _none_here(division.full_name, given, desk)
        head = f"{division.full_name}还没有网点，离它最近的是（距离从当地政府驻地起算）："
    reply = _list(near, head, desk, from_centre=True)
    options = tuple(
        Option(f"我说的是{other.full_name}", f"附近网点 {other.full_name}") for other in found.alternatives[:3]
    )
    return Said(
        (Reply(reply.text, places=reply.places, links=reply.links, options=(*reply.options, *options)),), slots=slots
    )


def _service(given: Mapping[str, Any]) -> Service | None:
    tags = given.get("services") or ()
    return Service(tags[0]) if tags else None


def _none_here(where: str, given: Mapping[str, Any], desk: Desk) -> Said:
    wanted = labels(tuple(given.get("services") or ()))
    what = f"提供“{wanted}”的网点" if wanted else "网点"
    return say(
        Reply(f"{where}没有找到{what}。可以拨打 12345，或换个地方再找。", options=offers(("附近网点", "转人工"), desk)),
        Outcome.CLARIFY,
    )


def _list(near: Sequence[Near], head: str, desk: Desk, from_centre: bool = False) -> Reply:
    lines = [head]
    links = []
    options = []
    for number, found in enumerate(near, start=1):
        point = found.point
        about = "" if from_centre else f"，约 {found.distance_km:g} 公里"
        hours = desk.hours.sentence(point.adcode, point.hours, desk.now)
        details = "；".join(
            part for part in (point.address, f"电话 {point.phone}" if point.phone else "", hours) if part
        )
        lines.append(f"{number}. {point.name}{about}\n{details}")
        if number == 1:
            links = _maps(point)
        options.append(Option(point.name, f"网点详情 {point.code}"))
    if any(found.point.sample for found in near):
        lines.append("\n以上是示例数据，不是真实网点；真实名单录入后自动替换。")
    lines.append("出发前最好先打电话确认；急事可拨 12345。")
    return Reply(
        "\n".join(lines),
        places=tuple(_spot(found.point, None if from_centre else found.distance_km) for found in near),
        links=tuple(links),
        options=tuple(options),
    )


def _spot(point: Point, km: float | None) -> Spot:
    return Spot(point.name, km, point.lat, point.lon, Datum.WGS84)


def _maps(point: Point) -> list[Link]:
    return [
        Link("高德地图", amap_link(point.name, point.lat, point.lon)),
        Link("腾讯地图", tencent_link(point.name, point.address, point.lat, point.lon)),
    ]


def _details(point: Point, desk: Desk) -> Reply:
    division = desk.gazetteer.division(point.adcode)
    hours = desk.hours.sentence(point.adcode, point.hours, desk.now)
    lines = [
        point.name,
        f"地区：{division.full_name}" if division else "",
        f"地址：{point.address}",
        f"电话：{point.phone}" if point.phone else "",
        f"服务：{labels(point.services)}" if point.services else "",
        hours,
        f"认定有效期至 {point.expires_on}" if point.expires_on else "",
        f"联系方式核对于 {point.confirmed_on}" if point.confirmed_on else "",
        "这是示例数据，不是真实网点。" if point.sample else "",
    ]
    links = _maps(point) + ([Link("网站", point.website)] if point.website else [])
    return Reply(
        "\n".join(line for line in lines if line),
        places=(_spot(point, None),),
        links=tuple(links),
        options=offers(("附近网点", "菜单"), desk),
    )


FORM = FormKind("nearest_point", "nearest_point", "找网点", _form, _finish)
