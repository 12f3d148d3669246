"""Data, files of charts and look of tables, for all that `fg-forecast` shows."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from fg_backtest._program import FORECAST
from fg_backtest.datasets import dataset_of_command, prepared
from fg_backtest.drawing import PAGE, Look
from fg_backtest.exclusions import Exclusion, excluded_rows
from fg_core import Dataset
from fg_core.console import output_style

__all__ = ["chart_paths", "dataset_asked_for", "output_look"]


def dataset_asked_for(options: Mapping[str, Any], exclusions: Sequence[Exclusion]) -> Dataset:
    """Return the data that the options name, without the prints that were found to be bad.

    Args:
        options: options of the command.
        exclusions: prints that are missing.

    Returns:
        The rows of the series.

    Raises:
        ForecastGameError: The data cannot be had or used.
    """
    dataset = dataset_of_command(options, FORECAST)
    dataset = prepared(dataset, season_length=options["season_length"], future=options["future"])
    return excluded_rows(dataset, exclusions).without(dataset)


def output_look() -> Look:
    """Return how tables look on this terminal."""
    style = output_style()
    width = style.width if sys.stdout.isatty() else PAGE.width
    return Look(width, style.color, ascii_only=not style.unicode)


def chart_paths(path: Path, names: Sequence[str]) -> dict[str, Path]:
    """Return the file of the chart of each series, in a folder that is there.

    Args:
        path: name that was asked for.
        names: names of the series.

    Returns:
        Files by series, with the name of the series added where there are several.

    Raises:
        OSError: The folder cannot be made.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if len(names) == 1:
        return {names[0]: path}
    return {name: path.with_stem(f"{path.stem}_{_plain(name)}") for name in names}


def _plain(name: str) -> str:
    """Return the name of a series as a file name can hold it."""
    return "".join(c if c.isalnum() or c in "-_." else "_" for c in name)
