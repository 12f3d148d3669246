"""Models as forecasters, alone and in the game."""

import math
import warnings
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np
import pytest

from fg_agents import (
    ARIMABackend,
    ETSBackend,
    LocalLevelBackend,
    ModelForecaster,
    PassthroughBackend,
    ThetaBackend,
    TopDownAgent,
)
from fg_agents.backends._threads import one_thread
from fg_agents.linear import LinearForecaster, ShrunkAutoregression
from fg_core import (
    AgentError,
    AgentRegistry,
    ConfigError,
    DefenderAgent,
    ForecastGame,
    ForecastState,
    Observation,
    RandomWalk,
    Registry,
    ReplayWorld,
    SimulationConfig,
    TrainingWindow,
)
from fg_core.agents import ScriptedAdversary
from fg_core.lookback import check_lookback
from fg_core.testing import check_forecaster

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from statsmodels.datasets import macrodata
    from statsmodels.tsa.statespace.sarimax import SARIMAX

FIRST, ROUNDS = 100, 22


@dataclass(frozen=True)
class Jump:
    """A model without a sensitivity of its own: it says two things, by the side of an edge."""

    edge: float = 2.0

    def fit(self, window):
        return self

    def predict(self, state, horizon=1):
        return -0.1 if state.value > self.edge else 0.1

    def predict_scale(self, state, horizon=1):
        return 0.3


@pytest.fixture(scope="module")
def world():
    values = macrodata.load_pandas().data.unemp.to_numpy()
    rows = []
    for t, value in enumerate(values.tolist()):
        moment = datetime(1959 + t // 4, 3 * (t % 4) + 1, 1, tzinfo=UTC)
        rows.append(Observation(moment, value, {}, moment, "unemp", "test"))
    return ReplayWorld(tuple(rows), season_length=4)


def play(world, agents, *, disturbed=False, defenders=(), adversaries=(), **settings):
    config = SimulationConfig(
        **{"refit_every": 4, "horizons": (1, 4), "enable_refactor": False, **settings}
    )
    registry = AgentRegistry(tuple(agents), tuple(adversaries), tuple(defenders))
    game = ForecastGame(config, seed=11, registry=registry)
    return game.run(world.initial_state(FIRST), ROUNDS, world=world, disturbed=disturbed)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(item.name, marks=pytest.mark.slow if item.name in ("arima", "xgboost") else ())
        for item in Registry("fg_core.forecasters").items()
        if item.target.startswith("fg_agents.backends.")
    ],
)
def test_is_plugged_in_and_conforms(name):
    agent = Registry("fg_core.forecasters").load(name)()
    assert agent.name == name
    check_forecaster(agent)


def test_acts_as_its_backend_predicts():
    window = TrainingWindow(np.cumsum(np.random.default_rng(0).standard_normal(50)), 49)
    state = ForecastState(51, 2.0, 0.0, 0.0, history=(1.5, 1.0))
    backend = LocalLevelBackend().fit(window)
    agent = ModelForecaster(LocalLevelBackend(), "mine").fit(window)
    for horizon in (1, 6):
        action = agent.act(state, horizon)
        assert action.actor == "mine"
        assert action.delta == backend.predict(state, horizon)
        assert action.scale == backend.predict_scale(state, horizon)
        assert agent.sensitivity(state, horizon) == backend.sensitivity(state, horizon)
    assert ModelForecaster(PassthroughBackend(), "last").fit(window).sensitivity(state) == 1.0


def test_has_a_sensitivity_where_its_model_has_one():
    # A finite difference of a jump is as large as its step is small: the game takes its own.
    assert not hasattr(ModelForecaster(Jump(), "jump"), "sensitivity")
    for edge in (-1.0, 0.0, 2.0):
        check_forecaster(ModelForecaster(Jump(edge), "jump"))


def walk_forward(values, order, origins, horizon):
    """Levels and scales from statsmodels alone: fitted at every fourth origin, filtered between."""
    rows = []
    with warnings.catch_warnings(), one_thread():
        warnings.simplefilter("ignore")
        for t in origins:
            if (t - FIRST) % 4 == 0:
                train = values[: t + 1]
                size = np.sqrt(np.mean(np.diff(train) ** 2))
                center, unit = train[0], 2.0 ** np.frexp(size)[1]
                scaled = (train - center) / unit
                trend = "n" if order[1] else "c"
                found = SARIMAX(scaled, order=order, trend=trend, simple_differencing=True).fit(
                    disp=False, maxiter=100, cov_type="none"
                )
            scaled = (values[: t + 1] - center) / unit
            levels = SARIMAX(scaled, order=order, trend=trend, use_exact_diffuse=True)
            forecast = levels.filter(found.params).get_forecast(horizon)
            rows.append((center + unit * forecast.predicted_mean[-1], unit * forecast.se_mean[-1]))
    return np.array(rows)


