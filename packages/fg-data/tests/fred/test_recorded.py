"""Recorded responses, served by a local server as they were sent, against the raw bodies.

What is expected is computed here from the raw JSON, by other code than that under test.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from fg_core import SourceError
from fg_core.errors import SourceKeyError, SourceRateError, UnknownSeriesError
from fg_data.fred import FredMacroAdapter
from fg_data.fred.client import FredClient
from fg_data.fred.realtime import prints_of
from fg_data.fred.wire import read_observations, read_release_dates, read_series_list
from fg_data.histories import series_details
from fg_data.level_shifts import level_shifts
from fg_data.release_lags import RELEASE_LAGS
from fg_data.vintages import VintageHistory, day_of_news

DAY = timedelta(days=1)
OBSERVATIONS = "fred/series_observations_"
ONE_VINTAGE = [
    "APU0000708111_m_eop_2024-06-28",
    "CPIAUCSL_from2000_rt2026-03-11",
    "CPIAUCSL_from2000_rt2026-04-10",
    "CPIAUCSL_from2000_rt2026-07-14",
    "FEDFUNDS_from2000_rt2026-04-01",
    "FEDFUNDS_from2000_rt2026-07-01",
    "GDP_from2000_rt2026-03-14",
    "GDP_rt2024-10-30",
    "PAYEMS_from2000_rt2026-04-03",
    "PAYEMS_from2000_rt2026-05-08",
    "SOFR_2024-06-03_2024-06-06",
    "T10YIE_2003-01-02_2003-06-10_rebuilt",
    "T10YIE_from2024_rebuilt",
    "UNRATE_from2000_rt2026-04-03",
    "UNRATE_from2000_rt2026-06-05",
    "UNRATE_from2000_rt2026-07-02",
]
GDP_HISTORY = "alfred/series_observations_GDP_realtime_1776_to_2019-01-01.json"


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text + "T00:00:00+00:00")


@pytest.fixture
def client(httpserver, quick, key) -> FredClient:
    return FredClient(httpserver.url_for("/fred"), key, quick)


# ------------------------------------------------------------------------------ bodies, one by one


@pytest.mark.parametrize("name", ONE_VINTAGE)
def test_values_dates_and_missing_marks_are_those_of_the_body(
    client, httpserver, recorded, name
) -> None:
    file = f"{OBSERVATIONS}{name}.json"
    recorded.serve(httpserver, "/fred/series/observations", file)
    raw = recorded.json(file)["observations"]
    rows = client.observations(name.partition("_")[0])
    assert len(rows) == len(raw)
    for row, sent in zip(rows, raw, strict=True):
        assert row.day.isoformat() == sent["date"]
        assert (row.value is None) == (sent["value"] == ".")
        if row.value is not None:
            # As decimals, not as text: some values come padded with zeros.
            assert row.value == float(sent["value"])
        assert (row.first.isoformat(), row.last.isoformat()) == (
            sent["realtime_start"],
            sent["realtime_end"],
        )


def test_padded_decimals_are_the_same_number(recorded) -> None:
    raw = recorded.json("fred/series_observations_FEDFUNDS_from2000_rt2026-07-01.json")
    lengths = {len(row["value"].partition(".")[2]) for row in raw["observations"]}
    assert len(lengths) > 1  # else the recording would not show it
    page = read_observations(
        recorded.body("fred/series_observations_FEDFUNDS_from2000_rt2026-07-01.json"), what="x"
    )
    assert all(
        row.value is not None and row.value == round(row.value, 2) and row.value < 20
        for row in page.items
    )


def test_a_month_that_was_never_collected_is_missing_and_not_zero(recorded) -> None:
    for name in ("CPIAUCSL_from2000_rt2026-07-14", "UNRATE_from2000_rt2026-07-02"):
        page = read_observations(recorded.body(f"{OBSERVATIONS}{name}.json"), what="x")
        missing = [row.day for row in page.items if row.value is None]
        assert missing == [date(2025, 10, 1)]


def test_descending_rows_are_read_as_a_page_but_not_taken_for_an_answer(
    client, httpserver, recorded
) -> None:
    file = "fred/series_observations_UNRATE_desc_limit36_rt2026-08-07.json"
    page = read_observations(recorded.body(file), what="x")
    raw = recorded.json(file)
    assert (page.count, len(page.items)) == (raw["count"], len(raw["observations"])) == (943, 36)
    assert [row.day.isoformat() for row in page.items] == [r["date"] for r in raw["observations"]]
    # Asked for more pages, this recording only repeats its first one, which is noticed.
    recorded.serve(httpserver, "/fred/series/observations", file)
    with pytest.raises(SourceError, match="from number 36 on were asked for, those from 0 on came"):
        client.observations("UNRATE")


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("GDP", "fred/series_GDP_rt2024-10-30.json"),
        ("CPIAUCSL", "fred/series_CPIAUCSL_rebuilt_from_release_series.json"),
        ("FEDFUNDS", "fred/series_FEDFUNDS_rebuilt_from_series_updates.json"),
        ("T10YIE", "fred/series_T10YIE_rebuilt_from_series_updates.json"),
    ],
)
def test_metadata(client, httpserver, recorded, name, file) -> None:
    recorded.serve(httpserver, "/fred/series", file)
    (raw,) = recorded.json(file)["seriess"]
    found = client.metadata(name)
    assert found.series_id == name
    assert (found.title, found.units, found.notes) == (raw["title"], raw["units"], raw["notes"])
    assert (found.frequency_code, found.seasonal_adjustment) == (
        raw["frequency_short"],
        raw["seasonal_adjustment_short"],
    )
    text = raw["last_updated"]  # 2024-10-30 07:54:01-05
    local = found.last_updated.replace(tzinfo=None)
    assert local.isoformat(sep=" ") == text[:19]
    assert found.last_updated.utcoffset() == timedelta(hours=int(text[19:]))
    assert found.observation_start.isoformat() == raw["observation_start"]


def test_tags_tell_the_copyright(client, httpserver, recorded) -> None:
    recorded.serve(httpserver, "/fred/series/tags", "fred/series_tags_GDP.json")
    copyright_tags = [tag.name for tag in client.tags("GDP") if tag.group == "cc"]
    assert copyright_tags == ["public domain: citation requested"]


def test_vintage_dates(client, httpserver, recorded) -> None:
    file = "alfred/series_vintagedates_GDP.json"
    recorded.serve(httpserver, "/fred/series/vintagedates", file)
    found = client.vintage_dates("GDP")
    assert [day.isoformat() for day in found] == recorded.json(file)["vintage_dates"]
    assert len(found) == 393


def test_lists_of_series(recorded) -> None:
    for file in (
        "fred/category_series_125.json",
        "fred/release_series_release10_first5_excerpt.json",
    ):
        page = read_series_list(recorded.body(file), what="x")
        raw = recorded.json(file)
        assert page.count == raw["count"]
        assert [one.series_id for one in page.items] == [one["id"] for one in raw["seriess"]]


def test_release_dates_fit_the_table_of_release_lags(recorded) -> None:
    page = read_release_dates(recorded.body("fred/release_dates_CPI_release10.json"), what="x")
    raw = recorded.json("fred/release_dates_CPI_release10.json")
    assert [day.isoformat() for day in page.items] == [r["date"] for r in raw["release_dates"]]
    # The table has today's calendar. Before 2018 releases came up to a week later, in the 1980s up
    # to two: there, only vintages know.
    lag = RELEASE_LAGS["CPIAUCSL"].days
    first_of_month: dict[tuple[int, int], date] = {}
    for day in page.items:
        first_of_month.setdefault((day.year, day.month), day)
    recent = [day for day in first_of_month.values() if day.year >= 2018]
    assert len(recent) > 80
    assert all(day.day <= lag for day in recent)
    assert any(day.day > lag for day in first_of_month.values() if day.year == 2014)


# ---------------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("file", "error", "said"),
    [
        ("error_400_api_key_malformed.json", SourceKeyError, "not a 32 character alpha-numeric"),
        ("error_400_api_key_not_registered.json", SourceKeyError, "is not registered"),
        ("error_400_api_key_not_set.json", SourceKeyError, "Variable api_key is not set"),
        ("error_400_xml_api_key_not_set.xml", SourceKeyError, "Variable api_key has not been set"),
        ("error_400_series_does_not_exist.json", UnknownSeriesError, "FRED has no series 'X1'"),
        ("error_400_too_many_vintages.json", SourceError, "There are 2004 vintage dates"),
        ("error_v2_400.json", SourceError, "release_id is not a positive integer"),
    ],
)
def test_refusals_are_typed_and_never_retried(
    client, httpserver, recorded, key, file, error, said
) -> None:
    recorded.serve(httpserver, "/fred/series/observations", f"fred/{file}")
    with pytest.raises(SourceError if error is SourceError else error) as caught:
        client.observations("X1")
    assert type(caught.value) is error
    assert said in str(caught.value)
    assert "Bad Request" not in str(caught.value)
    assert key not in str(caught.value)
    assert len(httpserver.log) == 1


def test_the_recorded_rate_limit_is_retried(client, httpserver, recorded) -> None:
    recorded.serve(httpserver, "/fred/series/observations", "fred/error_429_rate_limit.json")
    with pytest.raises(SourceRateError):
        client.observations("GDP")
    assert len(httpserver.log) == 2


# --------------------------------------------------------------------------------------- vintages


def changes(early: dict[str, str], late: dict[str, str]) -> dict[str, tuple[str, str]]:
    return {
        day: (early[day], late[day])
        for day in early
        if day in late and float_or_none(early[day]) != float_or_none(late[day])
    }


def float_or_none(text: str) -> float | None:
    return None if text == "." else float(text)


@pytest.mark.parametrize(
    ("series_id", "files"),
    [
        ("CPIAUCSL", ("rt2026-03-11", "rt2026-04-10", "rt2026-07-14")),
        ("PAYEMS", ("rt2026-04-03", "rt2026-05-08")),
        ("UNRATE", ("rt2026-04-03", "rt2026-06-05", "rt2026-07-02")),
    ],
)
def test_revisions_are_the_differences_of_the_raw_bodies(
    service, adapter, series, recorded, series_id, files
) -> None:
    """The recorded vintages, put together as the archive would, read as one history."""
    bodies = [
        {
            row["date"]: row["value"]
            for row in recorded.json(f"{OBSERVATIONS}{series_id}_from2000_{file}.json")[
                "observations"
            ]
        }
        for file in files
    ]
    days = [date.fromisoformat(file.removeprefix("rt")) for file in files]
    ends = [*(day - DAY for day in days[1:]), date(9999, 12, 31)]
    rows = [
        (day, value, first.isoformat(), last.isoformat())
        for body, first, last in zip(bodies, days, ends, strict=True)
        for day, value in body.items()
    ]
    service.series[series_id] = series(rows)
    history = adapter.history(series_id)
    for (early, late), seen in zip(pairwise(bodies), days[1:], strict=True):
        expected = changes(early, late)
        moment = datetime.combine(seen, datetime.min.time(), UTC) + DAY
        before = {one.period: one.value for one in history.as_of(moment - timedelta(seconds=1))}
        after = {one.period: one.value for one in history.as_of(moment)}
        revised = {
            period: (before.get(period), after.get(period))
            for period in set(before) | set(after)
            if before.get(period) != after.get(period) and period.date().isoformat() in early
        }
        assert revised == {
            utc(day): (float_or_none(a), float_or_none(b)) for day, (a, b) in expected.items()
        }
        new = {utc(day) for day in set(late) - set(early) if late[day] != "."}
        assert set(after) - set(before) == new | {
            utc(day) for day, (a, b) in expected.items() if a == "." and b != "."
        }
    n_revised = sum(len(changes(a, b)) for a, b in pairwise(bodies))
    assert (n_revised > 0) == (series_id == "PAYEMS")


@pytest.fixture
def gdp(service, adapter, series, recorded) -> VintageHistory:
    """GDP's recorded real-time history to 2019, behind the documented envelope."""
    end = "2019-01-01"
    rows = [
        (r["date"], r["value"], r["realtime_start"], r["realtime_end"].replace(end, "9999-12-31"))
        for r in recorded.json(GDP_HISTORY)["observations"]
    ]
    service.series["GDP"] = series(rows, "Quarterly", "Q")
    found: VintageHistory = adapter.history("GDP")
    return found


