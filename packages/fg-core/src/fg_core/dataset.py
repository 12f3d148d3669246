"""Datasets: observations of one or more series, and chronological splits of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from itertools import combinations, zip_longest
from typing import Any, Self, overload

from .calendar import FREQUENCIES
from .errors import DataError
from .frozen import FrozenMapping, frozen_mapping
from .nearest import nearest_first
from .observation import Observation, Provenance, require_finite

__all__ = ["Dataset", "DatasetBundle"]

_LISTED = 5
_NOTHING: Mapping[str, float] = frozen_mapping()


@dataclass(frozen=True)
class Dataset(Sequence[Observation]):
    """Observations of one or more series, each series in the order of its periods.

    Args:
        observations: Observations in any order of series; within a series by period, no period
            twice.
        provenance: Origin of the data.
        frequency: "Y", "Q", "M", "W", "B" or "D".
        season_length: Periods in a season of these series; 1: none, or adjusted for it.
        evaluation_start: First origin that a backtest scores unless told otherwise.
        warmup_start: First origin that a backtest plays (unscored) unless told otherwise.
        units: Unit of each series in words, such as "% a year"; a series may be left out.
        known_ahead: Context columns that are known in advance (calendar, holidays, planned
            prices): at any period, what later rows say of them is known already. Rows hold the
            number of their own period.
        earlier_values: Values of the same periods that later ones took the place of: prints, and
            revisions but for the last one, which is in `observations`. In any order; what was known
            when is told by `values_of` and `as_of`.
        future_context: Context of periods after the last row of a series, by name of the series and
            first moment of the period. Columns that are not known in advance are not used; a
            series without rows is left out, as where a dataset is cut.

    Raises:
        DataError: No rows, rows of a series out of order or twice, an unknown frequency, a moment
            without a time zone, an earlier value that was not known before the one that took
            its place, or a future context of a period that is not after the last row.
    """

    observations: tuple[Observation, ...]
    provenance: Provenance
    _: KW_ONLY
    frequency: str = "M"
    season_length: int = 1
    evaluation_start: datetime | None = None
    warmup_start: datetime | None = None
    units: Mapping[str, str] = field(default_factory=lambda: frozen_mapping())
    known_ahead: frozenset[str] = frozenset()
    earlier_values: tuple[Observation, ...] = ()
    future_context: Mapping[str, Mapping[datetime, Mapping[str, float]]] = field(
        default_factory=lambda: frozen_mapping()
    )

    def __post_init__(self) -> None:
        object.__setattr__(self, "observations", tuple(self.observations))
        object.__setattr__(self, "earlier_values", tuple(self.earlier_values))
        named: Any = self.known_ahead
        if isinstance(named, str) or not all(isinstance(name, str) for name in named):
            raise DataError(f"known_ahead must be names of context columns, got {named!r}")
        object.__setattr__(self, "known_ahead", frozenset(named))
        object.__setattr__(self, "units", frozen_mapping(self.units))
        if not self.observations:
            raise DataError(f"source {self.provenance.source!r} has no observations")
        if self.frequency not in FREQUENCIES:
            raise DataError(f"frequency is one of {', '.join(FREQUENCIES)}, got {self.frequency!r}")
        if self.season_length < 1:
            raise DataError(f"a season has at least one period, got {self.season_length}")
        for name in ("evaluation_start", "warmup_start"):
            moment = getattr(self, name)
            if moment is not None and moment.tzinfo is None:
                raise DataError(f"{name} {moment} has no time zone")
        last: dict[str, datetime] = {}
        for row in self.observations:
            before = last.get(row.series_id)
            if before is not None and row.timestamp <= before:
                kind = "twice" if row.timestamp == before else "out of order"
                raise DataError(
                    f"series {row.series_id!r}: period {row.timestamp.date()} appears {kind}"
                )
            last[row.series_id] = row.timestamp
        if self.earlier_values:
            self._check_earlier_values()
        object.__setattr__(self, "future_context", _frozen_future(self.future_context, last))

    def _check_earlier_values(self) -> None:
        latest = {(row.series_id, row.timestamp): row.available_at for row in self.observations}
        seen = set()
        for row in self.earlier_values:
            period = row.series_id, row.timestamp
            where = f"series {row.series_id!r}: an earlier value of {row.timestamp.date()}"
            if period not in latest:
                raise DataError(f"{where}, and there is none that took its place")
            if row.available_at >= latest[period] or (period, row.available_at) in seen:
                raise DataError(
                    f"{where} became known at {row.available_at.isoformat()}, together with or "
                    "after another one of that period"
                )
            seen.add((period, row.available_at))

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

    def without(self, names: Collection[str]) -> Self:
        """Return the dataset without some of its series.

        Args:
            names: Names of the series that are left out.

        Returns:
            The rows of the other series.

        Raises:
            DataError: A name is not there; the message lists those that are, the nearest first. Or
                no series is left.
        """
        source = self.provenance.source
        for name in names:
            if name not in self._by_series:
                near = ", ".join(nearest_first(name, self.series_ids)[:_LISTED])
                raise DataError(
                    f"source {source!r} has no series {name!r} to leave out; it has (nearest "
                    f"first) {near}"
                )
        if not names:
            return self
        kept = tuple(row for row in self.observations if row.series_id not in names)
        if not kept:
            raise DataError(f"source {source!r}: no series is left without those that are excluded")
        earlier = tuple(row for row in self.earlier_values if row.series_id not in names)
        future = {name: told for name, told in self.future_context.items() if name not in names}
        return replace(self, observations=kept, earlier_values=earlier, future_context=future)

    @property
    def series_ids(self) -> tuple[str, ...]:
        """Names of the series, in the order of their first rows."""
        return tuple(self._by_series)

    def series(self, series_id: str) -> tuple[Observation, ...]:
        """Return the rows of one series, by period.

        Raises:
            DataError: No such series; the message lists those there are.
        """
        rows = self._by_series.get(series_id)
        if rows is None:
            raise DataError(
                f"source {self.provenance.source!r} has no series {series_id!r}; "
                f"it has {', '.join(self.series_ids)}"
            )
        return rows

    def values_of(self, series_id: str) -> tuple[Observation, ...]:
        """Return every value of every period of one series, by period and in the order they came.

        Args:
            series_id: Name of the series.

        Returns:
            Rows in the unit of the series; those of a period by `available_at`.

        Raises:
            DataError: No such series.
        """
        rows = self.series(series_id)
        earlier = self._earlier_by_series.get(series_id)
        if earlier is None:
            return rows
        return tuple(sorted((*earlier, *rows), key=lambda row: (row.timestamp, row.available_at)))

    def as_of(self, moment: datetime) -> Dataset:
        """Return the dataset as it was known at a moment: of each period the last value by then.

        Args:
            moment: Moment with a time zone.

        Returns:
            Dataset of the rows that were known, with the values that they had; a series of which
            nothing was known is not in it.

        Raises:
            DataError: A moment without a time zone, or nothing was known at it.

        >>> def row(value, day):
        ...     known = datetime(2001, 2, day, tzinfo=UTC)
        ...     return Observation(datetime(2001, 1, 1, tzinfo=UTC), value, {}, known, "x", "made")
        >>> of = Provenance("made", "", "", "")
        >>> data = Dataset((row(1.2, 20),), of, earlier_values=(row(1.0, 5),))
        >>> data.as_of(datetime(2001, 2, 19, tzinfo=UTC))[0].value
        1.0
        """
        if moment.tzinfo is None:
            raise DataError(f"moment {moment} has no time zone; give it one, such as datetime.UTC")
        rows: list[Observation] = []
        earlier: list[Observation] = []
        for name in self.series_ids:
            known = [row for row in self.values_of(name) if row.available_at <= moment]
            for row, later in zip_longest(known, known[1:]):
                replaced = later is not None and later.timestamp == row.timestamp
                (earlier if replaced else rows).append(row)
        if not rows:
            raise DataError(
                f"nothing of source {self.provenance.source!r} was known at {moment.isoformat()}"
            )
        return replace(self, observations=tuple(rows), earlier_values=tuple(earlier))

    @cached_property
    def _earlier_by_series(self) -> Mapping[str, tuple[Observation, ...]]:
        return FrozenMapping(_grouped(self.earlier_values))

    @cached_property
    def _by_series(self) -> Mapping[str, tuple[Observation, ...]]:
        """Rows of each series, in the order of their first rows."""
        return FrozenMapping(_grouped(self.observations))

    @property
    def content_hash(self) -> str:
        """SHA-256 over every row, as hexadecimal: equal data, equal hash, on any machine.

        What is known in advance of periods after the last row counts as well.
        """
        digest = hashlib.sha256()
        # A row is a line of JSON, whose numbers are hexadecimal, so that every bit counts. Names
        # and moments come again and again.
        names: dict[tuple[str, str], str] = {}
        moments: dict[datetime, str] = {}
        earlier = sorted(
            self.earlier_values, key=lambda row: (row.series_id, row.timestamp, row.available_at)
        )
        for row in (*self.observations, *earlier):
            who = (row.series_id, row.segment_id)
            name = names.get(who)
            if name is None:
                name = names[who] = json.dumps(who)
            begin, known = [
                moments.get(moment) or _in_utc(moment, moments)
                for moment in (row.timestamp, row.available_at)
            ]
            value = float(row.value).hex()
            context, segments = _numbers(row.macro_context), _numbers(row.segment_values)
            line = f'[{name}, ["{begin}", "{known}"], "{value}", {context}, {segments}]\n'
            digest.update(line.encode())
        for name, periods in sorted(self.future_context.items()):
            for moment, told in sorted(periods.items()):
                plan = {k: number for k, number in told.items() if k in self.known_ahead}
                if plan:
                    begin = json.dumps([name, _in_utc(moment, moments)])
                    digest.update(f"[{begin}, {_numbers(plan)}]\n".encode())
        return digest.hexdigest()


def _grouped(rows: Sequence[Observation]) -> dict[str, tuple[Observation, ...]]:
    """Return rows by series, in the order of their first rows; one pass for many series."""
    found: dict[str, list[Observation]] = {}
    for row in rows:
        found.setdefault(row.series_id, []).append(row)
    return {name: tuple(ours) for name, ours in found.items()}


def _frozen_future(
    given: Mapping[str, Mapping[datetime, Mapping[str, float]]], last: Mapping[str, datetime]
) -> Mapping[str, Mapping[datetime, Mapping[str, float]]]:
    """Return contexts of periods after the last row of each series that has rows, checked."""
    kept = {name: periods for name, periods in given.items() if name in last}
    for name, periods in kept.items():
        for moment, numbers in periods.items():
            where = f"future context of series {name!r} at {moment}"
            if moment.tzinfo is None or moment <= last[name]:
                raise DataError(
                    f"{where}: must be a moment with a time zone after the last row "
                    f"({last[name].date()})"
                )
            for column, number in numbers.items():
                require_finite(where, f"context {column!r}", number, "leave what is missing out")
    return frozen_mapping(
        {
            name: frozen_mapping({at: frozen_mapping(told) for at, told in sorted(periods.items())})
            for name, periods in kept.items()
        }
    )


def _in_utc(moment: datetime, known: dict[datetime, str]) -> str:
    """Return a moment as text, and remember it unless it is on a clock that is put back."""
    text = moment.astimezone(UTC).isoformat()
    if moment.tzinfo is UTC:
        known[moment] = text
    return text


def _numbers(by_name: Mapping[str, float]) -> str:
    if by_name is _NOTHING or not by_name:
        return "[]"
    return json.dumps([[name, float(number).hex()] for name, number in sorted(by_name.items())])


@dataclass(frozen=True)
class DatasetBundle:
    """A chronological split that never leaks.

    Every period of a part is before the first period of every later part, over all series
    together (a row of one series is context of another's), and no row of a part became known
    after a row of a later part.

    Raises:
        DataError: Two parts overlap in time.
    """

    train: Dataset
    valid: Dataset
    test: Dataset
    provenance: Provenance

    def __post_init__(self) -> None:
        parts = (("train", self.train), ("valid", self.valid), ("test", self.test))
        for (early_name, early), (late_name, late) in combinations(parts, 2):
            for what in ("timestamp", "available_at"):
                last = max(early, key=lambda row: getattr(row, what))
                first = min(late, key=lambda row: getattr(row, what))
                end, begin = getattr(last, what), getattr(first, what)
                if end > begin or (what == "timestamp" and end == begin):
                    raise DataError(
                        f"{early_name} leaks into {late_name}: {what} of series "
                        f"{last.series_id!r} {end.isoformat()} is not before that of "
                        f"{first.series_id!r} {begin.isoformat()}"
                    )
