"""Linear models as forecasters of the game."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass, field, replace
from functools import cached_property, lru_cache
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from fg_agents.hierarchy import SegmentHistory
from fg_agents.hierarchy._contract import latest, require_fit, require_horizon
from fg_core import AgentAction, AgentError, ForecastState, ForecastUnavailable, TrainingWindow
from fg_core.batch import ActionArrays, StateArrays
from fg_core.numerical import numerical_failures
from fg_core.protocols import Revealed

from .memory import LevelMemory, Memory, Row
from .model import HorizonForms, LinearModel
from .panel import SEGMENTS, DataPanel
from .specification import LinearSpecification
from .system import System

__all__ = ["LinearFit", "LinearForecaster", "scale_floor"]

Array = NDArray[np.float64]

_EAGER = 4
"""Horizons that are worked out at a fit; further ones when they are asked for."""


@dataclass(frozen=True, eq=False)
class LinearFit:
    """What `LinearForecaster.fit` estimates.

    Args:
        system: The columns and their forms.
        model: Coefficients and covariance; the series itself is column 0.
        rows: How many rows the fit had, in effect.
        floor: Least standard deviation of a forecast: what rounding does to the series.
    """

    system: System
    model: LinearModel
    rows: float
    floor: float
    _forms: list[_Form] = field(default_factory=list, init=False, repr=False)

    @cached_property
    def segments(self) -> tuple[tuple[int, str], ...]:
        """Which of the other columns are segments: place among them, and name of the segment."""
        return tuple(
            (i, name.removeprefix(SEGMENTS))
            for i, name in enumerate(self.system.names[1:])
            if name.startswith(SEGMENTS)
        )

    def form(self, horizon: int) -> _Form:
        """Return the forecast for a horizon as a linear function of the latest rows."""
        if horizon > len(self._forms):
            with np.errstate(over="ignore", invalid="ignore"):
                forms = self.model.forms(0, max(_EAGER, horizon))
            # One assignment, so that whoever else looks sees the old list or the new one.
            self._forms[:] = _plain(forms, self.floor)
        return self._forms[horizon - 1]


@dataclass(frozen=True)
class _Form:
    """A forecast as a linear function, in plain numbers: most of a game's time goes here."""

    offset: float
    own: tuple[float, ...]
    others: tuple[Row, ...]
    scale: float

    def change(self, numbers: Sequence[Any], rows: Sequence[Row]) -> Any:
        """Return the expected change from the last of `numbers`.

        Added from left to right, for one game and for many alike.
        """
        total = self.offset
        for weight, number in zip(self.own, reversed(numbers), strict=True):
            total = total + weight * number
        for weights, row in zip(self.others, rows, strict=True):
            for weight, number in zip(weights, row, strict=True):
                total = total + weight * number
        return total - numbers[-1]


def _plain(forms: HorizonForms, floor: float) -> list[_Form]:
    scales = np.sqrt(np.maximum(forms.variances, floor * floor)).tolist()
    return [
        _Form(offset, tuple(row[0] for row in rows), tuple(tuple(row[1:]) for row in rows), scale)
        for offset, rows, scale in zip(
            forms.offsets.tolist(), forms.weights.tolist(), scales, strict=True
        )
    ]


def scale_floor(values: Array) -> Array:
    """Return what rounding does to a series by each of its rows: its spacing at the largest value.

    >>> scale_floor(np.array([1.0, -4.0, 2.0])).tolist() == [2.0**-52, 2.0**-50, 2.0**-50]
    True
    """
    smallest = 2.0**-200  # for a series of zeros; its square is still a normal number
    largest = np.maximum.accumulate(np.abs(values))
    return np.asarray(np.maximum(np.finfo(np.float64).eps * largest, smallest), dtype=np.float64)


@dataclass(frozen=True)
class _Learned:
    """A fit with what is remembered of the latest rows; or why there is no fit."""

    fit: LinearFit | None
    memory: Memory | None
    reason: str = ""


