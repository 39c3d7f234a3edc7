"""Which article is proved by which test; and the tables of ``bot/registry/README.md`` are those of the code."""

from __future__ import annotations

import re
from pathlib import Path

from bot.registry.stages import APPLICATION, CHANGE, POINT, REPORT, SHORT_RENEWAL, table

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "bot/registry/README.md"
NAMED = {
    "An application": APPLICATION,
    "A renewal whose call asks for no experts": SHORT_RENEWAL,
    "A point": POINT,
    "A change": CHANGE,
    "An annual report": REPORT,
}


def section(title: str) -> str:
    found = re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert found, title
    return found[1].strip()


def test_the_tables_on_the_page_are_those_of_the_code() -> None:
    for title, life in NAMED.items():
        assert section(title) == "\n".join(table(life)), f"{title}: print it anew"


def test_every_article_on_the_register_names_its_tests() -> None:
    rows = [line.split("|")[1:-1] for line in section("Articles").splitlines() if line.startswith("| Art.")]
    articles = {int(n) for row in rows for n in re.findall(r"\d+", row[0].partition("(")[0])}
    assert {2, 3, 4, 5, 6, 7, 8, 9, 16, 17, 18} <= articles
    for _, feature, tests in rows:
        assert feature.strip()
        named = re.findall(r"`(tests/[\w/]+\.(?:py|txt))(?:::(\w+))?`", tests)
        assert named, tests
        for file, test in named:
            text = (ROOT / file).read_text(encoding="utf-8")
            assert not test or f"def {test}(" in text, f"{file}::{test}"
