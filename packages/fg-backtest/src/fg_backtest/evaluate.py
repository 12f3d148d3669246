"""From the forecasts of each origin to every figure of a report, and back again to check them.

The figures of a report are computed from its per-origin records and from nothing else, so that they
can be computed again from the file. Many cells are scored together, as arrays: no figure depends on
the cells beside it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray

from fg_core import DataError
from fg_core.distributions import ShapeArrays
from fg_core.mixture import mixture_moments
from fg_core.reasons import add_reason

from .agents import BENCHMARK, ENSEMBLE, EQUAL_WEIGHTS, forecasters_of
from .metrics import BENCHMARK_SCORES, SCORES, measure, over_cells
from .outcomes import Forecasts
from .predictive import point_forecasts
from .schema import (
    Cell,
    Contender,
    Metrics,
    OriginRecord,
    Report,
    SeriesReport,
    Summary,
    WindowRecord,
)
from .scores import OriginScore, Scores, score
from .series_forecasts import SeriesForecasts, forecasts_of_records
from .stacked import Stacked, stacked
from .support import Support

__all__ = ["UnscoredCell", "evaluate", "expert_means", "recompute", "scores_of", "summarise"]

Array = NDArray[np.float64]

_NO_SCALE = 1e-150
"""Standard deviation of a stated distribution that is a single mass."""

_Span = tuple[int, int]
"""First position among the origins of a cell, and the one after the last."""


@dataclass(frozen=True, eq=False)
class UnscoredCell:
    """One series at one horizon, as it was played.

    Args:
        forecasts: forecasts and outcomes.
        windows: blocks of origins; their figures are replaced.
        weights: the aggregator's last weights by forecaster.
        origins: the forecasts as records; None: left out of the report.
        step_scale: one-step scale of the series before the game, in its unit.
    """

    forecasts: SeriesForecasts
    windows: Sequence[WindowRecord]
    weights: Mapping[str, float]
    origins: tuple[OriginRecord, ...] | None
    step_scale: float


def evaluate(contenders: Sequence[str], cells: Sequence[UnscoredCell]) -> list[Cell]:
    """Score many cells.

    Args:
        contenders: names of forecasters, equal weights and ensemble.
        cells: cells of the same contenders.

    Returns:
        The cells with their figures, in the same order.
    """
    if not cells:
        return []
    forecasters = forecasters_of(contenders)
    forecasts = [cell.forecasts for cell in cells]
    scores = scores_of(forecasts, contenders)
    ends = np.cumsum([0, *(len(one) for one in forecasts)])
    step_scales = np.array([cell.step_scale for cell in cells])
    spans = [_spans(cell) for cell in cells]
    # By cell: the metrics of each contender, over all origins and then by window.
    figures: list[list[dict[str, Metrics]]] = [[] for _ in cells]
    for number, span in _columns(spans):
        begins = np.array([ends[i] + span_of[0] for i, span_of in zip(number, span, strict=True)])
        lengths = np.array([last - first for first, last in span])
        found = _measured(scores, contenders, begins, lengths, step_scales[number])
        for i, metrics in zip(number, found, strict=True):
            figures[i].append(metrics)
    return [_cell(cell, forecasters, metrics) for cell, metrics in zip(cells, figures, strict=True)]


def _spans(cell: UnscoredCell) -> list[_Span]:
    """Return the positions of all origins, and of those of each window."""
    origins = cell.forecasts.origins.tolist()
    return [
        (0, len(origins)),
        *(
            (bisect_left(origins, one.first_origin), bisect_right(origins, one.last_origin))
            for one in cell.windows
        ),
    ]


def _columns(spans: Sequence[Sequence[_Span]]) -> Iterator[tuple[list[int], list[_Span]]]:
    """Return the first span of each cell, then the second and so on, with the cells' numbers."""
    for k in range(max(map(len, spans), default=0)):
        number = [i for i, of_cell in enumerate(spans) if k < len(of_cell)]
        yield number, [spans[i][k] for i in number]


