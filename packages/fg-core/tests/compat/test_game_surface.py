"""The game as code written for the four-agent layout used it."""

import random
from dataclasses import FrozenInstanceError, dataclass

import pytest

from fg_core import (
    AdversaryAgent,
    AgentAction,
    AgentRegistry,
    ForecastGame,
    ForecastState,
    ProbabilisticForecast,
    RefactoringAgent,
    SimulationConfig,
    default_agent_factory,
    four_agent_factory,
)


@dataclass(frozen=True)
class Always:
    name: str
    delta: float

    def act(self, state, *_):
        return AgentAction(self.name, self.delta)


def four(config):
    return (
        Always("forecaster", 0.4),
        AdversaryAgent(),
        Always("defender", 0.0),
        RefactoringAgent(),
    )


START = ForecastState(t=0, value=10.0, exogenous=0.0, hidden_shift=0.0)


def test_the_round_cap():
    game = ForecastGame(SimulationConfig(horizon=400, max_rounds=200), seed=9)
    out = game.run(ForecastState(t=0, value=50.0, exogenous=0.0, hidden_shift=0.0), disturbed=True)
    assert len(out.steps) == 200
    assert out.convergence["round_cap_hit"] is True
    assert out.convergence["rounds_executed"] == out.convergence["max_rounds"] == 200


def test_zero_and_negative_rounds():
    game = ForecastGame(SimulationConfig(horizon=10, max_rounds=20), seed=2)
    assert len(game.run(START, rounds=0).steps) == 0
    assert len(game.run(START, rounds=-5).steps) == 0


def test_the_forecast_lies_in_its_interval():
    rng = random.Random(21)
    game = ForecastGame(SimulationConfig(horizon=5, max_rounds=10), seed=3)
    for _ in range(20):
        start = ForecastState(0, rng.uniform(-20, 20), rng.uniform(-3, 3), 0.0)
        for step in game.run(start, disturbed=True).steps:
            assert step.confidence.lower <= step.forecast <= step.confidence.upper


def test_reward_breakdown_cannot_be_changed():
    out = ForecastGame(SimulationConfig(horizon=3, max_rounds=5), seed=5).run(START)
    with pytest.raises(TypeError):
        out.steps[0].reward_breakdown["forecaster"] = 0.0


def test_trajectory_logs_have_the_old_keys():
    out = ForecastGame(SimulationConfig(horizon=4, max_rounds=10), seed=1).run(
        ForecastState(t=0, value=2.0, exogenous=0.0, hidden_shift=0.0)
    )
    assert len(out.trajectory_logs) == 4
    wanted = "round_idx state actions forecast target reward disturbance messages"
    assert set(wanted.split()) <= set(out.trajectory_logs[0])
    assert out.trajectory_logs[2]["round_idx"] == 2


def test_outputs_have_the_old_names_and_lengths():
    out = ForecastGame(SimulationConfig(horizon=6), seed=1).run(START)
    for name in ("steps", "trajectories", "forecasts", "targets", "confidence"):
        assert len(getattr(out, name)) == 6
    step, entry = out.steps[3], out.trajectories[3]
    assert step.next_state.t == 4
    assert step.target == step.next_state.value == out.targets[3]
    assert step.forecast == out.forecasts[3]
    assert isinstance(step.probabilistic, ProbabilisticForecast)
    assert entry.round_idx == 3
    assert entry.state.value == out.steps[2].next_state.value
    assert (entry.forecast, entry.target) == (step.forecast, step.target)
    assert entry.reward == step.reward_breakdown["team"]


def test_every_step_has_a_distribution():
    out = ForecastGame(SimulationConfig(horizon=10), seed=1).run(START)
    for step in out.steps:
        assert step.probabilistic.variance > 0.0
        q10, q25, q50, q75, q90 = step.probabilistic.quantiles
        assert q10 <= q25 <= q50 <= q75 <= q90


def test_four_agent_factories_keep_working():
    game = ForecastGame(SimulationConfig(horizon=5), agent_factory=four)
    out = game.run(START)
    assert {"forecaster", "adversary", "defender"} <= set(out.steps[0].reward_breakdown)
    assert [a.actor for a in out.steps[0].actions] == ["adversary", "defender", "forecaster"]
    assert isinstance(game.registry, AgentRegistry)


def test_the_four_default_agents():
    out = ForecastGame(SimulationConfig(horizon=5), agent_factory=four_agent_factory).run(START)
    assert {"forecaster", "adversary", "defender"} <= set(out.steps[0].reward_breakdown)


def test_the_played_delta_enters_the_forecast():
    def factory(delta):
        return lambda config: (
            Always("forecaster", delta),
            Always("adversary", 0.0),
            Always("defender", 0.0),
            RefactoringAgent(step_size=0.0),
        )

    config = SimulationConfig(horizon=1)
    low, high = (
        ForecastGame(config, agent_factory=factory(d)).run(START).steps[0] for d in (0.0, 0.75)
    )
    assert high.forecast - low.forecast == pytest.approx(0.75)
    assert high.reward_breakdown["team"] != low.reward_breakdown["team"]


def test_a_plain_correction_moves_the_forecast_by_itself():
    def factory(delta):
        return lambda config: (
            Always("forecaster", 0.5),
            Always("adversary", 0.0),
            Always("defender", delta),
            RefactoringAgent(step_size=0.0),
        )

    config = SimulationConfig(horizon=1)
    plain, moved = (
        ForecastGame(config, agent_factory=factory(d)).run(START).steps[0] for d in (0.0, -0.25)
    )
    assert moved.forecast - plain.forecast == pytest.approx(-0.25)


def test_attack_cost_reduces_the_attack():
    cheap = AdversaryAgent(aggressiveness=1.0, attack_cost=0.0).act(START)
    costly = AdversaryAgent(aggressiveness=1.0, attack_cost=2.0).act(START)
    assert abs(costly.delta) < abs(cheap.delta)


def test_seed_seven_is_the_default():
    config = SimulationConfig(horizon=5)
    assert ForecastGame(config).run(START) == ForecastGame(config, seed=7).run(START)


def test_default_agent_factory_returns_a_registry():
    registry = default_agent_factory(SimulationConfig())
    assert isinstance(registry, AgentRegistry)
    assert registry.forecasters
    assert registry.aggregator is not None


def test_clean_runs_have_no_attack_and_no_disturbance():
    out = ForecastGame(SimulationConfig(horizon=20, disturbance_prob=1.0)).run(
        START, disturbed=False
    )
    assert all(step.attack == 0.0 and step.disturbance == 0.0 for step in out.steps)


def test_records_are_frozen():
    out = ForecastGame(SimulationConfig(horizon=2)).run(START)
    for record in (out, out.steps[0], out.trajectories[0]):
        with pytest.raises(FrozenInstanceError):
            record.steps = ()
