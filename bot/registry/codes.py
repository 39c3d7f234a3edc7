"""Unified social credit codes: read, and held against their check character."""

from __future__ import annotations

import unicodedata

from stdnum.cn import uscc
from stdnum.exceptions import InvalidChecksum, InvalidLength, ValidationError


class CodeError(ValueError):
    """A unified social credit code that cannot be right; the message is the reason, for the user."""


def read_credit_code(text: str) -> str:
    """A unified social credit code (GB 32100-2015) in its plain form, check character verified. Raises CodeError."""
    plain = "".join(c for c in unicodedata.normalize("NFKC", text).upper() if c not in " -_·")
    try:
        return str(uscc.validate(plain))
    except InvalidLength:
        raise CodeError(f"统一社会信用代码是 18 位，收到的是 {len(plain)} 位。") from None
    except InvalidChecksum:
        wanted = uscc.calc_check_digit(plain[:-1])
        raise CodeError(
            f"这个代码的校验码对不上：前 17 位算出的末位是 {wanted}，收到的是 {plain[-1]}。请对照证书再看一遍。"
        ) from None
    except ValidationError:
        raise CodeError("统一社会信用代码只有数字和大写字母（不用 I、O、S、V、Z），请对照证书再看一遍。") from None
