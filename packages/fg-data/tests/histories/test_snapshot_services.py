"""Every service without vintages: its adapter conforms, and survives whatever comes over the line.

A case has a good answer of its service, in the documented envelope, and faults are made from it.
"""

from __future__ import annotations

import gzip
import json
import pickle
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from werkzeug import Request, Response

from fg_core import ForecastGameError, Query, SourceError
from fg_core.errors import SourceRateError, SourceUnavailableError, UnknownSeriesError
from fg_core.testing import CHECKS
from fg_data.bis import BISPolicyRateAdapter
from fg_data.cache import CacheStore, CacheWarning
from fg_data.gpr import GeopoliticalRiskAdapter
from fg_data.histories import CachedHistories, HistoryOptions, SnapshotAdapter, dataset_of_query
from fg_data.imf import ImfAdapter
from fg_data.oecd import OECDCLIAdapter
from fg_data.polymarket import PolymarketAdapter

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
CSV, JSON = "application/vnd.sdmx.data+csv", "application/json"
Values = dict[int, float]  # by year, or by month of 2020


def bis(values: Values) -> str:
    rows = [f'M,CH,"A, text",2020-{month:02d},{x!r},A' for month, x in values.items()]
    return "\r\n".join(["FREQ,REF_AREA,TITLE,TIME_PERIOD,OBS_VALUE,OBS_STATUS", *rows, ""])


def oecd(values: Values) -> str:
    head = "DATAFLOW,REF_AREA,FREQ,MEASURE,UNIT_MEASURE,ACTIVITY,ADJUSTMENT,TRANSFORMATION,"
    head += "TIME_HORIZ,METHODOLOGY,TIME_PERIOD,OBS_VALUE,OBS_STATUS"
    rows = [f"D,USA,M,LI,IX,_Z,AA,IX,_Z,H,2020-{m:02d},{x!r},A" for m, x in values.items()]
    return "\n".join([head, *rows, ""])


def message(key: dict[str, str], periods: list[str], values: list[float]) -> str:
    dims = [{"id": name, "values": [{"id": code}]} for name, code in key.items()]
    time = {"id": "TIME_PERIOD", "values": [{"value": period} for period in periods]}
    series = {"observations": {str(n): [repr(x)] for n, x in enumerate(values)}}
    structure = {"dimensions": {"series": dims, "observation": [time]}}
    place = ":".join("0" for _ in dims)
    return json.dumps(
        {"data": {"dataSets": [{"series": {place: series}}], "structures": [structure]}}
    )


def oecd_json(values: Values) -> str:
    names = "REF_AREA FREQ MEASURE UNIT_MEASURE ACTIVITY ADJUSTMENT TRANSFORMATION TIME_HORIZ"
    codes = ["USA", "M", "LI", "IX", "_Z", "AA", "IX", "_Z", "H"]
    key = dict(zip([*names.split(), "METHODOLOGY"], codes, strict=True))
    return message(key, [f"2020-{m:02d}" for m in values], list(values.values()))


def portal(values: Values) -> str:
    key = {"COUNTRY": "USA", "INDICATOR": "X", "FREQUENCY": "M"}
    return message(key, [f"2020-M{m:02d}" for m in values], list(values.values()))


def datamapper(values: Values) -> str:
    years = {str(2000 + number): x for number, x in values.items()}
    return json.dumps({"values": {"X_GR": {"USA": years}, "": None}})


FIGURES = {4: 1.5, 2: -0.25, 1: 0.0, 3: 2.75, 5: 3.5, 6: 4.0, 7: 4.25, 8: 5.0}
GROWTH = {"label": "Growth", "source": "Outlook (October 2026)", "unit": "Percent"}


@dataclass(frozen=True)
class Case:
    """A service: one series of it, its good answer, and how its adapter is made.

    `asides` are answers to requests that are not for figures; `scale` brings them in bounds.
    """

    series: str
    body: Callable[[Values], Any]  # a text, or the rows of a workbook
    content_type: str
    make: Callable[..., SnapshotAdapter[Any]]
    asides: dict[str, Any] = field(default_factory=dict)
    scale: Callable[[float], float] = float


def imf(url: str, **settings: Any) -> ImfAdapter:
    return ImfAdapter(base_url=url, sdmx_url=url, **settings)


def prices(values: Values) -> str:
    start = datetime(2020, 1, 1, 23, tzinfo=UTC).timestamp()
    points = [{"t": int(start) + 86_400 * (n - 1) + 2, "p": x} for n, x in values.items()]
    return json.dumps({"history": points})


MARKET = {
    "slug": "rain",
    "outcomes": '["No", "Yes"]',
    "clobTokenIds": '["1", "2"]',
    "startDate": "2020-01-01T12:00:00Z",
    "closedTime": "2020-01-12 15:17:41+00",
    "closed": True,
}


