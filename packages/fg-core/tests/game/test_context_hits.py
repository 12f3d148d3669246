"""Hits on context columns: the budget, what is shown, and that nothing of them lasts."""

from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fg_core import (
    AgentAction,
    AgentError,
    AgentRegistry,
    AutoRegression,
    DefenderAgent,
    ForecastGame,
    PoolAggregator,
    RandomWalk,
    RefactoringAgent,
    ScriptedAdversary,
    SimulationConfig,
)
from fg_core.batch import ActionArrays
from fg_core.game import GameGroup
from fg_core.resolution import decimals_of
from fg_core.testing import ConformanceError, PlainAggregator, check_adversary, check_array_form
from fg_core.testing._play import fingerprint
from fg_core.worlds import Release, VintageWorld

BEGIN, ROUNDS = 30, 8


@dataclass(frozen=True)
class Reader:
    """A forecaster whose forecast is a straight line in a context column."""

    slope: float = 2.0
    column: str = "a"
    name: str = "reader"

    def act(self, state, horizon=1):
        return AgentAction(self.name, self.slope * state.macro_context[self.column], scale=1.0)

    def act_array(self, state, horizon=1):
        return ActionArrays(self.slope * state.macro_context[self.column], 1.0)


@dataclass(frozen=True)
class Student:
    """A forecaster that learns from every context that it is shown, by fits and by reveals."""

    name: str = "student"
    known: float = 0.0

    def fit(self, window):
        return replace(self, known=sum(np.sin(sum(row.values())) for row in window.contexts))

    def update(self, revealed):
        return replace(self, known=0.9 * self.known + sum(revealed.state.macro_context.values()))

    def act(self, state, horizon=1):
        seen = np.sin(self.known) + sum(state.macro_context.values())
        return AgentAction(self.name, float(0.1 * seen), scale=1.0)


@dataclass(frozen=True)
class Plan:
    """An adversary that does what its plan says for a period: a hit, and hits on columns."""

    plan: dict = field(default_factory=dict)
    name: str = "plan"

    def act(self, state, budget=None):
        delta, context = self.plan.get(state.t, (0.0, {}))
        return AgentAction(self.name, delta, context=context)


def game_of(forecasters, adversaries=(), *, defenders=(), aggregator=None, refactorer=None, **more):
    config = SimulationConfig(
        **{"horizon": ROUNDS, "disturbance_prob": 0.0, "attack_cap": 50.0, "attack_total": 1e6}
        | more
    )
    registry = AgentRegistry(
        forecasters, adversaries, defenders, aggregator or PlainAggregator(), refactorer
    )
    return ForecastGame(config, seed=5, registry=registry)


def played(game, world, **options):
    return game.run(world.initial_state(BEGIN), world=world, **options)


def scale_of(world, column, lag=1):
    past = [row.macro_context[column] for row in world.rows[: BEGIN + 1 - lag]]
    return float(np.std(np.diff(past), ddof=1))


def bits(steps):
    return [
        (s.observation, s.issued, s.scored, s.probabilistic.mean, s.probabilistic.variance)
        for s in steps
    ]


@dataclass(frozen=True)
class Doubter:
    """A defender that doubts every print."""

    name: str = "doubter"

    def act(self, state, predictive):
        return AgentAction(self.name, -0.3, p_bad=0.5, scale=0.2)


@pytest.mark.parametrize("defenders", [(), (Doubter(),)])
@pytest.mark.parametrize("slope", [2.0, -0.5])
def test_a_hit_on_a_column_moves_who_reads_it_by_its_coefficient_in_that_round_alone(
    series, slope, defenders
):
    world = series(60, 1)
    plain = played(game_of((Reader(slope),), defenders=defenders), world).steps
    script = ScriptedAdversary(context={"a": {BEGIN + 3: 0.75}})
    hit = played(game_of((Reader(slope),), (script,), defenders=defenders), world).steps
    assert hit[3].forecast - plain[3].forecast == pytest.approx(slope * 0.75, rel=1e-12)
    assert hit[3].observation.macro_context["a"] == plain[3].observation.macro_context["a"] + 0.75
    assert hit[3].observation.value == plain[3].observation.value
    assert dict(hit[3].actions[0].context) == {"a": pytest.approx(0.75)}
    assert bits(hit[:3] + hit[4:]) == bits(plain[:3] + plain[4:])
    assert all(not step.actions[0].context for step in hit[:3] + hit[4:])


