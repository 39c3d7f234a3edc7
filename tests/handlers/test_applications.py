"""Applying in chat (Art. 5–8): eligibility, the guided application, its review, status, correction, certification."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from bot.app import App
from bot.messages import Message, Text
from bot.staff import Role
from tests.conftest import TODAY
from tests.handlers.test_staff import hired
from tests.registry.rig import credit_code
from tests.talk import Talk

KASHGAR = "653100"
ANSWERS = (
    "喀什示例情报所",
    credit_code(1),
    "科技情报机构",
    "喀什市",
    "示例路1号",
    "跳过",
    "甲某",
    "乙某",
    "0998-1234567",
    "是",
    "3",
    "2",
    "有",
    "咨询、检索、培训、地理标志",
    "是",
    "有",
    "全年咨询120次，培训6场300人次",
    "以后再交",
    "以后再交",
    "以后再交",
)


@pytest.fixture
def app(talk: Talk) -> App:
    return talk.app


def opened(app: App) -> Talk:
    """A region officer who has opened this year's call."""
    region = hired(app, Role.REGION, "区一")
    region.says("发布申报通知").says("2026-11-01").says("2026-12-31").says("和新申报一样").says("无")
    return region.comes_to("done", "staff").sees("2026年申报 2026-11-01 至 2026-12-31")


def filled(talk: Talk) -> Talk:
    talk.says("申报网点").comes_to("flow", "apply", "apply")
    for answer in ANSWERS:
        talk.says(answer)
    return talk.comes_to("flow", "apply", "apply").sees("请核对", "喀什示例情报所", "第六条")


def number_in(talk: Talk) -> str:
    found = re.search(r"XJWD-\d{4}-\d{4}", talk.text)
    assert found, talk.text
    return found[0]


def test_art_5_eligibility_names_each_unmet_condition_and_its_clause(talk: Talk) -> None:
    talk.says("资格自查").comes_to("flow", "eligibility", "eligibility").says("都不是").says("高校").says("是").says(
        "是"
    )
    talk.says("2").says("0").says("没有").says("能").says("是").says("不全").comes_to("done", "eligibility")
    talk.sees("还有 4 项", "专职人员 2 名", "第五条第（二）项", "第五条第（三）项", "第五条第（四）项", "自治区局认定")
    talk.cites("网点管理办法 第五条")


def test_art_5_what_the_sentence_told_is_not_asked_again(talk: Talk) -> None:
    talk.says("我们是高校 有4个专职的 能报网点不 测一测").comes_to("flow", "eligibility", "eligibility").says("都不是")
    talk.sees("注册或登记").says("是").says("是").sees("兼职").says("1").says("有").says("能").says("是").says("有")
    talk.sees("各项条件都符合")


def test_art_18_bodies_in_the_system_need_not_apply(talk: Talk) -> None:
    talk.says("资格自查").presses("技术与创新支持中心（TISC）").comes_to("done", "eligibility").sees(
        "不用申报", "第十八条"
    )


def test_art_2_other_institutions_are_left_to_the_officers(talk: Talk) -> None:
    talk.says("资格自查").says("都不是").says("相关服务机构")
    for answer in ("是", "是", "3", "1", "有", "能", "是", "有"):
        talk.says(answer)
    talk.sees("由主管部门认定", "第二条、第五条第（一）项")


def test_art_6_an_application_is_saved_after_each_answer_and_goes_on_another_day(talk: Talk) -> None:
    talk.says("申报网点").says("喀什示例情报所").says("123").sees("18 位").says(credit_code(1)[:-1] + "I").sees(
        "统一社会信用代码"
    )
    wrong = credit_code(1)[:-1] + ("0" if credit_code(1)[-1] != "0" else "1")
    talk.says(wrong).sees("校验码对不上").says(credit_code(1)).sees("哪一类")
    talk.says("发明专利保护多少年").sees("20年", "哪一类")
    talk.says("取消").comes_to("done", "cancel").sees("填好的 2 项都存着")
    talk.later(days=20).says("申报网点").sees("已填 2 项", "哪一类")
    talk.says("从头填").sees("单位全称是什么")


