"""The small library: articles and worked examples, by topic, and one to read."""

from __future__ import annotations

from dataclasses import replace

from bot.desk import Desk, Turn
from bot.handlers.replies import article_option, article_reply, offers, page_of
from bot.knowledge.articles import Article
from bot.messages import Option, Outcome, Reply
from bot.routes import Said, say

COMMAND = "阅读"
_ALL = "全部"


def read(turn: Turn, desk: Desk) -> Said:
    """``阅读``: what there is; ``阅读 主题 2``: of a topic, its second page; ``阅读 id``: that one, ``阅读 id 更多`` its rest."""
    about, _, rest = turn.argument.strip().partition(" ")
    rest = rest.strip()
    known = _known(desk)
    found = next((article for article in known if article.id == about.lower()), None)
    if found is not None:
        return say(_unfolded(article_reply(found, desk)) if rest == "更多" else article_reply(found, desk))
    named = known if about in ("", _ALL) else on_topic(about, desk)
    if not named:
        return say(
            Reply("没有这方面的文章。", options=(Option("看看都有什么", COMMAND), *offers(("菜单",), desk))),
            Outcome.CLARIFY,
        )
    options, where = page_of([article_option(article) for article in named], rest, f"{COMMAND} {about or _ALL}")
    text = f"可以读的文章和情景示例{where}："
    return say(Reply(text, options=(*options, *offers(("菜单",), desk))), Outcome.CLARIFY)


def on_topic(topic: str, desk: Desk) -> list[Article]:
    """What there is to read today on the topic of that id, name or group."""
    ids = {t.id for t in desk.library.content.topics if topic in (t.id, t.title, t.group)}
    return [article for article in _known(desk) if ids.intersection(article.topics)]


def _known(desk: Desk) -> list[Article]:
    return [article for article in desk.library.content.articles if article.page.holds_on(desk.day)]


def _unfolded(reply: Reply) -> Reply:
    options = tuple(option for option in reply.options if option.label != "更多")
    return replace(reply, text=reply.more or reply.text, more="", options=options)
