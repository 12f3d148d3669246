from __future__ import annotations

import io
import os
from pathlib import Path
from typing import ClassVar

import pytest

from fg_core import ConfigError
from fg_core.console import OutputStyle, check_output_path, output_style, takes_unicode


class Terminal(io.StringIO):
    encoding: ClassVar[str] = "UTF-8"  # type: ignore[misc]

    def isatty(self) -> bool:
        return True


class Ascii(io.StringIO):
    encoding: ClassVar[str] = "US-ASCII"  # type: ignore[misc]


@pytest.fixture
def wide(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "123")
    return monkeypatch


def test_a_file_gets_no_colours_and_a_width_of_its_own(wide: pytest.MonkeyPatch) -> None:
    assert output_style(Ascii()) == OutputStyle(100, color=False, unicode=False)
    assert takes_unicode(io.StringIO())


def test_a_terminal_gets_its_width_and_colours(wide: pytest.MonkeyPatch) -> None:
    assert output_style(Terminal()) == OutputStyle(123, color=True, unicode=True)
    wide.setenv("COLUMNS", "7")
    assert output_style(Terminal()).width == 40


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", ""), ("TERM", "dumb")])
def test_colours_can_be_declined(wide: pytest.MonkeyPatch, name: str, value: str) -> None:
    wide.setenv(name, value)
    assert output_style(Terminal()) == OutputStyle(123, color=False, unicode=True)


def test_what_can_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    there = tmp_path / "r.json"
    there.write_text("mine")
    for path in (there, tmp_path / "new.json", tmp_path / "a" / "b" / "c.json"):
        check_output_path("--out", path)
    assert [path.name for path in tmp_path.iterdir()] == ["r.json"]
    assert there.read_text() == "mine"


def test_what_cannot_be_written_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "file"
    file.write_text("mine")
    for path, message in (
        (tmp_path, f"--out {tmp_path} is a folder; give the name of a file"),
        (file / "x" / "y", f"cannot be written: {file} is not a folder"),
        (Path(os.devnull), "is not a regular file"),
        (tmp_path / ("x" * 300), "cannot be written: File name too long"),
    ):
        with pytest.raises(ConfigError) as caught:
            check_output_path("--out", path)
        assert message in str(caught.value)
    # Root, whom tests may run as, can write to any file; what counts is what the system answers.
    monkeypatch.setattr(os, "access", lambda *_args: False)
    with pytest.raises(ConfigError, match="cannot be written: the file is read-only"):
        check_output_path("--out", file)
