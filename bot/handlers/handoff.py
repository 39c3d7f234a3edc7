"""A person instead of the bot: there is no staff behind it yet, so it says whom to turn to and what to bring."""

from __future__ import annotations

from bot.desk import Desk, Turn
from bot.handlers.replies import offers
from bot.messages import Outcome, Reply
from bot.routes import Said, say

TEXT = (
    "我这边暂时没有人工坐席，您可以这样找到人：\n"
    "1. 就近的服务网点：咨询免费或低成本，发送位置或说地名我帮您找。\n"
    "2. 政务服务便民热线 12345：说明要找知识产权（市场监管）部门。\n"
    "带上：身份证或营业执照，权利证书或申请文件，收到的通知书，相关产品、合同和照片。"
)


def human(turn: Turn, desk: Desk) -> Said:
    """The nearest point, 12345, and what to bring."""
    return say(Reply(TEXT, options=offers(("附近网点", "菜单"), desk)), Outcome.HANDOFF)
