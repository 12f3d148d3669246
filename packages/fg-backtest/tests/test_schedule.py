from __future__ import annotations

import warnings
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fg_backtest import default_horizons
from fg_backtest.schedule import MIN_TRAINING, Schedule, Span, least_training, warn_of_end
from fg_core import ConfigError, DataError, Dataset, Observation, Provenance


def quarter(t: int) -> datetime:
    return datetime(1950 + t // 4, t % 4 * 3 + 1, 1, tzinfo=UTC)


def data(n: int, **settings: Any) -> Dataset:
    rows = (Observation(quarter(t), float(t), {}, quarter(t), "a", "test") for t in range(n))
    return Dataset(tuple(rows), Provenance("test", "", "", ""), frequency="Q", **settings)


def schedule(
    dataset: Dataset,
    *,
    start: Any = None,
    warmup: Any = None,
    end: Any = None,
    horizons: tuple[int, ...] = (1,),
    refit_every: int = 1,
    gap: int = 0,
) -> tuple[int, int, int]:
    found = Schedule.of(
        dataset.series("a"),
        dataset,
        Span(start, warmup, end),
        horizons=horizons,
        refit_every=refit_every,
        gap=gap,
    )
    return found.first_played, found.first_scored, found.last_scored


def test_defaults_without_dates_in_the_dataset() -> None:
    assert schedule(data(200)) == (80, 120, 198)


def test_defaults_of_the_dataset() -> None:
    dataset = data(200, evaluation_start=quarter(100), warmup_start=quarter(70))
    assert schedule(dataset) == (70, 100, 198)


def test_the_datasets_warmup_gives_way_to_an_earlier_start() -> None:
    dataset = data(200, evaluation_start=quarter(100), warmup_start=quarter(90))
    assert schedule(dataset, start=quarter(80)) == (40, 80, 198)


def test_what_is_asked_for() -> None:
    found = schedule(data(200), start=quarter(100), warmup=quarter(60), end=quarter(150))
    assert found == (60, 100, 150)
    assert schedule(data(200), start=quarter(100), warmup=7)[0] == 93
    assert schedule(data(200), start=quarter(100), warmup=0)[0] == 100


def test_moments_between_periods_find_the_next_start_and_the_last_end() -> None:
    later = quarter(100).replace(day=15)
    assert schedule(data(200), start=later, end=later.replace(year=later.year + 1))[1:] == (
        101,
        104,
    )


def test_the_default_warmup_leaves_rows_for_a_first_fit() -> None:
    assert schedule(data(60), start=quarter(30))[0] == MIN_TRAINING
    assert schedule(data(60), start=quarter(30), gap=5)[0] == MIN_TRAINING + 5


def test_a_first_fit_sees_two_seasons() -> None:
    assert schedule(data(60, season_length=12), start=quarter(30))[0] == 24
    assert schedule(data(62, season_length=30)) == (60, 60, 60)
    assert [least_training(m) for m in (1, 10, 11)] == [20, 20, 22]


def test_a_default_start_gives_way_in_a_short_series_and_says_so() -> None:
    dataset = data(60, evaluation_start=quarter(10))
    found = Schedule.of(
        dataset.series("a"), dataset, Span(None, None, None), horizons=(1,), refit_every=4, gap=0
    )
    assert found == Schedule(20, 20, 58, quarter(10).isoformat())


@given(
    n=st.integers(60, 120),
    start=st.integers(20, 55),
    warmup=st.integers(0, 35),
    refit_every=st.integers(0, 9),
    gap=st.integers(0, 3),
)
def test_the_first_scored_origin_is_a_refit_origin(
    n: int, start: int, warmup: int, refit_every: int, gap: int
) -> None:
    least = MIN_TRAINING + gap
    start, warmup = max(start, least), min(warmup, max(start, least) - least)
    first, scored, _ = schedule(
        data(n), start=quarter(start), warmup=warmup, refit_every=refit_every, gap=gap
    )
    assert scored == start
    assert least <= first <= scored
    if refit_every == 0:
        assert scored - first == warmup
        return
    assert (scored - first) % refit_every == 0
    assert abs((scored - first) - warmup) < refit_every
    # Earlier is preferred; later only where there are too few rows.
    assert scored - first >= warmup or scored - (scored - first) - refit_every < least


@pytest.mark.parametrize(
    ("dataset", "settings", "message"),
    [
        (data(21), {}, "'a' has 21 rows; a backtest wants at least 22"),
        (
            data(60, season_length=30),
            {},
            r"'a' has 60 rows; a backtest wants at least 62: 60 for a first fit \(two seasons of "
            r"30\), one origin and its target; without a season \(--season-length 1\) 22 are "
            "enough",
        ),
        (data(60), {"start": quarter(10)}, r"10 rows before .* 1952Q3.*start with 1955Q1 or later"),
        (data(60), {"start": quarter(80)}, "'a' ends with 1964Q4, before 1970Q1"),
        (data(60), {"start": quarter(59)}, "nothing to score from 1964Q4 to 1964Q3"),
        (data(60), {"end": quarter(30)}, "nothing to score from 1959Q1 to 1957Q3"),
        (data(60), {"warmup": 39}, "0 rows before the warm-up.*1955Q1"),
        (data(60), {"warmup": quarter(3)}, "3 rows before the warm-up.*1955Q1"),
        (data(60), {"start": quarter(56), "horizons": (1, 4)}, "no origin from 1964Q1.*4 steps"),
    ],
)
def test_too_short(dataset: Dataset, settings: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        schedule(dataset, **settings)


def test_a_warmup_after_the_start() -> None:
    with pytest.raises(ConfigError, match=r"from 1962Q3 begins after .* origin 1960Q1"):
        schedule(data(60), start=quarter(40), warmup=quarter(50))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Span(datetime(2000, 1, 1), None, None), "start .* has no time zone"),  # noqa: DTZ001
        (lambda: Span(None, -1, None), "warmup must be a datetime, got -1"),
        (lambda: Span(None, True, None), "warmup must be a datetime, got True"),
        (lambda: Span(None, None, 3), "end must be a datetime, got 3"),  # type: ignore[arg-type]
    ],
)
def test_bad_spans(make: Callable[[], Span], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        make()


def test_default_horizons() -> None:
    assert [default_horizons(f) for f in "YQMW"] == [(1,), (1, 4), (1, 3), (1, 4)]
    assert [default_horizons(f) for f in "BD"] == [(1, 5), (1, 7)]
    assert default_horizons("H") == (1,)


def test_an_end_without_a_target_is_said() -> None:
    rows = {name: data(60).series("a") for name in ("a", "b")}
    schedules = {name: Schedule(30, 40, 58) for name in rows}
    text = (
        r"end 1964-10-01: series 'a' ends with 1964Q4, from where no target is known yet: the last "
        r"scored origin is 1964Q3, and so for 1 more \(fg-forecast"
    )
    with pytest.warns(UserWarning, match=text):
        warn_of_end(quarter(59), rows, schedules, "Q")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warn_of_end(quarter(58), rows, schedules, "Q")
        warn_of_end(None, rows, schedules, "Q")
