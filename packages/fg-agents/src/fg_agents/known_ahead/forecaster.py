"""Forecasters of a series on which columns that are known in advance have an effect."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import KW_ONLY, dataclass, field, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from fg_core import AgentAction, ForecastState, ForecastUnavailable, TrainingWindow
from fg_core.authoring import level_sensitivity, require_fit, require_horizon
from fg_core.frozen import frozen_mapping, replace_unchecked
from fg_core.lookback import required_history
from fg_core.protocols import Forecaster, Revealed

from .effects import Effects, error_lags, estimate_effects
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
        known = (self.known or KnownColumns(self.columns)).refitted(window)
        found = self._estimated(window)
        if isinstance(found, str):
            return replace(self, effects=None, known=known, reason=found)
        effects, constants, table = found
        errors: Any = self.errors
        if hasattr(errors, "fit"):
            cleaned = TrainingWindow(
                window.values[len(window) - len(table) :] - table @ effects.values,
                window.end_t,
                season_length=window.season_length,
            )
            try:
                errors = errors.fit(cleaned)
            except ForecastUnavailable as error:
                return replace(self, effects=None, known=known, reason=str(error))
        fitted = {"errors": errors, "effects": effects, "constants": constants}
        return replace(self, **fitted, known=known, reason="")

    def _estimated(
        self, window: TrainingWindow
    ) -> tuple[Effects, Mapping[str, float], Array] | str:
        """Return effects, columns that do not change, and the last rows of the others; or why not.

        Rows are those after the last one that lacks a column.
        """
        contexts = window.contexts
        there = [name for name in self.columns if any(name in row for row in contexts)]
        if not there:
            return f"the context has none of the columns {', '.join(self.columns)}"
        table = np.array([[row.get(name, math.nan) for name in there] for row in contexts])
        lacking = np.flatnonzero(~np.isfinite(table).all(axis=1))
        if lacking.size:
            table = table[int(lacking[-1]) + 1 :]
        if not table.size:
            lost = ", ".join(name for name in there if name not in contexts[-1])
            return f"{lost} is not known of period {window.end_t}, the last of the fit"
        moves = (table != table[0]).any(axis=0)
        constants = {n: v for n, v, m in zip(there, table[0].tolist(), moves, strict=True) if not m}
        names = [name for name in there if name not in constants]
        if not names:
            return f"{', '.join(there)} did not change in the rows of the fit"
        lags = error_lags(len(table), len(names), window.season_length)
        if not lags:
            return f"{len(table)} rows are too few for {len(names)} columns known in advance"
        table = table[:, moves]
        effects = estimate_effects(window.values[len(window) - len(table) :], table, names, lags)
        if effects is None:
            return "the regression on what is known in advance fails"
        return effects, frozen_mapping(constants), table

    def update(self, revealed: Revealed) -> Self:
        """Return a copy that knows one row more, and what is known in advance there.

        Returns:
            Forecaster with the same effects.
        """
        known = (self.known or KnownColumns(self.columns)).extended(revealed.state)
        errors: Any = self.errors
        if self.effects is not None and hasattr(errors, "update"):
            table = known.table(revealed.state, self.effects.columns)
            if len(table):
                shown = _less(revealed.state, table @ self.effects.values)
                reported = revealed.reported - (revealed.state.value - shown.value)
                told = {"reward": revealed.reward, "own_reward": revealed.own_reward}
                errors = errors.update(Revealed(shown, reported, settled=revealed.settled, **told))
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
        effects, table = self._ready(state)
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
        effects, table = self._ready(state)
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

    def _ready(self, state: ForecastState) -> tuple[Effects, Array]:
        """Return the effects, and the columns of the last periods that a state shows."""
        if self.reason:
            raise self._unavailable(state.t, self.reason)
        effects = require_fit(self.name, self.effects)
        table = require_fit(self.name, self.known).table(state, effects.columns)
        if not len(table):
            raise self._unavailable(state.t, f"{_and(effects.columns)} not known of that period")
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
