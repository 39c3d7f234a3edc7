"""Writing a draft of an entry in chat: title, topic, answer, basis, ways of asking; what is there already can be kept."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.desk import Desk, Turn
from bot.flow import Ask, Form, Refused, ask, choose, said, text
from bot.handlers.drafts import COMMAND
from bot.helpdesk.drafts import LIFE, own
from bot.helpdesk.writing import LONGEST_WAY, Written, ways_of_asking
from bot.knowledge.entries import LEAST_QUESTIONS, SCREEN_CHARACTERS, TITLE_CHARACTERS, Entry, read_entry_text
from bot.knowledge.laws import read_basis
from bot.knowledge.problems import Faults
from bot.knowledge.text import bare, plain
from bot.messages import Body, Option, Outcome, Reply
from bot.routes import Begin, FormKind, Said, say
from bot.staff import Action, Denied, may

KEEP, NONE, ENOUGH = "保留原来的", "没有", "就这些"
_SPLIT = re.compile(r"[；;\n]+")
_DROP = re.compile(r"去掉\s*([\d、，, ]+)")
_TOPICS = 4  # that are offered
_MORE_CHARACTERS = 450
_MOST_WAYS = 20


def write(turn: Turn, desk: Desk) -> Said | Begin:
    """Write a draft (anew); without a number an answer that nobody has asked for yet."""
    actor = desk.staff.of(turn.person_id)
    if isinstance(denied := may(actor, Action.EDIT_CONTENT, own(actor)), Denied):
        return say(denied.why, Outcome.DECLINE)
    if not turn.private:
        return say("写草稿请私聊我。", Outcome.DECLINE)
    number = turn.argument.strip()
    if not number:
        made = desk.drafts.begin((), actor, desk.now)
        return say(made.why, Outcome.DECLINE) if isinstance(made, Denied) else Begin("draft", {"draft": made.id})
    draft = desk.drafts.find(int(number)) if number.isascii() and number.isdigit() and len(number) < 18 else None
    if draft is None:
        return say(Reply("没有这个编号的草稿。", options=(Option("全部草稿", COMMAND),)), Outcome.CLARIFY)
    if Action.EDIT_CONTENT not in LIFE.actions(draft.state, actor, own(actor)):
        return say(f"草稿 {draft.id} 现在是“{draft.label}”，不能改写。", Outcome.CLARIFY)
    return Begin("draft", {"draft": draft.id})


def _form(desk: Desk, given: Mapping[str, Any]) -> Form[Written | None]:
    draft = desk.drafts.find(int(given["draft"]))
    asked = [q.said for q in desk.unanswered.of_draft(draft.id)] if draft else []
    old = read_entry_text(draft.file, draft.text, desk.library.content.laws)[0] if draft and draft.text else None
    title = yield from _insist(_kept(_title(), old and old.title))
    near = [*asked[:3], title]
    topic = yield from _insist(
        _kept(_topic(desk, near), old and old.topic, _topic_title(old.topic, desk) if old else None)
    )
    answer = yield from _insist(_kept(_answer(), old and "\n\n".join(p.text for p in old.body)))
    more = yield from _insist(_kept(_more(), old and "\n\n".join(p.text for p in old.more), "原来的"))
    basis = yield from _insist(_kept(_basis(desk), old and _basis_of(old), "原来的"))
    ways = list(old.questions) if old else ways_of_asking([q for q in asked if bare(q) != bare(title)])
    while (change := (yield from _insist(_ways(ways)))) is not None:
        ways = change
    sure = yield from _insist(
        Ask(
            f"【{_topic_title(topic, desk)}】{title}\n\n{answer}"
            + (f"\n\n（更多）{more}" if more else "")
            + f"\n\n依据：{'；'.join(basis)}\n问法 {len(ways)} 种。\n\n保存并检查吗？",
            choose(("保存并检查", True), ("不保存", False)),
            (Option("保存并检查", "保存并检查"), Option("不保存", "不保存")),
        )
    )
    return Written(topic, title, tuple(ways), basis, answer, more, _owner(topic, desk)) if sure else None


def _finish(turn: Turn, desk: Desk, given: Mapping[str, Any], written: Written | None) -> Said:
    id = int(given["draft"])
    if written is None:
        return say(Reply("没有保存。", options=(Option("看草稿", f"{COMMAND} {id}"),)), Outcome.DONE)
    moved = desk.drafts.write(id, desk.staff.of(turn.person_id), written, desk.now)
    if isinstance(moved, Denied):
        return say(moved.why, Outcome.DECLINE)
    told = f"草稿 {id} 已保存，正在检查：格式、依据，还有会不会改变别的回答。几秒钟后发消息告诉您。"
    return say(Reply(told, options=(Option("看草稿", f"{COMMAND} {id}"),)), Outcome.DONE)


@dataclass(frozen=True, slots=True)
class _Bad:
    """An answer that will not do, and why."""

    why: str


def _insist(question: Ask) -> Form[Any]:
    """Ask until the answer will do. What editors write often reads like a question, and shall not be answered as one."""
    prompt = question.prompt

    def read(body: Body) -> Any:
        value = question.read(body)
        return _Bad(value.why) if isinstance(value, Refused) else value

    why = ""
    while isinstance(value := (yield from ask(replace(question, prompt=f"{why}{prompt}", read=read))), _Bad):
        why = f"{value.why}\n"
    return value


# -- the questions --------------------------------------------------------------------------------------------


def _kept(question: Ask, value: Any, shown: str | None = None) -> Ask:
    """The question, with what was written before as an answer to it."""
    if value is None:
        return question

    def read(body: Body) -> Any:
        return value if said(body) == KEEP else question.read(body)

    now = shown or (value if isinstance(value, str) and len(value) <= TITLE_CHARACTERS else "原来的")
    options = (Option(KEEP, KEEP), *question.options)
    return replace(question, prompt=f"{question.prompt}\n（现在：{now}）", read=read, options=options)


def _title() -> Ask:
    prompt = f"标题写成一句标准的问法，不超过 {TITLE_CHARACTERS} 字，比如“专利证书丢了怎么补办？”"
    return Ask(prompt, text(at_least=4, at_most=TITLE_CHARACTERS))


def _topic(desk: Desk, near: Sequence[str]) -> Ask:
    """Which shelf it stands on; those of the closest entries are offered."""
    titles = {plain(topic.title): topic.id for topic in desk.library.content.topics}
    titles |= {topic.id: topic.id for topic in desk.library.content.topics}
    entries = desk.library.content.entries
    hits = [entries[hit.id].topic for question in near for hit in desk.library.hits(question, desk.day, 4)]
    likely = [topic for topic, _ in Counter(hits).most_common(_TOPICS)]

    def read(body: Body) -> str | Refused:
        words = plain(said(body) or "").strip()
        return titles.get(words) or Refused(
            f"没有这个主题。可选：{'、'.join(t.title for t in desk.library.content.topics)}。"
        )

    options = tuple(Option(title := _topic_title(topic, desk), title) for topic in likely)
    return Ask("放在哪个主题下？点一个，或者写主题的名称。", read, options)


def _answer() -> Ask:
    prompt = (
        f"答案（不超过 {SCREEN_CHARACTERS} 字）：第一句就答，带数字和条件；用自己的话，不抄条文，不下个案结论。"
        "金额和期限可以写成 {fee:编号}、{deadline:编号}，由程序按当天的规定填。"
    )
    return Ask(prompt, text(at_least=10, at_most=SCREEN_CHARACTERS))


def _more() -> Ask:
    """What stands behind 更多."""
    reader = text(at_least=4, at_most=_MORE_CHARACTERS)

    def read(body: Body) -> Any:
        return "" if said(body) == NONE else reader(body)

    return Ask("还有细节要放在“更多”里吗？直接写，或者点“没有”。", read, (Option(NONE, NONE),))


def _basis(desk: Desk) -> Ask:
    """The legal basis, each line read as in a file."""

    def read(body: Body) -> tuple[str, ...] | Refused:
        lines = [" ".join(part.split()) for part in _SPLIT.split(said(body) or "") if part.strip()]
        faults = Faults("")
        for line in lines:
            read_basis(line, desk.library.content.laws, faults)
        if faults.found or not lines:
            return Refused("；".join(problem.message for problem in faults.found) or "请写至少一条依据。")
        return tuple(lines)

    prompt = "依据哪部法的哪一条？写“法律简称 第几条”，比如“专利法 第四十二条”；几条用分号隔开，最主要的放最前。"
    return Ask(prompt, read)


def _ways(ways: Sequence[str]) -> Ask:
    """The ways of asking so far; gives them changed, or None when they are enough."""
    listed = "\n".join(f"{number}. {way}" for number, way in enumerate(ways, start=1)) or "（还没有）"
    missing = LEAST_QUESTIONS - len(ways)
    wanted = f"还要至少 {missing} 种。" if missing > 0 else ""

    def read(body: Body) -> list[str] | Refused | None:
        words = (said(body) or "").strip()
        if words == ENOUGH:
            return None if missing <= 0 else Refused(wanted)
        if match := _DROP.fullmatch(words):
            gone = {int(number) for number in re.findall(r"\d+", match[1])}
            return [way for number, way in enumerate(ways, start=1) if number not in gone]
        new = [" ".join(part.split()) for part in _SPLIT.split(words) if part.strip()]
        if not new or any(not 2 <= len(way) <= LONGEST_WAY for way in new):
            return Refused(f"每种问法 2 到 {LONGEST_WAY} 个字，用分号隔开。")
        kept = {bare(way): way for way in (*ways, *new)}
        return list(kept.values())[:_MOST_WAYS]

    options = (Option(ENOUGH, ENOUGH),) if missing <= 0 else ()
    prompt = (
        f"别人会怎样问？现在有：\n{listed}\n{wanted}再写几种（用分号隔开），不要的写“去掉 2、3”。"
        "问法会公开，不要留下人名、单位和号码。"
    )
    return Ask(prompt, read, options)


def _basis_of(entry: Entry) -> tuple[str, ...]:
    """The legal basis as it is written."""
    lines = []
    for basis in entry.basis:
        limits = (f" | from {basis.since}" if basis.since else "") + (f" | until {basis.until}" if basis.until else "")
        lines.append(f"{basis.law} {basis.article or ''}".strip() + limits)
    return tuple(lines)


def _owner(topic: str, desk: Desk) -> str:
    """Who reviews the entries of a topic."""
    owners = Counter(entry.owner for entry in desk.library.content.entries.values() if entry.topic == topic)
    return owners.most_common(1)[0][0] if owners else topic


def _topic_title(id: str, desk: Desk) -> str:
    return next((topic.title for topic in desk.library.content.topics if topic.id == id), id)


FORM = FormKind("draft", "staff", "写草稿", _form, _finish, lasting=True, confidential=True)
