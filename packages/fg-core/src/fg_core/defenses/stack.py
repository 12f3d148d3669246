r"""A stack: defenses one after the other, each on what the ones before have left.

Rule $i$ sees the displacement that remains, $e_i$ (with $e_1 = e$), and says: with probability
$p_i$ move by $\Delta_i$, with standard deviation $s_i$. Then

$$e_{i+1} = e_i + p_i \Delta_i, \qquad p = 1 - \prod_i (1 - p_i), \qquad
p\, \Delta = \sum_i p_i \Delta_i$$

Every correction counts, with the probability that its rule gives it, and the expected correction
of the stack is the sum of those of its rules. For plain corrections ($p_i = 1$) that is $\Delta =
\sum_i \Delta_i$; several rules that would all replace the print by its predictive mean do so
together, with $p$. The variances of the corrections add as well, as if independent:

$$p\, s^2 + p (1 - p) \Delta^2 = \sum_i \big[p_i s_i^2 + p_i (1 - p_i) \Delta_i^2\big]$$

which defines $s$ (for plain corrections: the root of the sum of squares; 0 where it would be
negative). Every rule learns from the whole revision of a print.
"""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import Any

import numpy as np

from fg_core.errors import ConfigError
from fg_core.protocols import Defense, OutlierAssessment

from .members import each_with_memory, learn_all, per_unit, require_defenses, start_all

__all__ = ["DefenseStack"]


@dataclass(frozen=True)
class DefenseStack:
    """Several defenses in a row; see the module for the formula.

    Args:
        rules: Defenses, first to last; none of them a stack.
        name: `stack:` and the names of the rules, unless another one is given.

    Raises:
        ConfigError: No rule, one that is no defense, or a stack inside the stack.

    >>> from fg_core.defenses import Clipping, Dampening
    >>> stack = DefenseStack((Clipping(limit=0.5), Dampening()))
    >>> stack.name, float(stack.doubt((), 2.5, 1.0, 1.0).delta)
    ('stack:clipping,dampening', -1.7)
    """

    rules: tuple[Defense, ...]
    _: KW_ONLY
    name: str = ""

    def __post_init__(self) -> None:
        rules = require_defenses("a stack", self.rules)
        for rule in rules:
            if isinstance(rule, DefenseStack):
                raise ConfigError(
                    f"a stack cannot hold a stack, got {rule.name!r}: name its rules instead"
                )
        object.__setattr__(self, "rules", rules)
        if not self.name:
            object.__setattr__(self, "name", "stack:" + ",".join(rule.name for rule in rules))

    def start(self) -> tuple[Any, ...]:
        """Return the memories of all rules, one after the other."""
        return start_all(self.rules)

    def doubt(
        self, memory: tuple[Any, ...], displacement: Any, scale: Any, step_scale: Any
    ) -> OutlierAssessment:
        """Return the assessment of all rules together."""
        left = np.asarray(displacement, dtype=np.float64)
        good = np.ones(left.shape)
        total = variance = np.zeros(left.shape)
        for rule, own in each_with_memory(self.rules, memory):
            said = rule.doubt(own, left, scale, step_scale)
            expected = said.p_bad * said.delta
            left = left + expected
            total = total + expected
            good = good * (1.0 - said.p_bad)
            spread = (1.0 - said.p_bad) * (said.delta * said.delta)
            variance = variance + said.p_bad * (said.scale * said.scale + spread)
        p = 1.0 - good
        delta = per_unit(total, p)
        own_variance = per_unit(variance, p) - good * (delta * delta)
        return OutlierAssessment(delta, p, np.sqrt(np.maximum(own_variance, 0.0)))

    def learn(
        self, memory: tuple[Any, ...], revision: Any, surprise: Any, scale: Any, step_scale: Any
    ) -> tuple[Any, ...]:
        """Return the memories after every rule learned from the reveal."""
        return learn_all(self.rules, memory, revision, surprise, scale, step_scale)
