"""The question for a file: what its reader takes and refuses, in kind words; what is recorded reads the same again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.flow import Refused, ask_file, record, restore, tokens, upload
from bot.messages import FILE_TYPES, FileWanted, Place, Text, Upload, megabytes

READ = upload(("pdf", "jpg"), 2 * 2**20)
FINE = Upload("a.pdf", "/x", FILE_TYPES["pdf"], 100)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (Upload("a.pdf", None, "", 3 * 2**20), "太大了，这里最多收 2 MB"),
        (Upload("a.pdf", "/x", FILE_TYPES["pdf"], 3 * 2**20), "太大了"),
        (Upload("a.pdf"), "没有收到，请再发一次"),
        (Upload("a.pdf", "/x", "", 0), "是空的"),
        (Upload("a.exe", "/x", "", 100), "这里收 PDF、JPG，不超过 2 MB"),
        (Upload("a.png", "/x", FILE_TYPES["png"], 100), "按内容不是"),
        (Text("在这里"), "这里要一个文件：PDF、JPG，不超过 2 MB"),
        (Place(43.8, 87.6), "这里要一个文件"),
    ],
)
def test_what_is_refused(body: Upload | Text | Place, why: str) -> None:
    refused = READ(body)
    assert isinstance(refused, Refused)
    assert why in refused.why


def test_what_fits_is_the_value() -> None:
    assert READ(FINE) is FINE


def test_something_else_may_be_said_instead() -> None:
    question = ask_file("请发执照。", ("以后再交", None), types=("pdf",), at_most=1000)
    assert question.read(Text("以后再交")) is None
    assert question.read(FINE) is FINE
    assert isinstance(question.read(Text("不知道")), Refused)
    reply = question.show()
    assert reply.asks_file == FileWanted(("pdf",), 1000)
    assert [option.label for option in reply.options] == ["以后再交"]


@given(
    st.builds(
        Upload, st.text(min_size=1), st.none(), st.sampled_from([*FILE_TYPES.values()]), st.integers(1), st.text()
    )
)
def test_what_is_recorded_is_restored(body: Upload) -> None:
    assert restore(record(body)) == body
    assert tokens([record(body)]) == ([body.token] if body.token else [])


@pytest.mark.parametrize(
    ("size", "words"), [(10 * 2**20, "10 MB"), (2**19, "0.5 MB"), (5000, "4.9 KB"), (0, "0.1 KB"), (2**30, "1024 MB")]
)  # fmt: skip
def test_sizes_in_words(size: int, words: str) -> None:
    assert megabytes(size) == words
