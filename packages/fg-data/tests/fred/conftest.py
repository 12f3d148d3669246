"""A local service that speaks FRED's documented envelopes, and recorded bodies served whole."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from fg_data.fred import KEY_VARIABLE, URL_VARIABLE, FredMacroAdapter
from fg_data.http import HttpTransport

KEY = "abcdefghijklmnopqrstuvwxyz012345"
NOW = datetime(2024, 11, 3, 12, tzinfo=UTC)
EVER = "9999-12-31"

BAD = "Bad Request.  "
NOT_SET = BAD + "Variable api_key is not set.  Read https://example.org for more information."
NOT_REGISTERED = BAD + "The value for variable api_key is not registered.  Read https://example.org"
NO_SERIES = BAD + "The series does not exist."
NOT_ARCHIVED = BAD + "The series does not exist in ALFRED but may exist in FRED."


@dataclass
class Series:
    """One series of the service: (date, value as text, first day, last day) in ISO dates."""

    rows: list[tuple[str, str, str, str]]
    frequency: str = "Monthly"
    code: str = "M"
    archived: bool = True
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def vintages(self) -> list[str]:
        """Days on which a figure came, changed or went."""
        days = {first for _, _, first, _ in self.rows}
        days |= {
            (date.fromisoformat(last) + timedelta(days=1)).isoformat()
            for _, _, _, last in self.rows
            if last != EVER
        }
        return sorted(days)


class FredService:
    """Answers as the service is documented to; written apart from the code under test."""

    def __init__(self, server: HTTPServer) -> None:
        self.series: dict[str, Series] = {}
        self.requests: list[dict[str, str]] = []
        self.rows_per_page = 100_000
        self.before: Callable[[Request], Response | None] = lambda request: None
        self.url = server.url_for("/fred")
        for path in ("series", "series/observations", "series/vintagedates", "series/tags"):
            server.expect_request(f"/fred/{path}").respond_with_handler(self._answer)

    def paths(self, series_id: str) -> list[str]:
        """The paths asked for one series, in their order."""
        return [r["path"] for r in self.requests if r.get("series_id") == series_id]

    def _answer(self, request: Request) -> Response:
        asked = dict(request.args)
        path = request.path.removeprefix("/fred/")
        self.requests.append({**asked, "path": path})
        early = self.before(request)
        if early is not None:
            return early
        assert asked.get("file_type") == "json"
        if "api_key" not in asked:
            return refused(NOT_SET)
        if asked["api_key"] != KEY:
            return refused(NOT_REGISTERED)
        found = self.series.get(asked["series_id"])
        if found is None:
            return refused(NO_SERIES)
        if path == "series":
            return reply(seriess=[metadata(asked["series_id"], found)])
        if path == "series/tags":
            return reply(tags=[{"name": "public domain", "group_id": "cc", "notes": None}])
        if path == "series/vintagedates":
            return self._vintage_dates(found, asked)
        return self._observations(found, asked)

    def _vintage_dates(self, found: Series, asked: dict[str, str]) -> Response:
        if not found.archived:
            return refused(NOT_ARCHIVED)
        offset, limit = int(asked.get("offset", 0)), int(asked.get("limit", 10_000))
        limit = min(limit, self.rows_per_page)
        days = found.vintages
        page = days[offset : offset + limit]
        return reply(count=len(days), offset=offset, limit=limit, vintage_dates=page)

    def _observations(self, found: Series, asked: dict[str, str]) -> Response:
        today = NOW.date().isoformat()
        begin = asked.get("realtime_start", today)
        end = asked.get("realtime_end", today)
        within = [day for day in found.vintages if begin <= day <= end]
        if len(within) > 2000:
            return refused(BAD + f"There are {len(within)} vintage dates ... exceeds ... (2000).")
        if "realtime_start" in asked and (not found.archived or end < found.vintages[0]):
            return refused(NOT_ARCHIVED)
        start, stop = asked.get("observation_start", "0"), asked.get("observation_end", EVER)
        days = sorted({day for day, *_ in found.rows})
        # The row of the period that holds the start comes too.
        start = max((day for day in days if day <= start), default=start)
        rows = [
            {
                "realtime_start": max(first, begin),
                "realtime_end": min(last, end),
                "date": day,
                "value": value,
            }
            for day, value, first, last in sorted(found.rows, key=lambda row: (row[0], row[2]))
            if first <= end and last >= begin and start <= day <= stop
        ]
        offset = int(asked.get("offset", 0))
        limit = min(int(asked.get("limit", 100_000)), self.rows_per_page)
        return reply(
            realtime_start=begin,
            realtime_end=end,
            units=asked.get("units", "lin"),
            output_type=int(asked.get("output_type", 1)),
            count=len(rows),
            offset=offset,
            limit=limit,
            observations=rows[offset : offset + limit],
        )


def reply(**body: Any) -> Response:
    return Response(json.dumps(body), content_type="application/json; charset=UTF-8")


def refused(message: str, status: int = 400) -> Response:
    body = json.dumps({"error_code": status, "error_message": message})
    return Response(body, status=status, content_type="application/json; charset=UTF-8")


def metadata(series_id: str, found: Series) -> dict[str, Any]:
    days = sorted(day for day, *_ in found.rows)
    return {
        "id": series_id,
        "realtime_start": "2024-11-03",
        "realtime_end": "2024-11-03",
        "title": f"Title of {series_id}",
        "observation_start": days[0] if days else "2000-01-01",
        "observation_end": days[-1] if days else "2000-01-01",
        "frequency": found.frequency,
        "frequency_short": found.code,
        "units": "Index",
        "units_short": "Index",
        "seasonal_adjustment": "Seasonally Adjusted",
        "seasonal_adjustment_short": "SA",
        "last_updated": "2024-10-30 07:54:01-05",
        "popularity": 93,
        "notes": "Line\r\nbreak",
        **found.extra,
    }


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep a key of the machine out of the tests."""
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    monkeypatch.delenv(URL_VARIABLE, raising=False)


@pytest.fixture
def service(httpserver: HTTPServer) -> Iterator[FredService]:
    """The local service; a mistake in a test's handler fails the test."""
    yield FredService(httpserver)
    httpserver.check_assertions()


@pytest.fixture
def service_on() -> Callable[[HTTPServer], FredService]:
    """The local service on a server of one's own."""
    return FredService


@pytest.fixture
def adapter(service: FredService, quick: HttpTransport) -> FredMacroAdapter:
    """An adapter that asks the local service."""
    return FredMacroAdapter(api_key=KEY, base_url=service.url, transport=quick, clock=lambda: NOW)


@pytest.fixture
def series() -> type[Series]:
    return Series


@pytest.fixture
def key() -> str:
    return KEY


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def refuse() -> Callable[..., Response]:
    return refused
