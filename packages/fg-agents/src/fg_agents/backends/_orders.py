r"""ARIMA orders that are worth fitting: differences by tests, lags by cheap regressions."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import product
from typing import Literal

import numpy as np

from fg_core.transcendental import log

from ._reduction import FloatArray
from ._seasonality import seasonal_strength

__all__ = ["Orders", "difference", "differences", "kpss", "seasonal_differences", "shortlist"]

_KPSS_5_PERCENT = 0.463
_MOST_DIFFERENCES = 2
_STRONG_SEASON = 0.64

Constant = Literal["n", "c"]


@dataclass(frozen=True)
class Orders:
    """The orders of one ARIMA model.

    Args:
        order: Order (p, d, q).
        seasonal: Seasonal order (P, D, Q, s); zeros without a season.
        trend: "c" for a constant in the differenced series, else "n".

    >>> Orders((0, 1, 1), (0, 1, 1, 12), "n").label
    'ARIMA(0,1,1)(0,1,1)[12]'
    """

    order: tuple[int, int, int]
    seasonal: tuple[int, int, int, int]
    trend: Constant

    @property
    def label(self) -> str:
        """The model's usual name."""
        label = f"ARIMA({','.join(map(str, self.order))})"
        if any(self.seasonal[:3]):
            label += f"({','.join(map(str, self.seasonal[:3]))})[{self.seasonal[3]}]"
        return label + (" with constant" if self.trend == "c" else "")

    @property
    def n_parameters(self) -> int:
        """Coefficients, constant and variance."""
        (p, _, q), (sp, _, sq, _) = self.order, self.seasonal
        return p + q + sp + sq + (self.trend == "c") + 1

    @property
    def n_lost(self) -> int:
        """Rows that differencing takes."""
        return self.order[1] + self.seasonal[1] * self.seasonal[3]

    @property
    def reach(self) -> int:
        """The longest lag of the differenced series."""
        (p, _, q), (sp, _, sq, s) = self.order, self.seasonal
        return max(p + sp * s, q + sq * s)


def kpss(values: FloatArray) -> float:
    r"""Return the KPSS statistic for a constant level.

    $$\eta = \frac{\sum_t S_t^2}{n^2 \hat\sigma^2}, \quad S_t = \sum_{s \le t} e_s, \quad
      \hat\sigma^2 = \frac{1}{n} \Bigl(\sum_t e_t^2
      + 2 \sum_{k=1}^{l} \bigl(1 - \tfrac{k}{l+1}\bigr) \sum_t e_t e_{t-k}\Bigr)$$

    with $e$ the centred series and $l = \lfloor 3 \sqrt n / 13 \rfloor$ lags; 0 for a constant.

    Reference: Kwiatkowski, Phillips, Schmidt & Shin (1992), J. Econometrics 54,
    doi:10.1016/0304-4076(92)90104-Y.

    >>> kpss(np.arange(100.0)) > 0.463 > kpss(np.tile([1.0, -1.0], 50))
    True
    """
    n = values.size
    centred = values - np.mean(values)
    variance = float(centred @ centred)
    lags = int(3.0 * math.sqrt(n) / 13.0)
    for k in range(1, lags + 1):
        variance += 2.0 * (1.0 - k / (lags + 1.0)) * float(centred[k:] @ centred[:-k])
    sums = np.cumsum(centred)
    return float(sums @ sums) / (n * variance) if variance > 0.0 else 0.0


def difference(values: FloatArray, d: int, seasonal_d: int = 0, season: int = 1) -> FloatArray:
    """Return the series differenced `d` times, and `seasonal_d` times over a season.

    >>> difference(np.array([1.0, 4.0, 9.0, 16.0]), 2)
    array([2., 2.])
    """
    for _ in range(seasonal_d):
        values = values[season:] - values[:-season]
    return np.diff(values, d)


