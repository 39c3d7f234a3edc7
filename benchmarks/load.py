"""Deliveries as WeChat sends them in safe mode, made before the clock starts, and what a server does with them.

The questions are those of ``tests/questions/train_in_scope.jsonl``. One in four is said as it stands, as by people who
all ask the same. The others are given an opening, an ending and a slip of the finger (a character lost, doubled or
swapped), so that hardly two of them are alike and no cache of sentences answers them. Nothing here is part of the bot:
the requests are plain bytes on plain sockets, so that the clock runs for the server alone.
"""

from __future__ import annotations

import itertools
import json
import os
import random
import selectors
import socket
import time
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode, urlsplit
from xml.etree import ElementTree

from tests.wechat_peer import ACCOUNT, Seal, packet, sign

QUESTIONS = Path(__file__).parent.parent / "tests" / "questions" / "train_in_scope.jsonl"
TOKEN, APP_ID = "benchmark", "wx0123456789abcdef"
AES_KEY = b64encode(bytes(range(32))).decode().rstrip("=")
PATH = "/wechat"
PEOPLE = 1000
VERBATIM = 0.25  # share of the questions that are said as they stand in the file
PATIENCE = 30.0  # seconds without any answer after which a run is given up

_OPENINGS = (
    *(
        "请问",
        "请问一下，",
        "你好，",
        "您好，请问",
        "老师，",
        "我想问一下",
        "想咨询一下，",
        "咨询个事，",
        "麻烦问下",
        "那个，",
    ),
    *(
        "帮我看看，",
        "打扰了，",
        "有个问题，",
        "我是新手，",
        "我们公司想知道",
        "替朋友问一下，",
        "想了解一下",
        "在吗，",
        "请教一下，",
        "",
    ),
)
_ENDINGS = (
    *(
        "？",
        "啊？",
        "呀",
        "，谢谢",
        "，谢谢了",
        "，急",
        "，在线等",
        "，麻烦了",
        "，求解答",
        "，不太懂",
        "。。",
        "！",
        "～",
        "😊",
    ),
    *("，多谢老师", "，请说明一下", "，我不清楚", "，想弄明白", "，您看呢", ""),
)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message: who says what, and the whole HTTP request that brings it."""

    openid: str
    words: str
    request: bytes


@dataclass(frozen=True, slots=True)
class Answered:
    """What came back for a delivery, after how many seconds."""

    delivery: Delivery
    seconds: float
    status: int
    body: bytes


@dataclass(slots=True)
class Run:
    """The answers of one run, how long it took, and how much of that the load itself was busy (seconds of CPU)."""

    answers: list[Answered] = field(default_factory=list)
    seconds: float = 0.0
    busy: float = 0.0

    @property
    def rate(self) -> float:
        return len(self.answers) / self.seconds

    def milliseconds(self, share: float) -> float:
        """The time within which ``share`` of the answers came."""
        ordered = sorted(answer.seconds for answer in self.answers)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000


def openid_of(number: int) -> str:
    """The id of one of many people."""
    return f"oBench-{number:06d}_abcdefghijklmn"


class Crowd:
    """Many people who ask; no delivery is made twice."""

    def __init__(self, seed: int = 1) -> None:
        self._random = random.Random(seed)
        self._seal = Seal(AES_KEY, APP_ID)
        self._ids = itertools.count(24_000_000_000_000_000)
        lines = QUESTIONS.read_text(encoding="utf-8").splitlines()
        self._questions = [str(json.loads(line)["question"]) for line in lines]

    def says(self) -> str:
        """The next thing that somebody asks."""
        question = self._random.choice(self._questions)
        if self._random.random() < VERBATIM:
            return question
        words = self._slip(question.rstrip("？?。"))
        return self._random.choice(_OPENINGS) + words + self._random.choice(_ENDINGS)

    def _slip(self, words: str) -> str:
        """``words`` with one character lost, doubled or swapped with the next."""
        at = self._random.randrange(len(words) - 1)
        one, next_one = words[at], words[at + 1]
        typed = self._random.choice((next_one, one + one + next_one, next_one + one))
        return words[:at] + typed + words[at + 2 :]

    def deliveries(self, count: int) -> list[Delivery]:
        """``count`` new messages, sealed and ready to send."""
        return [self.delivery(openid_of(self._random.randrange(PEOPLE)), self.says()) for _ in range(count)]

    def delivery(self, openid: str, words: str) -> Delivery:
        """One new message of one person."""
        fields = f"<Content><![CDATA[{words}]]></Content><MsgId>{next(self._ids)}</MsgId>"
        sealed = self._seal.close(packet("text", fields, openid))
        body = (
            f"<xml><ToUserName><![CDATA[{ACCOUNT}]]></ToUserName><Encrypt><![CDATA[{sealed}]]></Encrypt></xml>"
        ).encode()
        timestamp, nonce = str(int(time.time())), os.urandom(5).hex()
        query = urlencode(
            {
                "signature": sign(TOKEN, timestamp, nonce),
                "timestamp": timestamp,
                "nonce": nonce,
                "openid": openid,
                "encrypt_type": "aes",
                "msg_signature": sign(TOKEN, timestamp, nonce, sealed),
            }
        )
        head = (
            f"POST {PATH}?{query} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: Mozilla/4.0\r\nAccept: */*\r\n"
            f"Content-Type: text/xml\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return Delivery(openid, words, head.encode() + body)

    def check(self, answer: Answered) -> str:
        """The text that the person sees. Raises AssertionError on an answer that is not right in every respect."""
        assert answer.status == 200, f"status {answer.status}: {answer.body[:200]!r}"
        outer = _fields(answer.body.decode())
        signed = sign(TOKEN, outer["TimeStamp"], outer["Nonce"], outer["Encrypt"])
        assert outer["MsgSignature"] == signed, "signature of the reply"
        reply = _fields(self._seal.open(outer["Encrypt"]))
        assert (reply["ToUserName"], reply["FromUserName"]) == (answer.delivery.openid, ACCOUNT), "to whom"
        assert 0 < len(reply["Content"].encode()) <= 2048, "size of the reply"
        return reply["Content"]


def _fields(xml: str) -> dict[str, str]:
    return {child.tag: child.text or "" for child in ElementTree.fromstring(xml)}


class _Line:
    """One connection, with at most one request under way."""

    def __init__(self, host: str, port: int) -> None:
        self.socket = socket.create_connection((host, port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.delivery: Delivery | None = None
        self._sent = 0.0
        self._got = b""

    def send(self, delivery: Delivery) -> None:
        self.delivery = delivery
        self._got = b""
        self._sent = time.perf_counter()
        self.socket.sendall(delivery.request)

    def receive(self) -> Answered | None:
        """Take what has come; the answer once it is complete. Raises ConnectionError when the server hung up."""
        assert self.delivery is not None
        some = self.socket.recv(65_536)
        if not some:
            raise ConnectionError(f"hung up after {self._got[:200]!r}")
        self._got += some
        head, blank, body = self._got.partition(b"\r\n\r\n")
        if not blank or len(body) < _length(head):
            return None
        delivery, self.delivery = self.delivery, None
        return Answered(delivery, time.perf_counter() - self._sent, int(head[9:12]), body)


def _length(head: bytes) -> int:
    at = head.lower().index(b"content-length:") + len(b"content-length:")
    return int(head[at:].split(b"\r\n", 1)[0])


def drive(address: str, deliveries: Sequence[Delivery], connections: int, seconds: float) -> Run:
    """Send ``deliveries`` over ``connections``, each its next one when its last was answered.

    Ends after ``seconds`` or with the last delivery; what is under way then is waited for. Raises TimeoutError.
    """
    target = urlsplit(address)
    lines = [_Line(target.hostname or "", target.port or 80) for _ in range(connections)]
    waiting = iter(deliveries)
    run = Run()
    with selectors.DefaultSelector() as selector:
        for line in lines:
            selector.register(line.socket, selectors.EVENT_READ, line)
        begun, busy = time.perf_counter(), time.process_time()
        until = begun + seconds
        for line, delivery in zip(lines, waiting, strict=False):
            line.send(delivery)
        while any(line.delivery for line in lines):
            ready = selector.select(PATIENCE)
            if not ready:
                raise TimeoutError(f"no answer from {address} in {PATIENCE:g} s")
            for key, _ in ready:
                line = key.data
                if answer := line.receive():
                    run.answers.append(answer)
                    following = next(waiting, None) if time.perf_counter() < until else None
                    if following is not None:
                        line.send(following)
        run.seconds, run.busy = time.perf_counter() - begun, time.process_time() - busy
    for line in lines:
        line.socket.close()
    return run
