"""Data as they were known: observations, their provenance, and datasets of them."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from datetime import datetime
from typing import overload

from .errors import DataError
from .frozen import frozen_mapping

__all__ = ["Dataset", "DatasetBundle", "Observation", "Provenance"]


@dataclass(frozen=True)
class Observation:
    """One value of one series: the period that it describes, and when it could first be known.

    Args:
        timestamp: First moment of the period, with a time zone.
        value: In the unit of the series, finite (a missing value is a missing row).
        macro_context: Other columns as they had been published by `available_at`.
        available_at: The moment the value could first be known, with a time zone; not before
            the period begins.
        series_id: Name of the series.
        source: Name of the source.
        segment_id: Name of the segment, if the series is one.
        segment_values: Value per segment; they add up to `value`.

    Raises:
        DataError: A moment without a time zone, a value that is not finite, or a value known
            before its period began.
    """

    timestamp: datetime
    value: float
    macro_context: Mapping[str, float]
    available_at: datetime
    series_id: str
    source: str
    segment_id: str = ""
    segment_values: Mapping[str, float] = field(default_factory=lambda: frozen_mapping())

    def __post_init__(self) -> None:
        object.__setattr__(self, "macro_context", frozen_mapping(self.macro_context))
        object.__setattr__(self, "segment_values", frozen_mapping(self.segment_values))
        where = f"series {self.series_id!r} of {self.source!r}"
        for name in ("timestamp", "available_at"):
            if getattr(self, name).tzinfo is None:
                raise DataError(f"{where}: {name} {getattr(self, name)} has no time zone")
        where += f" at {self.timestamp.date()}"
        if not math.isfinite(self.value):
            raise DataError(f"{where}: value {self.value} is not finite; leave missing rows out")
        if self.available_at < self.timestamp:
            raise DataError(f"{where}: available at {self.available_at}, before the period began")


@dataclass(frozen=True)
class Provenance:
    """Where data come from and what a reader of a result made from them must know.

    Args:
        source: Name of the source.
        description: One line for people.
        licence: Terms of use in short.
        vintage: Which vintage; "one revised vintage" where revisions are not in the data.
        is_synthetic: Whether the numbers are made up.
        fallback_for: Name of the source that was asked for, where this one stands in for it.
        notices: Notices and citations that must appear wherever the data do, and warnings.
    """

    source: str
    description: str
    licence: str
    vintage: str
    _: KW_ONLY
    is_synthetic: bool = False
    fallback_for: str = ""
    notices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Dataset(Sequence[Observation]):
    """Observations of one or more series, each series in the order of its periods.

    Args:
        observations: In any order of series; within a series by period, no period twice.
        provenance: Where they come from.
        frequency: "Y", "Q", "M", "W" or "D".
        season_length: Periods in a season of these series; 1: none, or adjusted for it.
        evaluation_start: First origin that a backtest scores unless told otherwise.
        warmup_start: First origin that a backtest plays (unscored) unless told otherwise.

    Raises:
        DataError: No rows, or rows of a series out of order or twice.
    """

    observations: tuple[Observation, ...]
    provenance: Provenance
    _: KW_ONLY
    frequency: str = "M"
    season_length: int = 1
    evaluation_start: datetime | None = None
    warmup_start: datetime | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "observations", tuple(self.observations))
        if not self.observations:
            raise DataError(f"source {self.provenance.source!r} has no observations")
        last: dict[str, datetime] = {}
        for row in self.observations:
            before = last.get(row.series_id)
            if before is not None and row.timestamp <= before:
                kind = "twice" if row.timestamp == before else "out of order"
                raise DataError(
                    f"series {row.series_id!r}: period {row.timestamp.date()} appears {kind}"
                )
            last[row.series_id] = row.timestamp

    @overload
    def __getitem__(self, index: int) -> Observation: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Observation, ...]: ...
    def __getitem__(self, index: int | slice) -> Observation | tuple[Observation, ...]:
        return self.observations[index]

    def __len__(self) -> int:
        return len(self.observations)

    def __iter__(self) -> Iterator[Observation]:
        return iter(self.observations)

    @property
    def series_ids(self) -> tuple[str, ...]:
        """Names of the series, in the order of their first rows."""
        return tuple(dict.fromkeys(row.series_id for row in self.observations))

    def series(self, series_id: str) -> tuple[Observation, ...]:
        """Return the rows of one series, by period.

        Raises:
            DataError: No such series; the message lists those there are.
        """
        rows = tuple(row for row in self.observations if row.series_id == series_id)
        if not rows:
            raise DataError(
                f"source {self.provenance.source!r} has no series {series_id!r}; "
                f"it has {', '.join(self.series_ids)}"
            )
        return rows

    @property
    def content_hash(self) -> str:
        """SHA-256 over every row, as hexadecimal: equal data, equal hash, on any machine."""
        digest = hashlib.sha256()
        for row in self.observations:
            numbers = [("", row.value), *sorted(row.macro_context.items())]
            numbers += [("+" + k, v) for k, v in sorted(row.segment_values.items())]
            text = "|".join(f"{k}={float(v).hex()}" for k, v in numbers)
            head = f"{row.series_id}|{row.segment_id}|{row.timestamp.isoformat()}"
            digest.update(f"{head}|{row.available_at.isoformat()}|{text}\n".encode())
        return digest.hexdigest()


@dataclass(frozen=True)
class DatasetBundle:
    """A chronological split that never leaks: every period of `train` is before `valid`'s first.

    Raises:
        DataError: A part is empty, or two parts overlap in time.
    """

    train: Dataset
    valid: Dataset
    test: Dataset
    provenance: Provenance

    def __post_init__(self) -> None:
        pairs = (
            ("train", self.train, "valid", self.valid),
            ("valid", self.valid, "test", self.test),
        )
        for early_name, early, late_name, late in pairs:
            for name in early.series_ids:
                if name not in late.series_ids:
                    continue
                first = late.series(name)[0]
                for row in early.series(name):
                    if row.timestamp >= first.timestamp or row.available_at > first.available_at:
                        raise DataError(
                            f"series {name!r}: {early_name} row {row.timestamp.date()} is not "
                            f"before the first row of {late_name}, {first.timestamp.date()}"
                        )
