r"""The innovation gate: how probable is it that this print is bad?

The gate compares the print with what was forecast for it from revealed values. With surprise
$e$ = print - predictive mean $m$, stated standard deviation $s$ and one-step scale $\sigma$:

$$\begin{aligned}
\text{good print}: &\quad e \sim (1-q)\, N(0, (fs)^2) + q\, N(0, (\kappa fs)^2) \\
\text{bad print}:  &\quad e \sim \text{Cauchy}\big(0, \sqrt{(fs)^2 + (\tau \sigma)^2}\big)
\end{aligned}$$

The second good component is turmoil: real shocks exist, and a gate without it doubts every crisis.
The errors of bad prints may have any size, so theirs is a density without a scale that could be
exceeded: beyond $\sqrt2\, \kappa fs$ a larger surprise is never doubted less. Bayes' rule with
prior $\pi$ gives $p_\text{bad}$. A bad print tells nothing, so the gate would put the predictive
$N(m, (fs)^2)$ in its place. It is a doubt, not a switch: the game mixes the forecast that uses the
print with the forecast that does not, with $p_\text{bad}$ as the weight.

Three things are learned, and only from *revealed* values, so that no false print spoils them. With
revision $r$ = print - revealed value, revealed surprise $u$ = revealed value - $m$, and reveals of
$k$ periods ago that count $\lambda^k$ for tampering and $d^k$ for the state of the series:

$$\pi = \frac{a_0 \pi_0 + \sum_k \lambda^k b_k}{a_0 + \sum_k \lambda^k}, \quad
b = \frac{r^2}{r^2 + (fs)^2}; \qquad
q = \frac{c_0 q_0 + \sum_k d^k t_k}{c_0 + \sum_k d^k}, \quad
t = \frac{q\, \kappa^{-1} \varphi(u / \kappa fs)}
{(1-q)\, \varphi(u / fs) + q\, \kappa^{-1} \varphi(u / \kappa fs)}$$

- $\pi$, the rate of bad prints. On data that are never revised the doubt fades and costs little;
  under attack it grows. A revision counts by its size against what could be foreseen, so nothing
  here knows how large or how frequent an attack is.
- $q$, the share of turmoil: a series whose revealed surprises are never large stops believing in
  shocks, and a large print is then doubted sooner ($t$ is the probability that the surprise was
  turmoil, as the gate then knew). Turmoil comes in spells: it is forgotten faster than tampering.
- $f$, by how much the stated $s$ is too narrow or too wide: the rule of `fg_core.pooling.scale`
  over the revealed $u / s$, with the same discount $d$. A model that was fitted on wilder times
  than these states too much, and what it states would hide a hit.

A contamination mixture in the sense of Box & Tiao (1968), Biometrika 55,
doi:10.1093/biomet/55.1.119, with the rates as Beta priors, counted by responsibilities as in
Titterington (1984), J. R. Stat. Soc. B 46, 257-267. How the constants were chosen is in
`docs/research/looks.md`.
"""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field
from typing import Any, ClassVar

import numpy as np

from fg_core.errors import ConfigError
from fg_core.pooling.scale import ScaleRule
from fg_core.protocols import OutlierAssessment
from fg_core.renamed import renamed_settings
from fg_core.transcendental import exp, hypot

__all__ = ["InnovationGate"]

_ROOT_TWO_PI = float(np.sqrt(2.0 * np.pi))
_FARTHEST = 1e100
"""In standard deviations; its square is still a float, and no density tells it from more."""
_LEAST = 2.0**-200
"""In one-step scales: what a stated scale of 0 is taken for, so that its density is one."""


