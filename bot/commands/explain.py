"""``ipbot explain``: shows an editor why a question is answered as it is."""

from __future__ import annotations

from datetime import date

from bot.build import build_shelf
from bot.knowledge.confidence import ASK
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
    if later := shelf.intents.match(question, Stage.SOFT, Stage.ALONE):
        print(f"规则：{later.id}（{later.intent}，{later.stage.value}）")
    if like := shelf.intents.liken(question):
        print(f"最像例句“{like.sentence}”（{like.intent}，{like.closeness:.2f}）")
    weights = sorted(library.index.explain(question).items(), key=lambda item: -item[1])
    print("词的分量：" + "，".join(f"{token} {weight}" for token, weight in weights))
    words = library.judge(question, today, ask=0.0)
    if library.meaning is None:
        print("语义：没有可用的向量，只按词语比较（见 ipbot doctor）")
    elif words.confidence >= ASK:
        print(f"语义：按词语已有 {words.confidence:.2f} 的把握（不低于 {ASK}），没有用")
    else:
        print(f"语义：按词语只有 {words.confidence:.2f} 的把握（低于 {ASK}），一并比较")
    judged = library.judge(question, today)
    for hit in judged.hits[:SHOWN]:
        features = "，".join(f"{name} {_shown(name, value)}" for name, value in hit.features.items())
        print(f"  {hit.score:.3f} {hit.id}：最近的问法“{hit.way}”（{features}）")
    if judged.evidence:
        print(
            f"领先 {judged.evidence.margin:.3f}，不认识的词占 {judged.evidence.unknown:.2f}，把握 {judged.confidence:.2f}"
        )
    print(f"结果：{type(library.search(question, today)).__name__}")
    return 0


def _shown(name: str, value: float) -> str:
    """A feature with as many decimals as say something: cosines differ in the third, a rank has none."""
    return f"{value:.0f}" if name == "rank" else f"{value:.3f}" if name == "meaning" else f"{value:.2f}"
