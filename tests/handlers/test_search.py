"""Guided search in a conversation: what a sentence said is not asked, numbers are verified, links are filled in."""

from __future__ import annotations

from datetime import date
from urllib.parse import unquote

import pytest
from sqlalchemy import Engine

from bot.app import App, Shelf
from bot.handlers import ROUTES
from bot.handlers.search import MENU, without_years
from bot.messages import PRESS_BYTES
from tests.conftest import TODAY
from tests.talk import Talk


def links(talk: Talk) -> dict[str, str]:
    return {link.label: unquote(link.url) for reply in talk.response.replies for link in reply.links}


# -- patents --------------------------------------------------------------------------------------------------------


def test_a_number_is_verified_and_what_it_tells_is_said(talk: Talk) -> None:
    talk.says("查专利 ZL201320662370.2").comes_to("answer", "patent_search")
    talk.sees("校验位是对的", "2013 年", "实用新型", "粘贴：2013206623702", "粘贴：CN201320662370")
    assert len(links(talk)) == 3


def test_a_wrong_check_digit_says_which_was_expected_and_opens_nothing(talk: Talk) -> None:
    talk.says("ZL202320456789.9 这个专利查一哈").comes_to("clarify", "patent_search")
    talk.sees("应是 6", "不猜")
    assert links(talk) == {}
    assert talk.response.slots["check_digit_ok"] is False


def test_a_publication_number_opens_its_document(talk: Talk) -> None:
    talk.says("CN107196804B 这篇专利给我找出来").comes_to("answer", "patent_search")
    talk.sees("发明专利授权公告", "已填好")
    assert links(talk)["中国专利公布公告"] == "http://epub.cnipa.gov.cn/patent/CN107196804B"
    assert links(talk)["Espacenet"].endswith("q=pn=CN107196804B")


def test_an_idea_becomes_a_query_with_synonyms_and_a_class(talk: Talk) -> None:
    talk.says("检索 核桃破壳 专利").comes_to("answer", "patent_search")
    talk.sees("核桃（或 胡桃）", "A23N", "以官方分类表为准", "粘贴：核桃 破壳")
    assert "FP:((核桃 OR 胡桃) AND (破壳 OR 去壳" in links(talk)["PATENTSCOPE"]
    assert "walnut" in links(talk)["Espacenet"]


def test_an_applicant_and_years_are_taken_from_the_sentence(talk: Talk) -> None:
    talk.says("石河子大学近五年的专利查一下").comes_to("answer", "patent_search")
    talk.sees("按申请人“石河子大学”", "2021 年到 2026 年")
    assert 'PA:("石河子大学") AND DP:[01.01.2021 TO 22.11.2026]' in links(talk)["PATENTSCOPE"]


def test_an_inventor_and_a_class(talk: Talk) -> None:
    talk.says("发明人买买提·吐尔逊的专利查一查").sees("按发明人“买买提·吐尔逊”")
    assert 'in="买买提·吐尔逊"' in links(talk)["Espacenet"]
    talk.says("IPC A01D46 的专利").sees("分类号 A01D46")
    assert "IC:(A01D46)" in links(talk)["PATENTSCOPE"]


def test_designs_are_searched_in_design_databases(talk: Talk) -> None:
    talk.says("专利查询 地毯外观").sees("洛迦诺分类可参考 06-11", "DesignView", "全球外观设计数据库")


def test_a_design_is_told_by_the_sentence(talk: Talk) -> None:
    talk.says("查一下地毯的外观设计专利").comes_to("answer", "patent_search")
    talk.sees("洛迦诺", "DesignView", "粘贴：carpet")
    assert "design" not in talk.response.slots


def test_digits_that_are_no_number_are_no_keyword(talk: Talk) -> None:
    talk.says("查专利 20231012345").comes_to("clarify", "patent_search").sees("11 位", "13 位")
    talk.says("查专利 13812345678").comes_to("clarify").sees("电话")


