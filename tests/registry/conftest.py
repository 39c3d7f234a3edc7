"""What tests of the registry share: the project's places, an empty database in memory, a good row of a list."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine

from bot.database.tables import metadata
from bot.registry.places import Gazetteer, read_places

CONTENT = Path(__file__).parents[2] / "content"
TODAY = date(2026, 11, 22)


@pytest.fixture(scope="session")
def gazetteer() -> Gazetteer:
    places, problems = read_places(CONTENT)
    assert not problems
    return places


@pytest.fixture
def connection() -> Iterator[Connection]:
    engine = create_engine("sqlite://")
    metadata.create_all(engine)
    with engine.connect() as opened:
        yield opened
    engine.dispose()


@pytest.fixture
def row() -> dict[str, object]:
    """A row of a list of points without fault."""
    return {
        "编号": "XJ-001",
        "名称": "天山测试图书馆",
        "类型": "公共图书馆",
        "地区": "乌鲁木齐市天山区",
        "地址": "测试路1号",
        "电话": "0991-1234567",
        "纬度": "43.7932",
        "经度": "87.6288",
        "坐标系": "WGS-84",
        "服务": "咨询、检索、地理标志",
        "开放时间": "一至五 10:00-14:00 15:30-19:30",
        "认定日期": "2026-03-01",
        "有效期至": "",
        "网址": "https://example.cn/",
    }
