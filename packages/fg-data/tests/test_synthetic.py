from __future__ import annotations

import math
from datetime import UTC, datetime
from functools import cache

import numpy as np
import pytest

from fg_core import ConfigError, DataError, DataSource, Query
from fg_core.testing import check_masking
from fg_data.release_lags import available_at
from fg_data.synthetic import N_MONTHS, SERIES, SyntheticSource, synthetic_paths

SOURCE = SyntheticSource()
FULL = SOURCE.fetch(Query())
SEEDS = range(40)


paths = cache(synthetic_paths)


def path(seed: int, series: str) -> np.ndarray:
    return np.array(paths(seed)[series])


def test_it_is_a_data_source() -> None:
    assert isinstance(SOURCE, DataSource)
    assert SOURCE.name == "synthetic"
    assert all(row.source == "synthetic" for row in FULL)


def test_it_is_labelled_as_synthetic_and_names_its_seed() -> None:
    provenance = SOURCE.fetch(Query(seed=12)).provenance
    assert provenance.is_synthetic
    assert "seed 12" in provenance.description
    assert any("made up" in notice for notice in provenance.notices)


def test_five_ids_by_240_months() -> None:
    assert FULL.series_ids == SERIES == ("CPIAUCSL", "GDP", "UNRATE", "FEDFUNDS", "T10YIE")
    for name in SERIES:
        rows = FULL.series(name)
        assert len(rows) == N_MONTHS == 240
        assert rows[0].timestamp == datetime(2005, 1, 1, tzinfo=UTC)
        assert rows[-1].timestamp == datetime(2024, 12, 1, tzinfo=UTC)
    assert FULL.frequency == "M"


def test_evaluation_begins_at_60_percent_and_warms_up_for_40_periods() -> None:
    months = [row.timestamp for row in FULL.series("GDP")]
    assert FULL.evaluation_start == months[144]
    assert FULL.warmup_start == months[104]


def test_equal_seeds_equal_data_other_seeds_other_data() -> None:
    assert SOURCE.fetch(Query(seed=3)).content_hash == SOURCE.fetch(Query(seed=3)).content_hash
    hashes = {SOURCE.fetch(Query(seed=seed)).content_hash for seed in range(5)}
    assert len(hashes) == 5


def test_a_longer_path_begins_with_the_shorter_one() -> None:
    long, short = synthetic_paths(5, 300), synthetic_paths(5, 60)
    for name in SERIES:
        assert long[name][:60] == short[name]


def test_numpy_s_global_state_plays_no_part() -> None:
    np.random.seed(0)  # noqa: NPY002
    first = synthetic_paths(7)
    np.random.seed(1)  # noqa: NPY002
    assert synthetic_paths(7) == first


@pytest.mark.parametrize("seed", [-1, 2**64, True])
def test_a_seed_out_of_range_is_an_error(seed: int) -> None:
    with pytest.raises(ConfigError, match="seed must be a whole number"):
        SOURCE.fetch(Query(seed=seed))


# ------------------------------------------------------------------------------- plausibility


@pytest.mark.parametrize("seed", SEEDS)
def test_every_path_stays_in_a_plausible_range(seed: int) -> None:
    year = 100.0 * (path(seed, "CPIAUCSL")[12:] / path(seed, "CPIAUCSL")[:-12] - 1.0)
    assert year.min() > -3.0
    assert year.max() < 9.0
    assert path(seed, "UNRATE").min() >= 2.0
    assert path(seed, "UNRATE").max() < 12.0
    assert path(seed, "FEDFUNDS").min() >= 0.05
    assert path(seed, "FEDFUNDS").max() < 10.0
    assert path(seed, "T10YIE").min() > 0.5
    assert path(seed, "T10YIE").max() < 4.0
    assert 190.0 < path(seed, "CPIAUCSL")[0] < 193.0
    assert 12_000.0 < path(seed, "GDP")[0] < 13_500.0


def _autocorrelation(x: np.ndarray) -> float:
    return float(np.corrcoef(x[1:], x[:-1])[0, 1])


def test_on_average_scale_persistence_and_correlation_are_plausible() -> None:
    monthly = [1200.0 * np.diff(np.log(path(s, "CPIAUCSL"))) for s in SEEDS]
    growth = [1200.0 * np.diff(np.log(path(s, "GDP"))).mean() for s in SEEDS]
    assert np.mean(monthly) == pytest.approx(2.3, abs=0.3)
    assert np.mean([x.std() for x in monthly]) == pytest.approx(2.5, abs=0.5)
    assert np.mean([_autocorrelation(x) for x in monthly]) == pytest.approx(0.4, abs=0.1)
    assert np.mean(growth) == pytest.approx(4.4, abs=0.4)
    assert np.mean([path(s, "UNRATE") for s in SEEDS]) == pytest.approx(5.5, abs=0.4)
    assert np.mean([path(s, "T10YIE") for s in SEEDS]) == pytest.approx(2.2, abs=0.1)
    for name in ("UNRATE", "FEDFUNDS", "T10YIE"):
        assert np.mean([_autocorrelation(path(s, name)) for s in SEEDS]) > 0.9
    together = [np.corrcoef(path(s, "UNRATE"), path(s, "FEDFUNDS"))[0, 1] for s in SEEDS]
    assert -0.8 < np.mean(together) < -0.2  # the policy rate is low when unemployment is high


def test_the_policy_rate_stays_at_its_floor_at_times() -> None:
    at_floor = [float((path(s, "FEDFUNDS") <= 0.05).mean()) for s in SEEDS]
    assert max(at_floor) > 0.05
    assert min(at_floor) == 0.0


# ------------------------------------------------------------------------------- point in time


def test_rows_are_dated_by_the_table_and_contexts_were_published() -> None:
    published = {
        name: [(available_at(name, r.timestamp, 1), r.value) for r in FULL.series(name)]
        for name in SERIES
    }
    for row in FULL:
        assert row.available_at == available_at(row.series_id, row.timestamp, 1)
        expected = {
            name: value
            for name, releases in published.items()
            for moment, value in releases
            if name != row.series_id and moment <= row.available_at
        }
        assert dict(row.macro_context) == expected


@pytest.mark.parametrize("seed", [7, 8, 9])
def test_the_contexts_do_not_give_the_values_away(seed: int) -> None:
    check_masking(SOURCE.fetch(Query(seed=seed)))


def test_as_of_and_periods() -> None:
    moment = datetime(2015, 3, 10, tzinfo=UTC)
    known = SOURCE.fetch(Query(), moment)
    assert list(known) == [row for row in FULL if row.available_at <= moment]
    start = datetime(2010, 1, 1, tzinfo=UTC)
    late = SOURCE.fetch(Query(("UNRATE",), start=start))
    assert list(late) == [row for row in FULL.series("UNRATE") if row.timestamp >= start]
    assert all(math.isfinite(row.value) for row in late)


def test_an_unknown_series_is_one_clear_line() -> None:
    with pytest.raises(DataError) as caught:
        SOURCE.fetch(Query(series=("CPI",)))
    assert str(caught.value).startswith(
        "source 'synthetic' has no series 'CPI'; it has (nearest first) CPIAUCSL, "
    )
