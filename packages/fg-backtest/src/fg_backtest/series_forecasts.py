"""Forecasts of one series at one horizon as arrays over its origins, from whatever played them.

A game leaves a record per round, a batch of games arrays, a report records per origin; scores and
reports are made from the arrays here alone.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from fg_core import ConfigError, DataError, GameOutputs, ProbabilisticForecast
from fg_core.batch import BatchOutputs
from fg_core.batch.calibration import QuantileCalibration
from fg_core.distributions import ShapeArrays
from fg_core.forecast import QUANTILE_LEVELS
from fg_core.record import IssuedForecast

from .predictive import Predictive, point_forecasts
from .schema import OriginRecord, Shape
from .shape_records import shapes_of_records
from .support import Support

__all__ = ["SeriesForecasts", "forecasts_of_batch", "forecasts_of_game", "forecasts_of_records"]

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SeriesForecasts:
    """Forecasts from each origin of a series for one horizon, and their outcomes.

    Numbers are in the unit of the series. Components that an origin does not have are not
    `present`; they have weight 0, mean 0 and scale 1, which changes no bit of a score.

    Args:
        horizon: steps ahead.
        origins: row numbers, increasing, shape (origin,).
        targets: values at `origins + horizon`, shape (origin,); NaN where they are not known.
        reported: values reported at the origins, which expert forecasts start from, shape
            (origin,).
        p_bad: the defenders' probability that this value is bad, shape (origin,).
        expert_means: means of the expert forecasts, shape (origin, forecaster); NaN for none.
        stated_scales: standard deviations that they state, same shape; NaN for none.
        means: means of the forecasts issued, shape (origin,).
        variances: variances of the forecasts, in the unit squared, shape (origin,).
        quantiles: quantiles of the forecasts at `fg_core.forecast.QUANTILE_LEVELS`, shape (origin,
            level); NaN where they are those of the mixture and are still to be solved.
        weights: weights of the mixture, shape (origin, component).
        component_means: means of its components, same shape.
        component_scales: standard deviations of its components, same shape.
        present: whether an origin's mixture has a component, same shape; none: the forecast is the
            normal distribution of its mean and variance.
        labels: names of the components, per origin those that are present, or none at all.
        unavailable: reasons for a missing forecast, by position of the origin and name of the
            forecaster.
        support: values that the series can take. Where it is played in logarithms, expert forecasts
            and components are of logarithms, and all else is in the unit of the series; where
            forecasts are censored at zero, components are those before that.
        shapes: stated distributions of the components, leading axes (origin, component); None: all
            are normal.
        stated_shapes: stated distributions of the expert forecasts, leading axes (origin,
            forecaster); None: all are normal.
    """

    horizon: int
    origins: NDArray[np.intp]
    targets: Array
    reported: Array
    p_bad: Array
    expert_means: Array
    stated_scales: Array
    means: Array
    variances: Array
    quantiles: Array
    weights: Array
    component_means: Array
    component_scales: Array
    present: NDArray[np.bool_]
    labels: Sequence[tuple[str, ...]]
    unavailable: Mapping[int, Mapping[str, str]]
    support: Support = field(default_factory=Support)
    shapes: ShapeArrays | None = None
    stated_shapes: ShapeArrays | None = None

    def __len__(self) -> int:
        return int(self.origins.size)


def _targets(values: Array, origins: NDArray[np.intp], horizon: int) -> Array:
    """Return the values at `origins + horizon`; NaN beyond the last row."""
    found = np.full(origins.size, np.nan)
    inside = origins + horizon < values.size
    found[inside] = values[origins[inside] + horizon]
    return found


# ------------------------------------------------------------------------- from the game's record


def forecasts_of_game(
    out: GameOutputs, values: Array, *, leave_out: int, position: int
) -> SeriesForecasts:
    """Return the forecasts that one game issued for one horizon.

    Args:
        out: record of the game.
        values: values of the series it was played on, shape (row,).
        leave_out: number of rounds that are left out, those of the warm-up.
        position: position of the horizon among the game's horizons.

    Returns:
        The forecasts. Quantiles that a forecast does not have of its own are left to be solved.

    Raises:
        DataError: A forecaster stated a whole distribution, which has its place in batches alone.

    >>> from fg_core import ForecastGame, ForecastState, SimulationConfig
    >>> game = ForecastGame(SimulationConfig(horizon=3), seed=9)
    >>> start = ForecastState(t=0, value=10.0, exogenous=0.0, hidden_shift=0.0)
    >>> found = forecasts_of_game(game.run(start), np.zeros(3), leave_out=1, position=0)
    >>> found.origins.tolist(), found.targets.tolist()
    ([1, 2], [0.0, nan])
    """
    issued = [step.issued[position] for step in out.steps[leave_out:]]
    horizon = out.config.horizons[position]
    origins = np.array([one.origin for one in issued], dtype=np.intp)
    n_experts = len(issued[0].actions) if issued else 0
    experts = np.full((2, len(issued), n_experts), np.nan)
    for i, one in enumerate(issued):
        for j, action in enumerate(one.actions):
            if action is not None:
                experts[0, i, j] = one.base + action.delta
                experts[1, i, j] = np.nan if action.scale is None else action.scale
    parts = [one.forecast.components for one in issued]
    actions = [action for one in issued for action in one.actions if action is not None]
    stating = [action.actor for action in actions if action.shape is not None]
    _require_normal(dict.fromkeys(stating), "from the record of one game")
    packed = _packed(
        [None if one is None else (one.weights, one.means, one.scales) for one in parts]
    )
    return SeriesForecasts(
        horizon,
        origins,
        _targets(values, origins, horizon),
        np.array([one.base for one in issued], dtype=np.float64),
        np.array([one.p_bad for one in issued], dtype=np.float64),
        experts[0],
        experts[1],
        np.array([one.forecast.mean for one in issued], dtype=np.float64),
        np.array([one.forecast.variance for one in issued], dtype=np.float64),
        np.array([_own_quantiles(one) for one in issued]).reshape(-1, len(QUANTILE_LEVELS)),
        *packed,
        [() if one is None else one.labels for one in parts],
        {i: one.unavailable for i, one in enumerate(issued) if one.unavailable},
    )


def _require_normal(stating: Collection[str], where: str) -> None:
    """Refuse forecasters that stated a whole distribution, by name."""
    if stating:
        raise DataError(
            f"forecasters that state a whole distribution ({', '.join(stating)}) cannot be scored "
            f"{where}: let them return a mean and a scale, or leave them out"
        )


_NO_QUANTILES = (np.nan,) * len(QUANTILE_LEVELS)


def _own_quantiles(issued: IssuedForecast) -> tuple[float, ...]:
    """Return quantiles that are not simply those of the mixture; NaN where they are."""
    forecast = issued.forecast
    plain = type(forecast) is ProbabilisticForecast and "quantiles" not in vars(forecast)
    return _NO_QUANTILES if plain else forecast.quantiles


_Parts = tuple[Sequence[float] | Array, Sequence[float] | Array, Sequence[float] | Array]


def _packed(rows: Sequence[_Parts | None]) -> tuple[Array, Array, Array, NDArray[np.bool_]]:
    """Return weights, means, scales and presence as arrays, from what each origin has."""
    width = max((len(row[0]) for row in rows if row is not None), default=0)
    shape = (len(rows), width)
    weights, means, scales = np.zeros(shape), np.zeros(shape), np.ones(shape)
    present = np.zeros(shape, dtype=np.bool_)
    for i, row in enumerate(rows):
        if row is not None:
            k = len(row[0])
            weights[i, :k], means[i, :k], scales[i, :k] = row
            present[i, :k] = True
    return weights, means, scales, present


# -------------------------------------------------------------------------- from a batch's arrays


def forecasts_of_batch(
    out: BatchOutputs,
    game: int,
    horizon: int,
    values: Array,
    *,
    rounds: slice,
    first_origin: int,
    support: Support | None = None,
) -> SeriesForecasts:
    """Return the forecasts of one game of a batch for one horizon; arrays are views of the batch's.

    Args:
        out: a batch that kept its components and the expert forecasts:
            `run_batch(..., keep=("components", "claims"))`.
        game: position of the game in the batch.
        horizon: steps ahead, one of the batch's horizons.
        values: values of the series it was played on, shape (row,).
        rounds: rounds that are returned.
        first_origin: row of the first of these rounds.
        support: values that the series can take; None: any.

    Returns:
        Forecasts of shape (origin, ...), in the unit of the series.

    Raises:
        ConfigError: The components or the expert forecasts were not kept.
        DataError: A forecaster stated a whole distribution of a logarithm, or a forecast is too
            large for a number on the scale of the series.
    """
    arrays = out.horizons[horizon]
    support = Support() if support is None else support
    if support.kind == "log":
        _require_normal(arrays.stating, "in logarithms (--log)")
    kept = (arrays.weights, arrays.means, arrays.scales, arrays.deltas, arrays.stated_scales)
    if any(array is None for array in kept):
        raise ConfigError('a backtest needs run_batch(..., keep=("components", "claims"))')
    weights, means, scales, deltas, stated = (array[game, rounds] for array in kept)  # type: ignore[index]
    n = weights.shape[0]
    origins = np.arange(first_origin, first_origin + n, dtype=np.intp)
    reported = out.prints[game, rounds]
    names = arrays.labels
    shapes, stated_shapes = (
        None if one is None else one.map(lambda array: array[game, rounds])
        for one in (arrays.shapes, arrays.stated_shapes)
    )
    issued = Predictive(
        weights,
        means,
        scales,
        shapes,
        np.full(n, support.kind == "log"),
        support.censored(origins),
    )
    mean, variance = arrays.mean[game, rounds], arrays.variance[game, rounds]
    if support.kind != "real":
        mean, variance = issued.moments()
        reported = point_forecasts(reported, issued.is_log, np.zeros_like(issued.is_log))
    quantiles = np.full((n, len(QUANTILE_LEVELS)), np.nan)
    if arrays.calibration is not None:
        own = arrays.calibration.parameters[game, rounds]
        levels = QuantileCalibration(arrays.calibration.rule, own).levels(QUANTILE_LEVELS)
        quantiles = issued.quantile(levels)
    present = _present(weights, means, scales, len(out.forecasters))
    begin = rounds.start or 0
    return SeriesForecasts(
        horizon,
        origins,
        _targets(values, origins, horizon),
        reported,
        out.p_bad[game, rounds],
        out.prints[game, rounds][:, np.newaxis] + deltas,
        stated,
        mean,
        variance,
        quantiles,
        weights,
        means,
        scales,
        present,
        _labels_by_origin(names, present),
        {
            i: arrays.unavailable[game, begin + i]
            for i in range(n)
            if (game, begin + i) in arrays.unavailable
        },
        support,
        shapes,
        stated_shapes,
    )


def _present(weights: Array, means: Array, scales: Array, k: int) -> NDArray[np.bool_]:
    """Return the components that are there: neither filled in, nor of a branch without weight."""
    found: NDArray[np.bool_] = (weights != 0.0) | (means != 0.0) | (scales != 1.0)
    if weights.shape[1] == 2 * k:
        for branch in (slice(0, k), slice(k, 2 * k)):
            found[:, branch] &= (weights[:, branch] > 0.0).any(axis=1, keepdims=True)
    return found


def _labels_by_origin(names: tuple[str, ...], present: NDArray[np.bool_]) -> list[tuple[str, ...]]:
    """Return the names of the components that are present, one shared tuple for equal rows."""
    known: dict[bytes, tuple[str, ...]] = {}
    found = []
    for row in present:
        key = row.tobytes()
        if key not in known:
            known[key] = tuple(name for name, here in zip(names, row, strict=True) if here)
        found.append(known[key])
    return found


# ------------------------------------------------------------------------- from a report's records


def forecasts_of_records(
    records: Sequence[OriginRecord],
    forecasters: Sequence[str],
    horizon: int,
    support: Support | None = None,
) -> SeriesForecasts:
    """Return the forecasts that a report has of one series at one horizon.

    Args:
        records: records of the origins, in order.
        forecasters: names of the forecasters.
        horizon: steps ahead.
        support: values that the series can take; None: any.

    Returns:
        Forecasts of shape (origin, ...), in the unit of the series; NaN where a record has none.
    """
    experts = np.full((2, len(records), len(forecasters)), np.nan)
    for i, record in enumerate(records):
        for j, name in enumerate(forecasters):
            said = record.claims.get(name)
            if said is not None:
                experts[0, i, j] = said.mean
                experts[1, i, j] = np.nan if said.scale is None else said.scale
    parts = [record.ensemble.components for record in records]
    return SeriesForecasts(
        horizon,
        np.array([record.origin for record in records], dtype=np.intp),
        _floats([record.target for record in records]),
        _floats([record.base for record in records]),
        _floats([record.p_bad for record in records]),
        experts[0],
        experts[1],
        _floats([record.ensemble.mean for record in records]),
        _floats([record.ensemble.variance for record in records]),
        np.array([record.ensemble.quantiles for record in records]).reshape(len(records), -1),
        *_packed([None if one is None else (one.weights, one.means, one.scales) for one in parts]),
        [() if one is None else one.labels for one in parts],
        {i: record.unavailable for i, record in enumerate(records) if record.unavailable},
        Support() if support is None else support,
        shapes_of_records([() if one is None else one.shapes for one in parts]),
        shapes_of_records([_stated(record, forecasters) for record in records]),
    )


def _stated(record: OriginRecord, forecasters: Sequence[str]) -> list[Shape | None]:
    """Return what each forecaster stated beside mean and scale."""
    said = (record.claims.get(name) for name in forecasters)
    return [None if one is None else one.shape for one in said]


def _floats(values: Sequence[float | None]) -> Array:
    """Return numbers as an array; NaN for None."""
    return np.array(values, dtype=np.float64)
