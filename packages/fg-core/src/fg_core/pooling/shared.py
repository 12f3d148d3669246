r"""A pool whose weights are learned from all series of a panel at once.

A series of a few dozen values says little about which forecaster is best, and a panel of such
series says a lot: with the log density $\log p_{s,i}(y_s)$ of forecaster $i$ in series $s$ of $S$,
the weights of all series are

$$\log \pi_i \leftarrow \alpha \log \pi_i + (1 - \alpha) \log \pi_{0,i}
    + \frac{1}{S} \sum_s \log p_{s,i}(y_s)$$

up to a constant, so that they follow what is good on average, as fast as those of one series do
(the sum would move them as if series were independent). A forecaster without a forecast in a series
counts there as the equally weighted mixture of the others. So a change of unit of one series adds
the same for every forecaster, and moves no weight. Scales are corrected in each series by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from fg_core.distributions import ShapeArrays
from fg_core.errors import AgentError, ConfigError
from fg_core.protocols import RevealedForecast

from .aggregator import PoolAggregator
from .lanes import lane_of, stack_memories
from .rules import RULES

__all__ = ["SharedPoolAggregator"]


@dataclass(frozen=True, init=False)
class SharedPoolAggregator(PoolAggregator):
    """A `PoolAggregator` whose weights are those of all series of a panel.

    They are learned by the mean log density of the series (see `fg_core.pooling.shared`). With one
    series it is a `PoolAggregator`, to the last bit.

    Args:
        rule: `BayesWeights` or `ForgettingGridWeights`, which judge forecasters by their densities
            (`WeightRule.pools_series`); losses of series in different units have no mean.
        name: Name of the agent.

    Raises:
        ConfigError: Another rule, or as for `PoolAggregator`.

    >>> SharedPoolAggregator("rank")
    Traceback (most recent call last):
    ...
    fg_core.errors.ConfigError: a pool of all series weighs by bayesian, forgetting_grid, not 'rank'
    """

    name: str = "shared_pool"

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.rule.pools_series:
            able = ", ".join(name for name, rule in RULES.items() if rule.pools_series)
            raise ConfigError(f"a pool of all series weighs by {able}, not {self.rule.name!r}")

    def update_panel(
        self, pools: Sequence[Self], outcomes: Sequence[RevealedForecast]
    ) -> tuple[Self, ...]:
        """Return the pools of all series after one forecast of each, whose targets are revealed.

        Args:
            pools: Pools, one per series.
            outcomes: Revealed forecasts, one per series, of one horizon.

        Returns:
            Pools in the order of the series.

        Raises:
            AgentError: A pool was not started for the horizon, or learns in several lanes.
        """
        h, n = outcomes[0].horizon, len(pools)
        settings = self._settings
        memory = stack_memories(settings, [pool._memory(h) for pool in pools])
        if memory is None:
            raise AgentError(f"aggregator {self.name!r}: a pool of several lanes is no pool of one")
        told = zip(pools, outcomes, strict=True)
        judged = zip(*(pool._judged(outcome) for pool, outcome in told), strict=True)
        means, stated_scales, scales, targets, _, shapes = judged
        with np.errstate(over="ignore"):
            new = settings.learned(
                memory,
                np.stack(means),
                np.stack(stated_scales),
                np.stack(scales),
                np.stack(targets)[:, np.newaxis],
                None,
                _stacked(shapes, len(self.names)),
                n,
            )
        return tuple(
            pool._remembering(h, lane_of(settings, new, i)) for i, pool in enumerate(pools)
        )

    def update_panel_array(self, outcome: RevealedForecast, n_series: int) -> Self:
        """Return what `update_panel` returns, for many panels.

        Args:
            outcome: Outcome as in `update_array`; lanes are laid out series by series, so that lane
                `s * (n_lanes // n_series) + k` is series s in panel k.
            n_series: Number of series of a panel.
        """
        return self._updated_array(outcome, n_series)


def _stacked(shapes: Sequence[ShapeArrays | None], n: int) -> ShapeArrays | None:
    """Return distributions of `n` forecasters per series as one, leading axes (series, n)."""
    if all(one is None for one in shapes):
        return None
    rows = [
        (ShapeArrays.nothing() if one is None else one)
        .broadcast(n)
        .map(lambda array: array[np.newaxis])
        for one in shapes
    ]
    return ShapeArrays.joined(rows, axis=0)
