r"""Detrended one-step innovations of a series: what each print adds to what the others imply.

With $y_t$ the values, or their logarithms where changes grow with the level, and
$\pi(B) = \phi(B) (1 - B)^d$, the innovations are

$$e_t = \pi(B) y_t - m_t,$$

where $d$ is 0 or 1 (1 where the coefficients for levels add up to more than 0.9), $\phi$ has up to
four lags and, for a series with a season, one or two lags of the season more, and the trend $m_t$
is the running median of 121 innovations. $\phi$ is fitted by bisquare M-estimation with weights
that also bound the influence of extreme regressors (Mallows; Maronna, Martin, Yohai and
Salibian-Barrera 2019, *Robust Statistics*, chapters 5 and 8), so that the very prints which are
sought do not bend the model. Lags and $d$ minimise $\ln s + k \ln n / n$ with the robust scale $s$
of the innovations and $k$ coefficients: the criterion of Schwarz with twice its penalty, since a
median distance is known less well than a variance.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fg_core.transcendental import log

from .robust_scale import local_scale, robust_scale, running_median

__all__ = ["MIN_ROWS", "Innovations", "one_step_innovations"]

Array = NDArray[np.float64]

MIN_ROWS = 30
"""Fewest rows of a series of which anything is said."""

_ROUNDS, _HUBER_ROUNDS = 9, 3
_HUBER, _BISQUARE = 1.345, 4.685
_FAR = 3.0
_TREND_HALF = 60
_PREFER_CHANGES = 0.02
_UNIT_ROOT = 0.9
_LAGS = ((), (1,), (1, 2), (1, 2, 3, 4))
_CHANCE = 1e-6
_FEW_MOVES = 8
_LOG_SPREAD, _LOG_RATIO = 20.0, 1.5


@dataclass(frozen=True)
class Innovations:
    r"""Innovations of a series, and the model that they are of.

    Args:
        values: Values that the model is of, or their logarithms, shape (row,); those of missing
            periods are interpolated.
        in_logs: Whether they are logarithms.
        order: Number of differences, 0 or 1.
        lags: Lags of the autoregression, rising.
        weights: Coefficients of $\pi(B)$, the first one 1.
        innovations: Detrended innovations of the rows from `first` on. Those before the longest
            lag take the median for values that came before the series.
        trend: Trend that was taken from them, of the same shape.
        scale: Their robust standard deviation along the series, of the same shape; infinite where
            a missing period is involved.
    """

    values: Array
    in_logs: bool
    order: int
    lags: tuple[int, ...]
    weights: Array
    innovations: Array
    trend: Array
    scale: Array

    @property
    def first(self) -> int:
        """Number of the first row that has an innovation."""
        return self.order


def one_step_innovations(
    values: Array, *, season_length: int = 1, logs: bool | None = None
) -> Innovations | None:
    """Return the detrended one-step innovations of a series.

    Args:
        values: Values by period, shape (row,); NaN where a period has none.
        season_length: Periods in a season; 1: none.
        logs: Whether logarithms are taken; None: if all values are positive and their changes grow
            with the level.

    Returns:
        Innovations; None for fewer than `MIN_ROWS` rows, or values that are all the same.

    >>> walk = np.cumsum(np.random.default_rng(2).standard_normal(300))
    >>> found = one_step_innovations(walk)
    >>> found.order, found.lags, found.weights.tolist()
    (1, (), [1.0, -1.0])
    """
    there = np.isfinite(values)
    if int(there.sum()) < MIN_ROWS:
        return None
    if logs is None:
        logs = changes_grow_with_level(values[there])
    y = np.asarray(log(values) if logs else values, dtype=np.float64)
    rows = np.arange(y.size)
    y = np.interp(rows, rows[there], y[there])
    model = _best_model(y, season_length)
    if model is None:
        return None
    return _innovations(y, ~there, model, bool(logs))


def refitted(found: Innovations, cleaned: Array, missing: NDArray[np.bool_]) -> Innovations:
    """Return innovations of the same values by the model of cleaned ones.

    Args:
        found: Innovations by the first model.
        cleaned: Values without their departures, shape (row,).
        missing: Whether a period had no value, shape (row,).

    Returns:
        Innovations of the values that are in `found`.
    """
    fitted = _fit(np.diff(cleaned, n=found.order), found.lags)
    if fitted is None:
        return found
    model = _Model(found.order, found.lags, fitted[0])
    return _innovations(found.values, missing, model, found.in_logs)


@dataclass(frozen=True)
class _Model:
    order: int
    lags: tuple[int, ...]
    phi: Array

    def autoregression(self) -> Array:
        """Return the coefficients of the autoregression in the lag operator."""
        weights = np.zeros(max(self.lags, default=0) + 1)
        weights[0] = 1.0
        weights[list(self.lags)] = -self.phi
        return weights

    def weights(self) -> Array:
        """Return the same times the differences."""
        weights = self.autoregression()
        return np.convolve(weights, [1.0, -1.0]) if self.order else weights


def changes_grow_with_level(values: Array) -> bool:
    """Return whether the changes of a positive series are larger where its level is high.

    The rows are cut in two at the median level. Logarithms are taken if the median change is larger
    in the upper half by more than the square root of the ratio of median levels, where that ratio
    is 1.5 or more; and where nine tenths of the values span more than a factor of 20, as after a
    change of units.

    Args:
        values: Values, shape (row,), finite.

    Returns:
        Whether logarithms describe the series better.
    """
    if not float(values.min()) > 0.0:
        return False
    low, high = np.quantile(values, [0.1, 0.9])
    if high > _LOG_SPREAD * low:
        return True
    level, change = values[:-1], np.abs(np.diff(values))
    below = level <= np.median(level)
    if below.all():
        return False
    ratio = float(np.median(level[~below]) / np.median(level[below]))
    small, large = float(np.median(change[below])), float(np.median(change[~below]))
    return ratio > _LOG_RATIO and small > 0.0 and large > small * float(np.sqrt(ratio))


def _innovations(y: Array, missing: NDArray[np.bool_], model: _Model, in_logs: bool) -> Innovations:
    w = np.diff(y, n=model.order)
    n_before = max(model.lags, default=0)
    middle = float(np.median(w))
    padded = np.concatenate([np.full(n_before, middle), w])
    raw = np.convolve(padded, model.autoregression())[n_before : padded.size]
    weights = model.weights()
    usable = ~_touched(missing, weights)[model.order :]
    trend = running_median(raw, _TREND_HALF)
    scale = np.full(raw.size, np.inf)
    scale[usable] = local_scale((raw - trend)[usable])
    scale[:n_before] = np.maximum(scale[:n_before], robust_scale(w))
    return Innovations(y, in_logs, model.order, model.lags, weights, raw - trend, trend, scale)


def _touched(missing: NDArray[np.bool_], weights: Array) -> NDArray[np.bool_]:
    """Return which innovations have a missing period in them."""
    used = (weights != 0.0).astype(np.float64)
    return np.convolve(missing.astype(np.float64), used)[: missing.size] > 0.0


def _best_model(y: Array, season_length: int) -> _Model | None:
    """Return the model with the smallest criterion.

    Where a model leaves (nearly) no innovations, as of a sequence that repeats itself, every
    exception to it would be infinitely odd, so plain changes are judged. So are those of a series
    that mostly stands still, and values as they are where most of them are the same, as of demand
    that is mostly zero: what happens now and then has no regression on what was before.
    """
    same = int(np.unique(y, return_counts=True)[1].max())
    still = int((np.diff(y) == 0.0).sum())
    if 2 * max(same, still) >= y.size:
        # A level that is left a few times for good is a matter of changes.
        order = 0 if 2 * same >= y.size and still < y.size - 2 - _FEW_MOVES else 1
        moves = robust_scale(np.diff(y, n=order)) > 0.0
        return _Model(order, (), np.zeros(0)) if moves else None
    best: tuple[float, _Model] | None = None
    for order in (0, 1):
        z = np.diff(y, n=order)
        for lags in _lag_sets(z.size, season_length):
            fitted = _fit(z, lags)
            if fitted is None:
                plain = _fit(np.diff(y), ())
                return None if plain is None else _Model(1, (), plain[0])
            phi, scale, n = fitted
            if not order and float(phi.sum()) > _UNIT_ROOT:
                continue  # of its changes, a model without a mean to come back to
            size = 2.0 * (float(log(scale)) + (len(lags) + 1) * float(log(n)) / n)
            size -= _PREFER_CHANGES * order
            if best is None or size < best[0]:
                best = size, _Model(order, lags, phi)
    return None if best is None else best[1]


def _lag_sets(n: int, season: int) -> Iterator[tuple[int, ...]]:
    for lags in _LAGS:
        if n >= MIN_ROWS - 1 + 3 * len(lags):
            yield lags
    if season > 1 and n > 4 * season:
        yield (season,)
        for last in (1, 2):
            yield tuple(sorted({*range(1, last + 1), season, season + 1}))


def _fit(z: Array, lags: tuple[int, ...]) -> tuple[Array, float, int] | None:
    """Return coefficients, scale and number of innovations; None where they do not vary."""
    longest = max(lags, default=0)
    centre, spread = float(np.median(z)), robust_scale(z)
    if not spread > 0.0:
        return None
    unit = (z - centre) / spread
    target = unit[longest:]
    columns = [unit[longest - lag : unit.size - lag] for lag in lags]
    design = np.column_stack([np.ones(target.size), *columns])
    far = np.abs(design[:, 1:]).max(axis=1, initial=0.0)
    bounded = np.minimum(1.0, (_FAR / np.maximum(far, _FAR)) ** 2)
    ridge = 1e-9 * target.size * np.eye(design.shape[1])
    weight, scale, rest = bounded, 0.0, target
    coefficients = np.zeros(design.shape[1])
    for number in range(_ROUNDS):
        weighted = design * weight[:, np.newaxis]
        coefficients = np.linalg.solve(weighted.T @ design + ridge, weighted.T @ target)
        rest = target - design @ coefficients
        scale = robust_scale(rest)
        if not scale > _CHANCE:
            return None
        u = np.abs(rest) / scale
        if number < _HUBER_ROUNDS:
            weight = bounded * np.minimum(1.0, _HUBER / np.maximum(u, _HUBER))
        else:
            weight = bounded * np.where(u < _BISQUARE, (1.0 - (u / _BISQUARE) ** 2) ** 2, 0.0)
    return coefficients[1:], scale * spread, target.size
