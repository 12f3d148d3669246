r"""Revisions of published values: how large, how biased, foreseeable or not, and for how long.

The *revision triangle* of a series holds, by period and age, the value of the period as it stood so
many origins after the first one. Everything else here is computed from it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fg_core import ConfigError, DataError, Dataset, TrainingWindow
from fg_core.scoring import compare_scores

from .as_known import series_as_known
from .datasets import Data, prepared
from .games import series_asked_for
from .tabular import frame_of

__all__ = ["Revisions", "SeriesRevisions", "revisions"]

Array = NDArray[np.float64]

_AGES = 12
_FEWEST = 12
_STILL_MOVING = 0.05


@dataclass(frozen=True, eq=False)
class SeriesRevisions:
    """Revisions of one series.

    Args:
        name: name of the series.
        unit: its unit in words; empty: not known.
        periods: first moments (UTC) of the periods.
        triangle: values by period and age, shape (period, 1 + number of ages), in the unit of the
            series; age 0 is the first value, NaN where an age is not reached yet.
        changes: one-step changes as they stood, same shape: the value of a period less that of the
            period before, both as known at that age of the later one.
        step_scale: one-step scale of the latest values, in the unit of the series.
    """

    name: str
    unit: str
    periods: tuple[datetime, ...]
    triangle: Array
    changes: Array
    step_scale: float

    @property
    def n_ages(self) -> int:
        """Largest age, in origins after the first value."""
        return int(self.triangle.shape[1]) - 1

    def sizes(self, age: int | None = None) -> Array:
        """Return revisions up to an age, in one-step scales of the series.

        Args:
            age: origins after the first value; None: the largest.

        Returns:
            Value at that age less the first one, over the one-step scale, shape (period,), of the
            periods that have reached the age.
        """
        moved = self._moved(self.n_ages if age is None else age)
        return moved[~np.isnan(moved)] / self.step_scale

    def _moved(self, age: int) -> Array:
        if not 0 <= age <= self.n_ages:
            raise ConfigError(f"ages go from 0 to {self.n_ages}, got {age}")
        moved: Array = self.triangle[:, age] - self.triangle[:, 0]
        return moved

    def by_age(self) -> dict[str, list[Any]]:
        """Return bias and size of revisions by age.

        Returns:
            Columns `unique_id`, `age` (origins after the first value), `n` (periods that have
            reached it), `bias` (mean revision of the first value), `bias_error` (its standard
            error, with the autocovariances of overlapping revisions), `rms`, `mean_abs` (all in the
            unit of the series), and `revised` (share of periods whose value changed at this age).
        """
        names = ("age", "n", "bias", "bias_error", "rms", "mean_abs", "revised")
        found: dict[str, list[Any]] = {"unique_id": [], **{name: [] for name in names}}
        for age in range(1, self.n_ages + 1):
            moved = self._moved(age)
            own = moved[~np.isnan(moved)]
            if own.size == 0:
                break
            mean = compare_scores(self.triangle[:, age], self.triangle[:, 0], horizon=age)
            last = self.triangle[:, age] != self.triangle[:, age - 1]
            row = (
                *(age, own.size, mean.mean, mean.standard_error),
                *(float(np.sqrt(np.mean(own**2))), float(np.mean(np.abs(own)))),
                float(np.mean(last[~np.isnan(moved)])),
            )
            found["unique_id"].append(self.name)
            for name, number in zip(names, row, strict=True):
                found[name].append(number)
        return found

    @property
    def settled_after(self) -> int | None:
        """Smallest age after which at most 5 % of values still change up to the largest age.

        None: more than that change to the end, or too few periods have reached the largest age.
        """
        there = ~np.isnan(self.triangle[:, -1])
        if int(there.sum()) < _FEWEST:
            return None
        own = self.triangle[there]
        for age in range(self.n_ages):
            if float(np.mean(own[:, age] != own[:, -1])) <= _STILL_MOVING:
                return age
        return None

    @cached_property
    def p_news(self) -> float:
        """P-value of "revisions are news": nothing in the first value told of them.

        Wald test that the revision of the one-step change has mean 0 and slope 0 on the change that
        was printed first, with Newey and West's covariances. A small one: the first value could
        have been improved with what was known. NaN: too few periods.

        Reference: Mankiw & Shapiro (1986), "News or noise", Survey of Current Business 66 (5).
        """
        return _wald(self._revision, self.changes[:, 0], self.n_ages)

    @cached_property
    def p_noise(self) -> float:
        """P-value of "revisions correct noise": they have nothing to do with the final value.

        The same test on the change as it stands at the largest age. A small one: the first value
        was not the final one and an error that is independent of it.
        """
        return _wald(self._revision, self.changes[:, -1], self.n_ages)

    @property
    def _revision(self) -> Array:
        revision: Array = self.changes[:, -1] - self.changes[:, 0]
        return revision

    def gate_settings(self) -> dict[str, float]:
        r"""Return what these revisions say of false prints, as settings of `InnovationGate`.

        With $r$ the revisions in one-step scales, the gate counts a print as false by
        $b = r^2 / (r^2 + 1)$, as it does when a value is revealed. The prior is the mean of $b$,
        and the half-width of a false print's error $\sqrt{\sum b r^2 / \sum b}$.

        Returns:
            `prior` and `outlier_scale`.

        Raises:
            DataError: No value was revised.
        """
        r = self.sizes()
        b = r**2 / (r**2 + 1.0)
        if not np.any(b > 0.0):
            raise DataError(f"series {self.name!r}: no value was revised up to age {self.n_ages}")
        size = float(np.sqrt(np.sum(b * r**2) / np.sum(b)))
        return {"prior": float(np.mean(b)), "outlier_scale": size}


@dataclass(frozen=True, eq=False)
class Revisions(Mapping[str, SeriesRevisions]):
    """Revisions by name of the series.

    Args:
        series: revisions of each series.
    """

    series: Mapping[str, SeriesRevisions]

    def __getitem__(self, name: str) -> SeriesRevisions:
        found = self.series.get(name)
        if found is None:
            raise DataError(f"there is no series {name!r}; there are {', '.join(self.series)}")
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self.series)

    def __len__(self) -> int:
        return len(self.series)

    def __repr__(self) -> str:
        return f"<Revisions of {len(self)} series>"

    def to_frame(self) -> Any:
        """Return bias and size by age of all series as a pandas data frame.

        Returns:
            Frame with the columns of `SeriesRevisions.by_age`.

        Raises:
            ConfigError: pandas is not installed.
        """
        columns: dict[str, list[Any]] = {}
        for one in self.series.values():
            for name, cells in one.by_age().items():
                columns.setdefault(name, []).extend(cells)
        return frame_of(columns)


def revisions(
    data: Data,
    series: str | Sequence[str] | None = None,
    *,
    ages: int = _AGES,
    **columns: Any,
) -> Revisions:
    """Return how the values of each series were revised.

    Args:
        data: data as for `backtest`: a dataset with earlier values, or a table with a column
            `available_at` and a row for each value of a period.
        series: names of the series, or one name; None: all.
        ages: largest age, in origins after the first value of a period.
        **columns: columns of a table and what else `backtest` is told about it.

    Returns:
        Revisions by name of the series.

    Raises:
        DataError: As for `backtest`, or no period of a series has a second value.
        ConfigError: `ages` is below 1.

    >>> months = [f"2001-{m:02}" for m in range(1, 13)]
    >>> later = [*months[1:], "2002-01", "2002-02"]
    >>> table = {
    ...     "ds": [*months, *months],
    ...     "y": [*range(12), *(m + 0.5 for m in range(12))],
    ...     "available_at": [f"{m}-20" for m in later[:12]] + [f"{m}-20" for m in later[1:13]],
    ... }
    >>> found = revisions(table, ages=2)["y"]
    >>> found.by_age()["bias"], found.by_age()["revised"]
    ([0.5, 0.5], [1.0, 0.0])
    """
    if isinstance(ages, bool) or not isinstance(ages, int) or ages < 1:
        raise ConfigError(f"ages must be a whole number >= 1, got {ages!r}")
    dataset = prepared(data, series, **columns)
    names = series_asked_for(dataset, series)
    return Revisions({name: _revisions(dataset, name, ages) for name in names})


def _revisions(dataset: Dataset, name: str, ages: int) -> SeriesRevisions:
    known = series_as_known(dataset, name)
    n = len(known.rows)
    if known.n_revisions == 0:
        raise DataError(
            f"series {name!r}: no period has a second value. Revisions show where a table has a "
            "row for each value of a period, and a column available_at"
        )
    # Values of all periods as they stood at each origin, shape (origin, period).
    stood = np.full((n, n), np.nan)
    first = np.full(n, n)
    for one in sorted(known.releases, key=lambda one: one.origin):
        if one.origin < n:
            stood[one.origin :, one.period] = one.value
            first[one.period] = min(first[one.period], one.origin)
    at = first[:, np.newaxis] + np.arange(ages + 1)
    there = at < n
    period = np.broadcast_to(np.arange(n)[:, np.newaxis], at.shape)
    triangle, changes = np.full(at.shape, np.nan), np.full(at.shape, np.nan)
    triangle[there] = stood[at[there], period[there]]
    changes[there] = triangle[there] - stood[at[there], period[there] - 1]
    changes[0] = np.nan
    latest = np.array([row.value for row in dataset.series(name)])
    scale = TrainingWindow(latest).step_scale
    periods = tuple(row.timestamp for row in known.rows)
    return SeriesRevisions(name, dataset.units.get(name, ""), periods, triangle, changes, scale)


def _wald(y: Array, x: Array, lags: int) -> float:
    """Return the p-value of y = 0 + 0 x + error, errors being correlated over some lags."""
    there = ~np.isnan(y) & ~np.isnan(x)
    y, x = y[there], x[there]
    if y.size < _FEWEST + lags or not np.any(y != y[:1]) or not np.any(x != x[:1]):
        return math.nan
    z = np.column_stack([np.ones_like(x), (x - x.mean()) / x.std()])
    inverse = np.linalg.inv(z.T @ z)
    found = inverse @ z.T @ y
    scores = z * (y - z @ found)[:, np.newaxis]
    middle = scores.T @ scores
    for lag in range(1, lags + 1):
        part = scores[lag:].T @ scores[:-lag]
        middle += (1.0 - lag / (lags + 1.0)) * (part + part.T)
    covariance = inverse @ middle @ inverse * y.size / (y.size - 2)
    wald = float(found @ np.linalg.solve(covariance, found))
    freedom = y.size - 2
    return float((1.0 + wald / freedom) ** (-0.5 * freedom))  # wald / 2 follows F(2, freedom)
