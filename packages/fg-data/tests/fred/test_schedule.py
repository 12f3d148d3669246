"""How the requests of `fetch_multi_series` are laid out in time: side by side, and spaced."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from pytest_httpserver import HTTPServer

from fg_core.errors import SourceRateError, UnknownSeriesError
from fg_data.fred import DEFAULT_SERIES, FredMacroAdapter
from fg_data.http import SPACING_SECONDS, HttpLimits, HttpTransport, Pace

EVER = "9999-12-31"


class ThreadClock:
    """A clock of each thread: its time passes while that thread sleeps, and only then."""

    def __init__(self) -> None:
        self._own = threading.local()

    def monotonic(self) -> float:
        now: float = getattr(self._own, "now", 0.0)
        return now

    def sleep(self, seconds: float) -> None:
        self._own.now = self.monotonic() + seconds


@dataclass(eq=False)
class RecordingPace(Pace):
    """A pace that notes when each request went."""

    turns: list[float] = field(default_factory=list)

    def wait(self) -> None:
        super().wait()
        self.turns.append(self.monotonic())


@pytest.fixture
def threaded_server() -> Iterator[HTTPServer]:
    server = HTTPServer(threaded=True)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def pace() -> RecordingPace:
    clock = ThreadClock()
    return RecordingPace(SPACING_SECONDS, clock.monotonic, clock.sleep)


def adapter_at(url: str, key: str, pace: Pace, **limits: float) -> FredMacroAdapter:
    quick = {"first_wait_seconds": 0.0, "max_wait_seconds": 0.0, "jitter_seconds": 0.0}
    return FredMacroAdapter(
        api_key=key, base_url=url, transport=HttpTransport(HttpLimits(**{**quick, **limits}), pace)
    )


def test_five_series_are_asked_for_side_by_side_and_spaced(
    threaded_server, service_on, pace, series, key
) -> None:
    service = service_on(threaded_server)
    rows = [("2024-01-01", "1", "2024-01-05", EVER)]
    for name in DEFAULT_SERIES:
        service.series[name] = series(rows)
    together = threading.Barrier(len(DEFAULT_SERIES))

    def all_five_are_there(request) -> None:
        if request.path.endswith("/series"):
            together.wait(timeout=240)  # breaks unless five requests are open at once

    service.before = all_five_are_there
    found = adapter_at(service.url, key, pace).fetch_multi_series()
    assert not found.errors
    assert tuple(found.histories) == DEFAULT_SERIES
    # Three requests a series, each in its turn: no two closer than the spacing, none later.
    assert len(service.requests) == len(pace.turns) == 15
    assert sorted(pace.turns) == pytest.approx([k * SPACING_SECONDS for k in range(15)])
    for name in DEFAULT_SERIES:
        assert service.paths(name) == ["series", "series/vintagedates", "series/observations"]
    # At any rate that the service may enforce: two a second, 120 a minute.
    turns = sorted(pace.turns)
    assert all(sum(t <= u < t + 1.0 for u in turns) <= 2 for t in turns)


def test_retries_are_spaced_like_everything_else(
    threaded_server, service_on, pace, series, key, refuse
) -> None:
    service = service_on(threaded_server)
    service.series["X1"] = series([("2024-01-01", "1", "2024-01-05", EVER)])
    answers = iter([refuse("slow down", 429), refuse("oops", 500)])
    service.before = lambda request: next(answers, None)
    adapter_at(service.url, key, pace).fetch_multi_series(["X1"])
    assert len(service.requests) == 5
    assert sorted(pace.turns) == pytest.approx([k * SPACING_SECONDS for k in range(5)])


def test_errors_are_the_series_own(threaded_server, service_on, pace, series, key, refuse) -> None:
    service = service_on(threaded_server)
    for name in ("GDP", "UNRATE"):
        service.series[name] = series([("2024-01-01", "1", "2024-01-05", EVER)])
    service.before = lambda request: (
        refuse("too often", 429) if request.args["series_id"] == "UNRATE" else None
    )
    found = adapter_at(service.url, key, pace, attempts=2).fetch_multi_series(
        ["NOPE", "GDP", "UNRATE", "GDP"]
    )
    assert tuple(found.histories) == ("GDP",)
    assert {name: type(error) for name, error in found.errors.items()} == {
        "NOPE": UnknownSeriesError,
        "UNRATE": SourceRateError,
    }
    assert Counter(r["series_id"] for r in service.requests) == {"NOPE": 1, "GDP": 3, "UNRATE": 2}
    with pytest.raises(UnknownSeriesError):
        found["NOPE"]
    with pytest.raises(UnknownSeriesError):
        found.require_all()
    assert found["GDP"].series_id == "GDP"
