"""Literals: what an expression cannot match without, and that no rule is lost by looking for that first."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.knowledge.intents import Stage, read_intents
from bot.knowledge.literals import Expression, Form, Sieve

ROOT = Path(__file__).parent.parent.parent
CONTENT, QUESTIONS = ROOT / "content", ROOT / "tests" / "questions"
EXPRESSIONS = (
    "商标",
    "知识产权局",
    "商标|专利(号|权)",
    "[查找]一?下",
    "(?<!检)查(?!处).{0,6}(商标|商品)",
    "^(我|我们)?(要|想)$",
    "(嗨|你好)+[啊呀]*",
    r"\d{4}号|cn\d",
    "[一-龥]{2}局",
    "(?i:PCT)专利",
    "(?=.*网点)电话",
    "a?b*c{0,2}",
    "(?:x|)y",
)


@pytest.mark.parametrize(
    ("expression", "needs"),
    [
        ("商标", {"商标"}),
        ("知识产权局", {"知识产"}),
        ("商标|专利(号|权)", {"商标", "专利"}),
        ("[查找]一?下", {"下"}),
        ("(商标|专利)?", None),
        (r"\d{12}", None),
        ("商标|", None),
        ("(?i)pct", None),
        ("(?i:pct)号", {"号"}),
        ("[^a]网", {"网"}),
    ],
)
def test_what_an_expression_needs(expression: str, needs: set[str] | None) -> None:
    assert Expression.of(expression).needs == needs


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(EXPRESSIONS).flatmap(lambda e: st.tuples(st.just(e), st.from_regex(e) | st.text())))
def test_what_is_found_is_found_with_its_literals(drawn: tuple[str, str]) -> None:
    expression, text = drawn
    assert Expression.of(expression).is_in(Form.of(text)) == bool(re.search(expression, text))


@given(st.lists(st.sampled_from(EXPRESSIONS), min_size=1, max_size=5), st.data())
def test_a_sieve_lets_through_all_that_is_found(expressions: list[str], data: st.DataObject) -> None:
    text = data.draw(st.from_regex(data.draw(st.sampled_from(expressions))))
    found = [n for n, expression in enumerate(expressions) if re.search(expression, text)]
    assert set(found) <= set(Sieve([[Expression.of(e)] for e in expressions]).sift(Form.of(text)))


@pytest.mark.parametrize("faulty", ["(商标", "[", "(?<=商标?)局"])
def test_what_is_no_expression_is_refused_when_it_is_read(faulty: str) -> None:
    with pytest.raises(re.error):
        Expression.of(faulty)


def test_no_rule_of_the_content_is_lost() -> None:
    lines = [line for path in sorted(QUESTIONS.glob("train_*.jsonl")) for line in path.read_text("utf-8").splitlines()]
    rows = [json.loads(line) for line in lines[::16]]
    said = [row.get("question") or row.get("message") or row.get("text") or row["turns"][0]["user"] for row in rows]
    rules = [rule for rule in read_intents(CONTENT)[0].rules if rule.stage is Stage.SERVICE]
    for sentence in said:
        form = Form.of(sentence)
        for rule in rules:
            for together in rule.patterns:
                plainly = all(re.search(expression.text, sentence) for expression in together)
                assert plainly == all(expression.is_in(form) for expression in together), (rule.id, sentence)
