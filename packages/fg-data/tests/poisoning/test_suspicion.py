"""Suspicious prints at the stated rates, and series that are rejected or not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fg_core import ConfigError, DataError
from fg_data import load_dataset
from fg_data.poisoning import (
    find_departures,
    poisoned_series,
    require_no_poisoning,
    suspicious_prints,
)
from fg_data.us_macro.series import SERIES

SIZES = {3.0: 0.45, 5.0: 0.95, 10.0: 1.0}


@pytest.mark.slow
def test_planted_errors_are_found_at_the_stated_shares_over_two_hundred_seeds() -> None:
    """Normal innovations; five errors of each size are added to 1,000, no two side by side."""
    found: dict[float, list[bool]] = {size: [] for size in SIZES}
    false, clean = [], []
    for seed in range(200):
        rng = np.random.default_rng([seed, 17])
        noise = rng.standard_normal(1_000)
        clean.append(len(suspicious_prints(noise)))
        at = 4 * rng.choice(250, 15, replace=False)
        sizes = np.repeat(list(SIZES), 5)
        planted = noise.copy()
        planted[at] += sizes * rng.choice([-1.0, 1.0], 15)
        rows = {one.row for one in suspicious_prints(planted)}
        for row, size in zip(at.tolist(), sizes.tolist(), strict=True):
            found[size].append(row in rows)
        false.append(len(rows - set(at.tolist())))
    for size, least in SIZES.items():
        assert np.mean(found[size]) >= least, size
    assert max(np.mean(false), np.mean(clean)) <= 5.0


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10_000), st.integers(40, 160), st.sampled_from(["noise", "walk", "season"]))
def test_a_large_error_is_found_where_it_is_and_by_its_size(seed: int, at: int, kind: str) -> None:
    e = np.random.default_rng(seed).standard_normal(200)
    values = e if kind == "noise" else np.cumsum(e)
    if kind == "season":
        values = values + 8.0 * np.sin(np.arange(200) * np.pi / 6.0)
    values[at] += 25.0
    season = 12 if kind == "season" else 1
    # Where logarithms were taken, sizes would be shares.
    spikes = find_departures(values, 8.0, season_length=season, logs=False)
    assert [(one.kind, one.row) for one in spikes] == [("spike", at)]
    assert spikes[0].size == pytest.approx(25.0, abs=5.0)


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10_000), st.integers(40, 160), st.floats(15.0, 1e4))
def test_a_shift_is_a_shift_at_any_rate_of_alarms(seed: int, at: int, size: float) -> None:
    values = np.cumsum(np.random.default_rng(seed).standard_normal(200))
    values[at:] += size
    for threshold in (2.0, 8.0):
        largest = max(find_departures(values, threshold), key=lambda one: abs(one.score))
        assert (largest.kind, largest.row) == ("shift", at)


def test_findings_do_not_depend_on_the_unit() -> None:
    values = np.cumsum(np.random.default_rng(3).standard_normal(300))
    values[[50, 51, 200]] += (9.0, 7.0, -8.0)
    once = suspicious_prints(values)
    scaled = suspicious_prints(1024.0 * values)
    assert [(a.row, a.score) for a in once] == [(b.row, b.score) for b in scaled]
    assert {50, 51, 200} <= {one.row for one in once}


def test_short_or_constant_series_have_none_and_rates_are_checked() -> None:
    assert suspicious_prints([1.0, 2.0, 90.0]) == ()
    assert suspicious_prints([7.0] * 50) == ()
    for rate in (0.0, 0.5):
        with pytest.raises(ConfigError, match="rate of false alarms"):
            suspicious_prints([1.0, 2.0], false_alarm_rate=rate)


@pytest.mark.parametrize("names", [(), pytest.param(SERIES, marks=pytest.mark.slow)], ids=len)
def test_no_embedded_series_is_rejected(names: tuple[str, ...]) -> None:
    data = load_dataset("us_macro", series=names, fail_on_poisoning=True)
    assert poisoned_series(data) == ()
    require_no_poisoning(data)


def test_one_forged_print_or_many_small_ones_are_rejected() -> None:
    data = load_dataset("us_macro", series="unemp")
    rows = list(data.observations)
    one = [*rows[:70], replace(rows[70], value=rows[70].value + 4.0), *rows[71:]]
    (found,) = poisoned_series(replace(data, observations=tuple(one)))
    assert (found.reason, len(found.prints)) == ("size", 1)
    assert str(found).startswith("1 print is further out than its own tails explain: +3.9")
    many = [
        replace(row, value=row.value + (1.2 if k % 30 else -1.2)) if k % 15 == 7 else row
        for k, row in enumerate(rows)
    ]
    (found,) = poisoned_series(replace(data, observations=tuple(many)))
    assert found.reason == "number"
    assert len(found.prints) >= 12
    with pytest.raises(DataError, match="more than honest data have among 203"):
        require_no_poisoning(replace(data, observations=tuple(many)))
