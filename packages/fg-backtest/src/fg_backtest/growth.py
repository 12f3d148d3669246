r"""Series whose changes grow with their level, where intervals that do not grow cover too little.

Two models of the past are compared, random walks with drift in the values and in their logarithms.
With the log densities of a change of either, the second as a density of the value itself,

$$d_t = \log N(\Delta \log y_t; \hat\mu', \hat\sigma'^2) - \log y_t
  - \log N(\Delta y_t; \hat\mu, \hat\sigma^2),$$

$z = \sqrt{n}\, \bar d / s_d$ is standard normal where neither is closer to the truth.

Reference: Vuong (1989), Econometrica 57, doi:10.2307/1912557.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from fg_core.transcendental import log

__all__ = ["SIGNIFICANT", "log_evidence", "say_growing"]

Array = NDArray[np.float64]

SIGNIFICANT = 3.09
"""Evidence from which on logarithms fit better than luck explains, at one in a thousand."""

_LEAST_ROWS = 30
_LEAST_OUTCOMES = 20
_NOMINAL = 0.8
_SIGMAS = 1.64


def log_evidence(values: Array) -> float:
    """Return the evidence of past values for steps of logarithms; see the module.

    Args:
        values: values of the series, shape (row,), in its unit.

    Returns:
        The statistic z; 0 where a value is not above zero, rows are few, or there is no spread.

    >>> walk = np.cumsum(np.random.default_rng(1).normal(0.02, 0.05, 200))
    >>> log_evidence(np.exp(walk)) > 2.33, abs(log_evidence(50.0 + walk)) < 2.33
    (True, True)
    """
    if values.size < _LEAST_ROWS or not float(values.min()) > 0.0:
        return 0.0
    logs = log(values)
    changes, relative = np.diff(values), np.diff(logs)
    if not (float(changes.std()) > 0.0 and float(relative.std()) > 0.0):
        return 0.0
    ahead = _log_densities(relative) - logs[1:] - _log_densities(changes)
    spread = float(ahead.std(ddof=1))
    if not spread > 0.0:
        return 0.0
    return float(np.sqrt(ahead.size) * ahead.mean() / spread)


def _log_densities(steps: Array) -> Array:
    """Return log densities by the normal distribution of the steps' own mean and variance."""
    variance = steps.var()
    found: Array = -0.5 * (log(2.0 * np.pi * variance) + np.square(steps - steps.mean()) / variance)
    return found


def say_growing(past: Mapping[str, Array], coverage: Mapping[str, tuple[float, int]]) -> None:
    """Say in one warning where coverage is poor since the level grows, and what helps.

    Args:
        past: values before the first scored origin, by name of the series.
        coverage: share of outcomes inside the 80 % intervals one step ahead, and their number.
    """
    found = []
    for name, (share, n) in coverage.items():
        poor = n >= _LEAST_OUTCOMES and share < _NOMINAL - _SIGMAS * np.sqrt(
            _NOMINAL * (1.0 - _NOMINAL) / n
        )
        if poor and (evidence := log_evidence(past[name])) > SIGNIFICANT:
            found.append((name, share, evidence))
    if not found:
        return
    (name, share, evidence), *others = found
    same = f"; the same goes for {len(others)} more" if others else ""
    warnings.warn(
        f"series {name!r}: {share:.0%} of outcomes lie inside the 80 % intervals, and its changes "
        f"grow with its level (z = {evidence:.1f}): --log (log=True) forecasts relative changes"
        f"{same}",
        stacklevel=3,
    )
