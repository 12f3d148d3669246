"""Fans of `fg-forecast --fan`: simulated paths of worlds that are calibrated on the series."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rich import box
from rich.console import Console
from rich.table import Table

from fg_backtest._program import FORECAST
from fg_backtest.chart_files import check_chart
from fg_backtest.datasets import still_asked
from fg_backtest.drawing import PAGE, Look, Part, explained
from fg_backtest.exclusions import exclusions_of
from fg_backtest.formatting import number
from fg_backtest.tabular import Columns, table_format, write_table
from fg_backtest.validate_series import Playable
from fg_core import ConfigError, DataError, Dataset, ForecastGameError, ScenarioFan
from fg_core.calendar import period_label
from fg_core.console import check_output_path
from fg_core.fans import Calibration, ScenarioGenerator

from .command_files import chart_paths, dataset_asked_for, output_look
from .many_series import event_headings

__all__ = ["SeriesFan", "fan_command", "fan_table", "fans_of"]

_PATHS = 10_000
_HORIZON = 8
_MANY = 10
_ANY_WIDTH = 10_000
_ELSEWHERE = (
    *("best", "check", "fast", "warmup", "agents", "aggregator", "forecasters", "threshold"),
    "settled_after",
)
"""Options of forecasts that are played, which a fan has no use for."""


@dataclass(frozen=True, eq=False)
class SeriesFan:
    """Fan of a series, and the calibration that it is made from.

    Args:
        fan: simulated paths and their percentiles.
        calibration: the world's coefficients, as they were estimated.
    """

    fan: ScenarioFan
    calibration: Calibration


def fan_command(options: Mapping[str, Any]) -> int:
    """Fetch the data, simulate a fan of each series, and write what was asked for.

    Args:
        options: options of the command `fg-forecast`.

    Returns:
        The exit code, 0.

    Raises:
        ForecastGameError: Options that do not go together, data that cannot be used, no series
            that a world can be calibrated on, or a file that cannot be written.
    """
    useless = [name.replace("_", "-") for name in _ELSEWHERE if options[name]]
    useless += ["nonnegative"] if options["nonnegative"] is not None else []
    if useless:
        raise ConfigError(f"--fan simulates a calibrated world: leave out --{useless[0]}")
    given = {name: _numbers(name, text) for name, text in options["given"].items()}
    files = {"Table": options["out"], "Paths": options["paths_out"], "Chart": options["plot"]}
    for option, path in (("--out", files["Table"]), ("--paths-out", files["Paths"])):
        if path is not None:
            check_output_path(option, path)
            table_format(path)
    if files["Chart"] is not None:
        check_chart("--plot", files["Chart"])
    events = {"above": options["above"], "below": options["below"]}
    with FORECAST.telling_warnings():
        dataset = dataset_asked_for(options, exclusions_of(options["exclusions"]))
        names = still_asked(options["series"] or None, dataset, options["exclude"])
        found = fans_of(
            dataset,
            dataset.series_ids if names is None else names,
            given,
            horizon=max(options["horizons"] or (_HORIZON,)),
            n_paths=options["paths"] or _PATHS,
            bands=[level / 100.0 for level in options["levels"]],
            seed=options["seed"],
            window=options["window"],
            log=options["log"],
            strict=options["strict"],
        )
    try:
        _write(found, files, events, [level / 100.0 for level in options["levels"]])
    except OSError as error:
        path = error.filename or next(path for path in files.values() if path is not None)
        raise ForecastGameError(
            f"{path} could not be written: {error.strerror or error}"
        ) from error
    if not options["quiet"]:
        sys.stdout.write(
            fan_table(
                found, dataset, all_series=options["all_series"], **events, look=output_look()
            )
        )
        for what, path in files.items():
            if path is not None:
                print(f"{what}: {path}")
    return 0


def fans_of(
    dataset: Dataset,
    names: Sequence[str],
    given: Mapping[str, Sequence[float]],
    *,
    horizon: int,
    n_paths: int,
    bands: Sequence[float],
    seed: int = 7,
    window: int | None = None,
    log: bool = False,
    strict: bool = False,
) -> dict[str, SeriesFan]:
    """Return a fan of each series, from a world that is calibrated on it.

    Args:
        dataset: rows of the series.
        names: names of the series.
        given: path per context column that the fan is conditional on, in the unit of the column.
        horizon: number of steps.
        n_paths: number of paths.
        bands: probabilities of central intervals, whose ends are the percentiles beside the median.
        seed: seed of the paths.
        window: number of the last rows that are used; None: all.
        log: whether to calibrate on logarithms.
        strict: whether to refuse series that no world can be calibrated on, which are left out and
            named otherwise.

    Returns:
        Fans by series, in the order of the names.

    Raises:
        DataError: No world can be calibrated on any of the series.
        ConfigError: Paths that are too many or too long, or an option out of its range.
    """
    ends = {round(50.0 + sign * 50.0 * band, 7) for band in bands for sign in (-1.0, 1.0)}
    percentiles = sorted({*ends, 50.0})
    found: dict[str, SeriesFan] = {}
    left_out: dict[str, str] = {}
    for name in names:
        try:
            generator = ScenarioGenerator.calibrated(
                dataset, name, tuple(given), seed=seed, window=window, log=log
            )
        except DataError as error:
            if strict or len(names) == 1:
                raise
            left_out[name] = str(error)
            continue
        fan = generator.generate(
            n_paths=n_paths, horizon=horizon, percentiles=percentiles, given=given
        )
        if generator.calibration is not None:
            found[name] = SeriesFan(fan, generator.calibration)
    if not found:
        raise DataError(f"no fan of any of {len(names)} series: {next(iter(left_out.values()))}")
    Playable({}, left_out, {}).warn()
    return found


def fan_table(
    fans: Mapping[str, SeriesFan],
    dataset: Dataset,
    *,
    above: Sequence[float] = (),
    below: Sequence[float] = (),
    all_series: bool = False,
    look: Look = PAGE,
) -> str:
    """Return fans as text: the percentiles of each step, and what they are conditional on.

    Args:
        fans: fans by series.
        dataset: where they come from.
        above: limits; the probability of a value above each is shown.
        below: limits; the probability of a value below each is shown.
        all_series: whether to show all series, however many there are.
        look: how the page looks.

    Returns:
        Text of several lines, for a page of `look.width` characters.
    """
    shown = list(fans.values())[: None if all_series else _MANY]
    parts = [_part(one, above, below, look) for one in shown]
    n = shown[0].fan.n_paths
    notes = [
        f"p10 is the value below which 10 % of {n:,} simulated paths are; error is the Monte Carlo "
        "standard error of the percentile that is least sure. Nothing disturbs these paths, and "
        "the coefficients are taken as they were estimated.",
    ]
    if above or below:
        notes.append("ever: the share of paths in which it happens at one step at least.")
    if len(shown) < len(fans):
        notes.append(f"{len(fans) - len(shown)} more series are shown with --all.")
    of = dataset.provenance
    notes.append(f"Data: {of.source}, {of.description}. Licence: {of.licence}.")
    notes += of.notices
    return explained([*parts, Part(notes=notes)], look)


def _part(one: SeriesFan, above: Sequence[float], below: Sequence[float], look: Look) -> Part:
    """Return the table of a fan, with as many of its percentiles as the page has room for."""
    levels = one.fan.levels
    table = _table(one.fan, levels, above, below, look.lines)
    while len(levels) > 3 and Console(width=_ANY_WIDTH).measure(table).maximum > look.width:
        middle = len(levels) // 2
        levels = tuple(x for i, x in enumerate(levels) if abs(i - middle) != 1)
        table = _table(one.fan, levels, above, below, look.lines)
    notes = _notes(one)
    if levels != one.fan.levels:
        left_out = ", ".join(f"p{level:g}" for level in one.fan.levels if level not in levels)
        notes.append(f"There is no room for {left_out}: --out writes all, --levels chooses.")
    series = one.fan.series
    unit = f" ({series.unit})" if series.unit else ""
    last = period_label(series.times[-1], series.frequency)
    value = number(float(series.values[-1]), _decimals(one.fan))
    return Part(f"{series.name}{unit}: fan from {last}, {value}", table, notes)


def _decimals(fan: ScenarioFan) -> int:
    """Return the decimals that show two significant digits of the scale one step ahead."""
    scale = float(np.std(fan.paths()[:, 0]))
    return max(0, 1 - math.floor(math.log10(scale))) if scale > 0.0 else 2


def _table(
    fan: ScenarioFan,
    levels: Sequence[float],
    above: Sequence[float],
    below: Sequence[float],
    lines: box.Box,
) -> Table:
    table = Table(box=lines, header_style="bold", pad_edge=False)
    table.add_column("period", no_wrap=True)
    headings = [f"p{level:g}" for level in levels]
    for heading in (*headings, "error", *event_headings(above, below)):
        table.add_column(heading, justify="right", no_wrap=True)
    percentiles, worst = fan.percentiles(levels=levels), fan.errors(levels=levels).max(axis=1)
    decimals = _decimals(fan)
    chances = [fan.probability(above=limit) for limit in above]
    chances += [fan.probability(below=limit) for limit in below]
    for i, period in enumerate(fan.times):
        table.add_row(
            period_label(period, fan.series.frequency),
            *(number(round(value, decimals) + 0.0, decimals) for value in percentiles[i].tolist()),
            number(None if np.isnan(worst[i]) else float(worst[i]), decimals + 1),
            *(f"{event.by_step[i]:.1%}" for event in chances),
        )
    if chances:
        table.add_section()
        ever = [f"{event.ever:.1%}" for event in chances]
        table.add_row("ever", *("" for _ in (*headings, "")), *ever)
    return table


def _notes(one: SeriesFan) -> list[str]:
    """Return notes on what the fan is conditional on, and how sure that effect is."""
    notes = []
    of = "of the logarithm " if one.calibration.log else ""
    for column, path in one.fan.given.items():
        found = one.calibration.columns[column]
        text = ", ".join(f"{value:g}" for value in path)
        text += " (which lasts)" if 1 < len(path) < one.fan.horizon else ""
        sure = abs(found.coefficient) > 2.0 * found.standard_error
        notes.append(
            f"Given {column} {text} from the next period on "
            f"(mean {found.centre:.3g}): each unit moves the change {of}in the period after by "
            f"{found.coefficient:+.2g}, standard error {found.standard_error:.2g}"
            f"{'' if sure else ', which may be luck'}."
        )
    return notes


def _write(
    found: Mapping[str, SeriesFan],
    files: Mapping[str, str | None],
    events: Mapping[str, Sequence[float]],
    bands: Sequence[float],
) -> None:
    """Write the files that were asked for."""
    fans = {name: one.fan for name, one in found.items()}
    if files["Table"] is not None:
        write_table(files["Table"], _joined([fan.columns(**events) for fan in fans.values()]))
    if files["Paths"] is not None:
        write_table(files["Paths"], _joined([_path_columns(fan) for fan in fans.values()]))
    if files["Chart"] is not None:
        for name, path in chart_paths(Path(files["Chart"]), list(fans)).items():
            fans[name].plot(bands=bands).savefig(path)


def _path_columns(fan: ScenarioFan) -> Columns:
    """Return the paths as `Forecasts.paths` does: a row per path and step."""
    days = [time.date() for time in fan.times]
    return {
        "unique_id": [fan.series.name] * (fan.n_paths * fan.horizon),
        "path": np.repeat(np.arange(1, fan.n_paths + 1), fan.horizon).tolist(),
        "ds": days * fan.n_paths,
        "value": fan.paths().ravel().tolist(),
    }


def _joined(tables: Sequence[Columns]) -> Columns:
    """Return tables of the same columns below each other."""
    return {name: [cell for table in tables for cell in table[name]] for name in tables[0]}


def _numbers(name: str, text: str) -> tuple[float, ...]:
    """Return the numbers that `--given` has for a column, one per step."""
    try:
        found = tuple(float(part) for part in text.split(","))
    except ValueError:
        found = ()
    if not found or not all(map(math.isfinite, found)):
        raise ConfigError(f"--given {name}={text}: a number, or several with commas, such as 5,4.5")
    return found
