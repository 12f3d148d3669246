"""The scenario is turned red by a fault in what it guards, and told what it skipped."""

from __future__ import annotations

from datetime import datetime

import pytest

from fg_core.validation import load_scenario
from fg_data.imf import adapter


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FG_FIXTURES", "FG_OFFLINE", "FG_CACHE_DIR", "IMF_BASE_URL"):
        monkeypatch.delenv(name, raising=False)


def test_it_passes_and_says_what_was_skipped() -> None:
    outcome = load_scenario("imf_gdp_clean").run(11)
    assert outcome.status == "passed", outcome.message
    assert [part.partition(":")[0] for part in outcome.skipped] == ["recorded answers"]


def test_a_projection_for_an_observation_turns_it_red(monkeypatch: pytest.MonkeyPatch) -> None:
    def all_actual(
        values: dict[datetime, float], *_: object
    ) -> tuple[dict[datetime, float], dict[datetime, float]]:
        return dict(values), {}

    monkeypatch.setattr(adapter, "split_outlook", all_actual)
    outcome = load_scenario("imf_gdp_clean").run(11)
    assert outcome.status == "failed"
    assert "no row is a projection: does not hold" in outcome.message
