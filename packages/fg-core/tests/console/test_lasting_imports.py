"""Modules that stay are left out of searches for garbage; garbage is not."""

from __future__ import annotations

import gc
import subprocess
import sys
import weakref

from fg_core.console import lasting_imports


class _Ring:
    def __init__(self) -> None:
        self.itself = self


def test_nothing_is_left_out_where_nothing_is_imported() -> None:
    frozen = gc.get_freeze_count()
    with lasting_imports():
        ring = weakref.ref(_Ring())
    assert gc.get_freeze_count() == frozen
    assert gc.isenabled()
    gc.collect()
    assert ring() is None


def test_it_stays_disabled_where_it_was() -> None:
    gc.disable()
    try:
        with lasting_imports():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


_IMPORTING = """
import gc
from fg_core.console import lasting_imports

searches = []
gc.callbacks.append(lambda phase, info: searches.append(phase))
try:
    with lasting_imports():
        import fg_core.pooling
        assert not searches
        raise KeyError
except KeyError:
    pass
assert gc.isenabled() and gc.get_freeze_count()
assert not any(one is fg_core.pooling.PoolAggregator for one in gc.get_objects())
"""


def test_what_is_imported_is_never_looked_through() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _IMPORTING], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
