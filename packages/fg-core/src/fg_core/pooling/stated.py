r"""Pooling of forecasters that state a whole distribution.

The online scale and the uncertainty of an input act on a stated distribution as
`ShapeArrays.widened` says, so means and standard deviations are those of the normal case, unless
masses stay in place.

A stated distribution is judged by the probability $P$ of a small cell around the target, whose
width $\delta$ is `CELL` of the typical change: data have a resolution, and a density would be
infinite at a mass and 0 between masses. With the log density $\ell$ of the normal (or Student t) of
the same moments,

$$\log \{(1 - \epsilon) P / \delta + \epsilon e^\ell\},$$

$\epsilon$ being `DOUBTED`: one value outside the range of a grid is a surprise, not a proof.

Source: the likelihood of rounded data is the probability of their cell, Heitjan (1989),
Statistical Science 4, doi:10.1214/ss/1177012601.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fg_core.action import AgentAction
from fg_core.distributions import MixtureParts, ShapeArrays, kept_scales, pack
from fg_core.distributions.parts import in_rows
from fg_core.errors import AgentError
from fg_core.transcendental import log, log1p, logaddexp

__all__ = ["CELL", "DOUBTED", "check_means", "pooled_shapes", "shapes_of", "stated_log_densities"]

Array = NDArray[np.float64]

CELL = 0.01
"""Width of the cell around a target, in typical changes over the horizon."""

DOUBTED = 0.01
"""Probability that a stated distribution is given up for the normal of its mean and variance."""

_LEAST_CELL = 1e-9
"""Smallest width of a cell beside the size of the value: below, its ends are not told apart."""


def shapes_of(actions: Sequence[AgentAction | None]) -> ShapeArrays | None:
    """Return the distributions that the forecasters of one game state.

    Args:
        actions: Actions of the forecasters of the game; None: that forecaster has no forecast.

    Returns:
        Distributions with the leading axis (forecaster,), in the unit of the series; None where no
        forecaster states one.
    """
    for action in actions:
        if action is not None and action.shape is not None:
            return pack([None if one is None else one.shape for one in actions])
    return None


def check_means(names: Sequence[str], means: Array, shapes: ShapeArrays) -> None:
    """Require that forecasters give the mean of the distribution that they state.

    Args:
        names: Names of the forecasters.
        means: Means of the forecasts, shape (..., forecaster), in the unit of the series.
        shapes: Stated distributions, leading axes (..., forecaster).

    Raises:
        AgentError: One does not; the message names it.
    """
    mean, scale = shapes.moments()
    with np.errstate(invalid="ignore"):
        apart = np.abs(mean - means) > 1e-6 * scale + 1e-9 * (np.abs(mean) + np.abs(means))
    wrong = shapes.stated & apart
    if np.count_nonzero(wrong):
        at = np.unravel_index(int(np.argmax(wrong)), wrong.shape)
        raise AgentError(
            f"agent {names[int(at[-1])]!r} forecast a mean of {float(means[at])} with a "
            f"distribution of mean {float(mean[at])}: its delta has to be that mean less the last "
            "value (AgentAction.stating, ActionArrays.stating)"
        )


def pooled_shapes(
    shapes: ShapeArrays, means: Array, stated_scales: Array, believed: Array, added: Array | None
) -> tuple[Array, ShapeArrays]:
    """Return the scales and the distributions that a pool uses.

    Args:
        shapes: Distributions as they were stated, leading axes (..., forecaster).
        means: Means of the forecasts, shape (..., forecaster), in the unit of the series; NaN for
            the absent.
        stated_scales: Standard deviations of the forecasts as they were stated, same shape and
            unit.
        believed: Standard deviations that the pool believes, same shape and unit.
        added: Standard deviations to add in quadrature, shape (..., forecaster); None: none.

    Returns:
        Standard deviations, shape (..., forecaster), where nothing is stated as `believed` with
        what is added; and the distributions.
    """
    some = shapes.stated & (stated_scales > 0.0)
    factor = np.where(some, believed, 1.0) / np.where(some, stated_scales, 1.0)
    found, lost = shapes.widened(factor, added)
    scales = believed
    if added is not None:
        if np.count_nonzero(lost):
            alone = kept_scales(believed, means, shapes.widened(factor)[0])
            scales = np.where(lost, alone, believed)
        wider = np.sqrt(scales * scales + np.square(added))
        scales = np.where(added > 0.0, wider, scales)
    return kept_scales(scales, means, found), found


def stated_log_densities(
    normal: Array, shapes: ShapeArrays, target: Any, typical_change: Any
) -> Array:
    """Return log densities of a target; see the module.

    Args:
        normal: Log densities of the normals of the same means and scales, shape (..., forecaster);
            they stay where nothing is stated.
        shapes: Distributions that are stated, leading axes (..., forecaster).
        target: Value that was forecast, shape (..., 1) or a number, in the unit of the series.
        typical_change: Typical change of the series from period to period, same shape, above 0,
            same unit.

    Returns:
        Log densities (natural logarithms, per unit of the series), shape (..., forecaster).

    >>> from fg_core.distributions import Mass, NormalPart, StatedDistribution
    >>> zero = pack([StatedDistribution(NormalPart(2.0, 1.0), (Mass(0.0, 0.5),)), None])
    >>> stated_log_densities(np.array([-2.0, -2.0]), zero, 0.0, 1.0).round(2).tolist()
    [3.9, -2.0]
    """
    lead = (*shapes.stated.shape[:-1], 1)
    y = np.broadcast_to(np.asarray(target, dtype=np.float64), lead)[..., 0]
    width = np.broadcast_to(CELL * np.asarray(typical_change, dtype=np.float64), lead)[..., 0]
    width = np.maximum(width, _LEAST_CELL * np.abs(y))
    w, m, s, own, _ = in_rows(np.zeros(1), np.zeros(1), np.ones(1), shapes)
    half = 0.5 * width.reshape(-1)
    parts = MixtureParts(w, m, s, own)
    cell = parts.probabilities_within(y.reshape(-1) - half, y.reshape(-1) + half)
    with np.errstate(divide="ignore"):
        logs = log(cell.reshape(shapes.stated.shape)) - log(width)[..., np.newaxis]
    found = logaddexp(log1p(-DOUBTED) + logs, log(DOUBTED) + normal)
    return np.where(shapes.stated, found, normal)
