"""From the forecasts of each origin to every figure of a report, and back again to check them.

The figures of a report are computed from its per-origin records and from nothing else, so that
whoever has the file can compute them again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from fg_core import QUANTILE_LEVELS
from fg_core.reasons import add_reason

from .agents import BENCHMARK, ENSEMBLE, EQUAL_WEIGHTS
from .records import (
    Cell,
    Contender,
    Metrics,
    OriginRecord,
    Report,
    SeriesReport,
    Summary,
    WindowRecord,
)
from .scores import LEVELS, Forecasts, Part, forecasts_of, measure, score

__all__ = ["recompute", "summarise", "tally"]


def tally(
    contenders: Sequence[str],
    origins: Sequence[OriginRecord],
    windows: Sequence[WindowRecord],
    weights: Mapping[str, float],
    quantile_levels: Sequence[float] = QUANTILE_LEVELS,
) -> Cell:
    """Score one series at one horizon.

    Args:
        contenders: Names: forecasters, equal weights, ensemble.
        origins: All forecasts, in the order of their origins.
        windows: Blocks of origins; their figures are replaced.
        weights: The aggregator's last weights.
        quantile_levels: Of the quantiles that the ensemble issued.
    """
    known = [record for record in origins if record.target is not None]
    rows = np.array([record.origin for record in known], dtype=np.intp)
    targets = np.array([record.target for record in known], dtype=np.float64)
    forecasters = [name for name in contenders if name not in (EQUAL_WEIGHTS, ENSEMBLE)]
    ends = [quantile_levels.index(level) for level in LEVELS if level in quantile_levels]
    scores = {
        name: score(_forecasts(name, known, forecasters, ends), targets) for name in contenders
    }

    def figures(chosen: slice) -> dict[str, Metrics]:
        against = scores[BENCHMARK]
        return {name: measure(found, against, chosen) for name, found in scores.items()}

    def of_window(window: WindowRecord) -> WindowRecord:
        first = int(np.searchsorted(rows, window.first_origin))
        after = int(np.searchsorted(rows, window.last_origin, side="right"))
        return msgspec.structs.replace(window, contenders=figures(slice(first, after)))

    everything = figures(slice(None))
    return Cell(
        contenders=everything,
        windows=tuple(of_window(window) for window in windows),
        origins=tuple(origins),
        unscored=len(origins) - len(known),
        missing={name: len(known) - everything[name].n for name in forecasters},
        weights=dict(weights),
        missing_reasons=_reasons(known),
    )


def _reasons(records: Sequence[OriginRecord]) -> dict[str, dict[str, int]]:
    """Count the reasons of each forecaster by kind; beyond the first few kinds, together."""
    found: dict[str, dict[str, int]] = {}
    for record in records:
        for name, reason in record.unavailable.items():
            add_reason(found.setdefault(name, {}), reason)
    return found


def _forecasts(
    name: str, records: Sequence[OriginRecord], forecasters: Sequence[str], ends: Sequence[int]
) -> Forecasts:
    if name == ENSEMBLE:
        rows = [_issued(record) for record in records]
        if len(ends) < len(LEVELS):  # a report with quantiles at other levels
            return forecasts_of(rows)
        low, high = ends
        quantiles = [record.ensemble.quantiles for record in records]
        return forecasts_of(rows, [(one[low], one[high]) for one in quantiles])
    if name == EQUAL_WEIGHTS:
        return forecasts_of([(_pool(record, forecasters), None, None) for record in records])
    return forecasts_of([_claimed(record, name) for record in records])


def _claimed(
    record: OriginRecord, name: str
) -> tuple[tuple[Part, ...], float | None, float | None]:
    claim = record.claims.get(name)
    if claim is None:
        return (), None, None
    if not claim.scale:  # none given, or a certainty, which is no density
        return (), claim.mean, None
    return ((1.0, claim.mean, claim.scale),), claim.mean, claim.scale * claim.scale


def _pool(record: OriginRecord, forecasters: Sequence[str]) -> tuple[Part, ...]:
    """Return the linear pool, with equal weights, of the claims that have a scale."""
    claims = [record.claims[name] for name in forecasters if name in record.claims]
    some = [(claim.mean, claim.scale) for claim in claims if claim.scale]
    return tuple((1.0 / len(some), mean, scale) for mean, scale in some)


def _issued(record: OriginRecord) -> tuple[tuple[Part, ...], float, float | None]:
    issued = record.ensemble
    parts = issued.components
    if parts is not None:
        triples = tuple(zip(parts.weights, parts.means, parts.scales, strict=True))
        return triples, issued.mean, issued.variance
    if issued.variance <= 0.0:
        return (), issued.mean, None
    return ((1.0, issued.mean, float(np.sqrt(issued.variance))),), issued.mean, issued.variance


def summarise(contenders: Sequence[str], series: Mapping[str, SeriesReport]) -> Summary:
    """Return each contender's mean skill and coverage over all cells, with equal weights.

    Args:
        contenders: Names.
        series: The series of the report.
    """
    # In the order of names and numbers, so that a report that was read gives the same sums.
    cells = [
        series[name].horizons[h]
        for name in sorted(series)
        for h in sorted(series[name].horizons, key=int)
    ]
    found = {}
    for name in contenders:
        metrics = [cell.contenders[name] for cell in cells]
        skills = [m.skill for m in metrics if m.skill is not None]
        coverages = [m.coverage_80 for m in metrics if m.coverage_80 is not None]
        found[name] = Contender(_mean(skills), _mean(coverages), len(skills))
    return Summary(BENCHMARK, len(cells), found, _beaten_by(found))


def _mean(values: Sequence[float]) -> float | None:
    return float(np.mean(values)) if values else None


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
        report: As read or as made.
    """
    series = {
        name: msgspec.structs.replace(
            one,
            horizons={
                h: tally(
                    report.contenders,
                    cell.origins,
                    cell.windows,
                    cell.weights,
                    report.quantile_levels,
                )
                for h, cell in one.horizons.items()
            },
        )
        for name, one in report.series.items()
    }
    return msgspec.structs.replace(
        report, series=series, summary=summarise(report.contenders, series)
    )
