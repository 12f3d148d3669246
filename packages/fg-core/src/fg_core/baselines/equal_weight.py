"""Equal-weight pool: the linear pool that learned weights have to beat."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from fg_core.action import AgentAction
from fg_core.authoring import (
    columns_read,
    level_sensitivity,
    level_sensitivity_array,
    require_horizon,
    stacked,
)
from fg_core.batch import ActionArrays, ForecastArrays, StateArrays, has_array_form
from fg_core.errors import ConfigError, ForecastUnavailable
from fg_core.lookback import required_history
from fg_core.protocols import Forecaster
from fg_core.state import ForecastState
from fg_core.window import TrainingWindow

from .autoregression import AutoRegression
from .drift import Drift
from .random_walk import RandomWalk

__all__ = ["EqualWeightPool"]


@dataclass(frozen=True)
class EqualWeightPool:
    r"""A forecaster that is the mean of other forecasters.

    With $N$ members that state mean change $\delta_i$ and standard deviation $s_i$,

    $$\delta = \tfrac{1}{N} \textstyle\sum_i \delta_i, \qquad
      \sigma^2 = \tfrac{1}{N} \textstyle\sum_i \{ s_i^2 + (\delta_i - \delta)^2 \},$$

    the first two moments of the equal-weight mixture: variance within members plus variance
    between them. Sums are rounded once, so the order of members changes no bit.

    A member that raises `ForecastUnavailable` from `act` is left out of that forecast. The pool
    has no scale (None) where one of the members that remain has none.

    Args:
        members: Forecasters, at least one; each learns and forecasts as it would alone.
        name: Name of the forecaster.

    Raises:
        ConfigError: No members.

    Reference: Stone (1961), Ann. Math. Statist. 32, doi:10.1214/aoms/1177704873 (the linear
    pool); Smith & Wallis (2009), Oxf. Bull. Econ. Stat. 71,
    doi:10.1111/j.1468-0084.2008.00541.x (why equal weights are hard to beat).

    >>> pool = EqualWeightPool((RandomWalk(), Drift())).fit(TrainingWindow([0.0, 1.0, 4.0]))
    >>> pool.act(ForecastState(0, 4.0, 0.0, 0.0)).delta
    1.0
    """

    members: Sequence[Forecaster] = (RandomWalk(), Drift(), AutoRegression())
    name: str = "equal_weights"

    def __post_init__(self) -> None:
        object.__setattr__(self, "members", tuple(self.members))
        if not self.members:
            raise ConfigError(f"pool {self.name!r} has no members: give it at least one forecaster")

    def columns_read(self, columns: Collection[str]) -> frozenset[str]:
        """Return the columns that any of the members reads."""
        return frozenset().union(*(columns_read(one, columns) for one in self.members))

    def fit(self, window: TrainingWindow) -> Self:
        """Return a pool of fitted members; members without `fit` stay as they are.

        Raises:
            DataError: A member cannot be fitted on so short a window.
            ForecastUnavailable: A member raises it. (It is not left out, as it would be from a
                single forecast: it would be gone until the next fit.)
        """
        fitted = [m.fit(window) if hasattr(m, "fit") else m for m in self.members]
        return replace(self, members=tuple(fitted))

    @classmethod
    def stack(cls, agents: Sequence[Self]) -> Self | None:
        """Return one pool whose array form says in each lane what the lane's pool says alone.

        Args:
            agents: Fitted pools, one per lane.

        Returns:
            None where they have other names or numbers of members, or members that cannot be
            stacked.
        """
        if not agents or any(type(agent) is not EqualWeightPool for agent in agents):
            return None
        first = agents[0]
        if any(
            agent.name != first.name or len(agent.members) != len(first.members) for agent in agents
        ):
            return None
        columns = zip(*(agent.members for agent in agents), strict=True)
        members = [stacked(column) for column in columns]
        if any(member is None for member in members):
            return None
        return replace(first, members=tuple(members))

    def act(self, state: ForecastState, horizon: int = 1) -> AgentAction:
        """Return the mean change and the standard deviation of the pool.

        Raises:
            AgentError: A member is not fitted or lacks history.
            ConfigError: `horizon` below 1.
            ForecastUnavailable: No member has a forecast, or their mean overflows.
        """
        actions = [action for _, action in self._forecasts(state, horizon)]
        n = len(actions)
        delta = _exact_sum([action.delta for action in actions]) / n
        scales = [action.scale for action in actions if action.scale is not None]
        scale: float | None = None
        if len(scales) == n:
            terms = [*scales, *(action.delta - delta for action in actions)]
            scale = math.sqrt(_exact_sum([term * term for term in terms]) / n)
        if not (math.isfinite(delta) and (scale is None or math.isfinite(scale))):
            raise ForecastUnavailable(self._overflow(state.t, horizon))
        return AgentAction(self.name, delta, scale=scale)

    def sensitivity(self, state: ForecastState, horizon: int = 1) -> float:
        """Return the mean sensitivity of the members that have a forecast here.

        Raises:
            AgentError: A member is not fitted or lacks history.
            ConfigError: `horizon` below 1.
            ForecastUnavailable: No member has a forecast.
        """
        members = [member for member, _ in self._forecasts(state, horizon)]
        return math.fsum(level_sensitivity(m, state, horizon) for m in members) / len(members)

    def required_history(
        self, horizon: int = 1, *, since_fit: int = 1, since_reveal: int = 1, refits: bool = False
    ) -> int:
        """Return how many earlier values a forecast needs: the most that a member needs.

        Args:
            horizon: Horizon in rounds.
            since_fit: Periods since the last row of the fit.
            since_reveal: Periods since the last that members learned of.
            refits: Whether members may be fitted anew before the forecast.

        Raises:
            AgentError: A member is not fitted.
            ConfigError: `horizon` below 1.
        """
        require_horizon(self.name, horizon)
        return max(
            required_history(
                member, horizon, since_fit=since_fit, since_reveal=since_reveal, refits=refits
            )
            for member in self.members
        )

    @property
    def array_form(self) -> bool:
        """Whether all members have one."""
        return all(has_array_form(member, "act_array") for member in self.members)

    def act_array(self, state: StateArrays, horizon: int = 1) -> ActionArrays:
        """Return what `act` returns, for many games; NaN where there is no forecast."""
        n_games, forecast_arrays = state.n_games, self._panel(state, horizon)
        present, n = forecast_arrays.present, forecast_arrays.present.sum(axis=1).astype(np.float64)
        with np.errstate(over="ignore", invalid="ignore"):
            deltas = np.where(present, forecast_arrays.deltas, 0.0)
            delta = _exact_sums(n_games, tuple(deltas.T)) / n
            silent = (present & np.isnan(forecast_arrays.stated_scales)).any(axis=1)
            scales = np.where(
                present & ~np.isnan(forecast_arrays.stated_scales),
                forecast_arrays.stated_scales,
                0.0,
            )
            between = np.where(present, forecast_arrays.deltas - delta[:, np.newaxis], 0.0)
            terms = (*(scales * scales).T, *(between * between).T)
            scale = np.sqrt(_exact_sums(n_games, terms) / n)
        usable = np.isfinite(delta) & (np.isfinite(scale) | silent)
        scale = np.where(silent, np.nan, scale)
        if np.count_nonzero(usable) == n_games:
            return ActionArrays(delta, scale)
        why = self._reasons(forecast_arrays, n > 0.0, usable, horizon)
        return ActionArrays(np.where(usable, delta, np.nan), scale, why)

    def _reasons(
        self,
        forecast_arrays: ForecastArrays,
        asked: NDArray[np.bool_],
        usable: NDArray[np.bool_],
        horizon: int,
    ) -> str | list[str]:
        """Return why there is no forecast, once or per game; `asked`: a member has one."""
        t = forecast_arrays.state.t
        if not asked.any() and all(isinstance(reason, str) for reason in forecast_arrays.reasons):
            return self._silence(t, horizon, self._told(forecast_arrays.reasons))
        why = [""] * usable.size
        for i in np.flatnonzero(~usable).tolist():
            # Where none has a forecast, every member has said why.
            told = [
                reason if isinstance(reason, str) else reason[i]
                for reason in forecast_arrays.reasons
            ]
            why[i] = (
                self._overflow(t, horizon)
                if asked[i]
                else self._silence(t, horizon, self._told(told))
            )
        return why

    def _told(self, reasons: Sequence[Any]) -> list[str]:
        return [
            f"{member.name}: {reason}" for member, reason in zip(self.members, reasons, strict=True)
        ]

    def sensitivity_array(self, state: StateArrays, horizon: int = 1) -> NDArray[np.float64]:
        """Return what `sensitivity` returns, for many games."""
        present = self._panel(state, horizon).present
        own = [level_sensitivity_array(member, state, horizon) for member in self.members]
        terms = [np.where(present[:, i], one, 0.0) for i, one in enumerate(own)]
        n = present.sum(axis=1).astype(np.float64)
        with np.errstate(invalid="ignore"):
            return np.asarray(_exact_sums(state.n_games, terms) / n, dtype=np.float64)

    def _panel(self, state: StateArrays, horizon: int) -> ForecastArrays:
        require_horizon(self.name, horizon)
        members: Sequence[Any] = self.members
        return ForecastArrays.of(state, [member.act_array(state, horizon) for member in members])

    def _forecasts(
        self, state: ForecastState, horizon: int
    ) -> list[tuple[Forecaster, AgentAction]]:
        require_horizon(self.name, horizon)
        forecasts: list[tuple[Forecaster, AgentAction]] = []
        reasons: list[str] = []
        for member in self.members:
            try:
                forecasts.append((member, member.act(state, horizon)))
            except ForecastUnavailable as error:
                reasons.append(f"{member.name}: {error}")
        if not forecasts:
            raise ForecastUnavailable(self._silence(state.t, horizon, reasons))
        return forecasts

    def _silence(self, t: int, horizon: int, reasons: Sequence[str]) -> str:
        return (
            f"pool {self.name!r}: no member has a forecast at period {t}, horizon {horizon} "
            f"({'; '.join(reasons)})"
        )

    def _overflow(self, t: int, horizon: int) -> str:
        return f"pool {self.name!r}: the forecast for horizon {horizon} at period {t} overflows"


def _exact_sum(terms: Sequence[float]) -> float:
    """Return `math.fsum`, or NaN where it leaves the range of numbers."""
    try:
        return math.fsum(terms)
    except (OverflowError, ValueError):  # too large, or infinite both ways
        return math.nan


def _exact_sums(n_games: int, terms: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Return `_exact_sum` over the terms of each game; every term of shape (game,)."""
    rows = zip(*(term.tolist() for term in terms), strict=True)
    return np.fromiter(map(_exact_sum, rows), dtype=np.float64, count=n_games)
