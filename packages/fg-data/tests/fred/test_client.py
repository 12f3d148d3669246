"""Requests and faults at the level of the service's own envelope."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug import Response

from fg_core import SourceError
from fg_core.errors import SourceKeyError, SourceUnavailableError, UnknownSeriesError
from fg_data.fred.client import FredClient
from fg_data.fred.refusals import NoVintagesError
from fg_data.fred.wire import LAST_DAY, Row, read_observations

ROW = {
    "realtime_start": "2024-02-01",
    "realtime_end": "9999-12-31",
    "date": "2024-01-01",
    "value": "1.5",
}


def page(*rows: dict[str, Any], **envelope: Any) -> bytes:
    body = {
        "units": "lin",
        "output_type": 1,
        "count": len(rows),
        "offset": 0,
        "limit": 100000,
        "observations": list(rows),
    }
    return json.dumps({**body, **envelope}).encode()


@pytest.fixture
def client(service, quick, key) -> FredClient:
    return FredClient(service.url, key, quick)


@pytest.fixture
def answer(service):
    """Have the service answer every request with one body."""

    def set_answer(body: bytes | str, status: int = 200, content_type: str = "application/json"):
        service.before = lambda request: Response(body, status=status, content_type=content_type)

    return set_answer


# ------------------------------------------------------------------------------------------- rows


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (".", None),
        ("3.63", 3.63),
        ("3.6300000000", 3.63),
        ("-0.1", -0.1),
        ("0", 0.0),
        ("1.5e3", 1500.0),
        ("+2", 2.0),
        (".5", 0.5),
    ],
)
def test_values_are_text_and_a_dot_is_missing(text: str, value: float | None) -> None:
    (row,) = read_observations(page({**ROW, "value": text}), what="x").items
    assert row == Row(date(2024, 1, 1), value, date(2024, 2, 1), LAST_DAY)


NO_NUMBERS = ("NaN", "nan", "inf", "-Infinity", "1e999", "9" * 400, "", " 1", "1 ", "1,5", "..")


@pytest.mark.parametrize("text", [*NO_NUMBERS, "1_000", "0x1", "\u0663", "-"])
def test_a_value_that_is_no_finite_number_is_an_error_that_names_the_row(text: str) -> None:
    later = {**ROW, "date": "2024-02-01", "value": text}
    with pytest.raises(SourceError, match=r"x: row 2 \(2024-02-01\): value .* no finite number"):
        read_observations(page(ROW, later), what="x")


@given(st.floats(allow_nan=False, allow_infinity=False).map(repr))
def test_every_finite_number_that_is_written_is_read(text: str) -> None:
    (row,) = read_observations(page({**ROW, "value": text}), what="x").items
    assert row.value == float(text)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"date": "2024-13-01"}, "not laid out as documented"),
        ({"date": "01/02/2024"}, "not laid out as documented"),
        ({"date": None}, "not laid out as documented"),
        ({"value": 1.5}, "not laid out as documented"),
        ({"value": None}, "not laid out as documented"),
        ({"realtime_end": "2024-01-31"}, "real-time period ends before it begins"),
    ],
)
def test_a_row_of_another_layout_is_an_error(change: dict[str, Any], said: str) -> None:
    with pytest.raises(SourceError, match=said):
        read_observations(page({**ROW, **change}), what="x")


@pytest.mark.parametrize(
    ("envelope", "said"),
    [
        ({"output_type": 2}, "type 2 came"),
        ({"units": "pch"}, "units 'lin' were asked for, 'pch' came"),
        ({"count": -1}, "not laid out as documented"),
        ({"count": "1"}, "not laid out as documented"),
        ({"observations": {}}, "not laid out as documented"),
    ],
)
def test_another_envelope_is_an_error(envelope: dict[str, Any], said: str) -> None:
    with pytest.raises(SourceError, match=said):
        read_observations(page(ROW, **envelope), what="x")


# ---------------------------------------------------------------------------- faults over the wire


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (page(ROW)[:-9], "the answer is not JSON"),
        (b"<html>Sign in</html>", "a web page or XML, not JSON"),
        (page({**ROW, "value": "\xff"}).replace(b"\\u00ff", b"\xff"), "is not UTF-8"),
        (page(ROW).replace(b'"1.5"', b"NaN"), "has NaN for a number"),
        (page(ROW).replace(b'"1.5"', b"1e999"), "has 1e999 for a number"),
        (
            page(ROW).replace(b'"value"', b'"date": "2024-01-01", "value"'),
            "has the key 'date' twice",
        ),
        (page(ROW, {**ROW, "date": "2023-12-01"}), "comes after the one of 2024-01-01"),
        (page(ROW, ROW), "the row of 2024-01-01 comes twice"),
        (page(ROW, count=0), "0 items are announced, and 1 come"),
        (page(offset=5, count=9), "those from 5 on came"),
        (page(count=5), "5 items are announced, and only 0 come"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_body_that_cannot_be_used_is_one_clear_line(client, answer, service, body, said) -> None:
    answer(body)
    with pytest.raises(SourceError, match=said) as caught:
        client.observations("X1")
    assert str(caught.value).startswith("FRED observations of X1: ")
    assert "\n" not in str(caught.value)
    assert len(service.requests) == 1


@pytest.mark.parametrize(
    ("status", "body", "error", "said"),
    [
        (404, "<h1>Not found</h1>", SourceError, "nothing at this address .* check the base"),
        (
            404,
            '{"error_code":404,"error_message":"Not Found.  The series does not exist."}',
            UnknownSeriesError,
            'says "The series does not exist.".* licensed',
        ),
        (
            404,
            '{"error_message": "Not Found.  Not in this version."}',
            SourceError,
            'refused with status 404; the service says "Not in this version."',
        ),
        (
            400,
            '{"error_message": "Bad Request.  The variable series_id is copyrighted by ICE."}',
            UnknownSeriesError,
            'says "The variable series_id is copyrighted by ICE."',
        ),
        (
            403,
            '{"error_message": "Forbidden.  Copyrighted: pre-approval required."}',
            SourceError,
            'status 403; the service says "Copyrighted: pre-approval required."',
        ),
        (423, '{"error_message": "Locked."}', SourceUnavailableError, 'locked .* says "Locked."'),
        (403, "no", SourceError, "refused with status 403; the service does not say why"),
        (400, "no JSON", SourceError, "refused; the service does not say why"),
        (400, '{"error_message": 5}', SourceError, "refused; the service does not say why"),
        (400, "[" * 100000, SourceError, "refused; the service does not say why"),
        (
            400,
            '{"error_message":"Bad Request.  Invalid value for variable series_id.  Too long."}',
            UnknownSeriesError,
            'FRED has no series .X1. .* says "Invalid value for variable series_id. Too long."',
        ),
        (400, '{"error_message": "no key api_key=%s"}', SourceKeyError, r"api_key=\*\*\*"),
        (400, '{"error_message": "a\\nb\\u001b[31mc %s"}', SourceError, r"a b \[31mc \*\*\*"),
    ],
)
def test_refusals_are_typed_on_one_line_and_not_repeated(
    client, answer, service, key, status, body, error, said
) -> None:
    answer(body.replace("%s", key), status)
    with pytest.raises(error, match=said) as caught:
        client.observations("X1")
    assert type(caught.value) is error
    assert len(service.requests) == 1
    assert key not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_half_a_key_is_not_shown_either(client, answer, key) -> None:
    answer(json.dumps({"error_message": "x" * 290 + key}), 400)
    with pytest.raises(SourceError) as caught:
        client.observations("X1")
    assert key[:8] not in str(caught.value)


# ------------------------------------------------------------------------------- pages and windows


def test_all_pages_are_read(client, service, series) -> None:
    days = [f"20{year:02d}-{month:02d}-01" for year in range(20) for month in range(1, 13)]
    service.series["X1"] = series([(day, "1", day, "9999-12-31") for day in days])
    service.rows_per_page = 100
    rows = client.observations("X1", realtime=(date(1776, 7, 4), LAST_DAY))
    assert [row.day.isoformat() for row in rows] == days
    assert [r.get("offset") for r in service.requests] == [None, "100", "200"]
    assert [day.isoformat() for day in client.vintage_dates("X1")] == days
    assert [r.get("offset") for r in service.requests[3:]] == [None, "100", "200"]


def test_a_list_that_changes_while_it_is_read_is_an_error(client, service) -> None:
    bodies = iter([page(ROW, count=2), page({**ROW, "date": "2024-02-01"}, count=3, offset=1)])
    service.before = lambda request: Response(next(bodies), content_type="application/json")
    with pytest.raises(SourceError, match="changed from 2 to 3 items while it was read"):
        client.observations("X1")


def test_vintage_dates_that_do_not_rise_are_an_error(client, answer) -> None:
    days = ["2024-01-05", "2024-01-05"]
    answer(json.dumps({"count": 2, "offset": 0, "vintage_dates": days}))
    with pytest.raises(SourceError, match="they do not rise"):
        client.vintage_dates("X1")


def test_parameters_are_sent_as_documented(client, service, series) -> None:
    service.series["X1"] = series([("2024-01-01", "1", "2024-01-05", "9999-12-31")])
    client.observations(
        "X1",
        start=date(2020, 1, 1),
        end=date(2024, 12, 31),
        realtime=(date(2024, 1, 1), date(2024, 2, 1)),
        units="pc1",
        frequency="q",
        aggregation="eop",
    )
    (request,) = service.requests
    assert request == {
        "path": "series/observations",
        "series_id": "X1",
        "sort_order": "asc",
        "output_type": "1",
        "units": "pc1",
        "limit": "100000",
        "observation_start": "2020-01-01",
        "observation_end": "2024-12-31",
        "realtime_start": "2024-01-01",
        "realtime_end": "2024-02-01",
        "frequency": "q",
        "aggregation_method": "eop",
        "file_type": "json",
        "api_key": client.api_key,
    }


def test_a_series_that_is_not_archived_is_told_from_one_that_does_not_exist(
    client, service, series
) -> None:
    rows = [("2024-01-01", "1", "2024-01-05", "9999-12-31")]
    service.series["X1"] = series(rows, archived=False)
    with pytest.raises(NoVintagesError):
        client.vintage_dates("X1")
    with pytest.raises(UnknownSeriesError, match=r"FRED has no series 'X2' .*; look its name up"):
        client.vintage_dates("X2")


def test_metadata_of_another_series_is_not_taken(client, answer) -> None:
    answer('{"seriess": []}')
    with pytest.raises(SourceError, match="one series 'X1' was asked for, none came"):
        client.metadata("X1")


@pytest.mark.parametrize("moment", ["yesterday", "2024-13-30 07:54:01-05", "2024-10-30"])
def test_a_moment_that_cannot_be_read_is_an_error(client, service, series, moment) -> None:
    rows = [("2024-01-01", "1", "2024-01-05", "9999-12-31")]
    service.series["X1"] = series(rows, extra={"last_updated": moment})
    with pytest.raises(SourceError, match="is no date and time"):
        client.metadata("X1")


def test_searches_and_release_dates(client, service, answer, httpserver) -> None:
    httpserver.expect_request("/fred/series/search").respond_with_json({"seriess": [], "count": 0})
    assert client.search("consumer prices", 5) == ()
    (request, _) = httpserver.log[-1]
    assert (request.args["search_text"], request.args["limit"]) == ("consumer prices", "5")
    httpserver.expect_request("/fred/series/release").respond_with_json({"releases": [{"id": 10}]})
    dates = [{"release_id": 10, "date": "2024-01-11"}, {"release_id": 10, "date": "2024-02-13"}]
    httpserver.expect_request("/fred/release/dates").respond_with_json(
        {"count": 2, "offset": 0, "release_dates": dates}
    )
    assert client.release_dates("X1") == (date(2024, 1, 11), date(2024, 2, 13))
    (request, _) = httpserver.log[-1]
    assert request.args["release_id"] == "10"


def test_a_client_does_not_show_its_key(client, key) -> None:
    assert key not in repr(client)
