"""What `fg-backtest` does, with everything that it imports."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import warnings
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from fg_core import (
    ConfigError,
    Dataset,
    DataSource,
    ForecastGameError,
    PluginError,
    PluginLoadError,
    Query,
    Registry,
)
from fg_core.locations import is_location, require_file
from fg_core.periods import parse_period, parse_period_end
from fg_core.plugins import INSTALL_HINT

from ._console import Interrupted, tell
from .agents import AgentsWith, LineUp
from .from_data import prepared
from .progress import DelayedProgress
from .result import BacktestResult
from .schedule import default_horizons
from .walk_forward import WalkForwardBacktester

__all__ = ["run"]

_SOURCES = "fg_core.sources"
_PROXY = "synthetic"
_WANTED = "fred_training"
_WIDTH = 100
_FILE = "file"
_COLUMNS = {"ds": "--ds", "y": "--y", "unique_id": "--id"}
_NOT_IN_REPORT = ("out", "by_window", "all_series", "list_plugins", "quiet", "debug")


def run(options: Mapping[str, Any]) -> int:
    """Fetch, play, write the report, and print the table."""
    out = Path(options["out"])
    written = False
    try:
        _check_writable(out)
        with warnings.catch_warnings():
            if not sys.warnoptions:
                warnings.simplefilter("default")
            warnings.showwarning = _show_warning
            result = _play(options)
        try:
            result.write(out)
        except OSError as error:
            raise ForecastGameError(
                f"the report could not be written to {out}: {_reason(error)}"
            ) from error
        written = True
        if not options["quiet"]:
            _print_table(result, by_window=options["by_window"], all_series=options["all_series"])
            print(f"\nReport: {out} (results {result.results_hash[:16]})")
            sys.stdout.flush()
    except KeyboardInterrupt:
        what = f"the report is complete: {out}" if written else "no report was written"
        raise Interrupted(what) from None
    return 0


def _play(options: Mapping[str, Any]) -> BacktestResult:
    # Everything that can be wrong with the options is found before data are fetched.
    settings = _settings(options)
    chosen = tuple(options["forecasters"])
    factory: AgentsWith | LineUp
    if options["agents"] == "baselines":
        factory = AgentsWith(options["aggregator"] or "pool", chosen)
    else:
        factory = LineUp(options["agents"], options["aggregator"] or "", chosen)
    backtester = WalkForwardBacktester(**settings, agent_factory=factory)
    factory(backtester.config)
    dataset = prepared(_fetch(options), season_length=options["season_length"])
    if options["horizons"] is None:
        backtester = replace(backtester, horizons=default_horizons(dataset.frequency))
    with DelayedProgress(shown=sys.stderr.isatty() and not options["quiet"]) as progress:
        result = backtester.run(
            dataset,
            tuple(options["series"]) or None,
            progress,
            summary_only=options["summary_only"],
        )
    command = {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in options.items()
        if name not in _NOT_IN_REPORT
    }
    if options["source"] is not None:
        command["source"] = Path(options["source"]).name  # never a path of this machine
    return result.with_command(command)


def _settings(options: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "horizons": options["horizons"] or (1,),
        "start": None if options["start"] is None else parse_period(options["start"]),
        "end": None if options["end"] is None else parse_period_end(options["end"]),
        "warmup": _warmup(options["warmup"]),
        "step": options["step"],
        "refit_every": options["refit_every"],
        "train_window": options["window"],
        "gap": options["gap"],
        "seed": options["seed"],
    }


def _warmup(text: str | None) -> datetime | int | None:
    if text is None:
        return None
    if text.isascii() and text.isdigit() and len(text) <= 3:
        return int(text)
    return parse_period(text)


def _fetch(options: Mapping[str, Any]) -> Dataset:
    """Return the data of the source or file that was named, else of FRED, or of its stand-in."""
    registry = Registry(_SOURCES)
    name, location = options["source"], ""
    if name is not None and is_location(name, registry.names()):
        name, location = _FILE, str(require_file(name))
    columns = {column: options[column] for column in _COLUMNS if options[column] is not None}
    if columns and not location:
        raise ConfigError(
            f"{_COLUMNS[next(iter(columns))]} names a column of a file; give the file with "
            "--source, such as --source sales.csv"
        )
    if not registry.names():
        raise PluginError(f"no data source is installed: fg-data has some; {INSTALL_HINT}")
    stands_in = name is None and not os.environ.get("FRED_API_KEY", "").strip()
    if name is None:
        name = _PROXY if stands_in else _WANTED
    if stands_in:
        registry.distribution(_PROXY)
        tell(
            "warning: no FRED_API_KEY: using the synthetic proxy; real data at hand: "
            "--source us_macro"
        )
    made = registry.load(name)()
    if not isinstance(made, DataSource):
        raise PluginLoadError(
            f"plugin {name!r} of {_SOURCES} makes a {type(made).__name__}, which is not a data "
            "source: it needs `name` and `fetch(query, as_of=None)`"
        )
    told = {**options["source_options"], **columns}
    dataset = made.fetch(
        Query(tuple(options["series"]), seed=options["seed"], location=location, options=told)
    )
    if stands_in:
        provenance = replace(dataset.provenance, fallback_for=_WANTED)
        dataset = replace(dataset, provenance=provenance)
    return dataset


def _check_writable(path: Path) -> None:
    """Find out now, and not after the run, whether the report can be written.

    Raises:
        ConfigError: It cannot.
    """
    where = f"--out {path}"
    try:
        if path.is_dir():
            raise ConfigError(f"{where} is a folder; give the name of a file")
        if path.exists() and not path.is_file():
            raise ConfigError(f"{where} is not a regular file")
        if path.exists() and not os.access(path, os.W_OK):
            raise ConfigError(f"{where} cannot be written: the file is read-only")
        folder = Path(os.path.realpath(path)).parent
        while not folder.exists() and folder != folder.parent:
            folder = folder.parent
        if not folder.is_dir():
            raise ConfigError(f"{where} cannot be written: {folder} is not a folder")
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise ConfigError(f"{where} cannot be written: {_reason(error)}") from error


def _reason(error: OSError) -> str:
    return error.strerror or str(error)


def _print_table(result: BacktestResult, *, by_window: bool, all_series: bool) -> None:
    from .table import render  # with all of rich, which a quiet run does without

    terminal = sys.stdout.isatty()
    plain = not terminal or "NO_COLOR" in os.environ or os.environ.get("TERM") == "dumb"
    encoding = (sys.stdout.encoding or "utf-8").lower()
    text = render(
        result.report,
        by_window=by_window,
        all_series=all_series,
        width=max(40, shutil.get_terminal_size().columns) if terminal else _WIDTH,
        color=not plain,
        ascii_only=not encoding.startswith("utf"),
    )
    sys.stdout.write(text)


def _show_warning(message: Warning | str, *_args: Any, **_options: Any) -> None:
    tell(f"warning: {message}")
