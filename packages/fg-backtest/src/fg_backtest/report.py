"""The report as a file: JSON, written whole or not at all, checked when it is read.

The file is one JSON object, each of its fields on a line. `sha256` is the SHA-256, as
hexadecimal, of the *canonical* form of the object without that field: keys sorted, no spaces, no
escapes of characters beyond ASCII, floats in their shortest form that reads back the same. In
Python:

    json.dumps(report, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import msgspec

from fg_core import ArtifactError
from fg_core.artifact import write_atomically

from .records import REPORT_FORMAT, REPORT_VERSION, Report

__all__ = [
    "DEFAULT_PATH",
    "MAX_BYTES",
    "canonical",
    "read_report",
    "results_hash",
    "with_checksum",
    "write_report",
]

DEFAULT_PATH = "planning/backtest_report.json"
"""Where the command writes its report, relative to the working directory."""

MAX_BYTES = 1024 * 1024 * 1024
"""Largest file that is read."""


def canonical(value: Any) -> bytes:
    """Return plain values as canonical JSON.

    >>> canonical({"b": 1.0, "a": None})
    b'{"a":null,"b":1.0}'
    """
    text = json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return text.encode()


def plain(report: Report) -> dict[str, Any]:
    """Return a report as plain values, without a checksum."""
    values: dict[str, Any] = msgspec.to_builtins(report)
    return values


def results_hash(report: Report) -> str:
    """Return the SHA-256 over forecasts and figures alone.

    Two runs of equal settings on equal data have the same one, whenever and with whichever
    versions they were made, as long as those compute the same numbers.
    """
    return hashlib.sha256(canonical(plain(report)["series"])).hexdigest()


def with_checksum(report: Report) -> dict[str, Any]:
    """Return a report as plain values, as they are in its file."""
    values = plain(report)
    return {**values, "sha256": hashlib.sha256(canonical(values)).hexdigest()}


def write_report(report: Report, path: str | os.PathLike[str]) -> None:
    """Write a report, whole or not at all; folders that are missing are made.

    Raises:
        OSError: The file cannot be written.
    """
    values = with_checksum(report)
    fields = (f"{json.dumps(key)}:{canonical(values[key]).decode()}" for key in sorted(values))
    write_atomically(path, ("{\n" + ",\n".join(fields) + "\n}\n").encode())


def read_report(path: str | os.PathLike[str]) -> Report:
    """Read a report and check that it is whole.

    Raises:
        ArtifactError: It is not a report, of another version, truncated or altered.
        OSError: The file cannot be read.
    """
    where = f"report {os.fspath(path)}"
    with Path(path).open("rb") as file:
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise ArtifactError(f"{where}: larger than {MAX_BYTES} bytes, which no report is")
    try:
        values = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ArtifactError(f"{where}: not JSON, or truncated: {error}") from error
    if not isinstance(values, dict) or values.get("format") != REPORT_FORMAT:
        raise ArtifactError(f"{where}: not a backtest report (its format is {REPORT_FORMAT!r})")
    if values.get("version") != REPORT_VERSION:
        raise ArtifactError(
            f"{where}: version {values.get('version')!r}, and this fg-backtest reads version "
            f"{REPORT_VERSION}; read it with the fg-backtest that wrote it, or run it again"
        )
    stated = values.pop("sha256", None)
    found = hashlib.sha256(canonical(values)).hexdigest()
    if stated != found:
        raise ArtifactError(
            f"{where}: altered or damaged, its checksum is {stated!r} and should be {found!r}"
        )
    try:
        return msgspec.convert(values, Report)
    except msgspec.ValidationError as error:
        raise ArtifactError(f"{where}: {error}") from error
