"""A person's own data: what is kept, and erasing it with a receipt."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.desk import BEIJING, Desk, Turn
from bot.flow import Ask, Form, ask, choose
from bot.handlers.training_signups import leave_all
from bot.messages import Option, Outcome, Reply
from bot.people import Receipt
from bot.routes import Begin, FormKind, Said, say

FILES = "发来的文件"


def notice(retention: int) -> str:
    """The privacy notice, told at first use."""
    return (
        f"使用说明：为了把答复送回给您并改进服务，我保存您的平台编号和对话记录，{retention} 天不联系就删除；"
        "证件号和电话会先遮盖。请不要发送他人隐私和未公开的技术秘密。发送“我的数据”查看，发送“删除我的数据”随时删除。"
    )


def held(turn: Turn, desk: Desk) -> Said:
    """What is kept about the person who asks."""
    counts = {
        **desk.people.held(turn.person_id),
        FILES: desk.uploads.count(turn.person_id),
        "培训报名": desk.signups.count(turn.person_id),
        "订阅": len(desk.subscriptions.of(turn.person_id)),
        "工单": desk.helpdesk.tickets.count(turn.person_id),
        "评价": desk.helpdesk.ratings.count(turn.person_id),
        "意见和投诉": desk.helpdesk.feedback.count(turn.person_id),
    }
    kept = "、".join(f"{kind} {count} 条" for kind, count in counts.items())
    text = (
        f"我保存着您的：平台编号、会话状态、{kept}。用来回答和接着上次的话说；最后一次联系后 {desk.retention} 天删除。"
        "身份证号和电话在保存前已遮盖；您发送的位置只用来算距离，不保存。"
    )
    return say(Reply(text, options=(Option("删除我的数据", "删除我的数据"),)))


def forget(person_id: int, desk: Desk) -> Receipt:
    """Erase all that is kept about a person; what belongs to an official record stays with it."""
    tickets, files = desk.helpdesk.tickets.forget(person_id, desk.now)
    voices, evidence, copies = desk.helpdesk.feedback.forget(person_id)
    for file in (*files, *copies):
        desk.files.remove(file)
    for id in evidence:
        desk.uploads.release(id)
    ratings = desk.helpdesk.ratings.count(person_id)
    elsewhere = {
        "工单": tickets,
        "评价": ratings,
        "意见和投诉": voices,
        "培训报名": leave_all(person_id, desk),
        "订阅": len(desk.subscriptions.of(person_id)),
        FILES: desk.uploads.erase(person_id),
    }
    return desk.people.erase(person_id, desk.now, elsewhere)


def erase(turn: Turn, desk: Desk) -> Begin:
    return Begin("delete_data")


def _form(desk: Desk, given: Mapping[str, Any]) -> Form[bool]:
    sure: bool = yield from ask(
        Ask(
            "将删除我保存的您的全部对话记录和状态，删除后不能恢复。确定删除吗？",
            choose(("确定删除", True), ("确定", True), ("是", True), ("不删了", False), ("否", False)),
            options=(Option("确定删除", "确定删除"), Option("不删了", "不删了")),
        )
    )
    return sure


def _finish(turn: Turn, desk: Desk, given: Mapping[str, Any], sure: bool) -> Said:
    if not sure:
        return say("好的，没有删除。", Outcome.DONE)
    receipt = forget(turn.person_id, desk)
    counts = "、".join(f"{kind} {count} 条" for kind, count in receipt.erased.items())
    at = receipt.at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M")
    return say(
        f"已删除：{counts}。\n回执编号 {receipt.id}，北京时间 {at}。回执里不含您的任何信息。\n再发消息就会重新开始记录。",
        Outcome.DONE,
    )


FORM = FormKind("delete_data", "delete_data", "删除我的数据", _form, _finish)
