"""What may not be kept as it was typed: numbers of identity cards and telephones are masked before anything is stored."""

from __future__ import annotations

import re
import unicodedata

_CARD = re.compile(
    r"(?<![0-9A-Za-z])([1-9]\d{5})((?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[0-9Xx])(?![0-9A-Za-z])"
)
_MOBILE = re.compile(r"(?<![0-9A-Za-z.])(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?![0-9A-Za-z]|\.\d)")
_LANDLINE = re.compile(r"(?<![0-9A-Za-z.])0\d{2,3}[- ]\d{7,8}(?![0-9A-Za-z])")
# a code for staff or of an application (see bot/staff): a secret, also after it was typed
_SECRET = re.compile(
    r"(?<![0-9A-Za-z-])[A-HJKMNP-Z2-9]{4}-[A-HJKMNP-Z2-9]{4}-[A-HJKMNP-Z2-9]{4}(?![0-9A-Za-z-])", re.IGNORECASE
)
_CARD_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def _is_card(number: str) -> bool:
    """Whether the 18 characters carry the check character of an identity card (GB 11643); a credit code does not."""
    total = sum(int(d) * w for d, w in zip(number[:17], _CARD_WEIGHTS, strict=True))
    return "10X98765432"[total % 11] == number[17].upper()


def mask(text: str) -> str:
    """``text`` with identity-card and telephone numbers and one-time codes masked; patent numbers and credit codes stay."""
    narrow = "".join(
        n if len(n := unicodedata.normalize("NFKC", c)) == 1 and (n.isdigit() or n in "+-Xx") else c for c in text
    )
    narrow = _CARD.sub(lambda m: "[身份证号]" if _is_card(m[0]) else m[0], narrow)
    narrow = _MOBILE.sub("[电话]", narrow)
    narrow = _LANDLINE.sub("[电话]", narrow)
    return _SECRET.sub("[密码]", narrow)
