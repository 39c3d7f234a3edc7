"""Codes that are told once and typed by hand: made, read as people type them, kept only as a hash."""

from __future__ import annotations

import hashlib
import re
import secrets
import unicodedata

ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # without what looks alike: I L O 0 1
_GROUP = 4


def new_code(length: int) -> str:
    """A random code of ``length`` characters, without dashes."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def grouped(code: str) -> str:
    """A code as it is shown: groups of four with dashes between them."""
    return "-".join(code[i : i + _GROUP] for i in range(0, len(code), _GROUP))


def plain(text: str) -> str:
    """A typed code as it was made: capitals and digits only."""
    return re.sub(r"[^A-Z0-9]", "", unicodedata.normalize("NFKC", text).upper())


def digest(scope: str, code: str) -> str:
    """What is kept of a code (64 hex digits); ``scope`` says what it opens, so that one code opens one thing."""
    return hashlib.sha256(f"{scope}:{plain(code)}".encode()).hexdigest()
