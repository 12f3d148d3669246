"""Files of the cache: JSON with a format, a version and a checksum, checked before it is believed.

    {"format": "forecast-game-vintages", "version": 1, "sha256": "...", "content": {...}}

The checksum is over the bytes of the content as they stand in the file, so a file that was cut,
altered or half written is refused, whatever it would have parsed to.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TypeVar

import msgspec

from fg_core import ArtifactError
from fg_core.artifact import write_atomically

__all__ = ["MAX_BYTES", "read_document", "write_document"]

MAX_BYTES = 512 * 1024 * 1024
"""Largest file: some four million prints."""

T = TypeVar("T")


class _Envelope(msgspec.Struct, forbid_unknown_fields=True):
    format: str
    version: int
    sha256: str
    content: msgspec.Raw


_ENVELOPE = msgspec.json.Decoder(_Envelope)


def write_document(
    path: str | os.PathLike[str],
    content: object,
    *,
    kind: str,
    version: int,
) -> None:
    """Write a file of the cache, whole or not at all.

    Args:
        path: The file; missing parent folders are made.
        content: What `msgspec.json` can write; numbers are finite.
        kind: What it is.
        version: Of the format.

    Raises:
        OSError: The file cannot be written.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "one.json"
    ...     write_document(path, {"a": 1.5}, kind="example", version=1)
    ...     read_document(path, dict[str, float], kind="example", version=1)
    {'a': 1.5}
    """
    body = msgspec.json.encode(content)
    digest = hashlib.sha256(body).hexdigest()
    envelope = _Envelope(kind, version, digest, msgspec.Raw(body))
    write_atomically(path, msgspec.json.encode(envelope) + b"\n")


def read_document(
    path: str | os.PathLike[str],
    content_type: type[T],
    *,
    kind: str,
    version: int,
) -> T:
    """Read a file of the cache.

    Args:
        path: The file.
        content_type: What the content must be, for `msgspec`.
        kind: What it must say that it is.
        version: The one version that is read.

    Raises:
        FileNotFoundError: There is none.
        ArtifactError: It is damaged, or of another format or version.
        OSError: It cannot be read.
    """
    where = Path(path)
    size = where.stat().st_size
    if size > MAX_BYTES:
        raise ArtifactError(f"{where}: {size:,} bytes, at most {MAX_BYTES:,} are read; remove it")
    data = where.read_bytes()
    try:
        envelope = _ENVELOPE.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise ArtifactError(f"{where} is damaged: {error}") from error
    if (envelope.format, envelope.version) != (kind, version):
        raise ArtifactError(
            f"{where} is {envelope.format!r} version {envelope.version}; {kind!r} version "
            f"{version} is wanted"
        )
    body = bytes(envelope.content)
    if hashlib.sha256(body).hexdigest() != envelope.sha256:
        raise ArtifactError(f"{where} is damaged: its checksum is wrong")
    try:
        return msgspec.json.decode(body, type=content_type)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise ArtifactError(f"{where} is damaged: {error}") from error
