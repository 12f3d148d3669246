"""Games whose defenders list alternatives over several prints."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fg_core import (
    AgentAction,
    AgentError,
    AgentRegistry,
    AutoRegression,
    ConfigError,
    DefenderAgent,
    EqualWeightPool,
    ForecastGame,
    ForecastingAgent,
    ForecastState,
    Observation,
    PoolAggregator,
    RandomHits,
    RandomWalk,
    ReplayWorld,
    ScriptedAdversary,
    SeasonalNaive,
    SimulationConfig,
)
from fg_core.alternatives import Alternative, AlternativeArrays
from fg_core.game import GameGroup, payoffs
from fg_core.protocols import OutlierAssessment
from fg_core.testing import ListingDefender, PlainAggregator, QuantileForecaster
from fg_core.testing._play import fingerprint
from fg_core.worlds import Release, VintageWorld

SIMULATED = ForecastState(0, 10.0, 0.0, 0.0)
HITS = (RandomHits(size=3.0, probability=0.5),)


@dataclass(frozen=True)
class Unstacked(ListingDefender):
    """The same, asked game by game."""

    array_form: bool = False


@dataclass(frozen=True)
class AsAlternative(DefenderAgent):
    """Its defense's doubt as the one alternative that it is, padded as far as prints go."""

    def act(self, state, predictive):
        one = super().act(state, predictive)
        pattern = (1.0,) + (0.0,) * state.n_unrevealed
        listed = (Alternative(one.p_bad, one.delta, pattern, one.scale),)
        return AgentAction.doubting(self.name, listed)

    def act_array(self, state, predictive):
        one = super().act_array(state, predictive)
        n = state.n_games
        numbers = (np.broadcast_to(part, (1, n)) for part in (one.p_bad, one.delta, one.scale))
        probability, delta, scale = numbers
        pattern = np.eye(1, state.n_unrevealed + 1)
        return OutlierAssessment.doubting(
            self.name, AlternativeArrays(probability, delta, pattern, scale), n
        )


@dataclass(frozen=True)
class Says:
    """Returns the same alternatives in each round from `since` on."""

    alternatives: tuple
    name: str = "says"
    since: int = 0

    def act(self, state, predictive):
        if state.t < self.since:
            return AgentAction(self.name, 0.0, p_bad=0.0)
        return AgentAction.doubting(self.name, self.alternatives)


FORECASTERS = (
    (RandomWalk(), AutoRegression(3, name="ar3")),
    (AutoRegression(max_order=3), SeasonalNaive(), EqualWeightPool((RandomWalk(),))),
    (ForecastingAgent(), AutoRegression(2, name="ar2")),
    (QuantileForecaster(), AutoRegression(2, name="ar2")),
)
DEFENDERS = (
    (ListingDefender(),),
    (Unstacked(),),
    (DefenderAgent(), ListingDefender(sensitivities_wanted=3)),
    (Unstacked(sensitivities_wanted=2), AsAlternative(name="as"), DefenderAgent()),
    (
        ListingDefender(),
        Says((Alternative(0.3, 1.0, (1.0,)), Alternative(0.2, -1.0, (1.0,))), name="either"),
    ),
)


@st.composite
def games(draw, series):
    config = SimulationConfig(
        horizon=draw(st.sampled_from((6, 4))),
        horizons=draw(st.sampled_from(((1,), (2, 1), (3,)))),
        reveal_lag=draw(st.integers(1, 3)),
        refit_every=draw(st.sampled_from((0, 3))),
        lookback=draw(st.sampled_from((4, 32))),
        season_length=4,
        disturbance_prob=draw(st.sampled_from((0.0, 0.5))),
        attack_cap=3.0,
        attack_total=12.0,
    )
    pool = draw(st.sampled_from((PoolAggregator(), PlainAggregator(), PoolAggregator("rank"))))
    registry = AgentRegistry(
        draw(st.sampled_from(FORECASTERS)), HITS, draw(st.sampled_from(DEFENDERS)), pool
    )
    world = draw(st.sampled_from((None, series(60, 1), series(60, 2, decimals=2, segments=True))))
    initial = SIMULATED if world is None else world.initial_state(40)
    return ForecastGame(config, seed=draw(st.integers(0, 99)), registry=registry), initial, world


