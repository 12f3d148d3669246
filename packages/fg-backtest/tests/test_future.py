"""Columns that are known in advance: which they are, and what is known of the periods to come."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from fg_backtest.datasets import prepared
from fg_backtest.future import future_contexts, unknown_targets, with_known_ahead
from fg_core import ConfigError, DataError, Dataset

MakeDataset = Callable[..., Dataset]

MONTHS = [f"{2001 + t // 12}-{t % 12 + 1:02}" for t in range(27)]


def table(**more: Any) -> dict[str, Any]:
    y: list[Any] = [float(t * t % 7) for t in range(24)] + [None] * 3
    plan: dict[str, list[Any]] = {"promo": [float(t % 4 == 1) for t in range(27)], "shop": [3] * 27}
    return {"ds": MONTHS, "y": y, **plan, **more}


def test_columns_are_marked_by_name() -> None:
    assert prepared(table()).known_ahead == frozenset()
    assert prepared(table(), future="promo").known_ahead == {"promo"}
    data = prepared(prepared(table(), future=["promo"]), future=("shop", "promo"))
    assert data.known_ahead == {"promo", "shop"}
    assert with_known_ahead(data, "") is data
    with pytest.raises(
        DataError, match=r"'prom' is no context column.*nearest first\) promo, shop"
    ):
        prepared(table(), future="prom")
    with pytest.raises(DataError, match="the context has no columns at all"):
        prepared({"ds": MONTHS[:24], "y": table()["y"][:24]}, future="promo")
    with pytest.raises(ConfigError, match="future must be names of context columns"):
        prepared(table(), future=(3,))  # type: ignore[arg-type]


def test_periods_after_the_last_row_are_in_their_places() -> None:
    promo = [*table()["promo"][:24], None, 5.0, None]
    data = prepared(table(promo=promo, shop=[3] * 24 + [None] * 3), future="promo")
    assert future_contexts(data, "y") == ({}, {"promo": 5.0})
    assert future_contexts(prepared({"ds": MONTHS[:24], "y": table()["y"][:24]}), "y") == ()


def test_periods_of_which_something_is_not_known_are_named() -> None:
    promo = [*table()["promo"][:24], 1.0, None, 0.0]
    data = prepared(table(promo=promo), future=["promo", "shop"])
    # A column that never changes is of no use, and so is not missed.
    assert unknown_targets(data, ["y"], (1, 2, 3, 4)) == {
        "y": ("promo of 2003-02 (horizon 2)", "promo of 2003-04 (horizon 4)")
    }
    assert unknown_targets(data, ["y"], (1, 3)) == {}
    assert unknown_targets(prepared(table(promo=promo)), ["y"], (1, 2)) == {}


def test_a_dataset_that_is_cut_knows_no_more_than_before(make_dataset: MakeDataset) -> None:
    data = make_dataset()
    last = data.series("a")[-1].timestamp
    told = {"a": {last + timedelta(days=92): {"lead": 1.0}}}
    whole = with_known_ahead(replace(data, future_context=told), "lead")
    cut = replace(whole, observations=data.series("a")[:-2])
    # The two rows that were cut off are gaps: nothing is known of them.
    assert [dict(one) for one in future_contexts(cut, "a")] == [{}, {}, {"lead": 1.0}]
