from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fg_core import ArtifactError
from fg_core.documents import DocumentKind, read_document, write_document

KIND = DocumentKind("toy", 2)
CONTENT = {"a": 0.1, "b": -5e-324}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    write_document(tmp_path / "below" / "one.json", CONTENT, KIND)
    return tmp_path / "below" / "one.json"


def read(path: Path) -> dict[str, float]:
    return read_document(path, dict[str, float], KIND)


def test_it_comes_back_as_it_was_and_is_plain_json(path: Path) -> None:
    assert read(path) == CONTENT
    plain = json.loads(path.read_text())
    assert plain["content"] == CONTENT
    assert (plain["format"], plain["version"], len(plain["sha256"])) == ("toy", 2, 64)


@given(numbers=st.lists(st.floats(allow_nan=False, allow_infinity=False)))
def test_numbers_come_back_to_the_last_bit(
    tmp_path_factory: pytest.TempPathFactory, numbers: list[float]
) -> None:
    path = tmp_path_factory.mktemp("numbers") / "x.json"
    write_document(path, numbers, DocumentKind("toy", 1))
    back = read_document(path, list[float], DocumentKind("toy", 1))
    assert [x.hex() for x in back] == [x.hex() for x in numbers]


def test_the_bytes_are_those_of_the_documentation(path: Path) -> None:
    """Written by fg-data since 0.1, and never to change: caches are full of such files."""
    content = b'{"a":0.1,"b":-5e-324}'
    digest = hashlib.sha256(content).hexdigest().encode()
    before = b'{"format":"toy","version":2,"sha256":"' + digest + b'","content":'
    assert path.read_bytes() == before + content + b"}\n"


def test_every_cut_is_noticed(path: Path) -> None:
    whole = path.read_bytes()
    for length in range(len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(ArtifactError, match="is damaged"):
            read(path)


def test_every_changed_byte_of_the_content_is_noticed(path: Path) -> None:
    whole = path.read_bytes()
    begin = whole.index(b'"content":') + len(b'"content":')
    for place in range(begin, len(whole) - 2):
        changed = bytearray(whole)
        changed[place] ^= 1
        path.write_bytes(bytes(changed))
        with pytest.raises(ArtifactError, match="is damaged"):
            read(path)


def test_content_that_is_nested_without_end_is_refused(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b'{"a"', b"[" * 100_000 + b'{"a"'))
    with pytest.raises(ArtifactError, match="is damaged"):
        read(path)


def test_a_value_that_was_edited_is_noticed_though_it_parses(path: Path) -> None:
    path.write_text(path.read_text().replace("0.1", "0.2"))
    with pytest.raises(ArtifactError, match="its checksum is wrong"):
        read(path)


def test_another_format_version_or_shape(path: Path) -> None:
    with pytest.raises(ArtifactError, match="is 'toy' version 2; 'toy' version 3 is wanted"):
        read_document(path, dict[str, float], DocumentKind("toy", 3))
    with pytest.raises(ArtifactError, match="'game' version 2 is wanted"):
        read_document(path, dict[str, float], DocumentKind("game", 2))
    with pytest.raises(ArtifactError, match="is damaged: Expected"):
        read_document(path, list[float], KIND)
    with pytest.raises(FileNotFoundError):
        read(path.with_name("absent.json"))


def test_a_file_that_is_too_large_is_not_read(path: Path) -> None:
    with pytest.raises(ArtifactError, match="at most 10 are read"):
        read_document(path, dict[str, float], DocumentKind("toy", 2, max_bytes=10))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_refused_and_not_waited_for(path: Path) -> None:
    pipe = path.with_name("pipe.json")
    os.mkfifo(pipe)
    with pytest.raises(ArtifactError, match="it is no regular file; remove it"):
        read_document(pipe, dict[str, float], KIND)
    with pytest.raises(IsADirectoryError):
        read_document(path.parent, dict[str, float], KIND)


def test_what_cannot_be_written_leaves_the_old_file(path: Path) -> None:
    with pytest.raises((TypeError, msgspec.MsgspecError)):
        write_document(path, object(), KIND)
    assert read(path) == CONTENT


def test_earlier_versions_are_read_where_their_type_is_named(path: Path) -> None:
    newer = DocumentKind("toy", 3)
    found: object = read_document(path, list[float], newer, {2: dict[str, float]})
    assert found == CONTENT
    write_document(path, [1.0], newer)
    assert read_document(path, list[float], newer, {2: dict[str, float]}) == [1.0]
    with pytest.raises(ArtifactError, match="version 3; 'toy' version 4 is wanted"):
        read_document(path, list[float], DocumentKind("toy", 4), {2: dict[str, float]})
