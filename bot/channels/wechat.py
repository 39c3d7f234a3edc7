"""The WeChat Official Account: one XML in, one passive reply out, within WeChat's five seconds and three attempts."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import re
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import isfinite
from typing import Any

from aiohttp import web
from wechatpy.parser import parse_message

from bot.app import APOLOGY, App
from bot.channels.wechat_crypto import Envelope, RefusedError, WechatSettings, check_url, open_envelope, read_body
from bot.channels.wechat_write import write, write_text
from bot.files import Files
from bot.messages import (
    Body,
    Event,
    Message,
    Outcome,
    Person,
    Place,
    Press,
    Reply,
    Response,
    Text,
    Upload,
    Window,
)

log = logging.getLogger(__name__)

CHANNEL = "wechat"
PATH = "/wechat"
ATTEMPTS = 3  # WeChat hangs up after 5 s and asks again, three times in all
PATIENCE = 14.0  # seconds; while an attempt is not the last one, the next one fetches the answer
LAST_PATIENCE = 4.5
WINDOW = Window(timedelta(hours=48), letters=5)  # what a message of a person lets us send by ourselves
LAST_AGE = 9  # seconds between message and request: the third attempt, though another process may have had the others
OWED_FOR = timedelta(minutes=10)
REMEMBERED = 4096  # deliveries whose attempts are counted, and people who are owed an answer
ERASE_PAUSES = (0.0, 1.0, 5.0)  # seconds before each try to erase someone who left: the law wants it done
KEY_CHARACTERS = 120

CONTINUE = "继续"
LATE = "还在查，请过几秒回复“继续”看答案。"

_ID = re.compile(r"[A-Za-z0-9_@.-]{1,64}")  # an openid, a gh_… name; they are echoed into the reply
_MESSAGE_ID = re.compile(r"[0-9]{1,32}")
_TIME = re.compile(r"[0-9]{1,12}")


def read(native: Any, settings: WechatSettings, now: datetime) -> Message | None:
    """A parsed message as ours; None for what is taken note of without a turn.

    Raises ValueError on a message that WeChat would not send.
    """
    openid, account = _field(native, "FromUserName"), _field(native, "ToUserName")
    if not _ID.fullmatch(openid) or not _ID.fullmatch(account):
        raise ValueError("FromUserName or ToUserName")
    kind = _field(native, "MsgType").lower()
    window = None  # menu clicks and other events do not open it
    if kind == "event" or kind.startswith("device_"):
        body, key = _event(native), _event_key(native, openid)
    else:
        body, key, window = _body(native, kind, settings), _field(native, "MsgId"), WINDOW
        if not _MESSAGE_ID.fullmatch(key):
            raise ValueError("MsgId")
    # the account's own name (gh_…) is there in every mode, and stays when keys and modes change
    return (
        None
        if body is None
        else Message(
            Person(CHANNEL, account, openid), body, key, now, paged=True, files=False, carries=True, window=window
        )
    )


def _field(native: Any, name: str) -> str:
    """A field as it was sent. wechatpy makes lists and dicts of doubled and nested ones."""
    value = native._data.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ValueError(f"{name}: expected one text")
    return value


def _body(native: Any, kind: str, settings: WechatSettings) -> Body:
    match kind:
        case "text":
            # the click on a menu sent by us (bizmsgmenu) is a text that carries the id we gave the item
            pressed = _field(native, "bizmsgmenuid")
            return Press(pressed) if pressed else Text(_field(native, "Content").strip())
        case "location":
            lat, lon = float(_field(native, "Location_X")), float(_field(native, "Location_Y"))
            if not (isfinite(lat) and isfinite(lon) and abs(lat) <= 90 and abs(lon) <= 180):
                raise ValueError("Location_X, Location_Y: expected degrees")
            return Place(lat, lon, settings.datum, _field(native, "Label"))
        case "voice" if heard := _field(native, "Recognition"):
            return Text(heard)
        case "image" | "file":
            return Upload(_field(native, "Title") or kind)
    return Event.UNSUPPORTED


def _event(native: Any) -> Body | None:
    match _field(native, "Event").lower():
        case "subscribe" | "subscribe_scan" | "subscribe_scan_product":  # wechatpy's names for a scene in the key
            return Event.ARRIVED
        case "unsubscribe":
            return Event.LEFT
        case "click" if key := _field(native, "EventKey"):
            return Press(key)
    # LOCATION (must not be answered), location_select (the location follows as a message), SCAN, VIEW, results …
    return None


def _event_key(native: Any, openid: str) -> str:
    """Events have no id: sender, time, event and key together are one."""
    time = _field(native, "CreateTime")
    if not _TIME.fullmatch(time):
        raise ValueError("CreateTime")
    key = ":".join((openid, time, _field(native, "Event").lower(), _field(native, "EventKey")))
    return key if len(key) <= KEY_CHARACTERS else hashlib.sha256(key.encode()).hexdigest()


def menu() -> dict[str, Any]:
    """The custom menu as WeChat's menu/create takes it: at most 3 × 5, keys are commands."""
    questions = [
        _click("专利", "大类 专利"),
        _click("商标", "大类 商标"),
        _click("地理标志", "主题 gi"),
        _click("著作权", "大类 著作权与软件"),
        _click("全部主题", "菜单"),
    ]
    points = [
        {"type": "location_select", "name": "发送位置", "key": "附近网点"},
        _click("按地名找", "附近网点"),
        _click("管理办法", "主题 public-service"),
    ]
    service = [_click("转人工", "转人工"), _click("我的数据", "我的数据"), _click("帮助", "帮助")]
    groups = (("问知识", questions), ("找网点", points), ("服务", service))
    return {"button": [{"name": name, "sub_button": buttons} for name, buttons in groups]}


