"""Autoregression by ordinary least squares: the strongest simple benchmark we know of."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass, field, replace
from functools import lru_cache
from typing import Any, ClassVar, Self, get_args

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
    lanes_of,
    latest,
    latest_arrays,
    require_finite_fit,
    require_fit,
    require_horizon,
    require_rows,
    square_root,
)
from fg_core.batch import ActionArrays, StateArrays
from fg_core.errors import ConfigError, ForecastUnavailable
from fg_core.state import ForecastState
from fg_core.window import TrainingWindow

from ._least_squares import Criterion, regress, select_order

__all__ = ["AutoRegression", "AutoRegressionFit"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class AutoRegressionFit:
    r"""Estimates of `AutoRegression.fit`: $z_t = c_0 + \sum_k \phi_k z_{t-k} + e_t$.

    The equation is in the reduced series $z = (y - \text{center}) / \text{unit}$, so that rounding
    depends neither on the level of the series nor on its unit.

    Args:
        phi: $\phi_1, \dots, \phi_p$, without unit.
        offset: $c_0$, the intercept of the reduced series.
        center: Center of the values, in the unit of the series.
        unit: Power of two, in the unit of the series.
        step_scale: Residual standard deviation, in the unit of the series, above 0.
    """

    phi: tuple[float, ...]
    offset: float
    center: float
    unit: float
    step_scale: float

    @property
    def order(self) -> int:
        """Number of lags."""
        return len(self.phi)

    @property
    def intercept(self) -> float:
        """The intercept of the equation in the series itself, in its unit."""
        return self.center * (1.0 - math.fsum(self.phi)) + self.unit * self.offset

    @property
    def spectral_radius(self) -> float:
        """Modulus of the largest characteristic root; 1 or more: forecasts do not settle."""
        return _largest_root(self.phi)

    def psi(self, n: int) -> tuple[float, ...]:
        r"""Return $\psi_0, \dots, \psi_n$, the response of $y_{t+j}$ to a unit change of $y_t$."""
        return _responses(self.phi, n)

    def responses(self, horizon: int, n: int) -> list[Any]:
        r"""Return $\partial \hat y_{t+h} / \partial y_{t-k}$ for $k = 0, \dots, n - 1$.

        The response of the iterated equation to a unit change of $y_{t-k}$ alone, 0 from $k = p$
        on.
        """
        found: list[Any] = []
        for k in range(n):
            path: list[Any] = [1.0, *[0.0] * k]
            for _ in range(horizon):
                path.append(_next(0.0, self.phi, path))
            found.append(path[-1])
        return found

    def change(self, numbers: Sequence[Any], horizon: int) -> Any:
        """Return the expected change from the last of `numbers` (one per period, or arrays)."""
        path = [(number - self.center) / self.unit for number in numbers]
        last = path[-1]
        for _ in range(horizon):
            path.append(_next(self.offset, self.phi, path))
        return self.unit * (path[-1] - last)

    def scale(self, horizon: int) -> float:
        """Return the standard deviation of the change in `horizon` steps."""
        scale: float = _scale_of_change(self.step_scale, self.psi(horizon - 1))
        return scale


@dataclass(frozen=True, eq=False)
class _Lanes:
    """Fits of many lanes, asked together where they have the same order.

    (Zeros in place of the lags that a lane does not have would turn a number there that is not
    finite into no forecast.)

    Args:
        fits: One per lane.
        groups: Per order, its lanes and their fit, with arrays for numbers.
    """

    fits: tuple[AutoRegressionFit, ...]
    groups: tuple[tuple[NDArray[np.intp], AutoRegressionFit], ...]
    # Functions of the above, by horizon.
    _responses: dict[int, Array] = field(default_factory=dict, repr=False)
    _scales: dict[int, Array] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, fits: Sequence[AutoRegressionFit]) -> _Lanes:
        """Return the fits, one per lane, grouped by their order."""
        by_order: dict[int, list[int]] = {}
        for lane, fit in enumerate(fits):
            by_order.setdefault(fit.order, []).append(lane)
        groups = []
        for lanes in by_order.values():
            same = [fits[lane] for lane in lanes]
            phi: Any = tuple(np.array(list(zip(*(fit.phi for fit in same), strict=True))))
            names = ("offset", "center", "unit", "step_scale")
            joint = AutoRegressionFit(phi, *(lanes_of(same, name) for name in names))
            groups.append((np.array(lanes, dtype=np.intp), joint))
        return cls(tuple(fits), tuple(groups))

    def change(self, name: str, state: StateArrays, horizon: int) -> Array:
        """Return the expected changes, shape (lane,); raises as `tail` does."""
        found = np.empty(len(self.fits))
        for lanes, fit in self.groups:
            numbers = latest_arrays(name, state, max(1, fit.order))
            if len(self.groups) > 1:
                numbers = tuple(number[lanes] for number in numbers)
            found[lanes] = fit.change(numbers, horizon)
        return found

    def response(self, horizon: int) -> Array:
        r"""Return $\psi_h$ of each lane, shape (lane,)."""
        if horizon not in self._responses:
            self._work_out(horizon)
        return self._responses[horizon]

    def responses(self, horizon: int, n: int) -> Array:
        """Return what `AutoRegressionFit.responses` returns in each lane, shape (n, lane)."""
        found = np.empty((n, len(self.fits)))
        for lanes, fit in self.groups:
            for k, response in enumerate(fit.responses(horizon, n)):
                found[k, lanes] = response
        return found

    def scale(self, horizon: int) -> Array:
        """Return the standard deviation of the change in each lane, shape (lane,)."""
        if horizon not in self._scales:
            self._work_out(horizon)
        return self._scales[horizon]

    def _work_out(self, horizon: int) -> None:
        response, scale = np.empty((2, len(self.fits)))
        for lanes, fit in self.groups:
            psi = _path_of_responses(fit.phi, horizon)
            response[lanes] = psi[horizon]
            scale[lanes] = _scale_of_change(fit.step_scale, psi[:horizon])
        self._responses[horizon], self._scales[horizon] = response, scale


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
    lanes: _Lanes | None = field(default=None, repr=False)

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
        return replace(agents[0], fitted=None, lanes=_Lanes.of(fits))

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

    def _act_lanes(self, lanes: _Lanes, state: StateArrays, horizon: int) -> ActionArrays:
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


@lru_cache(maxsize=256)  # every round asks for the same few
def _responses(phi: tuple[float, ...], n: int) -> tuple[float, ...]:
    return _path_of_responses(phi, n)


def _path_of_responses(phi: tuple[Any, ...], n: int) -> tuple[Any, ...]:
    weights = [1.0]
    for _ in range(n):
        weights.append(_next(0.0, phi, weights))
    return tuple(weights)


def _scale_of_change(step_scale: Any, psi: Sequence[Any]) -> Any:
    variance: Any = 0.0
    for weight in psi:
        variance = variance + weight * weight
    return step_scale * square_root(variance)


@lru_cache(maxsize=256)
def _largest_root(phi: tuple[float, ...]) -> float:
    if not phi:
        return 0.0
    companion = np.eye(len(phi), k=-1)
    companion[0] = phi
    return float(np.max(np.abs(np.linalg.eigvals(companion))))


def _next(offset: float, phi: tuple[float, ...], path: Sequence[Any]) -> Any:
    """Return the next number of a path that may be shorter than `phi` (zeros before it).

    Added from left to right: `sum` compensates for rounding from Python 3.12 on, and an array
    path over many games must be able to give the same bits.
    """
    total = offset
    for coefficient, number in zip(phi, reversed(path), strict=False):
        total = total + coefficient * number
    return total
