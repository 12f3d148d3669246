"""The scenario is turned red by a fault in what it guards, and told what it skipped."""

from __future__ import annotations

from datetime import datetime

import pytest

from fg_core.validation import load_scenario
from fg_data.polymarket import Market, adapter


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FG_FIXTURES", "FG_OFFLINE", "FG_CACHE_DIR", "POLYMARKET_BASE_URL"):
        monkeypatch.delenv(name, raising=False)


def test_it_passes_and_says_what_was_skipped() -> None:
    outcome = load_scenario("polymarket_clean").run(11)
    assert outcome.status == "passed", outcome.message
    assert [part.partition(":")[0] for part in outcome.skipped] == ["recorded answers"]


def test_outcomes_by_their_place_turn_it_red(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = Market.token

    def first_is_yes(market: Market, name: str = "") -> str:
        honest(market, name)
        return market.tokens[market.outcome(name) in ("No", "Down")]

    monkeypatch.setattr(Market, "token", first_is_yes)
    outcome = load_scenario("polymarket_clean").run(11)
    assert outcome.status == "failed"
    assert "every daily close of rate-cut-in-2026 is that of" in outcome.message
    assert "rain-in-2026 is that" not in outcome.message


def test_a_price_of_the_day_after_turns_it_red(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = adapter.daily_closes

    def early(points: dict[int, float], now: datetime) -> dict[datetime, float]:
        return honest({second - 60: price for second, price in points.items()}, now)

    monkeypatch.setattr(adapter, "daily_closes", early)
    assert load_scenario("polymarket_clean").run(11).status == "failed"
