"""Metamorphic tests: change what must not matter, and no bit moves."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from fg_core import (
    AgentAction,
    AgentRegistry,
    AutoRegression,
    DefenderAgent,
    Drift,
    ForecastGame,
    ForecastState,
    Observation,
    PoolAggregator,
    RandomWalk,
    RefactoringAgent,
    ReplayWorld,
    SimulationConfig,
)

N, ORIGIN, ROUNDS = 60, 30, 20


@dataclass(frozen=True)
class Everything:
    """A forecaster that depends on every bit that it is shown, and learns from all it is told."""

    name: str = "everything"
    seen: float = 0.0

    def fit(self, window):
        context = sum(sum(row.values()) for row in window.contexts)
        segments = sum(sum(v * v for v in row.values()) for row in window.segments)
        return replace(self, seen=float(np.sin(window.values).sum() + context + segments))

    def update(self, revealed):
        return replace(self, seen=0.9 * self.seen + np.sin(revealed.value + revealed.reported))

    def act(self, state, horizon=1):
        numbers = [state.value, state.exogenous, state.hidden_shift, state.displacement]
        numbers += [*state.history, *state.macro_context.values(), *state.segment_values.values()]
        mixed = float(np.sin(np.array(numbers)).sum()) + np.sin(self.seen) + state.n_unrevealed
        return AgentAction(self.name, 0.1 * mixed * horizon, scale=1.0 + abs(mixed) * 0.1)


@dataclass(frozen=True)
class Script:
    """An adversary with a plan: what it adds, by period."""

    plan: dict = field(default_factory=dict)
    name: str = "script"

    def act(self, state, budget=None):
        return AgentAction(self.name, self.plan.get(state.t, 0.0))


def rows(values, contexts=None, segments=None):
    start = datetime(2000, 1, 1, tzinfo=UTC)
    return tuple(
        Observation(
            start + timedelta(days=31 * i),
            float(v),
            contexts[i] if contexts else {},
            start + timedelta(days=31 * i + 40),
            "s",
            "test",
            segment_values=segments[i] if segments else {},
        )
        for i, v in enumerate(values)
    )


def series(seed=1):
    # Quarters of an integer add exactly, so that a print can be the same bit for bit.
    walk = np.cumsum(np.random.default_rng(seed).integers(-6, 7, N)) / 4.0
    contexts = [{"a": float(np.cos(i)), "truth": 0.0} for i in range(N)]
    segments = [{"x": 1.0 + i % 3, "y": 2.0} for i in range(N)]
    return walk, contexts, segments


def play(data, plan=None, *, lag=1, withheld=(), rounds=ROUNDS):
    config = SimulationConfig(
        horizon=rounds,
        max_rounds=rounds,
        horizons=(1, 3),
        reveal_lag=lag,
        refit_every=4,
        disturbance_prob=0.0,
        attack_cap=100.0,
        attack_total=1e6,
        step_scale=1.0,
    )
    registry = AgentRegistry(
        (RandomWalk(), Drift(), AutoRegression(order=2), Everything()),
        (Script(plan or {}),),
        (DefenderAgent(),),
        PoolAggregator(),
        RefactoringAgent(),
    )
    world = ReplayWorld(rows(*data), withheld=frozenset(withheld))
    game = ForecastGame(config, seed=3, registry=registry)
    return game.run(world.initial_state(ORIGIN), world=world)


def issued(step):
    """Everything that was decided downstream of the print in a round."""
    doubts = tuple(a for a in step.actions if a.actor == "defender")
    return (step.observation, step.issued, doubts, step.messages)


def bits(item):
    forecast = item.forecast
    return [forecast.mean, forecast.variance, *forecast.quantiles, *forecast.components.weights]


@pytest.mark.parametrize("lag", [1, 2, 3])
@pytest.mark.parametrize("cut", [ORIGIN + 2, ORIGIN + 9])
def test_the_future_reaches_nobody(lag, cut):
    values, contexts, segments = series()
    plan = {ORIGIN + 3: 2.5, ORIGIN + 5: -4.0}
    before = play((values, contexts, segments), plan, lag=lag)
    rng = np.random.default_rng(9)
    garbage = values.copy()
    garbage[cut + 1 :] = rng.normal(0, 1e6, N - cut - 1)
    other = [c if i <= cut else {"a": 1e9, "truth": -1e9} for i, c in enumerate(contexts)]
    parts = [s if i <= cut else {"x": 7.0, "y": 1e5} for i, s in enumerate(segments)]
    after = play((garbage, other, parts), plan, lag=lag)
    for i in range(cut - ORIGIN + 1):
        assert issued(before.steps[i]) == issued(after.steps[i])
        for a, b in zip(before.steps[i].issued, after.steps[i].issued, strict=True):
            assert bits(a) == bits(b)
    changed = cut - ORIGIN + 1
    assert issued(before.steps[changed]) != issued(after.steps[changed])


def test_context_published_later_reaches_nobody():
    values, contexts, segments = series()
    cut = ORIGIN + 6
    late = [c if i <= cut else {"a": -3.0, "truth": 1.0} for i, c in enumerate(contexts)]
    before, after = play((values, contexts, segments)), play((values, late, segments))
    for i in range(cut - ORIGIN + 1):
        assert issued(before.steps[i]) == issued(after.steps[i])


@pytest.mark.parametrize("lag", [1, 2])
def test_what_the_adversary_did_reaches_nobody_in_its_round(lag):
    values, contexts, segments = series()
    hit = ORIGIN + 8
    other = values.copy()
    other[hit] += 5.25
    first = play((values, contexts, segments), {hit: 7.5, ORIGIN + 2: 1.0}, lag=lag)
    second = play((other, contexts, segments), {hit: 2.25, ORIGIN + 2: 1.0}, lag=lag)
    k = hit - ORIGIN
    assert first.steps[k].observation.value == second.steps[k].observation.value
    assert first.steps[k].attack != second.steps[k].attack
    for i in range(k + lag):  # the truth stays hidden until it is revealed, lag rounds later
        assert issued(first.steps[i]) == issued(second.steps[i])
        for a, b in zip(first.steps[i].issued, second.steps[i].issued, strict=True):
            assert bits(a) == bits(b)
    assert issued(first.steps[k + lag]) != issued(second.steps[k + lag])


def test_segments_of_a_print_do_not_add_up_to_the_truth():
    values, contexts, _ = series()
    level = np.abs(values) + 50.0
    parts = [{"x": 0.25 * v, "y": 0.75 * v} for v in level]
    out = play((level, contexts, parts), {ORIGIN + 4: 9.0})
    for step in out.steps:
        shown = step.observation
        assert sum(shown.segment_values.values()) == pytest.approx(shown.value, rel=1e-12)
    hit = out.steps[4]
    assert hit.attack == 9.0
    assert sum(hit.observation.segment_values.values()) != pytest.approx(level[ORIGIN + 4])


def test_withheld_columns_are_seen_by_nobody():
    values, contexts, segments = series()
    leaky = [{**c, "truth": float(v)} for c, v in zip(contexts, values, strict=True)]
    a = play((values, contexts, segments), withheld={"truth"})
    b = play((values, leaky, segments), withheld={"truth"})
    assert [issued(s) for s in a.steps] == [issued(s) for s in b.steps]
    shown = play((values, leaky, segments))
    assert [issued(s) for s in a.steps] != [issued(s) for s in shown.steps]


@pytest.mark.parametrize("observe", [False, True])
def test_hidden_fields_are_masked(observe):
    config = SimulationConfig(
        horizon=12, disturbance_prob=1.0, observe_exogenous=observe, step_scale=1.0
    )
    out = ForecastGame(config, seed=4).run(ForecastState(0, 5.0, 1.5, 0.7))
    for step in out.steps:
        assert step.observation.hidden_shift == 0.0
        assert step.observation.displacement == 0.0
        assert (step.observation.exogenous == 0.0) is not observe
    assert any(step.next_state.hidden_shift != 0.0 for step in out.steps)


def test_displacement_of_a_replay_is_hidden():
    values, contexts, segments = series()
    config = SimulationConfig(
        horizon=10, disturbance_prob=1.0, step_scale=1.0, attack_total=0.0, persistence=0.5
    )
    world = ReplayWorld(rows(values, contexts, segments))
    out = ForecastGame(config, seed=4).run(world.initial_state(ORIGIN), world=world)
    assert all(step.observation.displacement == 0.0 for step in out.steps)
    assert any(step.next_state.displacement != 0.0 for step in out.steps)
