"""Forecasters of a series on which columns that are known in advance have an effect."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from fg_core import AgentAction, ForecastState, ForecastUnavailable, TrainingWindow
from fg_core.authoring import level_sensitivity, require_fit, require_horizon
from fg_core.batch import ActionArrays
from fg_core.frozen import frozen_mapping, replace_unchecked
from fg_core.lookback import required_history
from fg_core.protocols import Forecaster, Revealed

from .effects import Effects
from .estimate import Estimate, estimate_in
from .known_columns import KnownColumns

__all__ = ["DynamicRegression"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class DynamicRegression:
    r"""A regression on columns that are known in advance, whose errors a forecaster forecasts.

    $$\hat y_{t+h} = x_{t+h}' \hat b + \hat n_{t+h}, \qquad n_s = y_s - x_s' \hat b,$$

    with the columns $x$ (promotions, holidays, prices), their effects $\hat b$ (`estimate_effects`)
    and the forecast $\hat n$ of the series without them. The scale is that of $\hat n$ and of the
    uncertain effects: $\sqrt{\hat\sigma_n^2 + g' V g}$ with $V$ the covariance of $\hat b$ and $g$
    the derivative of the forecast with respect to it.

    A row that lacks a column begins the window anew after it. Columns that never changed have no
    effect that could be known: there is no forecast of a period in which they would. There is none
    either of a period whose columns are not known.

    Args:
        errors: Forecaster of the series without the effects; it is shown no context.
        columns: Names of the columns. Those that a series does not have are left out.
        name: Name of the forecaster.
        group: Name of the idea behind it.
        effects: Filled in by `fit`.
        constants: Columns that did not change in the window, and their values; filled in by `fit`.
        known: Columns by period, as far as they are known; filled in by `fit` and `update`.
        reason: Why there is no fit; "": there is one, or `fit` was never called.

    >>> from fg_core import Drift
    >>> promo = [float(t % 5 == 2) for t in range(41)]
    >>> sales = [10.0 + 3.0 * p + 0.5 * (t % 2) for t, p in enumerate(promo)]
    >>> window = TrainingWindow(sales[:40], 39, contexts=[{"promo": p} for p in promo[:40]])
    >>> agent = DynamicRegression(Drift(), ("promo",), "drift_and_promo").fit(window)
    >>> round(agent.effects.with_errors["promo"][0], 1)
    3.0
    >>> state = ForecastState(40, sales[40], 0.0, 0.0, known_ahead=({"promo": 0.0}, {"promo": 1.0}))
    >>> state = replace(state, macro_context={"promo": promo[40]})
    >>> round(agent.act(state, horizon=1).delta, 1), round(agent.act(state, horizon=2).delta, 1)
    (0.0, 3.0)
    """

    errors: Forecaster
    columns: tuple[str, ...]
    name: str
    group: str = "known_ahead"
    _: KW_ONLY
    effects: Effects | None = field(default=None, repr=False)
    constants: Mapping[str, float] = field(default_factory=lambda: frozen_mapping(), repr=False)
    known: KnownColumns | None = field(default=None, repr=False)
    reason: str = ""

    def columns_read(self, columns: Collection[str]) -> frozenset[str]:
        """Return which of these context columns it reads.

        Args:
            columns: Names of the context columns of a series.

        Returns:
            Those that it is a regression on.
        """
        return frozenset(columns).intersection(self.columns)

    @property
    def learns_from_values(self) -> bool:
        """Whether what `update` makes of a reveal depends on `Revealed.state` alone."""
        return not hasattr(self.errors, "update") or bool(
            getattr(self.errors, "learns_from_values", False)
        )

    # ------------------------------------------------------------------------------------ learning

    def fit(self, window: TrainingWindow) -> Self:
        """Return a copy fitted on `window`.

        Returns:
            Fitted forecaster; where a fit is impossible, one that says why.
        """
        return self.fit_together([self], [window])[0]

    @classmethod
    def fit_together(cls, agents: Sequence[Self], windows: Sequence[TrainingWindow]) -> list[Self]:
        """Return the forecasters, each fitted on its window, to the last bit what `fit` returns.

        The effects of the same columns in the same window are estimated once.

        Args:
            agents: Forecasters.
            windows: Training windows, one per forecaster.

        Returns:
            Fitted forecasters, in the order of `agents`.
        """
        estimated: dict[tuple[int, tuple[str, ...]], Estimate | str] = {}
        fitted = []
        for agent, window in zip(agents, windows, strict=True):
            key = id(window), agent.columns
            if key not in estimated:
                estimated[key] = estimate_in(window, agent.columns)
            known = (agent.known or KnownColumns(agent.columns)).refitted(window)
            fitted.append(agent._having(estimated[key], known))
        return fitted

    def _having(self, found: Estimate | str, known: KnownColumns) -> Self:
        """Return a copy with the effects of a window, and its errors' forecaster fitted on it."""
        if isinstance(found, str):
            return replace(self, effects=None, known=known, reason=found)
        errors: Any = self.errors
        if hasattr(errors, "fit"):
            try:
                errors = errors.fit(found.cleaned)
            except ForecastUnavailable as error:
                return replace(self, effects=None, known=known, reason=str(error))
        constants = found.constants
        return replace(
            self, errors=errors, effects=found.effects, constants=constants, known=known, reason=""
        )

    def update(self, revealed: Revealed) -> Self:
        """Return a copy that knows one row more, and what is known in advance there.

        Returns:
            Forecaster with the same effects.
        """
        known = (self.known or KnownColumns(self.columns)).extended(revealed.state)
        errors: Any = self.errors
        if self.effects is not None and hasattr(errors, "update"):
            everything = len(revealed.state.path)
            table = known.table(revealed.state, self.effects.columns, everything)
            if len(table):
                shown = _less(revealed.state, table @ self.effects.values)
                reported = revealed.reported - (revealed.state.value - shown.value)
                told = replace_unchecked(revealed, state=shown, reported=reported, predictive=None)
                errors = errors.update(told)
        return replace_unchecked(self, known=known, errors=errors)

    # --------------------------------------------------------------------------------- forecasting

    def act(self, state: ForecastState, horizon: int = 1) -> AgentAction:
        """Return the expected change in `horizon` steps and its standard deviation.

        Returns:
            Change and scale in the unit of the series.

        Raises:
            AgentError: Not fitted, or the forecaster of the errors raises it.
            ConfigError: `horizon` below 1.
            ForecastUnavailable: No fit, columns that are not known of the period that is forecast
                or of the state's, or a column that moves for the first time there.
        """
        require_horizon(self.name, horizon)
        effects, table = self._ready(state, horizon)
        ahead = self._target(state, horizon, effects)
        shown = _less(state, table @ effects.values)
        said = self.errors.act(shown, horizon)
        level = shown.value + said.delta
        delta = level + float(ahead @ effects.values) - state.value
        scale = said.scale
        if scale is not None:
            moved = [
                self._slope(shown, horizon, level, table[:, j], step)
                for j, step in enumerate(effects.errors.tolist())
            ]
            slopes = ahead - np.array(moved)
            scale = math.sqrt(scale * scale + max(0.0, float(slopes @ effects.covariance @ slopes)))
        if not (math.isfinite(delta) and (scale is None or math.isfinite(scale))):
            raise self._unavailable(state.t, f"the forecast for horizon {horizon} overflows")
        return AgentAction(self.name, delta, scale=scale)

    @classmethod
    def act_together(
        cls, games: Sequence[Sequence[Self]], states: Sequence[ForecastState], horizon: int = 1
    ) -> ActionArrays:
        """Return the actions of these forecasters, to the last bit those of `act` of each.

        Args:
            games: Forecasters of each game.
            states: State that the forecasters of each game act on.
            horizon: Steps ahead, in rounds.

        Returns:
            One row per forecaster, game after game; where one has no forecast, NaN and the reason.

        Raises:
            AgentError: As `act` of the first of them that raises one.
            ConfigError: `horizon` below 1.
        """
        delta, scale, reasons = [], [], []
        for agent, state in _pairs(games, states):
            try:
                said = agent.act(state, horizon)
            except ForecastUnavailable as error:
                delta.append(math.nan)
                scale.append(math.nan)
                reasons.append(str(error))
            else:
                delta.append(said.delta)
                scale.append(math.nan if said.scale is None else said.scale)
                reasons.append("")
        return ActionArrays(np.array(delta), np.array(scale), reasons)

    @classmethod
    def slopes_together(
        cls, games: Sequence[Sequence[Self]], states: Sequence[ForecastState], horizon: int = 1
    ) -> Array:
        """Return the `sensitivity` of each of these forecasters, shape (forecaster,).

        Args:
            games: Forecasters of each game.
            states: State that the forecasters of each game act on.
            horizon: Steps ahead, in rounds.

        Returns:
            One number per forecaster, game after game; NaN where one has no forecast.

        Raises:
            AgentError: As `sensitivity` of the first of them that raises one.
            ConfigError: `horizon` below 1.
        """
        found = []
        for agent, state in _pairs(games, states):
            try:
                found.append(agent.sensitivity(state, horizon))
            except ForecastUnavailable:
                found.append(math.nan)
        return np.array(found)

    def sensitivity(self, state: ForecastState, horizon: int = 1) -> float:
        """Return the derivative of the forecast level by the last value: that of the errors.

        Returns:
            A number without a unit.

        Raises:
            AgentError: As `act`.
            ConfigError: `horizon` below 1.
            ForecastUnavailable: No fit, or columns that are not known of the state's period.
        """
        require_horizon(self.name, horizon)
        effects, table = self._ready(state, horizon)
        return level_sensitivity(self.errors, _less(state, table @ effects.values), horizon)

    def required_history(
        self, horizon: int = 1, *, since_fit: int = 1, since_reveal: int = 1, refits: bool = False
    ) -> int:
        """Return how many earlier values a forecast needs: as many as that of the errors.

        Args:
            horizon: Steps ahead, in rounds.
            since_fit: Periods since the last row of the fit.
            since_reveal: Periods since the last that it learned of.
            refits: Whether it may be fitted anew before the forecast.

        Returns:
            Number of values before the current one.
        """
        asked: dict[str, Any] = {"since_fit": since_fit, "since_reveal": since_reveal}
        return required_history(self.errors, horizon, refits=refits, **asked)

    def _ready(self, state: ForecastState, horizon: int) -> tuple[Effects, Array]:
        """Return the effects, and the columns of the last periods that the errors' forecast needs.

        They are those of all that the state shows, where it does not say what it needs.
        """
        if self.reason:
            raise self._unavailable(state.t, self.reason)
        effects = require_fit(self.name, self.effects)
        known, least, n = require_fit(self.name, self.known), 1, len(state.path)
        if hasattr(self.errors, "required_history"):
            age = state.t - known.fitted_t
            least = 1 + self.required_history(horizon, since_fit=age, since_reveal=age)
            n = min(n, least)
        table = known.table(state, effects.columns, n)
        if len(table) < min(least, n):
            lost = state.t - len(table)
            raise self._unavailable(state.t, f"{_and(effects.columns)} not known of period {lost}")
        return effects, table

    def _target(self, state: ForecastState, horizon: int, effects: Effects) -> Array:
        """Return the columns of the period that is forecast."""
        told = state.known_ahead[horizon - 1] if horizon <= len(state.known_ahead) else {}
        period = f"period {state.t + horizon} (horizon {horizon})"
        lacking = [name for name in effects.columns if name not in told]
        if lacking:
            raise self._unavailable(state.t, f"{_and(lacking)} not known of {period}")
        for name, usual in self.constants.items():
            if told.get(name, usual) != usual:
                raise self._unavailable(
                    state.t,
                    f"{name} was {usual:g} in all rows of the fit and is {told[name]:g} in "
                    f"{period}, so that its effect is not known",
                )
        return np.array([told[name] for name in effects.columns])

    def _slope(
        self, shown: ForecastState, horizon: int, level: float, column: Array, step: float
    ) -> float:
        """Return the derivative of the errors' forecast by an effect, with its sign turned."""
        if not step > 0.0:
            return 0.0
        moved = _less(shown, column * step)
        return (level - moved.value - self.errors.act(moved, horizon).delta) / step

    def _unavailable(self, t: int, why: str) -> ForecastUnavailable:
        return ForecastUnavailable(f"forecaster {self.name!r} has no forecast at period {t}: {why}")


def _pairs(
    games: Sequence[Sequence[DynamicRegression]], states: Sequence[ForecastState]
) -> Iterator[tuple[DynamicRegression, ForecastState]]:
    """Return each forecaster with the state of its game, game after game."""
    for agents, state in zip(games, states, strict=True):
        for agent in agents:
            yield agent, state


def _less(state: ForecastState, effects: Array) -> ForecastState:
    """Return a state without context whose last values are less by some effects.

    Args:
        state: State in the unit of the series.
        effects: Effects in that unit, shape (time,), of the state's period last. Values before the
            first of them are left out.
    """
    n = effects.size
    *history, value = (np.array(state.path[-n:]) - effects).tolist()
    return replace_unchecked(
        state,
        value=value,
        history=tuple(history),
        exogenous=0.0,
        segment_values=frozen_mapping(),
        macro_context=frozen_mapping(),
        known_ahead=(),
        n_unrevealed=min(state.n_unrevealed, len(history)),
        missing=tuple(t for t in state.missing if t >= state.t - len(history)),
    )


def _and(names: tuple[str, ...] | list[str]) -> str:
    return f"{', '.join(names)} {'is' if len(names) == 1 else 'are'}"