def _measured(
    scores: Scores,
    contenders: Sequence[str],
    begins: NDArray[np.intp],
    lengths: NDArray[np.intp],
    step_scales: Array,
) -> list[dict[str, Metrics]]:
    """Return the metrics of each contender over some origins of each cell.

    Args:
        scores: over the origins of all cells, of one contender after the other.
        contenders: names of the contenders.
        begins: where the origins of a cell begin, shape (cell,).
        lengths: numbers of origins, shape (cell,).
        step_scales: one-step scales of the series, shape (cell,), in their units.
    """
    n_cells, n_rows = begins.size, scores.has_mean.size // len(contenders)
    steps = np.arange(int(lengths.max(initial=0)))
    rows = np.where(steps < lengths[:, np.newaxis], begins[:, np.newaxis] + steps, -1)
    own = [np.where(rows < 0, -1, rows + number * n_rows) for number in range(len(contenders))]
    benchmark = np.tile(own[contenders.index(BENCHMARK)], (len(contenders), 1))
    found = measure(
        scores.take(np.concatenate(own)),
        scores.take(benchmark, BENCHMARK_SCORES),
        np.tile(step_scales, len(contenders)),
    )
    by_contender = [found[n * n_cells : (n + 1) * n_cells] for n in range(len(contenders))]
    return [
        dict(zip(contenders, of_cell, strict=True)) for of_cell in zip(*by_contender, strict=True)
    ]


def _cell(
    cell: UnscoredCell, forecasters: Sequence[str], figures: Sequence[dict[str, Metrics]]
) -> Cell:
    everything, *of_windows = figures
    known = ~np.isnan(cell.forecasts.targets)
    n_known = int(np.count_nonzero(known))
    return Cell(
        contenders=everything,
        windows=tuple(
            msgspec.structs.replace(window, contenders=metrics)
            for window, metrics in zip(cell.windows, of_windows, strict=True)
        ),
        origins=cell.origins,
        unscored=len(cell.forecasts) - n_known,
        missing={name: n_known - everything[name].n for name in forecasters},
        weights=dict(cell.weights),
        missing_reasons=_reasons(cell.forecasts, known),
    )


def _reasons(forecasts: SeriesForecasts, known: NDArray[np.bool_]) -> dict[str, dict[str, int]]:
    """Count the reasons of each forecaster by kind; beyond the first few kinds, together."""
    found: dict[str, dict[str, int]] = {}
    for at in sorted(forecasts.unavailable):
        if known[at]:
            for name, reason in forecasts.unavailable[at].items():
                add_reason(found.setdefault(name, {}), reason)
    return found


# ---------------------------------------------------------------------------------- contenders


def scores_of(
    forecasts: Sequence[SeriesForecasts],
    contenders: Sequence[str],
    wanted: Sequence[OriginScore] = SCORES,
) -> Scores:
    """Return the scores over the origins of all cells, of one contender after the other.

    Args:
        forecasts: cells of the same forecasters.
        contenders: names of forecasters, equal weights and ensemble.
        wanted: scores that are taken.

    Returns:
        Scores by row: the origins of all cells for the first contender, then for the next.
    """
    parts: list[list[Scores]] = [[] for _ in contenders]
    for some in stacked(forecasts):
        for name, of_one in zip(contenders, parts, strict=True):
            of_one.append(score(_forecasts(some, name, contenders), some.targets, wanted))
    return Scores.joined([part for of_one in parts for part in of_one])


def _forecasts(some: Stacked, name: str, contenders: Sequence[str]) -> Forecasts:
    """Return the forecasts of one contender."""
    if name == ENSEMBLE:
        return _ensemble(some)
    if name == EQUAL_WEIGHTS:
        return _equal_weights(some)
    return _expert(some, forecasters_of(contenders).index(name))


def _expert(some: Stacked, at: int) -> Forecasts:
    """Return the forecasts of one forecaster."""
    means, scales = some.expert_means[:, at], some.stated_scales[:, at]
    has_scale = scales > 0.0  # none stated, or a certainty, is no density
    shapes = _of_experts(some, slice(at, at + 1))
    if shapes is not None:
        has_scale |= shapes.stated[:, 0]
    parts = (
        np.ones((means.size, 1)),
        np.where(has_scale, means, 0.0)[:, np.newaxis],
        np.where(scales > 0.0, scales, np.where(has_scale, _NO_SCALE, 1.0))[:, np.newaxis],
    )
    special = some.predictive(*parts, shapes)
    if special is None:
        return Forecasts(means, np.where(has_scale, scales * scales, np.nan), *parts)
    own = np.stack(special.moments(), axis=-1)
    return Forecasts(
        np.where(has_scale, own[:, 0], point_forecasts(means, some.is_log, some.is_censored)),
        np.where(has_scale, own[:, 1], np.nan),
        *parts,
        special=special,
    )


def expert_means(forecasts: SeriesForecasts) -> list[list[float | None]]:
    """Return the means of the expert forecasts in the unit of the series.

    Args:
        forecasts: forecasts of one cell.

    Returns:
        Per origin one number per forecaster; None where it has no forecast.
    """
    n = forecasts.expert_means.shape[1]
    rows = [
        np.column_stack([_expert(some, at).means for at in range(n)])
        for some in stacked([forecasts])
    ]
    return [
        [None if mean != mean else mean for mean in row] for part in rows for row in part.tolist()
    ]


