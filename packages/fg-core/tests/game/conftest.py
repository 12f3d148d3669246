"""Recorded series, agents of many kinds, and the comparison of batches with single games."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import strategies as st

from fg_core import (
    AgentAction,
    AgentRegistry,
    AutoRegression,
    DefenderAgent,
    Drift,
    EqualWeightPool,
    ForecastGame,
    ForecastState,
    ForecastUnavailable,
    Observation,
    PoolAggregator,
    RandomHits,
    RandomWalk,
    RefactoringAgent,
    ReplayWorld,
    ScriptedAdversary,
    SeasonalNaive,
    SimulationConfig,
)
from fg_core.game import GameGroup
from fg_core.testing import PlainAggregator

# One script per game: hits in periods 28 to 43, a third of them none.
SCRIPTS = np.round(np.random.default_rng(0).normal(0, 2, (9, 16)), 1)
SCRIPTS[np.abs(SCRIPTS) < 1.0] = 0.0
ADVERSARIES = (
    (),
    (RandomHits(size=3.0, probability=0.4),),
    (ScriptedAdversary(SCRIPTS, first_t=28),),
    (RandomHits(size=1.0, probability=0.3), ScriptedAdversary({31: 2.0, 40: -1.5})),
)
FORECASTERS = (
    (RandomWalk(),),
    (RandomWalk(), Drift(), AutoRegression(2, name="ar2")),
    (AutoRegression(max_order=3), EqualWeightPool((RandomWalk(), AutoRegression(1)))),
    (SeasonalNaive(), RandomWalk()),
)


@dataclass(frozen=True)
class Liar:
    """An adversary without an array form that hits values and context columns at random."""

    name: str = "liar"

    def act(self, state, budget=None):
        draws = budget.draws
        context = {
            column: float(scale * draws.normal(i + 1))
            for i, (column, scale) in enumerate(sorted(budget.context_scales.items()))
            if column in state.macro_context and draws.uniform(i) < 0.4
        }
        delta = budget.scale * draws.normal(9) if draws.uniform(9) < 0.3 else 0.0
        return AgentAction(self.name, float(delta), context=context)


ADVERSARIES += ((Liar(),), (Liar(), RandomHits(size=1.0, probability=0.3)))
SIMULATED = ForecastState(t=0, value=10.0, exogenous=0.0, hidden_shift=0.0)


class Record(ReplayWorld):
    """A replay that does not print all its rows when a test fails."""

    def __repr__(self):
        return f"{type(self).__name__}({self.rows[0].series_id})"


def _series(
    n=60, seed=1, *, decimals=None, segments=False, columns=("a",), first=0, known_ahead=()
):
    """A recorded random walk of `n` rows with a context of its own, from row `first` of it on."""
    rng = np.random.default_rng(seed)
    values = np.cumsum(rng.normal(0, 1, n)) + 20.0
    if decimals is not None:
        values = np.round(values, decimals)
    context = rng.normal(size=(n, len(columns)))
    if decimals is not None:
        context = np.round(context, 1)
    start = datetime(2000, 1, 1, tzinfo=UTC)
    return Record(
        tuple(
            Observation(
                start + timedelta(days=i),
                float(values[i]),
                dict(zip(columns, context[i].tolist(), strict=True)),
                start + timedelta(days=i),
                f"s{seed}",
                "test",
                segment_id=f"segment {seed}" if segments else "",
                segment_values={"b": float(values[i]) / 4, "c": 3 * float(values[i]) / 4}
                if segments
                else {},
            )
            for i in range(first, n)
        ),
        known_ahead=frozenset(known_ahead),
    )


@dataclass(frozen=True)
class Column:
    """A forecaster without an array form that looks at all that a state shows, and learns."""

    name: str = "column"
    level: float = 0.0

    def fit(self, window):
        extra = sum(sum(row.values()) for row in window.segments[-3:])
        extra += sum(sum(row.values()) for row in window.contexts[-3:])
        return replace(self, level=float(window.values[-1]) + 0.01 * extra)

    def update(self, revealed):
        told = revealed.value + 0.1 * sum(revealed.state.macro_context.values())
        return replace(self, level=0.7 * self.level + 0.3 * told)

    def act(self, state, horizon=1):
        if np.sin(1e3 * state.value) > 0.8:
            raise ForecastUnavailable("not in the mood")
        seen = sum(state.macro_context.values()) + 0.1 * len(state.segment_id)
        seen += sum(k * v for k, v in enumerate(state.segment_values.values()))
        ahead = state.known_ahead
        seen += 0.1 * len(ahead)
        if len(ahead) >= horizon:
            seen += sum(ahead[horizon - 1].values())
        delta = 0.1 * (self.level - state.value) + 0.01 * seen + 0.001 * state.game
        return AgentAction(self.name, delta, scale=0.5 if state.value > 20.0 else None)


class Played:
    """A game and its groups; it prints the settings, and no series."""

    def __init__(self, game, groups):
        self.game, self.groups = game, groups

    def __repr__(self):
        groups = [
            (one.world, one.initial.t, one.seed, one.game, one.n_games, one.rounds)
            for one in self.groups
        ]
        names = [(type(one).__name__, one.name) for one in self.game.registry]
        return f"{self.game.config}, {names}, {groups}"


def _same(array, numbers):
    """Whether an array holds these numbers, bit for bit; NaN where there is None."""
    wanted = np.array([np.nan if x is None else x for x in numbers], dtype=np.float64)
    return np.array_equal(array, wanted, equal_nan=True)


def _columns(arrays, i, r):
    return arrays.weights[i, r], arrays.means[i, r], arrays.scales[i, r]


def _assert_is_game(out, i, one):
    """Game `i` of a batch is the game `one`, and NaN after its end."""
    steps, n = one.steps, len(one.steps)
    wanted = {
        "values": [e.state.value for e in one.trajectories],
        "targets": [s.target for s in steps],
        "prints": [s.observation.value for s in steps],
        "attacks": [s.attack for s in steps],
        "disturbances": [s.disturbance for s in steps],
        "p_bad": [s.issued[0].p_bad for s in steps],
        "means": [s.forecast for s in steps],
        "variances": [s.probabilistic.variance for s in steps],
    }
    for name, numbers in wanted.items():
        array = getattr(out, name)[i]
        assert _same(array[:n], numbers), name
        # The value that a game ends with stands once more at the start of the round after it.
        end = n + 1 if name == "values" else n
        assert np.isnan(array[end:]).all(), name
    for agent, credit in out.attribution.items():
        assert _same(credit[i, :n], [s.reward_breakdown.get(agent) for s in steps]), agent
        assert np.isnan(credit[i, n:]).all()
    adversaries = [s.reward_breakdown["adversaries"] for s in steps]
    assert _same(out.adversary_rewards[i, :n], adversaries)
    for position, (h, arrays) in enumerate(out.horizons.items()):
        issued = [s.issued[position] for s in steps]
        assert _same(arrays.mean[i, :n], [f.forecast.mean for f in issued])
        assert _same(arrays.variance[i, :n], [f.forecast.variance for f in issued])
        scored = [next((x for x in s.scored if x.issued.horizon == h), None) for s in steps]
        losses = [x and (x.crps if out.reward == "crps" else abs(x.error)) for x in scored]
        assert _same(arrays.score[i, :n], losses)
        assert _same(arrays.error[i, :n], [x and x.error for x in scored])
        for array in (arrays.mean, arrays.variance, arrays.score, arrays.error):
            assert np.isnan(array[i, n:]).all()
        for r, f in enumerate(issued):
            said = [(None, None) if a is None else (a.delta, a.scale) for a in f.actions]
            assert _same(arrays.deltas[i, r], [delta for delta, _ in said])
            assert _same(arrays.stated_scales[i, r], [scale for _, scale in said])
            parts = f.forecast.components
            here, shown = arrays.weights[i, r] > 0.0, parts.weights > 0.0
            # Games of a batch share the columns of components, which are told by their labels.
            own = sorted(zip(arrays.labels, here, *_columns(arrays, i, r), strict=False))
            numbers = parts.weights, parts.means, parts.scales
            known = sorted(zip(parts.labels, shown, *numbers, strict=True))
            assert [one for one in own if one[1]] == [one for one in known if one[1]]
    for h, weights in one.weights.items():
        assert _same(out.weights[h][i], list(weights.values()))
    counts = one.convergence
    assert out.attack_spent[i] == counts["attack_spent"]
    missing = {name: int(count[i]) for name, count in out.missing.items() if count[i]}
    assert missing == dict(counts["missing"])
    reasons = {
        name: {kind: int(count[i]) for kind, count in kinds.items() if count[i]}
        for name, kinds in out.missing_reasons.items()
        if name in missing
    }
    assert reasons == {name: dict(why) for name, why in counts["missing_reasons"].items()}
    for name, number in (("step_scale", one.step_scale), ("first_t", one.trajectories[0].state.t)):
        found = getattr(out, name)
        assert (found[i] if np.ndim(found) else found) == number, name


@pytest.fixture(scope="session")
def series():
    """A maker of recorded series."""
    return _series


@pytest.fixture(scope="session")
def column():
    """A forecaster without an array form that uses context, segments and the game's number."""
    return Column()


