"""One turn: what was meant, who answers, what to remember. No input or output, no clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from bot.conversation import Conversation, Waiting
from bot.desk import Desk, Turn
from bot.flow import Asking, Finished, Refused, play, record, said, tokens
from bot.handlers import ARRIVED, ENTRY, FORMS, MORE, QUESTION, ROUTES, SHARED_PLACE
from bot.handlers.commands import alike, chosen, find
from bot.handlers.data import forget
from bot.handlers.files import arrived, linked, not_wanted
from bot.handlers.replies import offers
from bot.handlers.slots import read_slots
from bot.knowledge.clauses import clauses, is_question, sentences
from bot.knowledge.intents import OUTSIDE, Rule, Stage
from bot.knowledge.library import Sure
from bot.messages import Body, Event, FileWanted, Option, Outcome, Place, Press, Reply, Response, Text, Upload
from bot.people import Known
from bot.privacy import mask
from bot.responses import from_json
from bot.routes import Begin, FormKind, Route, Said, say

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
_SHORT_NUMBER = 4  # digits; longer ones may be the number of a patent or a trademark
_INTERRUPTS = 0.8  # a question that is answered with this confidence is no answer to an open question of a form


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one person may ask: free questions in a minute (0: no limit); the rest as the message says."""

    questions_a_minute: int
    paged: bool = False
    files: bool = True
    private: bool = True


@dataclass(frozen=True, slots=True)
class Turned:
    """What came of a turn: the response, what to remember, and whether it was a free question."""

    response: Response
    conversation: Conversation
    free: bool = False


def respond(body: Body, known: Known, desk: Desk, limits: Limits) -> Turned:
    """Answer one message of a known person."""
    return _Turning(known, desk, limits).respond(body)


def wanted_file(known: Known, desk: Desk) -> FileWanted | None:
    """What file the form of a person waits for, so that a channel fetches nothing else."""
    asking = _Turning(known, desk, Limits(0))._asking()
    return None if asking is None else asking[1].question.takes_file


