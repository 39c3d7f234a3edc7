"""The page where somebody uploads a file whose chat carries none: plain HTML for a phone, in the look of the web chat."""

from __future__ import annotations

import base64
import hashlib
import html
from pathlib import Path
from string import Template

from bot.messages import FILE_TYPES, FileWanted

_STATIC = Path(__file__).parent / "static"
_FORM = Template(
    '<form class="upload" method="post" enctype="multipart/form-data">'
    '<label for="file">$words</label>'
    '<input id="file" type="file" name="file" accept="$accept" required>'
    '<button type="submit" id="send">上传</button></form>'
)
_MORE_STYLE = (
    "main p{margin:0 0 .6em}.upload{display:flex;flex-direction:column;gap:14px;align-items:stretch}"
    ".upload label{color:var(--soft)}.upload input{font:inherit;min-height:44px;max-width:100%}"
    ".upload button{justify-content:center}"
)


class UploadPage:
    """Writes the page. ``headers`` go with it: it runs no script and sends its form to where it came from."""

    def __init__(self) -> None:
        self._template = Template((_STATIC / "upload.html").read_text(encoding="utf-8"))
        self._style = (_STATIC / "chat.css").read_text(encoding="utf-8") + _MORE_STYLE
        digest = base64.b64encode(hashlib.sha256(self._style.encode()).digest()).decode()
        self.headers = {
            "Content-Security-Policy": (
                f"default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'; base-uri 'none'; "
                "frame-ancestors 'none'"
            ),
            "X-Content-Type-Options": "nosniff",
            "X-Robots-Tag": "noindex",
            "Referrer-Policy": "no-referrer",  # the address is the key
            "Cache-Control": "no-store",
        }

    def write(self, told: str, wanted: FileWanted | None = None) -> str:
        """The page that says ``told``, and takes a file when one is wanted."""
        form = ""
        if wanted:
            accept = ",".join([f".{ending}" for ending in wanted.types] + [FILE_TYPES[e] for e in wanted.types])
            form = _FORM.substitute(words=html.escape(wanted.words), accept=accept)
        return self._template.substitute(style=self._style, told=html.escape(told), form=form)
