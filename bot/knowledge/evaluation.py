"""How well questions are answered: the rows of question files, and the score of what was said to them.

Four kinds of file (JSON Lines): questions in scope, messages out of scope, dialogues, intents.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from bot.knowledge.laws import Law
from bot.knowledge.numerals import article_numbers
from bot.knowledge.text import plain
from bot.messages import Citation, Outcome, Response

Row = Mapping[str, Any]
KINDS = ("in_scope", "out_of_scope", "followups", "intents")
_AVOIDING = {Outcome.DECLINE.value, Outcome.HANDOFF.value, Outcome.CLARIFY.value}


class BadFileError(ValueError):
    """A question file that cannot be played; the message names file, line and field."""


def read_rows(path: Path) -> tuple[str, list[Row]]:
    """The kind of a file, told from its rows, and the rows. Raises BadFileError."""
    rows: list[Row] = []
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadFileError(f"{path}: cannot be read ({error})") from error
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise BadFileError(f"{path}:{number}: not JSON ({error})") from error
        rows.append(row)
    kinds = {_kind(row) for row in rows}
    if len(kinds) != 1 or None in kinds:
        raise BadFileError(
            f"{path}: expected rows of one kind (question, message + expect, turns, or text + intent), found {kinds}"
        )
    kind = kinds.pop()
    assert kind is not None
    return kind, rows


def _kind(row: Row) -> str | None:
    if "turns" in row:
        return "followups"
    if "question" in row:
        return "in_scope"
    if "message" in row and "expect" in row:
        return "out_of_scope"
    return "intents" if "text" in row and "intent" in row else None


def normal(text: str) -> str:
    """``text`` as the patterns expect it: one width, simplified, no commas inside numbers."""
    return re.sub(r"(?<=\d),(?=\d)", "", plain(unicodedata.normalize("NFKC", text)))


def has_facts(row: Row, text: str) -> bool:
    flat = normal(text)
    return all(re.search(pattern, flat) or re.search(pattern, text) for pattern in row["must_match"])


def has_cited(row: Row, citations: Iterable[Citation], laws: Mapping[str, Law]) -> bool:
    """Whether one of the wanted articles is among the citations; a row that wants none is content with any source."""
    citations = list(citations)
    if row["must_cite"] is None:
        return bool(citations)
    for wanted in (row["must_cite"], *row.get("alt_cite", ())):
        short, article = wanted.rsplit(" ", 1)
        law = laws.get(short)
        names = {short, law.name, *law.aliases} if law else {short}
        for c in citations:
            if c.law in names and c.article and article_numbers(c.article)[:1] == article_numbers(article)[:1]:
                return True
    return False


def due(row: Row, day: date) -> Row:
    """The row as it is to be scored on ``day`` (an answer may change with a law)."""
    if row.get("changes_on") and day >= date.fromisoformat(row["changes_on"]):
        if "after" in row:
            return {**row, **row["after"]}
        return {**row, "must_cite": None}
    return row


@dataclass(frozen=True, slots=True)
class Miss:
    """A row that did not go well: which, what was said, and what was wanted."""

    id: str
    asked: str
    why: str


@dataclass
class Score:
    """Counts over one file. ``bands`` holds, for each tenth of confidence, how many answers were given and right."""

    kind: str
    total: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    misses: list[Miss] = field(default_factory=list)
    bands: dict[int, list[int]] = field(default_factory=dict)

    def share(self, name: str, of: str | None = None) -> float:
        whole = self.counts[of] if of else self.total
        return self.counts[name] / whole if whole else 0.0

    def values(self) -> dict[str, float]:
        """The figures by name, as printed on the last line."""
        match self.kind:
            case "in_scope":
                names = ("right", "right_and_cited", "offered", "refused", "wrong")
                return {"questions": self.total, **{name: self.share(name) for name in names}}
            case "out_of_scope":
                return {"messages": self.total, "handled": self.share("handled"), "answered": self.share("answered")}
            case "followups":
                return {
                    "dialogues": self.total,
                    "turns_right": self.share("turns_right", "turns"),
                    "later_turns_right": self.share("later_right", "later"),
                    "dialogues_right": self.share("dialogues_right"),
                }
            case _:
                found, wanted, common = (self.counts[n] for n in ("slots_found", "slots_wanted", "slots_common"))
                f1 = 2 * common / (found + wanted) if found + wanted else 1.0
                return {"sentences": self.total, "intents_right": self.share("right"), "slots_f1": f1}


def body(response: Response) -> str:
    """All that was said as the answer, without labels of buttons."""
    return "\n".join(part for reply in response.replies for part in (reply.text, reply.more) if part)


def citations(response: Response) -> list[Citation]:
    return [c for reply in response.replies for c in reply.citations]


def score_question(
    row: Row,
    response: Response,
    offered: Sequence[tuple[str, Sequence[Citation]]],
    score: Score,
    laws: Mapping[str, Law],
) -> bool:
    """Count one question in scope. ``offered`` are text and citations of the entries that were offered to choose from."""
    text, cited = body(response), citations(response)
    score.total += 1
    answered = response.outcome is Outcome.ANSWER
    facts = answered and has_facts(row, text)
    fine = facts and has_cited(row, cited, laws)
    if answered:
        band = score.bands.setdefault(min(9, int((response.confidence or 0) * 10)), [0, 0])
        band[0] += 1
        band[1] += fine
    if facts:
        score.counts["right"] += 1
    if fine:
        score.counts["right_and_cited"] += 1
        return True
    if response.outcome is Outcome.CLARIFY and any(
        has_facts(row, text) and has_cited(row, cited, laws) for text, cited in offered
    ):
        score.counts["offered"] += 1
        why = "offered"
    elif answered and not facts:
        score.counts["wrong"] += 1
        why = f"wrong: {response.entry}"
    elif answered:
        why = f"cited otherwise: {response.entry}"
    else:
        score.counts["refused"] += 1
        why = f"{response.outcome.value}: {', '.join(response.entries)}"
    score.misses.append(
        Miss(row.get("id", ""), row["question"], f"{why} | wanted {row['must_cite']} {row['must_match']}")
    )
    return False


def score_message(row: Row, response: Response, score: Score) -> None:
    """Count one message out of scope."""
    score.total += 1
    allowed = {row["expect"], *row.get("also_ok", ())}
    if row["expect"] in _AVOIDING:
        allowed |= _AVOIDING
    text = body(response)
    cited = bool(citations(response))
    if cited and response.outcome is Outcome.ANSWER:
        score.counts["answered"] += 1
    bad = [p for p in row.get("must_not_match", ()) if re.search(p, text)]
    if response.outcome.value in allowed and not cited and not bad:
        score.counts["handled"] += 1
    else:
        score.misses.append(
            Miss(
                row.get("id", ""),
                row["message"],
                f"{response.outcome.value} {response.entry or ''} {bad or ''} | wanted {row['expect']}",
            )
        )


def score_dialogue(row: Row, responses: Sequence[Response], score: Score, laws: Mapping[str, Law]) -> None:
    """Count one dialogue."""
    score.total += 1
    whole = True
    for number, (turn, response) in enumerate(zip(row["turns"], responses, strict=True)):
        fine = (
            response.outcome is Outcome.ANSWER
            and has_facts(turn, body(response))
            and has_cited(turn, citations(response), laws)
        )
        score.counts["turns"] += 1
        score.counts["turns_right"] += fine
        if number:
            score.counts["later"] += 1
            score.counts["later_right"] += fine
        if not fine:
            whole = False
            wanted = f"{turn['must_cite']} {turn['must_match']}"
            understood = response.understood or ""
            score.misses.append(
                Miss(
                    f"{row.get('id', '')}#{number + 1}",
                    turn["user"],
                    f"{response.outcome.value} {response.entry or ','.join(response.entries)} ({understood}) | wanted {wanted}",
                )
            )
    score.counts["dialogues_right"] += whole


def score_intent(row: Row, response: Response, score: Score) -> None:
    """Count one sentence with its intent and slots."""
    score.total += 1
    allowed = {row["intent"], *row.get("also_ok", ())}
    fine = response.intent in allowed or ("answer" in allowed and response.outcome is Outcome.ANSWER)
    score.counts["right"] += fine
    wanted = {(k, str(v)) for k, v in row.get("slots", {}).items() if v is not None}
    found = {(k, str(v)) for k, v in response.slots.items() if v is not None}
    score.counts["slots_wanted"] += len(wanted)
    score.counts["slots_found"] += len(found)
    score.counts["slots_common"] += len(wanted & found)
    if not fine:
        score.misses.append(Miss(row.get("id", ""), row["text"], f"{response.intent} | wanted {row['intent']}"))
    elif wanted != found:
        score.misses.append(Miss(row.get("id", ""), row["text"], f"slots {sorted(found)} | wanted {sorted(wanted)}"))