def test_every_print_of_gdp_is_a_row_of_the_body(gdp, recorded) -> None:
    raw = recorded.json(GDP_HISTORY)["observations"]
    assert len(gdp.prints) == len(raw) == 2902
    # From the archive's beginning on, publications are observed.
    observed = [one for one in gdp.prints if one.published >= gdp.assumed_before]
    expected = {
        (utc(r["date"]), float_or_none(r["value"]), utc(r["realtime_start"]) + DAY) for r in raw
    }
    assert {(one.period, one.value, one.published) for one in observed} <= expected
    assumed = [one for one in gdp.prints if one.published < gdp.assumed_before]
    assert len(observed) + len(assumed) == 2902
    # A period has at most one publication that is assumed: its first.
    assert len({one.period for one in assumed}) == len(assumed) > 100
    assert gdp.assumed_before == utc("1991-12-05")
    assert f"{len(assumed)} periods are older than the archive" in gdp.notes[0]


def test_no_figure_of_gdp_counts_before_the_archive_had_it(gdp, recorded) -> None:
    """52 quarters before 1959 came into the archive a year after its first vintage."""
    raw = recorded.json(GDP_HISTORY)["observations"]
    in_first = {utc(r["date"]) for r in raw if r["realtime_start"] == "1991-12-04"}
    later = {utc(r["date"]) for r in raw} - in_first
    old = {period for period in later if period < utc("1959-01-01")}
    assert len(old) == 52
    for moment in (utc("1970-01-01"), utc("1991-12-05"), utc("1992-12-22")):
        known = {one.period for one in gdp.as_of(moment)}
        assert not known & old
        # Brute force over the body: what stood on the day before, or is older than the archive.
        day = (moment - DAY).date().isoformat()
        standing = {
            utc(r["date"])
            for r in raw
            if r["realtime_start"] <= day <= r["realtime_end"] and r["value"] != "."
        }
        assert known - in_first <= standing
    assert old <= {one.period for one in gdp.as_of(utc("1992-12-23"))}


