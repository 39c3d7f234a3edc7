"""Small talk: greetings and thanks, what the bot is and can do, its languages, questions that do not say of what."""

from __future__ import annotations

import re

from bot.desk import Desk, Turn
from bot.handlers import questions
from bot.handlers.replies import offers
from bot.knowledge.intents import compact
from bot.messages import Outcome, Reply
from bot.routes import Said, say

_THANKS = re.compile(r"谢|感谢|thank|thx|3q|辛苦")
_GOODBYE = re.compile(r"再见|拜|bye|回见|下次见|88|走了|没事了|不用了|就这样")
_WHO = re.compile(r"谁|叫什么|叫啥|干啥|干嘛|做什么|机器人|真人|是人|ai|自我介绍|介绍")
_NOD = re.compile(r"^(好|ok|嗯|收到|明白|知道|懂|了解|行|可以|哦|原来|不错|厉害|真棒|牛|赞|太好|很好)")
_LANGUAGES = (
    ("维", "ug", "维吾尔语"),
    ("uyghur", "ug", "维吾尔语"),
    ("ئ", "ug", "维吾尔语"),
    ("哈", "kk", "哈萨克语"),
    ("қаз", "kk", "哈萨克语"),
    ("kazakh", "kk", "哈萨克语"),
    ("俄", "ru", "俄语"),
    ("рус", "ru", "俄语"),
    ("russian", "ru", "俄语"),
    ("英", "en", "英语"),
    ("english", "en", "英语"),
    ("柯", "ky", "柯尔克孜语"),
    ("蒙", "mn", "蒙古语"),
    ("中文", "zh", "中文"),
    ("汉语", "zh", "中文"),
    ("普通话", "zh", "中文"),
    ("国语", "zh", "中文"),
    ("chinese", "zh", "中文"),
)


def greet(turn: Turn, desk: Desk) -> Said:
    """Answer a greeting, thanks, a goodbye, or who the bot is."""
    words = compact(turn.said)
    if _THANKS.search(words):
        text = "不客气。还有知识产权方面的问题，随时问我。"
    elif _GOODBYE.search(words):
        text = "再见，需要的时候再来问我。"
    elif _WHO.search(words):
        text = (
            "我是新疆知识产权信息公共服务网点的问答助手，是程序，不是真人。"
            "专利、商标、地理标志、著作权等问题我按核对过的内容回答，并说明法律依据；还能帮您找附近的服务网点。"
        )
    elif _NOD.search(words):
        text = "好的。还想了解什么，直接问我。"
    else:
        text = "您好！我是知识产权问答助手。想问什么直接说，比如“发明专利保护多少年”“商标续展多少钱”“喀什网点在哪”。"
    return say(Reply(text, options=offers(("菜单", "附近网点"), desk)), Outcome.GREET)


def help(turn: Turn, desk: Desk) -> Said:
    """What one can do here, and the words that work everywhere."""
    text = (
        "我能做这些：\n"
        "- 回答专利、商标、地理标志、著作权、商业秘密等问题，附法律依据\n"
        "- 找最近的服务网点：发送位置，或说地名\n"
        "- 按主题浏览：发送“菜单”\n"
        "随时可以说：取消（结束当前办理）、上一步、菜单、转人工、删除我的数据。\n"
        "我不下个案结论，也不作保证。"
    )
    return say(Reply(text, options=offers(("菜单", "附近网点", "转人工"), desk)), Outcome.GREET)


def bare(turn: Turn, desk: Desk) -> Said:
    """“多少钱”, “咋办理”: what was asked before says of what; when nothing was, it is asked for."""
    return questions.answer(turn, desk) if turn.conversation.question else questions.vague(desk)


def language(turn: Turn, desk: Desk) -> Said:
    """Say honestly which languages are served."""
    words = compact(turn.said)
    code, name = next(((c, n) for sign, c, n in _LANGUAGES if sign in words), ("", ""))
    if code == "zh":
        text = "好的，我用中文（简体）回答；繁体字、拼音我也看得懂。请直接问。"
    else:
        asked = f"{name}的" if name else "其他语言的"
        text = (
            f"抱歉，目前只有中文（简体）回答，没有{asked}。问题里夹几个英文词或拼音，我能看懂。"
            "需要用其他语言交流的，可以到服务网点当面问，或拨打 12345。"
        )
        if code == "en":
            text += "\nSorry, answers are in Simplified Chinese only for now."
    return Said(
        (Reply(text, options=offers(("菜单", "附近网点"), desk)),),
        Outcome.ANSWER,
        slots={"language": code} if code else {},
    )