def _click(name: str, command: str) -> dict[str, str]:
    return {"type": "click", "name": name, "key": command}


def routes(
    app: App, settings: WechatSettings, files: Files, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> list[web.RouteDef]:
    """The address that is entered on WeChat's platform: GET when it is saved there, POST for every message."""
    endpoint = _Endpoint(app, settings, files, clock)
    return [web.get(PATH, endpoint.verify, allow_head=False), web.post(PATH, endpoint.receive)]


@dataclass(slots=True)
class _Delivery:
    """One delivery: how many attempts there were, and the late message whose answer it asks for."""

    attempts: int = 0
    claims: Message | None = None


class _Endpoint:
    def __init__(self, app: App, settings: WechatSettings, files: Files, clock: Callable[[], datetime]) -> None:
        self._app = app
        self._settings = settings
        self._files = files
        self._clock = clock
        self._deliveries: OrderedDict[tuple[str, str], _Delivery] = OrderedDict()
        self._owed: OrderedDict[str, Message] = OrderedDict()

    async def verify(self, request: web.Request) -> web.Response:
        """Show WeChat that the token is ours: give back what it sent (in all modes in plain)."""
        try:
            check_url(request.query, self._settings, self._clock())
        except RefusedError as refused:
            return _refuse(refused)
        return web.Response(text=request.query.get("echostr", ""), headers={"X-Content-Type-Options": "nosniff"})

    async def receive(self, request: web.Request) -> web.Response:
        """Answer one attempt of one delivery. A request that is not WeChat's gets 4xx; nothing gets 5xx."""
        now = self._clock()
        try:
            check_url(request.query, self._settings, now)
            envelope = open_envelope(request.query, await read_body(request), self._settings)
            native, message = _parse(envelope, self._settings, now)
        except RefusedError as refused:
            return _refuse(refused)
        if message is None:
            return _taken()
        if message.body is Event.LEFT:
            self._owed.pop(message.person.key, None)
            await self._erase(message)
            return _taken()
        response = await self._answer(message, late=_age(request.query["timestamp"], native) >= LAST_AGE)
        now = self._clock()
        xml = write_text(LATE, native, now) if response is None else write(response, native, self._files, now)
        if xml is None:
            return _taken()
        return web.Response(text=envelope.seal(xml, now), content_type="text/xml", charset="utf-8")

    async def _answer(self, message: Message, late: bool) -> Response | None:
        """The app's answer, the same for all attempts; None when this is the last attempt and it is not ready.

        Then the answer is owed: “继续” asks for it, by giving the app the late message once more.
        """
        delivery = self._delivery(message)
        delivery.attempts = attempt = delivery.attempts + 1
        asked, person = delivery.claims or message, message.person.key
        response = None
        with suppress(TimeoutError):
            async with asyncio.timeout(LAST_PATIENCE if late or attempt >= ATTEMPTS else PATIENCE):
                response = await self._handle(asked)
        if attempt == delivery.attempts:  # nobody hears the earlier attempts any more
            if response is None:
                _remember(self._owed, person, asked)
            elif person in self._owed and self._owed[person].key == asked.key:
                del self._owed[person]
        return response

    def _delivery(self, message: Message) -> _Delivery:
        key = (message.person.key, message.key)
        delivery = self._deliveries.get(key)
        if delivery is None:
            owed = self._owed.get(message.person.key) if message.body == Text(CONTINUE) else None
            delivery = _Delivery(claims=owed if owed and message.at - owed.at <= OWED_FOR else None)
            _remember(self._deliveries, key, delivery)
        return delivery

    async def _handle(self, message: Message) -> Response:
        try:
            return await self._app.handle(message)
        except Exception:
            log.exception("no answer", extra={"channel": CHANNEL, "delivery": message.key})
            return Response(Outcome.ERROR, (Reply(APOLOGY),))

    async def _erase(self, message: Message) -> None:
        """Have a person who unfollowed erased. WeChat tells it once, so a failure is tried again here."""
        for pause in ERASE_PAUSES:
            await asyncio.sleep(pause)
            response = await self._handle(message)
            if response.outcome is not Outcome.ERROR:
                return
        log.error("someone who left was not erased", extra={"channel": CHANNEL, "delivery": message.key})


def _remember(kept: OrderedDict[Any, Any], key: object, value: object) -> None:
    kept[key] = value
    kept.move_to_end(key)
    while len(kept) > REMEMBERED:
        kept.popitem(last=False)


def _parse(envelope: Envelope, settings: WechatSettings, now: datetime) -> tuple[Any, Message | None]:
    try:
        native = parse_message(envelope.xml)
        return native, read(native, settings, now)
    except Exception as error:  # wechatpy: KeyError, ExpatError, ValueError, AttributeError, TypeError, IndexError …
        raise RefusedError(400, f"no message ({type(error).__name__})") from error


def _age(timestamp: str, native: Any) -> int:
    """Seconds by WeChat's clock between the message and this attempt; 0 when the message does not say."""
    time = native._data.get("CreateTime")
    return int(timestamp) - int(time) if isinstance(time, str) and _TIME.fullmatch(time) else 0


def _refuse(refused: RefusedError) -> web.Response:
    log.info("refused", extra={"channel": CHANNEL, "status": refused.status, "why": refused.why})
    return web.Response(status=refused.status, text=refused.why)


def _taken() -> web.Response:
    """What tells WeChat that nothing will be said and nothing need be sent again."""
    return web.Response(text="success")
