"""Strategies are scored as they are played, by what was revealed when a forecast was issued."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fg_core.agents import RefiningAgent
from fg_core.errors import ConfigError
from fg_core.revealed import RevealedForecast
from fg_core.scoring import crps
from fg_core.testing.examples import example_outcomes
from fg_llm.refiner import REFINER_FEATURES, Evidence, PlayRules, StrategyRefiner
from fg_llm.refiner.evidence import RevealedPath
from fg_llm.strategy import check_program
from fg_llm.testing import biased_outcomes, constant, share

RULES = PlayRules(every=4)
QUARTER = check_program({"language": 1, "prog": share("error_8", 250)}, REFINER_FEATURES)
UP = check_program({"language": 1, "prog": constant(999)}, REFINER_FEATURES)


@pytest.mark.parametrize("lag", [1, 3])
def test_it_plays_as_the_agent_in_the_seat(lag: int) -> None:
    outcomes = biased_outcomes(2.0, 110, seed=3)  # before the agent holds the sum
    path = RevealedPath(outcomes, replace(RULES, reveal_lag=lag))
    agent = RefiningAgent(StrategyRefiner(QUARTER), every=4)
    biases = []
    for i in range(len(outcomes)):
        known = i - 1 - lag  # its target, of period known + 1, is revealed at origin i
        if known >= 0:
            agent = agent.update(outcomes[known])
        biases.append(agent.bias())

    assert path.course(QUARTER, len(outcomes)).bias.tolist() == biases
    assert abs(biases[-1]) > 0.5 * 2.0 * 2.0


def test_what_is_revealed_later_moves_no_correction() -> None:
    outcomes = biased_outcomes(1.0, 60)
    changed = (*outcomes[:38], *(replace(one, target=1e9) for one in outcomes[38:]))

    here, there = (RevealedPath(one, RULES).course(QUARTER, 60).bias for one in (outcomes, changed))

    assert here[:40].tolist() == there[:40].tolist()
    assert here[41:].tolist() != there[41:].tolist()


def test_scores_are_those_of_the_moved_forecast() -> None:
    outcomes = example_outcomes(48)
    path = RevealedPath(outcomes, RULES)
    bias = path.course(QUARTER, 36).bias[24:36]

    def moved(one: RevealedForecast, by: float) -> float:
        forecast = replace(
            one.forecast, mean=one.forecast.mean + by, quantiles=one.forecast.quantiles
        )
        return crps(forecast, one.target) / one.forecast.scale

    wanted = [moved(one, float(by)) for one, by in zip(outcomes[24:36], bias, strict=True)]
    assert np.abs(bias).max() > 0.0
    np.testing.assert_allclose(path.scores(QUARTER, "validation"), wanted, rtol=1e-12)


def test_the_sum_is_bounded_and_clamps_are_counted() -> None:
    rules = PlayRules(every=1, total_limit=0.35)
    course = RevealedPath(biased_outcomes(0.0, 40), rules).course(UP, 40)

    assert course.corrections[:5].tolist() == pytest.approx([0.0, 0.1, 0.2, 0.3, 0.35])
    assert course.corrections.max() == 0.35
    assert all(course.clamped)


def test_series_are_laid_beside_each_other_by_their_ends() -> None:
    long, short = biased_outcomes(0.0, 80, 1), biased_outcomes(0.0, 40, 2)
    evidence = Evidence.of([long, (), short], RULES)

    found = evidence.scores(None, "validation")
    parts = [path.scores(None, "validation") for path in evidence.paths]

    assert evidence.n == 120
    assert found[:10].tolist() == parts[0][:10].tolist()
    np.testing.assert_allclose(found[10:], (parts[0][10:] + parts[1]) / 2.0)


def test_what_is_no_path_is_refused() -> None:
    outcomes = biased_outcomes(0.0, 4)

    with pytest.raises(ConfigError, match="order of their origins"):
        RevealedPath(outcomes[::-1], RULES)
    with pytest.raises(ConfigError, match="one horizon"):
        RevealedPath((outcomes[0], replace(outcomes[1], horizon=2)), RULES)
    with pytest.raises(ConfigError, match="every must be"):
        PlayRules(every=0)
    with pytest.raises(ConfigError, match="total_limit must be"):
        PlayRules(total_limit=float("nan"))
