"""The helpdesk as seen through one connection: all its services, put together."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from bot.helpdesk.feedback import Feedback
from bot.helpdesk.presence import Presence
from bot.helpdesk.ratings import Ratings
from bot.helpdesk.routing import Routing
from bot.helpdesk.talks import Talks
from bot.helpdesk.tickets import Tickets
from bot.letters import Letters
from bot.registry.hours import OfficeHours
from bot.registry.register import Register
from bot.staff import Staff


@dataclass(frozen=True, slots=True)
class Helpdesk:
    """The services of the helpdesk."""

    tickets: Tickets
    talks: Talks
    presence: Presence
    routing: Routing
    ratings: Ratings
    feedback: Feedback


def open_helpdesk(
    connection: Connection, register: Register, letters: Letters, staff: Staff, hours: OfficeHours
) -> Helpdesk:
    """The helpdesk through ``connection``."""
    presence, talks = Presence(connection), Talks(connection, letters, staff)
    routing = Routing(register.points, register.offices, staff, presence)
    return Helpdesk(
        tickets=Tickets(connection, routing, talks, hours, register.rendered),
        talks=talks,
        presence=presence,
        routing=routing,
        ratings=Ratings(connection, register.rendered),
        feedback=Feedback(connection, letters, register.news, hours),
    )
