"""Columns of tables as data frames of pandas (the extra `fg-core[frames]`)."""

from __future__ import annotations

from typing import Any

from .errors import ConfigError

__all__ = ["frame_of"]


def frame_of(columns: dict[str, list[Any]]) -> Any:
    """Return columns as a pandas data frame, with dates as timestamps.

    Args:
        columns: Columns of one length; `ds` and `cutoff` are dates.

    Returns:
        `pandas.DataFrame` with a row per entry.

    Raises:
        ConfigError: pandas is not installed.
    """
    try:
        import pandas as pd
    except ImportError as error:
        raise ConfigError(
            "data frames need pandas, which is not installed (the extra fg-core[frames])"
        ) from error
    frame = pd.DataFrame(columns)
    days = {name: pd.to_datetime(frame[name]) for name in ("ds", "cutoff") if name in columns}
    return frame.assign(**days)
