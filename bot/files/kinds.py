"""What a file is by its content: only types that a form may take, and nothing that could run."""

from __future__ import annotations

import struct
from pathlib import Path

from bot.messages import FILE_TYPES

_HEAD = 1024  # bytes; “%PDF-” may stand anywhere in them
_END_RECORD = struct.Struct(
    "<4s4xHHLLH"
)  # of a ZIP: signature, entries here and in all, size and place of the directory
_LONGEST_COMMENT = 65_535
_LARGEST_DIRECTORY = 1024 * 1024
_PARTS = {"docx": b"word/document.xml", "xlsx": b"xl/workbook.xml"}
_MACROS = b"vbaProject.bin"


def type_of(path: Path) -> str:
    """The MIME type of a file, one of FILE_TYPES, by its content; empty when it is none of those a form may take.

    Of a ZIP only the directory is read, nothing is unpacked. Raises OSError.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if head.startswith(b"\xff\xd8\xff"):
        return FILE_TYPES["jpg"]
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return FILE_TYPES["png"]
    if head.startswith(b"PK\x03\x04"):
        return _office_type(path)
    return FILE_TYPES["pdf"] if b"%PDF-" in head else ""


def _office_type(path: Path) -> str:
    """DOCX or XLSX by the parts it has; empty with macros in it, encrypted, or with a directory that is far too long."""
    directory = _directory(path)
    if b"[Content_Types].xml" not in directory or _MACROS in directory:
        return ""
    return next((FILE_TYPES[ending] for ending, part in _PARTS.items() if part in directory), "")


def _directory(path: Path) -> bytes:
    """The central directory of a ZIP; empty when it has none."""
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size - _END_RECORD.size - _LONGEST_COMMENT))
        tail = file.read()
        at = tail.rfind(b"PK\x05\x06")
        if at < 0 or len(tail) < at + _END_RECORD.size:
            return b""
        _, _, _, length, offset, _ = _END_RECORD.unpack_from(tail, at)
        if length > _LARGEST_DIRECTORY:
            return b""
        file.seek(offset)
        return file.read(length)
