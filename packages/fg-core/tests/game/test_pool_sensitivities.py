"""Sensitivities of the pool's one-step forecast, as defenders that want them are given."""

from dataclasses import dataclass

import numpy as np
import pytest

from fg_core import (
    AgentAction,
    AgentRegistry,
    AutoRegression,
    ConfigError,
    Drift,
    ForecastGame,
    ForecastState,
    PoolAggregator,
    RandomWalk,
    SeasonalNaive,
    SimulationConfig,
)
from fg_core.protocols import OutlierAssessment
from fg_core.testing import PlainAggregator, QuantileForecaster


@dataclass(frozen=True)
class Echo:
    """Doubts nothing, and writes one of the sensitivities into its correction."""

    place: int
    sensitivities_wanted: int = 5

    @property
    def name(self):
        return f"echo {self.place}"

    def act(self, state, predictive, sensitivities):
        assert isinstance(sensitivities, tuple)
        assert len(sensitivities) == self.sensitivities_wanted
        return AgentAction(self.name, sensitivities[self.place], p_bad=0.0)

    def act_array(self, state, predictive, sensitivities):
        assert sensitivities.shape == (self.sensitivities_wanted, state.n_games)
        assert not sensitivities.flags.writeable
        return OutlierAssessment(sensitivities[self.place], 0.0, 0.0)


def told(forecasters, world, aggregator=None, n=2, rounds=4, defender=Echo, **settings):
    """What each round's defenders are told in a batch, shape (value, game, round), and the game."""
    config = SimulationConfig(horizon=rounds, disturbance_prob=0.0, **settings)
    registry = AgentRegistry(
        forecasters, (), tuple(defender(k) for k in range(5)), aggregator or PlainAggregator()
    )
    game = ForecastGame(config, registry=registry)
    initial = world.initial_state(40)
    out = game.run_batch(initial, n, world=world, keep=("doubts",))
    one = game.run(initial, world=world)
    for k in range(5):
        said = [next(a.delta for a in s.actions if a.actor == f"echo {k}") for s in one.steps]
        assert out.doubts[f"echo {k}"].delta[0].tolist() == said
    return np.array([out.doubts[f"echo {k}"].delta for k in range(5)]), out


@pytest.mark.parametrize("lag", [1, 2])
@pytest.mark.parametrize("horizons", [(1,), (3,)])
def test_those_of_one_autoregression_are_its_coefficients(series, lag, horizons):
    world = series(60, 1)
    found, out = told((AutoRegression(3),), world, reveal_lag=lag, horizons=horizons)
    window = world.training(world.initial_state(40)).last(None, gap=lag - 1)
    phi = AutoRegression(3).fit(window).fitted.phi
    for k in range(5):
        np.testing.assert_allclose(found[k], phi[k] if k < 3 else 0.0, rtol=1e-9, atol=1e-12)
    # The one-step forecast is made and learned from, whether it is asked for or not.
    assert 1 in out.weights or not out.weights


def test_a_pool_weighs_those_of_its_forecasters(series):
    world = series(60, 1)
    forecasters = (RandomWalk(), SeasonalNaive(4), AutoRegression(2))
    found, out = told(forecasters, world, PoolAggregator("bayesian"))
    phi = AutoRegression(2).fit(world.training(world.initial_state(40))).fitted.phi
    own = np.array([[1, 0, 0, 0, 0], [0, 0, 0, 1, 0], [*phi, 0, 0, 0]])
    # Games of one series go on from the same weights; the last ones belong to the next round.
    longer, _ = told(forecasters, world, PoolAggregator("bayesian"), rounds=5)
    np.testing.assert_allclose(longer[:, 0, 4], out.weights[1][0] @ own, rtol=1e-9, atol=1e-12)
    assert not np.allclose(found[:, 0, 0], found[:, 0, 3])


def test_values_that_the_state_does_not_show_have_none(series):
    world = series(60, 1)
    found, _ = told((SeasonalNaive(4), AutoRegression(2)), world, lookback=3)
    assert (found[4] == 0.0).all()
    np.testing.assert_allclose(found[3], 0.5, rtol=1e-12)


def test_a_stated_distribution_moves_as_a_whole(series):
    world = series(60, 1)
    found, _ = told((QuantileForecaster(), Drift()), world)
    assert np.isfinite(found).all()
    assert found[0, 0] == pytest.approx(1.0)
    assert (np.abs(found[1:]) < 1e-9).all()


def test_a_season_that_the_one_step_forecast_needs_is_asked_for_before_the_first_round(series):
    world = series(60, 1)
    settings = {"season_length": 4, "horizons": (4,), "reveal_lag": 4, "lookback": 2}
    config = SimulationConfig(horizon=4, **settings)
    initial = world.initial_state(40)
    for defenders in ((), (Echo(0),)):
        registry = AgentRegistry((SeasonalNaive(4),), (), defenders, PlainAggregator())
        game = ForecastGame(config, registry=registry)
        if defenders:
            with pytest.raises(ConfigError, match="needs 3 earlier values"):
                game.run(initial, world=world)
        else:
            assert len(game.run(initial, world=world).steps) == 4


def test_who_wants_none_is_given_none():
    @dataclass(frozen=True)
    class Plain(Echo):
        sensitivities_wanted: int = 0

        def act(self, state, predictive):
            return AgentAction(self.name, 0.0, p_bad=0.0)

    config = SimulationConfig(horizon=2, horizons=(3,), reveal_lag=2)
    game = ForecastGame(config, registry=AgentRegistry((RandomWalk(),), (), (Plain(0),)))
    out = game.run(ForecastState(0, 1.0, 0.0, 0.0))
    assert sorted(out.weights) == [2, 3]
