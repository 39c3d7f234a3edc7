"""Letters to people on WeChat: by a message while the person's window is open, else by a notice where the account has
one; what cannot go out is held and shown with the next answer."""

from __future__ import annotations

import logging

from aiohttp import web

from bot.app_record import stamp
from bot.channels.delivered import Delivered, Held, Mark, Refused, Sent, Unsure, Wait
from bot.channels.wechat import CHANNEL
from bot.channels.wechat_api import ApiError, NoAnswerError, NotReachedError, WechatApi, WechatApiSettings
from bot.channels.wechat_write import write_letter
from bot.files import Files
from bot.letters import Letter

log = logging.getLogger(__name__)

RATE = 20.0  # letters a second; WeChat's own limit is one of the day
UNREACHED_SECONDS = 5.0
BUSY_SECONDS = 10.0
TROUBLE_SECONDS = 300.0  # our address, AppID or secret is not accepted
QUOTA_SECONDS = 3600.0
NOTICE_TEXT = 20  # characters of a “thing” field
_CLOSED = (45015, 45047, 48001)  # window over, its messages used up, no right to send
_GONE = (40003, 43004, 43019, 50005)  # no such openid, no follower, black list, unfollowed
_TROUBLE = (40013, 40125, 40164, 41002, 41004)


class WechatLetters:
    """The sending side of the Official Account. Without API rights it sends nothing, and every letter is held."""

    channel = CHANNEL
    account = ""  # the one we have; people carry its name (gh_…)
    windowed = True

    def __init__(self, settings: WechatApiSettings | None, files: Files) -> None:
        self._settings = settings
        self._files = files
        self._api = WechatApi(settings) if settings else None
        self.ready = False
        self.notices = settings is not None and settings.notice is not None

    def routes(self) -> list[web.RouteDef]:
        return []

    async def start(self) -> None:
        if self._api is not None:
            await self._api.open()
        self.ready = True

    async def stop(self) -> None:
        self.ready = False
        if self._api is not None:
            await self._api.close()

    async def send(self, letter: Letter, mark: Mark) -> Delivered:
        """One message for a letter, whatever its length: the window allows few."""
        if self._api is None:
            return Held("no rights")
        try:
            if letter.in_window:
                content = write_letter(letter.reply, self._files)
                body = {"touser": letter.person.id, "msgtype": "text", "text": {"content": content}}
                await self._api.call("/cgi-bin/message/custom/send", body)
                return Sent()
            return await self._notice(letter, self._api)
        except NotReachedError as error:
            return Wait(UNREACHED_SECONDS, str(error), all=True)
        except NoAnswerError as error:
            return Unsure(str(error))
        except ApiError as error:
            return _refused(error)

    async def _notice(self, letter: Letter, api: WechatApi) -> Delivered:
        """Tell that something waits; the letter itself is held for the person's next message."""
        assert self._settings is not None
        notice = self._settings.notice
        assert notice is not None
        first = letter.reply.text.strip().splitlines()[0] if letter.reply.text.strip() else "您有一条新消息"
        short = first if len(first) <= NOTICE_TEXT else first[: NOTICE_TEXT - 1] + "…"
        values = {"text": short, "time": stamp(letter.at)}
        body = {
            "touser": letter.person.id,
            "template_id": notice.template,
            "data": {name: {"value": values[value]} for name, value in notice.fields},
        }
        path = "subscribe/bizsend" if notice.means == "subscribe" else "template/send"
        try:
            await api.call(f"/cgi-bin/message/{path}", body)
        except ApiError as error:
            came = _refused(error)
            # not subscribed (43101), a field that is not taken: it waits without a notice
            return came if isinstance(came, Wait) or error.code in _GONE else Held(f"window; notice {error.code}")
        return Held("noticed")


def _refused(error: ApiError) -> Delivered:
    if error.code in _CLOSED:
        return Held(str(error))
    if error.code in _GONE:
        return Refused(str(error), gone=True)
    if error.code in _TROUBLE:
        log.error("WeChat does not accept this server: %s", error)
        return Wait(TROUBLE_SECONDS, str(error), all=True)
    if error.code == 45009:
        return Wait(QUOTA_SECONDS, str(error), all=True)
    if error.code in (-1, 45011):
        return Wait(BUSY_SECONDS, str(error), all=error.code == 45011)
    return Refused(str(error))
