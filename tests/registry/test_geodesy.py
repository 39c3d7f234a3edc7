"""Coordinates: known values, the way there and back, links."""

from math import nan
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.messages import Datum, Place
from bot.registry.geodesy import (
    amap_link,
    check_degrees,
    distance_km,
    gcj02_to_wgs84,
    in_xinjiang,
    rounded_km,
    tencent_link,
    to_wgs84,
    wgs84_to_gcj02,
)

degrees = st.tuples(st.floats(34.5, 49), st.floats(73.5, 96))


@pytest.mark.parametrize(
    ("wgs", "gcj"),
    [
        # the reference values of the well-known implementations: Shanghai, Shenzhen, Beijing
        ((31.1774276, 121.5272106), (31.17530398364597, 121.531541859215)),
        ((22.543847, 113.912316), (22.540796131694766, 113.9171764808363)),
        ((39.911954, 116.377817), (39.91334545536069, 116.38404722455657)),
    ],
)
def test_forward_shift_equals_the_reference(wgs, gcj):
    assert wgs84_to_gcj02(*wgs) == pytest.approx(gcj, abs=1e-6)


@given(degrees)
def test_there_and_back_is_exact_to_a_decimetre(place):
    back = gcj02_to_wgs84(*wgs84_to_gcj02(*place))
    assert distance_km(*place, *back) < 0.0001


@given(st.floats(-90, 90), st.floats(-180, 180))
def test_the_inverse_takes_any_place_on_earth(lat, lon):
    back_lat, back_lon = gcj02_to_wgs84(lat, lon)
    assert distance_km(lat, lon, back_lat, back_lon) < 1.5


def test_the_shift_in_xinjiang_is_hundreds_of_metres():
    assert 0.1 < distance_km(43.8, 87.6, *wgs84_to_gcj02(43.8, 87.6)) < 0.7


def test_a_place_is_converted_once():
    place = Place(43.8, 87.6, label="这里")
    assert to_wgs84(place) is place
    lat, lon = wgs84_to_gcj02(43.8, 87.6)
    back = to_wgs84(Place(lat, lon, Datum.GCJ02, "这里"))
    assert (back.datum, back.label) == (Datum.WGS84, "这里")
    assert (back.lat, back.lon) == pytest.approx((43.8, 87.6), abs=1e-7)


@pytest.mark.parametrize(("lat", "lon"), [(91, 0), (-91, 0), (0, 181), (nan, 87), (43, nan), (43, float("inf"))])
def test_degrees_out_of_range_are_refused(lat, lon):
    with pytest.raises(ValueError, match="度应在"):
        check_degrees(lat, lon)
    with pytest.raises(ValueError, match="度应在"):
        to_wgs84(Place(lat, lon, Datum.GCJ02))
    with pytest.raises(ValueError, match="度应在"):
        wgs84_to_gcj02(lat, lon)


def test_distances():
    assert distance_km(43.8, 87.6, 43.8, 87.6) == 0
    assert distance_km(0, 0, 0, 180) == pytest.approx(20015.1, abs=0.1)
    assert distance_km(43.80096, 87.60046, 39.46718, 75.98675) == pytest.approx(1075, abs=10)  # Urumqi to Kashgar
    assert distance_km(1, 2, 3, 4) == distance_km(3, 4, 1, 2)


@pytest.mark.parametrize(
    ("km", "shown"),
    [(0.04, 0.0), (1.25, 1.2), (1.26, 1.3), (99.94, 99.9), (99.96, 100.0), (430.4, 430.0), (430.6, 431.0)],
)
def test_rounding(km, shown):
    assert rounded_km(km) == shown


@pytest.mark.parametrize(
    ("lat", "lon", "inside"),
    [(43.8, 87.6, True), (34.4, 81, True), (49, 87, True), (39.9, 116.4, False), (87.6, 43.8, False)],
)
def test_the_rectangle_of_xinjiang(lat, lon, inside):
    assert in_xinjiang(lat, lon) is inside


def test_amap_link_is_shifted_and_encoded():
    parts = urlsplit(amap_link("天山&区 网点#1", 43.8, 87.6))
    query = parse_qs(parts.query)
    assert (parts.scheme, parts.netloc, parts.path, parts.fragment) == ("https", "uri.amap.com", "/marker", "")
    assert query["name"] == ["天山&区 网点#1"]
    assert query["coordinate"] == ["gaode"]
    lon, lat = (float(n) for n in query["position"][0].split(","))
    assert (lat, lon) == pytest.approx(wgs84_to_gcj02(43.8, 87.6), abs=1e-6)


def test_tencent_link_is_shifted_encoded_and_keeps_its_fields_apart():
    parts = urlsplit(tencent_link("网点;title:x", "路1号&a=b", 43.8, 87.6))
    query = parse_qs(parts.query)
    assert (parts.netloc, parts.path) == ("apis.map.qq.com", "/uri/v1/marker")
    assert query["referer"] == ["ipbot"]
    fields = [field.split(":", 1) for field in query["marker"][0].split(";")]
    assert [name for name, _ in fields] == ["coord", "title", "addr"]
    assert [value for _, value in fields[1:]] == ["网点；title：x", "路1号&a=b"]
    lat, lon = (float(n) for n in fields[0][1].split(","))
    assert (lat, lon) == pytest.approx(wgs84_to_gcj02(43.8, 87.6), abs=1e-6)


def test_tencent_link_without_an_address_shows_the_name():
    assert tencent_link("网点", "", 43.8, 87.6).count("%E7%BD%91%E7%82%B9") == 2


@given(st.text(max_size=30), st.text(max_size=30))
def test_links_are_ascii(name, address):
    assert amap_link(name, 43.8, 87.6).isascii()
    assert tencent_link(name, address, 43.8, 87.6).isascii()
