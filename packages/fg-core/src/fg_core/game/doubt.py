r"""How the doubts of several defenders become one, and what a doubt does to a forecast.

Deltas add, probabilities combine as $p = 1 - \prod_i (1 - p_i)$, scales add in quadrature. A
plain correction has $p = 1$. The forecast is then a mixture of two branches: the reported value
used, with weight $1 - p$, and the reported value replaced by itself plus `delta`, with weight $p$.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from fg_core import distributions
from fg_core.batch import MixtureArrays
from fg_core.batch.panel import columns, for_all

__all__ = ["Doubt", "mix_branches"]

Array = NDArray[np.float64]


_NONE = np.zeros(1, dtype=np.bool_)


@dataclass(frozen=True, eq=False)
class Doubt:
    """The doubt about the newest reported value in each of many games.

    Args:
        delta: How far to move the value, in the unit of the series; shape (game,) or one number.
        p_bad: Probability that the value is false, in [0, 1].
        scale: Standard deviation of what would take its place, in the unit of the series.
        doubtful: Games in which it changes anything, shape (game,); None: all.

    >>> float(Doubt.of([Doubt(-1.0, 0.5, 3.0), Doubt(0.5, 0.5, 4.0)], 1).p_bad[0])
    0.75
    """

    delta: Any
    p_bad: Any
    scale: Any
    doubtful: NDArray[np.bool_] | None = None

    @classmethod
    def of(cls, doubts: Sequence[Doubt], n: int) -> Self | None:
        """Return the doubt of all defenders together; None where there are none.

        Args:
            doubts: One per defender.
            n: How many games.
        """
        if not doubts:
            return None
        only = doubts[0]
        parts = (only.delta, only.p_bad, only.scale)
        if n == len(doubts) == 1 and all(isinstance(one, np.ndarray) for one in parts):
            idle = only.p_bad[0] == 0.0 or (only.delta[0] == 0.0 and only.scale[0] == 0.0)
            return cls(only.delta, only.p_bad, only.scale, _NONE if idle else None)
        delta, p_bad, scale = (for_all(part, n) for part in _combined(doubts))
        if np.count_nonzero(p_bad) == np.count_nonzero(scale) == n:
            return cls(delta, p_bad, scale, None)
        doubtful = (p_bad != 0.0) & ((delta != 0.0) | (scale != 0.0))
        return cls(delta, p_bad, scale, doubtful)

    @property
    def is_idle(self) -> bool:
        """Whether it changes nothing in any game."""
        return self.doubtful is not None and np.count_nonzero(self.doubtful) == 0


def _combined(doubts: Sequence[Doubt]) -> tuple[Any, Any, Any]:
    if len(doubts) == 1:
        only = doubts[0]
        return only.delta, only.p_bad, only.scale
    delta, good, variance = 0.0, 1.0, 0.0
    for one in doubts:
        delta = delta + one.delta
        good = good * (1.0 - one.p_bad)
        variance = variance + one.scale * one.scale
    return delta, 1.0 - good, np.sqrt(variance)


def mix_branches(used: MixtureArrays, replaced: MixtureArrays, p_bad: Array) -> MixtureArrays:
    """Return the mixture of the forecasts that use the value and of those that replace it.

    Components of the second branch are labelled `name|replaced`. Components of weight zero change
    no bit of any score.

    Args:
        used: Forecasts with the reported value used.
        replaced: Forecasts with the reported value replaced.
        p_bad: Weight of the second branch, shape (game,).
    """
    (n, k), m = used.means.shape, replaced.means.shape[1]
    labels = _branch_labels(tuple(used.labels), tuple(replaced.labels))
    if n == 1 and p_bad[0] == 1.0:
        alone = (replaced.weights, replaced.means, replaced.scales)
        return used.calibrating(
            MixtureArrays(*alone, labels[k:], replaced.present, shapes=replaced.shapes)
        )
    shapes = used.shapes
    if shapes is not None or replaced.shapes is not None:
        shapes = distributions.beside_each_other(shapes, k, replaced.shapes, m)
    if n == 1 and used.present is None and replaced.present is None:
        p = float(p_bad[0])
        branches = (
            ((1.0 - p) * used.weights[0], p * replaced.weights[0]),
            (used.means[0], replaced.means[0]),
            (used.scales[0], replaced.scales[0]),
        )
        both = [np.concatenate(one)[np.newaxis] for one in branches]
        return used.calibrating(MixtureArrays(both[0], both[1], both[2], labels, shapes=shapes))
    weights, means, scales = (columns(n, k + m) for _ in range(3))
    bad = p_bad[:, np.newaxis]
    np.multiply(1.0 - bad, used.weights, out=weights[:, :k])
    np.multiply(bad, replaced.weights, out=weights[:, k:])
    means[:, :k], means[:, k:] = used.means, replaced.means
    scales[:, :k], scales[:, k:] = used.scales, replaced.scales
    present = None
    if used.present is not None or replaced.present is not None:
        present = np.ones((n, k + m), dtype=np.bool_)
        present[:, :k] = True if used.present is None else used.present
        present[:, k:] = True if replaced.present is None else replaced.present
    return used.calibrating(MixtureArrays(weights, means, scales, labels, present, shapes=shapes))


@lru_cache(maxsize=64)
def _branch_labels(used: tuple[str, ...], replaced: tuple[str, ...]) -> tuple[str, ...]:
    return (*used, *(f"{label}|replaced" for label in replaced))
