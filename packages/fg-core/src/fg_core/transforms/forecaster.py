"""A forecaster that sees a series on another scale, and is read on the original one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from fg_core.action import AgentAction
from fg_core.authoring import columns_read
from fg_core.batch import ActionArrays, StateArrays, has_array_form
from fg_core.errors import AgentError, DataError, ForecastUnavailable
from fg_core.forecast import ProbabilisticForecast
from fg_core.frozen import frozen_mapping, replace_unchecked
from fg_core.lookback import required_history
from fg_core.protocols import Draws, Forecaster, Revealed
from fg_core.state import ForecastState
from fg_core.window import TrainingWindow

from ._lanes import map_together, transform_lanes
from .forecast import TransformedForecast
from .maps import PredictiveMap
from .series import Transform

__all__ = ["GRID_LEVELS", "TransformedForecaster"]

Array = NDArray[np.float64]

GRID_LEVELS = tuple(i / 20 for i in range(1, 20))
"""Levels of `TransformedForecaster.quantiles`: 0.05, 0.10, ..., 0.95."""


@dataclass(frozen=True)
class TransformedForecaster:
    """Shows a forecaster the transform of a series, and says on the original scale what it says.

    World, reported values, hits, budget, rounding and scores of a game stay on the original scale;
    what the inner forecaster is shown (windows, values, history) is on the transformed one, without
    segments and outside pressure, which have no transform. What it says there, N(m, s^2), is mapped
    back as the transform stood at the origin: the expected value of the series is that of the
    mapped distribution, not the mapped m, and so is the standard deviation (`predictive` has the
    whole distribution). A forecaster without a scale has its m mapped; a distribution that it
    states (`AgentAction.shape`) counts as the normal of its mean and variance.

    A value that has no transform (a reported one below 0 and a logarithm) leaves it without a
    forecast for that origin, and teaches the inner forecaster nothing.

    It states no sensitivity: its forecast is no straight line in the last value, and the game then
    compares forecasts a doubt's width on either side of it. `update`, `with_draws` and `group` are
    there where the inner forecaster has them; an array form, where it has one and does not learn by
    `update`.

    Args:
        inner: Forecaster on the transformed scale.
        transform: Transform; what it takes from the past is taken at each `fit`.
        name: Name of this forecaster; empty: that of `inner` and that of `transform`, as "ar_log".
        past: Values that the transform was fitted on, in the unit of the series, where it needs the
            path and not the value alone; set by `fit`.
        past_t: Number of the period of the first of them; set by `fit`.

    >>> from fg_core.baselines import RandomWalk
    >>> from fg_core.transforms import LogTransform
    >>> agent = TransformedForecaster(RandomWalk(), LogTransform())
    >>> agent = agent.fit(TrainingWindow([1.0, 2.0, 1.0, 2.0, 1.0]))
    >>> said = agent.act(ForecastState(5, 2.0, 0.0, 0.0))
    >>> agent.name, said.delta > 0.0  # above the last value, which is the median
    ('random_walk_log', True)
    """

    inner: Forecaster
    transform: Transform
    _: KW_ONLY
    name: str = ""
    past: tuple[float, ...] = ()
    past_t: int = 0

    def __post_init__(self) -> None:
        if not self.name:
            object.__setattr__(self, "name", f"{self.inner.name}_{self.transform.name}")

    # ------------------------------------------------------------------------------------ learning

    def fit(self, window: TrainingWindow) -> Self:
        """Return a copy whose transform and inner forecaster are fitted on `window`.

        Raises:
            ForecastUnavailable: A value has no transform, or the inner forecaster raises it.
        """
        inner: Any = self.inner
        try:
            transform = self.transform.fit(window)
            if hasattr(inner, "fit"):
                shown = TrainingWindow(
                    transform.forward(window.values),
                    window.end_t,
                    contexts=window.contexts,
                    season_length=window.season_length,
                )
        except DataError as error:
            raise ForecastUnavailable(
                f"forecaster {self.name!r} cannot be fitted: {error}"
            ) from error
        if hasattr(inner, "fit"):
            inner = inner.fit(shown)
        if transform.pointwise:
            return replace(self, inner=inner, transform=transform)
        past = tuple(window.values.tolist())
        first_t = window.end_t + 1 - len(past)
        return replace(self, inner=inner, transform=transform, past=past, past_t=first_t)

    @property
    def update(self) -> Callable[[Revealed], Self]:
        """The inner forecaster's `update`, told on its scale; absent where it has none.

        It is told no predictive: that of the pool is on the original scale. A reported value that
        has no transform is told as the revealed one.
        """
        inner: Any = self.inner
        _ = inner.update  # raises AttributeError, so that `hasattr` is False here as well
        return self._updated

    def _updated(self, revealed: Revealed) -> Self:
        inner: Any = self.inner
        try:
            shown, _ = self._shown(revealed.state)
        except ForecastUnavailable:
            return self
        try:
            reported = self._shown(replace_unchecked(revealed.state, value=revealed.reported))[
                0
            ].value
        except ForecastUnavailable:
            reported = shown.value
        told = Revealed(shown, reported, reward=revealed.reward, own_reward=revealed.own_reward)
        return replace(self, inner=inner.update(told))

    def columns_read(self, columns: Collection[str]) -> frozenset[str]:
        """Return the columns that the inner forecaster reads."""
        return columns_read(self.inner, columns)

    @property
    def learns_from_values(self) -> bool:
        """Whether what the inner forecaster learns depends on revealed values alone."""
        return bool(getattr(self.inner, "learns_from_values", False))

    @property
    def with_draws(self) -> Callable[[Draws], Self]:
        """The inner forecaster's `with_draws`; absent where it has none."""
        inner: Any = self.inner
        bind: Callable[[Draws], Any] = inner.with_draws
        return lambda draws: replace(self, inner=bind(draws))

    @property
    def group(self) -> str:
        """The inner forecaster's `group`; absent where it has none."""
        inner: Any = self.inner
        found: str = inner.group
        return found

    def required_history(
        self, horizon: int = 1, *, since_fit: int = 1, since_reveal: int = 1, refits: bool = False
    ) -> int:
        """Return how many earlier values a forecast needs.

        As many as the inner forecaster does; where the transform needs the path, all since the fit
        as well.

        Args:
            horizon: Horizon in rounds.
            since_fit: Periods since the last row of the fit.
            since_reveal: Periods since the last that it learned of.
            refits: Whether it may be fitted anew before the forecast.
        """
        need = required_history(
            self.inner, horizon, since_fit=since_fit, since_reveal=since_reveal, refits=refits
        )
        return need if self.transform.pointwise else max(need, since_fit - 1)

    # --------------------------------------------------------------------------------- forecasting

    def act(self, state: ForecastState, horizon: int = 1) -> AgentAction:
        """Return the expected change in `horizon` steps and its standard deviation; pure.

        Raises:
            AgentError: `state.history` does not reach back to the fit, where the transform needs
                the path; or the inner forecaster raises it.
            ForecastUnavailable: A value has no transform, the forecast is too large for a number
                on the original scale, or the inner forecaster has none.
        """
        shown, back = self._shown(state)
        said = self.inner.act(shown, horizon)
        level = shown.value + said.delta
        delta, scale = self._change(back, state.t, state.value, level, said.scale)
        return AgentAction(self.name, delta, scale=scale)

    def predictive(self, state: ForecastState, horizon: int = 1) -> TransformedForecast | None:
        """Return the distribution of the value in `horizon` steps; None: there is no scale.

        Args:
            state: State that it acts on, in the unit of the series.
            horizon: Horizon in rounds.

        Raises:
            AgentError: As `act`.
            ForecastUnavailable: As `act`.
        """
        shown, back = self._shown(state)
        said = self.inner.act(shown, horizon)
        if said.scale is None:
            return None
        return self._mapped(back, state.t, shown.value + said.delta, said.scale)

    def quantiles(
        self, state: ForecastState, horizon: int = 1, levels: Sequence[float] = GRID_LEVELS
    ) -> Array | None:
        """Return quantiles of the value in `horizon` steps, in the unit of the series.

        Args:
            state: State that it acts on, in the unit of the series.
            horizon: Horizon in rounds.
            levels: Strictly between 0 and 1.

        Returns:
            Shape (level,); None: there is no scale.

        Raises:
            AgentError: As `act`.
            ForecastUnavailable: As `act`.
        """
        found = self.predictive(state, horizon)
        return None if found is None else found.quantile(levels)

    def _shown(self, state: ForecastState) -> tuple[ForecastState, PredictiveMap]:
        """Return the state on the transformed scale, and the map back from there."""
        path = self._path(state.t, state.path)
        try:
            transformed, back = self.transform.forward(path), self.transform.after(path)
        except DataError as error:
            raise self._unavailable(state.t, error) from error
        *history, value = transformed[-len(state.path) :].tolist()
        shown = replace_unchecked(
            state,
            value=value,
            history=tuple(history),
            exogenous=0.0,
            segment_values=frozen_mapping(),
            n_unrevealed=min(state.n_unrevealed, len(history)),
        )
        return shown, back

    def _path(self, t: int, shown: Sequence[float]) -> Array:
        """Return what is transformed: values that are shown, and what the fit knows before them.

        Args:
            t: Number of the last period.
            shown: Values up to that period, in the unit of the series.
        """
        first = t + 1 - len(shown) - self.past_t
        if self.transform.pointwise or not self.past:
            return np.array(shown, dtype=np.float64)
        if first > len(self.past):
            raise AgentError(
                f"forecaster {self.name!r} needs every value since its fit, which ended in period "
                f"{self.past_t + len(self.past) - 1}: at period {t} it is shown {len(shown) - 1} "
                "earlier values; set lookback higher, or refit more often"
            )
        # A path begins where the transform does: what was before has no transform.
        known = (*self.past[:first], *shown) if first >= 0 else shown[-first:]
        if not known:
            raise AgentError(
                f"forecaster {self.name!r} was fitted from period {self.past_t} on: it has no "
                f"forecast at period {t}"
            )
        return np.array(known, dtype=np.float64)

    def _unavailable(self, t: int, why: object) -> ForecastUnavailable:
        return ForecastUnavailable(f"forecaster {self.name!r} has no forecast at period {t}: {why}")

    def _mapped(
        self, back: PredictiveMap, t: int, level: float, scale: float
    ) -> TransformedForecast:
        try:
            return TransformedForecast(ProbabilisticForecast(level, scale * scale), back)
        except DataError as error:
            raise self._unavailable(t, error) from error

    def _change(
        self, back: PredictiveMap, t: int, value: float, level: float, scale: float | None
    ) -> tuple[float, float | None]:
        """Return expected change and its standard deviation, in the unit of the series.

        Args:
            back: Map from the transformed scale.
            t: Number of the period.
            value: Last value, in the unit of the series.
            level: Forecast, on the transformed scale.
            scale: Its standard deviation there, if it states one.
        """
        if scale is not None:
            found = self._mapped(back, t, level, scale)
            return found.mean - value, found.scale
        mean = float(back.to_original(level))
        if not np.isfinite(mean):
            raise self._unavailable(t, f"it is {mean} on the original scale")
        return mean - value, None

    # ---------------------------------------------------------------------------------- array form

    @property
    def array_form(self) -> bool:
        """Whether the inner forecaster has one and does not learn by `update`."""
        return has_array_form(self.inner, "act_array") and not hasattr(self.inner, "update")

    @classmethod
    def stack(cls, agents: Sequence[Self]) -> Self | None:
        """Return one forecaster whose array form says in each lane what the lane's says alone.

        Args:
            agents: Fitted forecasters, one per lane.

        Returns:
            None where transforms or names differ, a transform needs the path, or the inner
            forecasters cannot be stacked.
        """
        if not agents or any(type(one) is not cls for one in agents):
            return None
        first = agents[0]
        if not first.transform.pointwise or any(
            one.name != first.name or one.transform != first.transform for one in agents
        ):
            return None
        kind: Any = type(first.inner)
        inner: Any = first.inner
        if any(one.inner is not inner for one in agents):
            alike = all(type(one.inner) is kind for one in agents) and hasattr(kind, "stack")
            inner = kind.stack(tuple(one.inner for one in agents)) if alike else None
        return None if inner is None else replace(first, inner=inner)

    def act_array(self, state: StateArrays, horizon: int = 1) -> ActionArrays:
        """Return what `act` returns, for many games; NaN where there is no forecast.

        Raises:
            AgentError: As `act`.
        """
        n = state.n_games
        transformed, maps, why = transform_lanes(
            self.transform, state.path, lambda shown: self._path(state.t, shown)
        )
        why = [reason and str(self._unavailable(state.t, reason)) for reason in why]
        shown = replace_unchecked(
            state,
            value=transformed[-1],
            history=tuple(transformed[:-1]),
            exogenous=np.zeros(n),
            segments=(),
            n_unrevealed=min(state.n_unrevealed, transformed.shape[0] - 1),
        )
        inner: Any = self.inner
        try:
            said: ActionArrays = inner.act_array(shown, horizon)
        except ForecastUnavailable as reason:
            said = ActionArrays(np.nan, reason=str(reason))
        changes = np.broadcast_to(np.asarray(said.delta, dtype=np.float64), (n,))
        stated = np.broadcast_to(
            np.asarray(np.nan if said.scale is None else said.scale, dtype=np.float64), (n,)
        )
        levels = transformed[-1] + changes
        delta, scale = np.full((2, n), np.nan)
        todo = ~np.isnan(changes) & np.array([not reason for reason in why])
        for lane in np.flatnonzero(np.isnan(changes)).tolist():
            why[lane] = why[lane] or (
                said.reason if isinstance(said.reason, str) else said.reason[lane]
            )
        if self.transform.pointwise:
            todo = map_together(maps, state.value, levels, stated, todo, delta, scale)
        for lane in np.flatnonzero(todo).tolist():
            own = None if np.isnan(stated[lane]) else float(stated[lane])
            try:
                change, deviation = self._change(
                    maps[lane], state.t, float(state.value[lane]), float(levels[lane]), own
                )
            except ForecastUnavailable as reason:
                why[lane] = str(reason)
                continue
            delta[lane] = change
            scale[lane] = np.nan if deviation is None else deviation
        return ActionArrays(delta, scale, why if any(why) else "")
