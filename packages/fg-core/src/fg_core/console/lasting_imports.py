"""Imports of a command, among which Python looks for no garbage: modules stay to the end."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["lasting_imports"]


@contextmanager
def lasting_imports() -> Iterator[None]:
    """Import modules without a search for garbage, and leave them out of later searches.

    The collector goes through all objects again and again while modules are loaded, as many as a
    twentieth of the time that a short command takes, and finds nothing: what a module makes stays.
    Where nothing is imported (a command that is called a second time in one process), nothing is
    left out, so that garbage of earlier calls is still found.

    >>> with lasting_imports():
    ...     import colorsys
    >>> gc.isenabled()
    True
    """
    was_enabled, n_modules = gc.isenabled(), len(sys.modules)
    gc.disable()
    try:
        yield
    finally:
        if len(sys.modules) > n_modules:
            gc.freeze()
        if was_enabled:
            gc.enable()
