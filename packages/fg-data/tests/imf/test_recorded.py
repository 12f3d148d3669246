"""Recorded answers of the IMF, served as they were sent, against the raw bodies."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from fg_core import DataError, SourceError
from fg_core.errors import UnknownSeriesError
from fg_data.imf import ImfAdapter

NOW = datetime(2026, 7, 15, tzinfo=UTC)
GROWTH = "imf/datamapper_NGDP_RPCH_USA_IND_EURO.json"
NULL_KEY = "imf/datamapper_NGDP_RPCH_excerpt_null_key.json"
WESTERN = "imf/sdmx3_data_WHDREO_GX1213.BCA_GDP_BP6.A.json"
AFRICAN = "imf/sdmx3_data_AFRREO_TTT_IX+GGX_G01_GDP_PT.json"
FISCAL = "imf/sdmx3_data_GFS_SOO_ABW_1972_1976.json"
PORTAL = "/sdmx/data/dataflow/"


def listed(source: str) -> str:
    facts = {"label": "Real GDP growth", "source": source, "unit": "Annual percent change"}
    return json.dumps({"indicators": {"NGDP_RPCH": facts}})


@pytest.fixture
def adapter(httpserver: Any, quick: Any) -> ImfAdapter:
    return ImfAdapter(
        base_url=httpserver.url_for("/map"),
        sdmx_url=httpserver.url_for("/sdmx"),
        transport=quick,
        clock=lambda: NOW,
    )


@pytest.mark.parametrize(
    ("name", "areas"), [(GROWTH, ["USA", "IND", "EURO"]), (NULL_KEY, ["AND", "ALB"])]
)
def test_growth_by_country_up_to_the_last_actual_year(
    recorded: Any, httpserver: Any, adapter: ImfAdapter, name: str, areas: list[str]
) -> None:
    httpserver.expect_request("/map/indicators").respond_with_data(
        listed("World Economic Outlook (April 2026)"), content_type="application/json"
    )
    recorded.serve(httpserver, "/map/NGDP_RPCH/" + "/".join(areas), name)
    raw = recorded.json(name)["values"]["NGDP_RPCH"]
    found = adapter.fetch_multi_series([f"NGDP_RPCH.{area}" for area in areas]).require_all()
    read = {
        series.partition(".")[2]: {str(one.period.year): one.value for one in history.prints}
        for series, history in found.histories.items()
    }
    assert read == {
        area: {year: x for year, x in years.items() if year <= "2024"}
        for area, years in raw.items()
    }
    assert max(years for found in raw.values() for years in found) == "2031"
    assert found.metadata[f"NGDP_RPCH.{areas[0]}"].edition == "World Economic Outlook (April 2026)"


def series_of(raw: Any, codes: list[str]) -> dict[str, float]:
    """Values of one series by year, read off the message step by step."""
    structure = raw["data"]["structures"][0]
    places = []
    for dimension, code in zip(structure["dimensions"]["series"], codes, strict=True):
        places.append([one["id"] for one in dimension["values"]].index(code))
    years = [one["value"] for one in structure["dimensions"]["observation"][0]["values"]]
    cells = raw["data"]["dataSets"][0]["series"][":".join(map(str, places))]["observations"]
    return {years[int(n)]: float(cell[0]) for n, cell in cells.items() if cell[0] is not None}


def test_an_outlook_of_the_portal_without_its_edition(
    recorded: Any, httpserver: Any, adapter: ImfAdapter
) -> None:
    recorded.serve(httpserver, f"{PORTAL}IMF.WHD/WHDREO/+/GX1213.BCA_GDP_BP6.A", WESTERN)
    name = "IMF.WHD/WHDREO/GX1213.BCA_GDP_BP6.A"
    outlook = adapter.outlook(name)
    sent = series_of(recorded.json(WESTERN), ["GX1213", "BCA_GDP_BP6", "A"])
    read = {**outlook.actual, **outlook.projected}
    assert {str(period.year): value for period, value in read.items()} == sent
    assert max(sent) == "2030"
    # Figures go beyond the present, so nothing after the year before last is taken for data.
    assert max(outlook.actual).year == 2024
    history = adapter.history(name)
    assert {str(one.period.year): one.value for one in history.prints} == {
        year: value for year, value in sent.items() if year <= "2024"
    }
    assert outlook.units == "PT"


def test_every_series_of_a_message_with_many(recorded: Any) -> None:
    from fg_data.sdmx import read_sdmx_json

    raw = recorded.json(AFRICAN)
    series, attributes = read_sdmx_json(
        recorded.body(AFRICAN), attributes=("UNIT", "SCALE"), what="it"
    )
    assert len(series) == len(raw["data"]["dataSets"][0]["series"]) > 100
    for one in series:
        read = {str(p.year): x for p, x in one.values.items() if x is not None}
        assert read == series_of(raw, list(one.key.values())), one.key
        assert one.attributes["UNIT"] == ("IX" if one.key["INDICATOR"] == "TTT_IX" else "PT")
    assert "DERIVATION_TYPE" in attributes


def test_a_message_of_other_series_is_refused(
    recorded: Any, httpserver: Any, adapter: ImfAdapter
) -> None:
    recorded.serve(httpserver, f"{PORTAL}IMF.AFR/AFRREO/+/AGO.TTT_IX.A", AFRICAN)
    with pytest.raises(SourceError, match="came, which was not asked for"):
        adapter.history("IMF.AFR/AFRREO/AGO.TTT_IX.A")


def test_a_series_whose_every_value_is_missing(
    recorded: Any, httpserver: Any, adapter: ImfAdapter
) -> None:
    key = "ABW.S13.G2M.G23_T.POGDP_PT.A"
    recorded.serve(httpserver, f"{PORTAL}IMF.STA/GFS_SOO/12.0.0/{key}", FISCAL)
    name = f"IMF.STA/GFS_SOO/12.0.0/{key}"
    outlook = adapter.outlook(name)
    assert set(outlook.actual.values()) == {None}
    assert [period.year for period in outlook.actual] == [1972, 1973, 1974, 1975, 1976]
    with pytest.raises(DataError, match="no values in these periods"):
        adapter.history(name)


def test_no_content_is_an_unknown_series(
    recorded: Any, httpserver: Any, adapter: ImfAdapter
) -> None:
    recorded.serve(
        httpserver, f"{PORTAL}IMF.RES/NONE/+/USA.X.A", "imf/sdmx3_dataflow_unknown_204.json"
    )
    with pytest.raises(UnknownSeriesError, match=r"no data \(status 204\)"):
        adapter.history("IMF.RES/NONE/USA.X.A")


@pytest.mark.parametrize(
    "name",
    [
        "sdmx21_MFS_IR_JPN_USA_2024M01_M03.xml",
        "sdmx3_dataflow_PCPS.json",
        "sdmx3_datastructure_DSD_AFRREO.json",
    ],
)
def test_messages_without_data_are_no_data(
    recorded: Any, httpserver: Any, adapter: ImfAdapter, name: str
) -> None:
    recorded.serve(httpserver, f"{PORTAL}IMF.RES/PCPS/+/W00.PALLFNF.IX.M", f"imf/{name}")
    with pytest.raises((SourceError, UnknownSeriesError)):
        adapter.history("IMF.RES/PCPS/W00.PALLFNF.IX.M")
