"""Numbers of patents, trademarks and registrations."""

from __future__ import annotations

import random
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.calculators.numbers import (
    Form,
    Kind,
    NotANumber,
    Other,
    Part,
    Right,
    Several,
    WrongDigit,
    WrongLength,
    WrongPart,
    check_digit,
    numbers_in,
    read_number,
)

TODAY = date(2026, 11, 22)
YEARS = st.integers(2004, 2026)


def read(text: str):
    return read_number(text, TODAY)


# the number of a real acceptance notice (201320662370.2), the first patent application in China (85100001.0), and others
# worked out by hand: digits, weighted sum, check digit
WORKED = [
    ("201320662370", 178, "2", Kind.UTILITY, 2013),
    ("202310123456", 127, "6", Kind.INVENTION, 2023),
    ("202420765432", 198, "0", Kind.UTILITY, 2024),
    ("202530556677", 233, "2", Kind.DESIGN, 2025),
    ("202610000001", 53, "9", Kind.INVENTION, 2026),
    ("202180012345", 128, "7", Kind.INVENTION, 2021),
    ("202410000001", 43, "X", Kind.INVENTION, 2024),
    ("85100001", 44, "0", Kind.INVENTION, 1985),
]


@pytest.mark.parametrize(("digits", "total", "check", "kind", "year"), WORKED)
def test_worked_examples(digits, total, check, kind, year):
    weights = [2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5]
    assert sum(int(d) * w for d, w in zip(digits, weights, strict=False)) == total
    assert check_digit(digits) == check
    for typed in (f"{digits}.{check}", f"ZL{digits}.{check}", f"CN {digits}.{check}", f"专利号：ZL {digits}．{check}"):
        match read(typed):
            case Right(_, normal, found, found_year, checked=True):
                assert normal.endswith(f"{digits}.{check}")
                assert (found, found_year) == (kind, year)
            case other:
                raise AssertionError(f"{typed}: {other}")


def test_a_million_numbers_against_the_published_rule():
    """The rule written a second way, over a million serial numbers: each digit adds its own weight once more."""
    seventh_to_twelfth = (8, 9, 2, 3, 4, 5)
    sums = [sum(int(d) * w for d, w in zip("202310", range(2, 8), strict=True))]
    for weight in seventh_to_twelfth:
        sums = [total + step for total in sums for step in range(0, 10 * weight, weight)]
    wrong = [n for n, total in enumerate(sums) if check_digit(f"202310{n:06d}") != "0123456789X"[total % 11]]
    assert len(sums) == 1_000_000
    assert not wrong


@st.composite
def applications(draw: st.DrawFn) -> str:
    body = f"{draw(YEARS)}{draw(st.sampled_from('12389'))}{draw(st.integers(0, 9_999_999)):07d}"
    return f"{body}.{check_digit(body)}"


@given(applications())
def test_a_right_number_is_right_in_every_writing(number):
    body, check = number.split(".")
    for typed in (
        number,
        body + check,
        f"ZL{number}",
        f"zl {body[:4]} {body[4]} {body[5:]}.{check.lower()}",
        f"{body}．{check}",
    ):
        found = read(typed)
        assert isinstance(found, Right), typed
        assert found.checked
        assert found.normal.removeprefix("ZL") == number
        assert found.year == int(number[:4])


@given(applications(), st.data())
def test_every_single_wrong_digit_is_caught(number, data):
    place = data.draw(st.sampled_from([n for n, c in enumerate(number) if c.isdigit()]))
    wrong = data.draw(st.sampled_from([d for d in "0123456789" if d != number[place]]))
    typed = number[:place] + wrong + number[place + 1 :]
    assert isinstance(read(typed), WrongDigit | WrongPart), typed


@given(applications(), st.integers(0, 10))
def test_every_swap_of_neighbours_is_caught(number, place):
    if number[place] != number[place + 1]:
        typed = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
        assert isinstance(read(typed), WrongDigit | WrongPart), typed


@given(applications())
def test_a_swap_with_the_check_digit_is_caught(number):
    body, check = number.split(".")
    if check != "X" and body[-1] != check:
        assert isinstance(read(f"{body[:-1]}{check}.{body[-1]}"), WrongDigit)


@given(applications())
def test_a_wrong_digit_names_the_one_expected(number):
    body, check = number.split(".")
    for wrong in "0123456789X":
        if wrong != check:
            assert read(f"{body}.{wrong}") == WrongDigit(Form.APPLICATION, f"{body}.{wrong}", wrong, check)


@given(st.text(max_size=80))
def test_anything_typed_is_read_without_an_error(text):
    read(text)
    numbers_in(text)


def test_without_the_check_digit_it_is_completed_and_not_called_checked():
    found = read("CN202310123456")
    assert found == Right(Form.APPLICATION, "CN202310123456.6", Kind.INVENTION, 2023)


