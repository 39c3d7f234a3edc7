"""Reading a sentence for slots: its plain form, what is left when the request is taken away, places, numbers, dates."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from bot.desk import Desk
from bot.handlers.dates import day_in
from bot.knowledge.numerals import chinese_number
from bot.knowledge.text import plain

Slots = dict[str, object]

_NUMERAL = r"[零〇一二三四五六七八九十百千两]+"
NUMBER = rf"(?:\d+|{_NUMERAL})"
# words of a request that belong to no name; they part a sentence into pieces
_REQUEST = (
    r"请问|请|想(?=查|搜|找|看|检)|帮我|帮忙|麻烦|给我|替我|我想要|我想|我要|想要|想知道|查一?[查下哈看]看?|查询(?:一?下|一?哈(?!密))?|查找|查到|能查到|查个|"
    r"检索(?:一?下|一?哈(?!密))?|搜索?(?:一?[下搜]|一?哈(?!密))?(?!集)|找(?:一?[下找]|一?哈(?!密))|找出来|看一?[看下]|瞅瞅|了解一下|了解|核实一下|核实|一下|"
    r"这个|那个|这篇|这件|这项|那件|有没有|有哪些|有几个|有几件|都有啥|都有|有啥|有什么|是不是|能不能|可不可以|哪些|什么|"
    r"相关|关于|情况|信息|名下|一共|全部|所有|吧|呢|呀|啊|嘛|咧|哈(?=$|\s)"
)
_BREAK = r"[\s，,。；;：:？?！!、“”\"'「」『』《》()（）~～]+"
# single words at the edges of a piece, but not where they belong to a name (有机肥, 那拉提, 千里, 太阳能)
_EDGES_LEFT = re.compile(r"^(?:[的了吗呢在查搜找是请问个把就]|有(?!机)|那(?!拉提)|看(?!护)|我(?:们|家)?|麻烦)")
_EDGES_RIGHT = re.compile(
    r"(?:[的了吗呢不没么是有这都到给]|(?<![千万百公海故梦])里|(?<![太功智性阳才光热风节机])能|(?<![许巧])可|被|过)$"
)


def simplified(said: str) -> str:
    """``said`` in simplified characters and one width, capitals kept."""
    wide = unicodedata.normalize("NFKC", said)
    low = plain(said)
    if len(low) != len(wide):
        return low
    return "".join(w if w.lower() == c else c for w, c in zip(wide, low, strict=True))


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence to read slots from. ``text`` is simplified, with slips in the words of services mended."""

    said: str
    text: str

    @classmethod
    def of(cls, said: str, desk: Desk) -> Sentence:
        return cls(said, desk.intents.mend(simplified(said)))

    def has(self, *words: str) -> bool:
        return any(word in self.text for word in words)

    def find(self, pattern: str) -> re.Match[str] | None:
        return re.search(pattern, self.text, re.IGNORECASE)

    def typed(self, part: str) -> str:
        """``part`` of the text as it was typed, where the characters can be told."""
        at = self.text.find(part)
        return self.said[at : at + len(part)] if len(self.said) == len(self.text) and at >= 0 else part

    def meant(self, part: str) -> str:
        """``part`` of the text in simplified characters, but with no slip mended: names are no slips."""
        at, unmended = self.text.find(part), simplified(self.said)
        return unmended[at : at + len(part)] if len(unmended) == len(self.text) and at >= 0 else part

    def rest(self, words: str, left: str = "", right: str = "") -> str:
        """The longest piece that is left without the request, ``words``, and ``left`` and ``right`` at its edges."""
        pieces = re.split(f"(?:{_BREAK}|{words}|{_REQUEST})+", self.text, flags=re.IGNORECASE)
        return max((self._trim(piece, left, right) for piece in pieces if piece), key=len, default="")

    @staticmethod
    def _trim(piece: str, left: str, right: str) -> str:
        before = ""
        while piece != before:
            before = piece
            piece = _EDGES_RIGHT.sub("", _EDGES_LEFT.sub("", piece))
            if left:
                piece = re.sub(f"^(?:{left})", "", piece)
            if right:
                piece = re.sub(f"(?:{right})$", "", piece)
        return piece


def place(sentence: Sentence, desk: Desk, strict: bool = False) -> Slots:
    """``place`` as it was typed and ``region`` as it is called in full."""
    found = desk.gazetteer.find(sentence.text, strict=strict)
    if found is None:
        return {}
    return {"place": sentence.typed(found.words), "region": found.division.full_name}


def count(words: str) -> int:
    """The value of what :data:`NUMBER` matched."""
    return chinese_number(words)


def amount(text: str) -> int | None:
    """A sum of money: 6000, 8千, 5k, 一万二, 80万, 1.2万."""
    match = re.search(rf"(\d+(?:\.\d+)?|{_NUMERAL})\s*(万|千|k|w)?(\d|[一二三四五六七八九])?", text, re.IGNORECASE)
    if not match:
        return None
    digits, unit, rest = match[1], (match[2] or "").lower(), match[3]
    value = float(digits) if digits[0].isdecimal() else float(chinese_number(digits))
    if short := re.search(r"(?<=([百千]))[一二三四五六七八九]$", digits):  # 七千五 is 7500
        value += chinese_number(short[0]) * ({"百": 10, "千": 100}[short[1]] - 1)
    factor = {"万": 10_000, "w": 10_000, "千": 1000, "k": 1000}.get(unit, 1)
    more = chinese_number(rest) * factor // 10 if rest and factor > 1 else 0
    return round(value * factor) + more


def topic(sentence: Sentence) -> Slots:
    """The subject of a training that stands first in the sentence."""
    found = [(at, -len(word), name) for word, name in _TOPICS if (at := sentence.text.find(word)) >= 0]
    return {"topic": min(found)[2]} if found else {}


_TOPICS = (
    ("海外", "海外"),
    ("涉外", "海外"),
    ("商标", "商标"),
    ("品牌", "商标"),
    ("地理标志", "地理标志"),
    ("地标", "地理标志"),
    ("专利", "专利"),
    ("版权", "著作权"),
    ("著作权", "著作权"),
    ("软著", "软件著作权"),
    ("软件著作权", "软件著作权"),
    ("维权", "维权"),
    ("检索", "检索"),
    ("质押", "质押"),
    ("品种", "植物新品种"),
    ("商业秘密", "商业秘密"),
)


def period(sentence: Sentence, today: date) -> Slots:
    """``week`` (this, next) or ``month`` (1 to 12) that a sentence names."""
    if sentence.find(r"下(一)?个?(周|星期|礼拜)"):
        return {"week": "next"}
    if sentence.find(r"[本这]个?(周|星期|礼拜)"):
        return {"week": "this"}
    if match := sentence.find(rf"({NUMBER})月(?!\d|之内|内)"):
        month = count(match[1])
        return {"month": month} if 1 <= month <= 12 else {}
    if sentence.find(r"下个?月"):
        return {"month": today.month % 12 + 1}
    if sentence.find(r"[本这]个?月"):
        return {"month": today.month}
    return {}


def day(sentence: Sentence, today: date) -> date | None:
    """The first day that a sentence names: in full, without its year (the last such day), or as 昨天, 上周三, 上个月15号."""
    found = day_in(sentence.text, today)
    return found if isinstance(found, date) else None
