r"""The innovation gate: how probable is it that this print is bad?

The gate compares the print with what was forecast for it from revealed values. With surprise
$e$ = print - predictive mean $m$, predictive standard deviation $s$ and one-step scale $\sigma$:

$$\begin{aligned}
\text{good print}: &\quad e \sim (1-q)\, N(0, s^2) + q\, N(0, (\kappa s)^2) \\
\text{bad print}:  &\quad e \sim \text{Cauchy}\big(0, \sqrt{s^2 + (\tau \sigma)^2}\big)
\end{aligned}$$

The second good component is turmoil: real shocks exist, and a gate without it doubts every crisis.
The errors of bad prints may have any size, so theirs is a density without a scale that could be
exceeded: the larger the surprise, the larger the doubt. Bayes' rule with prior $\pi$ gives
$p_\text{bad}$. A bad print tells nothing, so the gate would put the predictive $N(m, s^2)$ in its
place. It is a doubt, not a switch: the game mixes the forecast that uses the print with the
forecast that does not, with $p_\text{bad}$ as the weight.

$\pi$ is learned: a discounted count of revealed revisions over a prior. On data that are never
revised the doubt fades and costs little; under attack it grows. A revision $r$ counts as
$r^2 / (r^2 + s^2)$, so that nothing here knows how large or how frequent an attack is.

A contamination mixture in the sense of Box & Tiao (1968), Biometrika 55,
doi:10.1093/biomet/55.1.119.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from fg_core.errors import ConfigError
from fg_core.protocols import Suspicion

__all__ = ["InnovationGate"]

_ROOT_TWO_PI = float(np.sqrt(2.0 * np.pi))


@dataclass(frozen=True)
class InnovationGate:
    """The default defense; see the module for the model.

    Args:
        prior: Probability of a bad print before any has been revealed, in (0, 1).
        prior_weight: How many prints that prior is worth, above 0.
        forgetting: Discount of the counts per print, in (0, 1].
        reach: tau, the half-width of a false print's error in one-step scales, above 0.
        turmoil: q, the share of good prints in turmoil, in [0, 1).
        turmoil_factor: kappa, at least 1.

    Raises:
        ConfigError: A constant is outside its range.

    >>> gate = InnovationGate()
    >>> small = gate.doubt(gate.start(), 0.5, 1.0, 1.0).p_bad
    >>> large = gate.doubt(gate.start(), 20.0, 1.0, 1.0).p_bad
    >>> bool(small < 0.05 < 0.5 < large)
    True
    """

    prior: float = 0.05
    prior_weight: float = 10.0
    forgetting: float = 0.98
    reach: float = 3.0
    turmoil: float = 0.05
    turmoil_factor: float = 5.0
    name: str = "innovation_gate"

    def __post_init__(self) -> None:
        checks = (
            ("prior", 0.0 < self.prior < 1.0, "(0, 1)"),
            ("prior_weight", self.prior_weight > 0.0, "(0, inf)"),
            ("forgetting", 0.0 < self.forgetting <= 1.0, "(0, 1]"),
            ("reach", self.reach > 0.0, "(0, inf)"),
            ("turmoil", 0.0 <= self.turmoil < 1.0, "[0, 1)"),
            ("turmoil_factor", self.turmoil_factor >= 1.0, "[1, inf)"),
        )
        for name, holds, wanted in checks:
            if not holds:
                raise ConfigError(f"{name} must be in {wanted}, got {getattr(self, name)!r}")

    def start(self) -> tuple[Any, ...]:
        """Return the memory before any reveal: discounted count of bad prints, and of prints."""
        return (0.0, 0.0)

    def rate(self, memory: tuple[Any, ...]) -> Any:
        """Return pi, the probability that the next print is bad."""
        bad, count = memory
        return (self.prior * self.prior_weight + bad) / (self.prior_weight + count)

    def doubt(
        self, memory: tuple[Any, ...], displacement: Any, scale: Any, step_scale: Any
    ) -> Suspicion:
        """Return the doubt about a print that lies `displacement` from its predictive mean.

        Args:
            memory: As `start` and `learn` return it.
            displacement: e, in the unit of the series.
            scale: s, above 0.
            step_scale: sigma, above 0.
        """
        e = np.asarray(displacement, dtype=np.float64)
        s = np.asarray(scale, dtype=np.float64)
        rate = self.rate(memory)
        z2 = np.square(e / s)
        calm = np.exp(-0.5 * z2)
        rough = np.exp(-0.5 * z2 / self.turmoil_factor**2) / self.turmoil_factor
        good = ((1.0 - self.turmoil) * calm + self.turmoil * rough) / (_ROOT_TWO_PI * s)
        width = np.hypot(s, self.reach * np.asarray(step_scale, dtype=np.float64))
        # The denominator never underflows, so neither 0 / 0 nor a doubt that ends at some size.
        bad = 1.0 / (np.pi * width * (1.0 + np.square(e / width)))
        return Suspicion(-e, rate * bad / (rate * bad + (1.0 - rate) * good), s)

    def learn(
        self, memory: tuple[Any, ...], revision: Any, scale: Any, step_scale: Any
    ) -> tuple[Any, ...]:  # the revision is judged against what could be foreseen, not the step
        """Return the memory after a print's value is revealed.

        Args:
            memory: As before.
            revision: Print minus revealed value.
            scale: s of the predictive that the print was compared with, above 0.
            step_scale: Not used.
        """
        del step_scale
        bad, count = memory
        r2 = np.square(np.asarray(revision, dtype=np.float64))
        badness = r2 / (r2 + np.square(np.asarray(scale, dtype=np.float64)))
        return (self.forgetting * bad + badness, self.forgetting * count + 1.0)
