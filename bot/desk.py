"""The services a handler may use, opened for one turn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot.conversation import Conversation
from bot.files import Files, Uploads
from bot.helpdesk.drafts import Drafts
from bot.helpdesk.helpdesk import Helpdesk
from bot.helpdesk.unanswered import Unanswered
from bot.knowledge.indications import Indications
from bot.knowledge.intents import Intents
from bot.knowledge.keywords import Keywords
from bot.knowledge.library import Library
from bot.letters import Letters
from bot.links import Links
from bot.people import People
from bot.people_linked import LinkedAccounts
from bot.registry.databases import Databases
from bot.registry.hours import OfficeHours
from bot.registry.places import Gazetteer
from bot.registry.points import Points
from bot.registry.register import Register
from bot.staff import Staff
from bot.training.announcements import Announcements
from bot.training.events import Events
from bot.training.signups import Signups
from bot.training.subscriptions import Subscriptions

BEIJING = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class Desk:
    """All that a handler may use. ``retention`` is in days."""

    now: datetime
    library: Library
    intents: Intents
    gazetteer: Gazetteer
    hours: OfficeHours
    links: Links
    keywords: Keywords
    indications: Indications
    databases: Databases
    points: Points
    register: Register
    people: People
    staff: Staff
    files: Files
    uploads: Uploads
    letters: Letters
    subscriptions: Subscriptions
    announcements: Announcements
    events: Events
    signups: Signups
    linked: LinkedAccounts
    helpdesk: Helpdesk
    unanswered: Unanswered
    drafts: Drafts
    retention: int

    @property
    def day(self) -> date:
        """Today by Beijing time."""
        return self.now.astimezone(BEIJING).date()


@dataclass(frozen=True, slots=True)
class Turn:
    """What a handler is told: what was said, what was understood of it, and what is remembered.

    ``argument`` is what stood behind a command word; ``slots`` what the sentence named; ``private`` says that nobody
    else reads along.
    """

    person_id: int
    said: str
    conversation: Conversation
    argument: str = ""
    slots: Mapping[str, object] | None = None
    private: bool = True

    def slot(self, name: str) -> str:
        value = (self.slots or {}).get(name)
        return str(value) if value is not None else ""
