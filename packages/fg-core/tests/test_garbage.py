"""What the garbage collector is kept from, and that all is as before afterwards."""

from __future__ import annotations

import gc
import weakref

import pytest

from fg_core.executors import SerialExecutor
from fg_core.garbage import paused_collection, spared_objects


class Knot:
    """An object in a cycle, which only the collector frees."""

    def __init__(self) -> None:
        self.itself = self


def test_garbage_made_within_is_collected_and_what_was_there_waits() -> None:
    before = Knot()
    old = weakref.ref(before)
    with spared_objects():
        new = weakref.ref(Knot())
        del before
        gc.collect()
        assert new() is None
        assert old() is not None
    gc.collect()
    assert old() is None


def test_objects_that_others_spare_stay_spared() -> None:
    gc.freeze()
    try:
        count = gc.get_freeze_count()
        with spared_objects():
            pass
        assert gc.get_freeze_count() == count
    finally:
        gc.unfreeze()


def test_a_failure_ends_both() -> None:
    with pytest.raises(ZeroDivisionError), paused_collection(), spared_objects():
        1 / 0  # noqa: B018
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0


def test_a_collector_that_was_off_stays_off() -> None:
    gc.disable()
    try:
        with paused_collection():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


def frozen_within(_: int) -> int:
    """Return how many objects are spared while a task runs."""
    return gc.get_freeze_count()


def test_tasks_run_beside_spared_objects() -> None:
    assert min(SerialExecutor().map(frozen_within, [0, 1])) > 0
    assert gc.get_freeze_count() == 0
