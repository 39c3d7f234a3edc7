"""``ipbot content export``: approved drafts as files of the content folder, to be committed where the content is kept."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from bot.build import build_engine
from bot.commands.content import read_all
from bot.database.engine import transact
from bot.helpdesk.drafts import Drafts
from bot.knowledge.additions import check_additions
from bot.settings import Settings


def export(settings: Settings, folder: Path, today: date) -> int:
    """Write every approved draft that the content does not have yet to ``folder`` (faq/topic/id.md below it).

    Prints what was written and what was not; returns 1 when a draft would not pass ``ipbot content check`` any more, or a
    file of that name has another text.
    """
    engine = build_engine(settings, settings.content)
    live = transact(engine, lambda connection: Drafts(connection).live())
    engine.dispose()
    content, _ = read_all(settings.content, today)
    wanted = {file: text for file, text in live.items() if Path(file).stem not in content.entries}
    _, problems = check_additions(content, wanted, today)
    for problem in problems:
        print(problem)
    faulty = {problem.file for problem in problems}
    written = kept = 0
    for file, text in wanted.items():
        path = folder / file
        if file in faulty:
            continue
        if path.exists() and path.read_text(encoding="utf-8") != text:
            print(f"{path} 已经有别的内容，没有改动")
            kept += 1
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        print(path)
        written += 1
    print(f"写出 {written} 条，{len(live) - len(wanted)} 条内容里已经有了，{len(faulty) + kept} 条没有写出")
    return 1 if faulty or kept else 0
