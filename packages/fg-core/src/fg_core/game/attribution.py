"""Who is credited with what: attributions beside the zero-sum pair of team and adversaries."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fg_core.action import AgentAction
from fg_core.forecast import ProbabilisticForecast
from fg_core.record import IssuedForecast
from fg_core.scoring import crps, crps_gaussian

__all__ = ["Counterfactuals", "counterfactuals", "rewards"]


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
    for name, action in zip(names, issued.actions, strict=True):
        if action is None:
            continue
        mean = issued.base + action.delta
        if action.scale is None or action.scale == 0.0:
            found[name] = -abs(target - mean)
        else:
            found[name] = -float(crps_gaussian(mean, action.scale, target))
    for name, forecast in others.without_defender.items():
        found[name] = float(crps(forecast, target)) - score
    for name, cost in others.cost.items():
        without = others.without_adversary.get(name)
        gain = 0.0 if without is None else score - float(crps(without, target))
        found[name] = gain - cost
    return {name: float(np.float64(value)) for name, value in found.items()}
