"""``ipbot staff``: invites from the command line (the first administrator comes from here), who works here, ending it."""

from __future__ import annotations

import sys
from datetime import datetime

from bot.build import build_engine
from bot.desk import BEIJING
from bot.registry.places import read_places
from bot.registry.points import Points
from bot.settings import Settings
from bot.staff import Role, Staff


def invite(settings: Settings, role: str, name: str, prefecture: str, point: str, now: datetime) -> int:
    """Print a one-time code; returns 2 when the jurisdiction does not fit the role or is unknown."""
    gazetteer, _ = read_places(settings.content)
    with build_engine(settings, settings.content).begin() as connection:
        found = [d for d in gazetteer.called(prefecture) if d.level == "prefecture"] if prefecture else []
        if prefecture and not found:
            print(f"没有这个地州：{prefecture}", file=sys.stderr)
            return 2
        if point and Points(connection, gazetteer).by_code(point) is None:
            print(f"没有这个编号的网点：{point}", file=sys.stderr)
            return 2
        try:
            made = Staff(connection).invite(
                Role(role), name, now, prefecture=found[0].adcode if found else "", point=point.strip().upper()
            )
        except ValueError:
            print(
                "地州局工作人员（prefecture）要写 --prefecture，网点工作人员（point）要写 --point，其他身份都不写",
                file=sys.stderr,
            )
            return 2
    until = made.expires.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M")
    print(f"邀请码 {made.code}（北京时间 {until} 前有效，只用一次）；请本人私聊发送：绑定 {made.code}")
    return 0


def members(settings: Settings) -> int:
    """Print who works here; returns 0."""
    with build_engine(settings, settings.content).begin() as connection:
        found = Staff(connection).serving()
    for m in found:
        bound = "已绑定" if m.person else "未绑定"
        print(f"{m.id}  {m.role.label}  {m.prefecture or m.point or '—'}  {m.name}  {bound}")
    print(f"{len(found)} 人")
    return 0


def end(settings: Settings, id: int, now: datetime) -> int:
    """End the work of the member of that number; returns 1 when there is none."""
    with build_engine(settings, settings.content).begin() as connection:
        ended = Staff(connection).end(id, now)
    print("已停用" if ended else f"没有编号为 {id} 的在任工作人员")
    return 0 if ended else 1
