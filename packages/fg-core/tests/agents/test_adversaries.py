"""The fixed adversaries: promises, rules by hand, batches, budgets kept in games."""

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fg_core import (
    AgentRegistry,
    ConfigError,
    ForecastGame,
    ForecastState,
    RandomWalk,
    Registry,
    SimulationConfig,
)
from fg_core.agents import (
    AdversaryAgent,
    ArrayAdversary,
    EventFlip,
    LargestHit,
    OneSidedHits,
    RandomHits,
    SlowPoison,
    TwoQuarterHit,
)
from fg_core.protocols import AttackBudget
from fg_core.rng import AgentDraws, Stream
from fg_core.testing import check_adversary, example_budget, plugin_names

REGISTRY = Registry("fg_core.adversaries")
NAMES = {name: REGISTRY.load(name) for name in plugin_names(REGISTRY.group, "fg-core")}
AGENTS = [
    # Others are asked game by game: see `test_evasive_hit` and `test_on_columns`.
    *(cls() for cls in NAMES.values() if hasattr(cls(), "delta")),
    AdversaryAgent(aggressiveness=3.0, attack_cost=0.5),
    RandomHits(probability=0.7, size=math.inf),
    LargestHit(trigger=0.3),
    SlowPoison(step=0.3, limit=1.2, every=3, upwards=False),
    TwoQuarterHit(size=2.5, every=3),
    OneSidedHits(size=0.5, every=3),
    EventFlip(size=4.0, margin=0.5),
]
every_agent = pytest.mark.parametrize("agent", AGENTS, ids=repr)


@dataclass(frozen=True)
class Draws:
    """The draws of many games in one round."""

    all: list

    def uniform(self, index=0):
        return np.array([draws.uniform(index) for draws in self.all])

    def normal(self, index=0):
        return np.array([draws.normal(index) for draws in self.all])


def budget(scale=1.0, cap=1.0, remaining=10.0, *, spent=0.0, game=0, t=0):
    draws = AgentDraws(Stream(3, "adversary", "a", game), t)
    return AttackBudget(scale, cap, remaining, 0.0, draws, spent=spent)


def state(*path, t=0, exogenous=0.0, hidden_shift=0.0):
    return ForecastState(t, path[-1], exogenous, hidden_shift, history=tuple(path[:-1]))


@every_agent
def test_conforms(agent):
    check_adversary(agent)
    assert isinstance(agent, ArrayAdversary)


@pytest.mark.parametrize(("name", "cls"), NAMES.items())
def test_found_by_name(name, cls):
    assert cls().name == ("adversary" if name == "against_trend" else name)


# ---------------------------------------------------------------------------------------- batches


@every_agent
@given(
    seed=st.integers(0, 2**32),
    t=st.integers(0, 40),
    n_history=st.integers(0, 12),
)
def test_a_batch_equals_its_games_to_the_last_bit(agent, seed, t, n_history):
    n = 7
    rng = np.random.default_rng(seed)
    value, exogenous, shift = rng.normal(0.0, 2.0, (3, n))
    past = rng.normal(0.0, 2.0, (n_history, n))
    past[-3:, 0] = value[0] = exogenous[0] = 0.0  # no trend, no change
    scale, cap = rng.uniform(0.2, 2.0, (2, n))
    remaining = rng.uniform(0.0, 4.0, n)
    remaining[1] = 0.0
    spent = np.where(rng.random(n) < 0.5, 0.0, 1.0)
    draws = [AgentDraws(Stream(3, "adversary", "a", g), t) for g in range(n)]
    many: Any = ForecastState(t, value, exogenous, shift, history=tuple(past))
    whole = agent.delta(many, AttackBudget(scale, cap, remaining, 0.0, Draws(draws), spent=spent))
    whole = np.broadcast_to(whole, n)
    for g in range(n):
        one = ForecastState(
            t,
            float(value[g]),
            float(exogenous[g]),
            float(shift[g]),
            history=tuple(past[:, g].tolist()),
        )
        limits = (float(x[g]) for x in (scale, cap, remaining))
        own = AttackBudget(*limits, 0.0, draws[g], spent=float(spent[g]))
        found = agent.act(one, own).delta
        assert math.isfinite(found)
        assert np.float64(found).tobytes() == whole[g].tobytes()
        if agent.name != "adversary":  # that one leaves the cutting to the game
            assert abs(found) <= min(cap[g], remaining[g]) * scale[g]


# -------------------------------------------------------------------------------------- the rules