def _of_experts(some: Stacked, which: slice) -> ShapeArrays | None:
    """Return what some forecasters state, leading axes (row, forecaster); None: normals."""
    if some.stated_shapes is None:
        return None
    own = some.stated_shapes.map(lambda array: array[:, which])
    return own if own.stated.any() else None


def _equal_weights(some: Stacked) -> Forecasts:
    """Return the linear pool, with equal weights, of the expert forecasts that state a scale."""
    has_scale = some.stated_scales > 0.0
    shapes = _of_experts(some, slice(None))
    there = has_scale if shapes is None else has_scale | shapes.stated
    count = np.count_nonzero(there, axis=1)
    rows = count > 0
    weights = np.where(there, 1.0 / np.maximum(count, 1)[:, np.newaxis], 0.0)
    weights[~rows, 0] = 1.0
    centres = np.where(there, some.expert_means, 0.0)
    scales = np.where(has_scale, some.stated_scales, np.where(there, _NO_SCALE, 1.0))
    special = some.predictive(weights, centres, scales, shapes)
    means, variances = (
        mixture_moments(weights, centres, scales) if special is None else special.moments()
    )
    return Forecasts(
        np.where(rows, means, np.nan),
        np.where(rows, variances, np.nan),
        weights,
        centres,
        scales,
        special=special,
    )


def _ensemble(some: Stacked) -> Forecasts:
    """Return the forecasts that the game issued."""
    has_density = some.is_mixture | (some.variances > 0.0)
    return Forecasts(
        some.means,
        np.where(has_density, some.variances, np.nan),
        some.weights,
        some.component_means,
        some.component_scales,
        some.quantiles[:, (0, -1)],
        some.predictive(some.weights, some.component_means, some.component_scales, some.shapes),
    )


# ------------------------------------------------------------------------------------- summary


def summarise(contenders: Sequence[str], series: Mapping[str, SeriesReport]) -> Summary:
    """Return each contender's mean figures over all cells, with equal weights.

    Args:
        contenders: Names of the contenders.
        series: The series of the report.

    Returns:
        Mean figures by contender; skill and coverage have no unit.
    """
    # In the order of names and numbers, so that a report that was read gives the same sums.
    cells = [
        series[name].horizons[h]
        for name in sorted(series)
        for h in sorted(series[name].horizons, key=int)
    ]
    found = {name: over_cells([cell.contenders[name] for cell in cells]) for name in contenders}
    return Summary(BENCHMARK, len(cells), found, _beaten_by(found))


def _beaten_by(contenders: Mapping[str, Contender]) -> tuple[str, ...]:
    ours = contenders[ENSEMBLE]
    if ours.mean_skill is None:
        return ()
    better = [
        (-other.mean_skill, name)
        for name, other in contenders.items()
        if other.mean_skill is not None
        and other.mean_skill > ours.mean_skill
        and other.cells == ours.cells
    ]
    return tuple(name for _, name in sorted(better))


def recompute(report: Report) -> Report:
    """Return the report with every figure computed anew from its per-origin forecasts.

    Equal to `report` itself, to rounding, if its figures are right.

    Args:
        report: Report as it was read or made.

    Returns:
        A report with the same forecasts and provenance, and figures computed anew.

    Raises:
        DataError: The report leaves the forecasts of the origins out.
    """
    forecasters = forecasters_of(report.contenders)
    where = [(name, h) for name, one in report.series.items() for h in one.horizons]
    cells = []
    for name, h in where:
        cell = report.series[name].horizons[h]
        if cell.origins is None:
            raise DataError(
                "the report holds the summary only: the forecasts of each origin, from which its "
                "figures are computed, were left out of it; run the backtest again without "
                "--summary-only"
            )
        one = report.series[name]
        support = Support(one.support, one.below_zero_from)
        forecasts = forecasts_of_records(cell.origins, forecasters, int(h), support)
        step_scale = one.step_scale
        cells.append(UnscoredCell(forecasts, cell.windows, cell.weights, cell.origins, step_scale))
    found = dict(zip(where, evaluate(report.contenders, cells), strict=True))
    series = {
        name: msgspec.structs.replace(one, horizons={h: found[name, h] for h in one.horizons})
        for name, one in report.series.items()
    }
    return msgspec.structs.replace(
        report, series=series, summary=summarise(report.contenders, series)
    )
