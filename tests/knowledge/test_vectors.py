"""Vectors are kept by the text they belong to, whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

np = pytest.importorskip("numpy")

from bot.knowledge.vectors import Vectors  # noqa: E402 - needs numpy


def some(*numbers: float) -> object:
    return np.array([[n, 1 - n] for n in numbers], dtype=np.float32)


def nothing(folder: Path) -> Vectors:
    return Vectors.read(folder / "vectors.npz")


def test_they_are_found_again_by_their_text(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "vectors.npz"
    nothing(tmp_path).joined(["甲", "乙"], some(0.25, 0.5)).write(file, ["甲", "乙"])
    kept = Vectors.read(file)
    assert len(kept) == 2
    assert kept.of(["乙", "甲", "乙"]).tolist() == [[0.5, 0.5], [0.25, 0.75], [0.5, 0.5]]
    assert kept.missing(["甲", "丙", "丙"]) == ["丙"]
    with pytest.raises(KeyError):
        kept.of(["丙"])


def test_an_edit_keeps_what_did_not_change(tmp_path: Path) -> None:
    file = tmp_path / "vectors.npz"
    nothing(tmp_path).joined(["甲", "乙"], some(0.25, 0.5)).write(file, ["甲", "乙"])
    Vectors.read(file).joined(["丙"], some(1)).write(file, ["甲", "丙"])
    kept = Vectors.read(file)
    assert kept.missing(["甲", "乙", "丙"]) == []  # the edit may be taken back
    assert kept.of(["丙", "甲"]).tolist() == [[1, 0], [0.25, 0.75]]


def test_texts_that_are_long_gone_are_dropped(tmp_path: Path) -> None:
    file = tmp_path / "vectors.npz"
    texts = [str(n) for n in range(10)]
    nothing(tmp_path).joined(texts, some(*(n / 10 for n in range(10)))).write(file, ["9"])
    kept = Vectors.read(file)
    assert len(kept) == 2
    assert kept.missing(["8", "9"]) == []


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 half a file", b"no archive at all"])
def test_a_broken_file_counts_as_none_and_is_named(
    tmp_path: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "vectors.npz"
    file.write_bytes(content)
    assert Vectors.read(file).missing(["甲"]) == ["甲"]
    assert "made anew" in caplog.text


def test_a_file_of_another_shape_counts_as_none(tmp_path: Path) -> None:
    file = tmp_path / "vectors.npz"
    np.savez(file, keys=np.zeros((3, 2), np.uint8), values=np.zeros((3, 4), np.float16))
    assert len(Vectors.read(file)) == 0


def test_no_file_is_silent(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert len(nothing(tmp_path)) == 0
    assert not caplog.records
