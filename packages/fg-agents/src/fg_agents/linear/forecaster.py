"""Linear models as forecasters of the game."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import KW_ONLY, dataclass, field, replace
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from fg_agents.hierarchy import SegmentHistory
from fg_core import AgentAction, AgentError, ForecastState, ForecastUnavailable, TrainingWindow
from fg_core.authoring import columns_read, latest, require_fit, require_horizon
from fg_core.batch import ActionArrays, StateArrays
from fg_core.batch.lazy import lazy
from fg_core.frozen import replace_unchecked
from fg_core.protocols import Revealed

from .fit import LinearFit
from .learned import Learned, learned_from
from .local_level import LocalLevel
from .memory import LevelMemory, Memory, Row
from .panel import DataPanel
from .specification import LinearSpecification, RegressionSpecification
from .together import asked_together

__all__ = ["LinearForecaster"]

Array = NDArray[np.float64]

_UNKNOWN = 2**31
"""More earlier values than any game shows."""


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
        specification: Model and method of estimation.
        name: Name of the forecaster.
        group: Name of the idea behind it. A pool that gives each group one vote is not carried away
            by many variants of one idea.
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

    leaves_arrays_alone: ClassVar[bool] = True
    """It changes no array that it is given, nor its shape or type (`fg_core.batch.handing`)."""

    learns_from_values: ClassVar[bool] = True
    """What `update` makes of a reveal depends on `Revealed.state` alone."""

    specification: LinearSpecification
    name: str
    group: str = "linear"
    _: KW_ONLY
    fitted: LinearFit | None = None
    memory: Memory | None = field(default=None, repr=False)
    reason: str = ""

    @property
    def array_form(self) -> bool:
        """Whether many games may be asked at once: their states show no segments."""
        return self.fitted is None or not self.fitted.segments

    def columns_read(self, columns: Collection[str]) -> frozenset[str]:
        """Return the context columns that the model reads: all, where it declares nothing."""
        return columns_read(self.specification, columns)

    # ------------------------------------------------------------------------------------ learning

    def fit(self, window: TrainingWindow) -> Self:
        """Return a copy fitted on `window`.

        Returns:
            Fitted forecaster; where a fit is impossible, one that says why.
        """
        (learned,) = learned_from((self.specification,), (DataPanel.of(window),))
        return self._having(learned)

    @classmethod
    def fit_together(cls, agents: Sequence[Self], windows: Sequence[TrainingWindow]) -> list[Self]:
        """Return the forecasters, each fitted on its window, to the last bit what `fit` returns.

        Args:
            agents: Forecasters.
            windows: Training windows, one per forecaster; those with the same one best follow each
                other.

        Returns:
            Fitted forecasters, in the order of `agents`.
        """
        panels = [DataPanel.of(window) for window in windows]
        learned = learned_from([agent.specification for agent in agents], panels)
        return [agent._having(one) for agent, one in zip(agents, learned, strict=True)]

    def _having(self, learned: Learned) -> Self:
        """Return a copy with what was learned from a window."""
        memory = learned.memory
        if memory is not None and type(memory) is type(self.memory):
            memory = self.memory.refitted(memory)
        return replace_unchecked(self, fitted=learned.fit, memory=memory, reason=learned.reason)

    def update(self, revealed: Revealed) -> Self:
        """Return a copy that knows one row more.

        Returns:
            Forecaster with the same coefficients.
        """
        memory = None if self.memory is None else self.memory.extended(revealed.state)
        if memory is self.memory:
            return self
        new = object.__new__(type(self))
        new.__dict__.update(self.__dict__)
        new.__dict__["memory"] = memory
        return new

    def update_array(self, revealed: Revealed) -> Self:
        """Return the result of `update`, for many games.

        Returns:
            Forecaster with a memory per game.
        """
        return self.update(revealed)

    def take(self, lanes: NDArray[np.intp]) -> Self:
        """Return the forecaster with what it has learned in some games, in the order of `lanes`.

        Args:
            lanes: Places of the games; one alone gives the forecaster of a single game.

        Returns:
            Forecaster whose game i is game `lanes[i]` of this one.
        """
        memory = None if self.memory is None else self.memory.take(lanes)
        return self if memory is self.memory else replace(self, memory=memory)

    # --------------------------------------------------------------------------------- forecasting

    def act(self, state: ForecastState, horizon: int = 1) -> AgentAction:
        """Return the expected change in `horizon` steps and its standard deviation.

        Returns:
            Change and scale in the unit of the series.

        Raises:
            AgentError: Not fitted, a history that is too short, or a value that is not finite.
            ConfigError: `horizon` below 1.
            ForecastUnavailable: No fit, a context that lacks the columns or was not shown for too
                long, or a forecast that overflows.
        """
        require_horizon(self.name, horizon)
        fitted, memory = self._ready()
        form = fitted.form(horizon)
        numbers = latest(self.name, state, fitted.order)
        delta = form.change(numbers, self._others(memory, state, fitted.order))
        if not (math.isfinite(delta) and math.isfinite(form.scale)):
            raise ForecastUnavailable(self._overflow(state.t, horizon))
        return AgentAction(self.name, delta, scale=form.scale)

    @classmethod
    def act_together(
        cls, games: Sequence[Sequence[Self]], states: Sequence[ForecastState], horizon: int = 1
    ) -> ActionArrays:
        """Return the actions of these forecasters, to the last bit those of `act` of each.

        Args:
            games: Forecasters of each game; at least one.
            states: State that the forecasters of each game act on.
            horizon: Steps ahead, in rounds.

        Returns:
            One row per forecaster, game after game; where one has no forecast, NaN and the reason.

        Raises:
            AgentError: As `act` of the first of them that raises one.
            ConfigError: `horizon` below 1.
        """
        require_horizon(games[0][0].name, horizon)
        asked = asked_together(games, horizon)
        delta, scale = np.full((2, asked.n), np.nan)
        reasons = [""] * asked.n
        for place, agent in asked.unfitted:
            reasons[place] = agent._unfitted
        if asked.forms is not None:
            row, lost = asked.inputs.row(states)
            change, scales = asked.forms.changes(row), asked.forms.scales
            usable = np.isfinite(change) & np.isfinite(scales)
            places = asked.inputs.places
            if np.count_nonzero(usable) < usable.size:
                for i in np.flatnonzero(~usable).tolist():
                    lacking: Any = asked.inputs.agents[i]
                    t = states[asked.inputs.layout.games[i]].t
                    reasons[places[i]] = lacking._overflow(t, horizon)
            for i, why in lost.items():
                name = asked.inputs.agents[i].name
                usable[i], reasons[places[i]] = False, f"forecaster {name!r}: {why}"
            delta[asked.inputs.at] = np.where(usable, change, np.nan)
            scale[asked.inputs.at] = np.where(usable, scales, np.nan)
        return ActionArrays(delta, scale, reasons)

    @classmethod
    def slopes_together(
        cls, games: Sequence[Sequence[Self]], states: Sequence[ForecastState], horizon: int = 1
    ) -> Array:
        """Return the `sensitivity` of each of these forecasters, shape (forecaster,).

        Args:
            games: Forecasters of each game; at least one.
            states: State that the forecasters of each game act on.
            horizon: Steps ahead, in rounds.

        Returns:
            One number per forecaster, game after game; NaN where one has no fit.

        Raises:
            AgentError: One was never fitted.
            ConfigError: `horizon` below 1.
        """
        require_horizon(games[0][0].name, horizon)
        asked = asked_together(games, horizon)
        found: Array = np.full(asked.n, np.nan)
        if asked.forms is not None:
            slopes = asked.forms.slopes.copy()
            for i in asked.inputs.with_segments:
                shares = SegmentHistory.shares(states[asked.inputs.layout.games[i]])
                slopes[i] = asked.inputs.fits[i].slope_with_segments(horizon, shares)
            found[asked.inputs.at] = slopes
        return found

    def act_array(self, state: StateArrays, horizon: int = 1) -> ActionArrays:
        """Return the actions of `act`, for many games; NaN where the forecast overflows.

        Returns:
            Changes and scales of shape (game,), in the unit of the series.
        """
        require_horizon(self.name, horizon)
        fitted, memory = self._ready()
        form = fitted.form(horizon)
        order = fitted.order
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

    def degrees_in_newest(self, horizon: int, *, refitted: bool) -> tuple[int, int] | None:  # noqa: ARG002
        """Return the degrees of mean and variance as polynomials of the newest value.

        Args:
            horizon: Horizon in rounds; all have the same.
            refitted: Whether it is fitted anew with that value as the last row of the window.

        Returns:
            Degrees: with a given fit the mean is linear in the value, and the variance does not
            move. None where it is fitted anew: what coefficients are shrunk by, and the errors that
            scale them, follow from the value too, so that neither is a polynomial of it.
        """
        return None if refitted else (1, 0)

    def reads_back(self, season_length: int) -> int:
        """Return how many earlier values it reads at most: those of the lags, and of changes.

        Args:
            season_length: Periods in a season; changes over one reach as far back.

        Returns:
            Number of values of `state.history`, besides those that it did not learn of; very many
            for a specification that does not say.
        """
        how = self.specification
        if isinstance(how, LocalLevel):
            return 0
        if not isinstance(how, RegressionSpecification):
            return _UNKNOWN
        return how.estimation.order - 1 + max(1, season_length)

    def required_history(
        self,
        horizon: int = 1,
        *,
        since_fit: int = 1,  # noqa: ARG002 - what came since the fit is remembered from `update`
        since_reveal: int = 1,
        refits: bool = False,  # noqa: ARG002 - the order is the specification's
    ) -> int:
        """Return the number of earlier values that a forecast needs.

        That is one less than the model's order and, where the model has a level of the past, the
        values that it did not learn of.

        Args:
            horizon: Steps ahead, in rounds; all need the same.
            since_fit: Periods since the last row of the fit; any needs the same.
            since_reveal: Periods from the last one that it learned of to the forecast.
            refits: Whether it may be fitted anew before the forecast; it changes nothing.

        Returns:
            0 where there is no fit, and so no forecast.

        Raises:
            ConfigError: `horizon` below 1.
        """
        require_horizon(self.name, horizon)
        if self.fitted is None:
            return 0
        lags = max(0, self.fitted.order - 1)
        return max(lags, since_reveal - 1) if isinstance(self.memory, LevelMemory) else lags

    def sensitivity(self, state: ForecastState, horizon: int = 1) -> float:
        r"""Return $\Psi_h$ of the series itself: d(forecast of the level) / d(`state.value`).

        Where segments are columns, they move with the value, and the effect of that is added.

        Returns:
            Derivative of the forecast level by the last value, without a unit.

        Raises:
            AgentError: Not fitted.
            ConfigError: `horizon` below 1.
            ForecastUnavailable: No fit.
        """
        require_horizon(self.name, horizon)
        fitted, _ = self._ready()
        if not fitted.segments:
            return fitted.form(horizon).own[0]
        return fitted.slope_with_segments(horizon, SegmentHistory.shares(state))

    def sensitivity_array(
        self,
        state: StateArrays,  # noqa: ARG002 - the same in all
        horizon: int = 1,
    ) -> float:
        """Return the result of `sensitivity`, the same for all games (which have no segments).

        Returns:
            Derivative of the forecast level by the last value, without a unit.
        """
        require_horizon(self.name, horizon)
        fitted, _ = self._ready()
        return fitted.form(horizon).own[0]

    def _ready(self) -> tuple[LinearFit, Memory]:
        if self.reason:
            raise ForecastUnavailable(self._unfitted)
        fitted, memory = require_fit(self.name, self.fitted), self.memory
        return fitted, require_fit(self.name, memory)

    @lazy
    def _unfitted(self) -> str:
        # The same in every round, so that reasons can be counted.
        return f"forecaster {self.name!r} has no forecast: {self.reason}"

    def _overflow(self, t: int, horizon: int) -> str:
        return (
            f"forecaster {self.name!r}: the forecast for horizon {horizon} at period {t} overflows"
        )

    def _others(self, memory: Memory, state: Any, count: int) -> Sequence[Row]:
        try:
            return memory.others(state, count)
        except (AgentError, ForecastUnavailable) as error:
            raise type(error)(f"forecaster {self.name!r}: {error}") from error
