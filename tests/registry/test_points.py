"""Points: which are shown, the nearest, by place, by name; samples."""

from datetime import date, timedelta
from math import nan

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, insert

from bot.database.tables import metadata, points
from bot.messages import Datum, Place
from bot.registry.geodesy import distance_km, rounded_km, wgs84_to_gcj02
from bot.registry.points import SAMPLE_ADDRESS, Points
from bot.registry.services import Service
from tests.registry.conftest import TODAY

URUMQI = Place(43.80, 87.60)


def put(connection, code: str, lat: float = 43.8, lon: float = 87.6, **columns: object) -> None:
    row = {
        "code": code,
        "name": f"网点{code}",
        "sample": False,
        "kind": "library",
        "adcode": "650102",
        "address": "测试路1号",
        "phone": "",
        "lat": lat,
        "lon": lon,
        "services": ["search"],
        "hours": "",
        "certified_on": date(2025, 1, 1),
        "expires_on": date(2027, 12, 31),
        "state": "active",
        "website": "",
    }
    connection.execute(insert(points), {**row, **columns})


def codes(found) -> list[str]:
    return [near.point.code for near in found]


@pytest.fixture
def service(connection, gazetteer) -> Points:
    return Points(connection, gazetteer)


def test_the_nearest_come_first(connection, service):
    put(connection, "FAR", 39.47, 75.99)
    put(connection, "NEAR", 43.81, 87.61)
    put(connection, "HERE")
    put(connection, "NEXT", 43.9, 87.6)
    found = service.nearest(URUMQI, today=TODAY)
    assert codes(found) == ["HERE", "NEAR", "NEXT"]
    assert [near.distance_km for near in found] == [0.0, 1.4, 11.1]
    assert service.nearest(URUMQI, 9, today=TODAY)[-1].distance_km == 1077.0


def test_a_far_east_point_in_the_band_does_not_hide_a_near_one_outside(connection, service):
    for number in range(3):
        put(connection, f"EAST{number}", 43.8, 95.0 + number / 10)
    put(connection, "NORTH", 44.6, 87.6)
    assert codes(service.nearest(URUMQI, 1, today=TODAY)) == ["NORTH"]


def test_limits_and_an_empty_registry(connection, service):
    assert service.nearest(URUMQI, today=TODAY) == []
    assert service.nearest(URUMQI, 0, today=TODAY) == []
    put(connection, "A")
    assert len(service.nearest(URUMQI, 5, today=TODAY)) == 1
    assert service.nearest(URUMQI, -1, today=TODAY) == []


def test_equal_distances_are_ordered_by_code(connection, service):
    for code in ("C", "A", "B"):
        put(connection, code)
    assert codes(service.nearest(URUMQI, today=TODAY)) == ["A", "B", "C"]


def test_a_place_in_gcj02_is_converted(connection, service):
    put(connection, "A")
    lat, lon = wgs84_to_gcj02(43.8, 87.6)
    assert service.nearest(Place(lat, lon, Datum.GCJ02), today=TODAY)[0].distance_km == 0.0
    assert service.nearest(Place(lat, lon), today=TODAY)[0].distance_km > 0.1


def test_a_place_that_is_not_on_earth_is_refused(service):
    with pytest.raises(ValueError, match="纬度"):
        service.nearest(Place(nan, 87.6), today=TODAY)


def test_only_those_that_offer_the_service(connection, service):
    put(connection, "A", services=["training"])
    put(connection, "B", 44.5, services=["search", "training"])
    assert codes(service.nearest(URUMQI, service=Service.SEARCH, today=TODAY)) == ["B"]
    assert [p.code for p in service.in_division("650100", Service.SEARCH, today=TODAY)] == ["B"]


@pytest.mark.parametrize(
    ("columns", "shown"),
    [
        ({}, True),
        ({"expires_on": TODAY}, True),  # Art. 8: the last day still counts
        ({"expires_on": TODAY - timedelta(days=1)}, False),
        ({"expires_on": None}, True),
        ({"state": "expired"}, False),
        ({"state": "revoked"}, False),
        ({"state": "cancelled"}, False),
    ],
)
def test_only_valid_points_are_shown(connection, service, columns, shown):
    put(connection, "A", **columns)
    assert bool(service.nearest(URUMQI, today=TODAY)) is shown
    assert bool(service.in_division("650102", today=TODAY)) is shown
    assert service.count(TODAY) == int(shown)
    assert service.count() == 1
    assert service.by_code("A").is_valid_on(TODAY) is shown


def test_a_prefecture_includes_its_counties(connection, service):
    put(connection, "A", adcode="650102")
    put(connection, "B", adcode="650100")
    put(connection, "C", adcode="652301")
    assert [p.code for p in service.in_division("650100", today=TODAY)] == ["B", "A"]
    assert [p.code for p in service.in_division("650102", today=TODAY)] == ["A"]
    assert len(service.in_division("650000", today=TODAY)) == 3
    assert service.in_division("110000", today=TODAY) == []


