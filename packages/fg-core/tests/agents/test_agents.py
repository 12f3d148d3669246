import numpy as np
import pytest

from fg_core import (
    AdversaryAgent,
    ConfigError,
    DefenderAgent,
    ForecastState,
    InnovationGate,
    ProbabilisticForecast,
    RefactoringAgent,
    TrainingWindow,
)
from fg_core.protocols import AttackBudget, Revealed, RevealedForecast
from fg_core.testing import (
    check_adversary,
    check_defender,
    check_refactorer,
    example_budget,
)

RISING = ForecastState(3, 4.0, 0.0, 0.0, history=(1.0, 2.0, 3.0))
FALLING = ForecastState(3, 1.0, 0.0, 0.0, history=(4.0, 3.0, 2.0))
BUDGET: AttackBudget = example_budget()


def test_agents_conform():
    check_adversary(AdversaryAgent())
    check_defender(DefenderAgent())
    check_refactorer(RefactoringAgent())


def test_the_adversary_pushes_against_the_trend_in_units_of_the_series():
    assert AdversaryAgent().act(RISING).delta == -0.4
    assert AdversaryAgent().act(FALLING).delta == 0.4
    assert AdversaryAgent().act(RISING, BUDGET).delta == pytest.approx(-0.4 * BUDGET.scale)
    pressed = ForecastState(3, 1.0, 9.0, 0.0, history=(4.0, 3.0, 2.0))
    assert AdversaryAgent().act(pressed).delta == -0.4


def test_cost_and_aggressiveness_set_its_size():
    assert AdversaryAgent(aggressiveness=2.0).act(RISING).delta == -0.8
    assert AdversaryAgent(attack_cost=1.0).act(RISING).delta == pytest.approx(-0.2)
    assert AdversaryAgent(attack_cost=9.0).act(RISING).delta == 0.0
    with pytest.raises(ConfigError, match="aggressiveness"):
        AdversaryAgent(aggressiveness=-1.0)


def test_the_defender_plays_its_defense_with_what_it_has_learned():
    window = TrainingWindow(np.array([1.0, 2.0, 1.5, 2.5, 3.5]))
    agent = DefenderAgent().fit(window)
    assert agent.step_scale == window.step_scale
    predictive = ProbabilisticForecast(2.0, 1.0)
    seen = ForecastState(5, 7.0, 0.0, 0.0)
    said = agent.act(seen, predictive)
    found = InnovationGate().doubt(InnovationGate().start(), 5.0, 1.0, window.step_scale)
    assert (said.delta, said.p_bad, said.scale) == (found.delta, found.p_bad, found.scale)
    taught = agent.update(Revealed(ForecastState(5, 2.0, 0.0, 0.0), 7.0, predictive))
    assert taught.act(seen, predictive).p_bad > said.p_bad
    assert agent.act(seen, predictive) == said
    assert agent.update(Revealed(ForecastState(5, 2.0, 0.0, 0.0), 7.0)) is agent


def outcome(target, mean=1.0, horizon=1):
    forecast = ProbabilisticForecast(mean, 1.0)
    return RevealedForecast(ForecastState(0, 0.0, 0.0, 0.0), horizon, (), forecast, target)


def test_the_bias_moves_towards_the_error_and_settles_there():
    agent = RefactoringAgent(step_size=0.25)
    agent = agent.update(outcome(3.0))
    assert agent.bias() == 0.5
    for _ in range(100):
        agent = agent.update(outcome(3.0))
    assert agent.bias() == pytest.approx(2.0)
    assert agent.bias(4) == 0.0


def test_the_sign_is_that_of_the_error():
    assert RefactoringAgent().revise(1.0) > 0.0 > RefactoringAgent().revise(-1.0)
    with pytest.raises(ConfigError, match="step_size"):
        RefactoringAgent(step_size=2.0)
