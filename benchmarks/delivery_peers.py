"""The platforms that the delivery is measured against: Telegram and WeChat's API with their limits, and things going wrong."""

from __future__ import annotations

import asyncio
import random
import time
from bisect import bisect_left
from collections import Counter, defaultdict, deque
from typing import Any

from tests.telegram_peer import Peer
from tests.telegram_rules import Refusal
from tests.wechat_api_peer import WechatApiPeer

BOT_A_SECOND = 30  # messages of a bot, times the factor of the run
CHAT = (6, 5.0)  # messages in so many seconds to one chat; short bursts are let pass
RECIPIENTS = 10_000_000  # chats of recipients begin here
CHATTING = 7_000_000  # … and those of people who chat meanwhile
MOVED = 50_000_000  # what is added when a chat moves


class TelegramPeer(Peer):
    """Telegram: 429 above the rates (which is recorded), 403 from people who blocked, drops, slow answers, moved chats."""

    def __init__(self, factor: float, faults: float, seed: int = 1) -> None:
        super().__init__()
        self.arrived: Counter[int] = Counter()  # messages that recipients saw
        self.times: list[float] = []  # of all messages, to recipients and to people who chat
        self.crossed = 0  # requests above a limit
        self.happened: Counter[str] = Counter()
        self.answered: dict[int, asyncio.Future[float]] = {}
        self._most = BOT_A_SECOND * factor
        self._faults = faults
        self._random = random.Random(seed)
        self._last: deque[float] = deque(maxlen=max(int(self._most), 1))
        self._chat: dict[int, deque[float]] = defaultdict(lambda: deque(maxlen=CHAT[0]))
        self._asked: set[int] = set()

    async def asks(self, user: int, text: str) -> float:
        """A person says something; returns after how many seconds they are answered."""
        self.answered[user] = asyncio.get_running_loop().create_future()
        before = time.monotonic()
        self.say(user, text)
        return await self.answered[user] - before

    def most_in_a_second(self) -> int:
        """The most messages that arrived in any second."""
        times = sorted(self.times)
        return max((bisect_left(times, t + 1.0) - n for n, t in enumerate(times)), default=0)

    async def _answer(self, request: Any) -> Any:
        if request.match_info["method"] == "sendMessage":
            fields = await request.post()
            chat = int(fields["chat_id"])
            if RECIPIENTS <= chat < MOVED and (fault := self._fault(chat)):
                self.happened[fault] += 1
                refused = Refusal(429, "Too Many Requests: retry after 1", retry_after=1)
                request["fault"] = refused if fault == "too many" else fault
        return await super()._answer(request)

    def _fault(self, chat: int) -> str:
        """What goes wrong with the first request for a chat, in so many of all cases."""
        if chat in self._asked:
            return ""
        self._asked.add(chat)
        if self._random.random() >= self._faults:
            return ""
        kind = self._random.choice(("drop_before", "drop_after", "slow 2", "too many", "not json", "blocked", "moved"))
        if kind == "blocked":
            self.blocked.add(chat)
        elif kind == "moved":
            self.moved[chat] = chat + MOVED
        else:
            return kind
        self.happened[kind] += 1
        return ""

    def _send(self, method: str, fields: dict[str, Any]) -> dict[str, Any]:
        chat, now = int(fields["chat_id"]), time.monotonic()
        if self._too_fast(self._last, len(self._last) == self._last.maxlen, 1.0, now) or self._too_fast(
            self._chat[chat], len(self._chat[chat]) == CHAT[0], CHAT[1], now
        ):
            self.crossed += 1
            raise Refusal(429, "Too Many Requests: retry after 1", retry_after=1)
        result = super()._send(method, fields)
        self.done.clear()  # a hundred thousand of them need not be kept
        self._last.append(now)
        self._chat[chat].append(now)
        self.times.append(now)
        if chat >= RECIPIENTS:
            self.arrived[chat - MOVED if chat >= MOVED else chat] += 1
        elif (waiting := self.answered.get(chat)) and not waiting.done():
            waiting.set_result(now)
        return result

    @staticmethod
    def _too_fast(times: deque[float], full: bool, seconds: float, now: float) -> bool:
        return full and now - times[0] < seconds


class WechatPeer(WechatApiPeer):
    """WeChat's API: windows and quotas, drops and busy moments."""

    def __init__(self, faults: float, seed: int = 2) -> None:
        super().__init__()
        self.happened: Counter[str] = Counter()
        self._share = faults
        self._random = random.Random(seed)

    async def _answer(self, request: Any) -> Any:
        if "stable_token" not in request.path and self._random.random() < self._share:
            fault = self._random.choice(("drop_before", "drop_after", -1, "slow 2"))
            self.happened[str(fault)] += 1
            request["fault"] = fault
        return await super()._answer(request)
