"""Lists in files: workbooks, encodings, what is damaged or too much; and what the register says against a row."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from sqlalchemy import Connection, Engine, select

from bot.database.tables import history, institutions, points
from bot.registry import listfiles
from bot.registry.exchange import export_points, import_points
from bot.registry.lifecycle import Moved
from bot.registry.places import Gazetteer
from bot.registry.pointrows import COLUMNS
from bot.registry.sheets import neutral, to_csv, to_docx, to_xlsx
from tests.registry.conftest import TODAY
from tests.registry.rig import Rig, credit_code

ROW = {
    "编号": "XJ-1",
    "统一社会信用代码": credit_code(1),
    "名称": "某情报所",
    "类型": "科技情报机构",
    "地区": "喀什市",
    "地址": "某路1号",
    "纬度": 39.47,
    "经度": 75.99,
    "认定日期": datetime(2026, 1, 1),  # noqa: DTZ001 - as openpyxl reads a date
}


def workbook(path: Path, *rows: dict[str, object]) -> Path:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(list(rows[0]))
    for row in rows:
        sheet.append(list(row.values()))
    book.save(path)
    return path


def test_a_workbook_is_read_like_a_csv(connection: Connection, gazetteer: Gazetteer, tmp_path: Path) -> None:
    report = import_points(workbook(tmp_path / "a.xlsx", ROW), connection, gazetteer, TODAY)
    assert (report.added, report.rejected) == (1, ())
    row = connection.execute(select(points, institutions.c.credit_code).join(institutions)).mappings().one()
    assert (row["code"], row["certified_on"], row["credit_code"]) == ("XJ-1", date(2026, 1, 1), credit_code(1))
    assert connection.execute(select(history.c.action, history.c.new)).all() == [("import", "active")]


def test_what_is_exported_is_read_back(connection: Connection, gazetteer: Gazetteer, tmp_path: Path) -> None:
    import_points([ROW | {"认定日期": "2026-01-01"}], connection, gazetteer, TODAY)
    for format in ("csv", "xlsx"):
        path = tmp_path / f"a.{format}"
        path.write_bytes(export_points(connection, gazetteer, format))
        report = import_points(path, connection, gazetteer, TODAY)
        assert (report.unchanged, report.rejected) == (1, ())


def test_two_valid_points_of_one_institution_are_refused(connection: Connection, gazetteer: Gazetteer) -> None:
    row = ROW | {"认定日期": "2026-01-01"}
    report = import_points([row, row | {"编号": "XJ-2"}], connection, gazetteer, TODAY)
    assert [(r.row, r.field) for r in report.rejected] == [(3, "统一社会信用代码")]
    assert import_points([row, row | {"编号": "XJ-2", "状态": "已撤销"}], connection, gazetteer, TODAY).added == 2
    assert "已经有有效的网点" in str(import_points([row | {"编号": "XJ-3"}], connection, gazetteer, TODAY).rejected[0])


def test_a_wrong_credit_code_is_named(connection: Connection, gazetteer: Gazetteer) -> None:
    bad = credit_code(1)[:-1] + ("0" if credit_code(1)[-1] != "0" else "1")
    report = import_points([ROW | {"认定日期": "2026-01-01", "统一社会信用代码": bad}], connection, gazetteer, TODAY)
    assert "校验码" in report.rejected[0].reason


def test_a_list_does_not_undo_what_the_region_decided(sqlite: Engine, gazetteer: Gazetteer) -> None:
    rig = Rig(sqlite)
    with rig.register() as register:
        point = rig.point(register)
        came = register.standing.cancel(point, rig.region, "技术与创新支持中心（TISC）", rig.now)
        assert isinstance(came, Moved)
    row = ROW | {"编号": point.code, "认定日期": "2026-11-30", "状态": "有效"}
    with sqlite.begin() as connection:
        report = import_points([row], connection, gazetteer, rig.today)
    assert "导入不能改" in report.rejected[0].reason


def _bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * 2**20)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"PK\x03\x04rest", "Excel"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00\x00", "读不出"),
        (b"\x00\x01\x02", "读不出"),
        (b"", "缺少"),
    ],
)
def test_what_cannot_be_read_is_said(data: bytes, why: str, tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(data)
    rows, rejected = listfiles.read_list(path, COLUMNS)
    assert not rows
    assert not rejected or why in rejected[0].reason


def test_a_bomb_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listfiles, "UNPACKED_BYTES", 2**19)
    path = tmp_path / "bomb.xlsx"
    path.write_bytes(_bomb())
    assert path.stat().st_size < 2**12
    _, rejected = listfiles.read_list(path, COLUMNS)
    assert "解压后超过" in rejected[0].reason


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "large.csv"
    path.write_bytes(b"x" * 2048)
    monkeypatch.setattr(listfiles, "FILE_BYTES", 1024)
    assert "拆成几个" in listfiles.read_list(path, COLUMNS)[1][0].reason
    monkeypatch.undo()
    monkeypatch.setattr(listfiles, "ROWS", 3)
    path.write_text("编号\n" + "a\n" * 10, encoding="utf-8")
    assert any("超过 3 行" in r.reason or r.field == "表头" for r in listfiles.read_list(path, COLUMNS)[1])


def test_gb18030_is_read(connection: Connection, gazetteer: Gazetteer, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    row = ROW | {"认定日期": "2026-01-01"}
    lines = [",".join(row), ",".join(map(str, row.values()))]
    path.write_bytes("\r\n".join(lines).encode("gb18030"))
    assert import_points(path, connection, gazetteer, TODAY).added == 1


@given(data=st.binary(max_size=400), zipped=st.booleans())
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_give_reasons_and_never_an_exception(data: bytes, zipped: bool, tmp_path: Path) -> None:
    path = tmp_path / "any"
    path.write_bytes(b"PK\x03\x04" + data if zipped else data)
    rows, rejected = listfiles.read_list(path, COLUMNS)
    assert not rows or not rejected or all(r.reason for r in rejected)


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", "\tx", "=cmd|' /C calc'!A0"])
def test_no_cell_is_a_formula(cell: str) -> None:
    assert neutral(cell) == "'" + cell
    assert f"'{cell.strip()}".encode()[:3] in to_csv(["a"], [[cell]]) or b"'" in to_csv(["a"], [[cell]])
    sheet = load_workbook(io.BytesIO(to_xlsx("x", ["a"], [[cell]]))).active
    assert sheet is not None
    assert sheet["A2"].data_type == "s"
    assert to_docx("x", ["a"], [[cell]]).startswith(b"PK")
