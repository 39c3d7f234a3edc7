"""Staff in their own chat: invites, the workbench, handing over, leaving, groups."""

from __future__ import annotations

import re

from bot.app import App
from bot.messages import Message, Text
from bot.staff import Role, Staff
from tests.conftest import TODAY
from tests.talk import Talk

CODE = re.compile(r"[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}")


def hired(app: App, role: Role, name: str = "韩梅", **place: str) -> Talk:
    """Somebody with a role."""
    with app._engine.begin() as connection:
        code = Staff(connection).invite(role, name, TODAY, **place).code
    return Talk(app, TODAY).says(f"绑定 {code}").comes_to("done", "staff")


def code_in(talk: Talk) -> str:
    found = CODE.search(talk.text)
    assert found
    return found[0]


def test_a_chain_of_invites(talk: Talk) -> None:
    app = talk.app
    root = hired(app, Role.ADMINISTRATOR)
    root.says("邀请").sees("哪一类").says("自治区局工作人员").says("王芳").comes_to("done", "staff")
    region = Talk(app, TODAY).says("绑定").says(code_in(root)).sees("王芳", "自治区局")
    region.says("邀请").presses("地州局工作人员").says("火星").sees("没有这个地州").says("喀什地区").says("李雷")
    prefecture = Talk(app, TODAY).says(f"绑定 {code_in(region)}").sees("喀什地区")
    prefecture.says("邀请").sees("哪个网点").says("SAMPLE-653101").says("阿依").comes_to("done", "staff")
    point = Talk(app, TODAY).says(f"绑定 {code_in(prefecture)}").sees("网点工作人员（示例网点")
    point.says("工作台").sees("阿依", "网点工作人员")
    prefecture.says("邀请").says("SAMPLE-653201").says("别人").comes_to("decline", "staff").sees("辖区")


def test_an_invite_is_refused_in_a_group(talk: Talk) -> None:
    with talk.app._engine.begin() as connection:
        code = Staff(connection).invite(Role.REGION, "某", TODAY).code
    message = Message(talk.person, Text(f"绑定 {code}"), "g1", TODAY, private=False)
    response = talk.app.turn(message)
    assert "私聊" in response.replies[0].text
    with talk.app._engine.begin() as connection:
        assert not Staff(connection).serving()


def test_handing_over(talk: Talk) -> None:
    old = hired(talk.app, Role.PREFECTURE, "旧人", prefecture="653100")
    old.says("移交").says("新人").comes_to("done", "staff")
    Talk(talk.app, TODAY).says(f"绑定 {code_in(old)}").sees("新人", "接替旧人")
    old.says("工作台").comes_to("decline", "staff")


def test_leaving_asks_first(talk: Talk) -> None:
    one = hired(talk.app, Role.REGION)
    one.says("离任").says("不离任").sees("没有变化").says("工作台").comes_to("answer", "staff")
    one.says("离任").says("确定离任").comes_to("done", "staff").says("工作台").comes_to("decline", "staff")


def test_ending_the_work_of_others_stays_in_the_jurisdiction(talk: Talk) -> None:
    root, region = hired(talk.app, Role.ADMINISTRATOR, "根"), hired(talk.app, Role.REGION, "区")
    kashgar = hired(talk.app, Role.PREFECTURE, "喀", prefecture="653100")
    hired(talk.app, Role.POINT, "点", point="SAMPLE-653201")
    kashgar.says("工作人员").sees("没有其他")
    kashgar.says("停用 4").comes_to("decline", "staff")
    region.says("工作人员").sees("喀", "点").sees_not("根").presses("停用 点").comes_to("done", "staff")
    region.says("停用 1").comes_to("decline", "staff")
    region.says("停用 2").comes_to("clarify", "staff")
    root.says("停用 2").comes_to("done", "staff")
    region.says("工作台").comes_to("decline", "staff")


def test_strangers_are_told_how_to_bind(talk: Talk) -> None:
    for words in ("工作台", "邀请", "工作人员", "移交", "离任", "停用 1"):
        talk.says(words).comes_to("decline", "staff").sees("绑定")
    talk.says("绑定 ABCD-EFGH-JKMN").comes_to("decline", "staff").sees("不对")
