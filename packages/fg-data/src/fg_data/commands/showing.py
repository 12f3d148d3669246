"""`fg-data show`: the last rows as a table, all of them as a line, and a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fg_core import ConfigError, Observation, Provenance
from fg_core.artifact import write_atomically
from fg_core.calendar import (
    PERIOD_NAMES,
    own_frequency,
    parse_period,
    parse_period_end,
    period_label,
)
from fg_core.console import FAILED, takes_unicode
from fg_data._program import PROGRAM
from fg_data.alignment import AGE_SUFFIX, AlignedTable, align
from fg_data.cache import utc_now
from fg_data.origins import OriginClock
from fg_data.vintages import VintageHistory

from .loading import (
    as_of_moment,
    history_source,
    load,
    load_histories,
    names_with_histories,
    prepared,
)
from .output import (
    check_writable,
    notice_lines,
    print_json,
    print_notices,
    provenance_facts,
)
from .picture import Line, Panel, picture
from .sparkline import sparkline
from .text_table import figure, text_table

__all__ = ["run", "write_picture"]

_LINE = 72


def run(options: Mapping[str, Any]) -> int:
    """Show series.

    Args:
        options: Options of the command, by name.

    Returns:
        Exit code of the program.
    """
    check_writable("--svg", options["svg"], (".svg",))
    with prepared(options):
        return _aligned(options) if options["aligned"] else _rows(options)


def _rows(options: Mapping[str, Any]) -> int:
    loaded = load(_as_it_stood(options))
    if options["svg"]:
        panels = [
            Panel(
                f"{name} ({dataset.units.get(name, '') or 'no unit'})",
                (Line("", tuple((row.timestamp, row.value) for row in rows)),),
            )
            for dataset, name, rows in loaded.series()
        ]
        write_picture(options["svg"], panels, loaded.provenance)
    if options["as_json"]:
        print_json(
            {
                "series": {
                    name: {
                        "unit": dataset.units.get(name, ""),
                        "rows": [_plain(row) for row in rows],
                    }
                    for dataset, name, rows in loaded.series()
                },
                "errors": {name: str(error) for name, error in loaded.errors.items()},
                "provenance": provenance_facts(loaded.provenance),
            }
        )
    else:
        moment = as_of_moment(options) or utc_now()
        for number, (dataset, name, rows) in enumerate(loaded.series()):
            print("\n" if number else "", end="")
            frequency = own_frequency([row.timestamp.date() for row in rows], dataset.frequency)
            _print_series(name, dataset.units.get(name, ""), frequency, rows, options["rows"])
            if name in loaded.histories:
                _print_origin(loaded.histories[name], moment)
        print_notices(loaded.provenance)
    for name, error in loaded.errors.items():
        PROGRAM.tell(f"error: {name}: {error}")
    return FAILED if loaded.errors else 0


def _as_it_stood(options: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return options by which `--as-of` shows the figures of that day, unless others are named.

    First prints, which a backtest wants, had been revised by then.
    """
    if options["as_of"] is None or history_source(options["source"]) is None:
        return options
    return {**options, "options": {"vintage": "known", **options["options"]}}


def _plain(row: Observation) -> dict[str, Any]:
    return {
        "ds": row.timestamp.astimezone(UTC).date().isoformat(),
        "y": float(row.value),
        "available_at": row.available_at.astimezone(UTC).isoformat(),
        "context": {name: float(value) for name, value in row.macro_context.items()},
    }


def _print_series(
    name: str, unit: str, frequency: str, rows: Sequence[Observation], n_rows: int
) -> None:
    print(f"{name}{f', {unit}' if unit else ''}")
    line = sparkline([row.value for row in rows], _LINE, ascii_only=not takes_unicode())
    first, last = (period_label(rows[k].timestamp, frequency) for k in (0, -1))
    print(f"{line}\n{first} to {last}, {len(rows):,} row{'' if len(rows) == 1 else 's'}")
    cells = [
        [
            period_label(row.timestamp, frequency),
            figure(row.value),
            row.available_at.astimezone(UTC).strftime("%Y-%m-%d %H:%M"),
        ]
        for row in rows[-n_rows:]
    ]
    print(text_table(["ds", "y", "known from (UTC)"], cells, right=(1,)), end="")


def _print_origin(history: VintageHistory, moment: datetime) -> None:
    anchor = history.prints[0].period if history.prints else None
    origin = OriginClock(history.frequency, anchor=anchor).at(moment, history)
    word = PERIOD_NAMES[history.frequency]
    last = period_label(origin.last_period, history.frequency)
    out = "out" if origin.last_is_out else "not out yet"
    target = period_label(origin.target, history.frequency)
    print(f"At {moment:%Y-%m-%d %H:%M} UTC the last {word} over is {last}, {out}; next: {target}")


def _aligned(options: Mapping[str, Any]) -> int:
    source = history_source(options["source"])
    if source is None:
        names = names_with_histories()
        before, last = ", ".join(names[:-1]), names[-1] if names else "none"
        have = f"{before} and {last} have" if before else f"{last} has"
        raise ConfigError(
            f"--aligned needs vintages, which of the sources here only {have}; leave it out"
        )
    fetched = load_histories(source, options).require_all()
    table = _table(tuple(fetched.histories.values()), options)
    if options["svg"]:
        panels = [
            Panel(
                f"{name} ({history.units}), as known at each origin",
                (
                    Line(
                        "",
                        tuple(
                            (row.moment, row.cells[name].value if name in row.cells else None)
                            for row in table.rows
                        ),
                    ),
                ),
            )
            for name, history in fetched.histories.items()
        ]
        write_picture(options["svg"], panels, fetched.provenance)
    columns = table.columns()
    if options["as_json"]:
        print_json({"columns": columns, "provenance": provenance_facts(fetched.provenance)})
        return 0
    header = ["origin"]
    for name in table.series_ids:
        header += [name, "age"]
    cells = []
    for k in range(max(0, len(table.rows) - options["rows"]), len(table.rows)):
        line = [table.rows[k].moment.strftime("%Y-%m-%d")]
        for name in table.series_ids:
            cell = table.rows[k].cells.get(name)
            line.append("-" if cell is None else figure(cell.value))
            line.append("-" if cell is None else f"{cell.age_days:.0f}")
        cells.append(line)
    print(text_table(header, cells, right=range(1, len(header))), end="")
    print(
        f"\nLast figure published by each origin, and its age: days since the end of its period "
        f"({AGE_SUFFIX.strip('_')}); - is nothing published yet."
    )
    print_notices(fetched.provenance)
    return 0


def _table(histories: tuple[VintageHistory, ...], options: Mapping[str, Any]) -> AlignedTable:
    until = as_of_moment(options) or utc_now()
    end = OriginClock("M").last_over(until)
    if options["end"] is not None:
        end = min(end, parse_period_end(options["end"]))
    start = None if options["start"] is None else parse_period(options["start"])
    return align(histories, "M", start=start, end=end)


def write_picture(path: str, panels: Sequence[Panel], provenance: Provenance) -> None:
    """Draw panels into a file, with every notice below them.

    Args:
        path: Path of the file.
        panels: Panels, drawn one below the other.
        provenance: Provenance of the data.

    Raises:
        ConfigError: It cannot be written.
    """
    text = picture(f"Data of {provenance.source}", panels, notice_lines(provenance))
    try:
        write_atomically(Path(path), text.encode())
    except OSError as error:
        raise ConfigError(f"--svg {path} cannot be written: {error.strerror}") from error
