r"""Whether two sources agree on one quantity, within a stated tolerance.

The finer series is brought to the periods of the coarser one (mean, sum or last value), both to the
periods that they share. Their units are reconciled by a factor: given, or the median ratio
$f = \operatorname{med}_t a_t / b_t$, which a few wrong values do not move. They agree if

$$|a_t - f b_t| \le \epsilon \, |a_t| \quad \text{(or } \epsilon \text{ itself, absolute)}$$

for all of the shared periods but a stated share. A lag is told by its own name, and is no agreement
however small: values of the second, moved by one period, would differ by less than half as much.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from fg_core import ConfigError, DataError, Observation
from fg_core.calendar import is_finer, period_label, period_start
from fg_data.histories.aggregation import aggregate

__all__ = ["Agreement", "compare_series"]

Array = NDArray[np.float64]

LEAST_SHARED = 8
"""Fewest shared periods that say anything about agreement."""

_CLEARLY = 0.5
_OTHER_UNIT = 0.1


@dataclass(frozen=True)
class Agreement:
    """Comparison of two sources of one quantity.

    Args:
        n_shared: Number of periods that both have.
        frequency: Frequency at which they were compared.
        factor: Values of the first are taken to be this multiple of those of the second.
        median_ratio: Median ratio of the two; NaN where the second has a value of 0.
        tolerance: Largest difference that is allowed.
        relative: Whether the tolerance is a share of the value of the first.
        n_apart: Number of periods whose difference is larger.
        worst_period: First moment of the period with the largest difference.
        worst: Largest difference, in the measure of the tolerance.
        allowed_share: Share of periods that may be apart.
        lag: 1 if the second would agree better moved one period later, -1 if earlier, else 0.
    """

    n_shared: int
    frequency: str
    factor: float
    median_ratio: float
    tolerance: float
    relative: bool
    n_apart: int
    worst_period: datetime
    worst: float
    allowed_share: float
    lag: int

    @property
    def agrees(self) -> bool:
        """Whether no more periods are apart than are allowed, and there is no lag."""
        return self.n_apart <= self.allowed_share * self.n_shared and self.lag == 0

    def __str__(self) -> str:
        def shown(size: float) -> str:
            return f"{size:.3%}" if self.relative else f"{size:.4g}"

        factor = "" if self.factor == 1.0 else f", at a factor of {self.factor:.6g}"
        text = (
            f"{self.n_apart} of {self.n_shared} shared periods differ by more than "
            f"{shown(self.tolerance)}{factor}; the largest difference is {shown(self.worst)} in "
            f"{period_label(self.worst_period, self.frequency)}"
        )
        if abs(self.median_ratio / self.factor - 1.0) > _OTHER_UNIT:
            text += (
                f"; the median ratio of the two is {self.median_ratio:.6g}: another unit or base"
            )
        if self.lag:
            where = "later" if self.lag > 0 else "earlier"
            text += f"; they would agree better with the second moved one period {where}"
        return text


def compare_series(
    first: Sequence[Observation],
    second: Sequence[Observation],
    *,
    frequencies: tuple[str, str],
    tolerance: float,
    relative: bool = True,
    method: str = "avg",
    factor: float | None = 1.0,
    allowed_share: float = 0.0,
) -> Agreement:
    """Compare two series of one quantity.

    Args:
        first: Rows of the first source, by period.
        second: Rows of the second, by period.
        frequencies: Frequency of each.
        tolerance: Largest difference that is allowed, above 0.
        relative: Whether it is a share of the value of the first, rather than in its unit.
        method: How values of the finer one become those of the coarser: "avg", "sum" or "eop".
        factor: Multiple of the second that the first is; None: the median ratio of the two.
        allowed_share: Share of periods that may be apart, at least 0 and below 1.

    Returns:
        What was found.

    Raises:
        ConfigError: A tolerance, factor or share out of range, or a method that there is not.
        DataError: Fewer than eight shared periods, or values of 0 where ratios are asked for.

    >>> from datetime import UTC
    >>> def rows(factor):
    ...     periods = [datetime(2010 + k, 1, 1, tzinfo=UTC) for k in range(12)]
    ...     known = datetime(2030, 1, 1, tzinfo=UTC)
    ...     return [Observation(p, factor * p.year, {}, known, "x", "") for p in periods]
    >>> compare_series(rows(1), rows(1000), frequencies=("Y", "Y"), tolerance=0.01).agrees
    False
    >>> compare_series(rows(1), rows(1000), frequencies=("Y", "Y"), tolerance=0.01,
    ...     factor=None).agrees
    True
    """
    if not tolerance > 0.0:
        raise ConfigError(f"a tolerance must be above 0, got {tolerance}")
    if not 0.0 <= allowed_share < 1.0:
        raise ConfigError(f"allowed_share must be at least 0 and below 1, got {allowed_share}")
    if factor is not None and not (factor > 0.0 and np.isfinite(factor)):
        raise ConfigError(f"a factor of units must be above 0 and finite, got {factor}")
    coarse = frequencies[0] if is_finer(frequencies[1], than=frequencies[0]) else frequencies[1]
    values = [
        _at(rows, own, coarse, method)
        for rows, own in zip((first, second), frequencies, strict=True)
    ]
    shared = sorted(values[0].keys() & values[1].keys())
    if len(shared) < LEAST_SHARED:
        raise DataError(
            f"only {len(shared)} periods are in both series; at least {LEAST_SHARED} are needed"
        )
    a = np.array([values[0][period] for period in shared])
    b = np.array([values[1][period] for period in shared])
    if (factor is None and not b.all()) or (relative and not a.all()):
        raise DataError(
            "a value of 0 has no ratio; state the factor of units and an absolute tolerance"
        )
    ratio = float(np.median(a / b)) if b.all() else math.nan
    used = ratio if factor is None else factor
    size = np.abs(a) if relative else np.ones(a.size)
    apart = np.abs(a - used * b) / size
    worst = int(np.argmax(apart))
    return Agreement(
        len(shared),
        coarse,
        used,
        ratio,
        tolerance,
        relative,
        int((apart > tolerance).sum()),
        shared[worst],
        float(apart[worst]),
        allowed_share,
        _lag(a, used * b, size, apart),
    )


def _at(
    rows: Sequence[Observation], own: str, coarse: str, method: str
) -> Mapping[datetime, float]:
    """Return values by first moment of the coarser period."""
    by_period: dict[datetime, float | None] = {row.timestamp: row.value for row in rows}
    if own == coarse:
        # Sources date a period by its first or by its last day.
        return {period_start(row.timestamp, own): row.value for row in rows}
    found = aggregate(by_period, own, coarse, method)
    return {period: value for period, value in found.items() if value is not None}


def _lag(a: Array, b: Array, size: Array, apart: Array) -> int:
    """Return by how many periods the second would have to move, where that halves differences."""
    usual = float(np.median(apart))
    moved = {
        1: float(np.median(np.abs(a[:-1] - b[1:]) / size[:-1])),
        -1: float(np.median(np.abs(a[1:] - b[:-1]) / size[1:])),
    }
    best = min(moved, key=lambda lag: moved[lag])
    return -best if moved[best] < _CLEARLY * usual else 0
