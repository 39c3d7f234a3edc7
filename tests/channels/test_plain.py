"""The plain text of responses, and how it is cut into pages."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.channels.plain import READ_ON, SMALLEST_PAGE, cut, render
from bot.messages import Citation, File, Link, Option, Outcome, Reply, Response, Spot

LINK = re.compile(r'<a [^<>]*>[^<>]*</a>|[A-Za-z]{2,12}://[^\s<>"，。；！？、（）《》“”「」【】]+')


def shown(*replies: Reply, understood: str | None = None, notice: str | None = None) -> list[str]:
    return render(Response(Outcome.ANSWER, replies, understood=understood, notice=notice))


def cited(status: str, in_force: str | None, article: str | None = "第四十二条") -> str:
    citation = Citation("专利法", article, status, in_force, "2026-11-22", "https://example.cn/law")
    return shown(Reply("二十年。", citations=(citation,)))[0].splitlines()[-1]


def test_an_answer_with_all_its_parts() -> None:
    reply = Reply(
        "发明专利权的期限为二十年。",
        citations=(Citation("专利法", "第四十二条", "现行", "2021-06-01", "2026-11-22", "https://example.cn/law"),),
        links=(Link("官方查询", "https://example.cn/q?a=1&b=2"),),
        options=(Option("年费怎么算", "#patent-annuity"), Option("更多", "#patent-term 更多")),
    )
    assert shown(reply, understood="发明专利 保护 多久", notice="使用说明：……") == [
        "（理解为：发明专利 保护 多久）\n"
        "发明专利权的期限为二十年。\n\n"
        "依据：《专利法》第四十二条（现行，2021-06-01起施行，2026-11-22核对）\n"
        "官方查询 https://example.cn/q?a=1&b=2\n\n"
        "1. 年费怎么算\n2. 更多\n回复数字选择",
        "使用说明：……",
    ]


@pytest.mark.parametrize(
    ("line", "status", "in_force"),
    [
        ("依据：《专利法》第四十二条（现行，2021-06-01起施行，2026-11-22核对）", "现行", "2021-06-01"),
        ("依据：《专利法》第四十二条（尚未施行，自2027-01-01起才施行，2026-11-22核对）", "尚未施行", "2027-01-01"),
        ("依据：《专利法》第四十二条（尚未施行，2026-11-22核对）", "尚未施行", None),
        ("依据：《专利法》第四十二条（征求意见稿，尚未生效，2026-11-22核对）", "征求意见稿", None),
        ("依据：《专利法》第四十二条（征求意见稿，尚未生效，2026-11-22核对）", "征求意见稿", "2027-01-01"),
        ("依据：《专利法》第四十二条（已废止，2026-11-22核对）", "已废止", "2009-10-01"),
        ("依据：《专利法》第四十二条（现行，2026-11-22核对）", "现行", None),
    ],
)
def test_a_citation_says_whether_it_is_law(line: str, status: str, in_force: str | None) -> None:
    assert cited(status, in_force) == line


def test_a_notice_without_articles_is_cited_by_its_name() -> None:
    assert cited("现行", "2021-06-01", article=None).startswith("依据：《专利法》（现行")


def test_numbers_run_on_over_all_replies_and_the_hint_stands_once() -> None:
    one = Reply("甲", options=(Option("一", "a"), Option("二\n", "b")))
    assert shown(one, Reply("乙"), Reply("丙", options=(Option("三", "c"),))) == [
        "甲\n\n1. 一\n2. 二",
        "乙",
        "丙\n\n3. 三\n回复数字选择",
    ]


def test_places_are_not_numbered_like_options_and_have_their_map_links() -> None:
    places = (Spot("示例", 0.3, 43.8, 87.6), Spot("示例二号网点", 12.04, 43.8, 87.6), Spot("远处", None, 39.4, 75.9))
    links = (
        Link("示例二号网点 地图", "https://uri.amap.com/marker?position=1,2"),
        Link("地图", "https://uri.amap.com/marker?name=%E8%BF%9C%E5%A4%84&src=ipbot"),
        Link("官方名单", "https://example.cn/"),
    )
    assert shown(Reply("最近的网点：", places=places, links=links, options=(Option("换个地方", "附近网点"),))) == [
        "最近的网点：\n\n"
        "① 示例，300米\n"
        "② 示例二号网点，12公里\n"
        "示例二号网点 地图 https://uri.amap.com/marker?position=1,2\n"
        "③ 远处\n"
        "地图 https://uri.amap.com/marker?name=%E8%BF%9C%E5%A4%84&src=ipbot\n\n"
        "官方名单 https://example.cn/\n\n"
        "1. 换个地方\n回复数字选择"
    ]


def test_places_that_the_text_tells_are_not_told_twice() -> None:
    told = "1. 甲网点，约 1.2 公里\n2. 乙网点，约 3 公里"
    links = (Link("高德地图", "https://m.cn/?n=%E7%94%B2%E7%BD%91%E7%82%B9"), Link("官方名单", "https://example.cn/"))
    spots = (Spot("甲网点", 1.2, 43.8, 87.6), Spot("乙网点", 3.0, 43.8, 87.6))
    assert shown(Reply(told, places=spots)) == [told]
    assert shown(Reply(told, places=spots, links=links)) == [
        f"{told}\n\n① 甲网点\n高德地图 https://m.cn/?n=%E7%94%B2%E7%BD%91%E7%82%B9\n\n官方名单 https://example.cn/"
    ]
    alone = Reply("甲网点\n地址：……", places=(Spot("甲网点", None, 43.8, 87.6),), links=links[:1])
    assert shown(alone) == ["甲网点\n地址：……\n\n高德地图 https://m.cn/?n=%E7%94%B2%E7%BD%91%E7%82%B9"]
    elsewhere = Reply("甲网点", places=(Spot("甲网点", 1.2, 43.8, 87.6),))
    assert shown(elsewhere) == ["甲网点\n\n① 甲网点，1.2公里"]


def test_many_places_go_on_after_the_circled_numbers() -> None:
    lines = shown(Reply("", places=tuple(Spot(f"点{n}", 1.25, 0, 0) for n in range(21))))[0].splitlines()
    assert lines[19:] == ["⑳ 点19，1.2公里", "(21) 点20，1.2公里"]


def test_what_a_channel_says_of_locations_and_files() -> None:
    file = File("会议.ics", "text/calendar", "/tmp/会议.ics", "token")
    response = Response(Outcome.FLOW, (Reply("您在哪里？", asks_location=True), Reply("", file=file)))
    assert render(response) == ["您在哪里？", "文件：会议.ics\n/tmp/会议.ics"]
    elsewhere = render(response, location="点“+”。", file=lambda f: f"没有{f.name}")
    assert elsewhere == ["您在哪里？\n\n点“+”。", "没有会议.ics"]


def test_nothing_to_say_is_nothing() -> None:
    assert shown() == []
    assert shown(Reply("")) == []


# -- pages -------------------------------------------------------------------------------------------------


def test_a_text_that_fits_is_one_page() -> None:
    assert cut("", 64) == [""]
    assert cut("字" * 30, 90) == ["字" * 30]
    assert len(cut("字" * 31, 90)) == 2


def test_pages_end_at_paragraphs_then_lines_then_sentences() -> None:
    room = "。" * 30  # 90 bytes
    assert cut("甲" * 20 + "\n\n" + "乙" * 5 + "\n" + room, 130)[0] == "甲" * 20 + "\n\n" + READ_ON
    assert cut("甲" * 20 + "\n" + "乙" * 5 + room, 130)[0] == "甲" * 20 + "\n" + READ_ON
    assert cut("甲" * 20 + "。”" + "乙" * 50, 130)[0] == "甲" * 20 + "。”" + READ_ON
    assert cut("甲" * 20 + "，" + "乙" * 50, 130)[0] == "甲" * 20 + "，" + READ_ON


def test_a_break_near_the_top_does_not_leave_a_page_empty() -> None:
    assert cut("一。\n\n" + "字" * 25 + "。" + "字" * 40, 130)[0] == "一。\n\n" + "字" * 25 + "。" + READ_ON


def test_figures_are_not_parted_at_their_comma() -> None:
    text = "一" * 20 + "，" + "二" * 8 + "1,000,000元" + "三" * 40
    assert cut(text, 130)[0] == "一" * 20 + "，" + READ_ON


def test_an_address_goes_to_the_next_page_whole() -> None:
    url = "https://example.cn/a,b;c?d=!e" + "f" * 40
    assert cut("见" * 20 + url + "查" * 20, 140) == ["见" * 20 + READ_ON, url + "查" * 20]
    assert cut("见" * 9 + "，" + url + "。" + "查" * 60, 140)[0] == "见" * 9 + "，" + url + "。" + READ_ON


def test_an_emoji_of_several_characters_is_not_parted() -> None:
    family = "👨‍👩‍👧‍👦"
    assert cut("a" * 90 + family + "b" * 80, 130)[0] == "a" * 90 + READ_ON
    assert cut("a" * 92 + "🇨🇳" + "b" * 80, 131)[0] == "a" * 92 + READ_ON
    assert cut("a" * 95 + "👍🏽" + "b" * 80, 135)[0] == "a" * 95 + READ_ON


def test_a_page_that_holds_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="too small"):
        cut("字", SMALLEST_PAGE - 1)


_PIECES = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        ["\n", "\n\n", "。", "，", "；", "！”", "3,500元", "https://example.cn/a?b=1,2;c", "👨‍👩‍👧", "🇨🇳", "𠮷"]
    ),
    st.text("字句、a ", min_size=20, max_size=60),
    st.integers(1, 90).map(lambda n: f'<a href="http://x.cn/{"y" * n}?b">去 看</a>'),
    st.integers(1, 80).map(lambda n: "http://x.cn/" + "y" * n),
)
_TEXTS = st.lists(_PIECES, max_size=40).map("".join)


@given(_TEXTS, st.integers(SMALLEST_PAGE, 400))
@example("\n" * 200, SMALLEST_PAGE)
@example("\u0301" * 200, SMALLEST_PAGE)
@example("\ud800" * 200, SMALLEST_PAGE)
@example(READ_ON * 9, 100)
def test_pages_fit_lose_nothing_and_keep_addresses(text: str, limit: int) -> None:
    pages = cut(text, limit)
    assert all(len(page.encode("utf-8", "surrogatepass")) <= limit for page in pages)
    assert all(page.endswith(READ_ON) for page in pages[:-1])
    parts = [page.removesuffix(READ_ON) for page in pages[:-1]] + pages[-1:]
    assert "".join(parts) == text
    assert all(parts) or parts == [""]
    ends, at = set(), 0
    for part in parts[:-1]:
        at += len(part)
        ends.add(at)
    room = limit - len(READ_ON.encode())
    for link in LINK.finditer(text):
        if len(link[0].encode("utf-8", "surrogatepass")) <= room:
            assert not ends & set(range(link.start() + 1, link.end()))
