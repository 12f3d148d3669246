r"""Joins a made-up path to a real history, on level and date.

Let $y_J$ be the last real value, $m$ and $s$ mean and standard deviation of the real values up to
it, $z_k$ the made-up path in standard deviations with $z_0$ at $y_J$, and $f_k = 2^{-k / h}$ with
a half-life $h$. The path that is added is

$$d_k = z_k - f_k z_0,$$

zero at the join and free of where the path happened to begin after a few half-lives. Then

- *extend*: $y_{J+k} = m + f_k (y_J - m) + w s d_k$: history fades to its mean, and the path takes
  over;
- *stress*: $y'_{J+k} = y_{J+k} + w s d_k$: what really happened, and the path on top of it,

with the weight $w$ (1: as large as the series' own past). A level (an index, dollars) has no mean:
there the same is done to its log growth, and levels follow from $y_J$ by adding growth up. So there
is no jump at the join, in either case, beyond a step of the usual size.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from fg_core import DataError

__all__ = ["MIN_REAL", "extended", "stressed"]

MIN_REAL = 20
"""Fewest real values before the join: mean and standard deviation are taken from them."""


def extended(
    past: Sequence[float],
    path: Sequence[float],
    *,
    weight: float,
    half_life: float,
    is_level: bool,
) -> tuple[float, ...]:
    """Return values that continue a history.

    Args:
        past: Real values, oldest first, at least `MIN_REAL`.
        path: Made-up path in standard deviations; the first stands at the last real value, so one
            more than values are wanted.
        weight: Weight of the path.
        half_life: Half-life in periods, above 0.
        is_level: Whether growth is continued rather than values.

    Returns:
        One value per number of `path` after the first, in the unit of `past`.

    Raises:
        DataError: Too few real values, or a level that is not positive.

    >>> flat = [2.0, 4.0] * 10
    >>> [round(v, 3) for v in extended(flat, [1.0, 1.0, 1.0], weight=0.0, half_life=1.0,
    ...                                is_level=False)]
    [3.5, 3.25]
    """
    done = _log_growth(past) if is_level else list(past)
    mean, sd = _moments(done)
    added = _added(path, weight * sd, half_life)
    fades = [2.0 ** (-k / half_life) for k in range(1, len(path))]
    values = [
        mean + fade * (done[-1] - mean) + more for fade, more in zip(fades, added, strict=True)
    ]
    return _levels(past[-1], values) if is_level else tuple(values)


def stressed(
    past: Sequence[float],
    real: Sequence[float],
    path: Sequence[float],
    *,
    weight: float,
    half_life: float,
    is_level: bool,
) -> tuple[float, ...]:
    """Return the real values after the join, with a path on top of them.

    Args:
        past: Real values up to the join, oldest first, at least `MIN_REAL`.
        real: Real values after it.
        path: Made-up path in standard deviations, one number more than `real`.
        weight: Weight of the path.
        half_life: Half-life in periods, above 0.
        is_level: Whether the path is added to growth rather than to values.

    Returns:
        One value per entry of `real`, in the unit of `real`.

    Raises:
        DataError: Too few real values, or a level that is not positive.

    >>> stressed([2.0, 4.0] * 10, [3.0, 5.0], [0.5, 2.0, 1.0], weight=0.0, half_life=4.0,
    ...          is_level=False)
    (3.0, 5.0)
    """
    _, sd = _moments(_log_growth(past) if is_level else past)
    added = _added(path, weight * sd, half_life)
    if is_level:
        factors = _levels(1.0, added)
        return tuple(v * factor for v, factor in zip(real, factors, strict=True))
    return tuple(v + more for v, more in zip(real, added, strict=True))


def _added(path: Sequence[float], size: float, half_life: float) -> list[float]:
    """Return `size` times the path, for k = 1, 2, ...; it would be 0 at k = 0."""
    return [size * (z - 2.0 ** (-k / half_life) * path[0]) for k, z in enumerate(path[1:], start=1)]


def _moments(values: Sequence[float]) -> tuple[float, float]:
    if len(values) < MIN_REAL - 1:
        raise DataError(
            f"{len(values)} real values before the join are too few to take mean and standard "
            f"deviation from; at least {MIN_REAL} are wanted, so join later"
        )
    mean = math.fsum(values) / len(values)
    return mean, math.sqrt(math.fsum((v - mean) ** 2 for v in values) / (len(values) - 1))


def _log_growth(values: Sequence[float]) -> list[float]:
    low = min(values)
    if low <= 0.0:
        raise DataError(f"a level must be positive to have growth, got {low}")
    return [math.log(now / before) for before, now in pairwise(values)]


def _levels(first: float, growth: Sequence[float]) -> tuple[float, ...]:
    found, total = [], 0.0
    for step in growth:
        total += step
        found.append(first * math.exp(total))
    return tuple(found)
