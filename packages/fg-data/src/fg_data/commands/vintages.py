"""`fg-data vintages`: how figures were revised."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from fg_core import ConfigError, DataError
from fg_core.calendar import parse_period, parse_period_end, period_label, period_start
from fg_core.console import FAILED
from fg_data._program import PROGRAM
from fg_data.vintages import Print, VintageHistory

from .loading import (
    as_of_moment,
    history_source,
    load_histories,
    names_with_histories,
    prepared,
)
from .output import check_writable, print_json, print_notices, provenance_facts
from .picture import Line, Panel
from .showing import write_picture
from .text_table import figure, text_table

__all__ = ["run"]


def run(options: Mapping[str, Any]) -> int:
    """Show revisions of one period, or of the last ones.

    Args:
        options: Options of the command, by name.

    Returns:
        Exit code of the program.
    """
    check_writable("--svg", options["svg"], (".svg",))
    source = history_source(options["source"])
    if source is None:
        names = names_with_histories()
        of = f"source{'' if len(names) == 1 else 's'} {', '.join(map(repr, names))}"
        raise ConfigError(
            f"vintages are on record for the {of} only, not for {options['source']!r}"
        )
    with prepared(options):
        fetched = load_histories(source, options)
        if not fetched.histories:
            fetched.require_all()
        moment = as_of_moment(options)
        histories = {
            name: history if moment is None else history.until(moment)
            for name, history in fetched.histories.items()
        }
        if options["svg"]:
            panels = [_panel(history) for history in histories.values()]
            write_picture(options["svg"], panels, fetched.provenance)
        shown = {name: _shown(history, options) for name, history in histories.items()}
        if options["as_json"]:
            print_json(
                {
                    "series": {
                        name: [_plain(history, period) for period in shown[name]]
                        for name, history in histories.items()
                    },
                    "errors": {name: str(error) for name, error in fetched.errors.items()},
                    "provenance": provenance_facts(fetched.provenance),
                }
            )
        else:
            for name, history in histories.items():
                print(f"{name}, {history.units}")
                _print(history, shown[name], whole=options["period"] is not None)
            print_notices(fetched.provenance)
        for name, error in fetched.errors.items():
            PROGRAM.tell(f"error: {name}: {error}")
    return FAILED if fetched.errors else 0


def _shown(history: VintageHistory, options: Mapping[str, Any]) -> list[datetime]:
    """Return the periods of a series that are shown."""
    periods = sorted({one.period for one in history.prints})
    if options["period"] is not None:
        first, last = parse_period(options["period"]), parse_period_end(options["period"])
        wanted = [p for p in periods if first <= p <= last]
        # A month of a quarter's figure, say, names the quarter that it is in.
        holds = period_start(first, history.frequency)
        wanted = wanted or [p for p in periods if p == holds]
        if not wanted:
            raise DataError(
                f"series {history.series_id!r} has no period {options['period']}; its periods go "
                f"from {periods[0].date()} to {periods[-1].date()}"
            )
        return wanted
    if options["start"] is not None:
        periods = [p for p in periods if p >= parse_period(options["start"])]
    if options["end"] is not None:
        periods = [p for p in periods if p <= parse_period_end(options["end"])]
    return periods[-options["rows"] :]


def _print(history: VintageHistory, periods: list[datetime], *, whole: bool) -> None:
    if whole:
        for period in periods:
            print(period_label(period, history.frequency))
            print(text_table(*_prints(history, period), right=(1, 2)), end="")
        return
    cells = []
    for period in periods:
        prints = [one for one in history.revisions(period) if one.value is not None]
        if not prints:
            cells.append([period_label(period, history.frequency), "missing", "", "", "0", ""])
            continue
        first, latest = prints[0], prints[-1]
        cells.append(
            [
                period_label(period, history.frequency),
                figure(first.value),
                figure(latest.value),
                _change(first, latest),
                str(len(prints)),
                _known(first, history),
            ]
        )
    header = ["ds", "first", "latest", "revised by", "prints", "first known from (UTC)"]
    print(text_table(header, cells, right=(1, 2, 3, 4)), end="")


def _prints(history: VintageHistory, period: datetime) -> tuple[list[str], list[list[str]]]:
    rows, before = [], None
    for one in history.revisions(period):
        change = "" if before is None else _change(before, one)
        value = "missing" if one.value is None else figure(one.value)
        rows.append([_known(one, history), value, change])
        before = one if one.value is not None else before
    return ["known from (UTC)", "value", "change"], rows


def _known(one: Print, history: VintageHistory) -> str:
    assumed = history.assumed_before is not None and one.published < history.assumed_before
    return f"{one.published.astimezone(UTC):%Y-%m-%d}{' (assumed)' if assumed else ''}"


def _change(before: Print, after: Print) -> str:
    if before.value is None or after.value is None:
        return ""
    change = after.value - before.value
    return "0" if change == 0.0 else f"{change:+.6g}"


def _plain(history: VintageHistory, period: datetime) -> dict[str, Any]:
    before = history.assumed_before
    return {
        "ds": period.date().isoformat(),
        "prints": [
            {
                "value": one.value,
                "published": one.published.isoformat(),
                "superseded": None if one.superseded is None else one.superseded.isoformat(),
                "assumed": before is not None and one.published < before,
            }
            for one in history.revisions(period)
        ],
    }


def _panel(history: VintageHistory) -> Panel:
    last = history.vintage_dates[-1]
    return Panel(
        f"{history.series_id} ({history.units})",
        (
            Line("latest", tuple((k.period, k.value) for k in history.as_of(last))),
            Line("first print", tuple((k.period, k.value) for k in history.first_prints())),
        ),
    )
