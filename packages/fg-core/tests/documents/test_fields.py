"""Documents of fields; damaged ones are tested with the report of fg-backtest too."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fg_core import ArtifactError
from fg_core.documents import (
    CHECKSUM,
    DocumentKind,
    canonical,
    checksummed,
    read_fields,
    write_fields,
)

KIND = DocumentKind("toy", 3, noun="toy report", reader="fg-toys", max_bytes=1000)


class Toy(msgspec.Struct, forbid_unknown_fields=True):
    format: str
    version: int
    name: str
    weights: list[float]


TOY = Toy("toy", 3, "é", [0.1, 1e-7])


def written(path: Path, values: dict[str, Any]) -> Path:
    write_fields(path, {name: [canonical(value)] for name, value in values.items()})
    return path


def fields_of(toy: Toy) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.to_builtins(toy)
    return found


_names = st.text("abrstxyz", min_size=1, max_size=3).filter(lambda name: name != CHECKSUM)


@given(values=st.dictionaries(_names, st.integers() | st.text() | st.none()), cut=st.integers(0, 9))
def test_anyone_can_check_a_file_whatever_its_fields_and_pieces(
    values: dict[str, Any], cut: int
) -> None:
    pieces = {}
    for name, value in values.items():
        text = canonical(value)
        pieces[name] = [text[:cut], text[cut:]]
    data = b"".join(checksummed(pieces))
    plain = json.loads(data)
    stated = plain.pop(CHECKSUM)
    assert plain == values
    recipe = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert stated == hashlib.sha256(recipe.encode()).hexdigest()
    lines = [
        canonical(name) + b":" + canonical(value)
        for name, value in sorted({**values, CHECKSUM: stated}.items())
    ]
    assert data == b"{\n" + b",\n".join(lines) + b"\n}\n"


def test_it_comes_back_as_it_was(tmp_path: Path) -> None:
    path = written(tmp_path / "below" / "toy.json", fields_of(TOY))
    assert read_fields(path, Toy, KIND) == TOY


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": "game"}, "not a toy report (its format is 'toy')"),
        ({"version": 4}, "version 4, and this fg-toys reads version 3; read it with the fg-toys"),
        ({"version": 3.0}, "version 3.0, and this fg-toys reads version 3"),
        ({"weights": "x"}, "Expected `array`, got `str` - at `$.weights`"),
        ({"more": 1}, "unknown field `more`"),
        ({"name": "x" * 1000}, "larger than 1000 bytes, which no toy report is"),
    ],
)
def test_another_document_is_refused(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    path = written(tmp_path / "toy.json", {**fields_of(TOY), **change})
    with pytest.raises(ArtifactError) as caught:
        read_fields(path, Toy, KIND)
    assert str(caught.value).startswith(f"toy report {path}: ")
    assert message in str(caught.value)


def test_every_cut_and_an_edit_are_noticed(tmp_path: Path) -> None:
    path = written(tmp_path / "toy.json", fields_of(TOY))
    whole = path.read_bytes()
    for length in range(len(whole) - 2):
        path.write_bytes(whole[:length])
        with pytest.raises(ArtifactError, match="not JSON, or truncated"):
            read_fields(path, Toy, KIND)
    path.write_bytes(whole.replace(b"0.1", b"0.2"))
    with pytest.raises(ArtifactError, match="altered or damaged, its checksum is"):
        read_fields(path, Toy, KIND)


def test_pieces_that_fail_leave_the_old_file(tmp_path: Path) -> None:
    path = written(tmp_path / "toy.json", fields_of(TOY))
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_fields(path, {"a": (canonical(x) for x in (1.0, float("nan")))})
    assert read_fields(path, Toy, KIND) == TOY
    assert [one.name for one in tmp_path.iterdir()] == ["toy.json"]
