"""The READMEs are true: paths exist, commands and settings are all there, the examples run, the JSON chat is as it says."""

from __future__ import annotations

import argparse
import ast
import io
import json
import re
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import Engine

from bot import dispatch
from bot.app import App, Shelf
from bot.channels.terminal import Clock, json_chat, write
from bot.cli import _parser
from bot.handlers import ROUTES
from bot.knowledge.entries import check_entry, read_entry
from bot.knowledge.figures import read_figures
from bot.knowledge.intents import Stage
from bot.knowledge.laws import read_laws
from bot.messages import File, Message, Outcome, Person, Reply, Response, Text
from bot.registry.points import Points
from bot.routes import Route
from bot.settings import SETTINGS
from tests.talk import Talk
from tests.test_imports import LAYERS

ROOT = Path(__file__).parent.parent
READMES = ("README.md", "README.zh-CN.md")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
IN_TREE = ("bot/", "content/", "tests/", "benchmarks/", ".ci/")

both = pytest.mark.parametrize("readme", READMES)


def text(readme: str) -> str:
    return (ROOT / readme).read_text(encoding="utf-8")


def blocks(readme: str, language: str) -> list[str]:
    return [body for found, body in FENCE.findall(text(readme)) if found == language]


def prose(readme: str) -> str:
    return FENCE.sub("", text(readme))


def quoted(part: str) -> list[str]:
    return re.findall(r"`([^`\n]+)`", part)


def section(readme: str, *titles: str) -> str:
    """What stands under a heading (one of ``titles``), up to the next heading of its rank or above."""
    for title in titles:
        match = re.search(rf"^(#+) {re.escape(title)}\n(.*?)(?=^#{{1,3}} |\Z)", prose(readme), re.MULTILINE | re.DOTALL)
        if match:
            return match[2]
    raise AssertionError(f"{readme}: no heading {titles}")


def exists(path: str) -> bool:
    """Whether there is such a file; ``<id>`` and ``*`` stand for any name."""
    pattern = re.sub(r"<[^>]+>", "*", path.rstrip("/"))
    return any(True for _ in ROOT.glob(pattern))


# -- what is named is there ------------------------------------------------------------------------------------


def named_paths(readme: str) -> Iterator[str]:
    """Files, folders and modules in backticks; in a table row that begins with a folder, names are looked for in it."""
    for line in prose(readme).splitlines():
        row = re.match(r"\| `([^`]+/)` \|", line)
        for words in quoted(line):
            for word in words.split():
                if word.startswith(IN_TREE):
                    yield word
                elif re.fullmatch(r"bot(\.\w+)+", word):
                    yield word.replace(".", "/") + ".py"
                elif row and re.fullmatch(r"[\w.]+\.(py|yaml)|\w+/", word):
                    yield row[1] + word


@both
def test_every_path_that_is_named_exists(readme: str) -> None:
    paths = set(named_paths(readme))
    assert len(paths) > 60
    assert not sorted(path for path in paths if not exists(path))


@both
def test_every_link_leads_somewhere(readme: str) -> None:
    headings = {
        re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
        for title in re.findall(r"^#+ (.+)$", prose(readme), re.MULTILINE)
    }
    for target in re.findall(r"\]\(([^)]+)\)", prose(readme)):
        if target.startswith("#"):
            assert target[1:] in headings, target
        else:
            assert (ROOT / target).is_file(), target


@both
def test_every_part_of_the_program_stands_in_the_map(readme: str) -> None:
    table = section(readme, "Map of the code", "代码地图")
    parts = [p for p in (ROOT / "bot").iterdir() if p.suffix == ".py" or (p / "__init__.py").exists()]
    wanted = [f"bot/{p.name}" + ("/" if p.is_dir() else "") for p in parts if p.name not in ("__init__.py", "_content")]
    assert not [name for name in wanted if f"`{name}`" not in table]


@both
def test_the_import_direction_is_that_of_the_test(readme: str) -> None:
    told = blocks(readme, "")[0].split("\n")
    assert [tuple(f"bot.{name}" for name in line.split()) for line in told if line] == list(LAYERS)


