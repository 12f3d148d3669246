"""A forecaster on another scale: moments against simulation, games against transformed games."""

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
    Drift,
    EqualWeightPool,
    ForecastGame,
    ForecastState,
    ForecastUnavailable,
    Observation,
    RandomHits,
    RandomWalk,
    ReplayWorld,
    ScriptedAdversary,
    SimulationConfig,
    TrainingWindow,
)
from fg_core.batch import StateArrays
from fg_core.protocols import Revealed
from fg_core.testing import DrawingForecaster, check_array_form, check_forecaster
from fg_core.transforms import (
    GRID_LEVELS,
    LogTransform,
    StandardisedChanges,
    TransformedForecaster,
)

PHI, MU, SIGMA = 0.7, 1.0, 0.3


@dataclass(frozen=True)
class KnownAR:
    """The true AR(1) of the logarithm."""

    name: str = "known"

    def act(self, state, horizon=1):
        kept = PHI**horizon
        scale = SIGMA * np.sqrt((1.0 - kept * kept) / (1.0 - PHI * PHI))
        return AgentAction(self.name, (kept - 1.0) * (state.value - MU), scale=float(scale))


@dataclass(frozen=True)
class Wide:
    """States a scale, or none, of any size."""

    scale: float | None
    delta: float = 0.0
    name: str = "wide"

    def act(self, state, horizon=1):
        return AgentAction(self.name, self.delta, scale=self.scale)


@dataclass(frozen=True)
class Remembers:
    """Learns the last value that it was told, and what was reported of it."""

    name: str = "remembers"
    group: str = "memories"
    told: tuple = ()

    learns_from_values = True

    def update(self, revealed):
        return replace(self, told=(*self.told, (revealed.value, revealed.reported)))

    def act(self, state, horizon=1):
        return AgentAction(self.name, 0.1 * len(self.told), scale=1.0)


def path(n=120, seed=3):
    rng = np.random.default_rng(seed)
    z = np.zeros(n)
    for t in range(1, n):
        z[t] = MU + PHI * (z[t - 1] - MU) + SIGMA * rng.normal()
    return np.exp(z)


def replay(values):
    first = datetime(2000, 1, 1, tzinfo=UTC)
    days = [first + timedelta(days=i) for i in range(len(values))]
    return ReplayWorld(
        tuple(
            Observation(day, float(value), {}, day, "s", "x")
            for day, value in zip(days, values, strict=True)
        )
    )


# ----------------------------------------------------------------------------------- what it says


@pytest.mark.parametrize("horizon", [1, 3])
def test_moments_and_quantiles_are_those_of_simulated_paths(horizon):
    agent = TransformedForecaster(KnownAR(), LogTransform())
    state = ForecastState(9, 5.0, 0.0, 0.0, history=(2.0, 3.0))
    said = agent.act(state, horizon)
    rng = np.random.default_rng(1)
    z = np.full(400_000, np.log(5.0))
    for _ in range(horizon):
        z = MU + PHI * (z - MU) + SIGMA * rng.normal(size=z.size)
    future = np.exp(z)
    error = future.std() / np.sqrt(future.size)
    assert 5.0 + said.delta == pytest.approx(future.mean(), abs=5.0 * error)
    assert said.scale == pytest.approx(future.std(), rel=0.02)
    # The mapped mean of the logarithm is the median, and lies well below.
    assert np.exp(z.mean()) < future.mean() - 20.0 * error
    quantiles = agent.quantiles(state, horizon)
    assert len(GRID_LEVELS) == quantiles.size == 19
    np.testing.assert_allclose(quantiles, np.quantile(future, GRID_LEVELS), rtol=0.01)
    assert agent.predictive(state, horizon).mean == 5.0 + said.delta


