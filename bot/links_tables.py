"""The tables of ``content/links`` read and checked: ``platforms.yaml`` and ``guides.yaml``."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from bot.knowledge.figures import REFERENCE, Figures
from bot.knowledge.laws import Law, read_basis
from bot.knowledge.problems import Faults, Problem
from bot.links import FIELDS, LOGINS, PHONES, Address, Example, Guide, Links, Platform, Query

_NEEDED = ("id", "name", "operator", "page", "login", "language", "phone", "checked", "source")
_STEPS = 3
_PLATFORM = {*_NEEDED, "note", "addresses", "paste", "steps"}
_GUIDE = {"id", "title", "platforms", "look", "next", "basis", "offers", "reviewed"}
_ADDRESS = {"url", "parts", "all", "any", "dates", "english", "examples"}


def read_links(content: Path, laws: Mapping[str, Law], figures: Figures) -> tuple[Links, list[Problem]]:
    """Read ``content/links``: all good rows, and a problem for each fault (file, row and field named)."""
    faults = Faults("links/platforms.yaml")
    platforms: dict[str, Platform] = {}
    for row in _rows(content / "links" / "platforms.yaml", faults):
        platform = _read_platform(row, faults)
        if platform and platform.id in platforms:
            faults.add(platform.id, "这个编号已经有了")
        elif platform:
            platforms[platform.id] = platform
    problems = faults.found
    faults = Faults("links/guides.yaml")
    guides: dict[str, Guide] = {}
    for row in _rows(content / "links" / "guides.yaml", faults):
        guide = _read_guide(row, platforms, laws, figures, faults)
        if guide:
            guides[guide.id] = guide
    used = {id for guide in guides.values() for id in guide.platforms}
    for id in sorted(set(platforms) - used):
        faults.add(id, "没有一项查询用到这个平台")
    return Links(platforms, guides), problems + faults.found


def _rows(path: Path, faults: Faults) -> list[dict[str, Any]]:
    try:
        rows = yaml.load(path.read_text(encoding="utf-8-sig"), Loader=yaml.CBaseLoader) or []
    except FileNotFoundError:
        faults.add("文件", "没有这个文件")
        return []
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        faults.add("文件", f"不是可读的 YAML：{' '.join(str(error).split())}")
        return []
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        faults.add("文件", "应为列表，每一项以“- id:”开头")
        return []
    return rows


def _sound(row: Mapping[str, Any], known: set[str], required: Sequence[str], faults: Faults) -> bool:
    """Whether a row has an id and all that is required; every fault is noted."""
    id = str(row.get("id", ""))
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", id):
        faults.add(id or "id", "编号应为小写英文、数字和连字符")
    for name in sorted(set(row) - known):
        faults.add(f"{id}.{name}", f"没有这个字段，可用的是：{'、'.join(sorted(known))}")
    missing = [name for name in required if not row.get(name)]
    for name in missing:
        faults.add(f"{id}.{name}", "缺少这一项")
    return not missing


def _read_platform(row: Mapping[str, Any], faults: Faults) -> Platform | None:
    if not _sound(row, _PLATFORM, _NEEDED, faults):
        return None
    id = str(row["id"])
    for name, choices in (("login", LOGINS), ("phone", PHONES)):
        if row[name] not in choices:
            faults.add(f"{id}.{name}", f"“{row[name]}”应为：{'、'.join(choices)}")
            return None
    checked = faults.day(f"{id}.checked", row["checked"])
    addresses = tuple(_read_address(a, f"{id}.addresses", faults) for a in row.get("addresses") or ())
    paste = {str(k): str(v) for k, v in (row.get("paste") or {}).items()}
    for name in sorted(set(paste) - set(FIELDS)):
        faults.add(f"{id}.paste.{name}", f"没有这一项，可用的是：{'、'.join(FIELDS)}")
        del paste[name]
    steps = tuple(map(str, row.get("steps") or ()))
    if len(steps) != _STEPS:
        faults.add(f"{id}.steps", f"要写 {_STEPS} 步：打开以后怎么点（查询内容带不进网址时用）")
    if checked is None:
        return None
    return Platform(
        id,
        str(row["name"]),
        str(row["operator"]),
        faults.url(f"{id}.page", str(row["page"])),
        str(row["login"]),
        str(row["language"]),
        str(row["phone"]),
        checked,
        str(row["source"]),
        str(row.get("note", "")),
        addresses,
        paste,
        steps,
    )


def _read_address(row: Mapping[str, Any], where: str, faults: Faults) -> Address:
    for name in sorted(set(row) - _ADDRESS):
        faults.add(f"{where}.{name}", f"没有这个字段，可用的是：{'、'.join(sorted(_ADDRESS))}")
    parts = {str(k): str(v) for k, v in (row.get("parts") or {}).items()}
    for name in sorted(set(parts) - {*FIELDS, "dates"}):
        faults.add(f"{where}.parts.{name}", f"没有这一项，可用的是：{'、'.join(FIELDS)}、dates")
        del parts[name]
    url = faults.url(f"{where}.url", str(row.get("url", "")))
    marks = set(re.findall(r"\{([a-z]+)\}", url))
    if not marks or marks - ({"query"} if parts else set(FIELDS)):
        faults.add(f"{where}.url", "网址里应有 {query}（并写 parts），或者直接写 {publication} 这样的字段")
        url = re.sub(r"\{[a-z]+\}", "", url)
    if "dates" in parts and not row.get("dates"):
        faults.add(f"{where}.dates", "parts 里用了 dates，要写明日期的写法，如 %Y%m%d")
        del parts["dates"]
    address = Address(
        url,
        parts,
        str(row.get("all", " AND ")),
        str(row.get("any", " OR ")),
        str(row.get("dates", "")),
        row.get("english") == "yes",
    )
    examples = []
    for example in row.get("examples") or ():
        wanted = str(example.get("url", ""))
        query = read_query({k: v for k, v in example.items() if k != "url"}, f"{where}.examples", faults)
        if address.fill(query) != wanted:
            faults.add(f"{where}.examples", f"按模板得到 {address.fill(query)}，与例子 {wanted} 不同")
        examples.append(Example(query, wanted))
    if not examples:
        faults.add(f"{where}.examples", "每个网址模板至少要有一个例子")
    return replace(address, examples=tuple(examples))


def read_query(row: Mapping[str, Any], where: str, faults: Faults) -> Query:
    """A query as an editor writes it in an example: ``words`` a list of lists, dates as year-month-day."""
    groups = {n: tuple(tuple(map(str, g)) for g in row.get(n) or ()) for n in ("words", "english")}
    plain = {n: str(row[n]) for n in ("number", "publication", "name", "owner", "inventor", "ipc") if row.get(n)}
    days = {n: faults.day(f"{where}.{n}", row.get(n)) for n in ("since", "until")}
    return Query(words=groups["words"], english=groups["english"], since=days["since"], until=days["until"], **plain)


def _read_guide(
    row: Mapping[str, Any],
    platforms: Mapping[str, Platform],
    laws: Mapping[str, Law],
    figures: Figures,
    faults: Faults,
) -> Guide | None:
    if not _sound(row, _GUIDE, ("id", "title", "platforms", "look", "next", "reviewed"), faults):
        return None
    id = str(row["id"])
    for name in row["platforms"]:
        if name not in platforms:
            faults.add(f"{id}.platforms", f"platforms.yaml 里没有“{name}”")
    for name in ("look", "next"):
        for kind, figure in REFERENCE.findall(str(row[name])):
            if (kind, figure) not in figures:
                faults.add(f"{id}.{name}", f"{{{kind}:{figure}}} 不在 content/{kind}s 里")
    reviewed = faults.day(f"{id}.reviewed", row["reviewed"])
    if reviewed is None:
        return None
    return Guide(
        id,
        str(row["title"]),
        tuple(name for name in row["platforms"] if name in platforms),
        str(row["look"]).strip(),
        str(row["next"]).strip(),
        tuple(b for b in (read_basis(str(b), laws, faults) for b in row.get("basis") or ()) if b),
        tuple(map(str, row.get("offers") or ())),
        reviewed,
    )
