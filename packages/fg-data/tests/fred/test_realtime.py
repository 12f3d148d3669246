from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fg_core import SourceError
from fg_data.fred.realtime import (
    known_from,
    last_known_day,
    merge_windows,
    prints_of,
    realtime_windows,
)
from fg_data.fred.wire import FIRST_DAY, LAST_DAY, Row
from fg_data.readings import log_growth
from fg_data.training.rows import own_values
from fg_data.vintages import VintageHistory

DAY = timedelta(days=1)
DAYS = st.dates(date(1990, 1, 1), date(2030, 1, 1))
VINTAGES = st.sets(DAYS, min_size=1, max_size=40).map(sorted)


@given(DAYS, st.integers(0, 24 * 3600 - 1))
def test_a_day_is_known_when_it_is_over_and_not_before(day: date, seconds: int) -> None:
    moment = known_from(day)
    assert last_known_day(moment) == day
    assert last_known_day(moment + timedelta(seconds=seconds)) == day
    assert last_known_day(moment - timedelta(microseconds=1)) == day - DAY


@given(VINTAGES, st.integers(1, 12))
def test_windows_cover_all_days_once_and_hold_few_vintages(vintages: list[date], size: int) -> None:
    windows = realtime_windows(vintages, size)
    assert windows[0][0] == FIRST_DAY
    assert windows[-1][1] == LAST_DAY
    for (_, end), (start, _) in pairwise(windows):
        assert start == end + DAY
        assert start in vintages
    for start, end in windows:
        assert sum(start <= day <= end for day in vintages) <= size
    assert len(windows) == -(-len(vintages) // size)


@st.composite
def archives(draw: st.DrawFn) -> tuple[list[date], list[Row]]:
    """Vintage dates, and rows that change on them only, never twice the same in succession."""
    vintages = draw(VINTAGES)
    rows: list[Row] = []
    for number in range(draw(st.integers(1, 5))):
        day = date(1985, 1, 1) + number * timedelta(days=31)
        before: object = "gone"
        begin: date | None = None
        for vintage in vintages:
            now = draw(st.sampled_from(["same", "gone", None, 1.0, 2.0]))
            if now == "same" or now == before:
                continue
            if begin is not None and before != "gone":
                rows.append(Row(day, before, begin, vintage - DAY))  # type: ignore[arg-type]
            before, begin = now, vintage
        if begin is not None and before != "gone":
            rows.append(Row(day, before, begin, LAST_DAY))  # type: ignore[arg-type]
    return vintages, rows


def clipped(rows: list[Row], start: date, end: date) -> list[Row]:
    """What the service answers for a window: rows that hold in it, cut to it."""
    return [
        Row(row.day, row.value, max(row.first, start), min(row.last, end))
        for row in rows
        if row.first <= end and row.last >= start
    ]


@given(archives(), st.integers(1, 9))
def test_rows_that_windows_cut_are_whole_again(
    archive: tuple[list[date], list[Row]], size: int
) -> None:
    vintages, rows = archive
    windows = realtime_windows(vintages, size)
    parts = [clipped(rows, *window) for window in windows]
    if rows and all(row.last != LAST_DAY for row in rows):
        return  # a series of which nothing is left; the next test
    assert list(merge_windows(windows, parts, vintages, what="x")) == rows


def merged(*rows: Row) -> tuple[Row, ...]:
    vintages = [date(2024, 1, 5), date(2024, 2, 5)]
    return merge_windows(realtime_windows(vintages, 10), [rows], vintages, what="x")


def test_rows_of_today_in_place_of_a_history_are_noticed() -> None:
    today = date(2024, 2, 9)
    with pytest.raises(SourceError, match="no value holds today"):
        merged(Row(date(2024, 1, 1), 1.0, today, today))
    with pytest.raises(SourceError, match="on which the series did not change"):
        merged(Row(date(2024, 1, 1), 1.0, date(2024, 1, 20), LAST_DAY))


def test_a_vintage_that_came_between_two_requests_is_taken() -> None:
    row = Row(date(2024, 1, 1), 1.0, date(2024, 2, 9), LAST_DAY)
    assert merged(row) == (row,)


def test_values_that_hold_at_once_are_noticed() -> None:
    with pytest.raises(SourceError, match="two values of 2024-01-01 hold on 2024-02-05"):
        merged(
            Row(date(2024, 1, 1), 1.0, date(2024, 1, 5), date(2024, 2, 5)),
            Row(date(2024, 1, 1), 2.0, date(2024, 2, 5), LAST_DAY),
        )


def test_rows_outside_their_window_are_noticed() -> None:
    vintages = [date(2024, 1, 5), date(2024, 2, 5)]
    windows = realtime_windows(vintages, 1)
    late = Row(date(2024, 1, 1), 1.0, date(2024, 2, 5), LAST_DAY)
    with pytest.raises(SourceError, match="outside the days asked for"):
        merge_windows(windows, [[late], []], vintages, what="x")


def at(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def test_what_is_older_than_the_archive_is_dated_by_the_lag_and_nothing_else_is() -> None:
    begin = date(2024, 3, 15)
    rows = [
        Row(date(2023, 12, 1), 1.0, begin, date(2024, 4, 14)),  # older, revised later
        Row(date(2023, 12, 1), 1.5, date(2024, 4, 15), LAST_DAY),
        Row(date(2024, 1, 1), 2.0, date(2024, 4, 15), LAST_DAY),  # older, but of a later vintage
        Row(date(2024, 2, 1), 3.0, begin, LAST_DAY),  # new in the first vintage
        Row(date(2024, 3, 1), 4.0, date(2024, 4, 15), LAST_DAY),  # new
    ]
    prints = prints_of(
        rows, period_of=at, first_vintage=begin, release=lambda period: period + 50 * DAY
    )
    assert [one.published for one in prints] == [
        at(date(2024, 1, 20)),
        at(date(2024, 4, 16)),
        at(date(2024, 4, 16)),
        at(date(2024, 3, 16)),  # its lag ends after the archive's first day
        at(date(2024, 4, 16)),
    ]
    assert prints[0].superseded == at(date(2024, 4, 16))
    unknown = prints_of(rows, period_of=at, first_vintage=begin, release=lambda period: None)
    assert [one.published for one in unknown] == [known_from(row.first) for row in rows]


def test_a_period_newer_than_the_first_vintage_is_never_dated_by_a_lag() -> None:
    # Its release was put off (a shutdown); the lag would make it known before it was.
    begin = date(2024, 3, 15)
    rows = [
        Row(date(2024, 1, 1), 1.0, begin, LAST_DAY),
        Row(date(2024, 2, 1), 2.0, date(2024, 5, 1), LAST_DAY),
    ]
    prints = prints_of(
        rows, period_of=at, first_vintage=begin, release=lambda period: period + 5 * DAY
    )
    assert prints[1].published == at(date(2024, 5, 2))


@given(archives(), st.integers(0, 4000))
def test_nothing_but_the_first_vintage_counts_before_the_archive_had_it(
    archive: tuple[list[date], list[Row]], lag: int
) -> None:
    vintages, rows = archive
    prints = prints_of(
        rows, period_of=at, first_vintage=vintages[0], release=lambda period: period + lag * DAY
    )
    for row, one in zip(rows, prints, strict=True):
        if row.first == vintages[0]:
            assert one.published == min(known_from(row.first), at(row.day) + lag * DAY)
        else:
            assert one.published == known_from(row.first)


@given(archives(), st.data(), st.integers(0, 4000))
def test_what_the_archive_took_in_later_changes_nothing_that_was_known_before(
    archive: tuple[list[date], list[Row]], data: st.DataObject, lag: int
) -> None:
    vintages, rows = archive
    cut = data.draw(st.sampled_from(vintages))
    earlier = [
        replace(row, last=LAST_DAY if row.last >= cut else row.last)
        for row in rows
        if row.first <= cut
    ]
    whole, begun = (
        VintageHistory(
            "X",
            "M",
            "Index",
            prints_of(
                some,
                period_of=at,
                first_vintage=vintages[0],
                release=lambda period: period + lag * DAY,
            ),
        )
        for some in (rows, earlier)
    )
    moments = {known_from(cut), *(one.published for one in whole.prints)}
    for moment in sorted(moment for moment in moments if moment <= known_from(cut)):
        assert whole.as_of(moment) == begun.as_of(moment)


def test_growth_over_the_border_of_an_archive_that_was_extended_is_of_one_vintage() -> None:
    """An index of base 1982 is rebased to 1967 on the day on which its earlier years come in."""
    begin, extended = date(2024, 3, 15), date(2024, 6, 15)
    rows = [
        Row(date(1990, 1, 1), 290.0, extended, LAST_DAY),  # came in with the new base
        Row(date(1990, 2, 1), 100.0, begin, extended - DAY),
        Row(date(1990, 2, 1), 300.0, extended, LAST_DAY),
        Row(date(1990, 3, 1), 101.0, begin, extended - DAY),
        Row(date(1990, 3, 1), 303.0, extended, LAST_DAY),
    ]
    prints = prints_of(
        rows, period_of=at, first_vintage=begin, release=lambda period: period + 40 * DAY
    )
    history = VintageHistory("X", "M", "Index", prints, known_from(begin))
    grown = {known.period.date(): known for known in own_values(history, "growth", "M")}
    # 300 / 290 of one vintage, known when both were; not 100 / 290, 34 years too early.
    assert grown[date(1990, 2, 1)].value == log_growth(300.0, 290.0, 12)
    assert grown[date(1990, 2, 1)].available_at == known_from(extended)
    assert grown[date(1990, 3, 1)].value == log_growth(101.0, 100.0, 12)
