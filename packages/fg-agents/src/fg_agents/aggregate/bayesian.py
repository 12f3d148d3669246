r"""Weights learned online: Bayesian model averaging, and its rivals.

After each revealed value $y$ the weight of forecaster $i$, which had stated $N(m_i, s_i^2)$, is
multiplied by its likelihood, $\pi_i \propto \pi_i^\alpha\, N(y; m_i, s_i^2)$, in logarithms. The
forecast is the mixture; its variance is within plus between forecasters,
$\sum_i w_i (s_i^2 + (m_i - \bar m)^2)$.

References: Raftery, Gneiting, Balabdaoui & Polakowski (2005), Mon. Wea. Rev. 133,
doi:10.1175/MWR2906.1; with forgetting, Raftery, Karny & Ettler (2010), Technometrics 52,
doi:10.1198/TECH.2009.08104. What the other rules are, and how they fare, is in docs/pools.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, Self, Unpack

from fg_core import PoolAggregator
from fg_core.frozen import frozen_mapping
from fg_core.pooling import ScaleRule
from fg_core.pooling.by_name import RuleOptions, as_rule, chosen_rule
from fg_core.pooling.rules import BayesWeights, WeightRule

from ._pooled import Pool, PooledAggregator
from .calibrated import CalibratedAggregator
from .grid import PoolGrid
from .pool_of_pools import PoolOfPools

__all__ = ["BayesianAggregator"]

_DEFAULTS: RuleOptions = {"mode": "bayesian", "alpha": 1.0, "floor": 0.0, "loss_discount": 0.98}
"""Settings of rules that are given by name: plain model averaging, as specified."""


@dataclass(frozen=True, kw_only=True, init=False)
class BayesianAggregator(PooledAggregator):
    """Weights per forecaster and horizon, learned from what forecasts were worth.

    Args:
        rule: Rule of the weights, one of `fg_core.pooling.rules` or of one's own, or its name;
            None: `BayesWeights(alpha=1.0, floor=0.0)`, plain Bayesian model averaging.
        shrinkage: Share of the prior weights mixed in.
        rescale: Whether each forecaster's own scale is corrected by its past errors.
        scale: Constants of that correction.
        combination: "linear" (the mixture) or "logarithmic" (the product of the densities).
        groups: Group of each forecaster, by name. Groups have equal prior weights, shared equally
            within; one that is not named is a group of its own. Empty: all have the same.
        grid: Settings of a pool of pools, which is then played in place of one rule (`PoolOfPools`:
            all settings but `groups` are those of the grid); None: one rule.
        recalibrate: Whether the spread of the pool is corrected by its own past errors.
        conformal_rate: Rate at which intervals adapt to their own misses; 0: not at all. See
            `CalibratedAggregator` for both.
        name: Name of the agent.
        pool: The pool with what it has learned; set by `start`.
        options: The rule and its settings as keywords: `alpha`, the forgetting factor in (0, 1] (1
            is plain model averaging; with 0.99 a quarter five years back keeps 82 % of its weight),
            `alphas`, `floor`, `likelihood` and `loss_discount`; and `mode`, the name of a rule,
            "log_pool" (the default rule, combined logarithmically) or "pool_of_pools" (`grid`, or
            that of `PoolGrid()`). They become a rule at once, and go in fg-agents 0.3.

    Raises:
        ConfigError: There is no such rule, or a constant of it is outside its range.

    >>> from fg_core import TrainingWindow
    >>> pool = BayesianAggregator().start(("a", "b"), TrainingWindow([1.0, 2.0, 4.0]), (1,))
    >>> dict(pool.weights())
    {'a': 0.5, 'b': 0.5}
    """

    rule: WeightRule = field(default_factory=lambda: BayesWeights(alpha=1.0, floor=0.0))
    shrinkage: float = 0.0
    rescale: bool = True
    scale: ScaleRule = field(default_factory=ScaleRule)
    combination: Literal["linear", "logarithmic"] = "linear"
    groups: Mapping[str, str] = field(default_factory=lambda: frozen_mapping())
    grid: PoolGrid | None = None
    recalibrate: bool = False
    conformal_rate: float = 0.0
    name: str = "bayesian"

    # The generated one, and `options`: a subclass that is a dataclass has the generated one.
    def __init__(
        self,
        rule: WeightRule | str | None = None,
        *,
        shrinkage: float = 0.0,
        rescale: bool = True,
        scale: ScaleRule | None = None,
        combination: Literal["linear", "logarithmic"] = "linear",
        groups: Mapping[str, str] | None = None,
        grid: PoolGrid | None = None,
        recalibrate: bool = False,
        conformal_rate: float = 0.0,
        name: str = "bayesian",
        pool: Pool | None = None,
        **options: Unpack[RuleOptions],
    ) -> None:
        mode = options.get("mode")
        if mode == "log_pool":
            combination, options["mode"] = "logarithmic", "bayesian"
        elif mode == "pool_of_pools":
            grid, options["mode"] = grid or PoolGrid(), "bayesian"
        elif mode is not None:
            grid = None
        self.__dict__.update(
            rule=chosen_rule(type(self).__name__, rule, options, _DEFAULTS),
            shrinkage=shrinkage,
            rescale=rescale,
            scale=ScaleRule() if scale is None else scale,
            combination=combination,
            groups=groups or {},
            grid=grid,
            recalibrate=recalibrate,
            conformal_rate=conformal_rate,
            name=name,
            pool=pool,
        )
        self.__post_init__()

    def __post_init__(self) -> None:
        object.__setattr__(self, "rule", as_rule(self.rule, _DEFAULTS))
        object.__setattr__(self, "groups", frozen_mapping(self.groups))

    def with_groups(self, groups: Mapping[str, str]) -> Self:
        """Return pools of pools that know these groups; pools of one rule as they are.

        Equal priors are what is specified for Bayesian weights: no group changes them unasked.

        Returns:
            Aggregator with the same settings.
        """
        if self.grid is None:
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
        if self.grid is not None:
            return PoolOfPools(grid=self.grid, groups=self.groups, name=self.name)
        return PoolAggregator(
            self.rule,
            combination=self.combination,
            shrinkage=self.shrinkage,
            rescale=self.rescale,
            scale=self.scale,
            groups=self.groups,
            name=self.name,
        )
