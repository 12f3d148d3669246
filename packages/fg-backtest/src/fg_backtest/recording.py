"""From a game to records: what was issued, on which data, with which settings."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from fg_core import DataError, Dataset, GameOutputs, IssuedForecast, Observation

from .records import Claim, Ensemble, Mixture, OriginRecord, Source

__all__ = ["moment", "origins_of", "plain_setting", "source_of"]


def origins_of(
    out: GameOutputs,
    rows: Sequence[Observation],
    warmup: int,
    position: int,
    names: Sequence[str],
) -> list[OriginRecord]:
    """Return what a game issued for one horizon after its warm-up.

    Args:
        out: The game.
        rows: The series it was played on.
        warmup: How many rounds to leave out.
        position: Of the horizon among the game's horizons.
        names: Of the forecasters.

    Raises:
        DataError: A forecaster stated a distribution, which the report has no place for.
    """
    return [_origin(step.issued[position], rows, names) for step in out.steps[warmup:]]


def _origin(
    issued: IssuedForecast, rows: Sequence[Observation], names: Sequence[str]
) -> OriginRecord:
    at = issued.origin + issued.horizon
    target = rows[at] if at < len(rows) else None
    parts = issued.forecast.components
    stating = [a.actor for a in issued.actions if a is not None and a.shape is not None]
    if stating or (parts is not None and parts.shapes is not None):
        raise DataError(
            f"forecasters that state a whole distribution ({', '.join(stating) or 'in the pool'}) "
            "cannot be recorded: the report holds mixtures of normals, and scores computed from "
            "it would be wrong. Let them return a mean and a scale for a backtest"
        )
    mixture = None
    if parts is not None:
        mixture = Mixture(
            tuple(parts.weights.tolist()),
            tuple(parts.means.tolist()),
            tuple(parts.scales.tolist()),
            parts.labels,
        )
    return OriginRecord(
        origin=issued.origin,
        period=moment(rows[issued.origin]),
        target_period=None if target is None else moment(target),
        target=None if target is None else float(target.value),
        base=float(issued.base),
        p_bad=float(issued.p_bad),
        claims={
            name: Claim(
                float(issued.base + action.delta),
                None if action.scale is None else float(action.scale),
            )
            for name, action in zip(names, issued.actions, strict=True)
            if action is not None
        },
        ensemble=Ensemble(
            float(issued.forecast.mean),
            float(issued.forecast.variance),
            tuple(float(q) for q in issued.forecast.quantiles),
            mixture,
        ),
        unavailable=dict(issued.unavailable),
    )


def moment(row: Observation) -> str:
    """Return the first moment of a row's period, as ISO 8601."""
    return row.timestamp.isoformat()


def source_of(dataset: Dataset, series: tuple[str, ...]) -> Source:
    """Return the provenance of the series that were played."""
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
    """Return a setting as JSON can hold it."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): plain_setting(item) for key, item in sorted(value.items())}
    if isinstance(value, tuple):
        return [plain_setting(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value
