"""The adapter as a source of datasets: figures, contexts, notices, leaks."""

from __future__ import annotations

import pickle
import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from fg_core import ConfigError, DataError, DataSource, Query, dataset_from_table
from fg_core.errors import SourceKeyError
from fg_core.testing import check_data_source
from fg_data import chronological_split
from fg_data.fred import FRED_NOTICE, FredMacroAdapter
from fg_data.vintages import vintage_columns

EVER = "9999-12-31"
DAY = timedelta(days=1)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def month_ends(n: int) -> list[date]:
    return [date(2020 + k // 12, k % 12 + 1, 1) for k in range(n)]


def revised_rows(seed: int, n: int = 40, delay: int = 40) -> list[tuple[str, str, str, str]]:
    """Months that are published after a delay and revised one or two months on."""
    draws = random.Random(seed)
    rows = []
    for k, month in enumerate(month_ends(n)):
        value = 100 + k + draws.gauss(0, 1)
        first = month + timedelta(days=delay)
        second = first + timedelta(days=30)
        rows.append(
            (month.isoformat(), f"{value:.3f}", first.isoformat(), (second - DAY).isoformat())
        )
        rows.append((month.isoformat(), f"{value + 0.5:.3f}", second.isoformat(), EVER))
    return rows


@pytest.fixture
def two(service, adapter, series) -> FredMacroAdapter:
    """X1 comes out first, X2 ten days later; both are revised a month later."""
    service.series["X1"] = series(revised_rows(1))
    service.series["X2"] = series(revised_rows(2, delay=50))
    found: FredMacroAdapter = adapter
    return found


QUERY = Query(("X1", "X2"))


@pytest.mark.parametrize("vintage", ["first", "known", "all"])
def test_it_keeps_the_promises_of_a_data_source(two, vintage) -> None:
    assert isinstance(two, DataSource)
    check_data_source(two, replace(QUERY, options={"vintage": vintage}))


def test_rows_are_first_prints_with_what_stood_beside_them(two, service) -> None:
    data = two.fetch(QUERY)
    assert (data.frequency, data.season_length, data.series_ids) == ("M", 1, ("X1", "X2"))
    raw = {
        name: [(r[0], float(r[1]), r[2], r[3]) for r in service.series[name].rows]
        for name in ("X1", "X2")
    }
    for row in data:
        mine = [r for r in raw[row.series_id] if r[0] == row.timestamp.date().isoformat()]
        first = min(mine, key=lambda r: r[2])
        assert (row.value, row.available_at) == (first[1], utc(first[2]) + DAY)
        other = "X2" if row.series_id == "X1" else "X1"
        day = (row.available_at - DAY).date().isoformat()
        standing = [r for r in raw[other] if r[2] <= day <= r[3]]
        assert dict(row.macro_context) == ({other: max(standing)[1]} if standing else {})
        assert row.source == "fred"


def test_as_of_only_leaves_out(two) -> None:
    everything = two.fetch(QUERY)
    for moment in (utc("2021-05-15"), utc("2022-01-01T12:00:00")):
        assert list(two.fetch(QUERY, moment)) == [r for r in everything if r.available_at <= moment]
    of_day = two.fetch(QUERY, date(2021, 5, 14))
    assert list(of_day) == list(two.fetch(QUERY, utc("2021-05-15")))


def test_known_is_exactly_what_was_known(two) -> None:
    moment = utc("2021-05-15")
    data = two.fetch(replace(QUERY, options={"vintage": "known"}), moment)
    for name in ("X1", "X2"):
        known = two.history(name).as_of(moment)
        assert [(r.timestamp, r.value, r.available_at) for r in data.series(name)] == [
            (k.period, k.value, k.available_at) for k in known
        ]
    assert any("those that stood at the moment" in notice for notice in data.provenance.notices)


@pytest.mark.parametrize("units", ["lin", "pca"])
def test_all_vintages_are_what_was_known_at_every_moment(two, units) -> None:
    query = replace(QUERY, options={"vintage": "all", "units": units})
    data = two.fetch(query)
    assert len(data.earlier_values) > 30
    moments = sorted({row.available_at for row in (*data, *data.earlier_values)})
    for moment in (moments[3], moments[20] - timedelta(seconds=1), moments[-1]):
        known = two.fetch(replace(query, options={"vintage": "known", "units": units}), moment)
        as_of = data.as_of(moment)
        assert as_of.observations == known.observations
        # Asked for that moment, the answer knows no more than it.
        assert two.fetch(query, moment).as_of(moment).observations == known.observations
        assert two.fetch(query, moment).observations == as_of.observations
    later = two.fetch(replace(query, start=utc("2021-01-01")))
    assert min(row.timestamp for row in (*later, *later.earlier_values)) == utc("2021-01-01")
    bundle = chronological_split(data)
    assert [len(part.earlier_values) > 0 for part in (bundle.train, bundle.test)] == [True, True]


def test_all_vintages_as_columns_are_the_same_data(two) -> None:
    histories = [two.history(name) for name in QUERY.series]
    columns = vintage_columns(histories)
    table = dataset_from_table(columns)
    data = two.fetch(replace(QUERY, options={"vintage": "all"}))
    for name in QUERY.series:
        pairs = zip(table.values_of(name), data.values_of(name), strict=True)
        assert all(
            (a.timestamp, a.value, a.available_at) == (b.timestamp, b.value, b.available_at)
            for a, b in pairs
        )
    moment = utc("2021-05-15")
    assert dataset_from_table(vintage_columns(histories, moment)).content_hash == (
        table.as_of(moment).content_hash
    )


def test_of_all_vintages_those_of_a_series_that_was_not_out_are_none(two) -> None:
    query = replace(QUERY, options={"vintage": "all"})
    first = two.history("X1").first_prints()[0].available_at
    assert two.fetch(query, first).series_ids == ("X1",)
    with pytest.raises(DataError, match="no rows known by"):
        two.fetch(query, first - timedelta(seconds=1))


def test_a_value_that_was_taken_back_is_counted(service, adapter, series) -> None:
    rows = [
        ("2024-01-01", "1", "2024-02-10", "2024-03-09"),
        ("2024-01-01", ".", "2024-03-10", EVER),
        ("2024-02-01", "2", "2024-03-10", EVER),
    ]
    service.series["X1"] = series(rows)
    data = adapter.fetch(Query(("X1",), options={"vintage": "all"}))
    assert [row.value for row in data] == [1.0, 2.0]
    assert any("the values of 1 periods were taken back" in n for n in data.provenance.notices)


def test_latest_figures_are_flagged_as_look_ahead(two) -> None:
    data = two.fetch(Query(("X1",), options={"vintage": "latest"}))
    history = two.history("X1")
    assert [(r.value, r.available_at) for r in data] == [
        (last.value, first.available_at)
        for last, first in zip(
            history.as_of(utc("2030-01-01")), history.first_prints(), strict=True
        )
    ]
    assert any(notice.startswith("LOOK-AHEAD") for notice in data.provenance.notices)
    honest = two.fetch(Query(("X1",)))
    assert not any("LOOK-AHEAD" in notice for notice in honest.provenance.notices)


@pytest.mark.parametrize("vintage", ["first", "known", "latest"])
@pytest.mark.parametrize("units", ["lin", "pch"])
def test_what_was_published_later_changes_no_row(two, service, series, vintage, units) -> None:
    moment = utc("2021-09-10")
    query = replace(QUERY, options={"vintage": vintage, "units": units})
    before = two.fetch(query, moment)
    day = (moment - DAY).date().isoformat()
    for name, found in list(service.series.items()):
        tampered = [
            (d, value if first <= day else "77.7", first, last)
            for d, value, first, last in found.rows
        ]
        assert tampered != found.rows
        service.series[name] = series(tampered)
    after = two.fetch(query, moment)
    assert list(after) == list(before)


def test_growth_comes_from_one_vintage_and_the_first_period_has_its_predecessor(two) -> None:
    whole = two.fetch(Query(("X1",), options={"units": "pch"}))
    late = two.fetch(Query(("X1",), start=utc("2020-06-01"), options={"units": "pch"}))
    assert list(late) == [row for row in whole if row.timestamp >= utc("2020-06-01")]
    assert late[0].timestamp == utc("2020-06-01")
    history = two.history("X1")
    for row in whole:
        known = {one.period: one.value for one in history.as_of(row.available_at)}
        month = row.timestamp
        before = (month - DAY).replace(day=1)
        assert row.value == pytest.approx((known[month] / known[before] - 1) * 100)
    assert late.units["X1"] == "percent change (Index)"


def test_series_of_several_frequencies_meet_at_the_lowest(service, adapter, series) -> None:
    service.series["X1"] = series(revised_rows(1, 12))
    quarters = [
        ("2020-01-01", "1.0", "2020-04-30", EVER),
        ("2020-04-01", "2.0", "2020-07-30", EVER),
    ]
    service.series["G1"] = series(quarters, "Quarterly", "Q")
    data = adapter.fetch(Query(("G1", "X1")))
    assert data.frequency == "Q"
    assert [row.timestamp.month for row in data.series("X1")] == [1, 4, 7, 10]
    # A quarter of months is out with its third one, 40 days after that month began.
    assert data.series("X1")[0].available_at == utc("2020-03-01") + 41 * DAY
    assert any("X1: the mean of each quarterly period" in n for n in data.provenance.notices)
    last = adapter.fetch(Query(("G1", "X1"), options={"aggregation": "eop"})).series("X1")
    # The third month's first print is the quarter's last value.
    assert last[0].value == float(sorted(service.series["X1"].rows)[4][1])
    with pytest.raises(ConfigError, match="quarterly cannot be made monthly"):
        adapter.fetch(Query(("G1",), options={"frequency": "M"}))


def test_the_name_of_a_series_is_a_query(two) -> None:
    assert list(two.fetch("X1")) == list(two.fetch(Query(("X1",))))


def test_the_provenance_has_the_notice_the_citations_and_the_counts(two, key) -> None:
    provenance = two.fetch(QUERY).provenance
    assert (provenance.source, provenance.is_synthetic) == ("fred", False)
    assert provenance.notices[0] == FRED_NOTICE
    assert "is not endorsed or certified by the Federal Reserve Bank of St. Louis." in FRED_NOTICE
    assert provenance.notices[1] == (
        "Title of X1 [X1], retrieved from FRED, Federal Reserve Bank of St. Louis; "
        "https://fred.stlouisfed.org/series/X1, 2024-11-03."
    )
    assert provenance.details["X1.vintages"] == len(two.history("X1").vintage_dates)
    assert provenance.details["X1.assumed_dates"] == 0
    assert provenance.details["X1.last_change"] == max(row[2] for row in revised_rows(1))
    assert provenance.details["retrieved"] == "2024-11-03"
    assert key not in repr(provenance)


def test_assumed_dates_are_counted(service, adapter, series) -> None:
    rows = [(m.isoformat(), "1", "2022-01-12", EVER) for m in month_ends(20)]
    service.series["CPIAUCSL"] = series(rows)
    provenance = adapter.fetch("CPIAUCSL").provenance
    assert provenance.details["CPIAUCSL.assumed_dates"] == 20
    # Twenty months, one vintage; what the archive took in on January 12 changed then, not later.
    assert provenance.details["CPIAUCSL.vintages"] == 1
    assert "20 publications before the archive of a series begins are assumed" in provenance.vintage
    assert any("CPIAUCSL: 20 periods are older than the archive" in n for n in provenance.notices)


def test_projections_are_left_out_and_counted(service, adapter, series) -> None:
    rows = [
        ("2024-01-01", "1", "2023-12-13", EVER),  # before its month began
        ("2023-12-01", "2", "2024-01-10", EVER),
    ]
    service.series["X1"] = series(rows)
    data = adapter.fetch("X1")
    assert [row.value for row in data] == [2.0]
    assert any(
        "1 figures that were published before their period" in n for n in data.provenance.notices
    )


def test_the_first_error_of_a_series_is_raised(two) -> None:
    with pytest.raises(DataError, match="FRED has no series 'NOPE'"):
        two.fetch(Query(("X1", "NOPE")))


def test_a_bad_key_is_raised_and_not_kept_per_series(service, quick, series) -> None:
    wrong = FredMacroAdapter(api_key="x" * 32, base_url=service.url, transport=quick)
    with pytest.raises(SourceKeyError):
        wrong.fetch_multi_series(["X1", "X2"])


def test_what_was_not_out_says_what_there_is(two) -> None:
    with pytest.raises(DataError, match="known by 2018-12-31; its periods go from 2020-01-01 to"):
        two.fetch("X1", date(2018, 12, 31))
    with pytest.raises(DataError, match="no rows from 2031-01-01"):
        two.fetch(Query(("X1",), start=utc("2031-01-01")))


def test_moments_have_a_zone(two) -> None:
    with pytest.raises(DataError, match="as_of 2021-01-01 00:00:00 has no time zone"):
        two.fetch("X1", datetime(2021, 1, 1))  # noqa: DTZ001


def test_several_series_as_of_a_day(two) -> None:
    found = two.fetch_multi_series(["X1", "X2"], as_of=date(2021, 5, 14), start=date(2021, 1, 1))
    for name, history in found.histories.items():
        assert history == two.history(name, start=date(2021, 1, 1)).until(utc("2021-05-15"))
    early = two.fetch_multi_series(["X1"], as_of=date(2019, 1, 1))
    assert "had no figures by 2019-01-02" in str(early.errors["X1"])
    with pytest.raises(DataError, match="'X9' was not asked for; there are X1, X2"):
        found["X9"]


def test_no_series_is_an_error(two) -> None:
    with pytest.raises(ConfigError, match="no series is asked for"):
        two.fetch_multi_series([])


@pytest.mark.parametrize(
    ("name", "value"),
    [("max_workers", 0), ("vintages_per_request", 0), ("vintages_per_request", 2001)],
)
def test_counts_are_in_their_range(name, value) -> None:
    with pytest.raises(ConfigError, match=f"{name} is 1 .*, got {value}"):
        FredMacroAdapter(**{name: value})


def test_an_adapter_does_not_show_its_key_and_crosses_processes(key) -> None:
    adapter = FredMacroAdapter(api_key=key)
    assert key not in repr(adapter)
    assert pickle.loads(pickle.dumps(FredMacroAdapter(seed=3))).seed == 3


def test_a_search_is_bounded(adapter) -> None:
    with pytest.raises(ConfigError, match="limit is 1 to 1,000"):
        adapter.search("prices", limit=0)
