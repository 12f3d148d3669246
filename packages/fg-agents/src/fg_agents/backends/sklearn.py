"""Any scikit-learn regressor on the lags of a series."""

from __future__ import annotations

import math
import warnings
from dataclasses import KW_ONLY, dataclass, replace
from functools import lru_cache
from itertools import pairwise
from typing import Any, Self

import numpy as np

from fg_core import AgentError, ConfigError, ForecastState, ForecastUnavailable, TrainingWindow

from ._filtered import NoFit, require_horizon
from ._reduction import FloatArray, Reduction, floored, is_still, root_mean_square
from ._statsmodels import missing_extra
from ._threads import one_thread

__all__ = ["SklearnBackend", "SklearnFit"]

_BLOCKS = 4


@dataclass(frozen=True, eq=False)
class SklearnFit:
    """What `SklearnBackend.fit` keeps; a regression per horizon is made of it when asked for.

    Args:
        estimator: Prototype with its randomness fixed; cloned for every regression.
        features: Shape (origin, feature): reduced lags, latest first, then context.
        values: Reduced training values, shape (time,).
        reduction: How the series is reduced.
        columns: Context columns used, each with its mean and standard deviation in training.
    """

    estimator: Any
    features: FloatArray
    values: FloatArray
    reduction: Reduction
    columns: tuple[tuple[str, float, float], ...]


@dataclass(frozen=True, eq=False)
class _Direct:
    """The regression for one horizon, and the scale of its errors, in reduced units."""

    estimator: Any
    scale: float


