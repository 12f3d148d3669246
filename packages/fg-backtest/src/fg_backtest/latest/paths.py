r"""Dependence of forecasts for several periods: a Gaussian copula of past errors.

Forecasts of one origin for 1, 2, ... steps ahead say nothing of their dependence, and the total of
three months needs it. Past origins show it: probability integral transforms of what happened, taken
to normal scores, are correlated across the horizons of an origin.

A copula, and not the shuffle of past ranks (Schaake shuffle), since 40 origins have 40 rank
patterns, so that a thousand paths would repeat them, and since correlations can be shrunk where
origins are few. They are shrunk towards those of a random walk, $\sqrt{h / k}$ for $h < k$, which
counts as much as `PRIOR_ORIGINS` origins do.

Reference: Pinson et al. (2009), Wind Energy 12, doi:10.1002/we.284 (Gaussian copula of PITs);
Clark et al. (2004), J. Hydrometeorology 5, 243-262 (Schaake shuffle).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from fg_core import ConfigError
from fg_core.transcendental import ndtr, ndtri

__all__ = ["PRIOR_ORIGINS", "path_correlations", "path_uniforms"]

Array = NDArray[np.float64]

PRIOR_ORIGINS = 20.0
"""Number of origins whose weight the random walk's correlations have."""

_EDGE = 1e-4
_LEAST = 3


def path_correlations(pits: Sequence[Array], horizons: Sequence[int]) -> Array:
    """Return correlations of normal scores across horizons, shape (horizon, horizon).

    Args:
        pits: probability integral transforms by horizon, each of shape (origin,) over the same
            origins; NaN where a target is not known; empty: no origin.
        horizons: steps ahead, increasing.

    Returns:
        Symmetric matrix with ones on the diagonal; entries lie in [-1, 1] and have no unit.

    >>> path_correlations([np.empty(0)] * 2, [1, 4]).round(3).tolist()
    [[1.0, 0.5], [0.5, 1.0]]
    """
    steps = np.asarray(horizons, dtype=np.float64)
    prior: Array = np.sqrt(np.minimum.outer(steps, steps) / np.maximum.outer(steps, steps))
    n = min((one.size for one in pits), default=0)
    if n == 0:
        return prior
    at = np.column_stack([one[:n] for one in pits])
    scores = ndtri(np.clip(at, _EDGE, 1.0 - _EDGE))
    known = scores[~np.isnan(scores).any(axis=1)]
    if known.shape[0] < _LEAST:
        return prior
    # Around 0, where calibrated transforms are centred: a mean of few origins is mostly luck.
    cross = known.T @ known
    spread = np.sqrt(np.diag(cross))
    if not (spread > 0.0).all():
        return prior
    found = cross / np.outer(spread, spread)
    share = known.shape[0] / (known.shape[0] + PRIOR_ORIGINS)
    mixed: Array = share * found + (1.0 - share) * prior
    np.fill_diagonal(mixed, 1.0)
    return mixed


def path_uniforms(
    pits: Sequence[Array], horizons: Sequence[int], n: int, seed: int, name: str
) -> Array:
    """Return uniform numbers whose dependence across horizons is that of past errors.

    Args:
        pits: probability integral transforms, as for `path_correlations`.
        horizons: steps ahead, increasing.
        n: number of paths, at least 1.
        seed: seed of the random numbers.
        name: name of the series, which has random numbers of its own.

    Returns:
        Shape (path, horizon), in (0, 1).

    Raises:
        ConfigError: `n` is below 1.
    """
    if isinstance(n, bool) or not isinstance(n, int) or n < 1:
        raise ConfigError(f"the number of paths must be a whole number >= 1, got {n!r}")
    correlations = path_correlations(pits, horizons)
    # Horizons that always went together leave no variance of their own: the square root is taken
    # by eigenvalues, which a singular matrix has too.
    values, vectors = np.linalg.eigh(correlations)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    rng = np.random.default_rng([seed, *name.encode("utf-8")])
    normal = rng.standard_normal((n, len(horizons))) @ root.T
    edge = np.finfo(np.float64)
    uniforms: Array = np.clip(ndtr(normal), edge.tiny, 1.0 - edge.epsneg)
    return uniforms
