"""Linear forecasters in batches, where what they remember differs from game to game."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from fg_agents.linear import (
    LinearForecaster,
    VectorAutoregression,
    context_forecasters,
    univariate_forecasters,
)
from fg_core import (
    AgentAction,
    AgentRegistry,
    DefenderAgent,
    ForecastGame,
    Observation,
    PoolAggregator,
    RandomHits,
    RandomWalk,
    ReplayWorld,
    SimulationConfig,
)
from fg_core.game import GameGroup

BEGIN = 24


@dataclass(frozen=True)
class Liar:
    """An adversary that hits values and a column at random."""

    name: str = "liar"

    def act(self, state, budget=None):
        draws = budget.draws
        delta = budget.scale * draws.normal(0) if draws.uniform(1) < 0.3 else 0.0
        context = {"a": float(draws.normal(2))} if draws.uniform(3) < 0.4 else {}
        return AgentAction(self.name, float(delta), context=context)


def world(seed, *, segments=False):
    """A recorded series; with `segments`, of two parts."""
    rng = np.random.default_rng(seed)
    values = np.round(np.cumsum(rng.normal(size=40)) + 20.0, 2).tolist()
    context = np.round(rng.normal(size=40), 1).tolist()
    days = [datetime(2000, 1, 1, tzinfo=UTC) + timedelta(days=i) for i in range(40)]
    return ReplayWorld(
        tuple(
            Observation(
                day,
                value,
                {"a": other},
                day,
                "made up",
                "test",
                segment_values={"one": value - other, "two": other} if segments else {},
            )
            for day, value, other in zip(days, values, context, strict=True)
        )
    )


@pytest.mark.parametrize("adversary", [RandomHits(size=2.0, probability=0.5), Liar()])
@pytest.mark.parametrize(("refit", "gap"), [(0, 0), (2, 1)])
def test_a_batch_is_its_games_where_memories_differ(adversary, refit, gap):
    menu = {one.name: one for one in (*univariate_forecasters(), *context_forecasters())}
    forecasters = (menu["level_40"], menu["context"], RandomWalk())
    config = SimulationConfig(
        horizon=8,
        horizons=(1, 2),
        refit_every=refit,
        fit_gap=gap,
        disturbance_prob=0.0,
        attack_cap=3.0,
    )
    registry = AgentRegistry(forecasters, (adversary,), (), PoolAggregator())
    groups = [GameGroup(one.initial_state(BEGIN), one, n_games=4) for one in (world(1), world(2))]
    out = ForecastGame(config, registry=registry).run_groups(groups)
    for i, group in enumerate(groups):
        for k in range(4):
            game = ForecastGame(config, registry=registry, game=k)
            alone = game.run(group.initial, world=group.world)
            assert out.means[4 * i + k].tolist() == [step.forecast for step in alone.steps]


@pytest.mark.parametrize("n_games", [1, 3])
def test_forecasters_that_see_segments_see_them_in_batches_too(n_games):
    parts = VectorAutoregression(("segments.one", "a"), order=1, cutoff=None)
    menu = {one.name: one for one in (*univariate_forecasters(), *context_forecasters())}
    forecasters = (LinearForecaster(parts, "parts"), menu["context_98"], menu["level_10"])
    config = SimulationConfig(horizon=6, horizons=(1, 3), refit_every=3, disturbance_prob=0.0)
    registry = AgentRegistry(
        (*forecasters, RandomWalk()),
        (RandomHits(size=2.0, probability=0.5),),
        (DefenderAgent(),),
        PoolAggregator(),
    )
    worlds = [world(1, segments=True), world(2, segments=True), world(3)]
    groups = [GameGroup(one.initial_state(BEGIN), one, n_games=n_games) for one in worlds]
    out = ForecastGame(config, registry=registry).run_groups(groups, keep=("claims",))
    for i, group in enumerate(groups):
        for k in range(n_games):
            row = n_games * i + k
            alone = ForecastGame(config, registry=registry, game=k)
            alone = alone.run(group.initial, world=group.world)
            assert out.means[row].tolist() == [step.forecast for step in alone.steps]
            assert np.isfinite(out.horizons[1].deltas[row]).all()
