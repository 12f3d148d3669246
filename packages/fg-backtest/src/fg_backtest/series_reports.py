"""Parts of a report about played series: many at once, scored together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from fg_core.calendar import own_frequency

from .agents import forecasters_of
from .as_known import SeriesAsKnown
from .evaluate import UnscoredCell, evaluate
from .schedule import Schedule
from .schema import OriginRecord, SeriesReport, WindowRecord
from .series_forecasts import SeriesForecasts
from .stacked import solved_quantiles
from .support import Support
from .to_report import moment, origins_of
from .windows import OriginWindow

__all__ = ["PlayedSeries", "series_reports"]


@dataclass(frozen=True, eq=False)
class PlayedSeries:
    """One series after its game, not scored yet.

    Args:
        name: name of the series.
        known: the series as it was known; its rows have the values that are scored.
        schedule: rows that were played, and those that are scored.
        windows: blocks of scored origins.
        forecasts: forecasts from the scored origins, by horizon.
        weights: the aggregator's last weights, by horizon and forecaster; a horizon may be missing.
        prints_doubted: played origins whose value the defenders thought bad more likely than not.
        step_scale: one-step scale of the series before the game, in its unit.
        support: values that the series can take.
    """

    name: str
    known: SeriesAsKnown
    schedule: Schedule
    windows: Sequence[OriginWindow]
    forecasts: Mapping[int, SeriesForecasts]
    weights: Mapping[int, Mapping[str, float]]
    prints_doubted: int
    step_scale: float
    support: Support = field(default_factory=Support)


def series_reports(
    played: Sequence[PlayedSeries], contenders: Sequence[str], *, summary_only: bool = False
) -> dict[str, SeriesReport]:
    """Score series and return their part of a report, by name.

    Args:
        played: series of one backtest; their figures do not depend on each other.
        contenders: names of forecasters, equal weights and ensemble.
        summary_only: whether to leave out the forecasts of each origin.

    Returns:
        Reports by name of the series, in the order of `played`.
    """
    where = [(one, h) for one in played for h in one.forecasts]
    forecasts = [one.forecasts[h] for one, h in where]
    origins: Sequence[tuple[OriginRecord, ...] | None] = [None] * len(where)
    if not summary_only:
        origins = _origins(played, forecasts, forecasters_of(contenders))
    windows = {one.name: _windows(one) for one in played}
    cells = [
        UnscoredCell(forecast, windows[one.name], one.weights.get(h, {}), records, one.step_scale)
        for (one, h), forecast, records in zip(where, forecasts, origins, strict=True)
    ]
    scored = iter(evaluate(contenders, cells))
    return {
        one.name: SeriesReport(
            rows=len(one.known.rows),
            first_period=moment(one.known.rows[0]),
            last_period=moment(one.known.rows[-1]),
            first_played=one.schedule.first_played,
            played_from=moment(one.known.rows[one.schedule.first_played]),
            later_than=one.schedule.later_than,
            prints_doubted=one.prints_doubted,
            step_scale=one.step_scale,
            horizons={str(h): next(scored) for h in one.forecasts},
            revisions=one.known.n_revisions,
            late=one.known.n_late,
            frequency=own_frequency([row.timestamp.date() for row in one.known.rows], ""),
            support=one.support.kind,
            below_zero_from=one.support.below_zero_from,
        )
        for one in played
    }


def _origins(
    played: Sequence[PlayedSeries],
    forecasts: Sequence[SeriesForecasts],
    forecasters: Sequence[str],
) -> list[tuple[OriginRecord, ...]]:
    """Return the records of all origins, one entry per series and horizon."""
    quantiles = iter(solved_quantiles(forecasts))
    found = []
    for one in played:
        periods = [moment(row) for row in one.known.rows]
        found += [
            origins_of(forecast, next(quantiles), periods, forecasters)
            for forecast in one.forecasts.values()
        ]
    return found


def _windows(one: PlayedSeries) -> tuple[WindowRecord, ...]:
    """Return the windows of a series without their figures."""
    return tuple(
        WindowRecord(
            window.index,
            window.first_origin,
            window.last_origin,
            window.train_start,
            window.train_end,
            moment(one.known.rows[window.first_origin]),
            moment(one.known.rows[window.last_origin]),
            {},
        )
        for window in one.windows
    )
