"""The menu, and browsing the entries by topic."""

from __future__ import annotations

from bot.desk import Desk, Turn
from bot.handlers import articles
from bot.handlers.replies import choices, offers, page_of
from bot.messages import Option, Outcome, Reply
from bot.routes import Said, say

TOOLS = (
    ("算专利费、商标费", "费用计算"),
    ("算期限", "期限计算"),
    ("商标选哪一类", "类别查询"),
    ("核对号码", "号码核对"),
)


def menu(turn: Turn, desk: Desk) -> Said:
    """The groups of topics and the services that work."""
    groups = list(dict.fromkeys(topic.group for topic in desk.library.topics(desk.day)))
    options = [Option(group, f"大类 {group}") for group in groups]
    options += offers(("查询", "小工具", "附近网点", "阅读", "转人工", "我的数据"), desk)
    text = "直接打字问就行，比如“商标怎么续展”“喀什网点在哪”。也可以从这里选："
    return say(Reply(text, options=tuple(options)), Outcome.CLARIFY)


def tools(turn: Turn, desk: Desk) -> Said:
    """What is worked out or looked up step by step."""
    options = tuple(Option(label, command) for label, command in TOOLS)
    return say(Reply("要用哪一个？", options=(*options, Option("菜单", "菜单"))), Outcome.CLARIFY)


def group(turn: Turn, desk: Desk) -> Said:
    """The topics under one heading."""
    topics = [t for t in desk.library.topics(desk.day) if t.group == turn.argument]
    if not topics:
        return menu(turn, desk)
    if len(topics) == 1:
        return _page(topics[0].id, "", desk)
    options = [Option(topic.title, f"主题 {topic.id}") for topic in topics]
    return say(Reply(f"{turn.argument}，想看哪一方面？", options=(*options, Option("菜单", "菜单"))), Outcome.CLARIFY)


def topic(turn: Turn, desk: Desk) -> Said:
    """The questions of one topic, a page at a time: ``主题 patent-term 2``."""
    id, _, page = turn.argument.partition(" ")
    if not desk.library.on_topic(id, desk.day):
        return menu(turn, desk)
    return _page(id, page, desk)


def _page(id: str, page: str, desk: Desk) -> Said:
    entries = desk.library.on_topic(id, desk.day)
    options, where = page_of(choices(entries), page, f"主题 {id}")
    to_read = (Option("读一读", f"{articles.COMMAND} {id}"),) if articles.on_topic(id, desk) else ()
    title = next(t.title for t in desk.library.content.topics if t.id == id)
    said = say(Reply(f"{title}{where}：", options=(*options, *to_read, Option("菜单", "菜单"))), Outcome.CLARIFY)
    pressed = {option.say for option in options}
    return Said(said.replies, said.outcome, entries=tuple(e.id for e in entries if f"#{e.id}" in pressed))
