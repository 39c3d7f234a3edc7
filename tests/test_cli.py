"""The commands, run in this process."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.cli import main


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every command works on a data folder of its own."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return tmp_path


def test_content_check_is_fine(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["content", "check"]) == 0
    assert "0 处要改" in capsys.readouterr().out


def test_content_check_names_what_is_wrong(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("IPBOT_CONTENT", str(home / "nowhere"))
    assert main(["content", "check"]) == 2
    assert "IPBOT_CONTENT" in capsys.readouterr().err


def test_the_database_is_made_by_the_first_command(home: Path) -> None:
    assert main(["db", "upgrade"]) == 0
    assert (home / "data" / "ipbot" / "ipbot.sqlite3").is_file()
    assert main(["db", "upgrade"]) == 0


def test_import_reports_each_bad_row(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = home / "points.csv"
    file.write_text("编号,名称,类型,地区,地址,纬度,经度,认定日期\nA1,某,高校,火星,x,1,2,昨天\n", encoding="utf-8")
    assert main(["import", "points", str(file)]) == 1
    out = capsys.readouterr().out
    assert "第2行" in out
    assert "没有导入任何网点" in out
    assert main(["import", "points", str(home / "none.csv")]) == 2


def test_lists_are_exported_and_imported_again(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for what in ("points", "institutions", "applications"):
        file = home / f"{what}.xlsx"
        assert main(["export", what, str(file)]) == 0
        assert file.read_bytes().startswith(b"PK")
        assert main(["import", what, str(file)]) == 1, "an empty list says so"
    assert main(["export", "points", str(home / "a.pdf")]) == 2
    assert "已写入" in capsys.readouterr().out


def test_staff_are_invited_listed_and_ended(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["staff", "invite", "administrator", "根"]) == 0
    assert "邀请码" in capsys.readouterr().out
    assert main(["staff", "invite", "prefecture", "某", "--prefecture", "喀什地区"]) == 0
    assert main(["staff", "invite", "prefecture", "某"]) == 2
    assert main(["staff", "invite", "prefecture", "某", "--prefecture", "火星"]) == 2
    assert main(["staff", "invite", "point", "某", "--point", "NOPE"]) == 2
    assert main(["staff", "list"]) == 0
    assert "0 人" in capsys.readouterr().out
    assert main(["staff", "end", "7"]) == 1


def test_daily_says_what_was_erased(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["daily"]) == 0
    assert "已删除 0 人" in capsys.readouterr().out


def test_eval_prints_figures_and_fails_below_the_least(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = home / "questions.jsonl"
    row = {
        "id": "1",
        "question": "发明专利保护多少年",
        "topic": "patent_term",
        "style": "plain",
        "must_match": ["20年"],
        "must_cite": "专利法 第四十二条",
    }
    other = {**row, "id": "2", "question": "牙疼怎么办"}
    file.write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in (row, other)), encoding="utf-8")
    assert main(["eval", str(file), "--at", "2026-11-22"]) == 0
    out = capsys.readouterr().out
    assert "questions 2 right 0.5" in out.splitlines()[-1]
    assert "牙疼怎么办" in out
    assert main(["eval", str(file), "--at", "2026-11-22", "--min", "right=0.9"]) == 1
    assert main(["eval", str(file), "--min", "rigth=0.9"]) == 2
    assert main(["eval", str(home / "none.jsonl")]) == 2


@pytest.mark.parametrize("bad", ["{", '{"a": 1}', '{"question": "x"}\n{"text": "y", "intent": "menu"}'])
def test_eval_refuses_a_bad_file_by_name(home: Path, bad: str, capsys: pytest.CaptureFixture[str]) -> None:
    file = home / "bad.jsonl"
    file.write_text(bad, encoding="utf-8")
    assert main(["eval", str(file)]) == 2
    assert "bad.jsonl" in capsys.readouterr().err


def test_a_bad_setting_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("IPBOT_LOG", "loud")
    assert main(["daily"]) == 2
    assert "IPBOT_LOG='loud': expected one of debug, info, warning, error" in capsys.readouterr().err
