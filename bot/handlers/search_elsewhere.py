"""Searching elsewhere: abroad, judgments, penalties, the customs' records, plant varieties, layouts, agencies."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from bot.calculators.numbers import Form, Right, numbers_in, read_number
from bot.desk import Desk, Turn
from bot.flow import Ask, Refused, ask, said
from bot.flow import Form as Conversation
from bot.handlers import databases
from bot.handlers.questions import answer_with
from bot.handlers.search import LONGEST, Wanted, show
from bot.handlers.slots import read_slots
from bot.handlers.slots_said import Sentence
from bot.knowledge.intents import Stage
from bot.knowledge.keywords import Term
from bot.knowledge.library import Sure
from bot.links import Query, clean
from bot.messages import Body, Option, Outcome
from bot.routes import Begin, FormKind, Said

INTENT = "other_search"
_ANSWERS = 0.9  # an entry answers a question that names nothing to look for
_OPEN = "直接打开"
# label, scope; what stands in the title of a question for it
_SCOPES = {"裁判文书": "court", "行政处罚": "enforcement", "海关备案": "customs"}
_MORE_SCOPES = {"植物新品种": "variety", "布图设计": "layout", "专利代理机构": "agency", "海外": "overseas"}
_KINDS = {"专利": "patent", "商标": "mark", "外观设计": "design"}
_ASKS = {
    "court": "要查哪类案子？打案由、当事人或关键词，比如“核桃 商标侵权”。",
    "enforcement": "要查哪家企业？打企业全称或统一社会信用代码。",
    "customs": "要查哪个备案？打权利名称、权利人或备案号。",
    "variety": "要查哪个品种？打品种名称、品种权号或申请人。",
    "layout": "要查哪个布图设计？打登记号、名称或权利人。",
    "agency": "要查哪家代理机构？打机构的名称。",
    "patent": "要查什么？打关键词（最好用英文）、公司名称或号码。",
    "mark": "要查哪个商标？打名称或注册号。",
    "design": "要查什么产品的外观？打产品名称（最好用英文）或权利人。",
}
# platforms that are asked for by name, and the guide they stand in
_NAMED = (
    ("patent", r"patentscope|espacenet|googlepatents?|google\s*patents?|lens|欧专局"),
    ("mark", r"tmview|branddb|global\s*brand|品牌数据库|商标数据库|madrid|马德里"),
    ("design", r"designview|designdb|外观(?:设计)?数据库|海牙"),
)
_US, _EU = re.compile(r"美国|uspto", re.IGNORECASE), re.compile(r"欧盟|欧洲|euipo", re.IGNORECASE)
_WORDS = (
    r"patentscope|espacenet|tmview|branddb|designview|designdb|global\s*brand\s*database|google\s*patents?|the\s*lens|uspto|euipo|wipo|"
    r"世界知识产权组织|欧专局|全球|品牌|外观设计|外观|专利|商标|数据库|裁判文书网?|裁判|判决书?|判例|裁定书?|案例|案子|行政处罚|处罚|"
    r"知识产权|记录|公告|海关|备案|保护|植物|新品种|品种权|品种|集成电路|布图设计|布图|代理机构|代理师|代理|国外|外国|海外|境外|国际|"
    r"马德里|美国|欧盟|欧洲|日本|韩国|德国|英国|法国|俄罗斯|哈萨克斯坦|中亚|链接|网址|入口|网站|企业|侵权|类似的?|里面?|上|库|"
    r"给我|发我|想看|怎么|咋|有没有"
)
_COURT_WORDS = (  # of judgments 商标侵权, 专利 … are what is looked for
    r"中国|裁判文书网?|裁判|判决书?|判例|裁定书?|指导案例|典型案例|案例|案子|法院|链接|网址|入口|网站|类似的?|里面?|上的?|"
    r"给我|发我|想看|怎么|咋|有没有"
)
_DATABASES = re.compile(r"网点.{0,10}(?:数据库|专题库|工具|小程序|公众号)|(?:数据库|专题库).{0,4}网点")


def search(turn: Turn, desk: Desk) -> Said | Begin:
    """What the sentence names is looked for; what it leaves open is asked."""
    if _DATABASES.search(turn.said):
        return databases.directory(turn, desk)
    scope = str(read_slots(INTENT, turn.said, desk).get("scope") or "")
    given = _given(turn.said, scope, desk)
    if "words" not in given:
        found = desk.library.search(turn.said, desk.day)
        if isinstance(found, Sure) and found.confidence >= _ANSWERS:
            return answer_with(found.entry, desk, found.confidence, None, turn.said)
    return Begin(INTENT, given)


def overseas(turn: Turn, desk: Desk) -> Begin:
    """“海外查询”."""
    return Begin(INTENT, _given(turn.argument, "overseas", desk))


def rights(turn: Turn, desk: Desk) -> Begin:
    """“维权查询”: judgments, penalties, the customs' records."""
    return Begin(INTENT, _given(turn.argument, "", desk) if turn.argument else {})


