"""The yardstick: wechatpy and aiohttp in safe mode that send back what was said, and do nothing else.

python -m benchmarks.echo
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable

from aiohttp import web
from wechatpy.crypto import WeChatCrypto
from wechatpy.parser import parse_message
from wechatpy.replies import TextReply
from wechatpy.utils import check_signature

from benchmarks.load import AES_KEY, APP_ID, PATH, TOKEN

Answer = Callable[[str, str, str], Awaitable[str]]
"""From openid, message id and words to the text of the reply."""


def endpoint(answer: Answer) -> Callable[[web.Request], Awaitable[web.Response]]:
    """The handler as wechatpy's documentation has it; ``answer`` makes the reply's text."""
    crypto = WeChatCrypto(TOKEN, AES_KEY, APP_ID)

    async def receive(request: web.Request) -> web.Response:
        query = request.query
        check_signature(TOKEN, query["signature"], query["timestamp"], query["nonce"])
        body = await request.text()
        xml = crypto.decrypt_message(body, query["msg_signature"], query["timestamp"], query["nonce"])
        message = parse_message(xml)
        said = await answer(message.source, str(message.id), message.content)
        reply = TextReply(message=message, content=said).render()
        sealed = crypto.encrypt_message(reply, query["nonce"], query["timestamp"])
        return web.Response(text=sealed, content_type="text/xml", charset="utf-8")

    return receive


async def serve(answer: Answer) -> None:
    """Serve on a free port, which is printed, until stopped."""
    app = web.Application()
    app.add_routes([web.post(PATH, endpoint(answer))])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        print(f"http://127.0.0.1:{runner.addresses[0][1]}/", flush=True)
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        await stop.wait()
    finally:
        await runner.cleanup()


async def echo(openid: str, id: str, words: str) -> str:
    return words


if __name__ == "__main__":
    asyncio.run(serve(echo))
