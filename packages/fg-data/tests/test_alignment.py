from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fg_core import ConfigError, DataError
from fg_core.calendar import period_end
from fg_data.alignment import align
from fg_data.vintages import Print, VintageHistory

MakeHistory = Callable[..., VintageHistory]
DAY = timedelta(days=1)
START, END = datetime(2020, 1, 1, tzinfo=UTC), datetime(2021, 6, 1, tzinfo=UTC)


def trio(make_history: MakeHistory, seed: int, **settings: object) -> list[VintageHistory]:
    """Daily, monthly and quarterly, over one span."""
    sizes = {"B": 400, "M": 18, "Q": 6}
    return [
        make_history(seed, frequency, n, series_id=name, **settings)
        for (frequency, n), name in zip(sizes.items(), ("T10YIE", "CPI", "GDP"), strict=True)
    ]


def test_daily_monthly_and_quarterly_line_up_at_each_months_origin() -> None:
    """A hand-made table: what was known at the end of January, February and March 2024."""

    def known(
        name: str, frequency: str, *rows: tuple[tuple[int, int, int], float, str]
    ) -> VintageHistory:
        prints = (
            Print(
                datetime(*day, tzinfo=UTC), value, datetime.fromisoformat(out).replace(tzinfo=UTC)
            )
            for day, value, out in rows
        )
        return VintageHistory(name, frequency, "", tuple(prints))

    rate = known(
        "T10YIE",
        "B",
        ((2024, 1, 30), 2.26, "2024-01-31"),
        ((2024, 1, 31), 2.22, "2024-02-01"),
        ((2024, 2, 28), 2.31, "2024-02-29"),
        ((2024, 3, 28), 2.32, "2024-04-02"),
    )
    cpi = known(
        "CPIAUCSL",
        "M",
        ((2023, 12, 1), 308.7, "2024-01-12"),
        ((2024, 1, 1), 309.7, "2024-02-14"),
        ((2024, 2, 1), 311.1, "2024-03-13"),
    )
    gdp = known("GDP", "Q", ((2023, 10, 1), 27939.0, "2024-01-26"))
    table = align(
        [rate, cpi, gdp],
        "M",
        start=datetime(2024, 1, 1, tzinfo=UTC),
        end=datetime(2024, 3, 1, tzinfo=UTC),
    )
    assert table.series_ids == ("T10YIE", "CPIAUCSL", "GDP")
    assert table.columns() == {
        "origin": [datetime(2024, month, 1, tzinfo=UTC) for month in (2, 3, 4)],
        "T10YIE": [2.22, 2.31, 2.31],
        "T10YIE_age_days": [0.0, 1.0, 32.0],
        "CPIAUCSL": [308.7, 309.7, 311.1],
        "CPIAUCSL_age_days": [31.0, 29.0, 31.0],
        "GDP": [27939.0, 27939.0, 27939.0],
        "GDP_age_days": [31.0, 60.0, 91.0],
    }


def test_nothing_stands_for_what_was_not_out() -> None:
    late = VintageHistory("x", "M", "", (Print(START, 5.0, END),))
    table = align([late], "M", start=START, end=START)
    assert table.rows[0].cells == {}
    assert table.columns()["x"] == [None]
    assert table.columns()["x_age_days"] == [None]


def test_a_missing_figure_is_stepped_over_and_shows_in_the_age() -> None:
    february = datetime(2020, 2, 1, tzinfo=UTC)
    march = datetime(2020, 3, 1, tzinfo=UTC)
    history = VintageHistory(
        "x", "M", "", (Print(START, 5.0, february), Print(february, None, march))
    )
    row = align([history], moments=[datetime(2020, 4, 1, tzinfo=UTC)]).rows[0]
    assert row.context() == {"x": 5.0, "x_age_days": 60.0}
    assert row.context(ages=False) == {"x": 5.0}


