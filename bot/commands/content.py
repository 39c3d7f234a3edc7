"""``ipbot content check``: what editors must mend."""

from __future__ import annotations

from datetime import date

from bot.knowledge.intents import read_intents
from bot.knowledge.library import read_content
from bot.registry.hours import read_hours
from bot.registry.places import read_places
from bot.settings import Settings


def check(settings: Settings, paths: list[str], today: date) -> int:
    """Print every problem (only those of the named paths, if any) and a count; returns 1 if there is one."""
    folder = settings.content
    content, problems = read_content(folder, today)
    gazetteer, found = read_places(folder)
    problems += found + read_intents(folder)[1] + read_hours(folder, gazetteer)[1]
    shown = sorted({p for p in problems if not paths or any(path.rstrip("/") in f"content/{p.file}" for path in paths)})
    for problem in shown:
        print(problem)
    print(
        f"{len(content.entries)} 条问答，{len(content.laws)} 部法律，{len(content.figures.rows)} 个金额和期限；{len(shown)} 处要改"
    )
    return 1 if shown else 0
