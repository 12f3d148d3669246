r"""Settings are not chosen, they are mixed: weights of pools that differ in their settings.

A setting that was best on the past ten years is often not the best one of the next ten (a scale
that remembers little does badly while variances rise and well after they fell). So pools with
all of them run side by side, and each has a weight that follows from its CRPS. With the CRPS
$c_{k,h,s}$ of pool $k$ for horizon $h$, the mean $\bar c_{h}$ over pools and (discounted) time, and

$$L_{k,h} = \sum_s d^{t-s}\, c_{k,h,s} / \bar c_h$$

the weights are

$$V_{k,h} \propto \exp[-\eta \{(1 - \beta) L_{k,h} + \beta {\textstyle\sum_{h'}} L_{k,h'}\}].$$

Losses in units of their mean make $\eta$ a number without a unit. What other horizons say is
evidence as well, since what differs between settings mostly differs for all of them.

References: exponentially weighted forecasters, Cesa-Bianchi & Lugosi (2006), Prediction, Learning,
and Games, section 2.2, doi:10.1017/CBO9780511546921; with discounted losses of any kind,
Bernaciak & Griffin (2024), Int. J. Forecasting 40, doi:10.1016/j.ijforecast.2024.03.001.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from fg_core._numeric import ordered_sum
from fg_core.scoring._kernels import gaussian_crps
from fg_core.transcendental import exp

__all__ = ["hedge_weights", "normal_losses", "relative_losses"]

Array = NDArray[np.float64]


def normal_losses(means: Array | float, scales: Array, target: Array | float) -> Array:
    """Return the CRPS of normal forecasts, without the checks of `crps_gaussian`.

    Args:
        means: Means of the forecasts, any shape, in the unit of the series.
        scales: Standard deviations, of a shape that broadcasts, above 0, in the same unit.
        target: Value that was forecast, one number or a shape that broadcasts, in the same unit.

    Returns:
        CRPS of each forecast, at least 0, in the unit of the series; the shape to which the
        arguments broadcast.

    >>> normal_losses(np.array([0.0]), np.array([1.0]), 0.0).round(6).tolist()
    [0.233695]
    """
    return np.asarray(gaussian_crps(means, scales, target), dtype=np.float64)


def relative_losses(losses: Array, typical: Array | float, count: Array | float) -> Array:
    """Return discounted sums of losses in units of the mean loss.

    Args:
        losses: Discounted sums of losses, one per setting, any shape.
        typical: Discounted sum of the settings' mean loss; one number, or a shape that broadcasts.
        count: Discounted count of losses; as `typical`.

    Returns:
        An array of the shape of `losses`; zeros where nothing was seen, or nothing was ever wrong.

    >>> relative_losses(np.array([1.0, 3.0]), 2.0, 1.0).tolist()
    [0.5, 1.5]
    """
    mean = np.asarray(typical, dtype=np.float64)
    seen = mean > 0.0
    if np.count_nonzero(seen) == mean.size:
        return np.asarray(losses * (count / mean), dtype=np.float64)
    return np.where(seen, losses * (count / np.where(seen, mean, 1.0)), 0.0)


def hedge_weights(
    own: Array,
    all_horizons: Sequence[Array],
    eta: float,
    sharing: float,
    *,
    n_axes: int | None = None,
    among: NDArray[np.bool_] | None = None,
) -> Array:
    """Return the weights of settings, which sum to one over the axes of the settings.

    Args:
        own: Relative losses for the horizon, one per setting, any shape.
        all_horizons: Losses of the same kind for every horizon, this one among them; shapes
            broadcast.
        eta: Rate at which weights follow losses, at least 0; 0: never.
        sharing: Share of the evidence from all horizons, in [0, 1].
        n_axes: Number of the last axes that are settings, the others being lanes, each with weights
            of its own; None: all.
        among: Settings that may have weight, of a shape that broadcasts; None: all.

    Returns:
        Shares, of the shape of the losses; all zero in a lane where no setting may have weight.

    >>> loss = np.array([1.0, 1.0 + np.log(3.0)])
    >>> hedge_weights(loss, [loss], 1.0, 0.5).round(12).tolist()
    [0.75, 0.25]
    """
    total = sum(all_horizons[1:], start=all_horizons[0])
    logs = np.asarray(-eta * ((1.0 - sharing) * own + sharing * total), dtype=np.float64)
    if among is not None:
        logs = np.where(among, logs, -np.inf)
    lanes = logs.shape[: logs.ndim - (logs.ndim if n_axes is None else n_axes)]
    flat = logs.reshape((*lanes, -1))
    top = np.maximum.reduce(flat, axis=-1)[..., np.newaxis]
    if among is None:
        weights = exp(flat - top)
        return np.asarray((weights / ordered_sum(weights)[..., np.newaxis]).reshape(logs.shape))
    # Settings of weight zero change no bit of the sum of the others.
    weights = exp(flat - np.where(np.isfinite(top), top, 0.0))
    whole = ordered_sum(weights)[..., np.newaxis]
    return np.asarray((weights / np.where(whole > 0.0, whole, 1.0)).reshape(logs.shape))