@pytest.mark.parametrize("refit_every", [0, 3])
def test_a_game_is_the_game_on_logarithms_mapped(refit_every):
    values = path()
    config = SimulationConfig(
        horizon=30, horizons=(1, 2), disturbance_prob=0.0, refit_every=refit_every
    )
    inner = AutoRegression(order=2)
    agents = {"plain": inner, "log": TransformedForecaster(inner, LogTransform(), name="ar")}
    out = {}
    for name, series in (("plain", np.log(values)), ("log", values)):
        world = replay(series)
        game = ForecastGame(config, registry=AgentRegistry((agents[name],), (), ()))
        out[name] = game.run_batch(world.initial_state(80), 1, world=world, keep=("claims",))
    for h in config.horizons:
        there, here = out["plain"].horizons[h], out["log"].horizons[h]
        m = out["plain"].prints[0] + there.deltas[0, :, 0]
        square = there.stated_scales[0, :, 0] ** 2
        mean = np.exp(m + 0.5 * square)
        np.testing.assert_allclose(
            out["log"].prints[0] + here.deltas[0, :, 0], mean, rtol=1e-11, atol=0.0
        )
        np.testing.assert_allclose(
            here.stated_scales[0, :, 0], mean * np.sqrt(np.expm1(square)), rtol=1e-11, atol=0.0
        )
    # Scores are in the unit of the series.
    assert out["log"].targets[0].tolist() == values[81:111].tolist()


def test_standardised_changes_are_read_from_the_last_value():
    values = path()
    transform = StandardisedChanges(half_life=5.0)
    agent = TransformedForecaster(Wide(2.0, 0.5), transform).fit(TrainingWindow(values[:80], 79))
    known = transform.fit(TrainingWindow(values[:80], 79))
    state = ForecastState(89, values[89], 0.0, 0.0, history=tuple(values[70:89].tolist()))
    said = agent.act(state)
    volatility = known.scales(values[:90])[-1]
    assert said.delta == pytest.approx(0.5 * volatility, rel=1e-9)
    assert said.scale == pytest.approx(2.0 * volatility, rel=1e-9)


def test_the_inner_forecaster_sees_the_other_scale_alone():
    seen = []

    @dataclass(frozen=True)
    class Spy:
        name: str = "spy"

        def fit(self, window):
            seen.append(window)
            return self

        def act(self, state, horizon=1):
            seen.append(state)
            return AgentAction(self.name, 0.0)

    window = TrainingWindow(
        [1.0, 2.0, 4.0], 7, segments=[{"a": x} for x in (1.0, 2.0, 4.0)], season_length=3
    )
    agent = TransformedForecaster(Spy(), LogTransform()).fit(window)
    state = ForecastState(
        8, 8.0, 0.7, 0.0, "x", {"a": 8.0}, {"rate": 3.0}, (2.0, 4.0), n_unrevealed=1
    )
    assert agent.act(state).delta == pytest.approx(0.0, abs=1e-14)
    fitted_on, shown = seen
    np.testing.assert_array_equal(fitted_on.values, np.log([1.0, 2.0, 4.0]))
    assert (fitted_on.end_t, fitted_on.season_length, fitted_on.segments) == (7, 3, ())
    assert shown.path == tuple(np.log([2.0, 4.0, 8.0]).tolist())
    assert (shown.exogenous, dict(shown.segment_values), shown.n_unrevealed) == (0.0, {}, 1)
    assert dict(shown.macro_context) == {"rate": 3.0}


def test_without_a_scale_the_forecast_is_mapped_as_a_point():
    state = ForecastState(3, 4.0, 0.0, 0.0)
    agent = TransformedForecaster(Wide(None, np.log(2.0)), LogTransform())
    said = agent.act(state)
    assert (said.delta, said.scale) == (pytest.approx(4.0), None)
    assert agent.predictive(state) is agent.quantiles(state) is None
    certain = TransformedForecaster(Wide(0.0, np.log(2.0)), LogTransform()).act(state)
    assert (certain.delta, certain.scale) == (said.delta, 0.0)


# --------------------------------------------------------------------------------- where it cannot


