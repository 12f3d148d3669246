"""The check of data sources passes what keeps its promises and fails each way of breaking one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from fg_core.dataset import Dataset
from fg_core.errors import DataError
from fg_core.protocols import Query
from fg_core.testing import FixedSource, check_data_source, example_dataset
from fg_core.testing.mutants import Counter, NotFrozen, refused


def test_good_sources_pass() -> None:
    check_data_source(FixedSource(example_dataset()))
    check_data_source(FixedSource(example_dataset(12, series=("one",))), Query(("one",)))
    check_data_source(Vintages(example_dataset()))


@dataclass(frozen=True)
class Vintages(FixedSource):
    """A good source whose values are revised once, 200 days after they came out."""

    name: str = "vintages"

    def fetch(self, query: Query, as_of: datetime | None = None) -> Dataset:
        found = super().fetch(query, as_of)
        late = timedelta(days=200)
        rows = tuple(
            replace(row, value=row.value + 0.1, available_at=row.available_at + late)
            if as_of is None or row.available_at + late <= as_of
            else row
            for row in found
        )
        return replace(found, observations=rows)


def source(change: Callable[[Any, Query, datetime | None, Dataset], Any]) -> Any:
    """Return a source whose good answer is changed by a function (source, query, as_of, answer)."""

    @dataclass(frozen=True)
    class Mutant(FixedSource):
        def fetch(self, query: Query, as_of: datetime | None = None) -> Any:
            return change(self, query, as_of, super().fetch(query, as_of))

    return Mutant(example_dataset())


def rows_changed(found: Dataset, change: Callable[[int, Any], Any]) -> Dataset:
    rows = [change(i, row) for i, row in enumerate(found)]
    return replace(found, observations=tuple(row for row in rows if row is not None))


def revised_in_silence(self: Any, query: Any, as_of: Any, found: Dataset) -> Dataset:
    """The first value is another one once its successor is known; available_at stays."""
    return rows_changed(
        found,
        lambda i, row: replace(row, value=row.value + (0.1 if len(found) > 8 and i == 0 else 0.0)),
    )


def ignores_as_of(self: Any, query: Query, as_of: Any, found: Dataset) -> Dataset:
    return FixedSource.fetch(self, query)


def forgets_old_rows(self: Any, query: Query, as_of: Any, found: Dataset) -> Dataset:
    if as_of is None or len(found) < 20:
        return found
    return rows_changed(found, lambda i, row: None if i == 0 else row)


def forgets_at_last(self: Any, query: Query, as_of: Any, found: Dataset) -> Dataset:
    """What was known as of every moment is not in the whole."""
    if as_of is not None:
        return found
    return rows_changed(found, lambda i, row: None if i == 3 else row)


def late_context(self: Any, query: Query, as_of: Any, found: Dataset) -> Dataset:
    """The context of old rows is filled in later: look-ahead for whoever trains on them."""
    newest = max(row.available_at for row in found)
    return rows_changed(
        found, lambda i, row: replace(row, macro_context={"known": float(newest.year)})
    )


def disordered(self: Any, query: Query, as_of: Any, found: Dataset) -> Dataset:
    object.__setattr__(found, "observations", tuple(reversed(found.observations)))
    return found


def by_chance(count: Counter) -> Any:
    def change(self: Any, query: Query, as_of: Any, found: Dataset) -> Dataset:
        return rows_changed(found, lambda i, row: replace(row, value=float(count())))

    return change


def without_series(self: Any, query: Query, as_of: Any, found: Dataset) -> Dataset:
    return FixedSource.fetch(self, replace(query, series=()), as_of)


def without_periods(self: Any, query: Query, as_of: Any, found: Dataset) -> Dataset:
    return FixedSource.fetch(self, replace(query, start=None, end=None), as_of)


@dataclass(frozen=True)
class GivesAnything(FixedSource):
    def fetch(self, query: Query, as_of: datetime | None = None) -> Dataset:
        try:
            return super().fetch(query, as_of)
        except DataError:
            if as_of is not None:
                raise
            return self.dataset


@dataclass(frozen=True)
class RaisesKeyError(FixedSource):
    def fetch(self, query: Query, as_of: datetime | None = None) -> Dataset:
        for name in query.series:
            if name not in self.dataset.series_ids:
                raise KeyError(name)
        return super().fetch(query, as_of)


@dataclass(frozen=True)
class BeforeTime(FixedSource):
    def fetch(self, query: Query, as_of: datetime | None = None) -> Dataset:
        try:
            return super().fetch(query, as_of)
        except DataError:
            if as_of is None:
                raise
            return replace(self.dataset, observations=self.dataset[:1])


@dataclass(frozen=True)
class BeforeTimeIndexError(FixedSource):
    def fetch(self, query: Query, as_of: datetime | None = None) -> Dataset:
        try:
            return super().fetch(query, as_of)
        except DataError:
            if as_of is None:
                raise
            raise IndexError("no rows") from None


@pytest.mark.parametrize(
    ("broken", "promise"),
    [
        (source(lambda *_: []), "fetch returns a Dataset"),
        (source(ignores_as_of), "no row was available later than as_of"),
        (source(revised_in_silence), "as it was known|stays as it was"),
        (source(forgets_old_rows), "what was known at as_of is there"),
        (source(forgets_at_last), "what was known stays known"),
        (source(late_context), "as it was known"),
        (source(disordered), "rows of a series come in the order"),
        (source(by_chance(Counter())), "fetch is pure"),
        (
            source(lambda s, q, a, found: replace(found, frequency="quarterly")),
            "frequency is one of Y, Q, M, W, B, D",
        ),
        (source(without_series), "a query for one series"),
        (source(without_periods), "a query for some periods"),
        (
            source(lambda s, q, a, f: replace(f, provenance=replace(f.provenance, source=""))),
            "the provenance names its source",
        ),
        (GivesAnything(example_dataset()), "an unknown series is an error of ours"),
        (RaisesKeyError(example_dataset()), "an unknown series is an error of ours"),
        (BeforeTime(example_dataset()), "no row was available later"),
        (BeforeTimeIndexError(example_dataset()), "before anything was known"),
        (NotFrozen(), "it has fetch"),
    ],
    ids=lambda x: type(x).__name__ if not isinstance(x, str) else "",
)
def test_a_broken_source_is_refused(broken: Any, promise: str) -> None:
    refused(lambda: check_data_source(broken), promise)