def test_vintages_are_counted_and_dated_as_the_archive_has_them(gdp, recorded) -> None:
    raw = recorded.json(GDP_HISTORY)["observations"]
    days = {r["realtime_start"] for r in raw} | {
        (date.fromisoformat(r["realtime_end"]) + DAY).isoformat()
        for r in raw
        if r["realtime_end"] < "2019-01-01"
    }
    details = series_details("GDP", gdp)
    assert details["GDP.vintages"] == len(days)
    assert details["GDP.last_change"] == max(days)
    assert len(gdp.vintage_dates) > len(days) + 100  # assumed releases are moments, not vintages
    assert [day_of_news(moment).isoformat() for moment in gdp.observed_vintages] == sorted(days)


def test_the_comprehensive_revisions_of_gdp_are_new_levels(gdp) -> None:
    # Software and then research became investment. Neither shows in growth; both do in levels.
    assert [str(shift) for shift in level_shifts(gdp)] == [
        "+2.94% on 1999-10-28",
        "+3.45% on 2013-07-31",
    ]


def test_initial_releases_are_those_that_the_service_calls_so(gdp, recorded) -> None:
    raw = recorded.json("alfred/series_observations_GDP_output4_initial_release.json")
    expected = {
        utc(r["date"]): (float(r["value"]), utc(r["realtime_start"]) + DAY)
        for r in raw["observations"]
        if r["realtime_start"] < "2019-01-01"
    }
    found = {one.period: (one.value, one.available_at) for one in gdp.first_prints()}
    assert len(expected) > 100
    assert {period: found[period] for period in expected} == expected
    # Shutdowns put some of them off by weeks, which no rule of lags knows.
    assert found[utc("1995-10-01")][1] == utc("1996-02-24")
    assert found[utc("2013-07-01")][1] == utc("2013-11-08")