def test_a_value_without_a_transform_leaves_no_forecast():
    agent = TransformedForecaster(RandomWalk(), LogTransform()).fit(TrainingWindow([1.0, 2.0, 1.5]))
    with pytest.raises(ForecastUnavailable, match="'random_walk_log' has no forecast at period 3"):
        agent.act(ForecastState(3, -1.0, 0.0, 0.0, history=(1.0, 2.0)))
    with pytest.raises(ForecastUnavailable, match="larger offset"):
        agent.fit(TrainingWindow([1.0, 0.0]))
    with pytest.raises(ForecastUnavailable, match="too large"):
        TransformedForecaster(Wide(60.0), LogTransform()).act(ForecastState(3, 1.0, 0.0, 0.0))
    with pytest.raises(ForecastUnavailable, match="original scale"):
        TransformedForecaster(Wide(None, 800.0), LogTransform()).act(
            ForecastState(3, 1.0, 0.0, 0.0)
        )


def test_a_false_value_below_zero_stops_no_game():
    values = path()
    world = replay(values)
    registry = AgentRegistry(
        (TransformedForecaster(AutoRegression(order=1), LogTransform()), RandomWalk()),
        (ScriptedAdversary({85: -50.0}),),
        (DefenderAgent(),),
    )
    config = SimulationConfig(
        horizon=12, disturbance_prob=0.0, attack_cap=np.inf, attack_total=np.inf, refit_every=5
    )
    out = ForecastGame(config, registry=registry).run(world.initial_state(80), world=world)
    assert out.convergence["missing"] == {"ar_log": 1}
    assert [step.observation.value < 0.0 for step in out.steps].count(True) == 1


def test_a_path_that_is_cut_is_refused_before_the_game():
    values = path()
    transform = StandardisedChanges()
    agent = TransformedForecaster(RandomWalk(), transform)
    world = replay(values)
    registry = AgentRegistry((agent,), (), ())
    config = SimulationConfig(horizon=30, lookback=10, disturbance_prob=0.0)
    with pytest.raises(ConfigError, match="needs 29 earlier values"):
        ForecastGame(config, registry=registry).run(world.initial_state(80), world=world)
    enough = replace(config, refit_every=10)
    out = ForecastGame(enough, registry=registry).run(world.initial_state(80), world=world)
    assert len(out.steps) == 30
    fitted = agent.fit(TrainingWindow(values[:80], 79))
    with pytest.raises(AgentError, match="every value since its fit"):
        fitted.act(ForecastState(95, 3.0, 0.0, 0.0, history=(1.0, 2.0)))
    with pytest.raises(AgentError, match="fitted from period 200 on"):
        replace(fitted, past_t=200).act(ForecastState(95, 3.0, 0.0, 0.0, history=(1.0, 2.0)))


def test_logarithms_need_no_path():
    agent = TransformedForecaster(AutoRegression(order=3), LogTransform())
    fitted = agent.fit(TrainingWindow(path()))
    assert fitted.required_history(since_fit=50) == 2
    assert fitted.past == ()
    other = TransformedForecaster(AutoRegression(order=3), StandardisedChanges())
    assert other.fit(TrainingWindow(path())).required_history(since_fit=50) == 49


# --------------------------------------------------------------------------------------- learning


def test_what_the_inner_forecaster_has_it_has():
    plain = TransformedForecaster(RandomWalk(), LogTransform())
    for what in ("update", "with_draws", "group", "sensitivity"):
        assert not hasattr(plain, what)
    learner = TransformedForecaster(Remembers(), LogTransform())
    assert learner.learns_from_values
    assert learner.group == "memories"
    assert not learner.array_form
    drawing = TransformedForecaster(DrawingForecaster(), LogTransform())
    assert hasattr(drawing, "with_draws")


def test_it_learns_on_the_other_scale():
    agent = TransformedForecaster(Remembers(), LogTransform())
    told = Revealed(ForecastState(3, 2.0, 0.0, 0.0), 4.0)
    learned = agent.update(told)
    assert learned.inner.told == ((np.log(2.0), np.log(4.0)),)
    # A false value below 0 has no logarithm: the true one is told in its place.
    assert agent.update(replace(told, reported=-4.0)).inner.told == ((np.log(2.0), np.log(2.0)),)
    below = replace(told, state=ForecastState(3, -2.0, 0.0, 0.0))
    assert agent.update(below) is agent


