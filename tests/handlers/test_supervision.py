"""What officers see and do region-wide: coverage, the shortlist, a point's case, batches, the call."""

from __future__ import annotations

import pytest

from bot.staff import Role
from tests.handlers.test_filings import at
from tests.handlers.test_staff import hired
from tests.registry.rig import Rig
from tests.talk import Talk


@pytest.fixture
def rig(talk: Talk) -> Rig:
    made = Rig(talk.app._engine)
    with made.register() as register:
        made.point(register)
    return made


def test_art_3_places_without_a_point(talk: Talk) -> None:
    talk.says("网点分布").comes_to("answer", "point_info").sees("还没有有效网点", "吐鲁番市", "乌鲁木齐市 3 个")
    talk.sees_not("喀什地区、")


def test_art_18_the_shortlist_counts_services(talk: Talk, rig: Rig) -> None:
    region = at(hired(talk.app, Role.REGION), rig.now)
    region.says("推荐名单").sees("还没有记录")
    with rig.register() as register:
        register.rendered.count("XJP-2026-0001", "consultation", "patent-fee", rig.today, 7)
        register.rendered.count("XJP-2026-0001", "good", "", rig.today, 3)
    region.says("推荐名单").sees("XJP-2026-0001", "7 次服务", "第十八条")
    talk.says("推荐名单").comes_to("decline", "staff")


def test_art_16_17_18_a_point_is_opened_and_decided_on(talk: Talk, rig: Rig) -> None:
    region, second = (at(hired(talk.app, Role.REGION, name), rig.now) for name in ("甲", "乙"))
    office = at(hired(talk.app, Role.PREFECTURE, "丙", prefecture="653100"), rig.now)
    office.says("案件 XJP-2026-0001").sees("有效期 2026-11-30 至 2029-11-29").presses("责令整改").says("长期不开门")
    office.comes_to("done", "staff").sees("整改中", "第十六条")
    region.says("案件 XJP-2026-0001 撤销资格").says("仍不符合").comes_to("decline", "staff").sees("2027-05-31")
    region.says("案件 XJP-2026-0001 终止").presses("从事违法违规活动").says("查实").sees("另一位确认")
    second.says("案件 XJP-2026-0001").sees("有人提出“终止”").presses("终止").says("从事违法违规活动").says("同意")
    second.comes_to("done", "staff").sees("已终止", "第十七条")
    talk.now = rig.now
    talk.says("网点详情 XJP-2026-0001").sees("没有找到")


def test_the_public_sees_the_call_and_cannot_make_one(talk: Talk) -> None:
    talk.says("申报通知").comes_to("answer", "apply").sees("还没有录入").cites("网点管理办法 第八条")
    for words in ("发布申报通知", "批量认定", "发布名单"):
        talk.says(words).comes_to("decline", "staff")
    region = hired(talk.app, Role.REGION)
    region.says("发布申报通知").says("2027-03-01").says("2027-02-01").says("和新申报一样").says("无").sees("早于")
    region.says("发布申报通知").says("2027-03-01").says("2027-04-01").says("和新申报一样").says("https://example.cn/x")
    talk.says("申报通知").sees("2027-03-01 至 2027-04-01", "https://example.cn/x", "才开始")


def test_words_that_look_like_a_case_are_still_questions(talk: Talk) -> None:
    talk.says("案件 专利侵权去哪里投诉").comes_to(talk.response.outcome, "staff")
    assert talk.text
    region = hired(talk.app, Role.REGION)
    region.says("案件 XJWD-2026-0999").comes_to("clarify", "staff").sees("没有这个编号")
    region.says("案件 SAMPLE-653101 飞起来").comes_to("clarify", "staff").sees("没有“飞起来”")


def test_an_empty_list_says_so(talk: Talk) -> None:
    talk.says("网点名单").comes_to("answer", "point_info").sees("示例网点")
    talk.person = type(talk.person)("web", "test", "x")
    talk.app.shelf = type(talk.app.shelf)(
        **{f: getattr(talk.app.shelf, f) for f in talk.app.shelf.__slots__} | {"sample_channels": frozenset()}
    )
    talk.says("网点名单").sees("尚未录入")
