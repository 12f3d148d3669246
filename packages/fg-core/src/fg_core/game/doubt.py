r"""How the doubts of several defenders become one, and what it does to a forecast.

Deltas add, probabilities combine as $p = 1 - \prod_i (1 - p_i)$, scales add in quadrature. A
plain correction has $p = 1$. The forecast is then a mixture of two branches: the print used, with
weight $1 - p$, and the print replaced by `print + delta`, with weight $p$.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fg_core.action import AgentAction
from fg_core.forecast import Components, ProbabilisticForecast
from fg_core.pooling.forecast import mixture_forecast

__all__ = [
    "NO_DOUBT",
    "Doubt",
    "branch_weights",
    "combine_doubts",
    "combined",
    "mix_branches",
    "shifted",
]


@dataclass(frozen=True)
class Doubt:
    """A combined doubt: how far to move the print, how probably it is bad, how uncertain that is.

    >>> Doubt(0.0, 0.7, 0.0).is_idle
    True
    """

    delta: float
    p_bad: float
    scale: float

    @property
    def is_idle(self) -> bool:
        """Whether it changes nothing: no probability, or a replacement equal to the print."""
        return self.p_bad == 0.0 or (self.delta == 0.0 and self.scale == 0.0)


NO_DOUBT = Doubt(0.0, 0.0, 0.0)


def combine_doubts(actions: Sequence[AgentAction]) -> Doubt:
    """Return the doubt of all defenders together; see the module for the rule.

    >>> both = (AgentAction("a", -1.0, scale=3.0, p_bad=0.5), AgentAction("b", 0.5, scale=4.0,
    ...     p_bad=0.5))
    >>> combine_doubts(both)
    Doubt(delta=-0.5, p_bad=0.75, scale=5.0)
    """
    parts = [
        (action.delta, 1.0 if action.p_bad is None else action.p_bad, action.scale or 0.0)
        for action in actions
    ]
    delta, p_bad, scale = combined(parts)
    return Doubt(delta, p_bad, float(scale))


def combined(parts: Iterable[tuple[Any, Any, Any]]) -> tuple[Any, Any, Any]:
    """Return delta, probability and scale of doubts together; numbers, or arrays of games."""
    parts = tuple(parts)
    if len(parts) == 1:
        return parts[0]
    delta, good, variance = 0.0, 1.0, 0.0
    for own_delta, p_bad, scale in parts:
        delta = delta + own_delta
        good = good * (1.0 - p_bad)
        variance = variance + scale * scale
    return delta, 1.0 - good, np.sqrt(variance)


def branch_weights(
    used: NDArray[np.float64], replaced: NDArray[np.float64], p_bad: Any
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the weights of both branches' components in their mixture."""
    return (1.0 - p_bad) * used, p_bad * replaced


def _parts(forecast: ProbabilisticForecast) -> Components:
    if forecast.components is not None:
        return forecast.components
    return Components([1.0], [forecast.mean], [max(forecast.scale, 1e-300)], ("pool",))  # type: ignore[arg-type]


def shifted(forecast: ProbabilisticForecast, bias: float) -> ProbabilisticForecast:
    """Return the forecast moved by `bias`; the very same one if that is zero."""
    if bias == 0.0:
        return forecast
    parts = _parts(forecast)
    moved = mixture_forecast(parts.weights, parts.means + bias, parts.scales, parts.labels)
    return forecast.calibrating(moved)


def mix_branches(
    used: ProbabilisticForecast, replaced: ProbabilisticForecast, p_bad: float
) -> ProbabilisticForecast:
    """Return the mixture of the forecast that uses the print and the one that replaces it.

    Components of the second branch are labelled `name|replaced`.
    """
    first, second = _parts(used), _parts(replaced)
    labels = tuple(f"{label}|replaced" for label in second.labels)
    if p_bad == 1.0:
        alone = mixture_forecast(second.weights, second.means, second.scales, labels)
        return used.calibrating(alone)
    both = mixture_forecast(
        np.concatenate(branch_weights(first.weights, second.weights, p_bad)),
        np.concatenate([first.means, second.means]),
        np.concatenate([first.scales, second.scales]),
        (*first.labels, *labels),
    )
    return used.calibrating(both)
