"""WeChat's envelope: who may speak to us (signature and time), and the seal of compatible and encrypted mode."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import re
import secrets
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import xmltodict
from aiohttp import web
from wechatpy.crypto import WeChatCrypto
from wechatpy.exceptions import InvalidAppIdException

from bot.messages import Datum
from bot.settings import SettingError, Settings

WINDOW = timedelta(minutes=10)  # how far a request's time may be from ours; WeChat repeats for 15 s at most
BODY_BYTES = 128 * 1024
BODY_SECONDS = 5.0
_TIMESTAMP = re.compile(r"[0-9]{1,12}")
_AES_KEY = re.compile(r"[A-Za-z0-9+/]{43}")


class Mode(StrEnum):
    """How WeChat is set to talk to us. Compatible is for the time of changing from plain to encrypted."""

    PLAIN = "plain"
    COMPATIBLE = "compatible"
    ENCRYPTED = "encrypted"


@dataclass(frozen=True, slots=True)
class WechatSettings:
    """Our Official Account. ``aes_key_old`` is still accepted after a change; ``datum`` is that of shared locations.

    Raises SettingError on a key that is none, or a mode without what it needs.
    """

    token: str
    app_id: str = ""
    aes_key: str = ""
    aes_key_old: str = ""
    mode: Mode = Mode.PLAIN
    datum: Datum = Datum.GCJ02

    def __post_init__(self) -> None:
        if not self.token:
            raise SettingError("IPBOT_WECHAT_TOKEN: expected the token that is set on WeChat's platform")
        for name, key in (("IPBOT_WECHAT_AES_KEY", self.aes_key), ("IPBOT_WECHAT_AES_KEY_OLD", self.aes_key_old)):
            if key and not (_AES_KEY.fullmatch(key) and len(b64decode(key + "=")) == 32):
                raise SettingError(f"{name}: expected the 43 letters and digits of an EncodingAESKey")
        if self.keys and not self.app_id:
            raise SettingError("IPBOT_WECHAT_APP_ID: expected the AppID, as an AES key is set")
        if self.mode is not Mode.PLAIN and not self.aes_key:
            raise SettingError(f"IPBOT_WECHAT_AES_KEY: expected an EncodingAESKey, as the mode is {self.mode.value}")

    @property
    def keys(self) -> tuple[str, ...]:
        """The AES keys in use, the current one first."""
        return tuple(key for key in (self.aes_key, self.aes_key_old) if key)

    @staticmethod
    def read(settings: Settings) -> WechatSettings | None:
        """From the installation's settings; None when WeChat is off. Raises SettingError."""
        if not settings["IPBOT_WECHAT_TOKEN"]:
            return None
        mode = settings.choice("IPBOT_WECHAT_MODE", "auto", *Mode)
        if mode == "auto":
            mode = Mode.ENCRYPTED if settings["IPBOT_WECHAT_AES_KEY"] else Mode.PLAIN
        return WechatSettings(
            token=settings["IPBOT_WECHAT_TOKEN"],
            app_id=settings["IPBOT_WECHAT_APP_ID"],
            aes_key=settings["IPBOT_WECHAT_AES_KEY"],
            aes_key_old=settings["IPBOT_WECHAT_AES_KEY_OLD"],
            mode=Mode(mode),
            datum=Datum(settings.choice("IPBOT_WECHAT_DATUM", *Datum)),
        )


class RefusedError(Exception):
    """A request that is not answered: the HTTP status, and why in a few words."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status
        self.why = why


@dataclass(frozen=True, slots=True)
class Envelope:
    """What was in a request: the message's XML, and the cipher that opened it (None: it came in plain)."""

    xml: str
    cipher: WeChatCrypto | None = None

    def seal(self, xml: str, now: datetime) -> str:
        """A reply the way the request came: in plain, or under the same key."""
        if self.cipher is None:
            return xml
        return str(self.cipher.encrypt_message(xml, secrets.token_hex(8), str(int(now.timestamp()))))


def check_url(query: Mapping[str, str], settings: WechatSettings, now: datetime) -> None:
    """Check signature and time in the URL of any request. Raises RefusedError."""
    timestamp = query.get("timestamp", "")
    if not _signed(query.get("signature", ""), settings.token, timestamp, query.get("nonce", "")):
        raise RefusedError(403, "signature")
    if not _TIMESTAMP.fullmatch(timestamp) or abs(int(timestamp) - now.timestamp()) > WINDOW.total_seconds():
        raise RefusedError(403, "timestamp")


async def read_body(request: web.Request) -> bytes:
    """The body of a request whose URL was checked. Raises RefusedError on one that is too large, too slow or broken."""
    if (request.content_length or 0) > BODY_BYTES:
        raise RefusedError(413, "size")
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.content.iter_any():
                body += chunk
                if len(body) > BODY_BYTES:
                    raise RefusedError(413, "size")
    except TimeoutError as error:
        raise RefusedError(408, "too slow") from error
    except (web.RequestPayloadError, OSError) as error:
        raise RefusedError(400, "broken off") from error
    return bytes(body)


def open_envelope(query: Mapping[str, str], body: bytes, settings: WechatSettings) -> Envelope:
    """The message in a request whose URL was checked; the URL says whether it is sealed. Raises RefusedError."""
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise RefusedError(400, "not UTF-8") from error
    match query.get("encrypt_type", ""):
        case "" | "raw":
            if settings.mode is Mode.ENCRYPTED:  # the URL's signature does not cover the body
                raise RefusedError(403, "plain text in encrypted mode")
            return Envelope(text)
        case "aes":
            if not settings.keys:
                raise RefusedError(403, "sealed, but there is no key")
            return _unseal(text, query, settings)
    raise RefusedError(400, "encrypt_type")


def _unseal(text: str, query: Mapping[str, str], settings: WechatSettings) -> Envelope:
    try:
        sealed = xmltodict.parse(text)["xml"]["Encrypt"]
    except Exception as error:  # whatever a body that is no envelope brings about
        raise RefusedError(400, "no envelope") from error
    if not isinstance(sealed, str):
        raise RefusedError(400, "no envelope")
    signature, timestamp, nonce = (query.get(name, "") for name in ("msg_signature", "timestamp", "nonce"))
    if not _signed(signature, settings.token, timestamp, nonce, sealed):
        raise RefusedError(403, "msg_signature")
    refused = RefusedError(400, "cannot be opened")
    for key in settings.keys:
        cipher = WeChatCrypto(settings.token, key, settings.app_id)
        try:
            return Envelope(cipher.decrypt_message({"Encrypt": sealed}, signature, timestamp, nonce), cipher)
        except InvalidAppIdException:
            refused = RefusedError(403, "appid")
        except Exception:  # what a wrong key brings about: struct.error, UnicodeDecodeError, IndexError, ValueError …
            continue
    raise refused


def _signed(signature: str, *parts: str) -> bool:
    """Whether ``signature`` is the SHA-1 of the sorted parts; takes the same time for any wrong one."""
    expected = hashlib.sha1("".join(sorted(parts)).encode("utf-8", "surrogatepass")).hexdigest()
    return hmac.compare_digest(expected.encode(), signature.encode("utf-8", "surrogatepass"))
