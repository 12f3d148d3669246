"""Fans of several series, and what their table says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from fg_backtest.drawing import Look
from fg_backtest.latest.fans import fan_table, fans_of
from fg_core import ConfigError, DataError, Dataset

MakeDataset = Callable[..., Dataset]
SMALL = {"horizon": 3, "n_paths": 100, "bands": (0.8,)}


def test_what_a_fan_is_conditional_on_is_told(make_dataset: MakeDataset) -> None:
    dataset = make_dataset(60, ("a", "b"))
    found = fans_of(dataset, ("b", "a"), {"lead": (1.0, 2.0)}, **SMALL)
    assert list(found) == ["b", "a"]
    text = " ".join(fan_table(found, dataset).split())
    effect = found["b"].calibration.columns["lead"]
    # The column leads the series by a quarter, so that its effect is no luck.
    assert effect.coefficient > 3.0 * effect.standard_error
    assert "Given lead 1, 2 (which lasts) from the next period on" in text
    assert f"by {effect.coefficient:+.2g}, standard error {effect.standard_error:.2g}." in text
    assert "which may be luck" not in text
    other = fans_of(dataset, ("b",), {"lead": (1.0, 3.0)}, **SMALL)
    gap = other["b"].fan.paths() - found["b"].fan.paths()
    assert gap[:, 2] == pytest.approx(effect.coefficient)


def test_series_that_cannot_be_calibrated_are_left_out_and_named(make_dataset: MakeDataset) -> None:
    dataset = make_dataset(60, ("a", "b"))
    short = replace(dataset, observations=dataset.observations[:70])
    with pytest.warns(UserWarning, match="left out one series: series 'b' has 10 rows"):
        found = fans_of(short, ("a", "b"), {}, **SMALL)
    assert list(found) == ["a"]
    for options in ({"strict": True}, {}):
        names = ("a", "b") if options else ("b",)
        with pytest.raises(DataError, match="'b' has 10 rows that can be used"):
            fans_of(short, names, {}, **SMALL, **options)
    with pytest.raises(ConfigError, match="given for 4 steps, and the fan has 3"):
        fans_of(dataset, ("a",), {"lead": (1.0,) * 4}, **SMALL)


def test_many_series_are_shown_with_all(make_dataset: MakeDataset) -> None:
    dataset = make_dataset(30, tuple(f"s{i:02}" for i in range(12)))
    found = fans_of(dataset, dataset.series_ids, {}, **SMALL)
    text = fan_table(found, dataset)
    assert "s09: fan from" in text
    assert "s10: fan from" not in text
    assert "2 more series are shown with --all" in text
    assert "s11: fan from" in fan_table(found, dataset, all_series=True)


def test_percentiles_that_find_no_room_are_named(make_dataset: MakeDataset) -> None:
    bands = {**SMALL, "bands": (0.5, 0.8, 0.95)}
    found = fans_of(make_dataset(40), ("a",), {}, **bands)
    limits = (1.0, 2.0, 3.0, 4.0)
    wide, narrow = (
        fan_table(found, make_dataset(40), above=limits, look=Look(w)) for w in (200, 80)
    )
    assert wide.splitlines()[2].split()[:9] == [
        *("period", "p2.5", "p10", "p25", "p50", "p75", "p90", "p97.5", "error"),
    ]
    assert "no room" not in wide
    assert narrow.splitlines()[2].split()[:5] == ["period", "p2.5", "p50", "p97.5", "error"]
    assert "There is no room for p10, p25, p75, p90" in narrow
    assert max(map(len, narrow.splitlines())) <= 80
    assert "\u2026" not in narrow
