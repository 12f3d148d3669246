"""Each scenario of FRED is turned red by a fault in what it guards, and told what it skipped."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from fg_core.validation import load_scenario
from fg_data.cache import CacheStore
from fg_data.fred import realtime
from fg_data.quality import Agreement, agreement
from fg_data.training import training_set

known_from, fit_scaling = realtime.known_from, training_set.fit_scaling


def day_early(monkeypatch):
    monkeypatch.setattr(realtime, "known_from", lambda day: known_from(day) - timedelta(days=1))


def scaled_elsewhere(monkeypatch):
    def fitted(train):
        rows = tuple(replace(row, value=row.value + 0.01) for row in train)
        return fit_scaling(replace(train, observations=rows))

    monkeypatch.setattr(training_set, "fit_scaling", fitted)


def never_old(monkeypatch):
    monkeypatch.setattr(CacheStore, "_will_do", lambda self, kept, how: kept is not None)


FAULTS = {
    "fred_cpi_clean": (day_early, "day of its publication"),
    "fred_training_clean": (scaled_elsewhere, "scales are those of the training part alone"),
    "cache_integrity_fred": (never_old, "grown old"),
}


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch):
    for name in ("FRED_API_KEY", "FRED_BASE_URL", "FG_FIXTURES", "FG_OFFLINE", "FG_CACHE_DIR"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.slow
@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_turns_it_red(name, monkeypatch) -> None:
    fault, words = FAULTS[name]
    fault(monkeypatch)
    outcome = load_scenario(name).run(7)
    assert outcome.status == "failed"
    assert words in outcome.message


def test_prices_pass_without_a_key_and_say_what_was_skipped(monkeypatch) -> None:
    outcome = load_scenario("fred_cpi_clean").run(11)
    assert outcome.status == "passed", outcome.message
    assert [part.partition(":")[0] for part in outcome.skipped] == [
        "recorded answers",
        "the service's own figures",
    ]
    assert "missing key FRED_API_KEY" in outcome.skipped[1]
    monkeypatch.setenv("FRED_API_KEY", "something")
    assert "--live was not given" in load_scenario("fred_cpi_clean").run(11).skipped[1]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["fred_training_clean", "cache_integrity_fred"])
def test_they_pass_on_another_seed(name) -> None:
    outcome = load_scenario(name).run(2**64 - 1)
    assert outcome.status == "passed", outcome.message


def test_recordings_are_played_where_they_are(fixtures_dir, monkeypatch) -> None:
    monkeypatch.setenv("FG_FIXTURES", str(fixtures_dir))
    outcome = load_scenario("fred_cpi_clean").run(7)
    assert "a recorded answer of the service is read" in outcome.message
    assert len(outcome.skipped) == 1


@pytest.mark.slow
def test_two_sources_agree_and_faults_of_the_comparison_turn_it_red(
    fixtures_dir, monkeypatch
) -> None:
    monkeypatch.setenv("FG_FIXTURES", str(fixtures_dir))
    outcome = load_scenario("cross_source_consistency").run(2**64 - 1)
    assert outcome.status == "passed", outcome.message
    assert not outcome.skipped
    monkeypatch.delenv("FG_FIXTURES")
    assert load_scenario("cross_source_consistency").run(3).skipped
    aggregate = agreement.aggregate
    # The last month instead of the mean, whatever was asked for; and a comparison that cannot fail.
    with monkeypatch.context() as patched:
        patched.setattr(agreement, "aggregate", lambda v, f, c, m: aggregate(v, f, c, "eop"))
        outcome = load_scenario("cross_source_consistency").run(7)
    assert outcome.status == "failed"
    assert "quarterly means of the service's months" in outcome.message
    monkeypatch.setattr(Agreement, "agrees", True)
    outcome = load_scenario("cross_source_consistency").run(7)
    assert outcome.status == "failed"
    for words in ("off by 5 %", "another unit", "quarter before", "not its mean"):
        assert words in outcome.message
