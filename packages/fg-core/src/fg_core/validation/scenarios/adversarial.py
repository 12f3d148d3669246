"""The disturbed and attacked game: nature keeps to its law, adversaries to their budget."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from fg_core.batch import BatchOutputs
from fg_core.config import SimulationConfig
from fg_core.game import ForecastGame
from fg_core.protocols import Requirement, ScenarioOutcome
from fg_core.registry import default_agent_factory
from fg_core.validation.checks import Check, outcome_of
from fg_core.validation.evidence import clearly_above, is_off

from .common import START, all_scored, budget_kept, mean_absolute, naive_errors

__all__ = ["AdversarialScenario", "drift", "gaussian", "regime_shift"]

Array = NDArray[np.float64]
Law = Callable[[BatchOutputs, Array], tuple[Check, ...]]

_ROUNDS, _GAMES = 80, 64
_PRESSURE_KEPT, _PRESSURE_TAKEN, _EFFECT = 0.6, 0.2, 0.4
_EVERY, _SIZE = 12, 0.8
_RATE, _CEILING = 0.03, 3.0


@dataclass(frozen=True)
class AdversarialScenario:
    """One way of nature to disturb the world, with the fixed adversary and a dampening defender.

    Args:
        name: Name of the scenario.
        description: What is checked, in one line.
        model: Plugin name of the disturbance.
        probability: Probability of a disturbance in a round.
        law: Assertions of the documented law of the disturbances, given the record and the
            exogenous pressure at the start of each round.
        requires: Nothing.
    """

    name: str
    description: str
    model: str
    probability: float
    law: Law
    requires: tuple[Requirement, ...] = ()

    def run(self, seed: int) -> ScenarioOutcome:
        """Play 64 games of 80 rounds clean, disturbed, and disturbed and attacked."""
        config = SimulationConfig(
            horizon=_ROUNDS,
            disturbance_model=self.model,
            disturbance_prob=self.probability,
            defense_model="dampening",
        )
        agents = default_agent_factory(config)
        alone = ForecastGame(config, seed=seed, registry=replace(agents, adversaries=()))
        clean = alone.run_batch(START, _GAMES, disturbed=False)
        nature = alone.run_batch(START, _GAMES)
        attacked = ForecastGame(config, seed=seed, registry=agents).run_batch(START, _GAMES)
        pressure = _pressure(nature.disturbances)
        noise = (
            nature.targets
            - nature.values
            - config.base_trend
            - _EFFECT * pressure
            - nature.disturbances
        )
        worse = (attacked.crps - clean.crps).mean(axis=1)
        first = np.where(
            nature.disturbances.any(axis=1), (nature.disturbances != 0.0).argmax(axis=1), _ROUNDS
        )
        before = np.arange(_ROUNDS) <= first[:, None]
        naive = naive_errors(attacked)
        crps = attacked.crps.mean(axis=1)
        checks = (
            all_scored(attacked, _ROUNDS),
            *self.law(nature, pressure),
            Check(
                "the world moves by trend, pressure, disturbance and noise of the stated size",
                not is_off(noise, 0.0) and not is_off(noise**2, config.base_noise_std**2),
                f"mean {noise.mean():.5f}, standard deviation {noise.std():.5f}",
            ),
            Check(
                "an attack does not move the world",
                np.array_equal(attacked.targets, nature.targets)
                and np.array_equal(attacked.disturbances, nature.disturbances),
            ),
            Check(
                "no forecast knows of a disturbance before it has come, to the last bit",
                np.array_equal(nature.means[before], clean.means[before])
                and bool((first < _ROUNDS).all()),
                f"first disturbances in rounds {first.min()} to {first.max()}",
            ),
            budget_kept(attacked),
            Check(
                "disturbed and attacked forecasts are worse than clean ones",
                clearly_above(worse),
                f"CRPS {worse.mean():+.4f}",
            ),
            Check(
                "they are better than the naive forecast from true values",
                clearly_above(naive - crps),
                f"CRPS {crps.mean():.4f} against an absolute error of {naive.mean():.4f}",
            ),
        )
        figures = {
            "mae_clean": float(mean_absolute(clean).mean()),
            "mae_disturbed": float(mean_absolute(nature).mean()),
            "mae_attacked": float(mean_absolute(attacked).mean()),
            "crps_clean": float(clean.crps.mean()),
            "crps_attacked": float(attacked.crps.mean()),
        }
        return outcome_of(checks, figures)


def gaussian() -> AdversarialScenario:
    """Return the scenario of normal shocks that come now and then."""
    return AdversarialScenario(
        "adversarial_gaussian",
        "normal shocks and an adversary: shocks by their law, hits within the budget, no forecast "
        "before its time, and an error that shows both",
        "gaussian",
        0.2,
        _gaussian_law,
    )


def regime_shift() -> AdversarialScenario:
    """Return the scenario of breaks at regular dates."""
    return AdversarialScenario(
        "adversarial_regime_shift",
        "a break every 12th period and an adversary: breaks by their law, hits within the budget, "
        "no forecast before its time, and an error that shows both",
        "regime_shift",
        1.0,
        _regime_law,
    )


def drift() -> AdversarialScenario:
    """Return the scenario of a push that grows."""
    return AdversarialScenario(
        "adversarial_drift",
        "a push that grows and an adversary: pushes by their law, hits within the budget, no "
        "forecast before its time, and an error that shows both",
        "drift",
        0.2,
        _drift_law,
    )


def _pressure(disturbances: Array) -> Array:
    """Return the exogenous pressure at the start of each round, shape (game, round)."""
    found = np.zeros_like(disturbances)
    for i in range(1, disturbances.shape[1]):
        found[:, i] = _PRESSURE_KEPT * found[:, i - 1] + _PRESSURE_TAKEN * disturbances[:, i - 1]
    return found


def _gaussian_law(out: BatchOutputs, pressure: Array) -> tuple[Check, ...]:  # noqa: ARG001
    fired = out.disturbances != 0.0
    sizes = out.disturbances[fired]
    scale = out.config.disturbance_scale * out.config.adversarial_intensity
    return (
        Check(
            "shocks come with the probability of the settings",
            not is_off(fired.astype(float), out.config.disturbance_prob),
            f"{fired.mean():.4f}",
        ),
        Check(
            "shocks have mean 0 and the standard deviation of the settings",
            not is_off(sizes, 0.0) and not is_off(sizes**2, scale**2),
            f"mean {sizes.mean():.4f}, standard deviation {sizes.std():.4f}",
        ),
    )


def _regime_law(out: BatchOutputs, pressure: Array) -> tuple[Check, ...]:  # noqa: ARG001
    due = np.arange(out.rounds) % _EVERY == 0
    due[0] = False
    breaks = out.disturbances[:, due]
    size = _SIZE * out.config.adversarial_intensity
    return (
        Check(
            "breaks come every 12th period and at no other, of one size",
            bool((np.abs(breaks) == size).all()) and not out.disturbances[:, ~due].any(),
            f"sizes {np.abs(breaks).min():g} to {np.abs(breaks).max():g}",
        ),
        Check(
            "breaks go up and down with even odds",
            not is_off((breaks > 0.0).astype(float), 0.5),
            f"{(breaks > 0.0).mean():.3f} go up",
        ),
    )


def _drift_law(out: BatchOutputs, pressure: Array) -> tuple[Check, ...]:
    fired = out.disturbances != 0.0
    sizes = np.minimum(_RATE * (np.arange(out.rounds) + 1.0), _CEILING)
    expected = np.where(pressure >= 0.0, sizes, -sizes) * out.config.adversarial_intensity
    gap = float(np.abs(out.disturbances - expected)[fired].max(initial=0.0))
    return (
        Check(
            "pushes come with the probability of the settings",
            not is_off(fired.astype(float), out.config.disturbance_prob),
            f"{fired.mean():.4f}",
        ),
        Check(
            "pushes grow with time, in the direction of the pressure",
            bool(fired.any()) and gap <= 1e-9,
            f"largest gap {gap:g}",
        ),
    )
