"""Figures of the delivery for Prometheus: what waits, how far announcements are, what became of this process's letters."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from sqlalchemy import Connection, func, select

from bot.database.tables import letters
from bot.delivery.lane import Lane
from bot.letters import State
from bot.training.announcements import Announcements, Stage

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_UNDER_WAY = (
    State.WAITING,
    State.SENDING,
)  # both have an index of their own: they are counted without reading the rest


class DeliveryFigures:
    """The lanes of this process, and the letters that all processes share."""

    def __init__(self, lanes: Sequence[Lane]) -> None:
        self._lanes = lanes

    def read(self, connection: Connection) -> bytes:
        """All figures in Prometheus' text format."""
        registry = CollectorRegistry()
        registry.register(_Once([*self._of_letters(connection), *self._of_announcements(connection), self._of_lanes()]))
        return generate_latest(registry)

    def _of_letters(self, connection: Connection) -> Iterable[Metric]:
        found = GaugeMetricFamily("ipbot_letters", "Letters under way, of all processes", labels=["channel", "state"])
        for state in _UNDER_WAY:
            rows = (
                select(letters.c.channel, func.count())
                .where(letters.c.state == state.value)
                .group_by(letters.c.channel)
            )
            for channel, count in connection.execute(rows):
                found.add_metric([channel, state.value], count)
        yield found

    def _of_announcements(self, connection: Connection) -> Iterable[Metric]:
        found = GaugeMetricFamily(
            "ipbot_announcement_letters",
            "Letters of announcements that run or are paused",
            labels=["announcement", "state"],
        )
        announcements = Announcements(connection)
        for one in announcements.latest(50, Stage.RUNNING, Stage.PAUSED):
            for state, count in sorted(announcements.progress(one.id).counts.items()):
                found.add_metric([str(one.id), state.value], count)
        yield found

    def _of_lanes(self) -> Metric:
        found = CounterMetricFamily(
            "ipbot_letters_settled", "What became of the letters this process sent", labels=["channel", "outcome"]
        )
        for lane in self._lanes:
            for outcome, count in sorted(lane.counts.items()):
                found.add_metric([lane.name, outcome], count)
        return found


class _Once:
    """Figures that were read, in the form a registry collects."""

    def __init__(self, found: Sequence[Metric]) -> None:
        self._found = found

    def collect(self) -> Sequence[Metric]:
        return self._found