def test_the_picture_is_small_and_of_a_phone() -> None:
    picture = (ROOT / "tests/pictures/chat.png").read_bytes()
    width, height = (int.from_bytes(picture[at : at + 4], "big") for at in (16, 20))
    assert (width, height) == (390, 780)
    assert len(picture) <= 120 * 1024


# -- commands and settings -------------------------------------------------------------------------------------


def leaves(parser: argparse.ArgumentParser, name: str = "ipbot") -> Iterator[tuple[str, list[str]]]:
    """The commands of a parser, and the long options of each."""
    deeper = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
    for action in deeper:
        for command, sub in action.choices.items():
            yield from leaves(sub, f"{name} {command}")
    if not deeper:
        options = [o for a in parser._actions for o in a.option_strings if o.startswith("--") and o != "--help"]
        yield name, options


@both
def test_every_command_and_option_is_documented(readme: str) -> None:
    rows = [line for line in section(readme, "Commands", "命令").splitlines() if line.startswith("| `ipbot ")]
    told = {" ".join(w for w in quoted(row)[0].split() if w.islower()): row for row in rows}
    commands = dict(leaves(_parser()))
    assert set(told) == set(commands)
    for command, options in commands.items():
        assert not [o for o in options if not re.search(rf"`{o}[` ]", told[command])], command


@both
def test_make_targets_that_are_named_exist(readme: str) -> None:
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    told = set(re.findall(r"\bmake (\w+)(?=`|\s+#)", text(readme)))
    assert told == targets


def settings_table(readme: str) -> dict[str, str]:
    rows = re.findall(
        r"^\| `(IPBOT_\w+)` \| (?:`([^`]*)`)? \| .+ \|$", section(readme, "Settings", "设置"), re.MULTILINE
    )
    assert len(rows) == len(dict(rows)), "a setting stands twice"
    return dict(rows)


@both
def test_one_table_lists_all_settings_with_their_defaults(readme: str) -> None:
    assert settings_table(readme) == {s.name: s.default for s in SETTINGS}


def test_both_readmes_list_the_same() -> None:
    english, chinese = READMES
    assert settings_table(english) == settings_table(chinese)
    assert set(named_paths(english)) == set(named_paths(chinese))
    assert [b for _, b in FENCE.findall(text(english))][2:] == [b for _, b in FENCE.findall(text(chinese))][2:]
    ranks = [re.findall(r"^(#+) ", prose(readme), re.MULTILINE) for readme in READMES]
    assert ranks[0] == ranks[1]


# -- the JSON chat ---------------------------------------------------------------------------------------------


def lines_of(block: str) -> list[Any]:
    """The JSON values of a block, one after the other."""
    decoder, found, at = json.JSONDecoder(), [], 0
    while at < len(block.rstrip()):
        value, at = decoder.raw_decode(block, at)
        found.append(value)
        at += len(block[at:]) - len(block[at:].lstrip())
    return found


def first_column(readme: str, *titles: str) -> set[str]:
    rows = re.findall(r"^\| (`.+?) \|", section(readme, *titles), re.MULTILINE)
    return {name for row in rows for name in quoted(row)}


@pytest.fixture
def spoken(sqlite: Engine, shelf: Shelf) -> list[dict[str, Any]]:
    """What the JSON chat says to the lines that the README shows."""
    with sqlite.begin() as connection:
        Points(connection, shelf.gazetteer).add_samples()
    out = io.StringIO()
    asked = blocks("README.md", "json")[0] + '{"user": "u1"}\n'
    json_chat(io.StringIO(asked), out, App(sqlite, shelf).turn, Clock(), limited=False)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_the_example_gives_what_the_readme_shows(spoken: list[dict[str, Any]]) -> None:
    shown = lines_of(blocks("README.md", "json")[1])[0]
    answer = spoken[0]
    assert list(answer) == list(shown)
    (reply,), (wanted,) = answer["replies"], shown["replies"]
    assert list(reply) == list(wanted)
    assert reply["text"].startswith(wanted["text"].rstrip("…"))
    assert reply["citations"] == wanted["citations"]
    assert reply["buttons"][0][0] == wanted["buttons"][0][0]
    same = ("user", "intent", "slots", "outcome", "entry", "entries", "understood", "flow", "page")
    assert {k: answer[k] for k in same} == {k: shown[k] for k in same}
    assert answer["notice"].startswith("使用说明：")
    assert 0 < answer["confidence"] <= 1


