"""Bayesian weights in worlds whose law is known: what is stated is what happens."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fg_agents.aggregate import BayesianAggregator
from fg_core import AgentAction, ForecastState, SimulationConfig
from fg_core.baselines import RandomWalk
from fg_core.batch import BatchOutputs
from fg_core.game import ForecastGame
from fg_core.game.batch_record import Keep
from fg_core.protocols import Requirement, ScenarioOutcome
from fg_core.registry import AgentRegistry
from fg_core.scoring import pit_mixture
from fg_core.validation import (
    Check,
    clearly_above,
    clearly_below,
    is_off,
    outcome_of,
    uniform_limit,
)

__all__ = ["BayesianCalibration", "StatedLaw"]

Array = NDArray[np.float64]

_TREND, _NOISE, _HORIZON = 0.4, 0.5, 3
_GAMES, _ROUNDS, _LEARNING = 64, 90, 30
_LEVELS = (0.5, 0.8, 0.95)
_START = ForecastState(t=0, value=10.0, exogenous=0.0, hidden_shift=0.0)
_TOO_NARROW = 0.5
_HALF_CORRECTED = 0.64
"""Half the way from what 80 % intervals of half the width cover (.478) to .8."""
_KEPT: tuple[Keep, ...] = ("components",)


@dataclass(frozen=True)
class StatedLaw:
    """A forecaster that states a normal walk with drift, whatever it sees.

    Args:
        name: Name of the forecaster.
        trend: Change that it expects per period.
        noise: Standard deviation of one-step changes that it states.
    """

    name: str
    trend: float
    noise: float

    def act(self, state: ForecastState, horizon: int = 1) -> AgentAction:  # noqa: ARG002
        """Return the change and its scale."""
        return AgentAction(self.name, self.trend * horizon, scale=self.noise * math.sqrt(horizon))


@dataclass(frozen=True)
class BayesianCalibration:
    """The Bayesian pool in a normal walk with drift, one and three steps ahead.

    First with the true law among its forecasters, whose scales are taken as stated, then with
    forecasters that all state half the true scale or less, which are corrected by their errors.
    """

    name: str = "bayesian_calibration"
    description: str = (
        "Bayesian weights where the true law is among the forecasters: on the simplex, and all "
        "with the truth; PIT uniform, intervals cover; scales stated too small are corrected"
    )
    requires: tuple[Requirement, ...] = ()

    def run(self, seed: int) -> ScenarioOutcome:
        """Play 64 games of 90 rounds in each of the two cases."""
        with_truth = _play(
            seed,
            StatedLaw("truth", _TREND, _NOISE),
            StatedLaw("no_trend", -_TREND, _NOISE),
            StatedLaw("too_wide", _TREND, 4.0 * _NOISE),
            RandomWalk(),
            rescale=False,
        )
        narrow = _play(
            seed,
            StatedLaw("narrow", _TREND, _TOO_NARROW * _NOISE),
            StatedLaw("narrower", _TREND, 0.5 * _TOO_NARROW * _NOISE),
            rescale=True,
        )
        checks: list[Check] = []
        figures: dict[str, float] = {}
        for horizon in (1, _HORIZON):
            pits = _pits(with_truth, horizon)
            distance, limit = _distance(pits), uniform_limit(pits.size)
            steps = f"{horizon} step{'s' if horizon > 1 else ''} ahead"
            checks.append(
                Check(
                    f"PIT is uniform {steps}", distance <= limit, f"{distance:.4f} of {limit:.4f}"
                )
            )
            figures[f"pit_distance_{horizon}"] = distance
            for level in _LEVELS:
                inside = np.abs(pits - 0.5) <= 0.5 * level
                checks.append(
                    Check(
                        f"intervals of {level:.0%} cover {steps}",
                        not is_off(inside.astype(float), level),
                        f"{inside.mean():.4f}",
                    )
                )
                figures[f"coverage_{level * 100:.0f}_{horizon}"] = float(inside.mean())
        weights = with_truth.weights[1]
        truth = np.asarray(weights[:, 0])
        corrected = (np.abs(_pits(narrow, 1) - 0.5) <= 0.4).mean(axis=1)
        checks += [
            _on_simplex(with_truth),
            Check(
                "the weight of the truth is above that of all others together",
                clearly_above(truth, 0.5),
                f"{truth.mean():.3f} on average",
            ),
            Check(
                "a forecaster with the trend reversed has hardly any weight",
                clearly_below(np.asarray(weights[:, 1]), 0.05),
                f"{weights[:, 1].mean():.4f} on average",
            ),
            Check(
                "scales stated too small are corrected for the most part, and not beyond",
                clearly_above(corrected, _HALF_CORRECTED) and not clearly_above(corrected, 0.84),
                f"{corrected.mean():.3f}",
            ),
        ]
        figures |= {"weight_of_truth": float(truth.mean()), "corrected": float(corrected.mean())}
        return outcome_of(checks, figures)


def _play(seed: int, *forecasters: object, rescale: bool) -> BatchOutputs:
    config = SimulationConfig(
        horizon=_ROUNDS,
        base_trend=_TREND,
        base_noise_std=_NOISE,
        horizons=(1, _HORIZON),
        disturbance_prob=0.0,
    )
    agents = AgentRegistry(tuple(forecasters), aggregator=BayesianAggregator(rescale=rescale))  # type: ignore[arg-type]
    game = ForecastGame(config, seed=seed, registry=agents)
    return game.run_batch(_START, _GAMES, disturbed=False, keep=_KEPT)


def _pits(out: BatchOutputs, horizon: int) -> Array:
    """Return PITs after the first rounds, (game, forecast), of forecasts that do not overlap."""
    arrays = out.horizons[horizon]
    assert arrays.weights is not None
    assert arrays.means is not None
    assert arrays.scales is not None
    origins = slice(_LEARNING, _ROUNDS - horizon + 1, horizon)
    targets = out.targets[:, horizon - 1 :][:, origins]
    return np.asarray(
        pit_mixture(
            arrays.weights[:, origins], arrays.means[:, origins], arrays.scales[:, origins], targets
        )
    )


def _distance(pits: Array) -> float:
    """Return how far numbers are from uniform on [0, 1]: Kolmogorov and Smirnov's D."""
    ordered = np.sort(pits.ravel())
    n = len(ordered)
    steps = np.arange(1, n + 1) / n
    return float(max((steps - ordered).max(), (ordered - steps + 1.0 / n).max()))


def _on_simplex(out: BatchOutputs) -> Check:
    """Return the assertion that all weights, of every round and at the end, are on the simplex."""
    found = [np.asarray(weights) for weights in out.weights.values()]
    found += [arrays.weights for arrays in out.horizons.values() if arrays.weights is not None]
    lowest = min(float(weights.min()) for weights in found)
    gap = max(float(np.abs(weights.sum(axis=-1) - 1.0).max()) for weights in found)
    return Check(
        "weights of every round are on the simplex",
        lowest >= 0.0 and gap <= 1e-9,
        f"lowest {lowest:g}, sums off by {gap:g}",
    )
