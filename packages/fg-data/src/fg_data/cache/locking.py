"""Locks between processes that write to one folder."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fg_core import DataError

__all__ = ["CacheWarning", "locked"]

_logger = logging.getLogger(__name__)


class CacheWarning(UserWarning):
    """A file of the cache is damaged, cannot be written, or is older than it should be."""


@contextmanager
def locked(folder: Path, name: str, *, timeout: float, doing: str) -> Iterator[None]:
    """Hold a lock while a `with` lasts; a process that dies releases it with its life.

    Where the folder cannot be written, or has no locks, nothing is held.

    Args:
        folder: Folder whose files the lock is about.
        name: Name of the lock.
        timeout: Seconds to wait for another process.
        doing: What the lock is held for, for the message, such as "fetching from 'fred'".

    Raises:
        DataError: Another process holds it for longer than the time-out.
    """
    from filelock import FileLock, Timeout  # tens of milliseconds, and not needed for a hit

    locks = folder / ".locks"
    lock = FileLock(locks / f"{name}.lock", timeout=timeout)
    try:
        locks.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout:
        raise DataError(
            f"another process has been {doing} into {folder} for more than {timeout:g} seconds; "
            "wait for it, end it, or use another cache (--cache-dir)"
        ) from None
    except OSError:
        _logger.debug("no lock in %s", locks, exc_info=True)  # a warning tells when it is written
    except NotImplementedError:  # some network drives have no locks
        text = f"the cache at {folder} has no locks: other processes may ask for the same"
        warnings.warn(text, CacheWarning, stacklevel=4)
    try:
        yield
    finally:
        lock.release()
