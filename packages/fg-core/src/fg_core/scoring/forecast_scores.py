"""Scores of one predictive distribution: its mixture if it has one, else its normal."""

from __future__ import annotations

from typing import Any, Protocol, cast

import numpy as np
from numpy.typing import ArrayLike

from fg_core._numeric import FloatArray, finite, finite_or_nan, not_negative
from fg_core.errors import DataError

from .calibration import pit_gaussian, pit_mixture
from .crps import crps_gaussian, crps_mixture

__all__ = ["MixtureLike", "PredictiveLike", "crps", "pit_score"]


class MixtureLike(Protocol):
    """The components of a normal mixture, each of shape (component,).

    One whose components may also be other distributions is a `ScoresItself`.
    """

    @property
    def weights(self) -> ArrayLike:
        """At least 0, sum 1."""

    @property
    def means(self) -> ArrayLike:
        """In the unit of the series."""

    @property
    def scales(self) -> ArrayLike:
        """Standard deviations, above 0, same unit."""


class ScoresItself(Protocol):
    """Components of which some may not be normal, such as `fg_core.forecast.Components`."""

    @property
    def shapes(self) -> Any:
        """Distributions of those that are not normal; None where all are."""

    def crps(self, value: float) -> float:
        """Return the CRPS of the mixture."""

    def pit(self, value: float, uniform: float = 0.5) -> float:
        """Return the probability integral transform of the mixture."""


class PredictiveLike(Protocol):
    """A predictive distribution of one number, such as `ProbabilisticForecast`."""

    @property
    def mean(self) -> float:
        """In the unit of the series."""

    @property
    def variance(self) -> float:
        """In that unit squared."""

    @property
    def components(self) -> MixtureLike | None:
        """The mixture, or None for the normal distribution of mean and variance."""


def crps(forecast: PredictiveLike, value: float) -> float:
    r"""Continuous ranked probability score of a forecast.

    The closed form for its mixture where `components` are there (`crps_mixture`, or
    `fg_core.distributions.crps` where a component is not normal), else that for the normal
    distribution with its mean and variance (`crps_gaussian`); with a variance of 0 that is the
    absolute error.

    Args:
        forecast: Predictive distribution, in the unit of the series.
        value: Value that was forecast, same unit; NaN gives NaN.

    Returns:
        Score in the unit of the series, at least 0, lower is better.

    Raises:
        DataError: A parameter is not finite or out of range, `value` is infinite, or forecast or
            value is more than one: batches go to `crps_mixture` and `crps_gaussian`.

    Reference: Gneiting & Raftery (2007), J. Am. Stat. Assoc. 102, doi:10.1198/016214506000001437.

    >>> from types import SimpleNamespace
    >>> round(crps(SimpleNamespace(mean=0.0, variance=4.0, components=None), 0.0), 6)
    0.46739
    """
    parts = forecast.components
    if parts is None:
        mean, std = _normal(forecast)
        return _one(crps_gaussian(mean, std, value))
    if getattr(parts, "shapes", None) is not None:
        return cast(ScoresItself, parts).crps(_one(finite_or_nan("value", value)))
    return _one(crps_mixture(parts.weights, parts.means, parts.scales, value))


def pit_score(forecast: PredictiveLike, value: float, uniform: float = 0.5) -> float:
    r"""Probability integral transform of a forecast, $F(y)$.

    Of its mixture where `components` are there, else of the normal distribution with its mean and
    variance (`pit_gaussian`, which says what a variance of 0 gives). Over many calibrated forecasts
    it is uniform between 0 and 1. Where a component has a mass at the value, it is
    $F(y-) + u \{F(y) - F(y-)\}$.

    Args:
        forecast: Predictive distribution, in the unit of the series.
        value: Value that was forecast, same unit; NaN gives NaN.
        uniform: $u$ in [0, 1]; matters at masses alone. 1/2 gives the mid-PIT, a uniform random
            number the randomised PIT, which alone is uniform for a calibrated forecast with masses.

    Returns:
        Probability that the forecast gave to values up to `value`, between 0 and 1.

    Raises:
        DataError: As for `crps`; `uniform` out of range.

    References: Gneiting, Balabdaoui & Raftery (2007), J. R. Stat. Soc. B 69,
    doi:10.1111/j.1467-9868.2007.00587.x; with masses, Czado, Gneiting & Held (2009), Biometrics 65,
    doi:10.1111/j.1541-0420.2009.01191.x.

    >>> from types import SimpleNamespace
    >>> pit_score(SimpleNamespace(mean=1.0, variance=4.0, components=None), 1.0)
    0.5
    """
    parts = forecast.components
    if parts is None:
        mean, std = _normal(forecast)
        found = _one(pit_gaussian(mean, std, value))
        # Without variance, all of it is a mass at the mean.
        return uniform if std == 0.0 and mean == value else found
    if getattr(parts, "shapes", None) is not None:
        return cast(ScoresItself, parts).pit(_one(finite_or_nan("value", value)), uniform)
    return _one(pit_mixture(parts.weights, parts.means, parts.scales, value))


def _normal(forecast: PredictiveLike) -> tuple[FloatArray, FloatArray]:
    return finite("mean", forecast.mean), np.sqrt(not_negative("variance", forecast.variance))


def _one(score: FloatArray) -> float:
    if np.ndim(score) != 0:
        raise DataError(
            f"this scores one forecast against one value, got shape {np.shape(score)}: "
            "use crps_mixture, crps_gaussian, pit_mixture or pit_gaussian for a batch"
        )
    return float(score)
