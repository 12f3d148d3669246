"""Histories and single vintages, over the local service."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from werkzeug import Response

from fg_core import ConfigError, DataError, SourceError
from fg_core.errors import SourceKeyError, UnknownSeriesError
from fg_data.fred import FredMacroAdapter

EVER = "9999-12-31"
DAY = timedelta(days=1)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.fixture
def levels(series):
    """Three months: two older than the archive, one revised, one new."""
    return series(
        [
            ("2024-01-01", "100.0", "2024-03-12", "2024-04-09"),
            ("2024-01-01", "100.5", "2024-04-10", EVER),
            ("2024-02-01", "101.0", "2024-03-12", EVER),
            ("2024-03-01", "102.0", "2024-04-10", EVER),
        ]
    )


# --------------------------------------------------------------------------------------- histories


def test_a_history_has_every_print(service, adapter, levels) -> None:
    service.series["CPIAUCSL"] = levels
    history = adapter.history("CPIAUCSL")
    assert (history.series_id, history.frequency, history.units) == ("CPIAUCSL", "M", "Index")
    assert history.assumed_before == utc("2024-03-13")
    assert [(p.period, p.value, p.published, p.superseded) for p in history.prints] == [
        # January's release is assumed by the lag (16 days after the month) ...
        (utc("2024-01-01"), 100.0, utc("2024-02-17"), utc("2024-04-11")),
        (utc("2024-01-01"), 100.5, utc("2024-04-11"), None),
        # ... February's would be by March 17, after the archive's first day: so that is it.
        (utc("2024-02-01"), 101.0, utc("2024-03-13"), None),
        (utc("2024-03-01"), 102.0, utc("2024-04-11"), None),
    ]
    assert "1 periods are older than the archive, which begins on 2024-03-12" in history.notes[0]
    assert service.paths("CPIAUCSL") == ["series", "series/vintagedates", "series/observations"]


def test_a_series_without_a_lag_is_known_from_the_archives_first_day_on(
    service, adapter, levels
) -> None:
    service.series["X1"] = levels
    assert adapter.history("X1").prints[0].published == utc("2024-03-13")
    assert adapter.history("X1").notes == ()
    lagged = adapter.history("X1", release_lag=10)
    assert lagged.prints[0].published == utc("2024-02-11")


def test_periods_are_cut_by_our_own_rule(service, adapter, levels) -> None:
    service.series["X1"] = levels
    for start, end in [
        (date(2024, 1, 15), date(2024, 2, 15)),  # the service sends January's row, too
        (utc("2024-01-15"), utc("2024-02-01")),
        (date(2024, 2, 1), date(2024, 2, 1)),
    ]:
        found = adapter.history("X1", start=start, end=end)
        assert {p.period for p in found.prints} == {utc("2024-02-01")}
    with pytest.raises(DataError, match="no rows of X1 from 2025-01-01; its periods go from 2024-"):
        adapter.history("X1", start=date(2025, 1, 1))
    with pytest.raises(DataError, match="start 2024-01-01 00:00:00 has no time zone"):
        adapter.history("X1", start=datetime(2024, 1, 1))  # noqa: DTZ001


def test_more_than_2000_vintages_are_asked_for_in_windows(service, adapter, series) -> None:
    days = [date(2010, 1, 1) + k * DAY for k in range(4321)]
    days = [day for day in days if day.weekday() < 5]
    rows = [(day.isoformat(), str(k), day.isoformat(), EVER) for k, day in enumerate(days)]
    service.series["T10YIE"] = series(rows, "Daily", "D")
    history = adapter.history("T10YIE")
    assert [(p.period.date(), p.value) for p in history.prints] == [
        (day, float(k)) for k, day in enumerate(days)
    ]
    assert all(p.published == p.period + DAY and p.superseded is None for p in history.prints)
    assert history.frequency == "B"
    windows = [
        (r["realtime_start"], r["realtime_end"])
        for r in service.requests
        if r["path"] == "series/observations"
    ]
    assert len(windows) == 2
    assert (windows[0][0], windows[-1][1]) == ("1776-07-04", EVER)
    assert windows[1][0] == days[1900].isoformat()


def test_a_week_begins_six_days_before_the_date_that_it_ends_on(service, adapter, series) -> None:
    # Weeks that end on a Saturday, out on the Thursday after.
    rows = [
        ("2024-06-01", "1", "2024-06-06", EVER),
        ("2024-06-08", "2", "2024-06-13", EVER),
        ("2024-06-15", "3", "2024-06-20", EVER),
    ]
    service.series["ICSA"] = series(rows, "Weekly, Ending Saturday", "W")
    history = adapter.history("ICSA")
    assert history.frequency == "W"
    assert [p.period for p in history.prints] == [
        utc("2024-05-26"),
        utc("2024-06-02"),
        utc("2024-06-09"),
    ]
    found = adapter.history("ICSA", start=date(2024, 6, 2), end=date(2024, 6, 2))
    assert [p.value for p in found.prints] == [2.0]


@pytest.mark.parametrize(
    ("frequency", "code", "weekend", "ours"),
    [
        ("Daily", "D", False, "B"),
        ("Daily", "D", True, "D"),
        ("Daily, 7-Day", "D", False, "D"),
        ("Daily, Close", "D", False, "B"),
        ("Annual", "A", False, "Y"),
        ("Quarterly, End of Period", "Q", False, "Q"),
    ],
)
def test_frequencies(service, adapter, series, frequency, code, weekend, ours) -> None:
    day = "2024-06-01" if weekend else "2024-06-03"
    service.series["X1"] = series([(day, "1", "2024-06-06", EVER)], frequency, code)
    assert adapter.history("X1").frequency == ours


@pytest.mark.parametrize(("frequency", "code"), [("Biweekly", "BW"), ("Semiannual", "SA")])
def test_a_frequency_that_is_none_of_ours_says_what_to_do(
    service, adapter, series, frequency, code
) -> None:
    service.series["X1"] = series([("2024-06-03", "1", "2024-06-06", EVER)], frequency, code)
    with pytest.raises(
        DataError, match=f"'X1' is {frequency.lower()}; .* ask the service for a lo"
    ):
        adapter.history("X1")


def test_a_series_that_is_not_archived_goes_by_the_lag_and_says_so(
    service, adapter, series
) -> None:
    rows = [("2024-09-01", "1.0", "2024-10-03", EVER), ("2024-10-01", "2.0", "2024-11-02", EVER)]
    service.series["X1"] = series(rows, archived=False)
    assert adapter.vintage_dates("X1") == ()
    with pytest.raises(DataError, match=r"no vintages in ALFRED, and no release lag .*release_lag"):
        adapter.history("X1")
    history = adapter.history("X1", release_lag=4)
    assert [(p.value, p.published) for p in history.prints] == [
        (1.0, utc("2024-10-05")),
        (2.0, utc("2024-11-03T12:00:00")),  # by the lag on November 5, which has not come yet
    ]
    assert history.assumed_before == utc("2024-11-03T12:00:00")
    assert "no vintages in ALFRED" in history.notes[0]


def test_a_history_in_which_a_parameter_was_ignored_is_not_taken(service, adapter, levels) -> None:
    service.series["X1"] = levels

    def today_only(request) -> Response | None:
        if request.path.endswith("observations"):
            rows = [
                {"realtime_start": "2024-11-03", "realtime_end": "2024-11-03",
                 "date": "2024-01-01", "value": "100.5"}
            ]  # fmt: skip
            import json

            body = {"count": 1, "offset": 0, "observations": rows}
            return Response(json.dumps(body), content_type="application/json")
        return None

    service.before = today_only
    with pytest.raises(SourceError, match="ignored the real-time period"):
        adapter.history("X1")


def test_a_history_that_is_all_dots_has_no_value_but_is_one(service, adapter, series) -> None:
    service.series["X1"] = series([("2024-01-01", ".", "2024-02-12", EVER)])
    history = adapter.history("X1")
    assert [p.value for p in history.prints] == [None]
    assert history.first_prints() == ()


# ------------------------------------------------------------------------------------ one vintage


def test_a_snapshot_is_the_vintage_of_a_day(service, adapter, levels) -> None:
    service.series["CPIAUCSL"] = levels
    service.requests.clear()
    found = adapter.snapshot("CPIAUCSL", as_of=date(2024, 4, 9))
    assert [(p.period, p.value) for p in found.prints] == [
        (utc("2024-01-01"), 100.0),
        (utc("2024-02-01"), 101.0),
    ]
    (asked,) = [r for r in service.requests if r["path"] == "series/observations"]
    assert (asked["realtime_start"], asked["realtime_end"]) == ("2024-04-09", "2024-04-09")
    assert found.assumed_before == utc("2024-04-10")
    # Known when it was, as far as the lag goes, and never after the vintage.
    assert [p.published for p in found.prints] == [utc("2024-02-17"), utc("2024-03-17")]
    assert "one vintage (as of 2024-04-09)" in found.notes[0]


def test_a_snapshot_is_what_the_history_says_was_known(service, adapter, levels) -> None:
    service.series["X1"] = levels
    history = adapter.history("X1")
    for as_of in (
        utc("2024-03-13"),
        utc("2024-04-10T23:59:59"),
        utc("2024-04-11"),
        date(2024, 4, 10),
        utc("2024-11-03T12:00:00"),
    ):
        moment = as_of if isinstance(as_of, datetime) else utc(as_of.isoformat()) + DAY
        known = {one.period: one.value for one in history.as_of(moment)}
        found = adapter.snapshot("X1", as_of=as_of)
        assert {p.period: p.value for p in found.prints} == known


def test_a_day_that_is_not_over_is_not_asked_for(service, adapter, levels) -> None:
    service.series["X1"] = levels
    adapter.snapshot("X1", as_of=date(2024, 11, 3))  # today, until noon
    adapter.snapshot("X1", as_of=utc("2030-01-01"))
    asked = [r["realtime_end"] for r in service.requests if r["path"] == "series/observations"]
    assert asked == ["2024-11-02", "2024-11-02"]


def test_the_latest_snapshot_names_no_day(service, adapter, levels) -> None:
    service.series["X1"] = levels
    found = adapter.snapshot("X1", release_lag=16)
    assert [p.value for p in found.prints] == [100.5, 101.0, 102.0]
    (asked,) = [r for r in service.requests if r["path"] == "series/observations"]
    assert "realtime_start" not in asked
    assert found.assumed_before == utc("2024-11-03T12:00:00")


def test_transformations_at_the_service_are_asked_for_and_named(service, adapter, levels) -> None:
    service.series["X1"] = levels
    found = adapter.snapshot("X1", units="pca", frequency="Q", aggregation="eop")
    (asked,) = [r for r in service.requests if r["path"] == "series/observations"]
    assert (asked["units"], asked["frequency"], asked["aggregation_method"]) == ("pca", "q", "eop")
    assert found.frequency == "Q"
    assert found.units == "compounded annual rate of change (last value of monthly Index)"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"units": "percent"}, "units 'percent' are not known"),
        ({"frequency": "W"}, "cannot be made weekly"),
        ({"frequency": "m"}, "cannot be made 'm'"),
        ({"frequency": "Q", "aggregation": "mean"}, "aggregation is one of avg, sum, eop"),
    ],
)
def test_what_the_service_cannot_do_is_not_asked(service, adapter, asked, said) -> None:
    with pytest.raises(ConfigError, match=said):
        adapter.snapshot("X1", **asked)
    assert service.requests == []


def test_before_the_archive_there_is_no_vintage(service, adapter, levels) -> None:
    service.series["X1"] = levels
    with pytest.raises(DataError, match="'X1' is not in the archive as of 2024-03-11"):
        adapter.snapshot("X1", as_of=date(2024, 3, 11))


def test_a_vintage_that_was_ignored_is_not_taken(service, adapter, levels) -> None:
    service.series["X1"] = levels

    def without_realtime(request) -> Response | None:
        if not request.path.endswith("observations"):
            return None
        rows = [
            {"realtime_start": "2024-11-02", "realtime_end": "2024-11-02",
             "date": "2024-01-01", "value": "1"}
        ]  # fmt: skip
        import json

        body = {"count": 1, "offset": 0, "observations": rows}
        return Response(json.dumps(body), content_type="application/json")

    service.before = without_realtime
    with pytest.raises(SourceError, match="ignored the real-time period"):
        adapter.snapshot("X1", as_of=date(2024, 4, 9))


# -------------------------------------------------------------------------------- around the data


def test_dates_tags_and_metadata(service, adapter, levels) -> None:
    service.series["X1"] = levels
    assert adapter.vintage_dates("X1") == (date(2024, 3, 12), date(2024, 4, 10))
    assert [(tag.name, tag.group) for tag in adapter.tags("X1")] == [("public domain", "cc")]
    about = adapter.metadata("X1")
    assert (about.title, about.is_seasonally_adjusted) == ("Title of X1", True)
    assert about.last_updated.isoformat() == "2024-10-30T07:54:01-05:00"


def test_an_unknown_series_and_a_bad_key_are_typed(service, quick, levels) -> None:
    service.series["X1"] = levels
    wrong = FredMacroAdapter(api_key="x" * 32, base_url=service.url, transport=quick)
    with pytest.raises(SourceKeyError, match="FRED_API_KEY"):
        wrong.history("X1")
    assert "x" * 32 not in repr(wrong)


def test_an_unknown_series(adapter) -> None:
    with pytest.raises(UnknownSeriesError, match="FRED has no series 'NOPE'"):
        adapter.history("NOPE")


def test_the_key_is_read_from_the_environment_at_every_call(
    service, quick, key, levels, monkeypatch, recwarn
) -> None:
    service.series["CPIAUCSL"] = levels
    late = FredMacroAdapter(base_url=service.url, transport=quick)
    assert not late.has_key
    monkeypatch.setenv("FRED_API_KEY", f" {key}\n")
    assert late.has_key
    assert len(late.history("CPIAUCSL").prints) == 4
    assert len(recwarn) == 0
    monkeypatch.setenv("FRED_API_KEY", "  ")
    assert not late.has_key


def test_the_base_address_may_come_from_the_environment(
    service, quick, key, levels, monkeypatch
) -> None:
    service.series["X1"] = levels
    monkeypatch.setenv("FRED_BASE_URL", service.url + "/")
    assert len(FredMacroAdapter(api_key=key, transport=quick).history("X1").prints) == 4
    # An address that was given in the program goes before it.
    monkeypatch.setenv("FRED_BASE_URL", "https://fred.invalid")
    given = FredMacroAdapter(api_key=key, transport=quick, base_url=service.url)
    assert len(given.history("X1").prints) == 4
