"""Tables drawn as pictures, for chats that cannot show a table; needs a font with Chinese characters on the machine."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

FONT_FOLDERS = (
    Path("/usr/share/fonts"),
    Path("/usr/local/share/fonts"),
    Path.home() / ".local/share/fonts",
    Path("/System/Library/Fonts"),
    Path("C:/Windows/Fonts"),
)
# the names of font files that hold simplified Chinese, the plainer first
_FONTS = (
    "NotoSansCJK*-Regular.*",
    "NotoSansSC*-Regular.*",
    "NotoSansSC*.*",
    "SourceHanSans*-Regular.*",
    "wqy-*.tt?",
    "PingFang.ttc",
    "msyh.ttc",
    "simhei.ttf",
    "NotoSerifCJK*-Regular.*",
    "NotoSerifCJK*.*",
)
_SIMPLIFIED = 2  # in Noto's collections the third font is the one for simplified Chinese
_WIDTH, _MARGIN, _LINE = 720, 28, 52
_TITLE, _TEXT, _NOTE = 30, 25, 18
_INK, _GREY, _RULE, _BAND = "#1a1a1a", "#666666", "#c8c8c8", "#f2f5f9"


@lru_cache(maxsize=4)
def find_font(folders: tuple[Path, ...] = FONT_FOLDERS) -> Path | None:
    """A font file with simplified Chinese below ``folders``; None where there is none."""
    for pattern in _FONTS:
        for folder in folders:
            if found := sorted(folder.rglob(pattern)) if folder.is_dir() else []:
                return found[0]
    return None


def draw_table(title: str, rows: Sequence[Sequence[str]], note: str, font: Path) -> bytes:
    """A PNG of ``rows``, the first being the heads of the columns, under ``title`` and over ``note``."""
    height = 2 * _MARGIN + _LINE * (len(rows) + 1) + _LINE
    picture = Image.new("RGB", (_WIDTH, height), "white")
    draw = ImageDraw.Draw(picture)
    draw.text((_MARGIN, _MARGIN), title, fill=_INK, font=_open(font, _TITLE))
    width = (_WIDTH - 2 * _MARGIN) / max(len(row) for row in rows)
    text = _open(font, _TEXT)
    top = _MARGIN + _LINE
    for number, row in enumerate(rows):
        if number % 2 == 0:
            draw.rectangle((_MARGIN, top, _WIDTH - _MARGIN, top + _LINE), fill=_BAND)
        for column, cell in enumerate(row):
            draw.text((_MARGIN + 12 + column * width, top + 10), cell, fill=_INK, font=text)
        draw.line((_MARGIN, top + _LINE, _WIDTH - _MARGIN, top + _LINE), fill=_RULE)
        top += _LINE
    draw.text((_MARGIN, top + 12), note, fill=_GREY, font=_open(font, _NOTE))
    file = BytesIO()
    picture.save(file, "PNG", optimize=True)
    return file.getvalue()


def _open(font: Path, size: int) -> ImageFont.FreeTypeFont:
    index = _SIMPLIFIED if font.suffix == ".ttc" and font.name.startswith("Noto") else 0
    return ImageFont.truetype(str(font), size, index=index)
