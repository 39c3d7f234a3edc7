"""The confidence is a probability, and it rises with what speaks for a hit."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.knowledge.confidence import BOTH, SHARES, WORDS, Evidence, Likeness, Weighing, blend, confidence

share = st.floats(0, 1)
cosine = st.floats(-1, 1)
evidence = st.builds(
    Evidence,
    score=share,
    margin=share,
    unknown=share,
    grounded=st.booleans(),
    both=share,
    covered=st.floats(0, 2),
    alike=share,
    weighing=st.sampled_from([WORDS, BOTH]),
)


@given(evidence)
def test_it_is_a_probability(some: Evidence) -> None:
    assert 0 < confidence(some) < 1


@given(evidence, share)
def test_closer_and_further_ahead_is_surer(some: Evidence, more: float) -> None:
    assert confidence(replace(some, score=some.score + more)) >= confidence(some)
    assert confidence(replace(some, margin=some.margin + more)) >= confidence(some)


@given(evidence)
def test_strange_words_make_it_less_sure_and_a_thing_of_the_field_surer(some: Evidence) -> None:
    assert confidence(replace(some, unknown=1.0)) <= confidence(some)
    assert confidence(replace(some, grounded=True)) >= confidence(replace(some, grounded=False))


@pytest.mark.parametrize("weighing", [WORDS, BOTH])
def test_a_weighing_has_a_weight_for_each_feature_and_thresholds_that_can_be_met(weighing: Weighing) -> None:
    some = Evidence(1.0, 0.15, 0.0, True, 1.0, 1.0, 1.0, weighing)
    assert len(weighing.weights) == len(some.features())
    assert confidence(some) > 0.9 > weighing.sure > weighing.tie > 0


def test_the_shares_make_a_whole() -> None:
    assert sum(SHARES) == pytest.approx(1)


@given(share, cosine, cosine)
def test_a_blend_stays_between_nothing_and_all_and_rises_with_its_parts(
    words: float, near: float, closest: float
) -> None:
    blended = blend(words, Likeness(closest, near, 1))
    assert 0 <= blended <= 1 + 1e-9
    assert blend(1.0, Likeness(closest, near, 1)) >= blended
    assert blend(words, Likeness(1.0, near, 1)) >= blended
    assert blend(words, Likeness(closest, 1.0, 1)) >= blended
