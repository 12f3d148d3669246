"""Files that only grow: whole lines whoever writes, and what a killed process leaves."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from fg_core.errors import ArtifactError
from fg_llm.appended import append_line, read_appended


def test_lines_of_several_processes_do_not_mix(tmp_path: Path) -> None:
    path = tmp_path / "calls.jsonl"
    code = """
        import sys
        from fg_llm.appended import append_line
        for number in range(50):
            append_line(sys.argv[1], {"by": sys.argv[2], "number": number, "text": "x" * 20_000})
    """
    both = [
        subprocess.Popen([sys.executable, "-c", textwrap.dedent(code), str(path), name])
        for name in ("one", "two")
    ]
    assert [one.wait() for one in both] == [0, 0]

    found = read_appended(path)

    for name in ("one", "two"):
        assert [one["number"] for one in found if one["by"] == name] == list(range(50))


@pytest.mark.parametrize("n_left", [1, 7, -1])
def test_a_torn_line_is_left_out_and_stays_so(n_left: int, tmp_path: Path) -> None:
    path = tmp_path / "calls.jsonl"
    append_line(path, {"number": 1})
    whole = path.read_bytes()
    path.write_bytes(whole + whole[:n_left])

    with pytest.warns(RuntimeWarning, match="line 2: cut off"):
        assert read_appended(path) == [{"number": 1}]

    append_line(path, {"number": 2})
    append_line(path, {"number": 3})
    with pytest.warns(RuntimeWarning, match="line 2: cut off"):
        assert read_appended(path) == [{"number": 1}, {"number": 2}, {"number": 3}]
    assert path.read_bytes().startswith(whole)


def test_two_processes_may_end_one_torn_line(tmp_path: Path) -> None:
    path = tmp_path / "calls.jsonl"
    path.write_bytes(
        b'{"numb\n{"torn": true}\n{"number": 1}\n' + b'\n{"torn": true}\n{"number": 2}\n'
    )

    with pytest.warns(RuntimeWarning) as told:
        assert read_appended(path) == [{"number": 1}, {"number": 2}]
    assert ["line 1" in str(one.message) for one in told] == [True]


@pytest.mark.parametrize("damaged", [b"{", b"[1]", b"", b'{"a": 1, "a": 2}', b'{"a": NaN}'])
def test_any_other_damage_is_an_error_with_its_line(tmp_path: Path, damaged: bytes) -> None:
    path = tmp_path / "calls.jsonl"
    path.write_bytes(b'{"number": 1}\n' + damaged + b'\n{"number": 2}\n')

    with pytest.raises(ArtifactError, match="line 2"):
        read_appended(path)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="cannot be read"):
        read_appended(tmp_path)


def test_what_is_not_finite_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="JSON"):
        append_line(tmp_path / "calls.jsonl", {"number": float("nan")})
    assert not (tmp_path / "calls.jsonl").exists()