def test_the_question_is_asked_once_and_any_answer_is_understood(talk: Talk) -> None:
    talk.says("专利查询").comes_to("flow", "patent_search", "patent_search")
    talk.says("特变电工股份有限公司").comes_to("done", "patent_search").sees("按申请人“特变电工股份有限公司”")
    talk.says("专利查询").says("葡萄晾房通风").comes_to("done", "patent_search").sees("葡萄")
    talk.says("专利查询").says("PCT/CN2021/123456").comes_to("done", "patent_search").sees("国际申请")
    talk.says("专利查询").says("WO2019085779").sees("PATENTSCOPE")
    assert links(talk)["PATENTSCOPE"].endswith("docId=WO2019085779")


def test_a_chosen_kind_is_asked_for(talk: Talk) -> None:
    talk.says("专利查询").presses("查某个发明人的").comes_to("flow", "patent_search", "patent_search")
    talk.says("上一步").sees("要查哪件专利").presses("有号码").says("202310123456.6").comes_to("done").sees("发明")


def test_bad_input_gets_a_kind_precise_question_back(talk: Talk) -> None:
    talk.says("专利查询").says("13812345678").comes_to("flow", None, "patent_search").sees("电话")
    talk.says("65010219900101" + "1234").comes_to("flow", None, "patent_search")
    talk.says("核" * 5000).comes_to("clarify", None, "patent_search").sees("太长了")
    talk.says("用来给核桃和红枣烘干再分选的一套东西，" * 8).comes_to("flow", None, "patent_search").sees(
        "不超过 120 个字"
    )
    talk.says("。。。").comes_to("flow", None, "patent_search")
    talk.says("取消").comes_to("done", "cancel").sees("已取消“专利查询”")


def test_a_question_in_between_is_answered_and_the_search_goes_on(talk: Talk) -> None:
    talk.says("专利查询").says("发明专利保护多少年").comes_to("answer", "consult", "patent_search").sees("20年")
    talk.says("附近网点").comes_to("flow", "nearest_point", "nearest_point")
    talk.says("专利查询").says("核桃").comes_to("done", "patent_search", "nearest_point").sees("您在哪里")


def test_another_search_in_between_is_another_search(talk: Talk) -> None:
    talk.says("专利查询").says("查一下“丝路驿站”注册没").comes_to("answer", "trademark_search", "patent_search")
    talk.sees("丝路驿站", "要查哪件专利")


def test_nothing_typed_becomes_an_operator(talk: Talk) -> None:
    talk.says('专利查询 核桃") OR (FP:*').comes_to("answer", "patent_search")
    assert links(talk)["PATENTSCOPE"].count('"') % 2 == 0
    assert "*" not in links(talk)["PATENTSCOPE"]


def test_how_to_read_the_result_cites_what_it_rests_on(talk: Talk) -> None:
    talk.says("ZL201821556677.3 法律状态").presses("怎么看结果").comes_to("answer")
    talk.sees("年费", "20年", "10年", "15年", "接下来").cites("专利法 第四十二条", "专利法 第四十四条")


def test_an_unknown_guide_shows_the_menu(talk: Talk) -> None:
    talk.says("看结果 nothing").comes_to("clarify").sees("想查什么")


# -- trademarks -----------------------------------------------------------------------------------------------------


def test_a_mark_with_its_class(talk: Talk) -> None:
    talk.says("31类 雪域红枣 近似查询").comes_to("answer", "trademark_search").sees(
        "第 31 类", "商标近似查询"
    ).sees_not("还没定类别")
    assert links(talk)["TMview"].endswith("basicSearch=雪域红枣")
    assert '"value":"雪域红枣"' in links(talk)["全球品牌数据库"]


def test_a_class_that_there_is_not(talk: Talk) -> None:
    talk.says("商标查询").says("58类 雪域红枣").comes_to("done", "trademark_search").sees("雪域红枣")
    talk.sees_not("第 58 类）")


def test_a_registration_number_and_an_owner(talk: Talk) -> None:
    talk.says("商标号 30445566 查状态").sees("30445566", "没有校验位")
    talk.says("商标查询").says("G1234567").sees("Madrid Monitor", "粘贴：1234567")
    talk.says("伊力特名下有哪些商标").sees("按注册人“伊力特”")
    talk.says("商标查询").says("新疆某某果业有限公司").sees("按注册人")


