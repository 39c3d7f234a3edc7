"""The door: each delivery once, one turn at a time per person, many persons at once; a turn is one transaction.

Async at the edge, sync inside: the one hop into a thread is here.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from threading import Lock
from typing import TypeVar
from weakref import WeakValueDictionary

from sqlalchemy import Connection, Engine

from bot.app_record import record, with_letters
from bot.database.engine import transact
from bot.desk import Desk
from bot.dispatch import respond, wanted_file
from bot.dispatch_forms import Limits
from bot.files import Files, Incoming, Uploads
from bot.handlers.data import notice
from bot.helpdesk.drafts import Drafts
from bot.helpdesk.gist import Table
from bot.helpdesk.helpdesk import Helpdesk, open_helpdesk
from bot.helpdesk.rounds import move_tickets
from bot.helpdesk.study import Study
from bot.helpdesk.unanswered import Unanswered
from bot.knowledge.indications import Indications
from bot.knowledge.intents import Intents
from bot.knowledge.keywords import Keywords
from bot.knowledge.library import Library
from bot.letters import Letter, Letters
from bot.links import Links
from bot.messages import FileWanted, Message, Outcome, Person, Reply, Response
from bot.people import Past, People
from bot.people_linked import LinkedAccounts
from bot.registry.daily import move_time
from bot.registry.databases import Databases
from bot.registry.hours import OfficeHours
from bot.registry.places import Gazetteer
from bot.registry.points import Points
from bot.registry.register import open_register
from bot.responses import from_json
from bot.staff import Staff
from bot.training.announcements import Announcements
from bot.training.events import Events
from bot.training.signups import Signups
from bot.training.subscriptions import Subscriptions

log = logging.getLogger(__name__)
T = TypeVar("T")
APOLOGY = "出了点问题，这句话没有处理好，请过一会儿再发一次。急事可以拨打 12345。"
_THREADS = 8


@dataclass(frozen=True, slots=True)
class Shelf:
    """The content in memory, and what of the settings a turn needs."""

    library: Library
    wordlist: Table
    intents: Intents
    gazetteer: Gazetteer
    hours: OfficeHours
    links: Links
    keywords: Keywords
    indications: Indications
    databases: Databases
    limits: Limits
    retention: int
    files: Files
    incoming: Incoming
    sample_channels: frozenset[str]


class App:
    """Answers messages. ``engine`` is the database; ``shelf`` may be replaced while it runs."""

    def __init__(
        self, engine: Engine, shelf: Shelf, add_meaning: Callable[[Library], Library] = lambda library: library
    ) -> None:
        """``add_meaning`` gives a library its semantic stage, where there is one."""
        self.shelf = shelf
        self._engine = engine
        self._study = Study(self.at_once, add_meaning)
        self._studying = Lock()
        # SQLite has one writer: more threads would only fight for its lock
        threads = 1 if engine.dialect.name == "sqlite" else _THREADS
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="turn")
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._running: dict[tuple[str, str], asyncio.Task[Response]] = {}

    async def handle(self, message: Message) -> Response:
        """Answer ``message``. A repeat of a delivery gets the answer of the first, also while that is being worked out.

        The turn goes on when the caller hangs up. Never raises for what a person sent: a failure becomes an apology.
        """
        key = (message.person.key, message.key)
        task = self._running.get(key)
        if task is None:
            task = asyncio.create_task(self._ordered(message))
            self._running[key] = task
            task.add_done_callback(lambda _: self._running.pop(key, None))
        return await asyncio.shield(task)

    async def _ordered(self, message: Message) -> Response:
        lock = self._locks.get(message.person.key)
        if lock is None:
            lock = self._locks[message.person.key] = asyncio.Lock()
        async with lock:
            return await self._hop(lambda: self.turn(message))

    def turn(self, message: Message) -> Response:
        """One turn, in this thread and in one transaction.

        (Should it be tried again although it had been committed, the stored answer is found.)
        """

        def work(connection: Connection) -> tuple[Desk, Response]:
            desk = self._desk(connection, message.person, message.at)
            return desk, self._turn(message, desk)

        try:
            desk, response = transact(self._engine, work)
        except Exception:
            log.exception("turn failed", extra={"channel": message.person.channel})
            return Response(Outcome.ERROR, (Reply(APOLOGY),))
        desk.uploads.remove_gone()
        return response

    def _turn(self, message: Message, desk: Desk) -> Response:
        shelf, people = self.shelf, desk.people
        people.lock(message.person)
        known = people.find(message.person, message.at)
        stored = people.stored(known.id, message.key)
        if stored is not None:
            return from_json(stored)
        limits = replace(
            shelf.limits,
            questions_a_minute=shelf.limits.questions_a_minute if message.limited else 0,
            paged=message.paged,
            files=message.files,
            private=message.private,
        )
        turned = respond(message.body, known, desk, limits)
        response = turned.response
        if not known.noticed and response.intent != "delete_data":
            response = replace(response, notice=notice(shelf.retention))
        conversation = turned.conversation
        if message.window is not None:
            desk.letters.open_window(known.id, message.window, message.at)
        if message.carries and response.page == 1 and (due := desk.letters.due([known.id], message.at)):
            response, conversation = with_letters(response, conversation, due)
            desk.letters.shown([letter.id for letter in due], message.at)
        noticed = not known.noticed and response.notice is not None
        people.keep(known.id, conversation, record(message, response, turned.free), noticed)
        return response

    def _desk(self, connection: Connection, person: Person, now: datetime) -> Desk:
        shelf = self.shelf
        points = Points(connection, shelf.gazetteer, samples=person.channel in shelf.sample_channels)
        letters, staff = Letters(connection), Staff(connection)
        register = open_register(connection, shelf.gazetteer, shelf.hours.holidays, points, letters, staff)
        return Desk(
            now=now,
            library=shelf.library,
            intents=shelf.intents,
            gazetteer=shelf.gazetteer,
            hours=shelf.hours,
            links=shelf.links,
            keywords=shelf.keywords,
            indications=shelf.indications,
            databases=shelf.databases,
            points=points,
            register=register,
            people=People(connection),
            staff=staff,
            files=shelf.files,
            uploads=Uploads(connection, shelf.incoming),
            letters=letters,
            subscriptions=Subscriptions(connection),
            announcements=Announcements(connection),
            events=Events(connection),
            signups=Signups(connection),
            linked=LinkedAccounts(connection),
            helpdesk=open_helpdesk(connection, register, letters, staff, shelf.hours),
            unanswered=Unanswered(connection),
            drafts=Drafts(connection),
            retention=shelf.retention,
        )

    async def wanted(self, person: Person, now: datetime) -> FileWanted | None:
        """What file the form of a person waits for; None when what they send is not to be fetched."""
        return await self._hop(lambda: self.wanted_at_once(person, now))

    def wanted_at_once(self, person: Person, now: datetime) -> FileWanted | None:
        """The same, in this thread."""

        def look(connection: Connection) -> FileWanted | None:
            desk = self._desk(connection, person, now)
            known = desk.people.look_up(person)
            return None if known is None else wanted_file(known, desk)

        return self.at_once(look)

    async def history(self, person: Person, count: int) -> tuple[list[Past], list[Letter]]:
        """The last turns of a person and the last letters they got, each oldest first."""

        return await self.transaction(
            lambda connection: (People(connection).recent(person, count), Letters(connection).recent(person, count))
        )

    async def ready(self) -> bool:
        """Whether the database answers."""

        def read() -> bool:
            with self._engine.begin() as connection:
                connection.exec_driver_sql("SELECT 1")
            return True

        try:
            return await self._hop(read)
        except Exception:
            log.exception("database does not answer")
            return False

    async def expire(self, now: datetime) -> int:
        """Erase the people whose data, and remove the files that were kept long enough; returns how many people."""

        def erase(connection: Connection) -> tuple[int, Uploads]:
            people, helpdesk = People(connection), self._helpdesk(connection)
            uploads = Uploads(connection, self.shelf.incoming)
            for person in people.expiring(now, self.shelf.retention):
                _, files = helpdesk.tickets.forget(person, now)
                _, evidence, copies = helpdesk.feedback.forget(person)
                for file in (*files, *copies):
                    self.shelf.files.remove(file)
                for id in evidence:
                    uploads.release(id)
            count = people.expire(now, self.shelf.retention)
            uploads.sweep(now)
            return count, uploads

        count, uploads = await self.transaction(erase)
        uploads.remove_gone()
        self.shelf.files.sweep(now)
        return count

    async def rounds(self, now: datetime) -> None:
        """What moves in minutes: tickets that nobody takes or answers."""
        moved = await self.transaction(lambda c: self.move_tickets(c, now))
        if moved:
            log.info("tickets moved on", extra={"tickets": moved})

    def move_tickets(self, connection: Connection, now: datetime) -> int:
        """Move on every ticket whose time has come, remind of what is to be answered; returns how many."""
        helpdesk = self._helpdesk(connection)
        return move_tickets(helpdesk.tickets, now) + helpdesk.feedback.remind(now)

    def _helpdesk(self, connection: Connection) -> Helpdesk:
        shelf = self.shelf
        staff, letters = Staff(connection), Letters(connection)
        points = Points(connection, shelf.gazetteer)
        register = open_register(connection, shelf.gazetteer, shelf.hours.holidays, points, letters, staff)
        return open_helpdesk(connection, register, letters, staff, shelf.hours)

    async def upkeep(self, now: datetime) -> None:
        """What time moves: the register first, then what was kept long enough."""
        shelf = self.shelf
        done = await self.transaction(lambda c: move_time(c, shelf.gazetteer, shelf.hours.holidays, now))
        people = await self.expire(now)
        log.info("upkeep", extra={"expired": done.expired, "letters": done.letters, "people": people})

    async def learn(self, now: datetime) -> None:
        """As :meth:`study`, beside the turns."""
        await asyncio.to_thread(self.study, now)

    def study(self, now: datetime) -> None:
        """Collect and group the questions without an answer, check drafts, take the approved ones into the shelf, and tell
        those who had asked; in this thread, which may take seconds. No turn waits for it."""
        with self._studying:
            shelf = self.shelf
            library = self._study.run(shelf.library, shelf.wordlist, now)
            if library is not shelf.library and self.shelf is shelf:
                self.shelf = replace(shelf, library=library)

    def taught(self, shelf: Shelf) -> Shelf:
        """A shelf just made, with the drafts that are in force."""
        with self._studying:
            return replace(shelf, library=self._study.taught(shelf.library))

    def tell(self, channel: str, native_ids: Sequence[str], now: datetime, show: Callable[[Letter], None]) -> None:
        """Show what waits to be told to these people of a channel, with ``show``; it is settled when that did not fail.

        For a channel that runs alone: announcements are begun and written here, too.
        """

        def work(connection: Connection) -> None:
            while Announcements(connection).advance(now):
                pass
            letters = Letters(connection)
            for due in letters.due_at(channel, native_ids, now).values():
                for letter in due:
                    show(letter)
                letters.shown([letter.id for letter in due], now)

        if native_ids:
            self.at_once(work)

    async def transaction(self, work: Callable[[Connection], T]) -> T:
        """``work`` in a transaction of its own, beside the turns."""
        return await self._hop(lambda: self.at_once(work))

    def at_once(self, work: Callable[[Connection], T]) -> T:
        """``work`` in a transaction of its own, in this thread."""
        return transact(self._engine, work)

    async def _hop(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    async def close(self) -> None:
        """Let running turns end."""
        if self._running:
            await asyncio.wait(list(self._running.values()), timeout=10)
        self._threads.shutdown(wait=True)
