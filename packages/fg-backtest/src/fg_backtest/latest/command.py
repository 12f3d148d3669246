"""Implementation of the command `fg-forecast`, with everything that it imports."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fg_backtest._program import FORECAST
from fg_backtest.agents import agents_named, line_up_of, with_policies
from fg_backtest.chart_files import check_chart
from fg_backtest.checks import DOUBTED
from fg_backtest.command_options import fit_settings
from fg_backtest.datasets import still_asked
from fg_backtest.exclusions import Exclusion, add_exclusions, exclusions_of
from fg_backtest.progress import DelayedProgress
from fg_backtest.runtimes import chosen_forecasters, tell_runtime
from fg_backtest.schedule import WARMUP, default_horizons
from fg_backtest.tabular import table_format, write_table
from fg_core import ConfigError, Dataset, ForecastGameError
from fg_core.console import FOUND, OK, check_output_path

from .by_kind import forecast_by_kind
from .command_files import chart_paths, dataset_asked_for, output_look
from .fans import fan_command
from .forecaster import LatestForecaster
from .forecasts import Forecasts
from .print_checks import print_checks
from .print_table import print_table
from .table import best_table, forecast_table

__all__ = ["run"]

_PATHS = 1000
"""Joint sample paths that are written where no number is asked for."""


def run(options: Mapping[str, Any]) -> int:
    """Fetch the data, forecast, and write what was asked for.

    Args:
        options: options of the command.

    Returns:
        The exit code: 0, or 3 where a print is doubted (--check).

    Raises:
        ForecastGameError: As for `LatestForecaster.run`, or a file cannot be written.
    """
    if options["fan"]:
        return fan_command(options)
    if options["given"]:
        raise ConfigError("--given says what a fan is conditional on: add --fan")
    out, plot, paths_out = options["out"], options["plot"], options["paths_out"]
    for option, path in (("--out", out), ("--paths-out", paths_out)):
        if path is not None:
            check_output_path(option, path)
            table_format(path)
    paths = options["paths"] or (_PATHS if paths_out is not None else 0)
    if options["best"] and options["paths"]:
        raise ConfigError("--best shows no forecasts, and so no totals: leave out --paths")
    if plot is not None:
        check_chart("--plot", plot)
    if options["check"]:
        return _check(options)
    if options["threshold"] is not None:
        raise ConfigError("--threshold is for --check, which was not asked for")
    with FORECAST.telling_warnings():
        found, _ = _forecast(options, exclusions_of(options["exclusions"]))
    levels = _levels(options["levels"])
    events = {"above": options["above"], "below": options["below"]}
    try:
        if out is not None:
            found.write(out, levels, **events)
        if paths_out is not None:
            write_table(paths_out, found.paths(paths, options["seed"]))
        if plot is not None:
            _draw(found, Path(plot), options["levels"])
    except OSError as error:
        path = error.filename or out or paths_out or plot
        raise ForecastGameError(
            f"{path} could not be written: {error.strerror or error}"
        ) from error
    if not options["quiet"]:
        look = output_look()
        bands = [level / 100.0 for level in options["levels"]]
        sys.stdout.write(
            best_table(found, all_series=options["all_series"], look=look)
            if options["best"]
            else forecast_table(
                found,
                bands,
                paths=paths,
                seed=options["seed"],
                all_series=options["all_series"],
                **events,
                look=look,
            )
        )
        for what, path in (("Table", out), ("Paths", paths_out), ("Chart", plot)):
            if path is not None:
                print(f"{what}: {path}")
    return 0


def _check(options: Mapping[str, Any]) -> int:
    """Check the newest prints, write what was asked for, and return the exit code."""
    of_forecasts = ("best", "plot", "above", "below", "paths", "paths_out")
    useless = [name.replace("_", "-") for name in of_forecasts if options[name]]
    if useless:
        raise ConfigError(f"--check shows last values, and --{useless[0]} is of forecasts")
    if options["log"]:
        raise ConfigError("--check looks at values as they were reported: leave --log out")
    out, file = options["out"], options["exclusions"]
    if file is not None:
        check_output_path("--exclusions", file)
    # The file of exclusions may be made by this very run.
    known = exclusions_of(file) if file is not None and Path(file).exists() else ()
    with FORECAST.telling_warnings():
        forecasts, dataset = _forecast(options, known, assess=True)
    threshold = options["threshold"]
    found = print_checks(forecasts, dataset, DOUBTED if threshold is None else threshold)
    added = 0
    try:
        if out is not None:
            found.write(out)
        if file is not None:
            added = add_exclusions(file, found.exclusions(datetime.now(UTC).date()))
    except OSError as error:
        raise ForecastGameError(
            f"{error.filename or out or file} could not be written: {error.strerror or error}"
        ) from error
    if not options["quiet"]:
        sys.stdout.write(print_table(found, all_series=options["all_series"], look=output_look()))
        if out is not None:
            print(f"Table: {out}")
        if added:
            print(f"Exclusions: {added} added to {file}")
    return FOUND if found.doubted else OK


def _forecast(
    options: Mapping[str, Any], exclusions: Sequence[Exclusion], *, assess: bool = False
) -> tuple[Forecasts, Dataset]:
    """Return forecasts, and the data that they were made from."""
    # Everything that can be wrong with the options is found before data are fetched.
    chosen = chosen_forecasters(options)
    factory = with_policies(
        agents_named(options["agents"], options["aggregator"] or "", chosen),
        options["policies"],
        log=options["log"],
    )
    if options["fast"] and options["best"]:
        raise ConfigError("--best compares forecasts of past origins, and --fast plays none")
    warmup = 0 if options["fast"] else options["warmup"]
    settings: dict[str, Any] = {
        "warmup": WARMUP if warmup is None else warmup,
        "agent_factory": factory,
        "assess": assess,
        **fit_settings(options),
    }
    factory(LatestForecaster(**settings).config)
    tell_runtime(options)
    dataset = dataset_asked_for(options, exclusions)
    horizons = options["horizons"] or default_horizons(dataset.frequency)
    with DelayedProgress(shown=sys.stderr.isatty() and not options["quiet"]) as progress:
        forecaster = LatestForecaster(tuple(horizons), **settings)
        series = still_asked(options["series"] or None, dataset, options["exclude"])
        how = {"strict": options["strict"], "jobs": options["jobs"]}
        named = options["agents"] or options["aggregator"] or chosen
        if named or options["check"]:  # what is made for intermittent demand has no defender
            found = forecaster.run(dataset, series, progress, **how)
        else:
            found = forecast_by_kind(
                forecaster, dataset, series, line_up_of(factory), progress, **how
            )
    return found, dataset


def _levels(bands: tuple[float, ...]) -> tuple[float, ...]:
    """Return the levels of the quantiles that end central intervals, and of the median."""
    ends = {round(end, 9) for band in bands for end in (0.5 - band / 200.0, 0.5 + band / 200.0)}
    return tuple(sorted({*ends, 0.5}))


def _draw(found: Forecasts, path: Path, bands: tuple[float, ...]) -> None:
    """Write the chart of each series, with its name in that of the file where there are many."""
    for name, own in chart_paths(path, list(found)).items():
        found.plot(name, [band / 100.0 for band in bands]).savefig(own)
