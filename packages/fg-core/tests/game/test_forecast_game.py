"""The rules of a round, checked by play."""

import warnings
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fg_core import (
    AdversaryAgent,
    AgentAction,
    AgentError,
    AgentRegistry,
    AutoRegression,
    ConfigError,
    DataError,
    DefenderAgent,
    Drift,
    ForecastGame,
    ForecastState,
    ForecastUnavailable,
    Observation,
    RandomWalk,
    RefactoringAgent,
    ReplayWorld,
    SimulationConfig,
    crps,
    default_agent_factory,
    pit_score,
)
from fg_core.scoring import crps_gaussian

START = ForecastState(t=0, value=10.0, exogenous=0.0, hidden_shift=0.0)


@dataclass(frozen=True)
class Hits:
    size: float
    name: str = "hits"

    def act(self, state, budget=None):
        sign = 1.0 if budget.draws.uniform(0) < 0.5 else -1.0
        return AgentAction(self.name, sign * self.size * budget.scale)


@dataclass(frozen=True)
class Diary:
    """A forecaster that writes down what it is told."""

    name: str = "diary"
    told: tuple = ()
    log: list = field(default_factory=list, compare=False)

    def update(self, revealed):
        if revealed.predictive is not None:
            self.log.append((revealed.t, revealed.value, revealed.reported, revealed.reward))
        return replace(self, told=(*self.told, revealed.t))

    def act(self, state, horizon=1):
        return AgentAction(self.name, 0.25, scale=1.0)


def world(n=60, seed=2):
    values = np.cumsum(np.random.default_rng(seed).normal(0, 1, n)) + 20.0
    start = datetime(2000, 1, 1, tzinfo=UTC)
    return ReplayWorld(
        tuple(
            Observation(
                start + timedelta(days=i), float(v), {}, start + timedelta(days=i), "s", "x"
            )
            for i, v in enumerate(values)
        )
    )


def game(*, seed=5, adversaries=(), defenders=(), forecasters=None, **settings_):
    settings_.setdefault("horizon", 25)
    registry = AgentRegistry(
        forecasters or (RandomWalk(), AutoRegression(order=2)), adversaries, defenders
    )
    return ForecastGame(SimulationConfig(**settings_), seed=seed, registry=registry)


def test_equal_seeds_equal_games_and_other_seeds_other_games():
    config = SimulationConfig(horizon=30, disturbance_prob=0.5)
    first = ForecastGame(config, seed=11).run(START)
    assert first == ForecastGame(config, seed=11).run(START)
    assert first.targets != ForecastGame(config, seed=12).run(START).targets
    assert first.targets != ForecastGame(config, seed=11, game=1).run(START).targets


def test_replay_reproduces_the_record_bit_for_bit():
    record = world()
    out = game(defenders=(DefenderAgent(),)).run(
        record.initial_state(30), world=record, disturbed=False
    )
    assert out.targets == tuple(row.value for row in record.rows[31:56])


def test_clean_and_attacked_runs_share_their_noise():
    kwargs = {"disturbance_prob": 0.3, "horizon": 40}
    calm = game(adversaries=(Hits(0.0),), **kwargs).run(START)
    hit = game(adversaries=(Hits(0.9),), **kwargs).run(START)
    assert calm.targets == hit.targets  # tampering with prints does not move the world
    assert calm.forecasts != hit.forecasts
    clean = game(**kwargs).run(START, disturbed=False)
    moved = [a - b for a, b in zip(calm.targets, clean.targets, strict=True)]
    assert moved[0] == pytest.approx(calm.steps[0].disturbance)
    assert any(moved)


