"""Office hours: how they are written, open or closed at a time, what is said of it."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.calculators.workdays import Holidays
from bot.registry.holidays import read_holidays
from bot.registry.hours import BEIJING, Hours, HoursError, OfficeHours, OpenNow, OpensAt, Unknown, read_hours, say
from bot.registry.timetable import Span
from tests.registry.conftest import CONTENT

SEASONS = "10-01..04-30 一至五 10:00-14:00 15:30-19:30; 05-01..09-30 一至五 10:00-14:00 16:00-20:00"
CALENDAR = Holidays(
    rest=frozenset({date(2026, 10, d) for d in range(1, 8)}),
    work=frozenset({date(2026, 10, 10)}),
    years=frozenset({2026}),
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING)


# -- reading ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", []),
        ("  ；; ", []),
        ("每天 9:00-18:00", ["每天 09:00–18:00"]),
        ("周一至周五：10：00－14：00，15：30～19：30", ["周一至周五 10:00–14:00、15:30–19:30"]),
        ("一、三、五 10:00-12:00", ["周一、周三、周五 10:00–12:00"]),
        ("周六日 11:00-24:00", ["周六、周日 11:00–24:00"]),
        ("工作日 10:00至14:00", ["周一至周五 10:00–14:00"]),
        ("五至一 10:00-11:00", ["周一、周五、周六、周日 10:00–11:00"]),
        ("一至五 15:30-19:30 10:00-14:00", ["周一至周五 10:00–14:00、15:30–19:30"]),
        ("5月1日至9月30日 星期一到星期天 10:00—11:00", ["5月1日至9月30日 每天 10:00–11:00"]),
        (
            SEASONS,
            [
                "10月1日至次年4月30日 周一至周五 10:00–14:00、15:30–19:30",
                "5月1日至9月30日 周一至周五 10:00–14:00、16:00–20:00",
            ],
        ),
    ],
)
def test_hours_are_read(text, lines):
    assert Hours.parse(text).lines() == tuple(f"{line}（北京时间）" for line in lines)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("随便", "缺少星期"),
        ("10:00-14:00", "缺少星期"),
        ("一至五", "时段应写成"),
        ("一至五 10-14", "看不懂“10-14”"),
        ("一至五 14:00-10:00", "应晚于"),
        ("一至五 10:00-10:00", "应晚于"),
        ("一至五 22:00-02:00", "应晚于"),
        ("一至五 10:60-11:00", "没有这样的时刻"),
        ("一至五 10:00-24:30", "没有这样的时刻"),
        ("一至五 10:00-14:00 13:00-15:00", "重叠"),
        ("13-01..04-30 一 10:00-11:00", "没有 13 月 1 日"),
        ("02-30..04-30 一 10:00-11:00", "没有 2 月 30 日"),
        ("一至五 10:00-14:00 午休", "看不懂“午休”"),
        ("一" * 201, "最多 200 个"),
    ],
)
def test_bad_hours_say_what_was_expected(text, why):
    with pytest.raises(HoursError, match=why):
        Hours.parse(text)


def test_an_error_names_the_part_and_shows_an_example():
    with pytest.raises(HoursError, match=r"“六 9-12”.*10-01\.\.04-30 一至五"):
        Hours.parse("一至五 10:00-14:00; 六 9-12")


@given(st.text(max_size=60) | st.text(alphabet="0123456789-.:：至一二三四五六日天周每工作、,;；月 ", max_size=60))
def test_any_text_is_hours_or_a_clear_error(text):
    try:
        hours = Hours.parse(text)
    except HoursError:
        return
    for rule in hours.rules:
        assert rule.weekdays
        assert rule.spans
        assert all(0 <= s.opens < s.closes <= 1440 for s in rule.spans)
        assert Hours.parse(rule.words.replace("次年", "")).rules == (rule,)


# -- the state at a time ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "state"),
    [
        ("2026-11-23T09:59", OpensAt(at("2026-11-23T10:00"))),
        ("2026-11-23T10:00", OpenNow(at("2026-11-23T14:00"), at("2026-11-23T15:30"))),
        ("2026-11-23T14:00", OpensAt(at("2026-11-23T15:30"))),
        ("2026-11-23T19:29", OpenNow(at("2026-11-23T19:30"))),
        ("2026-11-23T19:30", OpensAt(at("2026-11-24T10:00"))),
        ("2026-11-20T20:00", OpensAt(at("2026-11-23T10:00"))),  # Friday evening
        ("2026-04-30T19:45", OpensAt(at("2026-05-01T10:00"))),  # no holidays entered here
        ("2026-05-01T19:45", OpenNow(at("2026-05-01T20:00"))),  # the summer's hours
    ],
)
def test_state_at(now, state):
    assert Hours.parse(SEASONS).state_at(at(now)) == state


def test_state_is_reckoned_in_beijing_time():
    now = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)  # 10:00 in Beijing, 08:00 by the sun in Urumqi
    assert Hours.parse(SEASONS).state_at(now) == OpenNow(at("2026-11-23T14:00"), at("2026-11-23T15:30"))


def test_rest_days_are_closed_and_worked_weekends_open():
    hours = Hours.parse(SEASONS)
    assert hours.state_at(at("2026-10-01T11:00"), CALENDAR) == OpensAt(at("2026-10-08T10:00"))
    assert hours.state_at(at("2026-10-10T11:00"), CALENDAR) == OpenNow(at("2026-10-10T14:00"), at("2026-10-10T15:30"))
    assert hours.state_at(at("2026-10-10T11:00")) == OpensAt(at("2026-10-12T10:00"))


def test_a_worked_weekend_day_keeps_hours_of_its_own():
    hours = Hours.parse("一至五 10:00-18:00; 六 12:00-16:00")
    assert hours.spans_on(date(2026, 10, 10), CALENDAR) == (Span(12 * 60, 16 * 60),)


def test_rules_that_overlap_are_one_opening():
    hours = Hours.parse("每天 10:00-14:00; 一 13:00-15:00; 一 15:00-16:00")
    assert hours.spans_on(date(2026, 11, 23)) == (Span(600, 960),)


def test_a_day_that_ends_at_midnight():
    hours = Hours.parse("每天 20:00-24:00")
    state = hours.state_at(at("2026-11-23T23:59"))
    assert state == OpenNow(at("2026-11-24T00:00"))
    assert say(state, at("2026-11-23T23:59")) == "现在营业，24:00 关门（北京时间）"
    assert hours.state_at(at("2026-11-24T00:00")) == OpensAt(at("2026-11-24T20:00"))


def test_the_twenty_ninth_of_february():
    hours = Hours.parse("02-29..02-29 每天 10:00-11:00")
    assert hours.state_at(at("2028-02-28T12:00")) == OpensAt(at("2028-02-29T10:00"))
    assert hours.state_at(at("2026-02-28T12:00")) == Unknown()  # nothing within a year


def test_nothing_entered_is_unknown():
    assert Hours().state_at(at("2026-11-23T10:00")) == Unknown()
    assert say(Unknown(), at("2026-11-23T10:00")) == ""


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="without a zone"):
        Hours.parse(SEASONS).state_at(datetime(2026, 11, 23))  # noqa: DTZ001


@given(st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)))  # noqa: DTZ001
def test_open_now_and_opens_at_agree(naive):
    now, hours = naive.replace(tzinfo=BEIJING), Hours.parse(SEASONS)
    match hours.state_at(now, CALENDAR):
        case OpenNow(closes_at=closes):
            assert now < closes
            assert not isinstance(hours.state_at(closes, CALENDAR), OpenNow)
        case OpensAt(when=when):
            assert now < when < now + timedelta(days=12)
            assert isinstance(hours.state_at(when, CALENDAR), OpenNow)
        case Unknown():
            pytest.fail("something opens every week")


# -- what is said -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "sentence"),
    [
        ("2026-11-23T16:00", "现在营业，19:30 关门（北京时间）"),
        ("2026-11-23T10:30", "现在营业，14:00 关门，15:30 再开门（北京时间）"),
        ("2026-11-23T14:10", "现在休息，今天 15:30 开门（北京时间）"),
        ("2026-11-22T20:00", "现在休息，明天（11月23日 周一）10:00 开门（北京时间）"),
        ("2026-11-21T20:00", "现在休息，后天（11月23日 周一）10:00 开门（北京时间）"),
        ("2026-11-20T20:00", "现在休息，11月23日（周一）10:00 开门（北京时间）"),
        ("2026-12-31T20:00", "现在休息，明天（2027年1月1日 周五）10:00 开门（北京时间）"),
    ],
)
def test_sentences(now, sentence):
    assert say(Hours.parse(SEASONS).state_at(at(now)), at(now)) == sentence


def test_the_day_is_that_of_beijing():
    state = OpensAt(at("2026-11-24T10:00"))
    now = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)  # already the 24th in Beijing
    assert say(state, now) == "现在休息，今天 10:00 开门（北京时间）"


# -- the office hours of regions and points ------------------------------------------------------------------------


def office(gazetteer, **regions: str) -> OfficeHours:
    return OfficeHours({code[1:]: Hours.parse(t) for code, t in regions.items()}, CALENDAR, gazetteer.lineage)


def test_the_nearest_level_counts(gazetteer):
    hours = office(gazetteer, _650000="每天 10:00-11:00", _653100="每天 11:00-12:00")
    assert hours.of("653126").lines() == ("每天 11:00–12:00（北京时间）",)
    assert hours.of("650102").lines() == ("每天 10:00–11:00（北京时间）",)
    assert hours.of("653126", "每天 12:00-13:00").lines() == ("每天 12:00–13:00（北京时间）",)
    assert hours.of("unknown").lines() == ()


def test_bad_hours_of_a_point_promise_nothing(gazetteer):
    hours = office(gazetteer, _650000="每天 10:00-11:00")
    assert hours.sentence("650102", "上班时间", at("2026-11-23T10:00")) == ""


def test_a_year_whose_calendar_is_missing_is_said_so(gazetteer):
    hours = office(gazetteer, _650000=SEASONS)
    assert hours.sentence("650102", "", at("2026-12-30T16:00")) == "现在营业，19:30 关门（北京时间）"
    assert hours.sentence("650102", "", at("2026-12-31T20:00")).endswith("。2027年放假安排尚未录入，出发前请先确认")


def test_a_span_that_ends_with_the_year_belongs_to_that_year(gazetteer):
    hours = office(gazetteer, _650000="每天 10:00-24:00")
    assert hours.sentence("650102", "", at("2026-12-31T20:00")) == "现在营业，24:00 关门（北京时间）"


def test_no_hours_are_shipped_as_fact(gazetteer):
    hours, problems = read_hours(CONTENT, gazetteer)
    assert not problems
    assert not hours.regions
    assert hours.sentence("650102", "", at("2026-11-23T10:00")) == ""


def write(folder, text: str):
    (folder / "hours").mkdir()
    (folder / "hours" / "regions.yaml").write_text(text, encoding="utf-8")
    return folder


def test_regions_by_name_and_by_code(gazetteer, tmp_path):
    text = f'regions:\n  新疆维吾尔自治区: {SEASONS}\n  "650100": 每天 10:00-11:00\n  喀什地区叶城县: 一 10:00-11:00\n'
    hours, problems = read_hours(write(tmp_path, text), gazetteer)
    assert not problems
    assert set(hours.regions) == {"650000", "650100", "653126"}


@pytest.mark.parametrize(
    ("text", "field", "message"),
    [
        ("regions:\n  火星: 每天 10:00-11:00\n", "火星", "没有这个地区"),
        ("regions:\n  喀什: 每天 10:00-11:00\n", "喀什", "可能是喀什地区、喀什地区喀什市"),
        ("regions:\n  乌鲁木齐市: 十点\n", "乌鲁木齐市", "缺少星期"),
        ("regions:\n  - 每天\n", "regions", "地区: 开放时间"),
        ("regions:\n  乌鲁木齐市: [1]\n", "regions", "地区: 开放时间"),
        ("regions: {\n", "文件", "YAML"),
    ],
)
def test_faults_in_the_regions_are_reported(gazetteer, tmp_path, text, field, message):
    hours, problems = read_hours(write(tmp_path, text), gazetteer)
    assert not hours.regions
    assert [(p.file, p.field, message in p.message) for p in problems] == [("hours/regions.yaml", field, True)]


def test_no_file_is_nothing_known(gazetteer, tmp_path):
    hours, problems = read_hours(tmp_path, gazetteer)
    assert (dict(hours.regions), problems) == ({}, [])


# -- holidays ---------------------------------------------------------------------------------------------------


def test_the_calendar_of_2026():
    holidays, problems = read_holidays(CONTENT)
    assert not problems
    assert holidays.years == {2026}
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
    assert sum(d in holidays.rest for d in days) == 33
    assert sum(d in holidays.work for d in days) == 6
    assert all(d.weekday() >= 5 for d in holidays.work)
    assert not holidays.is_working(date(2026, 10, 1))
    assert holidays.is_working(date(2026, 10, 10))
    assert holidays.is_working(date(2026, 11, 23))
    assert not holidays.is_working(date(2026, 11, 22))


def test_the_statutory_days_of_2027_are_off_before_its_calendar_is_published():
    holidays, _ = read_holidays(CONTENT)
    assert 2027 not in holidays.years
    assert date(2027, 1, 1) in holidays.rest
    assert date(2027, 10, 4) not in holidays.rest


def year(folder, text: str, name: str = "2026.yaml"):
    (folder / "holidays").mkdir()
    (folder / "holidays" / name).write_text(text, encoding="utf-8")
    return read_holidays(folder)


def test_regional_holidays_count_and_may_begin_the_year_before(tmp_path):
    holidays, problems = year(tmp_path, "rest: [2025-12-31..2026-01-02 元旦]\nregional: [2026-03-20 肉孜节]\n")
    assert not problems
    assert holidays.rest == {date(2025, 12, 31), date(2026, 1, 1), date(2026, 1, 2), date(2026, 3, 20)}


@pytest.mark.parametrize(
    ("text", "field", "message"),
    [
        ("rest: [明天]", "rest.1", "不是日期"),
        ("rest: ['']", "rest.1", "不是日期"),
        ("rest: [2026-10-07..2026-10-01]", "rest.1", "结束日期"),
        ("rest: [2026-01-01..2026-12-31]", "rest.1", "结束日期"),
        ("rest: [2027-01-01]", "rest.1", "不在 2026 年"),
        ("rest: [2026-10-10]\nwork: [2026-10-10]", "work", "既放假又上班"),
        ("rest: 2026-10-10", "rest", "列表"),
        ("rests: []", "rests", "没有这个字段"),
        ("published: soon", "published", "yes 或 no"),
        ("- 2026-10-10", "文件", "应有这些项"),
        ("rest: [", "文件", "YAML"),
    ],
)
def test_faults_in_a_year_are_reported(tmp_path, text, field, message):
    _, problems = year(tmp_path, text)
    assert [(p.file, p.field, message in p.message) for p in problems] == [("holidays/2026.yaml", field, True)]


def test_a_file_that_is_no_year_is_reported(tmp_path):
    holidays, problems = year(tmp_path, "rest: [2026-10-01]", "next.yaml")
    assert (holidays, problems[0].field) == (Holidays(), "文件名")
