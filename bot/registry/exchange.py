"""Import and export of points: all good rows or none, and a reason for every row that is not taken."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, delete, exists, insert, not_, select, update

from bot.database.tables import history, institutions, points
from bot.registry.hours import BEIJING
from bot.registry.institutions import Institutions
from bot.registry.listfiles import FIRST, ImportReport, Rejection, read_list
from bot.registry.places import Gazetteer
from bot.registry.pointrows import COLUMNS, HEADERS, RowReader
from bot.registry.services import labels, read_kind
from bot.registry.sheets import to_csv, to_xlsx
from bot.registry.stages import POINT, POINT_STATES, VALID
from bot.staff import Role

__all__ = ["ImportReport", "Rejection", "export_points", "import_points", "point_rows"]

_CHUNK = 500  # codes asked for in one query
_DECIDED = "状态由自治区局在系统里办理，导入不能改"


def import_points(
    source: Path | Iterable[Mapping[str, object]],
    connection: Connection,
    gazetteer: Gazetteer,
    today: date,
    *,
    dry_run: bool = False,
    skip_bad: bool = False,
    now: datetime | None = None,
) -> ImportReport:
    """Enter the points of a list, by code: new ones are added, known ones updated, none removed.

    ``source`` is a file (XLSX, or CSV in UTF-8 or GB18030) or rows by header, Chinese or English. Good rows are entered
    only if none is rejected, or with ``skip_bad``; with ``dry_run`` nothing is. The first real points remove the samples.
    A point keeps its state unless its row names one; what the region decided in the register no list changes. Each
    point that is added or changed gets a row of history. Runs in the caller's transaction. Raises OSError when the file
    cannot be read.
    """
    rows, rejected = read_list(source, COLUMNS)
    importing = _Import(connection, gazetteer, today, now or datetime.combine(today, time(), BEIJING))
    wrong = importing.check(rows)
    rejected = sorted((*rejected, *wrong), key=lambda r: r.row)
    if not rows and not rejected:
        rejected.append(Rejection(FIRST, "文件", "没有网点，表头下面应一行一个"))
    if not importing.good or (rejected and not skip_bad):
        return ImportReport(0, 0, 0, 0, tuple(rejected), applied=False)
    return importing.enter(rejected, dry_run=dry_run)


@dataclass(slots=True)
class _Import:
    """One import while it is worked out: the good rows, and the rows of the register that they meet."""

    connection: Connection
    gazetteer: Gazetteer
    today: date
    now: datetime
    good: list[dict[str, Any]] = field(default_factory=list)
    known: dict[str, Mapping[Any, Any]] = field(default_factory=dict)

    def check(self, rows: Sequence[tuple[int, Mapping[str, str]]]) -> list[Rejection]:
        """Sort out the good rows; returns what is wrong with the others."""
        reader = RowReader(self.gazetteer, self.today)
        read = [(number, *reader.read(number, cells)) for number, cells in rows]
        self._look_up([str(values["code"]) for _, values, _ in read if values.get("code")])
        owners = self._owners()
        seen: dict[object, int] = {}
        rejected: list[Rejection] = []
        for number, values, wrong in read:
            code = values.get("code")
            if code in seen:
                wrong.append(Rejection(number, HEADERS["code"], f"{code} 和第{seen[code]}行重复"))
            elif code is not None:
                seen[code] = number
            if not wrong:
                row = {**values, "state": self._state(values)}
                wrong.extend(self._against_the_register(number, row, owners))
                if not wrong:
                    self.good.append(row)
            rejected += wrong
        return rejected

    def _look_up(self, codes: Sequence[str]) -> None:
        by_somebody = (history.c.subject == POINT.subject) & history.c.member_id.is_not(None)
        decided = exists().where(by_somebody, history.c.subject_id == points.c.id)
        for start in range(0, len(codes), _CHUNK):
            query = (
                select(points, institutions.c.credit_code, decided.label("decided"))
                .join(institutions, isouter=True)
                .where(not_(points.c.sample), points.c.code.in_(codes[start : start + _CHUNK]))
            )
            self.known |= {row["code"]: row for row in self.connection.execute(query).mappings()}

    def _owners(self) -> dict[str, str]:
        """The code of the valid point of each institution, by credit code."""
        query = select(institutions.c.credit_code, points.c.code).join(points).where(points.c.state.in_(VALID))
        return {row.credit_code: row.code for row in self.connection.execute(query)}

    def _against_the_register(self, number: int, row: Mapping[str, Any], owners: dict[str, str]) -> list[Rejection]:
        """What the register says against a row: what the region decided, and never two valid points of one institution."""
        old = self.known.get(row["code"])
        if old is not None and old["decided"] and row["state"] != old["state"]:
            return [Rejection(number, HEADERS["state"], _DECIDED)]
        credit = row.get("credit_code")
        if credit and old is not None and old["credit_code"] not in (None, credit):
            return [Rejection(number, HEADERS["credit_code"], f"{row['code']} 登记的是另一个单位 {old['credit_code']}")]
        if credit and row["state"] in VALID:
            owner = owners.setdefault(credit, row["code"])
            if owner != row["code"]:
                return [Rejection(number, HEADERS["credit_code"], f"这个单位已经有有效的网点 {owner}，不能有两个")]
        return []

    def _state(self, values: Mapping[str, Any]) -> str:
        """The state a row leads to: the one it names, else the one the point has; valid only while the title lasts."""
        old = self.known.get(values["code"])
        state = str(values.get("state") or (old["state"] if old else "active"))
        if state in (*VALID, "expired"):
            lasts = values["expires_on"] >= self.today
            state = (state if state in VALID else "active") if lasts else "expired"
        return state

    def enter(self, rejected: Sequence[Rejection], *, dry_run: bool) -> ImportReport:
        """Enter the good rows (with ``dry_run`` only count them)."""
        new = [row for row in self.good if row["code"] not in self.known]
        changed = [row for row in self.good if row["code"] in self.known and self._differs(row)]
        samples = self.connection.execute(select(points.c.id).where(points.c.sample)).all()
        if not dry_run:
            if samples:
                self.connection.execute(delete(points).where(points.c.sample))
            self._write(new, changed)
        unchanged = len(self.good) - len(new) - len(changed)
        return ImportReport(len(new), len(changed), unchanged, len(samples), tuple(rejected), applied=not dry_run)

    def _differs(self, row: Mapping[str, Any]) -> bool:
        old = self.known[row["code"]]
        return any(old[column] != value for column, value in row.items())

    def _write(self, new: Sequence[dict[str, Any]], changed: Sequence[dict[str, Any]]) -> None:
        added = [
            {"sample": False, "confirmed_on": None, "steps": 1, "since": self.now, **self._owned(row)} for row in new
        ]
        if added:
            self.connection.execute(insert(points), added)
        for row in changed:
            steps = self.known[row["code"]]["steps"] + 1
            values = {k: v for k, v in self._owned(row).items() if k != "institution_id" or v is not None}
            self.connection.execute(update(points).where(points.c.code == row["code"]).values(**values, steps=steps))
        self._remember({row["code"]: row["state"] for row in (*new, *changed)})

    def _owned(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """A row as columns of ``points``: the institution by its number, entered when it is new."""
        values = {key: value for key, value in row.items() if key != "credit_code"}
        credit = row.get("credit_code")
        if not credit:
            return {**values, "institution_id": None}
        of_institution = {k: row[k] for k in ("name", "kind", "adcode", "address", "lat", "lon", "phone")}
        owner = Institutions(self.connection).enter(str(credit), {**of_institution, "head": "", "contact": ""})
        return {**values, "institution_id": owner.id}

    def _remember(self, states: Mapping[str, str]) -> None:
        """A row of history for each point that was added or changed."""
        codes = list(states)
        for start in range(0, len(codes), _CHUNK):
            query = select(points.c.id, points.c.code, points.c.steps).where(
                points.c.code.in_(codes[start : start + _CHUNK])
            )
            past = [
                {
                    "subject": POINT.subject,
                    "subject_id": row.id,
                    "step": row.steps,
                    "at": self.now,
                    "member_id": None,
                    "role": Role.ADMINISTRATOR.value,
                    "action": "import",
                    "proposal": False,
                    "old": self.known[row.code]["state"] if row.code in self.known else "",
                    "new": states[row.code],
                    "why": "导入名单",
                    "article": "",
                    "data": {},
                }
                for row in self.connection.execute(query)
            ]
            self.connection.execute(insert(history), past)


def point_rows(connection: Connection, gazetteer: Gazetteer) -> list[list[str]]:
    """All real points as rows under HEADERS, by code; samples are left out."""
    query = (
        select(points, institutions.c.credit_code)
        .join(institutions, isouter=True)
        .where(not_(points.c.sample))
        .order_by(points.c.code)
    )
    return [list(_cells(row, gazetteer)) for row in connection.execute(query).mappings()]


def export_points(connection: Connection, gazetteer: Gazetteer, format: str = "csv") -> bytes:
    """All real points as a file, ``csv`` or ``xlsx``, which :func:`import_points` reads back."""
    rows, headers = point_rows(connection, gazetteer), list(HEADERS.values())
    return to_xlsx("网点", headers, rows) if format == "xlsx" else to_csv(headers, rows)


def _cells(row: Mapping[Any, Any], gazetteer: Gazetteer) -> Iterable[str]:
    kind, division = read_kind(row["kind"]), gazetteer.division(row["adcode"])
    shown = {
        "kind": kind.label if kind else row["kind"],
        "region": division.full_name if division else row["adcode"],
        "datum": "WGS-84",
        "services": labels(tuple(row["services"])),
        "state": POINT_STATES.get(row["state"], row["state"]),
    }
    for key in HEADERS:
        value = shown[key] if key in shown else row[key]
        yield "" if value is None else str(value)
