"""Subscribing and leaving by topic and prefecture, one's letters, and linking accounts so that none gets them twice."""

from __future__ import annotations

from bot.desk import BEIJING, Desk, Turn
from bot.messages import Option, Outcome, Reply
from bot.people_linked import DIGITS
from bot.routes import Said, say
from bot.training.subscriptions import MOST, TOPICS, Subscription, prefecture_of

LETTERS_SHOWN = 3
_ALIKE = {"版权": "著作权", "软件著作权": "著作权", "软著": "著作权", "地标": "地理标志", "海外维权": "海外"}


def subscribe(turn: Turn, desk: Desk) -> Said:
    """Subscribe to what the sentence or the command names: a topic, a prefecture, both, or all."""
    wanted = _wanted(turn, desk)
    if not desk.subscriptions.add(turn.person_id, wanted, desk.now):
        mine = desk.subscriptions.of(turn.person_id)
        if wanted in mine:
            return _list(turn, desk, f"您已经订阅了{name(wanted, desk)}。")
        return _list(turn, desk, f"最多订阅 {MOST} 项，请先退订一些。")
    head = f"已订阅{name(wanted, desk)}，有新活动和通知会发给您。随时发送“退订”就全部停止。"
    return _list(turn, desk, head)


def unsubscribe(turn: Turn, desk: Desk) -> Said:
    """End what the sentence names, or everything; in force at once."""
    wanted = _wanted(turn, desk)
    had = desk.subscriptions.of(turn.person_id)
    if not had:
        return say(Reply("您现在没有任何订阅，我不会群发消息给您。", options=(Option("菜单", "菜单"),)))
    if wanted not in (Subscription(), *had) and not any(
        (not wanted.topic or s.topic == wanted.topic) and (not wanted.region or s.region == wanted.region) for s in had
    ):
        return _list(turn, desk, f"您没有订阅{name(wanted, desk)}。")
    desk.subscriptions.end(turn.person_id, desk.now, wanted.topic, wanted.region)
    if wanted == Subscription():
        text = "已全部退订，马上生效，不会再群发消息给您。您报名的活动提醒和您办的事的进展仍会告诉您。"
        return say(Reply(text, options=(Option("重新订阅", "订阅"),)))
    return _list(turn, desk, f"已退订{name(wanted, desk)}，马上生效。")


def mine(turn: Turn, desk: Desk) -> Said:
    """What one is subscribed to."""
    return _list(turn, desk, "")


def letters(turn: Turn, desk: Desk) -> Said:
    """The last letters that one got, in full."""
    found = desk.letters.latest(turn.person_id, LETTERS_SHOWN)
    if not found:
        return say("还没有给您发过消息。")
    return Said(
        tuple(
            Reply(
                f"【{letter.at.astimezone(BEIJING):%m月%d日 %H:%M}】\n{letter.reply.text}",
                options=letter.reply.options,
                links=letter.reply.links,
                file=letter.reply.file,
            )
            for letter in found
        )
    )


def link(turn: Turn, desk: Desk) -> Said:
    """Link another account: without a code one is given, with one the accounts become one person's."""
    if not turn.private:
        return say("为了安全，请私聊我再关联账号。", Outcome.DECLINE)
    if not turn.argument:
        code = desk.linked.code(turn.person_id, desk.now)
        return say(
            f"请在 15 分钟内，用您的另一个账号（比如微信或 Telegram）给我发送：关联 {code}\n关联后，同一条群发消息只发一次。"
        )
    if not (turn.argument.isdigit() and len(turn.argument) == DIGITS):
        return say(f"关联码是 {DIGITS} 位数字。要新的，请在另一个账号里发送“关联”。", Outcome.CLARIFY)
    if not desk.linked.link(turn.person_id, turn.argument, desk.now):
        return say("这个关联码不对、用过或过期了，请在另一个账号里重新发送“关联”。", Outcome.CLARIFY)
    return say(
        f"已关联，现在是 {desk.linked.count(turn.person_id)} 个账号。群发消息只发到其中一个。要分开，请发送“取消关联”。"
    )


def unlink(turn: Turn, desk: Desk) -> Said:
    """Make the account one of its own again."""
    desk.linked.unlink(turn.person_id)
    return say("这个账号现在不和其他账号关联。")


def name(wanted: Subscription, desk: Desk) -> str:
    """A subscription as users read it: “乌鲁木齐市的专利培训和通知”."""
    division = desk.gazetteer.division(wanted.region) if wanted.region else None
    place = f"{division.full_name}的" if division else ""
    return f"“{place}{wanted.topic or '全部'}培训和通知”"


def _list(turn: Turn, desk: Desk, head: str) -> Said:
    mine = desk.subscriptions.of(turn.person_id)
    if not mine:
        text = head + "您现在没有订阅。可以说“订阅专利培训”“订阅喀什的培训”，或点下面的主题。"
        return say(Reply(text, options=tuple(Option(topic, f"订阅 {topic}") for topic in TOPICS[:6])))
    lines = [line for line in (head, "您的订阅：") if line]
    lines += [f"- {name(s, desk).strip('“”')}" for s in mine]
    options = [Option(f"退订：{name(s, desk).strip('“”')}"[:30], _command(s)) for s in mine[:5]]
    return say(Reply("\n".join(lines), options=(*options, Option("全部退订", "退订"))))


def _command(wanted: Subscription) -> str:
    return " ".join(part for part in ("退订", wanted.topic, wanted.region) if part)


def _wanted(turn: Turn, desk: Desk) -> Subscription:
    """From the slots of a sentence, or the words and adcode behind a command."""
    words = turn.argument.split()
    topic = turn.slot("topic") or next((w for w in words if w in TOPICS or w in _ALIKE), "")
    topic = _ALIKE.get(topic, topic)
    region = next((w for w in words if w.isdigit() and desk.gazetteer.division(w)), "")
    if not region:
        place = turn.slot("region") or turn.argument
        found = desk.gazetteer.find(place) if place else None
        region = found.division.adcode if found else ""
    return Subscription(topic if topic in TOPICS else "", prefecture_of(region) if region else "")