@pytest.mark.parametrize("lag", [1, 2, 3])
def test_what_is_confirmed_is_the_same_whether_or_not_columns_were_hit(series, lag):
    world = series(60, 1, columns=("a", "b"))
    plan = {BEGIN + 2: (0.0, {"a": 3.0, "b": -1.0}), BEGIN + 3: (0.0, {"b": 2.0})}

    def play(plan, rounds=12):
        game = game_of(
            (Student(), Reader(), RandomWalk(), AutoRegression(2)),
            (Plan(plan),),
            defenders=(DefenderAgent(),),
            aggregator=PoolAggregator(),
            refactorer=RefactoringAgent(step_size=0.3),
            reveal_lag=lag,
            refit_every=2,
            horizons=(1, 2),
            horizon=rounds,
        )
        return played(game, world, attribution=True)

    plain, hit = play({}), play(plan)
    for r, (a, b) in enumerate(zip(plain.steps, hit.steps, strict=True)):
        # Until period BEGIN + 3 is revealed, windows show its hits. What was issued before is
        # learned from for as long as its origin is not revealed, which one with a lag of 1 is.
        if r < 2 or (lag == 1 and r >= 3 + lag):
            assert a.issued == b.issued, r
        elif r < 3 + lag:
            assert a.issued != b.issued, r
        assert a.next_state == b.next_state
        shown = r in (2, 3)
        assert (a.observation.macro_context != b.observation.macro_context) == shown
    for rounds in (2, 3 + lag, 12):
        confirmed = [
            play(some, rounds).continuation.blocks[0].checkpoint.knowledge for some in ({}, plan)
        ]
        a, b = (fingerprint((one.experts, one.forecasts)) for one in confirmed)
        assert a == b
    assert plain.weights == hit.weights


@dataclass(frozen=True)
class Fitted:
    """A forecaster whose forecast is the sum of a column over the last rows of its window."""

    name: str = "fitted"
    level: float = 0.0

    def fit(self, window):
        return replace(self, level=sum(row["a"] for row in window.contexts[-3:]))

    def act(self, state, horizon=1):
        return AgentAction(self.name, self.level, scale=1.0)


@pytest.mark.parametrize("lag", [1, 2, 3])
def test_windows_show_hits_until_their_period_is_revealed(series, lag):
    world = series(60, 1)
    script = ScriptedAdversary(context={"a": {BEGIN + 2: 4.0}})
    steps = [
        played(game_of((Fitted(),), some, refit_every=1, reveal_lag=lag), world).steps
        for some in ((), (script,))
    ]
    plain, hit = ([step.issued[0].actions[0].delta for step in one] for one in steps)
    moved = np.subtract(hit, plain)
    wanted = [4.0 if 2 <= r < 2 + lag else 0.0 for r in range(ROUNDS)]
    assert moved == pytest.approx(wanted, abs=1e-12)


@pytest.mark.parametrize("lag", [1, 2])
@pytest.mark.parametrize("array_form", [True, False])
def test_games_that_share_a_series_are_those_alone(series, assert_is_game, lag, array_form):
    world = series(60, 2, decimals=2)
    kinds = np.array([[0.0] * 6, [0.0, 0.6, 0.0, -0.9, 0.6, 0.0], [0.0, -0.4, 0.6, 0.0, 0.0, 0.0]])
    scripts = kinds[np.arange(9) % 3]
    script = ScriptedAdversary(
        0.5 * np.abs(scripts), context={"a": scripts}, first_t=BEGIN, name="script"
    )
    if not array_form:
        script = Alone(script)
    game = game_of(
        (Student(), Reader(), RandomWalk()),
        (script,),
        defenders=(DefenderAgent(),),
        aggregator=PoolAggregator(),
        reveal_lag=lag,
        refit_every=2,
        horizon=6,
        attack_cost=0.2,
        attack_cap=1.5,
        attack_total=3.0,
    )
    groups = (GameGroup(world.initial_state(BEGIN), world, n_games=9),)
    for block in (8000, 2):
        out = game.run_groups(groups, attribution=True, games_per_block=block, keep=KEEP)
        for i in (0, 1, 5, 6):
            one = ForecastGame(game.config, seed=5, registry=game.registry, game=i)
            assert_is_game(out, i, played(one, world, attribution=True))
    # Stopped in the middle, where hits are not revealed, and resumed.
    part = game.run_groups([replace(groups[0], rounds=3)], attribution=True, keep=KEEP)
    rest = game.run_groups(
        [replace(groups[0], rounds=3)], attribution=True, keep=KEEP, resume=part.continuation
    )
    assert np.array_equal(np.concatenate([part.means, rest.means], axis=1), out.means)
    assert np.array_equal(rest.attack_spent, out.attack_spent)
    whole = np.concatenate([part.adversary_rewards, rest.adversary_rewards], axis=1)
    assert np.array_equal(whole, out.adversary_rewards)


