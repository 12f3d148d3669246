"""Compiled functions of `scipy.special`, without the Python package around them.

Executing that package loads the array-API layer of scipy and with it `numpy.f2py` and
`numpy.testing`: a third of what a short backtest takes to start, for functions that lie ready in
one compiled module. So where `scipy.special` has not been imported yet, a module stands in its
place that becomes the package, by executing it, as soon as anything but a submodule is asked of it
(`importlib.util.LazyLoader` does the same, but already when a submodule is imported). Code that
imports `scipy.special` sees no difference but the time that it takes.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec, module_from_spec
from threading import RLock
from types import ModuleType
from typing import Any

__all__ = ["betaln", "erf", "erfcx", "exprel", "ndtr", "ndtri", "owens_t", "stdtr", "stdtrit"]

_PACKAGE = "scipy.special"
_LOADING = RLock()


class _Unexecuted(ModuleType):
    """A package that is executed when a name is asked that it does not have yet."""

    def __getattr__(self, name: str) -> Any:
        # Code that looks through all modules (for warnings, documentation) asks for such names.
        if name.startswith("__") and name != "__all__":
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        with _LOADING:
            if self.__class__ is _Unexecuted:
                _execute(self)
        return getattr(self, name)

    def __dir__(self) -> list[str]:
        _ = self.__all__
        return dir(self)


class _Executing(ModuleType):
    """The same package while one thread executes it; others wait."""

    def __getattr__(self, name: str) -> Any:
        with _LOADING:
            if self.__class__ is not _Executing:
                return getattr(self, name)
        raise AttributeError(f"module {self.__name__!r} has no attribute {name!r} yet")


def _execute(package: ModuleType) -> None:
    """Execute a package; if that fails, it is as it was."""
    assert package.__spec__ is not None
    assert package.__spec__.loader is not None
    before = vars(package).copy()
    package.__class__ = _Executing
    try:
        package.__spec__.loader.exec_module(package)
    except BaseException:
        vars(package).clear()
        vars(package).update(before)
        package.__class__ = _Unexecuted
        raise
    package.__class__ = ModuleType


def _put_off() -> None:
    """Put the unexecuted package where imports look for it, unless it is there."""
    if _PACKAGE in sys.modules:
        return
    spec = find_spec(_PACKAGE)  # this imports scipy itself, which is little
    if spec is None:
        return
    package = module_from_spec(spec)
    package.__class__ = _Unexecuted
    if sys.modules.setdefault(_PACKAGE, package) is package:
        sys.modules["scipy"].special = package  # type: ignore[attr-defined]


_put_off()

try:
    from scipy.special._ufuncs import (
        betaln,
        erf,
        erfcx,
        exprel,
        ndtr,
        ndtri,
        owens_t,
        stdtr,
        stdtrit,
    )
except ImportError:  # a scipy that keeps them elsewhere
    from scipy.special import betaln, erf, erfcx, exprel, ndtr, ndtri, owens_t, stdtr, stdtrit
