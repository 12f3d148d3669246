"""Memory that a batch needs, and memory that there is."""

from __future__ import annotations

from pathlib import Path

from fg_core.errors import ConfigError

__all__ = ["available_bytes", "require_memory"]

_MEMORY_FILES = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


def available_bytes() -> int | None:
    """Return how many bytes a process may still take, or None where the system does not say."""
    found = []
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
        found += [1024 * int(x.split()[1]) for x in lines if x.startswith("MemAvailable:")]
    except (OSError, ValueError):
        found = []
    for name in _MEMORY_FILES:
        try:
            found.append(int(Path(name).read_text()))
        except (OSError, ValueError):
            continue
    return min(found, default=None)


def require_memory(needed: int, limit: int | None, what: str, remedy: str) -> None:
    """Refuse what would not fit.

    Args:
        needed: Memory that is needed, in bytes.
        limit: Memory that may be used, in bytes; None: what the machine has free.
        what: Name of what was asked for, for the message.
        remedy: Remedy for a lack of memory, for the message.

    Raises:
        ConfigError: It would not fit.

    >>> require_memory(2**31, 2**30, "2 games", "play one")
    Traceback (most recent call last):
    ...
    fg_core.errors.ConfigError: 2 games would take about 2.0 GiB, and there are 1.0 GiB; play one
    """
    room = available_bytes() if limit is None else limit
    if room is not None and needed > room:
        raise ConfigError(
            f"{what} would take about {_gib(needed)}, and there are {_gib(room)}; {remedy}"
        )


def _gib(size: int) -> str:
    return f"{size / 2**30:.1f} GiB" if size >= 2**28 else f"{size / 2**20:.1f} MiB"