@given(st.floats(0.0, 3.0), st.floats(0.0, 20.0), st.floats(0.0, 5.0), st.integers(0, 2**64 - 1))
@settings(max_examples=settings.default.max_examples // 3, deadline=None)
def test_prints_stay_within_cap_and_total(cap, total, size, seed):
    out = game(
        seed=seed,
        adversaries=(Hits(size), Hits(size, name="more")),
        attack_cap=cap,
        attack_total=total,
        horizon=20,
    ).run(START)
    hits = [abs(step.attack) / out.step_scale for step in out.steps]
    spent = [
        sum(abs(a.delta) for a in step.actions if a.actor in ("hits", "more")) / out.step_scale
        for step in out.steps
    ]
    slack = 1e-9 * (1.0 + total)
    assert max(hits) <= cap + slack
    assert max(spent) <= cap + slack
    assert sum(spent) <= total + slack
    assert out.convergence["attack_spent"] == pytest.approx(sum(spent), abs=1e-9)


def test_budget_is_served_in_registry_order():
    out = game(
        adversaries=(Hits(0.75), Hits(0.75, name="more")),
        attack_cap=1.0,
        horizon=1,
        attack_cost=2.0,
    ).run(START)
    first, second = (a for a in out.steps[0].actions if a.actor in ("hits", "more"))
    assert abs(first.delta) == pytest.approx(0.75 * out.step_scale)
    assert abs(second.delta) == pytest.approx(0.25 * out.step_scale)


def test_team_and_adversaries_sum_to_the_cost_of_attack():
    out = game(adversaries=(Hits(0.5),), defenders=(DefenderAgent(),), attack_cost=0.3).run(START)
    for step in out.steps:
        units = abs(step.attack) / out.step_scale
        pair = step.reward_breakdown["team"] + step.reward_breakdown["adversaries"]
        assert pair == pytest.approx(-0.3 * units, abs=1e-12)
        assert step.reward_breakdown["team"] == -step.scored[0].crps
        assert step.scored[0].crps == crps(step.probabilistic, step.target)


def test_attributions():
    out = game(adversaries=(Hits(0.9),), defenders=(DefenderAgent(),), attack_cost=0.1).run(START)
    free = game(adversaries=(Hits(0.0),), defenders=(DefenderAgent(),)).run(START)
    for step in out.steps:
        item = step.scored[0]
        for action in item.issued.actions:
            own = crps_gaussian(item.issued.base + action.delta, action.scale, item.target)
            assert step.reward_breakdown[action.actor] == pytest.approx(-float(own))
        saved = crps(item.issued.undefended, item.target) - item.crps
        assert step.reward_breakdown["defender"] == pytest.approx(saved)
    # In the first round nothing differs but the hit: leaving it out is the other game.
    gain = out.steps[0].scored[0].crps - free.steps[0].scored[0].crps
    cost = 0.1 * abs(out.steps[0].attack) / out.step_scale
    assert out.steps[0].reward_breakdown["hits"] == pytest.approx(gain - cost)


def test_two_defenders_are_credited_leaving_one_out():
    pair = (DefenderAgent(), DefenderAgent(name="second"))
    out = game(adversaries=(Hits(1.0),), defenders=pair).run(START)
    assert {"defender", "second"} <= set(out.steps[0].reward_breakdown)
    alone = game(adversaries=(Hits(1.0),), defenders=pair[:1]).run(START)
    step, single = out.steps[0], alone.steps[0]
    saved = single.scored[0].crps - step.scored[0].crps
    assert step.reward_breakdown["second"] == pytest.approx(saved)


@pytest.mark.parametrize("lag", [1, 2, 3])
def test_values_and_rewards_reach_agents_with_the_reveal(lag):
    diary = Diary()
    record = world()
    out = game(
        forecasters=(diary, RandomWalk()),
        adversaries=(Hits(0.5),),
        reveal_lag=lag,
        horizon=8,
        disturbance_prob=0.0,
    ).run(record.initial_state(30), world=record)
    assert [t for t, *_ in diary.log] == list(range(30, 39 - lag))
    rewards = {30 + i + 1: step.reward_breakdown["team"] for i, step in enumerate(out.steps)}
    prints = {30 + i: step.observation.value for i, step in enumerate(out.steps)}
    for t, value, reported, reward in diary.log:
        assert value == record.rows[t].value
        assert reported == prints.get(t, value)
        assert reward == rewards.get(t)


def test_multi_step_forecasts_are_scored_when_they_fall_due():
    record = world()
    out = game(horizons=(1, 3), horizon=10).run(
        record.initial_state(30), world=record, disturbed=False
    )
    assert [len(step.scored) for step in out.steps] == [1, 1, *[2] * 8]
    for item in out.scored:
        assert item.target == record.rows[item.issued.origin + item.issued.horizon].value
        assert item.error == item.target - item.issued.forecast.mean
    assert out.convergence["unscored"] == 2
    assert len(out.forecasts) == len(out.targets) == 10


def test_the_reward_is_that_of_the_first_horizon():
    record = world()
    out = game(horizons=(3, 1), horizon=6).run(
        record.initial_state(30), world=record, disturbed=False
    )
    assert [step.reward_breakdown["team"] == 0.0 for step in out.steps] == [True] * 2 + [False] * 4
    assert len(out.forecasts) == 4
    assert out.steps[2].reward_breakdown["team"] == -next(
        s.crps for s in out.steps[2].scored if s.issued.horizon == 3
    )


def test_mean_is_print_plus_correction_plus_combined_delta():
    config = SimulationConfig(horizon=15, attack_cap=2.0)
    out = ForecastGame(config, seed=5).run(START)
    for step in out.steps:
        parts = step.probabilistic.components
        assert step.forecast == pytest.approx(float(parts.weights @ parts.means), abs=1e-10)
        base = step.issued[0].base
        by_name = {a.actor: a.delta for a in step.issued[0].actions}
        # Every component that uses the print starts from it, and is off by the one bias.
        used = [
            m - base - by_name[label]
            for label, m in zip(parts.labels, parts.means, strict=True)
            if "|" not in label
        ]
        assert np.ptp(used) < 1e-9


def test_weights_learn_from_recomputed_forecasts_not_from_tampered_ones():
    record = world()
    plain = game(horizon=20, disturbance_prob=0.0, attack_cap=9.0, attack_total=1e9)
    calm = plain.run(record.initial_state(30), world=record, disturbed=False)
    hit = game(
        horizon=20, disturbance_prob=0.0, attack_cap=9.0, attack_total=1e9, adversaries=(Hits(5.0),)
    ).run(record.initial_state(30), world=record)
    assert calm.weights == hit.weights
    assert calm.forecasts != hit.forecasts


def test_refits_see_the_print_for_their_origin_only():
    record = world()
    kwargs = {
        "horizon": 12,
        "refit_every": 4,
        "disturbance_prob": 0.0,
        "attack_cap": 9.0,
        "attack_total": 9.0,
        "forecasters": (AutoRegression(order=1),),
    }

    @dataclass(frozen=True)
    class Once:
        name: str = "once"

        def act(self, state, budget=None):
            return AgentAction(self.name, 9.0 if state.t == 34 else 0.0)

    calm = game(**kwargs).run(record.initial_state(30), world=record, disturbed=False)
    hit = game(**kwargs, adversaries=(Once(),)).run(record.initial_state(30), world=record)
    differs = [a.forecast != b.forecast for a, b in zip(calm.steps, hit.steps, strict=True)]
    assert differs == [i == 4 for i in range(12)]


def test_sliding_window_and_gap_limit_what_a_fit_sees():
    lengths = []

    @dataclass(frozen=True)
    class Ruler:
        name: str = "ruler"

        def fit(self, window):
            lengths.append((len(window), window.end_t))
            return self

        def act(self, state, horizon=1):
            return AgentAction(self.name, 0.0, scale=1.0)

    record = world()
    game(forecasters=(Ruler(),), horizon=5, refit_every=2, train_window=10, fit_gap=3).run(
        record.initial_state(30), world=record, disturbed=False
    )
    # Before the game, then once per refit origin: the print turned out true, so one fit does.
    assert lengths == [(10, 26), (10, 27), (10, 29), (10, 31)]


def test_absent_forecasters_are_counted_and_the_pool_goes_on():
    @dataclass(frozen=True)
    class Moody:
        name: str = "moody"

        def act(self, state, horizon=1):
            if state.t % 3 == 0:
                raise ForecastUnavailable("not today")
            return AgentAction(self.name, 0.0, scale=1.0)

    out = game(forecasters=(RandomWalk(), Moody()), horizon=9, defenders=(DefenderAgent(),)).run(
        START, disturbed=False
    )
    assert dict(out.convergence["missing"]) == {"moody": 3}
    assert out.convergence["missing_reasons"] == {"moody": {"not today": 3}}
    assert out.steps[0].issued[0].unavailable == {"moody": "not today"}
    assert out.steps[1].issued[0].unavailable == {}
    (message,) = (m for m in out.steps[0].messages if m.sender == "moody")
    assert message.payload == "no forecast at this origin: not today"
    gone = out.steps[0].probabilistic.components
    assert {label.split("|")[0] for label in gone.labels} == {"random_walk"}
    assert "moody" not in out.steps[0].reward_breakdown


def test_reasons_are_short_lines_and_few():
    @dataclass(frozen=True)
    class Moody:
        name: str = "moody"

        def act(self, state, horizon=1):
            raise ForecastUnavailable(f"v{state.t} failed:\n" + "x" * 500 if state.t < 8 else "")

    out = game(forecasters=(RandomWalk(), Moody()), horizon=10).run(START, disturbed=False)
    reasons = out.convergence["missing_reasons"]["moody"]
    assert list(reasons.values()) == [1, 1, 1, 1, 1, 5]
    assert list(reasons)[-1] == "other reasons"
    assert all(len(reason) <= 200 and "\n" not in reason for reason in reasons)
    assert out.steps[9].issued[0].unavailable == {"moody": "no reason given"}


def test_a_failing_agent_is_named():
    @dataclass(frozen=True)
    class Broken:
        name: str = "broken"

        def act(self, state, horizon=1):
            return 1 / 0

    with pytest.raises(AgentError, match=r"'broken' failed in act.*ZeroDivisionError") as caught:
        game(forecasters=(Broken(),)).run(START)
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


def test_a_forecaster_must_return_an_action():
    @dataclass(frozen=True)
    class Wrong:
        name: str = "wrong"

        def act(self, state, horizon=1):
            return 0.5

    with pytest.raises(AgentError, match="'wrong' returned a float"):
        game(forecasters=(Wrong(),)).run(START)


@pytest.mark.slow
def test_the_refactorer_does_not_drift_in_five_thousand_clean_rounds():
    config = SimulationConfig(horizon=5000, max_rounds=5000)
    registry = AgentRegistry((Drift(),), refactorer=RefactoringAgent())
    out = ForecastGame(config, seed=21, registry=registry).run(START, disturbed=False)
    errors = np.array([item.error for item in out.scored])
    # The noise has a standard deviation of 0.15, so no forecast has a smaller mean error than 0.12.
    assert np.mean(np.abs(errors[:500])) < 0.13
    assert np.mean(np.abs(errors[-500:])) < 0.13
    assert abs(np.mean(errors[-2500:])) < 0.01


def test_the_refactorer_removes_a_constant_error():
    @dataclass(frozen=True)
    class Low:
        name: str = "low"

        def act(self, state, horizon=1):
            return AgentAction(self.name, -1.0, scale=1.0)

    registry = AgentRegistry((Low(),), refactorer=RefactoringAgent(step_size=0.1))
    config = SimulationConfig(horizon=150, base_trend=0.5)
    out = ForecastGame(config, registry=registry).run(START, disturbed=False)
    assert out.steps[0].scored[0].error > 1.0
    assert abs(np.mean([s.error for s in out.scored[-50:]])) < 0.1


@pytest.mark.parametrize("noise", [0.15, pytest.param(3.0, marks=pytest.mark.slow)])
def test_variance_is_learned_not_guessed(noise):
    config = SimulationConfig(horizon=150, base_noise_std=noise)
    scored = [
        item
        for seed in range(4)
        for item in ForecastGame(config, seed=seed).run(START, disturbed=False).scored
    ]
    inside = [
        (band := item.issued.forecast.interval(0.8)).lower <= item.target <= band.upper
        for item in scored
    ]
    assert 0.76 <= np.mean(inside) <= 0.86
    pits = np.array([float(pit_score(item.issued.forecast, item.target)) for item in scored])
    counts = np.histogram(pits, bins=10, range=(0.0, 1.0))[0]
    assert counts.min() >= 30
    assert counts.max() <= 95


def test_limits_on_the_number_of_rounds():
    config = SimulationConfig(horizon=400, max_rounds=50)
    out = ForecastGame(config).run(START)
    assert len(out.steps) == 50
    assert out.convergence["round_cap_hit"] is True
    assert len(ForecastGame(config).run(START, rounds=0).steps) == 0
    assert len(ForecastGame(config).run(START, rounds=-3).steps) == 0
    record = world()
    ended = game(horizon=200, max_rounds=500).run(record.initial_state(50), world=record)
    assert len(ended.steps) == 9
    assert ended.convergence["world_ended"] is True


def test_how_long_a_round_takes_decides_nothing_and_is_not_warned_about():
    config = SimulationConfig(horizon=3)
    hurried = replace(config, max_round_timeout_s=1e-9)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert ForecastGame(hurried).run(START).steps == ForecastGame(config).run(START).steps


def test_bad_starts_are_refused():
    config = SimulationConfig(horizon=3)
    with pytest.raises(DataError, match="at least 0"):
        ForecastGame(config).run(replace(START, t=-1))
    with pytest.raises(ConfigError, match="seed"):
        ForecastGame(config, seed=-1)
    with pytest.raises(ConfigError, match="game must be"):
        ForecastGame(config, game=-1)
    with pytest.raises(ConfigError, match="not both"):
        ForecastGame(config, registry=AgentRegistry((RandomWalk(),)), agent_factory=lambda c: None)
    flat = replace(START, history=(10.0,) * 30)
    with pytest.raises(DataError, match="step_scale"):
        ForecastGame(SimulationConfig(horizon=3)).run(flat)


def test_default_registry_plays_with_everything_switched_on():
    config = SimulationConfig(
        horizon=12, disturbance_prob=1.0, horizons=(1, 2), season_length=4, attack_cost=0.1
    )
    registry = default_agent_factory(config)
    assert registry["defender"].defense.name == "innovation_gate"
    assert isinstance(registry["adversary"], AdversaryAgent)
    out = ForecastGame(config, registry=registry).run(START)
    assert {"random_walk", "drift", "seasonal_naive", "ar4", "ar"} <= set(
        out.steps[0].reward_breakdown
    )
    assert all(np.isfinite(step.forecast) for step in out.steps)