def test_as_of_is_the_column_of_a_vintage(gdp, recorded) -> None:
    wide = recorded.json("alfred/series_observations_GDP_output2_2018_vintages_rebuilt.json")
    names = sorted({name for row in wide["observations"] for name in row if name != "date"})
    assert len(names) == 12
    for name in names:
        seen = datetime.strptime(name.removeprefix("GDP_"), "%Y%m%d").replace(tzinfo=UTC) + DAY
        column = {utc(r["date"]): float(r[name]) for r in wide["observations"] if name in r}
        for moment in (seen, seen + timedelta(hours=23)):
            known = {one.period: one.value for one in gdp.as_of(moment)}
            assert {p: v for p, v in known.items() if utc("2017-01-01") <= p} == column


def test_advance_second_and_third_estimates_are_told_apart(gdp, recorded) -> None:
    raw = [r for r in recorded.json(GDP_HISTORY)["observations"] if r["date"] == "2017-10-01"]
    prints = gdp.revisions(utc("2017-10-01"))
    assert [one.value for one in prints] == [float(r["value"]) for r in raw]
    # Advance in January, second in February, third in March, the annual revision in July.
    assert [one.published.isoformat() for one in prints] == [
        "2018-01-27T00:00:00+00:00",
        "2018-03-01T00:00:00+00:00",
        "2018-03-29T00:00:00+00:00",
        "2018-07-28T00:00:00+00:00",
    ]
    for before, after in pairwise(prints):
        assert before.superseded == after.published
    on_the_eve = gdp.latest(utc("2018-01-27") - timedelta(seconds=1))
    assert on_the_eve is not None
    assert on_the_eve.period == utc("2017-07-01")
    assert gdp.latest(utc("2018-01-27")).value == float(raw[0]["value"])


