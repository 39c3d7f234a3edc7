"""The web chat over HTTP: sessions, who may send, limits, repeats, and everything malformed; and the colours of the page."""

from __future__ import annotations

import asyncio
import gzip
import json
import logging
import re
import socket
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from http.cookies import Morsel
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientResponse, ClientSession, CookieJar
from aiohttp.test_utils import TestServer
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from bot.app import App, Shelf
from bot.channels.server import make_server
from bot.channels.web import (
    ADDRESSES,
    BODY_BYTES,
    COOKIE,
    SECURE_COOKIE,
    STATIC,
    BadMessageError,
    Limit,
    WebChat,
    WebSettings,
    read,
)
from bot.files import Files, Incoming
from bot.messages import PRESS_BYTES, Message, Outcome, Person, Place, Press, Reply, Response, Text
from bot.people import Past
from bot.responses import to_json
from tests.conftest import TODAY

ASKED = "发明专利保护多少年"
FILES, INCOMING = Files(Path("/nowhere")), Incoming(Path("/nowhere"))
WHO = Person("web", "web", "someone")
ids = (f"message-{n}" for n in count(1))


class Visitor:
    """A browser with its cookies that opened the page at ``root``."""

    def __init__(self, session: ClientSession, root: str) -> None:
        self.session = session
        self.root = root
        self.origin: str | None = root.rstrip("/")

    async def opens(self) -> ClientResponse:
        async with self.session.get(self.root) as response:
            await response.read()
            return response

    async def posts(self, data: Any, **headers: str) -> tuple[int, Any, ClientResponse]:
        own = {"Origin": self.origin} if self.origin else {}
        data = data if isinstance(data, bytes | str) or hasattr(data, "__aiter__") else json.dumps(data)
        async with self.session.post(
            f"{self.root}chat/messages", data=data, headers={"Content-Type": "application/json", **own, **headers}
        ) as response:
            return response.status, await response.json(), response

    async def says(self, text: str, id: str = "") -> Any:
        status, answer, _ = await self.posts({"id": id or next(ids), "text": text})
        assert status == 200, answer
        return answer

    async def history(self, **headers: str) -> Any:
        async with self.session.get(f"{self.root}chat/history", headers=headers) as response:
            return (await response.json())["turns"] if response.status == 200 else response.status

    @property
    def cookie(self) -> Morsel[str]:
        (found,) = self.session.cookie_jar
        return found


class Site:
    """A server with the web chat; ``visitor()`` is a new browser."""

    def __init__(self, server: TestServer) -> None:
        self._server = server
        self._sessions: list[ClientSession] = []

    @property
    def root(self) -> str:
        return str(self._server.make_url("/"))

    @property
    def port(self) -> int:
        assert self._server.port
        return self._server.port

    def visitor(self) -> Visitor:
        self._sessions.append(ClientSession(cookie_jar=CookieJar(unsafe=True)))
        return Visitor(self._sessions[-1], self.root)

    async def close(self) -> None:
        for session in self._sessions:
            await session.close()


def settings_of(**changes: Any) -> WebSettings:
    return WebSettings(**{"origins": frozenset(), "secure": False, "proxies": 0, "requests": 0, **changes})


@asynccontextmanager
async def serving(app: Any, **changes: Any) -> AsyncIterator[Site]:
    async def ready() -> bool:
        return True

    server = make_server(WebChat(app, settings_of(**changes), FILES, INCOMING).routes(), [], ready)
    running = TestServer(server)
    await running.start_server(auto_decompress=False)  # as bot.channels.server runs it
    site = Site(running)
    try:
        yield site
    finally:
        await site.close()
        await running.close()


@pytest.fixture
def app(sqlite: Engine, shelf: Shelf) -> Iterator[App]:
    made = App(sqlite, shelf)
    yield made
    asyncio.run(made.close())


