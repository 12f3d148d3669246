from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from fg_core import ConfigError, Query
from fg_data import load_dataset
from fg_data.fred import DEFAULT_SERIES, SyntheticDataWarning
from fg_data.fred.training import (
    FredTrainingDataBuilder,
    FredTrainingSource,
    fred_cpi_clean,
    fred_training_clean,
)

FakeFred = Any


@pytest.fixture
def at_the_service(fake_fred: FakeFred, monkeypatch: pytest.MonkeyPatch) -> FakeFred:
    """The source makes its own adapter: it finds the local service, and need not wait."""
    adapter = fake_fred.adapter()
    monkeypatch.setattr("fg_data.fred.training.builder.FredMacroAdapter", lambda **_: adapter)
    return fake_fred


def test_the_dataset_of_the_builder_by_the_name_of_the_source(at_the_service: FakeFred) -> None:
    data = load_dataset("fred_training")
    assert data == FredTrainingDataBuilder().build().dataset
    assert data.provenance.source == "fred_training"
    assert at_the_service.asked("series") != []


def test_rows_known_by_a_moment_are_rows_as_they_are(at_the_service: FakeFred) -> None:
    moment = datetime(2021, 3, 1, tzinfo=UTC)
    whole = load_dataset("fred_training")
    known = load_dataset("fred_training", as_of=moment)
    assert known.observations == tuple(r for r in whole if r.available_at <= moment)
    assert len(known) < len(whole)


def test_series_window_and_options_reach_the_builder(at_the_service: FakeFred) -> None:
    data = load_dataset(
        "fred_training",
        series=["UNRATE", "CPIAUCSL"],
        start=datetime(2020, 1, 1, tzinfo=UTC),
        options={"reading": "level", "ages": "no", "cache_dir": "elsewhere"},
    )
    assert data.series_ids == ("UNRATE", "CPIAUCSL")
    assert min(row.timestamp for row in data) == datetime(2020, 1, 1, tzinfo=UTC)
    assert data.units["CPIAUCSL"] == "Index 1982-1984=100"
    assert {name for row in data for name in row.macro_context} == set(DEFAULT_SERIES)


def test_fewer_series_and_periods_are_the_same_rows(at_the_service: FakeFred) -> None:
    whole = load_dataset("fred_training")
    start, end = datetime(2019, 1, 1, tzinfo=UTC), datetime(2020, 1, 1, tzinfo=UTC)
    some = load_dataset("fred_training", series="UNRATE", start=start, end=end)
    assert some.observations == tuple(
        row for row in whole.series("UNRATE") if start <= row.timestamp <= end
    )
    early = load_dataset("fred_training", series="UNRATE", start=datetime(2010, 1, 1, tzinfo=UTC))
    assert early[0].timestamp == datetime(2018, 1, 1, tzinfo=UTC)
    later = [row for row in early if row.timestamp >= whole[0].timestamp]
    assert later == list(whole.series("UNRATE"))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"raeding": "level"}, r"no option 'raeding'; it has \(nearest first\) reading"),
        ({"ages": "maybe"}, "option ages is yes or no, got 'maybe'"),
        ({"reading": "log"}, "no reading 'log'"),
        ({"release_lag": "soon"}, "release_lag is a whole number of days, got 'soon'"),
    ],
)
def test_options_that_cannot_be(options: dict[str, str], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        FredTrainingSource().fetch(Query(options=options))


def test_without_a_key_it_is_made_up_and_flagged(
    fake_fred: FakeFred, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FRED_API_KEY")
    with pytest.warns(SyntheticDataWarning):
        data = load_dataset("fred_training", seed=3)
    assert data.provenance.fallback_for == "fred_training"
    with pytest.warns(SyntheticDataWarning):
        other = load_dataset("fred_training", seed=4)
    assert data.content_hash != other.content_hash


def test_the_data_of_the_clean_scenarios(at_the_service: FakeFred) -> None:
    whole = fred_training_clean()
    prices = fred_cpi_clean()
    assert whole == FredTrainingDataBuilder().build().bundle
    for ours, all_series in (
        (prices.train, whole.train),
        (prices.valid, whole.valid),
        (prices.test, whole.test),
    ):
        assert ours.series_ids == ("CPIAUCSL",)
        assert ours.observations == all_series.series("CPIAUCSL")
        assert list(ours.units) == ["CPIAUCSL"]
    assert "UNRATE" in prices.test[0].macro_context
