"""Content in an envelope, with a checksum over its bytes.

    {"format":"forecast-game-policy","version":1,"sha256":"<hexadecimal>","content":{...}}

The checksum is over the bytes of the content as they stand in the file, so a file that was cut,
altered or half written is refused, whatever it would have parsed to.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

import msgspec

from fg_core.artifact import write_atomically
from fg_core.errors import ArtifactError

from .kind import DocumentKind

__all__ = ["read_document", "read_format", "write_document"]

T = TypeVar("T")


class _Envelope(msgspec.Struct, forbid_unknown_fields=True):
    format: str
    version: int
    sha256: str
    content: msgspec.Raw


class _Headed(msgspec.Struct):
    format: str


_ENVELOPE = msgspec.json.Decoder(_Envelope)
_HEADED = msgspec.json.Decoder(_Headed)
_UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


def write_document(path: str | os.PathLike[str], content: object, kind: DocumentKind) -> None:
    """Write a document, whole or not at all.

    Args:
        path: Path of the file; missing parent folders are made.
        content: Content that `msgspec.json` can write. Numbers must be finite: one that is not is
            written as null.
        kind: Kind that the file says that it is.

    Raises:
        TypeError: `msgspec.json` cannot write the content; the old file stays.
        OSError: The file cannot be written.

    >>> import tempfile
    >>> kind = DocumentKind("example", 1)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "one.json"
    ...     write_document(path, {"a": 1.5}, kind)
    ...     read_document(path, dict[str, float], kind)
    {'a': 1.5}
    """
    body = msgspec.json.encode(content)
    digest = hashlib.sha256(body).hexdigest()
    envelope = _Envelope(kind.format, kind.version, digest, msgspec.Raw(body))
    write_atomically(path, msgspec.json.encode(envelope) + b"\n")


def read_document(
    path: str | os.PathLike[str],
    content_type: type[T],
    kind: DocumentKind,
    older: Mapping[int, type[Any]] = MappingProxyType({}),
) -> T:
    """Read a document.

    Args:
        path: Path of the file.
        content_type: Type that the content must have, for `msgspec`.
        kind: Kind that the file must say that it is.
        older: Types of the content in earlier versions that are read as well, by version. What is
            read of them is of that type, for the caller to bring up to date.

    Returns:
        The content.

    Raises:
        FileNotFoundError: There is none.
        ArtifactError: It is damaged, too large, or of another format or version.
        OSError: It cannot be read.
    """
    where = Path(path)
    data = _bytes_of(where, kind.max_bytes)
    try:
        envelope = _ENVELOPE.decode(data)
    except _UNREADABLE as error:
        raise ArtifactError(f"{where} is damaged: {error}") from error
    types = {**older, kind.version: content_type}
    if envelope.format != kind.format or envelope.version not in types:
        raise ArtifactError(
            f"{where} is {envelope.format!r} version {envelope.version}; {kind.format!r} version "
            f"{kind.version} is wanted"
        )
    body = bytes(envelope.content)
    if hashlib.sha256(body).hexdigest() != envelope.sha256:
        raise ArtifactError(f"{where} is damaged: its checksum is wrong")
    try:
        found: T = msgspec.json.decode(body, type=types[envelope.version])
        return found
    except _UNREADABLE as error:
        raise ArtifactError(f"{where} is damaged: {error}") from error


def read_format(path: str | os.PathLike[str], max_bytes: int = 512 * 1024 * 1024) -> str:
    """Return what a document says that it is, whoever wrote it; nothing else of it is checked.

    Args:
        path: Path of a document in an envelope, or of one in fields.
        max_bytes: Size of the largest file that is read.

    Returns:
        Its `format` field.

    Raises:
        FileNotFoundError: There is none.
        ArtifactError: It is too large, or no JSON object with such a field.
        OSError: It cannot be read.
    """
    where = Path(path)
    data = _bytes_of(where, max_bytes)
    try:
        return _HEADED.decode(data).format
    except _UNREADABLE as error:
        raise ArtifactError(
            f"{where} is damaged, or no document with a format field: {error}"
        ) from error


def _bytes_of(where: Path, max_bytes: int) -> bytes:
    facts = where.stat()
    if not (stat.S_ISREG(facts.st_mode) or stat.S_ISDIR(facts.st_mode)):
        # A pipe would have us wait for a writer; a folder is told of by the system.
        raise ArtifactError(f"{where} is damaged: it is no regular file; remove it")
    size = facts.st_size
    if size > max_bytes:
        raise ArtifactError(f"{where}: {size:,} bytes, at most {max_bytes:,} are read; remove it")
    return where.read_bytes()
