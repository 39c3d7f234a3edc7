"""WeChat's side of the Official Account, for tests: it signs, seals, asks three times and checks what comes back.

Written from the platform's documentation, without the library that the bot uses, so that the one checks the other.
"""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import os
import struct
import time
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from xml.etree import ElementTree

import aiohttp
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

OPENID = "oABCD-1234_efgh5678ijklmnop"
ACCOUNT = "gh_1234567890ab"
UNAVAILABLE = "该公众号暂时无法提供服务，请稍后再试"
BLOCK = 32
_ids = itertools.count(23_000_000_000_000_000)


class Seal:
    """AES-256-CBC as documented: 16 random bytes, length (4 bytes, big-endian), XML, AppID; padded to 32 bytes."""

    def __init__(self, key: str, app_id: str) -> None:
        raw = b64decode(key + "=")
        self._cipher = Cipher(algorithms.AES(raw), modes.CBC(raw[:16]))
        self._app_id = app_id.encode()

    def close(self, xml: str) -> str:
        data = xml.encode()
        plain = os.urandom(16) + struct.pack(">I", len(data)) + data + self._app_id
        return self.close_raw(plain + bytes([(pad := BLOCK - len(plain) % BLOCK)]) * pad)

    def close_raw(self, padded: bytes) -> str:
        encryptor = self._cipher.encryptor()
        return b64encode(encryptor.update(padded) + encryptor.finalize()).decode()

    def open(self, sealed: str) -> str:
        decryptor = self._cipher.decryptor()
        padded = decryptor.update(b64decode(sealed, validate=True)) + decryptor.finalize()
        assert 1 <= padded[-1] <= BLOCK
        assert padded.endswith(padded[-1:] * padded[-1]), "padding"
        plain = padded[16 : -padded[-1]]
        (size,) = struct.unpack(">I", plain[:4])
        assert plain[4 + size :] == self._app_id, "AppID of the reply"
        return plain[4 : 4 + size].decode()


def sign(*parts: str) -> str:
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()


def packet(kind: str, fields: str, openid: str = OPENID, at: int | None = None) -> str:
    """A message as WeChat sends it; ``fields`` is XML."""
    return (
        f"<xml><ToUserName><![CDATA[{ACCOUNT}]]></ToUserName>\n<FromUserName><![CDATA[{openid}]]></FromUserName>\n"
        f"<CreateTime>{int(time.time()) if at is None else at}</CreateTime>\n<MsgType><![CDATA[{kind}]]></MsgType>\n"
        f"{fields}\n</xml>"
    )


def numbered(fields: str) -> str:
    return f"{fields}<MsgId>{next(_ids)}</MsgId>"


def text(content: str, openid: str = OPENID, at: int | None = None) -> str:
    safe = content.replace("]]>", "]]]]><![CDATA[>")
    return packet("text", numbered(f"<Content><![CDATA[{safe}]]></Content>"), openid, at)


def event(name: str, fields: str = "", at: int | None = None) -> str:
    return packet("event", f"<Event><![CDATA[{name}]]></Event>{fields}", at=at)


@dataclass(frozen=True)
class Shown:
    """What came of one message: the text that the person sees (None: nothing), and after how many attempts."""

    text: str | None
    attempts: int


class WechatPeer:
    """Sends to one server address in one mode (plain, compatible or encrypted)."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        url: str,
        token: str,
        *,
        mode: str = "plain",
        seal: Seal | None = None,
        patience: float = 5.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._session = session
        self._url = url
        self._token = token
        self._seal = None if mode == "plain" else seal
        self._mode = mode
        self._patience = patience
        self._clock = clock

    def query(self, sealed: str | None = None, at: float | None = None) -> dict[str, str]:
        """The signed part of a URL."""
        timestamp, nonce = str(int(self._clock() if at is None else at)), os.urandom(5).hex()
        query = {"signature": sign(self._token, timestamp, nonce), "timestamp": timestamp, "nonce": nonce}
        query["openid"] = OPENID
        if sealed is not None:
            query |= {"encrypt_type": "aes", "msg_signature": sign(self._token, timestamp, nonce, sealed)}
        return query

    def wrap(self, xml: str) -> tuple[dict[str, str], str]:
        """URL and body of one attempt."""
        if self._seal is None:
            return self.query(), xml
        sealed = self._seal.close(xml)
        inside = f"<ToUserName><![CDATA[{ACCOUNT}]]></ToUserName><Encrypt><![CDATA[{sealed}]]></Encrypt>"
        if self._mode == "compatible":  # both, one after the other
            return self.query(sealed), xml.replace("</xml>", f"<Encrypt><![CDATA[{sealed}]]></Encrypt></xml>")
        return self.query(sealed), f"<xml>{inside}</xml>"

    async def verify(self, query: Mapping[str, str] | None = None) -> tuple[int, str]:
        """What happens when the address is saved: status and body of a GET with an echostr."""
        sent = {**(self.query() if query is None else query), "echostr": "5927714238742"}
        async with self._session.get(self._url, params=sent) as answer:
            return answer.status, await answer.text()

    async def post(self, query: Mapping[str, str], body: object, **options: object) -> tuple[int, str]:
        """One request as it is; status and body."""
        async with self._session.post(self._url, params=query, data=body, **options) as answer:  # type: ignore[arg-type]
            return answer.status, await answer.text()

    async def push(self, xml: str) -> Shown:
        """Deliver one message: no answer in time means another attempt, three in all."""
        for attempt in (1, 2, 3):
            query, body = self.wrap(xml)
            try:
                async with asyncio.timeout(self._patience):
                    status, answer = await self.post(query, body.encode())
            except TimeoutError:
                continue
            if status != 200:
                return Shown(UNAVAILABLE, attempt)
            return Shown(self._shown(answer, xml), attempt)
        return Shown(UNAVAILABLE, 3)

    def _shown(self, answer: str, xml: str) -> str | None:
        """What the person sees of a reply, which must be right in every respect."""
        if answer in ("", "success"):
            return None
        if self._seal is not None:
            outer = _fields(answer)
            assert set(outer) == {"Encrypt", "MsgSignature", "TimeStamp", "Nonce"}
            signed = sign(self._token, outer["TimeStamp"], outer["Nonce"], outer["Encrypt"])
            assert outer["MsgSignature"] == signed, "signature of the reply"
            answer = self._seal.open(outer["Encrypt"])
        sent, reply = _fields(xml), _fields(answer)
        assert set(reply) == {"ToUserName", "FromUserName", "CreateTime", "MsgType", "Content"}
        assert (reply["ToUserName"], reply["FromUserName"]) == (sent["FromUserName"], sent["ToUserName"])
        assert abs(int(reply["CreateTime"]) - self._clock()) < 60, "seconds"
        assert reply["MsgType"] == "text"
        assert 0 < len(reply["Content"].encode()) <= 2048
        return reply["Content"]


def _fields(xml: str) -> dict[str, str]:
    root = ElementTree.fromstring(xml)
    assert root.tag == "xml"
    names = [child.tag for child in root]
    assert len(names) == len(set(names)), "a field twice"
    return {child.tag: child.text or "" for child in root}
