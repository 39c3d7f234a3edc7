"""Training from writing an event to what people thought of it, and announcements, as told to people and to staff."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine

from bot.app import App, Shelf
from bot.letters import State
from bot.staff import Role, Staff
from bot.training.announcements import Announcements
from tests.conftest import TODAY
from tests.talk import Talk

ANSWERS = (
    "讲座", "专利快速预审实务", "讲预审的条件和流程，讲师示例。", "自治区市场监督管理局", "企业", "专利", "乌鲁木齐",
    "示例路1号一楼", "2026-12-03 10:00", "12:00", "开始前",
)  # fmt: skip


class Town:
    """Two officers of the region, and anybody else."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.wang, self.li = self.somebody(), self.somebody()
        for officer, name in ((self.wang, "王局"), (self.li, "李局")):
            code = app.at_once(lambda c, name=name: Staff(c).invite(Role.REGION, name, TODAY).code)  # type: ignore[misc]
            officer.says(f"绑定 {code}").sees("已绑定")

    def somebody(self) -> Talk:
        return Talk(self.app, TODAY)

    def publish(self, capacity: str = "2", told: str = "现在通知") -> None:
        """An event from its first line to its publication."""
        self.wang.says("发布培训")
        for answer in (*ANSWERS, capacity, "示例联系人", "提交"):
            self.wang.says(answer)
        self.wang.sees("已提交", "活动 1")
        self.li.receives("王局提交了活动 1").says("发布活动 1").says(told).sees("已发布活动 1")

    def run(self, work: Callable[[Connection], object]) -> object:
        return self.app.at_once(work)


@pytest.fixture
def town(sqlite: Engine, shelf: Shelf) -> Town:
    return Town(App(sqlite, shelf))


def sign_up(person: Talk, name: str = "张先生") -> Talk:
    return person.says("报名 1").says(name).says("个人")


def test_without_events_it_says_so_and_offers_to_tell(town: Town) -> None:
    town.somebody().says("下周乌鲁木齐有什么培训").comes_to("answer", "training_list").sees("没有查到乌鲁木齐市下周")
    town.somebody().says("培训").sees("没有查到近期的培训活动").presses("有新活动告诉我").sees("已订阅“全部培训和通知”")


def test_an_event_is_written_by_one_and_published_by_another(town: Town) -> None:
    town.wang.says("发布培训")
    for answer in (*ANSWERS, "30", "示例联系人"):
        town.wang.says(answer)
    town.wang.sees("2026年12月3日（周四）10:00–12:00", "名额 30 个").says("提交")
    town.somebody().says("活动 1").sees("没有这场活动")
    town.wang.says("发布活动 1").comes_to("decline").sees("由另一位确认")
    town.li.says("预览活动 1").sees("【培训通知】专利快速预审实务").presses("审核发布").sees("目前没有人订阅")
    town.li.presses("只发布不通知").sees("已发布")
    town.wang.receives("已由李局审核发布")
    town.somebody().says("活动 1").sees("示例路1号一楼", "还剩 30 个名额")
    town.li.says("发布活动 1").sees("不在待审状态")


@pytest.mark.parametrize(
    "command",
    ["发布培训", "活动管理", "发通知", "预览活动 1", "试发活动 1", "发布活动 1", "海报 1", "名单 1", "取消活动 1",
     "活动改期 1", "通知", "通知 1", "暂停通知 1", "恢复通知 1", "停止通知 1", "预览通知 1", "试发通知 1", "批准通知 1"],
)  # fmt: skip
def test_who_has_no_right_is_refused(town: Town, command: str) -> None:
    town.publish()
    town.somebody().says(command).comes_to("decline", "staff")


@pytest.mark.parametrize(
    ("given", "hint"),
    [
        ("明天", "没看懂这个时间"),
        ("2026-02-30 10:00", "没看懂这个时间"),
        ("2025-12-03 10:00", "要晚于"),
        ("2036-12-03 10:00", "太远"),
    ],
)
def test_a_time_that_cannot_be_is_asked_again(town: Town, given: str, hint: str) -> None:
    town.wang.says("发布培训")
    for answer in ANSWERS[:8]:
        town.wang.says(answer)
    town.wang.says(given).comes_to("flow", "staff", "training_publish").sees(hint)
    town.wang.says("12月3日10点").sees("什么时候结束").says("9:00").sees("要晚于").says("12点30").sees("报名到什么时候")
    town.wang.says("2026-12-04 10:00").sees("不能晚于开始")


