"""What scenarios of simulated games share: where they begin, and assertions about every record."""

from __future__ import annotations

import math

import numpy as np

from fg_core.batch import BatchOutputs
from fg_core.state import ForecastState
from fg_core.validation.checks import Check

__all__ = ["START", "all_scored", "budget_kept", "mean_absolute", "naive_errors", "optimal_error"]

START = ForecastState(t=0, value=10.0, exogenous=0.0, hidden_shift=0.0)
"""State that every simulated game begins in."""


def optimal_error(noise_std: float) -> float:
    """Return the mean absolute error of a forecaster that knows all but the noise.

    Args:
        noise_std: Standard deviation of the normal noise.

    Returns:
        sqrt(2 / pi) times the standard deviation, in its unit.
    """
    return noise_std * math.sqrt(2.0 / math.pi)


def mean_absolute(out: BatchOutputs) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return the mean absolute error of each game, shape (game,), in the unit of the series."""
    return np.asarray(np.abs(out.errors).mean(axis=1))


def naive_errors(out: BatchOutputs) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return the error of "as it is now" in each game, from true values, as `mean_absolute`."""
    return np.asarray(np.abs(out.targets - out.values).mean(axis=1))


def all_scored(out: BatchOutputs, rounds: int) -> Check:
    """Return the assertion that every round was played, forecast and scored."""
    arrays = (out.targets, out.means, out.variances, out.errors, out.crps)
    finite = all(np.isfinite(one).all() for one in arrays)
    return Check(
        f"all {rounds} rounds are played and scored, with finite numbers",
        out.rounds == rounds and finite and bool((out.variances > 0.0).all()),
        f"{out.rounds} rounds, finite: {finite}",
    )


def budget_kept(out: BatchOutputs) -> Check:
    """Return the assertion that adversaries kept to their budget, and hit at all."""
    hits = np.abs(out.attacks) / out.step_scale
    largest, total = float(hits.max()), float(hits.sum(axis=1).max())
    slack = 1.0 + 1e-9
    return Check(
        "adversaries hit, and keep to the cap and the total of their budget",
        0.0 < largest <= out.config.attack_cap * slack and total <= out.config.attack_total * slack,
        f"largest hit {largest:.6g} of {out.config.attack_cap:g}, "
        f"total {total:.6g} of {out.config.attack_total:g}",
    )
