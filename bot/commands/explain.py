"""``ipbot explain``: shows an editor why a question is answered as it is."""

from __future__ import annotations

from datetime import date

from bot.build import build_shelf
from bot.knowledge.confidence import confidence
from bot.knowledge.intents import Stage
from bot.settings import Settings

SHOWN = 6


def explain(settings: Settings, question: str, today: date) -> int:
    """Print what was read, which rule holds, the weights of the words, the hits with their features, and the outcome."""
    shelf = build_shelf(settings, today)
    library = shelf.library
    reading = library.lexicon.read(question)
    print(f"读作：{reading.text}")
    for typed, meant in reading.mended:
        print(f"  改字：{typed} → {meant}")
    rule = shelf.intents.match(question, Stage.URGENT, Stage.FIRST, Stage.SERVICE)
    if rule:
        print(f"规则：{rule.id}（{rule.intent}，{rule.stage.value}）先于知识库")
    weights = sorted(library.index.explain(question).items(), key=lambda item: -item[1])
    print("词的分量：" + "，".join(f"{token} {weight}" for token, weight in weights))
    hits = library.hits(question, today, limit=SHOWN)
    for hit in hits:
        features = "，".join(f"{name} {value:.2f}" for name, value in hit.features.items())
        print(f"  {hit.score:.3f} {hit.id}：最近的问法“{hit.way}”（{features}）")
    if hits:
        evidence = library.evidence(question, hits)
        print(f"领先 {evidence.margin:.3f}，不认识的词占 {evidence.unknown:.2f}，把握 {confidence(evidence):.2f}")
    print(f"结果：{type(library.search(question, today)).__name__}")
    return 0
