"""One row of a list of points: its columns, what it means for the table, and a reason for whatever is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta

from bot.messages import Datum, Place
from bot.registry import cells as read
from bot.registry.cells import CellError, short
from bot.registry.geodesy import check_degrees, distance_km, in_xinjiang, to_wgs84
from bot.registry.listfiles import Columns, Rejection
from bot.registry.places import Division, Gazetteer
from bot.registry.terms import term_end

# key, header, other headers that are understood
_COLUMNS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("code", "编号", ("网点编号", "代码")),
    ("credit_code", "统一社会信用代码", ("信用代码", "社会信用代码")),
    ("name", "名称", ("网点名称", "单位名称", "机构名称")),
    ("kind", "类型", ("机构类型", "单位类型")),
    ("region", "地区", ("所在地区", "行政区划", "区划代码", "adcode")),
    ("address", "地址", ("详细地址",)),
    ("phone", "电话", ("联系电话",)),
    ("lat", "纬度", ("latitude",)),
    ("lon", "经度", ("lng", "longitude")),
    ("datum", "坐标系", ()),
    ("services", "服务", ("服务内容", "服务事项")),
    ("hours", "开放时间", ("办公时间",)),
    ("certified_on", "认定日期", ("认定时间",)),
    ("expires_on", "有效期至", ("有效期",)),
    ("website", "网址", ("网站", "url")),
    ("state", "状态", ()),
    ("confirmed_on", "核实日期", ()),
)
COLUMNS = Columns(_COLUMNS, ("code", "name", "kind", "region", "address", "lat", "lon"))
HEADERS = COLUMNS.headers

_FAR_KM, _FAR_KM_ROUGHLY = 300, 600  # from the seat of the region; where that is known only roughly


_READERS: Mapping[str, Callable[[str], object]] = {
    "code": read.read_code,
    "credit_code": read.read_credit,
    "name": read.read_name,
    "kind": read.read_kind_of,
    "address": read.read_address,
    "phone": read.read_phone,
    "services": read.read_services,
    "hours": read.read_hours,
    "website": read.read_website,
    "state": read.read_state,
    "certified_on": read.read_date,
    "expires_on": read.read_date,
    "confirmed_on": read.read_date,
}
_DATES = ("certified_on", "expires_on", "confirmed_on")


def read_region(text: str, gazetteer: Gazetteer) -> Division:
    """The prefecture, county or city that a cell names. Raises CellError."""
    if not text:
        raise CellError("缺少地区，应写县市或地州的名称，或六位区划代码")
    found = gazetteer.called(text.removesuffix(".0"))
    if not found:
        place = gazetteer.find(text)
        if place and place.words == text and not place.alternatives:
            found = (place.division,)
    if not found:
        raise CellError(f"没有“{short(text)}”这个地区，应写县市或地州的名称，或六位区划代码")
    if len(found) > 1:
        raise CellError(f"“{text}”可能是{'、'.join(d.full_name for d in found)}，应写全称或六位区划代码")
    if found[0].level == "province":
        raise CellError("应写到地州或县市")
    return found[0]


class RowReader:
    """Reads rows against the gazetteer, on a day (Beijing time)."""

    def __init__(self, gazetteer: Gazetteer, today: date) -> None:
        self._gazetteer = gazetteer
        self._today = today

    def read(self, number: int, cells: Mapping[str, str]) -> tuple[dict[str, object], list[Rejection]]:
        """The columns of the table ``points`` that a row fills, and what is wrong with it.

        ``number`` is the row's, ``cells`` are cleaned, by key. ``state``, ``confirmed_on`` and ``credit_code`` are among the
        values only when the row names them. The values are complete only when nothing is wrong.
        """
        values: dict[str, object] = {}
        wrong: dict[str, str] = {}
        for key, reader in _READERS.items():
            try:
                values[key] = reader(cells.get(key, ""))
            except CellError as error:
                wrong[HEADERS[key]] = str(error)
        for key in ("state", "confirmed_on", "credit_code"):
            if values.get(key) is None:
                values.pop(key, None)
        division = None
        try:
            division = read_region(cells.get("region", ""), self._gazetteer)
            values["adcode"] = division.adcode
        except CellError as error:
            wrong[HEADERS["region"]] = str(error)
        wrong |= self._read_position(cells, division, values)
        if wrong.keys().isdisjoint(HEADERS[key] for key in _DATES):
            wrong |= self._check_dates(values)
        return values, [Rejection(number, field, reason) for field, reason in wrong.items()]

    def _read_position(
        self, cells: Mapping[str, str], division: Division | None, values: dict[str, object]
    ) -> dict[str, str]:
        """Put the position in WGS-84 into ``values``, or say what is wrong, by column."""
        wrong: dict[str, str] = {}
        degrees = {"lat": 0.0, "lon": 0.0}
        datum = Datum.WGS84
        for key in degrees:
            try:
                degrees[key] = read.read_degrees(cells.get(key, ""), HEADERS[key])
            except CellError as error:
                wrong[HEADERS[key]] = str(error)
        try:
            datum = read.read_datum(cells.get("datum", ""))
        except CellError as error:
            wrong[HEADERS["datum"]] = str(error)
        if not wrong:
            try:
                values["lat"], values["lon"] = self._position(degrees["lat"], degrees["lon"], datum, division)
            except CellError as error:
                wrong["纬度、经度"] = str(error)
        return wrong

    def _position(self, lat: float, lon: float, datum: Datum, division: Division | None) -> tuple[float, float]:
        """The position in WGS-84, rounded to 0.1 m, when it lies in Xinjiang and near the region."""
        if not in_xinjiang(lat, lon) and in_xinjiang(lon, lat):
            raise CellError(f"纬度和经度写反了：纬度应是 {lon}，经度应是 {lat}")
        try:
            check_degrees(lat, lon)
        except ValueError as error:
            raise CellError(str(error)) from error
        place = to_wgs84(Place(lat, lon, datum))
        if not in_xinjiang(place.lat, place.lon):
            raise CellError(f"（{lat}, {lon}）不在新疆范围内，新疆在北纬 34–50 度、东经 73–97 度之间")
        if division:
            seats = [d for a in self._gazetteer.within(division.adcode) if (d := self._gazetteer.division(a))]
            km = min(distance_km(place.lat, place.lon, d.lat, d.lon) for d in seats)
            if km > (_FAR_KM_ROUGHLY if division.approximate else _FAR_KM):
                raise CellError(f"（{lat}, {lon}）离{division.full_name}约 {km:.0f} 公里，坐标和地区对不上")
        return round(place.lat, 6), round(place.lon, 6)

    def _check_dates(self, values: dict[str, object]) -> dict[str, str]:
        """Compute the last day where it is missing, or say what is wrong, by column."""
        certified, expires = values.get("certified_on"), values.get("expires_on")
        for key in ("certified_on", "confirmed_on"):
            day = values.get(key)
            if isinstance(day, date) and day > self._today:
                return {HEADERS[key]: f"{day} 晚于今天（{self._today}）"}
        if not isinstance(expires, date):
            if not isinstance(certified, date):
                return {HEADERS["certified_on"]: "认定日期和有效期至应至少填一项（征求意见稿第八条：有效期三年）"}
            values["expires_on"] = term_end(certified)
        elif isinstance(certified, date) and expires <= certified:
            return {HEADERS["expires_on"]: f"{expires} 应晚于认定日期 {certified}"}
        elif expires > term_end(term_end(self._today)) + timedelta(days=1):
            return {HEADERS["expires_on"]: f"{expires} 太晚：有效期三年，每次续期三年（征求意见稿第八条）"}
        return {}
