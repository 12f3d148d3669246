r"""Top-down: the total is forecast from what had been published about the economy.

For each horizon a direct regression of the change on the latest value, recent changes and the
published context $x_t$ (`state.macro_context`, `TrainingWindow.contexts`),

$$y_{t+h} - y_t = a_h + b_h y_t + \sum_{i=1}^{q} c_{h,i} \Delta y_{t+1-i}
  + \sum_j d_{h,j} x_{j,t} + e_{h,t+h},$$

fitted by ridge regression (`ridge`) on the training window. Own terms are not penalised; each
coefficient of the context is, by as much as `penalty` rows that say it is 0, because there are many
columns, they tell much the same story, and most of them say nothing about most series.
Standardisation (mean and standard deviation) comes from the rows of the fit.

What is missing:

* a column is used if at least `min_presence` of the window's rows have it (and it is not the same
  number throughout); rows of the window in which a used column is missing are left out;
* a column that is missing when a forecast is made stands at its mean of the fit, that is, it says
  nothing; where more than half of the used ones are missing there is no forecast
  (`ForecastUnavailable`), and so where the window has no usable column at all.

The predictive scale is the residual standard deviation of the horizon, with degrees of freedom and
the average uncertainty of the coefficients in it, and with an allowance for the overlap of
residuals h > 1 steps ahead (`ridge`). It does not depend on the state.

References: Marcellino, Stock & Watson (2006), J. Econometrics 135,
doi:10.1016/j.jeconom.2005.07.020 (direct against iterated); Stock & Watson (2012), JBES 30,
doi:10.1080/07350015.2012.715956 (shrinkage with many predictors).
"""

from __future__ import annotations

import math
from dataclasses import KW_ONLY, dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from fg_core import (
    AgentAction,
    ConfigError,
    DataError,
    ForecastState,
    ForecastUnavailable,
    TrainingWindow,
)
from fg_core.authoring import floored, latest, require_fit, require_horizon
from fg_core.mappings import FrozenMapping
from fg_core.numerical import numerical_failures
from fg_core.segments import rescale_segments

from .direct import DirectFit
from .ridge_regression import Ridge
from .segments import SegmentHistory

