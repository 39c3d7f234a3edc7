"""A response as JSON: what the JSON chat prints and what is stored of a turn, and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from bot.messages import Citation, Datum, File, FileWanted, Link, Option, Outcome, Reply, Response, Spot

BUTTONS_A_ROW = 2


def reply_to_json(reply: Reply) -> dict[str, Any]:
    """One bubble in the form that the README documents under *The JSON chat*."""
    buttons: list[dict[str, str]] = [{"label": o.label, "press": o.say} for o in reply.options]
    buttons += [{"label": link.label, "url": link.url} for link in reply.links]
    return {
        "text": reply.text,
        "more": reply.more or None,
        "citations": [
            {
                "law": c.law,
                "article": c.article,
                "status": c.status,
                "in_force": c.in_force,
                "checked": c.checked,
                "url": c.url,
            }
            for c in reply.citations
        ],
        "buttons": [buttons[i : i + BUTTONS_A_ROW] for i in range(0, len(buttons), BUTTONS_A_ROW)],
        "places": [
            {"name": p.name, "distance_km": p.distance_km, "lat": p.lat, "lon": p.lon, "datum": p.datum.value}
            for p in reply.places
        ],
        "file": asdict(reply.file) if reply.file else None,
        "asks_location": reply.asks_location,
        "asks_file": asdict(reply.asks_file) if reply.asks_file else None,
    }


def reply_from_json(value: Mapping[str, Any]) -> Reply:
    buttons = [button for row in value["buttons"] for button in row]
    return Reply(
        text=value["text"],
        more=value["more"] or "",
        citations=tuple(Citation(**c) for c in value["citations"]),
        options=tuple(Option(b["label"], b["press"]) for b in buttons if "press" in b),
        links=tuple(Link(b["label"], b["url"]) for b in buttons if "url" in b),
        places=tuple(Spot(p["name"], p["distance_km"], p["lat"], p["lon"], Datum(p["datum"])) for p in value["places"]),
        file=File(**value["file"]) if value["file"] else None,
        asks_location=value.get("asks_location", False),
        asks_file=_wanted(value.get("asks_file")),
    )


def _wanted(value: Mapping[str, Any] | None) -> FileWanted | None:
    return FileWanted(tuple(value["types"]), value["at_most"], value["token"]) if value else None


def shown(response: Mapping[str, Any], file: Callable[[File], Mapping[str, str]]) -> dict[str, Any]:
    """A response in JSON as it leaves the product: without tokens, and of a file what ``file`` tells."""
    replies = []
    for reply in response["replies"]:
        given, wanted = reply["file"], reply.get("asks_file")
        replies.append(
            {
                **reply,
                "file": dict(file(File(**given))) if given else None,
                "asks_file": {"types": list(wanted["types"]), "at_most": wanted["at_most"]} if wanted else None,
            }
        )
    return {**response, "replies": replies}


def to_json(response: Response) -> dict[str, Any]:
    """The response without the fields that only a channel knows (``user``, ``elapsed_ms``)."""
    return {
        "intent": response.intent,
        "slots": dict(response.slots),
        "outcome": response.outcome.value,
        "entry": response.entry,
        "entries": list(response.entries),
        "confidence": response.confidence,
        "understood": response.understood,
        "flow": response.flow,
        "notice": response.notice,
        "page": response.page,
        "replies": [reply_to_json(reply) for reply in response.replies],
    }


def from_json(value: Mapping[str, Any]) -> Response:
    """The reverse of :func:`to_json`."""
    return Response(
        outcome=Outcome(value["outcome"]),
        replies=tuple(reply_from_json(r) for r in value["replies"]),
        intent=value["intent"],
        slots=value["slots"],
        entry=value["entry"],
        entries=tuple(value["entries"]),
        confidence=value["confidence"],
        understood=value["understood"],
        flow=value["flow"],
        notice=value["notice"],
        page=value.get("page", 1),
    )
