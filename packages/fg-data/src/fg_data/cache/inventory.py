"""Contents of a cache, by a look at its files and without their figures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

__all__ = ["CacheEntry", "inventory"]


@dataclass(frozen=True)
class CacheEntry:
    """One file of the cache.

    Args:
        path: Below the folder of the cache, with slashes.
        what: Content of the file; empty if it cannot be read.
        age: Since its fetch; None if it cannot be read.
        n_bytes: Size of the file.
        damage: Damage of the file; empty: nothing that a look at its head would tell.
    """

    path: str
    what: str
    age: timedelta | None
    n_bytes: int
    damage: str = ""


class _Content(msgspec.Struct):
    what: str
    fetched_at: datetime


class _Envelope(msgspec.Struct):
    format: str
    content: _Content


_HEAD = msgspec.json.Decoder(_Envelope)


def inventory(folder: Path, now: datetime) -> tuple[CacheEntry, ...]:
    """Return the files of a cache, by path; damaged ones and those set aside among them.

    Checksums are not computed; they are checked when a file is read.

    Args:
        folder: Folder of the cache; it need not be there.
        now: The present moment.

    Returns:
        One entry per file.

    >>> from datetime import UTC
    >>> inventory(Path("no such folder"), datetime(2024, 1, 1, tzinfo=UTC))
    ()
    """
    found = []
    for path in sorted(folder.glob("*.json*")) + sorted(folder.glob("*/*.json*")):
        if not path.is_file():
            continue
        below = path.relative_to(folder).as_posix()
        if ".damaged-" in path.name:
            found.append(CacheEntry(below, "", None, path.stat().st_size, "set aside as damaged"))
            continue
        data = path.read_bytes()
        try:
            head = _HEAD.decode(data).content
            age = now - head.fetched_at
            found.append(CacheEntry(below, head.what, age, len(data)))
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, TypeError) as error:
            found.append(CacheEntry(below, "", None, len(data), f"cannot be read: {error}"))
    return tuple(found)
