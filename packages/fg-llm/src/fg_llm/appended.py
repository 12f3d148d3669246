"""Files that only grow: a JSON object per line, written at once, whoever else writes.

A process that is killed amid a line leaves a torn one. Who appends after it says so in a line of
its own, so that a reader tells what was cut off from what was altered.
"""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fg_core.errors import ArtifactError

from .strict_json import strict_json

__all__ = ["append_line", "read_appended", "storable"]

_TORN = {"torn": True}


def append_line(path: str | os.PathLike[str], entry: Mapping[str, Any]) -> None:
    """Add an object at the end of the file, which is made where it is missing.

    The line is written by one call to the system in append mode, so lines of several processes do
    not mix on a local disk.

    Args:
        path: Path of the file; missing parent folders are made.
        entry: Object, of plain JSON values with finite numbers.

    Raises:
        ValueError: A number is not finite.
        OSError: The file cannot be written, or not whole.
    """
    line = _line(entry)
    where = Path(path)
    where.parent.mkdir(parents=True, exist_ok=True)
    # Binary, or Windows would change the ends of lines.
    flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)
    file = os.open(where, flags, 0o666)
    try:
        size = os.fstat(file).st_size
        if size:
            os.lseek(file, size - 1, os.SEEK_SET)
            if os.read(file, 1) != b"\n":
                line = b"\n" + _line(_TORN) + line
        if os.write(file, line) != len(line):
            raise OSError(f"{where}: the disk took a part of a line")
    finally:
        os.close(file)


def read_appended(path: str | os.PathLike[str]) -> list[dict[str, Any]]:
    """Return the objects of a file, oldest first; none where there is no file.

    What a killed process left of a line is left out, with a warning.

    Args:
        path: Path of the file.

    Returns:
        Objects of the lines.

    Raises:
        ArtifactError: The file cannot be read, or a line is no JSON object; the message has its
            number.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     append_line(Path(folder) / "calls.jsonl", {"asked": 1})
    ...     append_line(Path(folder) / "calls.jsonl", {"asked": 2})
    ...     read_appended(Path(folder) / "calls.jsonl")
    [{'asked': 1}, {'asked': 2}]
    """
    where = Path(path)
    try:
        *lines, tail = where.read_bytes().split(b"\n")
    except FileNotFoundError:
        return []
    except OSError as error:
        raise ArtifactError(f"{where} cannot be read: {error.strerror or error}") from error
    found: list[dict[str, Any]] = []
    torn = [len(lines) + 1] if tail else []
    for number, line in enumerate(lines, start=1):
        entry = _entry(line)
        # Even one that can be read: before somebody told that it is torn it was left out too.
        if number < len(lines) and _entry(lines[number]) == _TORN:
            torn += [number] if line else []  # two processes may have ended the same line
        elif entry is None:
            raise ArtifactError(f"{where}, line {number}: no JSON object")
        elif entry != _TORN:
            found.append(entry)
    for number in torn:
        warnings.warn(f"{where}, line {number}: cut off, left out", RuntimeWarning, stacklevel=2)
    return found


def storable(text: str) -> str:
    r"""Return a text with each lone surrogate, which no file can hold, as a NUL.

    JSON has neither as it stands: an answer that was none stays none when it is read again.

    >>> storable("a\ud800")
    'a\x00'
    """
    return "".join("\0" if "\ud800" <= c <= "\udfff" else c for c in text)


def _line(entry: Mapping[str, Any]) -> bytes:
    return json.dumps(dict(entry), allow_nan=False).encode("ascii") + b"\n"


def _entry(line: bytes) -> dict[str, Any] | None:
    try:
        found = strict_json(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
