"""One JSON object in its canonical form, a field per line, with the checksum among the fields.

`sha256` is the SHA-256, as hexadecimal, of the canonical form of the object without that field; see
`fg_core.documents.canonical`. A reader that checks a file needs nothing of ours:

    text = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    hashlib.sha256(text.encode()).hexdigest()
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TypeVar

import msgspec

from fg_core.artifact import write_atomically
from fg_core.errors import ArtifactError

from .canonical import canonical, canonical_records
from .kind import DocumentKind

__all__ = ["CHECKSUM", "checksummed", "read_fields", "write_fields"]

CHECKSUM = "sha256"
"""Name of the field with the checksum."""

T = TypeVar("T")


def checksummed(fields: Mapping[str, Iterable[bytes]]) -> Iterator[bytes]:
    r"""Return the bytes of a file, piece by piece.

    Args:
        fields: Canonical JSON of each value by name, in pieces; `format` and `version` among them,
            the checksum not. Fields whose names come before that of the checksum are never held as
            a whole.

    Returns:
        The pieces: fields in the order of their names, each on a line.

    >>> text = b"".join(checksummed({"a": [b"[1,", b"2]"], "x": [b"null"]})).decode()
    >>> [line[:15] for line in text.splitlines()]
    ['{', '"a":[1,2],', '"sha256":"ee83e', '"x":null', '}']
    """
    names = sorted(fields)
    # The checksum is of the canonical form, which has no line breaks, and of course no checksum.
    whole = hashlib.sha256()
    mark = b"{"
    for name in (name for name in names if name < CHECKSUM):
        head = canonical(name) + b":"
        whole.update(mark + head)
        yield mark + b"\n" + head
        for piece in fields[name]:
            whole.update(piece)
            yield piece
        mark = b","
    later = [canonical(name) + b":" + b"".join(fields[name]) for name in names if name > CHECKSUM]
    text = b",".join(later)
    whole.update((mark + text if later or mark == b"{" else b"") + b"}")
    checksum = canonical(CHECKSUM) + b":" + canonical(whole.hexdigest())
    yield mark + b"\n" + b",\n".join([checksum, *later]) + b"\n}\n"


def write_fields(path: str | os.PathLike[str], fields: Mapping[str, Iterable[bytes]]) -> None:
    """Write a document of fields, whole or not at all; missing parent folders are made.

    Args:
        path: Path of the file.
        fields: Fields by name, as `checksummed` takes them.

    Raises:
        OSError: The file cannot be written.
        ValueError: As the pieces raise it, such as `canonical` for a number that is not finite; the
            old file stays.
    """
    write_atomically(path, checksummed(fields))


def read_fields(path: str | os.PathLike[str], content_type: type[T], kind: DocumentKind) -> T:
    """Read a document of fields and check that it is whole.

    Args:
        path: Path of the file.
        content_type: Type that the object must have without its checksum, for `msgspec`.
        kind: Kind that the file must say that it is, in its fields `format` and `version`.

    Returns:
        The content.

    Raises:
        ArtifactError: It is no such document, of another version, truncated, altered or too large.
        OSError: The file cannot be read.
    """
    where = f"{kind.noun} {os.fspath(path)}"
    with Path(path).open("rb") as file:
        data = file.read(kind.max_bytes + 1)
    if len(data) > kind.max_bytes:
        raise ArtifactError(f"{where}: larger than {kind.max_bytes} bytes, which no {kind.noun} is")
    try:
        values = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ArtifactError(f"{where}: not JSON, or truncated: {error}") from error
    if not isinstance(values, dict) or values.get("format") != kind.format:
        raise ArtifactError(f"{where}: not a {kind.noun} (its format is {kind.format!r})")
    version = values.get("version")
    if type(version) is not int or version != kind.version:
        raise ArtifactError(
            f"{where}: version {version!r}, and this {kind.reader} reads version {kind.version}; "
            f"read it with the {kind.reader} that wrote it, or run it again"
        )
    stated = values.pop(CHECKSUM, None)
    found = hashlib.sha256(canonical_records(values)).hexdigest()
    if stated != found:
        raise ArtifactError(
            f"{where}: altered or damaged, its checksum is {stated!r} and should be {found!r}"
        )
    try:
        return msgspec.convert(values, content_type)
    except msgspec.ValidationError as error:
        raise ArtifactError(f"{where}: {error}") from error