def test_the_other_examples_give_what_the_readme_says(spoken: list[dict[str, Any]]) -> None:
    _, near, pressed, file, wrong = spoken
    assert (near["intent"], near["outcome"]) == ("nearest_point", "answer")
    place = json.loads(next(words for words in quoted(section("README.md", "Out")) if "distance_km" in words))
    assert [list(p) for p in near["replies"][0]["places"]] == [list(place)] * 3
    assert near["replies"][0]["places"][0] | {"name": "…"} == place
    links = [b for row in near["replies"][0]["buttons"] for b in row if "url" in b]
    assert links[0]["label"] == "高德地图"
    assert (pressed["outcome"], pressed["flow"], pressed["replies"][0]["asks_location"]) == (
        "flow",
        "nearest_point",
        True,
    )
    assert (file["outcome"], file["flow"]) == ("flow", "nearest_point"), "the form goes on"
    assert {k: type(v) for k, v in wrong.items()} == {"user": str, "outcome": str, "error": str, "replies": list}


def test_a_file_that_is_sent_has_the_documented_fields() -> None:
    reply = json.loads(
        write(
            "u", Response(Outcome.ANSWER, (Reply("x", file=File("b.pdf", "application/pdf", "a/b.pdf", "token")),)), 1.0
        )
    )["replies"][0]
    assert reply["file"] == {"name": "b.pdf", "type": "application/pdf", "path": "a/b.pdf"}


@both
def test_every_field_is_documented(readme: str, spoken: list[dict[str, Any]]) -> None:
    told = section(readme, "Out", "输出")
    rows = first_column(readme, "Out", "输出")
    assert rows == {key for line in spoken for key in line} | {k for line in spoken for r in line["replies"] for k in r}
    deep = {
        key
        for line in spoken
        for reply in line["replies"]
        for part in (*reply["citations"], *reply["places"], *(b for row in reply["buttons"] for b in row))
        for key in part
    }
    assert not [key for key in deep if f"`{key}`" not in told]
    assert first_column(readme, "In", "输入") == {"user", "text", "location", "press", "file", "id", "at"}


@both
def test_every_outcome_is_documented(readme: str) -> None:
    assert first_column(readme, "Outcomes", "结果") == {outcome.value for outcome in Outcome}


@both
def test_every_intent_is_documented(readme: str, shelf: Shelf) -> None:
    known = {route.intent for route in ROUTES} | {rule.intent for rule in shelf.intents.rules} | {"cancel", "consult"}
    told = [w for w in quoted(section(readme, "Intents", "意图")) if w != "decline"]
    assert set(told) == known


@both
def test_every_stage_of_the_rules_is_explained(readme: str) -> None:
    told = quoted(section(readme, "Decisions", "决定"))
    assert not [stage.value for stage in Stage if stage.value not in told]


@both
def test_every_slot_is_documented(readme: str) -> None:
    filled = set()
    for path in (ROOT / "bot/handlers").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Assign(targets=[ast.Subscript(value=ast.Name(id="slots"), slice=key)]):
                    filled |= {c.value for c in ast.walk(key) if isinstance(c, ast.Constant)}
                case ast.Dict(keys=keys) if path.name == "slots.py" and node.col_offset:
                    filled |= {k.value for k in keys if isinstance(k, ast.Constant)}
    routed = {route.intent for route in ROUTES}
    assert {str(name) for name in filled} - routed <= first_column(readme, "Slots", "槽位")


# -- the examples run ------------------------------------------------------------------------------------------


def example(readme: str, file: str) -> ModuleType:
    """The Python block that begins with ``# file``, as a module."""
    source = next(body for body in blocks(readme, "python") if body.startswith(f"# {file}\n"))
    module = ModuleType(Path(file).stem)
    exec(compile(source, file, "exec"), module.__dict__)
    return module


