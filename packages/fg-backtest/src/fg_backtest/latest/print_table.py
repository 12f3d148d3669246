"""Newest prints as tables for people: how suspicious each is, and what depends on it."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.table import Table

from fg_backtest.checks import in_short
from fg_backtest.drawing import PAGE, Look, Part, drawn
from fg_backtest.formatting import NO_MARK, number
from fg_backtest.support import SupportedForecast
from fg_core.calendar import period_label

from .many_series import decimals_of
from .print_checks import PrintCheck, PrintChecks
from .table import MANY, data_notes

__all__ = ["print_table"]

_LEVELS = (0.1, 0.9)
_SHOWN_CHECKS = 6


def print_table(
    found: PrintChecks,
    *,
    all_series: bool = False,
    look: Look = PAGE,
) -> str:
    """Return newest prints as text.

    Args:
        found: prints of one or more series.
        all_series: whether to show all series, however many there are; otherwise those that are
            doubted, and the most doubted of the others.
        look: how the page looks.

    Returns:
        Text of several lines, for a page of `look.width` characters.
    """
    lines = look.lines
    prints = list(found.values())
    shown = prints if all_series else prints[: max(MANY, len(found.doubted))]
    parts = [Part(_title(found), _prints(shown, lines))]
    compared = [one for one in shown if one.doubted] or (shown if len(shown) == 1 else [])
    if compared:
        title = "the forecast with the last value and without it (80 % intervals)"
        parts.append(Part(title, _with_and_without(compared, lines)))
    notes = list(_legend(found, shown))
    if len(shown) < len(prints):
        n = len(prints) - len(shown)
        notes.append(f"{n} series that are doubted less are not shown: --all shows them.")
    others = [one for one in found.checks() if one.code not in ("FG103", "FG104")]
    notes += in_short(others, _SHOWN_CHECKS)
    parts.append(Part(notes=[*notes, *data_notes(found.forecasts)]))
    return drawn(parts, look)


def _title(found: PrintChecks) -> str:
    n, of = len(found.doubted), len(found)
    what = "none doubted" if n == 0 else f"{n} doubted"
    return f"last values of {of} series: {what} (p_bad of {found.threshold:g} or more)"


def _prints(shown: Sequence[PrintCheck], lines: box.Box) -> Table:
    table = Table(box=lines, header_style="bold", pad_edge=False, collapse_padding=True)
    table.add_column("series", no_wrap=True, overflow="ellipsis")
    table.add_column("period", no_wrap=True)
    given = any(one.others is not None for one in shown)
    for heading in ("reported", "forecast", "surprise", *(["given"] if given else []), "p_bad"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("moved by", justify="right", no_wrap=True)
    for one in shown:
        decimals = decimals_of([one.expected])
        others = "-" if one.others is None else f"{one.others.given:+.1f}"
        table.add_row(
            one.name,
            period_label(one.period, one.forecast.frequency),
            number(one.reported, decimals),
            number(one.expected.mean, decimals),
            f"{one.surprise:+.1f}",
            *([others] if given else []),
            f"{one.p_bad:.1%}{'*' if one.doubted else NO_MARK}",
            f"{one.correction:+.{decimals}f}",
        )
    return table


def _with_and_without(compared: Sequence[PrintCheck], lines: box.Box) -> Table:
    table = Table(box=lines, header_style="bold", pad_edge=False)
    table.add_column("series", no_wrap=True, overflow="ellipsis")
    table.add_column("period", no_wrap=True)
    for heading in ("issued", "with it", "without it"):
        table.add_column(heading, justify="right", no_wrap=True)
    for one in compared:
        decimals = decimals_of([ahead.forecast for ahead in one.forecast.horizons])
        for i, ahead in enumerate(one.forecast.horizons):
            table.add_row(
                one.name if i == 0 else "",
                period_label(ahead.period, one.forecast.frequency),
                number(ahead.forecast.mean, decimals),
                _interval(one.used(i), decimals),
                _interval(one.without(i), decimals),
            )
    return table


def _interval(forecast: SupportedForecast, decimals: int) -> str:
    low, high = (number(end, decimals) for end in forecast.quantile(_LEVELS))
    return f"{number(forecast.mean, decimals)} ({low} .. {high})"


def _legend(found: PrintChecks, shown: Sequence[PrintCheck]) -> list[str]:
    notes = [
        "Forecast is that of the last value from the values before it, and the surprise is in its "
        "standard deviations. p_bad is the probability that the value is bad, and moved by what "
        "would be put in its place less the value, both as the game's defenders see them. "
        "* doubted (FG104)."
    ]
    if any(one.others is not None for one in shown):
        notes.append(
            "Given: the last change less what the same period's changes of other columns "
            "and series predict, in standard errors, by a regression on the rows before. The game "
            "does not know it."
        )
        notes += [_others_note(one) for one in shown if one.doubted]
    if found.doubted:
        notes.append(
            "With it: were the value good for certain; without it: were it bad for certain, so "
            "that the defenders' replacement stands for it. The issued forecast mixes the two by "
            "p_bad."
        )
    return notes


def _others_note(one: PrintCheck) -> str:
    if one.others is None:
        return f"{one.name}: no other column or series has gone with its changes."
    said = one.others
    return (
        f"{one.name}: the change is {said.alone:+.1f} standard deviations of past changes by "
        f"itself, and {said.given:+.1f} standard errors given {', '.join(said.columns)}, which "
        f"explain {said.share:.0%} of past changes (n = {said.n})."
    )
