"""The rows of files that people sent: one-time links, what came by them, what a form holds, what a record claimed."""

from __future__ import annotations

import json
import logging
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, delete, func, insert, or_, select, update

from bot.database.tables import people, uploads
from bot.files.incoming import Incoming
from bot.messages import FileWanted, Upload

log = logging.getLogger(__name__)

LINK_HOURS = 24
UNHELD = timedelta(days=7)  # how long a file stays that no form holds and no record claimed
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
_OPEN = uploads.c.received.is_(None)
_UNCLAIMED = uploads.c.claimed.is_(None)


@dataclass(frozen=True, slots=True)
class Invitation:
    """What a link is for. ``used``: a file came by it already; ``over``: its time is."""

    wanted: FileWanted
    used: bool
    over: bool


@dataclass(frozen=True, slots=True)
class Stored:
    """A file that a record holds."""

    id: int
    name: str
    type: str
    size: int
    path: Path


class Uploads:
    """The files of all people, within one transaction.

    Contents are removed after it is committed (see :meth:`remove_gone`), so that no row is left without its content.
    """

    def __init__(self, connection: Connection, incoming: Incoming) -> None:
        self._connection = connection
        self._incoming = incoming
        self._gone: list[Path] = []

    def remove_gone(self) -> int:
        """The transaction is committed: remove the contents of what was deleted in it; returns how many.

        What cannot be removed now, :meth:`sweep` finds.
        """
        for path in self._gone:
            try:
                path.unlink(missing_ok=True)
            except OSError:
                log.exception("a file could not be removed")
        return len(self._gone)

    # -- by a link -----------------------------------------------------------------------------------------

    def invite(self, person_id: int, form: str, step: int, wanted: FileWanted, now: datetime) -> str:
        """The token of a one-time link for the question at which a form waits; the same while it is open."""
        asked = self._at(person_id, form, step)
        same = select(uploads.c.token).where(asked, _OPEN, uploads.c.expires > now)
        found = self._connection.execute(same.order_by(uploads.c.id.desc()).limit(1)).scalar()
        if found is not None:
            return str(found)
        token = secrets.token_urlsafe(32)
        self._insert(person_id, token, wanted, form=form, step=step, expires=now + timedelta(hours=LINK_HOURS))
        return token

    def invitation(self, token: str, now: datetime) -> Invitation | None:
        """What the link is for; None when there is no such link."""
        if not _TOKEN.fullmatch(token):
            return None
        row = self._connection.execute(
            select(uploads).where(uploads.c.token == token, uploads.c.expires.is_not(None))
        ).first()
        if row is None:
            return None
        wanted = FileWanted(tuple(row.types.split(",")), row.at_most, token)
        return Invitation(wanted, row.received is not None, row.expires <= now)

    def receive(self, token: str, upload: Upload, now: datetime) -> bool:
        """A file came by a link; False when another one did before, or its time is over. Raises OSError."""
        this = (uploads.c.token == token) & _OPEN & (uploads.c.expires > now)
        if not self._connection.execute(update(uploads).where(this).values(received=now)).rowcount:
            return False
        path = self._incoming.keep(upload)
        about = {"path": path.name, "name": upload.name, "type": upload.type, "size": upload.size}
        self._connection.execute(update(uploads).where(uploads.c.token == token).values(about))
        return True

    def arrived(self, person_id: int, form: str, step: int) -> Upload | None:
        """The file that came by a link for this question and is not its answer yet."""
        waiting = self._at(person_id, form, step) & uploads.c.received.is_not(None) & uploads.c.taken.is_(None)
        row = self._connection.execute(select(uploads).where(waiting).order_by(uploads.c.id.desc()).limit(1)).first()
        return None if row is None else Upload(row.name, None, row.type, row.size, row.token)

    def take(self, upload: Upload, now: datetime) -> None:
        """It becomes the answer."""
        self._connection.execute(update(uploads).where(uploads.c.token == upload.token).values(taken=now))

    # -- by the channel ------------------------------------------------------------------------------------

    def keep(self, person_id: int, form: str, step: int, upload: Upload, now: datetime) -> Upload:
        """Keep a file that a channel fetched, as the answer to a question; the same upload with its token. Raises OSError."""
        token = secrets.token_urlsafe(32)
        path = self._incoming.keep(upload)
        self._insert(
            person_id,
            token,
            FileWanted((), upload.size),
            form=form,
            step=step,
            received=now,
            taken=now,
            path=path.name,
            name=upload.name,
            type=upload.type,
            size=upload.size,
        )
        return Upload(upload.name, None, upload.type, upload.size, token)

    def read(self, upload: Upload) -> bytes:
        """The content of what a channel fetched and nobody keeps. Raises OSError when it is gone."""
        return Path(upload.path or "").read_bytes()

    # -- by a record ---------------------------------------------------------------------------------------

    def claim(self, token: str, now: datetime) -> int | None:
        """Give the file of a form's answer to a record, once; the id by which the record finds it.

        None when it is claimed already or gone. What no record claimed when its form ends is removed.
        """
        this = (uploads.c.token == token) & _UNCLAIMED & uploads.c.taken.is_not(None)
        found = self._connection.execute(update(uploads).where(this).values(claimed=now).returning(uploads.c.id))
        id = found.scalar()
        return None if id is None or self.stored(id) is None else int(id)

    def stored(self, id: int) -> Stored | None:
        """The file that a record claimed; None when it is gone."""
        row = self._connection.execute(
            select(uploads).where(uploads.c.id == id, uploads.c.claimed.is_not(None))
        ).first()
        if row is None or not (path := self._incoming.folder / row.path).is_file():
            return None
        return Stored(row.id, row.name, row.type, row.size, path)

    def disown(self, id: int) -> None:
        """Keep no word of whose file it was: its record is anonymous."""
        self._connection.execute(update(uploads).where(uploads.c.id == id).values(person_id=None))

    def release(self, id: int) -> None:
        """The record does not need its file any more."""
        self._delete(uploads.c.id == id)

    # -- leaving -------------------------------------------------------------------------------------------

    def discard(self, tokens: Iterable[str]) -> None:
        """Remove what answers held that were taken back; what a record claimed stays."""
        if wanted := tuple(tokens):
            self._delete(uploads.c.token.in_(wanted) & _UNCLAIMED)

    def close(self, person_id: int, form: str) -> None:
        """A form ended: remove its links and files; what a record claimed stays."""
        self._delete((uploads.c.person_id == person_id) & (uploads.c.form == form) & _UNCLAIMED)

    def count(self, person_id: int) -> int:
        """How many files of a person are kept that belong to no record."""
        mine = (uploads.c.person_id == person_id) & _UNCLAIMED & uploads.c.received.is_not(None)
        return self._connection.execute(select(func.count()).select_from(uploads).where(mine)).scalar_one()

    def erase(self, person_id: int) -> int:
        """Remove all files of a person but those that belong to a record; returns how many."""
        count = self.count(person_id)
        self._delete((uploads.c.person_id == person_id) & _UNCLAIMED)
        return count

    def sweep(self, now: datetime) -> int:
        """Remove what nobody needs: links whose time is over, old files that no form holds, contents without a row.

        Returns how many contents without a row there were; the others are removed after the commit.
        """
        self._connection.execute(delete(uploads).where(_OPEN, uploads.c.expires <= now))
        old = select(uploads.c.token, people.c.state).join(people, isouter=True)
        rows = self._connection.execute(
            old.where(_UNCLAIMED, or_(uploads.c.received <= now - UNHELD, uploads.c.person_id.is_(None)))
        )
        self.discard([row.token for row in rows if row.token not in json.dumps(row.state)])
        paths = self._connection.execute(select(uploads.c.path).where(uploads.c.received.is_not(None))).scalars()
        return self._incoming.sweep(frozenset(paths), now)

    def _delete(self, which: Any) -> None:
        paths = self._connection.execute(delete(uploads).where(which).returning(uploads.c.path)).scalars()
        self._gone += [self._incoming.folder / path for path in paths if path]

    def _at(self, person_id: int, form: str, step: int) -> Any:
        return (uploads.c.person_id == person_id) & (uploads.c.form == form) & (uploads.c.step == step)

    def _insert(self, person_id: int, token: str, wanted: FileWanted, **values: object) -> None:
        blank = {"path": "", "name": "", "type": "", "size": 0}
        asked = {"types": ",".join(wanted.types), "at_most": wanted.at_most}
        self._connection.execute(
            insert(uploads).values({**blank, **asked, "person_id": person_id, "token": token, **values})
        )
