r"""Scores of point forecasts, over many periods at once.

With errors $e_i = y_i - \hat y_i$, all of them are 0 for a perfect forecast and lower is better.
They are aggregates: a NaN in either series is an error, never a period silently left out, because
two forecasters scored over different periods cannot be compared.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from fg_core._numeric import FloatArray, finite, first_index
from fg_core.errors import DataError

__all__ = ["mae", "mape", "mase", "rmse", "worst_case"]


def _pair(actual: ArrayLike, forecast: ArrayLike) -> tuple[FloatArray, FloatArray]:
    # Shapes must be equal, not just fit: (n,) against (n, 1) would score n * n pairs.
    y, predicted = finite("actual", actual), finite("forecast", forecast)
    if y.shape != predicted.shape:
        raise DataError(
            f"actual and forecast need equal shapes, got {y.shape} and {predicted.shape}"
        )
    if y.size == 0:
        raise DataError("nothing to score: actual and forecast are empty")
    return y, predicted


def mae(actual: ArrayLike, forecast: ArrayLike) -> float:
    r"""Mean absolute error.

    $$\frac1n \sum_i |y_i - \hat y_i|$$

    Args:
        actual: Values that were forecast, any shape, in the unit of the series.
        forecast: Point forecasts, same shape and unit.

    Returns:
        At least 0, in the unit of the series, lower is better.

    Raises:
        DataError: Empty, of different shapes, or not finite.

    Reference: Hyndman & Koehler (2006), Int. J. Forecasting 22,
    doi:10.1016/j.ijforecast.2006.03.001.

    >>> mae([1.0, 2.0, 3.0], [1.0, 4.0, 2.0])
    1.0
    """
    y, predicted = _pair(actual, forecast)
    return float(np.mean(np.abs(y - predicted)))


def rmse(actual: ArrayLike, forecast: ArrayLike) -> float:
    r"""Root mean squared error.

    $$\Bigl\{\frac1n \sum_i (y_i - \hat y_i)^2\Bigr\}^{1/2}$$

    Args:
        actual: Values that were forecast, any shape, in the unit of the series.
        forecast: Point forecasts, same shape and unit.

    Returns:
        At least the mean absolute error, in the unit of the series, lower is better.

    Raises:
        DataError: Empty, of different shapes, or not finite.

    Reference: Hyndman & Koehler (2006), Int. J. Forecasting 22,
    doi:10.1016/j.ijforecast.2006.03.001.

    >>> rmse([0.0, 0.0], [1.0, 7.0])
    5.0
    """
    y, predicted = _pair(actual, forecast)
    return float(np.sqrt(np.mean(np.square(y - predicted))))


def mape(actual: ArrayLike, forecast: ArrayLike) -> float:
    r"""Mean absolute percentage error, as a fraction: 0.05 is five percent.

    $$\frac1n \sum_i \frac{|y_i - \hat y_i|}{|y_i|}$$

    Args:
        actual: Values that were forecast, any shape, in the unit of the series, nowhere 0.
        forecast: Point forecasts, same shape and unit.

    Returns:
        At least 0, without a unit, lower is better.

    Raises:
        DataError: Empty, of different shapes, not finite, or an actual value is 0.

    Reference: Hyndman & Koehler (2006), Int. J. Forecasting 22,
    doi:10.1016/j.ijforecast.2006.03.001, with its faults: it explodes near 0 and forgives
    forecasts that are too low.

    >>> mape([2.0, -4.0], [1.0, -5.0])
    0.375
    """
    y, predicted = _pair(actual, forecast)
    if np.count_nonzero(y) != y.size:
        raise DataError(
            f"mape divides by the actual value, which is 0{first_index(y == 0.0)}: use mae or mase"
        )
    return float(np.mean(np.abs((y - predicted) / y)))


def mase(
    actual: ArrayLike, forecast: ArrayLike, training: ArrayLike, season_length: int = 1
) -> float:
    r"""Mean absolute scaled error: the error relative to a naive forecast in training.

    $$\frac{\frac1n \sum_i |y_i - \hat y_i|}
           {\frac{1}{T - m} \sum_{t = m + 1}^{T} |x_t - x_{t - m}|}$$

    Args:
        actual: Values that were forecast, any shape, in the unit of the series.
        forecast: Point forecasts, same shape and unit.
        training: $x$, shape (time,), the values the forecaster was fitted on, oldest first.
        season_length: $m$, periods a season; 1 compares with "the same as last period".

    Returns:
        At least 0, without a unit; below 1 beats the naive forecast's error in training.

    Raises:
        DataError: Empty, of different shapes or not finite; `season_length` below 1; `training`
            not longer than a season, or the same in every season, so that nothing scales.

    Reference: Hyndman & Koehler (2006), Int. J. Forecasting 22,
    doi:10.1016/j.ijforecast.2006.03.001.

    >>> mase([5.0, 6.0], [4.0, 6.0], training=[1.0, 2.0, 4.0, 3.0])
    0.375
    """
    x = finite("training", training)
    if season_length < 1:
        raise DataError(f"season_length must be 1 or more periods, got {season_length}")
    if x.ndim != 1 or x.size <= season_length:
        raise DataError(
            f"training needs one axis and more than season_length={season_length} values, "
            f"got shape {x.shape}"
        )
    naive = float(np.mean(np.abs(x[season_length:] - x[:-season_length])))
    if naive == 0.0:
        raise DataError(
            f"training repeats itself every {season_length} periods without any error, "
            "so there is nothing to scale by: use mae"
        )
    return mae(actual, forecast) / naive


def worst_case(actual: ArrayLike, forecast: ArrayLike) -> float:
    r"""Largest absolute error, $\max_i |y_i - \hat y_i|$.

    Args:
        actual: Values that were forecast, any shape, in the unit of the series.
        forecast: Point forecasts, same shape and unit.

    Returns:
        At least the root mean squared error, in the unit of the series, lower is better.

    Raises:
        DataError: Empty, of different shapes, or not finite.

    Reference: Hyndman & Koehler (2006), Int. J. Forecasting 22,
    doi:10.1016/j.ijforecast.2006.03.001 (errors in the unit of the series).

    >>> worst_case([1.0, 2.0, 3.0], [1.0, 4.0, 2.0])
    2.0
    """
    y, predicted = _pair(actual, forecast)
    return float(np.max(np.abs(y - predicted)))
