"""The source `us_macro`: real numbers for the first run on a machine without a key."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from fg_core import ConfigError, Dataset, Provenance, Query
from fg_data.selection import chosen_series, known_rows

from .series import DEFAULT_SERIES, SERIES, SOURCE_NAME, UNITS, observations_from_table
from .table import load_table

__all__ = ["UsMacroSource"]

# The usual evaluation of the literature on these data; the decade before it warms up weights.
_EVALUATION_START = datetime(1985, 1, 1, tzinfo=UTC)
_WARMUP_START = datetime(1975, 1, 1, tzinfo=UTC)

_PROVENANCE = Provenance(
    source=SOURCE_NAME,
    description="US quarterly macroeconomic series, 1959Q1 to 2009Q3, seasonally adjusted",
    licence="public domain",
    vintage=(
        "one revised vintage (December 2009), not the values as first published; "
        "dates of availability are assumed from release lags"
    ),
    notices=(
        "us_macro is one revised vintage (December 2009): forecasters saw less accurate figures "
        "at the time, so errors here are smaller than they would have been.",
        "us_macro: compiled by Skipper Seabold for statsmodels (macrodata) from FRED, Federal "
        "Reserve Bank of St. Louis, and the Bureau of Labor Statistics, accessed December 15, "
        "2009; public domain.",
    ),
)


@dataclass(frozen=True)
class UsMacroSource:
    """US quarterly macro series 1959Q1-2009Q3, from the package itself.

    By default `infl` (annualised inflation), `unemp`, `tbilrate` and `growth` (annualised growth
    of real GDP, with contributions of consumption, investment, government and the remainder as
    segments); other columns of the file by name. All are seasonally adjusted or rates without a
    season, hence a season length of 1.

    The option `origin` says when forecasts are made. "release" (the default): as soon as the series
    itself is out, with the other columns as far as they had been published; the bill rate is out
    first, a month before the accounts. "quarter": when the accounts of the quarter are out, the
    last of its releases; all columns of the quarter are then known, to all series.

    >>> data = UsMacroSource().fetch(Query(series=("unemp",)))
    >>> len(data), data[-1].value, data[-1].available_at.date().isoformat()
    (203, 9.6, '2009-10-08')
    """

    @property
    def name(self) -> str:
        """Name of the source."""
        return SOURCE_NAME

    def fetch(self, query: Query, as_of: datetime | None = None) -> Dataset:
        """Return the series asked for, as far as they were published by `as_of`.

        Args:
            query: Series (empty: the four default ones), first and last period, and the option
                `origin`; the seed is not used.
            as_of: A moment with a time zone; None: everything in the file.

        Returns:
            Quarterly rows in the units of the series.

        Raises:
            ConfigError: An unknown option, or an unknown origin.
            DataError: An unknown series, no rows in the span asked for, a moment without a time
                zone, or a damaged file.
        """
        together = _waits_for_the_quarter(query)
        wanted = chosen_series(query, SERIES, DEFAULT_SERIES, source=SOURCE_NAME)
        table = load_table()
        rows = [
            row
            for name in wanted
            for row in observations_from_table(table, name, together=together)
        ]
        return Dataset(
            known_rows(rows, query, as_of, source=SOURCE_NAME),
            replace(_PROVENANCE, notices=(*_PROVENANCE.notices, _TOGETHER))
            if together
            else _PROVENANCE,
            frequency="Q",
            season_length=1,
            evaluation_start=_EVALUATION_START,
            warmup_start=_WARMUP_START,
            units={name: UNITS[name] for name in wanted},
        )


_ORIGINS = ("release", "quarter")

_TOGETHER = (
    "Origins wait for the accounts of the quarter, 31 days after it: every series is forecast with "
    "all columns of its own quarter known (origin=quarter)."
)


def _waits_for_the_quarter(query: Query) -> bool:
    for name in query.options:
        if name != "origin":
            raise ConfigError(f"source {SOURCE_NAME!r} has no option {name!r}; it has origin")
    origin = query.options.get("origin", "release")
    if origin not in _ORIGINS:
        raise ConfigError(f"origin is one of {', '.join(_ORIGINS)}, got {origin!r}")
    return origin == "quarter"
