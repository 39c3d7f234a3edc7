"""Erasing reaches everything: after it no table, no file and no log holds a trace of the person, on both databases."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from bot.app import Shelf
from bot.database.tables import metadata, receipts
from bot.messages import Message, Person
from tests.helpdesk.test_tickets import House
from tests.samples import sample

MARK = "独一无二的葡萄棚"  # stands in everything that the person says
NATIVE = "person-4711"


def traces(engine: Engine, folder: Path, *marks: str) -> list[str]:
    """Where any of the marks stands: table and column, or file."""
    found = []
    with engine.begin() as connection:
        for table in metadata.sorted_tables:
            for row in connection.execute(select(table)).mappings():
                found += [
                    f"{table.name}.{column}: {value}"
                    for column, value in row.items()
                    if any(m in str(value) for m in marks)
                ]
    for path in folder.rglob("*"):
        if path.is_file() and any(m.encode() in path.read_bytes() or m in path.name for m in marks):
            found.append(str(path))
    return found


@pytest.mark.parametrize("how", ["erased", "expired"])
def test_no_trace_of_a_person_is_left(
    engine: Engine, shelf: Shelf, tmp_path: Path, caplog: pytest.LogCaptureFixture, how: str
) -> None:
    caplog.set_level(logging.DEBUG)
    house = House(engine, shelf)
    # a person whose id is unlike everything else
    house.ids[NATIVE] = house._come(NATIVE)

    def sends_file(name: str) -> None:
        (tmp_path / name).write_bytes(sample("证据.pdf") + MARK.encode())
        house.now += timedelta(seconds=1)
        upload = shelf.incoming.copy(tmp_path / name, name, 2**20)
        house.app.turn(Message(Person("terminal", "", NATIVE), upload, f"file-{name}", house.now))
        shelf.incoming.drop(upload)

    house.says(NATIVE, f"{MARK}的发明专利保护多少年")
    house.says(NATIVE, "没用 patent-term-years-invention")
    for words in ("哪里不对 patent-term-years-invention", f"{MARK}没说清"):
        house.says(NATIVE, words)
    for words in ("投诉", "SAMPLE-653101", "乱收费", f"{MARK}收了五百元"):
        house.says(NATIVE, words)
    sends_file(f"{MARK}收据.pdf")
    assert "已收到" in house.says(NATIVE, "不匿名").replies[0].text
    for words in ("提建议", "整个网络或这个机器人", f"{MARK}希望周末开门", "匿名"):
        house.says(NATIVE, words)
    for words in ("转人工", f"{MARK}被驳回了", "天山区", "给看"):
        house.says(NATIVE, words)
    ticket = house.ticket(NATIVE)
    assert ticket is not None
    house.says("x", "工单")
    house.says("x", f"接单 {ticket.id}")
    house.says(NATIVE, f"{MARK}的通知书在这里")
    sends_file(f"{MARK}通知书.pdf")
    house.says("x", f"{MARK}这份我看到了")
    house.says("x", f"转交 {ticket.id}")
    house.says("x", "自治区局")
    house.says("x", f"备注{MARK}")
    house.says("r", f"接单 {ticket.id}")
    house.says("r", f"工单 {ticket.id}")
    number = house.app.at_once(lambda c: house.app._helpdesk(c).feedback.of_person(house.ids[NATIVE])[0].number)
    house.says("r", f"意见件 {number}")
    for words in (f"答意见 {number}", f"{MARK}已退还"):
        house.says("r", words)
    folder = Path(shelf.files.folder).parent
    anonymous = [t for t in traces(engine, folder, MARK) if t.startswith("feedback.text") and "周末" in t]
    assert len(traces(engine, folder, MARK, NATIVE)) > 15, "there is something to find"
    assert "工单 1 条" in house.says(NATIVE, "我的数据", press=True).replies[0].text

    if how == "erased":
        house.says(NATIVE, "删除我的数据", press=True)
        assert "已删除" in house.says(NATIVE, "确定删除").replies[0].text
    else:
        house.now += timedelta(days=shelf.retention + 1)
        for name in ("x", "y", "p", "r"):
            house.says(name, "工作台")
        asyncio.run(house.app.expire(house.now))

    left = [t for t in traces(engine, folder, MARK, NATIVE) if t not in anonymous]
    assert left == []
    assert len(anonymous) == 1, "what was said without a name stays, and leads to nobody"
    assert not [
        r for r in caplog.records if MARK in r.getMessage() or NATIVE in r.getMessage() or MARK in str(r.__dict__)
    ]
    with engine.begin() as connection:
        if how == "erased":
            assert connection.execute(select(receipts.c.erased)).scalars().all()[-1]["工单"] == 1
    assert "已不在" in house.says("r", "还在吗").replies[0].text
