"""The report as a file: JSON, written whole or not at all, checked when it is read.

The file is a document of fields (`fg_core.documents.fields`): one JSON object, each of its fields
on a line. `sha256` is the SHA-256, as hexadecimal, of the *canonical* form of the object without
that field: keys sorted, no spaces, no escapes of characters beyond ASCII, floats in their shortest
form that reads back the same. In Python:

    json.dumps(report, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from fg_core.documents import (
    DocumentKind,
    canonical,
    canonical_records,
    checksummed,
    read_fields,
    write_fields,
)

from .schema import REPORT_FORMAT, REPORT_VERSION, Report

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
"""Path to which the command writes its report, relative to the working directory."""

MAX_BYTES = 1024 * 1024 * 1024
"""Largest file that is read."""

_KIND = DocumentKind(
    REPORT_FORMAT,
    REPORT_VERSION,
    noun="backtest report",
    reader="fg-backtest",
    max_bytes=MAX_BYTES,
)


def plain(report: Report) -> dict[str, Any]:
    """Return a report as plain values, as they are in its file.

    Args:
        report: report to be converted.

    Returns:
        Mapping of plain values that JSON can hold; moments are ISO 8601 texts.
    """
    values: dict[str, Any] = json.loads(b"".join(checksummed(_fields(report, hashlib.sha256()))))
    return values


def results_hash(report: Report) -> str:
    """Return the SHA-256 over forecasts and figures alone.

    Two runs of equal settings on equal data have the same one, whenever and with whichever
    versions they were made, as long as those compute the same numbers. A report of the summary
    only has another one than the whole report.

    Args:
        report: report whose results are hashed.

    Returns:
        Hexadecimal digits of the hash.
    """
    digest = hashlib.sha256()
    for piece in _series(report):
        digest.update(piece)
    return digest.hexdigest()


def without_origins(report: Report) -> Report:
    """Return the report of the summary only: without the forecasts of each origin.

    Args:
        report: report with or without the forecasts of origins.

    Returns:
        The same figures, with no forecasts of origins.
    """
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

    Args:
        report: report to be written.
        path: name of the file.

    Returns:
        The hash of its results, as `results_hash` returns it.

    Raises:
        OSError: The file cannot be written.
    """
    results = hashlib.sha256()
    write_fields(path, _fields(report, results))
    return results.hexdigest()


def _series(report: Report) -> Iterator[bytes]:
    """Return the field `series` as canonical JSON, in pieces: a large report is never one text."""
    before = b"{"
    for name in sorted(report.series):
        yield before + canonical(name) + b":" + canonical_records(report.series[name])
        before = b","
    yield b"}" if report.series else b"{}"


def _fields(report: Report, results: hashlib._Hash) -> Mapping[str, Iterable[bytes]]:
    """Return the fields of a report as canonical JSON, in pieces.

    Args:
        report: report to be written.
        results: a hash, which is updated with the field `series` when its pieces are taken.
    """

    def series() -> Iterator[bytes]:
        for piece in _series(report):
            results.update(piece)
            yield piece

    values = msgspec.to_builtins(msgspec.structs.replace(report, series={}))
    fields: dict[str, Iterable[bytes]] = {key: (canonical(value),) for key, value in values.items()}
    return {**fields, "series": series()}


def read_report(path: str | os.PathLike[str]) -> Report:
    """Read a report and check that it is whole.

    Args:
        path: name of the file.

    Returns:
        The report, whose hash has been checked.

    Raises:
        ArtifactError: It is not a report, of another version, truncated or altered.
        OSError: The file cannot be read.
    """
    return read_fields(path, Report, _KIND)
