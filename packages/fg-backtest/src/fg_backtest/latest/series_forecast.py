"""The forecast of one series from its last row, and what it may be trusted for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from fg_backtest.support import Support, SupportedForecast
from fg_core import ConfigError, DataError
from fg_core.record import IssuedForecast

from .paths import path_uniforms
from .track_record import TrackRecord

__all__ = ["HorizonForecast", "SeriesForecast"]

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class HorizonForecast:
    """The forecast of one series for one period.

    Args:
        horizon: steps ahead of the last row.
        period: first moment (UTC) of the period that is forecast.
        issued: the forecast as the game issued it, with the expert forecasts that went into it;
            where the support is "log", all of it is of logarithms.
        track_record: scores of the same agents at the series' last origins; None: none was played.
        support: values that the series can take.
    """

    horizon: int
    period: datetime
    issued: IssuedForecast
    track_record: TrackRecord | None
    support: Support = field(default_factory=Support)

    @cached_property
    def forecast(self) -> SupportedForecast:
        """The predictive distribution, in the unit of the series."""
        return self.support.read(self.issued.forecast)

    @cached_property
    def undefended(self) -> SupportedForecast:
        """The distribution if the last value were trusted, in the unit of the series."""
        return self.support.read(self.issued.undefended)

    @property
    def weights(self) -> Mapping[str, float]:
        """Weights of the forecasters in this forecast, the largest first; empty: it has no parts.

        Where the last value is doubted, a forecaster's weight is the sum over the branches.
        """
        parts = self.forecast.components
        if parts is None or not parts.labels:
            return {}
        found: dict[str, float] = {}
        for name, weight in zip(parts.labels, parts.weights.tolist(), strict=True):
            # Where the last value is replaced, the label is "name|replaced".
            member = name.partition("|")[0]
            found[member] = found.get(member, 0.0) + weight
        return dict(sorted(found.items(), key=lambda item: -item[1]))

    def probability(self, *, above: float | None = None, below: float | None = None) -> float:
        """Return the probability of a value above, or below, a limit, or between two.

        Args:
            above: the value is more than this, in the unit of the series.
            below: the value is less than this; with `above` too: it is in between.

        Returns:
            Probability in [0, 1].

        Raises:
            ConfigError: Neither limit is given, or one is not a number.
        """
        if above is None and below is None:
            raise ConfigError("give a limit: above=3.0, below=0.0, or both")
        for name, limit in (("above", above), ("below", below)):
            if limit is not None and np.isnan(limit):
                raise ConfigError(f"{name} must be a number, got {limit}")
        high = 1.0 if below is None else self.forecast.probability_below(below)
        low = 0.0 if above is None else self.forecast.cdf(above)
        return max(0.0, high - low)


@dataclass(frozen=True, eq=False)
class SeriesForecast:
    """All forecasts of one series, and the values that it ended with.

    Args:
        name: name of the series.
        unit: its unit in words; empty: not known.
        periods: first moments (UTC) of the periods of its rows, increasing.
        values: values of the rows, shape (row,), in the unit of the series.
        horizons: one forecast per horizon, increasing.
        played_from: row of the first origin that was played.
        made_at: moment of the forecast; it uses what was known by then.
        frequency: frequency of its rows and steps, which may be coarser than the dataset's.
    """

    name: str
    unit: str
    periods: Sequence[datetime]
    values: Array
    horizons: tuple[HorizonForecast, ...]
    played_from: int
    made_at: datetime
    frequency: str

    @property
    def p_bad(self) -> float:
        """Probability, by the defenders, that the last value is not to be trusted."""
        return self.horizons[0].issued.p_bad

    def at(self, horizon: int) -> HorizonForecast:
        """Return the forecast for one horizon.

        Returns:
            Forecast of the period that many steps ahead.

        Raises:
            DataError: It was not asked for.
        """
        for one in self.horizons:
            if one.horizon == horizon:
                return one
        made = ", ".join(str(one.horizon) for one in self.horizons)
        raise DataError(f"series {self.name!r} was forecast for horizons {made}, not {horizon}")

    def quantiles(self, levels: Sequence[float]) -> Array:
        """Return quantiles as they are issued, shape (horizon, level), in the unit of the series.

        Args:
            levels: probabilities in (0, 1).

        Returns:
            Array of shape (horizon, level), in the unit of the series.
        """
        return np.array([one.forecast.quantile(levels) for one in self.horizons])

    def paths(self, n: int, seed: int = 7) -> Array:
        """Return joint sample paths over the horizons, for what is asked of several periods.

        Values of one horizon are distributed as its forecast; how they go together across horizons
        is learned from past errors (`fg_backtest.latest.paths`).

        Args:
            n: number of paths, at least 1.
            seed: seed of the random numbers.

        Returns:
            Shape (path, horizon), in the unit of the series.

        Raises:
            ConfigError: `n` is below 1.
        """
        past = [
            np.empty(0) if one.track_record is None else one.track_record.pits
            for one in self.horizons
        ]
        numbers = [one.horizon for one in self.horizons]
        uniforms = path_uniforms(past, numbers, n, seed, self.name)
        return np.column_stack(
            [
                one.forecast.quantile(column)
                for one, column in zip(self.horizons, uniforms.T, strict=True)
            ]
        )

    def total(self, levels: Sequence[float], n: int, seed: int = 7) -> tuple[float, Array]:
        """Return the distribution of the sum over the horizons, such as the total of some months.

        Args:
            levels: probabilities in (0, 1).
            n: number of joint sample paths behind the quantiles, at least 1.
            seed: seed of the random numbers, as for `paths`.

        Returns:
            Mean of the sum, which is the sum of the means whatever the dependence, and its
            quantiles, shape (level,), from the paths; both in the unit of the series.

        Raises:
            ConfigError: `n` is below 1.
        """
        sums = self.paths(n, seed).sum(axis=1)
        mean = float(sum(one.forecast.mean for one in self.horizons))
        return mean, np.quantile(sums, list(levels))