def route(readme: str, module: ModuleType) -> Route:
    """The line for the table that the README gives for a module."""
    name = module.__name__
    line = next(b for b in blocks(readme, "python") if f"{name}.{name}" in b).splitlines()[1]
    found = eval(line.rstrip(","), {"Route": Route, name: module})
    assert isinstance(found, Route)
    return found


@both
def test_the_example_of_an_entry_has_no_fault(readme: str, content: Path, tmp_path: Path) -> None:
    shutil.copytree(content / "laws", tmp_path / "laws")
    file = tmp_path / "faq/tm-opposition/tm-opposition-example.md"
    file.parent.mkdir(parents=True)
    file.write_text(blocks(readme, "markdown")[0], encoding="utf-8")
    entry, problems = read_entry(file, tmp_path, read_laws(tmp_path)[0])
    assert entry
    figures = read_figures(content)[0]
    assert not [*problems, *check_entry(entry, file.name, figures, date(2026, 11, 22))]
    assert entry.text_on(date(2026, 12, 31), figures)[0].startswith("3个月")
    assert entry.text_on(date(2027, 1, 1), figures)[0].startswith("2个月")


@both
def test_the_example_of_a_command_answers(readme: str, talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatch, "ROUTES", (route(readme, example(readme, "bot/handlers/laws.py")), *ROUTES))
    talk.says("法律 商标法").comes_to("answer", "consult").sees("《中华人民共和国商标法》（", "）：现行")
    talk.says("/laws").sees("著作权法")


@both
def test_the_example_of_a_form_asks_and_ends(readme: str, talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    module = example(readme, "bot/handlers/checklist.py")
    monkeypatch.setattr(dispatch, "ROUTES", (route(readme, module), *ROUTES))
    monkeypatch.setitem(dispatch.FORMS, module.FORM.name, module.FORM)
    talk.says("准备材料").comes_to("flow", "human", "checklist").sees("为哪件事")
    talk.presses("被侵权").comes_to("flow", "human", "checklist").sees("在哪里发现的")
    talk.says("上一步").sees("为哪件事")
    talk.says("2").sees("在哪里发现的")
    talk.says("发明专利保护多少年").comes_to("answer", "consult", "checklist").sees("20年", "在哪里发现的")
    talk.says("大巴扎的一家店").comes_to("done", "human").sees("大巴扎的一家店", "权利证书")


@both
def test_the_example_of_a_channel_reads_and_writes(readme: str, sqlite: Engine, shelf: Shelf) -> None:
    sms = example(readme, "bot/channels/sms.py")
    native = {"to": "10690000", "from": "13899990000", "id": "1", "text": "发明专利保护多少年"}
    message = sms.read(native, Clock().now())
    assert message == Message(
        Person("sms", "10690000", "13899990000"), Text(native["text"]), "1", message.at, paged=True
    )
    with pytest.raises(ValueError, match="expected"):
        sms.read({"to": 1}, Clock().now())
    app = App(sqlite, shelf)
    first = sms.write(app.turn(message))
    assert first.startswith("发明专利权的期限是20年")
    assert len(first.encode()) <= sms.TEXT_BYTES
    more = sms.write(app.turn(sms.read({**native, "id": "2", "text": "继续"}, Clock().now())))
    assert more
    assert more != first
    assert [r.path for r in sms.routes(app, "secret")] == ["/sms"]


@both
def test_the_commands_in_the_readme_are_valid(readme: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Each ``ipbot`` line of a shell block is taken by the parser, and its files are there."""
    for block in blocks(readme, "sh"):
        for line in block.replace("\\\n", " ").splitlines():
            if line.startswith(".venv/bin/ipbot "):
                options = _parser().parse_args(line.split()[1:])
                assert all((ROOT / file).is_file() for file in getattr(options, "files", ()))
            elif line.startswith(".venv/bin/python -c "):
                exec(line.split("'")[1], {})
    menu = json.loads(capsys.readouterr().out)
    assert len(menu["button"]) <= 3


@both
def test_nothing_is_left_to_fill_in(readme: str) -> None:
    assert not re.findall(r"\{\{[A-Z]+\}\}", text(readme))
