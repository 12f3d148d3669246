"""Options of a query to histories beyond series and span, as texts and as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from fg_core import ConfigError
from fg_core.nearest import nearest_first

from .transforms import require_units

__all__ = ["OPTIONS", "VINTAGES", "HistoryOptions"]

VINTAGES = ("first", "known", "latest", "all")
"""Choice of the figures of a period; see `HistoryOptions`."""

OPTIONS = ("aggregation", "frequency", "release_lag", "season_length", "units", "vintage")
"""Options of a query that the source knows."""

_NUMBERS = ("release_lag", "season_length")


@dataclass(frozen=True)
class HistoryOptions:
    """Options that say what is made of the histories.

    Args:
        vintage: "first": the first figure of each period, dated by its publication. "known": the
            figure that stood at the moment of the query, dated by its own publication. "latest":
            that figure too, but dated by the first publication of its period, which lets a
            backtest see revisions before they were made. "all": every figure, each dated by its
            own publication, so that a backtest knows at every origin what stood then; the rows of
            the dataset have the last ones, and its `earlier_values` the others.
        frequency: "M", "Q" or "Y"; None: the lowest that a series of the query has.
        aggregation: "avg", "sum" or "eop", for series of a higher frequency.
        units: A transformation, the same for all series.
        release_lag: Days from the end of a period to its release, for series of which neither the
            archive nor the table of release lags says when they were published.
        season_length: Periods in a season; 1: none, or adjusted for it.

    Raises:
        ConfigError: An unknown name, or a number out of its range.
    """

    vintage: str = "first"
    frequency: str | None = None
    aggregation: str = "avg"
    units: str = "lin"
    release_lag: int | None = None
    season_length: int = 1

    def __post_init__(self) -> None:
        if self.vintage not in VINTAGES:
            raise ConfigError(f"vintage is one of {', '.join(VINTAGES)}, got {self.vintage!r}")
        require_units(self.units)
        if self.season_length < 1:
            raise ConfigError(f"a season has at least one period, got {self.season_length}")

    @classmethod
    def from_texts(cls, texts: Mapping[str, str], *, source: str) -> Self:
        """Return options that come as text.

        Args:
            texts: Texts of the options, by name.
            source: Name of the source, for messages.

        Returns:
            Options of the types that their fields state.

        Raises:
            ConfigError: An unknown option, or one that is no number where one is wanted.

        >>> texts = {"units": "pca", "release_lag": "30"}
        >>> HistoryOptions.from_texts(texts, source="mine").release_lag
        30
        """
        strings: dict[str, str] = {}
        numbers: dict[str, int] = {}
        for name, text in texts.items():
            if name not in OPTIONS:
                raise ConfigError(
                    f"the source {source!r} has no option {name!r}; it has (nearest first) "
                    f"{', '.join(nearest_first(name, OPTIONS))}"
                )
            if name not in _NUMBERS:
                strings[name] = text
            elif text.isascii() and text.isdigit() and len(text) <= 9:
                numbers[name] = int(text)
            else:
                raise ConfigError(f"option {name} must be a whole number, got {text!r}")
        return cls(**strings, **numbers)  # type: ignore[arg-type]