def risk(values: Values) -> list[list[object]]:
    labels: list[list[object]] = [[None, None, f"X{n}", "a long label"] for n in range(400)]
    rows: list[list[object]] = [[date(2020, n, 1), x] for n, x in values.items()]
    return [["month", "GPR", "var_name", "var_label"], *rows, *labels]


CASES = {
    "bis": Case("CH", bis, CSV, lambda url, **s: BISPolicyRateAdapter(base_url=url, **s)),
    "oecd": Case("USA", oecd, CSV, lambda url, **s: OECDCLIAdapter(base_url=url, **s)),
    "oecd_json": Case(
        "USA",
        oecd_json,
        "application/vnd.sdmx.data+json",
        lambda url, **s: OECDCLIAdapter(base_url=url, style="v2", message="json", **s),
    ),
    "imf": Case(
        "X_GR.USA", datamapper, JSON, imf, {"/indicators": {"indicators": {"X_GR": GROWTH}}}
    ),
    "imf_portal": Case("IMF.STA/CPI/USA.X.M", portal, JSON, imf),
    "polymarket": Case(
        "rain",
        prices,
        JSON,
        lambda url, **s: PolymarketAdapter(base_url=url, clob_url=url, **s),
        {"/markets/slug/rain": MARKET},
        lambda x: (x + 1.0) / 32.0,
    ),
    "gpr": Case(
        "GPR",
        risk,
        "application/vnd.ms-excel",
        lambda url, **s: GeopoliticalRiskAdapter(base_url=url, **s),
    ),
}


class Service:
    """A local service of one case, whose answer to the request for data can be set."""

    def __init__(self, case: Case, answering: Any, quick: Any, write_xls: Any) -> None:
        self.case, self._answering, self._write_xls = case, answering, write_xls
        self.times = [NOW]
        self.adapter = case.make(answering.url, transport=quick, clock=lambda: self.times[-1])
        answering.answer = self._answer
        self.say(FIGURES)

    def say(self, values: Values) -> None:
        self.reply = Response(self.body(values), content_type=self.case.content_type)

    def body(self, values: Values = FIGURES) -> bytes:
        body = self.case.body({n: self.case.scale(x) for n, x in values.items()})
        return body.encode() if isinstance(body, str) else self._write_xls(body)

    def _answer(self, request: Request) -> Response:
        if request.path in self.case.asides:
            return Response(json.dumps(self.case.asides[request.path]), content_type=JSON)
        return self.reply

    def cached(self, folder: Path) -> CachedHistories[Any]:
        store = CacheStore(folder, clock=lambda: self.times[-1])
        return CachedHistories(self.adapter, store, self.adapter.service)


@pytest.fixture(params=list(CASES))
def service(request: pytest.FixtureRequest, answering: Any, quick: Any, write_xls: Any) -> Service:
    return Service(CASES[request.param], answering, quick, write_xls)


def test_every_figure_comes_in_order(service: Service) -> None:
    history = service.adapter.history(service.case.series)
    sent = [service.case.scale(FIGURES[n]) for n in sorted(FIGURES)]
    assert [one.value for one in history.prints] == sent
    assert all(one.published <= NOW for one in history.prints)
    assert history.assumed_before == NOW
    late = service.adapter.history(service.case.series, release_lag=100_000)
    assert {one.published for one in late.prints} == {NOW}  # never after it was seen


