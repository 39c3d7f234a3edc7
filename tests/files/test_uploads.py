"""The rows of files that people sent, on both databases: once by a link, once to a record, and gone when nobody needs them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from bot.conversation import Conversation, Waiting
from bot.database.tables import uploads
from bot.files import Incoming, TooLargeError, Uploads
from bot.flow import record
from bot.messages import FileWanted, Outcome, Person, Upload
from bot.people import People, Record
from tests.conftest import TODAY
from tests.samples import PDF

WANTED = FileWanted(("pdf", "png"), 1000)
LATER = TODAY + timedelta(days=7)


class Desk:
    """Uploads of one person on one database."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.engine = engine
        self.incoming = Incoming(folder)
        with engine.begin() as connection:
            self.person = People(connection).find(Person("wechat", "gh", "someone"), TODAY).id

    @contextmanager
    def open(self) -> Iterator[Uploads]:
        with self.engine.begin() as connection:
            service = Uploads(connection, self.incoming)
            yield service
        service.remove_gone()

    def arrives(self, content: bytes = PDF, name: str = "执照.pdf") -> Upload:
        with self.incoming.receive(1000) as arrival:
            arrival.write(content)
            return arrival.upload(name)

    def holds(self, *held: Upload) -> None:
        """A form of the person waits that has these answers."""
        talk = Conversation(waiting=(Waiting("apply", {}, tuple(map(record, held))),))
        said = Record("m1", TODAY, "", "apply", Outcome.FLOW.value, None, None, False, {})
        with self.engine.begin() as connection:
            People(connection).keep(self.person, talk, said, noticed=False)

    @property
    def contents(self) -> list[Path]:
        return list(self.incoming.folder.iterdir())

    @property
    def rows(self) -> int:
        with self.engine.begin() as connection:
            return len(connection.execute(select(uploads)).all())


@pytest.fixture
def desk(engine: Engine, tmp_path: Path) -> Desk:
    return Desk(engine, tmp_path / "in")


def kept(desk: Desk) -> Upload:
    with desk.open() as service:
        return service.keep(desk.person, "apply", 0, desk.arrives(), TODAY)


def test_one_of_many_uses_of_a_link_wins(desk: Desk) -> None:
    with desk.open() as service:
        token = service.invite(desk.person, "apply", 2, WANTED, TODAY)
    arrivals = [desk.arrives() for _ in range(8)]

    def use(upload: Upload) -> bool:
        with desk.open() as service:
            taken = service.receive(token, upload, TODAY)
        desk.incoming.drop(upload)
        return taken

    with ThreadPoolExecutor(8) as threads:
        assert sorted(threads.map(use, arrivals)) == [False] * 7 + [True]
    assert len(desk.contents) == 1


def test_a_link_is_for_one_question_of_one_person(desk: Desk) -> None:
    with desk.open() as service:
        token = service.invite(desk.person, "apply", 2, WANTED, TODAY)
        assert service.invite(desk.person, "apply", 2, WANTED, TODAY + timedelta(hours=23)) == token
        assert service.invite(desk.person, "apply", 3, WANTED, TODAY) != token
        assert service.invite(desk.person, "renew", 2, WANTED, TODAY) != token
        assert service.invite(desk.person, "apply", 2, WANTED, TODAY + timedelta(hours=24)) != token
        invitation = service.invitation(token, TODAY)
        assert invitation
        assert invitation.wanted == FileWanted(("pdf", "png"), 1000, token)
        assert service.receive(token, desk.arrives(), TODAY)
        assert service.arrived(desk.person, "apply", 3) is None
        came = service.arrived(desk.person, "apply", 2)
        assert came
        assert (came.name, came.type, came.size, came.path) == ("执照.pdf", "application/pdf", len(PDF), None)
        service.take(came, TODAY)
        assert service.arrived(desk.person, "apply", 2) is None


