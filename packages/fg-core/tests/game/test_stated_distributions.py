"""Games of forecasters that state whole distributions: one and many, scores, doubts, records."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from fg_core import (
    AgentRegistry,
    AutoRegression,
    ConfigError,
    DefenderAgent,
    ForecastGame,
    ForecastState,
    ForecastUnavailable,
    PoolAggregator,
    RandomHits,
    RandomWalk,
    RefactoringAgent,
    ReplayWorld,
    SimulationConfig,
)
from fg_core.action import AgentAction
from fg_core.batch import ActionArrays, ForecastArrays, MixtureArrays, StateArrays
from fg_core.distributions import Mass, NormalPart, QuantileGrid, StatedDistribution, pack
from fg_core.errors import AgentError
from fg_core.game.branches import mix_branches
from fg_core.game.groups import GameGroup
from fg_core.game.team import ExpertForecasts
from fg_core.testing import (
    IntermittentForecaster,
    QuantileForecaster,
    check_read_only,
    example_dataset,
)

START = ForecastState(40, 10.0, 0.2, 0.0, history=tuple(float(i % 7) for i in range(40)))


@dataclass(frozen=True)
class Unsure:
    """States a normal beside a mass at the last value, and has no forecast now and then."""

    name: str = "unsure"

    def act(self, state, horizon=1):
        if (state.t + horizon) % 4 == 0:
            raise ForecastUnavailable("not now")
        shape = StatedDistribution(NormalPart(state.value + 0.5, 2.0), (Mass(state.value, 0.25),))
        return AgentAction.stating(self.name, state.value, shape)


@dataclass(frozen=True)
class Sometimes:
    """States quantiles in some periods and a normal in others; asked for many games at once."""

    name: str = "sometimes"
    levels = (0.05, 0.5, 0.95)

    def quantiles(self, value):
        return np.stack([value - 3.0, value + 0.25, value + 2.0], axis=-1)

    def act(self, state, horizon=1):
        if state.value > 10.0:
            return AgentAction(self.name, 0.25, scale=1.5)
        grid = QuantileGrid(self.levels, tuple(self.quantiles(np.float64(state.value)).tolist()))
        return AgentAction.stating(self.name, state.value, StatedDistribution(grid))

    def act_array(self, state, horizon=1):
        rows = [self.act(one, horizon) for one in state.each]
        return ActionArrays(
            np.array([row.delta for row in rows]),
            np.array([row.scale for row in rows]),
            "",
            pack([row.shape for row in rows]),
        )


@dataclass(frozen=True)
class Fitted(QuantileForecaster):
    """Quantiles from its window: agents of other series differ, and cannot be stacked."""

    name: str = "fitted"

    def fit(self, window):
        size = window.step_scale
        return replace(self, changes=(-size, 0.1 * size, 2.0 * size))


@dataclass(frozen=True)
class OneByOne(PoolAggregator):
    """A pool that is asked game by game."""

    array_form = False


STATING = (
    RandomWalk(),
    QuantileForecaster(),
    IntermittentForecaster(),
    Sometimes(),
    Fitted(),
    Unsure(),
)
CONFIG = SimulationConfig(
    horizon=9,
    horizons=(1, 3),
    disturbance_prob=0.4,
    attack_cap=3.0,
    attack_total=20.0,
    attack_cost=0.1,
    season_length=4,
)


def registry(pool=None, forecasters=STATING):
    return AgentRegistry(
        forecasters,
        (RandomHits(probability=0.4, size=2.5, name="hits"),),
        (DefenderAgent(name="gate"), DefenderAgent(name="other gate")),
        pool or PoolAggregator(),
        RefactoringAgent(step_size=0.2),
    )


def numbers(values):
    return np.array([np.nan if x is None else x for x in values], dtype=np.float64)


def assert_game_of_batch(out, i, one):
    """Everything that a batch keeps of a game is that of the game by itself, to the last bit."""
    steps = one.steps
    for who, credit in out.attribution.items():
        booked = numbers([step.reward_breakdown.get(who) for step in steps])
        assert np.array_equal(credit[i], booked, equal_nan=True), who
    for position, (h, arrays) in enumerate(out.horizons.items()):
        issued = [step.issued[position] for step in steps]
        assert arrays.mean[i].tolist() == [f.forecast.mean for f in issued]
        assert arrays.variance[i].tolist() == [f.forecast.variance for f in issued]
        scored = [next((s for s in step.scored if s.issued.horizon == h), None) for step in steps]
        scores = numbers([None if s is None else s.crps for s in scored])
        assert np.array_equal(arrays.score[i], scores, equal_nan=True)
    for h, weights in one.weights.items():
        assert out.weights[h][i].tolist() == list(weights.values())


@pytest.mark.parametrize(
    ("pool", "lag"),
    [
        (PoolAggregator(), 1),
        pytest.param(OneByOne(), 1, marks=pytest.mark.slow),
        pytest.param(PoolAggregator("crps_learning"), 2, marks=pytest.mark.slow),
        pytest.param(OneByOne(), 2, marks=pytest.mark.slow),
    ],
)
def test_a_batch_is_its_games(pool, lag):
    config = replace(CONFIG, reveal_lag=lag, horizon=5 if lag == 1 else 9)
    out = ForecastGame(config, seed=3, registry=registry(pool)).run_batch(
        START, 2, keep=("claims",), attribution=True
    )
    assert out.first.stating == tuple(one.name for one in STATING[1:])
    for i in range(2):
        one = ForecastGame(config, seed=3, registry=registry(pool), game=i).run(START)
        assert_game_of_batch(out, i, one)
    assert np.count_nonzero(out.attacks) > 0
    assert np.count_nonzero(out.p_bad) > 0


@pytest.mark.slow
def test_attacks_on_one_series_and_series_of_their_own():
    data = example_dataset(90)
    worlds = [ReplayWorld(data.series(name), season_length=4) for name in data.series_ids[:2]]
    groups = [
        GameGroup(world.initial_state(60 + 2 * i), world, seed=5 + i, n_games=2 - i, rounds=4 - i)
        for i, world in enumerate(worlds)
    ]
    config = replace(CONFIG, refit_every=2)
    out = ForecastGame(config, seed=3, registry=registry()).run_groups(
        groups, keep=("claims",), attribution=True
    )
    for i in range(3):
        group = groups[i // 2]
        game = ForecastGame(config, seed=group.seed, registry=registry(), game=i % 2)
        one = game.run(group.initial, world=group.world, rounds=group.rounds)
        for position, (_, arrays) in enumerate(out.horizons.items()):
            issued = [step.issued[position].forecast for step in one.steps]
            n = len(issued)
            assert arrays.mean[i, :n].tolist() == [f.mean for f in issued]
            assert arrays.variance[i, :n].tolist() == [f.variance for f in issued]
    last = ForecastGame(config, seed=3, registry=registry()).forecast_groups(groups)
    for i, forecasts in enumerate(last):
        group = groups[i // 2]
        alone = ForecastGame(config, seed=group.seed, registry=registry(), game=i % 2)
        if i == 1:
            continue  # as the first: nobody hits without disturbances
        for many, one in zip(
            forecasts,
            alone.forecast(group.initial, world=group.world, rounds=group.rounds),
            strict=True,
        ):
            assert many.forecast.components == one.forecast.components
            assert many.forecast.components.shapes is not None
            assert many.forecast.quantiles == one.forecast.quantiles
            for said, own in zip(many.actions, one.actions, strict=True):
                assert (said is None) == (own is None)
                if said is not None and own.shape is not None:
                    assert said.shape.arrays == own.shape.arrays


def test_scores_and_credits_are_those_of_what_was_stated():
    config = replace(CONFIG, horizons=(1,))
    out = ForecastGame(config, seed=3, registry=registry()).run(START)
    replaced = 0
    for step in out.steps:
        for scored in step.scored:
            parts = scored.issued.forecast.components
            assert parts.shapes is not None
            assert scored.crps == pytest.approx(parts.crps(scored.target), rel=1e-12)
            replaced += sum(label.endswith("|replaced") for label in parts.labels)
            for action in scored.issued.actions:
                if action is not None and action.shape is not None:
                    loss = action.shape.crps(scored.target)
                    credit = step.reward_breakdown[action.actor]
                    assert credit == pytest.approx(-loss, rel=1e-9, abs=1e-12)
    assert replaced > 0


def test_a_bias_moves_the_rest_and_no_mass():
    class Biased(RefactoringAgent):
        def bias(self, horizon=1):
            return 0.75

    agents = replace(
        registry(forecasters=(IntermittentForecaster(),)), refactorer=Biased(), defenders=()
    )
    plain = replace(agents, refactorer=None)
    (found,) = ForecastGame(CONFIG, registry=agents).forecast(START)[:1]
    (without,) = ForecastGame(CONFIG, registry=plain).forecast(START)[:1]
    assert found.forecast.mean == pytest.approx(without.forecast.mean + 0.75)
    moved, own = found.forecast.components.shapes, without.forecast.components.shapes
    assert moved.places.tolist() == own.places.tolist() == [[0.0]]
    assert moved.masses.tolist() == own.masses.tolist()
    assert found.forecast.cdf(0.0) - found.forecast.probability_below(0.0) == pytest.approx(0.6)


def mixtures(*stated):
    """Return forecasts of two components each, one a game; None for a normal."""
    shapes = [pack(list(row)) for row in stated]
    parts = [
        [(0.0, 1.0) if one is None else (one.mean, one.scale) for one in row] for row in stated
    ]
    means, scales = np.moveaxis(np.array(parts), -1, 0)
    whole = None
    if any(one is not None for one in shapes):
        known = next(one for one in shapes if one is not None)
        rows = [known.where(np.zeros(2, dtype=bool)) if one is None else one for one in shapes]
        whole = type(known).joined([r.map(lambda a: a[np.newaxis]) for r in rows], axis=0)
    weights = np.array([[0.25, 0.75]] * len(stated))
    return MixtureArrays(weights, means, scales, ("a", "b"), shapes=whole)


GRID = StatedDistribution(QuantileGrid((0.1, 0.5, 0.9), (-1.0, 0.0, 4.0)), (Mass(0.0, 0.3),))
LONG = StatedDistribution(QuantileGrid((0.0, 0.2, 0.6, 1.0), (0.0, 1.0, 2.0, 5.0)))


@pytest.mark.parametrize(
    ("used", "replaced"),
    [
        ([(GRID, None), (None, None)], [(None, LONG), (LONG, None)]),
        ([(GRID, LONG), (LONG, None)], [(None, None), (None, None)]),
        ([(None, None), (None, None)], [(GRID, None), (GRID, LONG)]),
    ],
)
def test_branches_are_mixed_with_what_they_state(used, replaced):
    first, second, p = mixtures(*used), mixtures(*replaced), np.array([0.25, 1.0])
    both, y = mix_branches(first, (second,), (p,)), np.array([0.3, -0.7])
    at = np.array([0.0, 0.0])
    wanted = (1.0 - p) * first.cdf(at) + p * second.cdf(at)
    assert both.cdf(at) == pytest.approx(wanted, rel=1e-14)
    for i in range(2):
        lane = np.array([i])
        alone = mix_branches(first.take(lane), (second.take(lane),), (p[lane],))
        assert alone.crps(y[lane])[0] == both.crps(y)[i]
        assert alone.mean[0] == both.mean[i]
    certain = mix_branches(first.take(lane), (second.take(lane),), (np.ones(1),))
    assert certain.crps(y[lane])[0] == second.crps(y)[1]
    assert certain.labels == ("a|replaced", "b|replaced")


@pytest.mark.slow
def test_components_that_are_not_normal_are_kept_in_parts_and_blocks_alike():
    game = ForecastGame(CONFIG, seed=3, registry=registry())
    keep = ("components", "claims", "continuation")
    out = game.run_batch(START, 3, keep=keep, games_per_block=2)
    assert out.first.stating == tuple(one.name for one in STATING[1:])
    first = game.run_batch(START, 3, 2, keep=keep)
    joined = first.joined(game.run_batch(START, 3, 7, keep=keep, resume=first.continuation))
    levels = (0.1, 0.5, 0.95)
    for i in range(3):
        alone = ForecastGame(CONFIG, seed=3, registry=registry(), game=i).run(START)
        for position, (h, arrays) in enumerate(out.horizons.items()):
            issued = [step.issued[position].forecast for step in alone.steps]
            wanted = [[one.quantile(level) for level in levels] for one in issued]
            assert arrays.quantiles(levels)[i].tolist() == wanted
            assert joined.horizons[h].quantiles(levels)[i].tolist() == wanted


def test_normals_alone_keep_no_other_distribution():
    moments = AgentRegistry(
        (RandomWalk(), QuantileForecaster()), (), (), PoolAggregator(combination="logarithmic")
    )
    kept = ForecastGame(CONFIG, seed=3, registry=moments).run_batch(START, 2, keep=("components",))
    assert kept.first.shapes is None
    assert kept.first.quantiles().shape == (2, 9, 5)
    plain = ForecastGame(CONFIG, seed=3, registry=registry()).run_batch(START, 2)
    with pytest.raises(ConfigError, match="quantiles need the components"):
        plain.first.quantiles()


def test_games_are_told_apart_by_what_is_stated():
    one = mixtures((GRID, None), (GRID, None)).take(np.array([0, 0, 0]))
    mirrored = StatedDistribution(NormalPart(GRID.mean, GRID.scale))
    other = mixtures((mirrored, None)).take(np.array([0, 0, 0]))
    state = StateArrays(3, np.zeros(3), np.zeros(3), np.zeros(3))
    said = ForecastArrays(state, one.means, one.scales, shapes=one.shapes)
    for forecast, forecast_arrays in ((other, said), (one, replace(said, shapes=other.shapes))):
        first = ExpertForecasts(state, 1, said, one).content()
        second = ExpertForecasts(state, 1, forecast_arrays, forecast).content()
        assert any(not np.array_equal(a, b) for a, b in zip(first, second, strict=False))
        assert all(column.shape == (3,) for column in (*first, *second))


@dataclass(frozen=True)
class Wrong:
    """Returns a shape that fits no game."""

    shape: object
    name: str = "wrong"

    def act(self, state, horizon=1):
        return AgentAction(self.name, 0.0, scale=1.0)

    def act_array(self, state, horizon=1):
        return ActionArrays(0.0, 1.0, "", self.shape)


@pytest.mark.parametrize(
    ("shape", "said"),
    [
        (GRID, "agent 'wrong' returned a shape of type StatedDistribution"),
        (pack([GRID, GRID]), r"agent 'wrong' returned distributions of leading axes \(2,\) for 3"),
    ],
)
def test_a_shape_that_fits_no_game_names_its_agent(shape, said):
    agents = AgentRegistry((Wrong(shape), RandomWalk()), (), (), PoolAggregator())
    with pytest.raises(AgentError, match=said):
        ForecastGame(CONFIG, registry=agents).run_batch(START, 3)


def test_nobody_can_change_what_others_state():
    agents = AgentRegistry(
        (AutoRegression(2), IntermittentForecaster(), Unsure()),
        aggregator=PoolAggregator(),
        refactorer=RefactoringAgent(step_size=0.2),
    )
    targets = ["AgentAction", "Components", "FrozenShapes", "StatedDistribution"]
    config = SimulationConfig(horizon=3, horizons=(1, 2), reveal_lag=2, lookback=12)
    check_read_only(agents, config=config, targets=targets, batch=False)
