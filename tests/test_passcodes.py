"""Codes told once: as people type them, kept only as a hash of what they open."""

from bot.passcodes import ALPHABET, digest, grouped, new_code, plain


def test_a_code_is_read_as_people_type_it():
    code = new_code(12)
    assert len(code) == 12
    assert set(code) <= set(ALPHABET)
    assert grouped("ABCDEFGHJKMN") == "ABCD-EFGH-JKMN"
    for typed in (
        grouped(code),
        grouped(code).lower(),
        f" {code[:5]} {code[5:]}。",
        code.translate({65: "Ａ", 50: "２"}),
    ):
        assert plain(typed) == code


def test_what_is_kept_tells_neither_the_code_nor_opens_another_thing():
    assert digest("invite", "abcd-efgh") == digest("invite", "ABCDEFGH")
    assert digest("invite", "ABCDEFGH") != digest("XJWD-2026-0001", "ABCDEFGH")
    assert "ABCDEFGH" not in digest("invite", "ABCDEFGH").upper()
