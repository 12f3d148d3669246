"""The source `synthetic`: made-up monthly US macro series, for when no key is there.

A small monthly model of five US series, each driven by its own shocks (standard normal
draws keyed by seed, series and month), all rates in percent per year:

    gap_t    = 0.95 gap_{t-1} - 0.01 (real_{t-1} - 0.3) + 0.45 e
    core_t   = core_{t-1} + 0.05 (2.3 - core_{t-1}) + 0.02 gap_{t-1} + 0.15 e
    noise_t  = 0.40 noise_{t-1} + 2.2 e
    CPIAUCSL = CPIAUCSL_{t-1} exp((core_t + noise_t) / 1200)
    GDP      = GDP_{t-1} exp((2.1 + core_t) / 1200 + (gap_t - gap_{t-1}) / 100)
    UNRATE   = UNRATE_{t-1} + 0.15 (5.5 - 0.9 gap_t - UNRATE_{t-1}) + 0.08 e, at least 2
    shadow_t = shadow_{t-1} + 0.06 (rule_t - shadow_{t-1}) + 0.10 e
    FEDFUNDS = max(shadow_t, 0.05)
    T10YIE   = T10YIE_{t-1} + 0.08 (anchor_t - T10YIE_{t-1}) + 0.10 e

with p_t the inflation of the last twelve months, real_t = FEDFUNDS_t - p_t, rule_t = 0.3 + p_t +
0.5 (p_t - 2) + 0.5 gap_t (Taylor 1993), and anchor_t = 2.2 + 0.15 (p_t - 2.3) + 0.08 gap_t.

So inflation is persistent below much noise, unemployment falls in booms (Okun), and the policy rate
follows both slowly and stays at its floor at times. Values are rounded as published. The model is
stationary but for the two levels; it starts from a burn-in, so that no month is special. GDP is
nominal. The real one is quarterly; here it has a row per month, so that all share one calendar.

Reference for the policy rule: Taylor (1993), Carnegie-Rochester Conference Series on Public
Policy 39, doi:10.1016/0167-2231(93)90009-L.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from fg_core import Dataset, Provenance, Query
from fg_core.calendar import add_months
from fg_core.rng import Stream, check_seed

from .point_in_time import column_with_release_lag, observations_of
from .selection import chosen_series, known_rows

__all__ = ["N_MONTHS", "SERIES", "SyntheticSource", "synthetic_paths"]

SOURCE_NAME = "synthetic"
SERIES = ("CPIAUCSL", "GDP", "UNRATE", "FEDFUNDS", "T10YIE")
N_MONTHS = 240
_FIRST_MONTH = datetime(2005, 1, 1, tzinfo=UTC)
_EVALUATION_MONTH = 144  # 60 % in
_WARMUP_MONTHS = 40
_BURN_IN_MONTHS = 120

_CPI_START = 191.6  # index, 1982-84 = 100, January 2005
_GDP_START = 12_770.0  # billions of dollars a year, early 2005
_DECIMALS = {"CPIAUCSL": 3, "GDP": 3, "UNRATE": 1, "FEDFUNDS": 2, "T10YIE": 2}

_GAP_PERSISTENCE = 0.95
_GAP_ON_REAL_RATE = -0.01
_GAP_SHOCK = 0.45
_INFLATION_MEAN = 2.3
_CORE_REVERSION = 0.05
_CORE_ON_GAP = 0.02
_CORE_SHOCK = 0.15
_NOISE_PERSISTENCE = 0.40
_NOISE_SHOCK = 2.2
_POTENTIAL_GROWTH = 2.1
_UNRATE_MEAN = 5.5
_UNRATE_FLOOR = 2.0
_UNRATE_ON_GAP = -0.9
_UNRATE_ADJUSTMENT = 0.15
_UNRATE_SHOCK = 0.08
_NEUTRAL_REAL_RATE = 0.3
_INFLATION_TARGET = 2.0
_TAYLOR_INFLATION = 0.5
_TAYLOR_GAP = 0.5
_RATE_ADJUSTMENT = 0.06
_RATE_SHOCK = 0.10
_RATE_FLOOR = 0.05
_BREAKEVEN_MEAN = 2.2
_BREAKEVEN_REVERSION = 0.08
_BREAKEVEN_ON_INFLATION = 0.15
_BREAKEVEN_ON_GAP = 0.08
_BREAKEVEN_SHOCK = 0.10


@dataclass(frozen=True)
class _Economy:
    """One month of the model; inflation is what one month's price change is per year."""

    gap: float = 0.0
    core: float = _INFLATION_MEAN
    noise: float = 0.0
    inflations: tuple[float, ...] = (_INFLATION_MEAN,) * 12
    unrate: float = _UNRATE_MEAN
    shadow_rate: float = _NEUTRAL_REAL_RATE + _INFLATION_MEAN
    breakeven: float = _BREAKEVEN_MEAN

    @property
    def year_inflation(self) -> float:
        return math.fsum(self.inflations) / len(self.inflations)

    @property
    def rate(self) -> float:
        return max(self.shadow_rate, _RATE_FLOOR)

    def next(self, shocks: Mapping[str, float]) -> _Economy:
        """Return the following month, given one standard normal shock per equation."""
        real_rate = self.rate - self.year_inflation
        gap = (
            _GAP_PERSISTENCE * self.gap
            + _GAP_ON_REAL_RATE * (real_rate - _NEUTRAL_REAL_RATE)
            + _GAP_SHOCK * shocks["gap"]
        )
        core = (
            self.core
            + _CORE_REVERSION * (_INFLATION_MEAN - self.core)
            + _CORE_ON_GAP * self.gap
            + _CORE_SHOCK * shocks["core"]
        )
        noise = _NOISE_PERSISTENCE * self.noise + _NOISE_SHOCK * shocks["noise"]
        inflations = (*self.inflations[1:], core + noise)
        inflation = math.fsum(inflations) / len(inflations)
        unrate_goal = _UNRATE_MEAN + _UNRATE_ON_GAP * gap
        unrate = (
            self.unrate
            + _UNRATE_ADJUSTMENT * (unrate_goal - self.unrate)
            + _UNRATE_SHOCK * shocks["unrate"]
        )
        rate_goal = (
            _NEUTRAL_REAL_RATE
            + inflation
            + _TAYLOR_INFLATION * (inflation - _INFLATION_TARGET)
            + _TAYLOR_GAP * gap
        )
        shadow_rate = (
            self.shadow_rate
            + _RATE_ADJUSTMENT * (rate_goal - self.shadow_rate)
            + _RATE_SHOCK * shocks["rate"]
        )
        breakeven_goal = (
            _BREAKEVEN_MEAN
            + _BREAKEVEN_ON_INFLATION * (inflation - _INFLATION_MEAN)
            + _BREAKEVEN_ON_GAP * gap
        )
        breakeven = (
            self.breakeven
            + _BREAKEVEN_REVERSION * (breakeven_goal - self.breakeven)
            + _BREAKEVEN_SHOCK * shocks["breakeven"]
        )
        return _Economy(
            gap, core, noise, inflations, max(unrate, _UNRATE_FLOOR), shadow_rate, breakeven
        )


