"""Backends that forecast by a regression per horizon: of $y_{t+h} - y_t$ on what was known at t.

A regression is made when its horizon is first asked for, from the training window alone, so that
it does not depend on when or how often that is. Series are reduced first (see `_reduction`), and
one row of columns is made by the same arithmetic as a thousand.

Reference: Bontempi, Ben Taieb & Le Borgne (2013), Machine Learning Strategies for Time Series
Forecasting, doi:10.1007/978-3-642-36318-4_3 (direct forecasts).
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field, replace
from itertools import pairwise
from typing import Protocol, Self

import numpy as np
from numpy.typing import ArrayLike

from fg_core import (
    DataError,
    ForecastState,
    ForecastUnavailable,
    TrainingWindow,
)
from fg_core.authoring import floored, latest, require_fit, require_horizon
from fg_core.numerical import OUT_OF_RANGE, numerical_failures

from ._context_columns import NO_COLUMNS, ContextColumns
from ._filtered import NoFit
from ._lags import Lags
from ._reduction import FloatArray, Reduction, is_still

__all__ = ["Direct", "DirectBackend", "DirectFit", "backtests"]


class Direct(Protocol):
    """The regression of one horizon.

    `change` maps columns, shape (origin, column), to expected changes and `scale` to their
    standard deviations, both of shape (origin,) and in reduced units.
    """

    def change(self, columns: FloatArray) -> FloatArray: ...
    def scale(self, columns: FloatArray) -> FloatArray: ...


def backtests(
    n_origins: int, horizon: int, begin: int, n_blocks: int
) -> Iterator[tuple[slice, slice]]:
    """Cut the origins from `begin` on into blocks, for forecasts as they would have been made.

    Yields:
        For each block, the origins whose targets were known when it began, and its own.

    >>> list(backtests(8, 2, 4, 2))
    [(slice(None, 3, None), slice(4, 6, None)), (slice(None, 5, None), slice(6, 8, None))]
    """
    starts = np.linspace(begin, n_origins, n_blocks + 1).astype(int).tolist()
    for start, stop in pairwise(starts):
        yield slice(start - horizon + 1), slice(start, stop)


@dataclass(frozen=True, eq=False)
class DirectFit:
    """Result of `DirectBackend.fit`.

    Args:
        settings: The backend that was fitted, as it was before.
        values: Reduced training values, shape (time,).
        reduction: Center and unit by which the series is reduced.
        lags: Columns of the series.
        columns: Columns of context.
        table: Values of the columns in training, shape (time, column).
    """

    settings: DirectBackend
    values: FloatArray
    reduction: Reduction
    lags: Lags
    columns: ContextColumns
    table: FloatArray
    # A function of the above, worked out when it is first asked for.
    _known: dict[int, Direct | NoFit] = field(default_factory=dict, repr=False)

    def scale(self, direct: Direct, columns: FloatArray) -> FloatArray:
        """Return the regression's scales, but at least the rounding of the series."""
        scales: FloatArray = np.maximum(direct.scale(columns), floored(0.0, self.values))
        return scales

    def at(self, horizon: int) -> Direct | NoFit:
        """Return the regression of a horizon, or why there is none."""
        if horizon not in self._known:
            self._known[horizon] = self._regress(horizon)
        return self._known[horizon]

    def _regress(self, horizon: int) -> Direct | NoFit:
        n, reach = self.values.size, self.lags.reach
        least = self.settings._least_origins(horizon) + reach + horizon
        if n < least:
            return NoFit(f"horizon {horizon} wants {least} rows, got {n}")
        origins = np.arange(reach, n - horizon)
        columns = [*self.lags.columns(self.values, origins, horizon), *self.table[origins].T]
        changes = self.values[origins + horizon] - self.values[origins]
        table = np.column_stack(columns)
        if not (np.isfinite(table).all() and np.isfinite(changes).all()):
            return NoFit(OUT_OF_RANGE)
        try:
            with numerical_failures("the regression has no numerical solution"):
                return self.settings._regression(table, changes, horizon)
        except ForecastUnavailable as error:
            return NoFit(str(error))