class _Turning:
    """The state of one turn while it is worked out."""

    def __init__(self, known: Known, desk: Desk, limits: Limits) -> None:
        self._id = known.id
        self._noticed = known.noticed
        self._desk = desk
        self._limits = limits
        self._talk = known.conversation

    def respond(self, body: Body) -> Turned:
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
                return self._upload(body)
            case Place():
                return self._form(body) or self._begin(SHARED_PLACE(body), "nearest_point")
            case Text() | Press():
                return self._words(body)

    # -- words ---------------------------------------------------------------------------------------------

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
        if turned := self._command(words) or self._service(words, Stage.URGENT):
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

    # -- files ---------------------------------------------------------------------------------------------

    def _upload(self, upload: Upload) -> Turned:
        asking = self._asking()
        if asking is None:
            return self._tell(not_wanted(), "consult")
        kind, state = asking
        if state.question.takes_file and not self._limits.files:
            reply = state.question.show(f"“{upload.name}”在这里取不到。")
            return self._tell(Said((reply,), Outcome.FLOW), kind.intent)
        return self._given(upload)

    def _given(self, upload: Upload) -> Turned:
        """A file is the answer, good or not."""
        turned = self._form(upload)
        assert turned is not None
        return turned

    def _arrived(self) -> Upload | None:
        asking = None if self._limits.files else self._asking()
        return None if asking is None else arrived(self._id, *asking, self._desk)

    def _take(self, upload: Upload) -> Turned:
        """What came by a link is the answer."""
        self._desk.uploads.take(upload, self._desk.now)
        return self._given(upload)

    def _asks(self, words: str) -> bool:
        """Whether words said after an upload want something of their own: “好了” and “谢谢” do not."""
        rule = self._desk.intents.match(words, Stage.FIRST, Stage.SERVICE)
        return self._means_something(words) and (rule is None or rule.intent != "greet")

    # -- forms ---------------------------------------------------------------------------------------------

    def _asking(self) -> tuple[FormKind, Asking] | None:
        """The innermost open form and the question it waits at."""
        while waiting := self._talk.form:
            kind = FORMS.get(waiting.form)
            if kind is not None:
                state = play(kind.start(self._desk, waiting.given), waiting.answers)
                if isinstance(state, Asking):
                    return kind, state
            self._talk = self._talk.leave()  # a form of an earlier release
        return None

    def _takes_number(self) -> bool:
        asking = self._asking()
        return asking is not None and asking[1].question.takes_number

    def _accepts(self, words: str) -> bool:
        """Whether the waiting question takes exactly these words as its answer."""
        asking = self._asking()
        return asking is not None and any(words == option.say for option in asking[1].question.options)

    def _form(self, body: Body) -> Turned | None:
        """Give the message to the form that waits; None when it is no answer and the rest should look at it."""
        asking = self._asking()
        if asking is None:
            return None
        kind, state = asking
        words = said(body)
        if words is not None and state.question.open and is_question(words):
            found = self._desk.library.search(words, self._desk.day)
            if isinstance(found, Sure) and found.confidence >= _INTERRUPTS:
                return None
        value = state.question.read(body)
        if not isinstance(value, Refused):
            return self._answered(kind, state, body, words or "")
        if words is None or self._accepts(words) or not self._means_something(words):
            reply = state.question.show(value.why)
            return self._tell(Said((reply,), Outcome.FLOW), kind.intent)
        return None

    def _means_something(self, words: str) -> bool:
        """Whether words that a form refused are worth answering by themselves; a short number is not."""
        if words.isdecimal() and len(words) <= _SHORT_NUMBER:
            return False
        if self._desk.intents.match(words, Stage.FIRST, Stage.SERVICE):
            return True
        return isinstance(self._desk.library.search(words, self._desk.day), Sure)

    def _answered(self, kind: FormKind, state: Asking, body: Body, words: str) -> Turned:
        waiting = self._talk.form
        assert waiting is not None
        if isinstance(body, Upload) and not body.token:
            body = self._desk.uploads.keep(self._id, kind.name, len(state.answers), body, self._desk.now)
        answers = (*state.answers, record(body))
        return self._advance(kind, replace(waiting, answers=answers), words)

    def _advance(self, kind: FormKind, waiting: Waiting, words: str, slots: dict[str, object] | None = None) -> Turned:
        """Play the form on; ask its next question or finish it."""
        state = play(kind.start(self._desk, waiting.given), waiting.answers)
        match state:
            case Asking(question, answers):
                self._talk = self._talk.wait(replace(waiting, answers=answers))
                return self._tell(Said((question.show(),), Outcome.FLOW), kind.intent, slots)
            case Finished(value):
                self._talk = self._talk.finish(kind.name)
                came = kind.finish(self._turn(words), self._desk, waiting.given, value)
                if kind.lasting and came.outcome is Outcome.DECLINE:  # nothing that was filled in is lost
                    self._talk = self._talk.wait(replace(waiting, answers=waiting.answers[:-1])).shelve()
                else:
                    self._desk.uploads.close(self._id, kind.name)
                return self._tell(came, kind.intent, slots)

    def _begin(self, begin: Begin, intent: str, slots: dict[str, object] | None = None) -> Turned:
        """Open a form; one that has all it wants finishes at once."""
        kind = FORMS[begin.form]
        begun = Waiting(begin.form, begin.given)
        kept = self._talk.kept(begun) if kind.lasting else None
        turned = self._advance(kind, kept or begun, "", slots)
        if kept is None or turned.response.flow != kind.name:
            return turned
        told = Reply(f"接着上次的填，已填 {len(kept.answers)} 项。要从头填，请说“从头填”。")
        return replace(turned, response=replace(turned.response, replies=(told, *turned.response.replies)))

    def _cancel(self) -> Turned:
        waiting = self._talk.form
        if waiting is None:
            return self._tell(say("现在没有正在办理的事。想问什么直接说。", Outcome.DONE), "cancel")
        title = FORMS[waiting.form].title if waiting.form in FORMS else "办理"
        if waiting.answers and waiting.form in FORMS and FORMS[waiting.form].lasting:
            self._talk = self._talk.shelve()
            return self._tell(
                say(f"“{title}”先停在这里，填好的 {len(waiting.answers)} 项都存着，回来时接着填。", Outcome.DONE),
                "cancel",
            )
        self._talk = self._talk.leave()
        self._desk.uploads.close(self._id, waiting.form)
        return self._tell(say(f"已取消“{title}”，没有保存任何内容。", Outcome.DONE), "cancel")

    def _back(self) -> Turned:
        asking = self._asking()
        waiting = self._talk.form
        if asking is None or waiting is None:
            return self._cancel()
        kind, state = asking
        if not state.answers:
            return self._tell(Said((state.question.show("已经是第一步了。"),), Outcome.FLOW), kind.intent)
        self._desk.uploads.discard(tokens(state.answers[-1:]))
        return self._advance(kind, replace(waiting, answers=state.answers[:-1]), "")

    # -- the response --------------------------------------------------------------------------------------

    def _turn(self, words: str, argument: str = "", slots: dict[str, object] | None = None) -> Turn:
        return Turn(self._id, words, self._talk, argument, slots, self._limits.private)

    def _tell(self, came: Said, intent: str, slots: dict[str, object] | None = None) -> Turned:
        """Make the response: what was said, and the waiting form's question after it."""
        replies: Sequence[Reply] = came.replies
        flow = None
        asking = self._asking()
        if asking is not None:
            kind, state = asking
            flow = kind.name
            if came.outcome is not Outcome.FLOW:
                replies = (*replies, state.question.show())
        if asking is not None and not self._limits.files:
            replies = [linked(reply, self._id, *asking, self._desk) for reply in replies]
        options = tuple(option for reply in replies for option in reply.options)
        self._talk = replace(self._talk, options=options)
        if came.question and came.entries:  # answered, or offered: the likeliest is what a short question goes on from
            self._talk = replace(self._talk, entry=came.entry or came.entries[0], question=mask(came.question))
        response = Response(
            outcome=came.outcome,
            replies=tuple(replies),
            intent=came.intent or intent,
            slots={k: mask(v) if isinstance(v, str) else v for k, v in {**(slots or {}), **came.slots}.items()},
            entry=came.entry,
            entries=came.entries,
            confidence=None if came.confidence is None else round(came.confidence, 3),
            understood=came.understood,
            flow=flow,
        )
        return Turned(response, self._talk)


def _is_settled(came: Said) -> bool:
    """Whether a question was answered for sure, or in the context of the last one."""
    return came.outcome is Outcome.ANSWER and (came.understood is not None or (came.confidence or 0.0) >= _SETTLED)


def _boundary(rule: Rule, desk: Desk) -> Said:
    """The fixed reply of a rule."""
    return Said((Reply(rule.reply or "", options=offers(rule.offer, desk)),), rule.outcome)
