"""Import and export of points: all or nothing, and a reason for every row that is not taken."""

import csv
import io
from datetime import UTC, date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, select, update

from bot.database.tables import metadata, points
from bot.registry.exchange import export_points, import_points
from bot.registry.geodesy import distance_km, wgs84_to_gcj02
from bot.registry.places import read_places
from bot.registry.pointrows import HEADERS
from bot.registry.points import Points
from bot.registry.terms import term_end
from tests.registry.conftest import CONTENT, TODAY


@pytest.fixture
def take(connection, gazetteer):
    """Imports rows or a file into the empty database, today."""

    def take(source, today=TODAY, **options):
        return import_points(source, connection, gazetteer, today, **options)

    return take


@pytest.fixture
def stored(connection):
    return lambda: list(connection.execute(select(points).order_by(points.c.code)).mappings())


def reasons(report) -> list[tuple[int, str, str]]:
    return [(r.row, r.field, r.reason) for r in report.rejected]


def table(*rows: dict[str, object]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


# -- good rows ----------------------------------------------------------------------------------------------------


def test_a_row_is_entered_whole(take, stored, row):
    report = take([row])
    assert (report.added, report.updated, report.unchanged, report.rejected, report.applied) == (1, 0, 0, (), True)
    [point] = stored()
    assert dict(point) | {"id": 0} == {
        "id": 0,
        "code": "XJ-001",
        "name": "天山测试图书馆",
        "sample": False,
        "kind": "library",
        "adcode": "650102",
        "address": "测试路1号",
        "phone": "0991-1234567",
        "lat": 43.7932,
        "lon": 87.6288,
        "services": ["consultation", "search", "indications"],
        "hours": "一至五 10:00-14:00 15:30-19:30",
        "certified_on": date(2026, 3, 1),
        "expires_on": date(2029, 2, 28),
        "state": "active",
        "confirmed_on": None,
        "website": "https://example.cn/",
        "institution_id": None,
        "rectify_by": None,
        "since": datetime(2026, 11, 21, 16, tzinfo=UTC),
        "steps": 1,
        "proposed": "",
        "proposed_by": None,
        "proposed_why": "",
    }


@pytest.mark.parametrize(
    ("certified", "last"),
    [
        (date(2026, 11, 22), date(2029, 11, 21)),
        (date(2025, 3, 1), date(2028, 2, 29)),
        (date(2024, 2, 29), date(2027, 2, 28)),
        (date(2026, 1, 1), date(2028, 12, 31)),
    ],
)
def test_article_8_three_years_to_the_day_before(certified, last):
    assert term_end(certified) == last


def test_english_headers_and_stored_values(take, stored):
    row = {
        "code": "a1",
        "name": "某馆",
        "kind": "museum",
        "region": "653126",
        "address": "路",
        "lat": 37.88,
        "lon": 77.41,
    }
    assert take([{**row, "expires_on": "2028-01-01", "services": "search"}]).added == 1
    [point] = stored()
    assert (point["code"], point["kind"], point["adcode"], point["certified_on"]) == ("A1", "museum", "653126", None)


def test_a_point_that_names_no_service_offers_the_basic_ones(take, stored, row):
    assert take([row | {"服务": ""}]).added == 1
    assert stored()[0]["services"] == ["consultation", "search", "training"]


@pytest.mark.parametrize("datum", ["GCJ-02", "gcj02", "火星坐标系", "高德地图"])
def test_gcj02_is_converted(take, stored, row, datum):
    lat, lon = wgs84_to_gcj02(43.7932, 87.6288)
    assert take([row | {"纬度": f"{lat:.6f}", "经度": f"{lon:.6f}", "坐标系": datum}]).added == 1
    assert distance_km(stored()[0]["lat"], stored()[0]["lon"], 43.7932, 87.6288) < 0.001


@pytest.mark.parametrize(
    "day", ["2026/3/1", "2026.03.01", "2026年3月1日", "20260301", "2026-03-01 00:00:00", "２０２６-03-01"]
)
def test_dates_in_many_forms(take, stored, row, day):
    assert take([row | {"认定日期": day}]).added == 1
    assert stored()[0]["certified_on"] == date(2026, 3, 1)


@pytest.mark.parametrize(
    "region", ["650102", "天山区", "乌鲁木齐市天山区", "乌鲁木齐市 天山区", "新疆乌鲁木齐市天山区", "650102.0"]
)
def test_regions_in_many_forms(take, stored, row, region):
    assert take([row | {"地区": region}]).added == 1
    assert stored()[0]["adcode"] == "650102"


@pytest.mark.parametrize(
    "phone", ["", "12345", "0991-1234567", "（0991）1234567", "0991-1234567转801、0991-7654321", "13800000000"]
)
def test_phones(take, row, phone):
    assert take([row | {"电话": phone}]).added == 1


def test_full_width_and_invisible_characters_are_mended(take, stored, row):
    assert take([row | {"编号": "\ufeffｘｊ－００１", "纬度": "４３．７９", "名称": "天山\u200b图书馆 "}]).added == 1
    assert (stored()[0]["code"], stored()[0]["name"]) == ("XJ-001", "天山图书馆")


# -- bad rows -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "field", "why"),
    [
        ({"编号": ""}, "编号", "缺少"),
        ({"编号": "网点1"}, "编号", "字母"),
        ({"编号": "A" * 41}, "编号", "1–40"),
        ({"编号": "ß1"}, "编号", "字母"),
        ({"名称": ""}, "名称", "缺少"),
        ({"名称": "示例网点"}, "名称", "样例"),
        ({"名称": "【示例】网点"}, "名称", "样例"),
        ({"名称": "=HYPERLINK(1)"}, "名称", "公式"),
        ({"名称": "＝1+1"}, "名称", "公式"),
        ({"名称": "@SUM"}, "名称", "公式"),
        ({"名称": "两\n行"}, "名称", "换行"),
        ({"名称": "字" * 121}, "名称", "最多 120"),
        ({"类型": "火车站"}, "类型", "高校"),
        ({"类型": ""}, "类型", "高校"),
        ({"地区": ""}, "地区", "缺少"),
        ({"地区": "火星"}, "地区", "没有“火星”"),
        ({"地区": "110000"}, "地区", "没有“110000”"),
        ({"地区": "喀什"}, "地区", "可能是喀什地区、喀什地区喀什市"),
        ({"地区": "新疆"}, "地区", "地州或县市"),
        ({"地址": ""}, "地址", "缺少"),
        ({"地址": "-路"}, "地址", "公式"),
        ({"电话": "+86 991 1234567"}, "电话", "公式"),
        ({"电话": "找老王"}, "电话", "0991-1234567"),
        ({"纬度": ""}, "纬度", "缺少纬度"),
        ({"经度": "87度"}, "经度", "小数"),
        ({"纬度": "nan"}, "纬度", "小数"),
        ({"纬度": "87.6288", "经度": "43.7932"}, "纬度、经度", "写反了"),
        ({"纬度": "39.9", "经度": "116.4"}, "纬度、经度", "不在新疆"),
        ({"纬度": "99", "经度": "87"}, "纬度、经度", "纬度应在"),
        ({"纬度": "39.47", "经度": "75.99"}, "纬度、经度", "离乌鲁木齐市天山区约 1079 公里"),
        ({"坐标系": "BD-09"}, "坐标系", "百度"),
        ({"服务": "咨询、洗车"}, "服务", "没有“洗车”"),
        ({"开放时间": "看心情"}, "开放时间", "缺少星期"),
        ({"认定日期": "去年"}, "认定日期", "不是日期"),
        ({"认定日期": "2026-02-30"}, "认定日期", "不是日期"),
        ({"认定日期": "2026-11-23"}, "认定日期", "晚于今天"),
        ({"认定日期": "", "有效期至": ""}, "认定日期", "至少填一项"),
        ({"有效期至": "2026-03-01"}, "有效期至", "晚于认定日期"),
        ({"有效期至": "2099-01-01"}, "有效期至", "太晚"),
        ({"网址": "example"}, "网址", "http"),
        ({"网址": "javascript:alert(1)"}, "网址", "http"),
        ({"网址": "http://[bad.cn"}, "网址", "http"),
        ({"状态": "营业"}, "状态", "有效、整改中、已过期"),
        ({"核实日期": "2027-01-01"}, "核实日期", "晚于今天"),
    ],
)
def test_what_is_wrong_is_said_by_row_and_column(take, row, change, field, why):
    report = take([row | {"编号": "OK"}, row | change])
    [(number, column, reason)] = reasons(report)
    assert (number, column) == (3, field)
    assert why in reason
    assert not report.applied


