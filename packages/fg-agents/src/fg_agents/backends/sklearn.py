"""Any scikit-learn regressor on the lags of a series."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from fg_core import ConfigError, TrainingWindow
from fg_core.authoring import root_mean_square
from fg_core.numerical import OUT_OF_RANGE

from ._direct import Direct, DirectBackend, DirectFit, backtests
from ._filtered import NoFit
from ._lags import LevelLags
from ._reduction import FloatArray
from ._statsmodels import missing_extra
from ._threads import one_thread

__all__ = ["SklearnBackend"]

_BLOCKS = 4
_LARGEST = 3e38
"""Reduced numbers from here on are out of range: some estimators work in single precision."""


def _in_range(columns: FloatArray) -> NDArray[np.bool_]:
    """Return the rows that an estimator takes, shape (row,)."""
    return np.asarray((np.abs(columns) < _LARGEST).all(axis=1), dtype=np.bool_)


@dataclass(frozen=True, eq=False)
class _Regression:
    """A fitted estimator and the scale of its errors, in reduced units."""

    estimator: Any
    error: float

    def change(self, columns: FloatArray) -> FloatArray:
        known, found = _in_range(columns), np.full(len(columns), np.nan)
        if known.any():
            found[known] = np.ravel(self.estimator.predict(columns[known]))
        return found

    def scale(self, columns: FloatArray) -> FloatArray:
        return np.full(len(columns), self.error)


@dataclass(frozen=True)
class SklearnBackend(DirectBackend):
    r"""Forecasts with a regression of $y_{t+h} - y_t$ on $y_t, \dots, y_{t-p+1}$.

    One regression per horizon (direct forecasts), made when that horizon is first asked for. The
    series is reduced first (centred, divided by a power of two near its usual step), so that
    penalties mean the same in any unit. Context columns are standardised by their training mean
    and deviation.

    The scale is the root mean square error of forecasts made as they would have been: the second
    half of the training origins is cut in four blocks, and each block is forecast by a regression
    on the origins whose targets were known when the block began. The regression that forecasts
    uses all of them. Wants $3p + 3h + 3$ training rows.

    Args:
        estimator: A scikit-learn regressor, or a pipeline that ends in one; it is cloned and left
            as it was. None: `Ridge()`.
        lags: $p$, at least 1; a state needs a history of $p - 1$ numbers.
        use_context: Whether what has been published by then (`macro_context`) is used beside the
            lags: the columns that every row has from the first training origin on.
        random_state: Given to whatever in the estimator has a `random_state` of None, so that a
            fit is a function of its data.
        fitted: Filled in by `fit`.

    Raises:
        ConfigError: A setting out of its range, or an estimator that is none.

    Reference: Bontempi, Ben Taieb & Le Borgne (2013), Machine Learning Strategies for Time Series
    Forecasting, doi:10.1007/978-3-642-36318-4_3 (direct forecasts).

    >>> from fg_core import ForecastState
    >>> window = TrainingWindow([float(t % 4) for t in range(40)], 39)
    >>> model = SklearnBackend(lags=4).fit(window)
    >>> state = ForecastState(40, 0.0, 0.0, 0.0, history=(1.0, 2.0, 3.0))
    >>> [round(model.predict(state, horizon)) for horizon in (1, 2, 3)]
    [1, 2, 3]
    """

    estimator: Any = None
    lags: int = 4
    use_context: bool = False
    random_state: int = 0

    def __post_init__(self) -> None:
        if self.lags < 1:
            raise ConfigError(f"SklearnBackend: lags {self.lags} given, 1 or more wanted")
        wanted = ("fit", "predict", "get_params", "set_params")
        missing = [name for name in wanted if not hasattr(self.estimator, name)]
        if self.estimator is not None and (missing or isinstance(self.estimator, type)):
            raise ConfigError(
                f"SklearnBackend: estimator {self.estimator!r} is no scikit-learn regressor: an "
                f"object with {', '.join(wanted)} is wanted"
            )

    def fit(self, window: TrainingWindow) -> Self:
        """Return a copy fitted on `window`.

        Returns:
            Fitted backend; this one is unchanged.

        Raises:
            ConfigError: The estimator draws from a shared random generator.
            PluginLoadError: scikit-learn is not installed.
        """
        self._prototype()
        found = self._fitted(window, use_context=self.use_context)
        if self.use_context and isinstance(found, DirectFit) and not found.columns.names:
            found = NoFit("no context column is there in every training row")
        return replace(self, fitted=found)

    def _prototype(self) -> Any:
        try:
            from sklearn.base import clone
            from sklearn.linear_model import Ridge
        except ImportError as error:
            raise missing_extra("SklearnBackend", "scikit-learn", "sklearn") from error
        estimator = Ridge() if self.estimator is None else clone(self.estimator)
        fixed = {}
        for name, value in estimator.get_params(deep=True).items():
            if name.split("__")[-1] != "random_state":
                continue
            if value is None:
                fixed[name] = self.random_state
            elif not isinstance(value, int):
                raise ConfigError(
                    f"SklearnBackend: {name} of the estimator is {value!r}, a generator whose "
                    "state changes with every draw: give it a whole number"
                )
        return estimator.set_params(**fixed)

    def _lags(self, n_rows: int, season_length: int) -> LevelLags:  # noqa: ARG002
        return LevelLags(self.lags)

    def _least_origins(self, horizon: int) -> int:
        return 2 * self.lags + 2 * horizon + 4

    def _regression(self, columns: FloatArray, changes: FloatArray, horizon: int) -> Direct | NoFit:
        estimator = self._prototype()
        from sklearn.base import clone
        from sklearn.exceptions import ConvergenceWarning

        if not (_in_range(columns).all() and _in_range(changes[:, np.newaxis]).all()):
            return NoFit(OUT_OF_RANGE)
        n, errors = changes.size, []
        with warnings.catch_warnings(), one_thread():
            warnings.simplefilter("error", ConvergenceWarning)
            try:
                for known, block in backtests(n, horizon, n // 2, _BLOCKS):
                    model = clone(estimator).fit(columns[known], changes[known])
                    errors.append(changes[block] - np.ravel(model.predict(columns[block])))
                whole = clone(estimator).fit(columns, changes)
            except ConvergenceWarning as warning:
                return NoFit(f"the estimator did not converge ({str(warning).splitlines()[0]})")
        return _Regression(whole, root_mean_square(np.concatenate(errors)))
