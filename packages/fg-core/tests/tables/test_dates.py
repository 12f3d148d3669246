"""Dates in one form, and zones that agree."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fg_core import DataError
from fg_core.tables.dates import dates_of, moments_of
from fg_core.tables.labels import Column, Labels
from fg_core.tables.midnights import local_midnights

NAIVE = datetime(2001, 7, 31)  # noqa: DTZ001 - as people have them


def column(*cells: Any) -> Column:
    return Column("ds", cells, Labels("t.csv", range(2, 2 + len(cells))))


@pytest.mark.parametrize(
    ("cell", "form", "moment"),
    [
        ("2001", "a year", (2001, 1, 1)),
        (2001, "a year", (2001, 1, 1)),
        (2001.0, "a year", (2001, 1, 1)),
        (np.int64(2001), "a year", (2001, 1, 1)),
        ("2001Q3", "a quarter", (2001, 7, 1)),
        ("2001-q4", "a quarter", (2001, 10, 1)),
        (pd.Period("2001Q3"), "a quarter", (2001, 7, 1)),
        ("2001-07", "a month", (2001, 7, 1)),
        (pd.Period("2001-07"), "a month", (2001, 7, 1)),
        (" 2001-07-31 ", "a date", (2001, 7, 31)),
        (date(2001, 7, 31), "a date", (2001, 7, 31)),
        ("2001-07-31 16:30", "a date with a time", (2001, 7, 31, 16, 30)),
        ("2001-07-31T16:30:05.123456789Z", "a date with a time", (2001, 7, 31, 16, 30, 5, 123456)),
        ("2001-07-31 00:00:00+02:00", "a date with a time", (2001, 7, 31)),
        (NAIVE, "a date with a time", (2001, 7, 31)),
        (pd.Timestamp("2001-07-31 01:02"), "a date with a time", (2001, 7, 31, 1, 2)),
        (pd.Timestamp("2001-07-31", tz="Europe/Berlin"), "a date with a time", (2001, 7, 31)),
    ],
)
def test_forms(cell: Any, form: str, moment: tuple[int, ...]) -> None:
    found = dates_of(column(cell))
    assert found.form == form
    assert found.moments == (datetime(*moment),)  # type: ignore[arg-type] # noqa: DTZ001
    assert type(found.moments[0]) is datetime


@given(st.datetimes(timezones=st.sampled_from([None, UTC, ZoneInfo("Asia/Kolkata")])))
def test_iso_dates_read_back(moment: datetime) -> None:
    if moment.year >= 1950:  # before, offsets had seconds
        for cell in (moment.isoformat(), moment.isoformat(" "), moment):
            found = dates_of(column(cell))
            assert found.moments == (moment.replace(tzinfo=None),)
            assert found.offsets == (moment.utcoffset(),)


def test_summer_time_is_one_zone() -> None:
    stamps = pd.date_range("2001-01-01", "2001-12-01", freq="MS", tz="Europe/Berlin")
    for cells in (stamps.tolist(), [str(stamp) for stamp in stamps]):
        found = dates_of(column(*cells))
        assert {moment.day for moment in found.moments} == {1}
        assert set(found.offsets) == {timedelta(hours=1), timedelta(hours=2)}


@pytest.mark.parametrize(
    ("cell", "form", "day"),
    [
        ("20160131", "a date", "2016-01-31"),
        (20160131, "a date", "2016-01-31"),
        ("201601", "a month", "2016-01-01"),
        ("2016M1", "a month", "2016-01-01"),
        ("2016-M12", "a month", "2016-12-01"),
        ("Jan-16", "a month", "2016-01-01"),
        ("January 1970", "a month", "1970-01-01"),
        ("dec 68", "a month", "2068-12-01"),
        ("DEC-69", "a month", "1969-12-01"),
        ("Q3 1995", "a quarter", "1995-07-01"),
        ("1995 Q3", "a quarter", "1995-07-01"),
        ("2021-W01", "a date", "2021-01-04"),
        ("2020W53", "a date", "2020-12-28"),
    ],
)
def test_unambiguous_foreign_forms_are_read_and_named(cell: object, form: str, day: str) -> None:
    found = dates_of(column(cell))
    assert found.form == form
    assert found.moments[0].date().isoformat() == day
    assert found.foreign == (cell if isinstance(cell, str) else "")


@pytest.mark.parametrize(
    ("cell", "date_format", "form", "day"),
    [
        ("01/02/2016", "%d/%m/%Y", "a date", "2016-02-01"),
        ("01/02/2016", "%m/%d/%Y", "a date", "2016-01-02"),
        ("1.2.16", "%d.%m.%y", "a date", "2016-02-01"),
        ("2/2016", "%m/%Y", "a month", "2016-02-01"),
        (311216, "%d%m%y", "a date", "2016-12-31"),
        ("31/12/2016 23:30", "%d/%m/%Y %H:%M", "a date with a time", "2016-12-31"),
    ],
)
def test_a_form_that_is_named_is_read(cell: object, date_format: str, form: str, day: str) -> None:
    found = dates_of(column(cell), date_format)
    assert (found.form, found.foreign) == (form, "")
    assert found.moments[0].date().isoformat() == day


def test_a_cell_of_another_form_than_the_named_one_is_refused() -> None:
    with pytest.raises(DataError, match=r"row 2 .*'2016-02-01' has not the form %d/%m/%Y"):
        dates_of(column("01/01/2016", "2016-02-01"), "%d/%m/%Y")


def test_own_forms_are_not_foreign() -> None:
    for cell in ("2001", "2001Q3", "2001-07", "2001-07-31", "2001-07-31T00:00"):
        assert dates_of(column(cell)).foreign == ""


_LIKE = "is not a date; write dates like 2001, 2001Q3, 2001-07, 2001-07-31, 2001-07-31T00:00"


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (
            ["01/02/2001"],
            "row 1 (line 2), column 'ds': '01/02/2001' leaves open what is the day and what the "
            "month; say it with date_format (--date-format '%d/%m/%Y' or '%m/%d/%Y')",
        ),
        (
            ["2001-01-01", "02.01.2001"],
            "row 2 (line 3), column 'ds': '02.01.2001' has another form than '2001-01-01' in row 1 "
            "(line 2) (there are 1 and 1 such dates); write all dates in one form",
        ),
        (["2001-02-30"], "row 1 (line 2), column 'ds': '2001-02-30' is not in the calendar"),
        (["2001-13"], "row 1 (line 2), column 'ds': '2001-13' is not in the calendar"),
        (["2001Q5"], f"row 1 (line 2), column 'ds': '2001Q5' {_LIKE}"),
        (["20010231"], "row 1 (line 2), column 'ds': '20010231' is not in the calendar"),
        (["1/2001"], f"row 1 (line 2), column 'ds': '1/2001' {_LIKE}"),
        ([2001.5], f"row 1 (line 2), column 'ds': '2001.5' {_LIKE}"),
        ([True], f"row 1 (line 2), column 'ds': 'True' {_LIKE}"),
        (["٢٠٠١"], f"row 1 (line 2), column 'ds': '٢٠٠١' {_LIKE}"),
        (
            ["2001-01-01", ""],
            "row 2 (line 3), column 'ds': no date; give one, or leave the row out",
        ),
        ([pd.NaT], "row 1 (line 2), column 'ds': no date; give one, or leave the row out"),
        (
            ["2001-01-31", "2001-02-28", "2001Q2"],
            "row 3 (line 4), column 'ds': '2001Q2' is a quarter and '2001-01-31' in row 1 (line 2) "
            "is a date; write all dates in one form",
        ),
        (
            ["2001-01-01T00:00Z", "2001-01-02T00:00"],
            "row 2 (line 3), column 'ds': time zones mixed: '2001-01-01T00:00Z' in row 1 (line 2) "
            "has one and '2001-01-02T00:00' in row 2 (line 3) has none; write all dates in one "
            "zone, or all without",
        ),
        (
            ["2001-01-01T00:00", "2001-01-02T00:00Z"],
            "row 2 (line 3), column 'ds': time zones mixed: '2001-01-02T00:00Z' in row 2 (line 3) "
            "has one and '2001-01-01T00:00' in row 1 (line 2) has none; write all dates in one "
            "zone, or all without",
        ),
        (
            ["2001-01-01T00:00+01:00", "2001-01-02T00:00+02:00", "2001-01-03T00:00-05:00"],
            "row 3 (line 4), column 'ds': time zones mixed: '2001-01-03T00:00-05:00' in row 3 "
            "(line 4) and '2001-01-02T00:00+02:00' in row 2 (line 3); write all dates in one zone",
        ),
    ],
)
def test_what_is_no_date_or_another_form_is_named(cells: list[Any], message: str) -> None:
    with pytest.raises(DataError) as caught:
        dates_of(column(*cells))
    assert str(caught.value) == f"t.csv, {message}"


def test_moments_are_in_utc() -> None:
    expected = [datetime(2001, 4, 8, tzinfo=UTC), datetime(2001, 5, 8, tzinfo=UTC)]
    assert moments_of(column("2001-04-08", "2001-05-08")) == expected
    zone = timezone(timedelta(hours=2))
    assert moments_of(column(datetime(2001, 4, 8, 2, tzinfo=zone))) == expected[:1]


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("2001Q3", "'2001Q3' is a quarter; a moment is a date such as 2001-07-31"),
        ("0001-01-01T00:00+12:00", "a date is outside the calendar"),
    ],
)
def test_what_is_no_moment_is_named(cell: str, message: str) -> None:
    with pytest.raises(DataError) as caught:
        moments_of(column(cell))
    assert str(caught.value) == f"t.csv, row 1 (line 2), column 'ds': {message}"


@pytest.mark.parametrize(
    ("cells", "days"),
    [
        (("1995:3", "1995:4", "1996:1"), ["1995-07-01", "1995-10-01", "1996-01-01"]),
        (("1995:01", "1995:04", "1996:01"), ["1995-01-01", "1995-10-01", "1996-01-01"]),
        (("1995:01", "1995:05"), ["1995-01-01", "1995-05-01"]),
        (("1995:9", "1995:10"), ["1995-09-01", "1995-10-01"]),
        (("1995-4", "1996-1"), ["1995-10-01", "1996-01-01"]),
        (("1995/9", "1995/10"), ["1995-09-01", "1995-10-01"]),
        (("1995-01", "1995-04", "1996-01"), ["1995-01-01", "1995-04-01", "1996-01-01"]),
    ],
)
def test_numbers_after_a_year_are_told_from_the_column(
    cells: tuple[str, ...], days: list[str]
) -> None:
    assert [m.date().isoformat() for m in dates_of(column(*cells)).moments] == days


def test_a_number_after_a_year_that_stays_open_is_refused() -> None:
    with pytest.raises(DataError, match=r"'1995-1' leaves open whether 1 is a quarter or a month"):
        dates_of(column("1995-1", "1995-2"))


@pytest.mark.parametrize(
    ("cell", "end", "form", "day"),
    [
        ("FY2020", None, "a fiscal year", "2020-01-01"),
        ("fy 20", 6, "a fiscal year", "2020-01-01"),
        ("FY2019/20", None, "a fiscal year", "2020-01-01"),
        ("FY2020Q1", 9, "a fiscal quarter", "2019-10-01"),
        ("FY2020Q4", 9, "a fiscal quarter", "2020-07-01"),
        ("Q1 FY2020", 1, "a fiscal quarter", "2019-04-01"),
        ("Q1 FY2020", 12, "a fiscal quarter", "2020-01-01"),
    ],
)
def test_fiscal_periods_stand_for_what_they_end_in(
    cell: str, end: int | None, form: str, day: str
) -> None:
    found = dates_of(column(cell), fiscal_year_end=end)
    assert (found.form, found.foreign) == (form, cell)
    assert found.moments[0].date().isoformat() == day


def test_a_fiscal_quarter_needs_the_end_of_its_year() -> None:
    with pytest.raises(DataError, match=r"fiscal_year_end \(--option fiscal_year_end=9\)"):
        dates_of(column("FY2020Q1"))
    with pytest.raises(DataError, match="is no fiscal year"):
        dates_of(column("FY2019/21"))


@pytest.mark.parametrize("freq", ["W-SUN", "W-WED", "Q-DEC", "Q-JUN", "Q-NOV", "Y-DEC", "Y-JUN"])
def test_periods_of_pandas_come_back_from_the_dates_that_they_are_read_as(freq: str) -> None:
    periods = pd.period_range("2019-03-01", periods=9, freq=freq)
    found = dates_of(column(*periods))
    assert len(set(found.moments)) == 9
    assert list(pd.DatetimeIndex(found.moments).to_period(freq)) == list(periods)
    if freq.startswith("W"):
        assert found.moments == tuple(period.start_time.to_pydatetime() for period in periods)


@given(
    zone=st.sampled_from(["Europe/Berlin", "Europe/London", "Europe/Athens", "Europe/Paris"]),
    start=st.dates(date(1997, 1, 1), date(2030, 1, 1)),
    step=st.integers(1, 40),
)
def test_midnights_of_europe_in_utc_are_their_days(zone: str, start: date, step: int) -> None:
    days = [start + timedelta(days=k * step) for k in range(60)]
    local = [datetime(d.year, d.month, d.day, tzinfo=ZoneInfo(zone)) for d in days]
    in_utc = [moment.astimezone(UTC) for moment in local]
    for cells in (in_utc, [moment.isoformat().replace("+00:00", "Z") for moment in in_utc]):
        found = dates_of(column(*cells))
        assert [moment.date() for moment in found.moments] == days
        assert found.offsets == tuple(moment.utcoffset() for moment in local)
        assert bool(found.shifted) == any(moment.hour for moment in in_utc)
    assert moments_of(column(*in_utc)) == in_utc


def test_closing_times_in_utc_are_no_midnights() -> None:
    new_york = [
        datetime(2021, m, 15, 16, tzinfo=ZoneInfo("America/New_York")) for m in range(1, 13)
    ]
    in_utc = [moment.astimezone(UTC) for moment in new_york]
    assert {moment.hour for moment in in_utc} == {20, 21}
    assert local_midnights([moment.replace(tzinfo=None) for moment in in_utc]) is None
    assert dates_of(column(*in_utc)).shifted == ""
    always = [datetime(2021, m, 15, 22, tzinfo=UTC) for m in range(1, 13)]
    assert dates_of(column(*always)).shifted == ""


@pytest.mark.parametrize(
    ("cells", "form"),
    [
        (("01/02/2016", "13/02/2016"), "%d/%m/%Y"),
        (("01.02.16", "02.13.16"), "%m.%d.%y"),
        (("1/2/2016 0:00", "1/13/2016 0:00"), "%m/%d/%Y %H:%M"),
    ],
)
def test_the_refusal_shows_the_only_form_that_fits(cells: tuple[str, ...], form: str) -> None:
    with pytest.raises(DataError) as caught:
        dates_of(column(*cells))
    assert f"--date-format '{form}')" in str(caught.value)
    assert len(dates_of(column(*cells), form).moments) == 2


def test_numbers_of_days_in_a_spreadsheet_are_named() -> None:
    with pytest.raises(DataError, match=r"'44197\.0' may be the number of a day in a spreadsheet"):
        dates_of(column(44197.0))
