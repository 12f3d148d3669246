r"""Series from the table: transformations, contexts that give nothing away, and segments.

**Series.** The columns of the file, and growth of real GDP at an annual rate,
$g_t = 400 \ln (Y_t / Y_{t-1})$. The placeholders of 1959Q1 in `infl` and `realint` are dropped.

**Context.** Beside each value stand the other columns as they had been published by the moment
that the value was, transformed so that they have no trend: `infl`, `unemp`, `tbilrate`, and
annualised log growth of GDP, consumption, investment, M1 and disposable income. A column that
determines the value of its own period, or nearly so, would give a tampered print away and make
any forecast of it look clever, so it is left out, by `DETERMINING_COLUMNS`. The levels `cpi` and
`realint` (with `tbilrate` it is inflation) are in no context at all. Two rules decide the table: a
column and its own transformation never meet, and neither do the sides of an accounting identity
(GDP and its components; the real rate and its two parts).

**Segments of growth.** Contributions by the additive logarithmic mean Divisia decomposition: with
$\Delta K$ the change of a component and $L$ the logarithmic mean of $Y_{t-1}$ and $Y_t$,

$$c_K = 400 \, \Delta K / L, \qquad L = \Delta Y / \ln (Y_t / Y_{t-1}), \quad L = Y_t
\text{ if } \Delta Y = 0,$$

so that contributions of all components add up to $g_t$ and stay finite as $\Delta Y \to 0$.
`remainder` is $g_t$ less the others: net exports, state and local
government (`realgovt` in the file is federal only) and the residual of chained dollars, which do
not add up. Reference: Ang & Liu (2001), Energy 26, doi:10.1016/S0360-5442(01)00022-0.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from functools import lru_cache

from fg_core import DataError, Observation, frozen_mapping
from fg_data.point_in_time import Column, column_with_release_lag, observations_of
from fg_data.release_lags import available_at

from .table import COLUMNS, MacroTable

__all__ = [
    "CONTEXT_COLUMNS",
    "DEFAULT_SERIES",
    "DETERMINING_COLUMNS",
    "SERIES",
    "SOURCE_NAME",
    "UNITS",
    "growth_contributions",
    "log_growth",
    "observations_from_table",
]

SOURCE_NAME = "us_macro"
_MONTHS = 3
_LAST_OUT = "growth"

DEFAULT_SERIES = ("infl", "unemp", "tbilrate", "growth")
SERIES = (*DEFAULT_SERIES, *(name for name in COLUMNS if name not in DEFAULT_SERIES))
"""Every series that may be asked for."""

_DOLLARS = "billion chained 2005 dollars, annual rate"
UNITS: Mapping[str, str] = frozen_mapping(
    {
        "infl": "% a year",
        "unemp": "% of the labour force",
        "tbilrate": "% a year",
        "growth": "% a year",
        "realgdp": _DOLLARS,
        "realcons": _DOLLARS,
        "realinv": _DOLLARS,
        "realgovt": _DOLLARS,
        "realdpi": "billion chained 2005 dollars",
        "cpi": "index, 1982-84 = 100",
        "m1": "billion dollars",
        "pop": "million people",
        "realint": "% a year",
    }
)
"""Unit of each series, as the file's notes and its numbers have it."""

_GROWTH_OF = {
    "growth": "realgdp",
    "cons_growth": "realcons",
    "inv_growth": "realinv",
    "m1_growth": "m1",
    "dpi_growth": "realdpi",
}
_PLACEHOLDER_FIRST = frozenset({"infl", "realint"})

CONTEXT_COLUMNS = ("infl", "unemp", "tbilrate", *_GROWTH_OF)

_EXPENDITURE = frozenset({"growth", "cons_growth", "inv_growth"})
DETERMINING_COLUMNS: Mapping[str, frozenset[str]] = frozen_mapping(
    {
        "infl": frozenset({"infl"}),
        "unemp": frozenset({"unemp"}),
        "tbilrate": frozenset({"tbilrate"}),
        "growth": _EXPENDITURE,
        "realgdp": _EXPENDITURE,
        "realcons": _EXPENDITURE,
        "realinv": _EXPENDITURE,
        "realgovt": _EXPENDITURE,
        "realdpi": frozenset({"dpi_growth"}),
        "cpi": frozenset({"infl"}),
        "m1": frozenset({"m1_growth"}),
        "pop": frozenset[str](),
        "realint": frozenset({"infl", "tbilrate"}),
    }
)
"""Columns that are never in the context of a series, of whatever period."""

