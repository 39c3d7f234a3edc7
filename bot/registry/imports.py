"""Import and export of institutions and of applications of former years: dry run first, a reason for every rejected row.

Points have a list of their own (exchange.py). Applications that are under way are not imported: they are made in the register,
where every stage leaves its trace.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert, select, update

from bot.database.tables import applications, calls, institutions
from bot.registry import cells as read
from bot.registry.cells import CellError
from bot.registry.lifecycle import Entry, record
from bot.registry.listfiles import FIRST, Columns, ImportReport, Rejection, read_list
from bot.registry.places import Gazetteer
from bot.registry.pointrows import read_region
from bot.registry.services import read_kind
from bot.registry.sheets import to_csv, to_xlsx
from bot.registry.stages import APPLICATION, APPLICATION_STATES, OPEN_APPLICATIONS
from bot.staff import Actor, Role

INSTITUTIONS = Columns(
    (
        ("credit_code", "统一社会信用代码", ("信用代码", "社会信用代码")),
        ("name", "名称", ("单位名称", "机构名称", "单位全称")),
        ("kind", "类型", ("单位类型", "机构类型")),
        ("region", "地区", ("所在地区", "行政区划")),
        ("address", "地址", ("详细地址",)),
        ("head", "主要负责人", ("负责人",)),
        ("contact", "联系人", ()),
        ("phone", "电话", ("联系电话",)),
        ("barred_until", "限制到", ("三年限制到",)),
    ),
    ("credit_code", "name", "kind", "region", "address"),
)
APPLICATIONS = Columns(
    (
        ("number", "编号", ("申报编号",)),
        ("credit_code", "统一社会信用代码", ("信用代码", "社会信用代码")),
        ("name", "名称", ("单位名称",)),
        ("year", "年度", ("申报年度",)),
        ("renewal", "种类", ("申报种类",)),
        ("state", "状态", ("结果",)),
        ("point", "网点编号", ()),
        ("since", "办结日期", ("办结时间",)),
    ),
    ("number", "credit_code", "year", "state", "since"),
)
_CLOSED = {label: state for state, label in APPLICATION_STATES.items() if state not in OPEN_APPLICATIONS}
_KINDS = {"": False, "新申报": False, "续期": True}


def _optional(text: str) -> str:
    return read.read_text(text, 40)


def _year(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) == 4):
        raise CellError(f"“{read.short(text)}”应为四位年份")
    return int(text)


def _state(text: str) -> str:
    if text not in _CLOSED:
        raise CellError(f"“{read.short(text)}”应为已办结的：{'、'.join(_CLOSED)}（正在办理的请在系统里提交）")
    return _CLOSED[text]


def _renewal(text: str) -> bool:
    if text not in _KINDS:
        raise CellError("应为：新申报、续期")
    return _KINDS[text]


def _day(text: str) -> date:
    day = read.read_date(text)
    if day is None:
        raise CellError("缺少办结日期")
    return day


def _credit(text: str) -> str:
    code = read.read_credit(text)
    if code is None:
        raise CellError("缺少统一社会信用代码")
    return code


_INSTITUTION: Mapping[str, Callable[[str], Any]] = {
    "credit_code": _credit,
    "name": read.read_name,
    "kind": read.read_kind_of,
    "address": read.read_address,
    "head": _optional,
    "contact": _optional,
    "phone": read.read_phone,
    "barred_until": read.read_date,
}
_APPLICATION: Mapping[str, Callable[[str], Any]] = {
    "number": read.read_code,
    "credit_code": _credit,
    "name": lambda text: read.read_text(text, 120),
    "year": _year,
    "renewal": _renewal,
    "state": _state,
    "point": _optional,
    "since": _day,
}


@dataclass(slots=True)
class _Reading:
    """A list while it is read: the good rows and why the others are not."""

    columns: Columns
    readers: Mapping[str, Callable[[str], Any]]
    good: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    rejected: list[Rejection] = field(default_factory=list)

    def read(self, source: Path | Iterable[Mapping[str, object]], key: str, more: Callable[..., None]) -> None:
        """Read all rows; ``key`` must be unlike in each; ``more(values, cells)`` adds to the values or raises CellError
        with the key of the column first."""
        rows, self.rejected = read_list(source, self.columns)
        seen: dict[Any, int] = {}
        if not rows and not self.rejected:
            self.rejected.append(Rejection(FIRST, "文件", "表头下面没有内容，应一行一个"))
        for number, row in rows:
            values: dict[str, Any] = {}
            wrong: list[Rejection] = []
            for name, reader in self.readers.items():
                try:
                    values[name] = reader(row.get(name, ""))
                except CellError as error:
                    wrong.append(Rejection(number, self.columns.headers[name], str(error)))
            if values.get(key) in seen:
                wrong.append(Rejection(number, self.columns.headers[key], f"和第{seen[values[key]]}行重复"))
            elif key in values:
                seen[values[key]] = number
            if not wrong:
                try:
                    more(values, row)
                except CellError as error:
                    name, _, why = str(error).partition("|")
                    wrong.append(Rejection(number, self.columns.headers[name], why))
            self.rejected += wrong
            if not wrong:
                self.good.append((number, values))

    def refused(self, skip_bad: bool) -> bool:
        return not self.good or (bool(self.rejected) and not skip_bad)


def import_institutions(
    source: Path | Iterable[Mapping[str, object]],
    connection: Connection,
    gazetteer: Gazetteer,
    *,
    dry_run: bool = False,
    skip_bad: bool = False,
) -> ImportReport:
    """Enter the institutions of a list, by credit code; known ones are updated. A bar that the register holds stays."""
    reading = _Reading(INSTITUTIONS, _INSTITUTION)

    def more(values: dict[str, Any], row: Mapping[str, str]) -> None:
        try:
            values["adcode"] = read_region(row.get("region", ""), gazetteer).adcode
        except CellError as error:
            raise CellError(f"region|{error}") from error

    reading.read(source, "credit_code", more)
    if reading.refused(skip_bad):
        return ImportReport(0, 0, 0, 0, tuple(reading.rejected), False, "单位")
    known = {row["credit_code"]: row for row in connection.execute(select(institutions)).mappings()}
    added = updated = 0
    for _, values in reading.good:
        old = known.get(values["credit_code"])
        if old is not None and old["barred_until"]:
            values["barred_until"] = max(old["barred_until"], values["barred_until"] or old["barred_until"])
        if old is None:
            added += 1
            if not dry_run:
                connection.execute(insert(institutions).values(values))
        elif any(old[name] != value for name, value in values.items()):
            updated += 1
            if not dry_run:
                connection.execute(update(institutions).where(institutions.c.id == old["id"]).values(values))
    same = len(reading.good) - added - updated
    return ImportReport(added, updated, same, 0, tuple(reading.rejected), not dry_run, "单位")


def import_applications(
    source: Path | Iterable[Mapping[str, object]],
    connection: Connection,
    now: datetime,
    *,
    dry_run: bool = False,
    skip_bad: bool = False,
) -> ImportReport:
    """Enter the closed applications of former years, by number; known ones stay as they are. Their institution must be
    in the register, and the call of their year."""
    reading = _Reading(APPLICATIONS, _APPLICATION)
    owners = {row.credit_code: row for row in connection.execute(select(institutions))}
    years = {row.year: row.id for row in connection.execute(select(calls.c.year, calls.c.id))}
    known = set(connection.execute(select(applications.c.number)).scalars())

    def more(values: dict[str, Any], row: Mapping[str, str]) -> None:
        if values["credit_code"] not in owners:
            raise CellError("credit_code|登记册里没有这个单位，请先导入单位")
        if values["year"] not in years:
            raise CellError(f"year|还没有{values['year']}年的申报通知，请先由自治区局录入")

    reading.read(source, "number", more)
    if reading.refused(skip_bad):
        return ImportReport(0, 0, 0, 0, tuple(reading.rejected), False, "申报")
    new = [values for _, values in reading.good if values["number"] not in known]
    if not dry_run:
        for values in new:
            _enter_application(connection, values, owners[values["credit_code"]], years[values["year"]], now)
    same = len(reading.good) - len(new)
    return ImportReport(len(new), 0, same, 0, tuple(reading.rejected), not dry_run, "申报")


def _enter_application(connection: Connection, values: Mapping[str, Any], owner: Any, call: int, now: datetime) -> None:
    since = datetime(values["since"].year, values["since"].month, values["since"].day, 4, tzinfo=now.tzinfo)
    fields = {"name": values["name"] or owner.name, "credit_code": owner.credit_code, "kind": owner.kind}
    id = connection.execute(
        insert(applications)
        .values(
            number=values["number"],
            digest="",
            renewal=values["renewal"],
            call_id=call,
            institution_id=owner.id,
            point=values["point"],
            adcode=owner.adcode,
            state=values["state"],
            since=since,
            steps=1,
            fields={**fields, "adcode": owner.adcode},
            defects=[],
        )
        .returning(applications.c.id)
    ).scalar_one()
    entry = Entry(1, Actor(0), Role.ADMINISTRATOR, "import", False, "", values["state"], "")
    record(connection, APPLICATION, id, entry, at=now)


def export_institutions(connection: Connection, gazetteer: Gazetteer, format: str = "csv") -> bytes:
    """All institutions as a file, ``csv`` or ``xlsx``, that can be imported again."""
    rows = []
    for row in connection.execute(select(institutions).order_by(institutions.c.credit_code)).mappings():
        division, kind = gazetteer.division(row["adcode"]), read_kind(row["kind"])
        shown = {
            **row,
            "region": division.full_name if division else row["adcode"],
            "kind": kind.label if kind else row["kind"],
        }
        rows.append([shown[key] or "" for key in INSTITUTIONS.headers])
    return _file("单位", INSTITUTIONS, rows, format)


def export_applications(connection: Connection, format: str = "csv") -> bytes:
    """All applications, open ones too, as a file, ``csv`` or ``xlsx``."""
    query = (
        select(applications, institutions.c.credit_code, institutions.c.name, calls.c.year)
        .join(institutions, applications.c.institution_id == institutions.c.id)
        .join(calls, applications.c.call_id == calls.c.id)
        .order_by(applications.c.number)
    )
    rows = []
    for row in connection.execute(query).mappings():
        shown = {
            **row,
            "renewal": "续期" if row["renewal"] else "新申报",
            "state": APPLICATION_STATES[row["state"]],
            "since": row["since"].date(),
        }
        rows.append([shown[key] for key in APPLICATIONS.headers])
    return _file("申报", APPLICATIONS, rows, format)


def _file(title: str, columns: Columns, rows: list[list[Any]], format: str) -> bytes:
    headers = list(columns.headers.values())
    return to_xlsx(title, headers, rows) if format == "xlsx" else to_csv(headers, rows)
