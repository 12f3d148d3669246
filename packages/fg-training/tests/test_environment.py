"""The environment: PettingZoo's conventions, the game's rewards, and nothing hidden is seen."""

from __future__ import annotations

import sys
import warnings
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from fg_core import (
    AgentRegistry,
    AutoRegression,
    ForecastGame,
    Observation,
    PoolAggregator,
    RandomWalk,
    ReplayWorld,
    SimulationConfig,
)
from fg_core.errors import ConfigError
from fg_core.game import payoffs

pytest.importorskip("pettingzoo", reason="the extra fg-training[pettingzoo] is not installed")

from pettingzoo.test import parallel_api_test, parallel_seed_test

from fg_training.environment import ADVERSARY, DEFENDER, FORECASTER, ForecastEnvironment

HITS = (-3.0, 0.0, 1.0, 3.0)
DOUBTS = (0.0, 0.5, 1.0)
CORRECTIONS = (-0.5, 0.0, 0.5)
ROUNDS = 40


def world(changed_from: int | None = None) -> ReplayWorld:
    values = np.cumsum(np.random.default_rng(4).normal(0.1, 1.0, 80)) + 30.0
    if changed_from is not None:
        values[changed_from:] += 7.0
    days = [datetime(2000, 1, 1, tzinfo=UTC) + timedelta(days=i) for i in range(len(values))]
    return ReplayWorld(
        tuple(
            Observation(day, round(float(y), 6), {}, day, "s", "x")
            for day, y in zip(days, values, strict=True)
        )
    )


CONFIG = SimulationConfig(
    horizon=ROUNDS,
    max_rounds=ROUNDS,
    disturbance_prob=0.0,
    enable_refactor=False,
    attack_cap=np.inf,
    attack_total=np.inf,
    attack_cost=0.1,
)
GAME = ForecastGame(
    CONFIG, registry=AgentRegistry((RandomWalk(), AutoRegression(2)), (), (), PoolAggregator())
)
START = world().initial_state(30)
GRIDS: dict[str, Any] = {"hits": HITS, "doubts": DOUBTS, "corrections": CORRECTIONS}


def environment(records: ReplayWorld | None = None, **settings: Any) -> ForecastEnvironment:
    how = {"budget": 20.0, "episode_rounds": 12, **settings}
    return ForecastEnvironment(GAME, START, world=records or world(), **GRIDS, **how)


def test_it_keeps_the_conventions_of_pettingzoo() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        parallel_api_test(environment(), num_cycles=1000)
        parallel_seed_test(environment, num_cycles=500)


def test_equal_seeds_and_actions_give_equal_steps_and_other_seeds_do_not() -> None:
    """Over 500 steps, across episodes: the test of PettingZoo 1.27 stops after the first one."""
    draws = np.random.default_rng(0)
    same, again, other = environment(seed=3), environment(seed=9), environment()
    found = [one.reset(seed=seed) for one, seed in ((same, 0), (again, 0), (other, 1))]
    differ = False
    for _ in range(500):
        if not same.agents:
            found = [one.reset() for one in (same, again, other)]
        texts = [repr(one) for one in found]
        assert texts[0] == texts[1]
        differ = differ or texts[0] != texts[2]
        actions = {name: int(draws.integers(same.action_space(name).n)) for name in same.agents}
        found = [one.step(actions) for one in (same, again, other)]
    assert differ


def test_rewards_are_those_of_the_game_to_the_last_bit() -> None:
    env = environment(episode_rounds=None, budget=np.inf)
    pairs = [(p, 1.0) for p in DOUBTS]
    table = payoffs(GAME, START, HITS, pairs, CORRECTIONS, world=world())
    draws = np.random.default_rng(1)
    env.reset()
    hits, doubts, corrections, team, adversary = [1], [], [], [], []
    while env.agents:
        chosen = {name: int(draws.integers(env.action_space(name).n)) for name in env.agents}
        _, rewards, ended, cut, _ = env.step(chosen)
        hits.append(chosen[ADVERSARY])
        doubts.append(chosen[DEFENDER])
        corrections.append(chosen[FORECASTER])
        assert rewards[FORECASTER] == rewards[DEFENDER]
        team.append(rewards[DEFENDER])
        adversary.append(rewards[ADVERSARY])
        assert not any(ended.values())
    assert all(cut.values())
    n = len(team)
    places = np.arange(n), np.array(hits[:n]), np.array(doubts), np.array(corrections)
    assert n == ROUNDS
    assert team == (-table.scores[places] / table.step_scale).tolist()
    assert adversary == (table.adversary_rewards[places] / table.step_scale).tolist()


def test_a_hit_shows_in_the_next_step_and_what_is_to_come_in_none() -> None:
    calm, hit, later = environment(), environment(), environment(world(changed_from=55))
    for one in (calm, hit, later):
        one.episode_rounds = None
        one.max_cycles = ROUNDS
    starts = [one.reset(seed=0)[0] for one in (calm, hit, later)]
    assert repr(starts[0]) == repr(starts[1]) == repr(starts[2])
    for step in range(55 - 30 - 2):  # the adversary sees the print of the step after
        other = 3 if step == 4 else 1
        actions = {FORECASTER: 1, DEFENDER: 0, ADVERSARY: 1}
        found = [
            one.step({**actions, ADVERSARY: other if one is hit else 1})
            for one in (calm, hit, later)
        ]
        assert repr(found[0]) == repr(found[2])
        cells = [one[0][DEFENDER].tolist() for one in found]
        assert (cells[0] == cells[1]) is (step != 4)
        assert (found[0][1] == found[1][1]) is (step != 5)


def test_hits_stay_within_the_budget_and_the_mask_says_which_can_be_played() -> None:
    env = environment(budget=4.5, episode_rounds=20)
    _, infos = env.reset(seed=2)
    spent, previous, gains = 0.0, 1, []
    while env.agents:
        mask = infos[ADVERSARY]["action_mask"]
        assert mask[1] == 1
        assert mask.tolist() == [int(spent + abs(size) <= 4.5 + 1e-6) for size in HITS]
        played = 3 if mask[3] else 1
        spent += HITS[played]
        observations, rewards, _, _, infos = env.step({FORECASTER: 1, DEFENDER: 0, ADVERSARY: 3})
        assert observations[ADVERSARY][1] == int(10 * (4.5 - spent) / 4.5 + 1e-9)
        gains.append(rewards[ADVERSARY] + rewards[DEFENDER])
        previous = played
    assert previous == 1
    assert spent == 3.0
    assert sum(gain < 0.0 for gain in gains) == 1  # the cost of the one hit


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"episode_rounds": 0}, "episode_rounds must be from 1 to the 40 rounds"),
        ({"episode_rounds": 41}, "episode_rounds must be from 1 to the 40 rounds"),
        ({"budget": -1.0}, "budget must be at least 0"),
        ({"seed": -1}, "seed must be"),
    ],
)
def test_settings_out_of_range_are_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        environment(**settings)


def test_steps_that_cannot_be_played_are_refused() -> None:
    env = environment()
    with pytest.raises(ConfigError, match="call reset first"):
        env.step({})
    env.reset()
    for wrong in ({}, {FORECASTER: 3, DEFENDER: 0, ADVERSARY: 0}):
        with pytest.raises(ConfigError, match="action of forecaster_0 must be in Discrete"):
            env.step(wrong)


def test_without_pettingzoo_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "fg_training.environment")
    monkeypatch.setitem(sys.modules, "pettingzoo", None)
    with pytest.raises(ConfigError, match=r"the extra fg-training\[pettingzoo\]: install it from"):
        import fg_training.environment  # noqa: F401
