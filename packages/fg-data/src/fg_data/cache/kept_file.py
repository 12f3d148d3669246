"""A file of the cache: the format of its value, how old the value is, and how it is read."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import KW_ONLY, dataclass
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, Generic, TypeVar

import msgspec

from fg_core import ConfigError
from fg_core.documents import DocumentKind, read_document

__all__ = ["Cached", "Format", "KeptFile", "read_kept", "remove_leftovers", "set_aside"]

T = TypeVar("T")


@dataclass(frozen=True)
class Format(Generic[T]):
    """Format in which values of one type are kept.

    Args:
        name: Name of the format, in every file.
        version: Version of the format; a file of another one counts as damaged.
        content: Type of the content, for `msgspec`.
        to_content: Function from a value to its content.
        from_content: Back; may raise `ForecastGameError` for a content that makes no sense.
        is_synthetic: Whether a value is made up.
        max_age: Largest age of a value; None: it never changes.
        made_of: When the oldest figure was fetched that a value is made of, where it is made of
            others that may be kept too; None: it comes from the service itself.
        series: Names of the series that a value is of, where its content tells; none: it does not.
    """

    name: str
    version: int
    content: Any
    to_content: Callable[[T], Any]
    from_content: Callable[[Any], T]
    is_synthetic: Callable[[T], bool]
    max_age: Callable[[T], timedelta | None]
    made_of: Callable[[T], datetime | None] = lambda _: None
    series: Callable[[T], Sequence[str]] = lambda _: ()

    @property
    def kind(self) -> DocumentKind:
        """Kind of document that a file of this format states."""
        return DocumentKind(self.name, self.version)


@dataclass(frozen=True)
class Cached(Generic[T]):
    """A value, and how old it is.

    Args:
        value: The value.
        fetched_at: When it was asked for at the service, as recorded.
        age: Since then.
        path: Path of its file; None: it could not be kept.
        outage: Why it is older than it should be; empty: it is fresh, or offline was asked for.
    """

    value: T
    fetched_at: datetime
    age: timedelta
    path: Path | None
    _: KW_ONLY
    outage: str = ""


class KeptFile(msgspec.Struct, forbid_unknown_fields=True):
    """What a file holds.

    Args:
        key: Digest of the key.
        what: What it is, for people.
        fetched_at: When the value was asked for at the service.
        is_synthetic: Whether the value is made up.
        value: Content in the format of the value, not read yet.
    """

    key: str
    what: str
    fetched_at: datetime
    is_synthetic: bool
    value: msgspec.Raw


def read_kept(path: Path, how: Format[T]) -> KeptFile | None:
    """Return what a file holds, with its value unread.

    Args:
        path: Path of the file.
        how: Format of the file.

    Returns:
        What it holds; None if there is no file.

    Raises:
        ArtifactError: The file is damaged, or of another format.
        ConfigError: It cannot be read.
    """
    try:
        return read_document(path, KeptFile, how.kind)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise ConfigError(f"the cache at {path} cannot be read: {error.strerror}") from error


def remove_leftovers(path: Path) -> None:
    """Remove what a writer of a file that was killed has left; the lock is held.

    Args:
        path: Path of the file.
    """
    if not path.parent.is_dir():
        return
    for left in path.parent.glob(f".{path.name[:64]}.*.tmp"):
        with suppress(OSError):
            os.unlink(left)  # noqa: PTH108 - a name of ours, never a folder


def set_aside(path: Path) -> str:
    """Rename a damaged file, so that another one can take its place; the lock is held.

    Args:
        path: Path of the file.

    Returns:
        What was done, to follow the words for the damage.
    """
    names = (path.with_name(f"{path.name}.damaged-{n}") for n in count(1))
    aside = next(name for name in names if not name.exists())
    try:
        path.rename(aside)
    except OSError as problem:
        return f"it cannot be set aside ({problem.strerror})"
    return f"it was set aside as {aside.name}"
