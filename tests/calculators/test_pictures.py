"""Tables as pictures, and the font they need."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from PIL import ImageFont

from bot.calculators.pictures import draw_table, find_font


def test_where_no_font_is_installed_there_is_none(tmp_path: Path) -> None:
    assert find_font((tmp_path, tmp_path / "missing")) is None


def test_a_sans_serif_is_preferred(tmp_path: Path) -> None:
    for name in ("NotoSerifCJK-Bold.ttc", "NotoSansCJK-Regular.ttc", "DejaVuSans.ttf"):
        (tmp_path / name).touch()
    assert find_font((tmp_path,)) == tmp_path / "NotoSansCJK-Regular.ttc"


def test_a_table_is_drawn_with_all_its_rows(tmp_path: Path) -> None:
    font = tmp_path / "any.ttf"
    found = ImageFont.load_default(20)
    assert isinstance(found, ImageFont.FreeTypeFont)
    font.write_bytes(found.font_bytes)
    rows = [("年度", "全额"), ("第1-3年", "900")]
    small, large = (draw_table("title", rows * n, "note", font) for n in (1, 3))
    sizes = [struct.unpack(">II", picture[16:24]) for picture in (small, large)]
    assert small.startswith(b"\x89PNG")
    assert sizes[0][0] == sizes[1][0] == 720
    assert sizes[1][1] - sizes[0][1] == 4 * 52


def test_a_font_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "broken.ttf").write_bytes(b"no font")
    with pytest.raises(OSError, match=r"."):
        draw_table("title", [("a",)], "note", tmp_path / "broken.ttf")
