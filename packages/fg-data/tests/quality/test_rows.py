"""Each fault of a file is named as what it is, and nothing else is said of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from fg_core import DataError, Dataset, Observation, Provenance
from fg_core.calendar import next_period
from fg_data import load_dataset
from fg_data.quality import check_dataset, poison_findings

PROVENANCE = Provenance("test", "made up", "none", "none")
N, AT = 180, 90


def level(seed: int = 4) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.exp(np.cumsum(0.003 + 0.01 * rng.standard_normal(N))) * 100.0


def dataset(
    values: np.ndarray, frequency: str = "M", *, leave_out: tuple[int, ...] = ()
) -> Dataset:
    rows, period = [], datetime(2005, 1, 3, tzinfo=UTC)
    for k, value in enumerate(np.round(values, 2).tolist()):
        after = next_period(period, frequency)
        if k not in leave_out:
            rows.append(Observation(period, value, {}, after + timedelta(days=3), "x", "test"))
        period = after
    return Dataset(tuple(rows), PROVENANCE, frequency=frequency)


def spike(y: np.ndarray) -> None:
    y[AT] *= 1.12


def patch(y: np.ndarray) -> None:
    y[AT : AT + 2] *= 1.15


def last(y: np.ndarray) -> None:
    y[-1] *= 1.12


def shift(y: np.ndarray) -> None:
    y[AT:] *= 1.15


def thousands(y: np.ndarray) -> None:
    y[AT:] *= 1000.0


def months(y: np.ndarray) -> None:
    y[AT:] /= 12.0


def base(y: np.ndarray) -> None:
    y[AT:] *= 0.6


def drift(y: np.ndarray) -> None:
    y[AT:] *= np.exp(0.03 * np.minimum(np.arange(1, N - AT + 1), 30))


def stuck(y: np.ndarray) -> None:
    y[AT : AT + 8] = y[AT]


def copied(y: np.ndarray) -> None:
    y[120:126] = y[108:114]


@pytest.mark.parametrize(
    ("fault", "kind", "words"),
    [
        (spike, "spike", "in 2012-07"),
        (patch, "spike", "in 2012-08"),
        (last, "spike", "the last row, which may be a shift as well"),
        (shift, "shift", "in 2012-07"),
        (thousands, "unit", "times 977.7 in 2012-07"),
        (months, "unit", "times 0.08151 in 2012-07"),
        (base, "base", "times 0.5866 in 2012-07"),
        (drift, "drift", " months from 2013-"),
        (stuck, "stuck", "in 8 months, 2012-07 to 2013-02"),
    ],
)
def test_a_fault_is_named_as_what_it_is(fault, kind: str, words: str) -> None:
    assert check_dataset(dataset(level())) == ()
    values = level()
    fault(values)
    (one,) = check_dataset(dataset(values))
    assert (one.severity, one.kind) == ("oddity", kind)
    assert words in one.text
    # Of all of these, single prints (and a patch of two) alone look like forgeries.
    assert bool(poison_findings(dataset(values))) == (kind == "spike")


def test_a_stretch_that_was_there_before_is_named_with_its_original() -> None:
    values = level()
    copied(values)
    texts = {one.kind: one.text for one in check_dataset(dataset(values))}
    assert texts["copy"] == "6 months from 2015-01 on repeat those from 2014-01 on"


def test_a_series_under_two_names_is_told() -> None:
    one = dataset(level())
    both = (
        *one,
        *(Observation(r.timestamp, r.value, {}, r.available_at, "y", "test") for r in one),
    )
    (found,) = check_dataset(Dataset(both, PROVENANCE))
    assert (found.kind, found.series_id, found.text) == ("copy", "x", "every row is also that of y")


def test_values_that_repeat_by_chance_are_neither_stuck_nor_copied() -> None:
    rng = np.random.default_rng(2)
    counts = rng.poisson(0.5, N) * (rng.random(N) < 0.5)
    assert check_dataset(dataset(counts.astype(float))) == ()
    # A rate that is rounded to hundredths and moves by one or two of them.
    rate = 2.0 + 0.01 * np.cumsum(rng.integers(-2, 3, 2_000))
    assert check_dataset(dataset(rate, "B")) == ()


def test_a_rate_that_is_set_now_and_then_is_not_odd() -> None:
    rng = np.random.default_rng(4)
    rate = 2.0 + np.cumsum((rng.random(N) < 0.1) * rng.choice([-0.25, 0.25, 0.5], N))
    assert check_dataset(dataset(rate)) == ()


def test_days_are_missing_at_holidays_but_not_for_weeks() -> None:
    values = level()
    assert check_dataset(dataset(values, "D", leave_out=(40, 41, 42))) == ()
    (one,) = check_dataset(dataset(values, "D", leave_out=tuple(range(40, 52))))
    assert (one.kind, one.text[:21]) == ("missing", "12 days without a row")


def test_missing_months_do_not_look_like_shifts() -> None:
    (one,) = check_dataset(dataset(level(), leave_out=(40, 41, 90)))
    assert one.kind == "missing"


def test_loading_refuses_forged_prints_if_asked(tmp_path: Path) -> None:
    path = tmp_path / "sales.csv"
    values = level()
    spike(values)
    rows = "".join(f"{r.timestamp.date()},{r.value}\n" for r in dataset(values))
    path.write_text("ds,y\n" + rows)
    assert len(load_dataset(str(path))) == N
    with pytest.raises(DataError, match=r"series 'y': 1 print is further out .* in 2012-07"):
        load_dataset(str(path), fail_on_poisoning=True)