def test_no_row_is_entered_when_one_is_bad(take, stored, row):
    take([row, row | {"编号": "B", "名称": ""}])
    assert not stored()


def test_all_faults_of_a_row_are_said_at_once(take, row):
    report = take([row | {"名称": "", "类型": "?", "地区": "火星", "纬度": "x", "坐标系": "?", "认定日期": "?"}])
    assert {r.field for r in report.rejected} == {"名称", "类型", "地区", "纬度", "坐标系", "认定日期"}


def test_codes_that_occur_twice(take, row):
    report = take([row, row | {"编号": "xj-001", "名称": "另一个"}])
    assert reasons(report) == [(3, "编号", "XJ-001 和第2行重复")]


def test_far_points_of_a_large_prefecture_are_near_one_of_its_counties(take, row):
    ruoqiang = row | {
        "地区": "巴音郭楞蒙古自治州",
        "纬度": "39.02",
        "经度": "88.17",
    }  # 350 km from the prefecture's seat
    assert take([ruoqiang]).added == 1


def test_a_region_known_only_roughly_has_a_wider_circle(take, row):
    assert take([row | {"地区": "和安县", "纬度": "35.2", "经度": "79.0"}]).added == 1
    assert take([row | {"地区": "和田市", "编号": "B", "纬度": "34.3", "经度": "79.5"}]).rejected