@dataclass(frozen=True)
class DirectBackend(ABC):
    """A model backend around regressions; subclasses say on which columns, and how."""

    _: KW_ONLY
    fitted: DirectFit | NoFit | None = None

    @abstractmethod
    def _lags(self, n_rows: int, season_length: int) -> Lags:
        """Return the columns of the series for a window of this size."""

    @abstractmethod
    def _least_origins(self, horizon: int) -> int:
        """Return the number of origins with a known target that a regression needs."""

    @abstractmethod
    def _regression(self, columns: FloatArray, changes: FloatArray, horizon: int) -> Direct | NoFit:
        """Return the regression for columns (origin, column) and changes (origin,)."""

    def _fitted(self, window: TrainingWindow, *, use_context: bool) -> DirectFit | NoFit:
        values = window.values
        lags = self._lags(values.size, window.season_length)
        least = self._least_origins(1) + lags.reach + 1
        if values.size < least:
            return NoFit(f"{least} training rows wanted, got {values.size}")
        columns = NO_COLUMNS
        try:
            with numerical_failures("the window cannot be used"):
                if is_still(values):
                    return NoFit(
                        "the training window is constant, which leaves no variance to estimate"
                    )
                if use_context and window.contexts:
                    columns = ContextColumns.of(window.contexts, first=lags.reach)
                reduction = Reduction.of(values)
                return DirectFit(
                    replace(self, fitted=None),
                    reduction.reduce(values),
                    reduction,
                    lags,
                    columns,
                    columns.table(window.contexts if columns.names else [{}] * values.size),
                )
        except ForecastUnavailable as error:
            return NoFit(str(error))

    @abstractmethod
    def fit(self, window: TrainingWindow) -> Self:
        """Return a copy fitted on `window`."""

    def predict(self, state: ForecastState, horizon: int = 1) -> float:
        """Return the expected change from `state.value` in `horizon` steps.

        Raises:
            AgentError: Not fitted, a history that is too short for the lags, or a number that is
                not finite.
            ConfigError: `horizon` below 1.
            ForecastUnavailable: Too few training rows for this horizon, a constant, a regression
                that could not be made, a context column that is missing, or numbers out of range.
        """
        fit, direct = self._at(horizon)
        change = float(direct.change(self._row(fit, state, horizon))[0])
        if not math.isfinite(change):
            raise ForecastUnavailable(
                f"{self._who}: the forecast for horizon {horizon} comes out as {change}"
            )
        return fit.reduction.unit * change

    def predict_scale(self, state: ForecastState, horizon: int = 1) -> float:
        """Return the standard deviation of that change; raises as `predict` does."""
        fit, direct = self._at(horizon)
        return fit.reduction.unit * float(fit.scale(direct, self._row(fit, state, horizon))[0])

    def required_history(
        self,
        horizon: int = 1,
        *,
        since_fit: int = 1,  # noqa: ARG002 - the latest values will do, whenever it was fitted
        since_reveal: int = 1,  # noqa: ARG002
        refits: bool = False,  # noqa: ARG002 - lags follow from settings and season, which stay
    ) -> int:
        """Return the number of earlier values that a forecast needs: those that its lags reach.

        Args:
            horizon: Steps ahead; all need the same.
            since_fit: Periods since the last row of the fit; any needs the same.
            since_reveal: Periods since the last that it learned of; any needs the same.
            refits: Whether it may be fitted anew before the forecast; it changes nothing.

        Raises:
            AgentError: Not fitted.
            ConfigError: `horizon` below 1.
        """
        require_horizon(self._who, horizon, kind="backend")
        if isinstance(self.fitted, NoFit):
            return 0
        return require_fit(self._who, self.fitted, kind="backend").lags.reach

    def predict_path(
        self,
        values: ArrayLike,
        origins: Sequence[int],
        horizon: int = 1,
        *,
        contexts: Sequence[Mapping[str, float]] = (),
    ) -> tuple[FloatArray, FloatArray]:
        """Return forecasts from many origins of one series, in one call of the regression.

        The numbers are those of `predict` and `predict_scale` for the states at these origins (to
        rounding, where an estimator adds up a table in another order than a row).

        Args:
            values: Values of the series, or of a stretch of it, shape (time,).
            origins: Indices into `values`.
            horizon: Steps ahead.
            contexts: Figures published by each value's period, one mapping per value; needed where
                the fit uses context.

        Returns:
            Expected changes from `values[origin]` and their standard deviations, each of shape
            (origin,). NaN where there is no forecast: too near the beginning, or a context column
            missing.

        Raises:
            AgentError: Not fitted.
            ConfigError: `horizon` below 1.
            DataError: Values that are not finite, origins outside of them, or contexts that are
                missing or not one per value.
            ForecastUnavailable: No regression for this horizon.
        """
        fit, direct = self._at(horizon)
        series = np.array(values, dtype=np.float64)
        if series.ndim != 1 or not np.isfinite(series).all():
            raise DataError("predict_path wants finite values of shape (time,)")
        if any(not 0 <= origin < series.size for origin in origins):
            raise DataError(f"predict_path: origins must lie in 0 to {series.size - 1}")
        if fit.columns.names and len(contexts) != series.size:
            raise DataError(
                f"predict_path: the fit uses {', '.join(fit.columns.names)}, and {len(contexts)} "
                f"contexts were given for {series.size} values: give one mapping a value"
            )
        at = np.array(origins, dtype=int)
        table = fit.columns.table([contexts[i] for i in origins] if contexts else [{}] * at.size)
        means, scales = np.full(at.size, np.nan), np.full(at.size, np.nan)
        known = (at >= fit.lags.reach) & np.isfinite(table).all(axis=1)
        if known.any():
            reduced = fit.reduction.reduce(series)
            own = fit.lags.columns(reduced, at[known], horizon)
            columns = np.column_stack([*own, *table[known].T])
            change, scale = direct.change(columns), fit.scale(direct, columns)
            usable = np.isfinite(change)
            means[known] = np.where(usable, fit.reduction.unit * change, np.nan)
            scales[known] = np.where(usable, fit.reduction.unit * scale, np.nan)
        return means, scales

    @property
    def _who(self) -> str:
        return type(self).__name__

    def _at(self, horizon: int) -> tuple[DirectFit, Direct]:
        require_horizon(self._who, horizon, kind="backend")
        if isinstance(self.fitted, NoFit):
            raise ForecastUnavailable(f"{self._who}: {self.fitted.reason}")
        fitted = require_fit(self._who, self.fitted, kind="backend")
        found = fitted.at(horizon)
        if isinstance(found, NoFit):
            raise ForecastUnavailable(f"{self._who}: {found.reason}")
        return fitted, found

    def _row(self, fit: DirectFit, state: ForecastState, horizon: int) -> FloatArray:
        """Return the columns of a state, shape (1, column)."""
        reach = fit.lags.reach
        path = np.array(latest(self._who, state, reach + 1, kind="backend"))
        context = fit.columns.table([state.macro_context])
        if not np.isfinite(context).all():
            name = fit.columns.names[int(np.flatnonzero(~np.isfinite(context[0]))[0])]
            value = state.macro_context.get(name, math.nan)
            raise ForecastUnavailable(f"{self._who}: context column {name!r} is {value}")
        with np.errstate(over="ignore", invalid="ignore"):
            own = fit.lags.columns(fit.reduction.reduce(path), np.array([reach]), horizon)
        row = np.column_stack([*own, *context.T])
        if not np.isfinite(row).all():
            raise ForecastUnavailable(f"{self._who}: at period {state.t} {OUT_OF_RANGE}")
        return row
