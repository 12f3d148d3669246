"""Dynamic model averaging as log weights and as evidence: where they agree, and where not."""

from __future__ import annotations

import numpy as np
import pytest

from fg_core import AgentAction, ForecastState, PoolAggregator, TrainingWindow
from fg_core.pooling.rules import BayesWeights, ForgettingGridWeights, ScoredForecasts
from fg_core.protocols import RevealedForecast

WINDOW = TrainingWindow(np.array([1.0, 2.0, 1.0, 3.0, 2.0, 4.0]))
NAMES = ("a", "b", "c")


@pytest.mark.parametrize("groups", [{}, {"a": "x", "b": "x"}])
@pytest.mark.parametrize(("alpha", "floor"), [(1.0, 0.0), (0.95, 0.001), (0.8, 0.0)])
def test_a_grid_of_one_factor_is_dynamic_model_averaging(alpha, floor, groups) -> None:
    rules = BayesWeights(alpha, floor), ForgettingGridWeights((alpha,), floor)
    pools = [PoolAggregator(rule, groups=groups).start(NAMES, WINDOW, (1,)) for rule in rules]
    rng = np.random.default_rng(5)
    for t in range(150):
        state = ForecastState(t, 5.0, 0.0, 0.0)
        actions = tuple(
            AgentAction(name, float(delta), scale=1.0)
            for name, delta in zip(NAMES, rng.normal(size=3), strict=True)
        )
        issued = [pool.aggregate(state, actions) for pool in pools]
        assert issued[0].mean == pytest.approx(issued[1].mean, abs=1e-12)
        assert issued[0].variance == pytest.approx(issued[1].variance, rel=1e-12)
        target = float(rng.normal(5.0, 1.5))
        pools = [
            pool.update(RevealedForecast(state, 1, actions, forecast, target))
            for pool, forecast in zip(pools, issued, strict=True)
        ]


def test_of_the_absent_evidence_forgets_nothing_and_log_weights_forget_towards_the_prior() -> None:
    here = np.array([True, False, True])
    scored = ScoredForecasts(np.zeros(3), np.ones(3), np.array(0.0), here, everyone=False)
    rule, grid = BayesWeights(0.5, 0.0), ForgettingGridWeights((0.5,), 0.0)
    learned = (np.log([0.1, 0.8, 0.1]),)
    after = rule.update(learned, rule.log_weights(learned, None), None, scored)
    assert np.exp(after[0])[1] == pytest.approx(8**0.5 / (2 + 8**0.5))
    evidence = (np.log([[0.3, 2.4, 0.3]]), np.zeros(1))
    kept, _ = grid.update(evidence, grid.log_weights(evidence, None), None, scored)
    assert kept[0, 1] == evidence[0][0, 1]
