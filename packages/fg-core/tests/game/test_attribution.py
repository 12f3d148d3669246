"""Who is credited with what, and that crediting shows nobody anything early."""

from dataclasses import dataclass, field

import numpy as np
import pytest

from fg_core import (
    AgentAction,
    AgentRegistry,
    AutoRegression,
    DefenderAgent,
    ForecastGame,
    ForecastState,
    RandomWalk,
    ScriptedAdversary,
    SimulationConfig,
    crps,
)
from fg_core.game import GameGroup

BEGIN = 30


def truth_of(seen, state):
    """What an agent knows of periods that are not revealed, beyond what was reported of them."""
    begin = len(state.history) - state.n_unrevealed
    first_t = state.t - len(state.history)
    hidden = [(first_t + i, x) for i, x in enumerate(state.history) if i >= begin]
    seen.setdefault(state.t, set()).add(state.value)
    return sum(x - reported for t, reported in hidden for x in sorted(seen.get(t, ())))


@dataclass(frozen=True)
class Spy:
    """Remembers every value that it is ever asked about, and uses those of unrevealed periods.

    It is not pure, as agents have to be: so what it is asked about must not tell it anything.
    """

    name: str = "spy"
    seen: dict = field(default_factory=dict, compare=False)

    def act(self, state, horizon=1):
        return AgentAction(self.name, truth_of(self.seen, state), scale=1.0)

    def sensitivity(self, state, horizon=1):
        return 1.0


@dataclass(frozen=True)
class Informer:
    """A defender that remembers as a spy does."""

    name: str = "informer"
    seen: dict = field(default_factory=dict, compare=False)

    def act(self, state, predictive):
        return AgentAction(self.name, truth_of(self.seen, state), scale=0.1, p_bad=0.5)


def game_of(forecasters, defenders, lag, horizons=(1, 2)):
    hits = np.where(np.arange(30) % 3 == 0, 2.0, 0.0)
    config = SimulationConfig(
        horizon=12,
        horizons=horizons,
        reveal_lag=lag,
        refit_every=4,
        disturbance_prob=0.0,
        attack_cap=9.0,
        attack_total=1e9,
        attack_cost=0.1,
        enable_refactor=False,
    )
    registry = AgentRegistry(forecasters, (ScriptedAdversary(hits, first_t=BEGIN),), defenders)
    return ForecastGame(config, seed=5, registry=registry)


@pytest.mark.parametrize("lag", [1, 2, 3])
@pytest.mark.parametrize("batch", [False, True])
def test_who_remembers_what_it_was_asked_gains_nothing(series, lag, batch):
    """Counterfactuals ask about the true value, so they must not be made before it is revealed."""
    world = series(60, 1)

    def played(attribution):
        game = game_of((Spy(), RandomWalk()), (Informer(),), lag)
        initial = world.initial_state(BEGIN)
        if not batch:
            out = game.run(initial, world=world, attribution=attribution)
            return [[(f.forecast.mean, f.forecast.variance) for f in s.issued] for s in out.steps]
        groups = (GameGroup(initial, world, n_games=1),)
        out = game.run_groups(groups, attribution=attribution)
        return [(a.mean.tolist(), a.variance.tolist()) for a in out.horizons.values()]

    assert played(True) == played(False)


def test_a_spy_that_is_asked_about_the_truth_tells_it():
    """The test above can fail."""
    spy = Spy()
    later = ForecastState(4, 6.0, 0.0, 0.0, history=(5.0,), n_unrevealed=1)
    spy.act(ForecastState(3, 5.0, 0.0, 0.0))
    assert spy.act(later).delta == 0.0
    spy.act(ForecastState(3, 9.0, 0.0, 0.0))
    assert spy.act(later).delta == 4.0


