"""What the staff of a point file in chat: changes (Art. 9), contact data, the annual report (Art. 16), renewal (Art. 8)."""

from __future__ import annotations

import re
from datetime import datetime

import pytest

from bot.app import App
from bot.registry.register import Register
from bot.staff import Role, Staff
from tests.conftest import TODAY
from tests.handlers.test_staff import hired
from tests.registry.rig import Rig
from tests.talk import Talk


@pytest.fixture
def rig(talk: Talk) -> Rig:
    """A register whose point XJP-2026-0001 was certified on 2026-11-30."""
    made = Rig(talk.app._engine)
    with made.register() as register:
        made.point(register)
    return made


@pytest.fixture
def point(talk: Talk, rig: Rig) -> Talk:
    return at(hired(talk.app, Role.POINT, "阿依", point="XJP-2026-0001"), rig.now)


def at(talk: Talk, now: datetime) -> Talk:
    talk.now = now
    return talk


def officer(app: App, rig: Rig, role: Role, **place: str) -> Talk:
    return at(hired(app, role, role.label, **place), rig.now)


def number_in(talk: Talk, prefix: str) -> str:
    found = re.search(rf"{prefix}-\d{{4}}-\d{{4}}", talk.text)
    assert found, talk.text
    return found[0]


def told(talk: Talk, rig: Rig) -> str:
    """All that was written to a person by itself."""
    with rig.engine.begin() as connection:
        from sqlalchemy import select

        from bot.database.tables import letters, people

        rows = connection.execute(
            select(letters.c.content)
            .join(people, people.c.id == letters.c.person_id)
            .where(people.c.native_id == talk.person.id)
        ).scalars()
        return str([row["text"] for row in rows])


def test_art_9_a_change_is_public_only_after_the_region_filed_it(talk: Talk, rig: Rig, point: Talk) -> None:
    office = officer(talk.app, rig, Role.PREFECTURE, prefecture="653100")
    region = officer(talk.app, rig, Role.REGION)
    point.says("变更网点联系电话").sees("新的联系电话").says("0998-76543x").sees("应写成").says("0998-7654321")
    point.presses("主要负责人").says("丁某").says("没有了").says("换届").sees(
        "0998-0000000 → 0998-7654321", "甲某 → 丁某"
    )
    number = number_in(point.says("确认").comes_to("done", "change_filing"), "XJBG")
    point.says("变更报备").says("联系电话").says("0998-1111111").says("没有了").says("再改").says("确认").sees(
        "还在办理"
    )
    talk.says("网点详情 XJP-2026-0001").sees("0998-0000000")
    region.says(f"案件 {number} 备案").says("无").comes_to("decline", "staff").sees("待地州局审核")
    office.says("待办").presses(number).sees("0998-0000000 → 0998-7654321", "换届").presses("审核转报").says("无")
    talk.says("网点详情 XJP-2026-0001").sees("0998-0000000")
    region.says("待办").presses(number).presses("备案").says("无").comes_to("done", "staff").sees("已备案")
    talk.says("网点详情 XJP-2026-0001").sees("0998-7654321")
    assert "备案" in told(point, rig)
    region.says("案件 XJP-2026-0001").sees("备案：变更 XJBG-2026-0001：换届")


def test_a_change_that_is_returned_is_corrected(talk: Talk, rig: Rig, point: Talk) -> None:
    office = officer(talk.app, rig, Role.PREFECTURE, prefecture="653100")
    number = number_in(
        point.says("变更报备").says("网址").says("https://example.cn").says("没有了").says("新站").says("确认"), "XJBG"
    )
    office.says(f"案件 {number} 退回补正").says("网址打不开").comes_to("done", "staff")
    assert "网址打不开" in told(point, rig)
    point.says("待办").presses(number).presses("补正").says("https://example.org").says("没有了").sees("重新报送")
    office.says(f"案件 {number}").sees("https://example.org")


def test_contact_data_are_confirmed(talk: Talk, rig: Rig, point: Talk) -> None:
    point.later(days=100).says("核对联系方式").sees("0998-0000000").presses("没有变化").comes_to(
        "done", "change_filing"
    )
    talk.now = point.now
    talk.says("网点详情 XJP-2026-0001").sees("核对于 2027-03-10")


