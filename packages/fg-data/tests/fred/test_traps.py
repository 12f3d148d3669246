"""What users of other clients fall into: answers with status 200 that are not what was asked.

The local service does as the real one: parameters that it does not know are ignored, without
`realtime_*` figures are those of today, and periods of a row are cut to the days that were asked.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from werkzeug import Response

from fg_core import DataError, Query, SourceError
from fg_data.fred import FredMacroAdapter
from fg_data.fred.client import FredClient
from fg_data.fred.wire import FIRST_DAY, LAST_DAY

EVER = "9999-12-31"
DAY = timedelta(days=1)
TODAY = "2024-11-03"

# The parameters of the service, by its documentation.
DOCUMENTED = {
    "series": {"series_id"},
    "series/vintagedates": {"series_id", "sort_order", "limit", "offset"},
    "series/observations": {
        *("series_id", "sort_order", "limit", "offset", "units", "frequency", "output_type"),
        *("observation_start", "observation_end", "realtime_start", "realtime_end"),
        "aggregation_method",
    },
}


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.fixture
def revised(service: Any, series: Any) -> Any:
    """Two months, of which the first was revised twice."""
    service.series["X1"] = series(
        [
            ("2024-01-01", "1.0", "2024-02-10", "2024-03-09"),
            ("2024-01-01", "1.1", "2024-03-10", "2024-06-09"),
            ("2024-01-01", "1.2", "2024-06-10", EVER),
            ("2024-02-01", "2.0", "2024-03-10", EVER),
        ]
    )
    return service


@pytest.fixture
def client(service: Any, quick: Any, key: str) -> FredClient:
    return FredClient(service.url, key, quick)


def raw(client: FredClient, **params: str) -> list[dict[str, str]]:
    """Rows of a request as a user of another client would make it."""
    asked = {"series_id": "X1", "file_type": "json", **params}
    secrets = {"api_key": client.api_key}
    url = f"{client.base_url}/series/observations"
    answer = client.transport.get(url, asked, secrets=secrets)
    assert answer.status == 200
    rows: list[dict[str, str]] = json.loads(answer.body)["observations"]
    return rows


def test_vintage_date_is_ignored_by_the_service_and_never_sent_by_us(
    revised: Any, adapter: FredMacroAdapter, client: FredClient
) -> None:
    # The trap: what looks like the figures of February 20 are those of today.
    rows = raw(client, vintage_date="2024-02-20")
    assert [row["value"] for row in rows] == ["1.2", "2.0"]
    revised.requests.clear()
    snapshot = adapter.snapshot("X1", as_of=date(2024, 2, 20))
    assert [one.value for one in snapshot.prints] == [1.0]
    assert [one.value for one in adapter.history("X1").as_of(utc("2024-02-21"))] == [1.0]
    adapter.snapshot(
        "X1", as_of=date(2024, 3, 20), units="pca", frequency="Q", start=date(2024, 1, 1)
    )
    adapter.fetch(Query(("X1",), start=utc("2024-01-01"), options={"units": "chg"}))
    for asked in revised.requests:
        names = asked.keys() - {"path", "api_key", "file_type"}
        assert names <= DOCUMENTED[asked["path"]]


def test_an_observation_window_alone_is_todays_figures(
    revised: Any, adapter: FredMacroAdapter, client: FredClient
) -> None:
    rows = raw(client, observation_start="2024-01-01", observation_end="2024-01-31")
    assert [(row["value"], row["realtime_start"]) for row in rows] == [("1.2", TODAY)]
    revised.requests.clear()
    span = {"start": date(2024, 1, 1), "end": date(2024, 1, 31)}
    whole = adapter.history("X1")
    assert adapter.history("X1", **span).prints == tuple(
        one for one in whole.prints if one.period == utc("2024-01-01")
    )
    adapter.fetch(Query(("X1",), start=utc("2024-02-01")), utc("2024-05-01"))
    asked = [one for one in revised.requests if one["path"] == "series/observations"]
    assert len(asked) == 3
    for one in asked:
        assert (one["realtime_start"], one["realtime_end"]) == ("1776-07-04", EVER)


def test_a_window_of_days_has_several_rows_a_date_and_the_last_one_counts(
    revised: Any, adapter: FredMacroAdapter, client: FredClient
) -> None:
    rows = raw(client, realtime_start="1776-07-04", realtime_end="2024-04-01")
    assert [row["value"] for row in rows] == ["1.0", "1.1", "2.0"]
    assert rows[1]["realtime_end"] == "2024-04-01"  # cut to what was asked: not its end
    history = adapter.history("X1")
    assert [one.value for one in history.as_of(utc("2024-04-02"))] == [1.1, 2.0]
    assert [one.superseded for one in history.revisions(utc("2024-01-01"))] == [
        utc("2024-03-11"),
        utc("2024-06-11"),
        None,
    ]
    # A service that sends them where one day was asked for is not believed.
    revised.before = _answering(
        ("2024-01-01", "1.0", "2024-02-10", "2024-03-09"),
        ("2024-01-01", "1.1", "2024-03-10", "2024-04-01"),
    )
    with pytest.raises(SourceError, match="as of 2024-04-01 were asked for, and others came"):
        adapter.snapshot("X1", as_of=date(2024, 4, 1))
    revised.before = _answering(
        ("2024-01-01", "1.0", "2024-02-10", EVER), ("2024-01-01", "1.1", "2024-03-10", EVER)
    )
    with pytest.raises(SourceError, match="two figures of 2024-01-01 as of 2024-04-01 came"):
        adapter.snapshot("X1", as_of=date(2024, 4, 1))


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        (TODAY, TODAY, "ignored the real-time period"),
        (TODAY, EVER, "no value holds from a day on which the series changed"),
    ],
)
def test_figures_of_today_in_place_of_a_history_are_refused(
    revised: Any, adapter: FredMacroAdapter, first: str, last: str, said: str
) -> None:
    revised.before = _answering(
        ("2024-01-01", "1.2", first, last), ("2024-02-01", "2.0", first, last)
    )
    with pytest.raises(SourceError, match=said):
        adapter.history("X1")
    with pytest.raises((SourceError, DataError)):
        adapter.snapshot("X1", as_of=date(2024, 4, 1))


def test_more_vintages_than_may_be_asked_for_are_those_of_one_request_all_the_same(
    service: Any, adapter: FredMacroAdapter, client: FredClient, series: Any
) -> None:
    """Each day a figure comes in, and that of the day before is revised: 2,100 vintages."""
    days = [date(2016, 1, 1) + k * DAY for k in range(2100)]
    rows = []
    for k, day in enumerate(days):
        rows += [
            (day.isoformat(), f"{k}.0", day.isoformat(), day.isoformat()),
            (day.isoformat(), f"{k}.5", (day + DAY).isoformat(), EVER),
        ]
    service.series["X1"] = series(rows, "Daily, 7-Day", "D")
    with pytest.raises(SourceError, match="exceeds"):
        client.observations("X1", realtime=(FIRST_DAY, LAST_DAY))
    # The trap: the second window's rows are all dated by its border.
    border = days[1900].isoformat()
    cut = raw(client, realtime_start=border, realtime_end=EVER)
    assert sum(row["realtime_start"] == border for row in cut) > 1900
    history = adapter.history("X1")
    assert [(p.period.date(), p.value, p.published.date() - DAY) for p in history.prints] == [
        (date.fromisoformat(day), float(value), date.fromisoformat(first))
        for day, value, first, _ in rows
    ]
    assert len(history.observed_vintages) == 2101


def _answering(*rows: tuple[str, str, str, str]) -> Any:
    """Answer every request for observations with these rows."""
    names = ("date", "value", "realtime_start", "realtime_end")
    found = [dict(zip(names, row, strict=True)) for row in rows]
    body = json.dumps({"count": len(rows), "offset": 0, "observations": found})

    def answer(request: Any) -> Response | None:
        if not request.path.endswith("observations"):
            return None
        return Response(body, content_type="application/json")

    return answer
