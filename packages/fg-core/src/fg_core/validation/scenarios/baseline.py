"""The clean game: nature and adversaries rest, and forecasts are about as good as can be."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fg_core.config import SimulationConfig
from fg_core.game import ForecastGame
from fg_core.game.batch_record import Keep
from fg_core.protocols import Requirement, ScenarioOutcome
from fg_core.validation.checks import Check, outcome_of
from fg_core.validation.evidence import clearly_above, clearly_below

from .common import START, all_scored, mean_absolute, naive_errors, optimal_error

__all__ = ["BaselineSynthetic"]

_ROUNDS, _GAMES = 80, 64
_EXCESS = 1.1
_KEPT: tuple[Keep, ...] = ("components",)
_LOW, _HIGH = 0.76, 0.84


@dataclass(frozen=True)
class BaselineSynthetic:
    """The baselines and their pool in an undisturbed world, whose best possible error is known.

    Forecasts may be up to 10 % worse than those of a forecaster that knows the law of the world,
    and must not be better: that would be a look ahead.
    """

    name: str = "baseline_synthetic"
    description: str = (
        "a clean simulated world: errors near the best possible and none below it, better than "
        "the naive forecast, intervals as wide as they say"
    )
    requires: tuple[Requirement, ...] = ()

    def run(self, seed: int) -> ScenarioOutcome:
        """Play 64 games of 80 rounds."""
        config = SimulationConfig(horizon=_ROUNDS)
        out = ForecastGame(config, seed=seed).run_batch(START, _GAMES, disturbed=False, keep=_KEPT)
        best = optimal_error(config.base_noise_std)
        errors = mean_absolute(out)
        quantiles = out.first.quantiles([0.1, 0.9])
        inside = (quantiles[..., 0] <= out.targets) & (out.targets <= quantiles[..., 1])
        coverage = inside.mean(axis=1)
        ratio, cover = float(errors.mean()) / best, float(coverage.mean())
        checks = (
            all_scored(out, _ROUNDS),
            Check(
                "nothing is disturbed or tampered with",
                not out.attacks.any()
                and not out.disturbances.any()
                and np.array_equal(out.prints, out.values),
            ),
            Check(
                "the mean absolute error is at most 10 % above the best possible one",
                not clearly_above(errors, _EXCESS * best),
                f"{ratio:.3f} times it",
            ),
            Check(
                "no error is below the best possible one on average",
                not clearly_below(errors, best),
                f"{ratio:.3f} times it",
            ),
            Check(
                "the pool is better than the naive forecast",
                clearly_above(naive_errors(out) - errors),
                f"{errors.mean():.4f} against {naive_errors(out).mean():.4f}",
            ),
            Check(
                "intervals of 80 % cover 76 % to 84 %",
                not clearly_below(coverage, _LOW) and not clearly_above(coverage, _HIGH),
                f"{cover:.3f}",
            ),
        )
        figures = {"mae": float(errors.mean()), "mae_to_best": ratio, "coverage_80": cover}
        return outcome_of(checks, figures)
