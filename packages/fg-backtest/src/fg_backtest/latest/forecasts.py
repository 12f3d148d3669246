"""Forecasts of many series: what `fg_backtest.forecast` returns."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fg_backtest.checks import DOUBTED, Check, revised_only
from fg_backtest.tabular import frame_of, quantile_name, write_table
from fg_core import ConfigError, DataError, Provenance
from fg_core.forecast import QUANTILE_LEVELS

from .series_forecast import SeriesForecast
from .trust_checks import series_checks

__all__ = ["Forecasts"]

Array = NDArray[np.float64]

_BANDS = (0.5, 0.8, 0.95)
_SHOWN_ROWS = 60


@dataclass(frozen=True, eq=False)
class Forecasts(Mapping[str, SeriesForecast]):
    """Forecasts by name of the series.

    Args:
        series: forecasts of each series.
        frequency: of the dataset, such as "Q".
        horizons: steps ahead, increasing.
        left_out: why a series that was asked for has no forecast, by name.
        provenance: where the data come from.
        line_up: name of the line-up that played; empty: agents of the user's own.
    """

    series: Mapping[str, SeriesForecast]
    frequency: str
    horizons: tuple[int, ...]
    left_out: Mapping[str, str]
    provenance: Provenance
    line_up: str = ""

    def __getitem__(self, name: str) -> SeriesForecast:
        return self.series[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.series)

    def __len__(self) -> int:
        return len(self.series)

    def __repr__(self) -> str:
        steps = ", ".join(map(str, self.horizons))
        left = f", {len(self.left_out)} left out" if self.left_out else ""
        return f"<Forecasts of {len(self)} series, horizons {steps}{left}>"

    def of(self, series: str) -> SeriesForecast:
        """Return the forecasts of one series.

        Returns:
            Forecasts by horizon, in the unit of the series.

        Raises:
            DataError: It has none; the message says why.
        """
        found = self.series.get(series)
        if found is None:
            why = self.left_out.get(series, f"there are {', '.join(list(self.series)[:20])}")
            raise DataError(f"no forecast of series {series!r}: {why}")
        return found

    def columns(
        self,
        quantiles: Sequence[float] = QUANTILE_LEVELS,
        *,
        above: Sequence[float] = (),
        below: Sequence[float] = (),
    ) -> dict[str, list[Any]]:
        """Return the forecasts as columns of a table in the long format.

        Args:
            quantiles: levels in (0, 1); the column of 0.1 is named "q10".
            above: limits in the unit of the series; the column of 3.0 is named "above_3" and holds
                the probability of more.
            below: limits in the unit of the series; the column of 3.0 is named "below_3" and holds
                the probability of less.

        Returns:
            Columns `unique_id`, `ds` (first day of the period that is forecast), `horizon`,
            `mean`, the quantiles, and the probabilities; a row per series and horizon.

        Raises:
            ConfigError: A level outside (0, 1), or not in increasing order.
        """
        levels = _checked_levels(quantiles)
        found: dict[str, list[Any]] = {
            name: [] for name in ("unique_id", "ds", "horizon", "mean", *map(quantile_name, levels))
        }
        found |= {f"above_{limit:g}": [] for limit in above}
        found |= {f"below_{limit:g}": [] for limit in below}
        for name, one in self.series.items():
            values = one.quantiles(levels) if levels else np.empty((len(one.horizons), 0))
            for forecast, row in zip(one.horizons, values.tolist(), strict=True):
                found["unique_id"].append(name)
                found["ds"].append(forecast.period.date())
                found["horizon"].append(forecast.horizon)
                found["mean"].append(forecast.forecast.mean)
                for level, value in zip(levels, row, strict=True):
                    found[quantile_name(level)].append(value)
                for limit in above:
                    found[f"above_{limit:g}"].append(forecast.probability(above=limit))
                for limit in below:
                    found[f"below_{limit:g}"].append(forecast.probability(below=limit))
        return found

    def paths(self, n: int, seed: int = 7) -> dict[str, list[Any]]:
        """Return joint sample paths of each series over the horizons, as columns of a long table.

        Args:
            n: number of paths per series, at least 1.
            seed: seed of the random numbers; series have numbers of their own.

        Returns:
            Columns `unique_id`, `path` (from 1 to n), `ds` (first day of the period) and `value`
            (in the unit of the series); a row per series, path and horizon.

        Raises:
            ConfigError: `n` is below 1.
        """
        found: dict[str, list[Any]] = {name: [] for name in ("unique_id", "path", "ds", "value")}
        for name, one in self.series.items():
            days = [forecast.period.date() for forecast in one.horizons]
            values = one.paths(n, seed)
            found["unique_id"] += [name] * values.size
            found["path"] += np.repeat(np.arange(1, n + 1), len(days)).tolist()
            found["ds"] += days * n
            found["value"] += values.ravel().tolist()
        return found

    def to_frame(
        self,
        quantiles: Sequence[float] = QUANTILE_LEVELS,
        *,
        above: Sequence[float] = (),
        below: Sequence[float] = (),
    ) -> Any:
        """Return the forecasts as a pandas data frame.

        Args:
            quantiles: levels in (0, 1), as for `columns`.
            above: limits, as for `columns`.
            below: limits, as for `columns`.

        Returns:
            The columns of `columns`, with `ds` as timestamps.

        Raises:
            ConfigError: pandas is not installed, or a level is wrong.
        """
        return frame_of(self.columns(quantiles, above=above, below=below))

    def trust(self) -> dict[str, list[Any]]:
        """Return the track records of the forecasts, as columns of a table.

        Returns:
            Columns `unique_id`, `horizon`, `n` (scored origins), `crps` (unit of the series),
            `skill`, `coverage_80`, `p_bad` (probability that the last value is bad), `weights`
            (the three largest, in words), `best` (the forecaster with the lowest CRPS), `lead`
            (share by which its CRPS is below the pool's) and `lead_is_luck`. Figures that cannot
            be told are None.
        """
        names = ("unique_id", "horizon", "n", "crps", "skill", "coverage_80", "p_bad", "weights")
        found: dict[str, list[Any]] = {
            name: [] for name in (*names, "best", "lead", "lead_is_luck")
        }
        for name, one in self.series.items():
            for forecast in one.horizons:
                record = forecast.track_record
                known = record is not None and record.n > 0
                row = {
                    "unique_id": name,
                    "horizon": forecast.horizon,
                    "n": 0 if record is None else record.n,
                    "crps": _or_none(record.crps) if record else None,
                    "skill": _or_none(record.skill) if record else None,
                    "coverage_80": _or_none(record.coverage_80) if record else None,
                    "p_bad": one.p_bad,
                    "weights": ", ".join(
                        f"{member} {weight:.0%}"
                        for member, weight in list(forecast.weights.items())[:3]
                    ),
                    "best": record.best if record and known else "",
                    "lead": _or_none(-record.lead.mean / record.crps)
                    if record and known and record.crps > 0.0
                    else None,
                    "lead_is_luck": record.lead_is_luck if record and known else None,
                }
                for key, value in row.items():
                    found[key].append(value)
        return found

    def checks(self, threshold: float = DOUBTED) -> tuple[Check, ...]:
        """Return the coded checks of the forecasts, whatever they found.

        Args:
            threshold: probability of a bad print from which on the last one is doubted.

        Returns:
            Checks FG101 to FG107 (`fg_backtest.checks`) of the data, then of each series, then of
            each horizon.
        """
        found = [revised_only(self.provenance.vintage, self.provenance.source)]
        for one in self.series.values():
            found += series_checks(one, threshold)
        return tuple(found)

    def plot(self, series: str, levels: Sequence[float] = _BANDS) -> Any:
        """Return a fan chart of one series: its last values and its forecasts.

        Args:
            series: name of the series.
            levels: probabilities of the central intervals that are shaded.

        Returns:
            A matplotlib figure; `.savefig("fan.png")` writes it.

        Raises:
            DataError: There is no forecast of the series.
            ConfigError: matplotlib is not installed (the extra fg-core[plot]), or a level is wrong.
        """
        from fg_core.plotting import fan_chart

        one = self.of(series)
        bands = sorted(_checked_levels(sorted(levels)))
        edges = {b: one.quantiles(((1.0 - b) / 2.0, (1.0 + b) / 2.0)) for b in bands}
        return fan_chart(
            one.periods[-_SHOWN_ROWS:],
            one.values[-_SHOWN_ROWS:],
            [forecast.period for forecast in one.horizons],
            one.quantiles((0.5,))[:, 0],
            edges,
            title=series,
            unit=one.unit,
        )

    def write(
        self,
        path: str | os.PathLike[str],
        quantiles: Sequence[float] = QUANTILE_LEVELS,
        *,
        above: Sequence[float] = (),
        below: Sequence[float] = (),
    ) -> None:
        """Write the forecasts to a file, whole or not at all.

        Args:
            path: name of the file; its ending says the format: .csv, .json or .parquet.
            quantiles: levels in (0, 1), as for `columns`.
            above: limits, as for `columns`.
            below: limits, as for `columns`.

        Raises:
            ConfigError: Another ending, pyarrow is missing for .parquet, or a level is wrong.
            OSError: The file cannot be written.
        """
        write_table(path, self.columns(quantiles, above=above, below=below))


def _checked_levels(levels: Sequence[float]) -> tuple[float, ...]:
    found = tuple(float(level) for level in levels)
    if not all(0.0 < level < 1.0 for level in found):
        raise ConfigError(f"levels must be above 0 and below 1, got {list(found)}")
    if any(a >= b for a, b in pairwise(found)):
        raise ConfigError(f"levels must increase, got {list(found)}")
    return found


def _or_none(value: float) -> float | None:
    return None if np.isnan(value) else value
