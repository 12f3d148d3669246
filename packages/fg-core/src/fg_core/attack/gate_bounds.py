r"""Upper bounds of a round's score behind the innovation gate.

The gate mixes the forecast that uses the print with one from its predictive mean, with weight $p$.
The CRPS is convex in the distribution, so that the score is at most
$(1 - p) \cdot$ score with the print $+ \, p \cdot$ score without it, whatever $p$ is.

Of what the gate learns, only the rate $\pi$ of bad prints depends on hits; tails and scales follow
from revealed surprises. With odds $p / (1 - p) = \pi / (1 - \pi) \cdot L(e)$ the likelihood ratio
$L$ of a surprise is what a gate that holds $\pi = 1/2$ says, which is played. A hit of $a$ counts
for $\pi$ as $b = a^2 / (a^2 + c^2) \le |a| / (2 c)$, with $c$ the standard deviation of what was
forecast: a budget bounds the sum of these, and so how high $\pi$ can be in any round.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import cast

import numpy as np
from numpy.typing import NDArray

from fg_core.agents import DefenderAgent
from fg_core.defenses import InnovationGate
from fg_core.game import ForecastGame
from fg_core.protocols import World
from fg_core.scoring._kernels import mixture_crps
from fg_core.state import ForecastState
from fg_core.transcendental import hypot

from .played_hits import PlayedHits, play_hits
from .score_bounds import ScoreBounds

__all__ = ["PlayedGate"]

Array = NDArray[np.float64]
_CERTAIN = 1e15
"""Number of prints that the prior of the gate with a fixed rate is worth."""
_TOLD = 1e-9
"""Distance of a probability from 1 at which its odds are lost in rounding."""


@dataclass(frozen=True, eq=False)
class PlayedGate:
    """What is known of an innovation gate on a record.

    Args:
        gate: Gate that plays.
        clean: Forecasts without a hit, behind the gate, by horizon.
        ratios: Likelihood ratios of surprises by hit, shape (round, point).
        errors: Surprises by hit, shape (round, point), in step scales; NaN in the first round.
        scales: Standard deviations that the gate judges surprises by, shape (round,), in step
            scales.
        none: Number of the point without a hit.
    """

    gate: InnovationGate
    clean: Mapping[int, PlayedHits]
    ratios: Array
    errors: Array
    scales: Array
    none: int

    @classmethod
    def of(
        cls,
        game: ForecastGame,
        initial: ForecastState,
        world: World,
        rounds: int | None,
        undefended: PlayedHits,
        expected: Array,
    ) -> PlayedGate:
        """Play a game's gate without a hit, and one with a fixed rate with all hits.

        Args:
            game: Game whose defender is a gate.
            initial: State that the game begins in.
            world: Record that it is played on.
            rounds: Number of rounds.
            undefended: Forecasts by hit, played without defenders.
            expected: Predictive mean of each print, shape (round,), in the unit of the series.
        """
        defenders = game.registry.defenders
        agent = cast(DefenderAgent, defenders[0])
        gate = cast(InnovationGate, agent.defense)
        even = replace(gate, prior=0.5, prior_weight=_CERTAIN)
        judge = replace(agent, defense=even)
        clean = play_hits(game, initial, world, np.zeros(1), rounds, defenders)
        judged = play_hits(game, initial, world, undefended.nominal, rounds, (judge,))
        one = next(iter(judged.values()))
        # A probability so near to 1 tells no ratio.
        certain = one.p_bad > 1.0 - _TOLD
        ratios = np.where(certain, np.inf, one.p_bad / np.where(certain, 1.0, 1.0 - one.p_bad))
        errors = (undefended.points - expected[:, np.newaxis]) / undefended.step_scale
        return cls(gate, clean, ratios, errors, one.doubt_scales / one.step_scale, one.none)

    def bounds(
        self,
        undefended: ScoreBounds,
        played: PlayedHits,
        budget: float,
        cap: float,
        first_round: int,
    ) -> ScoreBounds:
        """Return bounds of the scores behind the gate, for hits within a budget.

        Args:
            undefended: Bounds without defenders.
            played: Forecasts by hit, played without defenders.
            budget: Units that may be spent, in step scales.
            cap: Largest hit, in step scales.
            first_round: First round that may be hit.
        """
        least, most = self._rates(budget, cap, first_round)
        replaced = self._replaced(played.horizon)
        none = played.none
        low, high = self._cell_ratios()
        corners, scores = [], []
        for p in (_bad(least, low), _bad(most, high)):
            for size, score in undefended.by_cell:
                corners.append(size)
                with np.errstate(invalid="ignore"):  # bounds that are infinite stay none
                    scores.append((1.0 - p) * score + p * replaced[:, np.newaxis])
        # Without a hit the ratio is known, and the rate may have been driven up by earlier hits.
        kept = [_bad(rate, self.ratios[:, [none]]) for rate in (least, most)]
        plain = [(1.0 - p) * played.scores[:, [none]] + p * replaced[:, np.newaxis] for p in kept]
        start = np.maximum(self.clean[played.horizon].scores, np.maximum(*plain))
        return ScoreBounds(
            np.concatenate([np.zeros_like(start), *corners], axis=1),
            np.concatenate([start, *scores], axis=1),
            undefended.cells,
            undefended.by_cell,
        )

    def _replaced(self, horizon: int) -> Array:
        """Return the score of the forecast that replaces the print, shape (round,)."""
        one = self.clean[horizon]
        n = one.deltas.shape[-1]
        weights, means, scales = (a[:, 0, n:] for a in (one.weights, one.means, one.scales))
        total = weights.sum(axis=-1, keepdims=True)
        shares = np.divide(weights, total, out=np.zeros_like(weights), where=total > 0.0)
        found: Array = mixture_crps(shares, means, scales, one.targets)
        # Where it has no weight at all, nothing is known of it.
        return np.where(total[:, 0] > 0.0, found, np.inf)

    def _rates(self, budget: float, cap: float, first_round: int) -> tuple[Array, Array]:
        """Return bounds of the rate of bad prints, shape (round, 1) each."""
        clean = next(iter(self.clean.values())).p_bad[:, 0]
        with np.errstate(divide="ignore", invalid="ignore"):
            odds = clean / (1.0 - clean) / self.ratios[:, self.none]
            rate = odds / (1.0 + odds)
        # Where the gate is certain, its rate cannot be told: it is anything.
        told = np.isfinite(rate) & (clean < 1.0 - _TOLD)
        rate = np.where(told, rate, 0.0)
        gate = self.gate
        smallest = self.scales[first_round:].min()
        steepest = 1.0 / (2.0 * smallest) if smallest <= cap else cap / (cap**2 + smallest**2)
        prior = gate.prior * gate.prior_weight
        seen = np.maximum(prior / np.where(told, rate, 1.0) - gate.prior_weight, 0.0)
        highest = np.minimum(rate * (1.0 + np.minimum(budget * steepest, seen) / prior), 1.0)
        highest = np.where(told, highest, 1.0)
        return rate[:, np.newaxis], highest[:, np.newaxis]

    def _cell_ratios(self) -> tuple[Array, Array]:
        """Return bounds of the likelihood ratio between played hits, shape (round, cell) each.

        Both densities fall with the size of the surprise, and that of a bad print is known.
        """
        width = hypot(self.scales, self.gate.outlier_scale)[:, np.newaxis]
        bad = 1.0 / (np.pi * width * (1.0 + (self.errors / width) ** 2))
        good = bad / self.ratios
        across = self.errors[:, :-1] * self.errors[:, 1:] <= 0.0
        nearest = np.where(across, 1.0 / (np.pi * width), np.maximum(bad[:, :-1], bad[:, 1:]))
        with np.errstate(divide="ignore"):
            high = nearest / np.minimum(good[:, :-1], good[:, 1:])
        with np.errstate(divide="ignore"):
            low = np.minimum(bad[:, :-1], bad[:, 1:]) / np.maximum(good[:, :-1], good[:, 1:])
        return np.where(across, 0.0, np.minimum(low, 1.0 / _TOLD)), high


def _bad(rate: Array, ratio: Array) -> Array:
    """Return the probability of a bad print from its rate and a likelihood ratio."""
    odds = rate * ratio
    rest = odds + 1.0 - rate
    # A ratio without end, or a rate of 1: it is bad for certain.
    found = np.divide(odds, rest, out=np.ones_like(odds), where=(rest > 0.0) & (odds < np.inf))
    return np.where(np.isnan(odds), 1.0, found)