def test_random_hits_come_at_their_rate_both_ways():
    agent = RandomHits(probability=0.3, size=2.0)
    hits = np.array(
        [agent.act(state(1.0, t=t), budget(0.5, cap=5.0, t=t)).delta for t in range(6000)]
    )
    assert set(hits) == {-1.0, 0.0, 1.0}
    assert (hits != 0.0).mean() == pytest.approx(0.3, abs=4 * math.sqrt(0.21 / 6000))
    assert (hits[hits != 0.0] > 0.0).mean() == pytest.approx(0.5, abs=0.05)
    first = budget(t=11).draws
    hit = first.uniform(0) <= 0.3
    side = -1.0 if first.uniform(1) < 0.5 else 1.0
    assert agent.act(state(1.0), budget(0.5, cap=5.0, t=11)).delta == (side if hit else 0.0)


def test_random_hits_at_the_ends():
    never, always = RandomHits(probability=0.0), RandomHits(probability=1.0, size=math.inf)
    for t in range(200):
        assert never.act(state(1.0), budget(t=t)).delta == 0.0
        assert abs(always.act(state(1.0), budget(0.5, 1.5, 7.0, t=t)).delta) == 0.75
    assert always.act(state(1.0)).delta == 0.0


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ((1.0, 1.5), 0.0),  # a change of 1 unit of 0.5
        ((1.0, 1.999), 0.0),
        ((1.0, 2.0), -1.5),  # 2 units up: all of the cap of 3 units down
        ((9.0, 1.0), 1.5),
    ],
)
def test_the_largest_hit_hides_the_first_large_move(path, expected):
    assert LargestHit().act(state(*path), budget(0.5, cap=3.0)).delta == expected


def test_the_largest_hit_is_one_hit():
    jump = state(1.0, 9.0)
    assert LargestHit().act(jump, budget(cap=3.0, remaining=2.0)).delta == -2.0
    assert LargestHit().act(jump, budget(cap=3.0, spent=0.1)).delta == 0.0
    bare = state(9.0, hidden_shift=-2.5)
    assert LargestHit().act(bare, budget(cap=3.0)).delta == 3.0
    assert LargestHit().act(replace(bare, hidden_shift=1.9), budget()).delta == 0.0


def test_slow_poison_ramps_up_and_stays_under_its_limit():
    agent = SlowPoison(step=0.2, limit=0.5, every=5)
    found = [agent.act(state(1.0, t=t), budget(2.0)).delta for t in range(7)]
    assert found == pytest.approx([0.4, 0.8, 1.0, 1.0, 1.0, 0.4, 0.8])
    down = replace(agent, upwards=False)
    assert [down.act(state(1.0, t=t), budget(2.0)).delta for t in range(7)] == [-x for x in found]
    assert agent.act(state(1.0, t=4), budget(2.0, remaining=0.3)).delta == pytest.approx(0.6)


def test_two_quarters_are_hit_alike_up_and_down_in_turn():
    agent = TwoQuarterHit(size=1.5, every=4)
    found = [agent.act(state(1.0, t=t), budget(2.0, cap=3.0)).delta for t in range(9)]
    assert found == [3.0, 3.0, 0.0, 0.0, -3.0, -3.0, 0.0, 0.0, 3.0]


def test_one_sided_hits_push_to_one_side_as_long_as_the_budget_lasts():
    agent = OneSidedHits(size=1.5, every=2)
    found = [agent.act(state(1.0, t=t), budget(2.0, cap=3.0)).delta for t in range(4)]
    assert found == [3.0, 0.0, 3.0, 0.0]
    assert agent.act(state(1.0, t=2), budget(2.0, remaining=0.5)).delta == 1.0
    assert replace(agent, upwards=False).act(state(1.0), budget(2.0)).delta == -2.0


def test_prints_near_a_threshold_are_reported_beyond_it_and_no_others():
    agent = EventFlip(threshold=5.0, size=2.0, margin=0.5)
    found = [agent.act(state(x), budget(1.0, cap=3.0)).delta for x in (4.0, 6.0, 4.9, 2.0)]
    assert found == pytest.approx([1.5, -1.5, 0.6, 0.0])
    # One that cannot be paid for is left alone: a hit that falls short flips nothing.
    assert agent.act(state(4.0), budget(1.0, remaining=0.75)).delta == 0.0
    rise = replace(state(4.0), history=(3.5,))
    assert EventFlip().act(rise, budget(1.0, cap=3.0)).delta == pytest.approx(-0.75)
    assert EventFlip().act(replace(rise, history=()), budget(1.0)).delta == 0.0


def test_two_quarters_share_what_is_left():
    agent = TwoQuarterHit(size=1.5, every=4)
    assert agent.act(state(1.0, t=8), budget(cap=3.0, remaining=2.0)).delta == 1.0
    assert agent.act(state(1.0, t=9), budget(cap=3.0, remaining=1.0)).delta == 1.0


