from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from fg_core import Dataset, Observation, Provenance
from fg_data import load_dataset
from fg_data.quality import Finding, check_dataset, check_histories
from fg_data.vintages import Print, VintageHistory

DAY = timedelta(days=1)
PROVENANCE = Provenance("test", "made up", "none", "none")


def month(number: int) -> datetime:
    return datetime(2015 + number // 12, number % 12 + 1, 1, tzinfo=UTC)


def dataset(values: dict[int, float], name: str = "x") -> Dataset:
    rows = tuple(
        Observation(month(k), value, {}, month(k + 1) + 10 * DAY, name, "test")
        for k, value in values.items()
    )
    return Dataset(rows, PROVENANCE)


def wave(n: int) -> dict[int, float]:
    return {k: float((7 * k) % 5) for k in range(n)}


def history(
    n: int, *, lag: int = 12, revision: float = 1.0, units: str = "index"
) -> VintageHistory:
    prints = []
    for k in range(n):
        out = month(k + 1) + lag * DAY
        first = 100.0 + k
        revised = first * (1.0 + 0.001 * revision * (1 + k % 3))
        prints += [
            Print(month(k), first, out, out + 30 * DAY),
            Print(month(k), revised, out + 30 * DAY),
        ]
    return VintageHistory("x", "M", units, tuple(prints))


def kinds(found: tuple[Finding, ...]) -> list[tuple[str, str]]:
    return [(one.severity, one.kind) for one in found]


def test_sound_data_have_no_findings() -> None:
    assert check_dataset(dataset(wave(60))) == ()
    assert check_histories([history(40)], month(41) + 5 * DAY) == ()


def test_what_is_odd_and_true_is_no_fault() -> None:
    found = check_dataset(load_dataset("us_macro"))
    assert {one.severity for one in found} == {"oddity"}
    assert {(one.kind, one.series_id) for one in found} == {
        ("spike", "infl"),
        ("spike", "tbilrate"),
        ("shift", "tbilrate"),
        ("drift", "unemp"),
    }
    (bills,) = (one for one in found if one.kind == "shift")
    assert "in 1980Q2" in bills.text


def test_missing_periods_are_counted_and_named() -> None:
    values = {k: v for k, v in wave(60).items() if k not in (20, 41, 42)}
    (one,) = check_dataset(dataset(values))
    assert (one.severity, one.kind) == ("oddity", "missing")
    assert one.text == "3 months without a row: after 2016-08, after 2018-05"


def test_a_spike_is_measured_against_the_usual_change() -> None:
    values = wave(60)
    values[30] += 60.0
    (one,) = check_dataset(dataset(values))
    assert (one.severity, one.kind) == ("oddity", "spike")
    assert "in 2017-07" in one.text
    # A series whose usual change is none at all still has shifts.
    still = {k: 2.0 if k < 40 else 9.0 for k in range(60)}
    assert kinds(check_dataset(dataset(still))) == [("oddity", "shift")]
    assert check_dataset(dataset(dict.fromkeys(range(60), 2.0))) == ()


def test_a_row_known_before_its_period_was_over_is_a_fault() -> None:
    data = dataset(wave(60))
    early = replace(data[9], available_at=data[9].timestamp + DAY)
    rows = (*data.observations[:9], early, *data.observations[10:])
    found = check_dataset(replace(data, observations=rows))
    assert kinds(found) == [("fault", "leak")]
    assert "early leak of series 'x'" in str(found[0])


def test_a_number_that_is_none_is_a_fault() -> None:
    """Rows refuse such numbers when they are made; one that was forged is found all the same."""
    data = dataset(wave(60))
    object.__setattr__(data[7], "value", float("inf"))
    found = [one for one in check_dataset(data) if one.kind == "number"]
    assert [str(one) for one in found] == [
        "fault (number) x: 1 rows with a figure that is not finite, first 2015-08-01"
    ]


def test_rows_that_use_what_came_later_are_a_fault() -> None:
    whole = history(40)
    rows = tuple(
        Observation(k.period, k.value, {}, k.available_at, "x", "test")
        for k in whole.first_prints()
    )
    data = Dataset(rows, PROVENANCE)
    assert check_dataset(data, histories=[whole], readings={"x": "level"}) == ()
    revised = {k.period: k.value for k in whole.as_of(whole.vintage_dates[-1])}
    leaky = tuple(replace(row, value=revised[row.timestamp]) for row in rows)
    found = check_dataset(
        replace(data, observations=leaky), histories=[whole], readings={"x": "level"}
    )
    assert ("fault", "leak") in kinds(found)
    assert "40 rows" in found[0].text


@pytest.mark.parametrize(("months_later", "overdue"), [(1, False), (4, False), (6, True)])
def test_a_series_that_nobody_updates_any_more_is_a_fault(months_later: int, overdue: bool) -> None:
    found = check_histories([history(40)], month(40 + months_later) + 20 * DAY)
    assert kinds(found) == ([("fault", "stale")] if overdue else [])
    if overdue:
        assert "the last figure is of 2018-04" in found[0].text


def test_a_series_without_any_figure_is_a_fault_and_without_prints_nothing() -> None:
    empty = VintageHistory("x", "M", "", (Print(month(0), None, month(1)),))
    (one,) = check_histories([empty], month(9))
    assert (one.severity, one.text) == ("fault", "no period has a figure")
    assert check_histories([replace(empty, prints=())], month(9)) == ()


@pytest.mark.parametrize(
    ("units", "shown"), [("index", "+23.08% of 2016-06"), ("Percent", "+27 of 2016-06")]
)
def test_a_revision_out_of_size_is_named(units: str, shown: str) -> None:
    whole = history(40, units=units)
    prints = [
        replace(p, value=144.0) if p.period == month(17) and p.superseded is None else p
        for p in whole.prints
    ]
    (one,) = check_histories([replace(whole, prints=tuple(prints))], month(41))
    assert (one.severity, one.kind) == ("oddity", "revision")
    assert one.text.startswith("1 of 40 revisions are far from the usual size: ")
    assert shown in one.text
    # The day that it came out, which counts as known from the end of that day on.
    revised = next(p for p in prints if p.value == 144.0).published
    assert revised.time() == time()
    assert one.text.endswith(f"on {(revised - DAY).date()}")


@pytest.mark.parametrize("n", [1, 2])
def test_a_series_of_a_row_or_two_has_no_findings(n: int) -> None:
    assert check_dataset(dataset(wave(n))) == ()
