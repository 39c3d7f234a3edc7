"""From a question without an answer to an answer that everyone who asked is told of, on both databases."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy import Engine, select, update

from bot.app import App, Shelf
from bot.commands.drafts import export
from bot.database.tables import asked, drafts, letters, metadata, ratings, turns
from bot.helpdesk.drafts import LIFE, Draft, Drafts
from bot.helpdesk.trial import Findings
from bot.helpdesk.unanswered import Kind, Unanswered
from bot.helpdesk.writing import Written, file_text, ways_of_asking
from bot.knowledge.additions import check_additions
from bot.people import People
from bot.registry.lifecycle import Moved
from bot.settings import read_settings
from bot.staff import Actor, Denied, Role, Staff
from tests.conftest import TODAY
from tests.talk import Talk

ASKED = "专利证书上的二维码扫不出来怎么办"
ANSWER = "登录专利业务办理系统重新下载电子专利证书，再用新文件里的二维码扫。"
WAYS = (
    "专利证书二维码扫描没反应",
    "电子专利证书扫码失败",
    "二维码看不了怎么验证专利证书",
    "专利证书扫码打不开",
    "证书二维码模糊",
)
WRITTEN = Written(
    "patent-filing",
    "专利证书上的二维码扫不出来怎么办？",
    WAYS,
    ("专利法实施细则 第一百四十五条",),
    ANSWER,
    "",
    "patent",
)


class Office:
    """A server, somebody who asks, and members of staff, at a time that only goes on."""

    def __init__(self, engine: Engine, shelf: Shelf) -> None:
        self.engine = engine
        self.app = App(engine, shelf)
        self.now = TODAY
        self.talks: dict[int, Talk] = {}
        self.writer, self.region, self.other = (
            self.hire(Role.POINT, point="XJ-1"), self.hire(Role.REGION), self.hire(Role.REGION)
        )  # fmt: skip

    def hire(self, role: Role, **where: str) -> Actor:
        talk = self.person()
        talk.says("你好")
        with self.engine.begin() as connection:
            code = Staff(connection).invite(role, "某人", self.now, **where).code
        talk.says(f"绑定 {code}").sees("已绑定")
        with self.engine.begin() as connection:
            actor = Staff(connection).serving()[-1].actor
        self.talks[actor.member] = talk
        return actor

    def person(self) -> Talk:
        return Talk(self.app, self.now)

    def study(self, later: timedelta = timedelta(minutes=15)) -> None:
        self.now += later
        self.app.study(self.now)

    def drafts(self, work: Callable[[Drafts], object]) -> object:
        with self.engine.begin() as connection:
            return work(Drafts(connection))

    def draft(self, id: int) -> Draft:
        found = self.drafts(lambda d: d.find(id))
        assert isinstance(found, Draft)
        return found

    def write(self, written: Written = WRITTEN, questions: tuple[int, ...] = ()) -> int:
        """A draft, written and checked."""
        made = self.drafts(lambda d: d.begin(questions, self.writer, self.now))
        assert isinstance(made, Draft)
        assert isinstance(self.drafts(lambda d: d.write(made.id, self.writer, written, self.now)), Moved)
        self.study()
        return made.id

    def publish(self, written: Written = WRITTEN, questions: tuple[int, ...] = ()) -> int:
        id = self.write(written, questions)
        assert isinstance(self.drafts(lambda d: d.submit(id, self.writer, self.now)), Moved), self.draft(id).findings
        assert isinstance(self.drafts(lambda d: d.approve(id, self.region, self.now)), Moved)
        self.study()
        return id

    def waiting(self) -> list[tuple[str, Kind]]:
        with self.engine.begin() as connection:
            return [(q.said, q.kind) for q in Unanswered(connection).waiting()]


@pytest.fixture
def office(engine: Engine, shelf: Shelf) -> Office:
    return Office(engine, shelf)


# -- what is collected ----------------------------------------------------------------------------------------


def test_what_waits_for_an_answer(office: Office) -> None:
    office.person().says(ASKED).says("发明专利保护多少年").says("菜单").says("今天中午吃什么好")
    office.person().says("你觉得我这个算不算侵权，能赢吗")
    office.study()
    assert office.waiting() == [
        (ASKED, Kind.UNANSWERED),
        ("今天中午吃什么好", Kind.OUTSIDE),
        ("你觉得我这个算不算侵权，能赢吗", Kind.HANDED),
    ]


def test_who_takes_one_of_the_choices_waits_for_nothing(office: Office) -> None:
    asker = office.person()
    asker.says(ASKED).comes_to("clarify")
    choice = asker.response.replies[0].options[0]
    office.study(timedelta(minutes=1))
    assert office.waiting() == [], "the person may still take one"
    asker.says(choice.say).comes_to("answer")
    office.study()
    assert office.waiting() == []


def test_what_was_asked_before_a_ticket_and_what_was_of_no_use(office: Office) -> None:
    asker = office.person()
    asker.says("发明专利保护多少年").comes_to("answer")
    with office.engine.begin() as connection:
        turn = connection.execute(select(turns).order_by(turns.c.id.desc())).first()
        assert turn is not None
        connection.execute(
            ratings.insert().values(
                person_id=turn.person_id, entry=turn.entry, question="x", good=False, words="", at=asker.now
            )
        )
    asker.says("外观设计专利保护多少年").comes_to("answer")
    asker.says("转人工")
    for answer in ("帮我看看", "不说", "不给看"):
        asker.says(answer)
    office.study()
    assert sorted(office.waiting()) == [("发明专利保护多少年", Kind.RATED), ("外观设计专利保护多少年", Kind.HANDED)]


def test_looking_twice_finds_nothing_twice_and_staff_ask_nothing(office: Office) -> None:
    office.person().says(ASKED)
    office.talks[office.writer.member].says(ASKED)
    office.study()
    assert len(office.waiting()) == 1
    with office.engine.begin() as connection:
        assert Unanswered(connection).collect(office.now) == 0


def test_questions_of_one_kind_are_a_group(office: Office) -> None:
    for said in (ASKED, "专利证书二维码扫不开怎么办", "专利证书的二维码扫不出来了咋办", "商标证书撕破了一角还作数吗"):
        office.person().says(said)
    office.study()
    with office.engine.begin() as connection:
        groups = Unanswered(connection).groups(10)
        assert [(group.questions, group.people) for group in groups] == [(3, 3), (1, 1)]
        assert [group.questions for group in Unanswered(connection).groups(1, 1)] == [1]
        assert Unanswered(connection).count() == 2


# -- the life of a draft --------------------------------------------------------------------------------------


def test_a_draft_with_faults_is_not_handed_on(office: Office) -> None:
    id = office.write(replace(WRITTEN, ways=WAYS[:2], answer="登录**系统**。{fee:no-such-fee}"))
    draft = office.draft(id)
    assert draft.state == "draft"
    assert draft.findings is not None
    assert {problem.partition("：")[0] for problem in draft.findings.problems} == {"问法", "答案"}
    assert isinstance(office.drafts(lambda d: d.submit(id, office.writer, office.now)), Denied)


def test_never_its_author_and_never_anybody_who_wrote_of_it(office: Office) -> None:
    id = office.write()
    assert isinstance(office.drafts(lambda d: d.write(id, office.region, WRITTEN, office.now)), Moved)
    office.study()
    assert isinstance(office.drafts(lambda d: d.submit(id, office.region, office.now)), Moved)
    for actor in (office.writer, office.region):
        assert isinstance(office.drafts(lambda d, actor=actor: d.approve(id, actor, office.now)), Denied)
    assert isinstance(office.drafts(lambda d: d.approve(id, office.other, office.now)), Moved)
    assert [step.action for step in office.drafts(lambda d: d.past(id))] == [  # type: ignore[attr-defined]
        "edit-content", "edit-content", "check-entry", "edit-content", "check-entry", "submit-entry", "approve-entry"
    ]  # fmt: skip


def test_only_its_author_or_the_region_goes_on_with_it(office: Office) -> None:
    id = office.write()
    colleague = office.hire(Role.POINT, point="XJ-2")
    for step in (
        lambda d: d.write(id, colleague, WRITTEN, office.now),
        lambda d: d.submit(id, colleague, office.now),
        lambda d: d.drop(id, colleague, office.now),
    ):
        assert isinstance(office.drafts(step), Denied)
    assert isinstance(office.drafts(lambda d: d.drop(id, office.region, office.now)), Moved)


def test_of_two_who_take_up_a_group_one_gets_it(office: Office) -> None:
    office.person().says(ASKED)
    office.study()
    with office.engine.begin() as connection:
        numbers = [q.turn for q in Unanswered(connection).waiting()]
    assert isinstance(office.drafts(lambda d: d.begin(numbers, office.writer, office.now)), Draft)
    assert isinstance(office.drafts(lambda d: d.begin(numbers, office.region, office.now)), Denied)
    assert len(office.drafts(lambda d: d.latest(10))) == 1  # type: ignore[arg-type]


def test_what_joins_the_group_of_a_draft_is_its_too_and_waits_again_when_it_is_dropped(office: Office) -> None:
    office.person().says(ASKED)
    office.study()
    with office.engine.begin() as connection:
        numbers = tuple(q.turn for q in Unanswered(connection).waiting())
    id = office.write(questions=numbers)
    office.person().says("专利证书的二维码扫不出来了咋办")
    office.study()
    with office.engine.begin() as connection:
        assert len(Unanswered(connection).of_draft(id)) == 2
    assert isinstance(office.drafts(lambda d: d.drop(id, office.writer, office.now)), Moved)
    with office.engine.begin() as connection:
        assert [group.draft for group in Unanswered(connection).groups(5)] == [None]


def test_findings_of_a_draft_that_was_changed_meanwhile_are_not_kept(office: Office) -> None:
    made = office.drafts(lambda d: d.begin((), office.writer, office.now))
    assert isinstance(made, Draft)
    office.drafts(lambda d: d.write(made.id, office.writer, WRITTEN, office.now))
    old = office.draft(made.id)
    office.drafts(lambda d: d.write(made.id, office.writer, replace(WRITTEN, title="别的标题？"), office.now))
    assert office.drafts(lambda d: d.checked(old, Findings(()), office.now)) is False
    assert office.draft(made.id).findings is None


def test_every_state_but_the_last_ones_leads_on() -> None:
    assert LIFE.open_states() == {"draft", "checked", "pending", "returned", "live"}


# -- what it would do -----------------------------------------------------------------------------------------


def test_a_draft_that_takes_questions_from_others_says_so(office: Office, shelf: Shelf) -> None:
    other = shelf.library.content.entries["patent-term-years-invention"]
    ways = tuple(f"{way.rstrip('？?')}呀" for way in other.questions[:6])
    office.person().says("发明专利保护多少年啊").comes_to("answer")
    written = replace(WRITTEN, topic="patent-term", title="发明专利保护年限到底多长？", ways=ways)
    findings = office.draft(office.write(written)).findings
    assert findings is not None
    assert not findings.problems
    assert findings.tried >= 100
    assert other.title in {change.before for change in findings.changes}
    kept = json.dumps(findings.to_json(), ensure_ascii=False)
    assert "发明专利保护多少年啊" not in kept, "what somebody said is not kept a second time"


def test_a_draft_about_something_new_changes_little(office: Office) -> None:
    findings = office.draft(office.write()).findings
    assert findings is not None
    assert not findings.problems
    assert findings.tried >= 100
    assert len(findings.changes) <= findings.tried // 50


# -- in force -------------------------------------------------------------------------------------------------


def test_it_is_answered_in_all_servers_and_after_a_restart(office: Office, shelf: Shelf) -> None:
    second = App(office.engine, shelf)
    id = office.publish()
    Talk(office.app, office.now).says("专利证书二维码扫描没反应").comes_to("answer").sees("重新下载电子专利证书")
    second.study(office.now)
    restarted = App(office.engine, shelf)
    restarted.study(office.now)
    for app in (second, restarted):
        Talk(app, office.now).says(ASKED).comes_to("answer").sees("重新下载电子专利证书")
    assert office.draft(id).entry == f"patent-filing-q{id}"
    assert shelf.library.entry(f"patent-filing-q{id}", TODAY.date()) is None, "the shelf of the test is as it was"


def test_who_asked_is_told_once_by_day(office: Office) -> None:
    askers = [office.person() for _ in range(2)]
    for asker in (*askers, askers[0]):
        asker.says(ASKED)
    office.study()
    with office.engine.begin() as connection:
        numbers = tuple(q.turn for q in Unanswered(connection).waiting())
    office.now = office.now.replace(hour=15, minute=30)  # 23:30 in Beijing
    office.publish(questions=numbers)
    office.study()
    with office.engine.begin() as connection:
        written = connection.execute(select(letters).where(letters.c.kind == "answer")).all()
    assert len(written) == 2
    assert {row.not_before.hour for row in written} == {2}, "10:00 in Beijing"
    assert all(ANSWER in row.content["text"] and ASKED in row.content["text"] for row in written)


def test_who_asked_otherwise_and_is_answered_by_it_is_told_too(office: Office) -> None:
    asker = office.person()
    asker.says("电子专利证书二维码扫码失败")
    assert asker.response.outcome != "answer"
    office.study()
    office.publish()
    asker.now = office.now
    asker.receives("重新下载电子专利证书")


def test_taken_down_it_is_answered_no_longer(office: Office) -> None:
    id = office.publish()
    assert isinstance(office.drafts(lambda d: d.take_down(id, office.region, "步骤变了", office.now)), Moved)
    office.study()
    talk = Talk(office.app, office.now)
    talk.says(ASKED)
    assert "重新下载" not in talk.response.replies[0].text
    assert office.app.shelf.library.base is None


def test_what_cannot_be_read_replaces_nothing(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    good = office.publish()
    bad = office.publish(replace(WRITTEN, title="电子专利证书打不开怎么办？", ways=tuple(f"{w}怎么处理" for w in WAYS)))
    with office.engine.begin() as connection:
        broken = update(drafts).where(drafts.c.id == bad).values(text="no entry", steps=drafts.c.steps + 1)
        connection.execute(broken)
    with caplog.at_level(logging.WARNING, "bot.helpdesk.study"):
        office.study()
    assert any("left out" in record.message for record in caplog.records)
    Talk(office.app, office.now).says(ASKED).comes_to("answer").sees("重新下载电子专利证书")
    assert office.draft(good).state == "live"


def test_turns_go_on_while_a_draft_is_checked(office: Office) -> None:
    """The work is done beside the turns: they wait for no longer than a moment."""
    made = office.drafts(lambda d: d.begin((), office.writer, office.now))
    assert isinstance(made, Draft)
    office.drafts(lambda d: d.write(made.id, office.writer, WRITTEN, office.now))
    talk = office.person()
    talk.says("发明专利保护多少年")
    studying = Thread(target=office.app.study, args=(office.now,))
    begun = time.perf_counter()
    studying.start()
    waited = []
    while studying.is_alive():
        before = time.perf_counter()
        talk.says("发明专利保护多少年").comes_to("answer")
        waited.append(time.perf_counter() - before)
    assert len(waited) > 3, "turns were answered meanwhile"
    assert max(waited) < (time.perf_counter() - begun) / 2


# -- as files -------------------------------------------------------------------------------------------------


def test_exported_it_passes_the_check_and_is_not_there_twice(
    office: Office, content: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    id = office.publish()
    file = f"faq/patent-filing/patent-filing-q{id}.md"
    url = office.engine.url.render_as_string(hide_password=False)
    settings = read_settings({"IPBOT_DATABASE_URL": url, "IPBOT_CONTENT": str(content)})
    assert export(settings, tmp_path, TODAY.date()) == 0
    text = (tmp_path / file).read_text(encoding="utf-8")
    assert check_additions(office.app.shelf.library.base.content, {file: text}, TODAY.date())[1] == []  # type: ignore[union-attr]
    assert "写出 1 条" in capsys.readouterr().out
    (tmp_path / file).write_text("edited", encoding="utf-8")
    assert export(settings, tmp_path, TODAY.date()) == 1
    assert (tmp_path / file).read_text(encoding="utf-8") == "edited"
    # committed upstream, the file counts
    base = office.app.shelf.library
    committed = replace(base, base=None, added=())
    app = App(office.engine, replace(office.app.shelf, library=committed))
    app.study(office.now)
    assert len(app.shelf.library.content.entries) == len(base.content.entries)


def test_the_file_is_as_editors_write_it() -> None:
    text = file_text(replace(WRITTEN, title="“二维码”: 扫不出来？", more="细节。"), TODAY.date())
    assert text.startswith("---\ntitle: ")
    assert "\nreviewed: 2026-11-22\nreview_by: 2027-05-23\nowner: patent\n---\n" in text
    assert text.endswith(f"{ANSWER}\n\n<!-- more -->\n\n细节。\n")


def test_ways_of_asking_leave_out_what_is_personal_or_long() -> None:
    said = [
        "二维码扫不开？",
        "二维码扫不开",
        "我电话[电话]，二维码扫不开",
        "专利 202310123456 扫不开",
        "长" * 50,
        "  扫码 失败 ",
    ]
    assert ways_of_asking(said) == ["二维码扫不开", "扫码 失败"]


# -- privacy --------------------------------------------------------------------------------------------------


def test_nothing_of_who_asked_is_left_after_erasing(office: Office) -> None:
    asker = office.person()
    asker.says("稀罕词甲乙丙专利证书上的二维码扫不出来怎么办")
    office.study()
    staff = Talk(office.app, office.now)
    with office.engine.begin() as connection:
        code = Staff(connection).invite(Role.REGION, "某人", office.now).code
        question = Unanswered(connection).waiting()[0].turn
    staff.says(f"绑定 {code}")
    staff.says("未答问题").sees("稀罕词").says(f"未答问题 {question}").sees("稀罕词").says(f"认领问题 {question}")
    staff.presses("写草稿").says("专利证书上的二维码扫不出来怎么办？").says("怎样申请").says(ANSWER).says("没有")
    staff.says("专利法实施细则 第一百四十五条").sees("稀罕词").says("去掉 1").says("；".join(WAYS)).says("就这些")
    staff.says("保存并检查").sees("已保存")
    office.study()
    asker.now = office.now
    asker.says("删除我的数据").says("确定删除").sees("回执")
    with office.engine.begin() as connection:
        everything = json.dumps(
            [list(map(str, row)) for table in metadata.sorted_tables for row in connection.execute(select(table))],
            ensure_ascii=False,
        )
    assert "稀罕词" not in everything
    assert asker.person.id not in everything


def test_old_questions_go_with_who_asked(office: Office) -> None:
    office.person().says(ASKED)
    office.study()
    later: datetime = office.now + timedelta(days=400)
    with office.engine.begin() as connection:
        People(connection).expire(later, 180)
        assert connection.execute(select(asked)).all() == []
