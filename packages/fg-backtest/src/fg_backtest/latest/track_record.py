"""Track record of a forecast: scores of the same agents at the series' last origins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fg_backtest import scores as scoring
from fg_backtest.agents import BENCHMARK, ENSEMBLE, forecasters_of
from fg_backtest.evaluate import scores_of
from fg_backtest.series_forecasts import SeriesForecasts
from fg_core.scoring import ScoreComparison, compare_scores

__all__ = ["LUCK", "TrackRecord", "track_records"]

Array = NDArray[np.float64]

LUCK = 0.05
"""A lead is more than luck where chance gives one as large less often than this."""

_THIRDS = 3


@dataclass(frozen=True, eq=False)
class TrackRecord:
    """Scores of one series at one horizon over the origins played before the last row.

    Weights and scales were learned on these very origins, each from those before it, so the scores
    are out of sample; at the first of them nothing had been learned yet.

    Args:
        n: number of origins whose target is known and that the forecast issued has a score of.
        crps: mean CRPS of the forecasts issued, in the unit of the series; NaN: no origin.
        skill: 1 less that CRPS over the random walk's; NaN where it cannot be told.
        coverage_80: share of outcomes inside the central 80 % intervals; NaN: no origin.
        best: name of the forecaster with the lowest mean CRPS where it and the pool both have
            scores; empty: no forecaster has any.
        lead: its mean CRPS less the pool's at these origins; a mean below 0: the pool is behind.
        lead_p_value: probability that the best of so many equally good forecasters is as far ahead
            by luck (its p-value times the number of forecasters, at most 1).
        best_throughout: whether it was ahead of the pool in each third of the origins.
        against_walk: CRPS of the pool less the random walk's, at the origins that both have.
        walk_crps: mean CRPS of the random walk there; NaN: no origin.
        ties: share of outcomes that equal the most frequent one; 0: no origin.
        pits: probability integral transforms of the outcomes, shape (origin,), in the order of the
            origins; NaN where the target is not known.
    """

    n: int
    crps: float
    skill: float
    coverage_80: float
    best: str
    lead: ScoreComparison
    lead_p_value: float
    best_throughout: bool
    against_walk: ScoreComparison
    walk_crps: float
    ties: float
    pits: Array

    @property
    def lead_is_luck(self) -> bool:
        """Whether chance alone explains the lead of the best forecaster, or it has none."""
        return not (self.lead.mean < 0.0 and self.lead_p_value < LUCK)


def track_records(cells: Sequence[SeriesForecasts], contenders: Sequence[str]) -> list[TrackRecord]:
    """Return the record of each cell.

    Args:
        cells: forecasts per series and horizon.
        contenders: names of forecasters, equal weights and ensemble.

    Returns:
        One record per cell, in the same order.
    """
    if not cells:
        return []
    crps = scores_of(cells, contenders, (scoring.crps,))[scoring.crps].reshape(len(contenders), -1)
    of_pool = scores_of(cells, (ENSEMBLE,), (scoring.covered, scoring.pit))
    covered, pits = of_pool[scoring.covered], of_pool[scoring.pit]
    ends = np.cumsum([0, *(len(one) for one in cells)]).tolist()
    return [
        _record(cell, crps[:, a:b], covered[a:b], pits[a:b], contenders)
        for cell, a, b in zip(cells, ends[:-1], ends[1:], strict=True)
    ]


def _record(
    cell: SeriesForecasts,
    crps: Array,
    covered: Array,
    pits: Array,
    contenders: Sequence[str],
) -> TrackRecord:
    """Return the record of one cell; `crps` has the shape (contender, origin)."""
    horizon, outcomes = cell.horizon, cell.targets[~np.isnan(cell.targets)]
    pool = crps[contenders.index(ENSEMBLE)]
    walk = crps[contenders.index(BENCHMARK)]
    some = ~np.isnan(pool)
    both = some & ~np.isnan(walk)
    base = _mean(walk[both])
    names = forecasters_of(contenders)
    ahead = {name: _mean_known(crps[contenders.index(name)] - pool) for name in names}
    ahead = {name: mean for name, mean in ahead.items() if not np.isnan(mean)}
    best = min(ahead, key=ahead.__getitem__, default="")
    of_best = crps[contenders.index(best)] if best else np.full(pool.size, np.nan)
    lead = compare_scores(of_best, pool, horizon)
    return TrackRecord(
        n=int(np.count_nonzero(some)),
        crps=_mean(pool[some]),
        skill=1.0 - _mean(pool[both]) / base if base > 0.0 else float("nan"),
        coverage_80=_mean(covered[~np.isnan(covered)]),
        best=best,
        lead=lead,
        lead_p_value=min(1.0, lead.p_value * len(ahead)) if ahead else 1.0,
        best_throughout=_throughout(of_best - pool),
        against_walk=compare_scores(pool, walk, horizon),
        walk_crps=base,
        ties=float(np.max(np.unique(outcomes, return_counts=True)[1], initial=0))
        / max(1, outcomes.size),
        pits=pits,
    )


def _throughout(differences: Array) -> bool:
    """Return whether the mean is below 0 in each third of the origins."""
    known = differences[~np.isnan(differences)]
    if known.size < _THIRDS:
        return False
    return all(part.mean() < 0.0 for part in np.array_split(known, _THIRDS))


def _mean_known(values: Array) -> float:
    return _mean(values[~np.isnan(values)])


def _mean(values: Array) -> float:
    return float(np.mean(values)) if values.size else float("nan")