def test_a_number_that_is_no_trademark(talk: Talk) -> None:
    talk.says("商标查询").says("ZL201320662370.2").comes_to("answer", "number_check", "trademark_search")
    talk.sees("专利", "要查哪个商标")
    talk.says("有注册号").says("不知道号").sees("5 到 8 位")


def test_the_new_law_is_cited_from_its_first_day(talk: Talk) -> None:
    talk.says("看结果 mark-name").cites("商标法 第三十条")
    talk.later(days=60).says("看结果 mark-name").cites("商标法(2026修订) 第二十条")
    assert "商标法 第三十条" not in talk.cited


# -- geographical indications ---------------------------------------------------------------------------------------


def test_a_product_is_told_with_its_announcement(talk: Talk) -> None:
    talk.says("轮台白杏地标查询").comes_to("answer", "gi_search")
    talk.sees("轮台白杏：地理标志产品", "原质检总局2010年第135号公告", "哈尔巴克乡", "以官网为准")
    talk.cites("地理标志产品保护办法 第二十条")


def test_a_place_is_told_with_its_products(talk: Talk) -> None:
    talk.says("巴州有哪些地标").comes_to("answer", "gi_search").sees("若羌红枣", "尉犁甜瓜", "可能不全")
    talk.presses("若羌红枣").sees("2010年第133号", "产地")
    talk.says("地理标志查询 叶城县").sees("叶城核桃")


def test_a_kind_of_product_gives_all_of_them(talk: Talk) -> None:
    talk.says("地理标志查询 苹果").sees("阿克苏苹果", "特克斯苹果")


def test_all_of_xinjiang_goes_by_prefecture(talk: Talk) -> None:
    talk.says("新疆有哪些地理标志").comes_to("answer", "gi_search")
    talk.presses("塔城地区（4 个）").sees("塔城巴什拜羊", "裕民无刺红花")


def test_what_is_not_in_the_table_is_said_so_and_names_alike_are_offered(talk: Talk) -> None:
    talk.says("地理标志查询 阿克苏平果").sees("没有查到“阿克苏平果”", "在官网再查").presses("阿克苏苹果").sees("第70号")


def test_a_product_in_two_lists_is_told_with_both(talk: Talk) -> None:
    talk.says("地理标志查询 精河枸杞").sees("国家知识产权局第625号公告", "中欧地理标志协定", "Jinghe Goji Berry")


def test_the_question_takes_a_product_or_a_place(talk: Talk) -> None:
    talk.says("地标查询").comes_to("flow", "gi_search", "gi_search").says("和田").comes_to("done").sees("和田地毯")
    talk.says("地标查询").presses("查地方").says("外星").comes_to("flow", None, "gi_search").sees("没认出这个地名")


# -- works, abroad, judgments ---------------------------------------------------------------------------------------


def test_software_and_works(talk: Talk) -> None:
    talk.says("软著登字第10223344号 是真的吗 查一下").comes_to("answer", "copyright_search").sees("中国版权保护中心")
    talk.says("版权查询").says("2014SR001852").comes_to("done").sees("软件著作权登记号")
    talk.says("版权查询").says("2099SR001852").comes_to("clarify").sees("年份").presses("重新查")
    talk.presses("查作品名称").says("丝路花雨手绘").sees("作品登记信息公示")


def test_abroad(talk: Talk) -> None:
    talk.says("海外查询").presses("商标").says("丝路驿站").comes_to("done", "other_search").sees("Madrid Monitor")
    talk.says("查一下美国商标 SILKROAD").sees("USPTO", "粘贴：SILKROAD")
    talk.says("海外查询").presses("专利").says("EP1000001A1").sees("Espacenet")
    assert links(talk)["Espacenet"].endswith("q=pn=EP1000001A1")
    talk.says("海外查询").presses("专利").says("核桃破壳")
    assert "walnut" in links(talk)["The Lens"]
    talk.says("海外查询").presses("外观设计").presses("直接打开").sees("DesignView")


