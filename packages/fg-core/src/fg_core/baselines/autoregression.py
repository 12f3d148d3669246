"""Autoregression by ordinary least squares: the strongest simple benchmark we know of."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass, field, replace
from typing import ClassVar, Self, get_args

import numpy as np
from numpy.typing import NDArray

from fg_core.action import AgentAction
from fg_core.authoring import (
    ReadsNoContext,
    are_alike,
    binary_unit,
    fitting,
    floored,
    forecast_action,
    latest,
    latest_arrays,
    require_finite_fit,
    require_fit,
    require_horizon,
    require_rows,
)
from fg_core.batch import ActionArrays, StateArrays
from fg_core.errors import ConfigError, ForecastUnavailable
from fg_core.state import ForecastState
from fg_core.window import TrainingWindow

from ._least_squares import Criterion, regress, select_order
from .autoregression_fit import AutoRegressionFit, AutoRegressionLanes

__all__ = ["AutoRegression"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class AutoRegression(ReadsNoContext):
    r"""Forecasts with $y_t = c + \sum_{k=1}^p \phi_k y_{t-k} + e_t$, fitted by least squares.

    The mean is iterated, $\hat y_{t+h} = c + \sum_k \phi_k \hat y_{t+h-k}$ with
    $\hat y_s = y_s$ for $s \le t$, and

    $$\hat\sigma_h = \hat\sigma \sqrt{\textstyle\sum_{j<h} \psi_j^2}, \qquad
      \psi_0 = 1, \quad \psi_j = \textstyle\sum_{k=1}^{\min(j, p)} \phi_k \psi_{j-k}, \qquad
      \hat\sigma^2 = \frac{\mathrm{RSS}}{n - p - 1}$$

    with $n$ = rows - $p$ targets. The uncertainty of the coefficients is not in $\hat\sigma_h$.
    Needs a history of $p - 1$ numbers.

    Estimates are used as they come: roots on or outside the unit circle are not pulled in, since
    a forced stationary model is another model. Such a fit (`fitted.spectral_radius` tells)
    forecasts growth without bound; where that leaves the range of floats, `act` raises
    `ForecastUnavailable`. A singular fit (a constant, an exact trend) takes the shortest $\phi$.

    Args:
        order: $p$, at least 0 (0: the mean); None: chosen by `criterion`, all orders from 0 to
            `max_order` fitted to the same targets, then the chosen one fitted to all rows.
        max_order: Highest order tried where `order` is None; a window of $N$ rows allows at most
            $(N - 4) / 2$.
        criterion: "aicc", "bic" or "aic".
        name: Name of the forecaster.
        fitted: Filled in by `fit`.
        lanes: Filled in by `stack`, in place of `fitted`.

    Raises:
        ConfigError: A negative order, or another criterion.

    Reference: Hamilton (1994), Time Series Analysis, sections 4.1-4.2 and 5.2-5.3;
    Hurvich & Tsai (1989), Biometrika 76, doi:10.1093/biomet/76.2.297 (AICc).

    >>> ar = AutoRegression(1).fit(TrainingWindow([10.0, 6.0, 4.0, 3.0, 2.5]))
    >>> round(ar.fitted.intercept, 6), round(ar.fitted.phi[0], 6)
    (1.0, 0.5)
    >>> round(ar.act(ForecastState(0, 4.0, 0.0, 0.0), horizon=2).delta, 6)
    -1.5
    """

    leaves_arrays_alone: ClassVar[bool] = True
    """It changes no array that it is given, nor its shape or type (`fg_core.batch.handing`)."""

    order: int | None = None
    max_order: int = 8
    criterion: Criterion = "aicc"
    name: str = "ar"
    _: KW_ONLY
    fitted: AutoRegressionFit | None = None
    lanes: AutoRegressionLanes | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        for setting in ("order", "max_order"):
            number = getattr(self, setting)
            if number is not None and number < 0:
                raise ConfigError(
                    f"forecaster {self.name!r}: {setting} {number} given, 0 or more wanted"
                )
        if self.criterion not in get_args(Criterion):
            raise ConfigError(
                f"forecaster {self.name!r}: criterion {self.criterion!r} given, one of "
                f"{', '.join(get_args(Criterion))} wanted"
            )

    def fit(self, window: TrainingWindow) -> Self:
        """Return a copy fitted on `window`.

        Raises:
            DataError: Fewer than 2 p + 2 rows, or than 4 where the order is to be chosen.
            ForecastUnavailable: A change is beyond the range of numbers, or the least squares
                have no numerical solution.
        """
        require_rows(self.name, window, 4 if self.order is None else 2 * self.order + 2)
        center = float(window.values[0])
        order = self.order
        with fitting(self.name):
            centred = window.values - center
            unit = binary_unit(centred)
            reduced = centred / unit
            if order is None:
                order = select_order(reduced, self.max_order, self.criterion)
            fit = regress(reduced, order, order)
            scale = unit * math.sqrt(fit.rss / (fit.n_rows - order - 1))
            scale = floored(scale, window.values)
        require_finite_fit(self.name, *fit.phi, fit.offset, scale)
        return replace(self, fitted=AutoRegressionFit(fit.phi, fit.offset, center, unit, scale))

    def degrees_in_newest(self, horizon: int, *, refitted: bool) -> tuple[int, int] | None:
        """Return the degrees of mean and variance as polynomials of the newest value.

        Args:
            horizon: Horizon in rounds.
            refitted: Whether it is fitted anew with that value as the last row of the window.

        Returns:
            Degrees: coefficients of least squares are linear in the value, so that the iterated
            mean is of degree h + 1 and the variance, with responses of degree up to h - 1, of
            degree 2 h; None where the order is chosen anew.
        """
        if not refitted:
            return (1, 0)
        return None if self.order is None else (horizon + 1, 2 * horizon)

    @classmethod
    def stack(cls, agents: Sequence[Self]) -> Self | None:
        """Return one agent whose array form says in each lane what the lane's agent says alone.

        Args:
            agents: Fitted agents, one per lane; their orders may differ.

        Returns:
            None where they differ in more than their fits.
        """
        if not are_alike(AutoRegression, agents):
            return None
        fits = [require_fit(agent.name, agent.fitted) for agent in agents]
        return replace(agents[0], fitted=None, lanes=AutoRegressionLanes.of(fits))

    def act(self, state: ForecastState, horizon: int = 1) -> AgentAction:
        """Return the expected change in `horizon` steps and its standard deviation.

        Raises:
            AgentError: Not fitted, a history shorter than p - 1, or a value that is not finite.
            ConfigError: `horizon` below 1.
            ForecastUnavailable: The forecast overflows (explosive roots and a far horizon).
        """
        require_horizon(self.name, horizon)
        fitted = require_fit(self.name, self.fitted)
        numbers = latest(self.name, state, max(1, fitted.order))
        delta: float = fitted.change(numbers, horizon)
        scale = fitted.scale(horizon)
        if not (math.isfinite(delta) and math.isfinite(scale)):
            raise ForecastUnavailable(self._overflow(fitted, state.t, horizon))
        return forecast_action(self.name, delta, scale)

    def act_array(self, state: StateArrays, horizon: int = 1) -> ActionArrays:
        """Return what `act` returns, for many games; NaN where the forecast overflows."""
        require_horizon(self.name, horizon)
        if self.lanes is not None:
            return self._act_lanes(self.lanes, state, horizon)
        fitted = require_fit(self.name, self.fitted)
        numbers = latest_arrays(self.name, state, max(1, fitted.order))
        with np.errstate(over="ignore", invalid="ignore"):
            delta = np.asarray(fitted.change(numbers, horizon))
        scale = fitted.scale(horizon)
        usable = np.isfinite(delta)
        if not math.isfinite(scale):
            usable = np.zeros_like(usable)
        if np.count_nonzero(usable) == usable.size:
            return ActionArrays(delta, scale)
        why = self._overflow(fitted, state.t, horizon)
        return ActionArrays(np.where(usable, delta, np.nan), scale, why)

    def reads_back(self, season_length: int) -> int:  # noqa: ARG002
        """Return how many earlier values it reads at most: one less than its order.

        Args:
            season_length: Periods in a season; it makes no difference.

        Returns:
            Number of values of `state.history`.
        """
        return max(0, (self.max_order if self.order is None else self.order) - 1)

    def required_history(
        self,
        horizon: int = 1,
        *,
        since_fit: int = 1,  # noqa: ARG002 - the latest values will do, whenever it was fitted
        since_reveal: int = 1,  # noqa: ARG002
        refits: bool = False,
    ) -> int:
        """Return how many earlier values a forecast needs.

        Args:
            horizon: Horizon in rounds; any needs the same.
            since_fit: Periods since the last row of the fit; any needs the same.
            since_reveal: Periods since the last that it learned of; any needs the same.
            refits: Whether it may be fitted anew, and choose any order, before the forecast.

        Returns:
            One less than the order, which may be as high as `max_order` where it is yet to be
            chosen.

        Raises:
            ConfigError: `horizon` below 1.
        """
        require_horizon(self.name, horizon)
        order = self.order
        if order is None:
            chosen = None if self.fitted is None else self.fitted.order
            order = self.max_order if refits or chosen is None else chosen
        return max(0, order - 1)

    def _act_lanes(
        self, lanes: AutoRegressionLanes, state: StateArrays, horizon: int
    ) -> ActionArrays:
        with np.errstate(over="ignore", invalid="ignore"):
            delta, scale = lanes.change(self.name, state, horizon), lanes.scale(horizon)
        usable = np.isfinite(delta) & np.isfinite(scale)
        if np.count_nonzero(usable) == usable.size:
            return ActionArrays(delta, scale)
        why = [
            "" if well else self._overflow(fit, state.t, horizon)
            for fit, well in zip(lanes.fits, usable.tolist(), strict=True)
        ]
        return ActionArrays(np.where(usable, delta, np.nan), scale, why)

    def _overflow(self, fitted: AutoRegressionFit, t: int, horizon: int) -> str:
        return (
            f"forecaster {self.name!r}: the forecast for horizon {horizon} at period {t} overflows "
            f"(largest root {fitted.spectral_radius:.6g})"
        )

    def sensitivity_array(self, state: StateArrays, horizon: int = 1) -> Array | float:  # noqa: ARG002
        r"""Return $\psi_h$: the same for all games, or of shape (lane,) in a stacked agent."""
        if self.lanes is not None:
            with np.errstate(over="ignore", invalid="ignore"):
                return self.lanes.response(horizon)
        return require_fit(self.name, self.fitted).psi(horizon)[horizon]

    def sensitivity(self, state: ForecastState, horizon: int = 1) -> float:  # noqa: ARG002
        r"""Return $\psi_h$.

        Raises:
            AgentError: Not fitted.
            ConfigError: `horizon` below 1.
        """
        require_horizon(self.name, horizon)
        return require_fit(self.name, self.fitted).psi(horizon)[horizon]

    def sensitivities(
        self,
        state: ForecastState,  # noqa: ARG002
        horizon: int = 1,
        n: int = 1,
    ) -> tuple[float, ...]:
        """Return the derivatives of the level with respect to the last n values, newest first.

        Raises:
            AgentError: Not fitted.
            ConfigError: `horizon` below 1.
        """
        require_horizon(self.name, horizon)
        return tuple(require_fit(self.name, self.fitted).responses(horizon, n))

    def sensitivities_array(self, state: StateArrays, horizon: int = 1, n: int = 1) -> Array:  # noqa: ARG002
        """Return what `sensitivities` returns: shape (n,), or (n, lane) in a stacked agent."""
        if self.lanes is not None:
            with np.errstate(over="ignore", invalid="ignore"):
                return self.lanes.responses(horizon, n)
        return np.array(require_fit(self.name, self.fitted).responses(horizon, n))
