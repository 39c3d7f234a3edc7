"""What sentences name: read once, so that it is not asked again."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any, cast

import pytest

from bot.app import Shelf
from bot.desk import Desk
from bot.handlers.slots import patent_check_digit, read_slots
from bot.handlers.slots_said import amount

TABLE: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("nearest_point", "頭屯河區网点几点开门", {"place": "頭屯河區", "region": "乌鲁木齐市头屯河区", "need": "hours"}),
    ("nearest_point", "库尔勒 网点 地址", {"place": "库尔勒", "region": "巴音郭楞蒙古自治州库尔勒市"}),
    ("nearest_point", "叶城网点电话", {"place": "叶城", "region": "喀什地区叶城县", "need": "phone"}),
    ("nearest_point", "附近有网点没", {}),
    ("point_info", "介绍一下塔里木大学网点都有啥服务", {"name": "塔里木大学", "need": "services"}),
    ("point_info", "新疆理工学院那个网点电话多少呀", {"name": "新疆理工学院", "need": "phone"}),
    ("application_status", "编号xjwd-2026-0007审核到哪了", {"subject": "service_point", "application_no": "XJWD-2026-0007"}),
    ("application_status", "商标 78901234 审得咋样了", {"subject": "trademark", "number": "78901234"}),
    ("application_status", "软著批下来没", {"subject": "copyright"}),
    ("eligibility", "月收入6000能费减不 帮我查资格", {"subject": "fee_reduction", "applicant": "individual", "monthly_income": 6000}),
    ("eligibility", "我公司应纳税所得额一百二十万 能减缴吗", {"subject": "fee_reduction", "applicant": "company", "taxable_income": 1200000}),
    ("eligibility", "高校图书馆 专职两个人 能不能申报服务网点", {"subject": "service_point", "full_time": 2}),
    ("eligibility", "我们是行业协会 有3个专职 能申报网点吗", {"subject": "service_point", "full_time": 3, "org_type": "association"}),
    ("eligibility", "优先审查资格自查", {"subject": "priority_exam"}),
    ("eligibility", "我们能用专用标志不", {"subject": "gi_mark"}),
    ("change_filing", "变更网点联系电话", {"need": "phone"}),
    ("patent_search", "查专利 CN202211445566.6", {"number": "CN202211445566.6", "check_digit_ok": True}),
    ("patent_search", "ZL 2023 2 0456789.9 还有效没", {"number": "ZL202320456789.9", "check_digit_ok": False, "need": "legal_status"}),
    ("patent_search", "公开号CN 112345678 A 看全文", {"publication_no": "CN112345678A"}),
    ("patent_search", "发明人买买提·吐尔逊的专利查一查", {"inventor": "买买提·吐尔逊"}),
    ("patent_search", "特变电工名下专利都有啥 查一下", {"applicant": "特变电工"}),
    ("patent_search", "石河子大学的专利查一下", {"applicant": "石河子大学"}),
    ("patent_search", "检索一下IPC号 A23L 19", {"ipc": "A23L19"}),
    ("patent_search", "有没有人申请过红枣去核的专利 查一下", {"keyword": "红枣去核"}),
    ("patent_search", "search 棉花打包机 patent", {"keyword": "棉花打包机"}),
    ("patent_search", "我想查专利", {}),
    ("trademark_search", "查一下“丝路驿站”注册没", {"mark": "丝路驿站"}),
    ("trademark_search", "商標查詢 帕米爾之鷹", {"mark": "帕米爾之鷹"}),
    ("trademark_search", "31类 雪域红枣 近似查询", {"mark": "雪域红枣", "nice_class": 31, "need": "similar"}),
    ("trademark_search", "查查冠农股份注册过的商标", {"owner": "冠农股份"}),
    ("trademark_search", "商标号 30445566 查状态", {"number": "30445566", "need": "status"}),
    ("trademark_search", "我想看看胡杨人家这个牌子有没有人注册", {"mark": "胡杨人家"}),
    ("gi_search", "阿克苏苹果是地标不 查一下", {"product": "阿克苏苹果"}),
    ("gi_search", "和田地毯是不是地理標誌 哪年批的", {"product": "和田地毯"}),
    ("gi_search", "塔城地区地标有哪些呀", {"region": "塔城地区", "need": "list"}),
    ("gi_search", "地标查询", {}),
    ("copyright_search", "软著登字第10223344号 是真的吗 查一下", {"number": "软著登字第10223344号", "type": "software"}),
    ("copyright_search", "國作登字-2024-F-00112233 查詢", {"number": "国作登字-2024-F-00112233"}),
    ("copyright_search", "查一下“丝路花雨手绘”这幅画登记版权没", {"keyword": "丝路花雨手绘", "type": "work"}),
    ("other_search", "查企业知识产权行政处罚记录", {"scope": "enforcement"}),
    ("other_search", "裁判文书里商标侵权的案子咋搜", {"scope": "court"}),
    ("fee_calculator", "外观专利按85%减缴 申请费加前三年年费合计多少", {"type": "外观设计"}),
    ("deadline_calculator", "2026年10月8号收到驳回通知 复审最晚哪天", {"date": "2026-10-08"}),
    ("deadline_calculator", "十月八号收到审查意见 期限到哪天", {"date": "2026-10-08"}),
    ("deadline_calculator", "商标驳回通知昨天收到 复审最晚几号", {"date": "2026-11-21"}),
    ("deadline_calculator", "上个月20号收到补正 还剩几天", {"date": "2026-10-20"}),
    ("deadline_calculator", "12月3日收到的 最晚哪天", {"date": "2025-12-03"}),
    ("nice_class", "卖馕注册哪一类", {"product": "馕"}),
    ("nice_class", "直播帶貨該註冊哪一類", {"product": "直播带货"}),
    ("number_check", "校验一下专利号 ZL202130246813.2", {"number": "ZL202130246813.2", "check_digit_ok": False}),
    ("training_list", "伊犁下周有讲座不", {"region": "伊犁哈萨克自治州", "week": "next"}),
    ("training_list", "商标品牌培训 十二月的", {"topic": "商标", "month": 12}),
    ("training_list", "下个月有培训没", {"month": 12}),
    ("unsubscribe", "取消哈密的培训订阅", {"region": "哈密市"}),
    ("feedback", "你刚才说的不对 应该是十年", {"type": "wrong_answer"}),
    ("feedback", "意见反馈", {}),
    ("industry_analysis", "有没有风电产业的知识产权分析报告", {"topic": "风电"}),
    ("industry_analysis", "产业专利分析服务", {}),
    ("delete_data", "把我的聊天记录清掉", {"scope": "chat"}),
    ("delete_data", "全删了", {"scope": "all"}),
    ("menu", "菜单", {}),
)  # fmt: skip


@pytest.fixture(scope="module")
def desk(shelf: Shelf) -> Desk:
    return cast(Desk, SimpleNamespace(intents=shelf.intents, gazetteer=shelf.gazetteer, day=date(2026, 11, 22)))


@pytest.mark.parametrize(("intent", "said", "slots"), TABLE, ids=[row[1] for row in TABLE])
def test_slots_are_read(desk: Desk, intent: str, said: str, slots: dict[str, Any]) -> None:
    assert read_slots(intent, said, desk) == slots


@pytest.mark.parametrize(
    ("said", "yuan"),
    [
        ("6000", 6000),
        ("8千", 8000),
        ("5k", 5000),
        ("一万二", 12000),
        ("80万", 800000),
        ("1.2万", 12000),
        ("没有", None),
    ],
)
def test_sums_of_money_are_read(said: str, yuan: int | None) -> None:
    assert amount(said) == yuan


def test_the_check_digit_is_that_of_the_standard() -> None:
    assert patent_check_digit("201320662370.2") == "2"  # a number that exists
    assert patent_check_digit("ZL202310123456") == "6"
    assert patent_check_digit("12345") is None
