r"""Weights learned online: Bayesian model averaging, and its rivals by name.

After each revealed value $y$ the weight of forecaster $i$, which had claimed $N(m_i, s_i^2)$, is
multiplied by its likelihood, $\pi_i \propto \pi_i^\alpha\, N(y; m_i, s_i^2)$, in logarithms. The
forecast is the mixture; its variance is within plus between forecasters,
$\sum_i w_i (s_i^2 + (m_i - \bar m)^2)$.

References: Raftery, Gneiting, Balabdaoui & Polakowski (2005), Mon. Wea. Rev. 133,
doi:10.1175/MWR2906.1; with forgetting, Raftery, Karny & Ettler (2010), Technometrics 52,
doi:10.1198/TECH.2009.08104. What the other modes are, and how they fare, is in docs/pools.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, Self, get_args

from fg_core import ConfigError, PoolAggregator, ScaleRule
from fg_core.frozen import frozen_mapping

from ._pooled import Pool, PooledAggregator
from .calibrated import CalibratedAggregator
from .grid import PoolGrid
from .pool_of_pools import PoolOfPools

__all__ = ["BayesianAggregator", "BayesianMode"]

BayesianMode = Literal[
    "bayesian",
    "forgetting_grid",
    "bates_granger",
    "crps_learning",
    "log_score",
    "log_pool",
    "pool_of_pools",
]


@dataclass(frozen=True, kw_only=True)
class BayesianAggregator(PooledAggregator):
    """Weights per forecaster and horizon, learned from what forecasts were worth.

    Args:
        mode: "bayesian", posterior weights with forgetting; "forgetting_grid", the same for
            several forgetting factors, mixed by their log score; "bates_granger", one over the
            discounted mean squared error; "crps_learning", Bernstein online aggregation of the
            CRPS; "log_score", the weights that have maximised the log score of the mixture;
            "log_pool", posterior weights with the product of the densities in place of the
            mixture; "pool_of_pools", a whole grid of settings, mixed (`PoolOfPools`: there, all
            settings but `groups` are those of `grid`).
        alpha: Forgetting factor in (0, 1]; 1 is plain model averaging, as specified. With 0.99 a
            quarter five years back keeps 82 % of its weight.
        alphas: Forgetting factors of "forgetting_grid".
        floor: Each weight is at least floor / (1 + floor) of its prior weight; keeps a forecaster
            in the race.
        likelihood: "gaussian", or "student_t", which a single outlier cannot decide.
        shrinkage: Share of the prior weights mixed in.
        rescale: Whether each forecaster's own scale is corrected by its past errors.
        scale: Constants of that correction.
        loss_discount: Discount of what "bates_granger", "crps_learning" and "log_score" remember.
        groups: Group of each forecaster, by name. Groups have equal prior weights, shared equally
            within; one that is not named is a group of its own. Empty: all have the same.
        grid: Settings of "pool_of_pools".
        recalibrate: Whether the spread of the pool is corrected by its own past errors.
        conformal_rate: How fast intervals adapt to their own misses; 0: not at all. See
            `CalibratedAggregator` for both.
        name: Name of the agent.

    Raises:
        ConfigError: An unknown mode; on `start`, a constant outside its range.

    >>> from fg_core import TrainingWindow
    >>> pool = BayesianAggregator().start(("a", "b"), TrainingWindow([1.0, 2.0, 4.0]), (1,))
    >>> dict(pool.weights())
    {'a': 0.5, 'b': 0.5}
    """

    mode: BayesianMode = "bayesian"
    alpha: float = 1.0
    alphas: tuple[float, ...] = (0.9, 0.95, 0.98, 1.0)
    floor: float = 0.0
    likelihood: Literal["gaussian", "student_t"] = "gaussian"
    shrinkage: float = 0.0
    rescale: bool = True
    scale: ScaleRule = field(default_factory=ScaleRule)
    loss_discount: float = 0.98
    groups: Mapping[str, str] = field(default_factory=lambda: frozen_mapping())
    grid: PoolGrid = field(default_factory=PoolGrid)
    recalibrate: bool = False
    conformal_rate: float = 0.0
    name: str = "bayesian"

    def __post_init__(self) -> None:
        if self.mode not in get_args(BayesianMode):
            raise ConfigError(
                f"mode must be one of {', '.join(get_args(BayesianMode))}, got {self.mode!r}"
            )
        object.__setattr__(self, "groups", frozen_mapping(self.groups))

    def with_groups(self, groups: Mapping[str, str]) -> Self:
        """Return pools of pools that know these groups; pools of other modes as they are.

        Equal priors are what is specified for Bayesian weights: no group changes them unasked.
        """
        if self.mode != "pool_of_pools":
            return self
        return replace(self, groups={**groups, **self.groups})

    def settings(self) -> Pool:
        """Return the pool that this aggregator plays."""
        pool = self._weighing()
        if not (self.recalibrate or self.conformal_rate):
            return pool
        return CalibratedAggregator(
            inner=pool, recalibrate=self.recalibrate, conformal_rate=self.conformal_rate
        )

    def _weighing(self) -> PoolAggregator | PoolOfPools:
        if self.mode == "pool_of_pools":
            return PoolOfPools(grid=self.grid, groups=self.groups, name=self.name)
        return PoolAggregator(
            mode="bayesian" if self.mode == "log_pool" else self.mode,
            combination="logarithmic" if self.mode == "log_pool" else "linear",
            alpha=self.alpha,
            alphas=self.alphas,
            floor=self.floor,
            likelihood=self.likelihood,
            shrinkage=self.shrinkage,
            rescale=self.rescale,
            scale=self.scale,
            loss_discount=self.loss_discount,
            groups=self.groups,
            name=self.name,
        )
