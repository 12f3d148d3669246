"""Files that charts are written to."""

from __future__ import annotations

import os
from pathlib import Path

from fg_core import ConfigError
from fg_core.console import check_output_path

__all__ = ["check_chart"]

_CHARTS = (".png", ".svg", ".pdf")


def check_chart(option: str, path: str | os.PathLike[str]) -> None:
    """Refuse a chart that cannot be drawn, before anything is played.

    Args:
        option: option that names the file.
        path: name of the file.

    Raises:
        ConfigError: The name has another ending, or matplotlib is not installed.
        ForecastGameError: The file cannot be written.
    """
    from fg_core.plotting import new_figure

    check_output_path(option, path)
    if Path(path).suffix.lower() not in _CHARTS:
        raise ConfigError(f"{option} {path}: the name of the file must end in {', '.join(_CHARTS)}")
    new_figure()
