"""The register as seen through one connection: all its services, put together."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from bot.calculators.workdays import Holidays
from bot.letters import Letters
from bot.registry.applications import Applications
from bot.registry.calls import Calls
from bot.registry.changes import Changes
from bot.registry.guesses import Guesses
from bot.registry.institutions import Institutions, Offices
from bot.registry.news import News
from bot.registry.places import Gazetteer
from bot.registry.points import Points
from bot.registry.reports import Rendered, Reports
from bot.registry.review import Review
from bot.registry.standing import Standing
from bot.staff import Staff


@dataclass(frozen=True, slots=True)
class Register:
    """The services of the register."""

    gazetteer: Gazetteer
    points: Points
    institutions: Institutions
    offices: Offices
    calls: Calls
    applications: Applications
    review: Review
    standing: Standing
    changes: Changes
    rendered: Rendered
    reports: Reports
    guesses: Guesses
    news: News


def open_register(
    connection: Connection, gazetteer: Gazetteer, holidays: Holidays, points: Points, letters: Letters, staff: Staff
) -> Register:
    """The register through ``connection``; ``points`` says which points are shown there."""
    institutions, offices = Institutions(connection), Offices(connection, gazetteer)
    news = News(letters, staff, offices)
    applications = Applications(connection, institutions, offices, news)
    standing = Standing(connection, institutions, offices, holidays, news)
    rendered = Rendered(connection)
    return Register(
        gazetteer=gazetteer,
        points=points,
        institutions=institutions,
        offices=offices,
        calls=Calls(connection),
        applications=applications,
        review=Review(applications, institutions, offices, standing, points),
        standing=standing,
        changes=Changes(connection, standing, institutions, points),
        rendered=rendered,
        reports=Reports(connection, standing, points, rendered),
        guesses=Guesses(connection),
        news=news,
    )
