"""Histories with everything that services do to figures, and a local service that has some."""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from fg_core.calendar import next_period
from fg_data.fred import DEFAULT_SERIES, KEY_VARIABLE, FredMacroAdapter
from fg_data.fred.synthetic import synthetic_history
from fg_data.http import HttpLimits, HttpTransport, Pace
from fg_data.vintages import Print, VintageHistory

MakeHistory = Callable[..., VintageHistory]


def _make_history(
    seed: int,
    frequency: str = "M",
    n_periods: int = 30,
    *,
    series_id: str = "",
    start: datetime = datetime(2020, 1, 1, tzinfo=UTC),
    units: str = "index",
    untidy: bool = True,
) -> VintageHistory:
    """A positive series with revisions and, if `untidy`, missing, late and withdrawn figures."""
    rng = np.random.default_rng([seed, ord(frequency)])
    prints: list[Print] = []
    period, value = start, 100.0
    for _ in range(n_periods):
        value *= float(np.exp(0.01 * rng.standard_normal()))
        over = next_period(period, frequency)
        late = 40.0 if untidy and rng.random() < 0.05 else 0.0
        published = over + timedelta(days=float(rng.integers(1, 20)) + late)
        n_prints = int(rng.integers(1, 4))
        for number in range(n_prints):
            figure: float | None = round(value * (1.0 + 0.001 * float(rng.standard_normal())), 3)
            if untidy and rng.random() < 0.08:
                figure = None
            last = number + 1 == n_prints
            until = published + timedelta(days=float(rng.integers(5, 60)))
            withdrawn = untidy and rng.random() < 0.03
            end = until if not last or withdrawn else None
            prints.append(Print(period, figure, published, end))
            published = until
        period = over
    return VintageHistory(series_id or f"{frequency}{seed}", frequency, units, tuple(prints))


@pytest.fixture(scope="session")
def make_history() -> MakeHistory:
    return _make_history


# --------------------------------------------------------------------------- a local FRED


KEY = "abcdefghijklmnopqrstuvwxyz012345"
_EVER = "9999-12-31"
_WORDS = {"B": ("Daily", "D"), "M": ("Monthly", "M"), "Q": ("Quarterly", "Q")}


class FakeFred:
    """A service that has histories, laid out as FRED documents its answers, and counts requests.

    Args:
        server: The HTTP server that it answers through.
        histories: What it has; `published` is at 00:00 UTC.
    """

    key = KEY

    def __init__(self, server: HTTPServer, histories: Iterable[VintageHistory]) -> None:
        self.histories = {history.series_id: history for history in histories}
        self.requests: list[tuple[str, str]] = []
        self.broken = False
        self.unarchived: set[str] = set()
        self.delay: Callable[[], object] = lambda: None
        self.url = server.url_for("/fred")
        for path in ("series", "series/observations", "series/vintagedates"):
            server.expect_request(f"/fred/{path}").respond_with_handler(self._answer)

    def adapter(self, **settings: Any) -> FredMacroAdapter:
        """An adapter that asks this service without spacing its requests."""
        limits = HttpLimits(attempts=1)
        transport = HttpTransport(limits=limits, pace=Pace(0.0))
        return FredMacroAdapter(base_url=self.url, transport=transport, **settings)

    def asked(self, path: str) -> list[str]:
        """The series whose `path` was asked for."""
        return [series for asked, series in self.requests if asked == path]

    def _answer(self, request: Request) -> Response:
        path, series = request.path.removeprefix("/fred/"), request.args.get("series_id", "")
        self.requests.append((path, series))
        self.delay()
        if self.broken:
            return Response("out of order", status=503)
        if request.args.get("api_key") != KEY:
            message = "Bad Request.  The value for variable api_key is not registered."
            return _json({"error_code": 400, "error_message": message}, 400)
        history = self.histories.get(series)
        if history is None:
            message = "Bad Request.  The series does not exist."
            return _json({"error_code": 400, "error_message": message}, 400)
        if path == "series":
            return _json({"seriess": [_metadata(history)]})
        if (
            series in self.unarchived
            and path != "series"
            and (path == "series/vintagedates" or "realtime_start" in request.args)
        ):
            message = "Bad Request.  The series does not exist in ALFRED but may exist in FRED."
            return _json({"error_code": 400, "error_message": message}, 400)
        if path == "series/vintagedates":
            days = [_day(moment, 1) for moment in history.vintage_dates]
            body = {"count": len(days), "offset": 0, "limit": 10000, "vintage_dates": days}
            return _json(body)
        begin = request.args.get("realtime_start", "2026-11-22")
        end = request.args.get("realtime_end", "2026-11-22")
        rows = []
        for one in history.prints:
            first = _day(one.published, 1)
            last = _EVER if one.superseded is None else _day(one.superseded, 2)
            if first <= end and last >= begin:
                value = "." if one.value is None else repr(one.value)
                rows.append(
                    {
                        "realtime_start": max(first, begin),
                        "realtime_end": min(last, end),
                        "date": _day(one.period, 0),
                        "value": value,
                    }
                )
        return _json(
            {"count": len(rows), "offset": 0, "limit": 100000, "units": "lin", "observations": rows}
        )


