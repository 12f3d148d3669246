"""Recorded answers of the BIS, served as they were sent, against the raw bodies."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from typing import Any

import pytest

from fg_core import SourceError
from fg_core.errors import UnknownSeriesError
from fg_data.bis import BISPolicyRateAdapter

PATH = "/data/dataflow/BIS/WS_CBPOL/1.0/"
MONTHLY = "bis/cbpol_M.US+JP_2024-01_2024-03_from_xml.csv"
STRUCTURED = "bis/cbpol_M.US+JP_2024-01_2024-03_structurespecific.xml"


@pytest.fixture
def adapter(httpserver: Any, quick: Any) -> BISPolicyRateAdapter:
    return BISPolicyRateAdapter(base_url=httpserver.url_for("/"), transport=quick)


def test_monthly_rates_are_those_of_the_xml_that_the_service_sent(
    recorded: Any, httpserver: Any, adapter: BISPolicyRateAdapter
) -> None:
    """The CSV holds two areas; each is served alone, as the adapter asks for it."""
    text = recorded.body(MONTHLY).decode()
    header, *rows = re.findall(r'(?:"[^"]*"|[^\n])+', text)
    for area in ("US", "JP"):
        mine = [row for row in rows if row.startswith(f"M,{area},")]
        httpserver.expect_request(f"{PATH}M.{area}").respond_with_data(
            "\r\n".join([header, *mine, ""]), content_type="application/vnd.sdmx.data+csv"
        )
    found = adapter.fetch_multi_series(("JP", "US")).require_all()
    read = {
        (area, f"{one.period:%Y-%m}"): one.value
        for area, history in found.histories.items()
        for one in history.prints
    }
    root = ET.fromstring(recorded.body(STRUCTURED))
    sent = {
        (series.attrib["REF_AREA"], one.attrib["TIME_PERIOD"]): float(one.attrib["OBS_VALUE"])
        for series in root.iter()
        if series.tag.endswith("Series")
        for one in series
        if "TIME_PERIOD" in one.attrib
    }
    assert read == sent
    assert read["JP", "2024-01"] == -0.1
    assert found.metadata["JP"].title.startswith("Central bank policy rates - Japan")


def test_the_recorded_body_of_two_areas_is_refused_where_one_was_asked_for(
    recorded: Any, httpserver: Any, adapter: BISPolicyRateAdapter
) -> None:
    recorded.serve(httpserver, f"{PATH}M.US", MONTHLY)
    with pytest.raises(SourceError, match=r"M\.JP came, which was not asked for"):
        adapter.history("US")


def test_daily_rates(recorded: Any, httpserver: Any, adapter: BISPolicyRateAdapter) -> None:
    recorded.serve(httpserver, f"{PATH}D.CH", "bis/cbpol_D.CH_2025-06-18.csv")
    history = adapter.history("D.CH")
    assert history.frequency == "D"
    cells = recorded.body("bis/cbpol_D.CH_2025-06-18.csv").decode().splitlines()[1].split(",")
    (one,) = history.prints
    assert (f"{one.period:%Y-%m-%d}", one.value) == (cells[-5], float(cells[-4]))


@pytest.mark.parametrize(
    "name",
    ["cbpol_M.CH_2025-12_2026-02_generic.xml", "dataflows_structure.xml"],
)
def test_xml_is_refused_by_its_type(
    recorded: Any, httpserver: Any, adapter: BISPolicyRateAdapter, name: str
) -> None:
    recorded.serve(httpserver, f"{PATH}M.CH", f"bis/{name}")
    with pytest.raises(SourceError, match=r"sends 'application/vnd\.sdmx\..*xml' where"):
        adapter.history("CH")


def test_names(adapter: BISPolicyRateAdapter) -> None:
    for name in ("us", "USA", "M.USA", "W.US", "US/../GB", ""):
        with pytest.raises(UnknownSeriesError, match="two capital letters"):
            adapter.history(name)