def test_it_keeps_the_promises_of_a_data_source(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FG_CACHE_DIR", str(tmp_path))
    monkeypatch.delenv("FG_OFFLINE", raising=False)
    CHECKS["fg_core.sources"](service.adapter, Query((service.case.series,)))


def test_notices_of_the_terms_are_in_every_provenance(service: Service) -> None:
    required = service.adapter.service.required_notices
    found = service.adapter.fetch_multi_series((service.case.series,))
    assert required
    assert set(required) <= set(found.provenance.notices)
    assert "not first prints" in "\n".join(found.provenance.notices)


def test_what_a_later_fetch_finds_changes_no_row_of_before(
    service: Service, tmp_path: Path
) -> None:
    name, about = service.case.series, service.adapter.service
    cached = service.cached(tmp_path)

    def rows(as_of: datetime | None) -> list[tuple[Any, ...]]:
        options = HistoryOptions(vintage="known")
        dataset = dataset_of_query(about, cached.fetch([name]), Query((name,)), as_of, options)
        return [(row.timestamp, row.value.hex(), row.available_at) for row in dataset]

    cached.fetch([name])
    before = rows(NOW)
    service.times.append(NOW + timedelta(days=40))
    service.say({n: x + 10.0 for n, x in FIGURES.items() if n != 2})  # and one is taken back
    cached.fetch([name])
    assert rows(NOW) == before
    assert rows(None) != before
    assert len(rows(None)) == len(before) - 1


def cut(service: Service, share: float) -> Response:
    body = service.body().rstrip()
    # Where a body ends after a whole row, only its length can tell: the transport looks at that.
    last = body[: int(len(body) * share)]
    return Response(last, content_type=service.case.content_type)


FAULTS: dict[str, tuple[Callable[[Service], Response], type[ForecastGameError], str]] = {
    "cut": (lambda s: cut(s, 0.97), SourceError, "cut off|is not JSON"),
    "broken_off": (
        lambda s: Response("{", headers={"Content-Length": "500"}, content_type=CSV),
        SourceError,
        ".",
    ),
    "too_often": (lambda s: Response(status=429), SourceRateError, "asked too often"),
    "error": (lambda s: Response(status=500), SourceUnavailableError, "status 500"),
    "down": (lambda s: Response("<html>", status=503), SourceUnavailableError, "status 503"),
    "forbidden": (
        lambda s: Response("<html>Access Denied</html>", status=403, content_type="text/html"),
        SourceUnavailableError,
        r"does not let us in \(status 403\); it asks for no key",
    ),
    "sign_in": (
        lambda s: Response("<html>sign in</html>", content_type="text/html"),
        SourceError,
        "a web page",
    ),
    "page_under_their_type": (
        lambda s: Response("<html>sign in</html>", content_type=s.case.content_type),
        SourceError,
        "a web page",
    ),
    "elsewhere": (
        lambda s: Response(status=302, headers={"Location": "https://example.org/"}),
        SourceError,
        "sends us to another address",
    ),
    "empty": (
        lambda s: Response("", content_type=s.case.content_type),
        SourceError,
        "the answer is empty",
    ),
    "not_utf8": (
        lambda s: Response(b"\xff\xfe\x00", content_type=s.case.content_type),
        SourceError,
        "not UTF-8|no workbook",
    ),
    "damaged_gzip": (
        lambda s: Response(
            gzip.compress(s.body())[:-12],
            headers={"Content-Encoding": "gzip"},
            content_type=s.case.content_type,
        ),
        SourceError,
        "damaged answer",
    ),
    "bad_request": (
        lambda s: Response("Semantic error: no such key", status=400, content_type="text/plain"),
        SourceError,
        'refused with status 400, and says "Semantic error',
    ),
}


# Each fault at one service, and at all of them those that their readers have to find.
OF_READERS = ("cut", "page_under_their_type", "not_utf8")
EVERYWHERE = [
    pytest.param(
        case,
        fault,
        marks=() if fault in OF_READERS or number % len(CASES) == place else pytest.mark.slow,
    )
    for number, fault in enumerate(FAULTS)
    for place, case in enumerate(CASES)
]


@pytest.mark.parametrize(("service", "fault"), EVERYWHERE, indirect=["service"])
def test_a_fault_is_one_clear_error_and_bridged_by_what_is_kept(
    service: Service, tmp_path: Path, fault: str
) -> None:
    make, kind, words = FAULTS[fault]
    name = service.case.series
    kept = service.cached(tmp_path).fetch([name])[name]
    service.reply = make(service)
    with pytest.raises(kind, match=words) as caught:
        service.adapter.history(name)
    assert "\n" not in str(caught.value)
    service.times.append(NOW + timedelta(days=30))
    with pytest.warns(CacheWarning, match="using what was fetched 30 days ago"):
        found = service.cached(tmp_path).fetch([name])
    assert found[name] == kept
    assert set(found.outages) == {name}


@pytest.mark.parametrize("status", [204, 404])
def test_no_data_is_an_unknown_series_and_no_outage(
    service: Service, tmp_path: Path, status: int
) -> None:
    service.reply = Response(status=status)
    found = service.cached(tmp_path).fetch([service.case.series])
    with pytest.raises(UnknownSeriesError):
        found.require_all()
    assert not found.outages


def test_an_adapter_crosses_processes(service: Service) -> None:
    plain = type(service.adapter)(base_url="https://example.org")
    assert pickle.loads(pickle.dumps(plain)) == plain
    assert service.adapter.name == service.adapter.service.name


def test_rows_of_before_the_record_are_not_called_first_prints(
    service: Service, tmp_path: Path
) -> None:
    about, name = service.adapter.service, service.case.series
    cached = service.cached(tmp_path)
    cached.fetch([name])
    service.times.append(NOW + timedelta(days=40))
    service.say({**FIGURES, 9: 6.0})
    found = cached.fetch([name])

    def notice(start: datetime | None) -> str:
        query = Query((name,), start=start)
        rows = dataset_of_query(about, found, query, None, HistoryOptions())
        return next(n for n in rows.provenance.notices if n.startswith("Values are first prints"))

    assert "but for those from before the record" in notice(None)
    # What the second fetch brought is a first print, and alone it is called so without a but.
    assert "but for" not in notice(found[name].prints[-1].period)
