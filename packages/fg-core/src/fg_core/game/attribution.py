"""Credits of agents: attributions beside the zero-sum pair of team and adversaries.

* A forecaster: minus the loss of its own forecast (its absolute error where it states no scale).
* A defender: the loss that it saved, by the forecast without it alone.
* An adversary: the loss that its hit added, by the forecast without it alone, less its cost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from fg_core.batch import ForecastArrays, MixtureArrays
from fg_core.distributions import own_crps
from fg_core.scoring._kernels import gaussian_crps, mixture_crps

from .team import ExpertForecasts

__all__ = ["Counterfactuals", "Reward", "credits_of", "losses_of"]

Reward = Literal["crps", "error"]
"""Reward of the team: minus the CRPS, or minus the absolute error of the mean."""

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Counterfactuals:
    """Forecasts for the first horizon as they would have been without one agent.

    Args:
        without: Forecasts by the agent that they are without; an adversary that hit nowhere is not
            in it.
        cost: Cost of each adversary's hits, by adversary, shape (game,).
    """

    without: Mapping[str, MixtureArrays]
    cost: Mapping[str, Array]


def losses_of(forecasts: Sequence[MixtureArrays], value: Array, reward: Reward) -> list[Array]:
    """Return losses of the team: CRPS, or the absolute error of the mean, shape (game,) each.

    Mixtures of normals are scored together, the shorter ones filled up with components of weight
    zero, which change no bit.

    Args:
        forecasts: Forecasts of the same games.
        value: Value that they were for, shape (game,), in the unit of the series.
        reward: Loss that the team is paid by: "crps" or "error".

    Returns:
        Losses of each forecast, shape (game,), at least 0, in the unit of the series.
    """
    if reward == "error":
        return [np.asarray(np.abs(value - one.mean)) for one in forecasts]
    for forecast in forecasts:
        if forecast.shapes is not None:
            return [one.crps(value) for one in forecasts]
    if len(forecasts) == 1 or value.shape[0] > 1:
        return [mixture_crps(one.shares, one.means, one.scales, value) for one in forecasts]
    # The few numbers of a single game: one pass over all forecasts.
    width = max([one.means.shape[1] for one in forecasts])
    weights, means, scales = np.zeros((3, len(forecasts), width))
    scales.fill(1.0)
    for i, one in enumerate(forecasts):
        n = one.means.shape[1]
        weights[i, :n], means[i, :n], scales[i, :n] = one.shares[0], one.means[0], one.scales[0]
    found = mixture_crps(weights, means, scales, value.repeat(len(forecasts)))
    return list(found[:, np.newaxis])


def credits_of(
    issued: MixtureArrays,
    experts: ExpertForecasts,
    names: Sequence[str],
    others: Counterfactuals,
    value: Array,
    reward: Reward,
) -> tuple[Array, dict[str, Array]]:
    """Return the loss by a forecast, and the credit of every agent, shape (game,) each.

    Args:
        issued: Forecast that was issued.
        experts: Expert forecasts, with the reported value used.
        names: Names of the forecasters.
        others: Forecasts as they would have been without one of the agents.
        value: Value that was forecast, shape (game,), in the unit of the series.
        reward: Loss that the team is paid by: "crps" or "error".

    Returns:
        Loss, and credits by name of the agent, shape (game,) each, in the unit of the series. The
        credit of a forecaster is its own loss with the sign turned, that of another agent the loss
        that it saved (for an adversary: caused, less its cost).
    """
    found: dict[str, Any] = {}
    own = -_own_losses(experts.forecast_arrays, value, reward)
    for i, name in enumerate(names):
        found[name] = own[:, i]
    loss, *rest = losses_of((issued, *others.without.values()), value, reward)
    for name, without in zip(others.without, rest, strict=True):
        saved = without - loss
        found[name] = saved if name not in others.cost else -saved - others.cost[name]
    for name, cost in others.cost.items():
        if name not in others.without:
            found[name] = 0.0 - cost
    return loss, found


def _own_losses(forecast_arrays: ForecastArrays, value: Array, reward: Reward) -> Array:
    means, stated, y = forecast_arrays.means, forecast_arrays.stated_scales, value[:, np.newaxis]
    if reward == "error":
        return np.asarray(np.abs(y - means))
    plain = np.isnan(stated) | (stated == 0.0)
    if forecast_arrays.shapes is None and not np.count_nonzero(plain):
        return gaussian_crps(means, stated, y)
    scales = np.where(plain, 1.0, stated)
    own = gaussian_crps(means, scales, y)
    if forecast_arrays.shapes is not None:
        own = np.where(
            forecast_arrays.shapes.stated, own_crps(means, scales, forecast_arrays.shapes, y), own
        )
    return np.where(plain, np.abs(y - means), own)
