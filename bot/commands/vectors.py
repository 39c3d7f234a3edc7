"""``ipbot content vectors``: makes what the semantic stage compares questions with, as far as it is missing."""

from __future__ import annotations

import sys
import time
from datetime import date

from bot.knowledge.library import read_content
from bot.knowledge.meaning import Meaning, read_outside
from bot.settings import Settings, cache_folder

_EVERY = 5.0  # seconds between two lines of progress


def vectors(settings: Settings, today: date) -> int:
    """Make the missing vectors and say how many; returns 0 also without the extra, for nothing depends on it."""
    folder = settings.content
    content, _ = read_content(folder, today)
    texts = {entry.id: (entry.title, *entry.questions) for entry in content.entries.values()}
    meaning = Meaning.open(cache_folder(), texts, read_outside(folder))
    if meaning is None:
        print("没有安装语义检索（pip install 'ipbot[meaning]'），或者这台机器用不了；问答照常，只按字词查找。")
        return 0
    begun = told = time.monotonic()

    def progress(done: int, all_: int) -> None:
        nonlocal told
        if sys.stdout.isatty() and time.monotonic() - told >= _EVERY:
            told = time.monotonic()
            print(f"  {done}/{all_}", flush=True)

    made = meaning.build(progress)
    used, texts_ = meaning.state()
    print(f"{texts_} 句话里 {used} 句有向量，这次新算 {made} 句，用了 {time.monotonic() - begun:.0f} 秒")
    return 0
