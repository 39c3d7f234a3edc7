"""A Response as the text of a passive reply: links by their names, in pages, with nothing in it that XML cannot hold."""

from __future__ import annotations

import re
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import quote

from wechatpy.replies import TextReply

from bot.channels.files import UPLOAD_PATH
from bot.channels.plain import READ_ON, cut, render
from bot.files import LINK_HOURS, Files
from bot.messages import File, FileWanted, Link, Outcome, Reply, Response

TEXT_BYTES = 2000  # WeChat takes 2048 bytes of text
MORE_OF_IT = "\n（回复“我的消息”看全文）"
NO_MORE = "没有更多了。还想了解什么，直接问我。"
HOW_TO_SHARE = "发位置：切换到键盘输入，点右下角的“+”，选“位置”。"
NO_UPLOADS = "（微信里收不了文件，请在网页聊天或 Telegram 上办这一步。）"
NO_FILES = "（文件“{}”在微信里发不了，可以在网页聊天或 Telegram 上取。）"

_URL_SAFE = "!#$%&'()*+,/:;=?@[]~"
_NO_TAGS = str.maketrans("<>\n", "＜＞ ")
_NOT_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write(response: Response, native: Any, files: Files, now: datetime) -> str | None:
    """The passive reply to ``native``: the page of the response that is read; None when there is nothing to say.

    A passive reply carries no file, so a link to it is given.
    """
    if not response.replies:
        return None

    def told(wanted: FileWanted) -> str:
        if not (files.origin and wanted.token):
            return NO_UPLOADS
        link = Link("点这里上传文件", f"{files.origin}{UPLOAD_PATH}{wanted.token}")
        return f"{_anchor(link)}（{wanted.words}；链接 {LINK_HOURS} 小时内有效，只能用一次）"

    texts = render(response, link=_anchor, location=HOW_TO_SHARE, file=partial(_linked, files), upload=told)
    text = _clean("\n\n".join(texts))
    pages = cut(text, TEXT_BYTES)
    page = max(response.page, 1)
    return write_text(pages[page - 1] if page <= len(pages) else NO_MORE, native, now)


def write_letter(reply: Reply, files: Files) -> str:
    """A letter as one message: what does not fit is read with 我的消息."""
    told = Response(Outcome.ANSWER, (reply,))
    text = _clean("\n\n".join(render(told, link=_anchor, file=partial(_linked, files), numbered=False)))
    if len(text.encode()) <= TEXT_BYTES:
        return text
    return cut(text, TEXT_BYTES - len(MORE_OF_IT.encode()))[0].removesuffix(READ_ON).rstrip() + MORE_OF_IT


def _linked(files: Files, file: File) -> str:
    url = files.url(file)
    if url is None:
        return NO_FILES.format(file.name)
    return f"{_anchor(Link(f'打开文件：{file.name}', url))}（{files.days} 天内有效，只有拿到链接的人能打开）"


def _anchor(link: Link) -> str:
    """A link that is tapped by its name: map addresses would fill the screen."""
    return f'<a href="{quote(link.url, safe=_URL_SAFE, errors="replace")}">{link.label.translate(_NO_TAGS).strip()}</a>'


def write_text(text: str, native: Any, now: datetime) -> str | None:
    """A passive reply of ``text``, which is at most TEXT_BYTES long; None when it is empty."""
    content = _clean(text)
    return TextReply(message=native, content=content, time=int(now.timestamp())).render() if content else None


def _clean(text: str) -> str:
    """``text`` without what XML cannot hold, nor the end of the CDATA that wechatpy puts it into."""
    return _NOT_XML.sub("", text.replace("\r\n", "\n")).replace("]]>", "]]＞").strip()
