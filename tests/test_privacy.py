"""Privacy: what is told, masked, kept, erased (G1–G3)."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from bot.app import App, Shelf
from bot.database.tables import metadata, receipts
from bot.privacy import mask
from tests.conftest import TODAY
from tests.talk import Talk

# every column that holds something personal, and how long: a new column must be thought about and written here
PERSONAL = {
    "people.native_id": "IPBOT_RETENTION_DAYS after the last message",
    "people.first_seen": "IPBOT_RETENTION_DAYS after the last message",
    "people.last_seen": "IPBOT_RETENTION_DAYS after the last message",
    "people.noticed_at": "IPBOT_RETENTION_DAYS after the last message",
    "people.state": "IPBOT_RETENTION_DAYS after the last message",
    "turns.delivery": "IPBOT_RETENTION_DAYS after the last message",
    "turns.at": "IPBOT_RETENTION_DAYS after the last message",
    "turns.said": "IPBOT_RETENTION_DAYS after the last message",
    "turns.response": "IPBOT_RETENTION_DAYS after the last message",
    "people.unreachable": "IPBOT_RETENTION_DAYS after the last message",
    "people.linked_id": "IPBOT_RETENTION_DAYS after the last message",
    "windows.until": "IPBOT_RETENTION_DAYS after the last message",
    "letters.content": "IPBOT_RETENTION_DAYS after the last message",
    "members.name": "as long as the official record",
    "invites.name": "as long as the official record",
    "uploads.name": "while a form holds it, else 7 days; with a record as long as the record",
    "subscriptions.topic": "IPBOT_RETENTION_DAYS after the last message",
    "subscriptions.region": "IPBOT_RETENTION_DAYS after the last message",
    "signups.name": "IPBOT_RETENTION_DAYS after the last message",
    "signups.company": "IPBOT_RETENTION_DAYS after the last message",
    "signups.at": "IPBOT_RETENTION_DAYS after the last message",
    "signups.signed_in": "IPBOT_RETENTION_DAYS after the last message",
    "signups.score": "IPBOT_RETENTION_DAYS after the last message",
    "signups.remark": "IPBOT_RETENTION_DAYS after the last message",
    "inbox.delivery": "until handled",
    "inbox.body": "until handled",
    "institutions.head": "as long as the official record",
    "institutions.contact": "as long as the official record",
    "institutions.phone": "as long as the official record",
    "guesses.number": "IPBOT_RETENTION_DAYS after the last message",
    "guesses.at": "IPBOT_RETENTION_DAYS after the last message",
    "changes.old": "as long as the official record",
    "changes.new": "as long as the official record",
    "history.data": "as long as the official record",
    "applications.fields": "as long as the official record",
    "tickets.question": "IPBOT_RETENTION_DAYS after the last message",
    "tickets.context": "IPBOT_RETENTION_DAYS after the last message",
    "tickets.stars": "IPBOT_RETENTION_DAYS after the last message",
    "ticket_messages.text": "IPBOT_RETENTION_DAYS after the last message",
    "ticket_messages.file": "IPBOT_RETENTION_DAYS after the last message",
    "ratings.question": "IPBOT_RETENTION_DAYS after the last message",
    "ratings.words": "IPBOT_RETENTION_DAYS after the last message",
    "ratings.at": "IPBOT_RETENTION_DAYS after the last message",
    "feedback.text": "IPBOT_RETENTION_DAYS after the last message",
    "feedback.file_id": "IPBOT_RETENTION_DAYS after the last message",
    "feedback.shown": "IPBOT_RETENTION_DAYS after the last message",
    "feedback.answer": "IPBOT_RETENTION_DAYS after the last message",
}
IMPERSONAL = {
    "people.id", "people.channel", "people.account",
    "turns.id", "turns.person_id", "turns.intent", "turns.outcome", "turns.entry", "turns.confidence", "turns.free",
    "letters.id", "letters.person_id", "letters.recipient_id", "letters.key", "letters.kind", "letters.channel",
    "letters.account", "letters.announcement_id", "letters.created", "letters.not_before", "letters.state",
    "letters.cause", "letters.parts", "letters.lease", "letters.settled",
    "announcements.id", "announcements.title", "announcements.content", "announcements.audience",
    "announcements.state", "announcements.why", "announcements.author_id", "announcements.approver_id",
    "announcements.created", "announcements.starts", "announcements.started", "announcements.ended",
    "announcements.written",
    "subscriptions.id", "subscriptions.person_id", "subscriptions.since",
    "events.id", "events.form", "events.title", "events.about", "events.organiser", "events.point",
    "events.prefecture", "events.audience", "events.topics", "events.adcode", "events.place", "events.begins",
    "events.ends", "events.deadline", "events.capacity", "events.taken", "events.contact", "events.state",
    "events.code", "events.announcement_id", "events.author_id", "events.approver_id", "events.created",
    "events.changed",
    "signups.id", "signups.event_id", "signups.person_id", "signups.state", "signups.turn",
    "link_codes.digest", "link_codes.person_id", "link_codes.expires",
    "lanes.channel", "lanes.account", "lanes.free", "lanes.quiet", "windows.person_id", "windows.left",
    "inbox.id", "inbox.channel", "inbox.account", "inbox.received",
    "members.id", "members.role", "members.prefecture", "members.point", "members.person_id", "members.since",
    "members.until",
    "invites.id", "invites.digest", "invites.role", "invites.prefecture", "invites.point", "invites.invited_by",
    "invites.replaces", "invites.created", "invites.expires", "invites.used", "invites.member_id",
    "uploads.id", "uploads.token", "uploads.person_id", "uploads.form", "uploads.step", "uploads.types",
    "uploads.at_most", "uploads.expires", "uploads.received", "uploads.taken", "uploads.claimed", "uploads.path",
    "uploads.type", "uploads.size",
    "receipts.id", "receipts.at", "receipts.erased",
    "points.id", "points.code", "points.name", "points.sample", "points.kind", "points.adcode", "points.address",
    "points.phone", "points.lat", "points.lon", "points.services", "points.hours", "points.certified_on",
    "points.expires_on", "points.state", "points.confirmed_on", "points.website",
    "counters.name", "counters.value",
    "institutions.id", "institutions.credit_code", "institutions.name", "institutions.kind", "institutions.adcode",
    "institutions.address", "institutions.lat", "institutions.lon", "institutions.barred_until",
    "rendered.point", "rendered.month", "rendered.kind", "rendered.topic", "rendered.count",
    "guesses.id", "guesses.person_id",
    "points.institution_id", "points.rectify_by", "points.since", "points.steps", "points.proposed",
    "points.proposed_by", "points.proposed_why",
    "calls.id", "calls.year", "calls.opens_on", "calls.closes_on", "calls.short_renewal", "calls.notice",
    "calls.made_by", "calls.made",
    "changes.id", "changes.number", "changes.point", "changes.state", "changes.since", "changes.steps",
    "changes.proposed", "changes.proposed_by", "changes.proposed_why", "changes.member_id", "changes.why",
    "history.id", "history.subject", "history.subject_id", "history.step", "history.at", "history.member_id",
    "history.role", "history.action", "history.proposal", "history.old", "history.new", "history.why",
    "history.article",
    "offices.adcode", "offices.prefecture", "offices.member_id", "offices.since",
    "reports.id", "reports.number", "reports.point", "reports.year", "reports.state", "reports.since",
    "reports.steps", "reports.proposed", "reports.proposed_by", "reports.proposed_why", "reports.member_id",
    "reports.late", "reports.figures", "reports.summary", "reports.plan",
    "applications.id", "applications.number", "applications.digest", "applications.renewal", "applications.call_id",
    "applications.institution_id", "applications.point", "applications.adcode", "applications.state",
    "applications.since", "applications.steps", "applications.proposed", "applications.proposed_by",
    "applications.proposed_why", "applications.applicant_id", "applications.defects", "applications.notice_from",
    "applications.notice_until",
    "tickets.id", "tickets.person_id", "tickets.kind", "tickets.service", "tickets.topic", "tickets.adcode",
    "tickets.level", "tickets.point", "tickets.prefecture", "tickets.asked_id", "tickets.member_id", "tickets.state",
    "tickets.since", "tickets.steps", "tickets.proposed", "tickets.proposed_by", "tickets.proposed_why",
    "tickets.created", "tickets.due", "tickets.promised", "ticket_messages.id", "ticket_messages.ticket_id",
    "ticket_messages.at", "ticket_messages.side", "ticket_messages.member_id", "absences.member_id", "absences.since",
    "absences.until", "ratings.id", "ratings.person_id", "ratings.entry", "ratings.good", "feedback.id",
    "feedback.number", "feedback.digest", "feedback.person_id", "feedback.kind", "feedback.category",
    "feedback.point", "feedback.prefecture", "feedback.state", "feedback.since", "feedback.steps",
    "feedback.proposed", "feedback.proposed_by", "feedback.proposed_why", "feedback.member_id", "feedback.created",
    "feedback.due",
    "drafts.id", "drafts.entry", "drafts.topic", "drafts.text", "drafts.state", "drafts.since", "drafts.steps",
    "drafts.proposed", "drafts.proposed_by", "drafts.proposed_why", "drafts.author_id", "drafts.approver_id",
    "drafts.created", "drafts.due", "drafts.findings", "drafts.told",
    "asked.turn_id", "asked.person_id", "asked.kind", "asked.cluster", "asked.draft_id",
}  # fmt: skip


def test_every_column_with_something_personal_says_how_long_it_is_kept() -> None:
    columns = {f"{table}.{column.name}": column for table in metadata.sorted_tables for column in table.columns}
    told = {name: column.info["kept"] for name, column in columns.items() if "personal" in column.info}
    assert told == PERSONAL
    assert set(columns) - set(told) == IMPERSONAL


def test_the_notice_is_told_once_at_first_use(talk: Talk) -> None:
    talk.says("你好")
    assert talk.response.notice
    assert "180 天" in talk.response.notice
    talk.says("发明专利保护多少年")
    assert talk.response.notice is None


def test_erasing_asks_first_and_gives_a_receipt(talk: Talk) -> None:
    talk.says("我叫张三，电话13899990000").says("删除我的数据").comes_to("flow", "delete_data", "delete_data")
    talk.presses("确定删除").comes_to("done", "delete_data").sees("回执编号", "对话记录")
    talk.says("你好")
    assert talk.response.notice, "a new person: nothing is remembered"


def test_nothing_of_a_person_is_left_after_erasing(engine: Engine, shelf: Shelf) -> None:
    person = Talk(App(engine, shelf), TODAY, channel="web")
    person.says("稀罕词甲乙丙专利保护多少年").says("附近网点").shares(43.81234, 87.61234)
    person.says("删除我的数据").says("确定删除")
    with engine.begin() as connection:
        everything = json.dumps(
            [list(map(str, row)) for table in metadata.sorted_tables for row in connection.execute(select(table))],
            ensure_ascii=False,
        )
        kept = connection.execute(select(receipts)).all()
    assert person.person.id not in everything
    assert "稀罕词" not in everything
    assert "81234" not in everything
    assert len(kept) == 1


def test_a_location_is_not_kept(engine: Engine, shelf: Shelf) -> None:
    person = Talk(App(engine, shelf), TODAY, channel="web")
    person.shares(43.81234, 87.61234).says("附近网点").shares(43.81234, 87.61234)
    with engine.begin() as connection:
        everything = str([connection.execute(select(table)).all() for table in metadata.sorted_tables])
    assert "81234" not in everything
    assert "61234" not in everything


def test_numbers_of_cards_and_telephones_are_masked_in_what_is_kept(engine: Engine, shelf: Shelf) -> None:
    person = Talk(App(engine, shelf), TODAY)
    person.says("我电话13899990000，身份证11010519491231002X，帮我看专利ZL201320662370.2")
    with engine.begin() as connection:
        everything = str([connection.execute(select(table)).all() for table in metadata.sorted_tables])
    assert "13899990000" not in everything
    assert "11010519491231002" not in everything


@pytest.mark.parametrize(
    "text",
    [
        "打13899990000找我",
        "138 9999 0000",
        "138-9999-0000",
        "+86 13899990000",
        "１３８９９９９００００",
        "0991-1234567",
        "（0991）13899990000",
    ],
)
def test_telephone_numbers_are_masked(text: str) -> None:
    assert "[电话]" in mask(text)
    assert "9999" not in mask(text) or text == "0991-1234567"


def test_one_time_codes_are_masked() -> None:
    assert mask("绑定 ABCD-EFGH-JKM2") == "绑定 [密码]"
    assert mask("XJWD-2026-0007") == "XJWD-2026-0007"


def test_identity_cards_are_masked_also_beside_characters() -> None:
    assert mask("身份证11010519491231002X号") == "身份证[身份证号]号"


@pytest.mark.parametrize(
    "text",
    [
        "ZL201320662370.2",
        "申请号202211445566.6",
        "2013206623702",
        "91650100MA77ABCD1X",
        "916501001234567890",
        "商标 70112233",
        "CN107196804B",
        "2027年1月1日，300元，第115条",
        "XJWD-2026-0007",
    ],
)
def test_patent_numbers_and_credit_codes_stay(text: str) -> None:
    assert mask(text) == text


@given(st.text(alphabet=st.characters(exclude_categories=("Cs",)), max_size=80))
def test_masking_takes_any_text(text: str) -> None:
    mask(text)


@given(st.from_regex(r"1[3-9]\d{9}", fullmatch=True), st.text(alphabet="电话是：找我吧，。", max_size=6))
def test_no_mobile_number_gets_through(number: str, around: str) -> None:
    assert number not in mask(f"{around}{number}{around}")