def test_skipping_bad_rows(take, stored, row):
    report = take([row, row | {"编号": "B", "名称": ""}], skip_bad=True)
    assert (report.added, len(report.rejected), report.applied) == (1, 1, True)
    assert [p["code"] for p in stored()] == ["XJ-001"]


def test_a_dry_run_writes_nothing(take, stored, row):
    report = take([row], dry_run=True)
    assert (report.added, report.applied) == (1, False)
    assert not stored()


# -- again --------------------------------------------------------------------------------------------------------


def test_the_same_list_again_changes_nothing(take, stored, row):
    lat, lon = wgs84_to_gcj02(43.7932, 87.6288)
    rows = [row, row | {"编号": "B", "纬度": str(lat), "经度": str(lon), "坐标系": "GCJ-02", "服务": "海外;咨询"}]
    take(rows)
    before = stored()
    report = take(rows)
    assert (report.added, report.updated, report.unchanged) == (0, 0, 2)
    assert stored() == before


def test_known_points_are_updated_by_code_and_none_removed(take, stored, row):
    take([row, row | {"编号": "B"}])
    ids = [p["id"] for p in stored()]
    report = take([row | {"编号": "xj-001", "电话": "12345"}])
    assert (report.added, report.updated, report.unchanged) == (0, 1, 0)
    assert [p["id"] for p in stored()] == ids
    assert {p["code"]: p["phone"] for p in stored()} == {"B": "0991-1234567", "XJ-001": "12345"}


def test_more_codes_than_one_query_asks_for(take, row):
    rows = [row | {"编号": f"P{n}"} for n in range(1200)]
    assert take(rows).added == 1200
    assert take(rows).unchanged == 1200


def test_the_first_real_points_remove_the_samples(take, stored, connection, gazetteer, row):
    Points(connection, gazetteer).add_samples()
    assert take([row | {"名称": ""}]).samples_removed == 0
    assert take([row], dry_run=True).samples_removed == 12
    assert len(stored()) == 12
    report = take([row])
    assert report.samples_removed == 12
    assert [p["code"] for p in stored()] == ["XJ-001"]


# -- states -------------------------------------------------------------------------------------------------------


def test_a_revoked_point_stays_revoked_unless_the_list_says_otherwise(take, stored, connection, row):
    take([row])
    connection.execute(update(points).values(state="revoked"))
    assert take([row]).unchanged == 1
    assert stored()[0]["state"] == "revoked"
    assert take([row | {"状态": "有效"}]).updated == 1
    assert stored()[0]["state"] == "active"
    take([row | {"状态": "已撤销"}])
    assert stored()[0]["state"] == "revoked"


def test_a_title_that_is_over_is_expired_and_a_renewal_makes_it_active(take, stored, row):
    take([row | {"认定日期": "2022-01-01"}])
    assert (stored()[0]["expires_on"], stored()[0]["state"]) == (date(2024, 12, 31), "expired")
    take([row | {"认定日期": "2022-01-01", "有效期至": "2027-12-31"}])
    assert stored()[0]["state"] == "active"


def test_when_contact_data_were_confirmed_is_kept(take, stored, row):
    take([row | {"核实日期": "2026-10-01"}])
    take([row])
    assert stored()[0]["confirmed_on"] == date(2026, 10, 1)


# -- files --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_encodings(take, tmp_path, row, encoding):
    path = tmp_path / "points.csv"
    path.write_bytes(table(row).encode(encoding))
    assert take(path).added == 1


@pytest.mark.parametrize("delimiter", ["\t", ";"])
def test_delimiters(take, tmp_path, row, delimiter):
    path = tmp_path / "points.csv"
    cells = {k: str(v) for k, v in row.items() if delimiter not in str(v)}
    path.write_text("\r\n".join(delimiter.join(c) for c in (cells, cells.values())), encoding="utf-8")
    assert take(path).added == 1


def test_rows_are_numbered_as_a_spreadsheet_shows_them(take, tmp_path, row):
    path = tmp_path / "points.csv"
    header, good = table(row).splitlines()
    bad = good.replace("XJ-001", "B").replace("天山测试图书馆", "")
    path.write_text("\n".join([header, good, "", ",,,", bad]), encoding="utf-8")
    assert [r.row for r in take(path).rejected] == [5]