def test_by_code_in_any_case(connection, service):
    put(connection, "XJ-001")
    assert service.by_code(" xj-001 ").name == "网点XJ-001"
    assert service.by_code("XJ-002") is None


def test_all_columns_come_back(connection, service):
    put(connection, "A", hours="每天 10:00-11:00", confirmed_on=TODAY, phone="12345")
    point = service.by_code("A")
    assert (point.services, point.hours, point.confirmed_on, point.phone) == (
        ("search",),
        "每天 10:00-11:00",
        TODAY,
        "12345",
    )


# -- by name ------------------------------------------------------------------------------------------------------


@pytest.fixture
def named(connection, service) -> Points:
    put(connection, "XJ-001", name="石河子大学图书馆知识产权信息公共服务网点")
    put(connection, "XJ-002", name="石河子大学")
    put(connection, "XJ-003", name="新疆丝路科技信息有限公司")
    put(connection, "2026", name="昌吉农机协会（东区）")
    put(connection, "XJ-005", name="喀什地区知识产权服务中心")
    return service


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("石河子大学图书馆知识产权信息公共服务网点的电话", ["XJ-001"]),
        ("石河子大学图书馆几点开门", ["XJ-001"]),
        ("石河子大学在哪", ["XJ-002"]),
        ("新疆丝路科技信息 地址", ["XJ-003"]),
        ("新疆丝路科级信息 地址", ["XJ-003"]),  # a slip of the pen
        ("昌吉农机协会在哪", ["2026"]),
        ("网点 xj-003", ["XJ-003"]),
        ("喀什地区知识产权服务中心电话", ["XJ-005"]),
        ("喀什地区有网点吗", []),  # the place alone names no point
        ("XJ-0031", []),
        ("2026年的培训", []),  # a code of digits alone is too often something else
        ("发明专利保护多少年", []),
        ("大学", []),
        ("", []),
    ],
)
def test_points_named_in_a_sentence(named, text, found):
    assert [p.code for p in named.named(text)] == found


def test_points_of_one_short_name_are_all_given(connection, service):
    put(connection, "A", name="农机协会（东区）")
    put(connection, "B", name="农机协会（西区）")
    assert [p.code for p in service.named("农机协会的电话")] == ["A", "B"]
    assert [p.code for p in service.named("农机协会（西区）的电话")] == ["B"]


# -- samples ------------------------------------------------------------------------------------------------------


def test_samples_are_marked_and_invent_nothing(service, gazetteer):
    added = service.add_samples()
    assert added == service.count(TODAY) == 12
    for point in service.in_division("650000", today=TODAY):
        division = gazetteer.division(point.adcode)
        assert point.sample
        assert point.name.startswith("示例")
        assert (point.address, point.phone, point.website, point.hours) == (SAMPLE_ADDRESS, "", "", "")
        assert (point.lat, point.lon) == (division.lat, division.lon)
        assert (point.certified_on, point.expires_on, point.confirmed_on) == (None, None, None)
        assert {"consultation", "search", "training"} <= set(point.services)
    assert len(service.in_division("650100", today=TODAY)) == 3


def test_samples_are_added_once_and_never_beside_real_points(connection, service):
    assert not service.has_real()
    assert service.add_samples() > 0
    assert service.add_samples() == 0
    assert not service.has_real()
    put(connection, "A")
    assert service.has_real()
    assert service.add_samples() == 0


def test_samples_are_hidden_where_they_may_not_be_shown(connection, gazetteer, service):
    service.add_samples()
    outside = Points(connection, gazetteer, samples=False)
    assert outside.count() == outside.count(TODAY) == 0
    assert outside.nearest(URUMQI, today=TODAY) == []
    assert outside.in_division("650000", today=TODAY) == []
    assert outside.by_code("SAMPLE-650102") is None
    assert outside.named("示例网点（乌鲁木齐市天山区）") == []


# -- against a plain search ------------------------------------------------------------------------------------------


def test_nearest_equals_a_plain_search(gazetteer):
    engine = create_engine("sqlite://")
    metadata.create_all(engine)
    with engine.connect() as connection:
        spots = [(34.5 + (n * 0.37) % 14, 74 + (n * 1.71) % 22) for n in range(300)]
        for number, (lat, lon) in enumerate(spots):
            put(connection, f"P{number:03}", lat, lon)
        service = Points(connection, gazetteer)

        @given(st.floats(34, 49), st.floats(73, 97), st.integers(1, 5))
        def check(lat: float, lon: float, limit: int) -> None:
            plain = sorted(distance_km(lat, lon, *spot) for spot in spots)[:limit]
            found = service.nearest(Place(lat, lon), limit, today=TODAY)
            assert [near.distance_km for near in found] == [rounded_km(km) for km in plain]

        check()
    engine.dispose()
