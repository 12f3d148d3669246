"""The source `fred`: through the cache, whoever asks for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fg_core import DataError, DataSource
from fg_data import (
    CachedFred,
    CacheStore,
    CacheWarning,
    HistorySource,
    SyntheticDataWarning,
    load_dataset,
)
from fg_data.datasets import open_source
from fg_data.fred import KEY_VARIABLE

FakeFred = Any


@pytest.fixture
def fred(fake_fred: FakeFred, monkeypatch: pytest.MonkeyPatch) -> FakeFred:
    adapter = fake_fred.adapter()
    monkeypatch.setattr("fg_data.fred.source.FredMacroAdapter", lambda: adapter)
    return fake_fred


def test_it_is_asked_once_and_offline_never(
    fred: FakeFred, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = open_source("fred")
    assert isinstance(source, DataSource)
    assert isinstance(source, HistorySource)
    monkeypatch.setenv("FG_OFFLINE", "1")
    with pytest.raises(DataError, match="offline, and not in the cache at data/cache: history of "):
        load_dataset("fred", series="GDP")
    assert fred.requests == []
    monkeypatch.delenv("FG_OFFLINE")
    first = load_dataset("fred", series="GDP")
    n_requests = len(fred.requests)
    assert n_requests > 0
    # Another part of the same history, in another unit, as it stood earlier: nothing is asked.
    load_dataset("fred", series="GDP", start=first[4].timestamp, options={"units": "pca"})
    load_dataset("fred", series="GDP", as_of=first[9].available_at, options={"vintage": "known"})
    monkeypatch.setenv("FG_OFFLINE", "1")
    fred.broken = True
    again = load_dataset("fred", series="GDP")
    assert again.observations == first.observations
    assert again.provenance.notices == first.provenance.notices
    assert len(fred.requests) == n_requests


@pytest.mark.parametrize("base", ["fred", "fred_training"])
def test_a_hybrid_of_it_asks_nothing_offline(
    fred: FakeFred, monkeypatch: pytest.MonkeyPatch, base: str
) -> None:
    store = CacheStore(Path("data/cache"))
    CachedFred(fred.adapter(), store).fetch(tuple(fred.histories))
    n_requests = len(fred.requests)
    monkeypatch.setenv("FG_OFFLINE", "1")
    made = load_dataset("hybrid", series="UNRATE", options={"base": base, "periods": "3"})
    assert len(fred.requests) == n_requests
    real = [row for row in made.series("UNRATE") if row.source != "hybrid"]
    kept = {known.period: known.value for known in fred.histories["UNRATE"].first_prints()}
    assert len(real) > 70  # a training set begins where all its series do
    assert {row.timestamp: row.value for row in real}.items() <= kept.items()


def test_without_a_key_what_is_kept_is_used_offline_and_nothing_else_is_real(
    fred: FakeFred, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = load_dataset("fred", series=("GDP", "UNRATE"))
    monkeypatch.delenv(KEY_VARIABLE)
    with (
        pytest.warns(CacheWarning, match="real figures of GDP are in the cache"),
        pytest.warns(SyntheticDataWarning),
    ):
        assert load_dataset("fred", series="GDP").provenance.is_synthetic
    monkeypatch.setenv("FG_OFFLINE", "1")
    assert load_dataset("fred", series=("GDP", "UNRATE")).observations == real.observations
    with (
        pytest.warns(CacheWarning, match="of GDP, CPIAUCSL only GDP are in the cache .* made up"),
        pytest.warns(SyntheticDataWarning),
    ):
        assert load_dataset("fred", series=("GDP", "CPIAUCSL")).provenance.is_synthetic
    n_requests = len(fred.requests)
    assert n_requests == len([path for path, series in fred.requests if series != "CPIAUCSL"])


def test_the_seed_of_a_query_is_that_of_made_up_series(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    with pytest.warns(SyntheticDataWarning):
        one, other = (load_dataset("fred", series="GDP", seed=seed) for seed in (1, 2))
    assert one.observations != other.observations
