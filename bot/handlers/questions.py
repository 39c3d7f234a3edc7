"""Free questions: answered from the library, offered as choices, or honestly declined."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.desk import Desk, Turn
from bot.handlers.followups import is_elliptical, resolve, subjects
from bot.handlers.replies import choices, entry_reply, offers
from bot.knowledge.clauses import clauses, is_question, sentences
from bot.knowledge.entries import Entry
from bot.knowledge.library import Found, Near, Nothing, Sure
from bot.knowledge.numerals import ARTICLE, chinese_number, to_chinese
from bot.knowledge.text import bare, has_han, plain
from bot.messages import Option, Outcome, Reply
from bot.routes import Said, say

_LONG = 30
_FOLLOWS = 25  # a longer question stands alone
_COMPLETE = 0.6  # so does one that leaves nothing out and is answered as surely
NOTHING_SAID = "没看懂您的意思。直接说您想办的事或想问的问题就行，比如“发明专利保护多少年”“喀什网点在哪”。"


@dataclass(frozen=True, slots=True)
class _Meant:
    """What was found for a question, and the question as it was completed (None: as it was said)."""

    found: Found
    question: str
    understood: str | None = None


def answer(turn: Turn, desk: Desk) -> Said:
    """Answer ``turn.said``: one entry, several, choices, or a refusal with the closest topics."""
    said = turn.said
    if cited := _article(said, desk):
        return cited
    parts = _parts(said, desk)
    if len(parts) > 1:
        return _both(parts, desk)
    meant = _in_context(turn, desk)
    if meant is None:
        if not desk.library.lexicon.names_something(said):
            return vague(desk) if has_han(said) else unclear(desk)
        meant = _Meant(desk.library.search(said, desk.day), said)
    if parts and (not isinstance(meant.found, Sure) or parts[0][1].confidence > meant.found.confidence):
        question, sure = parts[0]
        meant = _Meant(sure, question, question if bare(question) != bare(said) else None)
    match meant.found:
        case Sure(entry, confidence):
            return answer_with(entry, desk, confidence, meant.understood, meant.question)
        case Near(entries, confidence):
            return replace(_offer(entries, confidence), question=desk.library.lexicon.read(meant.question).text)
        case Nothing(closest, confidence):
            return _nothing(turn, closest, confidence, desk)


def answer_with(
    entry: Entry, desk: Desk, confidence: float = 1.0, understood: str | None = None, question: str = ""
) -> Said:
    """The answer of one entry."""
    reply = entry_reply(entry, desk, understood)
    rating = (Option("有用", f"有用 {entry.id}"), Option("没用", f"没用 {entry.id}"))
    return Said(
        (replace(reply, options=(*reply.options, *rating)),),
        entry=entry.id,
        entries=(entry.id,),
        confidence=round(confidence, 3),
        understood=understood,
        question=desk.library.lexicon.read(question or entry.title).text,
    )


def _offer(entries: tuple[Entry, ...], confidence: float) -> Said:
    return Said(
        (Reply("您想问的是不是：", options=choices(entries)),),
        Outcome.CLARIFY,
        entries=tuple(e.id for e in entries),
        confidence=round(confidence, 3),
    )


def _in_context(turn: Turn, desk: Desk) -> _Meant | None:
    """What a question means after the last answered one; None when it stands alone.

    A question that leaves nothing out, and names a thing of its own or is answered for sure, is a new one.
    """
    before, said = turn.conversation.question, turn.said
    lexicon = desk.library.lexicon
    last = desk.library.entry(turn.conversation.entry, desk.day)
    if not before or last is None or len(bare(said)) > _FOLLOWS:
        return None
    if not is_elliptical(said, lexicon):
        if subjects(lexicon.read(said).text, lexicon):
            return None
        alone = desk.library.search(said, desk.day)
        if isinstance(alone, Sure) and alone.confidence >= _COMPLETE:
            return None
    meant = resolve(said, before, last, desk.library, desk.day)
    if meant is None:
        return None
    understood = None if meant.question == said else meant.question
    return _Meant(Sure(meant.entry, min(meant.close, 1.0)), meant.question, understood)


def _parts(said: str, desk: Desk) -> list[tuple[str, Sure]]:
    """The questions inside a long message that are answered for sure, best first; all of them when it holds several."""
    parts = sentences(said)
    several = len(parts) > 1
    if not several and len(bare(said)) < _LONG:
        return []
    found: dict[str, tuple[str, Sure]] = {}
    for sentence in parts:
        result = desk.library.search(sentence, desk.day)
        if isinstance(result, Sure) and is_question(sentence):
            found.setdefault(result.entry.id, (sentence, result))
    if not found:
        for clause in clauses(said):
            if is_question(clause):
                result = desk.library.search(clause, desk.day)
                if isinstance(result, Sure):
                    found.setdefault(result.entry.id, (clause, result))
        best = sorted(found.values(), key=lambda part: -part[1].confidence)
        return best[:1]
    return list(found.values())[:2]


def _both(parts: list[tuple[str, Sure]], desk: Desk) -> Said:
    answers = [answer_with(sure.entry, desk, sure.confidence, None, question) for question, sure in parts]
    return Said(
        tuple(reply for a in answers for reply in a.replies),
        entry=answers[0].entry,
        entries=tuple(id for a in answers for id in a.entries),
        confidence=min(a.confidence or 0.0 for a in answers),
        question=answers[-1].question,
    )


def _article(said: str, desk: Desk) -> Said | None:
    """“专利法第42条”: the entries that rest on it; an article that does not exist is named as such."""
    match = ARTICLE.search(plain(said))
    if not match:
        return None
    text = plain(said)
    laws = [
        (len(name), law)
        for law in desk.library.content.laws.values()
        for name in (law.short, law.name, *law.aliases)
        if plain(name) in text and law.status_on(desk.day) != "已废止"
    ]
    if not laws:
        return None
    law = max(laws, key=lambda pair: (pair[0], pair[1].status_on(desk.day) == "现行"))[1]
    number = chinese_number(match[1])
    if law.last_article is not None and not 1 <= number <= law.last_article:
        return say(
            Reply(
                f"《{law.name}》（{law.version}）一共{law.last_article}条，没有第{number}条。您想问的是哪方面的规定？",
                options=offers(("菜单",), desk),
            ),
            Outcome.CLARIFY,
        )
    wanted = f"第{to_chinese(number)}条"
    resting = [
        e
        for e in desk.library.content.entries.values()
        if e.holds_on(desk.day)
        and any(b.law == law.short and (b.article or "").startswith(wanted) for b in e.basis_on(desk.day)[:1])
    ]
    if not resting:
        return None
    rest = ARTICLE.sub("", text)
    for _, name in sorted(((len(n), n) for n in (law.short, law.name, *law.aliases)), reverse=True):
        rest = rest.replace(plain(name), "")
    if len(bare(rest)) > 8:
        return None  # it asks something of its own
    if len(resting) == 1:
        return answer_with(resting[0], desk, 0.95)
    return _offer(tuple(resting[:4]), 0.6)


def _nothing(turn: Turn, closest: tuple[Entry, ...], confidence: float, desk: Desk) -> Said:
    """No entry answers: a question back, or a refusal with the closest topics."""
    said = turn.said
    lexicon = desk.library.lexicon
    reading = lexicon.read(said)
    words = [t for t in reading.tokens if t[0] not in "#@~" and len(t) >= 2]
    if (not has_han(said) and not subjects(reading.text, lexicon)) or len(bare(said)) < 2:
        return unclear(desk)
    if not words:
        return vague(desk)
    if lexicon.terms_in(reading.text):
        return Said(
            (
                Reply(
                    "这个问题我没有核对过的答案，不能乱说。可以看看下面相近的问题，或者找人帮您。",
                    options=(*choices(closest[:3]), *offers(("转人工",), desk)),
                ),
            ),
            Outcome.DECLINE,
            entries=tuple(e.id for e in closest[:3]),
            confidence=confidence,
        )
    if _is_noise(said, lexicon.knows):
        return unclear(desk)
    return Said(
        (
            Reply(
                "这不在我能回答的范围里。我只回答知识产权方面的问题：专利、商标、地理标志、著作权、商业秘密，还有服务网点。",
                options=offers(("菜单", "附近网点", "转人工"), desk),
            ),
        ),
        Outcome.DECLINE,
        confidence=confidence,
    )


def _is_noise(said: str, knows: object) -> bool:
    """Whether a message holds no word of the language: 啊吧啊吧, 阿斯顿发."""
    words = bare(said)
    return callable(knows) and not any(knows(words[i : i + 2]) for i in range(len(words) - 1))


def unclear(desk: Desk) -> Said:
    return say(Reply(NOTHING_SAID, options=offers(("菜单",), desk)), Outcome.CLARIFY)


def vague(desk: Desk) -> Said:
    """“多少钱”, “咋办” without a topic: ask which."""
    return say(
        Reply(
            "您问的是哪一类？选一个，或者把话说全一点，比如“发明专利年费多少钱”。",
            options=offers(
                ("主题 patent-fee", "主题 patent-term", "主题 tm-register", "主题 copyright", "主题 gi", "菜单"), desk
            ),
        ),
        Outcome.CLARIFY,
    )


def entry(turn: Turn, desk: Desk) -> Said:
    """``#id``: that entry, never another; ``#id 更多``: its folded rest."""
    id, _, rest = turn.said.removeprefix("#").partition(" ")
    found = desk.library.entry(id.strip().lower(), desk.day)
    if found is None:
        return say(Reply("这一条已经不在了，换个说法问我吧。", options=offers(("菜单",), desk)), Outcome.CLARIFY)
    said = answer_with(found, desk)
    if rest.strip() == "更多" and said.replies[0].more:
        reply = said.replies[0]
        options = tuple(o for o in reply.options if o.label != "更多")
        unfolded = Reply(reply.more, citations=reply.citations, options=options, links=reply.links)
        return Said((unfolded,), entry=found.id, entries=(found.id,), confidence=1.0, question=said.question)
    return said


def more(turn: Turn, desk: Desk) -> Said:
    """“更多”: the folded rest of the entry that answered last."""
    if turn.conversation.entry:
        return entry(replace(turn, said=f"#{turn.conversation.entry} 更多"), desk)
    return unclear(desk)