__all__ = ["TopDownAgent"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class TopDownAgent:
    """Forecasts the change of the total from its level, recent changes and published context.

    Args:
        changes: Number of recent changes that are regressors beside the latest value, at least 0.
        penalty: Number of rows that say "0" by which each coefficient of the context is shrunk, at
            least 0.
        min_presence: Share of rows that must have a column for it to be used, in (0, 1].
        name: Name of the forecaster.
        fitted: Filled in by `fit`.

    Raises:
        ConfigError: A setting outside its range.

    >>> rows = [{"rate": float(k % 3)} for k in range(30)]
    >>> path = np.cumsum([0.0] + [1.0 - row["rate"] for row in rows[:-1]])  # falls with the rate
    >>> agent = TopDownAgent(changes=0, penalty=0.0).fit(TrainingWindow(path, 29, contexts=rows))
    >>> round(agent.act(ForecastState(30, 5.0, 0.0, 0.0, macro_context={"rate": 3.0})).delta, 6)
    -2.0
    """

    changes: int = 1
    penalty: float = 50.0
    min_presence: float = 0.8
    name: str = "top_down"
    _: KW_ONLY
    fitted: DirectFit | None = None

    def __post_init__(self) -> None:
        for setting, number, holds, wanted in (
            ("changes", self.changes, self.changes >= 0, "0 or more"),
            ("penalty", self.penalty, 0.0 <= self.penalty < math.inf, "0 or more, and finite,"),
            ("min_presence", self.min_presence, 0.0 < self.min_presence <= 1.0, "in (0, 1]"),
        ):
            if not holds:
                raise ConfigError(
                    f"forecaster {self.name!r}: {setting} {number} given, {wanted} wanted"
                )

    def fit(self, window: TrainingWindow) -> Self:
        """Return a copy fitted on `window`.

        Returns:
            Fitted agent; this one is unchanged.

        Raises:
            DataError: Fewer than changes + 5 rows.
        """
        least = self.changes + 5
        if len(window) < least:
            raise DataError(
                f"forecaster {self.name!r} needs at least {least} training rows, got "
                f"{len(window)}: begin later or train on a longer window"
            )
        columns = self._columns(window)
        return replace(self, fitted=DirectFit(window, self.changes, self.penalty, columns))

    def _columns(self, window: TrainingWindow) -> tuple[str, ...]:
        found = []
        for name in sorted({name for row in window.contexts for name in row}):
            numbers = [row[name] for row in window.contexts if name in row]
            known = [number for number in numbers if math.isfinite(number)]
            if len(known) >= self.min_presence * len(window) and min(known) < max(known):
                found.append(name)
        return tuple(found)

    # ------------------------------------------------------------------------------- forecasting

    def act(self, state: ForecastState, horizon: int = 1) -> AgentAction:
        """Return the expected change in `horizon` steps and its standard deviation.

        Returns:
            Change and scale in the unit of the series.

        Raises:
            AgentError: Not fitted, a history shorter than `changes`, or a number that is not
                finite.
            ConfigError: `horizon` below 1.
            ForecastUnavailable: No context to go by, too few rows for so far a horizon, a
                regression without a numerical solution, or a forecast that overflows.
        """
        fitted, regression = self._regression(state, horizon)
        row = np.array([self._row(fitted, state)])
        with np.errstate(over="ignore", invalid="ignore"):
            delta = float(regression.predict(row)[0])
        scale = _scale(fitted, regression)
        if not (math.isfinite(delta) and math.isfinite(scale)):
            raise ForecastUnavailable(
                f"forecaster {self.name!r}: the forecast for horizon {horizon} at period "
                f"{state.t} overflows"
            )
        return AgentAction(self.name, delta, scale=scale)

    def required_history(
        self,
        horizon: int = 1,
        *,
        since_fit: int = 1,  # noqa: ARG002 - the latest values will do, whenever it was fitted
        since_reveal: int = 1,  # noqa: ARG002
        refits: bool = False,  # noqa: ARG002 - `changes` is a setting
    ) -> int:
        """Return the number of earlier values that a forecast needs: `changes`.

        Args:
            horizon: Steps ahead, in rounds; all need the same.
            since_fit: Periods since the last row of the fit; any needs the same.
            since_reveal: Periods since the last that it learned of; any needs the same.
            refits: Whether it may be fitted anew before the forecast; it changes nothing.

        Returns:
            Number of values before the one at the origin.

        Raises:
            ConfigError: `horizon` below 1.
        """
        require_horizon(self.name, horizon)
        return self.changes

    def sensitivity(self, state: ForecastState, horizon: int = 1) -> float:
        r"""Return $1 + b_h + c_{h,1}$: the latest value is also the end of the latest change.

        Returns:
            Derivative of the forecast level by the last value, without a unit.

        Raises:
            AgentError: Not fitted.
            ConfigError: `horizon` below 1.
            ForecastUnavailable: As for `act`.
        """
        _, regression = self._regression(state, horizon)
        return 1.0 + float(np.sum(regression.slopes[: min(2, 1 + self.changes)]))

    def split(
        self,
        state: ForecastState,
        horizon: int = 1,
        reference: FrozenMapping[str, float] | dict[str, float] | None = None,
    ) -> FrozenMapping[str, float]:
        """Return the forecast of the total, shared out among its segments.

        Shares are those of `reference` (segments of one sign; of mixed signs they keep their
        differences: shares of a sum near zero explode, see `fg_core.segments`).

        Args:
            state: State that the forecast is made from.
            horizon: Steps ahead.
            reference: Value per segment. Forecasts of the segments give *forecast proportions*;
                None: the means of the training window, *historical proportions*.

        Returns:
            Levels in `horizon` steps, by segment; they add up to the forecast of the total.

        Raises:
            AgentError: As for `act`.
            ConfigError: `horizon` below 1.
            ForecastUnavailable: As for `act`, or no reference and no segments in the window.

        Reference: Gross & Sohl (1990), J. Forecasting 9, doi:10.1002/for.3980090304;
        Athanasopoulos, Ahmed & Hyndman (2009), Int. J. Forecasting 25,
        doi:10.1016/j.ijforecast.2008.07.004.
        """
        total = state.value + self.act(state, horizon).delta
        if reference is None:
            known = SegmentHistory.of(require_fit(self.name, self.fitted).window)
            if known is None:
                raise ForecastUnavailable(
                    f"forecaster {self.name!r} cannot split its forecast at period {state.t}: the "
                    "training window has no segments; give a reference"
                )
            means = np.mean(np.array(known.rows), axis=0).tolist()
            reference = dict(zip(known.names, means, strict=True))
        return rescale_segments(reference, total)

    def window_deltas(self, window: TrainingWindow, horizon: int) -> Array:
        """Return the expected change from every row of a window; NaN where there is none.

        The array path of `act`, for errors in the training window.

        Returns:
            Array of shape (time,), in the unit of the series.
        """
        fitted = require_fit(self.name, self.fitted)
        try:
            with numerical_failures(f"forecaster {self.name!r} has no regression"):
                regression = fitted.regression(horizon)
        except ForecastUnavailable:
            return np.full(len(window), np.nan)
        if regression is None or not fitted.columns:
            return np.full(len(window), np.nan)
        table = fitted.regressors(window)
        usable = np.isfinite(table[:, : fitted.n_own]).all(axis=1)
        missing = np.count_nonzero(np.isnan(table[:, fitted.n_own :]), axis=1)
        usable &= 2 * missing <= len(fitted.columns)
        return np.where(usable, regression.predict(table), np.nan)

    def _regression(self, state: ForecastState, horizon: int) -> tuple[DirectFit, Ridge]:
        require_horizon(self.name, horizon)
        fitted = require_fit(self.name, self.fitted)
        where = f"forecaster {self.name!r} has no forecast at period {state.t}"
        if not fitted.columns:
            raise ForecastUnavailable(f"{where}: the training window has no usable context column")
        missing = [name for name in fitted.columns if not _has(state, name)]
        if 2 * len(missing) > len(fitted.columns):
            raise ForecastUnavailable(
                f"{where}: {len(missing)} of {len(fitted.columns)} context columns are missing "
                f"({', '.join(missing)})"
            )
        with numerical_failures(where):
            regression = fitted.regression(horizon)
        if regression is None:
            raise ForecastUnavailable(
                f"{where}: {len(fitted.window)} training rows are too few for "
                f"{fitted.n_own + len(fitted.columns)} regressors at horizon {horizon}"
            )
        return fitted, regression

    def _row(self, fitted: DirectFit, state: ForecastState) -> list[float]:
        path = latest(self.name, state, fitted.n_own)
        changes = [path[-1 - i] - path[-2 - i] for i in range(fitted.changes)]
        context = [
            state.macro_context[name] if _has(state, name) else math.nan for name in fitted.columns
        ]
        return [state.value, *changes, *context]


def _has(state: ForecastState, name: str) -> bool:
    """Return whether a column is there; a number that is not finite counts as missing."""
    return math.isfinite(state.macro_context.get(name, math.nan))


def _scale(fitted: DirectFit, regression: Ridge) -> float:
    """Return the residual scale, at least the rounding of a series of this size."""
    return floored(regression.scale, fitted.window.values)