_SEGMENTS = {"consumption": "realcons", "investment": "realinv", "government": "realgovt"}


@lru_cache(maxsize=4096)  # a fetch asks for the same thousand over and over
def log_growth(now: float, before: float) -> float:
    """Return annualised quarterly log growth in percent, the same double on every machine.

    (Correctly rounded by way of `decimal`: the last bit of `math.log` depends on the platform,
    and with it the hash of the data.)

    Args:
        now: Level, above 0.
        before: Level one quarter earlier, above 0.

    Returns:
        Growth in percent per year.

    Raises:
        DataError: A level that is not positive.

    >>> round(log_growth(2778.801, 2710.349), 9)
    9.976852327
    """
    if now <= 0.0 or before <= 0.0:
        raise DataError(f"growth from {before} to {now}: levels must be positive")
    return float(400 * (Decimal(now) / Decimal(before)).ln())


def growth_contributions(
    total: tuple[float, float], components: Mapping[str, tuple[float, float]]
) -> dict[str, float]:
    """Return contributions to annualised log growth, with the `remainder` they leave.

    Args:
        total: Value of the whole in the earlier and in the later quarter.
        components: Values of its parts in the same quarters; they need not add up to it.

    Returns:
        Percentage points per year by component, and `remainder`; they add up to
        `log_growth` of the whole.

    >>> parts = growth_contributions((100.0, 100.0), {"a": (40.0, 41.0)})
    >>> parts["a"], parts["remainder"]
    (4.0, -4.0)
    """
    before, now = total
    growth = log_growth(now, before)
    weight = growth / (now - before) if now != before else 400.0 / now
    parts = {name: weight * (k1 - k0) for name, (k0, k1) in components.items()}
    parts["remainder"] = math.fsum([growth, *(-part for part in parts.values())])
    return parts


def observations_from_table(
    table: MacroTable, series_id: str, *, together: bool = False
) -> tuple[Observation, ...]:
    """Return all rows of one series, with contexts, segments and assumed dates of release.

    A row is a function of the cells of the table that had been published when it was.

    Args:
        table: The file, or one in its layout.
        series_id: One of `SERIES`.
        together: Whether forecasts wait until the accounts of the quarter are out, the last of
            its releases: every row then counts as known at that moment, with all columns of its
            own quarter beside it.

    Returns:
        One row per quarter, in the unit of the series.
    """

    def column(name: str) -> Column:
        found = _column(table, name)
        if not together:
            return found
        moments = tuple(available_at(_LAST_OUT, period, _MONTHS) for period in found.periods)
        return replace(found, available=moments)

    return observations_of(
        column(series_id),
        [column(name) for name in CONTEXT_COLUMNS],
        source=SOURCE_NAME,
        leave_out=DETERMINING_COLUMNS[series_id],
        segments=_growth_segments(table) if series_id == "growth" else None,
    )


def _column(table: MacroTable, name: str) -> Column:
    level = table.columns[_GROWTH_OF.get(name, name)]
    if name in _GROWTH_OF:
        values = {
            table.quarters[row]: log_growth(level[row], level[row - 1])
            for row in range(1, len(level))
        }
    else:
        first = 1 if name in _PLACEHOLDER_FIRST else 0
        values = dict(zip(table.quarters[first:], level[first:], strict=True))
    return column_with_release_lag(name, values, _MONTHS)


def _growth_segments(table: MacroTable) -> dict[datetime, dict[str, float]]:
    def pair(name: str, row: int) -> tuple[float, float]:
        level = table.columns[name]
        return level[row - 1], level[row]

    return {
        table.quarters[row]: growth_contributions(
            pair("realgdp", row), {name: pair(column, row) for name, column in _SEGMENTS.items()}
        )
        for row in range(1, len(table.quarters))
    }
