r"""The innovation gate with the constants that would have answered a mixture of attacks best.

On the rows that a defender is fitted on, all of them before the first origin that is played, an
autoregression states for each print N(m, s^2), and attacks are played against gates. With revealed
surprise $u_t$, displacement $a_t$ of the print and first coefficient $\phi$, the next forecast is
the mixture of its branches as the game makes it:

$$(1 - p_t)\, N(m_{t+1} + \phi a_t,\ s^2) + p_t\, N(m_{t+1} - \phi u_t,\ s^2 + (\phi s_t)^2),$$

where $p_t$ is the gate's probability that print $t$ is bad, from the print and from reveals before
it, and $s_t$ the scale of its replacement. The gate whose mean CRPS over the attacks is least is
taken: a best response, from a stated list, to a stated mixture in equal parts: no attack, single
hits and pairs of 1, 2 and 3 one-step scales in every tenth period, drifts by 0.1 up to 0.5 (as
`SlowPoison`), and hits of 0.4 against the last change (as `AdversaryAgent`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import product
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fg_core.defenses import InnovationGate
from fg_core.defenses.episodes.autoregression import ORDER, Moments
from fg_core.errors import DataError
from fg_core.scoring import crps_mixture
from fg_core.window import TrainingWindow

from .defender import DefenderAgent

__all__ = ["BestResponseDefender", "best_response_gate"]

Array = NDArray[np.float64]

CANDIDATES = tuple(
    InnovationGate(prior=prior, outlier_scale=size, tail_share=tail)
    for prior, size, tail in product((0.02, 0.05, 0.1, 0.2), (1.5, 4.0), (0.005, 0.02))
)
"""Gates of which one is chosen, the default one among them."""

_FEWEST = 24
"""Values below which the default gate is taken."""
_PERIOD = 10
_SIZES = (1.0, 2.0, 3.0)


@dataclass(frozen=True)
class BestResponseDefender(DefenderAgent):
    """Innovation gate whose constants `fit` chooses on the rows before the game.

    Args:
        defense: Gate; replaced by `fit`.
        name: Name of the agent.
        step_scale: One-step scale of the series; set by `fit`.
        memory: State that the gate has learned; set by `fit` and `update`.

    >>> values = np.random.default_rng(5).normal(size=60).cumsum()
    >>> fitted = BestResponseDefender().fit(TrainingWindow(values))
    >>> fitted.defense == best_response_gate(values)
    True
    """

    name: str = "best_response_defense"

    def fit(self, window: TrainingWindow) -> Self:
        """Return the defender at the start of a game, with the gate that suits this window."""
        chosen = replace(self, defense=best_response_gate(window.values))
        return super(BestResponseDefender, chosen).fit(window)


def best_response_gate(values: ArrayLike) -> InnovationGate:
    """Return the gate that answers the mixture of attacks best on recorded values; see the module.

    Args:
        values: Values before the game, shape (period,), oldest first, in the unit of the series.

    Returns:
        Gate with the chosen prior, outlier scale and share of turmoil; the default gate where
        there are fewer than 24 values, or the series never moves. No later value matters.

    Raises:
        DataError: The values have another shape, or are not finite.
    """
    found = np.ascontiguousarray(values, dtype=np.float64)
    if found.ndim != 1 or not np.isfinite(found).all():
        raise DataError(f"values must be finite numbers of shape (period,), got {values!r}")
    if found.size < _FEWEST or not np.diff(found).any():
        return InnovationGate()
    return _chosen(found.tobytes())


@lru_cache(maxsize=64)
def _chosen(content: bytes) -> InnovationGate:
    played = PastAttacks.of(np.frombuffer(content, dtype=np.float64))
    return CANDIDATES[int(np.argmin([played.loss(gate) for gate in CANDIDATES]))]


@dataclass(frozen=True, eq=False)
class PastAttacks:
    """Attacks on recorded values, in one-step scales.

    Args:
        surprises: Values less their one-step forecasts, shape (period,).
        attacks: Displacements of the prints, shape (script, period).
        kinds: Kind of each script, shape (script,).
        phi: First coefficient of the autoregression.
        scale: Standard deviation of its one-step errors.
    """

    surprises: Array
    attacks: Array
    kinds: NDArray[np.intp]
    phi: float
    scale: float

    @classmethod
    def of(cls, values: Array) -> Self:
        """Return the attacks on values that move, shape (period,), oldest first."""
        moments = Moments.of(values, TrainingWindow(values).step_scale)
        model, steps = moments.fitted, (values - moments.origin) / moments.unit
        attacks, kinds = _attacks(np.diff(steps)[ORDER - 1 :])
        surprises = model.surprises(steps[np.newaxis])[0]
        return cls(surprises, attacks, kinds, float(model.phi[0, 0]), float(model.sigma[0]))

    def loss(self, gate: InnovationGate) -> float:
        """Return the CRPS of the next forecasts behind a gate, mean over kinds, in steps."""
        memory, n, phi, scale = gate.start(), self.attacks.shape[0], self.phi, self.scale
        weights, means, scales = (np.empty((n, self.surprises.size - 1, 2)) for _ in range(3))
        for t, surprise in enumerate(self.surprises[:-1].tolist()):
            hit = self.attacks[:, t]
            doubt = gate.doubt(memory, surprise + hit, scale, 1.0)
            p_bad = np.broadcast_to(doubt.p_bad, (n,))
            weights[:, t] = np.stack([1.0 - p_bad, p_bad], axis=1)
            means[:, t, 0], means[:, t, 1] = phi * hit, -phi * surprise
            scales[:, t, 0] = scale
            scales[:, t, 1] = np.sqrt(scale**2 + (phi * doubt.scale) ** 2)
            memory = gate.learn(memory, hit, surprise, scale, 1.0)
        came = np.broadcast_to(self.surprises[1:], weights.shape[:2])
        by_script = crps_mixture(weights, means, scales, came).mean(axis=1)
        kinds = range(int(self.kinds.max()) + 1)
        return float(np.mean([by_script[self.kinds == kind].mean() for kind in kinds]))


def _attacks(changes: Array) -> tuple[Array, NDArray[np.intp]]:
    """Return displacements of prints in steps, shape (script, period), and the kind of each script.

    Args:
        changes: Change of the series in each period, in steps.
    """
    t = np.arange(changes.size)
    scripts: list[tuple[int, Array]] = [(0, np.zeros(t.size))]
    for sign, begin in product((1.0, -1.0), (0, 3, 7)):
        since = (t + begin) % _PERIOD
        turn = np.where((t + begin) // _PERIOD % 2 == 0, sign, -sign)
        for size in _SIZES:
            scripts.append((1, np.where(since == 0, turn * size, 0.0)))
            scripts.append((2, np.where(since < 2, turn * size, 0.0)))
        scripts.append((3, sign * np.minimum(0.1 * ((t + 5 * begin) % 16 + 1), 0.5)))
    scripts.append((4, -0.4 * np.sign(changes)))
    return np.stack([one for _, one in scripts]), np.array([kind for kind, _ in scripts])
