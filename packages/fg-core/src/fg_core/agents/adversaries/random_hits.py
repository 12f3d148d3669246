"""An adversary without a plan: hits of one size, at random, up or down."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import Any, ClassVar

import numpy as np

from fg_core.action import AgentAction
from fg_core.errors import ConfigError
from fg_core.protocols import AttackBudget
from fg_core.state import ForecastState

from .spending import affordable, check_units, unit_of

__all__ = ["RandomHits"]


@dataclass(frozen=True)
class RandomHits:
    """Hits each print with the same probability, by the same size, with a random sign.

    It hits where its first uniform of the round is at most `probability`, downwards where its
    second is below 1/2. With `size=3.0` and a budget that allows it, this is the tampering
    protocol of the benchmark. Without a budget it has no draws and does nothing.

    Args:
        probability: Probability of a hit per round, in [0, 1].
        size: Size of a hit, in units of the budget (one-step scales); cut to what is affordable.
        name: Name of the agent.

    Raises:
        ConfigError: A constant is outside its range.

    >>> RandomHits().act(ForecastState(0, 1.0, 0.0, 0.0)).delta
    0.0
    """

    leaves_arrays_alone: ClassVar[bool] = True
    """It changes no array that it is given, nor its shape or type (`fg_core.batch.handing`)."""

    _: KW_ONLY
    probability: float = 0.2
    size: float = 1.0
    name: str = "random_hits"

    def __post_init__(self) -> None:
        if isinstance(self.probability, bool) or not (
            isinstance(self.probability, int | float) and 0.0 <= self.probability <= 1.0
        ):
            raise ConfigError(f"probability must be in [0, 1], got {self.probability!r}")
        check_units("size", self.size)

    def delta(self, state: Any, budget: Any = None) -> Any:
        """Return what it adds to the value, elementwise over games; see `ArrayAdversary`."""
        if budget is None:
            return np.zeros(np.shape(state.value))
        hits = (np.asarray(budget.draws.uniform(0)) <= self.probability) & (self.probability > 0.0)
        size = affordable(self.size, budget) * unit_of(budget)
        signed = np.where(np.asarray(budget.draws.uniform(1)) < 0.5, -size, size)
        return np.where(hits, signed, 0.0)

    def act(self, state: ForecastState, budget: AttackBudget | None = None) -> AgentAction:
        """Return what it adds to the value; pure."""
        return AgentAction(self.name, float(self.delta(state, budget)))