def _day(moment: datetime, days_before: int) -> str:
    return (moment - timedelta(days=days_before)).date().isoformat()


def _json(body: dict[str, Any], status: int = 200) -> Response:
    return Response(json.dumps(body), status=status, content_type="application/json; charset=UTF-8")


def _metadata(history: VintageHistory) -> dict[str, Any]:
    words, code = _WORDS[history.frequency]
    return {
        "id": history.series_id,
        "title": f"Title of {history.series_id}",
        "observation_start": _day(history.prints[0].period, 0),
        "observation_end": _day(history.prints[-1].period, 0),
        "frequency": words,
        "frequency_short": code,
        "units": history.units,
        "seasonal_adjustment_short": "SA",
        "last_updated": "2026-11-20 07:54:01-06",
        "notes": None,
    }


@pytest.fixture(scope="session")
def five_series() -> tuple[VintageHistory, ...]:
    """The five default series from 2018 on, real enough for a service: numbers are made up."""
    begin = datetime(2018, 1, 1, tzinfo=UTC)
    return tuple(
        VintageHistory(
            name,
            synthetic_history(name, 11).frequency,
            synthetic_history(name, 11).units,
            tuple(one for one in synthetic_history(name, 11).prints if one.period >= begin),
        )
        for name in DEFAULT_SERIES
    )


