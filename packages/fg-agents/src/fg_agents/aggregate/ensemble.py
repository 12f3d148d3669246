"""Simple combinations of forecasters: equal weights, by rank, or by reward."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from fg_core import AgentAction, AgentError, PoolAggregator
from fg_core.pooling import rule_by_name
from fg_core.pooling.rules import EqualWeights, RankWeights, RewardWeights

from ._pooled import PooledAggregator

__all__ = ["EnsembleAggregatorAgent"]

_STRATEGIES = (EqualWeights.name, RankWeights.name, RewardWeights.name)


@dataclass(frozen=True, kw_only=True)
class EnsembleAggregatorAgent(PooledAggregator):
    """Aggregator that combines the forecasters' deltas by a simple strategy.

    * "equal": the same weight for all forecasters (the benchmark that is hard to beat);
    * "rank": proportional to one over the rank of the discounted mean CRPS;
    * "reward_proportional": proportional to exp(mean reward / scale of rewards), so that it stays
      positive although rewards (minus the CRPS) are negative.

    Args:
        strategy: Name of one of the three.
        loss_discount: Discount of the mean CRPS behind rank and reward.
        rescale: Whether each forecaster's own scale is corrected by its past errors.
        name: Name of the agent.

    Raises:
        AgentError: An unknown strategy.

    >>> agent = EnsembleAggregatorAgent()
    >>> agent.combine([AgentAction("a", 1.0), AgentAction("b", 2.0)]).delta
    1.5
    """

    strategy: Literal["equal", "rank", "reward_proportional"] = "equal"
    loss_discount: float = 0.95
    rescale: bool = True
    name: str = "ensemble"

    def __post_init__(self) -> None:
        if self.strategy not in _STRATEGIES:
            raise AgentError(
                f"strategy must be one of {', '.join(_STRATEGIES)}, got {self.strategy!r}"
            )

    def settings(self) -> PoolAggregator:
        """Return the pool that this agent plays."""
        return PoolAggregator(
            rule_by_name(self.strategy, loss_discount=self.loss_discount),
            shrinkage=0.0,
            rescale=self.rescale,
            name=self.name,
        )

    def combine(self, actions: Sequence[AgentAction], horizon: int = 1) -> AgentAction:
        """Return the weighted mean of the deltas as one action.

        Args:
            actions: Actions, at least one. After `start` they must be those of its forecasters, in
                any order; before it nothing is known about any of them, and weights are equal.
            horizon: Horizon of the weights, in rounds.

        Returns:
            An action whose delta lies between the smallest and the largest of `actions`.

        Raises:
            AgentError: No actions, or one of an actor that the agent was not started for.
        """
        if not actions:
            raise AgentError(f"{self.name!r} has no actions to combine")
        if self.pool is None:
            weights = [1.0 / len(actions)] * len(actions)
        else:
            known = self.pool.weights(horizon)
            strangers = [action.actor for action in actions if action.actor not in known]
            if strangers:
                raise AgentError(
                    f"{self.name!r} was started for {', '.join(known)}; "
                    f"it does not know {strangers[0]!r}"
                )
            raw = [known[action.actor] for action in actions]
            weights = [weight / sum(raw) for weight in raw]
        deltas = [action.delta for action in actions]
        mean = sum(w * d for w, d in zip(weights, deltas, strict=True))
        # Rounding may carry a mean of equal numbers past them by a bit.
        return AgentAction(self.name, min(max(mean, min(deltas)), max(deltas)))
