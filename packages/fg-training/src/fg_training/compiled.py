"""The compiled path: the kernels of this package as machine code, by numba (extra `[fast]`).

What is compiled is the source that Python runs otherwise, without re-ordered or fused arithmetic,
so results agree to the last bit. Numba is imported when the compiled path is first asked for, never
when the package is; machine code is kept beside the source, or where `NUMBA_CACHE_DIR` says.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from importlib.util import find_spec
from types import FunctionType
from typing import Any

from fg_core.errors import ConfigError

from . import _kernels

__all__ = ["compiled_kernel", "is_available"]


def is_available() -> bool:
    """Return whether numba is installed.

    Returns:
        Whether `compiled_kernel` has something to compile with; nothing is imported.

    >>> isinstance(is_available(), bool)
    True
    """
    return find_spec("numba") is not None


def compiled_kernel(name: str) -> Callable[..., Any]:
    """Return a kernel as machine code; it is compiled at its first call.

    Args:
        name: name of a function of `fg_training._kernels`.

    Returns:
        The same function for arrays of one axis: float64 tables, and no lists.

    Raises:
        ConfigError: numba is not installed.
        KeyError: There is no kernel of that name.
    """
    return _compiled()[name]


@lru_cache(maxsize=1)
def _compiled() -> dict[str, Callable[..., Any]]:
    try:
        from numba import njit
    except ModuleNotFoundError as error:
        raise ConfigError(
            "the compiled path needs numba: install fg-training[fast], or ask for the plain path"
        ) from error
    # A copy of each function, whose calls of the others reach their compiled copies.
    namespace: dict[str, Any] = dict(vars(_kernels))
    found: dict[str, Callable[..., Any]] = {}
    for kernel in _kernels.KERNELS:
        assert isinstance(kernel, FunctionType)
        copy = FunctionType(kernel.__code__, namespace, kernel.__name__, kernel.__defaults__)
        copy.__module__ = kernel.__module__
        copy.__qualname__ = kernel.__qualname__
        # No counting of references (`_nrt`), which would take three quarters of the time: a kernel
        # allocates nothing, and its caller holds all arrays. The Python model of errors would test
        # every divisor, of which none is 0.
        options: dict[str, Any] = {"cache": True, "error_model": "numpy", "_nrt": False}
        whole = kernel in (_kernels.play, _kernels.duel)
        options["inline"] = "never" if whole else "always"
        found[kernel.__name__] = namespace[kernel.__name__] = njit(**options)(copy)
    return found