def test_games_on_several_series_hit_each_in_its_own_units(series, assert_is_game):
    worlds = series(60, 2, decimals=2), series(50, 7, columns=("b", "a"))
    scripts = np.random.default_rng(2).normal(0.0, 0.8, (3, 6))
    script = ScriptedAdversary(context={"a": scripts}, first_t=BEGIN)
    game = game_of(
        (Reader(), RandomWalk(), AutoRegression(2)),
        (script,),
        aggregator=PoolAggregator(),
        horizon=6,
        attack_cost=0.2,
        attack_cap=0.7,
        attack_total=3.0,
    )
    groups = [GameGroup(one.initial_state(BEGIN), one, n_games=3) for one in worlds]
    out = game.run_groups(groups, attribution=True, keep=KEEP)
    assert not out.slow_agents
    for i in range(6):
        one = ForecastGame(game.config, seed=5, registry=game.registry, game=i % 3)
        assert_is_game(out, i, played(one, worlds[i // 3], attribution=True))
    assert 0.7 < out.attack_spent.min() <= out.attack_spent.max() <= 3.0 + 1e-9


@pytest.mark.parametrize(("late", "settled_after"), [(0, 1), (1, 2), (2, 1)])
def test_hits_play_with_values_that_are_late_or_revised(
    series, assert_is_game, late, settled_after
):
    record = series(60, 8, decimals=2, columns=("a", "b"), known_ahead=("b",))
    values = [row.value for row in record.rows]
    first = [Release(t, t + late, round(value + 0.3, 2)) for t, value in enumerate(values)]
    later = [Release(t, t + late + settled_after, value) for t, value in enumerate(values)]
    world = VintageWorld.of(record, [*first, *later], settled_after=settled_after)
    scripts = np.array([[0.0] * 6, [0.0, 0.9, 0.0, -0.7, 0.0, 0.0]])

    def game_with(scripts):
        return game_of(
            (Student(), Reader(), AutoRegression(2)),
            (ScriptedAdversary(context={"a": scripts}, first_t=BEGIN),),
            defenders=(DefenderAgent(),),
            aggregator=PoolAggregator(),
            refit_every=2,
            horizon=6,
            horizons=(1, 2),
        )

    game = game_with(scripts[np.arange(6) % 2])
    groups = (GameGroup(world.initial_state(BEGIN), world, n_games=6),)
    out = game.run_groups(groups, keep=KEEP)
    for i in (0, 1, 4):
        one = ForecastGame(game.config, seed=5, registry=game.registry, game=i)
        assert_is_game(out, i, played(one, world, attribution=False))
    assert np.array_equal(out.means[0, :1], out.means[1, :1])
    for r in (1, 3):
        assert out.means[0, r] != out.means[1, r]
    assert out.attack_spent[1] > 0.5
    # What is confirmed knows nothing of it, once it is settled.
    ends = [played(game_with(script), world, attribution=False) for script in scripts]
    checkpoint = [end.continuation.blocks[0].checkpoint.knowledge for end in ends]
    a, b = (fingerprint((one.experts, one.forecasts)) for one in checkpoint)
    assert a == b
    observed = [step.observation.macro_context["a"] for step in ends[1].steps]
    plain = [step.observation.macro_context["a"] for step in ends[0].steps]
    assert np.count_nonzero(np.subtract(observed, plain)) == 2


KEEP = ("components", "claims", "continuation")


@dataclass(frozen=True)
class Alone:
    """An adversary that is asked game by game."""

    inner: ScriptedAdversary

    @property
    def name(self):
        return self.inner.name

    def act(self, state, budget=None):
        return self.inner.act(state, budget)


sizes = st.floats(-4.0, 4.0) | st.sampled_from((0.0, 1e-3, 50.0))


@given(
    plan=st.lists(st.tuples(sizes, sizes, sizes), min_size=5, max_size=5),
    second=st.lists(st.tuples(sizes, sizes, sizes), min_size=5, max_size=5),
    cap=st.sampled_from((0.5, 2.0, 60.0)),
    total=st.sampled_from((1.0, 6.0, 1e6)),
)
@settings(max_examples=12)
def test_the_budget_holds_over_value_and_columns_together(series, plan, second, cap, total):
    world = series(60, 3, decimals=2, columns=("a", "b"))
    unit = {name: scale_of(world, name) for name in ("a", "b")}

    def adversary(name, rows):
        moves = {
            BEGIN + i: (value, {"b": b * unit["b"], "a": a * unit["a"]})
            for i, (value, a, b) in enumerate(rows)
        }
        return Plan(moves, name)

    game = game_of(
        (Reader(),),
        (adversary("first", plan), adversary("second", second)),
        horizon=5,
        attack_cap=cap,
        attack_total=total,
        attack_cost=0.3,
    )
    out = played(game, world)
    spent = 0.0
    for r, step in enumerate(out.steps):
        room = cap
        units = 0.0
        for wanted, action in zip((plan, second), step.actions[:2], strict=True):
            counted = [abs(action.delta) / out.step_scale]
            counted += [abs(action.context.get(name, 0.0)) / unit[name] for name in ("a", "b")]
            asked = [abs(wanted[r][0]) / out.step_scale, abs(wanted[r][1]), abs(wanted[r][2])]
            steps = (0.01 / out.step_scale, 0.1 / unit["a"], 0.1 / unit["b"])
            for used, most, step_size in zip(counted, asked, steps, strict=True):
                # The value is charged first, then columns by name, each cut to what is left and
                # rounded by less than a step of its resolution.
                left = min(most, max(0.0, min(room - units, total - spent - units)))
                assert left - step_size - 1e-9 <= used <= left * (1 + 1e-9) + 1e-9
                units += used
        assert units <= cap * (1 + 1e-9)
        spent += units
        loss = step.reward_breakdown["adversaries"] + step.reward_breakdown["team"]
        assert loss == pytest.approx(-0.3 * units, abs=1e-9)
        for name in ("a", "b"):
            added = sum(action.context.get(name, 0.0) for action in step.actions[:2])
            true = world.rows[BEGIN + r].macro_context[name]
            assert step.observation.macro_context[name] == pytest.approx(true + added)
            # As many decimals as are recorded: digits say nothing.
            assert decimals_of([step.observation.macro_context[name]]) <= 1
    assert spent <= total * (1 + 1e-9)
    assert out.convergence["attack_spent"] == pytest.approx(spent)


def test_budgets_tell_the_scales_of_the_columns_that_are_shown(series):
    world = replace(series(60, 3, columns=("a", "b")), withheld=frozenset({"b"}))
    told = []

    @dataclass(frozen=True)
    class Asking:
        name: str = "asking"

        def act(self, state, budget=None):
            told.append(dict(budget.context_scales))
            return AgentAction(self.name, 0.0)

    played(game_of((Reader(),), (Asking(),), horizon=1), world)
    assert told == [{"a": pytest.approx(scale_of(world, "a"))}]


@pytest.mark.parametrize("many", [False, True])
@pytest.mark.parametrize("column", ["b", "c"])
def test_only_columns_that_are_shown_can_be_hit(series, column, many):
    world = replace(series(60, 3, columns=("a", "b")), withheld=frozenset({"b"}))
    script = ScriptedAdversary(context={column: {BEGIN: 0.0, BEGIN + 1: 1.0}}, name="blind")
    game = game_of((Reader(),), (script,), horizon=3)
    where = ", in 4 of the games" if many else ""
    message = (
        f"adversary 'blind' hits the context column '{column}', which is not shown in period "
        f"{BEGIN + 1}{where}; columns that are: a"
    )
    initial, n = world.initial_state(BEGIN), 4 if many else 1
    with pytest.raises(AgentError, match=message):
        game.run_batch(initial, n, world=world)


def test_a_column_that_never_moved_before_the_game_has_no_unit(series):
    world = series(60, 3, columns=("a", "b"))
    rows = [
        replace(row, macro_context={**row.macro_context, "b": 1.0 if t < BEGIN else 2.0})
        for t, row in enumerate(world.rows)
    ]
    world = replace(world, rows=tuple(rows))
    game = game_of((Reader(),), (Plan({BEGIN + 1: (0.0, {"b": 5.0})}),), attack_cap=np.inf)
    out = played(game, world)
    assert out.convergence["attack_spent"] == 0.0
    assert bits(out.steps) == bits(played(game_of((Reader(),)), world).steps)


@pytest.mark.parametrize("defenders", [(), (Doubter(),)])
@pytest.mark.parametrize("lag", [1, 2])
def test_credit_takes_hits_on_columns_away_too(series, lag, defenders):
    world = series(60, 4)
    plan = {BEGIN + 3: (1.0, {"a": 0.8})}
    others = {BEGIN + 3: (0.5, {"a": -0.3})}
    forecasters = (Student(), Reader(), RandomWalk())

    def play(*adversaries):
        game = game_of(
            forecasters,
            adversaries,
            defenders=defenders,
            reveal_lag=lag,
            attack_cost=0.2,
            refit_every=1,
        )
        return played(game, world, attribution=True)

    both = play(Plan(plan), Plan(others, "other"))
    rest = play(Plan(others, "other"))
    booked = [step.reward_breakdown.get("plan", 0.0) for step in both.steps]
    losses = [-step.reward_breakdown["team"] for step in both.steps]
    without = [-step.reward_breakdown["team"] for step in rest.steps]
    units = 1.0 / both.step_scale + 0.8 / scale_of(world, "a", lag)
    r = booked.index(max(booked, key=abs))
    assert booked[r] == pytest.approx(losses[3] - without[3] - 0.2 * units, abs=1e-12)
    assert np.count_nonzero(booked) == 1


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ([1.0], "must be a mapping from names of columns to arrays"),
        ({3: 1.0}, "must be a mapping from names of columns to arrays"),
        ({"a": np.ones(2)}, "hit on context column 'a' of shape"),
        ({"a": np.nan}, "hit on context column 'a' that is not finite"),
        ({"a": "much"}, "numbers are wanted"),
    ],
)
def test_what_an_array_form_returns_wrongly_names_the_adversary(series, answer, message):
    @dataclass(frozen=True)
    class Wrong:
        name: str = "wrong"

        def act(self, state, budget=None):
            return AgentAction(self.name, 0.0)

        def delta(self, state, budget=None):
            return 0.0

        def context_delta(self, state, budget=None):
            return answer

    world = series(60, 3)
    with pytest.raises(AgentError, match=f"'wrong'.*{message}"):
        game_of((Reader(),), (Wrong(),)).run_batch(world.initial_state(BEGIN), 3, world=world)


def test_scripts_of_columns_conform():
    # The example's record is played from period 62 on, the simulated world before it.
    check_adversary(ScriptedAdversary({120: 0.5}, context={"rate": {121: -1.0}}))
    script = ScriptedAdversary({63: 0.5}, context={"rate": {64: 0.5}, "spread": {64: -9.0}})
    check_array_form(script, "adversary")

    @dataclass(frozen=True)
    class Forgetful(ScriptedAdversary):
        """Its array form does not know of its hits on columns."""

        @property
        def context_delta(self):
            raise AttributeError

    with pytest.raises(ConformanceError, match="the array form gives the bits"):
        check_array_form(Forgetful(context={"rate": {64: 0.5}}), "adversary")