@renamed_settings(
    reach="outlier_scale",
    turmoil="tail_share",
    turmoil_factor="tail_factor",
    turmoil_weight="tail_weight",
)
@dataclass(frozen=True)
class InnovationGate:
    """The default defense; see the module for the model.

    Args:
        prior: pi_0, the probability of a bad print before any has been revealed, in (0, 1).
        prior_weight: a_0, how many prints that prior is worth, above 0.
        forgetting: lambda, the discount of the count of bad prints per print, in (0, 1].
        outlier_scale: tau, the half-width of a false print's error in one-step scales, above 0.
        tail_share: q_0, the share of good prints in turmoil before any is revealed, in (0, 1).
        tail_factor: kappa, at least 1 (1: there is no turmoil).
        name: Name of the defense.
        tail_weight: c_0, how many prints the prior share of turmoil is worth, above 0.
        rescaling: Rule by which the stated scale is corrected by revealed surprises; its `discount`
            is d, by which turmoil is forgotten as well.

    Raises:
        ConfigError: A constant is outside its range.

    >>> gate = InnovationGate()
    >>> small = gate.doubt(gate.start(), 0.5, 1.0, 1.0).p_bad
    >>> large = gate.doubt(gate.start(), 20.0, 1.0, 1.0).p_bad
    >>> bool(small < 0.05 < 0.5 < large)
    True
    """

    leaves_arrays_alone: ClassVar[bool] = True
    """It changes no array that it is given, nor its shape or type (`fg_core.batch.handing`)."""

    prior: float = 0.05
    prior_weight: float = 2.0
    forgetting: float = 0.98
    outlier_scale: float = 4.0
    tail_share: float = 0.02
    tail_factor: float = 5.0
    name: str = "innovation_gate"
    _: KW_ONLY
    tail_weight: float = 20.0
    rescaling: ScaleRule = field(default_factory=lambda: ScaleRule(discount=0.9))

    def __post_init__(self) -> None:
        checks = (
            ("prior", 0.0 < self.prior < 1.0, "(0, 1)"),
            ("prior_weight", 0.0 < self.prior_weight < np.inf, "(0, inf)"),
            ("forgetting", 0.0 < self.forgetting <= 1.0, "(0, 1]"),
            ("outlier_scale", 0.0 < self.outlier_scale < np.inf, "(0, inf)"),
            ("tail_share", 0.0 < self.tail_share < 1.0, "(0, 1)"),
            ("tail_factor", 1.0 <= self.tail_factor < np.inf, "[1, inf)"),
            ("tail_weight", 0.0 < self.tail_weight < np.inf, "(0, inf)"),
        )
        for name, holds, wanted in checks:
            if not holds:
                raise ConfigError(f"{name} must be in {wanted}, got {getattr(self, name)!r}")

    def start(self) -> tuple[Any, ...]:
        """Return the memory before any reveal.

        Five discounted sums: bad prints, and all prints; surprises in turmoil, capped squares of
        standardised surprises, and all surprises.
        """
        return (0.0, 0.0, 0.0, 0.0, 0.0)

    def rate(self, memory: tuple[Any, ...]) -> Any:
        """Return pi, the probability that the next print is bad."""
        bad, count, _, _, _ = memory
        return (self.prior * self.prior_weight + bad) / (self.prior_weight + count)

    def learned_tail_share(self, memory: tuple[Any, ...]) -> Any:
        """Return q, the probability that the next good print is one in turmoil."""
        _, _, rough, _, recent = memory
        return (self.tail_share * self.tail_weight + rough) / (self.tail_weight + recent)

    def factor(self, memory: tuple[Any, ...]) -> Any:
        """Return f, by which stated standard deviations are multiplied."""
        _, _, _, squares, recent = memory
        return self.rescaling.factor(squares, recent)

    def doubt(
        self, memory: tuple[Any, ...], displacement: Any, scale: Any, step_scale: Any
    ) -> OutlierAssessment:
        """Return the doubt about a print that lies `displacement` from its predictive mean.

        Args:
            memory: Memory as `start` and `learn` return it.
            displacement: e, in the unit of the series.
            scale: s, at least 0. Where it is 0, a print that is what was forecast is good, and
                any other is bad.
            step_scale: sigma, above 0.
        """
        e = _as_floats(displacement)
        s = _claimed(scale, step_scale) * self.factor(memory)
        rate, q, factor = self.rate(memory), self.learned_tail_share(memory), self.tail_factor
        z = _standardised(e, s)
        z2 = z * z
        calm = exp(-0.5 * z2)
        rough = exp(-0.5 * z2 / factor**2) / factor
        good = ((1.0 - q) * calm + q * rough) / (_ROOT_TWO_PI * s)
        width = hypot(s, self.outlier_scale * _as_floats(step_scale))
        # The denominator never underflows, so neither 0 / 0 nor a doubt that ends at some size.
        far = _standardised(e, width)
        bad = 1.0 / (np.pi * width * (1.0 + far * far))
        return OutlierAssessment(-e, rate * bad / (rate * bad + (1.0 - rate) * good), s)

    def learn(
        self, memory: tuple[Any, ...], revision: Any, surprise: Any, scale: Any, step_scale: Any
    ) -> tuple[Any, ...]:
        """Return the memory after a print's value is revealed.

        Args:
            memory: Memory before the reveal.
            revision: r, print minus revealed value.
            surprise: u, revealed value minus the mean that was forecast for it.
            scale: s of the predictive that the print was compared with, at least 0.
            step_scale: sigma; not more than a floor for s: both are judged against what could be
                foreseen, not the step.
        """
        bad, count, rough, squares, recent = memory
        stated_scale = _claimed(scale, step_scale)
        s = stated_scale * self.factor(memory)
        r = _as_floats(revision)
        ratio = r / hypot(r, s)
        badness = ratio * ratio
        q, factor = self.learned_tail_share(memory), self.tail_factor
        z = _standardised(surprise, s)
        z2 = z * z
        # The ratio of the densities, since both of them underflow.
        calmer = (1.0 - q) * factor * exp(-0.5 * z2 * (1.0 - 1.0 / factor**2))
        square = self.rescaling.capped(_standardised(surprise, stated_scale))
        pace = self.rescaling.discount
        return (
            self.forgetting * bad + badness,
            self.forgetting * count + 1.0,
            pace * rough + q / (q + calmer),
            pace * squares + square,
            pace * recent + 1.0,
        )


def _claimed(scale: Any, step_scale: Any) -> Any:
    least = _LEAST * _as_floats(step_scale)
    if type(scale) is float and type(least) is np.float64:
        return least if scale < least else scale
    return np.maximum(scale, least)


def _standardised(error: Any, scale: Any) -> Any:
    found = abs(_as_floats(error)) / scale
    if type(found) is np.float64:
        return np.float64(_FARTHEST) if found > _FARTHEST else found
    return np.minimum(found, _FARTHEST)


def _as_floats(numbers: Any) -> Any:
    """Return numbers as an array; those of one game as a number, which is worked on faster."""
    if type(numbers) is float:
        return np.float64(numbers)
    return np.asarray(numbers, dtype=np.float64)
