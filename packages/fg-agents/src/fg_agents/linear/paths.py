"""Forecasts of linear forecasters at many origins of one series, in one pass.

The game asks a forecaster origin by origin, and fits it anew every so often. For linear models all
that is one pass over the rows: moments accumulate from fit to fit, coefficients follow for all fits
at once, and forecasts are products of coefficients and rows. The numbers are those of the game with
clean prints, to rounding.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fg_core import ConfigError, DataError

from .fit import scale_floor
from .forecaster import LinearForecaster
from .panel import DataPanel
from .specification import LinearSpecification
from .system import SystemFits

__all__ = ["ForecastPaths", "fit_rows", "forecast_paths"]

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ForecastPaths:
    """Forecasts of many forecasters at many origins; NaN where there is none.

    Args:
        names: Names of the forecasters.
        groups: Name of the idea behind each forecaster.
        origins: Rows of the panel that the forecasts are made in.
        horizons: Steps ahead, in periods.
        means: Expected values, shape (origin, forecaster, horizon), in the unit of the series.
        scales: Standard deviations of the forecasts, same shape.
        sensitivities: Derivatives of the means by the value at the origin, same shape.
    """

    names: tuple[str, ...]
    groups: tuple[str, ...]
    origins: tuple[int, ...]
    horizons: tuple[int, ...]
    means: Array
    scales: Array
    sensitivities: Array


def fit_rows(n_origins: int, first: int, *, refit_every: int = 1, gap: int = 0) -> tuple[int, ...]:
    """Return the last row of the fit that each origin uses, as in a game from origin `first` on.

    Args:
        n_origins: Origins `first`, `first + 1`, and so on.
        first: Row of the first.
        refit_every: Forecasters are fitted anew at every n-th origin; 0: only once, on what was
            revealed before the first origin.
        gap: The latest rows that a fit does not see.

    Returns:
        One number of a row per origin.

    >>> fit_rows(5, 20, refit_every=2), fit_rows(3, 20, refit_every=0)
    ((20, 20, 22, 22, 24), (19, 19, 19))
    """
    if refit_every < 0 or gap < 0 or n_origins < 0:
        raise ConfigError(
            f"refit_every, gap and n_origins must be at least 0, got {refit_every}, {gap} and "
            f"{n_origins}"
        )
    if not refit_every:
        return (first - 1 - gap,) * n_origins
    return tuple(first + i - i % refit_every - gap for i in range(n_origins))


def forecast_paths(
    panel: DataPanel,
    forecasters: Sequence[LinearForecaster],
    origins: Sequence[int],
    fits: Sequence[int],
    horizons: Sequence[int],
) -> ForecastPaths:
    """Return the forecasts made at each origin, fitted to the rows up to `fits`.

    What comes after a row changes no bit of any forecast made in it.

    Args:
        panel: Panel of the series and its context.
        forecasters: Forecasters; fitted or not, they are fitted here.
        origins: Rows of the panel.
        fits: For each origin, the last row that its fit sees (see `fit_rows`); none is after the
            origin, and they do not fall.
        horizons: Steps ahead, in periods, each at least 1.

    Returns:
        Arrays of shape (origin, forecaster, horizon): means and scales in the unit of the series,
        sensitivities without a unit.

    Raises:
        ConfigError: A horizon below 1, no horizon, or lengths that differ.
        DataError: A row that the panel does not have, or a fit that looks ahead.

    >>> from fg_agents.linear import ShrunkAutoregression
    >>> from fg_core import TrainingWindow
    >>> panel = DataPanel.of(TrainingWindow([float(t % 3) for t in range(30)]))
    >>> agents = [LinearForecaster(ShrunkAutoregression(2, None), "ar2")]
    >>> found = forecast_paths(panel, agents, [27, 28, 29], [27, 27, 29], [1, 2])
    >>> found.means[:, 0].round(6).tolist()
    [[1.0, 2.0], [2.0, 0.0], [0.0, 1.0]]
    """
    _check(panel, origins, fits, horizons)
    shape = (len(origins), len(forecasters), len(horizons))
    means, scales, slopes = (np.full(shape, np.nan) for _ in range(3))
    ends = sorted(set(fits))
    place = {end: position for position, end in enumerate(ends)}
    which = np.array([place[end] for end in fits], dtype=np.intp)
    rows = np.array(origins, dtype=np.intp)
    floors, shares = scale_floor(panel.values[:, 0]), panel.segment_shares()
    done: dict[LinearSpecification, int] = {}
    for number, forecaster in enumerate(forecasters):
        specification = forecaster.specification
        same = done.setdefault(specification, number)
        if same < number:
            for array in (means, scales, slopes):
                array[:, number] = array[:, same]
            continue
        for system in specification.fits(panel, ends).systems:
            regressors = specification.regressors(panel, system.system)
            # What is derived from the past does not move with the last value.
            moves = np.zeros(regressors.shape)
            moves[:, : len(system.system.columns)] = shares[:, list(system.system.columns)]
            at, found = _asked(system, regressors, moves, rows, which, horizons)
            means[at, number], variances, slopes[at, number] = found
            floor = floors[[ends[i] for i in which[at]]][:, np.newaxis]
            scales[at, number] = np.sqrt(np.maximum(variances, floor * floor))
    lost = ~(np.isfinite(means) & np.isfinite(scales))
    for array in (means, scales, slopes):
        array[lost] = np.nan
    return ForecastPaths(
        tuple(forecaster.name for forecaster in forecasters),
        tuple(forecaster.group for forecaster in forecasters),
        tuple(origins),
        tuple(horizons),
        means,
        scales,
        slopes,
    )


def _asked(
    fits: SystemFits,
    regressors: Array,
    moves: Array,
    origins: NDArray[np.intp],
    which: NDArray[np.intp],
    horizons: Sequence[int],
) -> tuple[NDArray[np.intp], tuple[Array, Array, Array]]:
    """Return the positions of the origins that use these fits, and what is said there.

    Args:
        fits: Fits of one system.
        regressors: Columns of the system, shape (time, column).
        moves: Derivatives of the columns by the series, shape (time, column).
        origins: Rows of the panel.
        which: Number of the fit of each origin.
        horizons: Steps ahead, in periods.
    """
    position = {end: i for i, end in enumerate(fits.at)}
    order = fits.model.order
    at = np.array([i for i, end in enumerate(which.tolist()) if end in position], dtype=np.intp)
    chosen = np.array([position[end] for end in which[at].tolist()], dtype=np.intp)
    with np.errstate(over="ignore", invalid="ignore"):
        forms = fits.model.forms(0, max(horizons))
        pick = [h - 1 for h in horizons]
        weights = forms.weights[chosen][:, pick]
        recent = regressors[origins[at][:, np.newaxis] - np.arange(order)]
        products = weights * recent[:, np.newaxis]
        means = forms.offsets[chosen][:, pick] + products.sum(axis=(-2, -1))
        slopes = (weights[:, :, 0] * moves[origins[at], np.newaxis]).sum(axis=-1)
    return at, (means, forms.variances[chosen][:, pick], slopes)


def _check(
    panel: DataPanel, origins: Sequence[int], fits: Sequence[int], horizons: Sequence[int]
) -> None:
    if not horizons or min(horizons) < 1:
        raise ConfigError(f"horizons of 1 or more are wanted, got {tuple(horizons)}")
    if len(origins) != len(fits):
        raise ConfigError(f"{len(origins)} origins and {len(fits)} fits: one a fit is wanted")
    for origin, fit in zip(origins, fits, strict=True):
        if not 0 <= fit <= origin < len(panel):
            raise DataError(
                f"origin {origin} with a fit to row {fit}: rows of a panel are 0 to "
                f"{len(panel) - 1}, and no fit is after its origin"
            )
