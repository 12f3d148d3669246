"""Several series from one call: those that came, how old they are, and why the others did not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from fg_core import DataError, ForecastGameError, Provenance, frozen_mapping
from fg_core.mappings import FrozenMapping
from fg_data.vintages import VintageHistory

__all__ = ["Described", "DescribedT", "SeriesDescription", "SeriesHistories"]


class Described(Protocol):
    """Facts about a series beside its figures; a service may say more."""

    @property
    def series_id(self) -> str: ...  # noqa: D102
    @property
    def title(self) -> str: ...  # noqa: D102
    @property
    def units(self) -> str: ...  # noqa: D102


DescribedT = TypeVar("DescribedT", bound=Described)
"""Type of what a service says about its series: a dataclass, which is kept in the cache."""


@dataclass(frozen=True)
class SeriesDescription:
    """Facts that a service states about a series, for services that say no more than this.

    Args:
        series_id: Name of the series.
        title: Title in words.
        units: Unit in words.
        notes: Notes that a reader must know.
        edition: Edition that the figures are of, which is the label of a kept vintage; empty: the
            service names none.
    """

    series_id: str
    title: str
    units: str
    notes: str = ""
    edition: str = ""


@dataclass(frozen=True)
class SeriesHistories(Generic[DescribedT]):
    """Histories of several series, as a service or the cache answers.

    Args:
        histories: Histories by name, in the order in which they were asked for; without those that
            failed.
        metadata: Metadata of each series.
        errors: Why the others are not there, by name.
        provenance: Provenance of the histories.
        fetched_at: When each was asked for at the service, where the cache knows; empty: all were
            asked for just now, or are made up.
        outages: Reason for each history that is older than it should be.
    """

    histories: Mapping[str, VintageHistory]
    metadata: Mapping[str, DescribedT]
    errors: Mapping[str, ForecastGameError]
    provenance: Provenance
    fetched_at: Mapping[str, datetime] = field(default_factory=FrozenMapping)
    outages: Mapping[str, str] = field(default_factory=FrozenMapping)

    def __post_init__(self) -> None:
        for name in ("histories", "metadata", "errors", "fetched_at", "outages"):
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

    @property
    def is_synthetic(self) -> bool:
        """Whether the numbers are made up."""
        return self.provenance.is_synthetic

    def require_all(self) -> SeriesHistories[DescribedT]:
        """Return the set if every series came.

        Raises:
            ForecastGameError: The reason of the first one that did not.
        """
        for error in self.errors.values():
            raise error
        return self