def _given(sentence: str, scope: str, desk: Desk) -> dict[str, str]:
    """What a sentence says: the scope, of what kind abroad, in which country, and what is looked for."""
    given = {"scope": scope} if scope else {}
    text = Sentence.of(sentence, desk)
    if scope == "overseas":
        kind = next((kind for kind, words in _NAMED if text.find(words)), "") or next(
            (kind for label, kind in reversed(_KINDS.items()) if label[:2] in text.text), ""
        )
        given |= {"kind": kind} if kind else {}
        given |= {"country": "us"} if _US.search(text.text) else {"country": "eu"} if _EU.search(text.text) else {}
        if any(text.find(words) for _, words in _NAMED):
            given["words"] = ""  # a platform was asked for by its name: it is opened
    if found := numbers_in(sentence):
        given["words"] = found[0]
    elif words := _rest(text, scope):
        given["words"] = words
    return given


def _rest(text: Sentence, scope: str) -> str:
    """What is looked for: what is quoted, else what is left without the words of the request."""
    quoted = text.find(r"[“\"「『《«]([^”\"」』》»]{1,40})[”\"」』》»]")
    words = clean(quoted[1]) if quoted else clean(text.rest(_COURT_WORDS if scope == "court" else _WORDS))
    return words if len(words) >= 2 else ""


# -- the form -----------------------------------------------------------------------------------------------------


def _form(desk: Desk, given: Mapping[str, Any]) -> Conversation[Wanted]:
    wanted = dict(given)
    if not wanted.get("scope"):
        wanted["scope"] = yield from _choose("要查哪一种？", {**_SCOPES, **_MORE_SCOPES}, desk)
    if wanted["scope"] == "overseas" and not wanted.get("kind"):
        wanted["kind"] = yield from _choose("要查海外的哪一种？", _KINDS, desk)
    if "words" not in wanted:
        question = _ASKS[wanted["kind"] if wanted["scope"] == "overseas" else wanted["scope"]]
        prompt = f"{question}只要网址就点“{_OPEN}”。"
        wanted["words"] = yield from ask(Ask(prompt, _reader(desk), (Option(_OPEN, _OPEN),), open=True))
    return wanted


def _choose(question: str, choices: Mapping[str, str], desk: Desk) -> Conversation[str]:
    def read(body: Body) -> str | Refused:
        words = said(body) or ""
        if words in choices:
            return choices[words]
        return Refused(f"请从这几项里选：{'、'.join(choices)}。")

    options = tuple(Option(label, label) for label in choices)
    answer: str = yield from ask(Ask(question, read, options))
    return answer


def _reader(desk: Desk) -> Callable[[Body], str | Refused]:
    def read(body: Body) -> str | Refused:
        words = said(body)
        if words is None:
            return Refused("这里请用文字回答。")
        if words == _OPEN:
            return ""
        rule = desk.intents.match(words, Stage.FIRST, Stage.SERVICE)
        if rule is not None and rule.intent not in (INTENT, "number_check", "consult"):
            return Refused("现在在填查询的内容。")
        if len(words) > LONGEST:
            return Refused(f"太长了（{len(words)} 个字），请用几个关键词说，不超过 {LONGEST} 个字。")
        return clean(words) or Refused("请打名称、关键词或号码。")

    return read


def _finish(turn: Turn, desk: Desk, given: Mapping[str, Any], wanted: Wanted) -> Said:
    words = str(wanted.get("words") or "")
    asked = "words" not in given
    guide, query = _guide(wanted, words, desk)
    told = f"按“{words}”{desk.links.guides[guide].title}：" if words else f"{desk.links.guides[guide].title}："
    found = show(guide, query, desk, told)
    slots = {"scope": wanted["scope"], **({"keyword": words} if asked and words else {})}
    return Said(found.replies, Outcome.DONE if asked else Outcome.ANSWER, slots=slots)


def _guide(wanted: Wanted, words: str, desk: Desk) -> tuple[str, Query]:
    if wanted["scope"] != "overseas":
        return str(wanted["scope"]), _query(words)
    reading = read_number(words, desk.day) if words else None
    if isinstance(reading, Right):
        match reading.form:
            case Form.FOREIGN | Form.INTERNATIONAL_PUBLICATION | Form.PUBLICATION:
                return "patent-foreign", Query(publication=reading.normal.replace("/", ""))
            case Form.MADRID:
                return "madrid-mark", Query(number=reading.normal.removeprefix("G"))
    match wanted["kind"], wanted.get("country"):
        case "patent", country:
            terms = desk.keywords.read(words, desk.library.lexicon.cut) or ((Term(words),) if words else ())
            query = Query(words=tuple(t.words for t in terms), english=tuple(t.english for t in terms))
            return "us-patent" if country == "us" else "foreign-patent", query
        case "mark", country:
            return {"us": "us-mark", "eu": "eu-mark"}.get(str(country), "foreign-mark"), _query(words)
    return "foreign-design", _query(words)


def _query(words: str) -> Query:
    return Query(name=words) if words else Query()


FORM = FormKind(INTENT, INTENT, "海外和维权查询", _form, _finish)