@pytest.fixture
def fake_fred(
    httpserver: HTTPServer,
    five_series: tuple[VintageHistory, ...],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> FakeFred:
    """A local FRED, whose key is set; the working directory and the cache are empty."""
    for name in ("FG_CACHE_DIR", "FG_OFFLINE", "FRED_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(KEY_VARIABLE, KEY)
    monkeypatch.chdir(tmp_path_factory.mktemp("work"))
    return FakeFred(httpserver, five_series)


# --------------------------------------------------------------------------- any service


@pytest.fixture
def quick() -> HttpTransport:
    """A transport that neither spaces requests nor waits between attempts."""
    limits = HttpLimits(
        attempts=2, first_wait_seconds=0.0, max_wait_seconds=0.0, jitter_seconds=0.0
    )
    return HttpTransport(limits, Pace(0.0))


@dataclass(frozen=True)
class Recorded:
    """Recorded bodies, and what is known of each."""

    folder: Path
    index: dict[str, dict[str, Any]]

    def body(self, name: str) -> bytes:
        return (self.folder / name).read_bytes()

    def json(self, name: str) -> Any:
        return json.loads(self.body(name))

    def serve(self, server: HTTPServer, path: str, name: str, **query: str) -> None:
        """Serve a body under a path, as it was sent."""
        facts = self.index[name]
        server.expect_request(path, query_string=query or None).respond_with_data(
            self.body(name),
            status=int(facts.get("status", 200)),
            content_type=str(facts.get("content_type", "application/json")),
        )


@pytest.fixture(scope="session")
def recorded(fixtures_dir: Path) -> Recorded:
    """The recorded responses; where there are none, the test is skipped with the reason."""
    return Recorded(fixtures_dir, json.loads((fixtures_dir / "index.json").read_text()))


class AnsweringService:
    """A local service that answers every path by a function, and remembers what was asked.

    Args:
        server: The HTTP server that it answers through.
    """

    def __init__(self, server: HTTPServer) -> None:
        self.url = server.url_for("")
        self.url = self.url.rstrip("/")
        self.requests: list[Request] = []
        self.answer: Callable[[Request], Response] = lambda _: Response(status=404)
        server.expect_request(re.compile("/.*")).respond_with_handler(self._answer)

    def say(self, body: str | bytes, content_type: str, status: int = 200) -> None:
        """Answer everything with one body."""
        self.answer = lambda _: Response(body, status=status, content_type=content_type)

    def _answer(self, request: Request) -> Response:
        self.requests.append(request)
        return self.answer(request)


@pytest.fixture
def answering(httpserver: HTTPServer) -> Iterator[AnsweringService]:
    """A local service; a mistake in a test's handler fails the test."""
    yield AnsweringService(httpserver)
    httpserver.check_assertions()


# --------------------------------------------------------------------------- an old workbook


def _record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def _begin(kind: int) -> bytes:
    return _record(0x0809, struct.pack("<HHHHII", 0x0600, kind, 0, 1996, 0, 0x0606))


def _cell(row: int, column: int, value: object) -> bytes:
    if value is None:
        return b""
    if isinstance(value, str):
        place = struct.pack("<HHHHB", row, column, 0, len(value), 0)
        return _record(0x0204, place + value.encode("latin-1"))
    if isinstance(value, date):  # days since 1900 in the format of a date
        days = (value - date(1899, 12, 30)).days
        return _record(0x0203, struct.pack("<HHHd", row, column, 1, float(days)))
    return _record(0x0203, struct.pack("<HHHd", row, column, 0, float(value)))  # type: ignore[arg-type]


def _write_xls(rows: Sequence[Sequence[object]]) -> bytes:
    """Return a workbook of BIFF 8 in a compound file, with one sheet, of up to 60 KB.

    Cells are numbers, dates, texts of Latin 1, and None.
    """
    cells = (_cell(r, c, x) for r, row in enumerate(rows) for c, x in enumerate(row))
    end = _record(0x000A, b"")
    sheet = _begin(0x10) + b"".join(cells) + end
    formats = b"".join(_record(0x00E0, struct.pack("<HH16x", 0, code)) for code in (0, 14))
    start = len(_begin(5)) + len(formats) + 4 + 14 + len(end)
    listed = _record(0x0085, struct.pack("<IBBBB", start, 0, 0, 6, 0) + b"Sheet1")
    stream = (_begin(5) + formats + listed + end + sheet).ljust(4096, b"\0")
    n_sectors = -(-len(stream) // 512)
    assert n_sectors < 127
    free, last, table, none = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFF
    chain = [table, last, *range(3, n_sectors + 2), last]

    def entry(title: str, kind: int, child: int, start: int, size: int) -> bytes:
        name = title.encode("utf-16-le")
        links = struct.pack("<HBBIII", len(name) + 2 if name else 0, kind, 1, none, none, child)
        return name.ljust(64, b"\0") + links + bytes(36) + struct.pack("<IQ", start, size)

    directory = entry("Root Entry", 5, 1, last, 0) + entry("Workbook", 2, none, 2, len(stream))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, last, 0, last, 0)
    header += struct.pack("<109I", 0, *[free] * 108)
    sectors = struct.pack("<128I", *chain, *[free] * (128 - len(chain)))
    return header + sectors + directory.ljust(512, b"\0") + stream.ljust(512 * n_sectors, b"\0")


@pytest.fixture(scope="session")
def write_xls() -> Callable[[Sequence[Sequence[object]]], bytes]:
    """A function from rows to the bytes of an old workbook (.xls)."""
    return _write_xls