def test_art_8_nothing_is_submitted_before_the_call_and_nothing_is_lost(talk: Talk, app: App) -> None:
    filled(talk).presses("确认提交").comes_to("flow", "apply", "apply").sees("通知还没有发布", "都存着")
    opened(app)
    talk.presses("确认提交").comes_to("done", "apply").sees("申报编号 XJWD-2026-0001", "查询密码")


def test_art_7_the_whole_way_to_the_list(talk: Talk, app: App) -> None:
    region, second = opened(app), hired(app, Role.REGION, "区二")
    office = hired(app, Role.PREFECTURE, "李雷", prefecture=KASHGAR)
    hotan = hired(app, Role.PREFECTURE, "和田人", prefecture="653200")
    number = number_in(filled(talk).presses("确认提交").sees("喀什地区的地州局初审"))
    talk.says("进度").sees("第 2 步，共 6 步", "喀什地区的地州局", "没有规定每一步多少天").cites("网点管理办法 第七条")
    hotan.says("待办").sees("没有等您办理").says(f"案件 {number}").comes_to("decline", "staff").sees("辖区")
    office.says("待办").sees(number).presses(number).sees("校验码正确", "不在三年限制期", "0998-1234567")
    office.presses("退回补正").presses("服务场所地址").says("请写到门牌号").presses("兼职人员数").says(
        "和附表不一致"
    ).says("写完了")
    office.comes_to("done", "staff").sees("退回补正（地州局）")
    talk.says("进度").sees("请写到门牌号", "和附表不一致").presses("现在补正").sees("要补正", "门牌号").says(
        "示例路8号院2栋"
    )
    talk.sees("兼职").says("4").sees("示例路8号院2栋").says("确认提交").comes_to("done", "apply").sees("待地州局初审")
    office.says(f"案件 {number} 推荐").says("材料齐全").comes_to("done", "staff").sees("待自治区局初审")
    office.says(f"案件 {number} 推荐").says("再来").comes_to("decline", "staff")
    region.says("待办").sees(number).says(f"案件 {number} 送专家评审").says("无").sees("专家评审")
    region.says(f"案件 {number} 开始公示").says("2026-12-10").comes_to("decline", "staff").sees("还没有专家意见")
    region.says(f"案件 {number} 记录专家意见").says("丙某").says("同意").comes_to("done", "staff")
    region.says(f"案件 {number} 开始公示").says("2026-12-10").comes_to("done", "staff")
    region.says(f"案件 {number} 登记异议").says("丁某").says("人员不实").sees("异议核实")
    region.says(f"案件 {number} 异议不成立").says("已查明属实").sees("公示")
    region.says("批量认定").sees("没有公示期满")
    region.later(days=25).says("批量认定").sees(number).presses("全部认定").sees("待另一位")
    region.says("批量认定").presses("全部认定").sees("另一位")
    second.later(days=25).says("批量认定").sees("已有人提出").presses("全部认定").sees("网点编号 XJP-2026-0001")
    second.says("发布名单").sees("喀什示例情报所", "2029-12-16").says("网点名单").sees("XJP-2026-0001")
    assert [reply.file.type.split("/")[0] for reply in second.response.replies if reply.file] == [
        "text",
        "application",
        "application",
    ]
    talk.later(days=26).says(f"进度 {number}").sees("已认定并发布名单")
    talk.says("网点详情 XJP-2026-0001").sees("示例路8号院2栋", "认定有效期至 2029-12-16")


