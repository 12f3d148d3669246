"""A header, a record per line, and a line that closes the file.

    {"format":"forecast-game-trajectory","version":1, ...what the writer adds}
    {...}
    {"rows":1,"sha256":"<hexadecimal SHA-256 of every byte before this line>"}

A file that is truncated, altered or of another version is refused with its path and line. Lines and
files have limits, for writing and for reading (`DocumentKind`).
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import msgspec

from fg_core.artifact import write_atomically
from fg_core.errors import ArtifactError, DataError, ForecastGameError

from .kind import DocumentKind
from .plain import check_plain

__all__ = ["read_lines", "write_lines"]

T = TypeVar("T")

_HEADER = msgspec.json.Decoder(dict[str, Any])
_UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


class _Footer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    rows: int
    sha256: str


_FOOTER = msgspec.json.Decoder(_Footer)


def write_lines(
    path: str | os.PathLike[str],
    records: Iterable[Any],
    kind: DocumentKind,
    *,
    meta: Mapping[str, Any] | None = None,
    entry: str = "record",
) -> None:
    """Write a document of lines, whole or not at all.

    Args:
        path: Path of the file; missing parent folders are made.
        records: Records that `msgspec.json` can write, one per line, with finite numbers.
        kind: Kind that the file says that it is.
        meta: Further entries of the header: plain JSON values by name.
        entry: Name of a record in messages, before its number.

    Raises:
        DataError: `meta` uses a name of the header or holds what would not come back equal, a
            record cannot be written as JSON, or a limit is exceeded.
        OSError: The file cannot be written.

    >>> import tempfile
    >>> kind = DocumentKind("example", 1)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "one.jsonl"
    ...     write_lines(path, [{"x": 1.5}], kind, meta={"seed": 7})
    ...     read_lines(path, msgspec.json.decode, kind)
    ({'format': 'example', 'version': 1, 'seed': 7}, [{'x': 1.5}])
    """
    added = dict(meta or {})
    taken = sorted({"format", "version"} & set(added))
    if taken:
        raise DataError(f"{kind.noun} meta may not hold {' or '.join(taken)}: the header does")
    check_plain(f"{kind.noun} meta", added)
    header = {"format": kind.format, "version": kind.version, **added}
    lines = [_line("header", header, kind)]
    lines += [_line(f"{entry} {i}", record, kind) for i, record in enumerate(records)]
    body = b"".join(lines)
    footer = _Footer(len(lines) - 1, hashlib.sha256(body).hexdigest())
    data = body + msgspec.json.encode(footer) + b"\n"
    if len(data) > kind.max_bytes:
        raise DataError(
            f"{kind.noun} of {len(data)} bytes, at most {kind.max_bytes}: write it in parts"
        )
    write_atomically(path, data)


def _line(where: str, value: Any, kind: DocumentKind) -> bytes:
    try:
        line = msgspec.json.encode(value) + b"\n"
    except (TypeError, ValueError, OverflowError) as error:
        raise DataError(f"{kind.noun} {where} cannot be written as JSON: {error}") from error
    if len(line) > kind.max_line_bytes:
        raise DataError(
            f"{kind.noun} {where} takes {len(line)} bytes, at most {kind.max_line_bytes}"
        )
    return line


def read_lines(
    path: str | os.PathLike[str], parse: Callable[[bytes], T], kind: DocumentKind
) -> tuple[dict[str, Any], list[T]]:
    """Read a document of lines and check that it is whole.

    Args:
        path: Path of the file.
        parse: Returns the record of a line; what it raises of msgspec or of ours is told with path
            and line.
        kind: Kind that the file must say that it is.

    Returns:
        The header, format and version included, and the records in their order.

    Raises:
        ArtifactError: The file cannot be read, is truncated, altered, of another version, too
            large, or no such document; the message has path and line.
    """
    where = Path(path)
    digest = hashlib.sha256()
    records: list[T] = []
    lines = _lines(where, kind)
    number, line = next(lines)
    header = _parse_header(where, line, kind)
    # One line late, because only the end of the file tells which line closes it.
    for next_number, next_line in lines:
        digest.update(line)
        if number > 1:
            try:
                records.append(parse(line))
            except (*_UNREADABLE, ForecastGameError) as error:
                _refuse(where, number, f"not a {kind.record} of a {kind.noun}: {error}")
        number, line = next_number, next_line
    if number == 1:
        _refuse(where, 1, "the file ends with its header: truncated")
    _check_footer(where, number, line, len(records), digest.hexdigest())
    return header, records


def _refuse(path: Path, line: int, why: str) -> NoReturn:
    raise ArtifactError(f"{path}, line {line}: {why}")


def _lines(path: Path, kind: DocumentKind) -> Iterator[tuple[int, bytes]]:
    """Yield number and bytes of each line, newline included; at least one."""
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_size > kind.max_bytes:
                raise ArtifactError(f"{path} has more than {kind.max_bytes} bytes")
            number = 0
            while line := file.readline(kind.max_line_bytes + 1):
                number += 1
                if len(line) > kind.max_line_bytes:
                    _refuse(path, number, f"longer than {kind.max_line_bytes} bytes")
                if not line.endswith(b"\n"):
                    _refuse(path, number, "the file ends within a line: truncated")
                yield number, line
            if not number:
                _refuse(path, 1, "the file is empty")
    except OSError as error:
        why = error.strerror or str(error)
        raise ArtifactError(f"{path} cannot be read as a {kind.noun}: {why}") from error


def _parse_header(path: Path, line: bytes, kind: DocumentKind) -> dict[str, Any]:
    try:
        header = _HEADER.decode(line)
    except _UNREADABLE as error:
        _refuse(path, 1, f"not the header of a {kind.noun}: {error}")
    if header.get("format") != kind.format:
        _refuse(path, 1, f"format {header.get('format')!r}, expected {kind.format!r}")
    version = header.get("version")
    if type(version) is not int or version != kind.version:
        _refuse(
            path,
            1,
            f"version {version!r}; this {kind.reader} reads version {kind.version}: "
            f"use the {kind.reader} that wrote the file",
        )
    return header


def _check_footer(path: Path, number: int, line: bytes, rows: int, digest: str) -> None:
    try:
        footer = _FOOTER.decode(line)
    except _UNREADABLE as error:
        _refuse(path, number, f"not the closing line (rows, sha256), so truncated: {error}")
    if footer.rows != rows:
        _refuse(path, number, f"the closing line counts {footer.rows} rows, the file has {rows}")
    if footer.sha256 != digest:
        _refuse(path, number, "the checksum differs: the file was altered after it was written")
