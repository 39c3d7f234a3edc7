"""Cutting gives the words that jieba gives."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import jieba
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.knowledge.cutting import cut
from bot.knowledge.text import spaced

QUESTIONS = Path(__file__).parent.parent / "questions"
LETTERS = "专利商标权人申请费用发明多少钱的了a1pct %"


@pytest.fixture(scope="module")
def general() -> jieba.Tokenizer:
    jieba.setLogLevel(logging.WARNING)
    tokenizer = jieba.Tokenizer()
    tokenizer.initialize()
    return tokenizer


def words(text: str, tokenizer: jieba.Tokenizer) -> list[str]:
    return [word for word in tokenizer.lcut(text, HMM=False) if not word.isspace()]


def test_questions_are_cut_as_jieba_cuts_them(general: jieba.Tokenizer) -> None:
    for path in sorted(QUESTIONS.glob("train_in_scope*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            text = spaced(json.loads(line)["question"])
            assert cut(text, general.FREQ, general.total) == words(text, general)


@settings(max_examples=200, deadline=None)
@given(text=st.text(LETTERS, max_size=12))
def test_any_text_is_cut_as_jieba_cuts_it(general: jieba.Tokenizer, text: str) -> None:
    text = spaced(text)
    assert cut(text, general.FREQ, general.total) == words(text, general)


def test_a_beginning_is_no_word() -> None:
    frequencies = {"专": 0, "专利": 5, "专利权": 0, "专利权人": 1, "人": 2}
    assert cut("专利权人专利权专", frequencies, 8) == ["专利权人", "专利", "权", "专"]