def test_art_16_the_annual_report_is_prefilled_and_goes_through_two_offices(talk: Talk, rig: Rig, point: Talk) -> None:
    office = officer(talk.app, rig, Role.PREFECTURE, prefecture="653100")
    region = officer(talk.app, rig, Role.REGION)

    def serve(register: Register) -> None:
        for _ in range(3):
            register.rendered.count("XJP-2026-0001", "consultation", "patent-fee", rig.today)
        register.rendered.count("XJP-2026-0001", "training", "", rig.today, 2)

    with rig.register() as register:
        serve(register)
    for person in (point, office, region):
        person.now = datetime.fromisoformat("2026-12-20T12:00:00+08:00")
    point.says("年度总结").sees("2026年度", "2027-01-11", "答复咨询 3", "培训活动 2").presses("培训参加人次").says("80")
    point.sees("培训参加人次 80").says("数字没问题").says("咨询和培训").says("多办讲座")
    number = number_in(point.says("确认报送").comes_to("done", "annual_report"), "XJNB")
    point.says("年度总结").sees("已经报送")
    office.says("待办").presses(number).sees("培训参加人次 80", "多办讲座").presses("退回补正").says("请写明成效")
    point.says("待办").presses(number).presses("补正").says("数字没问题").says("成效明显").says("多办讲座").says(
        "确认报送"
    )
    office.says(f"案件 {number} 审核转报").says("无")
    region.says(f"案件 {number} 备案").says("无").comes_to("done", "staff").sees("已接收")


def test_art_16_who_files_late_is_on_the_list(talk: Talk, rig: Rig, point: Talk) -> None:
    office = officer(talk.app, rig, Role.PREFECTURE, prefecture="653100")
    hotan = officer(talk.app, rig, Role.PREFECTURE, prefecture="653200")
    for person, day in ((office, "11"), (hotan, "12")):
        person.now = datetime.fromisoformat(f"2027-01-{day}T12:00:00+08:00")
    office.says("逾期名单").sees("2027-01-11", "没有逾期")
    office.later(days=1).says("逾期名单").sees("有 1 个", "XJP-2026-0001")
    hotan.says("逾期名单").sees("都报了")
    point.now = office.now
    point.says("年度总结").says("数字没问题").says("做了").says("要做").says("确认报送").sees("逾期报送")
    office.says("逾期名单").sees("都报了")


def test_art_8_a_renewal_asks_only_what_is_new(talk: Talk, rig: Rig, point: Talk) -> None:
    region = officer(talk.app, rig, Role.REGION)
    region.now = point.now = datetime.fromisoformat("2029-10-01T12:00:00+08:00")
    region.says("发布申报通知").says("2029-10-01").says("2029-11-15").says("不再送专家评审").says("无")
    point.says("网点续期").sees("有效期到 2029-11-29").says("是").says("4").says("2").says("有").says("是").says("有")
    point.says("三年服务500次").sees("其他内容有变化吗").says("主要负责人").says("丁某").says("没有了").sees(
        "丁某", "示例情报所1"
    )
    number = number_in(point.presses("确认提交").comes_to("done", "renew"), "XJWD")
    office = officer(talk.app, rig, Role.PREFECTURE, prefecture="653100")
    second = officer(talk.app, rig, Role.REGION)
    for person in (office, second):
        person.now = point.now
    office.says(f"案件 {number} 推荐").says("续期符合条件")
    region.says(f"案件 {number} 送专家评审").comes_to("clarify", "staff")
    region.says(f"案件 {number} 开始公示").says("2029-10-20").comes_to("done", "staff")
    for person in (region, second):
        person.now = datetime.fromisoformat("2029-10-22T12:00:00+08:00")
        person.says("批量认定").says("全部认定")
    talk.now = second.now
    talk.says("网点详情 XJP-2026-0001").sees("认定有效期至 2032-11-29")


def test_who_belongs_to_no_point_is_told_who_may(talk: Talk) -> None:
    for words, entry in (("网点续期", "第八条"), ("变更报备", "第九条"), ("年度总结", "第十六条")):
        talk.says(words).comes_to("decline").sees("网点的工作人员").cites(f"网点管理办法 {entry}")
    with talk.app._engine.begin() as connection:
        assert not Staff(connection).serving()
    assert talk.now > TODAY
