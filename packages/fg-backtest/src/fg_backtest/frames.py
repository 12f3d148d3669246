"""A report as columns of tables: forecasts with what came, scores, and a row per series."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import msgspec

from fg_core import DataError

from .agents import ENSEMBLE, forecasters_of
from .evaluate import expert_means
from .schema import Cell, Metrics, Report
from .series_forecasts import forecasts_of_records
from .series_scores import series_scores
from .support import Support
from .tabular import Columns, quantile_name

__all__ = ["cells_of", "forecast_columns", "score_columns", "series_columns"]


def forecast_columns(report: Report) -> Columns:
    """Return the forecasts of all scored origins, with what came, a row per series and target.

    Args:
        report: report with the forecasts of its origins.

    Returns:
        Columns `unique_id`, `ds` (first day of the target's period; None: it is not in the data),
        `cutoff` (first day of the origin's period), `horizon`, `y` (what came, in the unit of the
        series; None: not known), the mean of each forecaster's own forecast under its name (None:
        it had none), `ensemble` (mean of the forecast that was issued) and its quantiles, such as
        `q10`.

    Raises:
        DataError: The report holds the summary only.
    """
    forecasters = forecasters_of(report.contenders)
    quantiles = [quantile_name(level) for level in report.quantile_levels]
    names = ("unique_id", "ds", "cutoff", "horizon", "y", *forecasters, ENSEMBLE, *quantiles)
    rows: list[tuple[Any, ...]] = []
    for name, h, cell in cells_of(report):
        if cell.origins is None:
            raise DataError(
                "the report holds the summary only: the forecasts of each origin were left out of "
                "it; run the backtest again without --summary-only"
            )
        of = report.series[name]
        support = Support(of.support, of.below_zero_from)
        means = expert_means(forecasts_of_records(cell.origins, forecasters, h, support))
        for one, own in zip(cell.origins, means, strict=True):
            rows.append(
                (
                    name,
                    None if one.target_period is None else _day(one.target_period),
                    _day(one.period),
                    h,
                    one.target,
                    *own,
                    one.ensemble.mean,
                    *one.ensemble.quantiles,
                )
            )
    return _columns(names, rows)


def score_columns(report: Report) -> Columns:
    """Return all figures of a report, a row per series, horizon and contender.

    Args:
        report: any report.

    Returns:
        Columns `unique_id`, `horizon`, `contender`, and those of `Metrics` that are single numbers;
        None where there is no figure.
    """
    figures = [item.name for item in msgspec.structs.fields(Metrics) if item.name != "pit_counts"]
    rows = [
        (name, h, contender, *(getattr(metrics, figure) for figure in figures))
        for name, h, cell in cells_of(report)
        for contender, metrics in cell.contenders.items()
    ]
    return _columns(("unique_id", "horizon", "contender", *figures), rows)


def series_columns(report: Report) -> Columns:
    """Return a summary of each series, a row per series: means over its horizons.

    Args:
        report: any report.

    Returns:
        Columns `unique_id`, `rows`, `origins` (scored ones), `skill` and `coverage_80` of the
        ensemble, `best` (the contender with the highest skill) and `best_skill`; None where a
        horizon has no figure.
    """
    names = ("unique_id", "rows", "origins", "skill", "coverage_80", "best", "best_skill")
    rows = [
        (
            one.name,
            one.rows,
            one.origins,
            one.skill,
            one.coverage_80,
            one.best,
            None if one.best is None else one.skills[one.best],
        )
        for one in series_scores(report)
    ]
    return _columns(names, rows)


def cells_of(report: Report) -> Iterator[tuple[str, int, Cell]]:
    """Yield the cells of a report: name of the series, horizon, and cell, by rising horizon."""
    for name, one in report.series.items():
        for h in sorted(one.horizons, key=int):
            yield name, int(h), one.horizons[h]


def _columns(names: tuple[str, ...], rows: list[tuple[Any, ...]]) -> Columns:
    by_column = zip(*rows, strict=True) if rows else ((),) * len(names)
    return {name: list(column) for name, column in zip(names, by_column, strict=True)}


def _day(moment: str) -> date:
    return datetime.fromisoformat(moment).date()
