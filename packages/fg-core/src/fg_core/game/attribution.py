"""Who is credited with what: attributions beside the zero-sum pair of team and adversaries."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from fg_core.action import AgentAction
from fg_core.forecast import ProbabilisticForecast
from fg_core.frozen import FrozenMapping
from fg_core.mixture import shares
from fg_core.record import IssuedForecast
from fg_core.scoring import crps
from fg_core.scoring._kernels import gaussian_crps, mixture_crps

__all__ = [
    "Counterfactuals",
    "Reward",
    "counterfactuals",
    "losses_of",
    "print_without",
    "rewards",
    "score_of",
]

Reward = Literal["crps", "error"]
"""What the team is paid by: minus the CRPS, or minus the absolute error of the mean."""


@dataclass(frozen=True)
class Counterfactuals:
    """What the forecast for the first horizon would have been without one agent.

    Args:
        without_defender: By defender.
        without_adversary: By adversary that hit in the round.
        cost: What each adversary's hit cost, by adversary.
    """

    without_defender: Mapping[str, ProbabilisticForecast]
    without_adversary: Mapping[str, ProbabilisticForecast]
    cost: Mapping[str, float]


def counterfactuals(
    hits: Sequence[AgentAction],
    doubts: Sequence[AgentAction],
    *,
    value: float,
    unit_cost: float,
    without_doubt: Callable[[Sequence[AgentAction]], ProbabilisticForecast],
    with_print: Callable[[float], ProbabilisticForecast],
) -> Counterfactuals:
    """Return the forecasts that leave out one agent at a time.

    Args:
        hits: The adversaries' actions, after the budget.
        doubts: The defenders' actions.
        value: What the print would have been without any hit.
        unit_cost: Cost of an attack of one unit of the series.
        without_doubt: Forecast with these doubts only.
        with_print: Forecast had this been the print, defenders answering to it.
    """
    return Counterfactuals(
        FrozenMapping(
            {
                doubt.actor: without_doubt([other for other in doubts if other is not doubt])
                for doubt in doubts
            }
        ),
        FrozenMapping(
            {
                hit.actor: with_print(
                    print_without(value, [other.delta for other in hits if other is not hit])
                )
                for hit in hits
                if hit.delta != 0.0
            }
        ),
        FrozenMapping({hit.actor: unit_cost * abs(hit.delta) for hit in hits}),
    )


def print_without(value: Any, others: Sequence[Any]) -> Any:
    """Return the print that the other hits alone would have left; the value itself without any.

    (To subtract a hit from the print would leave its rounding in it.)
    """
    total: Any = 0.0
    for delta in others:
        total = total + delta
    return value + total


def score_of(forecast: ProbabilisticForecast, value: float) -> float:
    """Return the CRPS of a forecast that was checked when it was made."""
    parts = forecast.components
    if parts is None:
        return float(crps(forecast, value))
    weights = shares(parts.weights)
    return float(mixture_crps(weights, parts.means, parts.scales, np.asarray(value)))


def losses_of(
    forecasts: Sequence[ProbabilisticForecast], value: float, reward: Reward
) -> list[float]:
    """Return what the team loses by forecasts: their CRPS, or the absolute error of their means.

    Mixtures are scored together, the shorter ones filled up with components of weight zero, which
    change no bit.
    """
    if reward == "error":
        return [abs(value - forecast.mean) for forecast in forecasts]
    parts = [one.components for one in forecasts if one.components is not None]
    if len(parts) < max(2, len(forecasts)):
        return [score_of(forecast, value) for forecast in forecasts]
    width = max([one.weights.size for one in parts])
    weights, means = np.zeros((2, len(parts), width))
    scales = np.ones((len(parts), width))
    for i, one in enumerate(parts):
        n = one.weights.size
        weights[i, :n], means[i, :n], scales[i, :n] = shares(one.weights), one.means, one.scales
    found: list[float] = mixture_crps(weights, means, scales, np.full(len(parts), value)).tolist()
    return found


def rewards(
    issued: IssuedForecast,
    names: Sequence[str],
    others: Counterfactuals,
    target: float,
    reward: Reward,
) -> tuple[float, dict[str, float]]:
    """Return the loss by one forecast, and its attribution, in the unit of the series.

    * a forecaster: minus the loss of its own claim (its absolute error where it claims no scale);
    * a defender: the loss that it saved, leaving it alone out;
    * an adversary: the loss that its hit added, leaving it alone out, less what the hit cost.

    Args:
        issued: The forecast.
        names: Of the forecasters.
        others: What it would have been without one of the agents.
        target: The value of its period.
        reward: What the team is paid by.
    """
    found: dict[str, float] = {}
    said = [(n, a) for n, a in zip(names, issued.actions, strict=True) if a is not None]
    means = np.array([issued.base + action.delta for _, action in said])
    scales = np.array([action.scale or 1.0 for _, action in said])
    own = gaussian_crps(means, scales, target).tolist()
    for (name, action), mean, score_of_own in zip(said, means.tolist(), own, strict=True):
        scored = reward == "crps" and action.scale
        found[name] = -score_of_own if scored else -abs(target - mean)
    without = {**others.without_defender, **others.without_adversary}
    loss, *rest = losses_of((issued.forecast, *without.values()), target, reward)
    loss_without = dict(zip(without, rest, strict=True))
    for name in others.without_defender:
        found[name] = loss_without[name] - loss
    for name, cost in others.cost.items():
        gain = loss - loss_without[name] if name in others.without_adversary else 0.0
        found[name] = gain - cost
    return loss, found
