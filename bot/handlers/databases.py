"""The directory of the databases and tools that points keep themselves (Art. 12 (3) of the draft)."""

from __future__ import annotations

from bot.desk import Desk, Turn
from bot.handlers.replies import offers
from bot.handlers.slots_said import Sentence
from bot.links import clean
from bot.messages import Link, Option, Outcome, Reply
from bot.registry.databases import PointDatabase
from bot.registry.points import Point
from bot.routes import Said

COMMAND = "网点数据库"
_SHOWN = 5
_WORDS = (
    r"(?:知识产权|信息|公共|服务)*网点|自建|自己|建的?|做的?|专题|特色|数据库|小程序|公众号|工具|平台|"
    r"目录|资源|有关|方面|能用|免费|新疆|库"
)
_NONE = "现在还没有网点登记自建的数据库或工具。官方的检索平台可以照常用。"


def directory(turn: Turn, desk: Desk) -> Said:
    """The databases and tools about what stood behind the command or in the sentence; all when that names nothing."""
    text = Sentence.of(turn.argument or turn.said, desk)
    asked = clean(turn.argument) or ("" if turn.said == COMMAND else clean(text.rest(_WORDS)))
    terms = desk.keywords.read(asked, desk.library.lexicon.cut)
    words = [word for term in terms for word in term.words] or ([asked] if asked else [])
    shown = _with_point(desk.databases.about(words), desk)
    everything = _with_point(desk.databases.rows, desk)
    slots = {"scope": "database", **({"keyword": asked} if asked else {})}
    if not everything:
        return Said((Reply(_NONE, options=offers(("查询", "附近网点"), desk)),), Outcome.DECLINE, slots=slots)
    head = f"和“{asked}”有关的网点数据库和工具：" if asked else "网点自建的数据库和工具："
    if asked and not shown:
        head, shown = f"没有查到和“{asked}”有关的，网点自建的有这些：", everything
    lines = [head]
    for number, (row, point) in enumerate(shown[:_SHOWN], start=1):
        lines.append(
            f"{number}. {row.name}（{row.kind}）\n主题：{row.subject}\n{point.name}提供；{row.users}（核对于 {row.checked}）"
        )
    if len(shown) > _SHOWN:
        lines.append(f"一共 {len(shown)} 个，可以加上主题再查，比如“{COMMAND} 棉花”。")
    if any(point.sample for _, point in shown[:_SHOWN]):
        lines.append("以上带“示例”的是示例数据，不是真实的数据库。")
    owners = dict.fromkeys(Option(point.name, f"网点详情 {point.code}") for _, point in shown[:_SHOWN])
    links = tuple(Link(row.name, row.url) for row, _ in shown[:_SHOWN])
    return Said((Reply("\n".join(lines), options=tuple(owners), links=links),), slots=slots)


def _with_point(rows: tuple[PointDatabase, ...], desk: Desk) -> list[tuple[PointDatabase, Point]]:
    """The rows whose point is in the registry and valid today, with it."""
    found = ((row, desk.points.by_code(row.point)) for row in rows)
    return [(row, point) for row, point in found if point and point.is_valid_on(desk.day)]
