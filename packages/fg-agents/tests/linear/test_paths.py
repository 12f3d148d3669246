"""One pass over all origins is the game, origin by origin; and the future changes no bit."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from fg_agents.linear import (
    DataPanel,
    LinearForecaster,
    LocalLevel,
    ShrunkAutoregression,
    VectorAutoregression,
    fit_rows,
    forecast_paths,
    macro_forecasters,
)
from fg_core import (
    AgentAction,
    AgentRegistry,
    ConfigError,
    DataError,
    ForecastGame,
    Observation,
    PoolAggregator,
    ReplayWorld,
    SimulationConfig,
    TrainingWindow,
)
from fg_core.protocols import Revealed

AGENTS = macro_forecasters(cutoff=2.5)
HORIZONS = (1, 2, 5)


def world(window):
    begin = datetime(1960, 1, 1, tzinfo=UTC)
    segments = window.segments or [{}] * len(window)
    rows = [
        Observation(
            begin + timedelta(days=91 * t),
            value,
            context,
            begin + timedelta(days=91 * t + 120),
            "made up",
            "test",
            segment_values=parts,
        )
        for t, (value, context, parts) in enumerate(
            zip(window.values.tolist(), window.contexts, segments, strict=True)
        )
    ]
    return ReplayWorld(tuple(rows))


@pytest.mark.parametrize(
    ("kind", "refit_every", "gap", "lag"),
    [  # three schedules, each on one of both kinds, in every run
        pytest.param(kind, *schedule, marks=pytest.mark.slow if (i + j) % 2 or i in (1, 4) else ())
        for i, schedule in enumerate([(4, 0, 1), (1, 0, 1), (3, 2, 1), (1, 0, 2), (0, 0, 1)])
        for j, kind in enumerate(("macro", "growth"))
    ],
)
def test_equal_to_the_game(kind, refit_every, gap, lag, macro, growth):
    window = macro if kind == "macro" else growth
    first, rounds = 60, 30
    config = SimulationConfig(
        horizon=rounds,
        horizons=HORIZONS,
        reveal_lag=lag,
        refit_every=refit_every,
        fit_gap=gap,
        enable_refactor=False,
        attack_total=0.0,
    )
    registry = AgentRegistry(
        forecasters=AGENTS, adversaries=(), defenders=(), aggregator=PoolAggregator()
    )
    game = ForecastGame(config, seed=1, agent_factory=lambda _: registry)
    replay = world(window)
    played = game.run(replay.initial_state(first), world=replay, disturbed=False)
    origins = range(first, first + rounds)
    found = forecast_paths(
        DataPanel.of(window),
        AGENTS,
        origins,
        fit_rows(rounds, first, refit_every=refit_every, gap=gap),
        HORIZONS,
    )
    answered = 0
    # What a gap hides from the fit before the game is shown to nobody until the next fit.
    for i, entry in enumerate(played.trajectories):
        if gap and i < refit_every:
            continue
        said = {action.actor: action for action in entry.actions}
        for number, agent in enumerate(AGENTS):
            mean, scale = found.means[i, number, 0], found.scales[i, number, 0]
            if agent.name not in said:
                assert np.isnan(mean)
                continue
            answered += 1
            action = said[agent.name]
            assert entry.state.value + action.delta == pytest.approx(mean, rel=1e-8, abs=1e-8)
            assert action.scale == pytest.approx(scale, rel=1e-8)
    assert answered >= 15 * (rounds - refit_every)


def test_equal_to_fitting_and_asking_one_by_one(growth, states):
    panel = DataPanel.of(growth)
    origins, fits = [50, 51, 52, 70, 119], [50, 50, 52, 69, 100]
    found = forecast_paths(panel, AGENTS, origins, fits, HORIZONS)
    for i, (origin, fit) in enumerate(zip(origins, fits, strict=True)):
        seen = TrainingWindow(
            growth.values[: fit + 1],
            fit,
            contexts=growth.contexts[: fit + 1],
            segments=growth.segments[: fit + 1],
        )
        for number, agent in enumerate(AGENTS):
            one = agent.fit(seen)
            if one.reason:
                assert np.isnan(found.means[i, number]).all()
                continue
            for row in range(fit + 1, origin):
                one = one.update(Revealed(states(growth, row), 0.0))
            state = states(growth, origin)
            for k, horizon in enumerate(HORIZONS):
                action = one.act(state, horizon)
                close = {"rel": 1e-8, "abs": 1e-9}
                assert found.means[i, number, k] == pytest.approx(
                    state.value + action.delta, **close
                )
                assert found.scales[i, number, k] == pytest.approx(action.scale, **close)
                assert found.sensitivities[i, number, k] == pytest.approx(
                    one.sensitivity(state, horizon), **close
                )


@pytest.mark.parametrize("kind", ["macro", "growth"])
def test_what_comes_later_changes_no_bit(kind, macro, growth):
    """Scramble, or cut off, all that is after an origin: its forecasts stay the same."""
    window = macro if kind == "macro" else growth
    cut = 80
    rng = np.random.default_rng(0)
    values = window.values.copy()
    values[cut:] = 1e4 * rng.standard_normal(120 - cut)
    contexts = [
        row if t < cut else {name: 1e5 * float(rng.standard_normal()) for name in (*row, "new")}
        for t, row in enumerate(window.contexts)
    ]
    segments = window.segments and [
        parts if t < cut else {name: float(rng.standard_normal()) for name in (*parts, "exports")}
        for t, parts in enumerate(window.segments)
    ]
    scrambled = TrainingWindow(values, 119, contexts=contexts, segments=segments)
    origins = list(range(40, 119))
    fits = fit_rows(len(origins), 40, refit_every=4)
    before, after = (
        forecast_paths(DataPanel.of(one), AGENTS, origins, fits, HORIZONS)
        for one in (window, scrambled)
    )
    short = forecast_paths(
        DataPanel.of(window).head(cut), AGENTS, origins[: cut - 40], fits[: cut - 40], HORIZONS
    )
    assert np.isfinite(before.means[: cut - 40]).any(axis=(0, 2)).sum() >= 15
    for name in ("means", "scales", "sensitivities"):
        expected = getattr(before, name)[: cut - 40]
        np.testing.assert_array_equal(getattr(after, name)[: cut - 40], expected)
        np.testing.assert_array_equal(getattr(short, name), expected)
    moved = np.isfinite(before.means[cut - 40]) & (before.means[cut - 40] != after.means[cut - 40])
    assert moved.sum() > 15


def test_a_hit_that_is_revealed_leaves_no_trace(macro):
    """In a game whose print of one period was false, later forecasters say what they would."""
    replay = world(macro)
    config = SimulationConfig(
        horizon=12,
        refit_every=4,
        enable_refactor=False,
        disturbance_prob=0.0,
        attack_cap=9.0,
        attack_total=9.0,
    )

    class HitOnce:
        name = "once"

        def act(self, state, budget=None):
            return AgentAction(self.name, 3.0 * budget.scale if state.t == 64 else 0.0)

    said = []
    for adversaries in ((), (HitOnce(),)):
        agents = AgentRegistry(
            forecasters=AGENTS,
            adversaries=adversaries,
            defenders=(),
            aggregator=PoolAggregator(),
        )
        game = ForecastGame(config, seed=1, agent_factory=lambda _, agents=agents: agents)
        played = game.run(replay.initial_state(60), world=replay)
        said.append(
            [
                [action for action in entry.actions if action.actor != "once"]
                for entry in played.trajectories
            ]
        )
    clean, hit = said
    for i, (one, other) in enumerate(zip(clean, hit, strict=True)):
        if i == 4:
            assert one != other
        else:
            assert one == other


def test_one_specification_is_fitted_once(macro, monkeypatch):
    asked = []
    real = LocalLevel.fits

    def fits(self, panel, ends):
        asked.append(tuple(ends))
        return real(self, panel, ends)

    monkeypatch.setattr(LocalLevel, "fits", fits)
    twins = [LinearForecaster(LocalLevel(0.3), name) for name in ("a", "b")]
    found = forecast_paths(DataPanel.of(macro), twins, [50, 51], [50, 50], [1])
    assert asked == [(50,)]
    assert found.names == ("a", "b")
    np.testing.assert_array_equal(found.means[:, 0], found.means[:, 1])


def test_early_origins_have_no_forecast():
    window = TrainingWindow(np.random.default_rng(0).standard_normal(40), 39)
    agents = [
        LinearForecaster(ShrunkAutoregression(3), "ar"),
        LinearForecaster(LocalLevel(0.5), "level"),
    ]
    found = forecast_paths(DataPanel.of(window), agents, range(40), range(40), [1])
    assert np.flatnonzero(np.isnan(found.means[:, 0, 0])).tolist() == list(range(10))
    assert np.flatnonzero(np.isnan(found.means[:, 1, 0])).tolist() == [0, 1, 2]


def test_what_makes_no_sense_is_refused(macro):
    panel = DataPanel.of(macro)
    agents = [LinearForecaster(VectorAutoregression(), "v")]
    for origins, fits in (([10], [11]), ([120], [50]), ([10], [-1])):
        with pytest.raises(DataError, match="no fit is after its origin"):
            forecast_paths(panel, agents, origins, fits, [1])
    with pytest.raises(ConfigError, match="horizons of 1 or more"):
        forecast_paths(panel, agents, [50], [50], [0])
    with pytest.raises(ConfigError, match="1 origins and 2 fits"):
        forecast_paths(panel, agents, [50], [50, 50], [1])
    with pytest.raises(ConfigError, match="at least 0"):
        fit_rows(3, 20, refit_every=-1)
