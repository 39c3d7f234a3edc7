"""Names of files that come from outside: what of them may stand on a file system and in a header."""

from __future__ import annotations

import re
import unicodedata

from bot.messages import FILE_TYPES

NAME_BYTES = 150  # of UTF-8; file systems take 255
_RESERVED = re.compile(r'[<>:"/\\|?*%\s]+')
_ALSO = {"jpeg": "jpg"}
_ENDINGS = {type: ending for ending, type in FILE_TYPES.items()}


def clean_name(name: str, type: str = "", instead: str = "文件") -> str:
    """``name`` as it may stand on any file system and in a header: no folders, no control or direction characters.

    With a MIME ``type`` of FILE_TYPES its ending is put behind it when it is another. Never empty.
    """
    plain = unicodedata.normalize("NFC", name.encode("utf-8", "ignore").decode())
    plain = re.split(r"[/\\]", plain)[-1]
    plain = "".join(c for c in plain if unicodedata.category(c) not in ("Cc", "Cf", "Co", "Cn", "Zl", "Zp"))
    plain = _RESERVED.sub(" ", plain).strip(" .")
    stem, dot, ending = plain.rpartition(".")
    if type in _ENDINGS:
        if FILE_TYPES.get(ending.lower()) != type:
            stem = stem if _ALSO.get(ending.lower()) == _ENDINGS[type] else plain
            ending = _ENDINGS[type]
    elif not dot or len(ending) > 10:
        stem, ending = plain, ""
    stem = stem.encode()[: NAME_BYTES - len(ending.encode()) - 1].decode("utf-8", "ignore").strip(" .") or instead
    return f"{stem}.{ending}" if ending else stem
