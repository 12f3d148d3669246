from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fg_core import ConfigError
from fg_data.http import SPACING_SECONDS, Pace, shared_pace


class FakeClock:
    """A clock for many threads: it moves while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self.lock = threading.Lock()

    def monotonic(self) -> float:
        with self.lock:
            return self.now

    def sleep(self, seconds: float) -> None:
        with self.lock:
            self.now += seconds


def test_the_spacing_keeps_both_limits_of_the_service() -> None:
    assert SPACING_SECONDS > 1 / 2  # a second
    assert 60 / SPACING_SECONDS < 120  # a minute


@given(
    st.floats(0.01, 10.0),
    st.lists(st.floats(0.0, 20.0), min_size=1, max_size=30),
)
def test_turns_are_spaced_and_nobody_waits_without_need(spacing: float, gaps: list[float]) -> None:
    clock = FakeClock()
    pace = Pace(spacing, clock.monotonic, clock.sleep)
    turns: list[float] = []
    for gap in gaps:
        clock.sleep(gap)
        asked = clock.now
        pace.wait()
        earliest = max(asked, turns[-1] + spacing) if turns else asked
        assert clock.now == pytest.approx(earliest)
        turns.append(clock.now)


def test_turns_of_threads_are_spaced() -> None:
    clock = FakeClock()
    turns: list[float] = []

    def sleep(seconds: float) -> None:
        clock.sleep(seconds)

    pace = Pace(1.0, clock.monotonic, sleep)
    lock = threading.Lock()

    def ask() -> None:
        for _ in range(5):
            pace.wait()
            with lock:
                turns.append(clock.monotonic())

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # The turns are 0, 1, ..., 19: the last one cannot have come before 19 seconds were slept.
    assert len(turns) == 20
    assert max(turns) >= 19.0


def test_a_pause_holds_for_those_who_wait_already() -> None:
    clock = FakeClock()
    naps: list[float] = []

    def sleep(seconds: float) -> None:
        naps.append(seconds)
        clock.sleep(seconds)
        if len(naps) == 1:
            pace.hold(10.0)  # somebody else is told to pause meanwhile

    pace = Pace(1.0, clock.monotonic, sleep)
    pace.wait()
    pace.wait()
    assert naps == [1.0, 10.0]
    assert clock.now == 11.0


def test_a_shorter_pause_does_not_end_a_longer_one() -> None:
    clock = FakeClock()
    pace = Pace(0.0, clock.monotonic, clock.sleep)
    pace.hold(10.0)
    pace.hold(1.0)
    pace.wait()
    assert clock.now == 10.0


def test_one_pace_for_a_host_and_a_key_which_it_does_not_keep() -> None:
    secret = {"api_key": "very secret"}
    pace = shared_pace("api.example.org", secret)
    assert pace is shared_pace("api.example.org", dict(secret))
    assert pace is not shared_pace("other.example.org", secret)
    assert "very secret" not in repr(pace)


def test_the_widest_spacing_that_anybody_asked_for_counts() -> None:
    first = shared_pace("slow.example.org", {}, 2.0)
    assert first.spacing_seconds == 2.0
    assert shared_pace("slow.example.org", {}, 60.0) is first
    assert first.spacing_seconds == 60.0
    assert shared_pace("slow.example.org", {}).spacing_seconds == 60.0


def test_a_wider_spacing_holds_for_the_next_request() -> None:
    clock = FakeClock()
    pace = Pace(1.0, clock.monotonic, clock.sleep)
    pace.wait()
    pace.widen(5.0)
    pace.wait()
    pace.wait()
    assert clock.now == 6.0
    with pytest.raises(ConfigError, match="spacing must be 0 seconds or more"):
        pace.widen(-1.0)


@pytest.mark.parametrize("spacing", [-1.0, float("nan")])
def test_a_spacing_is_not_negative(spacing: float) -> None:
    with pytest.raises(ConfigError, match="spacing must be 0 seconds or more"):
        Pace(spacing)
