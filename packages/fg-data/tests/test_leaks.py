"""Leaks that were planted are found, each by its name; what is clean is not accused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fg_core import Dataset, Observation, Provenance
from fg_data import chronological_split, load_dataset
from fg_data.leaks import find_early_rows, find_early_use, find_leaks
from fg_data.training.rows import training_rows
from fg_data.vintages import VintageHistory

MakeHistory = Callable[..., VintageHistory]
DAY = timedelta(days=1)
READINGS = {"T10YIE": "level", "CPI": "growth", "UNRATE": "level"}
PROVENANCE = Provenance("test", "made up", "none", "none")


def month(number: int) -> datetime:
    return datetime(2020 + number // 12, number % 12 + 1, 1, tzinfo=UTC)


def rows(first: int, n: int, lag_days: int = 0, name: str = "x") -> list[Observation]:
    return [
        Observation(month(k), float(k), {}, month(k + 1) + lag_days * DAY, name, "test")
        for k in range(first, first + n)
    ]


def kinds(parts: dict[str, list[Observation]], **settings: bool) -> list[tuple[str, str, int]]:
    return [(leak.kind, leak.series_id, leak.n_rows) for leak in find_leaks(parts, **settings)]


# ------------------------------------------------------------------------------- between parts


def test_a_clean_split_is_clean() -> None:
    assert find_leaks({"train": rows(0, 6), "valid": rows(6, 3), "test": rows(9, 3)}) == ()
    assert find_leaks(chronological_split(load_dataset("us_macro"))) == ()


def test_the_same_row_in_two_parts() -> None:
    parts = {"train": rows(0, 7), "test": rows(6, 3)}
    assert kinds(parts) == [("period", "x", 1), ("publication", "x", 1)]
    (first, _) = find_leaks(parts)
    assert str(first) == (
        "period leak of series 'x', train into test: 1 row, first 2020-07-01 (known from "
        "2020-08-01 00:00 UTC)"
    )


def test_equal_moments_of_publication_count_though_periods_are_apart() -> None:
    late = [*rows(0, 5), replace(rows(5, 1)[0], available_at=month(7))]
    assert kinds({"train": late, "test": rows(6, 3)}) == [("publication", "x", 1)]
    just_in_time = [*rows(0, 5), replace(rows(5, 1)[0], available_at=month(7) - DAY / 86400)]
    assert kinds({"train": just_in_time, "test": rows(6, 3)}) == []


def test_a_late_release_leaks_and_so_does_a_shuffled_split() -> None:
    assert kinds({"train": rows(0, 6, lag_days=70), "test": rows(6, 3)}) == [
        ("publication", "x", 2)
    ]
    everything = rows(0, 12)
    shuffled = {"train": everything[::2], "valid": everything[1::4], "test": everything[3::4]}
    assert {kind for kind, _, _ in kinds(shuffled)} == {"period", "publication"}


def test_another_series_may_leak_and_need_not_be_asked_about() -> None:
    parts = {"train": [*rows(0, 6), *rows(0, 8, name="y")], "test": rows(6, 3)}
    assert kinds(parts) == [("period", "y", 2), ("publication", "y", 2)]
    assert kinds(parts, across_series=False) == []


def test_every_pair_of_parts_is_compared() -> None:
    parts = {"train": rows(9, 1), "valid": rows(0, 3), "test": rows(3, 3)}
    found = find_leaks(parts)
    assert {(leak.part, leak.later) for leak in found} == {("train", "valid"), ("train", "test")}


@given(n=st.integers(12, 60), n_train=st.integers(1, 59), lag=st.integers(0, 90))
def test_a_chronological_cut_leaks_exactly_the_rows_that_came_out_too_late(
    n: int, n_train: int, lag: int
) -> None:
    n_train = min(n_train, n - 1)
    everything = rows(0, n, lag_days=lag)
    early, late = everything[:n_train], everything[n_train:]
    early = [replace(row, available_at=row.available_at + lag * DAY) for row in early]
    too_late = [row for row in early if row.available_at >= late[0].available_at]
    found = find_leaks({"train": early, "test": late})
    assert sum(leak.n_rows for leak in found) == len(too_late)
    assert {leak.kind for leak in found} <= {"publication"}


# ------------------------------------------------------------------------------- inside a part


def test_rows_known_before_their_period_was_over() -> None:
    early = [
        *rows(0, 4),
        replace(rows(4, 1)[0], available_at=month(5) - DAY),
        *rows(5, 3),
    ]
    (leak,) = find_early_rows(Dataset(tuple(early), PROVENANCE))
    assert (leak.kind, leak.n_rows) == ("early", 1)
    assert leak.first.startswith("2020-05-01")
    assert find_early_rows(load_dataset("us_macro")) == ()


def panel(make_history: MakeHistory, seed: int) -> tuple[list[VintageHistory], Dataset]:
    histories = [
        make_history(seed, "B", 200, series_id="T10YIE"),
        make_history(seed + 1, "M", 12, series_id="CPI"),
        make_history(seed + 2, "M", 12, series_id="UNRATE"),
    ]
    made = training_rows(histories, READINGS, "M", source="test")
    return histories, Dataset(made, PROVENANCE, frequency="M")


@settings(max_examples=15)
@given(seed=st.integers(0, 10**6))
def test_rows_as_they_are_made_use_nothing_early(make_history: MakeHistory, seed: int) -> None:
    histories, dataset = panel(make_history, seed)
    assert find_early_use(dataset, histories, READINGS) == ()


def planted(dataset: Dataset, number: int, row: Observation) -> Dataset:
    changed = list(dataset.observations)
    changed[number] = row
    return replace(dataset, observations=tuple(changed))


@pytest.mark.parametrize("name", ["T10YIE", "CPI", "UNRATE"])
def test_a_revised_value_in_an_old_row_is_found(make_history: MakeHistory, name: str) -> None:
    histories, dataset = panel(make_history, 5)
    number = next(k for k, row in enumerate(dataset) if row.series_id == name) + 1
    row = dataset[number]
    leaky = planted(dataset, number, replace(row, value=row.value + 0.001))
    (leak,) = find_early_use(leaky, histories, READINGS)
    assert (leak.kind, leak.series_id, leak.n_rows) == ("value", name, 1)
    assert leak.first.startswith(str(row.timestamp.date()))


@pytest.mark.parametrize("hours", [1, 24 * 40])
def test_a_row_that_is_dated_before_its_publication_is_found(
    make_history: MakeHistory, hours: int
) -> None:
    histories, dataset = panel(make_history, 5)
    number = next(k for k, row in enumerate(dataset) if row.series_id == "UNRATE") + 3
    row = dataset[number]
    earlier = max(row.timestamp, row.available_at - timedelta(hours=hours))
    leaky = planted(dataset, number, replace(row, available_at=earlier))
    assert "value" in {leak.kind for leak in find_early_use(leaky, histories, READINGS)}


def test_a_context_from_the_next_month_is_found(make_history: MakeHistory) -> None:
    histories, dataset = panel(make_history, 5)
    ours = [k for k, row in enumerate(dataset) if row.series_id == "UNRATE"]
    row, following = dataset[ours[3]], dataset[ours[4]]
    for column in ("T10YIE", "CPI", "T10YIE_age_days"):
        context = {**row.macro_context, column: following.macro_context[column]}
        assert context != row.macro_context
        leaky = planted(dataset, ours[3], replace(row, macro_context=context))
        (leak,) = find_early_use(leaky, histories, READINGS)
        assert (leak.kind, leak.series_id, leak.n_rows) == ("context", "UNRATE", 1)


def test_what_has_no_vintages_cannot_be_cleared(make_history: MakeHistory) -> None:
    histories, dataset = panel(make_history, 5)
    without_cpi = [history for history in histories if history.series_id != "CPI"]
    found = find_early_use(dataset, without_cpi, READINGS)
    assert ("value", "CPI") in {(leak.kind, leak.series_id) for leak in found}
    assert ("context", "UNRATE") in {(leak.kind, leak.series_id) for leak in found}
