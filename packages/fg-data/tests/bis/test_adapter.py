"""The adapter against a service that writes the documented layout."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from werkzeug import Request, Response

from fg_core import DataError, Query
from fg_core.errors import UnknownSeriesError
from fg_data.bis import BIS_NOTICE, BISPolicyRateAdapter
from fg_data.datasets import load_dataset

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
CSV = "application/vnd.sdmx.data+csv; version=1.0.0; charset=utf-8"
HEADER = [
    *("FREQ", "REF_AREA", "UNIT_MEASURE", "UNIT_MULT", "TIME_FORMAT", "COMPILATION", "DECIMALS"),
    *("SOURCE_REF", "SUPP_INFO_BREAKS", "TITLE", "TIME_PERIOD", "OBS_VALUE", "OBS_STATUS"),
    *("OBS_CONF", "OBS_PRE_BREAK"),
]
LONG = 'From 1999 on: the rate; before, "the corridor", in detail.\n' * 40

RATES: dict[str, dict[str, tuple[str, str]]] = {
    "M.CH": {
        "2022-03": ("-0.75", "A"),
        "2022-01": ("-0.75", "A"),
        "2022-02": ("NaN", "M"),
        "2022-04": ("0", "A"),
        "2022-05": ("", "M"),
        "2022-06": ("0.5", "A"),
    },
    "D.CH": {"2022-01-01": ("-0.75", "A"), "2022-01-02": ("0", "A")},
}


def message(key: str) -> str:
    """An answer of the service, with its long texts in each row."""
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\r\n")
    rows.writerow(HEADER)
    frequency, area = key.split(".")
    for period, (value, status) in RATES[key].items():
        title = " Central bank policy rates - Switzerland - End of period"
        cells = [frequency, area, "368", "0", "", LONG, "4", "SNB", "", title, period]
        rows.writerow([*cells, value, status, "F", ""])
    return out.getvalue()


@pytest.fixture
def adapter(answering: Any, quick: Any, monkeypatch: pytest.MonkeyPatch) -> BISPolicyRateAdapter:
    def answer(request: Request) -> Response:
        assert request.path.startswith("/data/dataflow/BIS/WS_CBPOL/1.0/")
        assert request.args["format"] == "csv"
        key = request.path.rsplit("/", 1)[1]
        if key not in RATES:
            return Response("NoRecordsFound", status=404, content_type="text/plain")
        return Response(message(key), content_type=CSV)

    answering.answer = answer
    monkeypatch.setenv("BIS_BASE_URL", answering.url)
    return BISPolicyRateAdapter(transport=quick, clock=lambda: NOW)


def test_zero_and_negative_rates_are_rates_and_missing_ones_are_missing(
    adapter: BISPolicyRateAdapter,
) -> None:
    history = adapter.history("CH")
    assert [(one.period.month, one.value) for one in history.prints] == [
        (1, -0.75),
        (2, None),
        (3, -0.75),
        (4, 0.0),
        (5, None),
        (6, 0.5),
    ]
    # Known a week after the month, since the file is updated weekly; a caller may know better.
    april = datetime(2022, 4, 1, tzinfo=UTC)
    assert history.revisions(april)[0].published == datetime(2022, 5, 8, tzinfo=UTC)
    quicker = adapter.history("CH", release_lag=0)
    assert quicker.revisions(april)[0].published == datetime(2022, 5, 1, tzinfo=UTC)
    assert (history.units, history.frequency) == ("Percent per Year", "M")


def test_days_are_asked_for_without_their_texts(
    adapter: BISPolicyRateAdapter, answering: Any
) -> None:
    found = adapter.fetch_multi_series(("D.CH",)).require_all()
    assert [one.value for one in found["D.CH"].prints] == [-0.75, 0.0]  # a Saturday and a Sunday
    assert answering.requests[-1].args["detail"] == "dataonly"


def test_bounds_are_sent_and_applied_again(adapter: BISPolicyRateAdapter, answering: Any) -> None:
    history = adapter.history("CH", start=date(2022, 3, 1), end=date(2022, 4, 1))
    args = answering.requests[-1].args
    assert (args["startPeriod"], args["endPeriod"]) == ("2022-03", "2022-04")
    assert [one.period.month for one in history.prints] == [3, 4]
    with pytest.raises(DataError, match="no values in these periods"):
        adapter.history("CH", start=date(2022, 5, 1), end=date(2022, 5, 1))


def test_one_unknown_area_does_not_spoil_the_others(adapter: BISPolicyRateAdapter) -> None:
    found = adapter.fetch_multi_series(("CH", "ZZ", "xx"))
    assert set(found.histories) == {"CH"}
    with pytest.raises(UnknownSeriesError, match=r'status 404.*says "NoRecordsFound"; areas are'):
        found["ZZ"]
    assert isinstance(found.errors["xx"], UnknownSeriesError)


def test_rows_through_the_cache_carry_the_citation(
    adapter: BISPolicyRateAdapter,
    answering: Any,
    tmp_path: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FG_CACHE_DIR", str(tmp_path))
    rows = adapter.fetch(Query(("CH",)))
    assert [row.value for row in rows] == [-0.75, -0.75, 0.0, 0.5]
    notices = "\n".join(rows.provenance.notices)
    assert BIS_NOTICE in notices
    assert notices.count("6 periods are from before the first fetch on record") == 1
    assert "not first prints" in notices
    # Again, by name of the plugin and another object: from the cache.
    asked = len(answering.requests)
    again = load_dataset("bis", series=["CH"])
    assert [row.value for row in again] == [row.value for row in rows]
    assert len(answering.requests) == asked


def test_a_changed_rate_is_a_vintage(
    adapter: BISPolicyRateAdapter, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from fg_data.cache import CacheStore
    from fg_data.histories import CachedHistories

    times = [NOW]
    store = CacheStore(tmp_path, clock=lambda: times[-1])
    cached = CachedHistories(adapter, store, adapter.service)
    cached.fetch(["CH"])
    times.append(NOW + timedelta(days=30))
    monkeypatch.setitem(RATES["M.CH"], "2022-06", ("0.25", "A"))
    history = cached.fetch(["CH"])["CH"]
    june = datetime(2022, 6, 1, tzinfo=UTC)
    assert [one.value for one in history.revisions(june)] == [0.5, 0.25]
    (then,) = [one for one in history.as_of(NOW) if one.period == june]
    assert then.value == 0.5
