"""Documents of lines; what becomes of a damaged one is tested with trajectories."""

from __future__ import annotations

import hashlib
import math
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fg_core import ArtifactError, DataError
from fg_core.documents import DocumentKind, check_plain, read_lines, write_lines

KIND = DocumentKind("toy", 1, noun="toy log", record="toss", reader="fg-toys")


class Toss(msgspec.Struct, forbid_unknown_fields=True):
    heads: bool
    weight: float


DECODE = msgspec.json.Decoder(Toss).decode
TOSSES = st.lists(st.builds(Toss, st.booleans(), st.floats(allow_nan=False, allow_infinity=False)))


@given(tosses=TOSSES)
def test_records_come_back_to_the_last_bit(
    tmp_path_factory: pytest.TempPathFactory, tosses: list[Toss]
) -> None:
    path = tmp_path_factory.mktemp("log") / "toy.jsonl"
    write_lines(path, iter(tosses), KIND, meta={"seed": 7})
    header, back = read_lines(path, DECODE, KIND)
    assert header == {"format": "toy", "version": 1, "seed": 7}
    assert [(one.heads, one.weight.hex()) for one in back] == [
        (one.heads, one.weight.hex()) for one in tosses
    ]
    *lines, last = path.read_bytes().splitlines(keepends=True)
    digest = hashlib.sha256(b"".join(lines)).hexdigest()
    assert last == b'{"rows":%d,"sha256":"%s"}\n' % (len(tosses), digest.encode())


def test_messages_have_the_words_of_the_kind(tmp_path: Path) -> None:
    path = tmp_path / "toy.jsonl"
    write_lines(path, [Toss(True, 1.0)], KIND)
    with pytest.raises(ArtifactError, match="version 1; this fg-toys reads version 2: use the fg"):
        read_lines(path, DECODE, DocumentKind("toy", 2, reader="fg-toys"))
    with pytest.raises(ArtifactError, match="line 2: not a toss of a toy log: Expected `array`"):
        read_lines(path, msgspec.json.Decoder(list[int]).decode, KIND)
    with pytest.raises(ArtifactError, match="cannot be read as a toy log: No such file"):
        read_lines(tmp_path / "none", DECODE, KIND)
    small = DocumentKind("toy", 1, noun="toy log", max_line_bytes=30)
    with pytest.raises(DataError, match=r"toy log header takes \d+ bytes, at most 30"):
        write_lines(path, [], small, meta={"s": 1})
    with pytest.raises(DataError, match=r"toy log meta\.x: nan is not finite"):
        write_lines(path, [], KIND, meta={"x": math.nan})
    with pytest.raises(DataError, match="toss 0 cannot be written as JSON"):
        write_lines(path, [object()], KIND, entry="toss")
    assert read_lines(path, DECODE, KIND)[1] == [Toss(True, 1.0)]


_plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(_plain)
def test_what_is_plain_comes_back_equal(value: object) -> None:
    check_plain("x", value)
    assert msgspec.json.decode(msgspec.json.encode(value)) == value
