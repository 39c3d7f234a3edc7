"""Settings: data with a name, a default and help; all listed in the READMEs; a bad one is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.settings import SETTINGS, SettingError, read_settings

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_the_readme_lists_every_setting_with_its_default(readme: str) -> None:
    text = (ROOT / readme).read_text(encoding="utf-8")
    missing = [s.name for s in SETTINGS if f"`{s.name}`" not in text or (s.default and f"`{s.default}`" not in text)]
    assert not missing


def test_every_default_runs_on_an_empty_machine() -> None:
    settings = read_settings({})
    assert settings.database_url.startswith("sqlite:///")
    assert settings.number("IPBOT_PORT") == 8080
    assert (settings.content / "faq").is_dir()


def test_postgresql_means_psycopg() -> None:
    assert read_settings({"IPBOT_DATABASE_URL": "postgresql://u@h/d"}).database_url == "postgresql+psycopg://u@h/d"


def test_a_file_gives_settings_and_the_environment_wins(tmp_path: Path) -> None:
    file = tmp_path / "ipbot.toml"
    file.write_text('port = 9000\nhost = "0.0.0.0"\nweb = true\n', encoding="utf-8")
    settings = read_settings({"IPBOT_CONFIG": str(file), "IPBOT_HOST": "::1"})
    assert (settings.number("IPBOT_PORT"), settings["IPBOT_HOST"], settings["IPBOT_WEB"]) == (9000, "::1", "on")


@pytest.mark.parametrize(
    ("text", "told"),
    [("prot = 1", "unknown setting 'prot'"), ("port = [1]", "port"), ("port = ", "not TOML"), ("\udcff", "not TOML")],
)
def test_a_bad_file_is_named_with_what_is_wrong(tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "ipbot.toml"
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(SettingError, match=told):
        read_settings({"IPBOT_CONFIG": str(file)})


def test_a_missing_file_is_named() -> None:
    with pytest.raises(SettingError, match="cannot be read"):
        read_settings({"IPBOT_CONFIG": "/no/such/file.toml"})


@pytest.mark.parametrize("value", ["x", "-1", "1.5", ""])
def test_a_bad_number_is_named(value: str) -> None:
    with pytest.raises(SettingError, match="IPBOT_PORT"):
        read_settings({"IPBOT_PORT": value}).number("IPBOT_PORT")


def test_a_bad_choice_is_named() -> None:
    with pytest.raises(SettingError, match=r"IPBOT_WEB.*on, off"):
        read_settings({"IPBOT_WEB": "maybe"}).choice("IPBOT_WEB", "on", "off")
