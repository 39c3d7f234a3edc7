"""Files that are handed out: kept whole under a token, found by nothing else, gone after their time; names are never trusted."""

from __future__ import annotations

import re
import unicodedata
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.files import Files, clean_name
from bot.files.names import NAME_BYTES
from bot.messages import FILE_TYPES, Outcome, Reply, Response
from bot.responses import from_json, to_json
from tests.conftest import TODAY

names = st.text(max_size=300) | st.text(alphabet='./\\ :*?"<>|%\0\r\n\u202e甲a', max_size=30)


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path / "files", "https://ip.example.cn", days=7)


def test_what_is_kept_is_found_by_its_token(files: Files) -> None:
    kept = files.keep("课程.ics", "text/calendar", b"BEGIN", TODAY)
    found = files.find(kept.token, TODAY)
    assert found == kept
    assert (kept.name, kept.type) == ("课程.ics", "text/calendar")
    assert Path(kept.path).read_bytes() == b"BEGIN"
    assert files.url(kept) == f"https://ip.example.cn/files/{kept.token}/%E8%AF%BE%E7%A8%8B.ics"
    assert Files(files.folder).url(kept) is None


def test_two_files_of_one_name_do_not_meet(files: Files) -> None:
    one, two = (files.keep("表.csv", "text/csv", content, TODAY) for content in (b"1", b"2"))
    assert one.token != two.token
    assert [Path(file.path).read_bytes() for file in (one, two)] == [b"1", b"2"]


@pytest.mark.parametrize("token", ["", ".", "..", "../files", "x" * 43, "/" * 43, "." * 43])
def test_other_tokens_find_nothing(files: Files, token: str) -> None:
    files.keep("表.csv", "text/csv", b"1", TODAY)
    assert files.find(token, TODAY) is None


def test_a_type_that_is_not_handed_out_is_refused(files: Files) -> None:
    with pytest.raises(ValueError, match="text/html"):
        files.keep("a.html", "text/html", b"<script>", TODAY)


def test_a_file_is_gone_after_its_time(files: Files) -> None:
    kept = files.keep("表.csv", "text/csv", b"1", TODAY)
    almost, after = TODAY + timedelta(days=7, seconds=-1), TODAY + timedelta(days=7)
    assert files.find(kept.token, almost) == kept
    assert files.find(kept.token, after) is None
    assert files.sweep(almost) == 0
    assert files.sweep(after) == 1
    assert list(files.folder.iterdir()) == []
    assert files.sweep(after) == 0


def test_sweeping_before_anything_was_kept(files: Files) -> None:
    assert files.sweep(TODAY) == 0


def test_what_a_crash_left_unfinished_is_never_found_and_swept(files: Files) -> None:
    kept = files.keep("表.csv", "text/csv", b"1", TODAY)
    Path(kept.path).parent.rename(files.folder / f".unfinished-{kept.token}")
    assert files.find(kept.token, TODAY) is None
    assert files.sweep(TODAY + timedelta(days=7)) == 1


def test_only_the_user_of_the_server_may_read_the_folder(files: Files) -> None:
    kept = files.keep("表.csv", "text/csv", b"1", TODAY)
    assert Path(kept.path).parent.stat().st_mode & 0o077 == 0


def test_a_file_survives_being_stored_with_the_response(files: Files) -> None:
    response = Response(Outcome.ANSWER, (Reply("日历", file=files.keep("a.ics", "text/calendar", b"1", TODAY)),))
    assert from_json(to_json(response)) == response


@pytest.mark.parametrize(
    ("name", "type", "clean"),
    [
        ("申报书.PDF", "application/pdf", "申报书.PDF"),
        ("照片.jpeg", "image/jpeg", "照片.jpg"),
        ("../../etc/passwd", "", "passwd"),
        ("C:\\Users\\a\\表.xlsx", "", "表.xlsx"),
        ("报告.pdf.exe", "application/pdf", "报告.pdf.exe.pdf"),
        ("a\u202egpj.exe", "", "agpj.exe"),
        ("a\r\nSet-Cookie: x=1.pdf", "application/pdf", "aSet-Cookie x=1.pdf"),
        ("", "", "文件"),
        ("...", "text/csv", "文件.csv"),
        ("v1.2 的说明", "", "v1.2 的说明"),
        (".bashrc", "", "bashrc"),
    ],
)
def test_names(name: str, type: str, clean: str) -> None:
    assert clean_name(name, type) == clean


@given(names, st.sampled_from(["", *FILE_TYPES.values()]))
def test_no_name_leaves_its_folder_or_breaks_a_header(name: str, type: str) -> None:
    clean = clean_name(name, type)
    assert 0 < len(clean.encode()) <= NAME_BYTES
    assert not re.search(r'[<>:"/\\|?*%\r\n\t\0]', clean)
    assert clean not in (".", "..")
    assert not clean.startswith((".", " "))
    assert not any(unicodedata.category(c) in ("Cc", "Cf", "Cs") for c in clean)
    assert clean_name(clean, type) == clean
    if type:
        assert FILE_TYPES[clean.rpartition(".")[2].lower()] == type


@given(name=names)
def test_any_name_is_kept_and_found(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    files = Files(tmp_path_factory.mktemp("files"))
    kept = files.keep(name, "application/pdf", b"%PDF-", TODAY)
    assert Path(kept.path).resolve().parent.parent == files.folder.resolve()
    assert files.find(kept.token, TODAY) == kept
    assert unquote(files.path(kept)) == f"/files/{kept.token}/{kept.name}"
