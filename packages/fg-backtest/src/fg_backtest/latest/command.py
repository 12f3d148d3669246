"""Implementation of the command `fg-forecast`, with everything that it imports."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fg_backtest._program import FORECAST
from fg_backtest.agents import agents_named, line_up_of
from fg_backtest.command_options import fit_settings
from fg_backtest.datasets import dataset_of_command, prepared
from fg_backtest.progress import DelayedProgress
from fg_backtest.schedule import WARMUP, default_horizons
from fg_backtest.tabular import table_format, write_table
from fg_core import ConfigError, ForecastGameError
from fg_core.console import check_output_path, output_style

from .by_kind import forecast_by_kind
from .forecaster import LatestForecaster
from .forecasts import Forecasts
from .table import best_table, forecast_table

__all__ = ["run"]

_CHARTS = (".png", ".svg", ".pdf")
_WIDTH = 80
_PATHS = 1000
"""Joint sample paths that are written where no number is asked for."""


def run(options: Mapping[str, Any]) -> int:
    """Fetch the data, forecast, and write what was asked for.

    Args:
        options: options of the command.

    Returns:
        The exit code.

    Raises:
        ForecastGameError: As for `LatestForecaster.run`, or a file cannot be written.
    """
    out, plot, paths_out = options["out"], options["plot"], options["paths_out"]
    for option, path in (("--out", out), ("--paths-out", paths_out)):
        if path is not None:
            check_output_path(option, path)
            table_format(path)
    paths = options["paths"] or (_PATHS if paths_out is not None else 0)
    if options["best"] and options["paths"]:
        raise ConfigError("--best shows no forecasts, and so no totals: leave out --paths")
    if plot is not None:
        check_output_path("--plot", plot)
        _check_chart(plot)
    with FORECAST.telling_warnings():
        found = _forecast(options)
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
        style = output_style()
        look: dict[str, Any] = {
            "width": style.width if sys.stdout.isatty() else _WIDTH,
            "color": style.color,
            "ascii_only": not style.unicode,
        }
        bands = [level / 100.0 for level in options["levels"]]
        sys.stdout.write(
            best_table(found, all_series=options["all_series"], **look)
            if options["best"]
            else forecast_table(
                found,
                bands,
                paths=paths,
                seed=options["seed"],
                all_series=options["all_series"],
                **events,
                **look,
            )
        )
        for what, path in (("Table", out), ("Paths", paths_out), ("Chart", plot)):
            if path is not None:
                print(f"{what}: {path}")
    return 0


def _forecast(options: Mapping[str, Any]) -> Forecasts:
    # Everything that can be wrong with the options is found before data are fetched.
    chosen = tuple(options["forecasters"])
    factory = agents_named(options["agents"], options["aggregator"] or "", chosen)
    if options["fast"] and options["best"]:
        raise ConfigError("--best compares forecasts of past origins, and --fast plays none")
    warmup = 0 if options["fast"] else options["warmup"]
    settings: dict[str, Any] = {
        "warmup": WARMUP if warmup is None else warmup,
        "agent_factory": factory,
        **fit_settings(options),
    }
    factory(LatestForecaster(**settings).config)
    dataset = dataset_of_command(options, FORECAST)
    dataset = prepared(dataset, season_length=options["season_length"], future=options["future"])
    horizons = options["horizons"] or default_horizons(dataset.frequency)
    with DelayedProgress(shown=sys.stderr.isatty() and not options["quiet"]) as progress:
        forecaster = LatestForecaster(tuple(horizons), **settings)
        series = tuple(options["series"]) or None
        how = {"strict": options["strict"], "jobs": options["jobs"]}
        if options["agents"] or options["aggregator"] or options["forecasters"]:
            return forecaster.run(dataset, series, progress, **how)
        return forecast_by_kind(forecaster, dataset, series, line_up_of(factory), progress, **how)


def _levels(bands: tuple[float, ...]) -> tuple[float, ...]:
    """Return the levels of the quantiles that end central intervals, and of the median."""
    ends = {round(end, 9) for band in bands for end in (0.5 - band / 200.0, 0.5 + band / 200.0)}
    return tuple(sorted({*ends, 0.5}))


def _check_chart(path: str | os.PathLike[str]) -> None:
    """Refuse a chart that cannot be drawn before anything is forecast."""
    from fg_core.plotting import new_figure

    if Path(path).suffix.lower() not in _CHARTS:
        raise ConfigError(f"--plot {path}: the name of the file must end in {', '.join(_CHARTS)}")
    new_figure()


def _draw(found: Forecasts, path: Path, bands: tuple[float, ...]) -> None:
    """Write the chart of each series, with its name in that of the file where there are many."""
    path.parent.mkdir(parents=True, exist_ok=True)
    for name in found:
        own = path if len(found) == 1 else path.with_stem(f"{path.stem}_{_plain(name)}")
        found.plot(name, [band / 100.0 for band in bands]).savefig(own)


def _plain(name: str) -> str:
    """Return the name of a series as a file name can hold it."""
    return "".join(c if c.isalnum() or c in "-_." else "_" for c in name)
