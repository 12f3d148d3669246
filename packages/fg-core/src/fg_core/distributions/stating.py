"""Stated distributions from what forecasters know: quantiles, a normal, masses; checked once."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fg_core._numeric import FloatArray, as_floats, common_shape, first_index, ordered_sum
from fg_core.errors import DataError

from .shapes import ShapeArrays

__all__ = ["stated_arrays"]

_SUM_TOLERANCE = 1e-9
_ROUNDING = 8.0 * float(np.finfo(np.float64).eps)
"""Quantiles that differ by less than this part of them are one place, but for rounding."""
_LEAST_WIDTH = 1e-250
"""Quantiles closer than this are one place: a density would be beyond the range of numbers."""


def stated_arrays(
    *,
    levels: ArrayLike | None = None,
    quantiles: ArrayLike | None = None,
    normal_mean: ArrayLike | None = None,
    normal_scale: ArrayLike | None = None,
    places: ArrayLike = (),
    probabilities: ArrayLike = (),
) -> ShapeArrays:
    """Return distributions that one forecaster states in many games; see `StatedDistribution`.

    Args:
        levels: Levels of the quantiles, shape (level,), increasing, in [0, 1], two or more.
        quantiles: Quantiles, shape (..., level), never decreasing, in the unit of the series.
        normal_mean: Means of normal parts instead of grids, shape (...), in the unit of the series.
        normal_scale: Standard deviations of normal parts, shape (...), same unit, above 0.
        places: Places of the masses, shape (..., mass) or (mass,), in the unit of the series.
        probabilities: Probabilities of the masses, shape (..., mass) or (mass,), at least 0, sum at
            most 1.

    Returns:
        Leading axes (...). A row in which all quantiles (or mean and scale) are NaN states
        nothing.

    Raises:
        DataError: Levels, quantiles, scales or probabilities are out of range or order, or only
            partly NaN, or neither rest nor masses make up the whole.

    >>> shapes = stated_arrays(levels=[0.1, 0.5, 0.9], quantiles=[[1.0, 2.0, 3.0], [0.0, 0.0, 1.0]],
    ...     places=[0.0], probabilities=[[0.5], [0.0]])
    >>> shapes.moments()[0].round(3).tolist()
    [1.0, 0.325]
    """
    at, masses = as_floats("places", places), as_floats("probabilities", probabilities)
    if at.ndim == 0 or masses.ndim == 0 or at.shape[-1] != masses.shape[-1]:
        raise DataError(
            f"masses need as many places as probabilities, got shapes {at.shape} and {masses.shape}"
        )
    if (levels is None) != (quantiles is None) or (normal_mean is None) != (normal_scale is None):
        raise DataError("a grid needs levels and quantiles, a normal needs a mean and a scale")
    if quantiles is not None and normal_mean is not None:
        raise DataError("state a grid or a normal beside the masses, not both")
    if quantiles is not None and levels is not None:
        q, mean, scale = as_floats("quantiles", quantiles), np.zeros(()), np.ones(())
        tau = _levels(levels, q)
        known = _all_or_none("quantiles", ~np.isnan(q))
    elif normal_mean is not None and normal_scale is not None:
        mean, scale = as_floats("mean", normal_mean), as_floats("scale", normal_scale)
        mean, scale = np.broadcast_arrays(mean, scale)
        tau, q = np.zeros(1), np.zeros((*mean.shape, 1))
        known = _all_or_none("mean and scale", ~np.isnan(np.stack([mean, scale], axis=-1)))
        _require(known & ~((scale > 0.0) & np.isfinite(mean + scale)), "a normal", "a finite "
                 "mean and a finite scale above 0")  # fmt: skip
    else:
        mean, scale, tau, q, known = np.zeros(()), np.ones(()), np.zeros(1), np.zeros(1), None
    lead = common_shape(quantiles=q[..., 0], mean=mean, places=at[..., :1].sum(-1),
                        probabilities=masses[..., :1].sum(-1))  # fmt: skip
    at, masses = (np.broadcast_to(a, (*lead, masses.shape[-1])) for a in (at, masses))
    stated = np.ones(lead, dtype=np.bool_) if known is None else np.broadcast_to(known, lead)
    here = stated[..., np.newaxis]
    _require(here & ~((masses >= 0.0) & (masses <= 1.0) & np.isfinite(at)), "a mass",
             "a finite place and a probability in [0, 1]")  # fmt: skip
    taken = ordered_sum(masses)
    left = 1.0 - taken
    rest = np.where(np.abs(left) <= _SUM_TOLERANCE, 0.0, left)
    if known is None:
        _require(rest != 0.0, "masses without a rest", "probabilities of sum 1")
    else:
        _require(stated & (rest <= 0.0), "masses beside a rest", "probabilities of sum below 1")
    whole = np.where(rest == 0.0, taken, 1.0)[..., np.newaxis]
    masses, at = np.where(here, masses / whole, 0.0), np.where(here, at, 0.0)
    rest = np.where(stated, rest, 0.0)
    share = np.zeros(lead) if normal_mean is None else rest
    clean = np.where(here, np.broadcast_to(q, (*lead, q.shape[-1])), 0.0)
    parts = _grid(tau, clean, np.zeros(lead) if quantiles is None else rest)
    knots, pieces, lower, upper, ties = parts
    return ShapeArrays(
        stated,
        share,
        np.where(stated, np.broadcast_to(mean, lead), 0.0),
        np.where(stated & (share > 0.0), np.broadcast_to(scale, lead), 1.0),
        *(knots, pieces, *lower, *upper),
        np.concatenate([at, ties[0]], axis=-1),
        np.concatenate([masses, ties[1]], axis=-1),
    ).trimmed()


_Pair = tuple[FloatArray, FloatArray]


def _grid(
    tau: FloatArray, q: FloatArray, rest: FloatArray
) -> tuple[FloatArray, FloatArray, _Pair, _Pair, _Pair]:
    """Return knots, pieces, both tails (share, scale) and the masses of tied quantiles."""
    n = tau.size - 1
    if n == 0:
        zero, one, none = np.zeros(rest.shape), np.ones(rest.shape), np.zeros((*rest.shape, 0))
        return q, none, (zero, one), (zero, one), (none, none)
    steps, widths = np.diff(tau), np.diff(q, axis=-1)
    size = np.maximum(np.abs(q[..., 1:]), np.abs(q[..., :-1]))
    tied = widths <= np.maximum(_ROUNDING * size, _LEAST_WIDTH)
    widths = np.where(tied, 0.0, widths)
    own = rest[..., np.newaxis]
    pieces = np.where(tied, 0.0, steps * own)
    tails, at, masses = [], [q[..., :-1]], [np.where(tied, steps * own, 0.0)]
    for probability, piece, foot in ((float(tau[0]), 0, 0), (float(1.0 - tau[-1]), n - 1, n)):
        # Of the size of the neighbouring piece: its density goes on.
        scale = probability * (widths[..., piece] / steps[piece])
        none = ~(scale > 0.0)
        tails.append((np.where(none, 0.0, probability * rest), np.where(none, 1.0, scale)))
        at.append(q[..., foot, np.newaxis])
        masses.append(np.where(none, probability * rest, 0.0)[..., np.newaxis])
    ties = (np.concatenate(at, axis=-1), np.concatenate(masses, axis=-1))
    return q, pieces, tails[0], tails[1], ties


def _levels(levels: ArrayLike, q: FloatArray) -> FloatArray:
    tau = as_floats("levels", levels)
    if tau.ndim != 1 or tau.size < 2:
        raise DataError(f"a grid needs one axis of two levels or more, got shape {tau.shape}")
    if not (np.all(np.diff(tau) > 0.0) and tau[0] >= 0.0 and tau[-1] <= 1.0):
        raise DataError(f"levels must increase within [0, 1], got {tau.tolist()}")
    if q.ndim == 0 or q.shape[-1] != tau.size:
        raise DataError(f"{tau.size} levels need as many quantiles, got shape {q.shape}")
    if np.isinf(q).any():
        raise DataError("quantiles must be finite")
    wrong = np.asarray(np.diff(q, axis=-1) < 0.0)
    if np.any(wrong):
        raise DataError(f"quantiles cross{first_index(wrong)}: sort them before they are stated")
    return tau


def _all_or_none(what: str, known: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the rows that are known; one that is partly so is an error."""
    every, some = known.all(axis=-1), known.any(axis=-1)
    wrong = np.asarray(some & ~every)
    if np.any(wrong):
        raise DataError(f"{what} are NaN in part{first_index(wrong)}: NaN all of them, or none")
    return np.asarray(every)


def _require(wrong: NDArray[np.bool_], what: str, rule: str) -> None:
    found = np.asarray(wrong)
    if np.any(found):
        raise DataError(f"{what} needs {rule}{first_index(found)}")
