from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fg_core import ConfigError, DataError, DataSource, Query
from fg_data.us_macro import SERIES, UsMacroSource

SOURCE = UsMacroSource()
FULL = SOURCE.fetch(Query())


def test_it_is_a_data_source() -> None:
    assert isinstance(SOURCE, DataSource)
    assert SOURCE.name == "us_macro"
    assert all(row.source == "us_macro" for row in FULL)


def test_by_default_the_four_series() -> None:
    assert FULL.series_ids == ("infl", "unemp", "tbilrate", "growth")
    assert [len(FULL.series(name)) for name in FULL.series_ids] == [202, 203, 203, 202]


def test_it_says_what_it_is() -> None:
    assert FULL.frequency == "Q"
    assert FULL.season_length == 1
    assert FULL.evaluation_start == datetime(1985, 1, 1, tzinfo=UTC)
    assert FULL.warmup_start == datetime(1975, 1, 1, tzinfo=UTC)
    assert not FULL.provenance.is_synthetic
    assert "one revised vintage" in FULL.provenance.vintage
    assert "assumed from release lags" in FULL.provenance.vintage
    assert any("one revised vintage" in notice for notice in FULL.provenance.notices)


def test_origins_may_wait_for_the_quarter() -> None:
    data = SOURCE.fetch(Query(series=("unemp",), options={"origin": "quarter"}))
    assert [row.value for row in data] == [row.value for row in FULL.series("unemp")]
    assert data[-1].available_at == datetime(2009, 11, 1, tzinfo=UTC)
    assert data[-1].macro_context["growth"] == FULL.series("growth")[-1].value
    assert any("origin=quarter" in notice for notice in data.provenance.notices)
    as_before = SOURCE.fetch(Query(options={"origin": "release"}))
    assert as_before.content_hash == FULL.content_hash


@pytest.mark.parametrize(
    ("options", "message"),
    [({"origin": "day"}, "release, quarter, got 'day'"), ({"vintage": "x"}, "option 'vintage'")],
)
def test_other_options_are_refused(options: dict[str, str], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        SOURCE.fetch(Query(options=options))


def test_every_series_can_be_asked_for() -> None:
    data = SOURCE.fetch(Query(series=SERIES))
    assert data.series_ids == SERIES
    assert len(data.series("realint")) == 202
    assert len(data.series("pop")) == 203


def test_an_unknown_series_is_one_clear_line() -> None:
    with pytest.raises(DataError) as caught:
        SOURCE.fetch(Query(series=("infl", "inflation")))
    message = str(caught.value)
    assert message.startswith("source 'us_macro' has no series 'inflation'; it has")
    assert "(nearest first) infl, " in message
    assert all(name in message for name in SERIES)
    assert "\n" not in message


@given(st.datetimes(datetime(1960, 1, 1), datetime(2010, 12, 31), timezones=st.just(UTC)))  # noqa: DTZ001
@settings(max_examples=15, deadline=None)
def test_as_of_drops_what_was_not_out_and_leaves_the_rest_as_it_is(moment: datetime) -> None:
    known = SOURCE.fetch(Query(), moment)
    assert list(known) == [row for row in FULL if row.available_at <= moment]


def test_as_of_by_hand() -> None:
    # On October 10, 2009 the jobs report for September was out, prices and accounts were not.
    known = SOURCE.fetch(Query(), datetime(2009, 10, 10, tzinfo=UTC))
    last = {name: known.series(name)[-1].timestamp.month for name in known.series_ids}
    assert last == {"infl": 4, "unemp": 7, "tbilrate": 7, "growth": 4}


def test_start_and_end_choose_periods_and_leave_contexts_as_they_are() -> None:
    start, end = datetime(1985, 1, 1, tzinfo=UTC), datetime(1985, 12, 31, tzinfo=UTC)
    year = SOURCE.fetch(Query(start=start, end=end))
    assert list(year) == [row for row in FULL if start <= row.timestamp <= end]
    assert len(year) == 16


def test_nothing_known_yet_is_an_error() -> None:
    with pytest.raises(DataError, match=r"no rows known by 1949-12-31; its periods go from 1959"):
        SOURCE.fetch(Query(), datetime(1950, 1, 1, tzinfo=UTC))


def test_equal_data_have_equal_hashes() -> None:
    assert SOURCE.fetch(Query()).content_hash == FULL.content_hash
    # The whole chain from file to rows, pinned: it changes only with a deliberate decision.
    assert FULL.content_hash.startswith("956f06f0fff4b98c")


def test_every_series_has_a_unit() -> None:
    everything = UsMacroSource().fetch(Query(SERIES))
    assert set(everything.units) == set(SERIES)
    assert dict(FULL.units)["growth"] == "% a year"
