"""The table of metrics: each field of `Metrics` is a row, and everything else follows from it.

A row is a field with its type and a `Metric`: what it is, how it is made of the scores of origins,
its unit, which figures are the better ones, its heading, its text and its marks. From the rows
come the record in the report and its published schema, the figures themselves (`measure`), and the
columns of the tables. A new metric is a row at the end, with `= None` for its default, so that
reports that were written without it are read; where it has a heading, its column stands there too.

The same goes for `Contender`, the rows of the summary: means of a metric over all cells.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from inspect import cleandoc
from textwrap import fill
from typing import Annotated, Any, get_type_hints

import msgspec
import numpy as np
from numpy.typing import NDArray

from .formatting import fixed, percent, skill_text
from .metric import CellScores, Count, Histogram, Mean, Metric, RootMean, Skill
from .scores import (
    OriginScore,
    Scores,
    absolute_error,
    covered,
    crps,
    crps_of_moments,
    interval,
    log_score,
    pit,
    squared_error,
)

__all__ = [
    "BENCHMARK_SCORES",
    "METRICS",
    "SCORES",
    "SUMMARY",
    "CellMean",
    "Contender",
    "Metrics",
    "columns",
    "measure",
    "over_cells",
]

Array = NDArray[np.float64]


class Metrics(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """Scores of one contender over some origins, in the unit of the series unless said."""

    n: Annotated[
        int,
        Metric(
            "Origins with a forecast and a target.",
            Count(needs_density=False),
            unit="",
            better="",
        ),
    ]
    n_density: Annotated[
        int,
        Metric(
            "Those with a predictive scale, which the scores from `crps` on are taken over.",
            Count(needs_density=True),
            unit="",
            better="",
        ),
    ]
    mae: Annotated[
        float | None, Metric("Mean absolute error.", Mean(absolute_error), heading="MAE")
    ]
    rmse: Annotated[
        float | None, Metric("Root mean squared error.", RootMean(squared_error), heading="RMSE")
    ]
    crps: Annotated[
        float | None,
        Metric(
            "Mean continuous ranked probability score, of the mixture where there is one.",
            Mean(crps),
            heading="CRPS",
            is_marked=True,
        ),
    ]
    crps_gaussian: Annotated[
        float | None,
        Metric(
            "The same of the normal distribution with the forecast's mean and variance.",
            Mean(crps_of_moments),
        ),
    ]
    coverage_80: Annotated[
        float | None,
        Metric(
            "Share of targets inside the central 80 % interval: of the ensemble, between the "
            "quantiles that it issued at 0.1 and 0.9.",
            Mean(covered),
            unit="",
            better="",  # at its nominal value best, neither low nor high
            heading="80 % cov.",
            text=fixed(percent),
            legend="80 % cov. is the share of outcomes inside the central 80 % interval.",
            word="coverage",
        ),
    ]
    interval_score_80: Annotated[
        float | None, Metric("Mean interval score of that interval.", Mean(interval))
    ]
    log_score: Annotated[
        float | None, Metric("Mean negative log density, in nats.", Mean(log_score), unit="nats")
    ]
    skill: Annotated[
        float | None,
        Metric(
            "1 - CRPS / CRPS of the benchmark, over the origins that both have.",
            Skill(crps),
            unit="",
            better="higher",
            heading="skill vs RW",
            text=fixed(skill_text),
            legend="CRPS skill is 1 - CRPS / CRPS of the random walk (RW): above 0 is better than "
            "it.",
            word="skill",
        ),
    ]
    pit_counts: Annotated[
        tuple[int, ...],
        Metric(
            "Probability integral transforms, counted in ten equal bins.",
            Histogram(pit, bins=10),
            unit="",
            better="",
        ),
    ]


@dataclass(frozen=True)
class CellMean:
    """One column of the summary: the mean of a metric over the cells that have it.

    Args:
        description: description of the field, as the published schema has it.
        metric: name of the metric.
        heading: heading of its column.
        is_marked: whether the best figures are marked, among contenders with a figure in all cells.
    """

    description: str
    metric: str
    heading: str
    is_marked: bool = False


class Contender(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """A contender over all cells (series times horizons), each with equal weight."""

    mean_skill: Annotated[
        float | None,
        CellMean(
            "Mean of CRPS skill against the benchmark.",
            "skill",
            heading="CRPS skill vs RW",
            is_marked=True,
        ),
    ]
    mean_coverage_80: Annotated[
        float | None,
        CellMean("Mean coverage of the 80 % interval.", "coverage_80", heading="80 % cov."),
    ]
    cells: Annotated[int, "How many cells have a skill."]


def _rows(record: type[msgspec.Struct]) -> dict[str, Any]:
    """Return the annotation of each field of a record."""
    hints = get_type_hints(record, include_extras=True)
    return {name: hints[name].__metadata__[0] for name in record.__struct_fields__}


def _document(record: type[msgspec.Struct]) -> None:
    """Add the descriptions of the fields to the docstring, which the published schema has too."""
    described = {
        name: row if isinstance(row, str) else row.description
        for name, row in _rows(record).items()
    }
    lines = [
        fill(f"{name}: {text}", 95, initial_indent="    ", subsequent_indent="        ")
        for name, text in described.items()
    ]
    record.__doc__ = "\n".join([cleandoc(record.__doc__ or ""), "", "Args:", *lines, ""])


_document(Metrics)
_document(Contender)

METRICS: Mapping[str, Metric] = _rows(Metrics)
"""Rows of the table of metrics by name, in the order of the report."""

SUMMARY: Mapping[str, CellMean] = {
    name: row for name, row in _rows(Contender).items() if isinstance(row, CellMean)
}
"""Columns of the summary by name of their field."""

SCORES: tuple[OriginScore, ...] = tuple(
    dict.fromkeys(one for row in METRICS.values() for one in row.figure.needed())
)
"""Scores of origins that all metrics together are made of."""

BENCHMARK_SCORES: tuple[OriginScore, ...] = tuple(
    dict.fromkeys(one for row in METRICS.values() for one in row.figure.needed_of_benchmark())
)
"""Those that are needed of the benchmark, too."""


def columns(width: int) -> dict[str, Metric]:
    """Return the metrics that tables on a page of that width show, by name, in their order.

    Args:
        width: width of the page, in characters.

    Returns:
        Metrics by the name of their field in the report.

    >>> list(columns(80))
    ['mae', 'rmse', 'crps', 'coverage_80', 'skill']
    """
    return {name: row for name, row in METRICS.items() if row.heading and row.min_width <= width}


def measure(scores: Scores, benchmark: Scores, step_scales: Array) -> list[Metrics]:
    """Return the metrics of many cells.

    Args:
        scores: scores of shape (cell, origin), those of `SCORES`.
        benchmark: scores of `BENCHMARK_SCORES` of the contender that skill is measured against.
        step_scales: one-step scales of the series, shape (cell,), in their units.

    Returns:
        One per cell.
    """
    cells = CellScores(scores, benchmark, step_scales)
    return list(map(Metrics, *(row.figure.of(cells) for row in METRICS.values())))


def over_cells(cells: Sequence[Metrics]) -> Contender:
    """Return the means of a contender's metrics over those of its cells that have them.

    Args:
        cells: metrics of the contender, one entry per cell.

    Returns:
        Means with equal weights of the cells, and how many cells have a skill; None where no cell
        has the metric.
    """
    means = {
        name: _mean([getattr(one, column.metric) for one in cells])
        for name, column in SUMMARY.items()
    }
    return Contender(**means, cells=sum(one.skill is not None for one in cells))


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else None
