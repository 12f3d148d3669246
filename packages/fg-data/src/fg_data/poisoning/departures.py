r"""Departures of a series from its own model: spikes, level shifts and slow drifts.

An error $\omega$ that is added to print $t$ alone (an *additive outlier*) moves the innovations
$e_{t+k}$ by $\omega \pi_k$. Its least-squares estimate and test statistic are

$$\hat\omega_t = \frac{\sum_k \pi_k e_{t+k} / s_{t+k}^2}{\sum_k \pi_k^2 / s_{t+k}^2}, \qquad
\tau_t = \hat\omega_t \sqrt{\textstyle\sum_k \pi_k^2 / s_{t+k}^2},$$

which is standard normal where there is none. A *level shift* moves them by
$\omega \sum_{j \le k} \pi_j$ instead; where the model is of levels, which come back to their mean,
an innovation that fades as all others do (an *innovational outlier*, which moves $e_t$ alone)
stands for it. It was a shift if the square of that statistic is larger by 4, odds of $e^2$
(Chang, Tiao and Chen 1988, Technometrics 30, doi:10.1080/00401706.1988.10488367;
Chen and Liu 1993, JASA 88, doi:10.1080/01621459.1993.10594321). Departures are taken out, largest
first, until none is left above the threshold, so that one hides no other; the model is then fitted
once more without them. A shift that is taken back within three prints is a patch of spikes.

A *drift* is a stretch of 8, 16 or 32 steps (changes of the series without its spikes and shifts;
its innovations, where the model is of levels) that are each no larger than usual and add up to
more than usual: a moving sum (MOSUM; Chu, Hornik and Kuan 1995, Biometrika 82,
doi:10.1093/biomet/82.3.603) of steps over their local scale, further from the median of all such
sums than 6 of their robust standard deviations, and than 6 times the square root of their number.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from fg_core.transcendental import exp, log1p, ndtri

from .innovations import Innovations, one_step_innovations, refitted
from .robust_scale import local_scale, robust_scale

__all__ = ["Departure", "DepartureKind", "find_departures", "gaussian_threshold"]

Array = NDArray[np.float64]

DepartureKind = Literal["spike", "shift", "drift"]

SHIFT_LEAST = 4.0
"""Smallest threshold of level shifts, of which honest data have more than of spikes."""

_MARGIN = 4.0
_PATCH = 3
_DRIFT_SPANS = (8, 16, 32)
_DRIFT_LEAST = 6.0
_PASSES = 12
_FITS = 2


@dataclass(frozen=True)
class Departure:
    """One departure of a series from its own model.

    Args:
        kind: "spike": the print alone is off; "shift": it and all after it; "drift": prints move
            one way for longer than chance explains.
        row: Number of the print; of a drift, its first one.
        size: Estimate of the error in the unit of the values; of a drift, its whole way. A share
            of the value where `relative` is true.
        score: Test statistic, in robust standard deviations; its sign is that of the size.
        relative: Whether the size is a share of the value.
        n_rows: Number of rows of a drift; 1 for the others.
        is_last: Whether it is the last print, where a spike and a shift look the same.
    """

    kind: DepartureKind
    row: int
    size: float
    score: float
    relative: bool = False
    n_rows: int = 1
    is_last: bool = False


def gaussian_threshold(false_alarm_rate: float) -> float:
    """Return the statistic that normal innovations exceed in size at a stated rate.

    Args:
        false_alarm_rate: Share of prints, above 0 and below 1.

    Returns:
        Quantile of the standard normal distribution.

    >>> round(gaussian_threshold(0.003), 3)
    2.968
    """
    return float(-ndtri(0.5 * false_alarm_rate))


def find_departures(
    values: Array,
    threshold: float,
    *,
    season_length: int = 1,
    logs: bool | None = None,
) -> tuple[Departure, ...]:
    """Return spikes, level shifts and drifts of a series, by row.

    Args:
        values: Values by period, shape (row,); NaN where a period has none.
        threshold: Statistic from which on a departure counts, above 0. Shifts need 4, drifts 6
            at least.
        season_length: Periods in a season; 1: none.
        logs: Whether logarithms are taken; None: if changes grow with the level.

    Returns:
        Departures; none for a series of fewer than 30 rows, or whose values are all the same.

    >>> noise = np.random.default_rng(3).standard_normal(200)
    >>> noise[120] += 12.0
    >>> [(one.kind, one.row) for one in find_departures(noise, 5.0)]
    [('spike', 120)]
    """
    return scored_departures(values, threshold, season_length=season_length, logs=logs)[0]


def scored_departures(
    values: Array,
    threshold: float,
    *,
    season_length: int = 1,
    logs: bool | None = None,
) -> tuple[tuple[Departure, ...], Array]:
    """Return departures as `find_departures` does, and the statistic of every print.

    Args:
        values: Values by period, shape (row,); NaN where a period has none.
        threshold: Statistic from which on a departure counts, above 0.
        season_length: Periods in a season; 1: none.
        logs: Whether logarithms are taken; None: if changes grow with the level.

    Returns:
        Departures, and statistics of spikes of shape (row,), once other departures are taken out;
        those of spikes and shifts are their own. All 0 where nothing can be said.
    """
    model = one_step_innovations(values, season_length=season_length, logs=logs)
    if model is None:
        return (), np.zeros(values.size)
    missing = ~np.isfinite(values)
    found: dict[int, Departure] = {}
    rest = model.innovations
    for number in range(_FITS):
        if number:
            if not found:
                break
            model = refitted(model, _cleaned(model, found), missing)
        found, rest = _taken_out(model, threshold, missing)
    drifts = _drifts(model, found, rest, max(threshold, _DRIFT_LEAST))
    scores = _statistics(model, rest, model.weights)[1]
    for one in found.values():
        scores[one.row] = one.score
    return tuple(sorted((*found.values(), *drifts), key=lambda one: one.row)), scores


def _taken_out(
    model: Innovations, threshold: float, missing: NDArray[np.bool_]
) -> tuple[dict[int, Departure], Array]:
    """Return spikes and shifts by row, and the innovations without them."""
    rest = model.innovations.copy()
    n, first = model.values.size, model.first
    shapes: dict[DepartureKind, Array] = {
        "spike": model.weights,
        "shift": _shift_shape(model),
    }
    bounds = {"spike": threshold, "shift": max(threshold, SHIFT_LEAST)}
    found: dict[int, Departure] = {}
    for _ in range(_PASSES):
        estimates = {kind: _statistics(model, rest, shape) for kind, shape in shapes.items()}
        is_shift = estimates["shift"][1] ** 2 > estimates["spike"][1] ** 2 + _MARGIN
        score = np.where(is_shift, estimates["shift"][1], estimates["spike"][1])
        clarity = np.abs(score)
        clarity[clarity <= np.where(is_shift, bounds["shift"], bounds["spike"])] = 0.0
        clarity[missing] = 0.0
        clarity[list(found)] = 0.0
        around = len(model.weights)
        padded = np.concatenate([np.zeros(around), clarity, np.zeros(around)])
        highest = sliding_window_view(padded, 2 * around + 1).max(axis=1)
        picked = np.flatnonzero((clarity > 0.0) & (clarity >= highest)).tolist()
        if not picked:
            break
        for row in picked:
            kind: DepartureKind = "shift" if is_shift[row] else "spike"
            size = float(estimates[kind][0][row])
            found[row] = Departure(
                kind,
                row,
                float(exp(size)) - 1.0 if model.in_logs else size,
                float(score[row]),
                relative=model.in_logs,
                is_last=row == n - 1,
            )
            places = row - first + np.arange(len(shapes[kind]))
            inside = (places >= 0) & (places < rest.size)
            rest[places[inside]] -= size * shapes[kind][inside]
    return _as_spikes(found, model), rest


def _as_spikes(found: dict[int, Departure], model: Innovations) -> dict[int, Departure]:
    """Return departures with shifts that are spikes by another name as spikes.

    A shift of the second row of a series without a mean is its first print alone; one that is
    taken back within three prints is a patch of bad prints.
    """
    told = dict(found)
    shifts = sorted(row for row, one in found.items() if one.kind == "shift")
    if model.order and shifts[:1] == [1] and 0 not in found:
        one = told.pop(shifts.pop(0))
        told[0] = replace(one, kind="spike", row=0, size=_opposite(one), score=-one.score)
    for begin, end in pairwise(shifts):
        up, down = found[begin], found[end]
        left = abs(_size(up) + _size(down))
        if end - begin > _PATCH or left > 0.5 * max(abs(_size(up)), abs(_size(down))):
            continue
        if begin not in told or told[begin].kind != "shift":
            continue  # the end of a patch begins no other
        del told[begin], told[end]
        for row in range(begin, end):
            told.setdefault(row, replace(up, kind="spike", row=row))
    return told


def _size(one: Departure) -> float:
    """Return the size in the unit of the model."""
    return float(log1p(one.size)) if one.relative else one.size


def _opposite(one: Departure) -> float:
    return float(exp(-_size(one))) - 1.0 if one.relative else -one.size


def _shift_shape(model: Innovations) -> Array:
    """Return by what a shift of one moves innovations: those that lags of its changes reach."""
    return np.cumsum(model.weights)[:-1] if model.order else np.ones(1)


def _statistics(model: Innovations, rest: Array, shape: Array) -> tuple[Array, Array]:
    """Return estimate and test statistic of a departure of this shape at every row."""
    n, first = model.values.size, model.first
    precision = np.concatenate([np.zeros(first), 1.0 / model.scale**2])
    weighted = np.concatenate([np.zeros(first), rest]) * precision
    moved, power = np.zeros(n), np.zeros(n)
    for k in np.flatnonzero(shape[:n]).tolist():
        moved[: n - k] += shape[k] * weighted[k:]
        power[: n - k] += shape[k] ** 2 * precision[k:]
    known = power > 0.0
    safe = np.where(known, power, 1.0)
    return np.where(known, moved / safe, 0.0), np.where(known, moved / np.sqrt(safe), 0.0)


def _cleaned(model: Innovations, found: dict[int, Departure]) -> Array:
    """Return the values without their spikes and shifts."""
    cleaned = model.values.copy()
    for one in found.values():
        size = _size(one)
        if one.kind == "spike":
            cleaned[one.row] -= size
        else:
            cleaned[one.row :] -= size
    return cleaned


def _drifts(
    model: Innovations, found: dict[int, Departure], rest: Array, threshold: float
) -> list[Departure]:
    """Return stretches of steps that add up to more than usual, the clearest first."""
    steps = np.diff(_cleaned(model, found)) if model.order else rest + model.trend
    steps = steps - np.median(steps)
    scale = local_scale(steps)
    if not scale.all():
        return []
    taken = np.zeros(steps.size, dtype=bool)
    candidates: list[tuple[float, int, int]] = []
    for span in _DRIFT_SPANS:
        if steps.size < 4 * span:
            continue
        sums = sliding_window_view(steps / scale, span).sum(axis=1)
        usual = max(robust_scale(sums), float(np.sqrt(span)))
        scores = (sums - np.median(sums)) / usual
        candidates += [
            (float(scores[k]), int(k), span) for k in np.flatnonzero(np.abs(scores) > threshold)
        ]
    drifts = []
    for score, start, span in sorted(candidates, key=lambda one: (-abs(one[0]), one[1])):
        if taken[start : start + span].any():
            continue
        taken[max(0, start - span) : start + 2 * span] = True
        way = float(steps[start : start + span].sum())
        if model.in_logs:
            way = float(exp(way)) - 1.0
        row = start + model.first
        drifts.append(Departure("drift", row, way, score, relative=model.in_logs, n_rows=span))
    return drifts