def check_batch(assert_is_game, game, initial, world, block, cut, n_games):
    """Play a batch, whole and in two parts, and each game alone; everything must be equal."""
    normal = not isinstance(game.registry.forecasters[0], QuantileForecaster)
    keep = ("claims", "doubts", "continuation", *(("components",) if normal else ()))
    options = {"world": world, "attribution": True, "games_per_block": block, "keep": keep}
    whole = game.run_batch(initial, n_games, **options)
    first = game.run_batch(initial, n_games, cut, **options)
    joined = first.joined(game.run_batch(initial, n_games, resume=first.continuation, **options))
    for name in ("means", "variances", "p_bad", "team_rewards"):
        np.testing.assert_array_equal(getattr(joined, name), getattr(whole, name))
    for i in range(n_games):
        alone = ForecastGame(game.config, seed=game.seed, registry=game.registry, game=i)
        one = alone.run(initial, world=world)
        if normal:
            assert_is_game(whole, i, one)
        assert whole.means[i].tolist() == [s.forecast for s in one.steps]
        assert whole.variances[i].tolist() == [s.probabilistic.variance for s in one.steps]
        for name, doubt in whole.doubts.items():
            said = [next(a for a in s.actions if a.actor == name) for s in one.steps]
            assert doubt.delta[i].tolist() == [a.delta for a in said]
            assert doubt.p_bad[i].tolist() == [a.p_bad for a in said]
            assert doubt.scale[i].tolist() == [a.scale or 0.0 for a in said]
    part = alone.run(initial, cut, world=world)
    both = part.joined(alone.run(initial, world=world, resume=part.continuation))
    assert fingerprint(replace(both, continuation=None)) == fingerprint(
        replace(one, continuation=None)
    )


@pytest.mark.slow
def test_a_batch_is_its_games_whatever_is_listed(series, assert_is_game):
    @given(games(series), st.sampled_from((1, 8000)), st.integers(1, 3))
    @settings(max_examples=5)
    def check(played, block, cut):
        check_batch(assert_is_game, *played, block, cut, 2)

    check()


def test_nothing_depends_on_how_much_is_listed_in_other_games(assert_is_game):
    config = SimulationConfig(horizon=4, reveal_lag=2, attack_cap=3.0, disturbance_prob=0.5)
    registry = AgentRegistry((RandomWalk(), AutoRegression(2, name="ar2")), HITS, DEFENDERS[-1])
    check_batch(
        assert_is_game, ForecastGame(config, registry=registry), SIMULATED, None, 8000, 2, 3
    )


