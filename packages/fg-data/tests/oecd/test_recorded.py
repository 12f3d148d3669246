"""Recorded answers of the OECD, served as they were sent, against the raw bodies."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from fg_core.errors import UnknownSeriesError
from fg_data.cache import VintageStore
from fg_data.oecd import OECDCLIAdapter

V1 = "/data/OECD.SDD.STES,DSD_STES@DF_CLI,4.1/{}.M.LI...AA.IX..H"
V2 = "/v2/data/dataflow/OECD.SDD.STES/DSD_STES@DF_CLI/4.1/{}.M.LI.*.*.AA.IX.*.H"
AUGUST = "oecd/cli_G20_CHN_csvfile_2026-08.csv"
MARCH = "oecd/cli_G20_csv_v2_labels_both_2026-03-08.csv"
LONG = "oecd/cli_USA_DEU_JPN_from2015_reserialised.csv"


def rows_of(body: bytes) -> dict[tuple[str, str], float]:
    """Cells of a body by area and month, by the places of the columns: these have no quotes."""
    lines = body.decode("utf-8-sig").splitlines()
    header = [cell.split(": ")[0] for cell in lines[0].split(",")]
    area, month, value = (header.index(n) for n in ("REF_AREA", "TIME_PERIOD", "OBS_VALUE"))
    cells = [line.split(",") for line in lines[1:]]
    return {(row[area].split(": ")[0], row[month]): float(row[value]) for row in cells}


def read(found: Any) -> dict[tuple[str, str], float]:
    histories = found.require_all().histories
    return {
        (area, f"{one.period:%Y-%m}"): one.value
        for area, history in histories.items()
        for one in history.prints
    }


@pytest.mark.parametrize(
    ("name", "areas", "settings", "path"),
    [
        (AUGUST, ("G20", "CHN"), {}, V1),
        (MARCH, ("G20",), {"style": "v2"}, V2),
        (LONG, ("USA", "DEU", "JPN"), {"version": "4.0"}, V1.replace("4.1", "4.0")),
    ],
)
def test_every_cell_is_read(
    recorded: Any,
    httpserver: Any,
    quick: Any,
    name: str,
    areas: tuple[str, ...],
    settings: dict[str, str],
    path: str,
) -> None:
    recorded.serve(httpserver, path.format("+".join(areas)), name)
    adapter = OECDCLIAdapter(base_url=httpserver.url_for(""), transport=quick, **settings)
    sent = rows_of(recorded.body(name))
    assert len(sent) >= 14
    assert read(adapter.fetch_multi_series(areas)) == sent


def test_an_upper_bound_that_the_service_ignored_is_applied_again(
    recorded: Any, httpserver: Any, quick: Any
) -> None:
    recorded.serve(httpserver, V2.format("G20"), MARCH)
    adapter = OECDCLIAdapter(base_url=httpserver.url_for(""), transport=quick, style="v2")
    history = adapter.history("G20", start=date(2023, 1, 1), end=date(2023, 6, 1))
    sent = rows_of(recorded.body(MARCH))
    within = {m: x for (_, m), x in sent.items() if "2023-01" <= m <= "2023-06"}
    assert {f"{one.period:%Y-%m}": one.value for one in history.prints} == within
    assert len(within) == 6 < len(sent)


def test_two_recorded_fetches_are_two_vintages(
    recorded: Any, httpserver: Any, quick: Any, tmp_path: Any
) -> None:
    """What stood in March, a history of both gives back to the last digit."""
    recorded.serve(httpserver, V2.format("G20"), MARCH)
    recorded.serve(httpserver, V1.format("G20+CHN"), AUGUST)
    settings = {"base_url": httpserver.url_for(""), "transport": quick}
    march = OECDCLIAdapter(style="v2", **settings).history("G20")
    found = OECDCLIAdapter(**settings).fetch_multi_series(("G20", "CHN")).require_all()
    store = VintageStore(tmp_path, "oecd")
    for moment, history in ((date(2026, 3, 8), march), (date(2026, 8, 12), found["G20"])):
        values = {one.period: one.value for one in history.prints}
        at = march.prints[0].period.replace(year=2026, month=moment.month, day=moment.day)
        bounds = {"start": min(values), "end": None}
        store.add("G20", values, at, frequency="M", units="Index", **bounds)
    both = store.history("G20")
    then = both.as_of(march.prints[0].period.replace(year=2026, month=7, day=1))
    assert {f"{one.period:%Y-%m}": one.value for one in then} == {
        month: value for (_, month), value in rows_of(recorded.body(MARCH)).items()
    }
    now = both.as_of(march.prints[0].period.replace(year=2026, month=9, day=1))
    august = {m: x for (area, m), x in rows_of(recorded.body(AUGUST)).items() if area == "G20"}
    assert {
        k: v for k, v in {f"{o.period:%Y-%m}": o.value for o in now}.items() if k in august
    } == (august)


def test_an_area_that_did_not_come_is_unknown(recorded: Any, httpserver: Any, quick: Any) -> None:
    recorded.serve(httpserver, V1.format("G20+CHN+AFG"), AUGUST)
    adapter = OECDCLIAdapter(base_url=httpserver.url_for(""), transport=quick)
    found = adapter.fetch_multi_series(("G20", "CHN", "AFG"))
    assert set(found.histories) == {"G20", "CHN"}
    with pytest.raises(UnknownSeriesError, match="no leading indicator 'AFG'"):
        found["AFG"]
