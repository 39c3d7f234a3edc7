"""``ipbot serve``: all configured channels in one process."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from aiohttp import web

from bot.app import App
from bot.build import Parts, add_meaning_too, build, build_shelf, wants_meaning
from bot.channels.delivered import Sender
from bot.channels.files import FilePages
from bot.channels.server import Channel, make_server, run
from bot.channels.telegram import TelegramChannel, TelegramSettings
from bot.channels.web import WebChat, WebSettings
from bot.channels.wechat import routes as wechat_routes
from bot.channels.wechat_api import WechatApiSettings
from bot.channels.wechat_crypto import WechatSettings
from bot.channels.wechat_letters import RATE, WechatLetters
from bot.commands.upkeep import LEARN_SECONDS, ROUNDS_SECONDS, Upkeep
from bot.commands.watch import ContentWatch
from bot.commands.worker import build_delivery
from bot.delivery.lane import Lane
from bot.delivery.metrics import CONTENT_TYPE, DeliveryFigures
from bot.delivery.office import Delivery
from bot.handlers import COMMANDS
from bot.knowledge.store import has_encoder
from bot.settings import Settings

log = logging.getLogger(__name__)


def serve(settings: Settings) -> int:
    """Run until stopped; says in a line each which channels are on and how to switch the others on."""
    parts = build(settings, datetime.now(UTC).date())
    try:
        asyncio.run(_serve(parts))
    except (OSError, OverflowError) as error:
        print(
            f"不能在 {settings['IPBOT_HOST']}:{settings['IPBOT_PORT']} 上监听（{error}）；"
            "换一个端口：IPBOT_PORT=8090 make run",
            file=sys.stderr,
        )
        return 1
    return 0


async def _serve(parts: Parts) -> None:
    app = parts.app()
    await app.learn(datetime.now(UTC))  # what was approved is answered from the first message on
    channels = build_channels(parts, app)
    server = make_server(channels.routes, channels.running, app.ready, channels.leaving)

    def started(address: str) -> None:
        for line in channels.told:
            print(line.replace("{address}", address), flush=True)

    try:
        await run(server, parts.settings["IPBOT_HOST"], parts.settings.number("IPBOT_PORT"), started)
    finally:
        await app.close()
        parts.engine.dispose()


@dataclass(frozen=True, slots=True)
class Channels:
    """The channels that are on: their routes, those that run in the background, a line about each, and what is called
    when the server stops."""

    routes: list[web.RouteDef]
    running: list[Channel]
    told: list[str]
    leaving: list[Callable[[], None]]


def build_channels(parts: Parts, app: App) -> Channels:
    """The channels that the settings switch on."""
    settings = parts.settings
    watch = ContentWatch(
        app,
        settings.content,
        lambda: app.taught(build_shelf(settings, datetime.now(UTC).date())),
        add_meaning=add_meaning_too if wants_meaning(settings) and has_encoder() else None,
    )
    found = Channels(
        FilePages(app, parts.shelf.files, parts.shelf.incoming).routes(),
        [Upkeep(app.upkeep), Upkeep(app.rounds, ROUNDS_SECONDS), Upkeep(app.learn, LEARN_SECONDS), watch],
        [],
        [],
    )
    senders: list[tuple[Sender, float]] = []
    if settings.choice("IPBOT_WEB", "on", "off") == "on":
        chat = WebChat(app, _web_settings(settings), parts.shelf.files, parts.shelf.incoming)
        found.routes.extend(chat.routes())
        found.leaving.append(chat.leave)
        found.told.append("网页聊天：已开，打开 {address}")
    else:
        found.told.append("网页聊天：未开，设 IPBOT_WEB=on")
    if telegram := TelegramSettings.read(settings):
        channel = TelegramChannel(app, parts.engine, telegram, parts.shelf.incoming, COMMANDS)
        found.running.append(channel)
        senders.append((channel.letters, telegram.letters))
        found.told.append(f"Telegram：已开（{'webhook' if telegram.webhook else '轮询'}）")
    else:
        found.told.append("Telegram：未开，设 IPBOT_TELEGRAM_TOKEN")
    if wechat := WechatSettings.read(settings):
        found.routes.extend(wechat_routes(app, wechat, parts.shelf.files))
        post = WechatLetters(WechatApiSettings.read(settings), parts.shelf.files)
        found.running.append(post)
        senders.append((post, RATE))
        found.told.append(f"微信公众号：已开（{wechat.mode}模式），服务器地址填 https://您的域名/wechat")
    else:
        found.told.append("微信公众号：未开，设 IPBOT_WECHAT_TOKEN")
    lanes: list[Lane] = []
    if settings.choice("IPBOT_LETTERS", "on", "off") == "on":
        # before the channels it sends through: it is stopped before them, too
        delivery = build_delivery(settings, parts.engine, senders, app.transaction)
        found.running.insert(0, Sending(delivery))
        lanes = delivery.lanes
    if settings.choice("IPBOT_METRICS", "on", "off") == "on":
        found.routes.append(metrics_route(app, DeliveryFigures(lanes)))
    return found


def metrics_route(app: App, figures: DeliveryFigures) -> web.RouteDef:
    """``/metrics`` for Prometheus."""

    async def metrics(_: web.Request) -> web.Response:
        return web.Response(body=await app.transaction(figures.read), headers={"Content-Type": CONTENT_TYPE})

    return web.get("/metrics", metrics)


class Sending:
    """The delivery of letters, run by the server."""

    def __init__(self, delivery: Delivery) -> None:
        self._delivery = delivery

    def routes(self) -> list[web.RouteDef]:
        return []

    async def start(self) -> None:
        await self._delivery.start()

    async def stop(self) -> None:
        await self._delivery.stop()


def _web_settings(settings: Settings) -> WebSettings:
    origin = settings.origin
    return WebSettings(
        origins=frozenset({origin} if origin else ()),
        secure=origin.startswith("https://"),
        proxies=settings.number("IPBOT_PROXIES"),
        requests=settings.number("IPBOT_REQUESTS_A_MINUTE"),
    )
