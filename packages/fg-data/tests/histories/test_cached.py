"""Histories of any service through the cache, those of a service that keeps no vintages too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from fg_core import DataError, Provenance
from fg_core.errors import UnknownSeriesError
from fg_data.cache import CacheStore
from fg_data.histories import (
    CachedHistories,
    DataService,
    SeriesDescription,
    SeriesHistories,
    history_key,
    kept_histories,
)
from fg_data.vintages import Print, VintageHistory

DAY = timedelta(days=1)
BEGIN = datetime(2024, 5, 1, tzinfo=UTC)


def month(number: int) -> datetime:
    return datetime(2024, number, 1, tzinfo=UTC)


def provenance(
    histories: Mapping[str, VintageHistory],
    metadata: Mapping[str, SeriesDescription],
    today: date,
) -> Provenance:
    titles = ", ".join(one.title for one in metadata.values())
    return Provenance("office", titles, "free", str(today))


OFFICE = DataService(
    "office", "the Office", "https://x.example.org", ("A.b/c", "D"), SeriesDescription, provenance
)
SNAPSHOTS = replace(OFFICE, keeps_vintages=False)


@dataclass
class Clock:
    now: datetime = BEGIN

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Office:
    """Answers with the figures of the day, by month, and needs no key."""

    figures: dict[int, float | None] = field(default_factory=lambda: {1: 1.0, 2: 2.0})
    n_asked: int = 0

    def fetch_multi_series(
        self, series: Sequence[str], *, release_lag: int | None = None
    ) -> SeriesHistories[SeriesDescription]:
        self.n_asked += 1
        lag = 10 if release_lag is None else release_lag
        prints = tuple(
            Print(month(n), value, month(n + 1) + lag * DAY) for n, value in self.figures.items()
        )
        names = [name for name in series if name != "NONE"]
        return SeriesHistories(
            {n: VintageHistory(n, "M", "index", prints, notes=("a note",)) for n in names},
            {n: SeriesDescription(n, f"Title of {n}", "index") for n in names},
            {n: UnknownSeriesError(f"no {n}") for n in series if n == "NONE"},
            Provenance("office", "", "", ""),
        )


def cached(
    office: Office, folder: Path, clock: Clock, service: DataService[SeriesDescription] = OFFICE
) -> CachedHistories[SeriesDescription]:
    return CachedHistories(office, CacheStore(folder, clock=clock), service)


def test_a_service_without_a_key_is_kept_with_what_it_says(tmp_path: Path) -> None:
    office, clock = Office(), Clock()
    first = cached(office, tmp_path, clock).fetch(["A.b/c", "NONE"])
    clock.now += DAY / 2
    again = cached(office, tmp_path, clock).fetch(["A.b/c"])
    assert office.n_asked == 1
    assert again["A.b/c"] == first["A.b/c"]
    assert again.metadata == {"A.b/c": SeriesDescription("A.b/c", "Title of A.b/c", "index")}
    assert again.fetched_at == {"A.b/c": BEGIN}
    assert (again.provenance.description, again.provenance.vintage) == (
        "Title of A.b/c",
        "2024-05-01",
    )
    with pytest.raises(UnknownSeriesError, match="no NONE"):
        first.require_all()


def test_what_is_kept_is_listed_whatever_its_name_and_lags_of_ones_own_apart(
    tmp_path: Path,
) -> None:
    office, clock = Office(), Clock()
    through = cached(office, tmp_path, clock)
    through.fetch(["D", "A.b/c"])
    through.fetch(["OTHER"], release_lag=3)
    (tmp_path / "office" / "history-X-000000000000.json").write_text("{")
    found = kept_histories(OFFICE, through.store)
    assert set(found) == {"D", "A.b/c"}
    assert found["D"].value.history == office.fetch_multi_series(["D"])["D"]
    assert found["D"].path == through.store.path(history_key("office", "D"))
    assert kept_histories(replace(OFFICE, name="nobody"), through.store) == {}


def test_a_snapshot_replaces_the_one_before_where_the_service_keeps_vintages(
    tmp_path: Path,
) -> None:
    office, clock = Office(), Clock()
    cached(office, tmp_path, clock).fetch(["D"])
    office.figures[1] = 1.5
    clock.now += 2 * DAY
    history = cached(office, tmp_path, clock).fetch(["D"])["D"]
    assert [one.value for one in history.revisions(month(1))] == [1.5]


def test_every_snapshot_is_a_vintage_where_the_service_keeps_none(tmp_path: Path) -> None:
    office, clock = Office(), Clock()
    cached(office, tmp_path, clock, SNAPSHOTS).fetch(["D"])
    clock.now += 2 * DAY
    cached(office, tmp_path, clock, SNAPSHOTS).fetch(["D"])  # nothing new
    office.figures = {1: 1.5, 2: 2.0, 3: 3.0}
    clock.now += 2 * DAY
    third = clock.now
    history = cached(office, tmp_path, clock, SNAPSHOTS).fetch(["D"])["D"]
    assert office.n_asked == 3
    # Before the first fetch the moments are those that the service's answer assumed.
    assert history.revisions(month(1)) == (
        Print(month(1), 1.0, month(2) + 10 * DAY, third),
        Print(month(1), 1.5, third),
    )
    assert history.revisions(month(2)) == (Print(month(2), 2.0, month(3) + 10 * DAY),)
    assert history.revisions(month(3)) == (Print(month(3), 3.0, third),)
    assert (history.assumed_before, history.notes[0]) == (BEGIN, "a note")
    assert "2 periods are from before the first fetch on record (2024-05-01)" in history.notes[1]
    assert [known.value for known in history.as_of(third - DAY)] == [1.0, 2.0]
    # The next one reads it from the cache, with everything.
    assert cached(office, tmp_path, clock, SNAPSHOTS).fetch(["D"])["D"] == history
    assert office.n_asked == 3


def test_a_vintage_that_cannot_be_kept_is_the_error_of_its_series(tmp_path: Path) -> None:
    office, clock = Office(), Clock()
    cached(office, tmp_path, clock, SNAPSHOTS).fetch(["D"])
    office.figures[1] = 1.5
    clock.now -= 2 * DAY
    (tmp_path / "office").rename(tmp_path / "gone")  # else what is kept is fresh
    found = cached(office, tmp_path, clock, SNAPSHOTS).fetch(["D", "A.b/c"])
    assert set(found.histories) == {"A.b/c"}
    with pytest.raises(DataError, match="the clock of one of them was wrong"):
        found["D"]
