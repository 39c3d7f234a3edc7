"""Tickets: exactly the cells of the table, one of sixteen who take, promises by office hours; random histories of two who ask
and four of staff: no ticket without an owner or a next step, nothing to the wrong person, no bot word while a person talks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import Engine, select

from bot.app import App, Shelf
from bot.calculators.workdays import Holidays
from bot.database.tables import letters, metadata, tickets
from bot.helpdesk.promises import office_time
from bot.helpdesk.rounds import MOST, move_tickets
from bot.helpdesk.routing import Owner, subjects
from bot.helpdesk.ticketcycle import CLOSED, OPEN, TALKING, TICKET
from bot.helpdesk.tickets import CONSULT, Ticket, Wish
from bot.messages import Message, Person, Place, Press, Response, Text
from bot.people import People
from bot.registry.hours import Hours
from bot.registry.points import Points
from bot.registry.services import Service
from bot.staff import Actor, Denied, Role, Staff

START = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
POINT = "SAMPLE-650102"


class House:
    """Two who ask and four of staff on one database, talking with the real app; a clock that only the test moves."""

    def __init__(self, engine: Engine, shelf: Shelf) -> None:
        self.engine, self.now, self._keys = engine, START, count()
        with engine.begin() as connection:
            for table in reversed(metadata.sorted_tables):
                connection.execute(table.delete())
            Points(connection, shelf.gazetteer).add_samples()
        self.shelf = Shelf(
            **{f: getattr(shelf, f) for f in shelf.__slots__} | {"sample_channels": frozenset({"terminal"})}
        )
        self.app = App(engine, self.shelf)
        self.ids = {name: self._come(name) for name in ("a", "b")}
        for name, role, place in (
            ("x", Role.POINT, {"point": POINT}),
            ("y", Role.POINT, {"point": POINT}),
            ("p", Role.PREFECTURE, {"prefecture": "650100"}),
            ("r", Role.REGION, {}),
        ):
            self.hire(name, role, **place)

    def _come(self, name: str) -> int:
        self.says(name, "你好")
        with self.engine.begin() as connection:
            return People(connection).find(Person("terminal", "", name), self.now).id

    def hire(self, name: str, role: Role, **place: str) -> None:
        with self.engine.begin() as connection:
            code = Staff(connection).invite(role, name, self.now, **place).code
        self.ids[name] = self._come(name)
        assert "已绑定" in self.says(name, f"绑定 {code}").replies[0].text

    def says(self, name: str, words: str, *, press: bool = False) -> Response:
        self.now += timedelta(seconds=1)
        body = Press(words) if press else Text(words)
        return self.app.turn(Message(Person("terminal", "", name), body, f"k{next(self._keys)}", self.now))

    def restart(self) -> None:
        """The process dies and another one begins: nothing is known but what the database holds."""
        self.app = App(self.engine, self.shelf)

    def wait(self, hours: float) -> None:
        self.now += timedelta(hours=hours)
        self.app.at_once(lambda c: self.app.move_tickets(c, self.now))

    def ticket(self, name: str) -> Ticket | None:
        return self.app.at_once(lambda c: self.app._helpdesk(c).tickets.last_of(self.ids[name]))

    def opens(self, name: str, question: str) -> Ticket:
        for words in ("转人工", question, "天山区", "不给看"):
            self.says(name, words)
        found = self.ticket(name)
        assert found is not None
        return found

    def letters_to(self, name: str) -> list[str]:
        with self.engine.begin() as connection:
            rows = select(letters.c.content).where(letters.c.person_id == self.ids[name]).order_by(letters.c.id)
            return [content["text"] for content in connection.execute(rows).scalars()]


# -- the table ------------------------------------------------------------------------------------------------


def test_exactly_the_cells_of_the_table_are_allowed(sqlite: Engine, shelf: Shelf) -> None:
    house = House(sqlite, shelf)
    ticket = house.opens("a", "商标被驳回怎么办")
    actors = {
        Role.APPLICANT: Actor(house.ids["a"]),
        Role.PUBLIC: Actor(house.ids["b"]),
        Role.POINT: Actor(9, Role.POINT, 9, point=POINT),
        Role.PREFECTURE: Actor(9, Role.PREFECTURE, 9, prefecture="650100"),
        Role.REGION: Actor(9, Role.REGION, 9),
        Role.SYSTEM: Actor(0, Role.SYSTEM),
    }
    elsewhere = [Actor(9, Role.POINT, 9, point="SAMPLE-653101"), Actor(9, Role.PREFECTURE, 9, prefecture="653100")]
    actions = {step.action for step in TICKET.steps}
    for state in TICKET.states:
        for role, actor in actors.items():
            allowed = set(TICKET.actions(state, actor, ticket.matter))
            table = {step.action for step in TICKET.steps if step.old == state and step.role == role}
            assert allowed & actions == table, (state, role)
        for actor in elsewhere:
            assert not TICKET.actions(state, actor, ticket.matter)


def test_of_sixteen_who_take_at_once_one_gets_it(engine: Engine, shelf: Shelf) -> None:
    house = House(engine, shelf)
    ticket = house.opens("a", "商标被驳回怎么办")

    for number in range(16):
        house.hire(f"r{number}", Role.REGION)

    def take(number: int) -> Ticket | Denied:
        actor = house.app.at_once(lambda c: Staff(c).of(house.ids[f"r{number}"]))
        return house.app.at_once(lambda c: house.app._helpdesk(c).tickets.take(ticket, actor, house.now))

    with ThreadPoolExecutor(16) as threads:
        came = list(threads.map(take, range(16)))
    winners = [one for one in came if isinstance(one, Ticket)]
    assert len(winners) == 1
    assert all("先办理" in one.why or "不能办理" in one.why for one in came if isinstance(one, Denied))
    found = house.ticket("a")
    assert found is not None
    assert found.member_id == winners[0].member_id
    assert sum("已接入" in text for text in house.letters_to("a")) == 1


@pytest.mark.parametrize(
    ("now", "minutes", "then"),
    [
        ("2026-11-23 11:00", 30, "2026-11-23 11:30"),  # Monday, open
        ("2026-11-23 13:50", 30, "2026-11-23 15:50"),  # over the noon break
        ("2026-11-27 19:20", 30, "2026-11-30 10:20"),  # Friday evening, over the weekend
        ("2026-09-30 19:30", 30, "2026-10-08 10:30"),  # over the national holiday
        ("2026-11-23 03:00", 15, "2026-11-23 10:15"),  # at night
    ],
)
def test_what_is_promised_is_office_time(now: str, minutes: int, then: str, shelf: Shelf) -> None:
    hours = Hours.parse("一至五 10:00-14:00 15:30-19:30")
    zone = shelf.hours.holidays

    def read(text: str) -> datetime:
        return datetime.fromisoformat(f"{text}:00+08:00")

    assert zone.rest, "the calendar of the year is there"
    assert office_time(hours, zone, read(now), timedelta(minutes=minutes)) == read(then)


def test_where_no_hours_are_entered_nothing_is_promised(sqlite: Engine, shelf: Shelf) -> None:
    assert office_time(Hours(), Holidays(), START, timedelta(minutes=30)) is None
    ticket = House(sqlite, shelf).opens("a", "商标被驳回怎么办")
    assert ticket.promised is None or shelf.hours.regions


def test_who_leaves_leaves_no_ticket_behind(sqlite: Engine, shelf: Shelf) -> None:
    house = House(sqlite, shelf)
    ticket = house.opens("a", "商标被驳回怎么办")
    house.says("x", f"接单 {ticket.id}")
    house.says("x", "离任")
    assert "已离任" in house.says("x", "确定离任").replies[0].text
    found = house.ticket("a")
    assert found is not None
    assert (found.state, found.member_id) == ("queued", None)
    assert any("换一位同事" in text for text in house.letters_to("a"))
    assert any(f"工单 {ticket.id}" in text for text in house.letters_to("y"))


def test_a_ticket_goes_to_nobody_when_nobody_is_there(sqlite: Engine, shelf: Shelf) -> None:
    with sqlite.begin() as connection:
        Points(connection, shelf.gazetteer).add_samples()
    app = App(sqlite, shelf)
    person = app.at_once(lambda c: People(c).find(Person("terminal", "", "a"), START).id)
    wish = Wish(CONSULT, Service.CONSULTATION, "商标被驳回怎么办", adcode="650102")
    assert app.at_once(lambda c: app._helpdesk(c).tickets.open(person, wish, START, START.date())) is None


# -- whose turn -----------------------------------------------------------------------------------------------


def first(house: House, service: Service, adcode: str, about: frozenset[Service] = frozenset()) -> Owner | None:
    return house.app.at_once(
        lambda c: house.app._helpdesk(c).routing.first(service, adcode, None, house.now, house.now.date(), about)
    )


def test_a_county_without_a_point_asks_the_nearest_of_its_prefecture(sqlite: Engine, shelf: Shelf) -> None:
    house = House(sqlite, shelf)
    assert first(house, Service.CONSULTATION, "650121") == Owner("point", POINT, "650100")  # 乌鲁木齐县
    # another prefecture's points are too far away to be asked what any point owes
    assert first(house, Service.CONSULTATION, "653222") == Owner("region", "", "653200")  # 墨玉县
    # … but not for what few points do
    assert first(house, Service.ANALYSIS, "653222") == Owner("point", POINT, "650100")


def test_of_points_about_as_near_the_one_that_knows_the_subject_is_asked(sqlite: Engine, shelf: Shelf) -> None:
    house = House(sqlite, shelf)
    house.hire("z", Role.POINT, point="SAMPLE-650104")
    about = subjects("patent-license", "专利怎么转让给企业")
    assert about == {Service.TRANSFER}
    assert first(house, Service.CONSULTATION, "650100") == Owner("point", POINT, "650100")
    assert first(house, Service.CONSULTATION, "650100", about) == Owner("point", "SAMPLE-650104", "650100")
    # who is in the county comes first all the same
    assert first(house, Service.CONSULTATION, "650102", about) == Owner("point", POINT, "650100")


def test_a_shared_place_finds_its_prefecture(sqlite: Engine, shelf: Shelf) -> None:
    house = House(sqlite, shelf)
    house.hire("h", Role.PREFECTURE, prefecture="653200")
    place = Place(37.11, 79.92)  # 和田
    routed = house.app.at_once(
        lambda c: house.app._helpdesk(c).routing.first(Service.CONSULTATION, "", place, house.now, house.now.date(), ())
    )
    assert routed == Owner("prefecture", "", "653200")


def test_nobody_is_asked_at_night_where_no_hours_are_entered(sqlite: Engine, shelf: Shelf) -> None:
    house = House(sqlite, shelf)
    assert not shelf.hours.regions
    house.now = datetime.fromisoformat("2026-11-27T19:30:00+08:00")  # a Friday
    house.opens("a", "商标被驳回怎么办")
    before = len(house.letters_to("a"))
    for _ in range(60):  # until Monday morning
        house.wait(1)
    assert house.now < datetime.fromisoformat("2026-11-30T10:00:00+08:00")
    assert len(house.letters_to("a")) == before
    house.wait(3)
    assert len(house.letters_to("a")) == before + 1


def test_who_is_away_is_not_told_while_others_are_there(sqlite: Engine, shelf: Shelf) -> None:
    house = House(sqlite, shelf)
    house.says("x", "离岗")
    ticket = house.opens("a", "商标被驳回怎么办")
    assert any(f"新工单 {ticket.id}" in text for text in house.letters_to("y"))
    assert not house.letters_to("x")
    house.says("y", "离岗")
    other = house.opens("b", "专利年费忘交了")  # nobody is there: all are told rather than none
    assert any(f"新工单 {other.id}" in text for text in house.letters_to("x"))


def test_a_ticket_is_handed_to_one_colleague(sqlite: Engine, shelf: Shelf) -> None:
    house = House(sqlite, shelf)
    ticket = house.opens("a", "商标被驳回怎么办")
    house.says("x", f"接单 {ticket.id}")
    house.says("x", f"转交 {ticket.id}")
    assert "备注" in house.says("x", "y").replies[0].text
    assert "已转交" in house.says("x", "您更熟").replies[0].text
    found = house.ticket("a")
    assert found is not None
    assert (found.state, found.point, found.asked_id) == ("queued", POINT, 2)
    assert any("备注：您更熟" in text for text in house.letters_to("y"))
    assert not any("备注" in text for text in house.letters_to("p"))


def test_many_that_are_due_at_once_are_moved_in_portions(sqlite: Engine, shelf: Shelf) -> None:
    house = House(sqlite, shelf)
    for number in range(MOST + 5):
        house.ids[f"c{number}"] = house._come(f"c{number}")
        house.opens(f"c{number}", "商标被驳回怎么办")
    house.now += timedelta(days=3)
    moved = house.app.at_once(lambda c: move_tickets(house.app._helpdesk(c).tickets, house.now))
    assert moved == MOST
    asyncio.run(house.app.rounds(house.now))
    assert house.app.at_once(lambda c: house.app._helpdesk(c).tickets.overdue(house.now, 1)) == []


# -- random histories -----------------------------------------------------------------------------------------

ASKERS, STAFF = st.sampled_from(["a", "b"]), st.sampled_from(["x", "y", "p", "r"])


class Histories(RuleBasedStateMachine):
    """Anybody says anything at any time; the process may die in between."""

    make: Callable[[], House]

    def __init__(self) -> None:
        super().__init__()
        self.house = type(self).make()
        self.words = count()
        self.heard: dict[str, str] = {}  # a word that was said to staff, and by whom

    @rule(who=ASKERS)
    def opens(self, who: str) -> None:
        found = self.house.ticket(who)
        if found is None or not found.is_open:
            self.house.opens(who, f"{who}的问题商标驳回")

    @rule(who=ASKERS)
    def says(self, who: str) -> None:
        ticket, word = self.house.ticket(who), f"{who}说的话{next(self.words)}"
        self.heard[word] = who
        came = self.house.says(who, word)
        talked = ticket is not None and ticket.state in TALKING
        assert bool(came.replies) != talked, "the bot speaks while a person talks, or is silent while none does"

    @rule(
        who=ASKERS,
        words=st.sampled_from(["菜单", "结束", "重开", "我的工单", "补充 还有一句", "打分 4", "发明专利保护多少年"]),
    )
    def wants(self, who: str, words: str) -> None:
        ticket = self.house.ticket(who)
        came = self.house.says(who, words)
        if ticket is not None and ticket.state in TALKING and words not in ("菜单", "结束"):
            assert not came.replies
        else:
            assert came.replies

    @rule(who=STAFF, whom=ASKERS, deed=st.sampled_from(["接单", "切换", "放回", "结单", "工单", "追问", "转交"]))
    def acts(self, who: str, whom: str, deed: str) -> None:
        ticket = self.house.ticket(whom)
        if ticket is None:
            return
        rest = {"结单": " 已解决", "追问": f" {who}问{whom}"}.get(deed, "")
        came = self.house.says(who, f"{deed} {ticket.id}{rest}")
        if deed == "转交" and came.flow:
            self.house.says(who, "自治区局")
            self.house.says(who, "请接一下")

    @rule(who=STAFF)
    def answers(self, who: str) -> None:
        word = f"{who}答的话{next(self.words)}"
        came = self.house.says(who, word)
        sent = [name for name in ("a", "b") if any(word in text for text in self.house.letters_to(name))]
        told = "已发给对方" in came.replies[0].text
        assert len(sent) == told, (word, sent, came.replies[0].text)
        if sent:
            ticket = self.house.ticket(sent[0])
            assert ticket is not None
            assert f"→ 工单 {ticket.id}：" in came.replies[0].text

    @rule(who=STAFF, words=st.sampled_from(["离岗", "在岗", "暂停"]))
    def presence(self, who: str, words: str) -> None:
        assert self.house.says(who, words).replies

    @rule(hours=st.sampled_from([0.1, 1.0, 5.0, 30.0, 80.0]))
    def waits(self, hours: float) -> None:
        self.house.wait(hours)

    @rule()
    def dies(self) -> None:
        self.house.restart()

    @invariant()
    def no_ticket_is_forgotten(self) -> None:
        with self.house.engine.begin() as connection:
            for row in connection.execute(select(tickets)):
                if row.state == CLOSED:
                    assert row.due is None
                    continue
                assert row.state in OPEN
                assert row.due is not None, "no next step"
                assert (row.member_id is not None) == (row.state in TALKING), "nobody holds it, or somebody too many"
                assert row.level == "region" or row.point or row.prefecture, "no owner"

    @invariant()
    def nothing_reaches_the_wrong_person(self) -> None:
        assert not any("b说的话" in text or "b的问题" in text for text in self.house.letters_to("a"))
        assert not any("a说的话" in text or "a的问题" in text for text in self.house.letters_to("b"))
        for name in ("x", "y", "p", "r"):
            for text in self.house.letters_to(name):
                for word, who in self.heard.items():
                    if word in text:
                        ticket = self.house.ticket(who)
                        assert ticket is not None
                        assert text.startswith("【工单 "), text


def test_random_histories(engine: Engine, shelf: Shelf) -> None:
    machine = type("HistoriesHere", (Histories,), {"make": staticmethod(lambda: House(engine, shelf))})
    few = engine.dialect.name == "postgresql"
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=4 if few else 10,
            stateful_step_count=20 if few else 30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
