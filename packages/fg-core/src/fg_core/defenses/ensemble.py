r"""The ensemble: the mean opinion of several defenses.

Each member's assessment is a distribution of the correction: $\Delta_i$ with standard deviation
$s_i$ and probability $p_i$, else none. The ensemble is their mixture with equal weights:

$$p = \frac1n \sum_i p_i, \qquad \Delta = \frac{1}{n p} \sum_i p_i \Delta_i, \qquad
s^2 = \frac{1}{n p} \sum_i p_i (s_i^2 + \Delta_i^2) - \Delta^2$$

So where all members correct for certain, $\Delta$ is the mean of their corrections, and their
disagreement widens $s$. A linear opinion pool (Stone 1961, doi:10.1214/aoms/1177704873).
"""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import Any

import numpy as np

from fg_core.protocols import Defense, OutlierAssessment

from .bias_guard import BiasGuard
from .clipping import Clipping
from .dampening import Dampening
from .members import each_with_memory, learn_all, per_unit, require_defenses, start_all

__all__ = ["Ensemble"]


@dataclass(frozen=True)
class Ensemble:
    """The mean of several defenses; see the module for the formula.

    Args:
        members: Defenses; by default dampening, clipping at 0.25 step scales, bias guard.

    Raises:
        ConfigError: No member, or one that is no defense.

    >>> round(float(Ensemble().doubt((), 2.0, 1.0, 1.0).delta), 9)
    -0.523333333
    """

    members: tuple[Defense, ...] = (Dampening(), Clipping(limit=0.25), BiasGuard())
    _: KW_ONLY
    name: str = "ensemble"

    def __post_init__(self) -> None:
        object.__setattr__(self, "members", require_defenses("an ensemble", self.members))

    def start(self) -> tuple[Any, ...]:
        """Return the memories of all members, one after the other."""
        return start_all(self.members)

    def doubt(
        self, memory: tuple[Any, ...], displacement: Any, scale: Any, step_scale: Any
    ) -> OutlierAssessment:
        """Return the mean assessment of the members."""
        p = total = square = np.zeros(np.shape(displacement))
        for member, own in each_with_memory(self.members, memory):
            said = member.doubt(own, displacement, scale, step_scale)
            p = p + said.p_bad
            total = total + said.p_bad * said.delta
            square = square + said.p_bad * (said.scale * said.scale + said.delta * said.delta)
        delta = per_unit(total, p)
        variance = np.maximum(per_unit(square, p) - delta * delta, 0.0)
        return OutlierAssessment(delta, p / len(self.members), np.sqrt(variance))

    def learn(
        self, memory: tuple[Any, ...], revision: Any, surprise: Any, scale: Any, step_scale: Any
    ) -> tuple[Any, ...]:
        """Return the memories after every member learned from the reveal."""
        return learn_all(self.members, memory, revision, surprise, scale, step_scale)
