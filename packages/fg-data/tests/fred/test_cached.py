"""FRED through the cache: files as they have always been, and what happens without a key."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from fg_core import DataError, Provenance
from fg_data import CachedFred, CacheStore, CacheWarning, FredSeriesSet
from fg_data.fred import FRED, FRED_NOTICE, KEY_VARIABLE, SeriesMetadata
from fg_data.histories import kept_histories
from fg_data.vintages import Print, VintageHistory


def day(year: int, month: int, of_month: int = 1) -> datetime:
    return datetime(year, month, of_month, tzinfo=UTC)


HISTORY = VintageHistory(
    "X1",
    "M",
    "Index",
    (
        Print(day(2020, 1), 100.5, day(2020, 2, 14), day(2020, 3, 14)),
        Print(day(2020, 1), 100.25, day(2020, 3, 14)),
        Print(day(2020, 2), None, day(2020, 3, 14)),
    ),
    day(2020, 2, 20),
    ("one note",),
)
METADATA = SeriesMetadata(
    "X1",
    "Title of X1",
    "Monthly",
    "M",
    "Index",
    "SA",
    date(2020, 1, 1),
    date(2020, 2, 1),
    day(2020, 3, 14),
)

NAME = "fred/history-X1-848e84320e42.json"
# Written by the version before histories of all services were kept in one way.
KEPT = (
    '{"format":"forecast-game-vintages","version":1,"sha256":'
    '"f3880262bfe606e62dd65b7a17ec9655515e4a5c0d0cb0740c457a2329b8376b","content":{"key":'
    '"848e84320e42","what":"history of X1 from \'fred\'","fetched_at":"2020-04-01T00:00:00Z",'
    '"is_synthetic":false,"value":{"series_id":"X1","frequency":"M","units":"Index",'
    '"assumed_before":"2020-02-20T00:00:00Z","notes":["one note"],"metadata":{"series_id":"X1",'
    '"title":"Title of X1","frequency":"Monthly","frequency_code":"M","units":"Index",'
    '"seasonal_adjustment":"SA","observation_start":"2020-01-01","observation_end":"2020-02-01",'
    '"last_updated":"2020-03-14T00:00:00Z","notes":""},"prints":[["2020-01-01T00:00:00Z",100.5,'
    '"2020-02-14T00:00:00Z","2020-03-14T00:00:00Z"],["2020-01-01T00:00:00Z",100.25,'
    '"2020-03-14T00:00:00Z",null],["2020-02-01T00:00:00Z",null,"2020-03-14T00:00:00Z",null]]}}}\n'
)


class Service:
    """Answers with one history, or with made-up ones."""

    def __init__(self, *, has_key: bool = True, makes_up: bool = False) -> None:
        self.has_key = has_key
        self.makes_up = makes_up or not has_key
        self.n_asked = 0

    def fetch_multi_series(
        self, series: object, *, release_lag: int | None = None
    ) -> FredSeriesSet:  # type: ignore[type-arg]
        self.n_asked += 1
        provenance = Provenance("fred", "", "", "", is_synthetic=self.makes_up)
        return FredSeriesSet({"X1": HISTORY}, {"X1": METADATA}, {}, provenance)


def store(folder: Path, *, offline: bool = False) -> CacheStore:
    return CacheStore(folder, clock=lambda: day(2020, 4), offline=offline)


def test_a_file_is_the_same_to_the_last_byte_as_before(tmp_path: Path) -> None:
    CachedFred(Service(), store(tmp_path)).fetch(["X1"])
    assert (tmp_path / NAME).read_text() == KEPT


def test_a_file_of_before_is_read(tmp_path: Path) -> None:
    (tmp_path / NAME).parent.mkdir()
    (tmp_path / NAME).write_text(KEPT)
    service = Service()
    found = CachedFred(service, store(tmp_path)).fetch(["X1"])
    assert service.n_asked == 0
    assert isinstance(found, FredSeriesSet)
    assert (found["X1"], found.metadata["X1"]) == (HISTORY, METADATA)
    assert found.fetched_at == {"X1": day(2020, 4)}
    assert found.provenance.notices[0] == FRED_NOTICE


def test_without_a_key_nothing_is_kept_and_what_is_kept_is_for_offline(tmp_path: Path) -> None:
    keyless = Service(has_key=False)
    assert CachedFred(keyless, store(tmp_path)).fetch(["X1"]).is_synthetic
    assert list(tmp_path.iterdir()) == []
    CachedFred(Service(), store(tmp_path)).fetch(["X1"])
    with pytest.warns(CacheWarning, match=f"{KEY_VARIABLE} is not set, but real figures of X1"):
        assert CachedFred(keyless, store(tmp_path)).fetch(["X1"]).is_synthetic
    assert not CachedFred(keyless, store(tmp_path, offline=True)).fetch(["X1"]).is_synthetic


def test_made_up_figures_of_a_service_with_a_key_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="adapter of FRED made figures up though it has a key"):
        CachedFred(Service(makes_up=True), store(tmp_path)).fetch(["X1"])
    assert not (tmp_path / NAME).exists()


@pytest.mark.parametrize("change", [{"prints": []}, {"series_id": "X2"}])
def test_a_file_without_figures_or_of_another_series_is_fetched_again(
    tmp_path: Path, change: dict[str, object]
) -> None:
    envelope = json.loads(KEPT)
    envelope["content"]["value"] |= change
    body = json.dumps(envelope.pop("content"))
    envelope["sha256"] = hashlib.sha256(body.encode()).hexdigest()
    (tmp_path / NAME).parent.mkdir()
    (tmp_path / NAME).write_text(f'{json.dumps(envelope)[:-1]},"content":{body}}}\n')
    assert kept_histories(FRED, store(tmp_path)) == {}
    service = Service()
    with pytest.warns(CacheWarning, match=r"(no figures|another series: X2); it was set aside"):
        found = CachedFred(service, store(tmp_path)).fetch(["X1"])
    assert (found["X1"], service.n_asked) == (HISTORY, 1)


def test_no_series_is_an_error_that_names_one(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="at least one series of FRED, such as CPIAUCSL"):
        CachedFred(Service(), store(tmp_path)).fetch([])
