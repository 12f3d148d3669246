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
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from fg_core import ArtifactError
from fg_core.artifact import write_atomically

from .canonical import canonical, canonical_records
from .records import REPORT_FORMAT, REPORT_VERSION, Report

__all__ = [
    "DEFAULT_PATH",
    "MAX_BYTES",
    "plain",
    "read_report",
    "results_hash",
    "without_origins",
    "write_report",
]

DEFAULT_PATH = "planning/backtest_report.json"
"""Where the command writes its report, relative to the working directory."""

MAX_BYTES = 1024 * 1024 * 1024
"""Largest file that is read."""

_CHECKSUM = "sha256"


def plain(report: Report) -> dict[str, Any]:
    """Return a report as plain values, as they are in its file."""
    values: dict[str, Any] = json.loads(b"".join(_file(report, hashlib.sha256())))
    return values


def results_hash(report: Report) -> str:
    """Return the SHA-256 over forecasts and figures alone.

    Two runs of equal settings on equal data have the same one, whenever and with whichever
    versions they were made, as long as those compute the same numbers. A report of the summary
    only has another one than the whole report.
    """
    digest = hashlib.sha256()
    for piece in _series(report):
        digest.update(piece)
    return digest.hexdigest()


def without_origins(report: Report) -> Report:
    """Return the report of the summary only: without the forecasts of each origin."""
    replace = msgspec.structs.replace
    series = {
        name: replace(
            one, horizons={h: replace(cell, origins=None) for h, cell in one.horizons.items()}
        )
        for name, one in report.series.items()
    }
    return replace(report, series=series)


def write_report(report: Report, path: str | os.PathLike[str]) -> str:
    """Write a report, whole or not at all; folders that are missing are made.

    Returns:
        The hash of its results, as `results_hash` returns it.

    Raises:
        OSError: The file cannot be written.
    """
    results = hashlib.sha256()
    write_atomically(path, _file(report, results))
    return results.hexdigest()


def _series(report: Report) -> Iterator[bytes]:
    """Return the field `series` as canonical JSON, in pieces: a large report is never one text."""
    before = b"{"
    for name in sorted(report.series):
        yield before + canonical(name) + b":" + canonical_records(report.series[name])
        before = b","
    yield b"}" if report.series else b"{}"


def _file(report: Report, results: hashlib._Hash) -> Iterator[bytes]:
    """Return the file in pieces, each field of the report on a line.

    Args:
        report: what to write.
        results: a hash, which is updated with the field `series`.
    """
    values = msgspec.to_builtins(msgspec.structs.replace(report, series={}))
    fields = {key: canonical(key) + b":" + canonical(values[key]) for key in sorted(values)}
    # What the checksum is of does not have its line, and no line breaks.
    before = [key for key in fields if key < _CHECKSUM]
    after = [fields[key] for key in fields if key > _CHECKSUM]
    whole = hashlib.sha256()
    for number, key in enumerate(before):
        whole.update(b"," if number else b"{")
        yield b",\n" if number else b"{\n"
        if key != "series":
            whole.update(fields[key])
            yield fields[key]
            continue
        whole.update(b'"series":')
        yield b'"series":'
        for piece in _series(report):
            whole.update(piece)
            results.update(piece)
            yield piece
    whole.update(b"".join(b"," + field for field in after) + b"}")
    checksum = canonical(_CHECKSUM) + b":" + canonical(whole.hexdigest())
    yield b"".join(b",\n" + field for field in (checksum, *after)) + b"\n}\n"


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
    stated = values.pop(_CHECKSUM, None)
    found = hashlib.sha256(canonical_records(values)).hexdigest()
    if stated != found:
        raise ArtifactError(
            f"{where}: altered or damaged, its checksum is {stated!r} and should be {found!r}"
        )
    try:
        return msgspec.convert(values, Report)
    except msgspec.ValidationError as error:
        raise ArtifactError(f"{where}: {error}") from error
