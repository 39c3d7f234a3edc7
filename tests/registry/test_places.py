"""The gazetteer: every division is there, and sentences name the right one."""

import timeit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.knowledge.problems import Faults
from bot.registry.divisions import read_divisions
from bot.registry.geodesy import distance_km
from bot.registry.places import Gazetteer, read_places
from tests.registry.conftest import CONTENT

GAZETTEER, _ = read_places(CONTENT)
HEADER = "adcode,name,kind,level,parent,short_names,lat,lon,geonames_id,verified\n"
REGION = "650000,新疆维吾尔自治区,自治区,province,,新疆,43.8,87.6,,no\n"


def found(gazetteer: Gazetteer, text: str, *, strict: bool = False) -> tuple[str, str] | None:
    place = gazetteer.find(text, strict=strict)
    return (place.words, place.division.full_name) if place else None


# -- the divisions ----------------------------------------------------------------------------------------------


def test_all_divisions_are_there(gazetteer):
    levels = [d.level for d in gazetteer.divisions.values()]
    assert (levels.count("province"), levels.count("prefecture"), levels.count("county")) == (1, 14, 112)


def test_only_rough_positions_are_approximate(gazetteer):
    rough = {d.name for d in gazetteer.divisions.values() if d.approximate}
    assert {"岑岭县", "和康县", "和安县", "双河市", "草湖市"} < rough
    assert len(rough) == 10


def test_new_counties_stand_at_the_seat_of_their_prefecture(gazetteer):
    county, prefecture = gazetteer.division("653132"), gazetteer.division("653100")
    assert (county.lat, county.lon) == (prefecture.lat, prefecture.lon)
    assert county.approximate


def test_counties_lie_near_their_prefecture(gazetteer):
    for division in gazetteer.divisions.values():
        parent = gazetteer.division(division.parent)
        if parent and parent.level == "prefecture":
            assert distance_km(division.lat, division.lon, parent.lat, parent.lon) < 520, division.full_name


@pytest.mark.parametrize(
    ("adcode", "full_name"),
    [
        ("650102", "乌鲁木齐市天山区"),
        ("652902", "阿克苏地区库车市"),
        ("659002", "阿拉尔市"),
        ("652800", "巴音郭楞蒙古自治州"),
        ("653126", "喀什地区叶城县"),
        ("654002", "伊犁哈萨克自治州伊宁市"),
        ("650000", "新疆维吾尔自治区"),
    ],
)
def test_full_names(gazetteer, adcode, full_name):
    division = gazetteer.division(adcode)
    assert division.full_name == full_name
    assert division.place.label == full_name


def test_a_prefecture_contains_its_counties(gazetteer):
    assert {"650100", "650102", "650121"} <= gazetteer.within("650100")
    assert "652301" not in gazetteer.within("650100")
    assert gazetteer.within("650000") == gazetteer.divisions.keys()
    assert gazetteer.within("659001") == {"659001"}
    assert gazetteer.within("110000") == frozenset()


def test_tacheng_and_altay_have_offices_of_their_own(gazetteer):
    assert not {"654200", "654300"} & gazetteer.within("654000")


def test_lineage(gazetteer):
    assert gazetteer.lineage("653126") == ("653126", "653100", "650000")
    assert gazetteer.lineage("nowhere") == ()


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("650102", ["650102"]),
        ("喀什", ["653100", "653101"]),
        ("和田", ["653200", "653201", "653221"]),
        ("伊宁", ["654002", "654021"]),
        ("喀什地区叶城县", ["653126"]),
        ("Urumqi", ["650100"]),
        ("火星", []),
        ("", []),
    ],
)
def test_names_exactly(gazetteer, name, codes):
    assert [d.adcode for d in gazetteer.called(name)] == codes


def test_every_formal_and_full_name_is_found_in_a_sentence(gazetteer):
    for division in gazetteer.divisions.values():
        for name in (division.name, division.full_name):
            place = gazetteer.find(f"请问{name}有网点吗")
            assert place is not None, name
            assert (place.words, place.division, place.alternatives) == (name, division, ()), name


def test_every_name_is_found_where_it_is_plainly_a_place(gazetteer):
    for division in gazetteer.divisions.values():
        for name in division.names:
            place = gazetteer.find(f"我在{name}附近")
            assert place is not None, name
            assert place.words == name
            assert division in (place.division, *place.alternatives), name


