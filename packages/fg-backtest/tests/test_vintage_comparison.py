"""What hindsight flatters: a world whose revisions are known, and the amount that theory says."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from fg_backtest import WalkForwardBacktester, compare_vintages
from fg_core import (
    AgentAction,
    AgentRegistry,
    ConfigError,
    Dataset,
    Observation,
    PoolAggregator,
    Provenance,
    RandomWalk,
    SimulationConfig,
)
from fg_core.pooling.rules import CrpsLearningWeights
from fg_core.scoring import crps_gaussian

START = datetime(1990, 1, 1, tzinfo=UTC)
NOISE = 2.0
"""Standard deviation of the error of a first print, in those of one step."""


@dataclass(frozen=True)
class LastSettled:
    """Forecasts from the value before the newest one, which is settled."""

    name: str = "last_settled"

    def fit(self, _window: Any) -> LastSettled:
        return self

    def act(self, state: Any, horizon: int = 1) -> AgentAction:
        return AgentAction(
            self.name, state.history[-1] - state.value, scale=math.sqrt(horizon + 1.0)
        )


def agents(_config: SimulationConfig) -> AgentRegistry:
    """Return a walk and a forecaster that knows better, pooled by weights that are learned."""
    return AgentRegistry(
        (RandomWalk(), LastSettled()), (), (), PoolAggregator(CrpsLearningWeights())
    )


def noisy(n: int, seed: int, noise: float = NOISE) -> Dataset:
    """Return a random walk with steps of 1, printed with errors that are mended before the next."""
    rng = np.random.default_rng(seed)
    final = np.cumsum(rng.normal(size=n))
    printed = final + noise * rng.normal(size=n)
    rows = [
        [
            Observation(
                START + timedelta(t),
                round(float(value), 6),
                {},
                START + timedelta(t + 1, hours=after),
                "x",
                "made",
            )
            for value, after in ((printed[t], 0), (final[t], 20))
        ]
        for t in range(n)
    ]
    return Dataset(
        tuple(own[1] for own in rows),
        Provenance("made", "made up", "", "prints and final values"),
        frequency="D",
        earlier_values=tuple(own[0] for own in rows),
    )


def normal_crps(error: float, scale: float) -> float:
    """Return the expected CRPS of N(0, scale^2) where errors are N(0, error^2)."""
    return math.sqrt(2.0 / math.pi) * math.hypot(error, scale) - scale / math.sqrt(math.pi)


@pytest.mark.slow
def test_a_backtest_on_revised_data_flatters_by_what_theory_says() -> None:
    n = 2400
    found = compare_vintages(noisy(n, 3), horizons=(1,), agent_factory=agents, refit_every=0)
    rows = {
        contender: {name: cells[i] for name, cells in found.columns().items()}
        for i, contender in enumerate(found.columns()["contender"])
    }
    # Steps are of size 1 in settled values, which the walk's scale is fitted on.
    walk = rows["random_walk"]
    error = math.hypot(1.0, NOISE)
    assert walk["crps_as_known"] == pytest.approx(normal_crps(error, 1.0), rel=0.06)
    assert walk["crps_revised"] == pytest.approx(normal_crps(1.0, 1.0), rel=0.06)
    # The other one never looks at a first print, and nothing flatters it.
    settled = rows["last_settled"]
    assert settled["crps_as_known"] == settled["crps_revised"]
    assert settled["crps_as_known"] == pytest.approx(
        normal_crps(math.sqrt(2), math.sqrt(2)), rel=0.06
    )
    # Weights are learned from settled values, which are the truth in both.
    weights = [one.cell("x").weights for one in (found.as_known, found.revised)]
    assert weights[0] == pytest.approx(weights[1], abs=0.02)


@pytest.mark.slow
def test_forecasts_are_close_to_the_best_that_can_be_made_of_noisy_prints() -> None:
    """The best is Kalman's: the print and what was expected of it, weighed by their errors."""
    data = noisy(1500, 5, noise=1.0)
    found = compare_vintages(data, horizons=(1,), refit_every=0, season_length=1)
    final = np.array([row.value for row in data.series("x")])
    printed = np.array([row.value for row in data.earlier_values])
    mean = final[:-1] + 0.5 * (printed[1:] - final[:-1])  # of period t, from t - 1 and its print
    records = found.as_known.cell("x").origins or ()
    at = np.array([one.origin for one in records])
    scale = math.sqrt(1.5)
    best = float(np.mean(crps_gaussian(mean[at - 1], np.full(at.size, scale), final[at + 1])))
    ensemble = found.as_known.metrics("x")["ensemble"]
    assert best < (ensemble.crps or 0.0) < 1.12 * best
    assert 0.74 < (ensemble.coverage_80 or 0.0) < 0.86
    weights = [one.cell("x").weights for one in (found.as_known, found.revised)]
    assert weights[0] == pytest.approx(weights[1], abs=0.02)


def test_it_is_told_as_a_table_and_a_frame() -> None:
    found = compare_vintages(noisy(70, 1), horizons=(1,), agent_factory=agents)
    text = found.table(width=80)
    assert max(map(len, text.splitlines())) <= 80
    row = found.to_frame().query("contender == 'ensemble'").iloc[0]
    assert f"{row['crps_as_known']:.4f}" in text
    assert row["flatters"] == pytest.approx(1.0 - row["crps_revised"] / row["crps_as_known"])
    revised = found.revised.table()
    assert "Played on revised data, which nobody had then" in " ".join(revised.split())


def test_data_with_one_value_a_period_have_nothing_to_compare() -> None:
    with pytest.raises(ConfigError, match="nothing to compare: the data have one value a period"):
        compare_vintages({"ds": [f"{y}" for y in range(1950, 1980)], "y": [*range(15)] * 2})


@pytest.mark.parametrize("truth", ["first", "latest"])
def test_revised_data_are_the_latest_values_whatever_is_scored(truth: Any) -> None:
    data = noisy(70, 2)
    options = {"horizons": (1,), "truth": truth, "revised_data": True, "agent_factory": agents}
    cell = WalkForwardBacktester(**options).run(data).cell("x")
    latest = [row.value for row in data.series("x")]
    first = [row.value for row in data.earlier_values]
    for record in cell.origins or ():
        assert record.base == latest[record.origin]
        assert record.target == (first if truth == "first" else latest)[record.origin + 1]
