"""Base of the aggregators here: a pool, started when the game begins."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from fg_core import (
    AgentAction,
    ForecastState,
    PoolAggregator,
    ProbabilisticForecast,
    TrainingWindow,
)
from fg_core.authoring import not_started
from fg_core.batch import ForecastArrays, MixtureArrays, has_array_form
from fg_core.protocols import RevealedForecast

from .calibrated import CalibratedAggregator
from .pool_of_pools import PoolOfPools

__all__ = ["Pool", "PooledAggregator"]

Pool: TypeAlias = PoolAggregator | PoolOfPools | CalibratedAggregator


@dataclass(frozen=True, kw_only=True)
class PooledAggregator(ABC):
    """An aggregator that plays a pool of certain settings.

    Args:
        name: Name of the agent.
        pool: The pool with what it has learned; None before `start`.
    """

    name: str = ""
    pool: Pool | None = None

    @abstractmethod
    def settings(self) -> Pool:
        """Return the pool to start from."""

    def _started(self) -> Pool:
        if self.pool is None:
            raise not_started(self.name)
        return self.pool

    def start(self, names: Sequence[str], window: TrainingWindow, horizons: Sequence[int]) -> Self:
        """Return an aggregator for these forecasters that has seen the training window only."""
        return replace(self, pool=self.settings().start(names, window, horizons))

    def aggregate(
        self,
        state: ForecastState,
        actions: Sequence[AgentAction | None],
        *,
        horizon: int = 1,
        inflation: Sequence[float] = (),
    ) -> ProbabilisticForecast:
        """Return the pooled predictive distribution; its `moments` are mean and variance.

        Args:
            state: State that the forecasters acted on.
            actions: One action per forecaster, in the order of `start`; None for an absent one.
            horizon: Steps ahead, in rounds.
            inflation: Standard deviation per action that is added in quadrature; empty: none.

        Raises:
            AgentError: Not started, or no forecaster has a forecast.
        """
        return self._started().aggregate(state, actions, horizon=horizon, inflation=inflation)

    def update(self, outcome: RevealedForecast) -> Self:
        """Return the aggregator after one forecast whose target is revealed."""
        return replace(self, pool=self._started().update(outcome))

    def weights(self, horizon: int = 1) -> Mapping[str, float]:
        """Return the weights of the next forecast by forecaster; they sum to one."""
        return self._started().weights(horizon)

    # ------------------------------------------------------------------------ many games at once

    @property
    def array_form(self) -> bool:
        """Whether many games can be pooled at once: where the pool can."""
        return has_array_form(self.pool, "aggregate_array", "weights_array")

    def aggregate_array(
        self, forecast_arrays: ForecastArrays, *, horizon: int = 1, inflation: Any = None
    ) -> MixtureArrays:
        """Return the forecasts of `aggregate`, for many games.

        Args:
            forecast_arrays: Expert forecasts of all games.
            horizon: Steps ahead, in rounds.
            inflation: Standard deviations that are added in quadrature, shape (game, forecaster);
                None: none.
        """
        return self._started().aggregate_array(
            forecast_arrays, horizon=horizon, inflation=inflation
        )

    def update_array(self, outcome: RevealedForecast) -> Self:
        """Return the result of `update`, for many games.

        Args:
            outcome: Revealed forecasts with `ForecastArrays` as actions, `MixtureArrays` as
                forecast, and an array of shape (game,) as target.
        """
        return replace(self, pool=self._started().update_array(outcome))

    def weights_array(self, horizon: int = 1) -> Any:
        """Return the weights of `weights`, for many games: shape (..., forecaster)."""
        return self._started().weights_array(horizon)

    @classmethod
    def stack(cls, agents: Sequence[Self]) -> Self | None:
        """Return an aggregator whose lanes are these, for the methods on arrays.

        Args:
            agents: Started ones, one lane each, at least one.

        Returns:
            An aggregator that does in lane i what `agents[i]` does alone, to the last bit; None
            where their pools cannot be stacked.
        """
        pools = [one._started() for one in agents]
        kind = type(pools[0])
        if any(type(one) is not cls for one in agents) or any(type(p) is not kind for p in pools):
            return None
        pool = cast(Any, kind).stack(pools)
        return None if pool is None else replace(agents[0], pool=pool)

    def take(self, lanes: NDArray[np.intp]) -> Self:
        """Return the aggregator for some lanes; where all lanes are the same, as it is.

        Args:
            lanes: Numbers of the lanes: lane i of the result is lane `lanes[i]`.
        """
        pool = cast(Any, self._started()).take(lanes)
        return self if pool is self.pool else replace(self, pool=pool)

    # ---------------------------------------------------------------------------------- saving

    def saved(self) -> dict[str, Any]:
        """Return the memory as plain values that JSON can hold; see `restored`."""
        return self._started().saved()

    def restored(self, saved: Mapping[str, Any]) -> Self:
        """Return an aggregator with these settings and what another had learned.

        Args:
            saved: Result of `saved`, perhaps read from JSON. Settings are no part of it.

        Raises:
            DataError: It is nothing of that kind, or of a pool of another kind.
        """
        return replace(self, pool=self.settings().restored(saved))
