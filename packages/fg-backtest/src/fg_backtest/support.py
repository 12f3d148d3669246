"""Values that a series can take: any, none below zero, or multiples of what it was.

The game is played on the whole line. A series that cannot fall below zero has its forecasts
censored there when they are issued (`fg_core.censored`). A series of multiples is played in
logarithms, and its forecasts are read back on the series' own scale; Bayesian weights are the same
on either, since the densities of all forecasters change by the same factor, 1 / y.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from fg_core import DataError, Observation, ProbabilisticForecast
from fg_core.calendar import period_label
from fg_core.censored import CensoredForecast
from fg_core.frozen import frozen_mapping
from fg_core.transcendental import log
from fg_core.transforms import ExpMap, TransformedForecast
from fg_core.worlds import Release

__all__ = ["NEAR_ZERO", "OFTEN", "Support", "SupportRule", "SupportedForecast", "often_zero"]

SupportedForecast: TypeAlias = ProbabilisticForecast | CensoredForecast | TransformedForecast

NEAR_ZERO = 0.05
"""A value counts as zero up to this share of the mean value."""

OFTEN = 0.1
"""Share of rows at zero from which on a series is taken as one that cannot fall below it."""

_LISTED = 5


@dataclass(frozen=True)
class Support:
    """Values that a series can take.

    Args:
        kind: "real" for any number, "nonnegative" for none below zero, "log" for positive ones that
            are played in logarithms.
        below_zero_from: Row of the first value below zero, from which on forecasts are not
            censored; None: there is none.
    """

    kind: Literal["real", "nonnegative", "log"] = "real"
    below_zero_from: int | None = None

    def censored(self, origins: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Return whether forecasts from these origins are censored at zero, shape (origin,)."""
        if self.kind != "nonnegative":
            return np.zeros(origins.shape, dtype=np.bool_)
        end = self.below_zero_from
        return np.ones(origins.shape, dtype=np.bool_) if end is None else np.asarray(origins < end)

    def at(self, origin: int) -> Support:
        """Return the values that the series can take, as forecasts from that row see it."""
        return self if self.kind != "nonnegative" or self.censored(np.array([origin]))[0] else REAL

    def read(self, forecast: ProbabilisticForecast) -> SupportedForecast:
        """Return a forecast of the game, in the unit of the series.

        Args:
            forecast: forecast on the scale that was played.

        Returns:
            The forecast itself, censored at zero, or as one of what its logarithm was forecast.

        Raises:
            DataError: The forecast is too large for a number, or a forecaster stated a whole
                distribution of a logarithm.
        """
        if self.kind == "log":
            return TransformedForecast(forecast, ExpMap())
        return forecast if self.kind == "real" else CensoredForecast(forecast)

    def played(self, rows: tuple[Observation, ...]) -> tuple[Observation, ...]:
        """Return the rows as the game is played on them.

        Args:
            rows: rows of the series, in its unit.

        Returns:
            The rows themselves, or with logarithms for values. Segments are left out then: their
            logarithms add up to nothing.
        """
        if self.kind != "log":
            return rows
        values = log(np.array([row.value for row in rows], dtype=np.float64)).tolist()
        return tuple(
            replace(row, value=value, segment_values=frozen_mapping())
            for row, value in zip(rows, values, strict=True)
        )

    def played_releases(self, releases: tuple[Release, ...]) -> tuple[Release, ...]:
        """Return values that come out late or are revised, as the game is played on them.

        Args:
            releases: values by the origin at which they come out, in the unit of the series.

        Returns:
            The values themselves, or their logarithms.
        """
        if self.kind != "log" or not releases:
            return releases
        values = log(np.array([one.value for one in releases], dtype=np.float64)).tolist()
        return tuple(replace(one, value=value) for one, value in zip(releases, values, strict=True))


REAL = Support()


@dataclass(frozen=True)
class SupportRule:
    """Rule of which values a series can take: what the user says, or what its past says.

    Args:
        log: whether series are multiplicative, and played in logarithms.
        nonnegative: whether series cannot fall below zero; None: those that never did before the
            first origin, where at least `OFTEN` of the rows are zero or near it.
    """

    log: bool = False
    nonnegative: bool | None = None

    def require(
        self, rows: Sequence[Observation], frequency: str, releases: Sequence[Release] = ()
    ) -> None:
        """Refuse a series that has values which the user says it cannot have.

        Args:
            rows: rows of the series.
            frequency: frequency of the dataset.
            releases: values that came out before they were revised.

        Raises:
            DataError: The message names series, period and value.
        """
        if not self.log and not self.nonnegative:
            return
        least = 0.0 if self.log else -np.finfo(np.float64).tiny
        told = [(rows[one.period], one.value) for one in releases]
        for row, value in (*((row, row.value) for row in rows), *told):
            if value <= least:
                option, rule = (
                    ("--log", "above zero") if self.log else ("--nonnegative", "of zero or more")
                )
                raise DataError(
                    f"series {row.series_id!r} is {value:g} in "
                    f"{period_label(row.timestamp, frequency)}, and {option} needs values {rule}"
                )

    def of(
        self,
        rows: Sequence[Observation],
        first_played: int,
        releases: Sequence[Release] = (),
    ) -> Support:
        """Return the values that a series can take, by what was known at its first origin.

        Args:
            rows: rows of the series.
            first_played: row of the first origin.
            releases: values by the origin at which they come out; empty: each is out at its own.

        Returns:
            Its support. Later rows count in one way alone: from the first value below zero on, a
            series that was taken for one without is not any more.
        """
        if self.log:
            return Support("log")
        if self.nonnegative:
            return Support("nonnegative")
        if self.nonnegative is False:
            return REAL
        out = [(one.origin, one.value) for one in releases]
        out = out or [(t, row.value) for t, row in enumerate(rows)]
        past = np.array([value for origin, value in out if origin <= first_played])
        if not often_zero(past):
            return REAL
        return Support("nonnegative", min((t for t, value in out if value < 0.0), default=None))

    def warn(self, supports: Mapping[str, Support]) -> None:
        """Say in one warning which series were taken as ones that cannot fall below zero."""
        names = [name for name, one in supports.items() if one.kind == "nonnegative"]
        if self.nonnegative or not names:
            return
        first, *others = names
        more = f" and {len(others) - _LISTED} more" if len(others) > _LISTED else ""
        same = f"; the same goes for {', '.join(others[:_LISTED])}{more}" if others else ""
        warnings.warn(
            f"series {first!r} is often zero and never below, so that its forecasts are not "
            f"either{same} (--no-nonnegative, nonnegative=False: they may be)",
            stacklevel=4,
        )


def often_zero(values: NDArray[np.float64]) -> bool:
    """Return whether a series never falls below zero, and often is zero or near it.

    Args:
        values: values of the series, shape (row,).

    Returns:
        Whether no value is below zero, and at least `OFTEN` of them are at most `NEAR_ZERO` of
        their mean.

    >>> often_zero(np.array([0.0, 0.0, 3.0])), often_zero(np.array([1.0, 2.0, 3.0]))
    (True, False)
    """
    if values.size == 0 or float(values.min()) < 0.0:
        return False
    return float(np.mean(values <= NEAR_ZERO * values.mean())) >= OFTEN