def test_the_token_of_a_kept_file_opens_no_page(desk: Desk) -> None:
    upload = kept(desk)
    with desk.open() as service:
        assert service.invitation(upload.token, TODAY) is None


def test_a_record_claims_a_file_once(desk: Desk) -> None:
    upload = kept(desk)
    with desk.open() as service:
        id = service.claim(upload.token, TODAY)
        assert id is not None
        assert service.claim(upload.token, TODAY) is None
        stored = service.stored(id)
        assert stored
        assert (stored.name, stored.type, stored.size, stored.path.read_bytes()) == (
            "执照.pdf",
            "application/pdf",
            len(PDF),
            PDF,
        )
        service.close(desk.person, "apply")
        service.discard([upload.token])
        assert service.count(desk.person) == 0
    assert len(desk.contents) == 1
    with desk.open() as service:
        service.release(id)
    assert desk.contents == []


def test_what_is_gone_cannot_be_claimed(desk: Desk) -> None:
    upload = kept(desk)
    desk.contents[0].unlink()
    with desk.open() as service:
        assert service.claim(upload.token, TODAY) is None
        assert service.claim("x" * 43, TODAY) is None


def test_what_failed_keeps_its_content_and_what_was_not_committed_is_swept(desk: Desk) -> None:
    upload = kept(desk)

    def fails(act: Callable[[Uploads], object]) -> None:
        with desk.open() as service:
            act(service)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fails(lambda service: service.discard([upload.token]))
    assert len(desk.contents) == 1
    with pytest.raises(RuntimeError):
        fails(lambda service: service.keep(desk.person, "apply", 1, desk.arrives(), TODAY))
    assert len(desk.contents) == 2
    for path in desk.contents:
        os.utime(path, (TODAY.timestamp(), TODAY.timestamp()))
    with desk.open() as service:
        assert service.sweep(TODAY + timedelta(days=1)) == 0
        assert service.sweep(TODAY + timedelta(days=1, seconds=1)) == 1
    assert len(desk.contents) == 1


def test_sweeping_leaves_what_a_form_holds_or_a_record_claimed(desk: Desk) -> None:
    held, forgotten, claimed = kept(desk), kept(desk), kept(desk)
    desk.holds(held)
    with desk.open() as service:
        service.claim(claimed.token, TODAY)
        service.invite(desk.person, "apply", 5, WANTED, TODAY)
    with desk.open() as service:
        service.sweep(LATER - timedelta(seconds=1))
    assert (len(desk.contents), desk.rows) == (3, 3), "the link is over"
    with desk.open() as service:
        service.sweep(LATER)
    assert (len(desk.contents), desk.rows) == (2, 2)
    with desk.open() as service:
        assert service.claim(forgotten.token, LATER) is None
        assert service.claim(held.token, LATER) is not None


def test_a_person_goes_with_their_files_and_the_record_keeps_its_own(desk: Desk) -> None:
    kept(desk)
    claimed = kept(desk)
    with desk.open() as service:
        id = service.claim(claimed.token, TODAY)
        assert id is not None
        assert service.erase(desk.person) == 1
        People(service._connection).erase(desk.person, TODAY)
        assert service.stored(id) is not None
    assert (len(desk.contents), desk.rows) == (1, 1)


def test_who_expires_leaves_nothing_after_the_sweep(desk: Desk) -> None:
    kept(desk)
    with desk.open() as service:
        assert People(service._connection).expire(TODAY + timedelta(days=181), 180) == 1
        service.sweep(TODAY)
    assert (desk.contents, desk.rows) == ([], 0)


def test_too_much_leaves_nothing(desk: Desk) -> None:

    def write() -> None:
        with desk.incoming.receive(10) as arrival:
            for _ in range(11):
                arrival.write(b"x")

    with pytest.raises(TooLargeError):
        write()
    assert desk.contents == []


def test_only_the_user_of_the_server_may_read_the_folder(desk: Desk) -> None:
    kept(desk)
    assert desk.incoming.folder.stat().st_mode & 0o077 == 0