@lru_cache(maxsize=128)
def _learned(specification: LinearSpecification, panel: DataPanel) -> _Learned:
    """Fit; the latest fits are remembered, since a game often fits twice to the same rows."""
    end = len(panel) - 1
    try:
        with numerical_failures("the fit has no numerical solution"):
            found = specification.fits(panel, [end])
    except ForecastUnavailable as error:
        return _Learned(None, None, str(error))
    if found.reasons:
        return _Learned(None, None, found.reasons[0])
    fits = found.systems[0]
    model = fits.model.at(0)
    floor = float(scale_floor(panel.values[:, 0])[-1])
    memory = specification.memory(panel, fits.system, model.order)
    return _Learned(LinearFit(fits.system, model, float(fits.rows[0]), floor), memory)


@dataclass(frozen=True)
class LinearForecaster:
    r"""Forecasts with a linear model of its series and of what was known beside it.

    The forecast is the mean of the model, iterated; its scale is that of the errors to come,
    $\sum_{j<h} \Psi_j \Sigma \Psi_j'$, without the uncertainty of the coefficients; the
    sensitivity to the last value is that of the model too, $\Psi_h$. Between fits, coefficients
    stay and rows move on: of the series from `state.history`, of the context from what the
    forecaster was shown by `update`.

    Where the model cannot be fitted (too few rows, no such columns, a rule that says nothing about
    this series, a singular regression) it is a forecaster without forecasts, which says so when it
    is asked.

    Args:
        specification: Which model, and how it is estimated.
        name: Name of the forecaster.
        group: The idea behind it. A pool that gives each group one vote is not carried away by
            many variants of one idea.
        fitted: Filled in by `fit`.
        memory: Filled in by `fit`, kept up to date by `update`.
        reason: Why there is no fit; "": there is one, or `fit` was never called.

    >>> from fg_agents.linear import ShrunkAutoregression
    >>> agent = LinearForecaster(ShrunkAutoregression(1, None, cutoff=None), "ar1")
    >>> agent = agent.fit(TrainingWindow([10.0, 6.0, 4.0, 3.0, 2.5, 2.25, 2.125, 2.0625, 2.03125]))
    >>> action = agent.act(ForecastState(9, 4.0, 0.0, 0.0), horizon=2)
    >>> round(action.delta, 6), round(agent.sensitivity(ForecastState(9, 4.0, 0.0, 0.0)), 6)
    (-1.5, 0.5)
    """

    learns_from_values: ClassVar[bool] = True
    """What `update` makes of a reveal depends on `Revealed.state` alone."""

    specification: LinearSpecification
    name: str
    group: str = "linear"
    _: KW_ONLY
    fitted: LinearFit | None = None
    memory: Memory | None = field(default=None, repr=False)
    reason: str = ""

    # ------------------------------------------------------------------------------------ learning

    def fit(self, window: TrainingWindow) -> Self:
        """Return a copy fitted on `window`."""
        learned = _learned(self.specification, DataPanel.of(window))
        memory = learned.memory
        if memory is not None and type(memory) is type(self.memory):
            memory = self.memory.refitted(memory)
        return replace(self, fitted=learned.fit, memory=memory, reason=learned.reason)

    def update(self, revealed: Revealed) -> Self:
        """Return a copy that knows one row more."""
        memory = None if self.memory is None else self.memory.extended(revealed.state)
        if memory is self.memory:
            return self
        new = object.__new__(type(self))
        new.__dict__.update(self.__dict__)
        new.__dict__["memory"] = memory
        return new

    def update_array(self, revealed: Revealed) -> Self:
        """Return what `update` returns, for many games."""
        return self.update(revealed)

    # --------------------------------------------------------------------------------- forecasting

    def act(self, state: ForecastState, horizon: int = 1) -> AgentAction:
        """Return the expected change in `horizon` steps and its standard deviation.

        Raises:
            AgentError: Not fitted, a history that is too short, or a value that is not finite.
            ConfigError: `horizon` below 1.
            ForecastUnavailable: No fit, a context that lacks the columns or was not shown for too
                long, or a forecast that overflows.
        """
        require_horizon(self.name, horizon)
        fitted, memory = self._ready(state)
        form = fitted.form(horizon)
        numbers = latest(self.name, state, fitted.model.order)
        delta = form.change(numbers, self._others(memory, state, fitted.model.order))
        if not (math.isfinite(delta) and math.isfinite(form.scale)):
            raise ForecastUnavailable(
                f"forecaster {self.name!r}: the forecast for horizon {horizon} at period {state.t} "
                "overflows"
            )
        return AgentAction(self.name, delta, scale=form.scale)

    def act_array(self, state: StateArrays, horizon: int = 1) -> ActionArrays:
        """Return what `act` returns, for many games; NaN where the forecast overflows."""
        require_horizon(self.name, horizon)
        fitted, memory = self._ready(state)
        form = fitted.form(horizon)
        order = fitted.model.order
        if len(state.history) < order - 1:
            raise AgentError(
                f"forecaster {self.name!r} needs {order - 1} earlier values in state.history, got "
                f"{len(state.history)}: set lookback to {order - 1} or more"
            )
        numbers = (*state.history[len(state.history) - order + 1 :], state.value)
        with np.errstate(over="ignore", invalid="ignore"):
            delta = np.asarray(form.change(numbers, self._others(memory, state, order)))
        usable = np.isfinite(delta) & math.isfinite(form.scale)
        return ActionArrays(delta if usable.all() else np.where(usable, delta, np.nan), form.scale)

    def required_history(
        self,
        horizon: int = 1,
        *,
        since_fit: int = 1,  # noqa: ARG002 - what came since the fit is remembered from `update`
        since_reveal: int = 1,
        refits: bool = False,  # noqa: ARG002 - the order is the specification's
    ) -> int:
        """Return how many earlier values a forecast needs.

        That is one less than the model's order and, where the model has a level of the past, the
        values that it did not learn of.

        Args:
            horizon: In rounds; any needs the same.
            since_fit: Periods since the last row of the fit; any needs the same.
            since_reveal: How many periods after the last that it learned of the forecast is made.
            refits: Whether it may be fitted anew before the forecast; it changes nothing.

        Returns:
            0 where there is no fit, and so no forecast.

        Raises:
            ConfigError: `horizon` below 1.
        """
        require_horizon(self.name, horizon)
        if self.fitted is None:
            return 0
        lags = max(0, self.fitted.model.order - 1)
        return max(lags, since_reveal - 1) if isinstance(self.memory, LevelMemory) else lags

    def sensitivity(self, state: ForecastState, horizon: int = 1) -> float:
        r"""Return $\Psi_h$ of the series itself: d(forecast of the level) / d(`state.value`).

        Where segments are columns, they move with the value, and the effect of that is added.

        Raises:
            AgentError: Not fitted.
            ConfigError: `horizon` below 1.
            ForecastUnavailable: No fit.
        """
        require_horizon(self.name, horizon)
        fitted, _ = self._ready(state)
        form = fitted.form(horizon)
        if not fitted.segments:
            return form.own[0]
        shares = SegmentHistory.shares(state)
        return math.fsum(
            [
                form.own[0],
                *(form.others[0][i] * shares.get(name, 0.0) for i, name in fitted.segments),
            ]
        )

    def sensitivity_array(self, state: StateArrays, horizon: int = 1) -> float:
        """Return what `sensitivity` returns, the same for all games (which have no segments)."""
        require_horizon(self.name, horizon)
        fitted, _ = self._ready(state)
        return fitted.form(horizon).own[0]

    def _ready(self, state: Any) -> tuple[LinearFit, Memory]:
        if self.reason:
            raise ForecastUnavailable(
                f"forecaster {self.name!r} has no forecast at period {state.t}: {self.reason}"
            )
        fitted, memory = require_fit(self.name, self.fitted), self.memory
        return fitted, require_fit(self.name, memory)

    def _others(self, memory: Memory, state: Any, count: int) -> Sequence[Row]:
        try:
            return memory.others(state, count)
        except (AgentError, ForecastUnavailable) as error:
            raise type(error)(f"forecaster {self.name!r}: {error}") from error
