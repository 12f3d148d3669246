"""The adapter against a service that writes the documented layouts."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from werkzeug import Request, Response

from fg_core import ConfigError, SourceError
from fg_core.errors import UnknownSeriesError
from fg_data.cache import CacheStore
from fg_data.histories import CachedHistories
from fg_data.oecd import OECD_NOTICE, OECDCLIAdapter

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
CODES = {
    "REF_AREA": "",
    "FREQ": "M",
    "MEASURE": "LI",
    "UNIT_MEASURE": "IX",
    "ACTIVITY": "_Z",
    "ADJUSTMENT": "AA",
    "TRANSFORMATION": "IX",
    "TIME_HORIZ": "_Z",
    "METHODOLOGY": "H",
}
FIGURES = {
    "USA": {"2024-03": 100.25, "2024-01": 99.5, "2024-02": None, "2024-04": 100.75},
    "G20": {"2024-02": 99.0, "2024-01": 98.5},
}


def csv_v1(areas: list[str]) -> bytes:
    head = ["DATAFLOW", *CODES, "TIME_PERIOD", "OBS_VALUE", "OBS_STATUS", "BASE_PER"]
    lines = [",".join(head)]
    for area in areas:
        for month, value in FIGURES[area].items():
            codes = {**CODES, "REF_AREA": area}.values()
            cell = "" if value is None else repr(value)
            lines.append(",".join(["OECD:DF(4.1)", *codes, month, cell, "A", ""]))
    return ("\r\n".join(lines) + "\r\n").encode()


def csv_v2(areas: list[str]) -> bytes:
    names = [f"{name}: Name of {name}" for name in CODES]
    lines = [",".join(["STRUCTURE", "ACTION", *names, "TIME_PERIOD: Time", "OBS_VALUE"])]
    for area in areas:
        for month, value in FIGURES[area].items():
            codes = [f"{code}: {code}" for code in {**CODES, "REF_AREA": area}.values()]
            cell = "NaN" if value is None else repr(value)
            lines.append(",".join(["DATAFLOW", "I", *codes, month, cell]))
    return ("\r\n".join(lines) + "\r\n").encode()


def sdmx_json(areas: list[str], *, second: bool) -> bytes:
    months = sorted({month for area in areas for month in FIGURES[area]}, reverse=True)
    dims = [{"id": n, "values": [{"id": code}]} for n, code in CODES.items()]
    dims[0]["values"] = [{"id": area} for area in areas]
    time = [{"value" if second else "id": month} for month in months]
    structure = {
        "dimensions": {"series": dims, "observation": [{"id": "TIME_PERIOD", "values": time}]}
    }
    series = {
        ":".join([str(n), *["0"] * (len(CODES) - 1)]): {
            "observations": {
                str(months.index(m)): [str(x) if second and x is not None else x]
                for m, x in FIGURES[area].items()
            }
        }
        for n, area in enumerate(areas)
    }
    body: dict[str, Any] = {"dataSets": [{"series": series}]}
    body |= {"structures": [structure]} if second else {"structure": structure}
    return json.dumps({"data": body} if second else body).encode()


class Oecd:
    """Answers both styles in both formats, as they are asked for."""

    def __init__(self, answering: Any) -> None:
        answering.answer = self.answer
        self.asked: list[Request] = answering.requests

    def answer(self, request: Request) -> Response:
        second = request.path.startswith("/v2/")
        codes = request.path.rsplit("/", 1)[1].split(".")
        assert len(codes) == len(CODES)
        assert set(codes[3:5]) == ({"*"} if second else {""})
        wanted = codes[0].split("+")
        areas = [area for area in wanted if area in FIGURES]
        if not areas:
            return Response("NoRecordsFound", status=404, content_type="text/plain")
        accept = request.headers["Accept"]
        as_json = "json" in accept if second else request.args["format"] == "jsondata"
        if as_json:
            return Response(
                sdmx_json(areas, second=second), content_type="application/vnd.sdmx.data+json"
            )
        body = csv_v2(areas) if second else csv_v1(areas)
        return Response(body, content_type="application/vnd.sdmx.data+csv; charset=utf-8")


@pytest.fixture
def oecd(answering: Any) -> Oecd:
    return Oecd(answering)


@pytest.mark.parametrize("style", ["v1", "v2"])
@pytest.mark.parametrize("message", ["csv", "json"])
def test_both_styles_and_formats_say_the_same(
    oecd: Oecd, answering: Any, quick: Any, style: str, message: str
) -> None:
    adapter = OECDCLIAdapter(
        base_url=answering.url, transport=quick, clock=lambda: NOW, style=style, message=message
    )
    found = adapter.fetch_multi_series(("USA", "G20", "NONE", "x"))
    assert len(oecd.asked) == 1  # all of them in one request, of which there are 60 an hour
    assert set(found.errors) == {"NONE", "x"}
    assert all(isinstance(error, UnknownSeriesError) for error in found.errors.values())
    read = {
        area: {f"{one.period:%Y-%m}": one.value for one in history.prints}
        for area, history in found.histories.items()
    }
    assert read == FIGURES
    january = found["USA"].prints[0]
    assert january.published == datetime(2024, 2, 16, tzinfo=UTC)
    assert OECD_NOTICE in found.provenance.notices
    # Bounds are sent in the way that the style has, joined where two parameters would lose one.
    adapter.history("USA", start=date(2024, 2, 1), end=date(2024, 3, 1))
    args = oecd.asked[-1].args
    if style == "v1":
        assert (args["startPeriod"], args["endPeriod"]) == ("2024-02", "2024-03")
    else:
        assert args.getlist("c[TIME_PERIOD]") == ["ge:2024-02+le:2024-03"]
        assert "version=2.0.0" in oecd.asked[-1].headers["Accept"]


def test_no_area_at_all_is_unknown_and_not_an_outage(
    oecd: Oecd, answering: Any, quick: Any
) -> None:
    adapter = OECDCLIAdapter(base_url=answering.url, transport=quick)
    with pytest.raises(UnknownSeriesError, match="no leading indicator 'AFG'"):
        adapter.history("AFG")
    with pytest.raises(UnknownSeriesError, match="names are areas in capitals"):
        adapter.history("usa")
    assert len(oecd.asked) == 1


def test_what_was_not_asked_for_is_refused(
    answering: Any, quick: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    adapter = OECDCLIAdapter(base_url=answering.url, transport=quick)
    answering.say(csv_v1(["USA", "G20"]), "text/csv")
    with pytest.raises(SourceError, match=r"G20.* came, which was not asked for"):
        adapter.history("USA")
    answering.say(csv_v1(["USA"]).replace(b",AA,", b",NOR,"), "text/csv")
    with pytest.raises(SourceError, match=r"NOR.* came, which was not asked for"):
        adapter.history("USA")
    twice = csv_v1(["USA"]) + csv_v1(["USA"]).split(b"\r\n", 1)[1].replace(b"_Z", b"_T")
    answering.say(twice, "text/csv")
    with pytest.raises(SourceError, match="USA has two indicators of the same kind"):
        adapter.history("USA")


def test_the_history_that_changed_is_another_vintage_and_the_older_one_stays(
    oecd: Oecd, answering: Any, quick: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = [NOW]
    adapter = OECDCLIAdapter(base_url=answering.url, transport=quick, clock=lambda: times[-1])
    store = CacheStore(tmp_path, clock=lambda: times[-1])
    cached = CachedHistories(adapter, store, adapter.service)
    cached.fetch(["USA"])
    rescaled = {m: None if x is None else x + 0.11 for m, x in FIGURES["USA"].items()}
    monkeypatch.setitem(FIGURES, "USA", {**rescaled, "2024-05": 101.0})
    times.append(NOW + timedelta(days=31))
    found = cached.fetch(["USA"])
    history = found["USA"]
    then = {f"{one.period:%Y-%m}": one.value for one in history.as_of(NOW + timedelta(days=1))}
    assert then == {"2024-01": 99.5, "2024-03": 100.25, "2024-04": 100.75}
    may = history.prints[-1]
    assert (may.value, may.published) == (101.0, times[-1])  # the one first print
    notices = "\n".join(found.provenance.notices)
    assert "values of 4 periods are from before the first fetch on record (2026-11-30)" in notices
    assert "filtered and scaled anew every month" in notices


def test_settings(quick: Any) -> None:
    with pytest.raises(ConfigError, match="style is v1 or v2"):
        OECDCLIAdapter(style="v3")
    with pytest.raises(ConfigError, match="message is csv or json"):
        OECDCLIAdapter(message="xml")
    with pytest.raises(ConfigError, match="0 days or more"):
        OECDCLIAdapter(transport=quick).fetch_multi_series(("USA",), release_lag=-1)
