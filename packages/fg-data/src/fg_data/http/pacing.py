"""Requests of all threads to one service, spaced in time.

Services count requests per key, whatever thread or object sends them. So there is one pace per host
and key in a process, and a pause that the service asks for holds for all threads. Processes of one
user share it through a file (`turn_file`), but for services on this machine, which nobody counts.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from fg_core import ConfigError

from .turn_file import TurnFile

__all__ = ["SPACING_SECONDS", "Pace", "is_local", "shared_pace"]

SPACING_SECONDS = 0.55
"""Least time between two requests to a service that has no pace of its own: under two requests a
second, and under 120 per minute."""


@dataclass(eq=False)
class Pace:
    """Pace that gives out moments at least so far apart, in the order in which they are asked for.

    Args:
        spacing_seconds: Least time between two requests; 0: none.
        monotonic: Clock, in seconds.
        sleep: Waits for so many seconds.
        shared: Turns that this process shares with others; None: it is alone.

    Raises:
        ConfigError: A negative spacing.

    >>> now = [0.0]
    >>> pace = Pace(0.5, monotonic=lambda: now[0], sleep=lambda s: now.append(now.pop() + s))
    >>> for _ in range(3):
    ...     pace.wait()
    >>> now
    [1.0]
    """

    spacing_seconds: float = SPACING_SECONDS
    monotonic: Callable[[], float] = field(default=time.monotonic, repr=False)
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)
    shared: TurnFile | None = field(default=None, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)
    _next: float = field(default=float("-inf"), init=False, repr=False)
    _held_until: float = field(default=float("-inf"), init=False, repr=False)

    def __post_init__(self) -> None:
        _require_spacing(self.spacing_seconds)

    def wait(self) -> None:
        """Return when it is this request's turn."""
        while True:
            with self._lock:
                now = self.monotonic()
                turn = max(now, self._next)
                if self.shared is not None:
                    turn = now + self.shared.reserve(turn - now, self.spacing_seconds)
                self._next = turn + self.spacing_seconds
            while (left := turn - self.monotonic()) > 0.0:
                self.sleep(left)
            with self._lock:
                # A pause that was asked for meanwhile holds for those who were waiting already.
                if turn < self._held_until:
                    continue
            if self.shared is None or self.shared.held_seconds() <= 0.0:
                return

    def widen(self, spacing_seconds: float) -> None:
        """Let requests be at least so far apart from now on; a wider spacing stays.

        Raises:
            ConfigError: A negative spacing.
        """
        _require_spacing(spacing_seconds)
        with self._lock:
            self.spacing_seconds = max(self.spacing_seconds, spacing_seconds)

    def hold(self, seconds: float) -> None:
        """Let no request go before so many seconds from now."""
        with self._lock:
            self._held_until = max(self._held_until, self.monotonic() + seconds)
            self._next = max(self._next, self._held_until)
        if self.shared is not None:
            self.shared.hold(seconds)


def _require_spacing(seconds: float) -> None:
    if not seconds >= 0.0:
        raise ConfigError(f"spacing must be 0 seconds or more, got {seconds!r}")


_LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")


def is_local(host: str) -> bool:
    """Return whether a host is this machine.

    Args:
        host: Host, with or without a port.

    Returns:
        True for the names of the loopback interface.

    >>> is_local("127.0.0.1:8080"), is_local("[::1]"), is_local("example.org")
    (True, True, False)
    """
    name = host.partition("]")[0].lstrip("[") if host.startswith("[") else host.partition(":")[0]
    return name in _LOCAL_HOSTS


_paces: dict[tuple[str, str], Pace] = {}
_paces_lock = threading.Lock()


def shared_pace(
    host: str, secrets: Mapping[str, str], spacing_seconds: float = SPACING_SECONDS
) -> Pace:
    """Return the one pace of this process for a host and a key, which processes share.

    Args:
        host: Host of the service.
        secrets: Parameters that identify the caller there; only a digest of it is kept.
        spacing_seconds: Least time between two requests; the widest that was asked for counts.

    Returns:
        Pace that spaces the requests of all threads.

    >>> shared_pace("example.org", {"key": "a"}) is shared_pace("example.org", {"key": "a"})
    True
    >>> shared_pace("example.org", {"key": "a"}) is shared_pace("example.org", {"key": "b"})
    False
    """
    digest = hashlib.sha256(repr(sorted(secrets.items())).encode()).hexdigest()
    with _paces_lock:
        pace = _paces.get((host, digest))
        if pace is None:
            turns = None if is_local(host) else TurnFile.of(host, digest)
            pace = _paces[host, digest] = Pace(spacing_seconds, shared=turns)
    pace.widen(spacing_seconds)
    return pace
