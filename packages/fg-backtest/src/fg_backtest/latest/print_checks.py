"""The newest print of each series: how far it is to be doubted, and what depends on it."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from fg_backtest.checks import DOUBTED, Check
from fg_backtest.exclusions import Exclusion
from fg_backtest.support import SupportedForecast
from fg_backtest.tabular import frame_of, write_table
from fg_core import ConfigError, Dataset, ProbabilisticForecast
from fg_core.record import PrintAssessment

from .forecasts import Forecasts
from .others import GivenOthers, given_others
from .series_forecast import SeriesForecast

_MOST_SERIES = 100
"""Where a dataset has more series than these, only context columns are asked what they say."""

__all__ = ["PrintCheck", "PrintChecks", "print_checks", "require_threshold"]


@dataclass(frozen=True, eq=False)
class PrintCheck:
    """The newest print of one series.

    Args:
        forecast: forecasts of the series from its last row, with their assessments.
        others: what other columns say of the newest change; None: there are none that have gone
            with the series.
        threshold: probability of a bad print from which on it is doubted.
    """

    forecast: SeriesForecast
    others: GivenOthers | None
    threshold: float

    @property
    def name(self) -> str:
        """Name of the series."""
        return self.forecast.name

    @property
    def period(self) -> datetime:
        """First moment (UTC) of the period of the print."""
        return self.forecast.periods[-1]

    @property
    def reported(self) -> float:
        """Value that was reported, in the unit of the series."""
        return self.forecast.horizons[0].issued.base

    @property
    def _nearest(self) -> PrintAssessment:
        return _assessment(self.forecast, 0)

    @property
    def expected(self) -> ProbabilisticForecast:
        """Forecast of the print from the values before it, by the same agents."""
        return self._nearest.expected

    @property
    def surprise(self) -> float:
        """The print less the mean that was forecast for it, in standard deviations of that."""
        scale = self.expected.scale
        error = self.reported - self.expected.mean
        return error / scale if scale > 0.0 else math.copysign(math.inf, error) if error else 0.0

    @property
    def p_bad(self) -> float:
        """The defenders' probability that the print is bad."""
        return self.forecast.p_bad

    @property
    def doubted(self) -> bool:
        """Whether that probability is at or above the threshold."""
        return self.p_bad >= self.threshold

    @property
    def correction(self) -> float:
        """How far the defenders would move the print, in the unit of the series."""
        return self._nearest.correction

    def used(self, i: int) -> SupportedForecast:
        """Return the forecast for the i-th horizon were the print good for certain.

        Returns:
            Predictive distribution, in the unit of the series.
        """
        return self.forecast.horizons[i].undefended

    def without(self, i: int) -> SupportedForecast:
        """Return the forecast for the i-th horizon were the print bad for certain.

        The defenders' replacement stands in for the print, with its uncertainty: with the default
        gate that is the forecast of the print itself, so that the print tells nothing. The issued
        forecast is the mixture of this one, with weight `p_bad`, and of `used`.

        Returns:
            Predictive distribution, in the unit of the series.
        """
        return self.forecast.horizons[i].support.read(_assessment(self.forecast, i).replaced)


