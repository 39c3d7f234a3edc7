"""Imports point one way: cli > build > channels > app > dispatch > handlers > routes > … > messages."""

import ast
from pathlib import Path

ROOT = Path(__file__).parent.parent
# what a module of each layer may import, besides its own layer: the layers that stand below it
LAYERS = (
    ("bot.__main__",),
    ("bot.cli",),
    ("bot.commands",),
    ("bot.build",),
    ("bot.delivery",),
    ("bot.channels",),
    ("bot.app",),
    ("bot.dispatch",),
    ("bot.handlers",),
    ("bot.routes",),
    ("bot.desk",),
    ("bot.helpdesk",),
    ("bot.training",),
    ("bot.registry",),
    ("bot.staff",),
    ("bot.links",),
    ("bot.knowledge",),
    ("bot.calculators",),
    ("bot.letters",),
    ("bot.files",),
    ("bot.people",),
    ("bot.conversation", "bot.responses"),
    ("bot.database",),
    ("bot.flow",),
    ("bot.privacy", "bot.passcodes", "bot.settings", "bot.logs"),
    ("bot.messages",),
)
PLATFORM_LIBRARIES = {
    "telegram": ("bot.channels.telegram",),
    "wechatpy": ("bot.channels.wechat",),
    "aiohttp": ("bot.channels", "bot.build", "bot.commands"),
}


def level(module: str) -> int:
    for number, layer in enumerate(LAYERS):
        if any(module == name or module.startswith((name + ".", name + "_")) for name in layer):
            return number
    raise AssertionError(f"{module} stands in no layer: add it to LAYERS")


def modules() -> list[tuple[str, Path]]:
    found = []
    for path in sorted((ROOT / "bot").rglob("*.py")):
        if "versions" in path.parts or path.name == "env.py":
            continue
        parts = path.relative_to(ROOT).with_suffix("").parts
        found.append((".".join(parts[:-1] if parts[-1] == "__init__" else parts), path))
    return found


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names.add(node.module or "")
    return names


def test_imports_point_one_way():
    wrong = []
    for module, path in modules():
        if module == "bot":
            continue
        for name in imported(path):
            if name.startswith("bot.") and level(name) < level(module):
                wrong.append(f"{module} imports {name}")
    assert not wrong


def test_platform_libraries_stay_in_their_channel():
    wrong = []
    for module, path in modules():
        for name in imported(path):
            allowed = PLATFORM_LIBRARIES.get(name.split(".")[0])
            if allowed and not module.startswith(allowed):
                wrong.append(f"{module} imports {name}")
    assert not wrong


def test_only_the_edge_reads_the_clock_the_environment_or_waits():
    """Domain code is given ``now`` and its settings."""
    edge = (
        "bot.channels",
        "bot.commands",
        "bot.cli",
        "bot.app",
        "bot.build",
        "bot.delivery",
        "bot.settings",
        "bot.logs",
    )
    wrong = []
    for module, path in modules():
        if module.startswith(edge):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Attribute(attr="now" | "today" | "utcnow", value=ast.Name(id="datetime" | "date")):
                    wrong.append(f"{module}:{node.lineno} reads the clock")
                case ast.Attribute(attr="environ", value=ast.Name(id="os")):
                    wrong.append(f"{module}:{node.lineno} reads the environment")
                case ast.AsyncFunctionDef():
                    wrong.append(f"{module}:{node.lineno} is asynchronous")
    assert not wrong


def test_every_module_says_what_belongs_in_it():
    assert not [
        module for module, path in modules() if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
