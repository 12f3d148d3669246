"""Turns of processes that ask one service: the next free moment, in a file that they share.

A service counts the requests of a machine, whichever process sends them. The file holds two moments
by the clock of the machine: from when on the next request may go, and until when the service asked
for a pause. A lock beside it is held for as long as it takes to read and write them.
"""

from __future__ import annotations

import getpass
import hashlib
import logging
import os
import re
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["TurnFile", "turns_folder"]

_LONGEST_AHEAD = 300.0  # a moment further ahead is of a clock that was wrong
_LOCK_SECONDS = 10.0

_logger = logging.getLogger(__name__)


def turns_folder() -> Path:
    """Return the folder of this user's files of turns, which need not be there.

    Returns:
        Folder below that of temporary files, by the name of the user.
    """
    try:
        user = getpass.getuser()
    except (KeyError, OSError, ImportError):
        user = "anyone"  # a user without a name, as in a container
    return Path(tempfile.gettempdir()) / f"forecast-game-{re.sub('[^A-Za-z0-9]', '_', user)}"


@dataclass(frozen=True)
class TurnFile:
    """The next free moment of a service, shared by processes.

    Where the file cannot be used, turns are those of this process alone, which is said once.

    Args:
        path: Path of the file.
        now: Clock that all processes share, in seconds.

    >>> with tempfile.TemporaryDirectory() as folder:
    ...     turns = TurnFile(Path(folder) / "example", now=lambda: 100.0)
    ...     [turns.reserve(0.0, 0.5), turns.reserve(0.0, 0.5), turns.reserve(2.0, 0.5)]
    [0.0, 0.5, 2.0]
    """

    path: Path
    now: Callable[[], float] = field(default=time.time, repr=False)
    _told: list[str] = field(default_factory=list, init=False, repr=False, compare=False)

    @classmethod
    def of(cls, host: str, digest: str) -> TurnFile:
        """Return the file of a host and a key.

        Args:
            host: Host of the service.
            digest: Digest of the key.

        Returns:
            File in the folder of this user.
        """
        name = hashlib.sha256(f"{host} {digest}".encode()).hexdigest()[:16]
        return cls(turns_folder() / f"{re.sub('[^A-Za-z0-9.-]', '_', host)[:60]}-{name}")

    def reserve(self, delay: float, spacing: float) -> float:
        """Take the next turn.

        Args:
            delay: Least number of seconds from now, as this process has it.
            spacing: Seconds until the turn after it.

        Returns:
            Seconds from now to the turn, `delay` or more.
        """

        def take(next_free: float, held_until: float, now: float) -> tuple[float, float]:
            return max(now + delay, next_free, held_until) + spacing, held_until

        after = self._update(take)
        return delay if after is None else max(delay, after[0] - spacing - after[2])

    def hold(self, seconds: float) -> None:
        """Let no process send a request before so many seconds from now."""
        self._update(lambda free, held, now: (free, max(held, now + seconds)))

    def held_seconds(self) -> float:
        """Return for how many seconds from now the service asked for a pause; 0: for none."""
        found = self._update(lambda free, held, _: (free, held))
        return 0.0 if found is None else max(0.0, found[1] - found[2])

    def _update(
        self, change: Callable[[float, float, float], tuple[float, float]]
    ) -> tuple[float, float, float] | None:
        """Change both moments under the lock; return them and the present, or None."""
        from filelock import FileLock, Timeout  # tens of milliseconds, and only before a request

        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _require_own(self.path.parent)
            with FileLock(f"{self.path}.lock", timeout=_LOCK_SECONDS):
                now = self.now()
                old = self._read(now)
                new = change(*old, now)
                if new != old:
                    self.path.write_text(f"{new[0]!r} {new[1]!r}\n", encoding="ascii")
                return (*new, now)
        except (OSError, Timeout, NotImplementedError) as error:
            if not self._told:
                self._told.append(str(error))
                _logger.warning(
                    "%s cannot be used (%s): other processes do not know of our requests",
                    self.path,
                    error,
                )
            return None

    def _read(self, now: float) -> tuple[float, float]:
        try:
            words = self.path.read_text(encoding="ascii").split()
            free, held = (float(word) for word in words)
        except (FileNotFoundError, ValueError):
            return 0.0, 0.0  # none yet, or cut off by a process that died
        sane = [at if at - now <= _LONGEST_AHEAD else 0.0 for at in (free, held)]
        return sane[0], sane[1]


def _require_own(folder: Path) -> None:
    """Refuse a folder of another user, who could have put it where ours belongs."""
    if hasattr(os, "getuid") and folder.lstat().st_uid != os.getuid():
        raise PermissionError(f"{folder} belongs to another user")
