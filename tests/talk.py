"""A person who talks to the bot: ``talk.says("申报").sees("单位全称")``."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count

from bot.app import App
from bot.letters import Letter
from bot.messages import Body, Datum, Event, Message, Outcome, Person, Place, Press, Response, Text, Upload
from tests.samples import sample

_people = count(1)


class Talk:
    """One person in one channel. Each message is a new delivery, a second after the one before."""

    def __init__(
        self, app: App, now: datetime, channel: str = "terminal", limited: bool = False, carries: bool = False
    ) -> None:
        self.app = app
        self.now = now
        self.person = Person(channel, "test", f"p{next(_people)}")
        self.response = Response(Outcome.DONE)
        self._limited = limited
        self._carries = carries
        self._sent: Message | None = None
        self._messages = count(1)

    def sends(self, body: Body, key: str = "") -> Talk:
        self.now += timedelta(seconds=1)
        key = key or f"m{next(self._messages)}"
        self._sent = Message(self.person, body, key, self.now, self._limited, carries=self._carries)
        self.response = self.app.turn(self._sent)
        return self

    def again(self) -> Talk:
        """The platform delivers the last message once more."""
        assert self._sent is not None
        self.response = self.app.turn(self._sent)
        return self

    def receives(self, *words: str) -> Talk:
        """The bot has something to tell by itself (the letters that are due), with these words."""
        told = self._letters()
        assert told, "no letter waits"
        for word in words:
            assert any(word in letter.reply.text for letter in told), (
                f"{word!r} is not in {[t.reply.text for t in told]}"
            )
        self.response = Response(Outcome.ANSWER, tuple(letter.reply for letter in told))
        return self

    def receives_nothing(self) -> Talk:
        assert not (told := self._letters()), [letter.reply.text for letter in told]
        return self

    def _letters(self) -> list[Letter]:
        told: list[Letter] = []
        at = self.now + timedelta(minutes=1)  # the clocks of two people in a test are not the same
        self.app.tell(self.person.channel, [self.person.id], at, told.append)
        return told

    def says(self, text: str) -> Talk:
        return self.sends(Text(text))

    def presses(self, label: str) -> Talk:
        """Press the button of that label."""
        options = [option for reply in self.response.replies for option in reply.options if option.label == label]
        assert options, f"no button {label!r} among {self.labels}"
        return self.sends(Press(options[0].say))

    def shares(self, lat: float, lon: float, datum: Datum = Datum.WGS84) -> Talk:
        return self.sends(Place(lat, lon, datum))

    def sends_file(self, name: str, content: bytes | None = None) -> Talk:
        """Send a file (a small real one of the type that its name says), as a channel brings it: only what is wanted."""
        incoming, wanted = self.app.shelf.incoming, self.app.wanted_at_once(self.person, self.now)
        if wanted is None:
            return self.sends(Upload(name))
        with incoming.receive(wanted.at_most) as arrival:
            arrival.write(sample(name) if content is None else content)
            return self.sends(arrival.upload(name))

    def arrives(self) -> Talk:
        return self.sends(Event.ARRIVED)

    def later(self, **passed: float) -> Talk:
        self.now += timedelta(**passed)
        return self

    @property
    def text(self) -> str:
        """All that was said last."""
        return "\n".join(part for reply in self.response.replies for part in (reply.text, reply.more) if part)

    @property
    def labels(self) -> list[str]:
        return [option.label for reply in self.response.replies for option in reply.options]

    @property
    def cited(self) -> list[str]:
        return [f"{c.law} {c.article}" for reply in self.response.replies for c in reply.citations]

    def sees(self, *words: str) -> Talk:
        for word in words:
            assert word in self.text, f"{word!r} is not in {self.text!r}"
        return self

    def sees_not(self, *words: str) -> Talk:
        for word in words:
            assert word not in self.text, f"{word!r} is in {self.text!r}"
        return self

    def cites(self, *articles: str) -> Talk:
        for article in articles:
            assert article in self.cited, f"{article!r} is not in {self.cited}"
        return self

    def comes_to(self, outcome: str, intent: str | None = None, flow: str | None = None) -> Talk:
        assert self.response.outcome == outcome, f"{self.response.outcome} {self.text!r}"
        assert intent is None or self.response.intent == intent, self.response.intent
        assert self.response.flow == flow, self.response.flow
        return self