@dataclass(frozen=True)
class SklearnBackend:
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
            lags: the columns that every training row has.
        random_state: Given to whatever in the estimator has a `random_state` of None, so that a
            fit is a function of its data.
        fitted: Filled in by `fit`.

    Raises:
        ConfigError: A setting out of its range, or an estimator that is none.

    Reference: Bontempi, Ben Taieb & Le Borgne (2013), Machine Learning Strategies for Time Series
    Forecasting, doi:10.1007/978-3-642-36318-4_3 (direct forecasts).

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
    _: KW_ONLY
    fitted: SklearnFit | NoFit | None = None

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

        Raises:
            ConfigError: The estimator draws from a shared random generator.
            PluginLoadError: scikit-learn is not installed.
        """
        estimator = self._prototype()
        values = window.values
        if values.size < self._least(1):
            reason = f"{self._least(1)} training rows wanted, got {values.size}"
            return replace(self, fitted=NoFit(reason))
        if is_still(values):
            reason = "the training window is constant, which leaves no variance to estimate"
            return replace(self, fitted=NoFit(reason))
        columns = _columns(window) if self.use_context else ()
        if self.use_context and not columns:
            return replace(self, fitted=NoFit("no context column is there in every training row"))
        reduction = Reduction.of(values)
        reduced = reduction.reduce(values)
        n, p = reduced.size, self.lags
        features = [reduced[p - 1 - k : n - k] for k in range(p)]
        for name, mean, deviation in columns:
            column = np.array([row[name] for row in window.contexts[p - 1 :]])
            features.append((column - mean) / deviation)
        return replace(
            self,
            fitted=SklearnFit(
                estimator, np.column_stack(features), reduced, reduction, tuple(columns)
            ),
        )

    def predict(self, state: ForecastState, horizon: int = 1) -> float:
        """Return the expected change from `state.value` in `horizon` steps.

        Raises:
            AgentError: Not fitted, a history shorter than `lags - 1`, or a number that is not
                finite.
            ConfigError: `horizon` below 1.
            ForecastUnavailable: Too few training rows for this horizon, a constant, an estimator
                that did not converge, or a context column that is missing.
        """
        fitted, direct = self._at(horizon)
        row = self._row(fitted, state)
        change = float(np.ravel(direct.estimator.predict(row[np.newaxis, :]))[0])
        if not math.isfinite(change):
            raise ForecastUnavailable(
                f"SklearnBackend: the forecast for horizon {horizon} comes out as {change}"
            )
        return fitted.reduction.unit * change

    def predict_scale(self, state: ForecastState, horizon: int = 1) -> float:
        """Return the standard deviation of that change; raises as `predict` does."""
        fitted, direct = self._at(horizon)
        self._row(fitted, state)
        return fitted.reduction.unit * direct.scale

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

    def _least(self, horizon: int) -> int:
        return 3 * self.lags + 3 * horizon + 3

    def _at(self, horizon: int) -> tuple[SklearnFit, _Direct]:
        require_horizon("SklearnBackend", horizon)
        if self.fitted is None:
            raise AgentError(
                "SklearnBackend is not fitted: call fit(window) and use what it returns"
            )
        found: _Direct | NoFit | SklearnFit = self.fitted
        if isinstance(self.fitted, SklearnFit):
            rows = self.fitted.values.size
            found = NoFit(f"horizon {horizon} wants {self._least(horizon)} rows, got {rows}")
            if rows >= self._least(horizon):
                found = _direct(self.fitted, horizon)
            if isinstance(found, _Direct):
                return self.fitted, found
        assert isinstance(found, NoFit)
        raise ForecastUnavailable(f"SklearnBackend: {found.reason}")

    def _row(self, fitted: SklearnFit, state: ForecastState) -> FloatArray:
        """Return the features of a state, shape (feature,)."""
        if len(state.history) < self.lags - 1:
            raise AgentError(
                f"SklearnBackend needs {self.lags - 1} earlier values in state.history, got "
                f"{len(state.history)}: set lookback to {self.lags - 1} or more"
            )
        lags = np.array(state.path[: -self.lags - 1 : -1])
        if not np.isfinite(lags).all():
            raise AgentError(
                f"SklearnBackend cannot use a number at or before period {state.t}: state.value "
                "and state.history must be finite"
            )
        row = fitted.reduction.reduce(lags).tolist()
        for name, mean, deviation in fitted.columns:
            value = state.macro_context.get(name, math.nan)
            if not math.isfinite(value):
                raise ForecastUnavailable(f"SklearnBackend: context column {name!r} is {value}")
            row.append((value - mean) / deviation)
        return np.array(row)


def _columns(window: TrainingWindow) -> list[tuple[str, float, float]]:
    """Return the columns that are there and finite in every row, with mean and deviation."""
    found = []
    for name in sorted(set().union(*window.contexts)):
        column = np.array([row.get(name, math.nan) for row in window.contexts], dtype=np.float64)
        if np.isfinite(column).all():
            found.append((name, float(np.mean(column)), float(np.std(column)) or 1.0))
    return found


@lru_cache(maxsize=64)
def _direct(fitted: SklearnFit, horizon: int) -> _Direct | NoFit:
    """Return the regression for a horizon; it depends on the fit alone."""
    from sklearn.base import clone
    from sklearn.exceptions import ConvergenceWarning

    n_origins = fitted.features.shape[0] - horizon
    features = fitted.features[:n_origins]
    now = fitted.values[fitted.values.size - fitted.features.shape[0] :]
    changes = now[horizon:] - now[:-horizon]
    starts = np.linspace(n_origins // 2, n_origins, _BLOCKS + 1).astype(int).tolist()
    errors = []
    with warnings.catch_warnings(), one_thread():
        warnings.simplefilter("error", ConvergenceWarning)
        try:
            for begin, end in pairwise(starts):
                known = begin - horizon + 1
                model = clone(fitted.estimator).fit(features[:known], changes[:known])
                errors.append(changes[begin:end] - np.ravel(model.predict(features[begin:end])))
            whole = clone(fitted.estimator).fit(features, changes)
        except ConvergenceWarning as warning:
            return NoFit(f"the estimator did not converge ({str(warning).splitlines()[0]})")
    scale = root_mean_square(np.concatenate(errors))
    return _Direct(whole, floored(scale, fitted.values))
