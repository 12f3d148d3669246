"""Whether a text is the path of a file, and whether the file is there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from fg_core import DataError
from fg_core.locations import FILE_SUFFIXES, is_location, require_file


@pytest.mark.parametrize("text", [f"x{end}" for end in FILE_SUFFIXES] + ["X.CSV", "a/b", "./us"])
def test_paths_and_names_of_data_files_are_locations(text: str) -> None:
    assert is_location(text, ["us"])


def test_a_plugin_goes_before_a_file_of_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("us_macro").write_text("x")
    assert is_location("us_macro")
    assert not is_location("us_macro", ["us_macro"])
    assert not is_location("us_micro", ["us_macro"])
    assert not is_location("x" * 5000)
    assert not is_location("a\0b")


def test_a_file_that_is_there(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("ds,y\n")
    assert require_file(str(path)) == path


@pytest.mark.parametrize(
    ("location", "message"),
    [
        ("gone.csv", "no such file: 'gone.csv'"),
        ("gone/t.csv", "no such file: 'gone/t.csv'"),
        ("t.csv/t.csv", "no such file: 't.csv/t.csv' (Not a directory)"),
        ("folder", "'folder' is a folder; give the path of a file"),
        ("folder.csv", "'folder.csv' is a folder; give the path of a file"),
        (os.devnull, f"{os.devnull!r} is not a regular file"),
        (
            "https://example.org/t.csv",
            "'https://example.org/t.csv' is an address on the web; download the file and give its "
            "path",
        ),
        ("x" * 300 + ".csv", f"no such file: '{'x' * 80}' (File name too long)"),
        ("a\0b.csv", "no such file: 'a\\x00b.csv' (a NUL in its name)"),
    ],
)
def test_what_is_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, location: str, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("folder").mkdir()
    Path("folder.csv").mkdir()
    Path("t.csv").write_text("ds,y\n")
    with pytest.raises(DataError) as caught:
        require_file(location)
    assert str(caught.value) == message
