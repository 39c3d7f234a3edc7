"""One turn: what was meant, who answers, what to remember. No input or output, no clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from bot.desk import Desk
from bot.dispatch_forms import Filling, Limits, Turned
from bot.flow import said, tokens
from bot.handlers import ARRIVED, ENTRY, FORMS, MORE, QUESTION, ROUTES, SERVING, SHARED_PLACE, TALKING, TALKS
from bot.handlers.commands import alike, chosen, find
from bot.handlers.data import forget
from bot.handlers.replies import offers
from bot.handlers.slots import read_slots
from bot.knowledge.clauses import clauses, is_question, sentences
from bot.knowledge.intents import OUTSIDE, Rule, Stage
from bot.messages import Body, Event, FileWanted, Option, Outcome, Place, Press, Reply, Response, Text, Upload
from bot.people import Known
from bot.responses import from_json
from bot.routes import Begin, Route, Said, say

LONGEST = 500
CANCEL = ("取消", "退出", "算了", "不办了", "结束", "/cancel", "cancel")
NEXT_PAGE = "继续"
UNFOLD = ("更多", "/more")
BACK = ("上一步", "返回上一步", "回上一步", "/back")
_COURTESIES = ("greet", "cancel", "help", "menu")  # words around a wish, no wishes
_NEAR = 0.6  # what does not come this close to a question of the library may lie outside
_SAME = 0.75  # what comes this close to a question of the library is that question
_ALIKE, _VERY_ALIKE = 0.25, 0.4  # likeness to an example that tells a service, where no or several entries are near
_STORY = 4  # clauses that make a message a story
_SETTLED = 0.8  # an answer that is less sure gives way to a likely service
RESTART = ("从头填", "重新填", "/restart")


def respond(body: Body, known: Known, desk: Desk, limits: Limits) -> Turned:
    """Answer one message of a known person."""
    return _Turning(known, desk, limits).respond(body)


def wanted_file(known: Known, desk: Desk) -> FileWanted | None:
    """What file the form of a person waits for, so that a channel fetches nothing else."""
    return Filling(known, desk, Limits(0)).wanted_file()


class _Turning(Filling):
    """One turn: which words mean what."""

    def respond(self, body: Body) -> Turned:
        if self._talk.ticket and (turned := self._talking(body)):
            return turned
        match body:
            case Event.LEFT:
                forget(self._id, self._desk)
                return Turned(Response(Outcome.DONE, intent="delete_data"), self._talk)
            case Event.ARRIVED:
                return self._tell(ARRIVED(self._turn(""), self._desk), "greet")
            case Event.UNSUPPORTED | Event():
                return self._tell(
                    say("这种消息我还看不了，请用文字说；找网点可以发送位置。", Outcome.CLARIFY), "consult"
                )
            case Upload():
                return self._serving(body) or self._upload(body)
            case Place():
                return self._form(body) or self._begin(SHARED_PLACE(body), "nearest_point")
            case Text() | Press():
                return self._words(body)

    def _talking(self, body: Body) -> Turned | None:
        """While a person talks with who asks, the bot is silent: what is said goes to that person.

        Forms and options from before the talk are put aside when it begins; those that 菜单 brought in it are the bot's.
        """
        talks = TALKS(self._turn(""), self._desk)
        if talks and not self._talk.talking:
            while self._talk.form:
                self._talk = self._talk.shelve()
            self._talk = replace(self._talk, options=())
        self._talk = replace(self._talk, talking=talks)
        if not talks or self._talk.form or body in (Event.LEFT, Event.ARRIVED):
            return None
        if isinstance(body, Text) and (pressed := chosen(body.text.strip(), self._talk.options)):
            body = Press(pressed)
        came = TALKING(self._turn(said(body) or ""), body, self._desk)
        return None if came is None else self._tell(came, "human")

    def _serving(self, body: Body) -> Turned | None:
        """What a member of staff types while they answer a ticket goes to the person who asked."""
        if not self._talk.serving or self._talk.form:
            return None
        came = SERVING(self._turn(said(body) or ""), body, self._desk)
        return None if came is None else self._tell(came, "staff")

    def _words(self, body: Text | Press) -> Turned:
        words = (said(body) or "").strip()
        if isinstance(body, Text) and not self._takes_number():
            words = chosen(words, self._talk.options) or words
        if len(words) > LONGEST:
            return self._tell(
                say(f"太长了，一次请不超过 {LONGEST} 个字。先说最想问的一件事吧。", Outcome.CLARIFY), "consult"
            )
        came = self._arrived()
        if came and words.lower() == NEXT_PAGE:
            return self._take(came)
        if turned := self._command(words) or (self._serving(body) if isinstance(body, Text) else None):
            return turned
        if turned := self._service(words, Stage.URGENT):
            return turned
        if came and not self._accepts(words) and not self._asks(words):
            return self._take(came)
        if turned := self._form(type(body)(words)):
            return turned
        return self._free(words)

    def _command(self, words: str) -> Turned | None:
        """A word that works everywhere: 取消, 上一步, an entry, a command of the table."""
        lower = words.lower()
        if lower in CANCEL and (self._talk.form or lower in CANCEL[:2] or lower.startswith("/")):
            return self._cancel()
        if lower in BACK and self._talk.form:
            return self._back()
        if lower in RESTART and self._talk.form and (kind := FORMS.get(self._talk.form.form)):
            self._desk.uploads.discard(tokens(self._talk.form.answers))
            return self._advance(kind, replace(self._talk.form, answers=()), words)
        if words.startswith("#"):
            return self._tell(ENTRY(self._turn(words), self._desk), "consult")
        if lower == NEXT_PAGE and self._limits.paged:
            return self._read_on()
        if lower in UNFOLD or lower == NEXT_PAGE:
            return self._tell(MORE(self._turn(words), self._desk), "consult")
        if (found := find(words, ROUTES)) and not self._accepts(words):
            route, argument = found
            return self._run(route, words, argument, read_slots(route.intent, words, self._desk))
        return None

    def _free(self, words: str) -> Turned:
        """Anything else that was typed: a boundary, a service, a slip in a command, a question."""
        asked = tuple(t for t in self._talk.asked if t > self._desk.now.timestamp() - 60)
        if self._limits.questions_a_minute and len(asked) >= self._limits.questions_a_minute:
            self._talk = replace(self._talk, asked=asked)
            return self._tell(
                say("您问得有点快，请过一分钟再问，我一直在。菜单里的按钮现在也能用。", Outcome.CLARIFY), "consult"
            )
        self._talk = replace(self._talk, asked=(*asked, self._desk.now.timestamp()))
        turned = self._service(words, Stage.FIRST) or self._beside(words) or self._last(words)
        turned = turned or self._service(words, Stage.SERVICE)
        if turned is None and (close := alike(words, ROUTES)):
            options = tuple(Option(command, command) for command in close)
            turned = self._tell(say(Reply("您是不是想说：", options=options), Outcome.CLARIFY), "consult")
        if turned is None:
            came = QUESTION(self._turn(words), self._desk)
            turned = self._outside(words) if _is_settled(came) else self._likely(words, came)
            turned = turned or self._tell(came, "consult")
        return replace(turned, free=True)

    def _service(self, words: str, *stages: Stage) -> Turned | None:
        """A boundary or a service that a rule of ``stages`` names."""
        rule = self._desk.intents.match(words, *stages)
        return self._follow(rule, words) if rule else None

    def _outside(self, words: str) -> Turned | None:
        """A boundary for words that only happen to be near a question of the library: they stand alone and hold no word
        of the field, or are most like an example of what lies outside.
        """
        hits = self._desk.library.hits(words, self._desk.day)
        if self._talk.question or not hits or hits[0].score >= _SAME:
            return None
        if turned := self._service(words, Stage.ALONE):
            return turned
        like = self._desk.intents.liken(words) if hits[0].score < _NEAR else None
        if like is None or like.intent != OUTSIDE or like.closeness < _ALIKE:
            return None
        return self._tell(_boundary(self._desk.intents.outside, self._desk), "consult")

    def _likely(self, words: str, came: Said) -> Turned | None:
        """A service that words may want which the library does not answer for sure: by a rule, else by example."""
        if turned := self._service(words, Stage.SOFT):
            return turned
        like = self._desk.intents.liken(words)
        enough = _ALIKE if came.outcome is Outcome.DECLINE else _VERY_ALIKE
        if like and not like.asks and like.intent not in (OUTSIDE, "consult") and like.closeness >= enough:
            return self._want(like.intent, words)
        return self._outside(words) if came.outcome is Outcome.ANSWER else None

    def _last(self, words: str) -> Turned | None:
        """The service that a story ends with: what its last clause asks for, with what the clauses before it name."""
        parts = clauses(words)
        if len(parts) < _STORY:
            return None
        for end in (len(parts), len(parts) - 1):
            rule = self._desk.intents.match(parts[end - 1], Stage.SERVICE)
            if rule is None or rule.intent not in _COURTESIES:
                break
        if rule is None:
            return None
        told = (parts[end - 1], " ".join(parts[end - 2 : end]), words)
        text = next((text for text in told if read_slots(rule.intent, text, self._desk)), words)
        return self._follow(rule, text, read_slots(rule.intent, words, self._desk))

    def _beside(self, words: str) -> Turned | None:
        """A service and a question in one message: the question is answered, and the service begins after it."""
        parts = sentences(words)
        rules = {part: self._desk.intents.match(part, Stage.SERVICE) for part in parts if len(parts) > 1}
        rule = next((rule for rule in rules.values() if rule and rule.intent not in _COURTESIES), None)
        question = next((part for part, rule in rules.items() if rule is None and is_question(part)), None)
        if rule is None or question is None:
            return None
        answer = QUESTION(self._turn(question), self._desk)
        if not _is_settled(answer):
            return None
        service = self._follow(rule, next(part for part, found in rules.items() if found is rule))
        if service is None or service.response.flow:
            return service and self._tell(answer, "consult")
        return self._tell(replace(answer, replies=(*answer.replies, *service.response.replies)), "consult")

    def _follow(self, rule: Rule, words: str, named: Mapping[str, object] = MappingProxyType({})) -> Turned | None:
        """Do what a rule says; ``named`` are slots from around ``words``."""
        if rule.reply is not None:
            return self._tell(_boundary(rule, self._desk), rule.intent)
        return self._want(rule.intent, words, named)

    def _want(self, intent: str, words: str, named: Mapping[str, object] = MappingProxyType({})) -> Turned | None:
        """Do what an intent is for; None for one that only asks."""
        if intent == "cancel":
            return self._cancel()
        route = next((route for route in ROUTES if route.intent == intent), None)
        if route is None:
            return None
        return self._run(route, words, "", {**named, **read_slots(intent, words, self._desk)})

    def _run(self, route: Route, words: str, argument: str, slots: dict[str, object]) -> Turned:
        turn = self._turn(words, argument, slots)
        came = route.handler(turn, self._desk)
        if isinstance(came, Begin):
            return self._begin(came, route.intent, slots)
        return self._tell(came, route.intent, slots)

    def _read_on(self) -> Turned:
        """The last response again, from its next page on (a channel that cuts long texts shows that)."""
        last = self._desk.people.last(self._id)
        if last is None:
            return self._tell(say("没有要接着读的内容。直接问我吧。", Outcome.CLARIFY), "consult")
        response = from_json(last)
        return Turned(replace(response, page=response.page + 1), self._talk)


def _is_settled(came: Said) -> bool:
    """Whether a question was answered for sure, or in the context of the last one."""
    return came.outcome is Outcome.ANSWER and (came.understood is not None or (came.confidence or 0.0) >= _SETTLED)


def _boundary(rule: Rule, desk: Desk) -> Said:
    """The fixed reply of a rule."""
    return Said((Reply(rule.reply or "", options=offers(rule.offer, desk)),), rule.outcome)
