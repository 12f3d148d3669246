"""What is wanted of a data source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from datetime import datetime

from .frozen import frozen_mapping

__all__ = ["Query"]


@dataclass(frozen=True)
class Query:
    """What is wanted of a data source.

    Args:
        series: Names of the series; empty: all that the source has by default.
        start: First period wanted; None: from the beginning.
        end: Last period wanted; None: to the end.
        seed: For sources that make their numbers up.
        location: Where the data are, for sources that read what a user points at: a path.
        options: What else a source wants to be told, by name; each source says which it knows.
    """

    series: tuple[str, ...] = ()
    start: datetime | None = None
    end: datetime | None = None
    _: KW_ONLY
    seed: int = 7
    location: str = ""
    options: Mapping[str, str] = field(default_factory=lambda: frozen_mapping())

    def __post_init__(self) -> None:
        object.__setattr__(self, "options", frozen_mapping(self.options))
