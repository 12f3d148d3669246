"""The record is appended to, line by line, and read with care."""

from __future__ import annotations

from pathlib import Path

import pytest

from fg_core.errors import ArtifactError
from fg_llm.refiner import Record, read_record
from fg_llm.refiner.record import RECORD_FORMAT, kept_answer

BEGIN = {"format": RECORD_FORMAT, "version": 1}


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "new" / "record.jsonl"
    for _ in range(2):  # a second run is appended
        record = Record(path)
        record.write("begin", **BEGIN)
        record.write("answer", **kept_answer('{"a": "\ud800\n\u2028"}'))

    found = read_record(path)

    assert len(found) == 4
    assert found[2:] == record.lines
    assert found[3]["answer"] == '{"a": "\0\n\u2028"}'  # no JSON, as what it stands for
    with path.open("ab") as file:
        file.write(b'{"kind":"dec')  # killed while it wrote
    with pytest.warns(RuntimeWarning, match="cut off, left out"):
        assert read_record(path) == found


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "no record of a refinement"),
        (b'{"kind":"begin","format":"else","version":1}\n', "no record of a refinement"),
        (b"[1]\n", "line 1: no JSON"),
        (b'{"a":1}\n', "no record of a refinement"),
        (b'{"kind":"begin"\n', "line 1: no JSON"),
        (b"[" * 100_000 + b"\n", "line 1: no JSON"),
        (b"\xff\n", "line 1: no JSON"),
    ],
)
def test_what_is_no_record_is_refused(content: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "record.jsonl"
    path.write_bytes(content)

    with pytest.raises(ArtifactError, match=message):
        read_record(path)


def test_a_file_that_is_not_there_is_an_error_of_ours(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="cannot be read"):
        read_record(tmp_path / "none.jsonl")
    with pytest.raises(ArtifactError, match="cannot be written"):
        Record(tmp_path).write("begin")


def test_an_answer_that_is_too_long_stays_too_long() -> None:
    found = kept_answer("x" * 1_000_000)

    assert len(found["answer"]) == 16_385
    assert found["characters"] == 1_000_000