@dataclass(frozen=True, eq=False)
class PrintChecks(Mapping[str, PrintCheck]):
    """Newest prints by name of the series, the most doubted first.

    Args:
        prints: the print of each series.
        forecasts: forecasts from the last rows, as `fg_backtest.forecast` returns them.
        threshold: probability of a bad print from which on one is doubted.
    """

    prints: Mapping[str, PrintCheck]
    forecasts: Forecasts
    threshold: float

    def __getitem__(self, name: str) -> PrintCheck:
        return self.prints[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.prints)

    def __len__(self) -> int:
        return len(self.prints)

    def __repr__(self) -> str:
        return f"<PrintChecks of {len(self)} series, {len(self.doubted)} doubted>"

    @property
    def doubted(self) -> tuple[str, ...]:
        """Names of the series whose newest print is doubted, the most doubted first."""
        return tuple(name for name, one in self.prints.items() if one.doubted)

    def checks(self) -> tuple[Check, ...]:
        """Return the coded checks of the forecasts; FG104 is that of the newest prints."""
        return self.forecasts.checks(self.threshold)

    def exclusions(self, decided: date) -> tuple[Exclusion, ...]:
        """Return the doubted prints as exclusions.

        Args:
            decided: day of the decision.

        Returns:
            One per doubted print, with surprise and `p_bad` as the reason.
        """
        return tuple(
            Exclusion(
                name,
                one.period.date(),
                one.reported,
                f"surprise {one.surprise:+.1f} sd, p_bad {one.p_bad:.3f}",
                decided,
            )
            for name, one in self.prints.items()
            if one.doubted
        )

    def columns(self) -> dict[str, list[Any]]:
        """Return the prints as columns of a table, a row per series and horizon.

        Returns:
            Columns `unique_id`, `ds` (first day of the print's period), `y` (as reported),
            `expected` and `expected_scale` (mean and standard deviation that were forecast for it),
            `surprise` (in these), `p_bad`, `doubted`, `correction`, `change_alone` and
            `change_given_others` (in standard errors; None: no others), `others` (their names),
            `horizon`, `target` (first day of the period that is forecast) and the means `issued`,
            `with_print` and `without_print`; values in the unit of the series.
        """
        rows = [row for one in self.prints.values() for row in _rows(one)]
        return {name: [row[name] for row in rows] for name in rows[0]} if rows else {}

    def to_frame(self) -> Any:
        """Return the columns of `columns` as a pandas data frame, with `ds` as timestamps.

        Raises:
            ConfigError: pandas is not installed.
        """
        return frame_of(self.columns())

    def write(self, path: str | os.PathLike[str]) -> None:
        """Write the columns to a file, whole or not at all.

        Args:
            path: name of the file; its ending says the format: .csv, .json or .parquet.

        Raises:
            ConfigError: Another ending, or pyarrow is missing for .parquet.
            OSError: The file cannot be written.
        """
        write_table(path, self.columns())


def _rows(one: PrintCheck) -> Iterator[dict[str, Any]]:
    others = one.others
    for i, ahead in enumerate(one.forecast.horizons):
        yield {
            "unique_id": one.name,
            "ds": one.period.date(),
            "y": one.reported,
            "expected": one.expected.mean,
            "expected_scale": one.expected.scale,
            "surprise": one.surprise if math.isfinite(one.surprise) else None,
            "p_bad": one.p_bad,
            "doubted": one.doubted,
            "correction": one.correction,
            "change_alone": None if others is None else others.alone,
            "change_given_others": None if others is None else others.given,
            "others": "" if others is None else ", ".join(others.columns),
            "horizon": ahead.horizon,
            "target": ahead.period.date(),
            "issued": ahead.forecast.mean,
            "with_print": one.used(i).mean,
            "without_print": one.without(i).mean,
        }


def print_checks(forecasts: Forecasts, dataset: Dataset, threshold: float = DOUBTED) -> PrintChecks:
    """Return the newest print of each series that was forecast.

    Args:
        forecasts: forecasts of a `LatestForecaster` with `assess=True`.
        dataset: dataset that they were made from, whose columns and series tell of each other.
        threshold: probability of a bad print from which on one is doubted.

    Returns:
        The prints, the most doubted first.

    Raises:
        ConfigError: No defender assessed the prints, or the threshold is outside (0, 1].
    """
    require_threshold(threshold)
    names = dataset.series_ids if len(dataset.series_ids) <= _MOST_SERIES else ()
    series = {name: {row.timestamp: row.value for row in dataset.series(name)} for name in names}
    found = []
    for name, one in forecasts.items():
        others = {other: values for other, values in series.items() if other != name}
        rows: Sequence[Any] = dataset.series(name)
        found.append(PrintCheck(one, given_others(rows, others), threshold))
        _assessment(one, 0)
    found.sort(key=lambda one: -one.p_bad)
    return PrintChecks({one.name: one for one in found}, forecasts, threshold)


def require_threshold(threshold: float) -> None:
    """Refuse a threshold that is no probability above 0.

    Args:
        threshold: probability of a bad print from which on one is doubted.

    Raises:
        ConfigError: It is outside (0, 1].
    """
    if not 0.0 < threshold <= 1.0:
        raise ConfigError(f"a threshold must be above 0 and at most 1, got {threshold}")


def _assessment(one: SeriesForecast, i: int) -> PrintAssessment:
    found = one.horizons[i].issued.assessment
    if found is None:
        raise ConfigError(
            f"the print of series {one.name!r} was not assessed: the agents have no defender, and "
            "it is defenders that say how probably a print is bad"
        )
    return found
