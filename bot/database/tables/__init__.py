"""All tables, as SQLAlchemy Core, a module each subject, with what is personal in each column and how long it is kept.

Times are stored as UTC without a zone (SQLite drops zones) through :class:`UtcDateTime`. A column that holds something
personal says so in ``info``: ``personal`` names what it is, ``kept`` how long (a test lists them all).
"""

from __future__ import annotations

from bot.database.tables.columns import RETENTION, Id, UtcDateTime, metadata, personal
from bot.database.tables.conversations import inbox, people, receipts, turns
from bot.database.tables.files import uploads
from bot.database.tables.helpdesk import absences, feedback, ratings, ticket_messages, tickets
from bot.database.tables.learning import asked, drafts
from bot.database.tables.letters import announcements, lanes, letters, windows
from bot.database.tables.registry import (
    applications,
    calls,
    changes,
    counters,
    guesses,
    history,
    institutions,
    offices,
    points,
    rendered,
    reports,
)
from bot.database.tables.staff import OFFICIAL, invites, members
from bot.database.tables.training import events, link_codes, signups, subscriptions

__all__ = [
    "OFFICIAL",
    "RETENTION",
    "Id",
    "UtcDateTime",
    "absences",
    "announcements",
    "applications",
    "asked",
    "calls",
    "changes",
    "counters",
    "drafts",
    "events",
    "feedback",
    "guesses",
    "history",
    "inbox",
    "institutions",
    "invites",
    "lanes",
    "letters",
    "link_codes",
    "members",
    "metadata",
    "offices",
    "people",
    "personal",
    "points",
    "ratings",
    "receipts",
    "rendered",
    "reports",
    "signups",
    "subscriptions",
    "ticket_messages",
    "tickets",
    "turns",
    "uploads",
    "windows",
]