@settings(max_examples=settings.default.max_examples // 3)
@given(seed=st.integers(0, 10**6))
def test_each_cell_is_the_latest_known_value(make_history: MakeHistory, seed: int) -> None:
    histories = trio(make_history, seed)
    table = align(histories, "M", start=START, end=END)
    for row in table.rows:
        for history in histories:
            known = history.latest(row.moment)
            cell = row.cells.get(history.series_id)
            if known is None:
                assert cell is None
                continue
            assert cell is not None
            assert (cell.value, cell.period, cell.available_at) == (
                known.value,
                known.period,
                known.available_at,
            )
            assert cell.available_at <= row.moment
            assert cell.age_days * DAY == row.moment - period_end(cell.period, history.frequency)


@settings(max_examples=settings.default.max_examples // 3)
@given(seed=st.integers(0, 10**6), cut=st.integers(0, 600))
def test_what_is_published_after_an_origin_changes_nothing_before_it(
    make_history: MakeHistory, seed: int, cut: int
) -> None:
    moment = START + timedelta(days=cut)
    histories = trio(make_history, seed)
    # Everything published later is gone, and so is every end that lies in the future.
    known = [
        replace(
            history,
            prints=tuple(
                replace(
                    p, superseded=None if p.superseded and p.superseded > moment else p.superseded
                )
                for p in history.prints
                if p.published <= moment
            ),
        )
        for history in histories
    ]
    readings = {"CPI": "growth", "GDP": "growth"}
    whole = align(histories, "M", start=START, end=END, readings=readings)
    past = align(known, "M", start=START, end=END, readings=readings)
    before = [row for row in whole.rows if row.moment <= moment]
    assert list(past.rows[: len(before)]) == before


@settings(max_examples=settings.default.max_examples // 3)
@given(seed=st.integers(0, 10**6), days=st.integers(1, 60))
def test_shifted_lags_shift_what_is_known_and_nothing_else(
    make_history: MakeHistory, seed: int, days: int
) -> None:
    """Every release later by some days: an origin then sees what it saw that many days before."""
    shift = timedelta(days=days)
    histories = trio(make_history, seed)
    late = [
        replace(
            history,
            prints=tuple(
                replace(
                    p,
                    published=p.published + shift,
                    superseded=None if p.superseded is None else p.superseded + shift,
                )
                for p in history.prints
            ),
        )
        for history in histories
    ]
    moments = align(histories, "M", start=START, end=END).columns()["origin"]
    shifted = align(late, moments=moments)  # type: ignore[arg-type]
    earlier = align(histories, moments=[m - shift for m in moments])  # type: ignore[operator]
    on_time = align(histories, moments=moments)  # type: ignore[arg-type]
    n_changed = 0
    for now, then, was in zip(shifted.rows, earlier.rows, on_time.rows, strict=True):
        values = {name: (cell.value, cell.period) for name, cell in now.cells.items()}
        assert values == {name: (cell.value, cell.period) for name, cell in then.cells.items()}
        must = any(
            (then.cells.get(name) and (then.cells[name].value, then.cells[name].period))
            != (was.cells.get(name) and (was.cells[name].value, was.cells[name].period))
            for name in was.cells
        )
        changed = values != {name: (cell.value, cell.period) for name, cell in was.cells.items()}
        assert changed == must
        n_changed += changed
    # Within a week a daily figure may not have come at any of the origins.
    assert n_changed > 0 or days < 7


def test_by_default_from_the_first_figure_to_the_last(make_history: MakeHistory) -> None:
    histories = trio(make_history, 3)
    rows = align(histories).rows
    published = [p.published for history in histories for p in history.prints]
    assert rows[0].moment <= min(published) < rows[1].moment
    assert rows[-1].moment <= max(published)
    assert period_end(rows[-1].moment, "M") > max(published)


def test_what_cannot_be_aligned(make_history: MakeHistory) -> None:
    one = make_history(1)
    with pytest.raises(DataError, match="alignment wants series, each once; got none"):
        align([])
    with pytest.raises(DataError, match="each once; got M1, M1"):
        align([one, one])
    with pytest.raises(DataError, match="has no prints: nothing to align"):
        align([replace(one, prints=())])
    with pytest.raises(DataError, match="has no time zone"):
        align([one], moments=[datetime(2024, 1, 1)])  # noqa: DTZ001
    with pytest.raises(DataError, match="is not after"):
        align([one], moments=[END, START])
    with pytest.raises(ConfigError, match="no reading 'log'"):
        align([one], readings={"M1": "log"})
