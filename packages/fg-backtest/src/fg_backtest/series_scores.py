"""Scores of whole series: means over their horizons, which tables and files of many series show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .agents import ENSEMBLE
from .schema import Report, SeriesReport

__all__ = ["SeriesScores", "series_scores", "shares_of_best"]


@dataclass(frozen=True)
class SeriesScores:
    """Scores of one series, means over its horizons with equal weight.

    Args:
        name: name of the series.
        rows: number of its rows.
        origins: number of origins that were scored.
        skills: CRPS skill against the benchmark by contender, in the order of the report; None
            where a horizon has none.
        coverage_80: share of outcomes inside the ensemble's 80 % intervals; None where a horizon
            has none.
    """

    name: str
    rows: int
    origins: int
    skills: Mapping[str, float | None]
    coverage_80: float | None

    @property
    def skill(self) -> float | None:
        """Skill of the ensemble."""
        return self.skills[ENSEMBLE]

    @property
    def best(self) -> str | None:
        """Contender with the highest skill, the first of equals; None: none has one."""
        return self._best(tuple(self.skills))

    @property
    def best_benchmark(self) -> str | None:
        """The same of the contenders but the ensemble."""
        return self._best([key for key in self.skills if key != ENSEMBLE])

    def _best(self, names: Sequence[str]) -> str | None:
        known = {key: skill for key in names if (skill := self.skills[key]) is not None}
        return max(known, key=known.__getitem__, default=None)


def series_scores(report: Report) -> tuple[SeriesScores, ...]:
    """Return the scores of each series of a report.

    Args:
        report: any report.

    Returns:
        One entry per series, in the order of the data.
    """
    return tuple(
        _scores(name, report.series[name], report.contenders) for name in report.provenance.series
    )


def shares_of_best(scores: Sequence[SeriesScores]) -> dict[str, float]:
    """Return the share of series in which each contender has the highest skill.

    Args:
        scores: scores of series with the same contenders.

    Returns:
        Shares by contender, which add up to 1 over all series with a skill; equally good ones share
        a series. Empty: no series has a skill.
    """
    counts: dict[str, float] = {}
    n = 0
    for one in scores:
        best = one.best
        if best is None:
            continue
        n += 1
        ties = [key for key, skill in one.skills.items() if skill == one.skills[best]]
        for key in one.skills:
            counts[key] = counts.get(key, 0.0) + (1.0 / len(ties) if key in ties else 0.0)
    return {key: count / n for key, count in counts.items()}


def _scores(name: str, one: SeriesReport, contenders: Sequence[str]) -> SeriesScores:
    cells = list(one.horizons.values())
    return SeriesScores(
        name,
        one.rows,
        cells[0].n_origins,
        {key: _mean([cell.contenders[key].skill for cell in cells]) for key in contenders},
        _mean([cell.contenders[ENSEMBLE].coverage_80 for cell in cells]),
    )


def _mean(values: list[float | None]) -> float | None:
    """Return the mean; None where any is missing."""
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known and len(known) == len(values) else None
