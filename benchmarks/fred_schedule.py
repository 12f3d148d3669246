"""Measure how long `fetch_multi_series` takes; run it with the Python of the workspace.

Five series of the size of the real ones are fetched from a server on this machine that takes 150 ms
for an answer, about what the real one takes. Three requests a series make 15: spaced by 0.55 s, as
the service's limit of two a second wants, the last one goes after 7.7 s, and latency hides behind
the spacing. Without spacing (which the service would refuse) they overlap, five at a time.
"""

from __future__ import annotations

import json
import threading
import time
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlsplit

from fg_data.fred import DEFAULT_SERIES, FredMacroAdapter
from fg_data.http import SPACING_SECONDS, HttpTransport, Pace

_LATENCY = 0.15
_PERIODS = 900
_DAY = timedelta(days=1)


def _month(number: int) -> date:
    return date(1950 + number // 12, number % 12 + 1, 1)


def _body(path: str, asked: dict[str, str]) -> dict[str, Any]:
    months = [_month(k) for k in range(_PERIODS)]
    first = [month + timedelta(days=40) for month in months]
    if path.endswith("/vintagedates"):
        days = sorted({*first, *(day + timedelta(days=30) for day in first)})
        return {"count": len(days), "offset": 0, "vintage_dates": [str(day) for day in days]}
    if path.endswith("/observations"):
        rows = []
        for k, (month, day) in enumerate(zip(months, first, strict=True)):
            second = day + timedelta(days=30)
            for value, begin, end in ((k, day, second - _DAY), (k + 1, second, "9999-12-31")):
                rows.append(
                    {
                        "realtime_start": str(begin),
                        "realtime_end": str(end),
                        "date": str(month),
                        "value": f"{value}.5",
                    }
                )
        return {"count": len(rows), "offset": 0, "observations": rows}
    about = {
        "id": asked["series_id"],
        "title": "A series",
        "observation_start": str(months[0]),
        "observation_end": str(months[-1]),
        "frequency": "Monthly",
        "frequency_short": "M",
        "units": "Index",
        "seasonal_adjustment_short": "SA",
        "last_updated": "2024-10-30 07:54:01-05",
    }
    return {"seriess": [about]}


class _Fred(BaseHTTPRequestHandler):
    began: ClassVar[list[float]] = []

    def do_GET(self) -> None:
        self.began.append(time.perf_counter())
        parts = urlsplit(self.path)
        data = json.dumps(_body(parts.path, dict(parse_qsl(parts.query)))).encode()
        time.sleep(_LATENCY)
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


def measure(url: str, spacing: float, workers: int) -> str:
    """Return one line about one run."""
    _Fred.began.clear()
    adapter = FredMacroAdapter(
        api_key="benchmark",
        base_url=url,
        transport=HttpTransport(pace=Pace(spacing)),
        max_workers=workers,
    )
    start = time.perf_counter()
    found = adapter.fetch_multi_series(DEFAULT_SERIES).require_all()
    seconds = time.perf_counter() - start
    moments = sorted(_Fred.began)
    busiest = max(sum(t <= u < t + 1.0 for u in moments) for t in moments)
    n_prints = sum(len(history.prints) for history in found.histories.values())
    return (
        f"{seconds:6.2f} s  {len(moments)} requests, at most {busiest} a second, {n_prints} prints"
    )


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Fred)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}/fred"
    for label, spacing, workers in (
        ("spaced, side by side", SPACING_SECONDS, 5),
        ("spaced, one by one", SPACING_SECONDS, 1),
        ("unspaced, side by side", 0.0, 5),
        ("unspaced, one by one", 0.0, 1),
    ):
        print(f"{label:24}{measure(address, spacing, workers)}")
    server.shutdown()