# The series whose stream a shock is drawn from, and which of its draws of the month it is.
_SHOCKS = {
    "gap": ("GDP", 0),
    "core": ("CPIAUCSL", 0),
    "noise": ("CPIAUCSL", 1),
    "unrate": ("UNRATE", 0),
    "rate": ("FEDFUNDS", 0),
    "breakeven": ("T10YIE", 0),
}


def synthetic_paths(seed: int, n_months: int = N_MONTHS) -> dict[str, tuple[float, ...]]:
    """Return one path of the model: a pure function of the seed.

    Args:
        seed: Seed of the random numbers, from 0 to 2^64 - 1.
        n_months: Length; a longer path begins with the shorter one.

    Returns:
        One value per month by series, in the unit and with the decimals of the real one.

    Raises:
        ConfigError: A seed out of its range.

    >>> synthetic_paths(7, 3)["UNRATE"] == synthetic_paths(7, 240)["UNRATE"][:3]
    True
    """
    check_seed(seed)
    streams = {series: Stream(seed, SOURCE_NAME, agent=series) for series in SERIES}
    economy = _Economy()
    log_cpi, log_gdp = math.log(_CPI_START), math.log(_GDP_START)
    paths: dict[str, list[float]] = {series: [] for series in SERIES}
    for month in range(_BURN_IN_MONTHS + n_months):
        before = economy
        economy = before.next(
            {
                shock: streams[series].normal(month, index)
                for shock, (series, index) in _SHOCKS.items()
            }
        )
        if month < _BURN_IN_MONTHS:
            continue
        log_cpi += economy.inflations[-1] / 1200.0
        log_gdp += (_POTENTIAL_GROWTH + economy.core) / 1200.0
        log_gdp += (economy.gap - before.gap) / 100.0
        values = (
            math.exp(log_cpi),
            math.exp(log_gdp),
            economy.unrate,
            economy.rate,
            economy.breakeven,
        )
        for series, value in zip(SERIES, values, strict=True):
            paths[series].append(round(value, _DECIMALS[series]))
    return {series: tuple(path) for series, path in paths.items()}


