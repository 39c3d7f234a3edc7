"""Replies that several handlers give: an entry's answer, choices, and whom to turn to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import islice

from bot.desk import Desk
from bot.knowledge.articles import Article
from bot.knowledge.entries import Entry
from bot.messages import Citation, Link, Option, Reply

MOST_RELATED = 3
PAGE = 8  # options on one page of a list
OFFERS = {
    "菜单": "看看能问什么",
    "小工具": "算费用、期限，选类别，核号码",
    "查询": "查专利、商标、地理标志",
    "转人工": "找人帮忙",
    "阅读": "文章和示例",
    "附近网点": "找最近的网点",
}


def entry_option(entry: Entry) -> Option:
    return Option(entry.title.rstrip("？?"), f"#{entry.id}")


def entry_reply(entry: Entry, desk: Desk, understood: str | None = None) -> Reply:
    """The answer of ``entry`` as of today, with its basis, its links and what people ask next."""
    shown, more = entry.text_on(desk.day, desk.library.content.figures)
    options = []
    if more:
        options.append(Option("更多", f"#{entry.id} 更多"))
    options += offers(entry.offers, desk)
    related = (desk.library.entry(id, desk.day) for id in entry.related)
    options += [entry_option(e) for e in related if e][:MOST_RELATED]
    articles = (a for a in desk.library.content.articles if entry.id in a.after and a.page.holds_on(desk.day))
    options += [article_option(article, "读一读：") for article in islice(articles, 1)]
    return Reply(
        text=shown,
        more=more,
        citations=desk.library.cite(entry, desk.day),
        options=tuple(options),
        links=tuple(Link(label, url) for label, url in entry.links),
    )


def article_option(article: Article, before: str = "") -> Option:
    return Option(f"{before}{article.title.rstrip('？?')}", f"阅读 {article.id}")


def article_reply(article: Article, desk: Desk) -> Reply:
    """An article as of today: its title and kind, its text, its basis, and the questions it belongs to."""
    reply = entry_reply(article.page, desk)
    folded = (Option("更多", f"阅读 {article.id} 更多"),) if reply.more else ()
    rest = tuple(option for option in reply.options if option.label != "更多")
    return replace(reply, text=f"【{article.kind}】{article.title}\n\n{reply.text}", options=(*folded, *rest))


def page_of(options: Sequence[Option], page: str, press: str) -> tuple[tuple[Option, ...], str]:
    """The options of one page (``page`` as it was typed; the first if it is none) and a button to the next, which presses
    ``press`` with its number; and which page it is, in words, where there are several."""
    pages = max(-(-len(options) // PAGE), 1)
    number = min(max(int(page) if page.isdecimal() and len(page) < 4 else 1, 1), pages)
    shown = [*options[(number - 1) * PAGE : number * PAGE]]
    if number < pages:
        shown.append(Option("下一页", f"{press} {number + 1}"))
    return tuple(shown), f"（第 {number}/{pages} 页）" if pages > 1 else ""


def choices(entries: Iterable[Entry]) -> tuple[Option, ...]:
    return tuple(entry_option(entry) for entry in entries)


def offers(commands: Sequence[str], desk: Desk) -> tuple[Option, ...]:
    """Buttons for command words, entries (#id) and topics (主题 id); those that lead nowhere today are left out."""
    options = []
    for command in commands:
        if command.startswith("#"):
            entry = desk.library.entry(command[1:], desk.day)
            if entry:
                options.append(entry_option(entry))
        elif command.startswith("主题 "):
            topic = desk.library.topic(command.removeprefix("主题 "), desk.day)
            if topic:
                options.append(Option(topic.title, command))
        else:
            options.append(Option(OFFERS.get(command, command), command))
    return tuple(options)


def cite(desk: Desk, *bases: str) -> tuple[Citation, ...]:
    """Citations of what figures rest on (商标法 第三十三条, 商标规费), each once; a source that is no law of ours is left out."""
    laws = desk.library.content.laws
    known = (basis for basis in dict.fromkeys(bases) if basis.partition(" ")[0] in laws)
    return tuple(desk.library.cite_law(basis, desk.day) for basis in known)
