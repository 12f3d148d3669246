"""Forecasts as tables for people: one per series, with how far each may be trusted."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from rich import box
from rich.table import Table

from fg_backtest.agents import line_up_notes
from fg_backtest.checks import DOUBTED, found_only
from fg_backtest.drawing import PAGE, Look, Part, explained
from fg_backtest.formatting import number, percent, skill_text
from fg_core.calendar import FREQUENCY_NAMES, counted_periods, period_label

from .forecasts import Forecasts
from .many_series import decimals_of, event_headings, event_texts, many_series_parts
from .series_forecast import HorizonForecast, SeriesForecast
from .trust_checks import series_checks

__all__ = ["MANY", "best_table", "data_notes", "forecast_table"]

MANY = 10
"""More series than these are summed up, unless all are asked for."""

_DIGITS = 4
_SHOWN_BANDS = 2
_SHARES = 3


def forecast_table(
    forecasts: Forecasts,
    bands: Sequence[float],
    *,
    above: Sequence[float] = (),
    below: Sequence[float] = (),
    paths: int = 0,
    seed: int = 7,
    all_series: bool = False,
    look: Look = PAGE,
) -> str:
    """Return forecasts as text.

    Args:
        forecasts: forecasts of one or more series.
        bands: probabilities of central intervals; the two widest are shown.
        above: limits; the probability of a value above each is shown.
        below: limits; the probability of a value below each is shown.
        paths: number of joint sample paths behind the total over the horizons; 0: no total.
        seed: seed of the paths.
        all_series: whether to show all series, however many there are.
        look: how the page looks.

    Returns:
        Text of several lines, for a page of `look.width` characters.
    """
    lines = look.lines
    every = list(forecasts.values())
    each = all_series or len(every) <= MANY
    if each:
        parts = [_part(one, bands, above, below, lines, paths, seed) for one in every]
    else:
        parts = many_series_parts(forecasts, max(bands), lines, above=above, below=below)
    notes = []
    if paths and not each:
        notes.append("Totals are shown with --all; --paths-out FILE writes the paths.")
    elif paths:
        counted = counted_periods(len(forecasts.horizons), forecasts.frequency)
        notes.append(
            f"Total is the sum over the {counted} shown: its interval is that of {paths:,} joint "
            "sample paths, in which periods go together as past errors did."
        )
    if any(h.track_record is not None for one in every for h in one.horizons):
        notes.append(
            "Skill is 1 - CRPS / CRPS of the random walk over the n last origins of the series, "
            "above 0 is better than it; cov. is the share of outcomes inside the 80 % interval "
            "there."
        )
    else:
        notes.append(
            "No past origin was played, so that weights and intervals were not learned from this "
            "series, and nothing tells how far to trust them."
        )
    notes += data_notes(forecasts)
    return explained([*parts, Part(notes=notes)], look)


def _part(
    one: SeriesForecast,
    bands: Sequence[float],
    above: Sequence[float],
    below: Sequence[float],
    lines: box.Box,
    paths: int,
    seed: int,
) -> Part:
    widest = sorted(bands)[-_SHOWN_BANDS:]
    table = Table(box=lines, header_style="bold", pad_edge=False)
    table.add_column("period", no_wrap=True)
    intervals = [f"{100.0 * band:g} % interval" for band in widest]
    for heading in ("mean", *intervals, *event_headings(above, below), "skill", "cov.", "n"):
        table.add_column(heading, justify="right", no_wrap=True)
    decimals = decimals_of(ahead.forecast for ahead in one.horizons)
    for ahead in one.horizons:
        record = ahead.track_record
        ends = [ahead.forecast.quantile(((1.0 - b) / 2.0, (1.0 + b) / 2.0)) for b in widest]
        known = record is not None and record.n > 0
        table.add_row(
            period_label(ahead.period, one.frequency),
            number(ahead.forecast.mean, decimals),
            *(f"{number(low, decimals)} .. {number(high, decimals)}" for low, high in ends),
            *event_texts(ahead, above, below),
            skill_text(_known(record.skill)) if record and known else "-",
            percent(_known(record.coverage_80)) if record and known else "-",
            str(record.n) if record else "0",
        )
    if paths:
        levels = [end for b in widest for end in ((1.0 - b) / 2.0, (1.0 + b) / 2.0)]
        mean, found = one.total(levels, paths, seed)
        edges = [number(edge, decimals) for edge in found.tolist()]
        pairs = [f"{low} .. {high}" for low, high in zip(edges[::2], edges[1::2], strict=True)]
        table.add_section()
        table.add_row(
            "total", number(mean, decimals), *pairs, *("" for _ in (*above, *below)), "", "", ""
        )
    last = period_label(one.periods[-1], one.frequency)
    made = one.made_at.date().isoformat()
    unit = f" ({one.unit})" if one.unit else ""
    title = f"{one.name}{unit}: forecasts from {last}, {number(float(one.values[-1]), decimals)}"
    title += f" (known {made})"
    return Part(title, table, _trust_notes(one, one.frequency))


def _trust_notes(one: SeriesForecast, frequency: str) -> list[str]:
    """Return notes on weights, and what the coded checks of the series found."""
    nearest = one.horizons[0]
    notes = []
    weights = list(nearest.weights.items())[:_SHARES]
    if weights:
        shares = ", ".join(f"{name} {weight:.0%}" for name, weight in weights)
        notes.append(f"Largest weights {_ahead(nearest, frequency)}: {shares}.")
    notes += [str(check) for check in found_only(series_checks(one, DOUBTED))]
    return notes


def best_table(
    forecasts: Forecasts,
    *,
    all_series: bool = False,
    look: Look = PAGE,
) -> str:
    """Return the best forecaster of each series by CRPS, with its lead over the pool, as text.

    Args:
        forecasts: forecasts with track records.
        all_series: whether to show all series, however many there are.
        look: how the page looks.

    Returns:
        Text of several lines, for a page of `look.width` characters.
    """
    table = Table(box=look.lines, header_style="bold", pad_edge=False)
    table.add_column("series", no_wrap=True, overflow="ellipsis")
    table.add_column("h", justify="right", no_wrap=True)
    table.add_column("best", no_wrap=True, overflow="ellipsis")
    for heading in ("lead", "p", "n"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    verdicts: Counter[str] = Counter()
    for place, one in enumerate(forecasts.values()):
        for ahead in one.horizons:
            record = ahead.track_record
            if record is None or record.n == 0 or not record.best:
                verdicts["not known"] += 1
                if all_series or place < MANY:
                    table.add_row(one.name, str(ahead.horizon), "-", "-", "-", "0", "not known")
                continue
            verdict = _verdict(record.lead.mean, record.lead_is_luck)
            verdicts[verdict] += 1
            if place >= MANY and not all_series:
                continue
            table.add_row(
                one.name,
                str(ahead.horizon),
                record.best,
                f"{-record.lead.mean / record.crps:+.1%}" if record.crps > 0.0 else "-",
                f"{record.lead_p_value:.2g}",
                str(record.lead.n),
                verdict,
            )
    note = (
        "Lead: by how much the CRPS of the best forecaster is below the pool's at these origins. "
        "p: how often one of so many equally good forecasters would lead as much by luck."
    )
    notes = [note]
    if len(forecasts) > MANY:
        counts = ", ".join(f"{verdict} {n}" for verdict, n in verdicts.most_common())
        shown = "" if all_series else f"; --all shows more than the first {MANY}"
        notes.append(f"Of {len(forecasts)} series at all horizons: {counts}{shown}.")
    part = Part("best forecaster by past CRPS, against the pool", table, notes)
    return explained([part], look)


def _verdict(difference: float, is_luck: bool) -> str:
    if difference >= 0.0:
        return "the pool is ahead"
    return "may be luck" if is_luck else "more than luck"


def data_notes(forecasts: Forecasts) -> list[str]:
    """Return notes on the data of forecasts: source, licence, notices, and FG103.

    Args:
        forecasts: forecasts of any series.

    Returns:
        Lines of text.
    """
    of = forecasts.provenance
    kind = FREQUENCY_NAMES.get(forecasts.frequency, forecasts.frequency)
    description = f", {of.description}" if of.description else ""
    frequency = "" if kind in description else f" ({kind})"
    notes = [f"Data: {of.source}{description}{frequency}. Licence: {of.licence}."]
    return [*notes, *of.notices, *line_up_notes(forecasts.line_up, of.source)]


def _ahead(one: HorizonForecast, frequency: str) -> str:
    return f"{counted_periods(one.horizon, frequency)} ahead"


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value