def run(body: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(body)


class FakeApp:
    """Answers with what was said, when ``go`` is set; keeps nothing."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.go.set()
        self.messages: list[Message] = []

    async def handle(self, message: Message) -> Response:
        await self.go.wait()
        self.messages.append(message)
        return Response(Outcome.ANSWER, (Reply(repr(message.body)),))

    async def history(self, person: Person, count: int) -> list[Past]:
        return []


# -- sessions ----------------------------------------------------------------------------------------------


def test_the_page_opens_a_session_with_a_cookie_that_scripts_and_other_sites_do_not_get(app: App) -> None:
    async def body() -> None:
        async with serving(app) as site:
            visitor = site.visitor()
            response = await visitor.opens()
            assert response.content_type == "text/html"
            cookie = visitor.cookie
            assert (cookie.key, cookie["path"], cookie["domain"]) == (COOKIE, "/", "127.0.0.1")
            assert (cookie["httponly"], cookie["samesite"], cookie["secure"]) == (True, "Strict", "")
            assert int(cookie["max-age"]) == 180 * 86_400

    run(body())


def test_over_https_the_cookie_is_secure_and_bound_to_the_host(app: App) -> None:
    async def body() -> None:
        async with serving(app, secure=True, origins=frozenset({"https://chat.example.cn"})) as site:
            visitor = site.visitor()
            cookie = (await visitor.opens()).cookies[SECURE_COOKIE]
            assert cookie["secure"] is True
            assert (cookie["path"], cookie["domain"]) == ("/", "")
            visitor.origin = "https://chat.example.cn"
            own = f"{SECURE_COOKIE}={cookie.value}"
            assert (await visitor.posts({"id": "message-1", "text": ASKED}, Cookie=own))[0] == 200
            weaker = f"{COOKIE}={cookie.value}"
            assert (await visitor.posts({"id": "message-1", "text": ASKED}, Cookie=weaker))[0] == 401

    run(body())


def test_a_session_cannot_be_guessed_and_goes_on_at_the_next_visit(app: App) -> None:
    async def body() -> None:
        async with serving(app) as site:
            visitors = [site.visitor() for _ in range(20)]
            for visitor in visitors:
                await visitor.opens()
            tokens = {visitor.cookie.value for visitor in visitors}
            assert len(tokens) == 20
            assert all(re.fullmatch(r"[\w-]{43}", token) for token in tokens)  # 256 bits
            first = visitors[0].cookie.value
            again = (await visitors[0].opens()).cookies[COOKIE]
            assert (again.value, int(again["max-age"])) == (first, 180 * 86_400)

    run(body())


@pytest.mark.parametrize(
    "cookie", ["", f"{COOKIE}=", f"{COOKIE}=short", f"{COOKIE}={'x' * 44}", f"{COOKIE}={'ä' * 43}"]
)
def test_without_a_session_nothing_is_answered_but_a_session_is_given(app: App, cookie: str) -> None:
    async def body() -> None:
        async with serving(app) as site:
            visitor = site.visitor()
            status, answer, response = await visitor.posts({"id": "message-1", "text": ASKED}, Cookie=cookie)
            assert (status, answer) == (401, {"error": "session"})
            assert response.cookies[COOKIE].value
            assert (await visitor.posts({"id": "message-1", "text": ASKED}))[0] == 200  # sent again by the page

    run(body())


def test_what_is_stored_does_not_open_the_session(app: App, sqlite: Engine) -> None:
    async def body() -> str:
        async with serving(app) as site:
            visitor = site.visitor()
            await visitor.opens()
            await visitor.says(ASKED)
            return visitor.cookie.value

    token = run(body())
    with sqlite.connect() as connection:
        stored = connection.exec_driver_sql("SELECT * FROM people").all()
    assert len(stored) == 1
    assert token not in repr(stored)


def test_two_sessions_do_not_see_each_other(app: App) -> None:
    async def body() -> None:
        async with serving(app) as site:
            one, other = site.visitor(), site.visitor()
            await one.opens()
            await other.opens()
            await one.says("删除我的数据", "same-id-for-both")
            assert await other.history() == []
            assert (await other.says(ASKED, "same-id-for-both"))["flow"] is None
            assert [turn["said"] for turn in await one.history()] == ["删除我的数据"]

    run(body())


# -- headers -----------------------------------------------------------------------------------------------


def test_everything_is_sent_with_a_policy_that_allows_no_inline_script_and_no_other_site(app: App) -> None:
    async def body() -> None:
        async with serving(app) as site:
            visitor = site.visitor()
            responses = [await visitor.opens(), (await visitor.posts({}))[2]]
            for name in ("chat.js", "chat.css", "icon.svg"):
                async with visitor.session.get(f"{site.root}static/{name}") as response:
                    responses.append(response)
            for response in responses:
                policy = dict(
                    part.strip().split(" ", 1) for part in response.headers["Content-Security-Policy"].split(";")
                )
                assert policy["default-src"] == "'none'"
                assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
                assert policy["frame-ancestors"] == policy["base-uri"] == policy["form-action"] == "'none'"
                assert "unsafe" not in response.headers["Content-Security-Policy"]
                assert response.headers["X-Content-Type-Options"] == "nosniff"
                assert response.headers["Referrer-Policy"] == "no-referrer"

    run(body())


def test_the_page_keeps_to_its_policy() -> None:
    page = (STATIC / "index.html").read_text(encoding="utf-8")
    assert not re.search(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=|javascript:", page)
    assert not re.search(r"(?:src|href)=\"(?!/static/|#)", page)
    script = (STATIC / "chat.js").read_text(encoding="utf-8")
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function", script)


def test_static_files_are_asked_for_again_only_when_they_changed(app: App) -> None:
    async def body() -> None:
        async with serving(app) as site, ClientSession() as session:
            async with session.get(f"{site.root}static/chat.js") as response:
                tag = response.headers["ETag"]
                assert response.headers["Cache-Control"] == "no-cache"
                assert "charset=utf-8" in response.headers["Content-Type"]
            async with session.get(f"{site.root}static/chat.js", headers={"If-None-Match": tag}) as response:
                assert (response.status, await response.read()) == (304, b"")
            for name in ("index.html", "no.js", "..%2Fweb.py", "%2e%2e/web.py", "..%5cweb.py"):
                async with session.get(f"{site.root}static/{name}") as response:
                    assert response.status == 404

    run(body())


def test_nothing_that_is_said_is_cached(app: App) -> None:
    async def body() -> None:
        async with serving(app) as site:
            visitor = site.visitor()
            assert (await visitor.opens()).headers["Cache-Control"] == "no-store"
            _, _, response = await visitor.posts({"id": "message-1", "text": ASKED})
            assert response.headers["Cache-Control"] == "no-store"

    run(body())


# -- who may send ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "origin",
    [
        None, "null", "", "http://evil.example", "https://evil.example:80", "http://127.0.0.1", "http://127.0.0.1:1",
        "http://[", "http://[::1", "//", "http://127.0.0.1.evil.example", "\xff",
    ],
)  # fmt: skip
def test_only_our_own_page_may_send(app: App, origin: str | None) -> None:
    async def body() -> None:
        async with serving(app) as site:
            visitor = site.visitor()
            await visitor.opens()
            visitor.origin = None
            headers = {} if origin is None else {"Origin": origin}
            status, answer, _ = await visitor.posts({"id": "message-1", "text": ASKED}, **headers)
            assert (status, answer) == (403, {"error": "origin"})
            assert await visitor.history() == []

    run(body())


def test_the_configured_origin_is_the_only_one(app: App) -> None:
    async def body() -> None:
        async with serving(app, origins=frozenset({"http://chat.example.cn"})) as site:
            visitor = site.visitor()
            await visitor.opens()
            message = {"id": "message-1", "text": ASKED}
            assert (await visitor.posts(message))[0] == 403
            visitor.origin = "http://chat.example.cn"
            assert (await visitor.posts(message))[0] == 200

    run(body())


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "none"}, 403),
        ({"Origin": "http://evil.example"}, 403),
    ],
)
def test_the_history_is_for_our_own_page(app: App, headers: dict[str, str], status: int) -> None:
    async def body() -> None:
        async with serving(app) as site:
            visitor = site.visitor()
            await visitor.opens()
            found = await visitor.history(**headers)
            assert found == ([] if status == 200 else status)

    run(body())


# -- limits ------------------------------------------------------------------------------------------------


def test_too_many_requests_from_one_address_are_told_when_to_come_again(app: App) -> None:
    async def body() -> None:
        async with serving(app, requests=3) as site:
            visitor = site.visitor()
            await visitor.opens()
            for _ in range(3):
                await visitor.says("你好")
            status, answer, response = await visitor.posts({"id": "message-9", "text": "你好"})
            assert (status, answer) == (429, {"error": "limit"})
            assert 1 <= int(response.headers["Retry-After"]) <= 21
            assert await visitor.history() == 429
            assert (await visitor.opens()).status == 200  # the page itself still opens

    run(body())


@pytest.mark.parametrize(
    ("proxies", "told", "counted"),
    [
        (0, [["1.1.1.1"], ["2.2.2.2"]], "together"),  # nobody is believed
        (1, [["1.1.1.1"], ["2.2.2.2"]], "apart"),
        (1, [["9.9.9.9, 1.1.1.1"], ["8.8.8.8, 1.1.1.1"]], "together"),  # what a visitor puts in front is not counted
        (1, [["9.9.9.9", "1.1.1.1"], ["8.8.8.8", "1.1.1.1"]], "together"),  # also as a header of its own
        (2, [["1.1.1.1, 7.7.7.7"], ["2.2.2.2, 7.7.7.7"]], "apart"),
        (2, [["1.1.1.1"], ["2.2.2.2"]], "together"),  # it did not come through both
    ],
)
def test_only_as_many_proxies_as_there_are_are_believed(
    app: App, proxies: int, told: list[list[str]], counted: str
) -> None:
    async def body() -> list[int]:
        async with serving(app, requests=1, proxies=proxies) as site:
            visitor = site.visitor()
            statuses = []
            for headers in told:
                own = [("Origin", site.root.rstrip("/")), *(("X-Forwarded-For", hops) for hops in headers)]
                async with visitor.session.post(f"{site.root}chat/messages", data=b"{}", headers=own) as response:
                    statuses.append(response.status)
            return statuses

    assert run(body()) == ([401, 400] if counted == "apart" else [401, 429])


def test_the_limit_refills_steadily_and_forgets_the_oldest_address() -> None:
    now = 0.0
    limit = Limit(60, lambda: now)
    assert [limit.wait("a") for _ in range(60)] == [0.0] * 60
    assert limit.wait("a") == pytest.approx(1.0)
    assert limit.wait("b") == 0
    now = 0.5
    assert limit.wait("a") == pytest.approx(0.5)
    now = 1.0
    assert limit.wait("a") == 0
    assert limit.wait("a") > 0
    for number in range(ADDRESSES):
        limit.wait(str(number))
    assert len(limit._buckets) == ADDRESSES
    assert limit.wait("a") == 0
    assert [Limit(0).wait("a") for _ in range(999)] == [0.0] * 999


def test_a_body_is_limited_whether_or_not_it_tells_its_length(app: App) -> None:
    async def parts(total: int) -> AsyncIterator[bytes]:
        yield b'{"id":"message-1","text":"'
        for _ in range(total // 1024):
            yield b"x" * 1024
        yield b'"}'

    async def body() -> None:
        async with serving(app) as site:
            visitor = site.visitor()
            await visitor.opens()
            assert (await visitor.posts({"id": "message-1", "text": "x" * BODY_BYTES}))[0] == 413
            assert (await visitor.posts(parts(2 * BODY_BYTES)))[0] == 413
            assert (await visitor.posts(parts(64 * BODY_BYTES)))[0] == 413
            status, answer, _ = await visitor.posts(parts(BODY_BYTES // 2))
            assert (status, answer["outcome"]) == (200, "clarify")  # too long to be a question
            bomb = gzip.compress(b" " * 10_000_000)
            assert (await visitor.posts(bomb, **{"Content-Encoding": "gzip"}))[0] in (400, 413)

    run(body())


def test_a_body_that_comes_in_pieces_is_one_message(app: App) -> None:
    async def body() -> str:
        async with serving(app) as site:
            visitor = site.visitor()
            await visitor.opens()
            data = json.dumps({"id": "message-1", "text": ASKED}).encode()
            reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
            writer.write(
                f"POST /chat/messages HTTP/1.1\r\nHost: 127.0.0.1:{site.port}\r\nOrigin: http://127.0.0.1:{site.port}\r\n"
                f"Cookie: {COOKIE}={visitor.cookie.value}\r\nContent-Length: {len(data)}\r\nConnection: close\r\n\r\n".encode()
            )
            for at in range(0, len(data), 20):
                writer.write(data[at : at + 20])
                await writer.drain()
                await asyncio.sleep(0.01)
            answer = await reader.read()
            writer.close()
            return answer.decode()

    answer = run(body())
    assert answer.startswith("HTTP/1.1 200")
    assert "20年" in answer


def test_a_body_that_never_comes_is_not_waited_for_forever(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.channels.web.BODY_SECONDS", 0.05)

    async def never() -> AsyncIterator[bytes]:
        yield b'{"id":'
        await asyncio.sleep(5)

    async def body() -> None:
        async with serving(app) as site:
            visitor = site.visitor()
            await visitor.opens()
            assert (await visitor.posts(never()))[0] == 408

    run(body())


# -- messages ----------------------------------------------------------------------------------------------


def given_body(**fields: Any) -> Any:
    return read({"id": "message-1", **fields}, WHO, TODAY).body


def test_text_presses_and_locations_are_read() -> None:
    assert given_body(text=ASKED) == Text(ASKED)
    assert given_body(text="a\x00b\ud800") == Text("ab?")
    assert given_body(press="#patent-term") == Press("#patent-term")
    assert given_body(location={"lat": 43, "lon": 87.61}) == Place(43.0, 87.61)
    message = read({"id": "message-1", "text": "a"}, WHO, TODAY)
    assert (message.person, message.key, message.at, message.limited) == (WHO, "message-1", TODAY, True)


MALFORMED = (
    b"", b"{", b"[]", b"null", b'"text"', b"\xff\xfe\x00", b"\xef\xbb\xbf", b"[" * 16_000, b"1" * 5_000,
    b'{"id":"message-1","text":"a\xff"}',
    b'{"id":"message-1","location":{"lat":NaN,"lon":0}}',
    b'{"id":"message-1","location":{"lat":0,"lon":-Infinity}}',
    b'{"id":"message-1","location":{"lat":1e999,"lon":0}}',
    b'{"id":"message-1","text":"a","n":' + b"1" * 5_000 + b"}",
    *(
        json.dumps(value).encode()
        for value in (
            {},
            {"text": "a"},
            {"id": 12345678, "text": "a"},
            {"id": "short", "text": "a"},
            {"id": "x" * 65, "text": "a"},
            {"id": "message 1", "text": "a"},
            {"id": "message-1\n", "text": "a"},
            {"id": "message-1"},
            {"id": "message-1", "text": None},
            {"id": "message-1", "text": ["a"]},
            {"id": "message-1", "press": ""},
            {"id": "message-1", "press": "\x00"},
            {"id": "message-1", "press": "x" * (PRESS_BYTES + 1)},
            {"id": "message-1", "location": {"lat": "0", "lon": 0}},
            {"id": "message-1", "location": {"lat": True, "lon": 0}},
            {"id": "message-1", "location": {"lat": 91, "lon": 0}},
            {"id": "message-1", "location": {"lat": 10**400, "lon": 0}},
            {"id": "message-1", "location": [0, 0]},
            {"id": "message-1", "file": {"name": "a"}},
        )
    ),
)  # fmt: skip


def test_what_is_no_message_is_refused(app: App) -> None:
    async def body() -> None:
        async with serving(app) as site:
            visitor = site.visitor()
            await visitor.opens()
            for data in MALFORMED:
                status, answer, _ = await visitor.posts(data)
                assert (status, list(answer)) == (400, ["error"]), data[:80]
            for encoding in ("gzip", "deflate", "br", "zstd"):
                assert (await visitor.posts(b"\x00\x01garbage", **{"Content-Encoding": encoding}))[0] == 400
            assert await visitor.history() == []

    run(body())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "text", "press", "location", "lat", "lon"]), inner, max_size=4)
    ),
    max_leaves=10,
)
MESSAGE = st.fixed_dictionaries(
    {"id": st.from_regex(r"[A-Za-z0-9-]{8,64}", fullmatch=True) | JSON},
    optional={"text": JSON, "press": JSON, "location": st.fixed_dictionaries({"lat": JSON, "lon": JSON}) | JSON},
)


@given(JSON | MESSAGE)
@example({"id": "message-1", "press": "\ud800"})
def test_whatever_a_body_holds_it_is_a_message_or_refused(value: object) -> None:
    try:
        message = read(value, WHO, TODAY)
    except BadMessageError:
        return
    match message.body:
        case Text(words) | Press(words):
            assert "\x00" not in words.encode().decode()
        case Place(lat, lon):
            assert abs(lat) <= 90
            assert abs(lon) <= 180


@given(
    bodies=st.lists(st.binary(max_size=200) | (JSON | MESSAGE).map(lambda v: json.dumps(v).encode()), max_size=8),
    headers=st.dictionaries(
        st.sampled_from(["Cookie", "Content-Type", "X-Forwarded-For", "Content-Encoding", "Origin", "If-Match"]),
        st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=30),
        max_size=2,
    ),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_nothing_that_is_sent_makes_the_server_fail(bodies: list[bytes], headers: dict[str, str]) -> None:
    async def body() -> None:
        async with serving(FakeApp(), proxies=1) as site:
            visitor = site.visitor()
            await visitor.opens()
            for data in bodies:
                assert (await visitor.posts(data))[0] in (200, 400)
                assert (await visitor.posts(data, **headers))[0] < 500

    run(body())


def test_a_failure_is_logged_and_told_without_its_words(caplog: pytest.LogCaptureFixture) -> None:
    class Broken(FakeApp):
        async def handle(self, message: Message) -> Response:
            raise RuntimeError("secret of the house")

    async def body() -> None:
        async with serving(Broken()) as site:
            visitor = site.visitor()
            await visitor.opens()
            status, answer, _ = await visitor.posts({"id": "message-1", "text": "a"})
            assert (status, answer) == (500, {"error": "failed"})

    with caplog.at_level(logging.ERROR):
        run(body())
    assert "request failed" in caplog.text


def test_html_is_text_and_nothing_else(app: App) -> None:
    attack = '<img src=x onerror="alert(1)"><script>alert(2)</script> 专利'

    async def body() -> None:
        async with serving(app) as site:
            visitor = site.visitor()
            await visitor.opens()
            _, _, response = await visitor.posts({"id": "message-1", "text": attack})
            assert response.content_type == "application/json"
            (turn,) = await visitor.history()
            assert turn["said"] == attack

    run(body())


# -- once, in order, not lost ------------------------------------------------------------------------------


def test_the_answer_holds_what_the_json_chat_tells(app: App) -> None:
    async def body() -> None:
        async with serving(app) as site:
            visitor = site.visitor()
            await visitor.opens()
            answer = await visitor.says(ASKED, "message-1")
            assert answer["id"] == "message-1"
            assert set(answer) == {"id", *to_json(Response(Outcome.ANSWER))}
            assert "20年" in answer["replies"][0]["text"]
            _, near, _ = await visitor.posts({"id": "message-2", "location": {"lat": 43.82, "lon": 87.61}})
            assert near["intent"] == "nearest_point"

    run(body())


def test_the_same_id_gets_the_same_answer_also_after_a_restart(sqlite: Engine, shelf: Shelf) -> None:
    async def body() -> None:
        app = App(sqlite, shelf)
        async with serving(app) as site:
            visitor = site.visitor()
            await visitor.opens()
            first = await visitor.says(ASKED, "message-1")
            assert await visitor.says("不看这一句", "message-1") == first
            token = visitor.cookie.value
        await app.close()
        app = App(sqlite, shelf)
        async with serving(app) as site:
            visitor = site.visitor()
            visitor.session.cookie_jar.update_cookies({COOKIE: token})
            _, again, _ = await visitor.posts({"id": "message-1", "text": ASKED}, Cookie=f"{COOKIE}={token}")
            assert again == first
            assert len(await visitor.history(Cookie=f"{COOKIE}={token}")) == 1
        await app.close()

    run(body())


def test_the_same_id_sent_twice_at_once_is_one_turn(app: App) -> None:
    async def body() -> None:
        async with serving(app) as site:
            visitor = site.visitor()
            await visitor.opens()
            answers = await asyncio.gather(*(visitor.says(ASKED, "message-1") for _ in range(10)))
            assert all(answer == answers[0] for answer in answers)
            assert len(await visitor.history()) == 1

    run(body())


def test_messages_sent_quickly_are_all_answered(app: App) -> None:
    async def body() -> None:
        async with serving(app) as site:
            visitor = site.visitor()
            await visitor.opens()
            await asyncio.gather(*(visitor.says("你好") for _ in range(10)))
            assert len(await visitor.history()) == 10

    run(body())


async def hang_up(site: Site, token: str, data: bytes) -> None:
    """Send a whole request and close the connection without reading the answer."""
    with socket.create_connection(("127.0.0.1", site.port)) as connection:
        connection.sendall(
            f"POST /chat/messages HTTP/1.1\r\nHost: 127.0.0.1:{site.port}\r\nOrigin: http://127.0.0.1:{site.port}\r\n"
            f"Cookie: {COOKIE}={token}\r\nContent-Length: {len(data)}\r\n\r\n".encode()
            + data
        )


async def soon(found: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    """What ``found`` gives as soon as it is not empty."""
    for _ in range(500):
        if value := await found():
            return value
        await asyncio.sleep(0.02)
    raise TimeoutError


def test_a_client_that_hangs_up_does_not_lose_the_turn(app: App) -> None:
    async def body() -> None:
        async with serving(app) as site:
            visitor = site.visitor()
            await visitor.opens()
            await hang_up(site, visitor.cookie.value, json.dumps({"id": "message-1", "text": ASKED}).encode())
            (turn,) = await soon(visitor.history)
            assert await visitor.says(ASKED, "message-1") == {key: turn[key] for key in turn if key != "said"}

    run(body())


def test_a_client_that_hangs_up_half_way_through_leaves_nothing(app: App, caplog: pytest.LogCaptureFixture) -> None:
    async def body() -> None:
        async with serving(app) as site:
            visitor = site.visitor()
            await visitor.opens()
            with socket.create_connection(("127.0.0.1", site.port)) as connection:
                connection.sendall(
                    f"POST /chat/messages HTTP/1.1\r\nHost: 127.0.0.1:{site.port}\r\n"
                    f"Origin: http://127.0.0.1:{site.port}\r\nCookie: {COOKIE}={visitor.cookie.value}\r\n"
                    'Content-Length: 99\r\n\r\n{"id":"message-1"'.encode()
                )
                await asyncio.sleep(0.05)
            await asyncio.sleep(0.05)
            assert await visitor.history() == []

    run(body())
    assert not caplog.text


def test_the_history_is_masked_and_ends_with_the_last_turn(app: App) -> None:
    async def body() -> None:
        async with serving(app) as site:
            visitor = site.visitor()
            await visitor.opens()
            await visitor.says("我的电话13812345678，发明专利保护多少年")
            for number in range(31):
                await visitor.says(f"你好{number}")
            turns = await visitor.history()
            assert len(turns) == 30
            assert turns[-1]["said"] == "你好30"

            other = site.visitor()
            await other.opens()
            answer = await other.says("我的电话13812345678，发明专利保护多少年", "message-1")
            (turn,) = await other.history()
            assert "13812345678" not in json.dumps(turn)
            assert turn["said"].startswith("我的电话[电话]")
            assert (turn["id"], turn["replies"]) == ("message-1", answer["replies"])

    run(body())


def test_after_an_erasure_the_history_is_empty(app: App) -> None:
    async def body() -> None:
        async with serving(app) as site:
            visitor = site.visitor()
            await visitor.opens()
            await visitor.says(ASKED)
            await visitor.says("删除我的数据")
            assert "回执" in (await visitor.says("确定删除"))["replies"][0]["text"]
            assert await visitor.history() == []

    run(body())


# -- colours -----------------------------------------------------------------------------------------------

CSS = (STATIC / "chat.css").read_text(encoding="utf-8")
WRITTEN_ON = [
    ("ink", "back"), ("ink", "paper"), ("ink", "mine"), ("soft", "back"), ("soft", "paper"), ("brand", "paper"),
    ("brand", "mine"), ("brand-ink", "brand"), ("warn", "paper"),
]  # fmt: skip


def colours(scheme: str) -> dict[str, str]:
    roots = [dict(re.findall(r"--([\w-]+):\s*(#\w+)", root)) for root in re.findall(r":root\s*{([^}]*)}", CSS)]
    light, dark = roots
    assert set(light) == set(dark)
    return light if scheme == "light" else dark


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(c * 2 for c in colour[1:])
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), WRITTEN_ON)
def test_text_stands_out_from_its_ground(scheme: str, text: str, ground: str) -> None:
    """WCAG 2 AA: 4.5 to 1."""
    found = colours(scheme)
    assert contrast("#000", "#fff") == pytest.approx(21)
    assert contrast(found[text], found[ground]) >= 4.5


def test_all_colours_are_among_the_named_ones() -> None:
    rules = re.sub(r":root\s*{[^}]*}", "", CSS)
    assert not re.search(r"#[0-9a-f]{3,8}\b(?!\s*[.{:,>])|\brgba?\(|\bhsl", rules)
    used = {(m[1], m[2]) for m in re.finditer(r"(?<![-\w])(color|background):\s*var\(--([\w-]+)\)", rules)}
    assert {name for kind, name in used if kind == "color"} <= {text for text, _ in WRITTEN_ON}
    grounds = {ground for _, ground in WRITTEN_ON}
    assert {name for kind, name in used if kind == "background"} <= grounds | {"soft"}  # soft: the three dots
