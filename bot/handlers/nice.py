"""Nice classes in a chat: what is sold or done, said in everyday words, and the classes to file a trademark in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.calculators.nice import Named, classes_of, companions, goods_in
from bot.desk import Desk, Turn
from bot.flow import Ask, Form, Refused, ask, said
from bot.handlers.questions import answer_with
from bot.handlers.replies import cite, offers
from bot.knowledge.clauses import is_question
from bot.knowledge.library import Sure
from bot.knowledge.text import plain
from bot.messages import Body, Citation, Link, Option, Outcome, Reply
from bot.routes import Begin, FormKind, Said

TABLE = Link("商标局·商品和服务分类", "https://sbj.cnipa.gov.cn/sbj/sbsq/sphfwfl/")
MOST = 8  # goods in one answer; more would not fit a phone
_COMPANIONS = 4
_ANSWERS = 0.85  # an entry that is as sure answers a question about classes that names no goods
_ASK = "您卖什么，或者做什么服务？用平常的话说，可以一次说几样，比如“卖核桃和核桃油，还开网店”。"
_UNKNOWN = "没认出具体的商品或服务，请换个说法，比如直接说东西的名字。"
_DECIDES = "商品名称要选国家知识产权局公布的商品和服务分类表里的；能不能报，以分类表和审查为准。"


def classes(turn: Turn, desk: Desk) -> Begin | Said:
    """The classes of the goods and services that the sentence names; asks for them when it names none."""
    words = turn.argument or turn.said
    if goods_in(plain(words), desk.library.content.nice):
        return Begin("nice_class", {"words": words})
    if is_question(turn.said) and not turn.argument:
        match desk.library.search(turn.said, desk.day):
            case Sure(entry, confidence) if confidence >= _ANSWERS:
                return answer_with(entry, desk, confidence, None, turn.said)
    return Begin("nice_class", {"unknown": bool(turn.argument or turn.slot("product"))})


def _form(desk: Desk, given: Mapping[str, Any]) -> Form[str]:
    words = str(given.get("words", ""))
    if not words:
        words = yield from ask(Ask(f"{_UNKNOWN}\n{_ASK}" if given.get("unknown") else _ASK, _reader(desk), open=True))
    return words


def _reader(desk: Desk) -> Any:
    def read(body: Body) -> Any:
        words = said(body) or ""
        if not goods_in(plain(words), desk.library.content.nice):
            return Refused(_UNKNOWN)
        return words

    return read


def _finish(turn: Turn, desk: Desk, given: Mapping[str, Any], words: str) -> Said:
    table = desk.library.content.nice
    goods = goods_in(plain(words), table)[:MOST]
    numbers = classes_of(goods)
    asked = "words" not in given
    lines = [_line(named) for named in goods]
    more = (
        ["归类的根据：" + "；".join(f"{n.word}——{n.term.basis}" for n in goods if n.term.number) + "。"]
        if numbers
        else []
    )
    if numbers:
        lines += ["", _fee(len(numbers), desk)]
        often = companions(numbers, table)[:_COMPANIONS]
        headings = "；".join(f"{n}类（{table.classes[n].heading}）" for n in often)
        more.insert(0, f"常一起考虑的（按真要做的生意选，不用都报）：{headings}。")
    lines.append(_DECIDES)
    if set(numbers) & set(range(35, 46)) and len(numbers) > 1:
        more.append("自己牌子的商品，要报商品本身的类；只报35类保护不到商品。")
    options = (Option(f"算{len(numbers)}类的商标费用", f"费用计算 商标注册 {len(numbers)}类"),) if numbers else ()
    reply = Reply(
        "\n".join(lines),
        more="\n".join(more),
        citations=_grounds(bool(numbers), desk),
        options=(*options, *offers(("#tm-register-class",), desk)),
        links=(TABLE,),
    )
    slots = {"product": "、".join(named.word for named in goods)} if asked else {}
    return Said((reply,), Outcome.DONE if asked else Outcome.ANSWER, slots=slots)


def _grounds(priced: bool, desk: Desk) -> tuple[Citation, ...]:
    """That goods are filed by the table of classes, and the schedule of fees where a fee was said."""
    entry = desk.library.entry("tm-register-class", desk.day)
    price = desk.library.content.figures.prices_on(desk.day)["tm-register-online"]
    return (*(desk.library.cite(entry, desk.day) if entry else ()), *(cite(desk, price.basis) if priced else ()))


def _line(named: Named) -> str:
    term = named.term
    if term.number is None:
        return f"· {named.word}：用途不同类别不同（当药、当食品、当种苗各不一样），我这里没有核对过，请在分类表里查。"
    also = "；".join(
        f"{when}，{number}类" if number.isdigit() else when for number, when in (a.split(" ", 1) for a in term.also)
    )
    return f"· {named.word}：{term.number}类" + (f"（{also}）" if also else "")


def _fee(count: int, desk: Desk) -> str:
    """The official fee for so many classes, by the schedule of today."""
    prices = desk.library.content.figures.prices_on(desk.day)
    online, paper = prices["tm-register-online"].yuan, prices["tm-register-paper"].yuan
    return (
        f"共 {count} 类。商标注册官费：网上申请每类{online}元，{count}类{online * count}元；"
        f"纸质每类{paper}元，{count}类{paper * count}元（每类10个商品以内）。"
    )


FORM = FormKind("nice_class", "nice_class", "商标类别查询", _form, _finish)
