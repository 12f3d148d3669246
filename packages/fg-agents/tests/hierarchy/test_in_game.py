"""The three agents in the game: by hand in a clean walk, and what must not reach them."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from fg_agents import BottomUpAgent, ReconciledAgent, TopDownAgent
from fg_core import (
    AgentAction,
    AgentRegistry,
    AutoRegression,
    DefenderAgent,
    ForecastGame,
    Observation,
    PoolAggregator,
    RandomWalk,
    ReplayWorld,
    SimulationConfig,
)

N, ORIGIN, ROUNDS = 70, 44, 14
AGENTS = ("bottom_up", "top_down", "reconciled")


@dataclass(frozen=True)
class Script:
    """An adversary with a plan: what it adds, by period."""

    plan: dict = field(default_factory=dict)
    name: str = "script"

    def act(self, state, budget=None):
        return AgentAction(self.name, self.plan.get(state.t, 0.0))


def series(seed=1):
    """Halves of integers add exactly, so that a print can be the same bit for bit."""
    rng = np.random.default_rng(seed)
    walk = np.cumsum(rng.integers(-6, 7, N)).astype(float)
    contexts = [{"a": float(np.cos(i)), "b": float(x)} for i, x in enumerate(rng.normal(size=N))]
    return walk, contexts, split(walk)


def split(values):
    """Segments of mixed signs: half of the value each, and a difference of their own."""
    own = [50.0 + (7 * i % 5) for i in range(len(values))]
    return [{"x": v / 2 + d, "y": v / 2 - d} for v, d in zip(values, own, strict=True)]


def rows(values, contexts, segments):
    start = datetime(2000, 1, 1, tzinfo=UTC)
    return tuple(
        Observation(
            start + timedelta(days=31 * i),
            float(v),
            contexts[i],
            start + timedelta(days=31 * i + 40),
            "s",
            "test",
            segment_values=segments[i],
        )
        for i, v in enumerate(values)
    )


def play(data, plan=None, *, lag=1, rounds=ROUNDS, withheld=(), defended=True, **settings):
    config = SimulationConfig(
        horizon=rounds,
        max_rounds=rounds,
        horizons=(1, 3),
        reveal_lag=lag,
        disturbance_prob=0.0,
        attack_cap=100.0,
        attack_total=1e6,
        step_scale=1.0,
        enable_refactor=False,
        **{"refit_every": 4, **settings},
    )
    registry = AgentRegistry(
        (
            RandomWalk(),
            BottomUpAgent(AutoRegression(2)),
            TopDownAgent(),
            ReconciledAgent(segments=BottomUpAgent(AutoRegression(2))),
        ),
        (Script(plan or {}),),
        (DefenderAgent(),) if defended else (),
        PoolAggregator(),
    )
    world = ReplayWorld(rows(*data), withheld=frozenset(withheld))
    game = ForecastGame(config, seed=3, registry=registry)
    return game.run(world.initial_state(ORIGIN), world=world)


def issued(step):
    """Everything that was decided downstream of the print in a round."""
    return (step.observation, step.issued, step.messages)


def said(step, name, position=0):
    (action,) = [a for a in step.issued[position].actions if a is not None and a.actor == name]
    return action


# ------------------------------------------------------------------------------------- by hand


def least_squares(y, p=2):
    x = np.column_stack([np.ones(len(y) - p)] + [y[p - k : -k] for k in range(1, p + 1)])
    return np.linalg.lstsq(x, y[p:], rcond=None)[0]


def iterate(b, path, h):
    path = list(path)
    for _ in range(h):
        path.append(b[0] + sum(b[k] * path[-k] for k in range(1, len(b))))
    return path[-1]


@pytest.mark.parametrize("window", [None, 25])
@pytest.mark.parametrize(("lag", "gap"), [(1, 0), (2, 0), (1, 3), (2, 3)])
def test_a_clean_walk_is_the_sum_of_segments_by_hand(lag, gap, window):
    data = series(2)
    parts = np.array([[row["x"], row["y"]] for row in data[2]])
    out = play(data, lag=lag, fit_gap=gap, train_window=window, rounds=ROUNDS, defended=False)

    def fitted(last):
        stop = last + 1 - gap
        used = parts[0 if window is None else stop - window : stop]
        return [least_squares(column) for column in used.T]

    for i, step in enumerate(out.steps):
        t = ORIGIN + i
        # The fit of a refit origin is used there, and again once its last value is revealed.
        refits = [t] if i % 4 == 0 else list(range(ORIGIN, t - lag + 1, 4))
        fits = fitted(refits[-1] if refits else ORIGIN - lag)
        for position, h in enumerate((1, 3)):
            by_hand = sum(iterate(fits[k], parts[: t + 1, k], h) for k in range(2))
            action = said(step, "bottom_up", position)
            if gap and i + 1 < lag + gap:
                continue  # rows that no fit has shown yet are filled in; see the next test
            assert data[0][t] + action.delta == pytest.approx(by_hand, abs=1e-9)


def test_rows_that_the_first_fit_leaves_out_are_filled_from_the_history():
    data = series(2)
    parts = np.array([[row["x"], row["y"]] for row in data[2]])
    step = play(data, fit_gap=3, rounds=1, defended=False).steps[0]
    # The game begins with a fit up to t - 4; t is shown, t - 3 to t - 1 never were, so they are
    # filled from t - 4. The refit of the first round shows t - 3.
    known = parts[: ORIGIN - 2]
    fits = [least_squares(column) for column in known.T]
    filled = known.tolist()
    for t in (ORIGIN - 2, ORIGIN - 1):
        moved = (data[0][t] - sum(parts[ORIGIN - 4])) / 2
        filled.append((parts[ORIGIN - 4] + moved).tolist())
    filled.append(parts[ORIGIN].tolist())
    by_hand = sum(iterate(fits[k], np.array(filled)[:, k], 1) for k in range(2))
    assert data[0][ORIGIN] + said(step, "bottom_up").delta == pytest.approx(by_hand, abs=1e-9)


def test_top_down_uses_the_context_of_its_own_origin():
    data = series(4)
    step = play(data, rounds=1).steps[0]
    world = ReplayWorld(rows(*data))
    known = world.training(world.initial_state(ORIGIN + 1))
    agent = TopDownAgent().fit(known)
    assert said(step, "top_down") == agent.act(step.observation)


# --------------------------------------------------------------------------------------- leaks


@pytest.mark.parametrize(
    ("lag", "cut"),
    [  # each lag with one of both cuts in every run
        pytest.param(lag, cut, marks=pytest.mark.slow if (i + j) % 2 else ())
        for i, lag in enumerate((1, 2, 3))
        for j, cut in enumerate((ORIGIN + 2, ORIGIN + 7))
    ],
)
def test_the_future_reaches_nobody(lag, cut):
    values, contexts, segments = series()
    plan = {ORIGIN + 1: 6.0, ORIGIN + 5: -4.0}
    before = play((values, contexts, segments), plan, lag=lag)
    garbage = values.copy()
    garbage[cut + 1 :] = np.random.default_rng(9).normal(0, 1e6, N - cut - 1)
    other = [c if i <= cut else {"a": 1e9, "b": -1e9} for i, c in enumerate(contexts)]
    parts = [s if i <= cut else {"x": 7.0, "y": -1e5} for i, s in enumerate(segments)]
    after = play((garbage, other, parts), plan, lag=lag)
    changed = cut - ORIGIN + 1
    for i in range(changed):
        assert issued(before.steps[i]) == issued(after.steps[i])
    for name in AGENTS:
        assert said(before.steps[changed], name) != said(after.steps[changed], name)


@pytest.mark.parametrize("lag", [1, 2])
def test_the_truth_behind_a_print_reaches_nobody_before_it_is_revealed(lag):
    values, contexts, segments = series()
    hit = ORIGIN + 6
    other = values.copy()
    other[hit] += 4.0
    first = play((values, contexts, segments), {hit: 7.0, ORIGIN + 2: 1.0}, lag=lag)
    second = play((other, contexts, split(other)), {hit: 3.0, ORIGIN + 2: 1.0}, lag=lag)
    k = hit - ORIGIN
    assert first.steps[k].observation == second.steps[k].observation
    assert first.steps[k].attack != second.steps[k].attack
    for i in range(k + lag):
        assert issued(first.steps[i]) == issued(second.steps[i])
    assert said(first.steps[k + lag], "bottom_up") != said(second.steps[k + lag], "bottom_up")


@pytest.mark.parametrize("lag", [1, 2])
def test_a_false_print_is_forgotten_once_the_truth_is_out(lag):
    data = series()
    hit = ORIGIN + 2  # no refit is due while it is believed
    clean = play(data, lag=lag, defended=False)
    hurt = play(data, {hit: 9.0}, lag=lag, defended=False)
    for name in AGENTS:
        for i in range(ROUNDS):
            same = said(clean.steps[i], name) == said(hurt.steps[i], name)
            believed = hit - ORIGIN <= i < hit - ORIGIN + lag
            assert same is not believed


def test_withheld_columns_are_used_by_nobody():
    values, contexts, segments = series()
    leaky = [{**row, "truth": float(v)} for row, v in zip(contexts, values, strict=True)]
    plain = play((values, contexts, segments))
    hidden = play((values, leaky, segments), withheld={"truth"})
    shown = play((values, leaky, segments))
    assert [issued(s) for s in plain.steps] == [issued(s) for s in hidden.steps]
    assert [issued(s) for s in plain.steps] != [issued(s) for s in shown.steps]


def test_without_segments_or_contexts_the_game_goes_on_and_counts():
    values, contexts, segments = series()
    nothing = [{} for _ in values]
    no_segments = play((values, contexts, nothing))
    assert dict(no_segments.convergence["missing"]) == {
        "bottom_up": 2 * ROUNDS,
        "reconciled": 2 * ROUNDS,
    }
    no_context = play((values, nothing, segments))
    assert dict(no_context.convergence["missing"]) == {
        "top_down": 2 * ROUNDS,
        "reconciled": 2 * ROUNDS,
    }
    assert all(np.isfinite(step.forecast) for step in (*no_segments.steps, *no_context.steps))


def test_equal_games_have_equal_forecasts():
    one, two = play(series()), play(series())
    assert [issued(s) for s in one.steps] == [issued(s) for s in two.steps]
