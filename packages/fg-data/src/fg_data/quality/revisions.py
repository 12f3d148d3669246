r"""Revisions far from their usual size, where usual depends on what is revised along with it.

An estimate of last quarter is revised by a little; an annual or comprehensive revision moves years
of figures at once, and all of them by much, neighbours by nearly the same. So sizes are compared
within their class:

- Of a release that changes more than four periods, each revision $d_i$ (a share of the value; the
  difference, of a rate) is compared with those of the three periods changed on either side:
  $r_i = d_i - \operatorname{med}_{0 < |j - i| \le 3} d_j$. The scale is 1.4826 times the median of
  $|r_j|$ over the ten on either side, and at least half of that over the whole release.
- Revisions of all other releases are compared with each other: distance from their median, and
  1.4826 times the median distance. Where that is 0, as where fewer than half of the figures were
  changed at all, the mean distance times 1.2533 stands for it.

A scale is at least one unit of the last decimal of the series: figures that are revised by a tenth
or not at all are rounded so. A revision is odd beyond four of these scales. Moments at which all
levels moved by one factor (`level_shifts`) are left out: they are a new base.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from fg_core.resolution import decimals_of
from fg_data.level_shifts import level_shifts
from fg_data.poisoning.robust_scale import MAD_TO_SD, robust_scale
from fg_data.readings import is_rate
from fg_data.vintages import VintageHistory

__all__ = ["RevisionStep", "odd_revisions", "revision_steps"]

Array = NDArray[np.float64]

ODD = 4.0
"""Scales from which on a revision is odd."""

_FEW = 4
_NEIGHBOURS, _AROUND = 3, 10
_LEAST_SHARE = 0.5
_MIN_STEPS = 12


@dataclass(frozen=True)
class RevisionStep:
    """One revision of one period.

    Args:
        period: First moment of the period, UTC.
        published: Moment from which on the new figure counts as known, UTC.
        size: New figure minus the old one, as a share of the old one; in the unit of the series
            for rates.
        rounding: One unit of the last decimal that the series is recorded with, in the same
            measure; 0 where it has no resolution.
    """

    period: datetime
    published: datetime
    size: float
    rounding: float = 0.0


def revision_steps(history: VintageHistory) -> tuple[RevisionStep, ...]:
    """Return every revision of a series, but those that came with a new base.

    Args:
        history: Every print of the series.

    Returns:
        Revisions by period and publication.
    """
    rate = is_rate(history.units)
    rebased = {shift.moment for shift in level_shifts(history)}
    decimals = decimals_of(one.value for one in history.prints if one.value is not None)
    last_place = 0.0 if decimals is None else 10.0**-decimals
    steps = []
    for before, after in pairwise(history.prints):
        same = before.period == after.period and after.published not in rebased
        if same and before.value is not None and after.value is not None:
            unit = 1.0 if rate else abs(before.value) or 1.0
            size = (after.value - before.value) / unit
            steps.append(RevisionStep(after.period, after.published, size, last_place / unit))
    return tuple(steps)


def odd_revisions(steps: Sequence[RevisionStep]) -> list[int]:
    """Return the numbers of the revisions that are far from the usual size; see the module.

    Args:
        steps: Revisions of one series.

    Returns:
        Places among the steps, rising; none where there are fewer than 12 revisions.
    """
    if len(steps) < _MIN_STEPS:
        return []
    releases: dict[datetime, list[int]] = {}
    for k, step in enumerate(steps):
        releases.setdefault(step.published, []).append(k)
    odd: list[int] = []
    routine: list[int] = []
    for places in releases.values():
        if len(places) <= _FEW:
            routine += places
            continue
        places.sort(key=lambda k: steps[k].period)
        sizes = np.array([steps[k].size for k in places])
        rounding = np.array([steps[k].rounding for k in places])
        odd += [places[i] for i in _odd_in_release(sizes, rounding)]
    if routine:
        sizes = np.array([steps[k].size for k in routine])
        far = np.abs(sizes - np.median(sizes))
        scale = np.maximum(robust_scale(sizes), [steps[k].rounding for k in routine])
        odd += [routine[i] for i in np.flatnonzero(far > ODD * scale).tolist()]
    return sorted(odd)


def _odd_in_release(sizes: Array, rounding: Array) -> list[int]:
    """Return the places of revisions that differ from those of the periods beside them."""
    apart = np.array(
        [size - statistics.median(_beside(sizes, i, _NEIGHBOURS)) for i, size in enumerate(sizes)]
    )
    distances = np.abs(apart)
    whole = MAD_TO_SD * float(np.median(distances)) or float(distances.mean())
    here = [statistics.median(_beside(distances, i, _AROUND)) for i in range(sizes.size)]
    scales = np.maximum(np.maximum(MAD_TO_SD * np.array(here), _LEAST_SHARE * whole), rounding)
    odd: list[int] = np.flatnonzero(distances > ODD * scales).tolist()
    return odd


def _beside(values: Array, place: int, n: int) -> list[float]:
    """Return the values of up to n places on either side of one, without its own."""
    return [
        *values[max(0, place - n) : place].tolist(),
        *values[place + 1 : place + n + 1].tolist(),
    ]