def differences(values: FloatArray) -> int:
    """Return the differences, at most 2, after which KPSS keeps a constant level (5 %)."""
    for d in range(_MOST_DIFFERENCES):
        if values.size < 4 or kpss(values) <= _KPSS_5_PERCENT:
            return d
        values = np.diff(values)
    return _MOST_DIFFERENCES


def seasonal_differences(values: FloatArray, season: int) -> int:
    """Return 1 where the seasonal strength is above 0.64 and three seasons are there, else 0."""
    if season < 2 or values.size < 3 * season:
        return 0
    return int(seasonal_strength(values, season) > _STRONG_SEASON)


def shortlist(
    values: FloatArray,
    d: int,
    *,
    max_lags: int,
    seasonal: list[tuple[int, int, int, int]],
    trends: tuple[Constant, ...],
    count: int,
) -> list[Orders]:
    r"""Return the `count` orders with the lowest AICc by the method of Hannan and Rissanen.

    A long autoregression gives residuals $\hat e$; each candidate is then the least squares
    regression of the differenced series on its lags and those of $\hat e$, all on the same rows,
    with $\mathrm{AICc} = n \log(\mathrm{RSS} / n) + 2 k + 2 k (k + 1) / (n - k - 1)$. Seasonal
    terms enter as lags of whole seasons.

    Args:
        values: Values of the series, shape (time,).
        d: Ordinary differences.
        max_lags: Highest p and q; a short series allows n / 8.
        seasonal: Orders (P, D, Q, s) to try, all with one D.
        trends: Constants to try.
        count: Number of orders to return.

    Reference: Hannan & Rissanen (1982), Biometrika 69, doi:10.1093/biomet/69.1.81.
    """
    _, seasonal_d, _, season = seasonal[0]
    series = difference(values, d, seasonal_d, season)
    n = series.size
    highest = min(max_lags, n // 8)
    far = max([highest, *(max(sp, sq) * s for sp, _, sq, s in seasonal)])
    long = max(1, min(round(float(log(max(n, 2))) ** 1.5), n // 5))
    if far >= season > 1:
        long = max(long, min(season + 1, n // 5))
    if n - long - far < 4:
        return []
    errors = _residuals(series, long)
    first = long + far
    scored: list[tuple[float, Orders]] = []
    for sp, sd, sq, s in seasonal:
        for p, q, trend in product(range(highest + 1), range(highest + 1), trends):
            own = [*range(1, p + 1), *(s * j for j in range(1, sp + 1))]
            shocks = [*range(1, q + 1), *(s * j for j in range(1, sq + 1))]
            columns = [series[first - k : n - k] for k in own]
            columns += [errors[first - k : n - k] for k in shocks]
            if trend == "c":
                columns.append(np.ones(n - first))
            orders = Orders((p, d, q), (sp, sd, sq, s), trend)
            score = _aicc(series[first:], columns, orders.n_parameters)
            if score is not None:
                scored.append((score, orders))
    scored.sort(key=lambda pair: pair[0])
    return [orders for _, orders in scored[:count]]


def _residuals(series: FloatArray, order: int) -> FloatArray:
    """Return the residuals of a long autoregression with constant; zeros for the first rows."""
    n = series.size
    lags = [series[order - k : n - k] for k in range(1, order + 1)]
    design = np.column_stack([np.ones(n - order), *lags])
    solution = np.linalg.lstsq(design, series[order:], rcond=None)[0]
    return np.concatenate([np.zeros(order), series[order:] - design @ solution])


def _aicc(target: FloatArray, columns: list[FloatArray], k: int) -> float | None:
    n = target.size
    if n - k - 1 < 1:
        return None
    residuals = target
    if columns:
        design = np.column_stack(columns)
        residuals = target - design @ np.linalg.lstsq(design, target, rcond=None)[0]
    mean_square = max(float(residuals @ residuals) / n, 1e-300)
    return n * float(log(mean_square)) + 2.0 * k + 2.0 * k * (k + 1) / (n - k - 1)