@pytest.mark.parametrize("lag", [1, 2, 3])
@pytest.mark.parametrize("horizons", [(1,), (2, 1)])
def test_credits_come_with_the_reveal_and_the_score(series, lag, horizons):
    world = series(60, 1)
    game = game_of((RandomWalk(), AutoRegression(2)), (DefenderAgent(),), lag, horizons)
    out = game.run(world.initial_state(BEGIN), world=world)
    first = horizons[0]
    # What was forecast in round r is scored in round r + h - 1, and revealed in r + lag - 1.
    came = [r for r, step in enumerate(out.steps) if "script" in step.reward_breakdown]
    assert came == list(range(max(first, lag) - 1, 12))
    scored = [r for r, step in enumerate(out.steps) if step.reward_breakdown["team"] != 0.0]
    assert scored == list(range(first - 1, 12))
    # They are the same whenever they come: alone and as arrays.
    many = game.run_groups((GameGroup(world.initial_state(BEGIN), world),), attribution=True)
    for name, credit in many.attribution.items():
        told = [step.reward_breakdown.get(name, np.nan) for step in out.steps]
        assert np.array_equal(credit[0], told, equal_nan=True)


@pytest.mark.parametrize("lag", [1, 2, 3])
def test_the_credit_of_a_hit_is_the_loss_that_the_game_without_it_is_spared(series, lag):
    """The game is played once more without that one hit; nothing else differs by then."""
    world = series(60, 1)
    forecasters = (RandomWalk(), AutoRegression(2))
    game = game_of(forecasters, (DefenderAgent(),), lag, (1,))
    out = game.run(world.initial_state(BEGIN), world=world)
    hits = [step.attack for step in out.steps]
    for r in (0, 3, 6):
        assert hits[r] != 0.0
        script = np.array(hits)
        script[r] = 0.0
        spared = ForecastGame(
            game.config,
            seed=5,
            registry=AgentRegistry(
                forecasters, (ScriptedAdversary(script, first_t=BEGIN),), (DefenderAgent(),)
            ),
        ).run(world.initial_state(BEGIN), world=world)
        assert [s.attack for s in spared.steps] == script.tolist()
        issued, without = (one.steps[r].issued[0].forecast for one in (out, spared))
        target = out.steps[r].target
        gain = crps(issued, target) - crps(without, target)
        cost = 0.1 * abs(hits[r]) / out.step_scale
        credit = out.steps[r + lag - 1].reward_breakdown["script"]
        assert credit == pytest.approx(gain - cost, abs=1e-12)
        # Who did nothing is credited with nothing.
    assert out.steps[1 + lag - 1].reward_breakdown["script"] == 0.0


@pytest.mark.parametrize("lag", [1, 2])
def test_the_credit_of_a_defender_is_the_loss_that_it_saved(series, lag):
    world = series(60, 1)
    game = game_of((RandomWalk(), AutoRegression(2)), (DefenderAgent(),), lag, (1,))
    out = game.run(world.initial_state(BEGIN), world=world)
    for r, step in enumerate(out.steps[: 12 - lag + 1]):
        issued, target = step.issued[0], step.target
        saved = crps(issued.undefended, target) - crps(issued.forecast, target)
        credit = out.steps[r + lag - 1].reward_breakdown["defender"]
        assert credit == pytest.approx(saved, abs=1e-12)
    assert any(step.reward_breakdown.get("defender") for step in out.steps)


def test_each_of_two_adversaries_is_credited_by_the_forecast_without_its_own_hit(series):
    world = series(60, 1)
    hits = (
        ScriptedAdversary({BEGIN: 2.0}, name="one"),
        ScriptedAdversary({BEGIN: -0.5}, name="other"),
    )
    config = SimulationConfig(
        horizon=1,
        disturbance_prob=0.0,
        attack_cap=9.0,
        attack_total=9.0,
        attack_cost=0.1,
    )

    def played(adversaries):
        registry = AgentRegistry((RandomWalk(), AutoRegression(2)), adversaries)
        game = ForecastGame(config, seed=5, registry=registry)
        return game.run(world.initial_state(BEGIN), world=world)

    both = played(hits)
    for i, name in enumerate(("one", "other")):
        alone = played((hits[1 - i],))
        gain = both.steps[0].scored[0].crps - alone.steps[0].scored[0].crps
        cost = 0.1 * abs((2.0, -0.5)[i]) / both.step_scale
        assert both.steps[0].reward_breakdown[name] == pytest.approx(gain - cost, abs=1e-12)
