"""Forecasts of many series at a glance: a line each for the first, and the trust in them all."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from rich import box
from rich.table import Table

from fg_backtest.checks import DOUBTED
from fg_backtest.drawing import Part
from fg_backtest.formatting import number, percent, skill_text
from fg_backtest.support import SupportedForecast
from fg_core.calendar import counted_periods, period_label

from .forecasts import Forecasts
from .series_forecast import HorizonForecast, SeriesForecast

__all__ = ["decimals_of", "event_headings", "event_texts", "many_series_parts"]

_SHOWN = 10
_QUANTILES = (0.1, 0.5, 0.9)


@dataclass(frozen=True)
class _Scored:
    """Track record of one series over its horizons, each with equal weight."""

    one: SeriesForecast
    skill: float
    coverage: float
    origins: int
    best: str


def decimals_of(forecasts: Iterable[SupportedForecast]) -> int:
    """Return the decimals that give the narrowest forecast two significant digits of its scale.

    Args:
        forecasts: forecasts in one unit.

    Returns:
        Number of decimals, at least 0.
    """
    smallest = min((one.scale for one in forecasts if one.scale > 0.0), default=1.0)
    return max(0, 1 - math.floor(math.log10(smallest)))


def event_headings(above: Sequence[float], below: Sequence[float]) -> list[str]:
    """Return the headings of the columns of probabilities.

    >>> event_headings((3.0,), (0.0,))
    ['> 3', '< 0']
    """
    return [*(f"> {limit:g}" for limit in above), *(f"< {limit:g}" for limit in below)]


def event_texts(
    ahead: HorizonForecast, above: Sequence[float], below: Sequence[float]
) -> list[str]:
    """Return the probabilities of values above and below limits, as they are shown.

    Args:
        ahead: a forecast.
        above: limits in the unit of the series.
        below: limits in the unit of the series.

    Returns:
        Texts in percent, in the order of `event_headings`.
    """
    chances = [
        *(ahead.probability(above=limit) for limit in above),
        *(ahead.probability(below=limit) for limit in below),
    ]
    return [f"{chance:.1%}" for chance in chances]


def many_series_parts(
    forecasts: Forecasts,
    band: float,
    lines: box.Box,
    *,
    above: Sequence[float] = (),
    below: Sequence[float] = (),
) -> list[Part]:
    """Return the tables of many series.

    Args:
        forecasts: forecasts of the series.
        band: probability of the central interval that is shown.
        lines: lines of the tables, as `Look.lines` says.
        above: limits; the probability of a value above each is shown.
        below: limits; the probability of a value below each is shown.

    Returns:
        Tables: forecasts of the first ten series, trust by horizon, and the ten series of the
        lowest skill; the last two only where past origins were played.
    """
    parts = [_first(forecasts, band, lines, above, below)]
    trust = _trust(forecasts, lines)
    if trust is not None:
        parts += [trust, _worst(forecasts, lines)]
    return parts


def _first(
    forecasts: Forecasts,
    band: float,
    lines: box.Box,
    above: Sequence[float],
    below: Sequence[float],
) -> Part:
    events = event_headings(above, below)
    interval = f"{100.0 * band:g} % interval"
    table = _table(lines, "series", "period", "last value", "mean", interval, *events)
    levels = ((1.0 - band) / 2.0, (1.0 + band) / 2.0)
    shown = list(forecasts.values())[:_SHOWN]
    for one in shown:
        nearest, places = one.horizons[0], decimals_of(ahead.forecast for ahead in one.horizons)
        low, high = nearest.forecast.quantile(levels)
        table.add_row(
            one.name,
            period_label(nearest.period, one.frequency),
            number(float(one.values[-1]), places),
            number(nearest.forecast.mean, places),
            f"{number(low, places)} .. {number(high, places)}",
            *event_texts(nearest, above, below),
        )
    ahead = counted_periods(forecasts.horizons[0], forecasts.frequency)
    title = (
        f"{len(forecasts)} series, forecasts {ahead} ahead of the first {len(shown)}; --all shows "
        "all, --out FILE writes them"
    )
    return Part(title, table)


def _trust(forecasts: Forecasts, lines: box.Box) -> Part | None:
    """Return the track records by horizon; None: no past origin was played."""
    levels = [f"{100.0 * level:g} %" if level != 0.5 else "median" for level in _QUANTILES]
    table = _table(lines, "ahead", "series", "better than RW", *levels, "80 % cov.")
    some = False
    for place, h in enumerate(forecasts.horizons):
        found = [
            record
            for one in forecasts.values()
            if (record := one.horizons[place].track_record) is not None and record.n > 0
        ]
        skills = np.array([record.skill for record in found])
        skills = skills[~np.isnan(skills)]
        if not skills.size:
            continue
        some = True
        table.add_row(
            counted_periods(h, forecasts.frequency),
            str(skills.size),
            percent(float(np.mean(skills > 0.0))),
            *map(skill_text, np.quantile(skills, _QUANTILES).tolist()),
            percent(float(np.mean([record.coverage_80 for record in found]))),
        )
    if not some:
        return None
    title = (
        "trust: the share of series in which the pool was better than the random walk (RW) at the "
        "last origins, and quantiles of its skill over series"
    )
    return Part(title, table)


def _worst(forecasts: Forecasts, lines: box.Box) -> Part:
    table = _table(lines, "series", "skill", "80 % cov.", "n", "best forecaster")
    scored = [found for one in forecasts.values() if (found := _scored(one)) is not None]
    worst = sorted(scored, key=lambda found: found.skill)[:_SHOWN]
    for found in worst:
        table.add_row(
            found.one.name,
            skill_text(found.skill),
            percent(found.coverage),
            str(found.origins),
            found.best,
        )
    doubted = [one.name for one in forecasts.values() if one.p_bad >= DOUBTED]
    notes = []
    if doubted:
        more = f" and {len(doubted) - _SHOWN} more" if len(doubted) > _SHOWN else ""
        names = ", ".join(doubted[:_SHOWN])
        notes.append(f"Last values that are doubted, false with 10 % or more: {names}{more}.")
    return Part(f"the {len(worst)} series of the lowest skill, mean over horizons", table, notes)


def _scored(one: SeriesForecast) -> _Scored | None:
    """Return the means over the horizons that have a skill; None: none has."""
    records = [
        record
        for ahead in one.horizons
        if (record := ahead.track_record) is not None and not np.isnan(record.skill)
    ]
    if not records:
        return None
    return _Scored(
        one,
        float(np.mean([record.skill for record in records])),
        float(np.mean([record.coverage_80 for record in records])),
        records[0].n,
        records[0].best,
    )


def _table(lines: box.Box, first: str, *others: str) -> Table:
    table = Table(box=lines, header_style="bold", pad_edge=False)
    table.add_column(first, no_wrap=True, overflow="ellipsis", max_width=24)
    for heading in others:
        table.add_column(heading, justify="right", no_wrap=True)
    return table
