"""What happens in one round of many games, and the arithmetic of its forecasts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

import numpy as np
from numpy.typing import NDArray

from fg_core.batch import MixtureArrays, StateArrays
from fg_core.batch.panel import columns, for_all
from fg_core.protocols import Suspicion
from fg_core.scoring._kernels import mixture_crps

from .array_team import ArrayClaim
from .doubt import combined

__all__ = ["ArrayRound", "DoubtArrays", "ResponseArrays", "mixed", "score_of"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class DoubtArrays:
    """The combined doubt of each game; `doubtful` where it changes anything (None: everywhere)."""

    delta: Array
    p_bad: Array
    scale: Array
    doubtful: NDArray[np.bool_] | None

    @classmethod
    def of(cls, doubts: Sequence[Suspicion], n_games: int) -> Self | None:
        """Return the doubt of all defenders together; None where there are none."""
        if not doubts:
            return None
        parts = [(one.delta, one.p_bad, one.scale) for one in doubts]
        delta, p_bad, scale = (for_all(part, n_games) for part in combined(parts))
        if np.count_nonzero(p_bad) == np.count_nonzero(scale) == n_games:
            return cls(delta, p_bad, scale, None)
        doubtful = (p_bad != 0.0) & ((delta != 0.0) | (scale != 0.0))
        return cls(delta, p_bad, scale, doubtful)


@dataclass(frozen=True)
class ResponseArrays:
    """What everyone downstream of the adversaries makes of one print a game."""

    observation: StateArrays
    used: dict[int, ArrayClaim]
    doubts: tuple[Suspicion, ...]
    doubt: DoubtArrays | None


@dataclass(frozen=True)
class ArrayRound:
    """What happened in one round of many games; arrays of shape (game,).

    Args:
        after: The world's states after the round.
        printed: The prints.
        attack: What the adversaries added, in the unit of the series.
        cost: What that cost them.
        disturbance: What nature did, in the unit of the series.
        p_bad: The defenders' combined probability that the print was bad.
        used: By horizon, what the forecasters said with the print used.
        issued: The forecasts issued, by horizon.
        scored: By horizon of a forecast that fell due, its score and its error.
        credit: Attribution by agent, where it was asked for and something fell due.
    """

    after: StateArrays
    printed: Array
    attack: Array
    cost: Array
    disturbance: Array
    p_bad: Array
    used: Mapping[int, ArrayClaim]
    issued: Mapping[int, MixtureArrays]
    scored: Mapping[int, tuple[Array, Array]]
    credit: Mapping[str, Array]


def score_of(forecast: MixtureArrays, value: Array) -> Array:
    """Return the CRPS of the forecasts."""
    return mixture_crps(forecast.shares, forecast.means, forecast.scales, value)


def mixed(used: MixtureArrays, replaced: MixtureArrays, p_bad: Array) -> MixtureArrays:
    """Return the mixture of both branches; components of weight zero change no bit."""
    n_games, k = used.means.shape
    weights, means, scales = (columns(n_games, 2 * k) for _ in range(3))
    p = p_bad[:, np.newaxis]
    # In place; the rule is `branch_weights`.
    np.multiply(1.0 - p, used.weights, out=weights[:, :k])
    np.multiply(p, replaced.weights, out=weights[:, k:])
    means[:, :k], means[:, k:] = used.means, replaced.means
    scales[:, :k], scales[:, k:] = used.scales, replaced.scales
    labels = _branch_labels(tuple(used.labels), tuple(replaced.labels))
    return MixtureArrays(weights, means, scales, labels)


@lru_cache(maxsize=64)
def _branch_labels(used: tuple[str, ...], replaced: tuple[str, ...]) -> tuple[str, ...]:
    return (*used, *(f"{label}|replaced" for label in replaced))