def test_art_6_materials_are_sent_in_the_chat_and_read_by_the_jurisdiction_only(
    talk: Talk, app: App, tmp_path: Path
) -> None:
    opened(app)
    office = hired(app, Role.PREFECTURE, "李雷", prefecture=KASHGAR)
    talk.says("申报网点")
    for answer in ANSWERS[:-3]:
        talk.says(answer)
    talk.sees("申报表").says("随便说说").sees("这里要一个文件")
    content = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer<<>>\n%%EOF\n"
    path = tmp_path / "a.pdf"
    path.write_bytes(content)
    talk.sends(app.shelf.incoming.copy(path, "申报表.pdf", 10**6)).sees("近一年服务开展情况的材料")
    talk.says("取消").says("申报网点").sees("已填 18 项").says("以后再交").says("以后再交")
    number = number_in(talk.sees("申报表.pdf").presses("确认提交").comes_to("done", "apply"))
    office.says(f"案件 {number}").sees("✓ 申报表已上传", "✗ 工作制度文本没有上传").presses("看材料").sees(
        "申报表：申报表.pdf"
    )
    (file,) = [reply.file for reply in office.response.replies if reply.file]
    assert Path(file.path).read_bytes() == content
    Talk(app, TODAY).says(f"材料 {number}").comes_to("decline", "staff")


def test_status_needs_the_secret_and_wrong_guesses_look_like_unknown_numbers(talk: Talk, app: App) -> None:
    opened(app)
    filled(talk).presses("确认提交")
    number, secret = number_in(talk), re.search(r"查询密码 (\S{14})", talk.text)
    assert secret
    other = Talk(app, TODAY)
    unknown = other.says("进度 XJWD-2026-0999 AAAA-BBBB-CCCC").text
    wrong = other.says(f"进度 {number} AAAA-BBBB-CCCC").text
    assert unknown == wrong
    other.says(f"编号{number}审核到哪了").comes_to("flow", "application_status", "status").sees("查询密码")
    other.says(secret[1].lower()).comes_to("done", "application_status").sees("第 2 步")
    thief = Talk(app, TODAY)
    for _ in range(5):
        thief.says(f"进度 {number} AAAA-BBBB-CCCC")
    thief.says(f"进度 {number} {secret[1]}").comes_to("decline").sees("过一小时")
    thief.later(hours=2).says(f"进度 {number} {secret[1]}").sees("第 2 步")


def test_status_is_not_told_in_a_group(talk: Talk, app: App) -> None:
    opened(app)
    number = number_in(filled(talk).presses("确认提交"))
    response = app.turn(Message(talk.person, Text(f"进度 {number}"), "g", TODAY + timedelta(hours=1), private=False))
    assert "私聊" in response.replies[0].text


def test_art_4_a_city_without_an_office_waits_for_the_region(talk: Talk, app: App) -> None:
    region, office = opened(app), hired(app, Role.PREFECTURE, "昌吉人", prefecture="652300")
    talk.says("申报网点")
    for answer in (*ANSWERS[:3], "石河子市", *ANSWERS[4:]):
        talk.says(answer)
    number = number_in(talk.presses("确认提交").sees("由自治区局指定"))
    office.says("待办").sees("没有等您办理")
    region.says("待办").sees(number).says(f"案件 {number} 指定承办地州局").presses("昌吉回族自治州").comes_to(
        "done", "staff"
    )
    office.says("待办").sees(number)
    talk.says("进度").sees("昌吉回族自治州的地州局")


def test_withdrawing(talk: Talk, app: App) -> None:
    opened(app)
    number = number_in(filled(talk).presses("确认提交"))
    talk.says("进度").presses("撤回申报").says("无").comes_to("done", "staff").sees("已撤回")
    stranger = Talk(app, TODAY)
    stranger.says(f"案件 {number} 撤回").comes_to("decline", "staff")
    filled(talk).presses("确认提交").comes_to("done", "apply")


def test_one_institution_applies_once(talk: Talk, app: App) -> None:
    opened(app)
    filled(talk).presses("确认提交")
    filled(Talk(app, TODAY)).presses("确认提交").comes_to("flow", "apply", "apply").sees("不能重复提交")


def test_an_application_is_not_filled_in_a_group(talk: Talk) -> None:
    response = talk.app.turn(Message(talk.person, Text("申报网点"), "g", TODAY, private=False))
    assert "私聊" in response.replies[0].text
