"""What a file is by its content: the types that forms take, nothing with macros, and no ZIP is unpacked."""

from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.files.kinds import type_of
from bot.messages import FILE_TYPES
from tests.samples import DOCX, JPG, PDF, PNG, XLSX, zipped


def kind(folder: Path, content: bytes) -> str:
    path = folder / "x"
    path.write_bytes(content)
    return type_of(path)


@pytest.mark.parametrize(
    ("content", "ending"), [(PDF, "pdf"), (b"\n\n" + PDF, "pdf"), (PNG, "png"), (JPG, "jpg"), (DOCX, "docx"), (XLSX, "xlsx")]
)  # fmt: skip
def test_what_forms_take(tmp_path: Path, content: bytes, ending: str) -> None:
    assert kind(tmp_path, content) == FILE_TYPES[ending]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"x",
        b"MZ\x90\x00",
        b"<html><script>alert(1)</script>",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"GIF89a",
        b"PK\x03\x04",
        DOCX[:-10],
        zipped("a.txt"),
        zipped("word/document.xml"),
        zipped("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"),
        zipped("[Content_Types].xml", "ppt/presentation.xml"),
        b"x" * 1030 + b"%PDF-1.4",
    ],
)
def test_anything_else_is_nothing(tmp_path: Path, content: bytes) -> None:
    assert kind(tmp_path, content) == ""


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    """64 MB of zeros in 300 KB are a DOCX by its parts; its size on the disk is what counts."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("[Content_Types].xml", "<x/>")
        with archive.open("word/document.xml", "w") as part:
            for _ in range(64):
                part.write(bytes(1024 * 1024))
    assert kind(tmp_path, made.getvalue()) == FILE_TYPES["docx"]


def test_a_directory_of_a_hundred_thousand_parts_is_not_read(tmp_path: Path) -> None:
    end = struct.pack("<4s4xHHLLH", b"PK\x05\x06", 0xFFFF, 0xFFFF, 0xFFFFFFF0, 0, 0)
    assert kind(tmp_path, DOCX + end) == ""


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=200) | st.binary(max_size=100).map(lambda b: b"PK\x03\x04" + b + b"PK\x05\x06" + b))
def test_no_content_makes_it_fail(tmp_path: Path, content: bytes) -> None:
    assert kind(tmp_path, content) in ("", *FILE_TYPES.values())