@pytest.fixture(scope="session")
def assert_is_game():
    """The comparison of one game of a batch with the same game played alone."""
    return _assert_is_game


@pytest.fixture(scope="session")
def differing():
    """A strategy for a game and groups of games that differ."""
    worlds = [
        _series(48, 1, known_ahead=("a",)),
        _series(44, 2, decimals=2, columns=("a", "b"), known_ahead=("b",)),
        _series(46, 3, segments=True),
        _series(43, 4, first=0, columns=()),
    ]

    @st.composite
    def draw_all(draw):
        config = SimulationConfig(
            horizon=draw(st.sampled_from((7, 4, 1))),
            horizons=draw(st.sampled_from(((1,), (2, 1), (1, 4), (3,)))),
            reveal_lag=draw(st.integers(1, 3)),
            refit_every=draw(st.sampled_from((0, 2, 3))),
            train_window=draw(st.sampled_from((None, 20))),
            fit_gap=draw(st.sampled_from((0, 0, 2))),
            lookback=draw(st.sampled_from((8, 64))),
            season_length=4,
            disturbance_prob=draw(st.sampled_from((0.0, 0.0, 0.6))),
            attack_cap=draw(st.sampled_from((3.0, np.inf))),
            attack_total=draw(st.sampled_from((6.0, np.inf))),
            attack_cost=0.2,
            observe_exogenous=draw(st.booleans()),
        )
        forecasters = draw(st.sampled_from(FORECASTERS))
        if draw(st.booleans()):
            forecasters = (*forecasters, Column())
        aggregator = draw(
            st.sampled_from(
                (
                    PoolAggregator(),
                    PoolAggregator("rank"),
                    PoolAggregator("equal", shrinkage=0.2),
                    PlainAggregator(),
                )
            )
        )
        registry = AgentRegistry(
            forecasters,
            draw(st.sampled_from(ADVERSARIES)),
            draw(st.sampled_from(((), (DefenderAgent(),)))),
            aggregator,
            draw(st.sampled_from((None, RefactoringAgent(step_size=0.3)))),
        )
        groups = []
        for _ in range(draw(st.integers(2, 3))):
            world = draw(st.sampled_from((*worlds, None)))
            begin = draw(st.sampled_from((30, 30, 38)))
            groups.append(
                GameGroup(
                    SIMULATED if world is None else world.initial_state(begin),
                    world,
                    seed=draw(st.sampled_from((None, 5, 6))),
                    game=draw(st.integers(0, 3)),
                    n_games=draw(st.integers(1, 3)),
                    rounds=draw(st.sampled_from((None, None, 3))),
                )
            )
        return Played(ForecastGame(config, seed=4, registry=registry), tuple(groups))

    return draw_all()
