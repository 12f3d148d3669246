"""What the aggregators here share: a pool of `fg_core`, started when the game begins."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

from fg_core import (
    AgentAction,
    AgentError,
    ForecastState,
    PoolAggregator,
    ProbabilisticForecast,
    RevealedForecast,
    TrainingWindow,
)

__all__ = ["PooledAggregator"]


@dataclass(frozen=True, kw_only=True)
class PooledAggregator(ABC):
    """An aggregator that plays a `PoolAggregator` of certain settings.

    Args:
        name: Name of the agent.
        pool: The pool with what it has learned; None before `start`.
    """

    name: str = ""
    pool: PoolAggregator | None = None

    @abstractmethod
    def settings(self) -> PoolAggregator:
        """Return the pool to start from."""

    def _started(self) -> PoolAggregator:
        if self.pool is None:
            raise AgentError(f"aggregator {self.name!r} has not been started: call start() first")
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
            state: What the forecasters acted on.
            actions: One a forecaster, in the order of `start`; None for an absent one.
            horizon: In rounds.
            inflation: Per action, a standard deviation to add in quadrature; empty: none.

        Raises:
            AgentError: Not started, or nobody has a forecast.
        """
        return self._started().aggregate(state, actions, horizon=horizon, inflation=inflation)

    def update(self, outcome: RevealedForecast) -> Self:
        """Return the aggregator after one forecast whose target is revealed."""
        return replace(self, pool=self._started().update(outcome))

    def weights(self, horizon: int = 1) -> Mapping[str, float]:
        """Return the weights of the next forecast by forecaster; they sum to one."""
        return self._started().weights(horizon)
