"""Several series from one call: those that came, and why the others did not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fg_core import DataError, ForecastGameError, Provenance, frozen_mapping
from fg_data.vintages import VintageHistory

from .metadata import SeriesMetadata

__all__ = ["FredSeriesSet"]


@dataclass(frozen=True)
class FredSeriesSet:
    """Histories of several series.

    Args:
        histories: By name, in the order in which they were asked for; without those that failed.
        metadata: What the service says about each.
        errors: Why the others are not there, by name.
        provenance: Of the histories.
    """

    histories: Mapping[str, VintageHistory]
    metadata: Mapping[str, SeriesMetadata]
    errors: Mapping[str, ForecastGameError]
    provenance: Provenance

    def __post_init__(self) -> None:
        for name in ("histories", "metadata", "errors"):
            object.__setattr__(self, name, frozen_mapping(getattr(self, name)))

    def __getitem__(self, series_id: str) -> VintageHistory:
        """Return a history.

        Raises:
            ForecastGameError: The reason why the series is not there.
            DataError: It was not asked for.
        """
        if series_id in self.errors:
            raise self.errors[series_id]
        found = self.histories.get(series_id)
        if found is None:
            raise DataError(
                f"series {series_id!r} was not asked for; there are "
                f"{', '.join(self.histories) or 'none'}"
            )
        return found

    def require_all(self) -> FredSeriesSet:
        """Return the set if every series came.

        Raises:
            ForecastGameError: The reason of the first one that did not.
        """
        for error in self.errors.values():
            raise error
        return self