# -- sentences --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words", "region"),
    [
        ("天山区网点在哪", "天山区", "乌鲁木齐市天山区"),
        ("我在库车 附近有点没", "库车", "阿克苏地区库车市"),
        ("奇台县有网点吗", "奇台县", "昌吉回族自治州奇台县"),
        ("阿拉尔的服务点地址", "阿拉尔", "阿拉尔市"),
        ("叶城网点电话", "叶城", "喀什地区叶城县"),
        ("伊宁网店在哪里（网点）", "伊宁", "伊犁哈萨克自治州伊宁市"),
        ("巴州有哪些地标", "巴州", "巴音郭楞蒙古自治州"),
        ("伊犁下周有讲座不", "伊犁", "伊犁哈萨克自治州"),
        ("给我推送乌鲁木齐的培训", "乌鲁木齐", "乌鲁木齐市"),
        ("我在乌市沙区住，去哪办", "乌市沙区", "乌鲁木齐市沙依巴克区"),
        ("沙区网点", "沙区", "乌鲁木齐市沙依巴克区"),
        ("米泉哪里能咨询", "米泉", "乌鲁木齐市米东区"),
        ("库车县的点", "库车县", "阿克苏地区库车市"),
        ("石城网点", "石城", "石河子市"),
        ("八师石河子市", "石河子市", "石河子市"),
        ("第一师有网点吗", "第一师", "阿拉尔市"),
        ("兵团第十四师的服务点", "兵团第十四师", "昆玉市"),
        ("博州温泉有网点吗", "博州温泉", "博尔塔拉蒙古自治州温泉县"),
        ("新疆维吾尔自治区喀什地区叶城县", "新疆维吾尔自治区喀什地区叶城县", "喀什地区叶城县"),
        ("伊犁哈萨克自治州塔城地区额敏县", "伊犁哈萨克自治州塔城地区额敏县", "塔城地区额敏县"),
        ("喀什·疏勒", "喀什·疏勒", "喀什地区疏勒县"),
        ("乌鲁木齐的水磨沟区", "乌鲁木齐的水磨沟区", "乌鲁木齐市水磨沟区"),
        ("乌鲁木齐高新区的网点", "乌鲁木齐高新区", "乌鲁木齐市新市区"),
        ("新市区", "新市区", "乌鲁木齐市新市区"),
        ("巴里坤县有没有", "巴里坤县", "哈密市巴里坤哈萨克自治县"),
        ("Urumqi有点吗", "Urumqi", "乌鲁木齐市"),
        ("wo zai kuerle", "kuerle", "巴音郭楞蒙古自治州库尔勒市"),
        ("新疆喀什有网点吗", "新疆喀什", "喀什地区"),
    ],
)
def test_places_in_sentences(gazetteer, text, words, region):
    assert found(gazetteer, text) == (words, region)


@pytest.mark.parametrize(
    ("text", "region", "others"),
    [
        ("昌吉", "昌吉回族自治州", ["昌吉市"]),
        ("和田网点", "和田地区", ["和田市", "和田县"]),
        ("阿克苏", "阿克苏地区", ["阿克苏市"]),
        ("喀什", "喀什地区", ["喀什市"]),
        ("塔城", "塔城地区", ["塔城市"]),
        ("阿勒泰", "阿勒泰地区", ["阿勒泰市"]),
        ("哈密", "哈密市", ["伊州区"]),
        ("伊宁", "伊犁哈萨克自治州伊宁市", ["伊宁县"]),
        ("伊犁伊宁", "伊犁哈萨克自治州伊宁市", ["伊宁县"]),
        ("巴县", "哈密市巴里坤哈萨克自治县", ["巴楚县"]),
        ("和田县", "和田地区和田县", []),
        ("喀什市", "喀什地区喀什市", []),
    ],
)
def test_ambiguous_names_give_alternatives(gazetteer, text, region, others):
    place = gazetteer.find(text)
    assert place.division.full_name == region
    assert [d.name for d in place.alternatives] == others


@pytest.mark.parametrize("name", ["温泉", "新星", "白杨", "草湖", "北屯", "双河", "新和", "墨玉", "和静"])
def test_common_words_need_a_context(gazetteer, name):
    assert gazetteer.find(f"这是{name}公司的事情") is None
    for text in (
        f"我在{name}",
        f"我在{name}，怎么办",
        f"{name}的网点",
        f"{name}附近",
        f"{name}有网点吗",
        name,
        f"{name}？",
    ):
        assert gazetteer.find(text) is not None, text


@pytest.mark.parametrize(
    "text",
    [
        "创新和技术",
        "提高更新和服务的水平",
        "本科和硕士",
        "位于田间地头",
        "我们在温泉泡澡",
        "在新星公司上班",
        "温泉酒店商标能不能注册",
        "仓库车间的专利",
        "义乌市场",
        "玉石市场",
        "防风治沙区域",
        "十二师网点",
        "委托里程碑公司",
        "发明专利保护多少年",
        "https://scjgj.xinjiang.gov.cn/",
        "chilies",
        "",
    ],
)
def test_names_that_occur_by_chance(gazetteer, text):
    assert gazetteer.find(text) is None


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("喀什市场监管局在哪", "喀什地区"),
        ("阿克苏市场", "阿克苏地区"),
        ("喀什新市区附近的网点", "喀什地区"),
        ("不在乌鲁木齐，在昌吉", "昌吉回族自治州"),
        ("我是喀什人，现在住在乌鲁木齐，附近有网点吗", "乌鲁木齐市"),
        ("新疆的企业，公司在石河子", "石河子市"),
        ("除了哈密，吐鲁番有吗", "吐鲁番市"),
    ],
)
def test_the_place_that_is_meant(gazetteer, text, region):
    assert gazetteer.find(text).division.full_name == region