def test_eight_digits_may_be_a_trademark_or_an_old_application():
    found = read("85100001")
    assert isinstance(found, Several)
    assert [r.form for r in found.readings] == [Form.TRADEMARK, Form.APPLICATION]
    assert read("30445566") == Right(Form.TRADEMARK, "30445566")
    assert read("第12345678号") == Right(Form.TRADEMARK, "12345678")


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("CN116091838A", Right(Form.PUBLICATION, "CN116091838A", Kind.INVENTION, stage="发明专利申请公布")),
        ("CN107196804B", Right(Form.PUBLICATION, "CN107196804B", Kind.INVENTION, stage="发明专利授权公告")),
        ("cn 201234567 u", Right(Form.PUBLICATION, "CN201234567U", Kind.UTILITY, stage="实用新型专利授权公告")),
        ("CN301234567S", Right(Form.PUBLICATION, "CN301234567S", Kind.DESIGN, stage="外观设计专利授权公告")),
        ("CN100123456C", Right(Form.PUBLICATION, "CN100123456C", Kind.INVENTION)),
        ("CN2123456Y", Right(Form.PUBLICATION, "CN2123456Y", Kind.UTILITY)),
        ("CN116091838", Right(Form.PUBLICATION, "CN116091838", Kind.INVENTION)),
        ("CN301234567U", WrongPart(Form.PUBLICATION, "CN301234567U", Part.LETTER, "U")),
        ("CN716091838A", WrongPart(Form.PUBLICATION, "CN716091838A", Part.KIND, "7")),
        ("CN1160918A", Right(Form.PUBLICATION, "CN1160918A", Kind.INVENTION)),  # seven digits, as before 2007
        ("CN116091A", WrongLength(Form.PUBLICATION, "CN116091A", 6, (9, 7))),
        ("PCT/CN2021/123456", Right(Form.INTERNATIONAL, "PCT/CN2021/123456", year=2021)),
        ("pct/us99/12345", Right(Form.INTERNATIONAL, "PCT/US99/12345", year=1999, office="US")),
        ("PCT/CN2031/123456", WrongPart(Form.INTERNATIONAL, "PCT/CN2031/123456", Part.YEAR, "2031")),
        (
            "WO2021123456A1",
            Right(Form.INTERNATIONAL_PUBLICATION, "WO2021/123456A1", year=2021, office="WO"),
        ),
        ("US10123456B2", Right(Form.FOREIGN, "US10123456B2", office="US")),
        ("EP1234567B1", Right(Form.FOREIGN, "EP1234567B1", office="EP")),
        ("2014SR001852", Right(Form.SOFTWARE, "2014SR001852", year=2014)),
        ("登记号2024sr1234567", Right(Form.SOFTWARE, "2024SR1234567", year=2024)),
        ("2031SR001852", WrongPart(Form.SOFTWARE, "2031SR001852", Part.YEAR, "2031")),
        ("2014SR01852", WrongLength(Form.SOFTWARE, "2014SR01852", 5, (7, 6))),
        ("软著登字第15980140号", Right(Form.CERTIFICATE, "软著登字第15980140号")),
        ("国作登字-2024-F-00000001", Right(Form.WORK, "国作登字-2024-F-00000001", year=2024)),
        ("G1234567", Right(Form.MADRID, "G1234567")),
        ("2023101234566", Right(Form.APPLICATION, "202310123456.6", Kind.INVENTION, 2023, checked=True)),
        ("20231012345", WrongLength(Form.APPLICATION, "20231012345", 11, (13, 9))),
        ("203110123456", WrongPart(Form.APPLICATION, "203110123456", Part.YEAR, "2031")),
        ("202350123456", WrongPart(Form.APPLICATION, "202350123456", Part.KIND, "5")),
        ("13899998888", NotANumber(Other.PERSONAL)),
        ("11010519491231002X", NotANumber(Other.PERSONAL)),
        ("91650100MA7754XY3Q", NotANumber(Other.CREDIT_CODE)),
        ("馕坑", NotANumber(Other.UNKNOWN)),
        ("", NotANumber(Other.UNKNOWN)),
        ("专利" * 2500, NotANumber(Other.LONG)),
    ],
)
def test_forms(typed, expected):
    assert read(typed) == expected


def test_numbers_are_found_in_a_sentence():
    said = "帮我看看ZL 2013 2 0662370.2和CN116091838A，还有PCT/CN2021/123456、2014SR001852、软著登字第0671096号"
    assert numbers_in(said) == (
        "ZL 2013 2 0662370.2",
        "CN116091838A",
        "PCT/CN2021/123456",
        "2014SR001852",
        "软著登字第0671096号",
    )
    assert numbers_in("2026年3月5日收到通知") == ()


def test_check_digit_wants_8_or_12_digits():
    for wrong in ("", "123", "1234567890123", "20231012345X", "２０２３１０１２３４５６"):
        with pytest.raises(ValueError, match="8 or 12 digits"):
            check_digit(wrong)


def test_random_old_numbers():
    chance = random.Random(1985)
    for _ in range(1000):
        body = (
            f"{chance.choice([*range(85, 100), 0, 1, 2, 3]):02d}{chance.choice('12389')}{chance.randrange(100_000):05d}"
        )
        found = read(f"{body}.{check_digit(body)}")
        assert isinstance(found, Right)
        assert found.year is not None
        assert 1985 <= found.year <= 2003
