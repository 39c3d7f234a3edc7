"""The questions of an application, one a field of bot/registry/declaration.py, and how its values are shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.desk import Desk
from bot.flow import Ask, Form, ask, ask_file
from bot.handlers.asks import (
    a_county,
    a_position,
    cell,
    credit_code,
    line,
    one_of,
    whole_number,
    yes_or_no,
)
from bot.messages import Upload
from bot.registry import cells
from bot.registry.declaration import BY_KEY, DOCUMENTS, FIELDS
from bot.registry.services import Kind, Service, labels, read_kind

LATER = "以后再交"


def question(key: str, desk: Desk, known: Mapping[str, Any], before: str = "") -> Ask:
    """The question for a field; ``known`` are the values so far, ``before`` is said first."""
    made = _question(key, desk, known)
    if not before:
        return made
    return replace(made, prompt=f"{before}\n{made.prompt}")


def _question(key: str, desk: Desk, known: Mapping[str, Any]) -> Ask:
    match key:
        case "name":
            return cell("单位全称是什么？（和登记证书一致）", cells.read_name, free=True)
        case "credit_code":
            return credit_code("统一社会信用代码？（18 位，会核对校验码）")
        case "kind":
            return one_of("单位属于哪一类？（第二条）", [(kind.label, kind.value) for kind in Kind])
        case "adcode":
            return a_county("在哪个县市区登记？材料交所在地的地州局（第七条第（一）项）。", desk)
        case "address":
            return cell("服务场所的详细地址？", cells.read_address, free=True)
        case "position":
            return a_position("请发送服务场所的位置，方便群众按距离找到您。", desk, known["adcode"])
        case "head":
            return line("主要负责人姓名？", 40)
        case "contact":
            return line("联系人姓名？", 40)
        case "phone":
            return cell("联系电话？（认定后公布，比如 0991-1234567）", _phone)
        case "legal_person":
            return yes_or_no("是独立法人单位吗？")
        case "full_time":
            return whole_number("专职做知识产权信息服务的有几人？（第五条要求 3 名及以上）")
        case "part_time":
            return whole_number("兼职的有几人？")
        case "rules":
            return yes_or_no("有信息公共服务的工作制度吗？", "有", "没有")
        case "services":
            listed = "、".join(service.label for service in Service)
            return cell(f"能提供哪些服务？用顿号隔开，可选：{listed}。", _services)
        case "low_cost":
            return yes_or_no("这些服务免费或低成本吗？")
        case "premises":
            return yes_or_no("场地、网络、硬件设备、系统软件都有吗？", "有", "不全")
        case "last_year":
            return line("近一年开展知识产权信息公共服务的情况？（500 字以内，写明次数和人数）", 500)
    return ask_file(f"请发送{BY_KEY[key].label}（{BY_KEY[key].article}）。", (LATER, None))


def _phone(words: str) -> str:
    phone = cells.read_phone(words)
    if not phone:
        raise cells.CellError("请写联系电话")
    return phone


def _services(words: str) -> list[str]:
    if not words:
        raise cells.CellError("请至少写一项服务")
    return cells.read_services(words)


def declare(
    desk: Desk, keys: tuple[str, ...], known: dict[str, Any], before: Mapping[str, str]
) -> Form[dict[str, Any]]:
    """Ask the fields ``keys``; gives their values as they are kept. ``before`` is said before a question."""
    found: dict[str, Any] = {}
    for key in keys:
        value = yield from ask(question(key, desk, {**known, **found}, before.get(key, "")))
        if key == "position":
            found["lat"], found["lon"] = value
        elif isinstance(value, Upload):
            found[key] = {"name": value.name, "token": value.token}
        else:
            found[key] = value
    return found


def shown(key: str, declared: Mapping[str, Any], desk: Desk) -> str:
    """The value of a field as users read it; a telephone with its middle left out."""
    if key == "position":
        return f"北纬 {declared['lat']}，东经 {declared['lon']}" if declared.get("lat") else "—"
    value = declared.get(key)
    match key, value:
        case _, None | "":
            return "—"
        case _, {"name": str(name)}:
            return name
        case "kind", str():
            kind = read_kind(value)
            return kind.label if kind else value
        case "adcode", str():
            division = desk.gazetteer.division(value)
            return division.full_name if division else value
        case "services", list():
            return labels(tuple(value))
        case "phone", str():
            return value[:3] + "****" + value[-4:] if len(value) > 8 else value
        case _, bool():
            return "是" if value else "否"
    return str(value)


def summary(declared: Mapping[str, Any], desk: Desk) -> str:
    """All fields, a line each."""
    keys = [
        field.key
        for field in (*FIELDS, *DOCUMENTS)
        if field.key in declared or (field.key == "position" and "lat" in declared)
    ]
    return "\n".join(f"{BY_KEY[key].label}：{shown(key, declared, desk)}" for key in keys)
