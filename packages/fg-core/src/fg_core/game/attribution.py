"""Who is credited with what: attributions beside the zero-sum pair of team and adversaries."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fg_core.action import AgentAction
from fg_core.forecast import ProbabilisticForecast
from fg_core.mixture import shares
from fg_core.record import IssuedForecast
from fg_core.scoring import crps
from fg_core.scoring._kernels import gaussian_crps, mixture_crps

__all__ = ["Counterfactuals", "counterfactuals", "rewards", "score_of"]


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
    printed: float,
    unit_cost: float,
    without_doubt: Callable[[Sequence[AgentAction]], ProbabilisticForecast],
    with_print: Callable[[float], ProbabilisticForecast],
) -> Counterfactuals:
    """Return the forecasts that leave out one agent at a time.

    Args:
        hits: The adversaries' actions, after the budget.
        doubts: The defenders' actions.
        printed: The print.
        unit_cost: Cost of an attack of one unit of the series.
        without_doubt: Forecast with these doubts only.
        with_print: Forecast had this been the print, defenders answering to it.
    """
    return Counterfactuals(
        {
            doubt.actor: without_doubt([other for other in doubts if other is not doubt])
            for doubt in doubts
        },
        {hit.actor: with_print(printed - hit.delta) for hit in hits if hit.delta != 0.0},
        {hit.actor: unit_cost * abs(hit.delta) for hit in hits},
    )


def score_of(forecast: ProbabilisticForecast, value: float) -> float:
    """Return the CRPS of a forecast that was checked when it was made."""
    parts = forecast.components
    if parts is None:
        return float(crps(forecast, value))
    weights = shares(parts.weights)
    return float(mixture_crps(weights, parts.means, parts.scales, np.asarray(value)))


def rewards(
    issued: IssuedForecast,
    names: Sequence[str],
    others: Counterfactuals,
    target: float,
    score: float,
) -> dict[str, float]:
    """Return the attribution of one scored forecast, in the unit of the series.

    * a forecaster: minus the CRPS of its own claim (its absolute error where it claims no scale);
    * a defender: the CRPS that it saved, leaving it alone out;
    * an adversary: the CRPS that its hit added, leaving it alone out, less what the hit cost.
    """
    found: dict[str, float] = {}
    said = [(n, a) for n, a in zip(names, issued.actions, strict=True) if a is not None]
    means = np.array([issued.base + action.delta for _, action in said])
    scales = np.array([action.scale or 1.0 for _, action in said])
    own = gaussian_crps(means, scales, target).tolist()
    for (name, action), mean, score_of_own in zip(said, means.tolist(), own, strict=True):
        found[name] = -score_of_own if action.scale else -abs(target - mean)
    for name, forecast in others.without_defender.items():
        found[name] = score_of(forecast, target) - score
    for name, cost in others.cost.items():
        without = others.without_adversary.get(name)
        gain = 0.0 if without is None else score - score_of(without, target)
        found[name] = gain - cost
    return found
