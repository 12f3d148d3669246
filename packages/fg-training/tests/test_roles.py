"""Trained agents in the game, held to the tables that they were trained on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fg_core import (
    AgentAction,
    AgentRegistry,
    ForecastGame,
    ForecastState,
    PoolAggregator,
    ReplayWorld,
    ScriptedAdversary,
    SimulationConfig,
)
from fg_core.documents import DocumentKind, read_document, write_document
from fg_core.errors import ArtifactError, ConfigError, DataError
from fg_core.game import Payoffs
from fg_core.testing import check_adversary, check_aggregator
from fg_training import (
    CORRECTION_CELLS,
    BudgetedGame,
    Duel,
    FeatureGrid,
    QTableAgent,
    RADversarialTrainer,
    TableAdversary,
    TableAdversaryLoader,
    TableDefender,
    TabledGame,
    TableForecaster,
    TableForecasterLoader,
    cells_of_role,
    corrections_that_pay,
    save_adversary,
    save_forecaster,
    state_features,
    tabulate_attack,
    tabulate_corrections,
)
from fg_training.policy_files import ADVERSARY_KIND, FORECASTER_KIND

HITS = (-3.0, -1.0, 0.0, 1.0, 3.0)
DOUBTS = (0.0, 0.5, 1.0)
CORRECTIONS = (-1.0, -0.75, -0.5, -0.25, 0.0, 0.25, 0.5, 0.75, 1.0)
ROUNDS = 12


Games = Callable[..., ForecastGame]


@pytest.fixture(scope="module")
def world(random_walk: Callable[..., ReplayWorld]) -> ReplayWorld:
    return random_walk(decimals=1)


@pytest.fixture(scope="module")
def start(world: ReplayWorld) -> ForecastState:
    return world.initial_state(30)


@pytest.fixture(scope="module")
def game(a_game: Games) -> ForecastGame:
    return a_game(ROUNDS, lookback=20)


def played(game: ForecastGame, world: ReplayWorld, total: float = np.inf, **agents: Any) -> Any:
    config = replace(game.config, attack_total=total)
    registry = replace(game.registry, **agents)
    start = world.initial_state(30)
    return ForecastGame(config, seed=1, registry=registry).run_batch(start, 1, world=world)


# ----------------------------------------------------------------------- tables and played games

BUDGET = 9.0
SEEN = {
    "usual": ((), ()),
    "more": (("surprise", "drift", "last_action"), ("surprise", "drift", "speed")),
}


@pytest.fixture(scope="module")
def corrected(
    game: ForecastGame, start: ForecastState, world: ReplayWorld
) -> tuple[TabledGame, Payoffs]:
    return tabulate_corrections(
        game, start, hits=HITS, corrections=CORRECTIONS, budget=0.5, world=world
    )


@pytest.fixture(scope="module")
def attacked(
    a_game: Games, start: ForecastState, world: ReplayWorld
) -> dict[str, tuple[BudgetedGame, Payoffs]]:
    return {
        name: tabulate_attack(
            *(a_game(ROUNDS, lookback=20, attack_cost=0.1), start),
            hits=HITS,
            doubts=DOUBTS,
            budget=BUDGET,
            world=world,
            grid=cells_of_role("adversary", adversary),
            team_grid=cells_of_role("defender", defender),
        )
        for name, (adversary, defender) in SEEN.items()
    }


@given(st.integers(0, 10_000))
@settings(max_examples=12, deadline=None)
def test_a_trained_forecaster_plays_what_its_table_says_to_the_last_bit(
    game: ForecastGame, world: ReplayWorld, corrected: tuple[TabledGame, Payoffs], seed: int
) -> None:
    draws = np.random.default_rng(seed)
    tables, payoffs = corrected
    pure = np.eye(9)[draws.integers(0, 9, tables.n_cells)]
    mixed = draws.dirichlet(np.ones(9), tables.n_cells)
    picks = draws.integers(0, 5, ROUNDS)
    script = ScriptedAdversary(np.array(HITS)[picks] * payoffs.step_scale, first_t=30)
    scores = []
    for policy in (pure, mixed):
        agent = TableForecaster.from_policy(policy, CORRECTIONS)
        seat = agent.correcting(game.registry.aggregator)
        out = played(game, world, adversaries=(script,), aggregator=seat)
        assert (out.attacks[0] == payoffs.attacks[np.arange(ROUNDS), picks]).all()
        scores.append(np.asarray(out.first.score[0]) / payoffs.step_scale)
    hits = np.eye(5)[picks]
    assert (scores[0] == (tables.loss_of_hits(pure) * hits).sum(axis=1)).all()
    assert (scores[1] <= (tables.loss_of_hits(mixed) * hits).sum(axis=1) + 1e-12).all()


@given(
    st.integers(0, 10_000),
    st.sampled_from([0.0, 2.0, 5.5, BUDGET, np.inf]),
    st.sampled_from(sorted(SEEN)),
)
@settings(max_examples=16, deadline=None)
def test_an_adversary_and_a_defender_play_what_their_table_says(
    a_game: Games,
    world: ReplayWorld,
    attacked: dict[str, tuple[BudgetedGame, Payoffs]],
    seed: int,
    total: float,
    features: str,
) -> None:
    draws = np.random.default_rng(seed)
    tables, payoffs = attacked[features]
    tables = replace(tables, budgets=(total,))
    team = QTableAgent(tables.tables.n_cells, 3, exploration=0.0)
    team.start_from(np.eye(3)[draws.integers(0, 3, tables.tables.n_cells)])
    rival = QTableAgent(tables.grid.n_cells, 5, exploration=0.0)
    rival.start_from(np.eye(5)[draws.integers(0, 5, tables.grid.n_cells)])
    team.frozen = rival.frozen = True
    unused = np.full(ROUNDS, 0.5)
    found = Duel(tables).play(team, rival, unused, unused)
    seen = cells_of_role("defender", SEEN[features][1])
    out = played(
        a_game(ROUNDS, lookback=20, attack_cost=0.1),
        world,
        total,
        adversaries=(TableAdversary.from_policy(rival.policy, HITS, tables.grid),),
        defenders=(TableDefender.from_policy(team.policy, DOUBTS, seen),),
    )
    rounds = np.arange(ROUNDS)
    assert (out.attacks[0] == payoffs.attacks[rounds, found.hits]).all()
    score = np.asarray(out.first.score[0])
    assert (score == payoffs.scores[rounds, found.hits, found.doubts]).all()
    rewards = (score - out.costs[0]) / payoffs.step_scale
    assert (rewards == tables.rewards[rounds, found.hits, found.doubts]).all()
    if 0.0 < total < np.inf:
        assert found.spent == pytest.approx(float(out.attack_spent[0]) / total)


def test_forced_actions_change_rewards_and_stand_in_the_trajectory(
    game: ForecastGame,
    world: ReplayWorld,
    start: ForecastState,
    corrected: tuple[TabledGame, Payoffs],
) -> None:
    hits = [TableAdversary.from_policy([[0, 0, 0, 0, 1.0]] * 45, HITS)]
    ends = []
    for shift in (0.0, 0.5):
        agent = TableForecaster((shift,) * 9, CORRECTION_CELLS).correcting(PoolAggregator())
        registry = replace(game.registry, adversaries=tuple(hits), aggregator=agent)
        one = ForecastGame(game.config, seed=1, registry=registry).run(start, world=world)
        ends.append(one.steps)
    plain, moved = ends
    scale = corrected[1].step_scale
    for a, b in zip(plain, moved, strict=True):
        assert b.probabilistic.mean - a.probabilistic.mean == pytest.approx(0.5 * scale)
        said = [action for action in b.actions if action.actor == "table adversary"]
        assert [action.delta for action in said] == [b.attack]
        assert b.attack == pytest.approx(3.0 * scale, abs=0.05)
    assert [s.observation.value for s in plain] == [s.observation.value for s in moved]


def test_nothing_that_a_forecaster_may_not_see_moves_its_correction(start: ForecastState) -> None:
    agent = TableForecaster(tuple(np.linspace(-1.0, 1.0, 9)), CORRECTION_CELLS)
    state = start
    for other in (
        replace(state, hidden_shift=9.0),
        replace(state, exogenous=-4.0),
        replace(state, displacement=3.0),
    ):
        assert agent.correction(other) == agent.correction(state)
    history = (1.0, 2.0, 1.5)
    seen = {
        agent.correction(SimpleNamespace(history=history, value=v))  # type: ignore[arg-type]
        for v in (-3.0, 1.5, 6.0)
    }
    assert len(seen) == 3


def test_pools_learn_as_if_they_were_not_corrected(game: ForecastGame, world: ReplayWorld) -> None:
    agent = TableForecaster(tuple(np.linspace(-1.0, 1.0, 9)), CORRECTION_CELLS)
    bare = played(game, world).weights[1]
    seat = agent.correcting(game.registry.aggregator)
    corrected = played(game, world, aggregator=seat).weights[1]
    assert (bare == corrected).all()


# ------------------------------------------------------------------------------- what it is worth


@dataclass(frozen=True)
class Late:
    """Forecasts no change from where the series was, less a planted bias."""

    bias: float
    name: str = "late"

    def act(self, state: Any, horizon: int = 1) -> AgentAction:
        return AgentAction(self.name, -self.bias, scale=1.0)


@pytest.mark.slow
@pytest.mark.parametrize("bias", [0.8, 0.0])
def test_a_planted_bias_is_removed_and_where_there_is_none_nothing_is_lost(
    random_walk: Callable[..., ReplayWorld], bias: float
) -> None:
    removed, ratios, shuffled = [], [], []
    for seed in (1, 2, 3):
        world = random_walk(seed, 1240, drift=0.0)

        def game(rounds: int) -> ForecastGame:
            config = SimulationConfig(
                horizon=rounds,
                max_rounds=rounds,
                disturbance_prob=0.0,
                enable_refactor=False,
                step_scale=1.0,
                refit_every=10**6,
            )
            pool = PoolAggregator("equal", rescale=False)
            registry = AgentRegistry((Late(bias),), (), (), pool)
            return ForecastGame(config, seed=1, registry=registry)

        tables, _ = tabulate_corrections(
            game(700),
            world.initial_state(40),
            hits=[0.0],
            corrections=CORRECTIONS,
            budget=0.0,
            world=world,
        )
        policy = RADversarialTrainer().train(tables, epochs=1).policy
        paid = corrections_that_pay(tables, policy, np.ones((700, 1)), CORRECTIONS)
        agent = replace(TableForecaster.from_policy(paid, CORRECTIONS), step_scale=1.0)
        errors, scores = [], []
        pool = PoolAggregator("equal", rescale=False)
        wrong = np.zeros(9)
        wrong[:] = [-x for x in agent.corrections]
        for one in (
            pool,
            agent.correcting(pool),
            replace(agent, corrections=tuple(wrong)).correcting(pool),
        ):
            bare = game(490)
            registry = replace(bare.registry, aggregator=one)
            later = ForecastGame(bare.config, seed=1, registry=registry)
            out = later.run_batch(world.initial_state(740), 1, world=world)
            errors.append(float(out.first.error[0].mean()))
            scores.append(float(out.first.score[0].mean()))
        removed.append((errors[0] - errors[1]) / bias if bias else 0.0)
        ratios.append(scores[1] / scores[0])
        shuffled.append(scores[2] / scores[0])
    if bias:
        assert 0.8 <= min(removed) <= max(removed) <= 1.2
        assert max(ratios) < 0.9
        assert min(shuffled) > 1.0  # its table turned round has lost its advantage, and more
    else:
        assert max(abs(ratio - 1.0) for ratio in ratios) <= 0.01


# ----------------------------------------------------------------------------- promises and files


def test_they_keep_the_promises_of_their_seats() -> None:
    check_aggregator(TableForecaster(tuple(np.linspace(-1.0, 1.0, 9)), CORRECTION_CELLS))
    check_adversary(TableAdversary.from_policy(np.full((45, 5), 0.2), HITS))


def test_policies_come_back_from_files_and_what_does_not_fit_is_refused(tmp_path: Path) -> None:
    forecaster = TableForecaster(tuple(np.linspace(-1.0, 1.0, 9)), CORRECTION_CELLS, horizon=2)
    adversary = TableAdversary.from_policy(np.full((45, 5), 0.2), HITS)
    for save, loader, agent in (
        (save_forecaster, TableForecasterLoader(), forecaster),
        (save_adversary, TableAdversaryLoader(), adversary),
    ):
        path = tmp_path / f"{loader.name}.json"
        save(path, agent)  # type: ignore[operator]
        assert loader.load(str(path)) == agent
        whole = path.read_bytes()
        path.write_bytes(whole[:-20])
        with pytest.raises(ArtifactError, match="damaged"):
            loader.load(str(path))
        path.write_bytes(whole)
    with pytest.raises(ArtifactError, match="table-adversary"):
        TableForecasterLoader().load(str(tmp_path / "table_adversary.json"))


def test_files_say_the_unit_and_those_that_say_none_mean_one_step_scales(tmp_path: Path) -> None:
    forecaster = TableForecaster(tuple(np.linspace(-1.0, 1.0, 9)), CORRECTION_CELLS)
    grid = cells_of_role("adversary", ("speed", "last_action"))
    adversary = TableAdversary.from_policy(np.full((grid.n_cells, 5), 0.2), HITS, grid)
    for save, loader, kind, agent in (
        (save_forecaster, TableForecasterLoader(), FORECASTER_KIND, forecaster),
        (save_adversary, TableAdversaryLoader(), ADVERSARY_KIND, adversary),
    ):
        path = tmp_path / f"{loader.name}.json"
        save(path, agent)  # type: ignore[operator]
        content = read_document(path, dict[str, Any], kind)
        assert content["unit"] == "one_step_scale"
        write_document(path, {**content, "unit": "percent"}, kind)
        with pytest.raises(ArtifactError, match="in units of 'percent'; 'one_step_scale' is"):
            loader.load(str(path))
        del content["unit"]
        write_document(path, content, DocumentKind(kind.format, 1))
        assert loader.load(str(path)) == agent
        write_document(path, content, DocumentKind(kind.format, 3))
        with pytest.raises(ArtifactError, match=r"version 3; .* version 2 is wanted"):
            loader.load(str(path))


def test_tables_that_are_none_are_refused(
    a_game: Games, start: ForecastState, world: ReplayWorld
) -> None:
    with pytest.raises(ConfigError, match="9 cells"):
        TableForecaster((0.0,))
    with pytest.raises(ConfigError, match="has the features surprise, drift, speed"):
        TableForecaster((0.0, 0.0), FeatureGrid(((0.0,),), ("age",)))
    with pytest.raises(ConfigError, match="started on a training window"):
        TableForecaster((0.5,) * 9)._shift(start, 1)
    with pytest.raises(ConfigError, match="last feature"):
        TableAdversary(((1.0,), (1.0,)), (0.0,), FeatureGrid(((0.0,),), ("speed",)))
    turned = FeatureGrid(((0.0,), (1.0,), (0.5,)), ("last_action", "speed", "budget"))
    with pytest.raises(ConfigError, match="before the budget"):
        TableAdversary(((1.0,),) * 8, (0.0,), turned)
    with pytest.raises(ConfigError, match="add up to 1"):
        TableAdversary.from_policy(np.full((45, 5), 0.3), HITS)
    with pytest.raises(ConfigError, match="not 'age'"):
        state_features(start, ["age"])
    late = a_game(ROUNDS, reveal_lag=2)
    with pytest.raises(DataError, match="revealed after 2 rounds"):
        tabulate_corrections(late, start, hits=[0.0], corrections=[0.0], budget=0.0, world=world)
    with pytest.raises(ConfigError, match="not both"):
        tabulate_attack(
            a_game(ROUNDS),
            start,
            hits=HITS,
            budget=1.0,
            doubts=[0.0],
            corrections=[0.0],
            world=world,
        )
