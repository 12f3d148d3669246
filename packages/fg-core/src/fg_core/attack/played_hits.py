"""Games that hit alike in all rounds: what a record's forecasts are for every hit on a grid."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from fg_core.batch import BatchOutputs
from fg_core.game import ForecastGame
from fg_core.game.grid_agents import GridAdversary
from fg_core.game.payoffs import cell_groups, scores_by_origin
from fg_core.game.preparation import Setting
from fg_core.protocols import Defender, World
from fg_core.state import ForecastState

__all__ = ["PlayedHits", "play_hits"]

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class PlayedHits:
    """Forecasts of one horizon by hit; arrays of shape (round, point) or (round, point, ...).

    Args:
        points: Values that were reported, not decreasing along a row, in the unit of the series.
        hits: Hits that counted, in step scales.
        none: Number of the point without a hit.
        nominal: Hits that were asked for, in step scales, shape (point,).
        scores: CRPS by the round that issued the forecast; NaN where no target comes.
        targets: Values that were forecast, shape (round,); NaN likewise.
        weights: Weights of the components.
        means: Means of the components.
        scales: Standard deviations of the components.
        deltas: Changes that the forecasters stated with the print used.
        stated: Standard deviations that they stated.
        horizon: Horizon, in rounds.
        step_scale: One-step scale, in the unit of the series.
        normal: Whether all forecasts are mixtures of normals.
        p_bad: Probability of a bad print that defenders state, shape (round, point).
        doubt_scales: Standard deviation of what the only defender would put in a print's place,
            without a hit, shape (round,), in the unit of the series; NaN where none plays, or
            several do.
    """

    points: Array
    hits: Array
    none: int
    nominal: Array
    scores: Array
    targets: Array
    weights: Array
    means: Array
    scales: Array
    deltas: Array
    stated: Array
    horizon: int
    step_scale: float
    normal: bool
    p_bad: Array
    doubt_scales: Array

    @property
    def earlier_means(self) -> Array:
        """Means of the forecasters' forecasts of each print, made `horizon` rounds before.

        Shape (round, forecaster); NaN in the first rounds, whose prints were forecast before the
        first of them.
        """
        stated = self.points[:, self.none, np.newaxis] + self.deltas[:, self.none]
        return self._earlier(stated)

    @property
    def earlier_scales(self) -> Array:
        """Standard deviations that the pool believed of these, shape (round, forecaster)."""
        return self._earlier(self.scales[:, self.none, : self.deltas.shape[-1]])

    @property
    def earlier_stated(self) -> Array:
        """Standard deviations that the forecasters stated for these, shape (round, forecaster)."""
        return self._earlier(self.stated[:, self.none])

    def _earlier(self, made: Array) -> Array:
        found = np.full(made.shape, np.nan)
        found[self.horizon :] = made[: -self.horizon]
        return found


def play_hits(
    game: ForecastGame,
    initial: ForecastState,
    world: World,
    hits: Array,
    rounds: int | None,
    defenders: tuple[Defender, ...] = (),
) -> dict[int, PlayedHits]:
    """Return what is forecast for every hit of a grid in every round, with these defenders.

    Args:
        game: Game with its settings, seed, number and agents.
        initial: State that the game begins in.
        world: Record that it is played on.
        hits: Hits in step scales, ascending, 0 among them, shape (hit,).
        rounds: Number of rounds; None: as the settings say.
        defenders: Defenders that play.

    Returns:
        Forecasts by horizon.
    """
    config = replace(game.config, attack_cap=np.inf, attack_total=np.inf)
    adversary: Any = GridAdversary(hits)
    registry = replace(game.registry, adversaries=(adversary,), defenders=defenders)
    setting = Setting(config, registry, game.disturbance, True, "crps", attribution=False)
    out: BatchOutputs = ForecastGame(
        config, seed=game.seed, registry=registry, game=game.game
    ).run_groups(
        cell_groups(setting, initial, world, game.game, hits.size, rounds),
        keep=("components", "claims", "doubts"),
        games_per_block=hits.size,
    )
    none = int(np.flatnonzero(hits == 0.0)[0])
    doubt_scales = np.full(out.rounds, np.nan)
    if len(out.doubts) == 1:
        doubt_scales = next(iter(out.doubts.values())).scale[none]
    found = {}
    for h, issued in out.horizons.items():
        kept = (issued.weights, issued.means, issued.scales, issued.deltas, issued.stated_scales)
        weights, means, scales, deltas, stated = (cast(Array, one).swapaxes(0, 1) for one in kept)
        targets = np.full(out.rounds, np.nan)
        targets[: max(0, out.rounds - h + 1)] = out.targets[0, h - 1 :]
        found[h] = PlayedHits(
            out.prints.T,
            out.attacks.T / cast(float, out.step_scale),
            none,
            hits,
            scores_by_origin(out, h),
            targets,
            weights,
            means,
            scales,
            deltas,
            stated,
            h,
            cast(float, out.step_scale),
            issued.shapes is None and issued.calibration is None,
            out.p_bad.T,
            doubt_scales,
        )
    return found
