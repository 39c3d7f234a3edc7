"""A long message in parts: its sentences and clauses, and whether a part asks something."""

from __future__ import annotations

import re

from bot.knowledge.text import bare

_SENTENCES = re.compile(
    r"[。！？!?；;\n]+|(?:另外|还有就是|还有(?=，|,|\s|我|专利|商标)|顺便(?:再)?问?|还想问|再问|以及)"
)
_CLAUSES = re.compile(r"[，,、：:。！？!?；;\n\s]+")
_ASKS = re.compile(
    r"吗|么|呢|多少|怎么|如何|咋|能不能|能否|可否|几|谁|哪|是否|可以|多久|啥|什么|要不要|用不用|算不算|有没有|会不会|行不|不\s*$|[？?]"
)
_SENTENCE, _CLAUSE = 3, 4  # fewer characters say nothing by themselves


def sentences(said: str) -> list[str]:
    """The sentences of a message, also those that are only joined by 另外, 顺便 …"""
    return [s.strip(" ，,") for s in _SENTENCES.split(said) if s and len(bare(s)) >= _SENTENCE]


def clauses(said: str) -> list[str]:
    """The pieces between stops and spaces that are long enough to say something."""
    return [c for c in _CLAUSES.split(said) if len(bare(c)) >= _CLAUSE]


def is_question(said: str) -> bool:
    """Whether a sentence asks something."""
    return bool(_ASKS.search(said))