@pytest.mark.slow
def test_many_batches_are_their_games_whatever_is_listed(series, assert_is_game):
    @given(games(series), st.sampled_from((1, 2, 8000)), st.integers(1, 3), st.integers(2, 3))
    @settings(max_examples=max(20, settings.default.max_examples // 2))
    def check(played, block, cut, n_games):
        check_batch(assert_is_game, *played, block, cut, n_games)

    check()


def check_one_print(series, examples):
    """Play a doubt about one print, and the same as an alternative; all must be equal."""

    @given(
        st.sampled_from(FORECASTERS),
        st.integers(1, 2),
        st.sampled_from((None, 1, 2)),
        st.booleans(),
        st.integers(0, 99),
    )
    @settings(max_examples=examples)
    def check(forecasters, lag, which, other, seed):
        config = SimulationConfig(
            horizon=6, horizons=(2, 1), reveal_lag=lag, season_length=4, attack_cap=3.0
        )
        world = None if which is None else series(60, which)
        initial = SIMULATED if world is None else world.initial_state(40)
        beside = (DefenderAgent(name="other"),) if other else ()
        outs = []
        for kind in (DefenderAgent, AsAlternative):
            registry = AgentRegistry(forecasters, HITS, (kind(name="gate"), *beside))
            game = ForecastGame(config, seed=seed, registry=registry)
            batch = game.run_batch(initial, 2, world=world, attribution=True, keep=("doubts",))
            outs.append((game.run(initial, world=world), batch))
        (plain, plain_batch), (listed, listed_batch) = outs
        for a, b in zip(plain.steps, listed.steps, strict=True):
            assert fingerprint((a.issued, a.scored, a.reward_breakdown, a.messages)) == fingerprint(
                (b.issued, b.scored, b.reward_breakdown, b.messages)
            )
        for a, b in zip(plain.steps, listed.steps, strict=True):
            (one,) = [action for action in b.actions if action.actor == "gate"]
            (same,) = [action for action in a.actions if action.actor == "gate"]
            assert replace(one, alternatives=()) == same
        assert listed_batch.slow_agents == plain_batch.slow_agents
        for name in ("means", "variances", "p_bad", "team_rewards", "prints_doubted"):
            np.testing.assert_array_equal(
                getattr(listed_batch, name), getattr(plain_batch, name), strict=True
            )
        for part in ("delta", "p_bad", "scale"):
            np.testing.assert_array_equal(
                getattr(listed_batch.doubts["gate"], part),
                getattr(plain_batch.doubts["gate"], part),
            )
        for name, credit in plain_batch.attribution.items():
            np.testing.assert_array_equal(listed_batch.attribution[name], credit)

    check()


def test_a_doubt_about_one_print_is_one_alternative_to_the_last_bit(series):
    check_one_print(series, 4)


@pytest.mark.slow
def test_many_doubts_about_one_print_are_one_alternative_to_the_last_bit(series):
    check_one_print(series, 2 * settings.default.max_examples)


# --------------------------------------------------------------------------- weights and means


@dataclass(frozen=True)
class Linear:
    """The last value times `slopes[0]`, and so on back; it says nothing of sensitivities."""

    slopes: tuple
    name: str = "linear"
    scale: float = 0.5

    def act(self, state, horizon=1):
        path = state.path[::-1]
        level = sum(slope * y for slope, y in zip(self.slopes, path, strict=False))
        return AgentAction(self.name, level - state.value, scale=self.scale)


@dataclass(frozen=True)
class Stated(Linear):
    """The same, and it says so."""

    def sensitivities(self, state, horizon=1, n=1):
        return tuple((*self.slopes, *(0.0,) * n)[:n])


def late(defenders, forecasters, adversaries=(), rounds=5, **more):
    config = SimulationConfig(horizon=rounds, reveal_lag=2, enable_refactor=False, **more)
    registry = AgentRegistry(forecasters, adversaries, defenders, PlainAggregator())
    return ForecastGame(config, registry=registry)


@pytest.mark.parametrize("kind", [Linear, Stated])
def test_the_forecast_is_the_mixture_over_the_alternatives(kind):
    slopes = (0.6, 0.3)
    listed = (
        Alternative(0.2, -1.0, (1.0,), scale=0.4),
        Alternative(0.3, 2.0, (1.0, 0.5), scale=0.7),
        Alternative(0.1, -3.0, (0.0, 1.0), scale=0.2),
    )
    out = late((Says(listed),), (kind(slopes),)).run(SIMULATED)
    parts = [(0.4, 0.0, 0.0)]
    for one in listed:
        along = sum(g * slope for g, slope in zip(one.pattern, slopes, strict=False))
        parts.append((one.probability, one.delta * along, one.scale * along))
    weights, moves, widths = np.array(parts).T
    for step in out.steps:
        (issued,) = step.issued
        seen = step.observation
        base = slopes[0] * seen.value + slopes[1] * seen.history[-1]
        found = issued.forecast.components
        assert found.labels == (
            "linear",
            "linear|replaced",
            "linear|replaced 2",
            "linear|replaced 3",
        )
        np.testing.assert_allclose(found.weights, weights, rtol=1e-12)
        np.testing.assert_allclose(found.means, base + moves, rtol=1e-12)
        np.testing.assert_allclose(found.scales, np.hypot(0.5, widths), rtol=1e-7)
        mean = base + weights @ moves
        assert issued.forecast.mean == pytest.approx(mean, rel=1e-12)
        variance = weights @ (0.25 + widths**2 + moves**2) - (weights @ moves) ** 2
        assert issued.forecast.variance == pytest.approx(variance, rel=1e-7)
        assert issued.p_bad == pytest.approx(0.5)
        (said,) = [action for action in step.actions if action.actor == "says"]
        assert said.alternatives == listed


def test_an_alternative_that_changes_nothing_leaves_its_weight_to_the_prints():
    listed = (Alternative(0.3, 0.0, (1.0, 1.0)), Alternative(0.2, 1.0, (1.0,)))
    out = late((Says(listed),), (Stated((0.6, 0.3)),)).run(SIMULATED)
    for step in out.steps:
        found = step.probabilistic.components
        assert found.labels == ("linear", "linear|replaced 2")
        assert found.weights.tolist() == [0.8, 0.2]


def test_other_defenders_are_independent_of_one_that_lists():
    slopes, p, q = (0.6, 0.3), 0.3, 0.5
    both = Says((Alternative(p, 2.0, (1.0, 1.0), scale=0.7),))
    newest = Says((Alternative(q, -1.0, (1.0,), scale=0.4),), name="newest")
    out = late((both, newest), (Stated(slopes),)).run(SIMULATED)
    for step in out.steps:
        found = step.probabilistic.components
        base = 0.6 * step.observation.value + 0.3 * step.observation.history[-1]
        moves = [0.0, -0.6, 1.8, 1.2]
        widths = [0.0, 0.24, 0.63, np.hypot(0.24, 0.63)]
        np.testing.assert_allclose(
            found.weights, [(1 - p) * (1 - q), q * (1 - p), p * (1 - q), p * q], rtol=1e-12
        )
        np.testing.assert_allclose(found.means, base + np.array(moves), rtol=1e-12)
        np.testing.assert_allclose(found.scales, np.hypot(0.5, widths), rtol=1e-12)
        assert step.issued[0].p_bad == pytest.approx(1 - (1 - p) * (1 - q))


def test_leaving_out_a_defender_that_lists_leaves_the_forecast_of_the_others():
    both = Says((Alternative(0.3, 2.0, (1.0, 1.0)),))
    newest = Says((Alternative(0.5, -1.0, (1.0,)),), name="newest")
    with_both = late((both, newest), (Stated((0.6, 0.3)),), rounds=9).run(SIMULATED)
    without = late((newest,), (Stated((0.6, 0.3)),), rounds=9).run(SIMULATED)
    credited = 0
    for one in with_both.steps:
        if "says" in one.reward_breakdown:
            # Credit comes with the reveal, one round after the score.
            scored = with_both.steps[credited].scored[0], without.steps[credited].scored[0]
            assert one.reward_breakdown["says"] == scored[1].crps - scored[0].crps
            credited += 1
    assert credited == 8


# --------------------------------------------------------------------------- false prints in a row


def recorded(values):
    start = datetime(2000, 1, 1, tzinfo=UTC)
    days = [start + timedelta(days=i) for i in range(len(values))]
    return ReplayWorld(
        tuple(
            Observation(day, float(value), {}, day, "s", "test")
            for day, value in zip(days, values, strict=True)
        )
    )


@dataclass(frozen=True)
class Told:
    """Is told by how much each print is off, and how far back it may say so."""

    errors: tuple
    reach: int
    name: str = "told"

    def act(self, state, predictive):
        off = dict(self.errors)
        known = range(min(self.reach, state.n_unrevealed + 1))
        pattern = tuple([off.get(state.t - k, 0.0) for k in known])
        if not any(pattern):
            return AgentAction(self.name, 0.0, p_bad=0.0)
        return AgentAction.doubting(self.name, (Alternative(1.0, -1.0, pattern),))


def test_two_false_prints_in_a_row_are_both_restored_and_by_a_doubt_about_one_they_are_not():
    values = np.round(np.cumsum(np.random.default_rng(3).normal(size=60)) + 50.0, 3)
    world = recorded(values)
    initial = world.initial_state(40)
    ar = AutoRegression(2, name="ar")
    clean = late((), (ar,), rounds=8).run(initial, world=world)
    hit = ScriptedAdversary({42: 3.0, 43: 3.0})
    wide = {"attack_cap": np.inf, "attack_total": np.inf}
    attacked = late((), (ar,), (hit,), 8, **wide).run(initial, world=world)
    errors = tuple(
        (step.observation.t, step.attack) for step in attacked.steps if step.attack != 0.0
    )
    assert [t for t, _ in errors] == [42, 43]
    assert errors[0][1] == pytest.approx(errors[1][1])
    restored, newest = (
        late((Told(errors, reach),), (ar,), (hit,), 8, **wide).run(initial, world=world)
        for reach in (2, 1)
    )
    spoilt = []
    for step in range(8):
        one, two, three = (o.steps[step].probabilistic for o in (clean, restored, newest))
        assert two.mean == pytest.approx(one.mean, rel=1e-12)
        assert two.variance == pytest.approx(one.variance, rel=1e-12)
        if abs(three.mean - one.mean) > 1e-6:
            spoilt.append(40 + step)
    # The first false print is in the history of both forecasts after it.
    assert spoilt == [43, 44]


def test_the_truth_behind_prints_that_are_not_settled_moves_no_bit():
    values = np.cumsum(np.random.default_rng(4).normal(size=60)) + 50.0
    other = values.copy()
    other[42] += 1.5
    outs = []
    for truth, hits in ((values, {42: 2.0, 43: 1.0}), (other, {42: 0.5, 43: 1.0})):
        world = recorded(truth)
        game = late(
            (ListingDefender(sensitivities_wanted=4), DefenderAgent()),
            (RandomWalk(), AutoRegression(2, name="ar")),
            (ScriptedAdversary(hits),),
            8,
            attack_cap=np.inf,
            attack_total=np.inf,
            step_scale=1.0,
        )
        outs.append(game.run(world.initial_state(40), world=world))
    told = []
    for one, two in zip(*(out.steps for out in outs), strict=True):
        t = one.observation.t
        if t in (42, 43):
            assert one.observation == two.observation
            assert one.attack != two.attack or t != 42
        if t <= 43:  # the value of period 42 is revealed after that round
            doubts = [
                [a for a in step.actions if a.actor in ("lists", "defender")] for step in (one, two)
            ]
            assert fingerprint(doubts[0]) == fingerprint(doubts[1])
            assert fingerprint(one.probabilistic) == fingerprint(two.probabilistic)
            told += [len(a.pattern) for action in doubts[0] for a in action.alternatives]
        elif t == 44:
            assert one.probabilistic != two.probabilistic
    assert 2 in told


# --------------------------------------------------------------------------------- refusals

PAIR = (Alternative(0.3, 1.0, (1.0, 1.0)),)


def test_two_defenders_that_doubt_several_prints_are_refused():
    two = (ListingDefender(name="first"), ListingDefender(name="second"))
    with pytest.raises(ConfigError, match="'first' and 'second' both doubt several prints"):
        late(two, (RandomWalk(),)).run(SIMULATED)
    # With a lag of 1 there is one print that is not settled, and each doubts it alone.
    game = ForecastGame(
        SimulationConfig(horizon=3), registry=AgentRegistry((RandomWalk(),), HITS, two)
    )
    assert len(game.run(SIMULATED).steps) == 3


def test_two_that_do_not_say_so_before_are_refused_in_the_round_in_which_they_do():
    two = (Says(PAIR, "first"), Says(PAIR, "second", since=3))
    game = late(two, (RandomWalk(),))
    assert len(game.run(SIMULATED, 3).steps) == 3
    with pytest.raises(AgentError, match="'first' and 'second' both doubt several prints"):
        game.run(SIMULATED)
    with pytest.raises(AgentError, match="'first' and 'second' both doubt several prints"):
        game.run_batch(SIMULATED, 2)


def test_games_of_a_batch_may_have_a_different_defender_that_doubts_several_prints():
    """A defender is judged game by game, as it would be alone."""

    @dataclass(frozen=True)
    class InGame(Says):
        game: int = 0

        def act(self, state, predictive):
            if state.game != self.game:
                return AgentAction(self.name, -0.5, scale=0.25, p_bad=0.4)
            return super().act(state, predictive)

    two = (InGame(PAIR, "first", game=0), InGame(PAIR, "second", game=1))
    game = late(two, (RandomWalk(), AutoRegression(2)), HITS)
    out = game.run_batch(SIMULATED, 3)
    for i in range(3):
        one = ForecastGame(game.config, seed=game.seed, registry=game.registry, game=i)
        assert [s.forecast for s in one.run(SIMULATED).steps] == out.means[i].tolist()


def test_an_alternative_over_more_prints_than_are_unsettled_is_refused():
    game = late((Says((Alternative(0.3, 1.0, (1.0, 1.0, 1.0)),)),), (RandomWalk(),))
    with pytest.raises(AgentError, match=r"'says'.*over 3 prints: 2 are not settled"):
        game.run(SIMULATED)
    with pytest.raises(AgentError, match=r"'says'.*over 3 prints: 2 are not settled"):
        game.run_batch(SIMULATED, 2)


@dataclass(frozen=True)
class Wrong:
    """Answers many games with what it is told to."""

    answer: object
    name: str = "wrong"

    def act(self, state, predictive):
        return AgentAction(self.name, 0.0)

    def act_array(self, state, predictive):
        return self.answer


LISTED = AlternativeArrays([[0.2, 0.2]], [[1.0, 1.0]], [[1.0, 1.0]])


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (OutlierAssessment(1.0, 0.2, 0.0, PAIR), "alternatives of type tuple"),
        (OutlierAssessment(1.0, 0.3, 0.0, LISTED), "p_bad that is not what its alternatives say"),
        (OutlierAssessment(1.0, 0.2, 0.0, replace(LISTED, probability=[[0.2] * 3])), "shape"),
        (OutlierAssessment(1.0, 0.2, 0.0, replace(LISTED, probability=[[0.2], [0.2]])), "shape"),
        (OutlierAssessment(1.0, 0.2, 0.0, replace(LISTED, pattern=[1.0])), "pattern of shape"),
        (OutlierAssessment(1.0, 0.2, 0.0, replace(LISTED, pattern=[[1.0] * 3])), "over 3 prints"),
        (
            OutlierAssessment(1.0, 0.2, 0.0, replace(LISTED, delta=[[np.nan, 1.0]])),
            "delta out of range: .*finite",
        ),
        (
            OutlierAssessment(1.0, 0.2, 0.0, replace(LISTED, scale=[[-1.0, 1.0]])),
            "scale out of range: it must be finite and at least 0",
        ),
        (OutlierAssessment(1.0, 0.2, 0.0, replace(LISTED, probability="x")), "numbers are wanted"),
        (
            OutlierAssessment(
                1.0, 0.2, 0.0, AlternativeArrays([[0.8]] * 2, [[1.0]] * 2, [[1.0], [1.0]])
            ),
            "sum to 1.6",
        ),
    ],
)
def test_wrong_answers_for_many_games_name_the_agent(answer, message):
    game = late((Wrong(answer),), (RandomWalk(),))
    with pytest.raises(AgentError, match=f"'wrong'.*{message}"):
        game.run_batch(SIMULATED, 2)