@pytest.mark.parametrize(
    ("cls", "bad"),
    [
        (RandomHits, {"probability": 1.5}),
        (RandomHits, {"probability": math.nan}),
        (RandomHits, {"size": -1.0}),
        (LargestHit, {"trigger": 0.0}),
        (LargestHit, {"trigger": "2"}),
        (SlowPoison, {"step": -0.1}),
        (SlowPoison, {"limit": math.nan}),
        (SlowPoison, {"every": 0}),
        (TwoQuarterHit, {"size": True}),
        (OneSidedHits, {"size": -1.0}),
        (OneSidedHits, {"every": 0}),
        (EventFlip, {"margin": -1.0}),
        (EventFlip, {"threshold": math.inf}),
        (TwoQuarterHit, {"every": 1}),
        (AdversaryAgent, {"attack_cost": -1.0}),
    ],
)
def test_parameters_are_checked(cls, bad):
    with pytest.raises(ConfigError, match=next(iter(bad))):
        cls(**bad)


# ------------------------------------------------------------------------------------------ games


def play(agent, *, cap=1.0, total=10.0, rounds=60, lag=1):
    config = SimulationConfig(
        horizon=rounds,
        reveal_lag=lag,
        disturbance_prob=0.3,
        attack_cap=cap,
        attack_total=total,
    )
    registry = AgentRegistry((RandomWalk(),), (agent,))
    past = tuple(np.cumsum(np.random.default_rng(2).normal(0.4, 0.2, 30)).tolist())
    return ForecastGame(config, seed=5, registry=registry).run(
        ForecastState(0, past[-1] + 0.4, 0.0, 0.0, history=past)
    )


@every_agent
@pytest.mark.parametrize(("cap", "total"), [(1.0, 10.0), (0.7, 2.0), (50.0, 3.3), (1.0, 0.0)])
def test_budgets_are_kept(agent, cap, total):
    out = play(agent, cap=cap, total=total)
    hits = np.array([step.attack for step in out.steps]) / out.step_scale
    assert np.abs(hits).max() <= cap * (1.0 + 1e-12)
    assert np.abs(hits).sum() <= total + 1e-9
    assert out.convergence["attack_spent"] == pytest.approx(np.abs(hits).sum())
    assert total == 0.0 or (hits != 0.0).any()


@pytest.mark.parametrize("total", [4.0, 100.0, math.inf])
def test_the_largest_hit_is_one_hit_whatever_the_total(total):
    out = play(LargestHit(), cap=4.0, total=total)
    hits = [step.attack / out.step_scale for step in out.steps if step.attack != 0.0]
    assert [abs(hit) for hit in hits] == [pytest.approx(4.0)]


def test_two_false_prints_in_a_row_before_the_first_is_revealed():
    out = play(TwoQuarterHit(), lag=2, total=100.0)
    hits = np.array([step.attack for step in out.steps]) / out.step_scale
    assert np.abs(hits[0::8]) == pytest.approx(1.0)
    assert hits[0::8] == pytest.approx(hits[1::8])
    assert not hits[[t for t in range(60) if t % 8 > 1]].any()


def test_example_budgets_have_the_draws_that_adversaries_need():
    assert RandomHits(probability=1.0).act(state(1.0), example_budget()).delta != 0.0


# ------------------------------------------------------------------------------- without a limit


def test_the_largest_hit_hides_the_whole_move_where_nothing_limits_it():
    free = budget(2.0, math.inf, math.inf)
    assert LargestHit().act(state(1.0, 2.0, 9.0), free).delta == -7.0
    assert LargestHit().act(state(1.0, 2.0, 5.0), free).delta == 0.0
    assert LargestHit().act(state(1.0, 2.0, 9.0), budget(2.0, math.inf, 3.0)).delta == -6.0
    assert LargestHit().act(state(1.0, 2.0, 9.0), budget(2.0, 0.5, math.inf)).delta == -1.0


@pytest.mark.parametrize(
    "agent",
    [
        RandomHits(probability=1.0, size=math.inf),
        SlowPoison(step=math.inf, limit=math.inf),
        TwoQuarterHit(size=math.inf),
    ],
    ids=repr,
)
def test_a_hit_without_end_is_refused_with_the_way_out(agent):
    with pytest.raises(ConfigError, match="give attack_cap or attack_total"):
        agent.act(state(1.0), budget(1.0, math.inf, math.inf))
    assert math.isfinite(agent.act(state(1.0), budget(1.0, 3.0, math.inf)).delta)
    unlimited = SimulationConfig(horizon=3, attack_cap=math.inf, attack_total=math.inf)
    game = ForecastGame(unlimited, registry=AgentRegistry((RandomWalk(),), (agent,)))
    with pytest.raises(ConfigError, match="give attack_cap or attack_total"):
        game.run(ForecastState(0, 1.0, 0.0, 0.0))


@pytest.mark.parametrize("name", NAMES)
def test_every_registered_adversary_plays_without_a_limit(name):
    unlimited = SimulationConfig(horizon=30, attack_cap=math.inf, attack_total=math.inf)
    game = ForecastGame(unlimited, registry=AgentRegistry((RandomWalk(),), (NAMES[name](),)))
    assert len(game.run(ForecastState(0, 1.0, 0.0, 0.0)).steps) == 30
