"""Whether a user means a file or a plugin when he names a source of data."""

from __future__ import annotations

import os
import stat
from collections.abc import Collection
from pathlib import Path

from .errors import DataError

__all__ = ["FILE_SUFFIXES", "is_location", "require_file"]

FILE_SUFFIXES = (".csv", ".tsv", ".csv.gz", ".tsv.gz", ".json", ".jsonl", ".parquet", ".xlsx")
"""Ends of names that mean a file, whether it is there or not."""


def is_location(text: str, plugins: Collection[str] = ()) -> bool:
    """Return whether a text is the path of a file rather than the name of a plugin.

    It is if it has a separator of paths in it or ends like a file of data; and if a file of that
    name is there, unless a plugin has the name.

    Args:
        text: Text that the user gave.
        plugins: Names of the plugins that are installed.

    Returns:
        Whether it is the path of a file.

    >>> is_location("sales.csv"), is_location("data/sales"), is_location("us_macro", ["us_macro"])
    (True, True, False)
    """
    separators = {"/", os.sep, os.altsep or os.sep}
    if any(sign in text for sign in separators) or text.lower().endswith(FILE_SUFFIXES):
        return True
    return text not in plugins and _is_file(text)


def _is_file(text: str) -> bool:
    try:
        return Path(text).is_file()
    except (OSError, ValueError):
        return False


def require_file(location: str) -> Path:
    """Return the path of a file that is there.

    Args:
        location: Path that the user gave.

    Returns:
        Path of the file.

    Raises:
        DataError: There is none, or it is a folder, a device or an address on the web.

    >>> require_file("nowhere.csv")
    Traceback (most recent call last):
    ...
    fg_core.errors.DataError: no such file: 'nowhere.csv'
    """
    if "://" in location:
        raise DataError(
            f"{location!r} is an address on the web; download the file and give its path"
        )
    path = Path(location)
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        raise DataError(f"no such file: {location!r}") from None
    except OSError as error:  # no permission, a name too long
        raise DataError(f"no such file: {location[:80]!r} ({error.strerror})") from None
    except ValueError:  # Python's own words for it differ from version to version
        raise DataError(f"no such file: {location[:80]!r} (a NUL in its name)") from None
    if stat.S_ISDIR(mode):
        raise DataError(f"{location!r} is a folder; give the path of a file")
    if not stat.S_ISREG(mode):
        raise DataError(f"{location!r} is not a regular file")
    return path