@pytest.mark.parametrize("wanted", [-1, 1.5, True, "all"])
def test_a_wrong_number_of_sensitivities_is_refused_before_the_first_round(wanted):
    with pytest.raises(AgentError, match="'lists': sensitivities_wanted"):
        late((ListingDefender(sensitivities_wanted=wanted),), (RandomWalk(),)).run(SIMULATED, 0)


def test_payoffs_say_that_rounds_do_not_separate_where_several_prints_are_doubted():
    game = late((ListingDefender(),), (RandomWalk(),), disturbance_prob=0.0)
    table = payoffs(game, SIMULATED, [0.0, 1.0])
    assert any("'lists' doubts several prints" in reason for reason in table.reasons)
    assert not table.separates


def test_series_that_differ_are_played_with_their_own_alternatives(series, assert_is_game):
    world, other = series(60, 5), series(60, 6, decimals=1)
    groups = tuple(
        GameGroup(one.initial_state(40), one, None, 0, 2, None) for one in (world, other)
    )
    config = SimulationConfig(
        horizon=6, reveal_lag=3, attack_cap=3.0, disturbance_prob=0.0, refit_every=2
    )
    registry = AgentRegistry(
        (AutoRegression(max_order=3), RandomWalk()),
        HITS,
        (DefenderAgent(), ListingDefender(sensitivities_wanted=3)),
    )
    game = ForecastGame(config, registry=registry)
    out = game.run_groups(groups, keep=("components", "claims"), attribution=True)
    for i in range(4):
        one = ForecastGame(config, seed=game.seed, registry=registry, game=i % 2)
        group = groups[i // 2]
        assert_is_game(out, i, one.run(group.initial, world=group.world))
    # Branches of all kinds had weight: the plain doubt, alternatives, and both together.
    used = {
        label.partition("|")[2]
        for column, label in enumerate(out.first.labels)
        if (out.first.weights[:, :, column] > 0.0).any()
    }
    each = [f"lists {i}" for i in (1, 2, 3, 4)]
    assert used == {
        "",
        "replaced",
        *(f"replaced {one}" for one in each),
        *(f"replaced + {one}" for one in each),
    }


def test_prints_of_a_world_with_vintages_are_doubted_until_they_are_settled(series, assert_is_game):
    record = series(60, 7, decimals=2)
    rng = np.random.default_rng(0)
    releases = []
    for t, row in enumerate(record.rows):
        first = t + int(rng.integers(0, 2))
        releases.append(Release(t, first, round(row.value + float(rng.normal()), 2)))
        releases.append(Release(t, first + 2, row.value))
    revised = VintageWorld.of(record, releases, settled_after=3)
    plain = VintageWorld.of(
        record, [Release(t, t, row.value) for t, row in enumerate(record.rows)], settled_after=2
    )
    config = SimulationConfig(
        horizon=8, horizons=(1, 2), reveal_lag=2, attack_cap=3.0, disturbance_prob=0.0
    )
    registry = AgentRegistry(
        (RandomWalk(), AutoRegression(2, name="ar2")),
        HITS,
        (ListingDefender(sensitivities_wanted=3), DefenderAgent()),
    )
    game = ForecastGame(config, registry=registry)
    worlds = (revised, plain)
    groups = [GameGroup(one.initial_state(40), one, n_games=2, rounds=8) for one in worlds]
    out = game.run_groups(groups, keep=("components", "claims"))
    reach = set()
    for i in range(4):
        own, world = ForecastGame(config, registry=registry, game=i % 2), worlds[i // 2]
        one = own.run(world.initial_state(40), 8, world=world, attribution=False)
        assert_is_game(out, i, one)
        said = [a for step in one.steps for a in step.actions if a.actor == "lists"]
        reach |= {(i // 2, len(x.pattern)) for a in said for x in a.alternatives}
    assert {(0, 3), (1, 2)} <= reach
    # Values that come out once and are settled two rounds later are a reveal lag of two.
    late = game.run(record.initial_state(40), 8, world=record, attribution=False)
    same = game.run(plain.initial_state(40), 8, world=plain, attribution=False)
    assert [s.issued for s in late.steps] == [s.issued for s in same.steps]
