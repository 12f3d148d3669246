"""Records of forecasts: what was issued, on which data, with which settings."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import compress, repeat
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fg_core import DataError, Dataset, Observation

from .schema import Ensemble, ExpertForecast, Mixture, OriginRecord, Source
from .series_forecasts import SeriesForecasts
from .shape_records import shape_records

__all__ = ["moment", "origins_of", "plain_setting", "source_of"]

Array = NDArray[np.float64]


def origins_of(
    forecasts: SeriesForecasts, quantiles: Array, periods: Sequence[str], names: Sequence[str]
) -> tuple[OriginRecord, ...]:
    """Return forecasts as records, one per origin.

    Args:
        forecasts: forecasts of one series at one horizon.
        quantiles: quantiles of the forecasts issued, shape (origin, level).
        periods: first moments of the periods of all rows of the series.
        names: names of the forecasters.

    Returns:
        One record per origin, in the unit of the series.

    Raises:
        DataError: A forecast is not finite, which no report can say.
    """
    _require_finite(forecasts, quantiles)
    origins = forecasts.origins.tolist()
    ahead = [at + forecasts.horizon for at in origins]
    ensembles = map(
        Ensemble,
        forecasts.means.tolist(),
        forecasts.variances.tolist(),
        map(tuple, quantiles.tolist()),
        _mixtures(forecasts),
    )
    unavailable = forecasts.unavailable
    return tuple(
        map(
            OriginRecord,
            origins,
            [periods[at] for at in origins],
            [periods[at] if at < len(periods) else None for at in ahead],
            _or_none(forecasts.targets),
            forecasts.reported.tolist(),
            forecasts.p_bad.tolist(),
            _claims(forecasts, names),
            ensembles,
            [dict(unavailable.get(i, {})) for i in range(len(origins))],
        )
    )


def _require_finite(forecasts: SeriesForecasts, quantiles: Array) -> None:
    said = np.concatenate([forecasts.expert_means, forecasts.stated_scales], axis=1)
    columns = (
        np.where(np.isnan(said), 0.0, said),  # NaN: nothing was said
        *(forecasts.weights, forecasts.component_means, forecasts.component_scales, quantiles),
        np.column_stack(
            [forecasts.means, forecasts.variances, forecasts.reported, forecasts.p_bad]
        ),
    )
    finite = np.isfinite(np.concatenate(columns, axis=1)).all(axis=1)
    if not np.all(finite):
        at = int(forecasts.origins[int(np.argmin(finite))])
        raise DataError(
            f"the forecast from row {at}, {forecasts.horizon} steps ahead, is not finite, and a "
            "report has finite numbers only"
        )


def _claims(
    forecasts: SeriesForecasts, names: Sequence[str]
) -> Iterator[dict[str, ExpertForecast]]:
    """Return the expert forecasts of each origin by name, without those that there are not."""
    means, scales = forecasts.expert_means, forecasts.stated_scales
    shapes = shape_records(forecasts.stated_shapes) or [[None] * len(names)] * len(forecasts)
    columns = [
        list(
            map(
                ExpertForecast,
                means[:, j].tolist(),
                _or_none(scales[:, j]),
                [row[j] for row in shapes],
            )
        )
        for j in range(len(names))
    ]
    rows = zip(*columns, strict=True) if columns else repeat((), len(forecasts))
    there = ~np.isnan(means)
    if there.all():
        return (dict(zip(names, row, strict=True)) for row in rows)
    return (
        dict(compress(zip(names, row, strict=True), here))
        for row, here in zip(rows, there.tolist(), strict=True)
    )


def _mixtures(forecasts: SeriesForecasts) -> Iterator[Mixture | None]:
    """Return the components of each origin's forecast; None where it is no mixture."""
    here = forecasts.present
    columns = (forecasts.weights, forecasts.component_means, forecasts.component_scales)
    parts = [_present(array, here) for array in columns]
    shapes = [
        tuple(compress(row, row_here)) if any(row) else ()
        for row, row_here in zip(shape_records(forecasts.shapes), here.tolist(), strict=False)
    ] or [()] * len(forecasts)
    return (
        Mixture(weights, means, scales, labels, own) if weights else None
        for weights, means, scales, labels, own in zip(
            *parts, forecasts.labels, shapes, strict=True
        )
    )


def _present(array: Array, here: NDArray[np.bool_]) -> list[tuple[float, ...]]:
    """Return the numbers of each row that are present."""
    some = here.any(axis=0)
    if (here[:, some]).all():
        return list(map(tuple, array[:, some].tolist()))
    return [
        tuple(compress(row, row_here))
        for row, row_here in zip(array.tolist(), here.tolist(), strict=True)
    ]


def _or_none(values: Array) -> list[float | None]:
    """Return numbers as a list, None for NaN."""
    found: list[float | None] = values.tolist()
    for i in np.flatnonzero(np.isnan(values)).tolist():
        found[i] = None
    return found


def moment(row: Observation) -> str:
    """Return the first moment of a row's period, as ISO 8601.

    Args:
        row: row of a series.

    Returns:
        Text such as "2001-01-01T00:00:00+00:00".
    """
    return row.timestamp.isoformat()


def source_of(dataset: Dataset, series: tuple[str, ...]) -> Source:
    """Return the provenance of the series that were played.

    Args:
        dataset: dataset that was played.
        series: names of the series that were played.

    Returns:
        Record of source, licence and hash of the data.
    """
    of = dataset.provenance
    return Source(
        of.source,
        of.description,
        of.licence,
        of.vintage,
        of.is_synthetic,
        of.fallback_for,
        of.notices,
        dataset.content_hash,
        dataset.frequency,
        dataset.season_length,
        series,
        {name: dataset.units[name] for name in series if name in dataset.units},
        dict(of.details),
    )


def plain_setting(value: object) -> Any:
    """Return a setting as JSON can hold it.

    Args:
        value: value of the setting.

    Returns:
        Number, text, boolean, None, or a list or mapping of these.
    """
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): plain_setting(item) for key, item in sorted(value.items())}
    if isinstance(value, tuple):
        return [plain_setting(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value