def test_events_are_found_by_place_topic_and_time(town: Town) -> None:
    town.publish()
    for words in ("12月份有知识产权讲座没", "有没有专利培训", "乌鲁木齐有培训吗", "最近有啥培训"):
        town.somebody().says(words).comes_to("answer", "training_list").sees("专利快速预审实务")
    for words in ("喀什这边有没有培训班", "下周有培训吗", "有没有商标培训"):
        town.somebody().says(words).sees("没有查到", "其他近期活动", "专利快速预审实务")


def test_the_last_one_waits_moves_up_and_is_told(town: Town) -> None:
    town.publish(capacity="2")
    first, second, third, fourth = (town.somebody() for _ in range(4))
    sign_up(first).sees("报名成功")
    sign_up(second).sees("报名成功")
    sign_up(third).sees("候补第 1 位")
    sign_up(fourth).sees("候补第 2 位")
    first.says("报名 1").sees("已经报过")
    first.says("取消我的培训报名").presses("取消报名：专利快速预审实务").sees("已取消")
    third.receives("已从候补转为正式名额").says("我的报名").sees("您已报名")
    fourth.receives_nothing()
    second.says("删除我的数据").says("确定删除").sees("培训报名 1 条")
    fourth.receives("已从候补转为正式名额")


def test_reminders_come_the_day_and_the_hour_before_and_ask_afterwards(town: Town) -> None:
    town.publish()
    person = sign_up(town.somebody())
    person.receives_nothing().later(days=9, hours=21, minutes=57).receives_nothing()
    person.later(minutes=4).receives("明天举行").receives_nothing()
    person.later(hours=23).receives("一小时后开始")
    person.later(hours=4).receives("收获怎么样").presses("评价").says("5").says("讲得好，电话13899990000")
    person.sees("已经记下")
    town.wang.says("名单 1").sees("报名 1 人", "平均 5.0 分")


def test_who_leaves_is_not_reminded(town: Town) -> None:
    town.publish()
    person = sign_up(town.somebody())
    person.says("取消报名 1").later(days=12).receives_nothing()
    sign_up(town.somebody().later(days=1)).later(days=9).receives("明天举行")


def test_signing_in_with_the_code_of_the_place(town: Town) -> None:
    town.publish()
    person = sign_up(town.somebody())
    code = town.li.says("名单 1").text.rpartition("签到码 ")[2][:6]
    person.says(f"签到 {code}").sees("开始前一小时")
    person.later(days=11, hours=-2).says("签到 WRONG1").sees("签到码不对")
    person.says(f"签到 {code.lower()}").sees("签到成功")
    stranger = town.somebody().later(days=11, hours=-2).says(f"签到 {code}").sees("还没有报名")
    stranger.presses("报名").comes_to("decline").sees("已经截止")
    town.li.says("名单 1").sees("签到 1 人（100%）")


def test_a_move_is_told_to_everybody_and_reminders_move_along(town: Town) -> None:
    town.publish(capacity="1")
    inside, waiting = sign_up(town.somebody()), sign_up(town.somebody())
    town.li.says("活动改期 1").says("2026-12-10 15:00").says("17:00").says("不变").sees("2 位")
    for person in (inside, waiting):
        person.receives("有变动", "12月10日（周四）15:00–17:00")
    inside.later(days=12).receives_nothing()
    inside.later(days=6).receives("明天举行", "12月10日")


def test_a_call_off_is_told_with_its_reason_and_ends_the_announcement(town: Town) -> None:
    subscriber = town.somebody().says("订阅")
    town.publish()
    person = sign_up(town.somebody())
    town.li.says("取消活动 1").says("讲师临时有事").sees("已取消", "1 位")
    person.receives("取消了。原因：讲师临时有事").later(days=11).receives_nothing()
    person.says("活动 1").sees("（已取消）")
    subscriber.receives_nothing()


def test_the_poster_needs_an_address_that_the_code_can_open(town: Town) -> None:
    town.publish()
    town.wang.says("海报 1").sees("没有设置公网地址")


