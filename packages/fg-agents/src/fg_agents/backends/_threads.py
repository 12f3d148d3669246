"""One thread, for work that is small.

Several threads on small matrices and tables cost up to ten times what one costs, most on a busy
machine, and add numbers in an order that depends on the machine, where a parallel run must equal a
serial one.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import lru_cache
from typing import Any, Literal

__all__ = ["one_thread"]

Api = Literal["blas", "openmp"]


def one_thread(api: Api = "blas") -> AbstractContextManager[Any]:
    """Return a context in which linear algebra, or what uses OpenMP, runs on one thread.

    The libraries that it is to hold for must have been imported; threadpoolctl comes with the
    extras `statsmodels`, `sklearn` and `xgboost`.
    """
    context: AbstractContextManager[Any] = _controller(api).limit(limits=1, user_api=api)
    return context


@lru_cache(maxsize=2)
def _controller(api: Api) -> Any:  # noqa: ARG001 - each looks for libraries when it is first used
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
