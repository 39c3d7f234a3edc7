"""Institutions and closed applications from lists, and back."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from bot.database.tables import applications, history
from bot.registry.imports import (
    export_applications,
    export_institutions,
    import_applications,
    import_institutions,
)
from bot.registry.places import Gazetteer
from tests.registry.rig import Rig, credit_code

INSTITUTION = {
    "统一社会信用代码": credit_code(1),
    "名称": "某情报所",
    "类型": "科技情报机构",
    "地区": "喀什市",
    "地址": "某路1号",
    "限制到": "2027-03-01",
}
APPLICATION = {
    "编号": "XJWD-2025-0001",
    "统一社会信用代码": credit_code(1),
    "年度": "2026",
    "状态": "不予认定",
    "办结日期": "2026-06-01",
}


@pytest.fixture
def rig(sqlite: Engine) -> Rig:
    made = Rig(sqlite)
    with made.register() as register:
        made.call(register)
    return made


def test_institutions_come_and_go(rig: Rig, gazetteer: Gazetteer, tmp_path: Path) -> None:
    with rig.engine.begin() as connection:
        dry = import_institutions([INSTITUTION], connection, gazetteer, dry_run=True)
        assert (dry.added, dry.applied) == (1, False)
        assert import_institutions([INSTITUTION], connection, gazetteer).added == 1
        assert import_institutions([INSTITUTION | {"地址": "新路"}], connection, gazetteer).updated == 1
        for format in ("csv", "xlsx"):
            path = tmp_path / f"a.{format}"
            path.write_bytes(export_institutions(connection, gazetteer, format))
            assert import_institutions(path, connection, gazetteer).unchanged == 1
        found = rig.open(connection).applications.obstacles(credit_code(1), date(2027, 3, 1), renewal=False)
        assert "2027-03-02" in found[0], "the bar came along"


def test_a_bar_is_not_lifted_by_a_list(rig: Rig, gazetteer: Gazetteer) -> None:
    with rig.engine.begin() as connection:
        import_institutions([INSTITUTION], connection, gazetteer)
        import_institutions([INSTITUTION | {"限制到": ""}], connection, gazetteer)
        assert rig.open(connection).applications.obstacles(credit_code(1), date(2027, 1, 1), renewal=False)


def test_closed_applications_are_kept_with_their_history(rig: Rig, gazetteer: Gazetteer, tmp_path: Path) -> None:
    with rig.engine.begin() as connection:
        import_institutions([INSTITUTION | {"限制到": ""}], connection, gazetteer)
        assert import_applications([APPLICATION], connection, rig.now).added == 1
        assert connection.execute(select(applications.c.state)).scalars().all() == ["rejected"]
        assert connection.execute(select(history.c.action, history.c.new)).all() == [("import", "rejected")]
        path = tmp_path / "a.csv"
        path.write_bytes(export_applications(connection))
        assert import_applications(path, connection, rig.now).unchanged == 1
        assert b"PK" in export_applications(connection, "xlsx")[:4]


@pytest.mark.parametrize(
    ("change", "field", "why"),
    [
        ({"状态": "公示"}, "状态", "已办结"),
        ({"年度": "2024"}, "年度", "申报通知"),
        ({"统一社会信用代码": credit_code(9)}, "统一社会信用代码", "先导入单位"),
        ({"统一社会信用代码": "123"}, "统一社会信用代码", "18 位"),
        ({"办结日期": ""}, "办结日期", "缺少"),
        ({"编号": "=1"}, "编号", "应为"),
    ],
)
def test_rejected_rows_say_why(rig: Rig, gazetteer: Gazetteer, change: dict[str, str], field: str, why: str) -> None:
    with rig.engine.begin() as connection:
        import_institutions([INSTITUTION], connection, gazetteer)
        good = APPLICATION | {"编号": "XJWD-2025-0002"}
        report = import_applications([good, APPLICATION | change], connection, rig.now)
        assert [(r.row, r.field) for r in report.rejected] == [(3, field)]
        assert why in report.rejected[0].reason
        assert connection.execute(select(applications.c.id)).all() == [], "nothing is half imported"
        assert import_applications([good, APPLICATION | change], connection, rig.now, skip_bad=True).added == 1