# ------------------------------------------------------------------------------------ conformance

AGENTS = {
    "walk": TransformedForecaster(RandomWalk(), LogTransform(3.0)),
    "ar": TransformedForecaster(AutoRegression(order=2), LogTransform(3.0)),
    "pool": TransformedForecaster(
        EqualWeightPool((RandomWalk(), Drift(), AutoRegression(order=1))), LogTransform(3.0)
    ),
    "changes": TransformedForecaster(AutoRegression(order=1), StandardisedChanges()),
}


@pytest.mark.parametrize("name", [*AGENTS, "learner", "drawing"])
def test_it_conforms(name):
    more = {
        "learner": TransformedForecaster(Remembers(), LogTransform(3.0)),
        "drawing": TransformedForecaster(DrawingForecaster(), LogTransform(3.0)),
    }
    check_forecaster({**AGENTS, **more}[name])


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=() if name == "walk" else pytest.mark.slow)
        for name in sorted(AGENTS)
    ],
)
def test_its_array_form_has_the_bits_of_its_scalar_form(name):
    check_array_form(AGENTS[name], "forecaster")


@given(
    st.integers(0, 1000),
    st.sampled_from((LogTransform(), LogTransform(2.0), StandardisedChanges())),
)
@settings(max_examples=settings.default.max_examples // 5)
def test_batches_of_several_series_are_their_games(seed, transform):
    """Hits of any size: some lanes have no transform, and say why."""
    registry = AgentRegistry(
        (
            RandomWalk(),
            TransformedForecaster(AutoRegression(order=1), transform),
            TransformedForecaster(Wide(None, 0.1), transform),
        ),
        (RandomHits(),),
        (DefenderAgent(),),
    )
    config = SimulationConfig(
        horizon=6, disturbance_prob=0.5, attack_cap=6.0, attack_total=30.0, refit_every=2
    )
    game = ForecastGame(config, registry=registry, seed=seed)
    world = replay(path(60, seed))
    initial = world.initial_state(50)
    out = game.run_batch(initial, 3, world=world)
    for i in range(3):
        one = ForecastGame(config, registry=registry, seed=seed, game=i).run(initial, world=world)
        assert out.means[i].tolist() == [step.forecast for step in one.steps]
        assert out.crps[i].tolist() == [-step.reward_breakdown["team"] for step in one.steps]
        missing = {name: int(count[i]) for name, count in out.missing.items() if count[i]}
        assert missing == dict(one.convergence["missing"])
        reasons = {
            name: {kind: int(count[i]) for kind, count in kinds.items() if count[i]}
            for name, kinds in out.missing_reasons.items()
            if name in missing
        }
        told = one.convergence["missing_reasons"]
        assert reasons == {name: dict(kinds) for name, kinds in told.items()}


def test_agents_of_several_series_are_stacked():
    windows = [TrainingWindow(path(60, seed)) for seed in (1, 2)]
    fits = [AGENTS["ar"].fit(window) for window in windows]
    stacked = TransformedForecaster.stack(fits)
    assert stacked is not None
    states = [
        ForecastState(60, values[-1] + 0.5, 0.0, 0.0, history=tuple(values[-9:]))
        for values in (window.values.tolist() for window in windows)
    ]
    arrays = StateArrays(
        60,
        np.array([one.value for one in states]),
        np.zeros(2),
        np.zeros(2),
        history=tuple(
            np.array(pair) for pair in zip(*(one.history for one in states), strict=True)
        ),
    )
    for horizon in (1, 4):
        together = stacked.act_array(arrays, horizon)
        alone = [fit.act(state, horizon) for fit, state in zip(fits, states, strict=True)]
        assert together.delta.tolist() == [one.delta for one in alone]
        assert together.scale.tolist() == [one.scale for one in alone]
    changes = [AGENTS["changes"].fit(window) for window in windows]
    assert TransformedForecaster.stack(changes) is None
    other = replace(fits[1], transform=LogTransform(4.0))
    assert TransformedForecaster.stack([fits[0], other]) is None
