"""Limits of time, size and number of attempts of a request to a data service."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

from fg_core import ConfigError

__all__ = ["HttpLimits"]


@dataclass(frozen=True)
class HttpLimits:
    """Bounds of one request, all in seconds but for the counts.

    Args:
        deadline_seconds: Time for one attempt, from looking the host up to the last byte: a service
            that sends one byte per second is cut off as well.
        connect_seconds: Time to get a connection.
        silence_seconds: Longest wait for the next bytes.
        max_body_bytes: Largest size of a body in bytes, after it was unpacked.
        attempts: Largest number of times that a request is sent.
        first_wait_seconds: Wait before the second attempt; it doubles from one to the next.
        max_wait_seconds: Longest of these waits.
        jitter_seconds: Up to so much is added to each wait, at random, so that many clients do
            not come back together.
        max_retry_after_seconds: A service that asks for a longer pause ends the request.
        max_redirects: Largest number of redirects, to other paths of the same host.

    Raises:
        ConfigError: A bound that is no number or negative, or that lets nothing through.
    """

    deadline_seconds: float = 60.0
    connect_seconds: float = 10.0
    silence_seconds: float = 30.0
    max_body_bytes: int = 50 * 2**20
    attempts: int = 4
    first_wait_seconds: float = 1.0
    max_wait_seconds: float = 20.0
    jitter_seconds: float = 1.0
    max_retry_after_seconds: float = 90.0
    max_redirects: int = 3

    def __post_init__(self) -> None:
        for item in fields(self):
            value = getattr(self, item.name)
            if isinstance(value, bool) or not math.isfinite(value) or value < 0:
                raise ConfigError(f"{item.name} must be a number and not negative, got {value!r}")
        for name in (
            "deadline_seconds",
            "connect_seconds",
            "silence_seconds",
            "max_body_bytes",
            "attempts",
        ):
            if getattr(self, name) <= 0:
                raise ConfigError(f"{name} must be above 0, got {getattr(self, name)!r}")
