"""``ipbot worker``: sends letters and does what time moves, beside other processes on PostgreSQL; what all that send share."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from typing import Protocol, TypeVar

from sqlalchemy import Connection, Engine

from bot.build import build_engine, build_files
from bot.channels.delivered import Sender
from bot.channels.telegram_api import TelegramSettings
from bot.channels.telegram_letters import TelegramPost
from bot.channels.wechat_api import WechatApiSettings
from bot.channels.wechat_letters import RATE, WechatLetters
from bot.commands.upkeep import Upkeep
from bot.database.engine import transact
from bot.delivery.lane import Limits, Transact
from bot.delivery.office import Delivery
from bot.delivery.quiet import QuietHours
from bot.registry.daily import move_time
from bot.registry.holidays import read_holidays
from bot.registry.places import read_places
from bot.settings import SettingError, Settings

T = TypeVar("T")
_THREADS = 4


def read_limits(settings: Settings) -> Limits:
    """How letters are sent. Raises SettingError."""
    places = settings.number("IPBOT_LETTERS_AT_ONCE")
    if places == 0:
        raise SettingError("IPBOT_LETTERS_AT_ONCE='0': expected 1 or more")
    try:
        quiet = QuietHours.read(settings["IPBOT_QUIET_HOURS"])
    except ValueError as error:
        raise SettingError(f"IPBOT_QUIET_HOURS={settings['IPBOT_QUIET_HOURS']!r}: {error}") from error
    return Limits(places, quiet)


def build_delivery(
    settings: Settings, engine: Engine, senders: Sequence[tuple[Sender, float]], transact: Transact
) -> Delivery:
    """The delivery of this process; on SQLite it is the only one."""
    alone = engine.dialect.name == "sqlite"
    return Delivery(senders, read_limits(settings), transact, lambda: datetime.now(UTC), alone)


class Post(Protocol):
    """The sending side of a channel in a process that takes no messages."""

    async def start(self) -> None: ...

    async def stop(self) -> None: ...


def worker(settings: Settings) -> int:
    """Send letters until stopped; says through which channels."""
    posts: list[Post] = []
    senders: list[tuple[Sender, float]] = []
    names = []
    if telegram := TelegramSettings.read(settings):
        post = TelegramPost(telegram)
        posts.append(post)
        senders.append((post.letters, telegram.letters))
        names.append("Telegram")
    if wechat := WechatApiSettings.read(settings):
        letters = WechatLetters(wechat, build_files(settings))
        posts.append(letters)
        senders.append((letters, RATE))
        names.append("微信公众号")
    if not senders:
        print("没有可以主动发送消息的渠道：设 IPBOT_TELEGRAM_TOKEN 或 IPBOT_WECHAT_APP_SECRET", file=sys.stderr)
        return 2
    engine = build_engine(settings, settings.content)
    if engine.dialect.name == "sqlite":
        print("SQLite 由 ipbot serve 自己发送；要几个进程分担，请用 PostgreSQL（IPBOT_DATABASE_URL）", file=sys.stderr)
        return 2
    threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="letters")

    async def run() -> None:
        delivery = build_delivery(settings, engine, senders, transact_in(engine, threads))
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        for one in posts:
            await one.start()
        upkeep = Upkeep(time_mover(settings, transact_in(engine, threads)))
        await delivery.start()
        await upkeep.start()
        print(f"正在发送消息：{'、'.join(names)}", flush=True)
        await stop.wait()
        await upkeep.stop()
        await delivery.stop()
        for one in posts:
            await one.stop()

    asyncio.run(run())
    threads.shutdown()
    engine.dispose()
    return 0


def time_mover(settings: Settings, transact: Transact) -> Callable[[datetime], Awaitable[None]]:
    """What time moves in the register, as a worker does it."""
    gazetteer, _ = read_places(settings.content)
    holidays, _ = read_holidays(settings.content)

    async def move(now: datetime) -> None:
        await transact(lambda connection: move_time(connection, gazetteer, holidays, now))

    return move


def transact_in(engine: Engine, threads: ThreadPoolExecutor) -> Transact:
    """Transactions in threads, beside the loop."""

    def run(work: Callable[[Connection], T]) -> Awaitable[T]:
        return asyncio.get_running_loop().run_in_executor(threads, partial(transact, engine, work))

    return run
