"""Linear algebra on one thread, for matrices that are small.

Several threads on them cost up to ten times what one costs, most on a busy machine, and add numbers
in an order that depends on the machine, where a parallel run must equal a serial one.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import lru_cache
from typing import Any

__all__ = ["one_thread"]


def one_thread() -> AbstractContextManager[Any]:
    """Return a context in which linear algebra runs on one thread.

    The libraries that it is to hold for must have been imported; threadpoolctl comes with the
    extras `statsmodels` and `sklearn`.
    """
    context: AbstractContextManager[Any] = _controller().limit(limits=1, user_api="blas")
    return context


@lru_cache(maxsize=1)
def _controller() -> Any:
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