@pytest.mark.parametrize(
    ("data", "field", "why"),
    [
        (b"PK\x03\x04rest", "文件", "Excel"),
        (b"\xff\xfe\x16\x7f\xf7\x53", "文件", "UTF-8"),
        (b"a\0b", "文件", "UTF-8"),
        (b"", "文件", "没有网点"),
        ("编号,名称\n".encode(), "表头", "缺少：类型、地区"),
        ("编号,名称,类型,地区,地址,纬度,经度,颜色\n".encode(), "表头", "没有“颜色”这一栏"),
        ("编号,名称,类型,地区,地址,纬度,经度,code\n".encode(), "表头", "“编号”有两栏"),
        ("编号,名称,类型,地区,地址,纬度,经度\n".encode(), "文件", "没有网点"),
        ("编号,名称,类型,地区,地址,纬度,经度\n1,2,3,4,5,6,7,8\n".encode(), "整行", "有 8 格"),
        ('编号,名称,类型,地区,地址,纬度,经度\n"1,2\n'.encode(), "整行", "引号"),
    ],
)
def test_files_that_cannot_be_taken(take, tmp_path, data, field, why):
    path = tmp_path / "points.csv"
    path.write_bytes(data)
    report = take(path)
    assert report.rejected[0].field == field
    assert why in report.rejected[0].reason
    assert not report.applied


def test_empty_cells_at_the_end_of_a_row_may_be_missing(take, tmp_path):
    path = tmp_path / "points.csv"
    text = "编号,名称,类型,地区,地址,纬度,经度,认定日期,网址,\n1,某馆,博物馆,石河子市,路,44.3,86.04,2026-01-01\n"
    path.write_text(text, encoding="utf-8")
    assert take(path).added == 1


def test_a_file_that_is_not_there_is_an_os_error(take, tmp_path):
    with pytest.raises(OSError, match="none"):
        take(tmp_path / "none.csv")


# -- the report -----------------------------------------------------------------------------------------------------


def test_the_report_in_words(take, row):
    bad = row | {"编号": "B", "名称": ""}
    assert take([row, bad]).lines() == ["第3行 名称：缺少名称", "1 行有错，没有导入任何网点"]
    assert take([row], dry_run=True).lines() == ["试运行，没有写入：新增 1 个，更新 0 个，不变 0 个"]
    assert take([row, bad], skip_bad=True).lines()[-1] == "新增 1 个，更新 0 个，不变 0 个；1 行有错，已跳过"


# -- export -------------------------------------------------------------------------------------------------------


def test_what_is_exported_is_read_back_unchanged(take, connection, gazetteer, tmp_path, row):
    take(
        [
            row,
            row
            | {"编号": "B", "类型": "高校", "服务": "海外", "开放时间": "", "状态": "已撤销", "核实日期": "2026-10-01"},
        ]
    )
    text = export_points(connection, gazetteer).decode("utf-8-sig")
    assert text.splitlines()[0] == ",".join(HEADERS.values())
    path = tmp_path / "points.csv"
    path.write_text(text, encoding="utf-8-sig", newline="")
    report = take(path)
    assert (report.unchanged, report.rejected) == (2, ())


def test_samples_are_not_exported(connection, gazetteer):
    Points(connection, gazetteer).add_samples()
    assert len(export_points(connection, gazetteer).splitlines()) == 1


def test_cells_that_a_spreadsheet_would_compute_are_neutralised(take, connection, gazetteer, row):
    take([row])
    connection.execute(update(points).values(name="=1+1"))
    assert ",'=1+1," in export_points(connection, gazetteer).decode("utf-8-sig")


# -- anything at all ------------------------------------------------------------------------------------------------


GAZETTEER, _ = read_places(CONTENT)
cells = st.text(max_size=30) | st.sampled_from(
    ["43.8", "87.6", "天山区", "2026-01-01", "GCJ-02", "高校", "0991-1", "=1", None]
)
lists = st.lists(st.dictionaries(st.sampled_from([*HEADERS, *HEADERS.values()]), cells), max_size=3)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(lists | st.lists(st.fixed_dictionaries(dict.fromkeys(HEADERS, cells)), max_size=3))
def test_any_rows_give_a_report(rows):
    engine = create_engine("sqlite://")
    metadata.create_all(engine)
    with engine.connect() as connection:
        report = import_points(rows, connection, GAZETTEER, TODAY)
        assert report.applied != bool(report.rejected)
    engine.dispose()


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.binary(max_size=200)
    | st.text(max_size=200).map(lambda t: ",".join(HEADERS.values()).encode() + b"\n" + t.encode())
)
def test_any_file_gives_a_report(tmp_path, data):
    path = tmp_path / "points.csv"
    path.write_bytes(data)
    engine = create_engine("sqlite://")
    metadata.create_all(engine)
    with engine.connect() as connection:
        assert import_points(path, connection, GAZETTEER, TODAY).rejected
    engine.dispose()