@pytest.mark.parametrize("order", [(1, 1, 1), (2, 0, 1)])
def test_the_game_is_a_walk_forward_of_statsmodels(world, order):
    out = play(world, [ModelForecaster(ARIMABackend(order), "arima"), RandomWalk()])
    values = np.array([row.value for row in world.rows])
    for horizon in (1, 4):
        scored = sorted(
            (f for step in out.steps for f in step.scored if f.issued.horizon == horizon),
            key=lambda f: f.issued.origin,
        )
        origins = [f.issued.origin for f in scored]
        assert origins == list(range(FIRST, FIRST + ROUNDS + 1 - horizon))
        expected = walk_forward(values, order, origins, horizon)
        actions = [f.issued.actions[0] for f in scored]
        ours = np.array([values[t] + a.delta for t, a in zip(origins, actions, strict=True)])
        np.testing.assert_allclose(ours, expected[:, 0], rtol=0, atol=1e-8)
        np.testing.assert_allclose([a.scale for a in actions], expected[:, 1], rtol=0, atol=1e-8)


def test_doubted_prints_do_not_break_it(world):
    agents = [
        ModelForecaster(ARIMABackend((1, 1, 1)), "arima"),
        ModelForecaster(ETSBackend(season="none"), "ets"),
        ModelForecaster(ThetaBackend(), "theta"),
        ModelForecaster(LocalLevelBackend(), "local_level"),
    ]
    out = play(
        world,
        agents,
        disturbed=True,
        adversaries=[ScriptedAdversary({FIRST + k: 4.0 for k in (3, 4, 8, 13)})],
        defenders=[DefenderAgent()],
        attack_cap=20.0,
        attack_total=200.0,
        disturbance_prob=0.3,
    )
    assert out.convergence["prints_doubted"] > 0
    assert not out.convergence["missing"]
    assert all(math.isfinite(f.crps) for step in out.steps for f in step.scored)
    assert set(out.weights[1]) == {agent.name for agent in agents}


def test_the_pool_goes_on_without_what_does_not_converge(world):
    starved = ModelForecaster(ARIMABackend((2, 1, 2), maxiter=1), "arima")
    out = play(world, [starved, RandomWalk()])
    alone = play(world, [RandomWalk()])
    assert out.convergence["missing"]["arima"] > 0
    for step, other in zip(out.steps, alone.steps, strict=True):
        assert step.forecast == pytest.approx(other.forecast, rel=1e-12)
    told = [m.payload for step in out.steps for m in step.messages if m.sender == "arima"]
    assert told
    assert all(payload.startswith("no forecast at this origin") for payload in told)


def test_a_lookback_too_short_for_the_refits_is_named(world):
    agent = ModelForecaster(ARIMABackend((1, 1, 0)), "arima")
    play(world, [agent], lookback=8, horizons=(1,))
    with pytest.raises(ConfigError, match="set lookback to"):
        play(world, [agent], lookback=8, horizons=(1,), refit_every=16)


def test_forecasters_are_values():
    agent = ModelForecaster(ThetaBackend(), "theta")
    assert agent == replace(agent)
    assert hash(agent) == hash(replace(agent))
    with pytest.raises(AttributeError):
        agent.name = "other"


@pytest.mark.parametrize("backend", [LocalLevelBackend(), ThetaBackend(), ETSBackend()], ids=repr)
def test_a_filter_that_is_not_refitted_needs_all_values_since_its_fit(backend):
    series = np.random.default_rng(5).normal(size=40).cumsum()
    agent = ModelForecaster(backend, "model").fit(TrainingWindow(series[:30], 29))
    assert [agent.required_history(since_fit=n) for n in (1, 2, 9)] == [0, 1, 8]
    config = SimulationConfig(lookback=8)
    check_lookback([agent], config, 9)
    with pytest.raises(ConfigError, match=r"model needs 9 earlier values; set lookback to 9 or"):
        check_lookback([agent], config, 10)
    state = ForecastState(38, series[38], 0.0, 0.0, history=tuple(series[30:38].tolist()))
    assert agent.act(state).scale > 0.0
    with pytest.raises(AgentError, match="needs the 8 values"):
        agent.act(replace(state, history=state.history[1:]))


def test_a_model_that_could_not_be_fitted_needs_nothing():
    still = ModelForecaster(LocalLevelBackend(), "model").fit(TrainingWindow([1.0] * 30, 29))
    assert still.required_history(since_fit=100) == 0


def test_regressions_need_what_their_lags_reach():
    window = TrainingWindow(np.random.default_rng(6).normal(size=60).cumsum(), 59)
    top_down = TopDownAgent(changes=3).fit(window)
    linear = LinearForecaster(ShrunkAutoregression(3), "linear").fit(window)
    state = ForecastState(60, 0.5, 0.0, 0.0, history=(0.1, 0.7, 0.2))
    assert top_down.required_history() == 3
    needed = linear.required_history()
    assert needed == linear.fitted.model.order - 1 > 0
    linear.act(replace(state, history=state.history[-needed:]))
    with pytest.raises(AgentError, match=f"needs {needed} earlier values"):
        linear.act(replace(state, history=state.history[-needed:][1:]))


def test_a_backend_that_does_not_say_what_it_needs_has_nothing_to_say():
    assert not hasattr(ModelForecaster(Jump(), "jump"), "required_history")