def test_all_places_of_a_sentence_in_order(gazetteer):
    places = gazetteer.find_all("从和田到喀什叶城，再到乌市沙区")
    assert [p.division.name for p in places] == ["和田地区", "叶城县", "沙依巴克区"]


@pytest.mark.parametrize(
    "text",
    [
        "和田玉商标怎么注册",
        "吐鲁番葡萄",
        "库尔勒香梨",
        "阿克苏苹果",
        "伊犁河",
        "哈密瓜",
        "精河枸杞",
        "石河子大学的专利",
        "喀什叶城核桃",
    ],
)
def test_products_are_places_unless_strict(gazetteer, text):
    assert gazetteer.find(text) is not None
    assert gazetteer.find(text, strict=True) is None


def test_strict_keeps_places(gazetteer):
    assert found(gazetteer, "我在库尔勒，香梨怎么保护", strict=True) == ("库尔勒", "巴音郭楞蒙古自治州库尔勒市")
    assert found(gazetteer, "我在阿克苏卖和田大枣", strict=True) == ("阿克苏", "阿克苏地区")


def test_words_stand_where_they_were_typed(gazetteer):
    assert gazetteer.find("请问URUMQI有吗").words == "URUMQI"
    assert gazetteer.find("İ乌鲁木齐").words == "乌鲁木齐"  # a letter that becomes two in lower case


@given(
    st.text(alphabet=st.sampled_from("在新和田市区县地州伊宁犁乌鲁木齐喀什的 ，a·温泉大枣玉附近网点İ"), max_size=40)
    | st.text(max_size=60)
)
def test_any_text_is_read(text):
    for strict in (False, True):
        for place in GAZETTEER.find_all(text, strict=strict):
            assert text[place.start : place.end] == place.words
        one = GAZETTEER.find(text, strict=strict)
        assert one is None or one in GAZETTEER.find_all(text, strict=strict)


def test_a_sentence_takes_microseconds(gazetteer):
    text = "我想问一下我公司在新疆喀什地区叶城县注册的商标被别人在乌鲁木齐市用了应该找哪个网点投诉"
    best = min(timeit.repeat(lambda: gazetteer.find(text), number=200, repeat=5)) / 200
    assert best < 500e-6  # about 25 µs; a slow machine under load stays far below this


# -- faults in the files ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "field", "message"),
    [
        ("65010,天山区,市辖区,county,650000,,43.8,87.6,,yes", "第3行.adcode", "六位数字"),
        ("650000,新疆,市辖区,county,650000,,43.8,87.6,,yes", "第3行.adcode", "重复"),
        ("650102,,市辖区,county,650000,,43.8,87.6,,yes", "650102.name", "缺少名称"),
        ("650102,天山区,市辖区,town,650000,,43.8,87.6,,yes", "650102.level", "prefecture"),
        ("650102,天山区,市辖区,county,659999,,43.8,87.6,,yes", "650102.parent", "上级"),
        ("650102,天山区,市辖区,county,650000,,87.6,43.8,,yes", "650102.lat", "新疆"),
        ("650102,天山区,市辖区,county,650000,,,,,yes", "650102.lat", "新疆"),
        ("650102,天山区,市辖区,county,650000,,43.8,87.6,,maybe", "650102.verified", "yes 或 no"),
    ],
)
def test_faulty_rows_are_reported_and_left_out(line, field, message):
    faults = Faults("places/divisions.csv")
    divisions = read_divisions(HEADER + REGION + line + "\n", faults)
    assert [d.adcode for d in divisions] == ["650000"]
    assert [(p.field, message in p.message) for p in faults.found] == [(field, True)]


def test_missing_files_are_reported(tmp_path):
    places, problems = read_places(tmp_path)
    assert places.find("乌鲁木齐") is None
    assert {p.file for p in problems} == {
        "places/divisions.csv",
        "places/products.txt",
        "places/cautious.txt",
        "places/decoys.txt",
    }


def test_missing_columns_and_unknown_cautious_names_are_reported(tmp_path):
    folder = tmp_path / "places"
    folder.mkdir()
    for name in ("products.txt", "decoys.txt"):
        (folder / name).write_text("", encoding="utf-8")
    (folder / "cautious.txt").write_text("# 说明\n火星\n", encoding="utf-8")
    (folder / "divisions.csv").write_text("adcode,name\n", encoding="utf-8")
    _, problems = read_places(tmp_path)
    assert [(p.file, p.field) for p in problems] == [("places/divisions.csv", "表头"), ("places/cautious.txt", "火星")]


def test_a_file_that_is_no_text_is_reported(tmp_path):
    folder = tmp_path / "places"
    folder.mkdir()
    for name in ("divisions.csv", "products.txt", "cautious.txt", "decoys.txt"):
        (folder / name).write_bytes(b"\xff\xfe\xff")
    _, problems = read_places(tmp_path)
    assert len(problems) == 4
    assert all("UTF-8" in p.message for p in problems)
