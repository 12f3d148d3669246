r"""Bayesian model averaging of forecasters.

After each revealed value $y$ the weight of forecaster $i$, which had claimed $N(m_i, s_i^2)$, is
multiplied by its likelihood, $\pi_i \propto \pi_i^\alpha\, N(y; m_i, s_i^2)$, in logarithms. The
forecast is the mixture; its variance is within plus between forecasters,
$\sum_i w_i (s_i^2 + (m_i - \bar m)^2)$.

References: Raftery, Gneiting, Balabdaoui & Polakowski (2005), Mon. Wea. Rev. 133,
doi:10.1175/MWR2906.1; with forgetting, Raftery, Karny & Ettler (2010), Technometrics 52,
doi:10.1198/TECH.2009.08104.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from fg_core import PoolAggregator, ScaleRule

from ._pooled import PooledAggregator

__all__ = ["BayesianAggregator"]


@dataclass(frozen=True, kw_only=True)
class BayesianAggregator(PooledAggregator):
    """Posterior weights per forecaster and horizon, from the likelihood of forecast errors.

    Args:
        alpha: Forgetting factor in (0, 1]; 1 is plain model averaging, as specified. With 0.99 a
            quarter five years back keeps 82 % of its weight.
        floor: Each weight is at least floor / (K (1 + floor)); keeps a forecaster in the race.
        likelihood: "gaussian", or "student_t", which a single outlier cannot decide.
        shrinkage: Share of equal weights mixed in.
        rescale: Whether each forecaster's own scale is corrected by its past errors.
        scale: Constants of that correction.
        name: Name of the agent.

    Raises:
        ConfigError: On `start`, if a constant is outside its range.

    >>> from fg_core import TrainingWindow
    >>> pool = BayesianAggregator().start(("a", "b"), TrainingWindow([1.0, 2.0, 4.0]), (1,))
    >>> dict(pool.weights())
    {'a': 0.5, 'b': 0.5}
    """

    alpha: float = 1.0
    floor: float = 0.0
    likelihood: Literal["gaussian", "student_t"] = "gaussian"
    shrinkage: float = 0.0
    rescale: bool = True
    scale: ScaleRule = field(default_factory=ScaleRule)
    name: str = "bayesian"

    def settings(self) -> PoolAggregator:
        """Return the pool that this aggregator plays."""
        return PoolAggregator(
            mode="bayesian",
            alpha=self.alpha,
            floor=self.floor,
            likelihood=self.likelihood,
            shrinkage=self.shrinkage,
            rescale=self.rescale,
            scale=self.scale,
            name=self.name,
        )