def test_quarters_of_1946_come_and_go(gdp) -> None:
    prints = gdp.revisions(utc("1946-01-01"))
    assert [one.value for one in prints] == [199.7, None, 210.4, None]
    known = {one.period for one in gdp.as_of(utc("1996-06-01"))}
    assert utc("1946-01-01") not in known
    assert utc("1946-01-01") in {one.period for one in gdp.as_of(utc("1998-01-01"))}


def test_windows_of_few_vintages_give_the_same_history(service, quick, key, now, gdp) -> None:
    for size in (7, 200):
        cut = FredMacroAdapter(
            api_key=key,
            base_url=service.url,
            transport=quick,
            clock=lambda: now,
            vintages_per_request=size,
        )
        assert cut.history("GDP", start=date(2010, 1, 1)).prints == tuple(
            one for one in gdp.prints if one.period >= utc("2010-01-01")
        )


def test_daily_values_have_a_row_for_holidays_and_none_for_weekends(
    service, adapter, series, recorded
) -> None:
    raw = recorded.json(f"{OBSERVATIONS}T10YIE_from2024_rebuilt.json")["observations"]
    rows = [(r["date"], r["value"], r["date"], "9999-12-31") for r in raw]
    service.series["T10YIE"] = series(rows, "Daily", "D")
    history = adapter.history("T10YIE")
    assert history.frequency == "B"
    assert sum(one.value is None for one in history.prints) == sum(r["value"] == "." for r in raw)
    assert {one.period for one in history.first_prints()} == {
        utc(r["date"]) for r in raw if r["value"] != "."
    }


def test_assumed_moments_are_never_after_the_first_vintage() -> None:
    # A period whose lag would end after the archive's first day: the first vintage is observed.
    from fg_data.fred.wire import LAST_DAY, Row

    rows = [Row(date(2024, 1, 1), 1.0, date(2024, 2, 10), LAST_DAY)]
    (one,) = prints_of(
        rows,
        period_of=lambda day: datetime.combine(day, datetime.min.time(), UTC),
        first_vintage=date(2024, 2, 10),
        release=lambda period: period + timedelta(days=47),
    )
    assert one.published == utc("2024-02-11")
