"""Coded checks of forecasts and of backtests, from the track records of their series."""

from __future__ import annotations

from fg_backtest.agents import forecasters_of
from fg_backtest.checks import (
    Check,
    beaten_by_one,
    coverage_broken,
    few_moves,
    few_origins,
    print_doubted,
    revised_only,
    worse_than_walk,
)
from fg_backtest.frames import cells_of
from fg_backtest.schema import Report
from fg_backtest.series_forecasts import forecasts_of_records
from fg_core import DataError
from fg_core.calendar import counted_periods

from .series_forecast import SeriesForecast
from .track_record import TrackRecord, track_records

__all__ = ["record_checks", "report_checks", "series_checks"]


def series_checks(one: SeriesForecast, threshold: float) -> list[Check]:
    """Return the checks of one series that is forecast from its last row.

    Args:
        one: forecasts of the series.
        threshold: probability of a bad print from which on the last one is doubted.

    Returns:
        FG104 and FG107 of the series, and the others of each horizon that has a track record.
    """
    nearest = one.horizons[0]
    used, issued = nearest.undefended.mean, nearest.forecast.mean
    ahead = counted_periods(nearest.horizon, one.frequency)
    detail = (
        f" If it were trusted, the forecast {ahead} ahead would be {used:.5g} instead of "
        f"{issued:.5g}."
    )
    figures = {"used": used, "issued": issued}
    found = [
        print_doubted(one.p_bad, threshold, one.name, figures, detail),
        few_moves(one.values[: one.played_from], one.name),
    ]
    for h in one.horizons:
        if h.track_record is not None:
            found += record_checks(h.track_record, one.name, h.horizon, one.frequency)
    return found


def record_checks(record: TrackRecord, series: str, horizon: int, frequency: str) -> list[Check]:
    """Return the checks of one series at one horizon.

    Args:
        record: scores at its origins.
        series: name of the series.
        horizon: steps ahead.
        frequency: frequency of the series, such as "M".

    Returns:
        FG101, FG102, FG105 and FG106.
    """
    at = (series, horizon, frequency)
    return [
        worse_than_walk(record.against_walk, record.walk_crps, *at),
        coverage_broken(record.n, record.coverage_80, *at, ties=record.ties),
        beaten_by_one(
            record.best,
            record.lead,
            record.crps,
            record.lead_p_value,
            record.best_throughout,
            *at,
        ),
        few_origins(record.n, *at),
    ]


def report_checks(report: Report) -> list[Check]:
    """Return the checks of a backtest, from the forecasts of its origins.

    Args:
        report: report with the forecasts of its origins.

    Returns:
        FG103 of the data, and FG101, FG102, FG105 and FG106 of each series and horizon.

    Raises:
        DataError: The report holds the summary only.
    """
    found = [revised_only(report.provenance.vintage, report.provenance.source)]
    cells, places = [], []
    frequencies = {
        name: one.frequency or report.provenance.frequency for name, one in report.series.items()
    }
    for name, horizon, cell in cells_of(report):
        if cell.origins is None:
            raise DataError(
                "the report holds the summary only, and checks are made from the forecasts of each "
                "origin; run the backtest again without --summary-only"
            )
        forecasters = forecasters_of(report.contenders)
        cells.append(forecasts_of_records(cell.origins, forecasters, horizon))
        places.append((name, horizon))
    records = track_records(cells, report.contenders)
    for (name, horizon), record in zip(places, records, strict=True):
        found += record_checks(record, name, horizon, frequencies[name])
    return found