def test_judgments_penalties_customs(talk: Talk) -> None:
    talk.says("裁判文书里商标侵权的案子咋搜").comes_to("answer", "other_search").sees("粘贴：商标侵权", "裁判文书网")
    talk.says("维权查询").presses("行政处罚").says("新疆某某有限公司").comes_to("done").sees("行政处罚信息")
    talk.says("维权查询").presses("海关备案").presses("直接打开").comes_to("done").sees("海关")
    talk.says("维权查询").says("别的").sees("要查哪一种").says("植物新品种").says("新陆早").sees("植物新品种保护网")


# -- the points' own databases ------------------------------------------------------------------------------------------


def test_the_directory_of_the_points(talk: Talk) -> None:
    talk.says("网点数据库").comes_to("answer", "other_search").sees("示例：核桃加工专利专题库", "不是真实的数据库")
    talk.says("网点有什么数据库").sees("示例：滴灌")
    talk.says("网点数据库 棉花").sees("滴灌与节水").sees_not("核桃加工")
    talk.says("网点数据库 钢琴").sees("没有查到和“钢琴”有关的")


def test_a_database_is_shown_with_its_point_only(sqlite: Engine, shelf: Shelf) -> None:
    """Without the sample points their sample databases are not shown."""
    Talk(App(sqlite, shelf), TODAY).says("网点数据库").comes_to("decline", "other_search").sees("还没有网点登记")


# -- menu, answers, years -----------------------------------------------------------------------------------------------


def test_every_kind_of_search_is_in_the_menu(talk: Talk) -> None:
    talk.says("菜单").presses("查专利、商标、地理标志").comes_to("clarify", "menu")
    commands = {command for route in ROUTES for command in route.commands}
    for command, label in MENU:
        assert command in commands
        assert label in talk.labels


def test_an_answer_leads_to_the_search(talk: Talk) -> None:
    talk.says("#svc-patent-search").presses("专利查询").comes_to("flow", "patent_search", "patent_search")


def test_services_under_answers_are_commands(shelf: Shelf) -> None:
    commands = {command for route in ROUTES for command in route.commands}
    offered = {command for entry in shelf.library.content.entries.values() for command in entry.offers}
    assert offered
    assert offered <= commands


def test_every_button_can_be_pressed(talk: Talk) -> None:
    for sentence in (
        "新疆有哪些地理标志",
        "兵团有什么地理标志 地理标志查询",
        "地理标志查询 苹果",
        "查询",
        "检索 核桃 专利",
    ):
        talk.says(sentence)
        for reply in talk.response.replies:
            assert all(len(option.say.encode()) <= PRESS_BYTES for option in reply.options)


@pytest.mark.parametrize(
    ("said", "rest", "since", "until"),
    [
        ("2020年到2023年的核桃专利", "核桃专利", "2020-01-01", "2023-12-31"),
        ("2020-2023 核桃", "核桃", "2020-01-01", "2023-12-31"),
        ("近三年核桃", "核桃", "2023-01-01", "2026-11-22"),
        ("2022年以来的核桃", "核桃", "2022-01-01", "2026-11-22"),
        ("2000年以前核桃", "核桃", "1985-01-01", "1999-12-31"),
        ("2021年核桃", "核桃", "2021-01-01", "2021-12-31"),
        ("2026年核桃", "核桃", "2026-01-01", "2026-11-22"),
        ("核桃", "核桃", None, None),
        ("2099年核桃", "2099年核桃", None, None),
        ("2023年到2020年", "2023年到2020年", None, None),
        ("ZL202310123456.6", "ZL202310123456.6", None, None),
    ],
)
def test_years(said: str, rest: str, since: str | None, until: str | None) -> None:
    words, years = without_years(said, date(2026, 11, 22))
    assert words.strip() == rest
    assert years == ({"since": since, "until": until} if since else {})


def test_a_bare_follow_up_is_no_search(talk: Talk) -> None:
    talk.says("商标有效期几年").says("到期了怎么办").comes_to("answer", "consult")
