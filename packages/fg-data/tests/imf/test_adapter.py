"""The adapter against services that write the documented envelopes."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from werkzeug import Request, Response

from fg_core import DataError, SourceError
from fg_core.errors import SourceUnavailableError, UnknownSeriesError
from fg_data.imf import IMF_NOTICE, ImfAdapter
from fg_data.imf.validation.made_up import MadeUpImf

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


@pytest.fixture
def made_up(answering: Any) -> MadeUpImf:
    service = MadeUpImf(3)

    def answer(request: Request) -> Response:
        said = service.answer(request.path, request.args)
        return Response(said.body, status=said.status, content_type=said.content_type)

    answering.answer = answer
    return service


@pytest.fixture
def adapter(answering: Any, quick: Any) -> ImfAdapter:
    return ImfAdapter(
        base_url=f"{answering.url}/datamapper",
        sdmx_url=f"{answering.url}/sdmx",
        transport=quick,
        clock=lambda: NOW,
    )


def test_names_of_both_services_in_one_call(
    made_up: MadeUpImf, adapter: ImfAdapter, answering: Any
) -> None:
    portal = "IMF.RES/WEO/CHN.NGDP_RPCH.A"
    names = ("NGDP_RPCH.USA", portal, "NGDP_RPCH.XYZ", "usa growth", "NGDP_RPCH.AFG")
    found = adapter.fetch_multi_series(names)
    assert list(found.histories) == ["NGDP_RPCH.USA", portal, "NGDP_RPCH.AFG"]
    assert all(isinstance(error, UnknownSeriesError) for error in found.errors.values())
    # One list of indicators, one request for all areas of an indicator, one per series elsewhere.
    assert [request.path.rsplit("/", 2)[1] for request in answering.requests] == [
        "+",
        "datamapper",
        "XYZ",
    ]
    china = found[portal]
    assert {one.period.year: one.value for one in china.prints} == {
        year: x for year, x in made_up.sent["CHN"].items() if year <= 2025
    }
    assert IMF_NOTICE in found.provenance.notices
    assert found.metadata["NGDP_RPCH.USA"].units == "Annual percent change"
    assert "October 2026" in found.provenance.vintage
    # No year counts as known before its October edition.
    last = found["NGDP_RPCH.USA"].prints[-1]
    assert last.published == datetime(2026, 10, 28, tzinfo=UTC)


def test_a_series_that_is_estimated_as_a_whole(
    made_up: MadeUpImf, adapter: ImfAdapter, answering: Any
) -> None:
    def answer(request: Request) -> Response:
        body = json.loads(made_up.answer(request.path, request.args).body)
        body["data"]["dataSets"][0]["dimensionGroupAttributes"] = {"0:0::": [None]}
        return Response(json.dumps(body), content_type="application/json")

    answering.answer = answer
    with pytest.raises(DataError, match="no actual figures: all are estimates or projections"):
        adapter.history("IMF.RES/WEO/USA.NGDP_RPCH.A")
    outlook = adapter.outlook("IMF.RES/WEO/USA.NGDP_RPCH.A")
    assert not outlook.actual
    assert len(outlook.projected) == len(made_up.sent["USA"])


def monthly(periods: dict[str, str]) -> str:
    dims = [{"id": n, "values": [{"id": c}]} for n, c in (("COUNTRY", "USA"), ("FREQUENCY", "M"))]
    time = {"id": "TIME_PERIOD", "values": [{"value": period} for period in periods]}
    series = {"observations": {str(n): [x] for n, x in enumerate(periods.values())}}
    structure = {"dimensions": {"series": dims, "observation": [time]}}
    data = {"dataSets": [{"series": {"0:0": series}}], "structures": [structure]}
    return json.dumps({"data": data})


def test_monthly_statistics_are_all_actual(adapter: ImfAdapter, answering: Any) -> None:
    answering.say(monthly({"2026-M09": "1.5", "2026-M10": "1.75"}), "application/json")
    history = adapter.history("IMF.STA/CPI/USA.M")
    assert [(one.period.month, one.value) for one in history.prints] == [(9, 1.5), (10, 1.75)]
    assert history.prints[0].published == NOW.replace(hour=0)
    # A figure of a month that is not over makes the series an outlook, whatever else it holds.
    answering.say(monthly({"2024-12": "1.5", "2026-M10": "1", "2027-01": "2"}), "application/json")
    assert [one.period.year for one in adapter.history("IMF.STA/CPI/USA.M").prints] == [2024]


def test_the_list_of_indicators_is_needed(adapter: ImfAdapter, answering: Any) -> None:
    answering.say("<html>no</html>", "text/html", status=403)
    with pytest.raises(SourceUnavailableError, match="does not let us in"):
        adapter.history("NGDP_RPCH.USA")
    found = adapter.fetch_multi_series(("NGDP_RPCH.USA", "NGDP_RPCH.CHN"))
    assert set(found.errors) == {"NGDP_RPCH.USA", "NGDP_RPCH.CHN"}


@pytest.mark.parametrize(
    ("values", "kind", "message"),
    [
        ({"NGDP_RPCH": {"USA": {"2020": 1.5, "20x1": 2}}}, SourceError, "'20x1' of USA is no year"),
        ({"NGDP_RPCH": {"USA": {"2020": "many"}}}, SourceError, "'many' is no number"),
        ({"NGDP_RPCH": {"USA": {"2020": True}}}, SourceError, "'True' is no number"),
        ({"NGDP_RPCH": {"USA": "2020"}}, SourceError, "not laid out as documented"),
        ({"NGDP_RPCH": [1]}, SourceError, "not laid out as documented"),
        ({"PCPIPCH": {"USA": {"2020": 1.5}}}, SourceError, "'PCPIPCH' came, which was not asked"),
        ({"NGDP_RPCH": []}, UnknownSeriesError, "no NGDP_RPCH of 'USA'"),
        ({"NGDP_RPCH": None, "": None}, UnknownSeriesError, "no NGDP_RPCH of 'USA'"),
        ([], UnknownSeriesError, "no NGDP_RPCH of 'USA'"),
        (None, UnknownSeriesError, "no NGDP_RPCH of 'USA'"),
        ({"NGDP_RPCH": {"USA": {"2020": "NaN", "2021": None}}}, DataError, "no values in these"),
    ],
)
def test_maps_that_are_odd(
    made_up: MadeUpImf,
    adapter: ImfAdapter,
    answering: Any,
    values: Any,
    kind: type[Exception],
    message: str,
) -> None:
    usual = answering.answer

    def answer(request: Request) -> Response:
        if request.path.endswith("/indicators"):
            return usual(request)
        return Response(json.dumps({"values": values}), content_type="application/json")

    answering.answer = answer
    with pytest.raises(kind, match=message):
        adapter.history("NGDP_RPCH.USA")
