"""The forms of one turn: what waits, what answers it, what is asked next; and what a turn came to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.conversation import Conversation, Waiting
from bot.desk import Desk, Turn
from bot.flow import Asking, Finished, Refused, play, record, said, tokens
from bot.handlers import FORMS, TALK_FILES
from bot.handlers.files import arrived, linked, not_wanted
from bot.knowledge.clauses import is_question
from bot.knowledge.intents import Stage
from bot.knowledge.library import Sure
from bot.messages import Body, FileWanted, Outcome, Reply, Response, Upload
from bot.people import Known
from bot.privacy import mask
from bot.routes import Begin, FormKind, Said, say

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


class Filling:
    """The state of one turn while it is worked out, and the forms in it."""

    def __init__(self, known: Known, desk: Desk, limits: Limits) -> None:
        self._id = known.id
        self._noticed = known.noticed
        self._desk = desk
        self._limits = limits
        self._talk = known.conversation

    def wanted_file(self) -> FileWanted | None:
        """What file the form waits for."""
        asking = self._asking()
        if asking is None and (self._talk.ticket or self._talk.serving):
            return TALK_FILES
        return None if asking is None else asking[1].question.takes_file

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
                came = replace(came, confidential=came.confidential or kind.confidential)
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
            if came.outcome is not Outcome.FLOW and replies:  # who is silent asks nothing either
                replies = (*replies, state.question.show())
        if asking is not None and not self._limits.files:
            replies = [linked(reply, self._id, *asking, self._desk) for reply in replies]
        if came.ticket is not None or came.serving is not None:
            ticket, serving = came.ticket, came.serving
            self._talk = replace(
                self._talk,
                ticket=self._talk.ticket if ticket is None else ticket,
                serving=self._talk.serving if serving is None else serving,
            )
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
            confidential=came.confidential or (asking is not None and asking[0].confidential),
        )
        return Turned(response, self._talk)
