"""Number of threads of linear algebra: one per process, unless told otherwise.

The matrices of a game are small. Several threads on them cost about twice the processor time of
one, and many times that where other processes want the cores, and they may add numbers in an order
that depends on the machine. Libraries of linear algebra (OpenBLAS, MKL, Accelerate) read from the
environment, once, when numpy or scipy loads them, how many threads they may start. So `fg_core`
sets the variables when it is first imported: before numpy, if the program has not imported numpy
itself. They hold for the whole process, other libraries that use OpenMP included, and for the
processes that it starts.

How to tell otherwise, before Python starts or before the first import:

- `FG_BLAS_THREADS=4`: four threads;
- `FG_BLAS_THREADS=0`: everything is left as it is;
- any of the usual variables (`OPENBLAS_NUM_THREADS`, `OMP_NUM_THREADS`, `MKL_NUM_THREADS`,
  `VECLIB_MAXIMUM_THREADS`): if one is set and `FG_BLAS_THREADS` is not, all are left as they are.

Where numpy was imported first, variables come too late. Then `single_blas_thread` limits the loaded
libraries while a game plays, if threadpoolctl is installed (the extra `fg-core[threads]`), and does
nothing if it is not.
"""

from __future__ import annotations

import os
import sys
import threading
import warnings
from collections.abc import MutableMapping
from contextlib import AbstractContextManager, nullcontext
from functools import lru_cache
from types import TracebackType
from typing import Any

__all__ = ["limit_blas_threads", "single_blas_thread"]

OWN_VARIABLE = "FG_BLAS_THREADS"
VARIABLES = (
    "OPENBLAS_NUM_THREADS",
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)


def limit_blas_threads(environment: MutableMapping[str, str] | None = None) -> int | None:
    """Set the variables that libraries of linear algebra read when they are loaded.

    `import fg_core` calls it for this process. It is for the environment of a child process, which
    need not import `fg_core` first. A `FG_BLAS_THREADS` that is no whole number is warned about,
    and one thread is meant.

    Args:
        environment: the variables that are read and set; None for those of this process.

    Returns:
        The number of threads that was set, 1 or more; None if all was left as it was, because the
        environment says so (`FG_BLAS_THREADS=0`, or one of the usual variables).

    >>> names = {}
    >>> limit_blas_threads(names), names["OPENBLAS_NUM_THREADS"]
    (1, '1')
    >>> limit_blas_threads({"OMP_NUM_THREADS": "8"}) is None
    True
    """
    variables = os.environ if environment is None else environment
    n_threads = _n_threads(variables)
    if n_threads is not None:
        for name in VARIABLES:
            variables[name] = str(n_threads)
    return n_threads


def single_blas_thread() -> AbstractContextManager[None]:
    """Return a context in which linear algebra takes one thread, or as many as it was told to.

    Nothing is done, at no cost, where the variables were in force when numpy was loaded or the user
    set them, and where threadpoolctl is not installed. Otherwise the loaded libraries are limited
    while any thread of the process is inside such a context, and get back what they had when the
    last one leaves.

    Returns:
        A context manager.

    >>> with single_blas_thread():
    ...     pass
    """
    limit = _limit()
    return nullcontext() if limit is None else limit


def _n_threads(variables: MutableMapping[str, str]) -> int | None:
    """Threads to ask for; None where everything is to be left alone."""
    told = variables.get(OWN_VARIABLE, "").strip()
    if not told:
        return None if any(variables.get(name) for name in VARIABLES) else 1
    if told.isascii() and told.isdigit():
        return int(told) or None
    warnings.warn(
        f"{OWN_VARIABLE} is {told!r}, not a whole number; linear algebra takes one thread",
        stacklevel=3,
    )
    return 1


class _SharedLimit:
    """A limit on the loaded libraries, which are one for all threads of the process.

    Two games may play at once in two threads: the one that ends first must not give threads back
    to the other, whose numbers could depend on it. So the last one gives back what the first one
    found. Each sets the limit, since newer versions of threadpoolctl listen to one thread only,
    usually the main one.
    """

    def __init__(self, controller: Any, n_threads: int) -> None:
        self._controller = controller
        self._n_threads = n_threads
        self._lock = threading.Lock()
        self._inside = 0
        self._first: Any = None

    def __enter__(self) -> None:
        with self._lock:
            limiter = self._controller.limit(limits=self._n_threads, user_api="blas")
            if self._inside == 0:
                self._first = limiter
            self._inside += 1

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with self._lock:
            self._inside -= 1
            if self._inside == 0:
                self._first.restore_original_limits()


@lru_cache(maxsize=1)
def _limit() -> _SharedLimit | None:
    """Limit of the libraries that are loaded, made once; None where nothing is to be done."""
    if _LATE_LIMIT is None:
        return None
    try:
        from threadpoolctl import ThreadpoolController
    except ImportError:
        return None
    return _SharedLimit(ThreadpoolController(), _LATE_LIMIT)


def _limit_at_import() -> int | None:
    """Set the variables if numpy can still see them; return the limit that is left to be set."""
    if "numpy" not in sys.modules:
        limit_blas_threads()
        return None
    return _n_threads(os.environ)


# Importing this module is what limits: `fg_core` does so before it imports anything else.
_LATE_LIMIT = _limit_at_import()
