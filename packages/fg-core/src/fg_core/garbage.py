"""Long tasks beside many objects that stay: the garbage collector need not go through those."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["paused_collection", "spared_objects"]

_SPARED_BY_PYTHON = 1000
"""More objects than an interpreter itself spares: 3.12 begins with some hundreds, others with 0."""


@contextmanager
def paused_collection() -> Iterator[None]:
    """Collect no garbage within the block, for code that makes many objects that stay.

    Objects without a cycle, as almost all are, are freed as ever.

    >>> with paused_collection():
    ...     gc.isenabled()
    False
    >>> gc.isenabled()
    True
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@contextmanager
def spared_objects() -> Iterator[None]:
    """Let the garbage collector pass over the objects that there are, within the block.

    A table of thousands of series is hundreds of thousands of objects. A task beside it makes
    objects by the million, and with every quarter more of them the collector goes through all of
    them again, at a third of the time of a quick forecast. Objects that are made within the block
    are collected as ever, and afterwards so is everything.

    Where somebody else spares objects (`gc.freeze`, as servers do before they fork), nothing is
    done: theirs must stay so.

    >>> with spared_objects():
    ...     gc.get_freeze_count() > 1000
    True
    >>> gc.get_freeze_count()
    0
    """
    if gc.get_freeze_count() > _SPARED_BY_PYTHON:
        yield
        return
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
