from __future__ import annotations

import threading

import pytest

from fg_backtest import progress
from fg_backtest.progress import DelayedProgress


def test_a_short_run_shows_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    with DelayedProgress(shown=True) as bar:
        bar(0, 2, "a")
        bar(2, 2, "")
    assert capfd.readouterr() == ("", "")


def test_a_long_run_shows_what_is_played(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "_DELAY_S", 0.0)
    monkeypatch.setenv("FORCE_COLOR", "1")  # as on a terminal
    monkeypatch.setenv("COLUMNS", "80")
    with DelayedProgress(shown=True) as bar:
        bar(0, 2, "infl")
        assert bar._timer is not None
        bar._timer.join()
        assert bar._bar is not None
        bar._bar.refresh()
        bar(1, 2, "unemp")
        bar._bar.refresh()
    out, err = capfd.readouterr()
    assert out == ""
    assert "playing infl" in err
    assert "playing unemp" in err


def test_no_terminal_no_thread() -> None:
    before = threading.active_count()
    with DelayedProgress(shown=False) as bar:
        bar(0, 1, "a")
        assert threading.active_count() == before
