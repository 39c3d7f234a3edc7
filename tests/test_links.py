"""Links: each platform's documented form, nothing typed becomes an operator, and faults are named with file and field."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.app import Shelf
from bot.knowledge.figures import read_figures
from bot.knowledge.laws import read_laws
from bot.knowledge.problems import Problem
from bot.links import FIELDS, LOGINS, MOST, PHONES, Links, Query, clean, open_platform
from bot.links_tables import read_links

# what each platform is known to take, written out by hand: platform, query, address
DOCUMENTED = [
    ("epub", Query(publication="CN107196804B"), "http://epub.cnipa.gov.cn/patent/CN107196804B"),
    (
        "patentscope",
        Query(publication="WO2019085779"),
        "https://patentscope.wipo.int/search/zh/detail.jsf?docId=WO2019085779",
    ),
    (
        "patentscope",
        Query(words=(("drip irrigation",),), ipc="A01G25/02"),
        "https://patentscope.wipo.int/search/zh/result.jsf?query=FP%3A%28%22drip%20irrigation%22%29%20AND%20IC%3A%28A01G25%2F02%29",
    ),
    (
        "espacenet",
        Query(publication="EP1000001A1"),
        "https://worldwide.espacenet.com/patent/search?q=pn%3DEP1000001A1",
    ),
    (
        "espacenet",
        Query(owner="Geberit International AG"),
        "https://worldwide.espacenet.com/patent/search?q=pa%3D%22Geberit%20International%20AG%22",
    ),
    ("google-patents", Query(publication="CN121116079B"), "https://patents.google.com/patent/CN121116079B/zh"),
    (
        "google-patents",
        Query(inventor="Osamu Saito", since=date(2025, 1, 1), until=date(2025, 12, 31)),
        "https://patents.google.com/?q=&inventor=Osamu%20Saito&after=publication:20250101&before=publication:20251231",
    ),
    ("lens", Query(publication="US2000002B2"), "https://www.lens.org/lens/search/patent/list?q=US2000002B2"),
    (
        "lens",
        Query(owner="Toyota", since=date(2020, 1, 1), until=date(2024, 12, 31)),
        "https://www.lens.org/lens/search/patent/list?q=applicant.name%3A%22Toyota%22%20AND%20date_published%3A%5B2020-01-01%20TO%202024-12-31%5D",
    ),
    (
        "tmview",
        Query(name="Compliance Code"),
        "https://www.tmdn.org/tmview/#/tmview/results?page=1&pageSize=30&criteria=C&basicSearch=Compliance%20Code",
    ),
    ("esearch", Query(name="neuraxis"), "https://euipo.europa.eu/eSearch/#basic/1+1+1+1/100+100+100+100/neuraxis"),
]
PASTED = [
    ("cpquery", Query(number="ZL201320662370.2"), "2013206623702"),
    ("cpquery", Query(number="202410000001.X"), "202410000001X"),
    ("pss", Query(number="ZL201320662370.2"), "CN201320662370"),
    ("pss", Query(words=(("核桃", "胡桃"), ("破壳",))), "核桃 破壳"),
    ("trademarks", Query(name="丝路驿站"), "丝路驿站"),
    ("trademarks", Query(number="12345678"), "12345678"),
    ("indications", Query(name="轮台白杏"), "轮台白杏"),
    ("copyright-centre", Query(number="2014SR001852"), "2014SR001852"),
    ("madrid", Query(number="1234567"), "1234567"),
    ("designview", Query(words=(("地毯",),)), "地毯"),
    ("designview", Query(words=(("地毯",),), english=(("carpet", "rug"),)), "carpet"),
    ("designdb", Query(owner="新疆地毯厂"), "新疆地毯厂"),
]
anything = st.text(max_size=60) | st.text('"\\()[]{}:*?~^/-&=#%+ ANDORT核桃', max_size=40)


@pytest.mark.parametrize(("platform", "query", "url"), DOCUMENTED)
def test_addresses_have_the_documented_form(shelf: Shelf, platform: str, query: Query, url: str) -> None:
    opening = open_platform(shelf.links.platforms[platform], query)
    assert opening.url == url
    assert opening.filled
    assert not opening.steps


def test_the_global_brand_database_takes_json(shelf: Shelf) -> None:
    url = open_platform(shelf.links.platforms["branddb"], Query(name='丝路"驿站\\')).url
    asked = json.loads(parse_qs(urlsplit(url).query)["asStructure"][0])
    brick = {"key": "brandName", "value": "丝路 驿站", "strategy": "Simple"}
    assert asked == {"boolean": "AND", "bricks": [brick]}


@pytest.mark.parametrize(("platform", "query", "paste"), PASTED)
def test_elsewhere_the_words_to_paste_and_three_steps(shelf: Shelf, platform: str, query: Query, paste: str) -> None:
    opening = open_platform(shelf.links.platforms[platform], query)
    assert (opening.url, opening.filled, opening.paste) == (opening.platform.page, False, paste)
    assert len(opening.steps) == 3


def test_words_of_one_meaning_stand_together(shelf: Shelf) -> None:
    query = Query(words=(("核桃", "胡桃"), ("去壳",)), english=(("walnut",), ("shelling", "hulling machine")))
    asked = {id: unquote(open_platform(shelf.links.platforms[id], query).url) for id in ("patentscope", "espacenet")}
    assert asked["patentscope"].endswith("query=FP:((核桃 OR 胡桃) AND 去壳)")
    assert asked["espacenet"].endswith('q=(核桃 OR 胡桃 OR walnut) AND (去壳 OR shelling OR "hulling machine")')


def test_what_a_platform_does_not_take_is_no_query(shelf: Shelf) -> None:
    only_dates = Query(since=date(2020, 1, 1), until=date(2020, 12, 31))
    for platform in shelf.links.platforms.values():
        opening = open_platform(platform, only_dates)
        assert (opening.url, opening.filled, opening.paste) == (platform.page, False, "")
        assert not open_platform(platform, Query()).filled


@given(typed=anything)
def test_nothing_typed_becomes_an_operator(shelf: Shelf, typed: str) -> None:
    safe = clean(typed)
    assert not set(safe) & set('"\\()[]{}:*?~^=#%+<>\n\r\t\0')
    assert clean(safe) == safe
    query = Query(words=((typed, "核桃"),), name=typed, owner=typed, inventor=typed)
    for platform in shelf.links.platforms.values():
        opening = open_platform(platform, query)
        page, url = urlsplit(platform.page), urlsplit(opening.url)
        assert url.hostname == page.hostname
        assert opening.url.isascii()
        assert not set(opening.url) & set(' "<>\\^`{|}')
        asked = unquote(opening.url)
        assert asked.count('"') % 2 == 0
        assert asked.count("(") == asked.count(")")


@given(typed=st.text(min_size=1, max_size=30))
def test_a_query_comes_back_as_it_was_cleaned(shelf: Shelf, typed: str) -> None:
    if not clean(typed):
        return
    url = open_platform(shelf.links.platforms["tmview"], Query(name=typed)).url
    assert unquote(url.partition("basicSearch=")[2]) == clean(typed)


def test_operators_of_a_query_language_are_quoted(shelf: Shelf) -> None:
    url = open_platform(shelf.links.platforms["lens"], Query(words=(("NOT",), ("核桃",)))).url
    assert unquote(url).endswith('q="NOT" AND 核桃')


def test_a_guide_names_at_most_three_platforms_and_says_how_to_go_on(shelf: Shelf) -> None:
    for id, guide in shelf.links.guides.items():
        openings = shelf.links.open(id, Query(name="核桃", number="12345678", words=(("核桃",),)))
        assert 1 <= len(openings) <= MOST, id
        assert all((guide.look, guide.next)), id
        assert len(f"看结果 {id}".encode()) <= 64


def test_every_platform_says_all_that_is_told_of_it(shelf: Shelf) -> None:
    for platform in shelf.links.platforms.values():
        assert all((platform.operator, platform.language, platform.source))
        assert platform.login in LOGINS
        assert platform.phone in PHONES
        assert platform.takes <= set(FIELDS)
        assert platform.takes, platform.id
        assert platform.checked <= date(2026, 11, 22)


def test_an_unknown_guide_is_named(shelf: Shelf) -> None:
    with pytest.raises(KeyError):
        shelf.links.open("nothing", Query())


# -- faults of the tables -----------------------------------------------------------------------------------------


@pytest.fixture
def tables(tmp_path: Path, content: Path) -> Path:
    """A copy of the tables that may be spoilt."""
    for name in ("links", "laws", "fees", "deadlines"):
        shutil.copytree(content / name, tmp_path / name)
    return tmp_path


def read(tables: Path) -> tuple[Links, list[Problem]]:
    return read_links(tables, read_laws(tables)[0], read_figures(tables)[0])


@pytest.mark.parametrize(
    ("file", "right", "wrong", "field", "message"),
    [
        ("platforms", "login: yes", "login: maybe", "cpquery.login", "“maybe”应为"),
        ("platforms", "phone: poor", "phone: bad", "cpquery.phone", "“bad”应为"),
        ("platforms", "operator: 国家知识产权局\n", "operator:\n", "cpquery.operator", "缺少这一项"),
        ("platforms", "checked: 2026-10-03", "checked: 昨天", "cpquery.checked", "不是日期"),
        ("platforms", "page: https://cpquery", "page: cpquery", "cpquery.page", "不是网址"),
        ("platforms", "  note: 看进度", "  remark: 看进度", "cpquery.remark", "没有这个字段"),
        ("platforms", "    digits: '{}'", "    figures: '{}'", "cpquery.paste.figures", "没有这一项"),
        ("platforms", "steps: [用公众身份注册、登录, ", "steps: [", "cpquery.steps", "3 步"),
        ("platforms", "/patent/CN107196804B'", "/patent/CN1'", "epub.addresses.examples", "与例子"),
        ("platforms", "dates: '%d.%m.%Y'", "dates: ''", "patentscope.addresses.dates", "日期的写法"),
        ("platforms", "result.jsf?query={query}", "result.jsf?query={words}", "patentscope.addresses.url", "{query}"),
        ("platforms", "- id: pss\n", "- id: cpquery\n", "cpquery", "已经有了"),
        (
            "guides",
            "platforms: [cpquery, pss, epub]",
            "platforms: [cpquery, nowhere]",
            "patent-number.platforms",
            "nowhere",
        ),
        ("guides", "专利法 第四十四条]", "专利法 第三百条]", "basis", "300"),
        ("guides", "{deadline:tm-term}", "{deadline:nothing}", "mark-number.look", "deadline:nothing"),
        ("guides", "title: 按申请号查专利\n", "title:\n", "patent-number.title", "缺少这一项"),
        ("guides", "platforms: [agencies]", "platforms: [cnipa]", "agencies", "没有一项查询用到"),
    ],
)
def test_a_fault_is_named(tables: Path, file: str, right: str, wrong: str, field: str, message: str) -> None:
    path = tables / "links" / f"{file}.yaml"
    text = path.read_text(encoding="utf-8")
    assert right in text
    path.write_text(text.replace(right, wrong, 1), encoding="utf-8")
    found = [p for p in read(tables)[1] if p.field == field and message in p.message]
    assert found, read(tables)[1]
    assert found[0].file in ("links/platforms.yaml", "links/guides.yaml")


def test_unreadable_tables_are_named(tables: Path) -> None:
    (tables / "links" / "platforms.yaml").write_text("- [", encoding="utf-8")
    (tables / "links" / "guides.yaml").unlink()
    _, problems = read(tables)
    assert {p.file for p in problems} == {"links/platforms.yaml", "links/guides.yaml"}
    (tables / "links" / "platforms.yaml").write_text("id: x", encoding="utf-8")
    assert "应为列表" in str(read(tables)[1])


def test_the_tables_are_sound(content: Path) -> None:
    assert read(content)[1] == []
