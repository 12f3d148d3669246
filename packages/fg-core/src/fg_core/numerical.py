"""Failures of arithmetic as missing forecasts: a series may be beyond what a method can do."""

from __future__ import annotations

from types import TracebackType

import numpy as np

from .errors import ForecastUnavailable

__all__ = ["NUMERICAL_FAILURES", "OUT_OF_RANGE", "numerical_failures"]

NUMERICAL_FAILURES = (np.linalg.LinAlgError, OverflowError)
"""Errors that say something about the data; every other one says something about the program."""


OUT_OF_RANGE = "numbers are beyond the range of floats"
"""Why there is no forecast where a result is infinite."""


class numerical_failures:  # noqa: N801 - a context, used like a statement
    """Turn numerical failures within a block into `ForecastUnavailable`.

    A decomposition that is singular or does not converge (`numpy.linalg.LinAlgError`) and a number
    out of range (`OverflowError`) say something about the data, and a pool can go on without that
    forecaster. Every other error passes as it is: it says something about the program. Numpy's
    warnings of overflow are silent within the block, whose results are therefore looked at.

    Args:
        what: Who cannot do what; the message goes on with the reason.

    >>> with numerical_failures("forecaster 'ar' cannot be fitted"):
    ...     raise np.linalg.LinAlgError("SVD did not converge")
    Traceback (most recent call last):
    ...
    fg_core.errors.ForecastUnavailable: forecaster 'ar' cannot be fitted: SVD did not converge
    """

    def __init__(self, what: str) -> None:
        self._what = what
        self._quiet = np.errstate(over="ignore", invalid="ignore")

    def __enter__(self) -> None:
        self._quiet.__enter__()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        self._quiet.__exit__(kind, error, where)
        if isinstance(error, OverflowError):
            raise ForecastUnavailable(f"{self._what}: {OUT_OF_RANGE}") from error
        if isinstance(error, np.linalg.LinAlgError):
            raise ForecastUnavailable(f"{self._what}: {error}") from error
