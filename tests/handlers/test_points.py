"""Finding points in a conversation: by place, by location, by name; samples only where they may be shown."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import Engine

from bot.app import App, Shelf
from bot.messages import Datum
from bot.registry.exchange import import_points
from bot.registry.geodesy import wgs84_to_gcj02
from bot.registry.points import Points
from tests.conftest import TODAY
from tests.talk import Talk

ROWS = [
    {
        "编号": "XJ001", "名称": "天山某研究院", "类型": "科研机构", "地区": "乌鲁木齐市天山区", "地址": "某路1号",
        "电话": "0991-1234567", "纬度": "43.7932", "经度": "87.6288", "坐标系": "WGS-84", "服务": "咨询、检索",
        "开放时间": "01-01..12-31 一至五 10:00-14:00 15:30-19:30", "认定日期": "2025-03-01",
    },
    {
        "编号": "XJ002", "名称": "库尔勒某协会", "类型": "行业组织", "地区": "库尔勒市", "地址": "某路2号",
        "电话": "0996-1234567", "纬度": "41.7244", "经度": "86.1721", "坐标系": "WGS-84", "服务": "咨询、培训",
        "认定日期": "2025-03-01",
    },
    {
        "编号": "XJ003", "名称": "过期某中心", "类型": "高校", "地区": "乌鲁木齐市天山区", "地址": "某路3号",
        "电话": "", "纬度": "43.7930", "经度": "87.6290", "坐标系": "WGS-84", "服务": "咨询", "认定日期": "2020-03-01",
    },
]  # fmt: skip


@pytest.fixture
def real(engine: Engine, shelf: Shelf) -> Talk:
    """A person in Telegram, where no samples are shown, on a registry with real points."""
    with engine.begin() as connection:
        Points(connection, shelf.gazetteer).add_samples()
        report = import_points(ROWS, connection, shelf.gazetteer, TODAY.date())
    assert not report.rejected, report.lines()
    return Talk(App(engine, shelf), TODAY, channel="telegram")


def test_an_empty_registry_says_so_and_sends_to_the_official_page(sqlite: Engine, shelf: Shelf) -> None:
    with sqlite.begin() as connection:
        Points(connection, shelf.gazetteer).add_samples()
    for channel in ("telegram", "wechat"):
        person = Talk(App(sqlite, shelf), TODAY, channel=channel)
        for said in ("附近网点", "喀什网点在哪", "网点电话"):
            person.says(said).comes_to("decline", "nearest_point").sees("名单尚未录入", "12345").sees_not("示例")
        person.shares(43.8, 87.6).comes_to("decline", "nearest_point").sees("名单尚未录入")
        assert any("ggfw.cnipa.gov.cn" in link.url for reply in person.response.replies for link in reply.links)


def test_samples_are_hidden_on_a_web_chat_that_others_can_reach(sqlite: Engine, shelf: Shelf) -> None:
    with sqlite.begin() as connection:
        Points(connection, shelf.gazetteer).add_samples()
    public = replace(shelf, sample_channels=frozenset({"terminal"}))
    Talk(App(sqlite, public), TODAY, channel="web").says("天山区网点在哪").comes_to("decline").sees_not("示例")


def test_samples_are_marked(talk: Talk) -> None:
    talk.says("天山区网点在哪").comes_to("answer", "nearest_point").sees("示例网点", "不是真实网点")


def test_the_first_import_of_real_points_removes_the_samples(real: Talk) -> None:
    real.says("喀什网点在哪").sees_not("示例")


def test_the_points_of_a_place(real: Talk) -> None:
    real.says("乌市天山区网点地址").comes_to("answer", "nearest_point").sees("天山某研究院", "某路1号", "0991-1234567")
    assert real.response.slots["region"] == "乌鲁木齐市天山区"
    assert real.response.slots["place"] == "乌市天山区"


def test_an_expired_point_is_never_shown(real: Talk) -> None:
    real.says("天山区网点在哪").sees_not("过期某中心")
    real.shares(43.7930, 87.6290).sees_not("过期某中心")


def test_a_place_without_a_point_gets_the_nearest(real: Talk) -> None:
    real.says("尉犁县有网点吗").comes_to("answer", "nearest_point").sees("尉犁县还没有网点", "库尔勒某协会")


def test_a_shared_location_gets_distances_and_maps(real: Talk) -> None:
    real.shares(43.80, 87.63).comes_to("answer", "nearest_point").sees("天山某研究院，约 0.8 公里")
    (first, *_), links = real.response.replies[0].places, real.response.replies[0].links
    assert (first.name, first.distance_km) == ("天山某研究院", 0.8)
    assert {link.label for link in links} == {"高德地图", "腾讯地图"}


def test_a_location_from_a_map_picker_is_converted(real: Talk) -> None:
    lat, lon = wgs84_to_gcj02(43.7932, 87.6288)
    real.shares(lat, lon, Datum.GCJ02)
    assert real.response.replies[0].places[0].distance_km == 0.0


def test_a_location_outside_the_region_is_said(real: Talk) -> None:
    real.shares(39.9, 116.4).comes_to("answer").sees("不在新疆")


def test_the_place_is_asked_when_none_is_named(real: Talk) -> None:
    real.says("附近网点").comes_to("flow", "nearest_point", "nearest_point")
    assert real.response.replies[0].asks_location
    real.says("库尔勒").comes_to("answer", "nearest_point").sees("库尔勒某协会")


def test_an_ambiguous_name_offers_the_other(real: Talk) -> None:
    real.says("喀什网点在哪").comes_to("answer", "nearest_point")
    assert real.response.slots["region"] == "喀什地区"
    assert any("喀什市" in label for label in real.labels)


def test_details_tell_the_validity_and_whether_it_is_open(real: Talk) -> None:
    real.says("天山区网点在哪").presses("天山某研究院").comes_to("answer", "point_info")
    real.sees("地址：某路1号", "电话：0991-1234567", "认定有效期至 2028-02-29", "现在休息", "北京时间")
    assert real.response.replies[0].places


def test_a_point_that_is_named(real: Talk) -> None:
    real.says("天山某研究院网点的电话").comes_to("answer", "point_info").sees("0991-1234567")


def test_a_service_narrows_the_points(real: Talk) -> None:
    real.says("库尔勒附近能做检索的网点").comes_to("answer", "nearest_point").sees("天山某研究院").sees_not(
        "库尔勒某协会"
    )
