"""Output of several commands: notices, ages, JSON, and the long table of rows."""

from __future__ import annotations

import csv
import io
import os
import sys
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from fg_core import ConfigError, Provenance
from fg_core.artifact import write_atomically
from fg_core.console import takes_unicode
from fg_data.cache import age_text, utc_now
from fg_data.histories import HistorySource
from fg_data.training import TrainingSource

from .loading import Loaded, source_of

__all__ = [
    "age_of",
    "check_writable",
    "notice_lines",
    "print_json",
    "print_notices",
    "provenance_facts",
    "write_rows",
]

_LARGEST = 8


def age_of(fetched_at: datetime | None) -> str:
    """Return the time since something was fetched, in words; empty if it was not.

    Args:
        fetched_at: Moment of the fetch; None: nothing was fetched.

    Returns:
        Text such as "2 days"; empty where nothing was fetched.
    """
    return "" if fetched_at is None else age_text(utc_now() - fetched_at)


def notice_lines(provenance: Provenance) -> list[str]:
    """Return the notices of the data; those that terms of use require come first.

    Args:
        provenance: Provenance of the data.

    Returns:
        Lines of text, one per notice.
    """
    required = _required(provenance)
    # False comes before True, and the order is kept otherwise.
    notices = sorted(provenance.notices, key=lambda notice: notice not in required)
    lines = []
    if provenance.fallback_for:
        lines.append(f"FALLBACK: these data stand in for {provenance.fallback_for!r}.")
    if provenance.is_synthetic:
        lines.append("SYNTHETIC: numbers are made up.")
    lines.append(
        f"Data: {provenance.source}, {provenance.description}. Licence: {provenance.licence}. "
        f"Vintage: {provenance.vintage}."
    )
    return [*lines, *notices]


def _required(provenance: Provenance) -> tuple[str, ...]:
    """Return the notices that the terms of the service of the figures, or their base, require."""
    for name in (provenance.source, provenance.details.get("base")):
        made = source_of(str(name))
        if isinstance(made, HistorySource | TrainingSource):
            return made.service.required_notices
    return ()


def print_notices(provenance: Provenance) -> None:
    """Print them below a table.

    Args:
        provenance: Provenance of the data.
    """
    print()
    for line in notice_lines(provenance):
        _print(line)


def _print(line: str) -> None:
    encoding = sys.stdout.encoding or "utf-8"
    print(line.encode(encoding, "replace").decode(encoding))


def provenance_facts(provenance: Provenance) -> dict[str, Any]:
    """Return a provenance as plain values for JSON.

    Args:
        provenance: Provenance of the data.

    Returns:
        Facts by name.
    """
    return {
        "source": provenance.source,
        "description": provenance.description,
        "licence": provenance.licence,
        "vintage": provenance.vintage,
        "is_synthetic": provenance.is_synthetic,
        "fallback_for": provenance.fallback_for,
        "notices": notice_lines(provenance),
        "details": dict(provenance.details),
    }


def print_json(content: Mapping[str, Any]) -> None:
    """Print JSON with a line a field.

    Args:
        content: Content that JSON can hold.
    """
    text = msgspec.json.format(msgspec.json.encode(content), indent=2).decode()
    if not takes_unicode():
        text = text.encode("ascii", "backslashreplace").decode()
    print(text)


def check_writable(option: str, path: str | None, endings: tuple[str, ...]) -> None:
    """Find out before anything is fetched whether a file can be written.

    Args:
        option: Name of the option in messages.
        path: Path of the file; None: none was asked for.
        endings: Endings that the file may have.

    Raises:
        ConfigError: It cannot, or its name ends otherwise than it should.
    """
    if path is None:
        return
    target = Path(path)
    if target.suffix.lower() not in endings:
        raise ConfigError(f"{option} {path}: its name must end in {' or '.join(endings)}")
    try:
        if target.is_dir():
            raise ConfigError(f"{option} {path} is a folder; give the name of a file")
        folder = Path(os.path.realpath(target)).parent
        while not folder.exists() and folder != folder.parent:
            folder = folder.parent
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise ConfigError(f"{option} {path} cannot be written: {error.strerror}") from error


def write_rows(path: str, loaded: Loaded) -> int:
    """Write all rows as a long table, whole or not at all; return how many there are.

    A period has a row for each of its values, where the data have revisions.

    Columns: `unique_id`, `ds` (date of the first day of the period), `y`, `available_at` (UTC).
    The source `file` reads it back.

    Args:
        path: Path of the file.
        loaded: Data that are written.

    Returns:
        Number of rows.
    """
    records = [
        {
            "unique_id": name,
            "ds": row.timestamp.astimezone(UTC).date().isoformat(),
            "y": float(row.value),
            "available_at": row.available_at.astimezone(UTC).isoformat(),
        }
        for dataset, name, _ in loaded.series()
        for row in dataset.values_of(name)
    ]
    if Path(path).suffix.lower() == ".json":
        data = msgspec.json.format(msgspec.json.encode(records), indent=1)
    else:
        out = io.StringIO(newline="")
        writer = csv.DictWriter(out, ["unique_id", "ds", "y", "available_at"], lineterminator="\n")
        writer.writeheader()
        writer.writerows(records)
        data = out.getvalue().encode()
    try:
        write_atomically(path, data)
    except OSError as error:
        raise ConfigError(f"--out {path} cannot be written: {error.strerror}") from error
    return len(records)