def test_a_calendar_file(town: Town) -> None:
    town.publish()
    person = town.somebody().says("日历 1").sees("加入日历")
    (reply,) = person.response.replies
    assert reply.file is not None
    content = Path(reply.file.path).read_text(encoding="utf-8")
    assert "DTSTART:20261203T020000Z" in content
    assert "SUMMARY:专利快速预审实务" in content


# -- subscriptions and announcements --------------------------------------------------------------------------


def test_subscribing_and_leaving_by_a_sentence(town: Town) -> None:
    person = town.somebody()
    person.says("给我推伊犁的专利培训").comes_to("answer", "subscribe").sees("伊犁哈萨克自治州的专利")
    person.says("关注一下版权方面的活动 有了告诉我").sees("著作权").says("给我推伊犁的专利培训").sees("已经订阅")
    person.says("退订商标推送").comes_to("answer", "unsubscribe").sees("没有订阅")
    person.says("退订专利").sees("已退订").says("我的订阅").sees("著作权").sees_not("专利")
    person.says("TD").sees("已全部退订").says("我的订阅").sees("您现在没有订阅")
    person.says("/stop").sees("没有任何订阅")


def test_an_announcement_reaches_subscribers_once_and_its_progress_is_told(town: Town) -> None:
    meant, elsewhere, left = (town.somebody() for _ in range(3))
    meant.says("订阅专利培训")
    elsewhere.says("订阅喀什的商标培训")
    left.says("订阅").says("退订")
    town.wang.says("发通知")
    for answer in ("公益讲座预告", "下月起每周三晚公益直播。", "专利、商标", "不限"):
        town.wang.says(answer)
    town.wang.sees("终端 现在可发 0 人，2 人要等").says("提交").sees("通知编号 1")
    town.wang.says("批准通知 1").comes_to("decline")
    town.wang.says("试发通知 1").receives("公益讲座预告")
    meant.receives_nothing()
    town.li.says("批准通知 1").sees("已批准")
    meant.receives("下月起每周三晚公益直播").receives_nothing().says("我的消息").sees("公益直播")
    elsewhere.receives("公益讲座预告")
    left.receives_nothing()
    town.li.says("通知 1").sees("已发完", "已送达 2 人", "2/2")


def test_linked_accounts_get_one_letter(town: Town) -> None:
    phone, page = town.somebody().says("订阅"), Talk(town.app, TODAY, channel="web")
    page.says("订阅")
    code = phone.says("关联").text.partition("关联 ")[2][:8]
    page.says(f"关联 {'0' * 8}").sees("不对、用过或过期")
    page.says(f"关联 {code}").sees("2 个账号")
    town.publish()
    got = 0
    for person in (phone, page):
        town.app.tell(person.person.channel, [person.person.id], TODAY + timedelta(hours=1), lambda _: None)
        got += town.run(lambda c, p=person: len(_letters(c, p)))  # type: ignore[misc]
    assert got == 1
    page.says("退订").sees("已全部退订")
    phone.says("我的订阅").sees("没有订阅")


def _letters(connection: Connection, person: Talk) -> list[str]:
    rows = connection.exec_driver_sql(
        "SELECT letters.id FROM letters JOIN people ON people.id = letters.person_id "
        f"WHERE native_id = '{person.person.id}' AND kind = 'announcement' AND letters.state = '{State.SENT}'"
    )
    return [str(row[0]) for row in rows]


def test_an_announcement_can_be_paused_gone_on_with_and_stopped(town: Town) -> None:
    subscriber = town.somebody().says("订阅")
    town.publish()
    later = TODAY + timedelta(hours=1)
    town.run(lambda c: [Announcements(c).begin(later), Announcements(c).write(1, later)])
    town.li.says("通知 1").sees("发送中").presses("暂停").sees("已暂停").presses("进度 1")
    subscriber.later(hours=2).receives_nothing()
    town.li.presses("恢复").sees("继续发送")
    town.li.says("停止通知 1").sees("已停止").says("恢复通知 1").sees("不能这样做")
    subscriber.receives_nothing()


@pytest.mark.parametrize("text", ["=SUM(A1)+1 很重要", "<b>粗</b>&amp;", "😀🎉", "شىنجاڭ", "长" * 499])
def test_an_announcement_arrives_as_written(town: Town, text: str) -> None:
    subscriber = town.somebody().says("订阅")
    town.wang.says("发通知").says("标题两字").says(text).says("不限").says("不限").says("提交")
    town.li.says("批准通知 1")
    subscriber.receives(text)
