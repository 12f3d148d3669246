"""Versions that made a report."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

__all__ = ["versions"]

_DISTRIBUTIONS = (
    "fg-core",
    "fg-data",
    "fg-agents",
    "fg-training",
    "fg-llm",
    "fg-backtest",
    "numpy",
    "scipy",
)


def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that are installed.

    >>> "python" in versions() and "fg-core" in versions()
    True
    """
    found = {"python": platform.python_version()}
    for name in _DISTRIBUTIONS:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