@dataclass(frozen=True)
class SyntheticSource:
    """Made-up monthly series under five FRED ids, 2005-01 to 2024-12, a path per seed.

    `CPIAUCSL` and `GDP` are levels, `UNRATE`, `FEDFUNDS` and `T10YIE` rates; none has a season.
    Dates of availability follow from the table of release lags, as they would for real figures.

    >>> data = SyntheticSource().fetch(Query(seed=7))
    >>> len(data), data.provenance.is_synthetic
    (1200, True)
    """

    @property
    def name(self) -> str:
        """Name of the source."""
        return SOURCE_NAME

    def fetch(self, query: Query, as_of: datetime | None = None) -> Dataset:
        """Return the series asked for, as far as they would have been published by `as_of`.

        Args:
            query: Series (empty: all five), first and last month, and the seed.
            as_of: A moment with a time zone; None: the whole path.

        Returns:
            Monthly rows in the units of the real series.

        Raises:
            DataError: An unknown series, no rows in the span asked for, or a moment without a
                time zone.
            ConfigError: A seed out of its range.
        """
        wanted = chosen_series(query, SERIES, SERIES, source=SOURCE_NAME)
        months = [add_months(_FIRST_MONTH, n) for n in range(N_MONTHS)]
        columns = {
            series: column_with_release_lag(series, dict(zip(months, path, strict=True)), 1)
            for series, path in synthetic_paths(query.seed).items()
        }
        rows = [
            row
            for series in wanted
            for row in observations_of(columns[series], columns.values(), source=SOURCE_NAME)
        ]
        return Dataset(
            known_rows(rows, query, as_of, source=SOURCE_NAME),
            _provenance(query.seed),
            frequency="M",
            season_length=1,
            evaluation_start=months[_EVALUATION_MONTH],
            warmup_start=months[_EVALUATION_MONTH - _WARMUP_MONTHS],
            units={name: _UNITS[name] for name in wanted},
        )


_UNITS = {
    "CPIAUCSL": "index",
    "GDP": "billion dollars, annual rate",
    "UNRATE": "%",
    "FEDFUNDS": "% a year",
    "T10YIE": "% a year",
}


def _provenance(seed: int) -> Provenance:
    return Provenance(
        source=SOURCE_NAME,
        description=f"synthetic monthly series under FRED ids, 2005-01 to 2024-12, seed {seed}",
        licence="none needed: made-up numbers",
        vintage="never revised; dates of availability are assumed from release lags",
        is_synthetic=True,
        notices=(
            f"Synthetic data (seed {seed}): the numbers are made up, they are not FRED's, and no "
            "figure made from them says anything about an economy.",
        ),
    )
